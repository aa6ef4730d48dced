"""A mail arrived: what it is to us and what follows. The table `COURSES` is the policy; the first test that hits decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailbot.model.event import MailArrived
from mailbot.model.facts import Flag
from mailbot.model.known import Known
from mailbot.model.mail import Address, MailKind
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.authres import Authentication
from mailbot.rules.authres import verdict as authentication
from mailbot.rules.match import Evidence, Match, of_house, takes_part
from mailbot.rules.senders import is_deliverable


class Course(StrEnum):
    """What becomes of a mail."""

    IGNORE = "ignore"  # kept with its reason
    NOTE = "note"  # attached to its ticket; changes no state and no clock
    BOUNCE = "bounce"  # a mail of ours came back
    STARTED = "started"  # a colleague wrote to the customer: the case is started
    COMMAND = "command"  # a colleague answers a notice
    STAFF_NOTE = "staff_note"  # a colleague's words that belong to a ticket
    ON_BEHALF = "on_behalf"  # a colleague opens a ticket for a customer
    STAFF_REVIEW = "staff_review"  # a colleague's mail that names no customer
    FLOOD = "flood"  # one sender writes far too much
    ANSWER = "answer"
    REVIEW = "review"  # a ticket that staff judge
    OPEN = "open"  # a ticket


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the table looks at."""

    event: MailArrived
    match: Match
    known: Known
    service: Service
    role: str  # "inbox" or "sent": the folder that the mail was found in
    history: bool  # older than answer_since
    moved_to: str = ""  # where staff want it: a ticket's number, "new", or empty


@dataclass(frozen=True, slots=True)
class Test:
    """One line of the policy: a name, a sentence for people, and when it hits."""

    name: str
    says: str
    course: Course
    hits: Callable[[Situation], bool]


def _kind(*kinds: MailKind) -> Callable[[Situation], bool]:
    return lambda now: now.event.verdict.kind in kinds


def _is_machine(now: Situation) -> bool:
    return now.event.verdict.kind.is_machine


def _matched(now: Situation) -> bool:
    return now.match.ticket is not None


def _by_staff(now: Situation) -> bool:
    return now.role == "sent" or now.event.verdict.kind is MailKind.STAFF


def is_forged(now: Situation) -> bool:
    """Whether our own server says that the sender is not who From claims. The Sent folder needs no such proof."""
    return now.role != "sent" and authentication(now.event.mail, now.service.authserv_id) is Authentication.FAIL


def _writes_to_customer(now: Situation) -> bool:
    """Whether a mail in a ticket's thread goes to somebody who takes part in it and is not of the house."""
    ticket = now.match.ticket
    return ticket is not None and any(
        takes_part(to, ticket) and not of_house(to, now.service) for to in (*now.event.mail.to, *now.event.mail.cc)
    )


def _answers_notice(now: Situation) -> bool:
    named = {message_id.lower() for message_id in (*now.event.mail.in_reply_to, *now.event.mail.references)}
    return any(sent.audience == "staff" and sent.message_id.lower() in named for sent in now.known.sent)


def _names_customer(now: Situation) -> bool:
    """Whether a colleague's mail says for whom it is: an address that is not of the house."""
    email = now.event.reading.on_behalf_of
    return email is not None and is_deliverable(email) and not of_house(Address("", email), now.service)


def _is_flood(now: Situation) -> bool:
    return now.known.flood > now.service.limits.flood_hour and flooded(now) is not None


def _stranger_spam(now: Situation) -> bool:
    return now.event.verdict.spam and not (now.known.recent or now.known.register or _matched(now))


def _too_late_to_reopen(now: Situation) -> bool:
    ticket = now.match.ticket
    return (
        ticket is not None
        and ticket.status is Status.CLOSED
        and ticket.closed_at is not None
        and now.event.arrived_at - ticket.closed_at > now.service.conversation.reopen_within
        and Flag.THANKS_ONLY not in now.event.reading.flags
        and not now.moved_to
    )


