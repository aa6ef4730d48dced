"""Which ticket a mail belongs to: evidence from strong to weak, first hit wins, the reason is kept.

A ticket's number in a subject proves nothing by itself: a stranger who writes one gets a ticket of their own, linked for staff.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.model.facts import Flag, Reading
from mailbot.model.known import Known
from mailbot.model.mail import Address, Mail, MailKind
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.senders import SHARED_DOMAINS
from mailbot.rules.signing import Signer
from mailbot.rules.subject import same_subject_key, ticket_marks
from mailbot.rules.working_time import budget_time, due

_SHARED_LABELS = frozenset(domain.partition(".")[0] for domain in SHARED_DOMAINS)
"""Webmail under any ending (gmail.com, gmail.pl): the same domain does not make two people colleagues there."""

_SAYS_NOTHING_NEW = frozenset({Flag.SAME_AGAIN, Flag.FORGOT_SOMETHING, Flag.ONLY_ATTACHMENTS, Flag.THANKS_ONLY, Flag.PROMISE_ONLY})


class Evidence(StrEnum):
    """What chose the ticket, strongest first."""

    SIGNED = "signed"  # it answers a letter of ours, by our signature
    STORED = "stored"  # it answers a mail of the ticket
    SEEN = "seen"  # it refers to a mail that the ticket's mails refer to, and its sender takes part
    MARK = "mark"  # the number in the subject, and its sender takes part, or is of the house
    NOTICE = "notice"  # it answers a notice to staff, from an address that is not a colleague's
    AGAIN = "again"  # the requester says it again, or adds to it
    MOVED = "moved"  # staff said so
    NONE = "none"


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
    by: Evidence = Evidence.NONE


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
    kind: MailKind = MailKind.REQUEST,
    now: datetime | None = None,
) -> Match:
    """The ticket that the mail belongs to. With `reading` and `now` also by "the same again" within a few working days."""
    search = _Search(sender, keys, known, service)
    for by, ticket, reason in search.evidence():
        return Match(search.living(ticket), reason, by=by)
    named = tuple(search.by_number[mark] for mark in keys.marks if mark in search.by_number)
    if reading is not None and now is not None and sender is not None and not of_house(sender, service):
        again = _same_again(mail, sender, reading, kind, known, service, now)
        if again is not None:
            ticket, reason = again
            return Match(ticket, reason, named, Evidence.AGAIN)
    if named:
        return Match(None, "ticket number in the subject, but not from a participant", named)
    return Match(None, "answers nothing that we know")


def moved_by_staff(number: str, known: Known) -> Match:
    """The ticket that staff named for the mail, or the one that it lives on in; none for "new"."""
    by_number = {ticket.number: ticket for ticket in known.tickets}
    wanted = by_number.get(number)
    return Match(living(wanted, by_number) if wanted else None, f"moved by staff to {number}", by=Evidence.MOVED)


@dataclass(slots=True)
class _Search:
    sender: Address | None
    keys: Keys
    known: Known
    service: Service
    by_number: dict[str, Ticket] = field(init=False)
    by_id: dict[int, Ticket] = field(init=False)

    def __post_init__(self) -> None:
        self.by_number = {ticket.number: ticket for ticket in self.known.tickets}
        self.by_id = {ticket.id: ticket for ticket in self.known.tickets}

    def living(self, ticket: Ticket) -> Ticket:
        return living(ticket, self.by_number)

    def trusts(self, ticket: Ticket) -> bool:
        """Whether weak evidence will do: the sender takes part in the ticket, or is of the house."""
        return takes_part(self.sender, ticket) or (self.sender is not None and of_house(self.sender, self.service))

    def evidence(self) -> Iterator[tuple[Evidence, Ticket, str]]:
        named = {message_id.lower() for message_id in self.keys.message_ids}
        notices = [sent for sent in self.known.sent if sent.audience == "staff" and sent.message_id.lower() in named]
        if not notices or (self.sender is not None and of_house(self.sender, self.service)):
            for number in self.keys.signed:
                if number in self.by_number:
                    yield Evidence.SIGNED, self.by_number[number], "signed Message-ID"
        yield from self._stored()
        for mark in self.keys.marks:
            if mark in self.by_number and self.trusts(self.by_number[mark]):
                who = "a participant" if takes_part(self.sender, self.by_number[mark]) else "a colleague"
                yield Evidence.MARK, self.by_number[mark], f"ticket number in the subject, from {who}"
        for sent in notices:
            if ticket := self.by_id.get(sent.ticket or 0):
                by = Evidence.SIGNED if takes_part(self.sender, ticket) else Evidence.NOTICE
                yield by, ticket, "answers a notice to staff"

    def _stored(self) -> Iterator[tuple[Evidence, Ticket, str]]:
        """One id may stand in several tickets: its own ticket first, and there the one that the sender takes part in."""
        for message_id in self.keys.message_ids:
            entries = [
                (entry, self.by_id[entry.ticket])
                for entry in self.known.stored_ids
                if entry.message_id == message_id and entry.ticket in self.by_id
            ]
            for entry, ticket in sorted(entries, key=lambda pair: (pair[0].seen_only, not self.trusts(pair[1]), pair[1].id)):
                if not entry.seen_only:
                    yield Evidence.STORED, ticket, f"answers a mail of the ticket, {message_id}"
                elif self.trusts(ticket):
                    yield Evidence.SEEN, ticket, f"refers to a mail that the ticket refers to, {message_id}"


def takes_part(sender: Address | None, ticket: Ticket) -> bool:
    """Whether the sender is known on the ticket: by address, or as a colleague of the requester by a domain that is not webmail."""
    if sender is None or not sender.key:
        return False
    if sender.key in ticket.participants or sender.key == ticket.requester.key:
        return True
    return sender.domain == ticket.requester.domain and sender.domain.partition(".")[0] not in _SHARED_LABELS and bool(sender.domain)


def of_house(address: Address, service: Service) -> bool:
    """Whether an address is a colleague's, or the desk's own, which colleagues share."""
    return service.is_staff(address) or address.key in service.own_addresses


def living(ticket: Ticket, by_number: dict[str, Ticket]) -> Ticket:
    """The ticket that a merged one lives on in, however often it was merged."""
    seen: set[str] = set()
    while ticket.merged_into in by_number and ticket.number not in seen:
        seen.add(ticket.number)
        ticket = by_number[ticket.merged_into]
    return ticket


def _same_again(
    mail: Mail, sender: Address, reading: Reading, kind: MailKind, known: Known, service: Service, now: datetime
) -> tuple[Ticket, str] | None:
    """A ticket of the same requester, its last mail a few working days old at most, that this mail repeats, thanks for or adds to."""
    budget = budget_time(service.calendar, service.conversation.join_within)
    by_id = {ticket.id: ticket for ticket in known.tickets}
    subject = same_subject_key(mail.subject, service.ticket_prefix)
    says_nothing_new = reading.facts.description is None and (kind is MailKind.REQUEST or bool(reading.flags & _SAYS_NOTHING_NEW))
    for summary in known.recent:
        ticket = by_id.get(summary.id)
        if ticket is None or ticket.requester.key != sender.key or due(service.calendar, summary.last_mail_at, budget) < now:
            continue
        if ticket.status is Status.CLOSED:
            if Flag.THANKS_ONLY in reading.flags and not ticket.merged_into:
                return ticket, "the same requester thanks for a closed ticket"
        elif _other_device(reading, ticket):
            continue
        elif says_nothing_new:
            return ticket, "the same requester adds to or repeats an open ticket"
        elif ticket.status is not Status.REVIEW and subject and subject == same_subject_key(ticket.subject, service.ticket_prefix):
            return ticket, "the same requester, the same subject"
    return None


def _other_device(reading: Reading, ticket: Ticket) -> bool:
    new, old = reading.facts.device, ticket.facts.device
    return new is not None and old is not None and new.value != old.value
