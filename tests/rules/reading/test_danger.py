"""A machine that smokes or sparks has no low impact because somebody switched it off and on, unless it is said to run since."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Flag
from mailbot.rules.reading import ReadingContext, morphology, read
from tests.build import a_mail, a_service

pytestmark = pytest.mark.skipif(not morphology.available(), reason="the figures without the dictionary are printed by `make quality`")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Ploter dymi, po wyłączeniu i włączeniu nic nie drukuje.", None),
        ("Iskrzy przy wtyczce, restart pomógł na chwilę, nie pracuje.", None),
        ("Z szafy poszedł dym, po restarcie again.", None),
        ("Z szafy poszedł dym, restart pomógł.", None),
        ("Rano poszedł dym z zasilacza, po restarcie działa normalnie.", "low"),
        ("There was smoke from the PSU, after a reset it works again.", "low"),
        ("Iskrzyło przy wtyczce, po wyłączeniu i włączeniu drukuje bez uwag.", "low"),
    ],
)
def test_what_a_restart_is_worth_after_smoke(text: str, level: str | None) -> None:
    reading = read(a_mail(text), ReadingContext(a_service()))
    assert Flag.DANGER in reading.flags
    assert (reading.facts.impact.value if reading.facts.impact else None) == level
