"""The outbox behind: finished MIME, delivered once, and twice only after an ambiguous end (law I4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, literal, or_, select, update

from mailbot.model.known import SentMail
from mailbot.model.letter import Audience, Outgoing
from mailbot.store.engine import Database
from mailbot.store.insert import insert_new
from mailbot.store.schema import message, outbox

MOST_AMBIGUOUS = 4  # after so many unclear ends a person decides: at most that many copies of one letter
AFTER_AMBIGUOUS = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=6)  # the ladder's last step is 4.4 hours: what waits longer was written by a clock that jumped
LEASE = timedelta(minutes=15)  # longer than the 10 minutes that a server may take to answer DATA (RFC 5321 4.5.3.2.6)
_SENT_MAIL = [outbox.c[name] for name in ("id", "ticket_id", "kind", "audience", "recipient", "message_id", "sent_at")]
_END = [outbox.c[name] for name in ("id", "ticket_id", "kind", "audience", "recipient", "state", "reason", "sent_at")]
ON_THE_WAY = ("queued", "sending", "unknown", "sent")


@dataclass(frozen=True, slots=True)
class Due:
    """A row in hand. `lease` must still be ours when the result is recorded."""

    id: int
    lease: int
    recipient: str
    mime: bytes
    attempts: int
    ambiguous: int
    created_at: datetime
    kind: str
    audience: str
    ticket_id: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Counts of automatic mails to customers: to one address, of one ticket, to all."""

    address_hour: int
    address_day: int
    ticket_day: int
    all_hour: int


def enqueue(
    connection: Connection,
    outgoing: Outgoing,
    *,
    ticket_id: int | None,
    journal_id: int | None,
    now: datetime,
    state: str = "queued",
    reason: str = "",
) -> int | None:
    """Write the row; None where its key is there already (the step is being repeated)."""
    draft = outgoing.draft
    needs_telling = draft.audience is Audience.CUSTOMER and state != "superseded"
    values = {
        "key": draft.key[:500],
        "ticket_id": ticket_id,
        "journal_id": journal_id,
        "kind": draft.kind,
        "audience": draft.audience.value,
        "automatic": draft.automatic,
        "recipient": draft.to.key[:320],
        "subject": outgoing.subject,
        "message_id": outgoing.message_id,
        "text": outgoing.text,
        "mime": outgoing.mime,
        "state": state,
        "reason": reason,
        "next_at": now,
        "created_at": now,
        "settled": not (needs_telling and state == "queued"),
    }
    if not insert_new(connection, outbox, values):
        return None
    key: int = connection.execute(select(outbox.c.id).where(outbox.c.key == values["key"])).scalar_one()
    if ticket_id is not None and draft.audience is Audience.CUSTOMER:
        insert_new(
            connection,
            message,
            {
                "ticket_id": ticket_id,
                "direction": "out",
                "kind": draft.kind,
                "sender": "",
                "subject": outgoing.subject,
                "message_id": outgoing.message_id,
                "at": now,
                "text": outgoing.text,
                "outbox_id": key,
            },
        )
    return key


def supersede(connection: Connection, ticket_id: int, recipient: str, *, reason: str) -> int:
    """Unsent automatic mails of the ticket to that customer give way to a newer one."""
    return connection.execute(
        update(outbox)
        .where(
            outbox.c.ticket_id == ticket_id,
            outbox.c.recipient == recipient,
            outbox.c.audience == Audience.CUSTOMER.value,
            outbox.c.automatic.is_(True),
            outbox.c.state == "queued",
        )
        .values(state="superseded", reason=reason, settled=True)
    ).rowcount


def cancel_unsent(connection: Connection, ticket_id: int, kinds: Sequence[str], *, reason: str) -> None:
    """Unsent automatic mails of those kinds are not needed any more."""
    connection.execute(
        update(outbox)
        .where(outbox.c.ticket_id == ticket_id, outbox.c.kind.in_(list(kinds)), outbox.c.automatic.is_(True), outbox.c.state == "queued")
        .values(state="superseded", reason=reason, settled=True)
    )


def automatic(connection: Connection, recipient: str, ticket_id: int | None, *, now: datetime, resumed_at: datetime | None) -> Sent:
    """How many automatic mails to customers went out of late, or will: what the limits are held against.

    All of an hour count for the breaker from `resumed_at` on, when a person let the mail flow again.
    """
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    query = select(
        func.count().filter(outbox.c.recipient == recipient, outbox.c.created_at >= hour),
        func.count().filter(outbox.c.recipient == recipient),
        func.count().filter(outbox.c.ticket_id == ticket_id),
        func.count().filter(outbox.c.created_at >= hour, outbox.c.created_at > (resumed_at or day)),
    ).where(
        outbox.c.audience == Audience.CUSTOMER.value,
        outbox.c.automatic.is_(True),
        outbox.c.created_at.between(day, now),
        outbox.c.state.in_(ON_THE_WAY),
    )
    return Sent(*connection.execute(query).one())


