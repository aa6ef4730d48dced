"""A case is opened: what the mail told, completed by the register; the first letter to the customer (rule 8), the word to staff."""

from __future__ import annotations

from dataclasses import replace

from mailbot.model.deadline import Cycle
from mailbot.model.event import MailArrived
from mailbot.model.facts import Fact, Facts, Flag, Item, Where
from mailbot.model.known import Known, RegisterEntry
from mailbot.model.letter import Acknowledgement, NewTicket, Question, Receipt, Unreadable
from mailbot.model.mail import Address
from mailbot.model.plan import AddMessage, Conclude, Consequence, Direction, Effect, Remember
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import notices
from mailbot.rules.planning import Planning, due_at, opens_at, staff_of

LASTING = frozenset(
    {
        Flag.THIRD_PARTY,
        Flag.OTHER_MAKER,
        Flag.REPEATED,
        Flag.TRAINING,
        Flag.SEVERAL_DEVICES,
        Flag.SEVERAL_PROBLEMS,
        Flag.DANGER,
        Flag.COMPLAINT,
        Flag.INK_SYSTEM,
        Flag.SPAM,
    }
)
"""Flags that describe the case; the others describe one mail."""


# ---- opening ------------------------------------------------------------------------------------------------------


def new_ticket(
    key: int,
    number: str,
    event: MailArrived,
    known: Known,
    service: Service,
    *,
    requester: Address,
    answer_to: Address | None,
    silence: str,
) -> Ticket:
    """A ticket as the mail opens it: facts of the mail, completed by the customer register."""
    facts = with_register(from_mail(event, requester), known.register, event.reading.flags)
    impact = facts.impact_level or service.sla.default_impact
    return Ticket(
        id=key,
        number=number,
        version=0,
        status=Status.OPEN,
        language=event.reading.language,
        requester=requester,
        answer_to=answer_to,
        subject=event.mail.subject,
        opened_at=event.arrived_at,
        cycle=Cycle(1, event.arrived_at, impact),
        facts=facts,
        flags=event.reading.flags & LASTING,
        participants=frozenset({requester.key, answer_to.key if answer_to else ""} - {""}),
        thread=(event.mail.message_id,) if event.mail.message_id else (),
        silence=silence,
    )


def open_case(planning: Planning, event: MailArrived, *, reason: str, notes: tuple[str, ...] = (), besides: str = "") -> None:
    """Open a case: acknowledge it, or ask for exactly what is missing; tell staff, but not the colleague `besides`."""
    ticket, service = planning.ticket, planning.service
    planning.note("opened", f"{reason}; missing: {', '.join(ticket.missing) or 'nothing'}")
    if event.mail.partial:
        planning.note("too_large", f"only the head of mail {event.journal} ({event.mail.size:,} bytes) was stored")
    planning.add(*attach(event, ticket, "request"), conclude(event, ticket, Consequence.OPENED, "request", reason))
    letter = _first_letter(planning, event)
    if planning.withheld:
        planning.because("not_answered")
        letter, notes = "", (notices.not_answered(planning.withheld), *notes)
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    notes = (*notices.remarks(event.reading), *notes)
    alarm = Flag.DANGER in ticket.flags
    who = told(planning, event)

    def notice(ticket: Ticket) -> NewTicket:
        return NewTicket(ticket, due_at(ticket, service), mail, letter, notes, alarm)

    def held(ticket: Ticket) -> NewTicket:
        return replace(notice(ticket), told="", notes=(notices.not_answered(notices.HELD), *notes))

    planning.to_staff(notice, who, besides=besides, if_held=held if letter else None)


def _first_letter(planning: Planning, event: MailArrived) -> str:
    """Queue the first letter to the customer; returns its kind."""
    opens, service, missing = opens_at(planning.service, planning.now), planning.service, planning.ticket.missing
    if (event.mail.damaged or event.mail.partial) and Item.DESCRIPTION in missing:
        planning.because("unreadable")
        limit = max(1, round(event.mail.size / 1_000_000)) if event.mail.partial else None
        planning.to_customer(lambda ticket: Unreadable(ticket, limit))
        return "unreadable"
    if missing and service.conversation.max_questions:  # in danger too: the letter brings help first, and the question after it
        planning.because("ask")
        ask(planning)
        return "question"
    if missing:
        planning.because("receipt")
        planning.to_customer(lambda ticket: Receipt(ticket, opens))
        return "receipt"
    planning.because("acknowledge")
    planning.to_customer(lambda ticket: Acknowledgement(ticket, due_at(ticket, service), opens))
    return "acknowledgement"


