"""The clock of a ticket: stages, pauses, change of impact, reopening, merged reminders, and the patience with a customer."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.deadline import Cycle, Delay, Pause, StretchKind, Timer
from mailbot.model.facts import Impact
from mailbot.model.service import Calendar
from mailbot.rules.sla import (
    change_impact,
    customer_timers,
    due_at,
    is_paused,
    may_send_reminder,
    merge_reminders,
    next_send_time,
    pause,
    reopen,
    resume,
    stages,
    tells_managers,
    timeline,
)
from mailbot.rules.working_time import budget_time
from tests.build import a_service

SERVICE = a_service()
OFFICE = SERVICE.calendar
WARSAW = ZoneInfo("Europe/Warsaw")

many = settings(max_examples=int(os.environ.get("MAILBOT_EXAMPLES", "200")), deadline=None)
impacts = st.sampled_from(Impact)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
spans = st.timedeltas(timedelta(0), timedelta(days=10))


def at(text: str) -> datetime:
    """Local time of Warsaw; a time alone is on Monday 12 October 2026."""
    full = text if " " in text else f"2026-10-12 {text}"
    return datetime.fromisoformat(full).replace(tzinfo=WARSAW)


def a_cycle(impact: Impact = Impact.HIGH, start: str = "08:00", *pauses: Pause) -> Cycle:
    return Cycle(1, at(start), impact, pauses)


def local(timers: tuple[Timer, ...]) -> dict[str, str]:
    return {timer.stage: f"{timer.at.astimezone(WARSAW):%m-%d %H:%M}" for timer in timers}


def test_stages_of_a_critical_case_come_each_working_hour_after_the_deadline():
    assert local(stages(a_cycle(Impact.CRITICAL, "14:30"), SERVICE)) == {
        "sla:50": "10-12 15:30",
        "sla:75": "10-12 16:00",
        "sla:90": "10-12 16:18",
        "sla:100": "10-12 16:30",
        "sla:late:1": "10-13 08:30",
        "sla:late:2": "10-13 09:30",
        "sla:late:3": "10-13 10:30",
        "sla:late:4": "10-13 11:30",
        "sla:late:5": "10-13 12:30",
        "sla:late:6": "10-13 13:30",
        "sla:late:7": "10-13 14:30",
        "sla:late:8": "10-13 15:30",
        "sla:late:9": "10-13 16:30",
        "sla:late:10": "10-14 08:30",
    }


def test_stages_of_other_cases_come_each_working_morning_after_the_deadline():
    # 50 % of two days is nine hours: the closing of the first day, not the next morning
    assert local(stages(a_cycle(Impact.MEDIUM, "2026-12-21 08:00"), SERVICE)) == {
        "sla:50": "12-21 17:00",
        "sla:75": "12-22 12:30",
        "sla:90": "12-22 15:12",
        "sla:100": "12-22 17:00",
        "sla:late:1": "12-23 08:00",
        "sla:late:2": "12-28 08:00",  # not on 24 to 27 December
        "sla:late:3": "12-29 08:00",
        "sla:late:4": "12-30 08:00",
        "sla:late:5": "12-31 08:00",
        "sla:late:6": "01-04 08:00",
        "sla:late:7": "01-05 08:00",
        "sla:late:8": "01-07 08:00",  # Epiphany is off
        "sla:late:9": "01-08 08:00",
        "sla:late:10": "01-11 08:00",
    }


def test_a_standing_question_stops_the_clock_and_the_answer_restarts_it():
    cycle = a_cycle(Impact.HIGH, "08:00")
    assert due_at(cycle, SERVICE) == at("14:00")
    asked = pause(cycle, SERVICE, at("09:00"))
    assert is_paused(asked, SERVICE)
    assert due_at(asked, SERVICE) is None
    assert stages(asked, SERVICE) == ()
    answered = resume(asked, at("11:00"))
    assert answered.number == cycle.number  # a pause keeps the cycle
    assert due_at(answered, SERVICE) == at("16:00")
    assert local(stages(answered, SERVICE))["sla:50"] == "10-12 13:00"


def test_pause_and_resume_can_be_repeated():
    asked = pause(a_cycle(), SERVICE, at("09:00"))
    assert pause(asked, SERVICE, at("10:00")) == asked
    answered = resume(asked, at("11:00"))
    assert resume(answered, at("12:00")) == answered
    twice = resume(pause(answered, SERVICE, at("12:00")), at("13:00"))
    assert due_at(twice, SERVICE) == at("17:00")  # 8-9, 11-12, 13-17


def test_an_answer_that_crossed_the_question_costs_no_pause():
    crossed = resume(pause(a_cycle(), SERVICE, at("09:00")), at("08:58"))
    assert not is_paused(crossed, SERVICE)
    assert due_at(crossed, SERVICE) == at("14:00")


def test_a_critical_case_is_never_paused():
    cycle = a_cycle(Impact.CRITICAL)
    assert pause(cycle, SERVICE, at("08:10")) == cycle


def test_becoming_critical_ends_the_pause_and_counts_from_the_original_start():
    asked = pause(a_cycle(Impact.MEDIUM), SERVICE, at("08:30"))
    critical = change_impact(asked, SERVICE, Impact.CRITICAL, at("11:00"))
    assert critical.number == 2
    assert not is_paused(critical, SERVICE)
    assert due_at(critical, SERVICE) == at("10:00")  # the wait of 2.5 h counts: a critical case never waits
    assert critical.pauses == (Pause(at("08:30"), at("11:00")),)
    back = change_impact(critical, SERVICE, Impact.HIGH, at("11:30"))
    assert back.number == 3
    assert due_at(back, SERVICE) == at("16:30")  # and does not for a level that may wait


def test_a_change_between_waiting_levels_keeps_the_pause_standing():
    asked = pause(a_cycle(Impact.MEDIUM), SERVICE, at("09:00"))
    high = change_impact(asked, SERVICE, Impact.HIGH, at("10:00"))
    assert is_paused(high, SERVICE)
    assert due_at(resume(high, at("10:30")), SERVICE) == at("15:30")


def test_a_question_that_stands_pauses_from_the_moment_that_the_case_is_no_longer_critical():
    critical = pause(a_cycle(Impact.CRITICAL), SERVICE, at("09:00"))
    high = change_impact(critical, SERVICE, Impact.HIGH, at("11:00"), at("09:00"))
    assert high.pauses == (Pause(at("11:00")),)
    assert change_impact(critical, SERVICE, Impact.HIGH, at("11:00")).pauses == ()
    crossed = change_impact(critical, SERVICE, Impact.HIGH, at("08:50"), at("09:00"))  # a mail from before the question
    assert crossed.pauses == (Pause(at("09:00")),)


def test_the_same_impact_again_changes_nothing():
    cycle = a_cycle(Impact.LOW)
    assert change_impact(cycle, SERVICE, Impact.LOW, at("10:00")) == cycle


def test_stages_already_past_at_a_change_of_impact_merge_into_one():
    critical = change_impact(a_cycle(Impact.MEDIUM), SERVICE, Impact.CRITICAL, at("09:50"))
    reminder = merge_reminders(critical, SERVICE, stages(critical, SERVICE), at("09:50"))
    assert (reminder.stage, reminder.merged) == ("sla:90", ("sla:50", "sla:75"))
    assert reminder.delay == Delay(timedelta(0), timedelta(0))


def test_reopening_gives_a_new_cycle_and_the_full_budget():
    old = resume(pause(a_cycle(Impact.LOW), SERVICE, at("09:00")), at("10:00"))
    again = reopen(old, at("2026-10-17 12:00"), Impact.HIGH)  # a Saturday
    assert again == Cycle(2, at("2026-10-17 12:00"), Impact.HIGH)
    assert due_at(again, SERVICE) == at("2026-10-19 14:00")


def test_reminders_missed_over_three_days_merge_into_one_with_the_true_delay():
    cycle = a_cycle(Impact.HIGH, "10:00")  # Monday, due at 16:00
    reminder = merge_reminders(cycle, SERVICE, stages(cycle, SERVICE), at("2026-10-15 09:00"))
    assert reminder.stage == "sla:late:3"
    assert reminder.merged == ("sla:50", "sla:75", "sla:90", "sla:100", "sla:late:1", "sla:late:2")
    assert reminder.due_at == at("16:00")
    assert reminder.delay == Delay(working=timedelta(hours=1 + 9 + 9 + 1), real=timedelta(days=2, hours=17))
    assert reminder.to_managers
    assert not reminder.in_digest  # the deadline itself was not told yet: a mail


def test_a_morning_after_the_deadline_is_a_line_of_the_digest_but_a_critical_hour_is_a_mail():
    for impact, in_digest in ((Impact.HIGH, True), (Impact.CRITICAL, False)):
        cycle = a_cycle(impact, "10:00")
        late = tuple(timer for timer in stages(cycle, SERVICE) if timer.stage == "sla:late:1")
        assert merge_reminders(cycle, SERVICE, late, at("2026-10-13 08:00")).in_digest is in_digest


def test_nothing_is_merged_when_nothing_is_due_or_the_clock_stands():
    cycle = a_cycle(Impact.HIGH)
    timers = (*stages(cycle, SERVICE), Timer("customer:remind:1", at("08:00")))
    assert merge_reminders(cycle, SERVICE, timers, at("10:59:59")) is None
    assert merge_reminders(cycle, SERVICE, timers, at("11:00")).stage == "sla:50"
    assert merge_reminders(pause(cycle, SERVICE, at("11:00")), SERVICE, timers, at("11:01")) is None


def test_a_wait_after_the_deadline_is_no_delay_of_ours_and_skips_mornings():
    cycle = a_cycle(Impact.HIGH, "08:00", Pause(at("15:00"), at("2026-10-14 10:00")))
    assert due_at(cycle, SERVICE) == at("14:00")
    late = local(stages(cycle, SERVICE))
    assert (late["sla:late:1"], late["sla:late:2"]) == ("10-15 08:00", "10-16 08:00")
    reminder = merge_reminders(cycle, SERVICE, stages(cycle, SERVICE), at("2026-10-15 08:00"))
    assert reminder.delay == Delay(working=timedelta(hours=1 + 7), real=timedelta(days=2, hours=18))


@pytest.mark.parametrize(
    ("stage", "told"), [("sla:50", False), ("sla:75", False), ("sla:90", True), ("sla:100", True), ("sla:late:1", True)]
)
def test_managers_are_told_from_ninety_per_cent_on(stage, told):
    assert tells_managers(stage) is told


@pytest.mark.parametrize(
    ("stage_at", "now", "allowed", "next_time"),
    [
        ("11:00", "11:00", True, "11:00"),
        ("11:00", "16:59:59", True, "16:59:59"),
        ("11:00", "17:00", False, "2026-10-13 08:00"),  # an early stage has no grace
        ("16:59", "17:00", False, "2026-10-13 08:00"),
        ("17:00", "17:00", True, "17:00"),  # due at closing
        ("17:00", "17:05", True, "17:05"),
        ("17:00", "17:05:00.000001", False, "2026-10-13 08:00"),
        ("17:00", "2026-10-13 07:59", False, "2026-10-13 08:00"),
        ("17:00", "2026-10-13 08:00", True, "2026-10-13 08:00"),
        ("17:01", "17:02", False, "2026-10-13 08:00"),  # nothing closes there
        ("2026-10-16 17:00", "2026-10-16 17:10", False, "2026-10-19 08:00"),
    ],
)
def test_reminders_go_in_opening_hours_with_five_minutes_for_what_is_due_at_closing(stage_at, now, allowed, next_time):
    assert may_send_reminder(OFFICE, at(stage_at), at(now)) is allowed
    assert next_send_time(OFFICE, at(stage_at), at(now)) == at(next_time)


def test_a_customer_is_reminded_after_two_and_five_working_days_and_let_go_after_ten():
    assert local(customer_timers(at("2026-10-09 15:30"), Impact.MEDIUM, SERVICE)) == {
        "customer:remind:1": "10-13 15:30",
        "customer:remind:2": "10-16 15:30",
        "customer:close": "10-23 15:30",
    }
    stages_of_second = [timer.stage for timer in customer_timers(at("09:00"), Impact.LOW, SERVICE, question=2)]
    assert stages_of_second == ["customer:remind:1:question:2", "customer:remind:2:question:2", "customer:close:question:2"]


def test_a_critical_customer_is_neither_reminded_nor_closed():
    assert customer_timers(at("09:00"), Impact.CRITICAL, SERVICE) == ()


def test_pause_levels_are_the_companys_choice():
    nobody_waits = a_service(sla=replace(SERVICE.sla, pause_levels=frozenset()))
    cycle = a_cycle(Impact.LOW)
    assert pause(cycle, nobody_waits, at("09:00")) == cycle
    standing = pause(cycle, SERVICE, at("09:00"))  # before the config was changed
    assert not is_paused(standing, nobody_waits)
    assert due_at(standing, nobody_waits) == at("2026-10-16 17:00")


def test_the_timeline_tells_why():
    cycle = a_cycle(Impact.HIGH, "15:00", Pause(at("16:00"), at("2026-10-13 09:00")))
    assert [(s.kind.value, f"{s.end.astimezone(WARSAW):%d %H:%M}") for s in timeline(cycle, SERVICE, at("15:30"))] == [
        ("counted", "12 16:00"),
        ("paused", "13 09:00"),
        ("counted", "13 14:00"),
    ]
    asked = pause(a_cycle(Impact.HIGH, "15:00"), SERVICE, at("16:00"))
    assert timeline(asked, SERVICE, at("16:45"))[-1].end == at("16:45")


def test_values_that_make_no_sense_cannot_be_built():
    with pytest.raises(ValueError, match="before it begins"):
        Pause(at("10:00"), at("09:00"))
    with pytest.raises(ValueError, match="only the last"):
        a_cycle(Impact.LOW, "08:00", Pause(at("09:00")), Pause(at("10:00"), at("11:00")))
    with pytest.raises(ValueError, match="time zone"):
        Cycle(1, datetime(2026, 10, 12), Impact.LOW)  # noqa: DTZ001


@st.composite
def histories(draw: st.DrawFn) -> Cycle:
    """A cycle after questions, answers and changes of impact, in the order of time."""
    now = draw(instants)
    cycle = Cycle(1, now, draw(impacts))
    for step in draw(st.lists(st.sampled_from(["ask", "answer", "change", "reopen"]), max_size=6)):
        now += draw(spans)
        if step == "ask":
            cycle = pause(cycle, SERVICE, now)
        elif step == "answer":
            cycle = resume(cycle, now)
        elif step == "change":
            cycle = change_impact(cycle, SERVICE, draw(impacts), now)
        else:
            cycle = reopen(cycle, now, draw(impacts))
    return cycle


@given(histories())
@many
def test_every_history_has_its_stages_in_order_and_within_what_may_be_sent(cycle):
    timers = stages(cycle, SERVICE)
    if due_at(cycle, SERVICE) is None:
        assert timers == ()
        return
    assert len(timers) == 14
    assert max(Counter(timer.stage for timer in timers).values()) == 1
    assert [timer.at for timer in timers] == sorted(timer.at for timer in timers)
    assert timers[3] == Timer("sla:100", due_at(cycle, SERVICE))
    assert all(may_send_reminder(OFFICE, timer.at, timer.at) for timer in timers)
    counted = [s.end - s.start for s in timeline(cycle, SERVICE, cycle.started_at) if s.kind is StretchKind.COUNTED]
    assert sum(counted, timedelta(0)) == budget_time(OFFICE, SERVICE.sla.target(cycle.impact))


@given(histories(), spans)
@many
def test_a_pause_after_a_stage_does_not_move_it(cycle, later):
    running = resume(cycle, cycle.started_at)
    before = stages(running, SERVICE)
    asked = before[3].at + later
    after = stages(resume(pause(running, SERVICE, asked), asked + timedelta(days=1)), SERVICE)
    assert [timer for timer in after if timer.at <= asked] == [timer for timer in before if timer.at <= asked]


@given(histories(), st.lists(spans, min_size=1, max_size=8))
@many
def test_however_often_the_sweep_comes_each_stage_is_told_once(cycle, gaps):
    now, done = cycle.started_at, []
    for gap in gaps:
        now += gap
        pending = [timer for timer in stages(cycle, SERVICE) if timer.stage not in done]
        if reminder := merge_reminders(cycle, SERVICE, pending, now):
            done += [*reminder.merged, reminder.stage]
    assert done == [timer.stage for timer in stages(cycle, SERVICE) if timer.at <= now]


def test_a_calendar_with_a_short_friday_still_has_days_of_nine_hours():
    short = Calendar(
        week=(*OFFICE.week[:4], ((OFFICE.week[0][0][0], at("14:00").time()),), (), ()), closed_days=frozenset({date(2026, 10, 14)})
    )
    cycle = a_cycle(Impact.MEDIUM, "2026-10-15 08:00")  # Thursday: 9 h, Friday 6 h, Monday 3 h
    assert due_at(cycle, a_service(calendar=short)) == at("2026-10-19 11:00")
