"""`mailbot outbox …`: what goes out, and what does not, with the reason."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mailbot.cli.app import Config, Json, Limit, iso, local, out, outbox_app, print_json, records_of
from mailbot.errors import Permanent
from mailbot.store import outbox
from mailbot.store.apply import BREAKER
from mailbot.store.installation import read_setting, write_setting

_COLUMNS = ("id", "state", "kind", "audience", "recipient", "subject", "message_id", "reason", "attempts", "ambiguous", "ticket_id", "key")


@outbox_app.command("list")
def list_outbox(
    config: Config = None,
    as_json: Json = False,
    limit: Limit = 50,
    state: Annotated[str | None, typer.Option("--state", help="queued, sending, unknown, sent, failed, suppressed, superseded")] = None,
) -> None:
    """The newest letters: queued, sent, suppressed with the reason."""
    with records_of(config) as records:
        zone = records.settings.desk.timezone
        with records.database.read() as connection:
            rows = outbox.newest(connection, limit=limit, state=state)
    if as_json:
        for row in rows:
            times = {name: iso(row[name], zone) for name in ("created_at", "sent_at", "next_at")}
            print_json({name: row[name] for name in _COLUMNS} | times)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("letter", "written", "state", "kind"):
        table.add_column(column, no_wrap=True)
    table.add_column("to: subject (reason)", overflow="fold")
    for row in rows:
        reason = f" ({row['reason']})" if row["reason"] else ""
        table.add_row(
            str(row["id"]),
            local(row["created_at"], zone)[5:],
            row["state"],
            row["kind"],
            escape(f"{row['recipient']}: {row['subject']}{reason}"),
        )
    out.print(table if rows else "no letters")


@outbox_app.command()
def retry(number: Annotated[int, typer.Argument(help="The letter's number.")], config: Config = None) -> None:
    """Send a letter that failed or was suppressed after all."""
    with records_of(config) as records, records.database.write() as connection:
        if not outbox.requeue(connection, number, now=records.clock.now()):
            raise Permanent(f"letter {number} is neither failed nor suppressed; see: mailbot outbox list")
    print(f"letter {number} is queued")


@outbox_app.command()
def cancel(number: Annotated[int, typer.Argument(help="The letter's number.")], config: Config = None) -> None:
    """Do not send a queued letter."""
    with records_of(config) as records, records.database.write() as connection:
        if not outbox.cancel(connection, number):
            raise Permanent(f"letter {number} is not queued; see: mailbot outbox list")
    print(f"letter {number} will not be sent")


@outbox_app.command()
def resume(config: Config = None) -> None:
    """Let automatic mail to customers flow again after the breaker stopped it."""
    with records_of(config) as records, records.database.write() as connection:
        if not read_setting(connection, BREAKER):
            raise Permanent("the breaker is not tripped: automatic mail flows")
        write_setting(connection, BREAKER, "", records.clock.now())
    print("automatic mail to customers flows again")