COURSES: tuple[Test, ...] = (
    Test(
        "moved_to_new",
        "Staff want a ticket of its own for it.",
        Course.OPEN,
        lambda now: now.moved_to == "new" and not _by_staff(now),
    ),
    Test(
        "adopted",
        "It arrived before mailbot was to answer mail: kept as history.",
        Course.IGNORE,
        lambda now: now.history and not now.moved_to,
    ),
    Test(
        "duplicate",
        "The same mail was delivered before (same Message-ID, same content).",
        Course.IGNORE,
        lambda now: now.known.duplicate_of is not None and not now.moved_to,
    ),
    Test("own", "We wrote it ourselves.", Course.IGNORE, _kind(MailKind.OWN)),
    Test("bounce", "A report on a mail of ours.", Course.BOUNCE, lambda now: _kind(MailKind.BOUNCE)(now) and bool(now.known.sent)),
    Test(
        "machine_on_ticket",
        "A machine's mail that belongs to a ticket.",
        Course.NOTE,
        lambda now: _is_machine(now) and _matched(now),
    ),
    Test("machine", "A machine's mail that belongs to no ticket.", Course.IGNORE, _is_machine),
    Test(
        "started",
        "A colleague wrote to the customer in the thread.",
        Course.STARTED,
        lambda now: _by_staff(now) and _writes_to_customer(now) and not is_forged(now),
    ),
    Test("sent", "A colleague's mail in the Sent folder that is in no ticket's thread.", Course.IGNORE, lambda now: now.role == "sent"),
    Test(
        "command",
        "It answers a notice of ours to staff.",
        Course.COMMAND,
        lambda now: _answers_notice(now) and _matched(now) and (_by_staff(now) or now.match.by is Evidence.NOTICE),
    ),
    Test(
        "staff_note",
        "A colleague's mail on a ticket, not to the customer.",
        Course.STAFF_NOTE,
        lambda now: _by_staff(now) and _matched(now),
    ),
    Test("on_behalf", "A colleague writes for a customer.", Course.ON_BEHALF, lambda now: _by_staff(now) and _names_customer(now)),
    Test("staff_review", "A colleague's mail that names no customer.", Course.STAFF_REVIEW, _by_staff),
    Test(
        "invitation",
        "An invitation, or the answer to one, on a ticket.",
        Course.NOTE,
        lambda now: now.event.verdict.test == "calendar" and _matched(now),
    ),
    Test("flood", "The sender writes far more than a person does, and has an open ticket.", Course.FLOOD, _is_flood),
    Test("spam", "Our server calls it spam, and the sender is unknown.", Course.IGNORE, _stranger_spam),
    Test("answer", "It belongs to a ticket.", Course.ANSWER, lambda now: _matched(now) and not _too_late_to_reopen(now)),
    Test("other", "A person's mail that is no request for support.", Course.REVIEW, _kind(MailKind.OTHER)),
    Test("too_late_to_reopen", "Its ticket was closed too long ago: a new one, linked.", Course.OPEN, _too_late_to_reopen),
    Test("request", "A request for support.", Course.OPEN, lambda _: True),
)


def flooded(now: Situation) -> Ticket | None:
    """The open ticket that the mails of a flood are attached to: the one it belongs to, else the sender's newest."""
    mine = {summary.id for summary in now.known.recent}
    candidates = [now.match.ticket, *(ticket for ticket in now.known.tickets if ticket.id in mine)]
    return next((ticket for ticket in candidates if ticket is not None and ticket.status is not Status.CLOSED), None)


def course_of(situation: Situation) -> Test:
    """The first test that hits."""
    return next(test for test in COURSES if test.hits(situation))


def waits_for_thread(arrived: datetime, now: datetime) -> bool:
    """Whether a mail may still wait for the one that it answers: five minutes at most."""
    return now - arrived < timedelta(minutes=5)
