"""The journal in front: every mail of the watched folders, raw, exactly once (law I1), and what became of it (law I2)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

from mailbot.fault import fault
from mailbot.store.engine import Database
from mailbot.store.insert import insert_new
from mailbot.store.schema import content, journal, message, raw
from mailbot.store.schema import folder as folders

LEASE = timedelta(minutes=5)
TRIES = 3
_ALONE_AFTER = 2  # interrupted batches before a mail is tried alone


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """One life of a folder on the server (RFC 9051 2.3.1.1: UIDs mean something within one UIDVALIDITY only)."""

    account: str
    folder: str
    uidvalidity: int
    answer_since: datetime
    high_uid: int
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as fetched. `sender` and `message_id` are hints from a glance at the head, for fair order and for waiting."""

    uid: int
    arrived_at: datetime
    size: int
    raw: bytes
    partial: bool
    sender: str = ""
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail in hand until its lease ends. `alone`: earlier tries failed, it is tried by itself."""

    id: int
    account: str
    folder: str
    role: str
    arrived_at: datetime
    stored_at: datetime
    size: int
    partial: bool
    history: bool
    attempts: int
    alone: bool
    moved_to: str  # where staff want it: a ticket's number, "new", or empty
    raw: bytes


def watch(connection: Connection, account: str, name: str, uidvalidity: int, *, answer_since: datetime, now: datetime) -> WatchedFolder:
    """The folder's row, created when this UIDVALIDITY is new.

    After a change of UIDVALIDITY every mail comes again: what arrived over a day before the change is history.
    """
    key = (folders.c.account == account, folders.c.folder == name)
    renewed = connection.execute(select(func.count()).select_from(folders).where(*key)).scalar_one() > 0
    since = max(answer_since, now - timedelta(hours=24)) if renewed else answer_since
    insert_new(
        connection,
        folders,
        {"account": account, "folder": name, "uidvalidity": uidvalidity, "answer_since": since, "high_uid": 0, "first_seen": now},
    )
    row = connection.execute(select(folders).where(*key, folders.c.uidvalidity == uidvalidity)).one()
    return WatchedFolder(account, name, uidvalidity, row.answer_since, row.high_uid, row.reconciled_at)


def known_uids(connection: Connection, watched: WatchedFolder, low: int, high: int) -> set[int]:
    """The UIDs from `low` to `high` that are in the journal."""
    rows = connection.execute(
        select(journal.c.uid).where(
            journal.c.account == watched.account,
            journal.c.folder == watched.folder,
            journal.c.uidvalidity == watched.uidvalidity,
            journal.c.uid.between(low, high),
        )
    )
    return set(rows.scalars())


def store(
    database: Database, watched: WatchedFolder, role: str, arrivals: Sequence[Arrival], *, now: datetime, high_uid: int | None = None
) -> list[int]:
    """Keep the mails and move the cursor, in one transaction; returns the UIDs that were new. May be repeated."""
    packed = [(arrival, hashlib.sha256(arrival.raw).hexdigest(), zlib.compress(arrival.raw, 1)) for arrival in arrivals]
    with database.write() as connection:
        new = [arrival.uid for arrival, digest, data in packed if _store_one(connection, watched, role, arrival, digest, data, now)]
        if high_uid is not None:
            _move_cursor(connection, watched, high_uid)
        fault("journal.commit")
    fault("journal.committed")
    return new


def _store_one(
    connection: Connection, watched: WatchedFolder, role: str, arrival: Arrival, digest: str, data: bytes, now: datetime
) -> bool:
    insert_new(connection, raw, {"digest": digest, "size": len(arrival.raw), "codec": "zlib", "data": data})
    raw_id = connection.execute(select(raw.c.id).where(raw.c.digest == digest)).scalar_one()
    return insert_new(
        connection,
        journal,
        {
            "account": watched.account,
            "folder": watched.folder,
            "uidvalidity": watched.uidvalidity,
            "uid": arrival.uid,
            "role": role,
            "raw_id": raw_id,
            "arrived_at": arrival.arrived_at,
            "stored_at": now,
            "size": arrival.size,
            "partial": arrival.partial,
            "history": arrival.arrived_at < watched.answer_since,
            "sender": arrival.sender[:320],
            "message_id": arrival.message_id[:998] if arrival.message_id else None,
            "state": "new",
            "next_at": now,
        },
    )


def _move_cursor(connection: Connection, watched: WatchedFolder, high_uid: int) -> None:
    connection.execute(
        update(folders)
        .where(
            folders.c.account == watched.account,
            folders.c.folder == watched.folder,
            folders.c.uidvalidity == watched.uidvalidity,
            folders.c.high_uid < high_uid,
        )
        .values(high_uid=high_uid)
    )


def reconciled(connection: Connection, watched: WatchedFolder, now: datetime) -> None:
    """The folder was compared with the journal, UID by UID."""
    connection.execute(
        update(folders)
        .where(folders.c.account == watched.account, folders.c.folder == watched.folder, folders.c.uidvalidity == watched.uidvalidity)
        .values(reconciled_at=now)
    )


def unmarked(connection: Connection, watched: WatchedFolder, limit: int) -> list[int]:
    """UIDs of done mails that do not carry our mark on the server yet."""
    rows = connection.execute(
        select(journal.c.uid)
        .where(
            journal.c.account == watched.account,
            journal.c.folder == watched.folder,
            journal.c.uidvalidity == watched.uidvalidity,
            journal.c.state == "done",
            journal.c.marked.is_(False),
        )
        .order_by(journal.c.uid)
        .limit(limit)
    )
    return list(rows.scalars())


def marked(connection: Connection, watched: WatchedFolder, uids: Iterable[int]) -> None:
    """The server was told about these; the mark is a hint, this table is the truth."""
    connection.execute(
        update(journal)
        .where(
            journal.c.account == watched.account,
            journal.c.folder == watched.folder,
            journal.c.uidvalidity == watched.uidvalidity,
            journal.c.uid.in_(list(uids)),
        )
        .values(marked=True)
    )


def claim(database: Database, holder: str, *, now: datetime, limit: int) -> list[Claimed]:
    """Take mails in hand: in order of arrival, but turn by turn among senders, so that a bomb delays nobody else.

    A lease that ran out is counted: in a batch as an interruption, alone as a try. A mail that failed is taken alone, and after those
    that did not. One thread of a holder claims: what the holder has in hand still was dropped when the database went away.
    A wait or a lease that is longer than any that we write comes from a clock that was set back: it is over (F62).
    """
    unleased = or_(
        journal.c.lease_until.is_(None), journal.c.lease_until <= now, journal.c.lease_until > now + LEASE, journal.c.lease_holder == holder
    )
    due = or_(journal.c.next_at <= now, journal.c.next_at > now + LEASE)
    free = and_(journal.c.state == "new", due, unleased)
    turn = func.row_number().over(partition_by=journal.c.sender, order_by=(journal.c.arrived_at, journal.c.id))
    waiting = select(journal.c.id, journal.c.arrived_at, journal.c.attempts, turn.label("turn")).where(free).subquery()
    fair = select(waiting.c.id).order_by(waiting.c.attempts, waiting.c.turn, waiting.c.arrived_at, waiting.c.id)
    with database.write() as connection:
        chosen = list(connection.execute(fair.limit(limit)).scalars())
        if not chosen:
            return []
        locked = select(journal.c.id).where(journal.c.id.in_(chosen), free).with_for_update(skip_locked=True)
        taken = connection.execute(
            update(journal)
            .where(journal.c.id.in_(locked.scalar_subquery()))
            .values(
                interrupted=journal.c.interrupted + 1,
                lease_holder=holder,
                lease_until=now + LEASE,
            )
            .returning(journal.c.id)
        ).scalars()
        ids = list(taken)
        rows = connection.execute(
            select(journal, raw.c.data).join(raw, raw.c.id == journal.c.raw_id).where(journal.c.id.in_(ids))
        ).mappings()
        return sorted((_claimed(row) for row in rows), key=lambda mail: (mail.attempts, mail.arrived_at, mail.id))


def _claimed(row: RowMapping) -> Claimed:
    return Claimed(
        id=row["id"],
        account=row["account"],
        folder=row["folder"],
        role=row["role"],
        arrived_at=row["arrived_at"],
        stored_at=row["stored_at"],
        size=row["size"],
        partial=row["partial"],
        history=row["history"],
        attempts=row["attempts"],
        alone=row["attempts"] > 0 or row["interrupted"] > _ALONE_AFTER,
        moved_to=row["moved_to"] or "",
        raw=zlib.decompress(row["data"]),
    )


def count_try(connection: Connection, journal_id: int) -> int:
    """Count a try of this mail alone, before it is made, so that a mail that kills us is still counted; returns the number."""
    tries: int = connection.execute(
        update(journal).where(journal.c.id == journal_id).values(attempts=journal.c.attempts + 1).returning(journal.c.attempts)
    ).scalar_one()
    return tries


def uncount_try(connection: Connection, journal_id: int) -> None:
    """The try met something that was not the mail's fault."""
    connection.execute(update(journal).where(journal.c.id == journal_id, journal.c.attempts > 0).values(attempts=journal.c.attempts - 1))


