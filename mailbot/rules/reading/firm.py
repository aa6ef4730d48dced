"""What speaks for some words being the name of the writer's firm, and what against: evidence summed, each piece with its name.

The weights say how sure a clerk would be: a legal form settles it, a word such as "Drukarnia" nearly, a mail domain that agrees with a name
confirms it, a place in the signature alone is a hint. Jobs, departments, towns, slogans and persons speak against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.device import is_other_maker
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    FAMILY,
    FIRM_PREFIX,
    capitalised_words,
    has_legal_form,
    is_department,
    is_initials,
    is_place,
    opens_valediction,
    words_of,
)
from mailbot.rules.reading.person import Name, as_name, is_given_name, is_nickname, same_first_name
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.words import fold

ENOUGH = 3
"""What a name must weigh to be believed."""

_FREE = frozenset(
    [
        *("gmail", "googlemail", "wp", "onet", "interia", "o2", "op", "poczta", "vp", "tlen", "gazeta", "orange", "neostrada", "autograf"),
        *("buziaczek", "int", "outlook", "hotmail", "live", "yahoo", "icloud", "me", "mail", "mailbox", "home", "gmx", "web", "proton"),
        *("protonmail", "aol", "free"),
    ]
)
"""Domains of everybody: they say nothing of a firm."""


def is_everybodys(domain: str) -> bool:
    """Whether a mail domain is one where everybody may have an address."""
    return not domain or any(label in _FREE for label in fold(domain).split(".")[:-1])


_SUFFIXES = frozenset(["com", "co", "org", "net", "edu", "gov", "info", "biz", "ac", "pl", "eu", "example", "test", "waw", "wroc"])
_LEGAL_WORDS = frozenset(["sp", "spolka", "ltd", "limited", "gmbh", "llc", "inc", "oo", "sa", "sc", "zoo", "jawna", "cywilna", "co", "kg"])

_NO_LETTER = re.compile(r"\W")


@lru_cache(maxsize=4096)
def _letters(word: str) -> str:
    """The letters and digits of a word, folded."""
    return _NO_LETTER.sub("", fold(word))


_JOINTS = re.compile(r"[\s'-]")
_IN_QUOTES = re.compile(r"[„\"”“«»].{2,40}[„\"”“«»]")


_LONG = 6  # letters of a word of a domain that can be a firm's name in small letters


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of the writer beside the words that are weighed."""

    person: Name | None = None
    display: str = ""
    email: str = ""
    lower: bool = False  # they write no capitals, not even in their name
    domain: frozenset[str] = field(init=False)  # its own, and the parts of it that are long enough to be a name
    labels: tuple[str, ...] = field(init=False)  # of the address, folded, that may name a firm

    def __post_init__(self) -> None:
        local, _, domain = fold(self.email).rpartition("@")
        names = (
            {part for half in (self.person.first, self.person.last) if half for part in _JOINTS.split(fold(half))} if self.person else set()
        )
        labels = [label for label in domain.split(".")[:-1] if label not in _SUFFIXES]
        owned = [label for label in labels if label not in _FREE]
        said = (
            []
            if owned
            else [
                part
                for part in re.split(r"[._+\d]+", local)
                if len(part) >= 4
                and not in_class(part, "department")
                and not any(part in name or name in part for name in names if len(name) > 2)
                and (part != fold(self.display) or part == local)  # "Remik <remik.baner@…>" calls himself so
            ]
        )
        object.__setattr__(self, "domain", frozenset(part for label in owned for part in (label, *label.split("-")) if len(part) >= _LONG))
        object.__setattr__(self, "labels", tuple(dict.fromkeys([*owned, *said])))


def agrees(text: str, labels: tuple[str, ...]) -> bool:
    """Whether a firm's name agrees with the mail address: "Poligrafia Sudety" and poligrafia-sudety, "Grupa ABC" and grupaabc."""
    words = [word for word in map(_letters, words_of(text)) if word and word not in _LEGAL_WORDS]
    if not words:
        return False
    joined, initials = "".join(words), "".join(word[0] for word in words if word not in {"i", "w", "of", "and", "the"})
    for label in labels:
        plain = label.replace("-", "")
        if len(joined) >= 3 and len(plain) >= 3 and (joined in plain or plain in joined):
            return True
        if len(initials) >= 3 and (plain == initials or label.split("-")[0] == initials):
            return True
        if any(len(word) >= 4 and word in plain and not _is_kind(word) for word in words):
            return True
    return False


