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
from mailbot.model.ticket import Status
from mailbot.rules import notices
from mailbot.rules.acts import act, start_case
from mailbot.rules.authres import Authentication
from mailbot.rules.authres import verdict as authentication
from mailbot.rules.commands import explain, read_commands
from mailbot.rules.planning import Planning, WrongTurn, due_at, staff_of, whole_team

HOW_TO_NAME = (
    "Wiadomość zapisano do oceny, bo nie wskazuje klienta.",
    "Aby otworzyć zgłoszenie dla klienta, przekaż jego wiadomość (PD:) na adres serwisu",
    "albo napisz w pierwszej linii „w imieniu: adres@klienta”.",
)


def obey(planning: Planning, event: MailArrived, sender: Address, sent: Iterable[SentMail]) -> None:
    """Carry out the commands of an answer to a notice, or keep the text as a note; answer once with what was done or why not."""
    refusal = _why_not(event, sender, tuple(sent), planning.service)
    if refusal:
        planning.because("command_refused")
        return _keep_note(planning, event, sender, refusal)
    found = read_commands(event.reading.new_text, planning.ticket.number)
    if not found:
        planning.because("note_by_mail")
        _record(planning, event, sender, "note")
        lines: tuple[str, ...] = (
            f"{planning.ticket.number}: zapisano notatkę. NIE wysłano jej do klienta; aby wysłać, zacznij od „odpowiedz”.",
        )
    else:
        _record(planning, event, sender, "command")
        lines = tuple(explain(item) if isinstance(item, Unclear) else _carry_out(planning, item, sender) for item in found)
    planning.to_staff(lambda ticket: CommandResult(lines, ticket), (sender.key,))
    return None


def _carry_out(planning: Planning, command: Command, sender: Address) -> str:
    try:
        return act(planning, command, sender.key)
    except WrongTurn as refused:
        return f"Nie wykonano: {refused}"


def _why_not(event: MailArrived, sender: Address, sent: tuple[SentMail, ...], service: Service) -> str:
    """Why a mail may not command; empty: it may."""
    if sender.key not in {mail.recipient.lower() for mail in sent if mail.audience == "staff"}:
        return "odpowiada na powiadomienie, które wysłano do kogoś innego"
    if event.mail.from_count != 1:
        return "ma kilku nadawców"
    if service.authserv_id and authentication(event.mail, service.authserv_id) is Authentication.FAIL:
        return "nie przeszła sprawdzenia nadawcy (DMARC, SPF, DKIM) na naszym serwerze"
    return ""


def _keep_note(planning: Planning, event: MailArrived, sender: Address, why: str) -> None:
    """Nothing is done, nothing is lost: the mail is a note, and staff hear of it."""
    _record(planning, event, sender, "note")
    planning.note("command_refused", f"mail {event.journal} of {sender.email}: {why}")
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    service = planning.service
    planning.to_staff(
        lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, f"Polecenia NIE wykonano: wiadomość {why}"), whole_team(service)
    )


def take_staff_note(planning: Planning, event: MailArrived, sender: Address) -> None:
    """A colleague's mail on a ticket that is neither a command nor to the customer."""
    planning.because("staff_note")
    _record(planning, event, sender, "note")
    mail = notices.quoted(event.mail, event.reading, event.arrived_at, event.journal)
    service = planning.service
    others = [email for email in staff_of(planning.ticket, service) if email != sender.key]
    planning.to_staff(lambda ticket: FollowUp(ticket, due_at(ticket, service), mail, "Notatka pracownika (nie wysłana do klienta)"), others)


def take_reply_to_customer(planning: Planning, event: MailArrived, sender: Address) -> None:
    """A colleague wrote to the customer in the thread: the case is started, the clock ends."""
    planning.because("started_by_mail")
    mail = event.mail
    planning.add(
        AddMessage(
            planning.ticket.id,
            Direction.OUT,
            "staff_mail",
            mail.subject,
            mail.text,
            event.arrived_at,
            sender.email,
            mail.message_id,
            event.journal,
        ),
        Remember(planning.ticket.id, (mail.message_id,) if mail.message_id else ()),
        Conclude(event.journal, Consequence.ATTACHED, "staff", "a colleague wrote to the customer", planning.ticket.id),
    )
    if planning.ticket.status in (Status.OPEN, Status.WAITING, Status.REVIEW):
        start_case(planning, sender.key)


def answer_how_to_name(planning: Planning, sender: Address) -> None:
    """The one answer to a colleague whose mail names no customer."""
    planning.to_staff(lambda ticket: CommandResult(HOW_TO_NAME, ticket), (sender.key,))


def confirm_to_colleague(planning: Planning, sender: Address) -> None:
    """The colleague who opened a ticket for a customer gets the acknowledgement."""
    planning.to_staff(
        lambda ticket: CommandResult((f"Otwarto zgłoszenie {ticket.number} dla {ticket.requester.email}.",), ticket), (sender.key,)
    )


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
