"""Tickets: numbers, values, and what belongs to them (messages, history, timers, thread ids)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, and_, func, insert, or_, select, update

from mailbot.errors import Permanent, StaleTicket
from mailbot.model.deadline import CUSTOMER_STAGE, Timer
from mailbot.model.known import StoredId
from mailbot.model.ticket import Status, Ticket, TicketSummary
from mailbot.store.insert import insert_all_new, insert_new
from mailbot.store.schema import history, message, outbox, thread_id, ticket, ticket_counter, ticket_number, timer

_VALUE = TypeAdapter(Ticket)


@dataclass(frozen=True, slots=True)
class Number:
    """A ticket's identity, taken before anything else happens."""

    id: int
    number: str


def take_number(connection: Connection, prefix: str, year: int, journal_id: int | None) -> Number:
    """The next number of the year; for a mail that has one already, that one again. Gaps are allowed, repeats are not."""
    if journal_id is not None:
        row = connection.execute(select(ticket_number).where(ticket_number.c.journal_id == journal_id)).first()
        if row is not None:
            return Number(row.id, row.number)
    insert_new(connection, ticket_counter, {"year": year, "last": 0})
    seq = connection.execute(
        update(ticket_counter).where(ticket_counter.c.year == year).values(last=ticket_counter.c.last + 1).returning(ticket_counter.c.last)
    ).scalar_one()
    number = f"{prefix}-{year}-{seq:06d}"
    key = connection.execute(
        insert(ticket_number).values(year=year, seq=seq, number=number, journal_id=journal_id).returning(ticket_number.c.id)
    ).scalar_one()
    return Number(key, number)


def save(connection: Connection, value: Ticket, *, due_at: datetime | None, keep_due: bool, now: datetime) -> None:
    """Insert a new ticket, or update one whose version still stands; else StaleTicket."""
    stored = replace(value, version=value.version + 1)
    columns = {
        "number": stored.number,
        "version": stored.version,
        "status": stored.status.value,
        "requester": stored.requester.key[:320],
        "assignee": stored.assignee,
        "opened_at": stored.opened_at,
        "changed_at": now,
        "closed_at": stored.closed_at,
        "value": _VALUE.dump_json(stored).decode(),
    }
    if not keep_due:
        columns["due_at"] = due_at
    if value.version == 0:
        if not insert_new(connection, ticket, {"id": stored.id, "last_mail_at": stored.opened_at, **columns}):
            raise StaleTicket(f"{stored.number} is there already")
        return
    changed = connection.execute(update(ticket).where(ticket.c.id == stored.id, ticket.c.version == value.version).values(**columns))
    if changed.rowcount != 1:
        raise StaleTicket(f"{stored.number} changed since it was loaded")


def touch(connection: Connection, ticket_id: int, at: datetime) -> None:
    """A mail of the customer belongs to the ticket since then."""
    connection.execute(update(ticket).where(ticket.c.id == ticket_id, ticket.c.last_mail_at < at).values(last_mail_at=at))


