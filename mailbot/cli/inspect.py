"""`mailbot inspect`: what would this mail do, and why?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from mailbot.cli.app import Config, app, out, page, print_json
from mailbot.clock import Clock
from mailbot.config import default_settings, find_config, load_config
from mailbot.steps.inspect import Inspection
from mailbot.steps.inspect import inspect as inspect_mail
from mailbot.templating import load_templates


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(help="Mails as files (.eml); `-` is standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file, in their order.")] = False,
    config: Config = None,
) -> None:
    """Read mails as the daemon would, and show what it would do; changes nothing, needs no configuration."""
    settings = load_config(config) if find_config(config) else default_settings()
    templates = load_templates(settings.templates_dir)
    unread = 0
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        except OSError as error:
            print(f"mailbot: {file} cannot be read: {error.strerror}", file=sys.stderr)
            unread += 1
            continue
        found = inspect_mail(raw, settings.service, templates, Clock().now())
        if as_json:
            print_json(found.as_json(str(file)))
        else:
            _show(found, str(file))
    if unread:
        raise typer.Exit(1)


def _show(found: Inspection, file: str) -> None:
    mail = found.mail
    sender = f"{mail.from_.name} <{mail.from_.email}>" if mail.from_ else "(no sender)"
    out.print(Panel(_marked(found), title=escape(f"{file}: {mail.subject}")[:200], subtitle=escape(sender), title_align="left"))
    rows = [("kind", f"{found.verdict.kind} ({escape(f'{found.verdict.test}: {found.verdict.text}'.strip(': '))})")]
    for name, fact in found.facts.found():
        how = "" if fact.stated else ", implied"
        said = f", „{fact.text}”" if fact.text and fact.text != fact.value else ""
        rows.append((name.replace("_", " "), f"{escape(fact.value)}  [dim]{fact.where}{how}{escape(said)}[/]"))
    rows.append(("missing", ", ".join(found.missing) or "nothing"))
    rows.append(("flags", ", ".join(found.flags) or "none"))
    rows.append(("rules", " > ".join(found.rules)))
    rows.append(("action", found.action))
    out.print(page(rows))
    if found.reply:
        out.print(Panel(Text(found.reply), title="the reply that would go out", title_align="left"))


def _marked(found: Inspection) -> Text:
    """The mail's text with the evidence of each fact marked."""
    text = Text(found.mail.text.strip() or "(empty)")
    for name, fact in found.facts.found():
        for piece in fact.text.split("\n"):
            if len(piece.strip()) > 1:
                text.highlight_words(
                    [piece.strip()], style="black on yellow" if name != "description" else "underline", case_sensitive=False
                )
    return text
