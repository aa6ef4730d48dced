"""The letters that the desk writes. A letter is data; `rules/compose.py` renders it with the template of its name.

Times are aware UTC; the templates show them in the zone of the service. Every letter to a customer carries the ticket;
its flags (danger, complaint, ink_system, other_maker) set the tone and the phone line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mailbot.model.facts import Item
from mailbot.model.mail import Address
from mailbot.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Quoted:
    """The customer's mail as staff see it in a notice: the whole new text, the files, who and when."""

    sender: Address | None
    at: datetime
    subject: str
    text: str
    attachments: tuple[str, ...] = ()
    mail: int | None = None  # journal id, for `mailbot mail show`


# ---- to customers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """All is known: number, what was understood, impact and how to change it, planned start (rule 9, planned, not promised)."""

    ticket: Ticket
    planned_start: datetime | None  # None: the clock does not run (already started)
    opens_at: datetime | None = None  # set outside opening hours: when the desk opens
    thanks: bool = False  # it answers a mail that completed an open ticket


@dataclass(frozen=True, slots=True)
class Question:
    """Asks for exactly `missing`, one form line each (rule 8); `again`: the second question, after a partial answer."""

    ticket: Ticket
    missing: tuple[Item, ...]
    again: bool = False
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuestionReminder:
    """Reminds of the standing question; `last`: the case will be closed at `closes_on` without an answer."""

    ticket: Ticket
    missing: tuple[Item, ...]
    last: bool
    closes_on: date


@dataclass(frozen=True, slots=True)
class Closing:
    """Closed for want of an answer; an answer at any time reopens."""

    ticket: Ticket
    missing: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Reopening:
    """A mail to a closed ticket reopened it."""

    ticket: Ticket
    planned_start: datetime | None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """We received a mail but could not read it: too large (its size, in MB) or damaged (None)."""

    ticket: Ticket
    size_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Short receipt in place of another question: we have the message, a person goes on from here."""

    ticket: Ticket
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffReply:
    """A colleague's own words to the customer, sent from the service address with the colleague's name."""

    ticket: Ticket
    text: str
    author: str


# ---- to staff -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket was opened (or waits for review): what was understood and where it was found, what is missing, deadline, text, files."""

    ticket: Ticket
    due_at: datetime | None
    mail: Quoted | None  # None: opened by staff on the phone
    told: str  # what the customer was sent: "acknowledgement", "question", or "" with the reason in `notes`
    notes: tuple[str, ...] = ()  # remarks in the language of the staff: why not answered, rule flags, links, register
    alarm: bool = False  # danger: goes out first and looks like it


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something new on a ticket: an answer, thanks, machine mail, a reopening."""

    ticket: Ticket
    due_at: datetime | None
    mail: Quoted | None
    headline: str  # one line: what happened
    changes: tuple[tuple[str, str, str], ...] = ()  # (fact, old value, new value)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlaReminder:
    """Reaction time: `percent` of the budget is used. Stages that fell due together are merged; the highest is shown."""

    ticket: Ticket
    percent: int  # 50, 75, 90, 100
    late_round: int  # 0, or the number of the reminder after the deadline
    due_at: datetime
    at: datetime  # now
    left: timedelta | None  # working time left; None when overdue
    overdue: timedelta | None  # working time past the deadline
    stage_at: datetime | None = None  # when the oldest merged stage was due, where it was missed for more than an hour
    merged: int = 0  # how many earlier stages this mail stands for as well


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One ticket in the morning digest."""

    ticket: Ticket
    due_at: datetime | None
    overdue: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """The morning: overdue, due today, waiting for customers, review, held mails."""

    day: date
    overdue: tuple[DigestLine, ...] = ()
    due_today: tuple[DigestLine, ...] = ()
    waiting: tuple[DigestLine, ...] = ()
    review: tuple[DigestLine, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must look at: a mail not delivered, a flood, the breaker, a held mail, a refused login."""

    headline: str
    lines: tuple[str, ...]
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What was done with each command of a staff mail, or why not."""

    lines: tuple[str, ...]
    ticket: Ticket | None = None


CustomerLetter = Acknowledgement | Question | QuestionReminder | Closing | Reopening | Unreadable | Receipt | StaffReply
StaffLetter = NewTicket | FollowUp | SlaReminder | Digest | Alarm | CommandResult
Letter = CustomerLetter | StaffLetter


class Audience(StrEnum):
    """Who reads a letter: the customer, or staff."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Thread:
    """The mail that a letter answers, for In-Reply-To, References (RFC 5322 3.6.4) and the subject."""

    subject: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to one recipient. `key` makes it unique for ever (law I4): the same key is never sent twice."""

    letter: Letter
    to: Address
    key: str  # e.g. "ask:mail:17" or "remind:ticket:5:1:sla:75:<recipient>"; never time-based
    audience: Audience
    language: str = "pl"
    thread: Thread = Thread()
    automatic: bool = True  # False: a person's words, carries no Auto-Submitted
    answers_mail: bool = True  # Auto-Submitted: auto-replied; else auto-generated (RFC 3834 3.1.7)

    @property
    def kind(self) -> str:
        """The letter's name, e.g. `question`: the template's name and the kind of the outbox row."""
        name = type(self.letter).__name__
        return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered draft: finished MIME, with the Message-ID by which an answer will be recognised."""

    draft: Draft
    message_id: str
    subject: str
    text: str
    mime: bytes