def release(connection: Connection, journal_ids: Iterable[int], *, next_at: datetime, error: str | None = None) -> None:
    """Put mails back: they wait until `next_at`. An error marks the mail as one to be tried alone."""
    values: dict[str, Any] = {"lease_holder": None, "lease_until": None, "next_at": next_at, "interrupted": 0}
    if error is not None:
        values |= {"error": error[:4000], "interrupted": _ALONE_AFTER}
    connection.execute(update(journal).where(journal.c.id.in_(list(journal_ids)), journal.c.state == "new").values(**values))


def recover(connection: Connection, holder: str, *, now: datetime) -> int:
    """At start: what this machine had in hand when it died is free again at once."""
    return connection.execute(
        update(journal)
        .where(journal.c.state == "new", journal.c.lease_holder == holder)
        .values(lease_holder=None, lease_until=None, next_at=now)
    ).rowcount


def hold(connection: Connection, journal_id: int, *, error: str, now: datetime) -> None:
    """Put a poison mail aside, visibly; `replay` brings it back (law I8)."""
    connection.execute(
        update(journal)
        .where(journal.c.id == journal_id, journal.c.state == "new")
        .values(state="held", error=error[:4000], lease_holder=None, lease_until=None, done_at=now)
    )


def replay(connection: Connection, journal_id: int, *, now: datetime) -> bool:
    """A held mail is tried again from the start."""
    return (
        connection.execute(
            update(journal)
            .where(journal.c.id == journal_id, journal.c.state == "held")
            .values(state="new", attempts=0, interrupted=0, next_at=now, done_at=None)
        ).rowcount
        == 1
    )


