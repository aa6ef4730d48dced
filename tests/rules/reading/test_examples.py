"""Single sentences and signatures, in other words than the corpus: what a clerk would understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.model.facts import Where
from mailbot.rules.reading import ReadingContext, judge_kind, morphology, read
from mailbot.rules.reading.description import read_description
from mailbot.rules.reading.impact import read_impact
from tests.build import a_mail, a_service

pytestmark = pytest.mark.skipif(not morphology.available(), reason="the figures without the dictionary are printed by `make quality`")
HERE = Path(__file__).parent


def examples(name: str) -> list[tuple[str, str]]:
    lines = [line for line in (HERE / name).read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    return [(expected, said.replace("\\n", "\n")) for expected, _, said in (line.partition(" | ") for line in lines)]


@pytest.mark.parametrize(("level", "said"), examples("examples_impact.txt"))
def test_impact(level: str, said: str) -> None:
    found = read_impact(said, Where.TEXT)
    assert (found.value if found else "none") == level


@pytest.mark.parametrize(("telling", "said"), examples("examples_description.txt"))
def test_description(telling: str, said: str) -> None:
    assert (read_description(said) is not None) == (telling == "yes")


@pytest.mark.parametrize(("company", "signature"), examples("examples_company.txt"))
def test_company(company: str, signature: str) -> None:
    mail = a_mail(f"Nie drukuje magenta.\n\n{signature}", name="Jan Kowalski", sender="x@y.example")
    found = read(mail, ReadingContext(a_service())).facts.company
    assert (found.value if found else "-") == company


@pytest.mark.parametrize(("device", "text"), examples("examples_device.txt"))
def test_device(device: str, text: str) -> None:
    found = read(a_mail(text), ReadingContext(a_service())).facts.device
    assert (found.value if found else "-") == device


@pytest.mark.parametrize(("name", "rest"), examples("examples_person.txt"))
def test_person(name: str, rest: str) -> None:
    sender, _, text = rest.partition(" | ")
    facts = read(a_mail(text, name="" if sender == "-" else sender, sender="x@y.example"), ReadingContext(a_service())).facts
    assert ",".join(half.value if half else "-" for half in (facts.first_name, facts.last_name)) == name


@pytest.mark.parametrize(("kind", "rest"), examples("examples_kind.txt"))
def test_kind(kind: str, rest: str) -> None:
    sender, subject, text = rest.split(" | ", 2)
    mail = a_mail(text, name="", sender=sender, subject=subject)
    judged, reason = judge_kind(mail, read(mail, ReadingContext(a_service())))
    assert ("machine" if judged.is_machine else judged.value) == kind, reason
