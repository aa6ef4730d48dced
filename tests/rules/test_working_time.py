"""The fourteen properties of working time, each over MAILBOT_EXAMPLES examples (200 unless told; 10,000 before a release)."""

from __future__ import annotations

import os
import time as clocks
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mailbot.model.deadline import Pause, StretchKind
from mailbot.model.service import Budget, Calendar
from mailbot.rules.working_time import (
    NeverOpen,
    budget_time,
    due,
    explain,
    holiday_days,
    is_closing,
    is_open,
    mornings_after,
    next_opening,
    opening_on,
    used,
)
from tests.support import time_oracle
from tests.support.time_oracle import utc

thorough = settings(
    max_examples=int(os.environ.get("MAILBOT_EXAMPLES", "200")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OFFICE = Calendar()
ALWAYS = Calendar(week=(((time(0), time(0)),),) * 7, polish_holidays=False)
EMPTY_WEEK = ((),) * 7
WINDOWS = (utc("2026-03-19 00:00"), utc("2026-10-15 00:00"), utc("2026-12-14 00:00"))  # three weeks each around what is difficult


def lengths(most: timedelta) -> st.SearchStrategy[timedelta]:
    """Quarters of an hour, so that edges are hit often, and a little more, so that they are missed narrowly. Few draws: 10,000 are many."""
    tails = st.sampled_from([timedelta(0), timedelta(0), timedelta.resolution, timedelta(minutes=7, seconds=30)])
    return st.builds(lambda quarters, tail: quarters * 15 * MINUTE + tail, st.integers(0, most // (15 * MINUTE)), tails)


days = st.integers(0, 5 * 365).map(lambda count: date(2024, 1, 1) + timedelta(days=count))
instants = lengths(timedelta(days=5 * 365)).map(lambda length: utc("2024-01-01 00:00") + length)
budgets = lengths(60 * HOUR)
spans = lengths(timedelta(days=12))
# A few hard days, so that an example costs few draws. No edge lies inside the hour that a clock change skips or repeats: there
# the wall clock does not say what is meant.
DAYS = tuple(
    tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, _, closes in (span.partition("-") for span in day.split()))
    for day in (
        "",  # closed
        "08:00-17:00",  # the office
        "08:00-12:00 12:30-17:00",  # lunch
        "13:00-17:00 08:00-12:00",  # out of order
        "09:00-14:00 11:00-15:59",  # overlapping
        "08:00-12:00 12:00-16:00",  # touching
        "23:30-23:59",
        "00:00-02:00",  # up to the clock change
        "01:01-03:00",  # over it
        "03:00-04:30",  # from it
        "00:00-00:00",  # the whole day
        "17:00-17:00",  # around the clock from the evening on
        "22:00-06:00",  # a night shift
        "05:00-07:30 22:00-06:00",  # that the one before reaches into
        "20:00-00:00",
    )
)
hours = st.sampled_from(DAYS)


@st.composite
def calendars(
    draw: st.DrawFn, near: st.SearchStrategy[date] = days, zones: tuple[str, ...] = ("Europe/Warsaw", "America/New_York", "UTC")
) -> Calendar:
    """The office as it is, or any week with exceptions, lunch breaks and night shifts that may overlap."""
    exceptions = {
        "closed_days": draw(st.frozensets(near, max_size=3)),
        "open_days": tuple(sorted(draw(st.dictionaries(near, hours, max_size=3)).items())),
        "polish_holidays": draw(st.booleans()),
        "zone": draw(st.sampled_from(zones)),
    }
    week = draw(st.just(OFFICE.week) | st.tuples(*[hours] * 7).filter(any))
    return Calendar(week=week, **exceptions)


@st.composite
def pauses_from(draw: st.DrawFn, start: datetime) -> tuple[Pause, ...]:
    """Up to four pauses around and after an instant; they overlap, touch and come in any order."""
    begins = draw(st.lists(st.tuples(spans, spans), max_size=4))
    early = start - timedelta(days=2)
    return tuple(Pause(early + offset, early + offset + length) for offset, length in begins)


@given(calendars(), instants, budgets, st.data())
@thorough
def test_01_what_is_due_has_used_the_budget(calendar, start, budget, data):
    pauses = data.draw(pauses_from(start))
    assert used(calendar, start, due(calendar, start, budget, pauses), pauses) == budget


@given(calendars(), instants, spans, budgets, st.data())
@thorough
def test_02_more_budget_and_a_later_start_are_never_due_earlier(calendar, start, later, budget, data):
    pauses, more = data.draw(pauses_from(start)), data.draw(budgets)
    assert due(calendar, start, budget, pauses) <= due(calendar, start, budget + more, pauses)
    assert due(calendar, start, budget, pauses) <= due(calendar, start + later, budget, pauses)
    assert start <= due(calendar, start, budget, pauses)


@given(calendars(), instants, spans, spans, st.data())
@thorough
def test_03_used_time_adds_up(calendar, start, first, second, data):
    pauses = data.draw(pauses_from(start))
    middle, end = start + first, start + first + second
    assert used(calendar, start, end, pauses) == used(calendar, start, middle, pauses) + used(calendar, middle, end, pauses)


@given(calendars(), instants, spans.map(lambda span: span - timedelta(days=2)), st.data())
@thorough
def test_04_used_time_is_within_the_time_that_passed(calendar, start, span, data):
    pauses = data.draw(pauses_from(start))
    assert timedelta(0) <= used(calendar, start, start + span, pauses) <= max(span, timedelta(0))


@given(calendars(), instants, budgets)
@thorough
def test_05_due_lies_in_opening_hours_or_at_their_end(calendar, start, budget):
    at = due(calendar, start, budget)
    assert is_open(calendar, at) or (budget and is_closing(calendar, at))


@given(calendars(), instants, budgets, spans, st.data())
@thorough
def test_06_a_pause_outside_opening_hours_changes_nothing(calendar, start, budget, offset, data):
    at = start + offset
    assume(not is_open(calendar, at))
    nightly = Pause(at, min(at + data.draw(spans), next_opening(calendar, at)))
    pauses = data.draw(pauses_from(start))
    assert due(calendar, start, budget, (*pauses, nightly)) == due(calendar, start, budget, pauses)


@given(calendars(), instants, budgets, st.floats(0, 1, exclude_max=True), spans)
@thorough
def test_07_a_pause_moves_due_by_its_working_time_exactly(calendar, start, budget, share, length):
    begin = start + (due(calendar, start, budget) - start) * share
    assume(begin < due(calendar, start, budget))
    pause = Pause(begin, begin + length)
    cost = used(calendar, pause.start, pause.end)
    if budget:
        assert due(calendar, start, budget, (pause,)) == due(calendar, start, budget + cost)
    else:
        assert due(calendar, start, budget, (pause,)) == next_opening(calendar, max(start, pause.end))


@given(calendars(), instants, budgets, st.integers(0, 30))
@thorough
def test_08_a_further_holiday_never_makes_due_earlier(calendar, start, budget, offset):
    holiday = (start + timedelta(days=offset)).date()
    poorer = replace(calendar, closed_days=calendar.closed_days | {holiday})
    assert due(poorer, start, budget) >= due(calendar, start, budget)


@given(st.sampled_from(["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "UTC"]), instants | st.sampled_from(WINDOWS), spans)
@thorough
def test_09_a_calendar_around_the_clock_is_plain_utc_arithmetic(zone, start, budget):
    calendar = replace(ALWAYS, zone=zone)
    assert due(calendar, start, budget) == start + budget
    assert used(calendar, start, start + budget) == budget


@given(calendars(), instants.map(lambda at: at.replace(tzinfo=None)), budgets, st.integers(-12, 12), st.integers(-12, 12))
@thorough
def test_10_moving_calendar_and_input_to_another_zone_moves_due_along(calendar, local, budget, one, other):
    def due_on_the_wall(zone: str, day: datetime) -> datetime:
        moved = replace(calendar, zone=zone)
        return due(moved, day.replace(tzinfo=ZoneInfo(zone)), budget).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    assert due_on_the_wall(f"Etc/GMT{one:+d}", local) == due_on_the_wall(f"Etc/GMT{other:+d}", local)
    summer = local.replace(month=6, day=min(local.day, 30))
    in_warsaw = due_on_the_wall("Europe/Warsaw", summer)
    if in_warsaw < datetime(summer.year, 10, 24):  # noqa: DTZ001 - on the wall
        assert in_warsaw == due_on_the_wall("Etc/GMT-2", summer)


@given(calendars(), instants, budgets, st.data())
@thorough
def test_11_pauses_count_as_their_union(calendar, start, budget, data):
    pauses = data.draw(pauses_from(start))
    expected = due(calendar, start, budget, pauses)
    assert due(calendar, start, budget, tuple(data.draw(st.permutations(pauses)))) == expected
    middles = [pause.start + (pause.end - pause.start) / 3 for pause in pauses]
    pieces = [
        piece for pause, middle in zip(pauses, middles, strict=True) for piece in (Pause(pause.start, middle), Pause(middle, pause.end))
    ]
    assert due(calendar, start, budget, (*pieces, *pauses[:1])) == expected


@given(st.sampled_from(WINDOWS), st.data())
@thorough
def test_12_a_count_of_every_minute_comes_to_the_same(window, data):
    near = st.dates(window.date(), (window + timedelta(days=21)).date())
    calendar = data.draw(calendars(near=near, zones=("Europe/Warsaw",)))
    minutes = st.integers(0, 18 * 24 * 60).map(lambda count: window + count * MINUTE)
    start = data.draw(minutes)
    spells = data.draw(
        st.lists(st.tuples(minutes, st.integers(0, 3000)), max_size=3).map(lambda all_: [(at, at + n * MINUTE) for at, n in all_])
    )
    pauses = tuple(Pause(*spell) for spell in spells)
    end = start + data.draw(st.integers(0, 5000)) * MINUTE
    assert used(calendar, start, end, pauses) == time_oracle.used(calendar, start, end, spells)
    budget = data.draw(st.integers(0, 1500)) * MINUTE
    give_up = window + timedelta(days=21)
    expected = time_oracle.due(calendar, start, budget, spells, give_up)
    found = due(calendar, start, budget, pauses)
    assert found == expected if expected else found >= give_up


@given(instants, budgets, days, hours, st.sampled_from(["Europe/Warsaw", "UTC"]))
@thorough
def test_13_a_calendar_that_never_opens_is_a_clear_error(start, budget, day, opening, zone):
    empty = Calendar(zone, EMPTY_WEEK)
    with pytest.raises(NeverOpen, match="check the configured hours"):
        due(empty, start, budget)
    with pytest.raises(NeverOpen):
        next_opening(empty, start)
    with pytest.raises(NeverOpen):
        next(mornings_after(empty, start))
    with pytest.raises(NeverOpen):
        budget_time(empty, Budget(days=1))
    assert used(empty, start, start + timedelta(days=400)) == timedelta(0)
    assert not is_open(empty, start)
    with pytest.raises(NeverOpen):  # open once, but not for long enough
        due(replace(empty, open_days=((day, opening),)), start, 48 * HOUR + budget)


@given(instants, st.integers(2520, 2540), budgets, st.data())
@thorough
def test_14_ten_years_ahead_take_less_than_ten_milliseconds(start, working_days, budget, data):
    pauses = data.draw(pauses_from(start))
    at, tries = None, []
    while not tries or (min(tries) >= 0.010 and len(tries) < 3):  # the very first fills the cache, and the machine has other work
        began = clocks.process_time()
        at = due(OFFICE, start, working_days * 9 * HOUR + budget, pauses)
        tries.append(clocks.process_time() - began)
    assert at >= start + timedelta(days=3640)
    assert min(tries) < 0.010


@given(calendars(), instants, spans, st.data())
@thorough
def test_an_explanation_covers_everything_and_adds_up(calendar, start, span, data):
    pauses = data.draw(pauses_from(start))
    stretches = explain(calendar, start, start + span, pauses)
    assert [start, *(s.end for s in stretches)] == [*(s.start for s in stretches), start + span]
    counted = [s for s in stretches if s.kind is StretchKind.COUNTED]
    assert sum((s.end - s.start for s in counted), timedelta(0)) == used(calendar, start, start + span, pauses)
    assert all((one.kind, one.name) != (other.kind, other.name) for one, other in pairwise(stretches))
    assert all(s.start < s.end for s in stretches)


@given(calendars(), instants)
@thorough
def test_mornings_are_the_first_openings_of_their_days(calendar, after):
    by_day = replace(
        calendar, week=OFFICE.week, open_days=tuple((day, tuple((a, b) for a, b in hours_ if a < b)) for day, hours_ in calendar.open_days)
    )
    zone = ZoneInfo(calendar.zone)
    days_ahead = (after.astimezone(zone).date() + timedelta(days=n) for n in range(30))
    opens = [(day, min((opens for opens, _ in time_oracle.hours_of(by_day, day)), default=None)) for day in days_ahead]
    expected = [at for day, opening in opens if opening and (at := datetime.combine(day, opening, zone).astimezone(UTC)) > after]
    found = mornings_after(by_day, after)
    assert [next(found) for _ in expected] == expected
    assert next(mornings_after(by_day, expected[0])) == expected[1]


def test_explanation_of_christmas_names_each_day():
    stretches = explain(OFFICE, utc("2026-12-23 15:00"), utc("2026-12-28 12:00"), (Pause(utc("2026-12-28 09:00")),))
    assert [(s.kind.value, s.name, s.end) for s in stretches] == [
        ("counted", "", utc("2026-12-23 16:00")),
        ("closed", "", utc("2026-12-23 23:00")),
        ("holiday", "Wigilia Bożego Narodzenia", utc("2026-12-24 23:00")),
        ("holiday", "Boże Narodzenie (pierwszy dzień)", utc("2026-12-25 23:00")),
        ("holiday", "Boże Narodzenie (drugi dzień)", utc("2026-12-26 23:00")),
        ("closed", "", utc("2026-12-28 07:00")),
        ("counted", "", utc("2026-12-28 09:00")),
        ("paused", "", utc("2026-12-28 12:00")),
    ]


def test_explanation_tells_a_day_off_from_a_weekend():
    calendar = replace(OFFICE, closed_days=frozenset({date(2026, 10, 16)}))  # a Friday
    kinds = [s.kind.value for s in explain(calendar, utc("2026-10-15 14:00"), utc("2026-10-17 12:00"))]
    assert kinds == ["counted", "closed", "day_off", "closed"]
    assert explain(calendar, utc("2026-10-15 15:00"), utc("2026-10-15 15:00")) == ()


def test_naive_instants_are_refused():
    naive = datetime(2026, 10, 12, 9)  # noqa: DTZ001
    for call in (lambda: due(OFFICE, naive, HOUR), lambda: used(OFFICE, utc("2026-10-12 09:00"), naive), lambda: is_open(OFFICE, naive)):
        with pytest.raises(ValueError, match="time zone"):
            call()
    with pytest.raises(ValueError, match="time zone"):
        Pause(naive)


def test_local_input_is_answered_in_utc():
    local = datetime(2026, 10, 12, 9, tzinfo=ZoneInfo("Europe/Warsaw"))
    assert due(OFFICE, local, HOUR) == utc("2026-10-12 08:00")
    assert due(OFFICE, local, HOUR).tzinfo is UTC


def test_negative_budgets_and_open_pauses_are_refused_by_due_but_an_open_pause_can_be_measured():
    start = utc("2026-10-12 06:00")
    with pytest.raises(ValueError, match="negative"):
        due(OFFICE, start, -HOUR)
    with pytest.raises(ValueError, match="still open"):
        due(OFFICE, start, HOUR, (Pause(start),))
    assert used(OFFICE, start, utc("2026-10-13 10:00"), (Pause(utc("2026-10-12 08:00")),)) == 2 * HOUR


@pytest.mark.parametrize(
    ("at", "opened", "closing"),
    [("05:59:59", False, False), ("06:00", True, False), ("14:59:59.999999", True, False), ("15:00", False, True), ("15:01", False, False)],
)
def test_hours_are_half_open(at, opened, closing):
    instant = utc(f"2026-10-12 {at}")
    assert (is_open(OFFICE, instant), is_closing(OFFICE, instant)) == (opened, closing)


def test_a_day_is_the_most_common_length_of_an_opening_day_and_the_longer_on_a_tie():
    nine, six, four = ((time(8), time(17)),), ((time(8), time(14)),), ((time(9), time(11)), (time(12), time(14)))
    assert budget_time(OFFICE, Budget(days=2, hours=1, minutes=30)) == timedelta(hours=19.5)
    assert budget_time(replace(OFFICE, week=(nine, nine, nine, nine, six, (), ())), Budget(days=1)) == 9 * HOUR
    assert budget_time(replace(OFFICE, week=(nine, nine, four, four, (), (), ())), Budget(days=1)) == 9 * HOUR
    assert budget_time(replace(OFFICE, week=EMPTY_WEEK, open_days=((date(2026, 1, 2), six),)), Budget(days=1)) == 6 * HOUR
    assert budget_time(ALWAYS, Budget(days=1)) == 24 * HOUR
    assert budget_time(replace(OFFICE, week=EMPTY_WEEK), Budget(hours=2)) == 2 * HOUR


def test_hours_of_an_open_day_beat_holiday_day_off_and_weekday():
    short = ((time(9), time(12)),)
    christmas, monday, saturday = date(2026, 12, 24), date(2026, 10, 12), date(2026, 10, 17)
    calendar = replace(OFFICE, open_days=tuple((day, short) for day in (monday, saturday, christmas)), closed_days=frozenset({monday}))
    assert opening_on(calendar, christmas) == ((utc("2026-12-24 08:00"), utc("2026-12-24 11:00")),)
    assert opening_on(calendar, monday) == ((utc("2026-10-12 07:00"), utc("2026-10-12 10:00")),)
    assert opening_on(calendar, saturday) == ((utc("2026-10-17 07:00"), utc("2026-10-17 10:00")),)


def test_night_shifts_reach_into_the_next_day_and_year_without_counting_twice():
    calendar = replace(OFFICE, week=(((time(22), time(6)),),) * 7, polish_holidays=False, zone="UTC")
    assert is_open(calendar, utc("2027-01-01 03:00"))
    assert used(calendar, utc("2026-12-31 12:00"), utc("2027-01-01 12:00")) == 8 * HOUR
    overlapping = replace(calendar, week=(((time(5), time(7)), (time(22), time(6))),) * 7)
    assert used(overlapping, utc("2026-12-31 12:00"), utc("2027-01-01 12:00")) == 9 * HOUR
    assert budget_time(overlapping, Budget(days=1)) == 10 * HOUR


def test_public_holidays_equal_the_act():
    found = holiday_days(range(2012, 2041))
    assert found.keys() == {day for year in range(2012, 2041) for day in time_oracle.polish_holidays(year)}
    assert date(2024, 12, 24) not in found
    assert found[date(2026, 12, 24)] == "Wigilia Bożego Narodzenia"
    assert is_open(OFFICE, utc("2026-12-31 10:00"))  # New Year's Eve is a working day
