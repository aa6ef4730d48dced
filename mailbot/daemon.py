"""The daemon: the only place that builds threads and the scheduler.

A few loops, each three lines around a `one_pass`, and one signal that ends them all:

    pull (one a folder)   mailbox -> journal
    process               journal -> tickets, outbox
    send                  outbox -> SMTP
    sweep (a tick)        what is due
"""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from mailbot.clock import Clock
from mailbot.config import Settings
from mailbot.connections import open_mailbox, puller_of, sender_of, sent_folder
from mailbot.errors import DatabaseAway, LoginRefused, MailbotError, Permanent, Transient
from mailbot.house import only_instance, open_desk, recover
from mailbot.log import configure, log_line
from mailbot.notify import notify, watchdog_seconds
from mailbot.rules.retry import connection_delay, login_delay
from mailbot.steps import process, sweep
from mailbot.steps.alarm import raise_alarm
from mailbot.steps.desk import Desk
from mailbot.steps.pull import Puller
from mailbot.steps.reader import Reader
from mailbot.steps.send import hold_back
from mailbot.stop import StopSignal
from mailbot.wire.imap import Mailbox
from mailbot.wire.imap_session import ImapAccount
from mailbot.wire.smtp import SmtpAccount, Submission

log = logging.getLogger("mailbot.daemon")

_TICK = 15.0  # seconds of the clock between sweeps
_IDLE_LOOK = 1.0  # real seconds between looks at a queue that nobody announced anything in
_RECONNECT_AFTER = 3000.0  # seconds; before Gmail and token lifetimes end the session themselves (F31)
_DATABASE_PAUSE = 2.0  # seconds; our own database is asked again so soon
_FIRST_LOOK_SECONDS = 60.0
_STOP_SECONDS = 8.0
_DATA_SECONDS = 30.0
EX_SOFTWARE = 70


@dataclass(slots=True)
class Progress:
    """When each loop last came round; the watchdog is fed only while all of them do (F70)."""

    beats: dict[str, tuple[float, float]] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)

    def beat(self, name: str, within: float) -> None:
        """The loop is alive now, and will be heard of again within so many seconds."""
        self.beats[name] = (Clock.monotonic(), within)

    def stalled(self) -> list[str]:
        """The loops that are overdue."""
        now = Clock.monotonic()
        return [name for name, (at, within) in self.beats.items() if now - at > within]

    def status(self) -> str:
        """One line for `systemctl status`."""
        return "; ".join(f"{name}: {why}" for name, why in self.trouble.items() if why) or "all is well"


