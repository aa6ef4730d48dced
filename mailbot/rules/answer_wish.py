"""Does a colleague who passes on a customer's mail want the customer answered? A table to read: what forbids it comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.rules.folding import fold

_TO = (
    r"(?:do )?(?:(?:tego|tej|temu|naszego|naszemu) )?"
    r"(?:klienta|klientowi|klientce|klientki|pana|panu|pani|nadawcy|zglaszajacego|zglaszajacemu|nim|niej|mu|jej)\b"
)
_PLEASE = r"(?:prosze |prosimy |prosilbym |prosilabym |moglibyscie |mozecie |mozesz |trzeba |nalezy )?"


@dataclass(frozen=True, slots=True)
class Cue:
    """Words in folded text (lower case, no accents), with what they mean and examples."""

    pattern: re.Pattern[str]
    wants: bool
    examples: tuple[str, ...]


CUES: tuple[Cue, ...] = (
    Cue(
        re.compile(
            r"\bnie (?:odpowiad\w+|odpis\w+|odpowiedz\w*|kontaktuj\w*|pisz\w*|wysylaj\w*|potwierdzaj\w*)|\bbez (?:odpowiedzi|potwierdzenia)"
            r"|\b(?:sam|sama|my) (?:juz )?(?:mu |jej )?(?:odpisz|odpowie)|\b(?:odpisal|odpowiedzial)(?:em|am|ismy) "
            r"|\b(?:do not|don.?t|no need to|please not) (?:reply|answer|respond|write|contact)"
        ),
        False,
        (
            "Nie odpisujcie klientowi.",
            "Proszę nie odpowiadać klientowi",
            "bez odpowiedzi do klienta",
            "Sam odpiszę klientowi",
            "Odpisałem klientowi, że oddzwonimy",
            "Please do not reply to the customer",
        ),
    ),
    Cue(
        re.compile(
            rf"\b{_PLEASE}(?:odpowiedz(?:cie|my)?|odpowiedziec|odpowiedzi|odpisz(?:cie)?|odpisac|odpisanie|odpowiedzenie|potwierdz(?:cie)?"
            rf"|potwierdzic|potwierdzenie|zapytaj(?:cie)?|zapytac|dopytaj(?:cie)?|dopytac|napisz(?:cie)?|napisac|daj(?:cie)? znac) {_TO}"
            r"|\b(?:reply|answer|respond|write|confirm)(?: back)? (?:to )?(?:the |this )?(?:customer|client|him|her|them|sender)\b"
            r"|\bask (?:the |this )?(?:customer|client|him|her|them)\b"
        ),
        True,
        (
            "Odpowiedz klientowi",
            "proszę odpisać klientowi",
            "Proszę o odpowiedź do klienta",
            "Odpiszcie panu, że sprawa jest w toku",
            "Proszę potwierdzić klientowi przyjęcie",
            "dopytajcie klienta o model",
            "Please reply to the customer",
            "Please answer him directly",
        ),
    ),
)


def wants_answer(text: str) -> bool | None:
    """Whether a colleague's own words ask that the customer be answered; None where they say nothing of it."""
    folded = " ".join(fold(text[:5000]).split())
    return next((cue.wants for cue in CUES if cue.pattern.search(folded)), None)