def load(connection: Connection, ids: Iterable[int]) -> tuple[Ticket, ...]:
    """The tickets of those ids, in the order of the ids."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return ()
    rows = connection.execute(select(ticket.c.id, ticket.c.value).where(ticket.c.id.in_(wanted)))
    values = {key: _VALUE.validate_json(value) for key, value in rows}
    return tuple(values[key] for key in wanted if key in values)


def by_number(connection: Connection, number: str) -> Ticket | None:
    """The ticket with that number; its sequence alone, or without prefix, will do where it is the only one."""
    wanted = number.strip().upper()
    rows = connection.execute(select(ticket.c.value).where(ticket.c.number == wanted)).scalars().all()
    if not rows and wanted.isdigit():
        query = select(ticket.c.value).where(ticket.c.number.like(f"%-{int(wanted):06d}")).order_by(ticket.c.id.desc()).limit(2)
        rows = connection.execute(query).scalars().all()
    elif not rows:
        query = select(ticket.c.value).where(ticket.c.number.like(f"%-{wanted}")).limit(2)
        rows = connection.execute(query).scalars().all()
    return _VALUE.validate_json(rows[0]) if len(rows) == 1 else None


def find(connection: Connection, number: str) -> Ticket:
    """As `by_number`; raises Permanent where there is none."""
    found = by_number(connection, number)
    if found is None:
        raise Permanent(f"there is no ticket {number}; see: mailbot ticket list --all")
    return found


def opened_by(connection: Connection, journal_id: int) -> str | None:
    """The number of the ticket that a mail opened, if it did."""
    query = select(ticket.c.number).join(ticket_number, ticket_number.c.id == ticket.c.id).where(ticket_number.c.journal_id == journal_id)
    return connection.execute(query).scalar()


def ids_by_numbers(connection: Connection, numbers: Sequence[str]) -> list[int]:
    """Ids of the tickets with those numbers."""
    if not numbers:
        return []
    return list(connection.execute(select(ticket.c.id).where(ticket.c.number.in_([number.upper() for number in numbers]))).scalars())


def by_message_ids(connection: Connection, message_ids: Sequence[str]) -> tuple[StoredId, ...]:
    """Which tickets those Message-IDs belong to."""
    if not message_ids:
        return ()
    rows = connection.execute(select(thread_id).where(thread_id.c.message_id.in_([message_id[:998] for message_id in message_ids])))
    return tuple(StoredId(row.message_id, row.ticket_id, row.seen_only) for row in rows)


def remember(connection: Connection, ticket_id: int, message_ids: Iterable[str], *, seen_only: bool) -> None:
    """These Message-IDs belong to the ticket; what is known as a mail's own id stays so."""
    for message_id in dict.fromkeys(message_ids):
        row = {"message_id": message_id[:998], "ticket_id": ticket_id, "seen_only": seen_only}
        if not insert_new(connection, thread_id, row) and not seen_only:
            own = (thread_id.c.message_id == row["message_id"], thread_id.c.ticket_id == ticket_id)
            connection.execute(update(thread_id).where(*own).values(seen_only=False))


def forget_mail(connection: Connection, ticket_id: int, message_ids: Iterable[str]) -> None:
    """Those ids belong elsewhere (a mail was moved)."""
    connection.execute(thread_id.delete().where(thread_id.c.ticket_id == ticket_id, thread_id.c.message_id.in_(list(message_ids))))


def recent(connection: Connection, requester: str, *, limit: int = 10) -> tuple[TicketSummary, ...]:
    """The requester's tickets, newest first."""
    query = select(ticket.c.value, ticket.c.last_mail_at).where(ticket.c.requester == requester).order_by(ticket.c.id.desc()).limit(limit)
    return tuple(_summary(_VALUE.validate_json(value), last) for value, last in connection.execute(query))


def _summary(value: Ticket, last_mail_at: datetime) -> TicketSummary:
    device = value.facts.device.value if value.facts.device else ""
    return TicketSummary(
        value.id, value.number, value.status, value.subject, value.opened_at, last_mail_at, value.closed_at, value.requester.key, device
    )


def listed(connection: Connection, *, statuses: Sequence[Status] | None, limit: int = 1000) -> list[tuple[Ticket, datetime | None]]:
    """Tickets with their deadline, those due first; None: all that is not closed."""
    query = select(ticket.c.value, ticket.c.due_at)
    if statuses is None:
        query = query.where(ticket.c.status != Status.CLOSED.value)
    else:
        query = query.where(ticket.c.status.in_([status.value for status in statuses]))
    query = query.order_by(ticket.c.due_at.is_(None), ticket.c.due_at, ticket.c.id).limit(limit)
    return [(_VALUE.validate_json(value), due_at) for value, due_at in connection.execute(query)]


def due_at(connection: Connection, ticket_id: int) -> datetime | None:
    """The deadline of a ticket."""
    return connection.execute(select(ticket.c.due_at).where(ticket.c.id == ticket_id)).scalar()


def status_counts(connection: Connection) -> dict[str, int]:
    """Tickets a status."""
    return {key: count for key, count in connection.execute(select(ticket.c.status, func.count()).group_by(ticket.c.status))}


def messages(connection: Connection, ticket_id: int) -> list[RowMapping]:
    """The ticket's messages, oldest first; letters that were never sent stand in the outbox alone."""
    unsent = outbox.c.state.in_(("suppressed", "superseded"))
    query = (
        select(message)
        .outerjoin(outbox, outbox.c.id == message.c.outbox_id)
        .where(message.c.ticket_id == ticket_id, or_(outbox.c.id.is_(None), ~unsent))
        .order_by(message.c.at, message.c.id)
    )
    return list(connection.execute(query).mappings())


