"""`mailbot mail …`: the journal, and why a mail did what it did."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mailbot.cli.app import Config, Json, Limit, actor, desk_of, iso, local, mail_app, out, page, print_json, records_of
from mailbot.errors import Permanent
from mailbot.store import journal, outbox, tickets

MailId = Annotated[int, typer.Argument(help="The mail's number in the journal.")]
_COLUMNS = (
    "id",
    "state",
    "consequence",
    "kind",
    "sender",
    "reason",
    "error",
    "ticket_id",
    "message_id",
    "folder",
    "uid",
    "size",
    "partial",
)


def _rows(config: Path | None, *, as_json: bool, limit: int, state: str | None) -> None:
    with records_of(config) as records:
        zone = records.settings.desk.timezone
        with records.database.read() as connection:
            rows = journal.newest(connection, limit=limit, state=state)
            numbers = {
                ticket.id: ticket.number for ticket in tickets.load(connection, [row["ticket_id"] for row in rows if row["ticket_id"]])
            }
    if as_json:
        for row in rows:
            print_json(
                {name: row[name] for name in _COLUMNS}
                | {"arrived_at": iso(row["arrived_at"], zone), "ticket": numbers.get(row["ticket_id"])}
            )
        return
    table = Table(box=None, pad_edge=False)
    for column in ("mail", "arrived", "state", "kind", "ticket"):
        table.add_column(column, no_wrap=True)
    table.add_column("sender: reason", overflow="fold")
    for row in rows:
        table.add_row(
            str(row["id"]), local(row["arrived_at"], zone)[5:], row["consequence"] or row["state"], row["kind"] or "",
            numbers.get(row["ticket_id"], ""), escape(f"{row['sender']}: {row['reason'] or row['error'] or ''}"),
        )  # fmt: skip
    out.print(table if rows else "no mails")


@mail_app.command("list")
def list_mails(
    config: Config = None,
    as_json: Json = False,
    limit: Limit = 50,
    state: Annotated[str | None, typer.Option("--state", help="new, done or held")] = None,
) -> None:
    """The newest mails and their consequences: a ticket, a message on one, or a reason why not."""
    _rows(config, as_json=as_json, limit=limit, state=state)


@mail_app.command()
def held(config: Config = None, as_json: Json = False, limit: Limit = 50) -> None:
    """Mails that could not be processed and were put aside."""
    _rows(config, as_json=as_json, limit=limit, state="held")


@mail_app.command()
def show(number: MailId, config: Config = None, as_json: Json = False) -> None:
    """The mail as it was stored, byte for byte, on standard output; as JSON in base64, with its row of the journal."""
    with records_of(config) as records, records.database.read() as connection:
        raw, row = journal.raw_bytes(connection, number), journal.find(connection, number)
    if raw is None or row is None:
        raise Permanent(f"there is no mail {number}; see: mailbot mail list")
    if as_json:
        print_json({name: row[name] for name in _COLUMNS} | {"raw": base64.b64encode(raw).decode("ascii")})
    else:
        sys.stdout.buffer.write(raw)


@mail_app.command()
def why(number: MailId, config: Config = None, as_json: Json = False) -> None:
    """In one page: what the mail was taken for, which rules hit, which ticket and why, what was written because of it."""
    with records_of(config) as records:
        zone = records.settings.desk.timezone
        with records.database.read() as connection:
            row = journal.find(connection, number)
            if row is None:
                raise Permanent(f"there is no mail {number}; see: mailbot mail list")
            letters = outbox.of_mail(connection, number)
            found = tickets.load(connection, [row["ticket_id"]]) if row["ticket_id"] else ()
            history = [line for line in tickets.history_of(connection, row["ticket_id"]) if line["journal_id"] == number] if found else []
    written = [{name: letter[name] for name in ("id", "kind", "recipient", "state", "reason")} for letter in letters]
    if as_json:
        lines = [{name: line[name] for name in ("actor", "what", "text")} for line in history]
        ticket = found[0].number if found else None
        rules = (row["rules"] or "").split("\n") if row["rules"] else []
        return print_json({name: row[name] for name in _COLUMNS} | {"ticket": ticket, "rules": rules, "letters": written, "history": lines})
    facts = {
        "mail": f"{row['id']} in {row['folder']}, UID {row['uid']}, {row['size']:,} bytes{', head only' if row['partial'] else ''}",
        "message-id": row["message_id"] or "none",
        "arrived": local(row["arrived_at"], zone),
        "stored": local(row["stored_at"], zone),
        "state": f"{row['state']} {row['consequence'] or ''}".strip(),
        "kind": row["kind"] or "-",
        "reason": row["reason"] or "-",
        "rules": (row["rules"] or "-").replace("\n", " > "),
        "ticket": found[0].number if found else "-",
        "error": row["error"] or "",
        "moved to": row["moved_to"] or "",
    }
    went = [("letter", f"{letter['kind']} to {letter['recipient']}: {letter['state']} {letter['reason']}".strip()) for letter in letters]
    told = [("history", f"{line['what']}: {line['text']}") for line in history]
    out.print(page((name, escape(value)) for name, value in (*facts.items(), *went, *told) if value))
    return None


@mail_app.command()
def move(number: MailId, to: Annotated[str, typer.Argument(help="A ticket's number, or `new`.")], config: Config = None) -> None:
    """The mail belongs elsewhere: to another ticket, or to a new one."""
    from mailbot.steps import staff

    with desk_of(config) as (_, desk):
        print(staff.move(desk, number, to, actor()))


@mail_app.command()
def replay(number: MailId, config: Config = None) -> None:
    """Try a held mail again."""
    with records_of(config) as records, records.database.write() as connection:
        if not journal.replay(connection, number, now=records.clock.now()):
            raise Permanent(f"mail {number} is not held; see: mailbot mail held")
    print(f"mail {number} will be tried again")