def first_delivery(connection: Connection, journal_id: int, *, content_key: str, message_id: str | None) -> int:
    """The journal row that brought this content first; the row itself where it is new. One of two that race waits for the other."""
    connection.execute(update(journal).where(journal.c.id == journal_id).values(message_id=message_id[:998] if message_id else None))
    insert_new(connection, content, {"key": content_key, "journal_id": journal_id})
    first: int = connection.execute(select(content.c.journal_id).where(content.c.key == content_key)).scalar_one()
    return first


def redirect(connection: Connection, journal_id: int, target: str, *, now: datetime) -> None:
    """The mail is taken anew, and goes to the ticket of that number, or to a new one."""
    connection.execute(message.delete().where(message.c.journal_id == journal_id))
    connection.execute(
        update(journal)
        .where(journal.c.id == journal_id)
        .values(state="new", attempts=0, interrupted=0, next_at=now, moved_to=target, ticket_id=None, consequence=None, lease_until=None)
    )


def arrived_lately(connection: Connection, sender: str, now: datetime) -> int:
    """How many mails of a sender (address key) were stored within the last hour."""
    return connection.execute(
        select(func.count())
        .select_from(journal)
        .where(journal.c.sender == sender, journal.c.stored_at.between(now - timedelta(hours=1), now))
    ).scalar_one()


def unprocessed(connection: Connection, message_ids: Iterable[str], *, since: datetime, besides: int) -> bool:
    """Whether a mail of one of those Message-IDs, stored since then, still waits to be processed."""
    return (
        connection.execute(
            select(journal.c.id)
            .where(
                journal.c.message_id.in_(list(message_ids)),
                journal.c.state == "new",
                journal.c.stored_at >= since,
                journal.c.id != besides,
            )
            .limit(1)
        ).first()
        is not None
    )


def raw_bytes(connection: Connection, journal_id: int) -> bytes | None:
    """The mail as it was stored."""
    data = connection.execute(select(raw.c.data).join(journal, journal.c.raw_id == raw.c.id).where(journal.c.id == journal_id)).scalar()
    return None if data is None else zlib.decompress(data)


def find(connection: Connection, journal_id: int) -> RowMapping | None:
    """One row of the journal, for people."""
    return connection.execute(select(journal).where(journal.c.id == journal_id)).mappings().first()


def newest(connection: Connection, *, limit: int, state: str | None = None, consequence: str | None = None) -> list[RowMapping]:
    """Rows for people, newest first."""
    query = select(journal).order_by(journal.c.id.desc()).limit(limit)
    if state:
        query = query.where(journal.c.state == state)
    if consequence:
        query = query.where(journal.c.consequence == consequence)
    return list(connection.execute(query).mappings())


def counts(connection: Connection) -> dict[str, int]:
    """Mails a state."""
    return {key: count for key, count in connection.execute(select(journal.c.state, func.count()).group_by(journal.c.state))}


def oldest_waiting(connection: Connection) -> datetime | None:
    """When the oldest unprocessed mail was stored."""
    return connection.execute(select(func.min(journal.c.stored_at)).where(journal.c.state == "new")).scalar()
