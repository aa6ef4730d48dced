"""The one door for what was decided: a plan is written whole, in the caller's transaction, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.errors import StaleTicket
from mailbot.model.letter import Draft, Outgoing
from mailbot.model.mail import MailKind
from mailbot.model.plan import (
    AddMessage,
    Bounced,
    CancelUnsent,
    Conclude,
    Direction,
    DoneTimers,
    Effect,
    Enqueue,
    Mute,
    Note,
    Plan,
    Remember,
    SaveTicket,
    SetTimers,
    Suppress,
)
from mailbot.model.service import Limits
from mailbot.store import outbox, tickets
from mailbot.store.insert import insert_new, put
from mailbot.store.installation import write_setting
from mailbot.store.schema import journal, message, setting
from mailbot.store.schema import mute as mutes

BREAKER = "breaker"  # setting: when and why automatic mail to customers was stopped; empty: it flows


@dataclass(slots=True)
class Applied:
    """What came of a plan: rows queued, and drafts that were suppressed, with the reason."""

    queued: list[int] = field(default_factory=list)
    suppressed: list[tuple[Draft, str]] = field(default_factory=list)
    held: bool = False  # a limit held back a letter


def apply(connection: Connection, plan: Plan, render: Callable[[Draft], Outgoing], *, limits: Limits, now: datetime) -> Applied:
    """Write the plan. `render` makes the finished mail of a draft, so that what is stored is what will be sent, at each try.

    Raises StaleTicket where a ticket or the mail changed hands since it was loaded: roll back, load and decide again.
    """
    applied = Applied()
    writer = _Writer(connection, plan, render, limits, now, applied)
    for effect in plan.effects:
        writer.write(effect)
    return applied


@dataclass(slots=True)
class _Writer:
    connection: Connection
    plan: Plan
    render: Callable[[Draft], Outgoing]
    limits: Limits
    now: datetime
    applied: Applied

    def write(self, effect: Effect) -> None:
        match effect:
            case SaveTicket(ticket):
                clock = next((e for e in self.plan.effects if isinstance(e, SetTimers) and e.ticket == ticket.id), None)
                due_at = clock.due_at if clock else None
                tickets.save(self.connection, ticket, due_at=due_at, keep_due=clock is None, now=self.now)
            case SetTimers(ticket, cycle, timers, _):
                tickets.set_timers(self.connection, ticket, cycle, timers)
            case DoneTimers(ticket, cycle, stages):
                tickets.finish_timers(self.connection, ticket, cycle, stages, self.now)
            case Note(ticket, actor, what, text, mail):
                tickets.add_history(self.connection, ticket, at=self.now, actor=actor, what=what, text=text, journal_id=mail)
            case AddMessage():
                self._add_message(effect)
            case Remember(ticket, message_ids, seen):
                tickets.remember(self.connection, ticket, message_ids, seen_only=False)
                tickets.remember(self.connection, ticket, seen, seen_only=True)
            case Enqueue():
                self._enqueue(effect)
            case Suppress(draft, reason):
                self._suppress(draft, reason)
            case CancelUnsent(ticket, kinds, reason):
                outbox.cancel_unsent(self.connection, ticket, kinds, reason=reason)
            case Mute(address, until, reason):
                put(self.connection, mutes, "address", {"address": address, "until": until, "reason": reason, "at": self.now})
            case Bounced(row, reason):
                outbox.bounced(self.connection, row, reason)
            case Conclude():
                self._conclude(effect)

    def _add_message(self, effect: AddMessage) -> None:
        insert_new(
            self.connection,
            message,
            {
                "ticket_id": effect.ticket,
                "direction": effect.direction.value,
                "kind": effect.kind,
                "sender": effect.sender[:320],
                "subject": effect.subject,
                "message_id": effect.message_id[:998] if effect.message_id else None,
                "at": effect.at,
                "text": effect.text,
                "journal_id": effect.journal,
            },
        )
        if effect.direction is Direction.IN and not _by_machine(effect.kind):
            tickets.touch(self.connection, effect.ticket, effect.at)

    def _enqueue(self, effect: Enqueue) -> None:
        draft = effect.if_held if effect.if_held and self.applied.held else effect.draft
        reason = self._over_limits(draft) if effect.limited else ""
        if reason:
            self._suppress(draft, reason)
            self.applied.held = True
            for other in effect.otherwise:
                self._queue(other)
            return
        ticket_id = _ticket_of(draft)
        if draft.audience.value == "customer" and draft.automatic and ticket_id is not None:
            outbox.supersede(self.connection, ticket_id, draft.to.key, reason=f"superseded by a newer {draft.kind}")
        self._queue(draft)

    def _queue(self, draft: Draft) -> None:
        row = outbox.enqueue(self.connection, self.render(draft), ticket_id=_ticket_of(draft), journal_id=self._journal(), now=self.now)
        if row is not None:
            self.applied.queued.append(row)

    def _suppress(self, draft: Draft, reason: str) -> None:
        outbox.enqueue(
            self.connection,
            self.render(draft),
            ticket_id=_ticket_of(draft),
            journal_id=self._journal(),
            now=self.now,
            state="suppressed",
            reason=reason,
        )
        self.applied.suppressed.append((draft, reason))

    def _journal(self) -> int | None:
        return next((effect.journal for effect in self.plan.effects if isinstance(effect, Conclude)), None)

    def _over_limits(self, draft: Draft) -> str:
        """Why an automatic mail to a customer may not go out now; empty: it may. Counted in the transaction that writes the row."""
        tripped, resumed_at = self._breaker()
        if tripped:
            return f"breaker: {tripped}"
        limits, to = self.limits, draft.to.key
        if reason := muted(self.connection, to, self.now):
            return f"muted: {reason}"
        sent = outbox.automatic(self.connection, to, _ticket_of(draft), now=self.now, resumed_at=resumed_at)
        if sent.address_hour >= limits.per_address_hour:
            return f"limit: {limits.per_address_hour} automatic mails an hour to {to} (limits.per_address_hour)"
        if sent.address_day >= limits.per_address_day:
            return f"limit: {limits.per_address_day} automatic mails a day to {to} (limits.per_address_day)"
        if sent.ticket_day >= limits.per_ticket_day:
            return f"limit: {limits.per_ticket_day} automatic mails a day on the ticket (limits.per_ticket_day)"
        if sent.all_hour >= limits.global_hour:
            reason = f"{self.now:%Y-%m-%d %H:%M:%S} UTC: {limits.global_hour} automatic mails within an hour (limits.global_hour)"
            write_setting(self.connection, BREAKER, reason, self.now)
            return f"breaker: {reason}"
        return ""

    def _breaker(self) -> tuple[str, datetime | None]:
        """Why the breaker is tripped, or when a person let the mail flow again."""
        row = self.connection.execute(select(setting.c.value, setting.c.at).where(setting.c.name == BREAKER)).first()
        return (row.value, None if row.value else row.at) if row else ("", None)

    def _conclude(self, effect: Conclude) -> None:
        done = self.connection.execute(
            update(journal)
            .where(journal.c.id == effect.journal, journal.c.state == "new")
            .values(
                state="done",
                consequence=effect.consequence.value,
                kind=effect.kind,
                reason=effect.reason,
                rules="\n".join(self.plan.rules),
                ticket_id=effect.ticket,
                done_at=self.now,
                lease_holder=None,
                lease_until=None,
            )
        )
        if done.rowcount != 1:
            raise StaleTicket(f"mail {effect.journal} has its consequence already")


def muted(connection: Connection, address: str, now: datetime) -> str:
    """Why an address is not written to; empty: it is."""
    row = connection.execute(select(mutes.c.reason, mutes.c.until).where(mutes.c.address == address, mutes.c.until > now)).first()
    return f"{row.reason} (nie piszemy na ten adres do {row.until:%Y-%m-%d})" if row else ""


def _by_machine(kind: str) -> bool:
    return kind in {each.value for each in MailKind if each.is_machine}


def _ticket_of(draft: Draft) -> int | None:
    ticket = getattr(draft.letter, "ticket", None)
    return ticket.id if ticket is not None else None
