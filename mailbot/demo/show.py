"""The plot of `mailbot demo`: mails come in, the daemon does its work, and everything is shown as it happens."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.markup import escape

from mailbot.clock import CLOCK_VARIABLE, Clock, make_clock
from mailbot.config import load_config
from mailbot.demo.household import SERVICE, Household
from mailbot.demo.post_office import HOST, DemoFailed, PostOffice
from mailbot.demo.scenes import LAST_SCENE, SCENES
from mailbot.demo.screen import Screen
from mailbot.demo.stage import LOOK, PATIENCE, Stage
from mailbot.errors import MailbotError
from mailbot.model.service import Calendar
from mailbot.rules.working_time import opening_on
from mailbot.store import tickets
from mailbot.store.engine import Database

_HEADSTART = 3.0  # real seconds that the daemon gets before the desk opens


def show(*, keep: bool, speed: float) -> int:
    """Run the demo. Returns 0, 1 when something failed (said on the screen), or 130 when it was interrupted."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that is not UTF-8 shows what it can
    calendar = Calendar()
    screen = Screen(calendar.zone)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="mailbot-demo-"))
    opening = _last_opening(calendar, Clock().now())
    start = (opening - timedelta(seconds=_HEADSTART * speed)).astimezone(ZoneInfo(calendar.zone))
    household = Household(folder, f"{start.isoformat(timespec='seconds')} x{speed:g}")
    try:
        with PostOffice(SERVICE, secrets.token_urlsafe(12), household.letters) as office:
            _play(household, office, screen, opening, keep=keep)
    except KeyboardInterrupt:
        screen.say("", f"[yellow]Interrupted; the daemon and the mail server are stopped.[/] What was written: {folder}")
        return 130
    except (MailbotError, OSError) as error:
        screen.say("", "[bold red]The demo failed.[/] " + escape(str(error)), f"Everything that was written is in {folder}")
        return 1
    return 0


def _last_opening(calendar: Calendar, now: datetime) -> datetime:
    """When the desk opened on the last working day before today: so that all that happens in the show is past afterwards."""
    day = now.astimezone(ZoneInfo(calendar.zone)).date()
    while True:
        day -= timedelta(days=1)
        if openings := opening_on(calendar, day):
            return openings[0][0]


def _play(household: Household, office: PostOffice, screen: Screen, opening: datetime, *, keep: bool) -> None:
    household.furnish(office)
    os.environ.pop("MAILBOT_CONFIG", None)
    os.environ[CLOCK_VARIABLE] = household.clock
    settings = load_config(household.config)
    _welcome(screen, household, office)
    with _running(household, screen):
        clock = make_clock(settings.state_folder, loopback=True)
        stage = Stage(household, office, screen, settings, clock, Database(settings.database_url()))
        try:
            # a second later: an INTERNALDATE has no fractions, and the first mail shall not seem to come before the opening
            stage.wait(lambda: clock.now() >= opening + timedelta(seconds=clock.speed), "the desk's opening")
            _act(stage)
            _farewell(stage)
            if keep:
                _invite(stage)
                stage.stay_open()
        finally:
            stage.database.close()


@contextmanager
def _running(household: Household, screen: Screen) -> Iterator[None]:
    """The daemon, started and stopped; what went wrong on its way out is a failure too."""
    household.start()
    try:
        until = Clock.monotonic() + PATIENCE
        while not household.runs():
            if Clock.monotonic() > until:
                raise DemoFailed(f"the daemon did not start within {PATIENCE:.0f} s. Its last words:\n{household.last_words()}")
            threading.Event().wait(LOOK)
        yield
    except BaseException:
        household.stop()
        raise
    screen.say("", "[dim]stopping the daemon …[/]")
    if code := household.stop():
        raise DemoFailed(f"the daemon ended with exit code {code} when it was stopped. Its last words:\n{household.last_words()}")


# ---- the plot -----------------------------------------------------------------------------------------------------


def _act(stage: Stage) -> None:
    critical = 0
    for scene in SCENES:
        row = stage.play(scene)
        critical = critical or row["ticket_id"]
        stage.breathe()
    with stage.database.read() as connection:
        due_at = tickets.due_at(connection, critical)
    left = stage.clock.real_seconds(max(0.0, (due_at - stage.clock.now()).total_seconds())) if due_at else 0.0
    stage.screen.scene(stage.clock.now(), f"Nobody has started the critical case. Its time is over in {left:.0f} s.")
    stage.wait(lambda: stage.reminded(critical), "the reminder at 100 % of the time", left + PATIENCE)
    stage.play(LAST_SCENE)
    stage.breathe()


def _welcome(screen: Screen, household: Household, office: PostOffice) -> None:
    speed = household.clock.rpartition("x")[2]
    screen.say(
        "[bold]mailbot[/] minds the mailbox of a service desk. Mails become tickets; customers are asked for what is missing, and for "
        "nothing else; staff are told, and reminded in time; robots are never answered.",
        "",
        f"This is the real daemon, and nothing leaves this machine: its mail server is here too (IMAP {HOST}:{office.imap_port}, "
        f"SMTP {HOST}:{office.smtp_port}). Its clock runs {speed} times as fast as yours, so that you see the reminders.",
        f"Its configuration, database and log: {household.folder}",
        "",
        "[dim]starting the daemon …[/]",
    )


def _farewell(stage: Stage) -> None:
    screen, household = stage.screen, stage.household
    screen.scene(stage.clock.now(), "The tickets now:  mailbot ticket list")
    screen.console.file.flush()
    listed = subprocess.run(household.command("ticket", "list"), env=household.environment, check=False, timeout=PATIENCE)
    if listed.returncode:
        raise DemoFailed(f"mailbot ticket list ended with exit code {listed.returncode}")
    first = next(letter.mail.subject for letter in stage.letters).partition("]")[0].lstrip("[")
    command = f"{_program()} {{}} --config {household.config}"
    screen.scene(stage.clock.now(), "How to look further")
    for words in (f"ticket show {first}", "mail list", "mail why 1", "outbox list"):
        screen.console.print(f"  {command.format(words)}", soft_wrap=True)
    screen.console.print(f"  ls {household.letters}    # every letter as it was delivered, to open in a mail program", soft_wrap=True)
    screen.say(f"Nothing else was written; to remove it all: rm -r {household.folder}")


def _invite(stage: Stage) -> None:
    """How to write in, and how to act as staff, while the daemon runs."""
    screen, household = stage.screen, stage.household
    screen.scene(stage.clock.now(), "Your turn. The daemon goes on until Ctrl-C.")
    send = f"curl smtp://{HOST}:{stage.office.smtp_port} --mail-from ja@firma.example --mail-rcpt {SERVICE} -T mail.eml"
    screen.say(f"Write to {SERVICE}, with any mail program whose SMTP server is {HOST}, port {stage.office.smtp_port}, no encryption:")
    screen.console.print(f"  {send}", soft_wrap=True)
    screen.say("Commands in another terminal see the clock of the show with:")
    screen.console.print(f"  export {CLOCK_VARIABLE}='{household.clock}' MAILBOT_CONFIG={household.config}", soft_wrap=True)


def _program() -> str:
    """How mailbot was called, for commands to copy."""
    return sys.argv[0] if Path(sys.argv[0]).name == "mailbot" else f"{sys.executable} -m mailbot"
