"""A case from the customer's side: opening it, taking in what comes back, asking again or not (rule 8)."""

from __future__ import annotations

from dataclasses import replace

from mailbot.model.deadline import Cycle
from mailbot.model.event import MailArrived
from mailbot.model.facts import Fact, Facts, Flag, Item, Where
from mailbot.model.known import Known, RegisterEntry
from mailbot.model.letter import Acknowledgement, FollowUp, NewTicket, Question, Receipt, Reopening, Unreadable
from mailbot.model.mail import Address
from mailbot.model.plan import AddMessage, Conclude, Consequence, Direction, Effect, Remember
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import notices, sla
from mailbot.rules.merge import merge
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

_ENDS_PATIENCE = frozenset({Flag.ANNOYED, Flag.WANTS_CALL, Flag.DOES_NOT_KNOW})


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
        participants=frozenset({requester.key} - {""}),
        silence=silence,
    )


def open_case(planning: Planning, event: MailArrived, *, reason: str, notes: tuple[str, ...] = (), silent: str = "") -> None:
    """Open a case: acknowledge it, or ask for exactly what is missing; tell staff. `silent`: the customer is not written to, why."""
    ticket = planning.ticket
    missing = ticket.missing
    planning.note("opened", f"{reason}; missing: {', '.join(missing) or 'nothing'}")
    planning.add(*attach(event, ticket, "request"), _conclude(event, ticket, Consequence.OPENED, "request", reason))
    told = ""
    why = silent or ticket.silence
    if why:
        planning.because("not_answered")
        notes = (notices.not_answered(why), *notes)
    if not silent:
        told = _first_letter(planning, event, missing)
        if told == "question":
            planning.change(asked=missing, questions=1)
    told = "" if why else told
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    alarm = Flag.DANGER in ticket.flags
    notes = (*notices.remarks(event.reading), *notes)
    if why:  # nobody will answer the question that was kept back
        planning.change(asked=(), questions=0)
    planning.to_staff(lambda ticket: NewTicket(ticket, due_at(ticket, planning.service), mail, told, notes, alarm))


def _first_letter(planning: Planning, event: MailArrived, missing: tuple[Item, ...]) -> str:
    """Queue the first letter to the customer; returns its kind."""
    opens, service = opens_at(planning.service, planning.now), planning.service
    if (event.mail.damaged or event.mail.partial) and Item.DESCRIPTION in missing:
        planning.because("unreadable")
        limit = event.mail.size // 1_000_000 if event.mail.partial else None
        planning.to_customer(lambda ticket: Unreadable(ticket, limit))
        return "unreadable"
    if missing:  # in danger too: the letter brings help first, and the question after it
        planning.because("ask")
        planning.to_customer(lambda ticket: Question(ticket, missing, opens_at=opens))
        return "question"
    planning.because("acknowledge")
    planning.to_customer(lambda ticket: Acknowledgement(ticket, due_at(ticket, service), opens))
    return "acknowledgement"


def open_review(planning: Planning, event: MailArrived, *, reason: str, notes: tuple[str, ...] = ()) -> None:
    """A person's mail that is no request: staff judge, nobody is answered."""
    planning.because("review")
    planning.change(status=Status.REVIEW)
    planning.note("review", reason)
    planning.add(
        *attach(event, planning.ticket, event.verdict.kind),
        _conclude(event, planning.ticket, Consequence.OPENED, event.verdict.kind, reason),
    )
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    notes = (*notices.remarks(event.reading), *notes)
    planning.to_staff(lambda ticket: NewTicket(ticket, None, mail, "", notes))


# ---- what comes back ----------------------------------------------------------------------------------------------


def take_answer(planning: Planning, event: MailArrived, sender: Address, *, reason: str) -> None:
    """A customer's mail on a ticket: merge what it says, ask on, acknowledge, reopen, or just let staff know."""
    ticket, flags = planning.ticket, event.reading.flags
    planning.add(*attach(event, ticket, "answer"), _conclude(event, ticket, Consequence.ATTACHED, "answer", reason))
    planning.change(participants=ticket.participants | {sender.key} - {""})
    if Flag.THANKS_ONLY in flags:
        planning.because("thanks_only")
        return _tell(planning, event, "Klient dziękuje lub potwierdza")
    if Flag.PROMISE_ONLY in flags and ticket.status is Status.WAITING:
        planning.because("promise_only")
        return _tell(planning, event, "Klient zapowiada, że poda resztę później")
    if ticket.status is Status.CLOSED:
        _reopen(planning, event)
    changes = _learn(planning, event)
    if ticket.status is Status.REVIEW:
        planning.because("review")
        return _tell(planning, event, "Nowa wiadomość w sprawie do oceny", changes)
    _go_on(planning, event, ticket, changes)
    return None


def _learn(planning: Planning, event: MailArrived) -> tuple[tuple[str, str, str], ...]:
    """Merge the mail's facts and flags; the clock runs again and follows the impact."""
    ticket, service = planning.ticket, planning.service
    facts, changed = merge(ticket.facts, _stamped(event.reading.facts, event.journal))
    cycle = sla.resume(ticket.cycle, event.arrived_at)
    if facts.impact_level and facts.impact_level is not ticket.cycle.impact:
        cycle = sla.change_impact(cycle, service, facts.impact_level, event.arrived_at)
    planning.change(facts=facts, flags=ticket.flags | (event.reading.flags & LASTING), cycle=cycle)
    who = event.mail.from_.email if event.mail.from_ else ""
    rows = tuple((change.name, change.old.value if change.old else "", change.new.value) for change in changed)
    for name, old, new in rows:
        planning.note("learned", f"{name}: {old or '-'} -> {new}", actor=who)
    return rows


