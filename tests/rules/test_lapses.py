"""Time passes, letters arrive or do not: reminders that merge, patience with a customer, customers who were not reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.deadline import Cycle, Pause, Timer
from mailbot.model.event import Delivered, DeliveryFailed, TimePassed
from mailbot.model.facts import Flag, Impact, Item
from mailbot.model.known import Known
from mailbot.model.mail import DeliveryStatus, MailKind, Report
from mailbot.model.plan import Bounced, CancelUnsent, Consequence, DoneTimers, Mute
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import sla
from mailbot.rules.decide import decide
from mailbot.rules.planning import timers_of
from tests.build import a_mail, a_reading, a_ticket, an_arrival
from tests.rules.outcome import BOSS, HOUSE, TEAM, Outcome, a_notice, what_follows

START = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)  # Monday 8:00
HOUR = timedelta(hours=1)
ASKED = a_ticket(facts=a_reading(company=None).facts, asked=(Item.COMPANY,), questions=1, status=Status.OPEN)


def passes(ticket: Ticket, now: datetime, *, done: tuple[str, ...] = ()) -> Outcome:
    """What follows when all that is due by then is taken up at once."""
    due = tuple(timer for timer in timers_of(ticket, HOUSE) if timer.at <= now and timer.stage not in done)
    return Outcome(decide(ticket, TimePassed(due), HOUSE, now, "cause"))


def stages_done(then: Outcome) -> tuple[str, ...]:
    (done,) = (effect.stages for effect in then.plan.effects if isinstance(effect, DoneTimers))
    return done


# ---- reminders to staff -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "stage", "percent", "to_managers"),
    [(3, "sla:50", 50, False), (4.5, "sla:75", 75, False), (5.4, "sla:90", 90, True), (6, "sla:100", 100, True)],
)
def test_each_stage_is_a_mail_from_ninety_per_cent_also_to_managers(hours: float, stage: str, percent: int, to_managers: bool) -> None:
    before = tuple(timer.stage for timer in timers_of(a_ticket(), HOUSE) if timer.at < START + hours * HOUR)
    then = passes(a_ticket(), START + hours * HOUR, done=before)
    reminder = then.letter("sla_reminder")
    assert (reminder.percent, reminder.late_round, reminder.merged, reminder.stage_at) == (percent, 0, 0, None)
    assert then.told == [*TEAM, *([BOSS] if to_managers else [])]
    assert stages_done(then) == (stage,)
    assert then.drafts[0].key == f"sla_reminder:ticket:1:1:{stage}:technik@oxiprint.com"


def test_to_the_assignee_instead_of_the_team() -> None:
    assert passes(a_ticket(assignee="ewa@oxiprint.com"), START + 3 * HOUR).told == ["ewa@oxiprint.com"]
    assert passes(a_ticket(assignee="ewa@oxiprint.com"), START + 6 * HOUR).told == ["ewa@oxiprint.com", BOSS]


def test_who_what_until_when() -> None:
    reminder = passes(a_ticket(), START + 3 * HOUR).letter("sla_reminder")
    assert (reminder.left, reminder.overdue, reminder.due_at) == (3 * HOUR, None, START + 6 * HOUR)


def test_what_was_missed_while_down_is_one_mail_with_the_true_delay() -> None:
    thursday = START + timedelta(days=3, hours=2)  # 10:00; the case was due on Monday at 14:00
    then = passes(a_ticket(), thursday)
    reminder = then.letter("sla_reminder")
    assert then.to_staff == [f"sla_reminder {email}" for email in (*TEAM, BOSS)]
    assert (reminder.percent, reminder.late_round, reminder.merged, reminder.stage_at) == (100, 3, 6, START + 3 * HOUR)
    assert reminder.overdue == timedelta(hours=3 + 9 + 9 + 2)
    assert stages_done(then) == ("sla:50", "sla:75", "sla:90", "sla:100", "sla:late:1", "sla:late:2", "sla:late:3")


def test_a_critical_case_is_reminded_of_each_working_hour() -> None:
    critical = a_ticket(cycle=Cycle(1, START, Impact.CRITICAL))
    on_time = ("sla:50", "sla:75", "sla:90", "sla:100")
    then = passes(critical, START + 3 * HOUR, done=on_time)
    assert (then.letter("sla_reminder").late_round, then.letter("sla_reminder").overdue) == (1, HOUR)
    assert BOSS in then.told


def test_an_overdue_tickets_morning_reminder_is_its_line_in_the_digest() -> None:
    tuesday = START + timedelta(days=1)
    then = passes(a_ticket(), tuesday, done=("sla:50", "sla:75", "sla:90", "sla:100"))
    assert (then.drafts, stages_done(then)) == ([], ("sla:late:1",))
    assert "reminder: sla:late:1" in then.history


def test_an_impact_that_changes_merges_the_stages_already_past() -> None:
    critical = replace(a_ticket(), cycle=sla.change_impact(a_ticket().cycle, HOUSE, Impact.CRITICAL, START + 3 * HOUR))
    then = passes(critical, START + 3 * HOUR)
    assert (len(then.drafts), then.letter("sla_reminder").merged) == (3, 4)
    assert {draft.key.split(":")[3] for draft in then.drafts} == {"2"}  # the new cycle's


@pytest.mark.parametrize("status", [Status.STARTED, Status.CLOSED, Status.REVIEW])
def test_no_reminder_of_what_does_not_wait(status: Status) -> None:
    ticket = a_ticket(status=status)
    assert timers_of(ticket, HOUSE) == ()
    late = Outcome(decide(ticket, TimePassed((Timer("sla:100", START),)), HOUSE, START + HOUR, "cause"))
    assert late.drafts == []


def test_a_stage_is_not_done_while_the_clock_is_paused() -> None:
    paused = replace(ASKED, cycle=Cycle(1, START, Impact.HIGH, (Pause(START + 2 * HOUR),)))
    then = Outcome(decide(paused, TimePassed((Timer("sla:50", START + HOUR),)), HOUSE, START + 3 * HOUR, "cause"))
    assert (then.drafts, stages_done(then)) == ([], ())


# ---- the customer's silence ---------------------------------------------------------------------------------------


def waits(**changes: object) -> Ticket:
    ticket = replace(ASKED, status=Status.WAITING, asked_at=START, cycle=Cycle(1, START, Impact.HIGH, (Pause(START),)))
    return replace(ticket, **changes)


def test_a_reminder_after_two_working_days_the_last_after_five_the_end_after_ten() -> None:
    stages = [(timer.stage, timer.at) for timer in timers_of(waits(), HOUSE)]
    assert stages == [
        ("customer:remind:1", datetime(2026, 10, 13, 15, 0, tzinfo=UTC)),
        ("customer:remind:2", datetime(2026, 10, 16, 15, 0, tzinfo=UTC)),
        ("customer:close", datetime(2026, 10, 23, 15, 0, tzinfo=UTC)),
    ]


def test_the_first_reminder_and_the_last() -> None:
    first = passes(waits(), datetime(2026, 10, 13, 15, 0, tzinfo=UTC))
    letter = first.letter("question_reminder")
    assert (first.sent, letter.missing, letter.last, letter.closes_on.isoformat()) == (
        ["question_reminder"],
        (Item.COMPANY,),
        False,
        "2026-10-23",
    )
    last = passes(waits(), datetime(2026, 10, 16, 15, 0, tzinfo=UTC), done=("customer:remind:1",))
    assert (last.letter("question_reminder").last, last.ticket.status, last.told) == (True, Status.WAITING, [])


def test_reminders_missed_while_down_are_one() -> None:
    then = passes(waits(), datetime(2026, 10, 19, 8, 0, tzinfo=UTC))
    assert (then.sent, stages_done(then), then.letter("question_reminder").last) == (
        ["question_reminder"],
        ("customer:remind:1", "customer:remind:2"),
        True,
    )


def test_closed_with_a_friendly_mail() -> None:
    then = passes(waits(), datetime(2026, 10, 23, 15, 0, tzinfo=UTC), done=("customer:remind:1", "customer:remind:2"))
    assert (then.sent, then.ticket.status, then.ticket.asked) == (["closing"], Status.CLOSED, ())
    assert (then.ticket.closed_why, then.letter("closing").missing) == ("no answer to our question", (Item.COMPANY,))


def test_never_a_critical_case() -> None:
    critical = waits(cycle=Cycle(1, START, Impact.CRITICAL))
    assert [timer for timer in timers_of(critical, HOUSE) if timer.stage.startswith("customer")] == []
    then = Outcome(decide(critical, TimePassed((Timer("customer:close", START),)), HOUSE, START + HOUR, "cause"))
    assert (then.sent, then.ticket.status) == ([], Status.WAITING)


def test_a_reminder_stands_in_the_customers_thread() -> None:
    then = passes(waits(thread=("<m1>",)), datetime(2026, 10, 13, 15, 0, tzinfo=UTC))
    assert then.drafts[0].thread.in_reply_to == "<m1>"


def test_a_muted_customer_is_not_reminded() -> None:
    then = passes(waits(silence="nadawca jest programem"), datetime(2026, 10, 13, 15, 0, tzinfo=UTC))
    assert (then.sent, [kind for kind, _ in then.suppressed]) == ([], ["question_reminder"])


# ---- a question reached the server, or not ------------------------------------------------------------------------


def ends(event: Delivered | DeliveryFailed, ticket: Ticket) -> Outcome:
    return Outcome(decide(ticket, event, HOUSE, START + HOUR, "outbox:5"))


def failed(kind: str = "question", report: Report | None = None) -> DeliveryFailed:
    return DeliveryFailed(5, kind, "jan.kowalski@drukarnia.example", START + HOUR, "550 5.1.1 no such user", report)


def test_an_accepted_question_pauses_the_clock() -> None:
    then = ends(Delivered(5, "question", START + HOUR), ASKED)
    assert (then.ticket.status, then.ticket.asked_at, then.due_at) == (Status.WAITING, START + HOUR, None)
    assert then.ticket.cycle.pauses == (Pause(START + HOUR),)
    assert then.stages == ["customer:remind:1", "customer:remind:2", "customer:close"]


def test_but_not_that_of_a_critical_case() -> None:
    then = ends(Delivered(5, "question", START + HOUR), replace(ASKED, cycle=Cycle(1, START, Impact.CRITICAL)))
    assert (then.ticket.status, then.due_at) == (Status.WAITING, START + 2 * HOUR)
    assert not [stage for stage in then.stages if stage.startswith("customer")]


def test_nor_of_one_in_danger_and_no_letter_reminds_or_closes_it() -> None:
    then = ends(Delivered(5, "question", START + HOUR), replace(ASKED, flags=frozenset({Flag.DANGER})))
    assert then.ticket.status is Status.WAITING
    assert not then.ticket.cycle.pauses
    assert then.due_at
    assert not [stage for stage in then.stages if stage.startswith("customer")]


@pytest.mark.parametrize(
    ("kind", "ticket"),
    [
        ("acknowledgement", ASKED),
        ("question", a_ticket()),  # answered in the meantime
        ("question", replace(ASKED, status=Status.STARTED)),
        ("question", waits()),  # told before
    ],
)
def test_nothing_else_does(kind: str, ticket: Ticket) -> None:
    assert ends(Delivered(5, kind, START + HOUR), ticket).ticket == ticket


@pytest.mark.parametrize("ticket", [ASKED, waits()])
def test_a_question_that_failed_pauses_nothing_and_staff_phone(ticket: Ticket) -> None:
    then = ends(failed(), ticket)
    assert (then.ticket.status, then.ticket.asked, then.ticket.patience_ended) == (Status.OPEN, (), True)
    assert then.due_at is not None
    assert then.to_staff == [f"alarm {email}" for email in TEAM]
    assert "Nie dostarczono" in then.letter("alarm").lines[0]


def test_another_letter_that_failed_is_told_and_changes_nothing() -> None:
    then = ends(failed("acknowledgement"), a_ticket())
    assert (then.ticket, then.to_staff) == (a_ticket(), [f"alarm {email}" for email in TEAM])


# ---- bounces ------------------------------------------------------------------------------------------------------


def bounce(
    status: str = "5.1.1",
    *,
    recipient: str = "jan.kowalski@drukarnia.example",
    action: str = "failed",
    named: bool = True,
    ticket=None,
    **sent,
):
    ticket = ticket or waits()
    ours = a_notice(**{"recipient": "jan.kowalski@drukarnia.example", "kind": "question", "audience": "customer", **sent})
    report = Report("delivery-status", (DeliveryStatus(recipient, action, status, "no"),), ("<notice>",) if named else ())
    event = an_arrival(kind=MailKind.BOUNCE, at=START + HOUR)
    event = replace(event, mail=a_mail(sender="mailer-daemon@mx.example", report=report))
    return what_follows(event, ticket, known=Known(tickets=(ticket,), sent=(ours,)), now=START + HOUR)


def mutes(then: Outcome) -> list[Mute]:
    return [effect for effect in then.plan.effects if isinstance(effect, Mute)]


def test_a_bounced_question_lets_the_clock_run_and_mutes_a_dead_address() -> None:
    then = bounce()
    assert (then.test, then.ticket.status, then.ticket.asked, then.due_at is not None) == ("bounce", Status.OPEN, (), True)
    assert then.ticket.cycle.pauses == (Pause(START, START),)  # it has paused nothing
    (mute,) = mutes(then)
    assert (mute.address, mute.until) == ("jan.kowalski@drukarnia.example", START + HOUR + timedelta(days=60))
    assert [effect.outbox for effect in then.plan.effects if isinstance(effect, Bounced)] == [5]
    assert then.to_staff == [f"alarm {email}" for email in TEAM]
    assert (then.sent, then.concluded.consequence) == ([], Consequence.ATTACHED)
    assert [effect for effect in then.plan.effects if isinstance(effect, CancelUnsent)]


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7", ""])
def test_an_address_that_may_live_is_not_muted(status: str) -> None:
    then = bounce(status)
    assert (mutes(then), then.ticket.status, then.told) == ([], Status.OPEN, list(TEAM))


def test_nor_one_that_only_forwards_to_a_dead_one() -> None:
    assert mutes(bounce(recipient="prywatny@x.example")) == []


def test_a_report_without_our_secret_id_mutes_nobody() -> None:
    then = bounce(named=False)
    assert (mutes(then), [effect for effect in then.plan.effects if isinstance(effect, Bounced)]) == ([], [])
    assert then.told == list(TEAM)


def test_a_delay_is_only_kept() -> None:
    then = bounce("4.4.1", action="delayed")
    assert (then.ticket, then.drafts, mutes(then)) == (waits(), [], [])


def test_a_notice_that_came_back_is_only_kept() -> None:
    then = bounce(audience="staff", kind="new_ticket", recipient="technik@oxiprint.com")
    assert (then.ticket, then.drafts) == (waits(), [])


def test_what_bounced_without_a_ticket_is_ignored_with_its_reason() -> None:
    event = replace(
        an_arrival(kind=MailKind.BOUNCE), mail=a_mail(report=Report("delivery-status", (DeliveryStatus("a@b.example", "failed", "5.1.1"),)))
    )
    then = what_follows(event, known=Known(sent=(a_notice("szef@oxiprint.com", kind="digest", ticket=None),)))
    assert (then.concluded.consequence, then.concluded.reason) == (
        Consequence.IGNORED,
        "bounce of digest to szef@oxiprint.com: a@b.example: 5.1.1",
    )
