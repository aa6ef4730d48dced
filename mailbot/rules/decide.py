"""One answer to everything that happens: event and what is known in, a complete Plan out. No effect happens here.

The order of the service's rules is the order of the tables: `arrivals.COURSES` for mails, `acts` for staff, `lapses` for time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.model.command import Command, Verb
from mailbot.model.deadline import Cycle
from mailbot.model.event import Delivered, DeliveryFailed, StaffCommand, TimePassed
from mailbot.model.facts import Impact
from mailbot.model.known import SentMail
from mailbot.model.letter import Alarm, NewTicket
from mailbot.model.mail import Address, Mail
from mailbot.model.plan import Conclude, Consequence, Plan
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import acts, cases, colleagues, follow_ups, lapses, notices
from mailbot.rules.answer_wish import wants_answer
from mailbot.rules.arrivals import Course, Situation, Test, flooded, is_forged
from mailbot.rules.match import Evidence
from mailbot.rules.planning import NO_ADDRESS, Planning, answering, due_at, whole_team
from mailbot.rules.senders import answer_address, program_behind, sender_of

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
    event = situation.event
    if test.course is Course.IGNORE:
        conclude = Conclude(event.journal, Consequence.IGNORED, event.verdict.kind, _why_ignored(situation, test))
        return Plan((conclude,), (test.name,))
    if test.course is Course.BOUNCE:
        return _bounce(situation, test, now)
    sender = sender_of(event.mail, situation.service) or NOBODY
    if identity is not None:
        return _opening(situation, test, identity, sender, now)
    ticket = flooded(situation) if test.course is Course.FLOOD else situation.match.ticket
    if ticket is None:
        raise AssertionError(f"the policy chose {test.name} for a mail without a ticket")
    planning = _planning(situation, ticket, now, test)
    _attached(planning, situation, test, sender)
    return planning.finish()


def _attached(planning: Planning, situation: Situation, test: Test, sender: Address) -> None:
    """A mail that belongs to a ticket."""
    event, match, known = situation.event, situation.match, situation.known
    proven = match.by is not Evidence.MARK
    match test.course:
        case Course.ANSWER:
            follow_ups.take_answer(planning, event, sender, match, muted=known.muted)
        case Course.COMMAND:
            flood = known.flood > situation.service.limits.flood_hour
            colleagues.obey(planning, event, sender, known.sent, flood=flood)
        case Course.STARTED:
            colleagues.take_reply_to_customer(planning, event, sender, proven=proven)
        case Course.STAFF_NOTE:
            colleagues.take_staff_note(planning, event, sender, proven=proven and not is_forged(situation))
        case Course.FLOOD:
            cases.note_mail(planning, event, reason=f"flood: {known.flood} mails of the sender within an hour (limits.flood_hour)")
            _tell_of_flood(planning, sender)
        case _:
            cases.note_mail(planning, event, reason=f"{event.verdict.test}: {match.reason}")
            if not event.verdict.kind.is_machine:
                follow_ups.tell_of_invitation(planning, event)
            elif event.verdict.by_words:
                follow_ups.tell_of_machine(planning, event)


def _planning(situation: Situation, ticket: Ticket, now: datetime, test: Test) -> Planning:
    """A plan about a mail. What staff moved to a ticket is a cause of its own, so that its letters are not those of before."""
    event = situation.event
    cause = f"mail:{event.journal}:{ticket.number}" if situation.moved_to else f"mail:{event.journal}"
    by_staff = test.course in (Course.STARTED, Course.COMMAND, Course.STAFF_NOTE, Course.ON_BEHALF, Course.STAFF_REVIEW)
    planning = Planning(ticket, situation.service, now, cause, None if by_staff else answering(event.mail), event.journal)
    if situation.history:
        planning.hush = "wiadomość jest starsza niż imap.answer_since"
    planning.because(test.name)
    return planning


def _why_ignored(situation: Situation, test: Test) -> str:
    verdict = situation.event.verdict
    if test.name == "duplicate":
        return f"duplicate delivery of mail {situation.known.duplicate_of}"
    if verdict.kind.is_machine and test.name != "adopted":
        return f"{test.name}: {verdict.test} {verdict.text}".strip()
    return f"{test.name}: {test.says}"


def _opening(situation: Situation, test: Test, identity: Identity, sender: Address, now: datetime) -> Plan:
    event, service, match = situation.event, situation.service, situation.match
    requester, answer_to, silence = _requester(situation, sender, test.course is Course.ON_BEHALF)
    ticket = cases.new_ticket(
        identity.id, identity.number, event, situation.known, service, requester=requester, answer_to=answer_to, silence=silence
    )
    linked = tuple(dict.fromkeys((*match.linked, *((match.ticket,) if match.ticket else ()))))
    ticket = replace(ticket, links=tuple(other.number for other in linked))
    planning = _planning(situation, ticket, now, test)
    notes = (
        *notices.link_note(linked, "Powiązane zgłoszenia"),
        *notices.register_notes(situation.known.register, ticket.facts),
    )
    match test.course:
        case Course.REVIEW:
            reason = f"{event.verdict.test}: {event.verdict.text}".strip(": ") if event.verdict.test else test.says
            cases.open_review(planning, event, reason=reason, notes=notes)
        case Course.STAFF_REVIEW:
            cases.open_review(planning, event, reason=test.says, notes=notes, besides=sender.key)
            colleagues.answer_how_to_name(planning, sender)
        case Course.ON_BEHALF:
            _open_for_customer(planning, situation, sender, notes)
        case _:
            cases.open_case(planning, event, reason=match.reason if linked else test.says, notes=notes)
    return planning.finish()


def _open_for_customer(planning: Planning, situation: Situation, sender: Address, notes: tuple[str, ...]) -> None:
    """A colleague opens a ticket for a customer, who is written to only if the colleague, or the config, says so."""
    event, service = situation.event, situation.service
    requester = planning.ticket.requester
    wish = wants_answer(event.reading.new_text)
    if not (service.conversation.answer_forwarded if wish is None else wish):
        planning.hush = f"zgłoszenie przekazał pracownik ({sender.email})"
    others = tuple(summary for summary in situation.known.recent if summary.status is not Status.CLOSED)
    notes = (*notes, *notices.link_note(others, "Inne otwarte zgłoszenia tego klienta"))
    customer_wrote = tuple(inner.message_id for inner in event.mail.attached if inner.message_id)
    planning.change(thread=customer_wrote[:1])
    cases.open_case(planning, event, reason=f"opened by {sender.email} for {requester.email}", notes=notes, besides=sender.key)
    colleagues.confirm_to_colleague(planning, sender)


def _requester(situation: Situation, sender: Address, on_behalf: bool) -> tuple[Address, Address | None, str]:
    """Who the ticket is for, where a program may write to them, and why not."""
    event, known = situation.event, situation.known
    why = event.verdict.silence or ("" if event.verdict.may_be_answered else "wiadomość napisał program")
    if on_behalf and event.reading.on_behalf_of:
        customer = Address(event.reading.facts.full_name, event.reading.on_behalf_of)
        program = program_behind(customer.email)
        return customer, customer, why or known.muted or ("adres klienta należy do programu" if program else "")
    answer = answer_address(event.mail, situation.service)
    return sender, answer.address, why or known.muted or ("" if answer.address else NO_ADDRESS)


def _bounce(situation: Situation, test: Test, now: datetime) -> Plan:
    """A report on a mail of ours: a delay is a note, a failure is told to staff; a staff notice that came back is only kept."""
    event = situation.event
    sent, report = situation.known.sent[0], event.mail.report
    ticket = next((ticket for ticket in situation.known.tickets if ticket.id == sent.ticket), None)
    reason = "; ".join(f"{item.recipient}: {item.status} {item.diagnostic}".strip() for item in report.deliveries) if report else ""
    if ticket is None:
        text = f"bounce of {sent.kind} to {sent.recipient}: {reason}"
        return Plan((Conclude(event.journal, Consequence.IGNORED, event.verdict.kind, text),), (test.name,))
    planning = _planning(situation, ticket, now, test)
    cases.note_mail(planning, event, reason=f"report on {sent.kind} to {sent.recipient}: {reason}")
    if report is not None and report.type == "delivery-status" and lapses.is_final(report) and sent.audience == "customer":
        failed = DeliveryFailed(sent.outbox, sent.kind, sent.recipient, event.arrived_at, reason or event.verdict.text, report)
        lapses.not_delivered(planning, failed, named=_is_named(sent, event.mail))
    return planning.finish()


def _is_named(sent: SentMail, mail: Mail) -> bool:
    """Whether a report names our mail by its secret id; one that names only the recipient could be anybody's."""
    returned = mail.report.returned_ids if mail.report else ()
    return sent.message_id.lower() in {message_id.lower() for message_id in (*returned, *mail.in_reply_to, *mail.references)}


def _tell_of_flood(planning: Planning, sender: Address) -> None:
    """Once a sender and day."""
    planning.cause = f"flood:{sender.key}:{planning.now:%Y-%m-%d}"
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
        cycle=Cycle(1, now, Impact(values["impact"]) if "impact" in values else service.sla.default_impact),
        participants=frozenset({requester.key} - {""}),
        silence="zgłoszenie telefoniczne",
        patience_ended=True,
    )
    planning = Planning(ticket, service, now, f"opened:{identity.number}")
    planning.note("opened", "by staff, on the phone", actor)
    if fields:
        acts.act(planning, Command(Verb.SET, fields=fields), actor)
    planning.to_staff(lambda ticket: NewTicket(ticket, due_at(ticket, service), None, "", ("Zgłoszenie telefoniczne",)))
    return planning.finish()
