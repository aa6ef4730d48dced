"""Working time: how to add it, measure it and explain it. The only rule module that knows time zones and holidays.

The interface takes any aware instant and answers in UTC; a naive one is a ValueError. Every sum is taken in UTC: the opening
hours of each local day are turned into pairs of UTC instants first, so that the nights of the clock change come out right
(28 March 17:00 to 29 March 8:00 2026 is 14 hours, not 15). Opening intervals are half-open [open, close).

Reading a calendar:
- The hours of an entry in `open_days` are that day's hours; they beat a holiday, a closed day and the weekly hours.
- A close that is not after its open lies on the next day: (22:00, 6:00) is a night shift, (0:00, 0:00) a whole day.
- A local time that does not exist or exists twice is read as PEP 495 says for fold=0: moved on by the gap; the first of two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from holidays.countries.poland import Poland

from mailbot.errors import Permanent
from mailbot.model.deadline import Pause, Stretch, StretchKind
from mailbot.model.service import Budget, Calendar

Interval = tuple[datetime, datetime]
Hours = tuple[tuple[time, time], ...]

DAY = timedelta(days=1)
HORIZON = 36525 * DAY  # a hundred years: whatever is not found within them will never be
LAST = datetime.max.replace(tzinfo=UTC)


class NeverOpen(Permanent):
    """The calendar does not have the working time that was asked for."""


def due(calendar: Calendar, start: datetime, budget: timedelta, pauses: Sequence[Pause] = ()) -> datetime:
    """The earliest instant at which `budget` of working time outside of `pauses` has passed since `start`.

    A start outside opening hours begins at the next opening. A deadline that falls on a closing or on the begin of a pause stays
    there. No budget is due at the first working instant. Raises ValueError for a negative budget or a pause that is still open
    (what it will cost is not known), NeverOpen when a hundred years are not enough.
    """
    if budget < timedelta(0):
        raise ValueError(f"a budget of working time cannot be negative: {budget}")
    if any(pause.end is None for pause in pauses):
        raise ValueError("nothing can be due while a pause is still open")
    start = _utc(start)
    left = budget
    for opened, closed in _counted(calendar, start, _horizon(calendar, start), pauses):
        if left <= closed - opened:
            return opened + left
        left -= closed - opened
    raise NeverOpen(f"opening hours do not suffice for {budget} within a hundred years of {start:%Y-%m-%d}: check the configured hours")


def used(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """The working time in [start, end) outside of `pauses`; a pause without an end goes on. Nothing if `end` is before `start`."""
    counted = _counted(calendar, _utc(start), _utc(end), pauses)
    return sum((closed - opened for opened, closed in counted), timedelta(0))


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the desk is open. It is at the instant of opening, and is not at the instant of closing."""
    at = _utc(at)
    return any(_openings(calendar, at, at + datetime.resolution))


def is_closing(calendar: Calendar, at: datetime) -> bool:
    """Whether the desk closes at this very instant."""
    return not is_open(calendar, at) and is_open(calendar, at - datetime.resolution)


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """The first instant from `at` on at which the desk is open: `at` itself if it is. Raises NeverOpen."""
    return due(calendar, at, timedelta(0))


