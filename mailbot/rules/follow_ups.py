"""What comes back from a customer: it is merged; then we ask on, acknowledge, reopen, or leave it to staff (rule 8)."""

from __future__ import annotations

from mailbot.model.event import MailArrived
from mailbot.model.facts import Flag, Item
from mailbot.model.letter import Acknowledgement, FollowUp, Receipt, Reopening
from mailbot.model.mail import Address
from mailbot.model.plan import Consequence
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import notices, sla
from mailbot.rules.acts import DISMISSED
from mailbot.rules.cases import LASTING, ask, attach, conclude, stamped, thread_with, told
from mailbot.rules.match import Evidence, Match
from mailbot.rules.merge import merge
from mailbot.rules.planning import Planning, due_at, opens_at, waits_since
from mailbot.rules.senders import answer_address

_ENDS_PATIENCE = frozenset({Flag.ANNOYED, Flag.WANTS_CALL, Flag.DOES_NOT_KNOW})


def take_answer(planning: Planning, event: MailArrived, sender: Address, match: Match, *, muted: str) -> None:
    """A customer's mail on a ticket: merge what it says, ask on, acknowledge, reopen, or just let staff know."""
    ticket, flags = planning.ticket, event.reading.flags
    planning.hush = planning.hush or event.verdict.silence or muted
    planning.add(*attach(event, ticket, "answer"), conclude(event, ticket, Consequence.ATTACHED, "answer", match.reason))
    planning.change(participants=ticket.participants | ({sender.key} - {""}), thread=thread_with(ticket, event))
    _break_silence(planning, event, sender)
    if Flag.THANKS_ONLY in flags:
        planning.because("thanks_only")
        return _tell(planning, event, "Klient dziękuje lub potwierdza")
    if ticket.status is Status.CLOSED:
        _reopen(planning, event)
    changes = _learn(planning, event)
    if planning.ticket.status is Status.REVIEW:
        planning.because("review")
        return _tell(planning, event, "Nowa wiadomość w sprawie do sprawdzenia", changes)
    brought = tuple(item for item in ticket.missing if item not in planning.ticket.missing)
    in_danger = Flag.DANGER in planning.ticket.flags - ticket.flags
    if ticket.asked and planning.ticket.missing and not in_danger:
        if Flag.PROMISE in flags and not flags & _ENDS_PATIENCE:
            planning.because("promise")
            planning.change(asked=planning.ticket.missing)
            return _tell(planning, event, "Klient zapowiada, że poda resztę później", changes)
        if _leaves_question(event, ticket, match, brought):
            return _keep_asking(planning, event, ticket, brought, changes)
    planning.change(asked=(), asked_at=None, cycle=sla.resume(planning.ticket.cycle, event.arrived_at))
    if planning.ticket.status is Status.WAITING:
        planning.turn(Status.OPEN)
    headline = _letter_after(planning, event, ticket, brought, in_danger=in_danger)
    return _tell(planning, event, f"ZAGROŻENIE! {headline}" if in_danger else headline, changes)


def _break_silence(planning: Planning, event: MailArrived, sender: Address) -> None:
    """A requester who could not be answered at first, and now writes a mail that may be, is answered from now on."""
    ticket = planning.ticket
    if not ticket.silence or planning.hush or sender.key != ticket.requester.key:
        return
    answer = answer_address(event.mail, planning.service).address
    if answer is not None:
        planning.change(silence="", answer_to=answer)
        planning.note("answered_again", f"answered automatically from now on; before: {ticket.silence}")


def _learn(planning: Planning, event: MailArrived) -> tuple[tuple[str, str, str], ...]:
    """Merge the mail's facts and flags; the clock follows the impact."""
    ticket, service = planning.ticket, planning.service
    facts, changed = merge(ticket.facts, stamped(event.reading.facts, event.journal))
    cycle = ticket.cycle
    if facts.impact_level:
        cycle = sla.change_impact(cycle, service, facts.impact_level, event.arrived_at, waits_since(ticket))
    planning.change(facts=facts, flags=ticket.flags | (event.reading.flags & LASTING), cycle=cycle)
    who = event.mail.from_.email if event.mail.from_ else ""
    rows = tuple((change.name, change.old.value if change.old else "", change.new.value) for change in changed)
    for name, old, new in rows:
        planning.note("learned", f"{name}: {old or '-'} -> {new}", actor=who)
    return rows


