"""`mailbot run`, `once`, `status`, `demo`, `preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.app import Config, Json, app, iso, out, print_json, records_of
from mailbot.errors import Permanent

DryRun = Annotated[bool, typer.Option("--dry-run", help="Everything but sending: letters are kept in the outbox with that reason.")]


@app.command()
def run(config: Config = None, dry_run: DryRun = False) -> None:
    """Run the daemon until it is stopped (SIGTERM, Ctrl-C)."""
    from mailbot.config import load_config
    from mailbot.daemon import run as run_daemon
    from mailbot.log import configure

    settings = load_config(config)
    configure(settings.log.level, settings.log.format)
    raise typer.Exit(run_daemon(settings, dry_run=dry_run))


@app.command()
def once(config: Config = None, dry_run: DryRun = False) -> None:
    """Do all there is to do, then end."""
    from mailbot.config import load_config
    from mailbot.log import configure
    from mailbot.once import once as do_once

    settings = load_config(config)
    configure(settings.log.level, settings.log.format)
    raise typer.Exit(do_once(settings, dry_run=dry_run))


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """What the desk has in hand: mails, tickets, letters."""
    from mailbot.store import journal, outbox, tickets
    from mailbot.store.apply import BREAKER
    from mailbot.store.installation import read_setting

    with records_of(config) as records:
        zone = records.settings.desk.timezone
        with records.database.read() as connection:
            state = {
                "now": iso(records.clock.now(), zone),
                "mails": journal.counts(connection),
                "oldest_unprocessed": iso(journal.oldest_waiting(connection), zone),
                "tickets": tickets.status_counts(connection),
                "outbox": outbox.counts(connection),
                "breaker": read_setting(connection, BREAKER) or "",
            }
    if as_json:
        return print_json(state)
    for name, value in state.items():
        shown = ", ".join(f"{key} {count}" for key, count in sorted(value.items())) if isinstance(value, dict) else value
        out.print(f"[bold]{name.replace('_', ' ')}[/]: {shown or '-'}")
    return None


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Go on after the show, so that you can write in from a mail client.")] = False,
    speed: Annotated[float, typer.Option("--speed", min=1, max=1200, help="How many times as fast as the real one the clock runs.")] = 600,
) -> None:
    """The real daemon against a mail server on this machine, with sample mails: see what it does."""
    try:
        from mailbot.demo.show import show
    except ImportError as missing:
        raise SystemExit(
            f"mailbot: the demo needs its mail server ({missing.name}); run: make demo, or pip install 'mailbot[demo]'"
        ) from None
    raise typer.Exit(show(keep=keep, speed=speed))


@app.command()
def preview(
    template: Annotated[str | None, typer.Argument(help="One letter, such as `question`; default: all.")] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where the files go.")] = Path("preview"),
    config: Config = None,
) -> None:
    """Render the letters with the longest realistic values: text, HTML and the whole mail, one file each."""
    from mailbot.config import default_settings, find_config, load_config
    from mailbot.preview import render_preview
    from mailbot.templating import load_templates

    settings = load_config(config) if find_config(config) else default_settings()
    try:
        written = render_preview(folder, (template,) if template else (), load_templates(settings.templates_dir), settings.service)
    except ValueError as error:
        raise Permanent(str(error)) from None
    for path in written:
        print(path)
