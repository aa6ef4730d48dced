"""Polish or English, by the small words of the text."""

from __future__ import annotations

import re
from functools import lru_cache

from mailbot.rules.reading.cues import classes
from mailbot.rules.reading.words import fold

_SHARED = frozenset(["i", "a", "to", "on", "do", "no", "my", "so", "by", "as"])
_POLISH = classes()["polish"] - _SHARED
_ENGLISH = classes()["english"] - _SHARED
_LETTERS = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻ")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(*texts: str, default: str | None = None) -> str:
    """`pl` or `en`: of the first text that tells; else the default, else Polish."""
    return next((told for text in texts if (told := told_by(text))), default or "pl")


@lru_cache(maxsize=64)
def told_by(text: str) -> str | None:
    """The language of a text, when it tells. The last texts are kept: several readers ask."""
    found = _WORD.findall(text[:6000])
    words = [fold(word) for word in found]
    polish = sum([word in _POLISH for word in words]) + sum([not _LETTERS.isdisjoint(word) for word in found]) * 0.7
    english = sum([word in _ENGLISH for word in words])
    if polish + english >= (1 if len(words) < 12 else 2) and polish != english:
        return "pl" if polish > english else "en"
    return None
