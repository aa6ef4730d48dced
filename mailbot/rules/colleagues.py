"""A colleague's mail: commands in an answer to a notice, words to the customer, a ticket for a customer (issue: staff by mail).

A From address proves nothing. A command needs the unguessable Message-ID of a notice that went to that very address.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailbot.model.command import Command, Unclear
from mailbot.model.event import MailArrived
from mailbot.model.known import SentMail
from mailbot.model.letter import CommandResult, FollowUp
from mailbot.model.mail import Address
from mailbot.model.plan import AddMessage, Conclude, Consequence, Direction, Remember
from mailbot.model.service import Service
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import notices
from mailbot.rules.acts import act, start_case
from mailbot.rules.authres import Authentication
from mailbot.rules.authres import verdict as authentication
from mailbot.rules.commands import explain, read_commands
from mailbot.rules.planning import Planning, WrongTurn, due_at, staff_of, whole_team

HOW_TO_NAME = (
    "Wiadomość zapisano do sprawdzenia, bo nie wskazuje klienta.",
    "Aby otworzyć zgłoszenie dla klienta, przekaż jego wiadomość (PD:) na adres serwisu "
    "albo napisz w pierwszym wierszu „w imieniu: adres@klienta”.",
)
_NO_NOTICE = "nie odpowiada na żadne powiadomienie wysłane na ten adres"


# ---- commands -----------------------------------------------------------------------------------------------------


def obey(planning: Planning, event: MailArrived, sender: Address, sent: Iterable[SentMail], *, flood: bool) -> None:
    """Carry out the commands of an answer to a notice, or keep the text as a note; answer once with what was done or why not.

    The answer cannot loop: words that answer such an answer, and hold no command, are kept without one; in a `flood` none is sent.
    """
    answered = tuple(mail for mail in sent if mail.audience == "staff")
    refusal = _why_not(event, sender, answered, planning.service)
    if refusal:
        planning.because("command_refused")
        return _keep_note(planning, event, sender, refusal)
    found = read_commands(event.reading.new_text, planning.ticket.number)
    _record(planning, event, sender, "command" if found else "note")
    if found:
        lines = tuple(line for item in found for line in _carry_out(planning, item, sender).split("\n"))
    else:
        planning.because("note_by_mail")
        lines = (f"{planning.ticket.number}: zapisano notatkę. NIE wysłano jej do klienta; aby do niego napisać, zacznij od „odpowiedz:”.",)
    if not flood and (found or not _only_answers_answers(event, answered)):
        planning.to_staff(lambda ticket: CommandResult(lines, ticket), (sender.key,))
    return None


def _carry_out(planning: Planning, item: Command | Unclear, sender: Address) -> str:
    if isinstance(item, Unclear):
        return explain(item)
    try:
        return act(planning, item, sender.key)
    except WrongTurn as refused:
        return f"Nie wykonano: {refused}"


def _why_not(event: MailArrived, sender: Address, answered: tuple[SentMail, ...], service: Service) -> str:
    """Why a mail may not command; empty: it may."""
    if sender.key not in {mail.recipient.lower() for mail in answered}:
        return _NO_NOTICE
    if service.person(sender.email) is None:
        return "przyszła z adresu, którego nie ma w [[staff.people]]"
    if event.mail.from_count != 1:
        return "ma kilku nadawców"
    if service.authserv_id and authentication(event.mail, service.authserv_id) is Authentication.FAIL:
        return "nie przeszła sprawdzenia nadawcy (DMARC, SPF, DKIM) na naszym serwerze"
    return ""


def _only_answers_answers(event: MailArrived, answered: tuple[SentMail, ...]) -> bool:
    """Whether the mail answers what we told of commands: a colleague's autoresponder would write one each time."""
    named = {message_id.lower() for message_id in event.mail.in_reply_to or event.mail.references[-1:]}
    return any(mail.kind == "command_result" and mail.message_id.lower() in named for mail in answered)


def _keep_note(planning: Planning, event: MailArrived, sender: Address, why: str) -> None:
    """Nothing is done, nothing is lost: the mail is a note, and staff hear of it, the colleague in whose name it came too."""
    _record(planning, event, sender, "note")
    planning.note("command_refused", f"mail {event.journal} of {sender.email}: {why}")
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    service = planning.service
    named = (sender.key,) if service.is_staff(sender) else ()
    headline = f"Polecenia NIE wykonano: wiadomość {why}"
    planning.to_staff(lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, headline), (*whole_team(service), *named))


