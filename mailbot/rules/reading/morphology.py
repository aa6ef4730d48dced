"""Port to Morfeusz 2, the morphological dictionary of Polish (SGJP); everything works, a little worse, without it.

Not safe for threads: reading runs in a child process with one thread. `MAILBOT_NO_MORFEUSZ=1` switches the dictionary off, so that its
worth can be measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
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

    def analyse(self, word: str) -> Iterator[tuple[str, str, list[str]]]:
        """Lemma, tag and kinds of each reading. Asks the object below Python's, which spells out more than anybody reads: half the time."""
        if self._analyser is None:
            self._analyser = morfeusz2.Morfeusz(generate=False)._morfeusz_obj
        for found in self._analyser.analyse(word):
            if not found.isIgn():
                yield found.lemma, found.getTag(self._analyser), found.getName(self._analyser)


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


@dataclass(frozen=True, slots=True)
class _Known:
    """What the dictionary says of a word, as it is asked for: its forms, and what they make of it."""

    forms: tuple[Form, ...] = ()
    first_name: bool = False  # in the nominative (or vocative: people sign with it never, but lists vary)
    name_form: bool = False  # some case of a first name
    surname: bool = False  # in the nominative
    named: bool = False  # a first name or surname in any case
    finite_verb: bool = False
    third_person: bool = False


_UNKNOWN = _Known()
_FINITE = frozenset(["fin", "praet", "impt", "imps", "bedzie", "winien"])


@lru_cache(maxsize=4096)
def _tag(tag: str) -> tuple[str, frozenset[str]]:
    """Class and tags out of the dictionary's notation; there are some hundreds, shared by all words."""
    part, _, rest = tag.partition(":")
    return part, frozenset(rest.replace(".", ":").split(":"))


@remembered
def _known(word: str) -> _Known:
    """What the dictionary says of a word; the same record for all that it does not know."""
    if not _dictionary.enabled or not word.isalpha() or len(word) > 30:
        return _UNKNOWN
    found = []
    for lemma, tag, kinds in _dictionary.analyse(word):
        part, tags = _tag(tag)
        found.append(Form(lemma.split(":")[0], part, tags, tuple(kinds)))
    if not found:
        return _UNKNOWN
    first_names = [form for form in found if FIRST_NAME in form.kinds]
    surnames = [form for form in found if SURNAME in form.kinds]
    return _Known(
        tuple(found),
        first_name=any("nom" in form.tags and "sg" in form.tags for form in first_names),
        name_form=bool(first_names),
        surname=any("nom" in form.tags for form in surnames),
        named=bool(first_names or surnames),
        finite_verb=any(form.part in _FINITE for form in found),
        third_person=any(form.part == "praet" or (form.part == "fin" and "ter" in form.tags) for form in found),
    )


def forms(word: str) -> tuple[Form, ...]:
    """All readings of a word; none when the dictionary does not know it or is missing."""
    return _known(word).forms


_ACCENTS = {"a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś", "z": "żź"}


CASES = frozenset(["nom", "gen", "dat", "acc", "inst", "loc"])
_GENDERS = frozenset(["m1", "m2", "m3", "f", "n", "n1", "n2"])


def agree(one: frozenset[str], other: frozenset[str], cases: frozenset[str] = CASES) -> bool:
    """Whether the tags of a noun and of an adjective let them stand together in one of the cases."""
    shared = one & other
    return bool(shared & cases and shared & {"sg", "pl"} and (shared & _GENDERS or "pl" in shared))


def accented(word: str) -> Iterator[str]:
    """The word, and the words that one or two accents make of it: what haste left out."""
    yield word
    places = [(at, accent) for at, letter in enumerate(word[:14]) for accent in _ACCENTS.get(letter, "")]
    for count in (1, 2):
        for chosen in combinations(places, count):
            letters = list(word)
            for at, accent in chosen:
                letters[at] = accent
            yield "".join(letters)


def is_known(word: str) -> bool:
    """Whether the dictionary knows the word."""
    return bool(_known(word).forms)


def is_first_name(word: str) -> bool:
    """Whether the word is a first name in the nominative."""
    return _known(word.capitalize()).first_name


def is_surname(word: str) -> bool:
    """Whether the word is a surname in the nominative."""
    return _known(word.capitalize()).surname


def is_name_form(word: str) -> bool:
    """Whether the word is some case of a first name."""
    return _known(word.capitalize()).name_form


def is_adjective(word: str) -> bool:
    """Whether some reading of the word is an adjective, in any case."""
    return any(form.part == "adj" for form in forms(word.lower()))


def is_finite_verb(word: str) -> bool:
    """Whether some reading of the word is a verb form that makes a sentence."""
    return _known(word.lower()).finite_verb


def is_third_person(word: str) -> bool:
    """Whether some reading of the word is a verb of which somebody else, or a thing, is the subject; or one of the past."""
    return _known(word.lower()).third_person


def is_verb(word: str) -> bool:
    """Whether the word can be a verb in any form: finite, infinitive, or one like "można"."""
    return is_finite_verb(word) or any(form.part in {"inf", "pred"} for form in forms(word.lower()))


def is_common_word(word: str) -> bool:
    """Whether the word is an ordinary word of the language and no name."""
    return is_known(word.lower()) and not _known(word.capitalize()).named