def history_of(connection: Connection, ticket_id: int) -> list[RowMapping]:
    """The ticket's history, oldest first."""
    query = select(history).where(history.c.ticket_id == ticket_id).order_by(history.c.id)
    return list(connection.execute(query).mappings())


def add_history(
    connection: Connection, ticket_id: int, *, at: datetime, actor: str, what: str, text: str, journal_id: int | None = None
) -> None:
    """A line of history."""
    connection.execute(insert(history).values(ticket_id=ticket_id, at=at, actor=actor[:320], what=what, text=text, journal_id=journal_id))


def set_timers(connection: Connection, ticket_id: int, cycle: int, timers: Sequence[Timer]) -> None:
    """Replace the ticket's waiting timers; one that was done in this cycle stays done (law I6), one of a customer's in any cycle.

    A customer is reminded of a question, and that stays the same when the case's impact changes.
    """
    connection.execute(timer.delete().where(timer.c.ticket_id == ticket_id, timer.c.done_at.is_(None)))
    told = select(timer.c.stage).where(timer.c.ticket_id == ticket_id, timer.c.stage.startswith(CUSTOMER_STAGE))
    done = set(connection.execute(told).scalars())
    rows = [{"ticket_id": ticket_id, "cycle": cycle, "stage": item.stage, "at": item.at} for item in timers if item.stage not in done]
    insert_all_new(connection, timer, rows)


def finish_timers(connection: Connection, ticket_id: int, cycle: int, stages: Sequence[str], now: datetime) -> None:
    """These stages have had their effect."""
    connection.execute(
        update(timer).where(timer.c.ticket_id == ticket_id, timer.c.cycle == cycle, timer.c.stage.in_(list(stages))).values(done_at=now)
    )


def timers_of(connection: Connection, ticket_id: int) -> list[RowMapping]:
    """All timers of a ticket, done and waiting."""
    return list(connection.execute(select(timer).where(timer.c.ticket_id == ticket_id).order_by(timer.c.at)).mappings())


def due_timers(connection: Connection, now: datetime, *, limit: int) -> list[tuple[int, tuple[Timer, ...]]]:
    """Timers that are due and not done, by ticket, for the `limit` tickets that waited longest: all of a ticket's, or none."""
    oldest = func.min(timer.c.at).label("oldest")
    due = (timer.c.done_at.is_(None), timer.c.at <= now)
    first = select(timer.c.ticket_id, oldest).where(*due).group_by(timer.c.ticket_id).order_by(oldest).limit(limit).subquery()
    rows = connection.execute(
        select(timer)
        .join(first, first.c.ticket_id == timer.c.ticket_id)
        .where(*due)
        .order_by(first.c.oldest, timer.c.ticket_id, timer.c.at)
    ).mappings()
    grouped: dict[int, list[Timer]] = {}
    for row in rows:
        grouped.setdefault(row["ticket_id"], []).append(Timer(row["stage"], row["at"]))
    return [(key, tuple(items)) for key, items in grouped.items()]


def still_waiting(connection: Connection, ticket_id: int, timers: Sequence[Timer]) -> tuple[Timer, ...]:
    """Those of the timers that are as they were: neither done nor moved since they were looked up."""
    rows = connection.execute(select(timer.c.stage, timer.c.at).where(timer.c.ticket_id == ticket_id, timer.c.done_at.is_(None)))
    waiting = {(stage, at) for stage, at in rows}
    return tuple(item for item in timers if (item.stage, item.at) in waiting)


def waiting_digest(connection: Connection, until: datetime) -> list[tuple[Ticket, datetime | None]]:
    """What the morning digest names: tickets with a deadline before `until`, those waiting, those to review."""
    query = (
        select(ticket.c.value, ticket.c.due_at)
        .where(
            or_(
                and_(ticket.c.due_at < until, ticket.c.status.in_([Status.OPEN.value, Status.WAITING.value])),
                ticket.c.status.in_([Status.WAITING.value, Status.REVIEW.value]),
            )
        )
        .order_by(ticket.c.due_at.is_(None), ticket.c.due_at, ticket.c.id)
    )
    return [(_VALUE.validate_json(value), due) for value, due in connection.execute(query)]