def spells_address(words: tuple[str, ...], labels: tuple[str, ...]) -> bool:
    """Whether words are the mail domain spelt out, however they are written: "kafel i my" and kafel-i-my."""
    joined = "".join(map(_letters, words))
    return len(joined) >= 6 and joined in {label.replace("-", "") for label in labels}


def is_address(text: str, writer: Writer) -> bool:
    """Whether a text is the mail domain spelt out, or where that is everybody's the other half: "Szyld-Mix" and szyld.mix@…."""
    local, _, domain = writer.email.rpartition("@")
    if is_everybodys(domain):  # "wydruk@…" is no firm
        return bool(text) and _letters(text) == _letters(local) and not morphology.is_common_word(text)
    return _letters(text) in {label.replace("-", "") for label in writer.labels}


def _is_spelt(words: tuple[str, ...], folded: list[str], writer: Writer) -> bool:
    """Whether the mail domain spells the words, and they are not the writer's own name."""
    if all(is_given_name(word) or word == "i" for word in words):
        return False  # "Kuba i Zosia"
    alone = len(words) == 1 and folded[0] in writer.domain and not (morphology.is_surname(words[0]) or _is_kind(folded[0]))
    return (alone or (len(words) >= 2 and spells_address(words, writer.labels))) and not (writer.person and is_just(writer.person, folded))


def _is_ordinary(word: str) -> bool:
    """Whether a word is one of the language, or made of one, and nobody's name: "Dobry", "Nadruk"."""
    return is_made_up(word) or (morphology.is_common_word(word) and not is_given_name(word))


def _is_kind(word: str) -> bool:
    """Whether a folded word says what kind of firm it is: "drukarnia", "museum"."""
    return in_class(word, "companyword") or in_class(word, "public_body")


def weigh(text: str, where: Where, writer: Writer, needed: int) -> tuple[int, tuple[str, ...]] | None:
    """The weight of words as the name of the writer's firm, and the evidence that made it; None where it is less than `needed`."""
    words = words_of(text)
    folded = [fold(word) for word in words]
    if not words or len(words) > 12 or is_initials(text) or _WITH_INITIAL.fullmatch(text) or opens_valediction(text):
        return None
    found = _for(text, words, folded, where, writer)
    if sum(found.values()) < needed:
        return None  # most words end here: what speaks against them need not be asked
    found |= _against(text, words, folded, where, writer)
    weight = sum(found.values())
    return (weight, tuple(found)) if weight >= needed else None


_WITH_INITIAL = re.compile(r"[A-ZŁŚŻŹĆÓ][a-ząćęłńóśźż]+\s[A-ZŁŚŻ]\.|[a-ząćęłńóśźż]+\s[a-z]\.?")  # "Kate B.", "kate b"


def _for(text: str, words: tuple[str, ...], folded: list[str], where: Where, writer: Writer) -> dict[str, int]:
    kinds = [_is_kind(word) for word in folded]
    proper = [word for word, kind in zip(words, kinds, strict=True) if not kind and (word[0].isupper() or word[0].isdigit())]
    body = any(in_class(word, "public_body") for word in folded[:3])
    unit = in_class(folded[0], "unit_of_firm") and not body
    prefix = bool(FIRM_PREFIX.match(text))
    found = {
        "legal form": 6 * has_legal_form(text),
        "prefix": 6 * prefix,
        "public body": 6 * body,
        "kind of firm": 4 * (any(kinds[:3]) and not (unit or body or prefix)),
        "word of a firm": 3 * (any(kinds[3:]) and not any(kinds[:3]) and not (unit or body or prefix)),
        "unit": -2 * unit,
        "family": 4 * bool(FAMILY.search(text)),
        "quoted": 2 * bool(_IN_QUOTES.search(text)),
        "agrees with the address": 4 * agrees(text, writer.labels),
        "is the address": (4 if where is not Where.SENDER else 2 * any(map(_is_ordinary, words))) * _is_spelt(words, folded, writer),
        "owner's name": 3 * _holds_owner(folded, writer.person),
        "made of a trade": 2 * any(map(is_made_up, proper)),
        "brand": any(not word[0].islower() and not morphology.is_known(word) for word in proper),
        "capitals": any(len(word) >= 4 and word.isupper() for word in words),
        "several words": len(proper) >= 2,
        "a thing": where is Where.SENDER and len(words) == 1 and _is_thing(words[0]),
    }
    return {name: int(weight) for name, weight in found.items() if weight}


