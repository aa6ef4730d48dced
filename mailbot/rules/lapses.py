"""Time passed, or a mail of ours met its end: reminders to staff (rule 9), patience with customers, customers not reached."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from mailbot.model.deadline import CUSTOMER_STAGE, Reminder, Timer
from mailbot.model.event import Delivered, DeliveryFailed
from mailbot.model.facts import Flag, Impact
from mailbot.model.letter import Closing, QuestionReminder, SlaReminder
from mailbot.model.mail import Report
from mailbot.model.plan import Bounced, DoneTimers, Mute
from mailbot.model.ticket import Status
from mailbot.rules import notices, sla
from mailbot.rules.acts import close_case, end_questions
from mailbot.rules.bounce import Meaning, bounce_meaning
from mailbot.rules.planning import DESK, QUESTION_KINDS, Planning, staff_of
from mailbot.rules.working_time import used

_NOTABLE_DELAY = timedelta(hours=1)


# ---- time ---------------------------------------------------------------------------------------------------------


def time_passed(planning: Planning, timers: tuple[Timer, ...]) -> None:
    """What is due on one ticket: at most one mail to staff, at most one to the customer; what had its effect is done for good."""
    ticket = planning.ticket
    if ticket.status not in (Status.OPEN, Status.WAITING):
        return
    staff = tuple(timer for timer in timers if timer.stage.startswith(sla.STAFF_STAGE))
    reminder = sla.merge_reminders(ticket.cycle, planning.service, staff, planning.now)
    done: tuple[str, ...] = ()
    if reminder is not None:
        done = (*reminder.merged, reminder.stage)
        _remind_staff(planning, reminder, staff)
    waiting = tuple(timer for timer in timers if timer.stage.startswith(CUSTOMER_STAGE))
    if waiting and ticket.asked and ticket.impact is not Impact.CRITICAL:
        done = (*done, *(timer.stage for timer in waiting))
        _mind_customer(planning, waiting)
    planning.add(DoneTimers(ticket.id, ticket.cycle.number, done))


def _remind_staff(planning: Planning, reminder: Reminder, timers: tuple[Timer, ...]) -> None:
    ticket, service = planning.ticket, planning.service
    planning.because(f"remind:{reminder.stage}")
    planning.note("reminder", f"{', '.join((*reminder.merged, reminder.stage))}")
    if reminder.in_digest:  # an overdue ticket's morning reminder is its line in the digest
        return
    late = int(reminder.stage.removeprefix(sla.LATE_STAGE)) if reminder.stage.startswith(sla.LATE_STAGE) else 0
    overdue = reminder.delay.working if planning.now >= reminder.due_at else None
    oldest = min(timer.at for timer in timers)
    planning.cause = f"ticket:{ticket.id}:{ticket.cycle.number}:{reminder.stage}"
    planning.to_staff(
        lambda ticket: SlaReminder(
            ticket,
            100 if late else int(reminder.stage.removeprefix(sla.STAFF_STAGE)),
            late,
            reminder.due_at,
            planning.now,
            None if overdue is not None else used(service.calendar, planning.now, reminder.due_at),
            overdue,
            oldest if planning.now - oldest > _NOTABLE_DELAY else None,
            len(reminder.merged),
        ),
        (*staff_of(ticket, service), *(service.managers if reminder.to_managers else ())),
    )


def _mind_customer(planning: Planning, waiting: tuple[Timer, ...]) -> None:
    """Remind the customer of the question once for all that fell due; close when the last day has passed."""
    ticket, service = planning.ticket, planning.service
    missing = ticket.missing
    stages = [timer.stage for timer in waiting]
    if any(stage.startswith(sla.CUSTOMER_CLOSE) for stage in stages):
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
    """The server accepted a question: the ticket waits for the customer, and so does the clock of pausable levels (rule 8).

    In danger it runs on: somebody must phone.
    """
    ticket = planning.ticket
    if event.kind != "question" or not ticket.asked or ticket.asked_at or ticket.status not in (Status.OPEN, Status.WAITING):
        return
    planning.because("question_delivered")
    planning.turn(Status.WAITING)
    cycle = ticket.cycle if Flag.DANGER in ticket.flags else sla.pause(ticket.cycle, planning.service, event.at)
    planning.change(asked_at=event.at, cycle=cycle)
    planning.note("waiting", f"the question was accepted by the server: {', '.join(ticket.asked)}")


def not_delivered(planning: Planning, event: DeliveryFailed, *, named: bool = True) -> None:
    """The customer was not reached: such a question has paused nothing, staff are told to phone, a dead address is muted.

    A report that does not name our mail by its id (`named`) mutes nobody: anyone could have written it.
    """
    ticket = planning.ticket
    planning.because("not_delivered")
    planning.note("not_delivered", f"{event.kind} to {event.recipient}: {event.reason}")
    if event.report is not None and named:
        planning.add(Bounced(event.outbox, event.reason))
        if is_dead(event.report, event.recipient):
            until = planning.now + planning.service.conversation.mute_for
            planning.add(Mute(event.recipient.lower(), until, f"poczta nie dochodzi na adres klienta: {event.reason}"))
    if event.kind in QUESTION_KINDS and ticket.asked:
        if event.kind == "question":
            planning.change(cycle=sla.annul(ticket.cycle))
        end_questions(planning)
    planning.to_staff(lambda ticket: notices.not_delivered(ticket, event.kind, event.recipient, event.reason))


def is_dead(report: Report, recipient: str) -> bool:
    """Whether a report says that this very address does not exist; one behind it, to which its owner forwards, says nothing of it."""
    return any(
        bounce_meaning(status.status, status.action) is Meaning.DEAD and status.recipient.lower() in ("", recipient.lower())
        for status in report.deliveries
    )


def is_final(report: Report) -> bool:
    """Whether a report tells of a failure, and not of a delay that the server goes on with."""
    delayed = [bounce_meaning(status.status, status.action) is Meaning.DELAYED for status in report.deliveries]
    return not delayed or not all(delayed)
