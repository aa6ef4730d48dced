"""One answer to everything that happens: event and what is known in, a complete Plan out. No effect happens here.

The order of the service's rules is the order of the tables: `arrivals.COURSES` for mails, `acts` for staff, `lapses` for time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.model.command import Command, Verb
from mailbot.model.deadline import Cycle
from mailbot.model.event import Delivered, DeliveryFailed, StaffCommand, TimePassed
from mailbot.model.letter import Alarm, NewTicket
from mailbot.model.mail import Address
from mailbot.model.plan import Conclude, Consequence, Plan
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import acts, cases, colleagues, lapses, notices
from mailbot.rules.arrivals import Course, Situation, Test, flooded
from mailbot.rules.planning import Planning, answering, due_at, whole_team
from mailbot.rules.senders import answer_address, sender_of

NOBODY = Address("", "")


@dataclass(frozen=True, slots=True)
class Identity:
    """A ticket's id and number, taken before the plan is made, so that a repeat gets the same."""

    id: int
    number: str


def opens_ticket(course: Course) -> bool:
    """Whether a mail of that course needs a ticket of its own."""
    return course in (Course.OPEN, Course.REVIEW, Course.ON_BEHALF, Course.STAFF_REVIEW)


def decide_mail(situation: Situation, test: Test, identity: Identity | None, now: datetime) -> Plan:
    """What follows from a mail. `test` is the line of the policy that hit; `identity` is given where it opens a ticket."""
    event, service, match = situation.event, situation.service, situation.match
    if test.course is Course.IGNORE:
        reason = f"{test.name}: {test.says}"
        if situation.known.duplicate_of is not None and test.name == "duplicate":
            reason = f"duplicate delivery of mail {situation.known.duplicate_of}"
        elif event.verdict.kind.is_machine:
            reason = f"{test.name}: {event.verdict.test} {event.verdict.text}".strip()
        return Plan((Conclude(event.journal, Consequence.IGNORED, event.verdict.kind, reason),), (test.name,))
    if test.course is Course.BOUNCE:
        return _bounce(situation, test, now)
    sender = sender_of(event.mail, service) or NOBODY
    if identity is not None:
        return _opening(situation, test, identity, sender, now)
    ticket = flooded(situation) if test.course is Course.FLOOD else match.ticket
    if ticket is None:
        raise AssertionError(f"the policy chose {test.name} for a mail without a ticket")
    planning = Planning(ticket, service, now, f"mail:{event.journal}", answering(event.mail), event.journal)
    planning.because(test.name)
    match test.course:
        case Course.ANSWER:
            cases.take_answer(planning, event, sender, reason=match.reason)
        case Course.COMMAND:
            colleagues.obey(planning, event, sender, situation.known.sent)
        case Course.STARTED:
            colleagues.take_reply_to_customer(planning, event, sender)
        case Course.STAFF_NOTE:
            colleagues.take_staff_note(planning, event, sender)
        case Course.FLOOD:
            cases.note_mail(planning, event, reason=_flood_reason(situation))
            _tell_of_flood(planning, sender, now)
        case _:
            cases.note_mail(planning, event, reason=f"{event.verdict.test}: {match.reason}")
    return planning.finish()


def _opening(situation: Situation, test: Test, identity: Identity, sender: Address, now: datetime) -> Plan:
    event, service, match = situation.event, situation.service, situation.match
    on_behalf = test.course is Course.ON_BEHALF
    requester, answer_to, silence = _requester(situation, sender, on_behalf)
    ticket = cases.new_ticket(
        identity.id, identity.number, event, situation.known, service, requester=requester, answer_to=answer_to, silence=silence
    )
    linked = tuple(dict.fromkeys((*match.linked, *((match.ticket,) if match.ticket else ()))))
    ticket = replace(ticket, links=tuple(other.number for other in linked))
    planning = Planning(ticket, service, now, f"mail:{event.journal}", answering(event.mail), event.journal)
    planning.because(test.name)
    notes = (
        *notices.link_note(linked, "Powiązane zgłoszenia"),
        *notices.register_notes(situation.known.register, ticket.facts),
    )
    if test.course is Course.REVIEW:
        reason = f"{event.verdict.test}: {event.verdict.text}".strip(": ") if event.verdict.test else test.says
        cases.open_review(planning, event, reason=reason, notes=notes)
    elif test.course is Course.STAFF_REVIEW:
        cases.open_review(planning, event, reason=test.says, notes=notes)
        colleagues.answer_how_to_name(planning, sender)
    elif on_behalf:
        quiet = "" if _may_answer_forwarded(situation) else f"zgłoszenie przekazał pracownik ({sender.email})"
        planning.thread = replace(planning.thread, in_reply_to=None, references=())
        cases.open_case(planning, event, reason=f"opened by {sender.email} for {requester.email}", notes=notes, silent=quiet)
        colleagues.confirm_to_colleague(planning, sender)
    else:
        cases.open_case(planning, event, reason=match.reason if linked else test.says, notes=notes)
    return planning.finish()


