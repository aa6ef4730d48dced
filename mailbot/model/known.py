"""What the database knows that a decision needs; the step loads it first, so that the rules stay pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.model.ticket import Ticket, TicketSummary


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the customer register says about a sender; it counts as given and is never shown to a stranger."""

    company: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    devices: tuple[tuple[str, str], ...] = ()  # (device, serial)
    warranty_end: str = ""
    account_manager: str = ""
    by: str = "contact"  # contact: the address is listed; domain: only its domain is


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours that somebody refers to."""

    outbox: int
    ticket: int | None
    kind: str
    audience: str
    recipient: str
    message_id: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredId:
    """A Message-ID of a ticket's thread; `seen_only`: it stood in References alone, nobody sent us that mail."""

    message_id: str
    ticket: int
    seen_only: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Loaded in one go for one mail: every ticket and row that its keys point to."""

    tickets: tuple[Ticket, ...] = ()  # candidates, loaded by the keys of `rules/match.py`
    sent: tuple[SentMail, ...] = ()  # our mails that its In-Reply-To, References or report name
    stored_ids: tuple[StoredId, ...] = ()
    recent: tuple[TicketSummary, ...] = ()  # the sender's tickets of late, newest first
    register: RegisterEntry | None = None
    muted: str = ""  # why the sender's address is not written to; empty: it is
    duplicate_of: int | None = None  # journal id of an earlier delivery of the same mail
    flood: int = 0  # mails of this sender within the last hour
