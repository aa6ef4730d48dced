"""Port to Morfeusz 2, the morphological dictionary of Polish (SGJP); everything works, a little worse, without it.

Not safe for threads: reading runs in a child process with one thread. `MAILBOT_NO_MORFEUSZ=1` switches the dictionary off, so that its
worth can be measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

try:
    import morfeusz2
except ImportError:  # no wheel for this machine: rules alone
    morfeusz2 = None

FIRST_NAME, SURNAME = "imię", "nazwisko"


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a word: its lemma, grammatical class, tags such as `sg:gen:f` as a set, and kinds such as a first name."""

    lemma: str
    part: str  # subst, adj, fin, praet, impt, inf, ...
    tags: frozenset[str]
    kinds: tuple[str, ...]


class _Dictionary:
    """The dictionary, loaded on first use (0.1 s, 45 MB); None where it is missing or switched off."""

    def __init__(self) -> None:
        self._analyser: Any = None
        self.enabled = morfeusz2 is not None and not os.environ.get("MAILBOT_NO_MORFEUSZ")

    def analyse(self, word: str) -> list[Any]:
        if self._analyser is None:
            self._analyser = morfeusz2.Morfeusz(generate=False)
        found: list[Any] = self._analyser.analyse(word)
        return found


_dictionary = _Dictionary()


def available() -> bool:
    """Whether the dictionary is there and in use."""
    return _dictionary.enabled


P = ParamSpec("P")
T = TypeVar("T")
_forgets: list[Callable[[], None]] = []


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Keep the last answers of a function that asks the dictionary; they are forgotten when it is switched."""
    kept = lru_cache(maxsize=32768)(function)
    _forgets.append(kept.cache_clear)
    return cast("Callable[P, T]", kept)


def use_dictionary(enabled: bool) -> None:
    """Switch the dictionary on (where it is installed) or off, for measuring."""
    _dictionary.enabled = enabled and morfeusz2 is not None
    for forget in _forgets:
        forget()


@remembered
def forms(word: str) -> tuple[Form, ...]:
    """All readings of a word; none when the dictionary does not know it or is missing."""
    if not _dictionary.enabled or not word.isalpha() or len(word) > 30:
        return ()
    found = []
    for _, _, (_, lemma, tag, kinds, _) in _dictionary.analyse(word):
        part, _, rest = tag.partition(":")
        if part != "ign":
            found.append(Form(lemma.split(":")[0], part, frozenset(rest.replace(".", ":").split(":")), tuple(kinds)))
    return tuple(found)


def is_known(word: str) -> bool:
    """Whether the dictionary knows the word."""
    return bool(forms(word))


def is_first_name(word: str) -> bool:
    """Whether the word is a first name in the nominative (or vocative: people sign with it never, but lists vary)."""
    return any(FIRST_NAME in form.kinds and "nom" in form.tags and "sg" in form.tags for form in forms(word.capitalize()))


def is_surname(word: str) -> bool:
    """Whether the word is a surname in the nominative."""
    return any(SURNAME in form.kinds and "nom" in form.tags for form in forms(word.capitalize()))


def is_name_form(word: str) -> bool:
    """Whether the word is some case of a first name."""
    return any(FIRST_NAME in form.kinds for form in forms(word.capitalize()))


def is_finite_verb(word: str) -> bool:
    """Whether every reading of the word is a verb form that makes a sentence."""
    found = forms(word.lower())
    return bool(found) and any(form.part in {"fin", "praet", "impt", "imps", "bedzie", "winien"} for form in found)


def is_verb(word: str) -> bool:
    """Whether the word can be a verb in any form: finite, infinitive, or one like "można"."""
    return is_finite_verb(word) or any(form.part in {"inf", "pred"} for form in forms(word.lower()))


def is_common_word(word: str) -> bool:
    """Whether the word is an ordinary word of the language and no name."""
    found = forms(word.lower())
    return bool(found) and not any(kind in (FIRST_NAME, SURNAME) for form in forms(word.capitalize()) for kind in form.kinds)