def ask(planning: Planning, *, again: bool = False, counts: bool = True) -> None:
    """Ask for all that is missing. Nothing is asked where the letter is kept back: nobody would answer, and the clock must run."""
    ticket, opens = planning.ticket, opens_at(planning.service, planning.now)
    missing = ticket.missing
    planning.to_customer(lambda ticket: Question(ticket, missing, again=again, opens_at=opens))
    if not planning.withheld:
        planning.change(asked=missing, asked_at=None, questions=ticket.questions + int(counts))


def open_review(planning: Planning, event: MailArrived, *, reason: str, notes: tuple[str, ...] = (), besides: str = "") -> None:
    """A person's mail that is no request: staff judge, nobody is answered."""
    planning.because("review")
    planning.change(status=Status.REVIEW)
    planning.note("review", reason)
    planning.add(
        *attach(event, planning.ticket, event.verdict.kind),
        conclude(event, planning.ticket, Consequence.OPENED, event.verdict.kind, reason),
    )
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    notes = (*notices.remarks(event.reading), *notes)
    planning.to_staff(lambda ticket: NewTicket(ticket, None, mail, "", notes), besides=besides)


# ---- pieces -------------------------------------------------------------------------------------------------------


def told(planning: Planning, event: MailArrived) -> tuple[str, ...]:
    """Who hears of a customer's mail: the assignee, else the team; "ponawiam" reaches managers too."""
    managers = planning.service.managers if Flag.SAME_AGAIN in event.reading.flags else ()
    return (*staff_of(planning.ticket, planning.service), *managers)


def note_mail(planning: Planning, event: MailArrived, *, reason: str) -> None:
    """Attach a mail that changes neither state nor clock: a machine's, one of a flood, an invitation."""
    planning.because("noted")
    planning.add(
        *attach(event, planning.ticket, event.verdict.kind),
        conclude(event, planning.ticket, Consequence.ATTACHED, event.verdict.kind, reason),
    )
    planning.note("noted", reason)


def from_mail(event: MailArrived, requester: Address) -> Facts:
    """The facts of a mail, stamped with it; the address that wrote is the customer's where they name no other."""
    facts = stamped(event.reading.facts, event.journal)
    if facts.email is None and requester.email:
        facts = replace(facts, email=Fact(requester.email, Where.SENDER, requester.email, mail=event.journal))
    return facts


def with_register(facts: Facts, entry: RegisterEntry | None, flags: frozenset[Flag]) -> Facts:
    """What the register knows counts as given where the mail is silent.

    The person only when the very address is listed; the device only when there is one machine, and the mail speaks of no other maker's.
    """
    if entry is None:
        return facts
    known = {"company": entry.company}
    if entry.by == "contact":
        known |= {"phone": entry.phone}
        if _same_person(facts, entry):
            known |= {"first_name": entry.first_name, "last_name": entry.last_name}
    if len(entry.devices) == 1 and Flag.OTHER_MAKER not in flags:
        known["device"], known["serial"] = entry.devices[0]
    added = {
        name: Fact(value, Where.REGISTER, "customer register") for name, value in known.items() if value and getattr(facts, name) is None
    }
    return replace(facts, **added)


def _same_person(facts: Facts, entry: RegisterEntry) -> bool:
    """Whether the half of a name that a mail tells, if any, is the register's."""
    told = ((facts.first_name, entry.first_name), (facts.last_name, entry.last_name))
    return all(fact is None or fact.value.casefold() == name.casefold() for fact, name in told)


def attach(event: MailArrived, ticket: Ticket, kind: str) -> tuple[Effect, ...]:
    """The mail as a message on the ticket; its Message-ID and those it refers to lead there from now on."""
    mail = event.mail
    message = AddMessage(
        ticket.id,
        Direction.IN,
        kind,
        mail.subject,
        mail.text,
        event.arrived_at,
        mail.from_.email if mail.from_ else "",
        mail.message_id,
        event.journal,
    )
    own = (mail.message_id,) if mail.message_id else ()
    passed_on = (inner.message_id for inner in mail.attached if inner.message_id)
    seen = tuple(dict.fromkeys((*mail.in_reply_to, *mail.references, *passed_on)))[:50]
    return message, Remember(ticket.id, own, tuple(message_id for message_id in seen if message_id not in own))


def thread_with(ticket: Ticket, event: MailArrived) -> tuple[str, ...]:
    """The customer's newest mails on the ticket, this one last: what our letters refer to from now on."""
    message_id = event.mail.message_id
    if message_id is None:
        return ticket.thread
    return (*(each for each in ticket.thread if each != message_id), message_id)[-10:]


def stamped(facts: Facts, journal: int) -> Facts:
    return replace(facts, **{name: replace(fact, mail=journal) for name, fact in facts.found()})


def conclude(event: MailArrived, ticket: Ticket, consequence: Consequence, kind: str, reason: str) -> Conclude:
    return Conclude(event.journal, consequence, kind, reason, ticket.id)
