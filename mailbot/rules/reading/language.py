"""Polish or English, by the small words of the text."""

from __future__ import annotations

import re

from mailbot.rules.reading.cues import classes
from mailbot.rules.reading.words import fold

_POLISH = classes()["polish"]
_ENGLISH = classes()["english"]
_SHARED = frozenset(["i", "a", "to", "on", "do", "no", "my", "so", "by", "as"])
_LETTERS = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻ")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(*texts: str, default: str | None = None) -> str:
    """`pl` or `en`: of the first text that tells; else the default, else Polish."""
    for text in texts:
        found = _WORD.findall(text[:6000])
        words = [fold(word) for word in found]
        polish = sum(word in _POLISH and word not in _SHARED for word in words) + sum(not _LETTERS.isdisjoint(word) for word in found) * 0.7
        english = sum(word in _ENGLISH and word not in _SHARED for word in words)
        if polish + english >= (1 if len(words) < 12 else 2) and polish != english:
            return "pl" if polish > english else "en"
    return default or "pl"