def _ran_out(now: datetime) -> ColumnElement[bool]:
    """Whether a lease is over; one longer than any that we write comes from a clock that was set back (F62)."""
    return or_(outbox.c.lease_until <= now, outbox.c.lease_until > now + LEASE)


def claim(database: Database, holder: str, *, now: datetime, limit: int) -> list[Due]:
    """Take rows in hand, customers' mail before staff's, else by age; they stay `queued` until `begin` says otherwise.

    One thread of a holder claims, so what the holder has in hand still was dropped when the database went away: it is free to it.
    What waits for an instant that no rule would name is due: the clock was set back (F62).
    """
    with database.write() as connection:
        free = (
            outbox.c.state.in_(("queued", "unknown")),
            or_(outbox.c.next_at <= now, outbox.c.next_at > now + _LONGEST_WAIT),
            or_(outbox.c.lease_until.is_(None), _ran_out(now), outbox.c.lease_holder == holder),
        )
        chosen = (
            select(outbox.c.id)
            .where(*free)
            .order_by(outbox.c.audience, outbox.c.next_at, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(chosen.scalar_subquery()))
            .values(lease=outbox.c.lease + 1, lease_holder=holder, lease_until=now + LEASE)
            .returning(outbox)
        ).mappings()
        return sorted((_due(row) for row in rows), key=lambda due: (due.audience, due.id))


def _due(row: RowMapping) -> Due:
    return Due(
        row["id"],
        row["lease"],
        row["recipient"],
        row["mime"],
        row["attempts"],
        row["ambiguous"],
        row["created_at"],
        row["kind"],
        row["audience"],
        row["ticket_id"],
    )


def begin(connection: Connection, due: Due) -> bool:
    """The mail is about to be handed over: from here on, a death of ours is an ambiguous end. False: no longer ours to send."""
    return (
        connection.execute(
            update(outbox)
            .where(outbox.c.id == due.id, outbox.c.lease == due.lease, outbox.c.state.in_(("queued", "unknown")))
            .values(state="sending", attempts=outbox.c.attempts + 1)
        ).rowcount
        == 1
    )


def record(
    connection: Connection,
    due: Due,
    state: str,
    *,
    now: datetime,
    next_at: datetime | None = None,
    reason: str = "",
    ambiguous: bool = False,
) -> bool:
    """Write the end of an attempt, once: a repeat changes nothing. False then, and where another process took the row over."""
    values: dict[str, Any] = {
        "state": state,
        "reason": reason[:2000],
        "lease_holder": None,
        "lease_until": None,
        "next_at": next_at or now,
        "sent_at": now if state == "sent" else None,
        "ambiguous": outbox.c.ambiguous + int(ambiguous),
    }
    values["settled"] = not (state == "failed" or (state == "sent" and due.kind == "question"))
    ours = (outbox.c.id == due.id, outbox.c.lease == due.lease, outbox.c.state == "sending")
    return connection.execute(update(outbox).where(*ours).values(**values)).rowcount == 1


def put_back(connection: Connection, dues: Sequence[Due], *, next_at: datetime) -> None:
    """Not tried after all (the server is away): free again at `next_at`."""
    for due in dues:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == due.id, outbox.c.lease == due.lease, outbox.c.state.in_(("queued", "unknown")))
            .values(lease_holder=None, lease_until=None, next_at=next_at)
        )


def take_back(connection: Connection, holder: str) -> int:
    """Rows that were begun and certainly not handed over (the database went away in between, or we were stopped): not tried."""
    again = case((outbox.c.ambiguous > 0, "unknown"), else_="queued")
    begun = (outbox.c.state == "sending", outbox.c.lease_holder == holder)
    values = {"state": again, "attempts": outbox.c.attempts - 1, "lease_holder": None, "lease_until": None}
    return connection.execute(update(outbox).where(*begun).values(**values)).rowcount


