"""Polish or English, by the small words of the text."""

from __future__ import annotations

import re

_POLISH = frozenset(
    "i w z na do nie się sie jest to że ze od po dla przy o a ale czy jak co u już juz są sa mamy proszę prosze dzień dzien dobry witam pozdrawiam po oraz przez ten ta tej tego jej mam nam nas wczoraj dziś dzisiaj maszyna drukarka ploter firma wpływ bardzo tak dziękuję dziekuje dzięki numer nazwa cześć czesc wysoki średni niski krytyczny za pan pani może być byl było tylko lub przed bo więc gdy kiedy stoi działa dziala nadal".split()
)
_ENGLISH = frozenset(
    "the is are and of to in on for with our we it this that not have has be you your please i my from at but can could would since after when does do an a as by or so us hello dear hi regards thanks thank company impact machine printer high medium low critical there was were will no yes".split()
)
_SHARED = frozenset("i a to on do no my so by as".split())
_WORD = re.compile(r"[^\W\d_]+")


def language_of(*texts: str, default: str | None = None) -> str:
    """`pl` or `en`: of the first text that tells; else the default, else Polish."""
    for text in texts:
        words = [word.lower() for word in _WORD.findall(text[:6000])]
        polish = sum(word in _POLISH and word not in _SHARED for word in words) + sum(any(char in "ąćęłńśźż" for char in word) for word in words) * 0.7
        english = sum(word in _ENGLISH and word not in _SHARED for word in words)
        if polish + english >= (1 if len(words) < 12 else 2) and polish != english:
            return "pl" if polish > english else "en"
    return default or "pl"
