"""What is due now? Ends of our mails that nobody has heard of, timers of tickets, the morning digest. A missed tick costs lateness only."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailbot.errors import StaleTicket
from mailbot.fault import fault
from mailbot.log import log_line
from mailbot.model.deadline import Timer
from mailbot.model.event import Delivered, DeliveryFailed, TimePassed
from mailbot.model.letter import Audience, Digest, DigestLine, Draft
from mailbot.model.mail import Address
from mailbot.model.plan import Enqueue, Plan
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import sla
from mailbot.rules.decide import decide
from mailbot.rules.planning import whole_team
from mailbot.rules.working_time import is_open, opening_on, used
from mailbot.steps.desk import Desk
from mailbot.store import outbox, tickets
from mailbot.store.installation import read_setting, write_setting

log = logging.getLogger("mailbot.sweep")

_BATCH = 100
_DIGEST = "digest"


def one_pass(desk: Desk) -> int:
    """Settle ends, remind, write the digest; returns how many things were done."""
    with desk.database.write() as connection:
        lost = outbox.recover(connection, now=desk.clock.now())
    return lost + settle(desk) + remind(desk) + digest(desk)


# ---- ends of our mails --------------------------------------------------------------------------------------------


def settle(desk: Desk) -> int:
    """Tell `decide` of each mail that the server took or refused."""
    with desk.database.read() as connection:
        rows = outbox.unsettled(connection, _BATCH)
    for row in rows:
        if row["audience"] == Audience.STAFF.value or row["ticket_id"] is None:
            log.error(log_line("notice not delivered", outbox=row["id"], recipient=row["recipient"], reason=row["reason"]))
            with desk.database.write() as connection:
                outbox.settle(connection, row["id"])
        elif row["state"] == "sent":
            _apply(desk, row["ticket_id"], Delivered(row["id"], row["kind"], row["sent_at"]), settles=row["id"])
        else:
            failed = DeliveryFailed(row["id"], row["kind"], row["recipient"], desk.clock.now(), row["reason"])
            _apply(desk, row["ticket_id"], failed, settles=row["id"])
    return len(rows)


# ---- timers -------------------------------------------------------------------------------------------------------


def remind(desk: Desk) -> int:
    """One mail a ticket for all that fell due, in opening hours; a stage of the closing minute may go five minutes later."""
    now, calendar = desk.clock.now(), desk.service.calendar
    if not is_open(calendar, now) and not is_open(calendar, now - sla.GRACE - timedelta(seconds=1)):
        return 0
    with desk.database.read() as connection:
        due = tickets.due_timers(connection, now, limit=_BATCH)
    done = 0
    for ticket_id, timers in due:
        allowed = tuple(timer for timer in timers if sla.may_send_reminder(calendar, timer.at, now))
        if allowed:
            _apply(desk, ticket_id, TimePassed(allowed))
            done += 1
    return done


def _apply(desk: Desk, ticket_id: int, event: Delivered | DeliveryFailed | TimePassed, *, settles: int | None = None) -> None:
    """Load, decide, apply in one transaction; what went stale meanwhile is left for the next pass."""
    now = desk.clock.now()
    try:
        with desk.database.write() as connection:
            if isinstance(event, TimePassed):
                event = TimePassed(tickets.still_waiting(connection, ticket_id, event.timers))
            for ticket in tickets.load(connection, [ticket_id]):
                cause = f"outbox:{settles}" if settles else _cause(ticket, event)
                plan = decide(ticket, event, desk.service, now, cause)
                desk.carry_out(connection, plan, now)
                log.info(log_line(type(event).__name__.lower(), ticket=ticket.number, rules="+".join(plan.rules) or None))
            if settles is not None:
                outbox.settle(connection, settles)
            fault("sweep.commit")
        fault("swept")
    except StaleTicket as stale:
        log.info(log_line("stale", ticket=ticket_id, reason=stale))


def _cause(ticket: Ticket, event: object) -> str:
    timers: tuple[Timer, ...] = getattr(event, "timers", ())
    return f"ticket:{ticket.id}:{ticket.cycle.number}:{timers[-1].stage if timers else 'nothing'}"


# ---- the morning --------------------------------------------------------------------------------------------------


def digest(desk: Desk) -> int:
    """Once each working day from its opening on: what is overdue, due today, waiting, to review. An empty one is not sent."""
    now, service = desk.clock.now(), desk.service
    local = now.astimezone(ZoneInfo(service.calendar.zone))
    today = local.date()
    openings = opening_on(service.calendar, today)
    if not openings or now < openings[0][0] or now > openings[-1][1]:
        return 0
    with desk.database.read() as connection:
        if read_setting(connection, _DIGEST) == today.isoformat():
            return 0
        listed = tickets.waiting_digest(connection, openings[-1][1] + timedelta(seconds=1))
    letter = _digest(desk, today, listed, now)
    drafts: tuple[Draft, ...] = ()
    if letter.overdue or letter.due_today or letter.waiting or letter.review:
        recipients = dict.fromkeys((*whole_team(service), *(email.lower() for email in service.managers)))
        drafts = tuple(
            Draft(letter, Address("", email), f"digest:{today}:{email}", Audience.STAFF, answers_mail=False) for email in recipients
        )
    plan = Plan(tuple(Enqueue(draft) for draft in drafts))
    with desk.database.write() as connection:
        desk.carry_out(connection, plan, now)
        write_setting(connection, _DIGEST, today.isoformat(), now)
    return 1


def _digest(desk: Desk, today: object, listed: list[tuple[Ticket, datetime | None]], now: datetime) -> Digest:
    lines: dict[str, list[DigestLine]] = {"overdue": [], "due_today": [], "waiting": [], "review": []}
    for ticket, due_at in listed:
        if ticket.status is Status.REVIEW:
            lines["review"].append(DigestLine(ticket, None))
        elif due_at is None:
            lines["waiting"].append(DigestLine(ticket, None))
        elif due_at < now:
            lines["overdue"].append(DigestLine(ticket, due_at, used(desk.service.calendar, due_at, now)))
        else:
            lines["due_today"].append(DigestLine(ticket, due_at))
    return Digest(today, **{name: tuple(found) for name, found in lines.items()})  # type: ignore[arg-type]
