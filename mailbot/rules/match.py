"""Which ticket a mail belongs to: evidence from strong to weak, first hit wins, the reason is kept.

A ticket's number in a subject proves nothing by itself: a stranger who writes one gets a ticket of their own, linked for staff.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.model.facts import Flag, Reading
from mailbot.model.known import Known
from mailbot.model.mail import Address, Mail
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.senders import SHARED_DOMAINS
from mailbot.rules.signing import Signer
from mailbot.rules.subject import same_subject_key, ticket_marks
from mailbot.rules.working_time import budget_time, due

_SHARED_LABELS = frozenset(domain.partition(".")[0] for domain in SHARED_DOMAINS)
"""Webmail under any ending (gmail.com, gmail.pl): the same domain does not make two people colleagues there."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a mail names: the ids it answers, strongest first, tickets by our signature, tickets by number in the subject."""

    message_ids: tuple[str, ...]
    signed: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket, and the evidence that chose it; `linked` are tickets that staff should see beside it."""

    ticket: Ticket | None
    reason: str
    linked: tuple[Ticket, ...] = ()


def keys_of(mail: Mail, service: Service, signer: Signer) -> Keys:
    """All that may tell the ticket: In-Reply-To, then References from the last to the first, then what a report returns."""
    returned = mail.report.returned_ids if mail.report else ()
    ids = tuple(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references), *returned)))
    signed = tuple(dict.fromkeys(number for number in map(signer.verify, ids) if number))
    marks = dict.fromkeys(ticket_marks(mail.subject, service.ticket_prefix))
    if mail.report:
        marks |= dict.fromkeys(ticket_marks(mail.report.returned_subject, service.ticket_prefix))
    return Keys(ids, signed, tuple(marks))


def find_ticket(
    mail: Mail,
    sender: Address | None,
    keys: Keys,
    known: Known,
    service: Service,
    *,
    reading: Reading | None = None,
    now: datetime | None = None,
) -> Match:
    """The ticket that the mail belongs to. With `reading` and `now` also by "the same again" within a few working days."""
    by_number = {ticket.number: ticket for ticket in known.tickets}
    by_id = {ticket.id: ticket for ticket in known.tickets}
    for ticket, reason in _evidence(sender, keys, known, service, by_number, by_id):
        return Match(_living(ticket, by_number), reason)
    named = tuple(by_number[mark] for mark in keys.marks if mark in by_number)
    if reading is not None and now is not None and sender is not None:
        again = _same_again(mail, sender, reading, known, service, now)
        if again is not None:
            ticket, reason = again
            return Match(ticket, reason, named)
    if named:
        return Match(None, "ticket number in the subject, but not from a participant", named)
    return Match(None, "answers nothing that we know")


def _evidence(
    sender: Address | None, keys: Keys, known: Known, service: Service, by_number: dict[str, Ticket], by_id: dict[int, Ticket]
) -> Iterator[tuple[Ticket, str]]:
    notices = {sent.message_id.lower() for sent in known.sent if sent.audience == "staff"}
    is_staff = sender is not None and service.is_staff(sender)
    if is_staff or not notices.intersection(message_id.lower() for message_id in keys.message_ids):
        yield from ((by_number[number], "signed Message-ID") for number in keys.signed if number in by_number)
    stored = {entry.message_id: entry for entry in known.stored_ids}
    for message_id in keys.message_ids:
        entry = stored.get(message_id)
        ticket = by_id.get(entry.ticket) if entry else None
        if entry is None or ticket is None:
            continue
        if not entry.seen_only:
            yield ticket, f"answers a mail of the ticket, {message_id}"
        elif takes_part(sender, ticket):
            yield ticket, f"refers to a mail that the ticket refers to, {message_id}"
    for mark in keys.marks:
        if mark in by_number and takes_part(sender, by_number[mark]):
            yield by_number[mark], "ticket number in the subject, from a participant"


def takes_part(sender: Address | None, ticket: Ticket) -> bool:
    """Whether the sender is known on the ticket: by address, or as a colleague of the requester by a domain that is not webmail."""
    if sender is None:
        return False
    if sender.key in ticket.participants or sender.key == ticket.requester.key:
        return True
    return sender.domain == ticket.requester.domain and sender.domain.partition(".")[0] not in _SHARED_LABELS and bool(sender.domain)


def _living(ticket: Ticket, by_number: dict[str, Ticket]) -> Ticket:
    """The ticket that a merged one lives on in."""
    return by_number.get(ticket.merged_into, ticket) if ticket.merged_into else ticket


def _same_again(mail: Mail, sender: Address, reading: Reading, known: Known, service: Service, now: datetime) -> tuple[Ticket, str] | None:
    """An open ticket of the same requester, a few working days old at most, that this mail says again or adds to."""
    budget = budget_time(service.calendar, service.conversation.join_within)
    for summary in known.recent:
        ticket = next((ticket for ticket in known.tickets if ticket.id == summary.id), None)
        if ticket is None or ticket.status in (Status.CLOSED, Status.REVIEW) or ticket.requester.key != sender.key:
            continue
        if due(service.calendar, summary.last_mail_at, budget) < now:
            continue
        if reading.flags & {Flag.SAME_AGAIN, Flag.FORGOT_SOMETHING} and reading.facts.description is None:
            return ticket, "the same requester adds to or repeats an open ticket"
        subject = same_subject_key(mail.subject, service.ticket_prefix)
        if subject and subject == same_subject_key(ticket.subject, service.ticket_prefix) and not _other_device(reading, ticket):
            return ticket, "the same requester, the same subject"
    return None


def _other_device(reading: Reading, ticket: Ticket) -> bool:
    new, old = reading.facts.device, ticket.facts.device
    return new is not None and old is not None and new.value != old.value
