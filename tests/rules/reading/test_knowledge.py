"""The tables: every line is well formed, and its own example shows that it works."""

from __future__ import annotations

import re

import pytest

from mailbot.model.facts import Impact
from mailbot.rules.reading import morphology
from mailbot.rules.reading.answer_company import company_said
from mailbot.rules.reading.answer_level import answered_level, place_in_list
from mailbot.rules.reading.company_text import in_text
from mailbot.rules.reading.cues import TOPICS, Cue, classes, cues, hits, table
from mailbot.rules.reading.firm import Writer
from mailbot.rules.reading.form import filled_lines
from mailbot.rules.reading.lines import is_line, patterns
from mailbot.rules.reading.named_level import VETOES, WEIGHTS, compiled, evidence_of, named_levels, normal_form
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.whose import plays
from mailbot.rules.reading.words import fold, sentences
from tests.build import a_service

_SMALL = {
    fold(word)
    for word in [
        "nie",
        "już",
        "bez",
        "not",
        "no",
        "w",
        "na",
        "z",
        "do",
        "co",
        "to",
        "is",
        "are",
        "be",
        "a",
        "an",
        "the",
        "we",
        "can",
        "of",
        "in",
        "on",
        "i",
        "po",
        "przy",
        "od",
        "za",
        "jest",
        "są",
        "mam",
        "mamy",
        "ma",
        "my",
        "się",
        "and",
        "it",
    ]
}


@pytest.mark.parametrize("cue", [cue for topic in TOPICS for cue in cues(topic)], ids=lambda cue: f"{cue.topic}: {cue.pattern[:40]}")
def test_a_cue_hits_its_example(cue: Cue) -> None:
    found = [hit.cue for sentence in sentences(cue.example) for hit in hits(sentence, (cue.topic,))]
    assert cue in found, f"{cue.pattern!r} does not hit {cue.example!r}"


@pytest.mark.parametrize("topic", TOPICS)
def test_no_cue_rests_on_a_small_word_alone(topic: str) -> None:
    for cue in cues(topic):
        for row in cue.rows:
            needed = [element for element in row if not element.optional]
            assert not (len(needed) == 1 and needed[0].atoms & _SMALL), f"{cue.pattern!r} hits {needed[0].atoms & _SMALL}"


@pytest.mark.parametrize(("kind", "pattern", "example"), [tuple(row) for row in table("lines")], ids=lambda cell: cell[:30])
def test_a_kind_of_line_takes_its_example(kind: str, pattern: str, example: str) -> None:
    assert re.search(pattern, fold(example)), example
    assert is_line(kind, example)
    assert patterns(kind)


@pytest.mark.parametrize("row", list(table("levels")), ids=lambda row: row[-1])
def test_a_named_level_is_read(row: list[str]) -> None:
    assert named_levels(row[-1])


@pytest.mark.skipif(not morphology.available(), reason="needs the dictionary")
@pytest.mark.parametrize("row", list(table("level_evidence")), ids=lambda row: row[-1])
def test_evidence_of_a_level_is_in_its_example(row: list[str]) -> None:
    name, pattern, example = row
    (sentence,) = sentences(example)
    assert any(compiled(pattern).search(normal_form(sentence, at, frozenset(evidence_of(sentence)))) for at in evidence_of(sentence))
    assert name in WEIGHTS or name in VETOES


@pytest.mark.parametrize("row", list(table("level_places")), ids=lambda row: row[-1])
def test_a_place_in_our_list_is_a_level(row: list[str]) -> None:
    assert place_in_list(row[-1]) is tuple(Impact)[int(row[0]) - 1]


@pytest.mark.parametrize("row", list(table("level_answers")), ids=lambda row: row[-1])
def test_an_answer_in_other_words_is_a_level(row: list[str]) -> None:
    level = answered_level(row[-1], asked=True)
    assert level is not None
    assert level.value == row[0]
    assert answered_level(row[-1], asked=False) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("krytyczny / wysoki / średni / niski - wybieram trzeci", "medium"),
        ("nic pilnego", "low"),
        ("Nic pilnego w firmie nie robimy.", None),
    ],
)
def test_the_clause_of_an_answer_decides(text: str, level: str | None) -> None:
    found = answered_level(text, asked=True)
    assert (found.value if found else None) == level


@pytest.mark.skipif(not morphology.available(), reason="needs the dictionary")
@pytest.mark.parametrize(("pattern", "example"), [tuple(row) for row in table("company_cues")], ids=lambda cell: cell[-40:])
def test_words_before_a_company(pattern: str, example: str) -> None:
    found = re.search(pattern, fold(example))
    assert found
    assert example[found.end() :].startswith("Grafmax Bis")
    assert company_said(example, a_service().devices) == "Grafmax Bis"


@pytest.mark.parametrize(("weight", "pattern", "example"), [tuple(row) for row in table("firm_openings")], ids=lambda cell: cell[-40:])
def test_words_before_the_writers_firm(weight: str, pattern: str, example: str) -> None:
    assert int(weight) > 0
    found = re.search(rf"\b(?:{pattern})[\s:,–-]+", fold(example), re.MULTILINE)
    assert found, example
    assert "Grafmax Bis" in {company.value for company in in_text(example, Writer())}


@pytest.mark.parametrize(("pattern", "example"), [tuple(row) for row in table("ours_behind")], ids=lambda cell: cell[-40:])
def test_words_behind_the_writers_firm(pattern: str, example: str) -> None:
    assert re.search(rf"Grafmax Bis,? [,(]?\s*(?:{pattern})", example.replace(" (", ", (").lower().replace("grafmax bis", "Grafmax Bis"))
    assert "Grafmax Bis" in {company.value for company in in_text(example, Writer())}


@pytest.mark.parametrize(("item", "label", "example"), [tuple(row) for row in table("labels")], ids=lambda cell: cell[:30])
def test_a_label_is_read(item: str, label: str, example: str) -> None:
    assert [line.item for line in filled_lines(example)] == [item]


def test_a_class_holds_words() -> None:
    assert all(classes().values())


@pytest.mark.parametrize(("stem", "word"), [(stem, word) for stem, word in table("trade_stems")])
def test_each_trade_makes_words(stem: str, word: str) -> None:
    assert re.search(stem, fold(word))
    assert is_made_up(word)


@pytest.mark.parametrize(("ending", "word"), [(ending, word) for ending, word in table("trade_things")])
def test_a_thing_of_a_trade_is_no_name(ending: str, word: str) -> None:
    assert re.search(f"(?:{ending})$", fold(word))
    assert not is_made_up(word)


@pytest.mark.parametrize(
    "word",
    ["Kolor1", "Druk-zacina", "Printheads", "Laminarka", "Drukarz", "Ramki", "Nowak-Kowalska", "Dekorowski", "Kolor", "Foltyn", "Banerowy"],
)
def test_a_word_or_a_surname_is_not_made_up(word: str) -> None:
    assert not is_made_up(word)


@pytest.mark.parametrize(("role", "pattern", "example"), [tuple(row) for row in table("whose_firm")], ids=lambda cell: cell[:40])
def test_words_that_say_whose_a_firm_is(role: str, pattern: str, example: str) -> None:
    text = fold(example if role in ("told", "renamed") else example.partition("Grafmax Bis")[0])
    assert re.search(pattern, text)
    assert plays(role, text)
    assert not plays(role, fold("Piszę z Grafmax Bis, nie drukuje." if role in ("told", "renamed") else "Piszę z "))