# ---- words on a ticket --------------------------------------------------------------------------------------------


def take_staff_note(planning: Planning, event: MailArrived, sender: Address, *, proven: bool) -> None:
    """A colleague's mail on a ticket that is neither an answer to a notice nor to the customer: a note.

    Where nothing but the number in the subject led here (not `proven`), the colleague whom From names is told as well.
    """
    if any(isinstance(item, Command) for item in read_commands(event.reading.new_text, planning.ticket.number)):
        planning.because("command_refused")
        return _keep_note(planning, event, sender, _NO_NOTICE)
    planning.because("staff_note")
    _record(planning, event, sender, "note")
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    service = planning.service
    planning.to_staff(
        lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, "Notatka pracownika (serwis nie wysłał jej do klienta)"),
        besides=sender.key if proven else "",
    )
    return None


def take_reply_to_customer(planning: Planning, event: MailArrived, sender: Address, *, proven: bool) -> None:
    """A colleague wrote to the customer in the thread: the case is started, the clock ends; the others hear who took it up."""
    planning.because("started_by_mail")
    mail, ticket, service = event.mail, planning.ticket, planning.service
    planning.add(
        AddMessage(
            ticket.id,
            Direction.OUT,
            "staff_mail",
            mail.subject,
            mail.text,
            event.arrived_at,
            sender.email,
            mail.message_id,
            event.journal,
        ),
        Remember(ticket.id, (mail.message_id,) if mail.message_id else (), mail.references[-20:]),
        Conclude(event.journal, Consequence.ATTACHED, "staff", "a colleague wrote to the customer", ticket.id),
    )
    if ticket.status not in (Status.OPEN, Status.WAITING, Status.REVIEW):
        return
    who = _who(sender, service)
    before = staff_of(ticket, service)
    start_case(planning, who)
    words = notices.quoted(mail, event.reading, event.arrived_at, event.journal)
    planning.to_staff(
        lambda ticket: FollowUp(ticket, None, words, f"{who} pisze do klienta: sprawa rozpoczęta, zegar zatrzymany"),
        before,
        besides=who if proven else "",
    )


def _who(sender: Address, service: Service) -> str:
    """The colleague who wrote: behind the desk's own address, which people share, the one whose name it shows."""
    if sender.key not in service.own_addresses:
        return sender.key
    shown = frozenset(sender.name.casefold().split())
    named = [person.email.lower() for person in service.people if shown and set(person.name.casefold().split()) <= shown]
    return named[0] if len(named) == 1 else sender.key


# ---- for a customer -----------------------------------------------------------------------------------------------


def answer_how_to_name(planning: Planning, sender: Address) -> None:
    """The one answer to a colleague whose mail names no customer."""
    planning.to_staff(lambda ticket: CommandResult(HOW_TO_NAME, ticket), (sender.key,))


def confirm_to_colleague(planning: Planning, sender: Address) -> None:
    """The colleague who opened a ticket for a customer gets the acknowledgement."""
    withheld = planning.withheld
    planning.to_staff(lambda ticket: CommandResult(tuple(_acknowledgement(ticket, withheld)), ticket), (sender.key,))


def _acknowledgement(ticket: Ticket, withheld: str) -> Iterable[str]:
    yield f"Otwarto zgłoszenie {ticket.number} dla {ticket.requester.email}."
    known = ", ".join(notices.fact_line(name, fact.value) for name, fact in ticket.facts.found())
    yield f"Wiemy: {known or 'nic'}."
    if ticket.missing:
        yield f"Brakujące dane: {', '.join(notices.ITEM_WORDS[item] for item in ticket.missing)}."
    yield f"{notices.not_answered(withheld)}." if withheld else "Klient dostał automatyczną odpowiedź."


def _record(planning: Planning, event: MailArrived, sender: Address, kind: str) -> None:
    mail = event.mail
    text = event.reading.new_text or mail.text
    planning.add(
        AddMessage(
            planning.ticket.id, Direction.NOTE, kind, mail.subject, text, event.arrived_at, sender.email, mail.message_id, event.journal
        ),
        Remember(planning.ticket.id, (mail.message_id,) if mail.message_id else ()),
        Conclude(event.journal, Consequence.ATTACHED, "staff", f"a colleague's {kind}", planning.ticket.id),
    )