def _is_thing(word: str) -> bool:
    """Whether a capitalised word is an ordinary noun for a thing, not for somebody: "Stempelek"."""
    nouns = [form for form in morphology.forms(word.lower()) if form.part == "subst" and {"nom", "sg"} <= form.tags]
    return len(word) >= 5 and word[0].isupper() and bool(nouns) and not any("m1" in form.tags for form in nouns)


def _holds_owner(folded: list[str], person: Name | None) -> bool:
    """Whether a line holds the writer's surname beside other words: "Zakład Szklarski Mazur"."""
    if person is None or not person.last:
        return False
    last = fold(person.last).split()[-1]
    return last in folded and len(folded) >= 2 and not is_just(person, folded)


def is_just(person: Name, folded: list[str]) -> bool:
    """Whether the words are no more than the person's name."""
    names = {part for half in (person.first, person.last) if half for part in _JOINTS.split(fold(half))}
    parts = [part for word in folded for part in _JOINTS.split(word)]
    if 1 < len(folded) <= 3 and folded[0] == fold(person.first or "") and folded[-1] == fold(person.last or ""):
        return True
    return all(part in names or len(part) <= 2 or part in {"inz", "mgr", "dr", "pan", "pani", "ing", "prof", "hab"} for part in parts)


def _is_pet_name(words: tuple[str, ...], person: Name) -> bool:
    """Whether a word is another form of the person's first name: "Adaś" of Adam."""
    own = len(words) == 1 or (len(words) == 2 and fold(words[1]) == fold(person.last or ""))
    return own and bool(person.first) and is_given_name(words[0]) and same_first_name(words[0], person.first or "")


def _against(text: str, words: tuple[str, ...], folded: list[str], where: Where, writer: Writer) -> dict[str, int]:
    spelt = _is_spelt(words, folded, writer)
    legal = has_legal_form(text) or bool(FIRM_PREFIX.match(text)) or bool(FAMILY.search(text)) or spelt
    small = [word for word in words if word[0].islower() and f"-{word}" not in text]
    lower = [word for word in small if not in_class(fold(word), "small") and not _is_kind(fold(word))]
    name = as_name(text, where)
    people = [word for word in folded if word not in {"i", "and", "oraz"}]
    couple = len(people) >= 2 and all(is_given_name(word) or morphology.is_surname(word) for word in people) and is_given_name(people[0])
    more = [word for word in words if not _names(fold(word), writer.person)]
    craft = not any(is_given_name(word) or morphology.is_surname(word) for word in more)  # "Kiełb Litografia"
    trader = _holds_owner(folded, writer.person) and (len(words) - len(more) >= 2 or craft) and bool(more) and not is_place(" ".join(more))
    alone = len(words) == 1 and (is_given_name(words[0]) or is_nickname(words[0]))
    whole = bool(name and name.full and (is_given_name(words[0]) or _names(folded[0], writer.person)))
    unit = not legal and words[-1][0].islower() and in_class(folded[-1], "english_unit")
    found = {
        "ours, a maker, a machine": 20 * (not is_plausible(text) and not spelt),
        "job": 7 * (not legal and _is_job(words, folded)),
        "department": 9 * ((is_department(text) and not spelt) or _is_unnamed_office(words, folded) or unit),
        "place": 6 * (not legal and is_place(text)),
        "the person": 9 * bool(not legal and writer.person and (is_just(writer.person, folded) or _is_pet_name(words, writer.person))),
        "a couple": 5 * (where is Where.SENDER and couple and len(people) <= 3 and sum(map(is_given_name, words)) >= 2),
        "a person": 5 * (not legal and (couple or alone or whole) and not trader and not _holds_firm_word(folded)),
        "no name of its own": 5
        * (
            not legal
            and not writer.lower
            and bool(lower or len(words) == 1 or " w " in text or where is Where.SENDER)
            and _is_nameless(words)
            and not _NUMBERED.search(text)
        ),
        "long prose": 9 * (len(lower) >= 3 and not (writer.lower or has_legal_form(text) or spelt)),
        "prose": 5 * (not legal and not writer.lower and (len(lower) >= 2 or (len(lower) == 1 and not _is_kind(folded[0])))),
        "slogan": 6 * (not writer.lower and _is_slogan(text, lower, legal)),
        "greeting": 9 * ((in_class(folded[0], "greeting") and not spelt) or any(in_class(word, "asking") for word in folded)),
        "contact": 9 * bool(CONTACT_MARK.search(text)),
        "lower case": 4
        * (
            not legal
            and not writer.lower
            and not capitalised_words(text)
            and not any(word[0].isupper() or word[0].isdigit() for word in words)
        ),
    }
    return {name: -int(weight) for name, weight in found.items() if weight}


