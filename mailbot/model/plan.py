"""What shall happen, complete before the first effect: plain data that `store/apply.py` writes in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbot.model.deadline import Timer
from mailbot.model.letter import Draft
from mailbot.model.ticket import Ticket


class Direction(StrEnum):
    """Whose words a message of a ticket holds."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Consequence(StrEnum):
    """The one consequence of a stored mail (law I2)."""

    OPENED = "opened"  # opened a ticket
    ATTACHED = "attached"  # is a message on a ticket
    IGNORED = "ignored"  # has a named reason why neither


@dataclass(frozen=True, slots=True)
class SaveTicket:
    """Insert (version 0) or update the ticket, guarded by its version: stale means load and decide again."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class AddMessage:
    """A message on the ticket."""

    ticket: int
    direction: Direction
    kind: str
    subject: str
    text: str
    at: datetime
    sender: str = ""
    message_id: str | None = None
    journal: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the ticket's history: who did what, and the words for a person."""

    ticket: int
    actor: str
    what: str
    text: str
    journal: int | None = None


@dataclass(frozen=True, slots=True)
class SetTimers:
    """These are the ticket's timers from now on; those already done in the same cycle stay done (law I6)."""

    ticket: int
    cycle: int
    timers: tuple[Timer, ...]
    due_at: datetime | None  # the deadline, for lists; None while paused and once started


@dataclass(frozen=True, slots=True)
class DoneTimers:
    """These timers have had their effect (a mail, or a merge into one)."""

    ticket: int
    cycle: int
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Send this draft. Over the limits a suppressed row is written with the reason, and `otherwise` is sent in its place.

    An unsent automatic row to the same ticket and customer is superseded in the same transaction.
    """

    draft: Draft
    limited: bool = False  # counts and is counted against `[limits]`
    otherwise: tuple[Draft, ...] = ()
    if_held: Draft | None = None  # sent in its place where a limit held back a letter of the same plan: staff read what happened


@dataclass(frozen=True, slots=True)
class Suppress:
    """A draft that is not sent, kept as a row with its reason (nothing is suppressed without a trace)."""

    draft: Draft
    reason: str


@dataclass(frozen=True, slots=True)
class CancelUnsent:
    """Unsent automatic mails of these kinds on this ticket are superseded."""

    ticket: int
    kinds: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Mute:
    """The address cannot be reached: no automatic mail until then."""

    address: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Remember:
    """These Message-IDs belong to the ticket; `seen` ones stand only in the References of its mails, which is weaker evidence."""

    ticket: int
    message_ids: tuple[str, ...]
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounced:
    """The outbox row came back as undeliverable."""

    outbox: int
    reason: str


@dataclass(frozen=True, slots=True)
class Conclude:
    """The consequence of the mail; written exactly once a mail."""

    journal: int
    consequence: Consequence
    kind: str
    reason: str
    ticket: int | None = None


Effect = SaveTicket | AddMessage | Note | SetTimers | DoneTimers | Enqueue | Suppress | CancelUnsent | Mute | Remember | Bounced | Conclude


@dataclass(frozen=True, slots=True)
class Plan:
    """Effects in the order in which they are written, with the names of the rules that led there (for `mailbot mail why`)."""

    effects: tuple[Effect, ...] = ()
    rules: tuple[str, ...] = ()
