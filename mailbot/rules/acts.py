"""What staff do to a ticket, by mail or on the command line: one function a verb. Each says what was done, or why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mailbot.model.command import Command, Verb
from mailbot.model.facts import Fact, Impact, Item, Where
from mailbot.model.letter import FollowUp, StaffReply
from mailbot.model.mail import Address
from mailbot.model.plan import AddMessage, Direction
from mailbot.model.service import Service
from mailbot.model.ticket import Status
from mailbot.rules import sla
from mailbot.rules.commands import help_lines
from mailbot.rules.notices import IMPACT_WORDS, STATUS_WORDS, fact_line
from mailbot.rules.planning import Planning, WrongTurn, due_at, waits_since
from mailbot.rules.reading.device import catalogue_name

DISMISSED = "dismissed"  # how `closed_why` of a ticket begins that staff judged to be no case


class Refused(WrongTurn):
    """The command cannot be carried out; the text says why and what would work."""


def act(planning: Planning, command: Command, actor: str) -> str:
    """Carry out one command on the ticket of the plan; returns a line for whoever gave it.

    Raises WrongTurn (or its child Refused) where the ticket's state or the argument does not allow it: nothing is changed then.
    """
    done = _ACTS[command.verb](planning, command, actor)
    planning.because(f"command_{command.verb}")
    return done


def _start(planning: Planning, command: Command, actor: str) -> str:
    del command
    ticket = planning.ticket
    if ticket.status is Status.STARTED:
        return f"{ticket.number}: sprawa jest już rozpoczęta ({ticket.started_by})"
    start_case(planning, actor)
    return f"{ticket.number}: rozpoczęto, zegar zatrzymany"


def start_case(planning: Planning, actor: str) -> None:
    """Staff took the case up: the clock ends, open questions to the customer are dropped, the actor has the case if nobody else does."""
    ticket = planning.ticket
    planning.turn(Status.STARTED)
    planning.change(
        started_at=planning.now,
        started_by=actor,
        asked=(),
        asked_at=None,
        patience_ended=True,
        cycle=sla.resume(ticket.cycle, planning.now),
        assignee=ticket.assignee or _person(planning.service, actor),
    )
    planning.note("started", "the case was started", actor)


def _assign(planning: Planning, command: Command, actor: str) -> str:
    service, wanted = planning.service, command.argument.strip()
    email = _person(service, actor) if wanted.lower() == "me" else _colleague(service, wanted)
    if not email:
        known = ", ".join(person.name for person in service.people) or "nikogo ([[staff.people]] jest puste)"
        raise Refused(f"nie znam osoby „{wanted}”; znam: {known}")
    planning.change(assignee=email.lower())
    planning.note("assigned", f"assigned to {email}", actor)
    headline = f"{actor} przypisuje Ci to zgłoszenie"
    planning.to_staff(lambda ticket: FollowUp(ticket, due_at(ticket, service), None, headline), (email,), besides=actor)
    return f"{planning.ticket.number}: przypisano do {email}"


def _impact(planning: Planning, command: Command, actor: str) -> str:
    impact, ticket = Impact(command.argument), planning.ticket
    fact = Fact(impact.value, Where.STAFF, f"set by {actor}")
    cycle = sla.change_impact(ticket.cycle, planning.service, impact, planning.now, waits_since(ticket))
    planning.change(facts=replace(ticket.facts, impact=fact), cycle=cycle)
    planning.note("impact", f"{ticket.impact} -> {impact}", actor)
    if ticket.asked == (Item.IMPACT,):
        end_questions(planning)
    else:
        planning.change(asked=tuple(item for item in ticket.asked if item is not Item.IMPACT))
    return f"{ticket.number}: wpływ {IMPACT_WORDS[impact]}"


def end_questions(planning: Planning) -> None:
    """No question to the customer stands any more, and none will be asked: the clock runs."""
    ticket = planning.ticket
    planning.change(asked=(), asked_at=None, patience_ended=True, cycle=sla.resume(ticket.cycle, planning.now))
    if ticket.status is Status.WAITING:
        planning.turn(Status.OPEN)


def _set(planning: Planning, command: Command, actor: str) -> str:
    """What was learned on the phone; it ends the questions."""
    ticket, facts = planning.ticket, planning.ticket.facts
    end_questions(planning)
    fields = [(name, catalogue_name(value, planning.service.devices) if name == "device" else value) for name, value in command.fields]
    for name, value in fields:
        old = getattr(facts, name)
        facts = replace(facts, **{name: Fact(value, Where.STAFF, f"set by {actor}")})
        planning.note("set", f"{name}: {old.value if old else '-'} -> {value}", actor)
        if name == "impact":
            planning.change(cycle=sla.change_impact(planning.ticket.cycle, planning.service, Impact(value), planning.now))
    planning.change(facts=facts)
    if facts.email and ticket.answer_to is None:  # nobody could be written to so far
        address = Address(facts.full_name, facts.email.value)
        planning.change(answer_to=address, participants=ticket.participants | {address.key})
    return f"{ticket.number}: zapisano " + ", ".join(fact_line(name, value) for name, value in fields)


def _close(planning: Planning, command: Command, actor: str) -> str:
    if planning.ticket.status is Status.CLOSED:
        return f"{planning.ticket.number}: zgłoszenie jest już zamknięte"
    close_case(planning, command.argument or "closed by staff", actor)
    return f"{planning.ticket.number}: zamknięto"


def close_case(planning: Planning, why: str, actor: str) -> None:
    """Closed: no clock, no question, no reminder."""
    planning.turn(Status.CLOSED)
    cycle = sla.resume(planning.ticket.cycle, planning.now)
    planning.change(closed_at=planning.now, closed_why=why, asked=(), asked_at=None, cycle=cycle)
    planning.note("closed", why, actor)


def _reopen(planning: Planning, command: Command, actor: str) -> str:
    del command
    ticket = planning.ticket
    if ticket.status is not Status.CLOSED:
        raise Refused(f"{ticket.number} nie jest zamknięte (stan: {STATUS_WORDS[ticket.status]})")
    if ticket.merged_into:
        raise Refused(f"{ticket.number} połączono z {ticket.merged_into}: tam trwa sprawa")
    planning.turn(Status.OPEN)
    cycle = sla.reopen(ticket.cycle, planning.now, ticket.impact)
    planning.change(cycle=cycle, closed_at=None, closed_why="", started_at=None, started_by="")
    planning.note("reopened", "by staff", actor)
    return f"{ticket.number}: wznowiono, zegar biegnie od nowa"


def _accept(planning: Planning, command: Command, actor: str) -> str:
    del command
    ticket = planning.ticket
    if ticket.status is not Status.REVIEW:
        raise Refused(f"{ticket.number} nie czeka na sprawdzenie (stan: {STATUS_WORDS[ticket.status]})")
    planning.turn(Status.OPEN)
    planning.change(patience_ended=True)
    planning.note("accepted", "review: it is a case", actor)
    return f"{ticket.number}: przyjęto, zegar biegnie od nadejścia wiadomości"


def _dismiss(planning: Planning, command: Command, actor: str) -> str:
    ticket = planning.ticket
    if ticket.status is not Status.REVIEW:
        raise Refused(f"{ticket.number} nie czeka na sprawdzenie (stan: {STATUS_WORDS[ticket.status]}); zamknąć można poleceniem „zamknij”")
    close_case(planning, f"{DISMISSED}: {command.argument or 'no case for the desk'}", actor)
    return f"{ticket.number}: odrzucono"


def _note(planning: Planning, command: Command, actor: str) -> str:
    planning.note("note", command.argument, actor)
    planning.add(AddMessage(planning.ticket.id, Direction.NOTE, "note", "", command.argument, planning.now, actor))
    return f"{planning.ticket.number}: zapisano notatkę"


def _reply(planning: Planning, command: Command, actor: str) -> str:
    """A person's words to the customer, from the service address; whoever answers has started the case."""
    ticket = planning.ticket
    if not (ticket.answer_to or ticket.requester).email:
        raise Refused(f"{ticket.number}: nie znamy adresu klienta")
    person = planning.service.person(actor)
    author = person.name if person else ""
    planning.thread = None  # never that of the colleague's mail: it holds the secret ids of notices
    planning.to_customer(lambda ticket: StaffReply(ticket, command.argument, author), automatic=False)
    planning.note("replied", command.argument, actor)
    if ticket.status in (Status.OPEN, Status.WAITING, Status.REVIEW):
        start_case(planning, actor)
    return f"{ticket.number}: odpowiedź wysłana do {(ticket.answer_to or ticket.requester).email}"


