"""Reminders by the clock of the test: each stage once, on time, across a restart, and merged after days of standing still."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.support.house import House
from tests.system.conftest import HouseBuilder
from tests.system.letters import number_in, parsed, request, subject_of, text_of

pytestmark = pytest.mark.slow

REMINDER = re.compile(r"Minęło (\d+)% czasu reakcji|PO TERMINIE")
MERGED = re.compile(r"zastępuje też (\d+)")


def share(letter: bytes) -> int:
    """The share of the budget that a reminder tells of; 0: the letter is none."""
    found = REMINDER.search(subject_of(letter))
    return int(found[1] or 100) if found else 0


def reminders(house: House, recipient: str) -> list[bytes]:
    return [letter for letter in house.letters(recipient) if share(letter)]


def written_at(letter: bytes) -> datetime:
    """When the daemon wrote it, by the daemon's clock."""
    return parsedate_to_datetime(str(parsed(letter)["Date"]))


def shares(letters: Iterable[bytes]) -> list[int]:
    return [share(letter) for letter in letters]


def test_a_critical_ticket_left_alone(build_house: HouseBuilder) -> None:
    """Two working hours in half a minute. Another start of the clock stands for the time between two runs, however long that takes."""
    house = build_house(imap={"poll_interval": "10m"})
    start = datetime.fromisoformat("2026-10-12T09:00:00+02:00")
    house.clock = f"{start.isoformat()} x60"
    when = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=58)
    house.deliver(request("ewa@drukarnia.example"), when=when)
    house.start()
    anchor = datetime.fromisoformat(json.loads((house.state / "clock.json").read_text())["real"])
    arrived = start - (anchor - when)  # before its start the clock ran at the ordinary speed
    due = {percent: arrived + timedelta(hours=2) * percent / 100 for percent in (50, 75, 90, 100)}

    house.wait_until(lambda: reminders(house, house.team))
    house.quiet()
    assert house.stop()[0] == 0
    assert shares(reminders(house, house.team)) == [50]
    house.clock = f"{(due[75] - timedelta(minutes=12)).isoformat()} x120"
    house.start()
    house.wait_until(lambda: len(reminders(house, house.team)) >= 4)
    house.quiet()
    assert house.stop()[0] == 0
    assert shares(reminders(house, house.team)) == [50, 75, 90, 100]
    assert shares(reminders(house, house.jan)) == [50, 75, 90, 100]
    assert shares(reminders(house, house.manager)) == [90, 100]
    too_late = {50: due[75], 75: due[90], 90: due[100], 100: due[100] + timedelta(minutes=30)}
    for letter in reminders(house, house.team):
        percent, at = share(letter), written_at(letter)
        assert due[percent] - timedelta(seconds=1) <= at < too_late[percent]  # a Date has whole seconds
        assert "zastępuje" not in text_of(letter)

    # overdue: each working hour, until somebody starts
    late = arrived + timedelta(hours=3)
    house.clock = f"{(late - timedelta(minutes=2)).isoformat()} x60"
    house.start()
    house.wait_until(lambda: len(reminders(house, house.team)) == 5)
    assert late - timedelta(seconds=1) <= written_at(reminders(house, house.team)[-1]) < late + timedelta(minutes=45)
    house.cli("ticket", "start", "1")
    house.quiet()
    assert house.stop()[0] == 0
    house.clock = f"{(late + timedelta(minutes=70)).isoformat()} x60"
    sent = len(house.sink.accepted)
    house.start()
    house.deliver(request("jan@inna.example"))  # answered after several looks at what is due
    house.quiet()
    assert not [delivery.recipients for delivery in house.sink.accepted[sent:] if share(delivery.mail)]
    assert house.stop()[0] == 0


@pytest.fixture(scope="module")
def crowd() -> dict[str, str]:
    """50 customers and the impact that each names."""
    levels = {"krytyczny": 10, "wysoki": 10, "średni": 10, "niski": 20}
    return {f"klient{at}@{'abcd'[at % 4]}{at}.example": level for at, level in enumerate(Counter(levels).elements())}


def test_three_working_days_of_standing_still(build_house: HouseBuilder, crowd: dict[str, str]) -> None:
    house = build_house()
    house.clock = "2026-10-12T09:00:00+02:00 x1"  # a Monday
    house.start()
    house.deliver(*(request(email, impact=level) for email, level in crowd.items()))
    house.quiet()
    assert house.stop()[0] == 0
    assert house.count("ticket") == len(crowd) == 50
    assert not reminders(house, house.team)
    level_of = {number: crowd[email] for email, numbers in house.numbers_of(crowd).items() for number in numbers}

    house.clock = "2026-10-15T07:59:30+02:00 x30"
    house.start()
    house.wait_until(lambda: len(reminders(house, house.team)) >= 50)
    house.quiet()
    assert house.stop()[0] == 0
    first = reminders(house, house.team)
    assert Counter(map(number_in, first)) == Counter(level_of.keys())  # one each
    assert Counter(map(number_in, reminders(house, house.jan))) == Counter(level_of.keys())
    opening = datetime.fromisoformat("2026-10-15T08:00:00+02:00")
    assert all(opening <= written_at(letter) < opening + timedelta(hours=1) for letter in first)
    # due on Monday: 50, 75, 90, 100 % and what is overdue since; the low ones were at half of their five days on Wednesday
    merged = {"krytyczny": 13, "wysoki": 6, "średni": 4, "niski": 0}
    for letter in first:
        level = level_of[number_in(letter)]
        told = MERGED.search(" ".join(text_of(letter).split()))
        assert (share(letter), int(told[1]) if told else 0) == (50 if level == "niski" else 100, merged[level])
        assert "Przypomnienie jest spóźnione" in text_of(letter)
    overdue = {number for number, level in level_of.items() if level != "niski"}
    assert Counter(map(number_in, reminders(house, house.manager))) == Counter(overdue)

    house.clock = "2026-10-15T15:44:00+02:00 x60"  # the low ones reach three quarters a minute later
    house.start()
    house.wait_until(lambda: len(reminders(house, house.team)) >= 70)
    house.quiet()
    assert house.stop()[0] == 0
    second = reminders(house, house.team)[50:]
    assert Counter(map(number_in, second)) == Counter(level_of.keys() - overdue)
    on_time = datetime.fromisoformat("2026-10-15T15:45:00+02:00")
    for letter in second:
        assert share(letter) == 75
        assert on_time <= written_at(letter) < on_time + timedelta(minutes=30)
        assert "spóźnione" not in text_of(letter)
