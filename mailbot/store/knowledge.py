"""Loads what a decision about a mail needs to know, all of it before the decision."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbot.model.known import Known, SentMail
from mailbot.store import journal, outbox, register, tickets
from mailbot.store.apply import muted


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
        sent = _by_recipient(connection, failed_recipients, named)
    recent = tickets.recent(connection, sender) if sender else ()
    wanted = (
        *(mail.ticket for mail in sent if mail.ticket is not None),
        *(entry.ticket for entry in stored),
        *named,
        *(summary.id for summary in recent),
    )
    found = tickets.load(connection, wanted)
    merged = tuple(ticket.merged_into for ticket in found if ticket.merged_into)
    found = (*found, *tickets.load(connection, set(tickets.ids_by_numbers(connection, merged)) - {ticket.id for ticket in found}))
    return Known(
        tickets=found,
        sent=sent,
        stored_ids=stored,
        recent=recent,
        register=register.entry_for(connection, sender) if sender else None,
        muted=muted(connection, sender, now) if sender else "",
        flood=journal.arrived_since(connection, sender, now - timedelta(hours=1)) if sender else 0,
    )


def _by_recipient(connection: Connection, recipients: tuple[str, ...], tickets_named: list[int]) -> tuple[SentMail, ...]:
    ticket_id = tickets_named[0] if tickets_named else None
    found = (outbox.last_to(connection, recipient.lower(), ticket_id) for recipient in recipients)
    return tuple(mail for mail in found if mail is not None)
