"""The tables. What must be true is a constraint here; a ticket's value is one JSON text, its columns are for queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware instant as microseconds since 1970 UTC; a naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware datetime to integer."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        delta = value - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Integer to UTC."""
        del dialect
        if value is None:
            return None
        seconds, micro = divmod(int(value), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)


_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER PRIMARY KEY up by itself

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mark", String(64), nullable=False),  # the loop mark of our mails
    Column("key_fingerprint", String(64), nullable=False),
    Column("first_start", Instant, nullable=False),
    Column("answer_since", Instant, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

folder = Table(
    "folder",
    metadata,
    _id(),
    Column("account", String(320), nullable=False),
    Column("folder", String(500), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("answer_since", Instant, nullable=False),  # older mail is history
    Column("high_uid", BigInteger, nullable=False),  # everything up to here was seen; holes are found by reconcile
    Column("first_seen", Instant, nullable=False),
    Column("reconciled_at", Instant),
    UniqueConstraint("account", "folder", "uidvalidity"),
)

raw = Table(
    "raw",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("codec", String(8), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    _id(),
    Column("account", String(320), nullable=False),
    Column("folder", String(500), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("role", String(8), nullable=False),  # inbox | sent
    Column("raw_id", _Id, ForeignKey("raw.id"), nullable=False, index=True),
    Column("arrived_at", Instant, nullable=False),  # INTERNALDATE
    Column("stored_at", Instant, nullable=False),
    Column("size", BigInteger, nullable=False),  # on the server; more than raw.size when partial
    Column("partial", Boolean, nullable=False),
    Column("history", Boolean, nullable=False),  # older than answer_since: adopted, never answered
    Column("sender", String(320), nullable=False, server_default=""),  # a hint for fair order, not an identity
    Column("message_id", String(998), index=True),
    Column("state", String(8), nullable=False),  # new | done | held
    Column("attempts", Integer, nullable=False, server_default="0"),  # tries of this mail alone, counted before each
    Column("interrupted", Integer, nullable=False, server_default="0"),  # tries in a batch that never ended
    Column("next_at", Instant, nullable=False),
    Column("lease_holder", String(100)),
    Column("lease_until", Instant),
    Column("consequence", String(10)),
    Column("kind", String(12)),
    Column("reason", Text),
    Column("rules", Text),
    Column("error", Text),
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), index=True),
    Column("moved_to", String(40)),  # where staff want it: a ticket's number, or "new"
    Column("done_at", Instant),
    Column("marked", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
    Index("ix_journal_state_next_at", "state", "next_at"),
    Index("ix_journal_sender_stored_at", "sender", "stored_at"),
)

content = Table(
    "content",
    metadata,
    Column("key", String(64), primary_key=True),  # a mail's identity: two deliveries of one mail have one key
    Column("journal_id", _Id, ForeignKey("journal.id"), nullable=False, unique=True),
)

ticket_counter = Table(
    "ticket_counter",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

ticket_number = Table(
    "ticket_number",
    metadata,
    _id(),
    Column("year", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("number", String(40), nullable=False, unique=True),
    Column("journal_id", _Id, unique=True),  # one mail never takes two numbers
    UniqueConstraint("year", "seq"),
)

ticket = Table(
    "ticket",
    metadata,
    Column("id", _Id, ForeignKey("ticket_number.id"), primary_key=True, autoincrement=False),
    Column("number", String(40), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("status", String(8), nullable=False, index=True),
    Column("requester", String(320), nullable=False, index=True),
    Column("assignee", String(320), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("last_mail_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("due_at", Instant),
    Column("value", Text, nullable=False),
)

thread_id = Table(
    "thread_id",
    metadata,
    Column("message_id", String(998), primary_key=True),
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), primary_key=True),
    Column("seen_only", Boolean, nullable=False),  # stands in the References of its mails alone
)

message = Table(
    "message",
    metadata,
    _id(),
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), nullable=False, index=True),
    Column("direction", String(4), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("sender", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String(998)),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("journal_id", _Id, ForeignKey("journal.id"), unique=True),
    Column("outbox_id", _Id, ForeignKey("outbox.id"), unique=True),
)

history = Table(
    "history",
    metadata,
    _id(),
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(320), nullable=False),
    Column("what", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("journal_id", _Id),
)

timer = Table(
    "timer",
    metadata,
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), primary_key=True),
    Column("cycle", Integer, primary_key=True),
    Column("stage", String(30), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_timer_done_at_at", "done_at", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", String(500), nullable=False, unique=True),
    Column("ticket_id", _Id, ForeignKey("ticket_number.id"), index=True),
    Column("journal_id", _Id),
    Column("kind", String(20), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String(300), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("mime", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),  # queued | sending | unknown | sent | failed | suppressed | superseded | held
    Column("reason", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("ambiguous", Integer, nullable=False, server_default="0"),  # attempts whose end is unknown
    Column("next_at", Instant, nullable=False),
    Column("lease_holder", String(100)),
    Column("lease_until", Instant),
    Column("lease", Integer, nullable=False, server_default="0"),  # counts claims: a late result of an old one is refused
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("settled", Boolean, nullable=False),  # its end has been told to `decide`, or need not be
    Index("ix_outbox_state_next_at", "state", "next_at"),
    Index("ix_outbox_settled_state", "settled", "state"),
    Index("ix_outbox_recipient_created_at", "recipient", "created_at"),
    Index("ix_outbox_audience_created_at", "audience", "created_at"),
)

mute = Table(
    "mute",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)

customer = Table(
    "customer",
    metadata,
    _id(),
    Column("company", String(300), nullable=False, unique=True),
    Column("phone", String(40), nullable=False),
    Column("account_manager", String(320), nullable=False),
)

customer_domain = Table(
    "customer_domain",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("customer_id", _Id, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
)

customer_contact = Table(
    "customer_contact",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("customer_id", _Id, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_name", String(100), nullable=False),
    Column("last_name", String(100), nullable=False),
    Column("phone", String(40), nullable=False),
)

customer_machine = Table(
    "customer_machine",
    metadata,
    _id(),
    Column("customer_id", _Id, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("device", String(100), nullable=False),
    Column("serial", String(100), nullable=False),
    Column("warranty_end", String(10), nullable=False),
    UniqueConstraint("customer_id", "device", "serial"),
)
