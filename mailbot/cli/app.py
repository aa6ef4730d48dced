"""The application object, and what all commands share."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from mailbot import __version__

if TYPE_CHECKING:  # a command loads what it needs: the whole program takes seconds to load
    from mailbot.clock import Clock
    from mailbot.config import Settings
    from mailbot.steps.desk import Desk
    from mailbot.store.engine import Database

app = typer.Typer(
    help="An e-mail service desk daemon: mails become tickets, questions, answers and reminders.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
ticket_app = typer.Typer(help="Tickets: look, and act as staff.", no_args_is_help=True)
mail_app = typer.Typer(help="Mails in the journal, and what became of them.", no_args_is_help=True)
outbox_app = typer.Typer(help="Mails that go out.", no_args_is_help=True)
customer_app = typer.Typer(help="The customer register.", no_args_is_help=True)
for name, child in (("ticket", ticket_app), ("mail", mail_app), ("outbox", outbox_app), ("customer", customer_app)):
    app.add_typer(child, name=name)

out = Console(highlight=False)

Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default: $MAILBOT_CONFIG, ./config.toml, /etc/mailbot/config.toml")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many rows.")]


def _version(asked: bool) -> None:
    if asked:
        print(f"mailbot {__version__}")
        raise typer.Exit


@app.callback()
def _root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    del version


@dataclass(frozen=True, slots=True)
class Records:
    """What has been written down, for a command that needs no rules, templates or key."""

    settings: Settings
    database: Database
    clock: Clock


@contextmanager
def records_of(config: Path | None) -> Iterator[Records]:
    """The records of a configuration, in the schema of this version."""
    from mailbot.clock import make_clock
    from mailbot.config import load_config
    from mailbot.store.engine import Database
    from mailbot.store.migrate import upgrade

    settings = load_config(config)
    database = Database(settings.database_url())
    try:
        upgrade(database)
        yield Records(settings, database, make_clock(settings.state_folder, settings.is_loopback))
    finally:
        database.close()


@contextmanager
def desk_of(config: Path | None) -> Iterator[tuple[Settings, Desk]]:
    """The desk of a configuration, for a command that acts beside the running daemon."""
    from mailbot.config import load_config
    from mailbot.house import open_desk

    settings = load_config(config)
    with open_desk(settings) as (desk, _):
        yield settings, desk


def actor() -> str:
    """Who acts on the command line, for the history."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"


def page(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values in two columns; the values are rich markup, a long one is folded."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def print_json(value: object) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def local(at: datetime | None, zone: str) -> str:
    """An instant for a person."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else ""


def iso(at: datetime | None, zone: str) -> str | None:
    """An instant for a program: ISO 8601 with its zone."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") if at else None
