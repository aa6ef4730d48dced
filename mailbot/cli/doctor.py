"""`mailbot doctor`: is everything in place? A line each, and an exit code."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape

from mailbot.checkup import examine_all
from mailbot.cli.app import Config, Json, app, out, print_json
from mailbot.log import configure


@app.command()
def doctor(config: Config = None, as_json: Json = False) -> None:
    """Check configuration, templates, database, clock, mailbox and SMTP server, changing nothing. Exit code 1 where something is wrong."""
    configure("error", "plain")  # the findings say it all; a library's own warnings would stand between them
    wrong = 0
    path: Path | None = config
    for finding in examine_all(path):
        wrong += finding.is_wrong
        if as_json:
            print_json({"check": finding.name, "ok": not finding.is_wrong, "words": finding.words})
        else:
            sign = "[red]wrong[/]" if finding.is_wrong else "[green]ok[/]   "
            out.print(f"{sign}  [bold]{finding.name}[/]: {escape(finding.words)}", soft_wrap=False)
    raise typer.Exit(1 if wrong else 0)