def opening_on(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    """The opening intervals, in UTC, that begin on a local day; they may end on the next. Empty: closed all day."""
    month = _month(calendar, day.replace(day=1))
    first, last = (bisect_left(month, _midnight(calendar, edge), key=itemgetter(0)) for edge in (day, day + DAY))
    return month[first:last]


def mornings_after(calendar: Calendar, after: datetime) -> Iterator[datetime]:
    """Each working morning, that is the first opening of a local day, strictly after an instant. Raises NeverOpen at the end."""
    after = _utc(after)
    today = after.astimezone(_zone(calendar)).date()
    for n in range((_horizon(calendar, after) - after).days + 1):
        intervals = opening_on(calendar, today + n * DAY)
        if intervals and intervals[0][0] > after:
            yield intervals[0][0]
    raise NeverOpen(f"no further working morning within a hundred years of {after:%Y-%m-%d}: check the configured opening hours")


def budget_time(calendar: Calendar, budget: Budget) -> timedelta:
    """A budget as working time. A day counts as the hours of an opening day (rule 9).

    Where opening days differ in length, it is the length that is most common in the week, the longer one on a tie: a "day" is then the same
    promise whenever it is given, and a short Friday does not shorten it. Raises NeverOpen for days if the desk never opens.
    """
    time_of_day = timedelta(hours=budget.hours, minutes=budget.minutes)
    return time_of_day + budget.days * _working_day(calendar) if budget.days else time_of_day


def explain(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> tuple[Stretch, ...]:
    """What each part of [start, end) was: counted, paused (whatever the hour) or skipped, and why. Without gaps, in order.

    The counted stretches add up to `used`. Closed stretches are cut at local midnight where a holiday or a day off begins or ends.
    """
    start, end = _utc(start), _utc(end)
    if end <= start:
        return ()
    paused = [(_utc(pause.start), _utc(pause.end or LAST)) for pause in pauses]
    days = range((end.astimezone(_zone(calendar)).date() - (first := start.astimezone(_zone(calendar)).date())).days + 1)
    midnights = [_midnight(calendar, first + n * DAY) for n in days]
    edges = {edge for interval in (*_openings(calendar, start, end), *paused) for edge in interval}
    cuts = [start, *sorted(at for at in edges.union(midnights) if start < at < end), end]
    stretches: list[Stretch] = []
    for begin, finish in pairwise(cuts):
        kind, name = _kind_at(calendar, begin, paused)
        if stretches and (stretches[-1].kind, stretches[-1].name) == (kind, name):
            begin = stretches.pop().start  # noqa: PLW2901 - the stretch goes on
        stretches.append(Stretch(begin, finish, kind, name))
    return tuple(stretches)


def holiday_days(years: Iterable[int]) -> dict[date, str]:
    """The public holidays of Poland by day, with their Polish names (act of 18 January 1951; 24 December since 2025).

    For a store that records what a year's deadlines were computed with: an update of the library must not move them unseen.
    """
    return {day: name for year in years for day, name in _holidays(year).items()}


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone: working time is measured between aware instants")
    return at.astimezone(UTC)


def _zone(calendar: Calendar) -> ZoneInfo:
    return ZoneInfo(calendar.zone)


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time(), _zone(calendar)).astimezone(UTC)


@lru_cache(maxsize=256)
def _holidays(year: int) -> dict[date, str]:
    return dict(Poland(years=year, language="pl").items())  # type: ignore[no-untyped-call]


def _holiday(calendar: Calendar, day: date) -> str | None:
    return _holidays(day.year).get(day) if calendar.polish_holidays else None


def _hours(calendar: Calendar, day: date) -> Hours:
    """Opening hours of a local day as the calendar writes them, in order."""
    special = [hours for open_day, hours in calendar.open_days if open_day == day]
    if special:
        return tuple(sorted(pair for hours in special for pair in hours))
    if day in calendar.closed_days or _holiday(calendar, day) is not None:
        return ()
    return tuple(sorted(calendar.week[day.weekday()]))


def _intervals(calendar: Calendar, day: date) -> Iterator[Interval]:
    """The hours of a local day in UTC; they may overlap."""
    zone = _zone(calendar)
    for opens, closes in _hours(calendar, day):
        last = day if closes > opens else day + DAY
        yield datetime.combine(day, opens, zone).astimezone(UTC), datetime.combine(last, closes, zone).astimezone(UTC)


@lru_cache(maxsize=2048)
def _month(calendar: Calendar, first: date) -> tuple[Interval, ...]:
    """The opening intervals that begin in the local month of day `first`, in order and free of overlaps (they may touch)."""
    # a night shift may reach into the day after it, also into the first day of a month
    taken_until = max((closed for _, closed in _intervals(calendar, first - DAY)), default=_midnight(calendar, first - DAY))
    intervals = []
    for n in range((_next_month(first) - first).days):
        for opened, closed in _intervals(calendar, first + n * DAY):
            if (opened := max(opened, taken_until)) < closed:
                intervals.append((opened, closed))
                taken_until = closed
    return tuple(intervals)


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _openings(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Opening intervals cut to [start, end), in order; both in UTC."""
    zone = _zone(calendar)
    first = (start - DAY).astimezone(zone).date().replace(day=1)  # a night shift of the day before may reach into this one
    last = end.astimezone(zone).date()
    while first <= last:
        intervals = _month(calendar, first)
        for opened, closed in intervals[bisect_right(intervals, start, key=itemgetter(1)) :]:
            if opened >= end:
                return
            yield max(opened, start), min(closed, end)
        first = _next_month(first)


def _horizon(calendar: Calendar, start: datetime) -> datetime:
    """How far a search from `start` goes before it gives up; without weekly hours, to the last extra open day."""
    if any(calendar.week):
        return start + HORIZON
    return max((_midnight(calendar, day + 2 * DAY) for day, _ in calendar.open_days), default=start)


def _counted(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause]) -> Iterator[Interval]:
    """The parts of [start, end) that are in opening hours and in no pause, in order. Pauses may overlap and come in any order."""
    standing = sorted((_utc(pause.start), _utc(pause.end or LAST)) for pause in pauses)
    for opened, closed in _openings(calendar, start, end):
        begin = opened
        for pause_start, pause_end in standing:
            if pause_end <= begin:
                continue
            if pause_start >= closed:
                break
            if begin < pause_start:
                yield begin, pause_start
            begin = pause_end
        if begin < closed:
            yield begin, closed


def _working_day(calendar: Calendar) -> timedelta:
    """How long an opening day is: see `budget_time`. A week without hours falls back on the extra open days."""
    for days in (calendar.week, tuple(hours for _, hours in calendar.open_days)):
        lengths = Counter(length for hours in days if (length := _length(hours)))
        if lengths:
            return max(lengths, key=lambda length: (lengths[length], length))
    raise NeverOpen("a budget in days needs at least one opening day: check the configured opening hours")


def _length(hours: Hours) -> timedelta:
    """The working time of a day without a clock change."""
    monday = datetime(2001, 1, 1, tzinfo=UTC)
    return used(Calendar("UTC", (hours, *((),) * 6), polish_holidays=False), monday, monday + 2 * DAY)


def _kind_at(calendar: Calendar, at: datetime, paused: Sequence[Interval]) -> tuple[StretchKind, str]:
    """What an instant is, and the holiday's name."""
    if any(start <= at < end for start, end in paused):
        return StretchKind.PAUSED, ""
    if is_open(calendar, at):
        return StretchKind.COUNTED, ""
    day = at.astimezone(_zone(calendar)).date()
    if _hours(calendar, day):
        return StretchKind.CLOSED, ""
    if name := _holiday(calendar, day):
        return StretchKind.HOLIDAY, name
    return (StretchKind.DAY_OFF if day in calendar.closed_days else StretchKind.CLOSED), ""