def _go_on(planning: Planning, event: MailArrived, before: Ticket, changes: tuple[tuple[str, str, str], ...]) -> None:
    """After an answer to a living case: ask once more, acknowledge, or send a short receipt and leave the rest to staff."""
    ticket, flags = planning.ticket, event.reading.flags
    brought = tuple(item for item in before.missing if item not in ticket.missing)
    opens, service = opens_at(planning.service, planning.now), planning.service
    stood = bool(before.asked)
    planning.change(asked=(), asked_at=None)
    if ticket.status is Status.WAITING:
        planning.turn(Status.OPEN)
    headline = "Klient odpowiedział"
    if before.status is Status.CLOSED:
        planning.because("reopened")
        headline = "Klient napisał po zamknięciu: zgłoszenie wznowione"
        planning.to_customer(lambda ticket: Reopening(ticket, due_at(ticket, service), opens))
    elif not ticket.missing:
        headline = "Klient uzupełnił zgłoszenie" if brought else "Nowa wiadomość od klienta"
        in_danger = Flag.DANGER in flags and Flag.DANGER not in before.flags
        if brought or in_danger:
            planning.because("completed" if brought else "danger")
            planning.to_customer(lambda ticket: Acknowledgement(ticket, due_at(ticket, service), opens, thanks=True))
    elif stood and _asks_again(planning, ticket, brought, flags):
        planning.because("ask_again")
        missing = ticket.missing
        planning.change(asked=missing, questions=ticket.questions + 1)
        planning.to_customer(lambda ticket: Question(ticket, missing, again=True, opens_at=opens))
    elif stood or brought:
        planning.because("receipt")
        headline = "Klient odpowiedział, ale nadal brakuje danych: prosimy o kontakt"
        planning.change(patience_ended=True)
        planning.to_customer(lambda ticket: Receipt(ticket, opens))
    _tell(planning, event, headline, changes)


def _asks_again(planning: Planning, ticket: Ticket, brought: tuple[Item, ...], flags: frozenset[Flag]) -> bool:
    patience = planning.service.conversation.max_questions
    return bool(brought) and ticket.questions < patience and not ticket.patience_ended and not flags & _ENDS_PATIENCE


def _reopen(planning: Planning, event: MailArrived) -> None:
    """A new cycle with a new full budget; who had the case keeps it."""
    ticket = planning.ticket
    planning.turn(Status.OPEN)
    planning.change(
        cycle=sla.reopen(ticket.cycle, event.arrived_at, ticket.facts.impact_level or ticket.impact),
        started_at=None,
        started_by="",
        closed_at=None,
        closed_why="",
        patience_ended=True,
    )
    planning.note("reopened", "a mail of the customer", actor=event.mail.from_.email if event.mail.from_ else "")


def _tell(planning: Planning, event: MailArrived, headline: str, changes: tuple[tuple[str, str, str], ...] = ()) -> None:
    """Staff hear of it; "ponawiam" reaches managers too."""
    service = planning.service
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    notes = notices.remarks(event.reading)
    who = staff_of(planning.ticket, service)
    if Flag.SAME_AGAIN in event.reading.flags:
        who = (*who, *service.managers)
    planning.to_staff(lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, headline, changes, notes), who)


def note_mail(planning: Planning, event: MailArrived, *, reason: str, headline: str = "", tell: bool = False) -> None:
    """Attach a mail that changes neither state nor clock: a machine's, or one of a flood."""
    planning.because("noted")
    planning.add(
        *attach(event, planning.ticket, event.verdict.kind),
        _conclude(event, planning.ticket, Consequence.ATTACHED, event.verdict.kind, reason),
    )
    planning.note("noted", reason)
    if tell:
        _tell(planning, event, headline)


# ---- pieces -------------------------------------------------------------------------------------------------------


def from_mail(event: MailArrived, requester: Address) -> Facts:
    """The facts of a mail, stamped with it; the address that wrote is the customer's where they name no other."""
    facts = _stamped(event.reading.facts, event.journal)
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
        if not (facts.first_name and facts.last_name):
            known |= {"first_name": entry.first_name, "last_name": entry.last_name}
    if len(entry.devices) == 1 and Flag.OTHER_MAKER not in flags:
        known["device"], known["serial"] = entry.devices[0]
    added = {
        name: Fact(value, Where.REGISTER, "customer register") for name, value in known.items() if value and getattr(facts, name) is None
    }
    return replace(facts, **added)


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
    seen = tuple(dict.fromkeys((*mail.in_reply_to, *mail.references)))[:50]
    return message, Remember(ticket.id, own, tuple(message_id for message_id in seen if message_id not in own))


def _stamped(facts: Facts, journal: int) -> Facts:
    return replace(facts, **{name: replace(fact, mail=journal) for name, fact in facts.found()})


def _conclude(event: MailArrived, ticket: Ticket, consequence: Consequence, kind: str, reason: str) -> Conclude:
    return Conclude(event.journal, consequence, kind, reason, ticket.id)
