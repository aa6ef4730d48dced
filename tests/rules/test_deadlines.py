"""Deadlines worked out by hand, the reasoning in a line each. Rule 9: 2 h, 6 h, 2 days = 18 h, 5 days = 45 h of opening time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailbot.model.deadline import Cycle, Pause
from mailbot.model.facts import Impact
from mailbot.rules.sla import due_at
from tests.build import a_service

BY_HAND = [
    # opening and closing
    ("Mon 2026-10-12 07:59+02:00", "critical", "Mon 2026-10-12 10:00+02:00", "a minute early: the clock starts at 8:00"),
    ("Mon 2026-10-12 08:00+02:00", "critical", "Mon 2026-10-12 10:00+02:00", "8:00 is open"),
    ("Mon 2026-10-12 09:17:30+02:00", "high", "Mon 2026-10-12 15:17:30+02:00", "six hours within one day"),
    ("Mon 2026-10-12 11:00+02:00", "high", "Mon 2026-10-12 17:00+02:00", "exactly at closing: stays there"),
    ("Mon 2026-10-12 11:01+02:00", "high", "Tue 2026-10-13 08:01+02:00", "5 h 59 min, the last minute in the morning"),
    ("Mon 2026-10-12 16:59+02:00", "critical", "Tue 2026-10-13 09:59+02:00", "one minute today, 1 h 59 min tomorrow"),
    ("Mon 2026-10-12 17:00+02:00", "critical", "Tue 2026-10-13 10:00+02:00", "17:00 is closed: two hours tomorrow"),
    # weekends and days
    ("Sat 2026-10-17 10:00+02:00", "critical", "Mon 2026-10-19 10:00+02:00", "Saturday: from Monday 8:00"),
    ("Fri 2026-10-16 16:00+02:00", "critical", "Mon 2026-10-19 09:00+02:00", "one hour on Friday, one on Monday"),
    ("Fri 2026-10-16 14:00+02:00", "medium", "Tue 2026-10-20 14:00+02:00", "3 h Friday, 9 h Monday, 6 h Tuesday"),
    ("Mon 2026-10-12 08:00+02:00", "medium", "Tue 2026-10-13 17:00+02:00", "two whole opening days, to the closing of the second"),
    ("Sun 2026-10-11 12:00+02:00", "low", "Fri 2026-10-16 17:00+02:00", "Sunday: the five days of the week that follows"),
    # the nights of the clock change
    ("Fri 2026-03-27 16:00+01:00", "high", "Mon 2026-03-30 13:00+02:00", "1 h Friday winter time, 5 h Monday summer time"),
    ("Sun 2026-03-29 03:00+02:00", "critical", "Mon 2026-03-30 10:00+02:00", "the instant after the skipped hour, closed anyway"),
    ("Fri 2026-10-23 16:00+02:00", "high", "Mon 2026-10-26 13:00+01:00", "1 h Friday summer time, 5 h Monday winter time"),
    ("Sun 2026-10-25 02:30+01:00", "critical", "Mon 2026-10-26 10:00+01:00", "half past two for the second time, closed anyway"),
    # holidays
    ("Thu 2026-04-02 15:00+02:00", "medium", "Tue 2026-04-07 15:00+02:00", "2 h; Good Friday is worked 9 h; Easter Monday is off; 7 h"),
    ("Fri 2026-04-03 16:30+02:00", "critical", "Tue 2026-04-07 09:30+02:00", "30 min; Saturday, Easter, its Monday; 1 h 30 min"),
    ("Thu 2026-04-30 15:30+02:00", "medium", "Tue 2026-05-05 15:30+02:00", "1.5 h; 1 May; weekend with 3 May; Monday 9 h; 7.5 h"),
    ("Wed 2026-06-03 16:00+02:00", "critical", "Fri 2026-06-05 09:00+02:00", "1 h; Corpus Christi; 1 h"),
    ("Thu 2026-06-04 10:00+02:00", "low", "Thu 2026-06-11 17:00+02:00", "on Corpus Christi: Friday to Thursday, five days of 9 h"),
    ("Fri 2026-08-14 16:00+02:00", "critical", "Mon 2026-08-17 09:00+02:00", "15 August is a Saturday and gives no other day off"),
    ("Tue 2026-11-10 12:00+01:00", "high", "Thu 2026-11-12 09:00+01:00", "5 h; Independence Day; 1 h"),
    ("Wed 2026-12-23 14:00+01:00", "high", "Mon 2026-12-28 11:00+01:00", "3 h; 24, 25, 26 December, Sunday; 3 h"),
    ("Thu 2026-12-24 09:00+01:00", "critical", "Mon 2026-12-28 10:00+01:00", "Christmas Eve is a holiday since 2025"),
    ("Tue 2024-12-24 10:00+01:00", "critical", "Tue 2024-12-24 12:00+01:00", "in 2024 it was not yet"),
    ("Wed 2026-12-23 12:00+01:00", "low", "Mon 2027-01-04 12:00+01:00", "5 h; 28 to 31 December 36 h (New Year's Eve is worked); 4 h"),
    ("Thu 2026-12-31 16:00+01:00", "critical", "Mon 2027-01-04 09:00+01:00", "1 h; New Year's Day is a Friday; 1 h"),
]

WITH_PAUSES = [
    (
        "Mon 2026-10-12 10:00+02:00", "high", ["Mon 2026-10-12 11:00+02:00", "Tue 2026-10-13 11:00+02:00"],
        "Tue 2026-10-13 16:00+02:00", "1 h before the question, 5 h after the answer",
    ),
    (
        "Fri 2026-10-16 15:00+02:00", "high", ["Fri 2026-10-16 16:00+02:00", "Mon 2026-10-19 07:30+02:00"],
        "Mon 2026-10-19 13:00+02:00", "the answer came before opening: 5 h from 8:00; the weekend costs nothing extra",
    ),
    (
        "Mon 2026-10-12 08:00+02:00", "medium", ["Mon 2026-10-12 17:30+02:00", "Tue 2026-10-13 07:00+02:00"],
        "Tue 2026-10-13 17:00+02:00", "asked and answered at night: nothing changes",
    ),
    (
        "Mon 2026-10-12 08:00+02:00", "critical", ["Mon 2026-10-12 08:05+02:00", "Mon 2026-10-12 16:00+02:00"],
        "Mon 2026-10-12 10:00+02:00", "a critical case never waits for the customer",
    ),
    (
        "Fri 2026-10-23 15:00+02:00", "high", ["Fri 2026-10-23 16:00+02:00", "Mon 2026-10-26 09:00+01:00"],
        "Mon 2026-10-26 14:00+01:00", "a pause over the clock change: 1 h, then 5 h from 9:00",
    ),
]  # fmt: skip


def instant(text: str) -> datetime:
    """`Mon 2026-10-12 07:59+02:00`; the name of the day must be right."""
    day, _, rest = text.partition(" ")
    at = datetime.fromisoformat(rest)
    assert f"{at:%a}" == day
    return at


def deadline(arrival: str, impact: str, pauses: tuple[Pause, ...] = ()) -> datetime | None:
    return due_at(Cycle(1, instant(arrival), Impact(impact), pauses), a_service())


@pytest.mark.parametrize(("arrival", "impact", "due", "why"), BY_HAND, ids=[f"{row[0]} {row[1]}" for row in BY_HAND])
def test_deadline_by_hand(arrival, impact, due, why):
    assert deadline(arrival, impact) == instant(due).astimezone(UTC), why


@pytest.mark.parametrize(("arrival", "impact", "pause", "due", "why"), WITH_PAUSES, ids=[row[-1] for row in WITH_PAUSES])
def test_deadline_with_a_pause_by_hand(arrival, impact, pause, due, why):
    asked, answered = map(instant, pause)
    assert deadline(arrival, impact, (Pause(asked, answered),)) == instant(due).astimezone(UTC), why
