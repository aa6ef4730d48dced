"""What a colleague asks for on the command line: load, decide, apply, and a line that says what was done."""

from __future__ import annotations

from mailbot.errors import Permanent
from mailbot.model.command import Command, Unclear
from mailbot.model.ticket import Ticket
from mailbot.rules.acts import act
from mailbot.rules.commands import explain
from mailbot.rules.decide import Identity, opened_by_staff
from mailbot.rules.joins import join_tickets
from mailbot.rules.planning import Planning
from mailbot.steps.desk import Desk
from mailbot.store import journal, tickets


def find(desk: Desk, number: str) -> Ticket:
    """The ticket of that number; its last digits will do. Raises Permanent where there is none."""
    with desk.database.read() as connection:
        return tickets.find(connection, number)


def carry_out(desk: Desk, number: str, command: Command | Unclear, actor: str, cause: str) -> str:
    """Do one command to one ticket. Raises Permanent for an unclear one, WrongTurn where the ticket does not allow it."""
    if isinstance(command, Unclear):
        raise Permanent(explain(command, "en"))
    ticket = find(desk, number)
    now = desk.clock.now()
    planning = Planning(ticket, desk.service, now, cause)
    line = act(planning, command, actor)
    plan = planning.finish()
    with desk.database.write() as connection:
        desk.carry_out(connection, plan, now)
    return line


def open_ticket(desk: Desk, fields: tuple[tuple[str, str], ...], actor: str) -> str:
    """A ticket for a customer on the phone; returns its number."""
    now = desk.clock.now()
    with desk.database.write() as connection:
        taken = tickets.take_number(connection, desk.service.ticket_prefix, now.year, None)
        plan = opened_by_staff(Identity(taken.id, taken.number), actor, fields, desk.service, now)
        desk.carry_out(connection, plan, now)
    return taken.number


def merge(desk: Desk, source: str, target: str, actor: str) -> str:
    """Close one ticket into another."""
    one, other = find(desk, source), find(desk, target)
    now = desk.clock.now()
    plans = join_tickets(one, other, actor, desk.service, now)
    with desk.database.write() as connection:
        for plan in plans:
            desk.carry_out(connection, plan, now)
    return f"{one.number} was merged into {other.number}"


def move(desk: Desk, journal_id: int, target: str, actor: str) -> str:
    """Take a mail to another ticket, or to a new one ("new"): the daemon reads it again, knowing where it belongs."""
    now = desk.clock.now()
    where = "new" if target.lower() == "new" else find(desk, target).number
    with desk.database.write() as connection:
        row = journal.find(connection, journal_id)
        if row is None:
            raise Permanent(f"there is no mail {journal_id}; see: mailbot mail list")
        if row["state"] != "done":
            raise Permanent(f"mail {journal_id} is {row['state']}: it has not been processed yet")
        if row["ticket_id"] is not None:
            tickets.add_history(
                connection,
                row["ticket_id"],
                at=now,
                actor=actor,
                what="mail_moved",
                text=f"mail {journal_id} to {where}",
                journal_id=journal_id,
            )
            if row["message_id"]:
                tickets.forget_mail(connection, row["ticket_id"], [row["message_id"]])
        journal.redirect(connection, journal_id, where, now=now)
    return f"mail {journal_id} goes to {where}: the daemon takes it up at its next look"
