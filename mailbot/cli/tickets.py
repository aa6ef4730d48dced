"""`mailbot ticket …`: lists and pages for people and programs, and what staff may do."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mailbot.cli.app import Config, Json, Limit, actor, desk_of, iso, local, out, page, print_json, records_of, ticket_app
from mailbot.errors import Permanent
from mailbot.model.command import Command, Unclear, Verb
from mailbot.model.facts import FACT_NAMES
from mailbot.model.ticket import Status, Ticket
from mailbot.store import tickets

Number = Annotated[str, typer.Argument(help="The ticket's number; its last digits will do.")]


# ---- looking ------------------------------------------------------------------------------------------------------


@ticket_app.command("list")
def list_tickets(
    config: Config = None,
    as_json: Json = False,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    status: Annotated[list[Status] | None, typer.Option("--status", help="Only these; may be repeated.")] = None,
    limit: Limit = 1000,
) -> None:
    """All that is not closed, what is due first."""
    with records_of(config) as records:
        zone = records.settings.desk.timezone
        statuses = list(Status) if every else status
        with records.database.read() as connection:
            rows = tickets.listed(connection, statuses=statuses, limit=limit)
        if as_json:
            for ticket, due_at in rows:
                print_json(as_dict(ticket, due_at, zone))
            return
        table = Table(box=None, pad_edge=False)
        for column in ("number", "status", "impact", "due"):
            table.add_column(column, no_wrap=True)
        table.add_column("customer, what is wrong", overflow="fold")
        for ticket, due_at in rows:
            late = due_at is not None and due_at < records.clock.now()
            due = local(due_at, zone)[5:]
            who = ticket.facts.company.value if ticket.facts.company else ticket.requester.name or ticket.requester.email
            table.add_row(
                ticket.number, ticket.status, ticket.impact, f"[red]{due}[/]" if late else due, escape(f"{who}: {ticket.subject}")
            )
        out.print(table if rows else "no tickets")


@ticket_app.command()
def show(number: Number, config: Config = None, as_json: Json = False) -> None:
    """One ticket: facts with their evidence, messages, history."""
    with records_of(config) as records:
        zone = records.settings.desk.timezone
        with records.database.read() as connection:
            ticket = tickets.find(connection, number)
            due_at = tickets.due_at(connection, ticket.id)
            messages, history = tickets.messages(connection, ticket.id), tickets.history_of(connection, ticket.id)
    if as_json:
        found = as_dict(ticket, due_at, zone)
        found["messages"] = [
            {name: row[name] for name in ("direction", "kind", "subject", "message_id")} | {"at": iso(row["at"], zone), "text": row["text"]}
            for row in messages
        ]
        found["history"] = [{"at": iso(row["at"], zone)} | {name: row[name] for name in ("actor", "what", "text")} for row in history]
        return print_json(found)
    _page(ticket, due_at, zone)
    for row in messages:
        out.rule(escape(f"{local(row['at'], zone)}  {row['direction']} {row['kind']}  {row['sender']}"), align="left", style="dim")
        out.print(escape(f"{row['subject']}\n\n{row['text'].strip()}"))
    out.rule("history", align="left", style="dim")
    for row in history:
        out.print(escape(f"{local(row['at'], zone)}  {row['actor']}: {row['what']}: {row['text']}"))
    return None


def _page(ticket: Ticket, due_at: datetime | None, zone: str) -> None:
    told = {
        "ticket": f"{ticket.number}  {ticket.status}",
        "subject": escape(ticket.subject),
        "customer": escape(f"{ticket.requester.name} <{ticket.requester.email}>"),
        "impact": str(ticket.impact),
        "opened": local(ticket.opened_at, zone),
        "due": local(due_at, zone) or "-",
        "missing": ", ".join(ticket.missing) or "nothing",
        "flags": ", ".join(sorted(ticket.flags)) or "none",
        "assignee": ticket.assignee or "-",
        "not answered": escape(ticket.silence),
        "started": escape(f"{local(ticket.started_at, zone)} {ticket.started_by}".strip()),
        "closed": escape(f"{local(ticket.closed_at, zone)} {ticket.closed_why}".strip()),
        "links": ", ".join((*ticket.links, *((ticket.merged_into,) if ticket.merged_into else ()))),
    }
    facts = {
        name.replace("_", " "): f"{escape(fact.value)}  [dim]{fact.where}{'' if fact.stated else ', implied'}[/]"
        for name, fact in ticket.facts.found()
    }
    out.print(page((name, value) for name, value in (*told.items(), *facts.items()) if value))


@ticket_app.command("why-due")
def why_due(number: Number, config: Config = None, as_json: Json = False) -> None:
    """The timeline of the clock: each stretch counted, skipped or paused, and why."""
    from mailbot.rules import sla
    from mailbot.rules.working_time import budget_time

    with records_of(config) as records:
        service = records.settings.service
        with records.database.read() as connection:
            ticket = tickets.find(connection, number)
        zone, cycle = service.calendar.zone, ticket.cycle
        stretches = sla.timeline(cycle, service, records.clock.now())
        due_at = sla.due_at(cycle, service)
        budget = budget_time(service.calendar, service.sla.target(cycle.impact))
    if as_json:
        for stretch in stretches:
            print_json({"start": iso(stretch.start, zone), "end": iso(stretch.end, zone), "kind": stretch.kind, "name": stretch.name})
        return
    out.print(
        f"{ticket.number}: impact {ticket.impact}, {_span(budget.total_seconds())} of working time from {local(cycle.started_at, zone)}"
        f" (clock no. {cycle.number})"
    )
    for stretch in stretches:
        length = _span((stretch.end - stretch.start).total_seconds())
        out.print(f"{local(stretch.start, zone)}  {local(stretch.end, zone)}  {length:>9}  {stretch.kind} {escape(stretch.name)}".rstrip())
    ended = f"; the clock ended when {ticket.started_by} started the case" if ticket.started_at else ""
    out.print(f"due: {local(due_at, zone) if due_at else 'the clock is paused: it waits for the customer (rule 8)'}{escape(ended)}")


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if not rest else f"{hours}:{minutes:02d}:{rest:02d}"


def as_dict(ticket: Ticket, due_at: datetime | None, zone: str) -> dict[str, object]:
    """The public shape of a ticket in JSON."""
    facts: dict[str, object] = {name: fact.value if (fact := getattr(ticket.facts, name)) else None for name in FACT_NAMES}
    impact = ticket.facts.impact
    facts["impact_source"] = ("stated" if impact.stated else "implied") if impact else None
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "requester": {"name": ticket.requester.name, "email": ticket.requester.email},
        "subject": ticket.subject,
        "language": ticket.language,
        "facts": facts,
        "missing": [item.value for item in ticket.missing],
        "flags": sorted(flag.value for flag in ticket.flags),
        "impact": ticket.impact.value,
        "assignee": ticket.assignee or None,
        "silence": ticket.silence or None,
        "opened_at": iso(ticket.opened_at, zone),
        "due_at": iso(due_at, zone),
        "started_at": iso(ticket.started_at, zone),
        "started_by": ticket.started_by or None,
        "closed_at": iso(ticket.closed_at, zone),
        "closed_why": ticket.closed_why or None,
        "links": list(ticket.links),
        "merged_into": ticket.merged_into or None,
    }


# ---- acting -------------------------------------------------------------------------------------------------------

Words = Annotated[list[str] | None, typer.Argument(help="What the command takes.")]


@ticket_app.command("open")
def open_ticket(fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE…")] = None, config: Config = None) -> None:
    """For a customer on the phone: `mailbot ticket open first_name=Jan last_name=Kowalski company=… device=… description=… impact=high`."""
    from mailbot.steps import staff

    asked = _command(Verb.OPEN, fields)
    with desk_of(config) as (_, desk):
        print(staff.open_ticket(desk, asked.fields, actor()))


@ticket_app.command("set")
def set_fields(number: Number, fields: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…")], config: Config = None) -> None:
    """What was learned on the phone; it ends the questions."""
    _act(config, number, _command(Verb.SET, fields))


@ticket_app.command()
def start(number: Number, config: Config = None) -> None:
    """Staff take the case up: the clock ends."""
    _act(config, number, _command(Verb.START, None))


@ticket_app.command()
def assign(
    number: Number, who: Annotated[str, typer.Argument(help="A name of [[staff.people]], or a colleague's address.")], config: Config = None
) -> None:
    """Give the case to a colleague, who gets its notices from now on."""
    _act(config, number, _command(Verb.ASSIGN, [who]))


@ticket_app.command()
def impact(
    number: Number, level: Annotated[str, typer.Argument(help="critical, high, medium or low; Polish words too.")], config: Config = None
) -> None:
    """Set the impact; the deadline is counted anew from the original start."""
    _act(config, number, _command(Verb.IMPACT, [level]))


@ticket_app.command()
def note(number: Number, text: Annotated[list[str], typer.Argument()], config: Config = None) -> None:
    """Keep a note on the ticket."""
    _act(config, number, _command(Verb.NOTE, text))


@ticket_app.command()
def accept(number: Number, config: Config = None) -> None:
    """Review: it is a case; the clock runs from the mail's arrival."""
    _act(config, number, _command(Verb.ACCEPT, None))