def recover(connection: Connection, *, now: datetime, holder: str | None = None) -> int:
    """Rows found in `sending` after a death or a lost lease ended ambiguously: `unknown`, to be sent again with the same bytes.

    The first time at once, then after a pause; after `MOST_AMBIGUOUS` such ends `failed`, which staff are told: a letter that kills
    its sender must not go out at every restart. With `holder`: at start, what this machine had in hand. Without: what anybody's
    lease ran out on.
    """
    gone = (outbox.c.state == "sending", outbox.c.lease_holder == holder if holder else _ran_out(now))
    lost = {"ambiguous": outbox.c.ambiguous + 1, "lease": outbox.c.lease + 1, "lease_holder": None, "lease_until": None}
    last = outbox.c.ambiguous + 1 >= MOST_AMBIGUOUS
    reason = f"{MOST_AMBIGUOUS} tries of which nobody knows how they ended: it may have arrived"
    count = connection.execute(update(outbox).where(*gone, last).values(**lost, state="failed", reason=reason, settled=False)).rowcount
    next_at = case(
        (outbox.c.ambiguous > 0, literal(now + AFTER_AMBIGUOUS, outbox.c.next_at.type)), else_=literal(now, outbox.c.next_at.type)
    )
    return count + connection.execute(update(outbox).where(*gone).values(**lost, state="unknown", next_at=next_at)).rowcount


def unsettled(connection: Connection, limit: int) -> list[RowMapping]:
    """Rows whose end `decide` has not heard of: accepted by the server, failed, suppressed or given up."""
    query = select(*_END).where(outbox.c.settled.is_(False), outbox.c.state.in_(("sent", "failed"))).order_by(outbox.c.id).limit(limit)
    return list(connection.execute(query).mappings())


def settle(connection: Connection, outbox_id: int) -> bool:
    """The row's end is told now; False where somebody told it already."""
    untold = (outbox.c.id == outbox_id, outbox.c.settled.is_(False))
    return connection.execute(update(outbox).where(*untold).values(settled=True)).rowcount == 1


def bounced(connection: Connection, outbox_id: int, reason: str) -> None:
    """A mail that was accepted came back."""
    connection.execute(update(outbox).where(outbox.c.id == outbox_id).values(state="failed", reason=reason[:2000], settled=True))


def sent_mails(connection: Connection, message_ids: Sequence[str]) -> tuple[SentMail, ...]:
    """Our mails of those Message-IDs."""
    if not message_ids:
        return ()
    rows = connection.execute(
        select(*_SENT_MAIL).where(outbox.c.message_id.in_([message_id[:300] for message_id in message_ids])).order_by(outbox.c.id.desc())
    )
    return tuple(SentMail(*row) for row in rows)


def last_to(connection: Connection, recipient: str, ticket_id: int | None) -> SentMail | None:
    """The last mail that went to that customer, of that ticket if one is named: what a bounce without an id speaks of."""
    query = select(*_SENT_MAIL).where(outbox.c.recipient == recipient, outbox.c.state == "sent").order_by(outbox.c.id.desc()).limit(1)
    if ticket_id is not None:
        query = query.where(outbox.c.ticket_id == ticket_id)
    row = connection.execute(query).first()
    return SentMail(*row) if row else None


def key_exists(connection: Connection, key: str) -> bool:
    """Whether a mail of that key was ever written."""
    return connection.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is not None


def newest(connection: Connection, *, limit: int, state: str | None = None) -> list[RowMapping]:
    """Rows for people, newest first, without their bytes."""
    columns = [column for column in outbox.c if column.name not in ("mime", "text")]
    query = select(*columns).order_by(outbox.c.id.desc()).limit(limit)
    if state:
        query = query.where(outbox.c.state == state)
    return list(connection.execute(query).mappings())


def of_mail(connection: Connection, journal_id: int) -> list[RowMapping]:
    """What was written because of a mail."""
    return list(connection.execute(select(outbox).where(outbox.c.journal_id == journal_id).order_by(outbox.c.id)).mappings())


def counts(connection: Connection) -> dict[str, int]:
    """Rows a state."""
    return {key: count for key, count in connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))}


def hold_back(connection: Connection, reason: str) -> int:
    """Nothing that is queued will be sent: a dry run keeps it with the reason."""
    waiting = outbox.c.state.in_(("queued", "unknown"))
    return connection.execute(update(outbox).where(waiting).values(state="suppressed", reason=reason, settled=True)).rowcount


def requeue(connection: Connection, outbox_id: int, *, now: datetime) -> bool:
    """A person wants a failed or suppressed row sent after all; the same bytes."""
    again = outbox.c.state.in_(("failed", "suppressed"))
    values = {"state": "queued", "reason": "", "next_at": now, "attempts": 0, "ambiguous": 0, "created_at": now, "settled": False}
    return connection.execute(update(outbox).where(outbox.c.id == outbox_id, again).values(**values)).rowcount == 1


def cancel(connection: Connection, outbox_id: int) -> bool:
    """A person does not want a queued row sent."""
    waiting = outbox.c.state.in_(("queued", "unknown"))
    values = {"state": "suppressed", "reason": "cancelled by staff", "settled": True}
    return connection.execute(update(outbox).where(outbox.c.id == outbox_id, waiting).values(**values)).rowcount == 1
