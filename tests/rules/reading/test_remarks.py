"""What is repeated, and which number is a serial number, in other words than the corpus."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Flag
from mailbot.rules.reading.remarks import remarks_of
from mailbot.rules.reading.serial import find_serial
from mailbot.rules.reading.words import sentences


def _repeated(said: str) -> bool:
    return any(remark.flag is Flag.REPEATED for remark in remarks_of(sentences(said), True))


@pytest.mark.parametrize(
    "said",
    [
        "Wracam do sprawy z czerwca, kropki są z powrotem.",
        "Dzwoniłam wczoraj dwa razy i nikt nie odebrał.",
        "Jak przedtem nie zwijał, tak dalej nie zwija.",
        "Reklamuję naprawę z 2 września.",
        "Zalecone odpowietrzenie nic nie dało, dalej gubi żółty.",
        "Trzeci raz to samo.",
        "Ponownie zgłaszam wyciek.",
        "The noise is there again.",
        "It still does not feed.",
    ],
)
def test_what_came_back_is_repeated(said: str) -> None:
    assert _repeated(said)


@pytest.mark.parametrize(
    "said",
    [
        "Czy możemy ją ponownie załączyć?",
        "Po ponownym uruchomieniu jest dobrze.",
        "Druga maszyna nie drukuje białego.",
        "We are still printing on the other one.",
        "Po to mamy umowę.",
        "Przypomina to cień obok liter.",
        "Trzecia głowica nie strzela.",
    ],
)
def test_what_only_sounds_so_is_not(said: str) -> None:
    assert not _repeated(said)


@pytest.mark.parametrize(
    ("said", "serial"),
    [
        ("Pracujemy na Oxi Tex 1800 (numer 1800T/0091).", "1800T/0091"),
        ("URZADZENIE NR 1600/17/0042.", "1600/17/0042"),
        ("Zgłoszenie nr 14/2026 z 12/09/2026", None),
        ("Strefa 1800/2000 mm", None),
        ("Faktura 2000/09/2026", None),
    ],
)
def test_a_number_that_begins_with_the_model_is_a_serial_number(said: str, serial: str | None) -> None:
    found = find_serial(said)
    assert (found[0] if found else None) == serial