def forget_mail(planning: Planning, journal: int, where: str, actor: str) -> None:
    """A mail that joined the ticket belongs elsewhere: what was learned from it is not known any more."""
    facts = planning.ticket.facts
    gone = {name: fact for name, fact in facts.found() if fact.mail == journal}
    planning.change(facts=replace(facts, **dict.fromkeys(gone)))
    forgotten = "; ".join(f"{name}: {fact.value}" for name, fact in gone.items())
    planning.note("mail_moved", f"mail {journal} to {where}" + (f"; forgotten with it: {forgotten}" if forgotten else ""), actor)


def _status(planning: Planning, command: Command, actor: str) -> str:
    del command, actor
    ticket = planning.ticket
    known = ", ".join(fact_line(name, fact.value) for name, fact in ticket.facts.found() if name != "impact")
    return f"{ticket.number}: {STATUS_WORDS[ticket.status]}, wpływ {IMPACT_WORDS[ticket.impact]}; {known or 'brak danych'}"


def _help(planning: Planning, command: Command, actor: str) -> str:
    del planning, command, actor
    return "\n".join(("Polecenia wpisuje się w pierwszych wierszach odpowiedzi na powiadomienie, po jednym w wierszu:", *help_lines()))


def _elsewhere(planning: Planning, command: Command, actor: str) -> str:
    del planning, actor
    raise Refused(f"„{command.verb}” działa tylko w wierszu poleceń (mailbot ticket {command.verb})")


_ACTS: dict[Verb, Callable[[Planning, Command, str], str]] = {
    Verb.START: _start,
    Verb.ASSIGN: _assign,
    Verb.IMPACT: _impact,
    Verb.SET: _set,
    Verb.CLOSE: _close,
    Verb.REOPEN: _reopen,
    Verb.ACCEPT: _accept,
    Verb.DISMISS: _dismiss,
    Verb.NOTE: _note,
    Verb.REPLY: _reply,
    Verb.STATUS: _status,
    Verb.HELP: _help,
    Verb.OPEN: _elsewhere,
    Verb.MERGE: _elsewhere,
}


def _person(service: Service, actor: str) -> str:
    """The actor's address where notices can go to it; empty for the command line, and for the desk's own address, which people share."""
    return actor.lower() if actor.lower() not in service.own_addresses and service.is_staff(Address("", actor)) else ""


def _colleague(service: Service, wanted: str) -> str:
    """The address of the one colleague whom the words name: by address, full name, or a part of it that is theirs alone."""
    if "@" in wanted:
        return _person(service, wanted)
    words = wanted.casefold().split()
    hits = [person.email for person in service.people if all(word in person.name.casefold().split() for word in words)]
    return hits[0] if len(hits) == 1 else ""
