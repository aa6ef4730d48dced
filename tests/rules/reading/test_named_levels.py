"""A level that is named: in whatever words the writer names it, and not where its word says something else."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Where
from mailbot.rules.reading.impact import read_impact


def named(text: str) -> str | None:
    """The level that a text names; one that it merely implies does not count."""
    found = read_impact(text, Where.TEXT, judged=False)
    return found.value if found and found.stated else None


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("critical", "Z Państwa czterech szczebli wybieram najwyższy, krytyczny."),
        ("medium", "If you make me pick a box I'd tick medium."),
        ("medium", "I would go for medium because we still manage."),
        ("high", "Gdyby mnie kto pytał, stawiam na wysoki."),
        ("medium", "Wpływ dałbym średni, chociaż żona mówi, że przesadzam."),
        ("low", "Dałabym niski."),
        ("medium", "Zaznaczam średni."),
        ("high", "Our internal classification of the case: high (A2)."),
        ("high", "Poziom wpływu w rozumieniu Państwa zasad wsparcia: wysoki."),
        ("low", "Kategoria zgłoszenia według naszej umowy: niska."),
        ("critical", "Nasza klasyfikacja wewnętrzna: krytyczna."),
        ("low", "Equipment: OXI HYBRID 2000\nImpact on operation: low\nSite contact: Aino"),
        ("high", "In our system this is severity 2 of 4."),
        ("critical", "SEV-1"),
    ],
)
def test_a_level_is_named_in_many_ways(level: str, said: str) -> None:
    assert named(said) == level


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("critical", 'Rano wpisałam w formularzu "średni". Teraz poprawiam: krytyczny.'),
        ("high", "Zmieniam ze średniego na wysoki."),
        ("high", "Krytyczny to to nie jest, raczej wysoki, bo połowę materiałów muszę przyklejać taśmą."),
        ("low", "To nie jest średni wpływ, tylko niski."),
        (None, "Wpływu nie nazwałbym wysokim."),
        (None, "Krytyczny to to nie jest."),
    ],
)
def test_a_level_is_corrected_or_denied(level: str | None, said: str) -> None:
    assert named(said) == level


@pytest.mark.parametrize(
    "said",
    [
        "Wysoki priorytet ma ten komunikat, bo nie idzie go wyciszyć.",
        "Zadanie w kolejce ma wysoki priorytet i się nie drukuje.",
        "Poziom atramentu: niski.",
        "Poziom podciśnienia jest niski.",
        "Pompa daje wysokie ciśnienie na wyjściu.",
        "We put high pressure on the roller.",
        "Temperature setting: high.",
        "Classification of the material: medium density.",
        "Nie wiem, czy wpisać wysoki czy średni.",
        "Na ekranie CRITICAL ERROR 12.",
        "Several messages per second are in the log.",
    ],
)
def test_the_word_of_a_level_in_another_role(said: str) -> None:
    assert named(said) is None
