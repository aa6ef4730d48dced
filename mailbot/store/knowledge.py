"""Loads what a decision about a mail needs to know, all of it before the decision."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from mailbot.model.known import Known, SentMail
from mailbot.model.ticket import Ticket
from mailbot.store import journal, outbox, register, tickets
from mailbot.store.apply import muted
from mailbot.store.schema import outbox as rows

_REPORTED_WITHIN = timedelta(days=7)  # servers give up after four to five days (RFC 5321 4.5.4.1)


def load(
    connection: Connection,
    *,
    message_ids: tuple[str, ...],
    numbers: tuple[str, ...],
    failed_recipients: tuple[str, ...],
    sender: str,
    now: datetime,
) -> Known:
    """Everything that the keys of a mail point to.

    `numbers` are ticket numbers, signed or only written; `failed_recipients` those of a delivery report, which tells our mail by its
    recipient where it returns no id.
    """
    sent = outbox.sent_mails(connection, message_ids)
    stored = tickets.by_message_ids(connection, message_ids)
    named = tickets.ids_by_numbers(connection, numbers)
    if failed_recipients and not sent:
        sent = _by_recipient(connection, failed_recipients, named, now)
    recent = tickets.recent(connection, sender) if sender else ()
    wanted = (
        *(mail.ticket for mail in sent if mail.ticket is not None),
        *(entry.ticket for entry in stored),
        *named,
        *(summary.id for summary in recent),
    )
    return Known(
        tickets=_with_living(connection, tickets.load(connection, wanted)),
        sent=sent,
        stored_ids=stored,
        recent=recent,
        register=register.entry_for(connection, sender) if sender else None,
        muted=muted(connection, sender, now) if sender else "",
        flood=journal.arrived_lately(connection, sender, now) if sender else 0,
    )


def _with_living(connection: Connection, found: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
    """The tickets, and those that merged ones live on in, however often they were merged."""
    while missing := {ticket.merged_into for ticket in found if ticket.merged_into} - {ticket.number for ticket in found}:
        more = tickets.load(connection, tickets.ids_by_numbers(connection, tuple(missing)))
        if not more:
            break
        found = (*found, *more)
    return found


def _by_recipient(connection: Connection, recipients: tuple[str, ...], tickets_named: list[int], now: datetime) -> tuple[SentMail, ...]:
    """Our last mail to those whom a report names, if it went out so lately that a server may still report on it."""
    ticket_id = tickets_named[0] if tickets_named else None
    found = (outbox.last_to(connection, recipient.lower(), ticket_id) for recipient in recipients)
    return tuple(mail for mail in found if mail is not None and mail.sent_at is not None and now - mail.sent_at < _REPORTED_WITHIN)


def is_latest(connection: Connection, ticket_id: int, kind: str, outbox_id: int) -> bool:
    """Whether no later letter of that kind was written for the ticket."""
    later = (rows.c.ticket_id == ticket_id, rows.c.kind == kind, rows.c.id > outbox_id, rows.c.state != "superseded")
    return connection.execute(select(rows.c.id).where(*later).limit(1)).first() is None
