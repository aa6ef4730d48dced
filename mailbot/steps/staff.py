"""What a colleague asks for on the command line: load, decide, apply, and a line that says what was done."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from mailbot.errors import Permanent
from mailbot.model.command import Command, Unclear
from mailbot.model.ticket import Ticket
from mailbot.rules.acts import act, forget_mail
from mailbot.rules.commands import explain
from mailbot.rules.decide import Identity, opened_by_staff
from mailbot.rules.joins import join_tickets
from mailbot.rules.planning import Planning
from mailbot.steps.desk import Desk
from mailbot.store import journal, tickets
from mailbot.store.engine import Connection


def find(desk: Desk, number: str) -> Ticket:
    """The ticket of that number; its last digits will do. Raises Permanent where there is none."""
    with desk.database.read() as connection:
        return tickets.find(connection, number)


def carry_out(desk: Desk, number: str, command: Command | Unclear, actor: str, cause: str) -> str:
    """Do one command to one ticket. Raises Permanent for an unclear one, WrongTurn where the ticket does not allow it."""
    if isinstance(command, Unclear):
        raise Permanent(explain(command, "en"))
    now = desk.clock.now()
    with desk.database.write() as connection:
        planning = Planning(tickets.find(connection, number), desk.service, now, cause)
        line = act(planning, command, actor)
        desk.carry_out(connection, planning.finish(), now)
    return line


def open_ticket(desk: Desk, fields: tuple[tuple[str, str], ...], actor: str) -> str:
    """A ticket for a customer on the phone; returns its number. Raises Permanent where nothing is said about it."""
    if not fields:
        raise Permanent("a ticket needs something to go by, e.g. company=… device=… description=…; the fields: mailbot ticket open --help")
    now = desk.clock.now()
    year = now.astimezone(ZoneInfo(desk.service.calendar.zone)).year
    with desk.database.write() as connection:
        taken = tickets.take_number(connection, desk.service.ticket_prefix, year, None)
        plan = opened_by_staff(Identity(taken.id, taken.number), actor, fields, desk.service, now)
        desk.carry_out(connection, plan, now)
    return taken.number


def merge(desk: Desk, source: str, target: str, actor: str) -> str:
    """Close one ticket into another."""
    now = desk.clock.now()
    with desk.database.write() as connection:
        one, other = tickets.find(connection, source), tickets.find(connection, target)
        for plan in join_tickets(one, other, actor, desk.service, now):
            desk.carry_out(connection, plan, now)
    return f"{one.number} was merged into {other.number}"


def move(desk: Desk, journal_id: int, target: str, actor: str) -> str:
    """Take a mail to another ticket, or to a new one ("new"): the daemon reads it again, knowing where it belongs.

    What the ticket that it joined learned from it is forgotten there, and stands in the history.
    """
    now = desk.clock.now()
    with desk.database.write() as connection:
        row = journal.find(connection, journal_id)
        if row is None:
            raise Permanent(f"there is no mail {journal_id}; see: mailbot mail list")
        if row["state"] != "done":
            raise Permanent(f"mail {journal_id} is {row['state']}: it has not been processed yet")
        where, left = _destination(connection, journal_id, target), ""
        for ticket in tickets.load(connection, [row["ticket_id"]] if row["ticket_id"] is not None else []):
            if ticket.number == where:
                raise Permanent(f"mail {journal_id} is on {where} already")
            planning = Planning(ticket, desk.service, now, f"moved:{journal_id}:{where}", journal=journal_id)
            forget_mail(planning, journal_id, where, actor)
            desk.carry_out(connection, planning.finish(), now)
            if row["message_id"]:
                tickets.forget_mail(connection, ticket.id, [row["message_id"]])
            if ticket.number == tickets.opened_by(connection, journal_id):
                left = f"; {ticket.number}, which it had opened, stays: close it, or `mailbot ticket merge {ticket.number} {where}`"
        journal.redirect(connection, journal_id, where, now=now)
    return f"mail {journal_id} goes to {where}: the daemon takes it up at its next look{left}"


def _destination(connection: Connection, journal_id: int, target: str) -> str:
    """The number of the ticket; "new" for a mail that never opened one: a mail has one number at most."""
    if target.lower() != "new":
        return tickets.find(connection, target).number
    return tickets.opened_by(connection, journal_id) or "new"
