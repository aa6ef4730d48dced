"""Names brought to the nominative."""

from __future__ import annotations

import pytest

from mailbot.rules.reading import morphology
from mailbot.rules.reading.inflect import nominative_first, nominative_name

pytestmark = pytest.mark.skipif(not morphology.available(), reason="without the dictionary a name stays as it is written")


@pytest.mark.parametrize(
    ("written", "nominative"),
    [
        ("Papierowym Smoku", "Papierowy Smok"),
        ("Wielkiej Litery", "Wielka Litera"),
        ("Kolorowych Ścian", "Kolorowe Ściany"),
        ("Złotych Literach", "Złote Litery"),
        ("Dobrym Druku", "Dobry Druk"),
        ("Inicjale", "Inicjał"),
        ("Nitce S.A.", "Nitka S.A."),
        ("Tapicerki Sznurek", "Tapicerka Sznurek"),
        ("Agencji Reklamowej Tukan", "Agencja Reklamowa Tukan"),
        ("Agencji Nowych Mediów", "Agencja Nowych Mediów"),
        ("Gminnego Ośrodka Kultury w Lipniczce", "Gminny Ośrodek Kultury w Lipniczce"),
        ("Wyższej Szkoły Zawodowej", "Wyższa Szkoła Zawodowa"),
        ("Zakładów Graficznych Atlas", "Zakłady Graficzne Atlas"),
        ("Muzeum Narodowego w Kielcach", "Muzeum Narodowe w Kielcach"),
        ("Centrum Kreatywnego Druku", "Centrum Kreatywnego Druku"),
        ("Kolor Dnia", "Kolor Dnia"),
        ("Biały Kruk", "Biały Kruk"),
        ("Silver Signs", "Silver Signs"),
        ("Trzech Kolorach", "Trzech Kolorach"),
    ],
)
def test_a_firm_behind_a_preposition(written: str, nominative: str) -> None:
    assert nominative_name(written, governed=True) == nominative


@pytest.mark.parametrize(
    ("written", "nominative"), [("Jacka", "Jacek"), ("Marka", "Marek"), ("Anny", "Anna"), ("Krzysztofem", "Krzysztof")]
)
def test_a_first_name(written: str, nominative: str) -> None:
    assert nominative_first(written) == nominative
