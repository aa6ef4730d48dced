"""What is due now? Ends of our mails that nobody has heard of, timers of tickets, the morning digest. A missed tick costs lateness only."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.errors import StaleTicket, Transient
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
from mailbot.rules.planning import QUESTION_KINDS, whole_team
from mailbot.rules.working_time import is_open, opening_on, used
from mailbot.steps.alarm import is_raised, raise_alarm
from mailbot.steps.desk import Desk
from mailbot.store import journal, knowledge, outbox, tickets
from mailbot.store.apply import BREAKER
from mailbot.store.engine import Connection
from mailbot.store.installation import read_setting, write_setting

log = logging.getLogger("mailbot.sweep")

_BATCH = 100
_DIGEST = "digest"


def one_pass(desk: Desk) -> int:
    """Settle ends, remind, write the digest; returns how many things were done."""
    with desk.database.write() as connection:
        lost = outbox.recover(connection, now=desk.clock.now())
    return lost + settle(desk) + watch_breaker(desk) + remind(desk) + digest(desk)


# ---- ends of our mails --------------------------------------------------------------------------------------------


def settle(desk: Desk) -> int:
    """Tell `decide` of each mail that the server took or refused."""
    with desk.database.read() as connection:
        rows = outbox.unsettled(connection, _BATCH)
    for row in rows:
        if row["audience"] == Audience.STAFF.value or row["ticket_id"] is None:
            _settle_notice(desk, row)
        elif row["state"] == "sent":
            _apply(desk, row["ticket_id"], Delivered(row["id"], row["kind"], row["sent_at"]), settles=row["id"])
        else:
            failed = DeliveryFailed(row["id"], row["kind"], row["recipient"], desk.clock.now(), row["reason"])
            _apply(desk, row["ticket_id"], failed, settles=row["id"])
    return len(rows)


def _settle_notice(desk: Desk, row: Mapping[Any, Any]) -> None:
    """A notice that staff did not get: the others hear of it, once a day and address."""
    log.error(log_line("notice not delivered", outbox=row["id"], recipient=row["recipient"], reason=row["reason"]))
    lines = (f"Nie dostarczono powiadomienia do {row['recipient']}.", f"Powód: {row['reason']}"[:500], "Sprawdź [staff] w konfiguracji.")
    key = f"staff-unreached:{row['recipient']}:{desk.clock.now():%Y-%m-%d}"
    with desk.database.write() as connection:
        if outbox.settle(connection, row["id"]):
            raise_alarm(connection, desk, key, "Powiadomienia nie dochodzą do pracownika", lines, managers=True)


def watch_breaker(desk: Desk) -> int:
    """Staff and managers hear of the breaker, once each time that it trips; `mailbot outbox resume` lets the mail flow again."""
    with desk.database.read() as connection:
        tripped = read_setting(connection, BREAKER)
        key = f"breaker:{tripped}"
        if not tripped or is_raised(connection, desk, key):
            return 0
    lines = (
        "Automatyczna poczta do klientów jest wstrzymana: wysłano jej za dużo w krótkim czasie.",
        f"Powód: {tripped}",
        "Wiadomości wstrzymane pokazuje: mailbot outbox list --state suppressed",
        "Po sprawdzeniu przyczyny wznów wysyłanie: mailbot outbox resume",
    )
    with desk.database.write() as connection:
        raise_alarm(connection, desk, key, "Bezpiecznik wstrzymał automatyczną pocztę do klientów", lines, managers=True)
    return 1


# ---- timers -------------------------------------------------------------------------------------------------------


def remind(desk: Desk) -> int:
    """One mail a ticket for all that fell due, in opening hours; a stage of the closing minute may go five minutes later.

    Customers are reminded of a question only when no stored mail waits: their answer may be among them.
    """
    now, calendar = desk.clock.now(), desk.service.calendar
    if not is_open(calendar, now) and not is_open(calendar, now - sla.GRACE - timedelta(seconds=1)):
        return 0
    with desk.database.read() as connection:
        due = tickets.due_timers(connection, now, limit=_BATCH)
        all_read = journal.oldest_waiting(connection) is None
    done = 0
    for ticket_id, timers in due:
        wanted = tuple(timer for timer in timers if all_read or timer.stage.startswith(sla.STAFF_STAGE))
        if any(sla.may_send_reminder(calendar, timer.at, now) for timer in wanted):
            done += _apply(desk, ticket_id, TimePassed(wanted))
    return done


def _apply(desk: Desk, ticket_id: int, event: Delivered | DeliveryFailed | TimePassed, *, settles: int | None = None) -> bool:
    """Load, decide, apply in one transaction; what went stale, or failed, is left for the next pass and stops no other ticket."""
    now = desk.clock.now()
    try:
        with desk.database.write() as connection:
            if settles is None or _is_to_be_told(connection, ticket_id, event, settles):
                _carry_out(connection, desk, ticket_id, event, now, settles)
            fault("sweep.commit")
        fault("swept")
    except StaleTicket as stale:
        log.info(log_line("stale", ticket=ticket_id, reason=stale))
    except Transient:
        raise
    except Exception:
        log.exception("ticket %s: %s failed", ticket_id, type(event).__name__.lower())
        return False
    return True


def _is_to_be_told(connection: Connection, ticket_id: int, event: Delivered | DeliveryFailed | TimePassed, row: int) -> bool:
    """Whether the end of a mail is news: told by nobody else, and not of a question that a later one has replaced."""
    if not outbox.settle(connection, row):
        return False
    kind = getattr(event, "kind", "")
    return kind not in QUESTION_KINDS or knowledge.is_latest(connection, ticket_id, kind, row)


def _carry_out(
    connection: Connection, desk: Desk, ticket_id: int, event: Delivered | DeliveryFailed | TimePassed, now: datetime, row: int | None
) -> None:
    if isinstance(event, TimePassed):
        event = TimePassed(tickets.still_waiting(connection, ticket_id, event.timers))
    for ticket in tickets.load(connection, [ticket_id]):
        cause = f"outbox:{row}" if row else _cause(ticket, event)
        plan = decide(ticket, event, desk.service, now, cause)
        desk.carry_out(connection, plan, now)
        log.info(log_line(type(event).__name__.lower(), ticket=ticket.number, rules="+".join(plan.rules) or None))


def _cause(ticket: Ticket, event: object) -> str:
    timers: tuple[Timer, ...] = getattr(event, "timers", ())
    return f"ticket:{ticket.id}:{ticket.cycle.number}:{timers[-1].stage if timers else 'nothing'}"


# ---- the morning --------------------------------------------------------------------------------------------------


def digest(desk: Desk) -> int:
    """Once each working day from its opening on: what is overdue, due today, waiting, to review. An empty one is not sent."""
    now, service = desk.clock.now(), desk.service
    today = now.astimezone(ZoneInfo(service.calendar.zone)).date()
    openings = opening_on(service.calendar, today)
    if not openings or now < openings[0][0] or now > openings[-1][1]:
        return 0
    with desk.database.read() as connection:
        if read_setting(connection, _DIGEST) == today.isoformat():
            return 0
        end = openings[-1][1] + timedelta(seconds=1)
        letter = _digest(desk, today, tickets.waiting_digest(connection, end), now, end)
        letter = replace(letter, notes=_house_notes(connection))
    drafts: tuple[Draft, ...] = ()
    if letter.overdue or letter.due_today or letter.waiting or letter.review or letter.notes:
        assignees = (line.ticket.assignee for line in letter.overdue if line.ticket.assignee)  # it is their morning reminder
        recipients = dict.fromkeys((*whole_team(service), *(email.lower() for email in service.managers), *assignees))
        drafts = tuple(
            Draft(letter, Address("", email), f"digest:{today}:{email}", Audience.STAFF, answers_mail=False) for email in recipients
        )
    with desk.database.write() as connection:
        desk.carry_out(connection, Plan(tuple(Enqueue(draft) for draft in drafts)), now)
        write_setting(connection, _DIGEST, today.isoformat(), now)
    return 1


def _digest(desk: Desk, today: date, listed: list[tuple[Ticket, datetime | None]], now: datetime, end: datetime) -> Digest:
    overdue, due_today, waiting, review = [], [], [], []
    for ticket, due_at in listed:
        if ticket.status is Status.REVIEW:
            review.append(DigestLine(ticket, None))
        elif due_at is None or due_at >= end:
            waiting.append(DigestLine(ticket, due_at))
        elif due_at < now:
            overdue.append(DigestLine(ticket, due_at, used(desk.service.calendar, due_at, now)))
        else:
            due_today.append(DigestLine(ticket, due_at))
    return Digest(today, tuple(overdue), tuple(due_today), tuple(waiting), tuple(review))


def _house_notes(connection: Connection) -> tuple[str, ...]:
    """What a person should look at beside the tickets."""
    held = journal.counts(connection).get("held", 0)
    tripped = read_setting(connection, BREAKER)
    notes = (
        f"Wiadomości odłożone na bok, bo nie dało się ich przetworzyć: {held} (mailbot mail held)" if held else "",
        f"Automatyczna poczta do klientów jest wstrzymana: {tripped} (mailbot outbox resume)" if tripped else "",
    )
    return tuple(note for note in notes if note)
