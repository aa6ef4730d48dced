"""The form of a question is an interface: the labels are written out here once more, so that a change is noticed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.facts import Fact, Facts, Impact, Item, Where
from mailbot.model.letter import Audience, Draft, Letter, Question, QuestionReminder
from mailbot.model.ticket import Ticket
from mailbot.rules.compose import compose
from mailbot.rules.form import begins_like_form_line, form_lines, keep_labels_inside
from mailbot.rules.signing import Signer
from mailbot.rules.templates import Templates
from mailbot.samples import AT, CUSTOMER, a_ticket
from mailbot.templating import load_templates
from tests.build import a_service

LABELS = {
    "pl": {
        "name": "Imię i nazwisko:",
        "phone": "Telefon:",
        "company": "Nazwa firmy:",
        "device": "Nazwa urządzenia:",
        "description": "Opis problemu:",
        "impact": "Wpływ na działalność (krytyczny / wysoki / średni / niski):",
    },
    "en": {
        "name": "First and last name:",
        "phone": "Phone:",
        "company": "Company name:",
        "device": "Device name:",
        "description": "Problem description:",
        "impact": "Business impact (critical / high / medium / low):",
    },
}
WORDS = tuple(label.split(":")[0].split(" (")[0].lower() for labels in LABELS.values() for label in labels.values())
SUBSETS = tuple(chain.from_iterable(combinations(Item, count) for count in range(1, 6)))
SIGNER = Signer(b"k" * 32, "k1")
HOSTILE = (
    "Telefon: 123",
    "Phone:\nPhone: 1\n\nNazwa firmy: inna",
    "Opis problemu: " * 12,
    "a" * 60 + " Telefon: 1 " + "b" * 59 + " Nazwa firmy: 2 " + "c " * 40 + "Wpływ na działalność: krytyczny",
    "x\u2028Telefon: 5\x85Nazwa firmy: 6\u00a0Imię i nazwisko: 7",
    "</fact></facts><field>Telefon:</field> {{ form }} <b>",
    "imię\u200b i nazwisko: x\nimię i nazwisko: y",
    "a" * 70 + " > - > telefon: 1",
)


@pytest.fixture(scope="module")
def templates() -> Templates:
    return load_templates(None)


def _text(templates: Templates, letter: Letter, language: str) -> str:
    draft = Draft(letter, CUSTOMER, "ask:mail:17", Audience.CUSTOMER, language)
    return compose(draft, templates, a_service(privacy_url="https://example.com/rodo"), SIGNER, "i", AT).text


def _check(text: str, expected: list[str]) -> None:
    lines = text.split("\n")
    assert [line for line in lines if line in expected] == expected
    others = [line for line in lines if line not in expected and line.lstrip("> \t\u00a0-*•").lower().startswith(WORDS)]
    assert others == []


def _letters(ticket: Ticket, missing: tuple[Item, ...]) -> tuple[Letter, ...]:
    return (
        Question(ticket, missing, opens_at=AT),
        Question(ticket, missing, again=True),
        QuestionReminder(ticket, missing, last=False, closes_on=AT.date()),
        QuestionReminder(ticket, missing, last=True, closes_on=AT.date()),
    )


def _expected(ticket: Ticket, missing: tuple[Item, ...], language: str) -> list[str]:
    wanted = {item.value for item in missing} | ({"phone"} if Item.NAME in missing and not ticket.facts.phone else set())
    return [label for name, label in LABELS[language].items() if name in wanted]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_question_holds_exactly_its_form(templates: Templates, language: str) -> None:
    ticket = replace(a_ticket(language), facts=replace(a_ticket(language).facts, phone=None))
    for missing in SUBSETS:
        for letter in _letters(ticket, missing):
            _check(_text(templates, letter, language), _expected(ticket, missing, language))


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_phone_number_that_is_known_is_not_asked_for(templates: Templates, language: str) -> None:
    for letter in _letters(a_ticket(language), (Item.NAME,)):
        _check(_text(templates, letter, language), [LABELS[language]["name"]])


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_value_of_a_customer_can_look_like_a_form_line(templates: Templates, language: str, hostile: str) -> None:
    fact = Fact(hostile, Where.TEXT, hostile)
    facts = Facts(fact, fact, fact, fact, fact, fact, fact, fact, Fact(Impact.HIGH, Where.TEXT))
    ticket = replace(a_ticket(language), facts=facts, subject=hostile)
    for missing in SUBSETS[:5] + SUBSETS[-1:]:
        for letter in _letters(ticket, missing)[:2]:
            _check(_text(templates, letter, language), _expected(ticket, missing, language))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*WORDS, *(word.title() for word in WORDS), ":", "\n", " ", "a", "słowo dłuższe", "> ", "- "]), max_size=40
    ).map("".join)
)
def test_nor_can_any_mixture_of_the_labels_words(templates: Templates, value: str) -> None:
    ticket = replace(a_ticket(), facts=replace(a_ticket().facts, description=Fact(value, Where.TEXT), company=Fact(value, Where.FORM)))
    _check(_text(templates, Question(ticket, (Item.NAME,)), "pl"), _expected(ticket, (Item.NAME,), "pl"))


def test_the_phone_is_asked_for_only_beside_the_name_and_where_it_is_unknown() -> None:
    assert form_lines((Item.NAME,), "pl") == ("Imię i nazwisko:", "Telefon:")
    assert form_lines((Item.NAME,), "pl", phone_too=False) == ("Imię i nazwisko:",)
    assert form_lines((Item.COMPANY,), "en") == ("Company name:",)


def test_the_order_is_that_of_the_form_whatever_the_order_of_the_items() -> None:
    assert form_lines(tuple(reversed(Item)), "pl") == tuple(LABELS["pl"].values())


@pytest.mark.parametrize("line", ["Telefon", "> telefon: 1", "  Nazwa firmy", "- Phone", ">> Opis problemu: x"])
def test_what_begins_like_a_form_line(line: str) -> None:
    assert begins_like_form_line(line)
    assert not begins_like_form_line("tel. " + line.lower().removeprefix("tel"))


@pytest.mark.parametrize("blanks", [" " * 4000, "> " * 2000, "\u2003-" * 2000])
def test_a_long_line_of_blanks_and_marks_is_cheap(blanks: str) -> None:
    began = perf_counter()
    assert keep_labels_inside(f"a{blanks}b") == f"a{blanks}b"
    assert perf_counter() - began < 10  # seconds; a pattern that backtracks takes minutes
