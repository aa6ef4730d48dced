"""The Polish "no" is no negation, the English one is; and "zero" is a place where a machine loses it."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Flag, Item
from mailbot.rules.reading import ReadingContext, morphology, read
from mailbot.rules.reading.cues import hits
from mailbot.rules.reading.particle import is_particle
from mailbot.rules.reading.words import sentences
from tests.build import a_mail, a_service

POLISH = [
    "no stoi nam robota",
    "wpływ - no stoi nam robota",
    "no iskrzy przy wtyczce",
    "no dym leci z szafy",
    "no, wysoki na pewno",
    "No to lipa, produkcja stoi",
]
ENGLISH = [
    "There is no smoke",
    "no printing at all",
    "no, low",
    "no, we are fine",
    "no impact on production",
    "no problem",
    "no stop",
]
needs_dictionary = pytest.mark.skipif(not morphology.available(), reason="needs the dictionary")


def said(text: str) -> bool:
    (sentence,) = sentences(text)
    return is_particle(sentence.tokens, next(at for at, token in enumerate(sentence.tokens) if token.key == "no"))


@pytest.mark.parametrize("text", POLISH)
def test_a_polish_no_is_a_particle(text: str) -> None:
    assert said(text)


@pytest.mark.parametrize("text", ENGLISH)
def test_an_english_no_denies(text: str) -> None:
    assert not said(text)


@needs_dictionary
@pytest.mark.parametrize(("text", "particle"), [("no stoi maszyna", True), ("restart, no effect, maszyna dalej stoi", False)])
def test_the_dictionary_tells_where_small_words_do_not(text: str, particle: bool) -> None:
    assert said(text) is particle


@pytest.mark.parametrize(
    ("text", "topic"),
    [("no stoi nam robota", "impact"), ("no iskrzy przy wtyczce", "remark"), ("wraca na zero, maszyna gubi zero iskrzy", "remark")],
)
def test_what_follows_it_counts(text: str, topic: str) -> None:
    assert any(hits(sentence, (topic,)) for sentence in sentences(text))


@needs_dictionary
@pytest.mark.parametrize(("text", "level"), [("no raczej wysoki", "high"), ("no średni chyba", "medium"), ("no, not high, low", "low")])
def test_a_level_behind_it_is_named(text: str, level: str) -> None:
    context = ReadingContext(a_service(), asked=(Item.IMPACT,))
    impact = read(a_mail(text, subject="Re: [OXI-2026-000123] pytanie"), context).facts.impact
    assert impact is not None
    assert impact.value == level


def test_a_danger_behind_it_is_seen() -> None:
    reading = read(a_mail("OXIJET 3200 robi smugi, no dym leci z szafy."), ReadingContext(a_service()))
    assert Flag.DANGER in reading.flags
