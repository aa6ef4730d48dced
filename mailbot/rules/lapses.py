"""Time passed, or a mail of ours met its end: reminders to staff (rule 9), patience with customers, customers not reached."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from mailbot.model.deadline import Timer
from mailbot.model.event import Delivered, DeliveryFailed
from mailbot.model.facts import Impact
from mailbot.model.letter import Closing, QuestionReminder, SlaReminder
from mailbot.model.mail import Report
from mailbot.model.plan import Bounced, DoneTimers, Mute
from mailbot.model.ticket import Status
from mailbot.rules import notices, sla
from mailbot.rules.acts import close_case
from mailbot.rules.bounce import Meaning, bounce_meaning
from mailbot.rules.planning import DESK, Planning, staff_of
from mailbot.rules.working_time import used

_NOTABLE_DELAY = timedelta(hours=1)


# ---- time ---------------------------------------------------------------------------------------------------------


def time_passed(planning: Planning, timers: tuple[Timer, ...]) -> None:
    """What is due on one ticket: at most one mail to staff, at most one to the customer; each stage is done for good."""
    ticket = planning.ticket
    planning.after.append(DoneTimers(ticket.id, ticket.cycle.number, tuple(timer.stage for timer in timers)))
    if ticket.status not in (Status.OPEN, Status.WAITING):
        return
    _remind_staff(planning, timers)
    waiting = [timer for timer in timers if timer.stage.startswith("customer:")]
    if waiting and ticket.asked and ticket.impact is not Impact.CRITICAL:
        _mind_customer(planning, waiting)


def _remind_staff(planning: Planning, timers: tuple[Timer, ...]) -> None:
    ticket, service = planning.ticket, planning.service
    reminder = sla.merge_reminders(ticket.cycle, service, timers, planning.now)
    if reminder is None:
        return
    planning.because(f"remind:{reminder.stage}")
    planning.note("reminder", f"{', '.join((*reminder.merged, reminder.stage))}")
    if reminder.in_digest:  # an overdue ticket's morning reminder is its line in the digest
        return
    who = staff_of(ticket, service)
    if reminder.to_managers:
        who = (*who, *service.managers)
    late = int(reminder.stage.removeprefix(sla.LATE_STAGE)) if reminder.stage.startswith(sla.LATE_STAGE) else 0
    overdue = reminder.delay.working if planning.now >= reminder.due_at else None
    left = None if overdue is not None else used(service.calendar, planning.now, reminder.due_at)
    missed = planning.now - timers[0].at > _NOTABLE_DELAY
    planning.cause = f"ticket:{ticket.id}:{ticket.cycle.number}:{reminder.stage}"
    planning.to_staff(
        lambda ticket: SlaReminder(
            ticket,
            100 if late else int(reminder.stage.removeprefix(sla.STAFF_STAGE)),
            late,
            reminder.due_at,
            planning.now,
            left,
            overdue,
            timers[0].at if missed else None,
            len(reminder.merged),
        ),
        who,
    )


def _mind_customer(planning: Planning, waiting: list[Timer]) -> None:
    """Remind the customer of the question once for all that fell due; close when the last day has passed."""
    ticket, service = planning.ticket, planning.service
    missing = ticket.missing
    stages = [timer.stage for timer in waiting]
    if sla.CUSTOMER_CLOSE in stages:
        planning.because("closed_without_answer")
        close_case(planning, "no answer to our question", DESK)
        planning.to_customer(lambda ticket: Closing(ticket, missing))
        return
    every = sla.customer_timers(ticket.asked_at or planning.now, ticket.impact, service, ticket.questions)
    last_reminder, closing = every[-2], every[-1]
    last = last_reminder.stage in stages
    planning.because("remind_customer")
    planning.note("customer_reminded", stages[-1])
    planning.cause = f"ticket:{ticket.id}:{ticket.cycle.number}:{stages[-1]}"
    day = closing.at.astimezone(ZoneInfo(service.calendar.zone)).date()
    planning.to_customer(lambda ticket: QuestionReminder(ticket, missing, last, day))


# ---- the end of a mail of ours ------------------------------------------------------------------------------------


def delivered(planning: Planning, event: Delivered) -> None:
    """The server accepted a question: the ticket waits for the customer, and for pausable levels so does the clock (rule 8)."""
    ticket = planning.ticket
    if event.kind != "question" or not ticket.asked or ticket.asked_at or ticket.status not in (Status.OPEN, Status.WAITING):
        return
    planning.because("question_delivered")
    planning.turn(Status.WAITING)
    planning.change(asked_at=event.at, cycle=sla.pause(ticket.cycle, planning.service, event.at))
    planning.note("waiting", f"the question was accepted by the server: {', '.join(ticket.asked)}")


def not_delivered(planning: Planning, event: DeliveryFailed) -> None:
    """The customer was not reached: a question pauses nothing any more, staff are told to phone, a dead address is muted."""
    ticket = planning.ticket
    planning.because("not_delivered")
    planning.note("not_delivered", f"{event.kind} to {event.recipient}: {event.reason}")
    if event.report is not None:
        planning.add(Bounced(event.outbox, event.reason))
    if is_dead(event.report):
        until = planning.now + planning.service.conversation.mute_for
        planning.add(Mute(event.recipient.lower(), until, f"not delivered: {event.reason}"))
    if event.kind in ("question", "question_reminder") and ticket.asked:
        planning.change(asked=(), asked_at=None, patience_ended=True, cycle=sla.resume(ticket.cycle, event.at))
        if ticket.status is Status.WAITING:
            planning.turn(Status.OPEN)
    planning.to_staff(lambda ticket: notices.not_delivered(ticket, event.kind, event.recipient, event.reason))


def is_dead(report: Report | None) -> bool:
    """Whether a report says that the address does not exist, or will not take our mail; None: the server refused it at once."""
    if report is None:
        return False
    return any(bounce_meaning(status.status, status.action) is Meaning.DEAD for status in report.deliveries)


def is_final(report: Report) -> bool:
    """Whether a report tells of a failure, and not of a delay that the server goes on with."""
    delayed = [bounce_meaning(status.status, status.action) is Meaning.DELAYED for status in report.deliveries]
    return not delayed or not all(delayed)