def _leaves_question(event: MailArrived, ticket: Ticket, match: Match, brought: tuple[Item, ...]) -> bool:
    """Whether the mail was written without knowing our question, or only adds a file to the case: then the question still stands."""
    if match.by not in (Evidence.STORED, Evidence.SEEN, Evidence.AGAIN):
        return False
    crossed = ticket.asked_at is None or event.arrived_at < ticket.asked_at
    adds = match.by is Evidence.AGAIN and not brought and not event.reading.flags & (_ENDS_PATIENCE | {Flag.SAME_AGAIN})
    return crossed or adds


def _keep_asking(
    planning: Planning, event: MailArrived, before: Ticket, brought: tuple[Item, ...], changes: tuple[tuple[str, str, str], ...]
) -> None:
    """The question stands. One that is not sent yet gives way to one without what the mail brought; it is the same question."""
    planning.because("question_stands")
    if brought and before.asked_at is None:
        ask(planning, counts=False)
    else:
        planning.change(asked=planning.ticket.missing)
    _tell(planning, event, "Klient dopisał coś do zgłoszenia; nasze pytanie nadal czeka na odpowiedź", changes)


def _letter_after(planning: Planning, event: MailArrived, before: Ticket, brought: tuple[Item, ...], *, in_danger: bool) -> str:
    """After an answer to a living case: ask on, acknowledge, or send a short receipt and leave the rest to staff. Returns the headline."""
    ticket, service = planning.ticket, planning.service
    opens = opens_at(service, planning.now)
    if before.status is Status.CLOSED:
        planning.because("reopened")
        planning.to_customer(lambda ticket: Reopening(ticket, due_at(ticket, service), opens))
        headline = "Klient napisał po zamknięciu: zgłoszenie wznowione"
    elif not ticket.missing and (brought or in_danger):
        planning.because("completed" if brought else "danger")
        planning.to_customer(lambda ticket: Acknowledgement(ticket, due_at(ticket, service), opens, thanks=True))
        headline = "Klient uzupełnił zgłoszenie" if brought else "Nowa wiadomość od klienta"
    elif _asks_on(planning, before, brought, event.reading.flags):
        planning.because("ask_again" if before.questions else "ask")
        ask(planning, again=before.questions > 0)
        headline = "Klient odpowiedział"
    elif before.asked or brought or in_danger:
        planning.because("receipt")
        planning.change(patience_ended=True)
        planning.to_customer(lambda ticket: Receipt(ticket, opens))
        headline = "Klient odpowiedział, ale nadal brakuje danych: prosimy o kontakt"
    else:
        headline = "Nowa wiadomość od klienta"
    return headline


def _asks_on(planning: Planning, before: Ticket, brought: tuple[Item, ...], flags: frozenset[Flag]) -> bool:
    """Another question only if something is missing, the last answer brought something, and our patience, and the customer's, allows it."""
    ticket = planning.ticket
    if not ticket.missing or ticket.status is not Status.OPEN or before.patience_ended or flags & _ENDS_PATIENCE:
        return False
    if before.questions >= planning.service.conversation.max_questions:
        return False
    return not before.questions or bool(before.asked and brought)


def _reopen(planning: Planning, event: MailArrived) -> None:
    """A new cycle with a new full budget; who had the case keeps it. What staff dismissed is theirs to judge again.

    Unless it is a case now: then it is open.
    """
    ticket = planning.ticket
    judged_again = ticket.closed_why.startswith(DISMISSED) and event.reading.facts.description is None
    planning.turn(Status.REVIEW if judged_again else Status.OPEN)
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
    """Staff hear of it."""
    service = planning.service
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    notes = (*notices.sounds_worse(event.reading.facts, planning.ticket.facts), *notices.remarks(event.reading))
    if planning.withheld:
        planning.because("not_answered")
        notes = (notices.not_answered(planning.withheld), *notes)
    planning.to_staff(lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, headline, changes, notes), told(planning, event))


def tell_of_invitation(planning: Planning, event: MailArrived) -> None:
    """Staff hear of a person's mail that was only attached."""
    _tell(planning, event, "Zaproszenie lub odpowiedź na nie")


def tell_of_machine(planning: Planning, event: MailArrived) -> None:
    """Staff hear of a mail on a ticket that only its words make a program's: if a person wrote it, nobody else would notice."""
    _tell(planning, event, "Wiadomość wygląda na automatyczną: nie odpowiadamy na nią, proszę na nią spojrzeć")
