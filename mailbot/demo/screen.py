"""What the show prints: mails, what became of them, letters. Readable at 80 columns, and as plain text in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mailbot.model.mail import Mail, MailKind
from mailbot.model.plan import Consequence
from mailbot.model.ticket import Ticket

Row = Mapping[str, Any]  # of the journal

_WIDEST = 100
_MOST_LINES = 14
_WORDS = {
    "acknowledgement": "acknowledgement",
    "question": "question",
    "new_ticket": "notice of a new ticket",
    "follow_up": "notice of a new message",
    "sla_reminder": "reminder",
    "alarm": "alarm",
    "command_result": "what was done",
    "digest": "the morning's list",
}


class Screen:
    """Prints to one console; remembers which kinds of letters to staff were shown."""

    def __init__(self, zone: str, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.console.width = min(self.console.width, _WIDEST)
        self.zone = ZoneInfo(zone)
        self._seen: set[str] = set()

    def say(self, *lines: str) -> None:
        """Plain words, with rich's markup."""
        for line in lines:
            self.console.print(line)

    def scene(self, at: datetime, says: str) -> None:
        """The head of what comes next."""
        self.console.print()
        self.console.rule(f"[bold]{self.time(at)}[/]  {escape(says)}", align="left", style="cyan")

    def mail(self, mail: Mail) -> None:
        """A mail that came in."""
        sender = f"{mail.from_.name} <{mail.from_.email}>" if mail.from_ else "nobody"
        self._print(mail, "a mail comes in", {"From": sender}, "cyan")

    def consequence(self, row: Row, ticket: Ticket | None, starts_by: str) -> None:
        """What mailbot did with a mail, and why."""
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
        table.add_column(style="bold green", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("mailbot", _what_became(row, ticket))
        rules = f"  (rules: {' > '.join(row['rules'].splitlines())})" if row["rules"] else ""
        table.add_row("because", escape(f"{row['error'] or row['reason'] or ''}{rules}"))
        if ticket is not None and row["kind"] in (MailKind.REQUEST, MailKind.ANSWER):
            facts = [
                f"{name.replace('_', ' ')} [bold]{escape(fact.value)}[/]" for name, fact in ticket.facts.found() if name != "description"
            ]
            table.add_row("knows", ", ".join(facts))
            table.add_row("misses", f"[yellow]{', '.join(ticket.missing)}[/]" if ticket.missing else "nothing")
            table.add_row("start by", starts_by)
        self.console.print(table)

    def letter(self, letter: Mail, kind: str, to: Iterable[str], *, by_staff: bool) -> None:
        """A letter that mailbot sent: to customers always whole; to staff the begin, once for each kind, then its subject alone."""
        name, recipients = _WORDS.get(kind, kind.replace("_", " ")), ", ".join(to)
        if not by_staff:
            self._print(letter, f"mailbot sends: {name}", {"To": recipients}, "green", most=1000)
        elif kind in self._seen:
            line = Table.grid(padding=(0, 1))
            line.add_row("→", Text(f"{name} to {recipients}: {letter.subject}"), style="magenta")
            self.console.print(line)
        else:
            self._seen.add(kind)
            self._print(letter, f"mailbot tells staff: {name}", {"To": recipients}, "magenta")

    def _print(self, mail: Mail, title: str, who: Mapping[str, str], colour: str, most: int = _MOST_LINES) -> None:
        files = {"Files": ", ".join(attachment.name for attachment in mail.attachments)} if mail.attachments else {}
        head = "\n".join(f"{name}: {value}" for name, value in {**who, "Subject": mail.subject, **files}.items())
        text = Text.assemble((head, "bold"), "\n\n", _shorten(mail.text, most))
        self.console.print(Panel(text, title=f"[bold]{title}[/]", title_align="left", border_style=colour))

    def time(self, at: datetime) -> str:
        """An instant of the show's clock."""
        return f"{at.astimezone(self.zone):%a %H:%M}"


def _shorten(text: str, most: int) -> str:
    lines = text.strip().splitlines()
    return "\n".join([*lines[:most], f"… ({len(lines) - most} more lines)"] if len(lines) > most + 1 else lines)


def _what_became(row: Row, ticket: Ticket | None) -> str:
    kind = (row["kind"] or "mail").replace("_", " ")
    if row["state"] == "held":
        return f"{kind} → [bold red]put aside, a person must look[/]"
    if ticket is None:
        return f"{kind} → [bold]kept, no ticket, no answer[/]"
    where = "new ticket" if row["consequence"] == Consequence.OPENED else "joins ticket"
    return f"{kind} → {where} [bold]{ticket.number}[/], {ticket.status}"
