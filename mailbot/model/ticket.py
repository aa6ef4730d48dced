"""A ticket and the states it may be in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.model.deadline import Cycle
from mailbot.model.facts import Facts, Flag, Impact, Item
from mailbot.model.mail import Address


class Status(StrEnum):
    """Where a ticket stands. `waiting` waits for the customer; `started` means that staff took the case up."""

    REVIEW = "review"
    WAITING = "waiting"
    OPEN = "open"
    STARTED = "started"
    CLOSED = "closed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.REVIEW: frozenset({Status.OPEN, Status.STARTED, Status.CLOSED}),
    Status.WAITING: frozenset({Status.OPEN, Status.STARTED, Status.CLOSED}),
    Status.OPEN: frozenset({Status.WAITING, Status.STARTED, Status.CLOSED}),
    Status.STARTED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN, Status.REVIEW}),
}
"""The whole status machine; the drawing in docs/flow.md is generated from it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One case of one customer, as a value: a change is a new value with the same id, saved if `version` still stands.

    The clock lives in `cycle`; a pause is open in it while a question that the SMTP server accepted stands unanswered.
    """

    id: int
    number: str  # OXI-2026-000123
    version: int  # 0: not stored yet
    status: Status
    language: str
    requester: Address  # the first sender; automatic mails go to `answer_to`
    answer_to: Address | None  # None: the customer cannot or must not be written to automatically
    subject: str
    opened_at: datetime
    cycle: Cycle
    facts: Facts = Facts()
    flags: frozenset[Flag] = frozenset()
    participants: frozenset[str] = frozenset()  # address keys of those who take part
    thread: tuple[str, ...] = ()  # Message-IDs of the customer's newest mails, oldest first: what our letters refer to
    silence: str = ""  # why the customer is not answered automatically; empty: they are
    questions: int = 0  # asked so far
    asked: tuple[Item, ...] = ()  # what the standing question asks for; empty: no question stands
    asked_at: datetime | None = None  # when the SMTP server accepted the standing question
    patience_ended: bool = False  # no further question: staff learned the rest on the phone, or decide
    assignee: str = ""  # a colleague's address
    started_at: datetime | None = None
    started_by: str = ""
    closed_at: datetime | None = None
    closed_why: str = ""
    links: tuple[str, ...] = field(default=())  # numbers of tickets that belong beside this one
    merged_into: str = ""

    @property
    def missing(self) -> tuple[Item, ...]:
        """Required items that nobody has told us yet."""
        return self.facts.missing()

    @property
    def impact(self) -> Impact:
        """The level that the clock uses: named, implied, or the default that the cycle was opened with."""
        return self.cycle.impact


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """An earlier ticket as far as a decision about another mail needs it."""

    id: int
    number: str
    status: Status
    subject: str
    opened_at: datetime
    last_mail_at: datetime
    closed_at: datetime | None
    requester: str
    device: str