@ticket_app.command()
def dismiss(number: Number, reason: Words = None, config: Config = None) -> None:
    """Review: no case for the desk."""
    _act(config, number, _command(Verb.DISMISS, reason))


@ticket_app.command()
def close(number: Number, reason: Words = None, config: Config = None) -> None:
    """Close the case; the customer is not written to."""
    _act(config, number, _command(Verb.CLOSE, reason))


@ticket_app.command()
def reopen(number: Number, config: Config = None) -> None:
    """Open a closed case again, with a new full budget."""
    _act(config, number, _command(Verb.REOPEN, None))


@ticket_app.command()
def merge(number: Number, into: Annotated[str, typer.Argument(help="The ticket that stays.")], config: Config = None) -> None:
    """Two tickets are one case: close the first into the second."""
    from mailbot.steps import staff

    with desk_of(config) as (_, desk):
        print(staff.merge(desk, number, into, actor()))


def _command(verb: Verb, words: list[str] | None) -> Command:
    from mailbot.rules.commands import command, explain

    found = command(verb, words or [])
    if isinstance(found, Unclear):
        raise Permanent(explain(found, "en"))
    return found


def _act(config: Path | None, number: str, command: Command) -> None:
    from mailbot.steps import staff

    with desk_of(config) as (_, desk):
        cause = f"command:{desk.holder}:{secrets.token_hex(6)}"  # makes the outbox keys of this act its own
        print(staff.carry_out(desk, number, command, actor(), cause))
