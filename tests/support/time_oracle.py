"""Working time the slow way: look at every minute on the wall clock and count. Written without a look at `rules/working_time.py`.

For whole minutes only, and for hours that neither begin nor end within the hour that a clock change skips or repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from mailbot.model.service import Calendar

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday (Meeus/Jones/Butcher, "Astronomical Algorithms")."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def polish_holidays(year: int) -> frozenset[date]:
    """Act of 18 January 1951 as it has stood since 2011; 24 December since 2025."""
    fixed = [(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)]
    if year >= 2025:
        fixed.append((12, 24))
    if year == 2018:
        fixed.append((11, 12))  # once, a hundred years of independence (act of 7 November 2018)
    sunday = easter(year)
    movable = [sunday, sunday + 1 * DAY, sunday + 49 * DAY, sunday + 60 * DAY]  # Easter, its Monday, Pentecost, Corpus Christi
    return frozenset([date(year, month, day) for month, day in fixed] + movable)


def hours_of(calendar: Calendar, day: date) -> Iterable[tuple[time, time]]:
    """What the calendar says for a day."""
    for open_day, hours in calendar.open_days:
        if open_day == day:
            return hours
    if day in calendar.closed_days:
        return ()
    if calendar.polish_holidays and day in polish_holidays(day.year):
        return ()
    return calendar.week[day.weekday()]


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
    """Every minute from start to end, and whether the desk is open in it."""
    zone = ZoneInfo(calendar.zone)
    minute, today, late, early = start, None, (), ()
    while minute < end:
        local = minute.astimezone(zone)
        if local.date() != today:
            today = local.date()
            late = tuple(hours_of(calendar, today))
            early = tuple(closes for opens, closes in hours_of(calendar, today - DAY) if closes <= opens)  # night shifts of yesterday
        wall = local.time()
        is_open = any(opens <= wall and (wall < closes or closes <= opens) for opens, closes in late) or any(
            wall < closes for closes in early
        )
        yield minute, is_open
        minute += MINUTE


def counted(calendar: Calendar, start: datetime, end: datetime, pauses: list[tuple[datetime, datetime]]) -> Iterator[datetime]:
    """Every minute that counts."""
    for minute, is_open in open_minutes(calendar, start, end):
        if is_open and not any(begin <= minute < finish for begin, finish in pauses):
            yield minute


def used(calendar: Calendar, start: datetime, end: datetime, pauses: list[tuple[datetime, datetime]]) -> timedelta:
    """So many minutes count."""
    return sum(1 for _ in counted(calendar, start, end, pauses)) * MINUTE


def due(
    calendar: Calendar, start: datetime, budget: timedelta, pauses: list[tuple[datetime, datetime]], give_up: datetime
) -> datetime | None:
    """The end of the minute in which the budget runs out; None if it does not before `give_up`."""
    left = budget
    for minute in counted(calendar, start, give_up, pauses):
        if not left:
            return minute
        left -= MINUTE
        if not left:
            return minute + MINUTE
    return None


def utc(text: str) -> datetime:
    """`utc("2026-03-29 01:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
