"""Who writes: firm, person and number out of signatures, opening sentences and From headers, in as many layouts as people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.model.facts import Facts
from mailbot.rules.reading import ReadingContext, morphology, read
from tests.build import a_mail, a_service

pytestmark = pytest.mark.skipif(not morphology.available(), reason="the figures without the dictionary are printed by `make quality`")
EXAMPLES = (Path(__file__).parent / "examples_writer.txt").read_text("utf-8")


def examples() -> list[tuple[str, str, str]]:
    blocks = EXAMPLES.split("\n=== ")[1:]
    return [(head, sender.removeprefix("From: "), text) for head, sender, text in (block.split("\n", 2) for block in blocks)]


def told(facts: Facts) -> str:
    company, first, last, phone = (fact.value if fact else "" for fact in (facts.company, facts.first_name, facts.last_name, facts.phone))
    return f"{company} | {first},{last} | {phone}"


@pytest.mark.parametrize(("writer", "sender", "text"), examples())
def test_the_writer_is_told(writer: str, sender: str, text: str) -> None:
    name, _, address = sender.rstrip(">").rpartition(" <")
    mail = a_mail(text, name=name, sender=address)
    assert told(read(mail, ReadingContext(a_service())).facts).strip() == writer.strip()


def short_examples() -> list[list[str]]:
    """The lines of `examples_short.txt`: what is told, From, subject, text."""
    lines = (Path(__file__).parent / "examples_short.txt").read_text("utf-8").splitlines()
    return [[cell.strip().replace("\\n", "\n") for cell in line.split(" | ", 4)] for line in lines if line.strip() and line[0] != "#"]


@pytest.mark.parametrize(("company", "names", "sender", "subject", "text"), short_examples())
def test_the_writer_of_a_short_mail_is_told(company: str, names: str, sender: str, subject: str, text: str) -> None:
    name, _, address = sender.rstrip(">").rpartition("<")
    facts = read(a_mail(text, name=name.strip(), sender=address, subject=subject), ReadingContext(a_service())).facts
    found = [fact.value if fact else "-" for fact in (facts.company, facts.first_name, facts.last_name)]
    assert found == [company, *names.split(",")]
