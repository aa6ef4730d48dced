"""The application object, and what all commands share."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from mailbot import __version__
from mailbot.config import Settings, load_config
from mailbot.steps.desk import Desk

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


@contextmanager
def desk_of(config: Path | None) -> Iterator[tuple[Settings, Desk]]:
    """The desk of a configuration, for a command that looks or acts beside the running daemon."""
    from mailbot.daemon import open_desk

    settings = load_config(config)
    with open_desk(settings) as (desk, _):
        yield settings, desk


def actor() -> str:
    """Who acts on the command line, for the history."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"


def print_json(value: object) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def local(at: datetime | None, zone: str) -> str:
    """An instant for a person."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else ""


def iso(at: datetime | None, zone: str) -> str | None:
    """An instant for a program: ISO 8601 with its zone."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") if at else None
