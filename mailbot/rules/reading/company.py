"""A company that a mail may name, with what speaks for it, and the one of several that most speaks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.model.facts import Where
from mailbot.rules.reading.cues import squeeze
from mailbot.rules.reading.firm import ENOUGH, Writer, weigh
from mailbot.rules.reading.layout import words_of
from mailbot.rules.reading.person import is_given_name
from mailbot.rules.reading.words import fold


@dataclass(frozen=True, slots=True)
class Company:
    """A company's name as written."""

    value: str
    text: str
    where: Where
    weight: int
    evidence: tuple[str, ...] = ()


def _initials(name: str) -> str:
    """The first letters of a name's words up to its town: "Miejski Zakład Gospodarki Komunalnej w …" is MZGK."""
    return "".join(word[0] for word in words_of(re.split(r"\s(?:w|we|in)\s", name)[0]) if word[0].isupper())


_QUOTES = '„”"“'


def heaviest(found: list[Company]) -> Company | None:
    """The company for which most speaks; of those that name the same one the fullest form."""
    if not found:
        return None
    first = max(found, key=lambda company: company.weight)
    for company in found:
        if first.value.isupper() and _initials(company.value) == first.value:
            return company
        if (
            company.weight >= ENOUGH
            and "prose" not in company.evidence
            and fold(first.value).strip(_QUOTES) in fold(company.value)
            and len(company.value) > len(first.value)
        ):
            return company
    return first


_ANYTHING = -100  # less than anything can weigh


def believed(value: str, said: str, more: int, writer: Writer, *, called: bool = False) -> Company | None:
    """The company, when enough speaks for it. `called`: the word "firma" stands right before it, so that it may be a surname or a town."""
    weighed = weigh(value, Where.TEXT, writer, _ANYTHING if called else ENOUGH - more)
    if weighed is None:
        return None
    weight, evidence = weighed
    against = {"a person", "place"} & set(evidence)
    outright = called and bool(re.search(r"firma\s+to\b|nazywa|faktur", fold(said)))
    theirs = outright or not any(is_given_name(word) for word in words_of(value))
    named = called and theirs and not {"job", "department", "prose"} & set(evidence)
    if named and {"place", "the person", "a person"} & set(evidence):
        return Company(value, squeeze(said), Where.TEXT, ENOUGH, evidence)
    if weight + more < ENOUGH or against:
        return None
    return Company(value, squeeze(said), Where.TEXT, weight + more, evidence)
