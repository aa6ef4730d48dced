"""Facts of a ticket and of a new mail become one."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Fact, Facts, Where
from mailbot.rules.merge import merge


def a_fact(value: str, where: Where = Where.TEXT, *, stated: bool = True, correction: bool = False) -> Fact:
    return Fact(value, where, value, stated, correction)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, a_fact("high"), "high"),
        (a_fact("low", stated=False), a_fact("high"), "high"),
        (a_fact("low", stated=False), a_fact("high", stated=False), "high"),
        (a_fact("low"), a_fact("high", stated=False), "low"),
        (a_fact("low"), a_fact("high"), "high"),
        (a_fact("low", Where.STAFF), a_fact("high"), "low"),
        (a_fact("low", Where.STAFF), a_fact("high", correction=True), "high"),
        (a_fact("low", Where.STAFF), a_fact("high", Where.FORM), "high"),
    ],
)
def test_impact(before: Fact | None, after: Fact, expected: str) -> None:
    merged, _ = merge(Facts(impact=before), Facts(impact=after))
    assert merged.impact is not None
    assert merged.impact.value == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (a_fact("OXIJET 1600"), a_fact("OXIJET 3200"), "OXIJET 1600"),
        (a_fact("OXIJET 1600"), a_fact("OXIJET 3200", correction=True), "OXIJET 3200"),
        (a_fact("OXIJET 1600"), a_fact("OXIJET 3200", Where.FORM), "OXIJET 3200"),
        (a_fact("OXIJET 1600", Where.REGISTER), a_fact("OXIJET 3200"), "OXIJET 3200"),
    ],
)
def test_device(before: Fact, after: Fact, expected: str) -> None:
    merged, changes = merge(Facts(device=before), Facts(device=after))
    assert merged.device is not None
    assert merged.device.value == expected
    assert [change.new.value for change in changes] == ([expected] if expected != before.value else [])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (a_fact("Kadra"), a_fact("Kadra Sp. z o.o."), "Kadra Sp. z o.o."),
        (a_fact("Kadra Sp. z o.o."), a_fact("Kadra"), "Kadra Sp. z o.o."),
        (a_fact("Kadra"), a_fact("Kadra Sp. z o.o.", Where.SIGNATURE), "Kadra"),
        (a_fact("Kadra"), a_fact("Wena"), "Kadra"),
        (a_fact("AS"), a_fact("Basar Sp. z o.o."), "AS"),
        (a_fact("Kadra"), a_fact("Wena", correction=True), "Wena"),
        (a_fact("Kadra", Where.STAFF), a_fact("Kadra Sp. z o.o."), "Kadra"),
    ],
)
def test_company(before: Fact, after: Fact, expected: str) -> None:
    merged, _ = merge(Facts(company=before), Facts(company=after))
    assert merged.company is not None
    assert merged.company.value == expected


def test_the_first_description_stays() -> None:
    merged, changes = merge(Facts(description=a_fact("kapie")), Facts(description=a_fact("stuka")))
    assert merged.description == a_fact("kapie")
    assert changes == ()


def person(first: str | None, last: str | None, where: Where) -> Facts:
    return Facts(first_name=a_fact(first, where) if first else None, last_name=a_fact(last, where) if last else None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (person("Jan", "Kowalski", Where.SIGNATURE), person("Anna", "Wilk", Where.SIGNATURE), "Jan Kowalski"),
        (person("Jan", "Kowalski", Where.SIGNATURE), person("Anna", "Wilk", Where.TEXT), "Anna Wilk"),
        (person("Jan", "Kowalski", Where.STAFF), person("Anna", "Wilk", Where.TEXT), "Jan Kowalski"),
        (person("Jan", "Kowalski", Where.STAFF), person("Anna", "Wilk", Where.FORM), "Anna Wilk"),
        (person("Jan", "Kowalski", Where.FORM), person("Anna", None, Where.TEXT), "Jan Kowalski"),
        (person("Jan", None, Where.SIGNATURE), person("Jan", "Kowalski", Where.SIGNATURE), "Jan Kowalski"),
        (person("Zosia", None, Where.SIGNATURE), person("Zofia", "Wilk", Where.SIGNATURE), "Zofia Wilk"),
        (person("Zosia", None, Where.SIGNATURE), person("Adam", None, Where.SIGNATURE), "Zosia"),
        (Facts(), person("Adam", None, Where.SIGNATURE), "Adam"),
    ],
)
def test_the_contact(old: Facts, new: Facts, expected: str) -> None:
    assert merge(old, new)[0].full_name == expected


def test_merging_again_changes_nothing() -> None:
    new = Facts(
        first_name=a_fact("Anna", Where.FORM), last_name=a_fact("Wilk", Where.FORM), impact=a_fact("high"), phone=a_fact("+48600111222")
    )
    once, _ = merge(Facts(impact=a_fact("low", stated=False)), new)
    assert merge(once, new) == (once, ())