def _is_job(words: tuple[str, ...], folded: list[str]) -> bool:
    """Whether words begin with somebody's job; behind a kind of firm an adjective is its trade: "Pracownia Introligatorska"."""
    trade = [_is_kind(folded[0]) and morphology.is_adjective(word) for word in words[:3]]
    return any(in_class(word, "title") and not (_is_kind(word) or own) for word, own in zip(folded, trade, strict=False))


def _is_unnamed_office(words: tuple[str, ...], folded: list[str]) -> bool:
    """Whether words are the office of a body that they do not name: "Rejestracja Szpitala", "Administracja Ośrodka"."""
    if len(words) < 2 or not in_class(folded[0], "department") or in_class(folded[0], "companyword"):
        return False
    genitives = (any(form.part == "subst" and "gen" in form.tags for form in morphology.forms(word.lower())) for word in words[1:])
    return any(map(is_kind_of_firm, words[1:])) and all(genitives)


_NUMBERED = re.compile(r"[^\W\d_]{4}\s\d{1,4}$")  # "Studio 7"


def _is_nameless(words: tuple[str, ...]) -> bool:
    """Whether words say a kind of firm, and perhaps a town, and no more: "zakład w Krotoszynie", "Warsztaty szkolne"."""
    if any(in_class(fold(word), "public_body") for word in words[:3]):
        return False
    own = [
        word
        for before, word in zip(("", *words), words, strict=False)
        if fold(before) not in {"w", "we", "in"}
        and not _is_kind(fold(word))
        and not in_class(fold(word), "unit_of_firm")
        and not (before and _is_kind(fold(words[0])) and _describes(word))
    ]
    return not any(word[0].isupper() or word[0].isdigit() for word in own)


def _describes(word: str) -> bool:
    """Whether a word can be an adjective in the nominative: "Graficzne"."""
    return any(form.part == "adj" and "nom" in form.tags for form in morphology.forms(word.lower()))


def _is_slogan(text: str, lower: list[str], legal: bool) -> bool:
    return text.rstrip()[-1:] in "!?" or (not legal and any(morphology.is_finite_verb(word) for word in lower))


def _names(word: str, person: Name | None) -> bool:
    return person is not None and word in {fold(half) for half in (person.first, person.last) if half}


def _holds_firm_word(folded: list[str]) -> bool:
    return any(_is_kind(word) for word in folded)


def is_plausible(value: str) -> bool:
    """Whether words can be a company: not ours, no maker of machines, no department, no greeting."""
    folded = [fold(word) for word in words_of(value)]
    return (
        bool(folded)
        and not any(word.startswith("oxi") or is_other_maker(word) for word in folded)
        and not is_department(value)
        and len(value) >= 2
        and not all(in_class(word, "machine") or in_class(word, "greeting") or in_class(word, "own") for word in folded)
    )