def _requester(situation: Situation, sender: Address, on_behalf: bool) -> tuple[Address, Address | None, str]:
    """Who the ticket is for, where a program may write to them, and why not."""
    event, known = situation.event, situation.known
    if on_behalf and event.reading.on_behalf_of:
        customer = Address(event.reading.facts.full_name, event.reading.on_behalf_of)
        return customer, customer, known.muted
    answer = answer_address(event.mail, situation.service)
    silence = event.verdict.silence or known.muted or ("" if answer.address else answer.reason)
    return sender, answer.address, silence


def _may_answer_forwarded(situation: Situation) -> bool:
    return situation.service.conversation.answer_forwarded


def _bounce(situation: Situation, test: Test, now: datetime) -> Plan:
    """A report on a mail of ours: a delay is a note, a failure is told to staff; a staff notice that came back is only kept."""
    event, service = situation.event, situation.service
    sent, report = situation.known.sent[0], event.mail.report
    ticket = next((ticket for ticket in situation.known.tickets if ticket.id == sent.ticket), None)
    reason = "; ".join(f"{item.recipient}: {item.status} {item.diagnostic}".strip() for item in report.deliveries) if report else ""
    if ticket is None:
        text = f"bounce of {sent.kind} to {sent.recipient}: {reason}"
        return Plan((Conclude(event.journal, Consequence.IGNORED, event.verdict.kind, text),), (test.name,))
    planning = Planning(ticket, service, now, f"mail:{event.journal}", answering(event.mail), event.journal)
    planning.because(test.name)
    cases.note_mail(planning, event, reason=f"report on {sent.kind} to {sent.recipient}: {reason}")
    if report is not None and report.type == "delivery-status" and lapses.is_final(report) and sent.audience == "customer":
        failed = DeliveryFailed(sent.outbox, sent.kind, sent.recipient, event.arrived_at, reason or event.verdict.text, report)
        lapses.not_delivered(planning, failed)
    return planning.finish()


def _flood_reason(situation: Situation) -> str:
    return f"flood: {situation.known.flood} mails of the sender within an hour (limits.flood_hour)"


def _tell_of_flood(planning: Planning, sender: Address, now: datetime) -> None:
    """Once a sender and day."""
    planning.cause = f"flood:{sender.key}:{now:%Y-%m-%d}"
    lines = (
        f"{sender.email} przysyła bardzo dużo wiadomości.",
        "Kolejne są dopisywane do zgłoszenia bez powiadomień i bez automatycznych odpowiedzi.",
    )
    planning.to_staff(lambda ticket: Alarm("Zalew wiadomości od jednego nadawcy", lines, ticket), whole_team(planning.service))


def decide(
    ticket: Ticket, event: StaffCommand | TimePassed | Delivered | DeliveryFailed, service: Service, now: datetime, cause: str
) -> Plan:
    """What follows from an act of staff, from time, or from the end of a mail of ours. Raises WrongTurn for an act that is not allowed."""
    planning = Planning(ticket, service, now, cause)
    match event:
        case StaffCommand(actor, command, _):
            acts.act(planning, command, actor)
        case TimePassed(timers):
            lapses.time_passed(planning, timers)
        case Delivered():
            lapses.delivered(planning, event)
        case DeliveryFailed():
            lapses.not_delivered(planning, event)
    return planning.finish()


def opened_by_staff(identity: Identity, actor: str, fields: tuple[tuple[str, str], ...], service: Service, now: datetime) -> Plan:
    """A ticket for a customer on the phone: no mail to the customer, staff are told, the clock runs from now."""
    values = dict(fields)
    requester = Address(" ".join(filter(None, (values.get("first_name"), values.get("last_name")))), values.get("email", ""))
    ticket = Ticket(
        id=identity.id,
        number=identity.number,
        version=0,
        status=Status.OPEN,
        language="pl",
        requester=requester,
        answer_to=requester if requester.email else None,
        subject=values.get("description", "")[:80],
        opened_at=now,
        cycle=Cycle(1, now, service.sla.default_impact),
        participants=frozenset({requester.key} - {""}),
        silence="opened on the phone",
        patience_ended=True,
    )
    planning = Planning(ticket, service, now, f"opened:{identity.number}")
    planning.note("opened", "by staff, on the phone", actor)
    if fields:
        acts.act(planning, Command(Verb.SET, fields=fields), actor)
    planning.to_staff(lambda ticket: NewTicket(ticket, due_at(ticket, service), None, "", ("Zgłoszenie telefoniczne",)))
    return planning.finish()
