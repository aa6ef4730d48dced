"""Reports of a few short lines, and answers that stand between the lines of our form."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Item
from mailbot.rules.reading import ReadingContext, morphology, read
from mailbot.rules.reading.view import Role, mark_signature
from tests.build import a_mail, a_service

pytestmark = pytest.mark.skipif(not morphology.available(), reason="the figures without the dictionary are printed by `make quality`")
ASKED = (Item.COMPANY, Item.IMPACT)


def values(text: str, *asked: Item) -> dict[str, str]:
    subject = "Re: [OXI-2026-000123] pytanie" if asked else ""
    return {name: fact.value for name, fact in read(a_mail(text, subject=subject), ReadingContext(a_service(), asked)).facts.found()}


def test_a_mail_of_labelled_lines_is_no_signature() -> None:
    found = values("UWAGA AWARIA\nOXIJET 3200\nbłąd serwa X\nprodukcja: STOI\nkontakt: Jan Nowak, 600 111 222\nfirma: Tex-Dom")
    assert found["description"] == "błąd serwa X"
    assert found["impact"] == "critical"
    assert found["company"] == "Tex-Dom"
    assert found["device"] == "OXIJET 3200"


def test_a_signature_with_labels_stays_one() -> None:
    lines = ["Nie drukuje magenta od rana.", "", "Jan Nowak", "Tex-Dom", "tel.: 600 111 222"]
    assert mark_signature(lines)[2:] == [Role.SIGNATURE] * 3


def test_the_level_ends_the_name_of_the_firm() -> None:
    found = values("firma: tex-dom\npoziom: sredni/wysoki", *ASKED)
    assert (found["company"], found["impact"]) == ("tex-dom", "high")


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_value_below_its_quoted_label_is_read(gap: str) -> None:
    label = "> Wpływ na działalność (krytyczny / wysoki / średni / niski):"
    found = values(gap.join(["> Nazwa firmy:", "Duo", label, "wysoki"]), *ASKED)
    assert (found["company"], found["impact"]) == ("Duo", "high")


def test_our_own_name_below_an_empty_label_is_no_answer() -> None:
    assert "company" not in values("wysoki\n\n> Nazwa firmy:\n>\n> Serwis OXIPRINT\n> tel. +48 22 871 32 13", *ASKED)