class Daemon:
    """The loops of one process. `run` returns when it was stopped, or raises what no loop could mend."""

    def __init__(self, settings: Settings, *, dry_run: bool) -> None:
        self._settings = settings
        self._dry_run = dry_run
        self._stop = StopSignal()
        self._progress = Progress()
        self._mail_waits = threading.Event()
        self._letters_wait = threading.Event()
        self._in_flight: Submission | None = None
        self._mailboxes: dict[str, Mailbox] = {}
        self._failures: dict[str, int] = {}  # of each loop, in a row
        self._broken = False
        self._seen_inbox = False  # looked into the inbox since the start
        self._born = Clock.monotonic()

    def stop(self) -> None:
        """End: finish what is in hand, take nothing new. For a signal handler."""
        self._stop.set()

    def run(self) -> int:
        """Run until stopped; returns the exit code."""
        imap, smtp = self._settings.accounts()
        hidden = [imap.password, smtp.password or "", self._settings.signing_key(), self._settings.database_url()]
        configure(self._settings.log.level, self._settings.log.format, hidden)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        with only_instance(self._settings.state_folder), open_desk(self._settings) as (desk, answer_since):
            recover(desk)
            loops = self._loops(desk, imap, smtp, answer_since)
            threads = [threading.Thread(target=self._guarded, args=(name, loop), name=name, daemon=True) for name, loop in loops.items()]
            scheduler = self._scheduler(desk)
            for thread in threads:
                thread.start()
            scheduler.start()
            notify("READY=1", "STATUS=running")
            log.info(
                log_line("running", dry_run=self._dry_run or None, folder=self._settings.imap.folder, account=self._settings.imap.username)
            )
            self._watch()
            notify("STOPPING=1")
            scheduler.shutdown(wait=False)
            self._end(threads)
        log.info("stopped")
        return EX_SOFTWARE if self._broken else 0

    def _guarded(self, name: str, loop: Callable[[], None]) -> None:
        """A loop that ends on a bug ends the daemon: the service manager starts it anew, and what was in hand is taken up again."""
        try:
            loop()
        except Exception:
            log.critical("the loop %s failed", name, exc_info=True)
            self._broken = True
            self.stop()

    def _loops(self, desk: Desk, imap: ImapAccount, smtp: SmtpAccount, answer_since: datetime) -> dict[str, Callable[[], None]]:
        inbox = puller_of(self._settings, desk, self._settings.imap.folder, "inbox", answer_since)
        loops: dict[str, Callable[[], None]] = {
            "pull": partial(self._pull, inbox, imap),
            "process": partial(self._process, desk),
            "send": partial(self._send, desk, smtp),
        }
        if self._settings.imap.sent_folder:
            loops["sent"] = partial(self._pull_sent, desk, imap, answer_since)
        return loops

    def _watch(self) -> None:
        """Feed the watchdog as long as every loop makes progress; wait for the stop."""
        interval = min((watchdog_seconds() or 60.0) / 3, 20.0)
        while not self._stop.wait(interval):
            stalled = self._progress.stalled()
            if stalled:
                log.critical(log_line("stalled", loops=", ".join(stalled)))
            else:
                notify("WATCHDOG=1", f"STATUS={self._progress.status()}")

    def _end(self, threads: list[threading.Thread]) -> None:
        """Under ten seconds with no mail in flight; else up to thirty for the server's answer to it."""
        for wake in (self._mail_waits, self._letters_wait):
            wake.set()
        for mailbox in list(self._mailboxes.values()):
            mailbox.cut()
        in_flight = self._in_flight
        until = Clock.monotonic() + _STOP_SECONDS
        if in_flight is not None and not in_flight.abort():
            until = Clock.monotonic() + _DATA_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - Clock.monotonic()))
        late = [thread.name for thread in threads if thread.is_alive()]
        if late:
            log.warning(log_line("ended while at work", loops=", ".join(late)))

    # ---- loops ----

    def _pull_sent(self, desk: Desk, account: ImapAccount, answer_since: datetime) -> None:
        """The Sent folder, once it is found."""
        while not self._stop.is_set():
            self._progress.beat("sent", 7200)
            try:
                folder = sent_folder(self._settings, account)
            except MailbotError as error:
                self._pause_after(error, "sent")
                continue
            if folder is None:
                log.info(
                    "no folder for sent mail was found: a colleague's answer stops the clock only when it is copied to the service address"
                )
                del self._progress.beats["sent"]
                return
            self._pull(puller_of(self._settings, desk, folder, "sent", answer_since), account)

    def _pull(self, puller: Puller, account: ImapAccount) -> None:
        name = "pull" if puller.role == "inbox" else "sent"
        while not self._stop.is_set():
            self._progress.beat(name, 900)
            try:
                with open_mailbox(puller, account) as mailbox:
                    self._mailboxes[name] = mailbox
                    self._pull_until_cut(puller, mailbox, name)
            except MailbotError as error:
                if not self._stop.is_set():
                    self._pause_after(error, name, puller.desk)

    def _pull_until_cut(self, puller: Puller, mailbox: Mailbox, name: str) -> None:
        poll = self._settings.imap.poll_interval.total_seconds()
        while not self._stop.is_set() and mailbox.age < _RECONNECT_AFTER:
            self._progress.beat(name, 900)
            if puller.one_pass(mailbox):
                self._mail_waits.set()
            self._seen_inbox = self._seen_inbox or name == "pull"
            self._failures[name], self._progress.trouble[name] = 0, ""
            seconds = puller.desk.clock.real_seconds(poll)
            if name == "pull" and self._settings.imap.idle:
                mailbox.wait(seconds, self._stop)
            else:
                self._stop.wait(seconds)

    def _pause_after(self, error: MailbotError, name: str, desk: Desk | None = None) -> None:
        """Wait, longer each time; a refused login on the slow ladder, with an alarm at the first."""
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        slow = isinstance(error, Permanent)
        seconds = (login_delay if slow else connection_delay)(failures, random.random())
        if isinstance(error, DatabaseAway):
            seconds = min(seconds, _DATABASE_PAUSE)
        self._progress.beat(name, seconds + 900)
        self._progress.trouble[name] = str(error)
        log.log(
            logging.ERROR if slow else logging.WARNING,
            log_line(f"{name} unavailable", error=error, retry_in=f"{seconds:.0f}s"),
            extra={"alike": name},
        )
        if isinstance(error, LoginRefused) and failures == 1 and desk is not None:
            self._alarm_login(desk, error)
        self._stop.wait(seconds)

    def _alarm_login(self, desk: Desk, error: LoginRefused) -> None:
        key = f"alarm:imap-login:{desk.clock.now():%Y-%m-%d}"
        lines = ("Skrzynka serwisu nie jest odczytywana: serwer IMAP odrzucił logowanie.", str(error)[:500], "Sprawdź: mailbot doctor")
        try:
            with desk.database.write() as connection:
                raise_alarm(connection, desk, key, "Nie można zalogować się do skrzynki serwisu", lines, managers=True)
        except Transient as trouble:
            log.warning(log_line("alarm not queued", reason=trouble))
        self._letters_wait.set()

    def _process(self, desk: Desk) -> None:
        reader = Reader(desk.service, desk.mark)
        try:
            reader.warm_up()
            self._loop("process", lambda: process.one_pass(desk, reader), self._mail_waits, then=self._letters_wait.set)
        finally:
            reader.close()

    def _send(self, desk: Desk, account: SmtpAccount) -> None:
        if self._dry_run:
            self._loop("send", lambda: hold_back(desk), self._letters_wait)
            return
        sender = sender_of(self._settings, desk, account)

        def outlet() -> Submission:
            self._in_flight = Submission(account)
            return self._in_flight

        sender.outlet = outlet

        def one_pass() -> int:
            if self._stop.is_set():
                return 0
            done = sender.one_pass()
            self._progress.trouble["send"] = sender.trouble
            return done and done + sweep.settle(desk)

        self._loop("send", one_pass, self._letters_wait)

    def _loop(self, name: str, one_pass: Callable[[], int], wake: threading.Event, then: Callable[[], None] = lambda: None) -> None:
        """Work while there is work; then wait to be woken, or have a look after a second."""
        while not self._stop.is_set():
            self._progress.beat(name, 900)
            wake.clear()
            try:
                done = one_pass()
                self._failures[name] = 0
            except Transient as error:
                self._pause_after(error, name)
                continue
            if done:
                then()
            else:
                wake.wait(_IDLE_LOOK)

    def _scheduler(self, desk: Desk) -> BackgroundScheduler:
        """APScheduler only ticks: what is due is a query, so a missed tick costs lateness and never a reminder."""
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(
            self._tick,
            "interval",
            args=(desk,),
            seconds=max(0.25, desk.clock.real_seconds(_TICK)),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        return scheduler

    def _tick(self, desk: Desk) -> None:
        self._progress.beat("sweep", 900)
        if not self._seen_inbox and Clock.monotonic() - self._born < _FIRST_LOOK_SECONDS:
            return  # an answer may lie in the mailbox: nobody is reminded of a question before it was looked for
        try:
            if sweep.one_pass(desk):
                self._letters_wait.set()
        except Transient as error:
            log.warning(log_line("sweep put off", reason=error))


def run(settings: Settings, *, dry_run: bool = False) -> int:
    """The daemon in the foreground, for systemd and for people; returns the exit code."""
    os.umask(0o077)
    return Daemon(settings, dry_run=dry_run).run()
