"""The composition root: the only place that builds the database, the clients, the threads and the scheduler.

A few loops, each three lines around a `one_pass`, and one signal that ends them all:

    pull (one a folder)   mailbox -> journal
    process               journal -> tickets, outbox
    send                  outbox -> SMTP
    sweep (a tick)        what is due
"""

from __future__ import annotations

import fcntl
import logging
import os
import random
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from mailbot.clock import Clock, make_clock
from mailbot.config import Settings
from mailbot.errors import LoginRefused, MailbotError, Permanent, Transient
from mailbot.log import configure, log_line
from mailbot.notify import notify, watchdog_seconds
from mailbot.rules.retry import connection_delay, login_delay
from mailbot.rules.signing import Signer, fingerprint
from mailbot.steps import process, sweep
from mailbot.steps.alarm import raise_alarm
from mailbot.steps.desk import Desk
from mailbot.steps.pull import Puller
from mailbot.steps.reader import Reader
from mailbot.steps.send import Sender
from mailbot.stop import StopSignal
from mailbot.store import journal, outbox
from mailbot.store.engine import Database
from mailbot.store.installation import settle
from mailbot.store.migrate import upgrade
from mailbot.templating import load_templates
from mailbot.wire.imap import Mailbox
from mailbot.wire.imap_session import ImapAccount, Session
from mailbot.wire.smtp import SmtpAccount, Submission

log = logging.getLogger("mailbot.daemon")

DONE_KEYWORD = "$Mailbot"
_TICK = 15.0  # seconds of the clock between sweeps
_IDLE_LOOK = 1.0  # real seconds between looks at a queue that nobody announced anything in
_RECONNECT_AFTER = 3000.0  # seconds; before Gmail and token lifetimes end the session themselves (F31)
_STOP_SECONDS = 8.0
_DATA_SECONDS = 30.0
EX_TEMPFAIL = 75
EX_SOFTWARE = 70


# ---- building -----------------------------------------------------------------------------------------------------


@contextmanager
def only_instance(folder: Path) -> Iterator[None]:
    """Holds the state folder's lock: two daemons on one state folder would fight over leases. Raises Transient when it is taken."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = (folder / "lock").open("a")
    except OSError as error:
        raise Permanent(f"service.state_dir: {folder} cannot be written: {error.strerror}; correct its owner, or name another") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Transient(f"another mailbot is running with the state folder {folder}; stop it first") from None
        yield


@contextmanager
def open_desk(settings: Settings) -> Iterator[tuple[Desk, datetime]]:
    """The desk, with its database at the newest schema, and since when mail is answered."""
    clock = make_clock(settings.state_folder, settings.is_loopback)
    key = settings.signing_key()
    templates = load_templates(settings.templates_dir)
    database = Database(settings.database_url())
    try:
        notify("STATUS=preparing the database", "EXTEND_TIMEOUT_USEC=600000000")
        upgrade(database)
        now = clock.now()
        holder = f"{socket.gethostname()}:{settings.state_folder.absolute()}"[:100]
        with database.write() as connection:
            home = settle(
                connection,
                mark=secrets.token_hex(8),
                fingerprint=fingerprint(key.encode()),
                now=now,
                answer_since=settings.answer_since(now) if settings.imap.answer_since else None,
            )
        signer = Signer(key.encode(), fingerprint(key.encode()))
        yield Desk(database, settings.service, templates, signer, home.mark, holder, clock), home.answer_since
    finally:
        database.close()


def recover(desk: Desk) -> None:
    """What this machine had in hand when it died is free again at once. For the holder of the state folder's lock alone."""
    now = desk.clock.now()
    with desk.database.write() as connection:
        mails = journal.recover(connection, desk.holder, now=now)
        unclear = outbox.recover(connection, now=now, holder=desk.holder)
    if mails or unclear:
        log.warning(log_line("recovered", mails=mails, unclear_sends=unclear))


def puller_of(settings: Settings, desk: Desk, folder: str, role: str, answer_since: datetime) -> Puller:
    """The puller of one folder; only the inbox is marked, and only if the config says so."""
    mark = settings.imap.mark if role == "inbox" else "none"
    return Puller(
        desk,
        f"{settings.imap.username}@{settings.imap.host}",
        folder,
        role,
        settings.imap.max_size,
        answer_since,
        keyword=DONE_KEYWORD if mark == "keyword" else "",
        move_to=mark.removeprefix("move:") if mark.startswith("move:") else "",
    )


def sent_folder(settings: Settings, account: ImapAccount) -> str | None:
    """The folder where colleagues' sent mail is seen; None: none is watched."""
    if settings.imap.sent_folder != "auto":
        return settings.imap.sent_folder or None
    session = Session(account)
    try:
        return session.find_sent_folder()
    finally:
        session.close()


def sender_of(settings: Settings, desk: Desk, account: SmtpAccount) -> Sender:
    """The sending loop's body."""
    outlet = partial(Submission, account)
    return Sender(desk, outlet, settings.smtp.envelope_from or settings.service.address, settings.smtp.max_per_minute, random.random)


# ---- once ---------------------------------------------------------------------------------------------------------


def once(settings: Settings, *, dry_run: bool = False) -> int:
    """Do all there is to do, then end. Returns 0, or 75 where a server was away and something is left to do."""
    imap, smtp = settings.accounts()
    trouble = ""
    with only_instance(settings.state_folder), open_desk(settings) as (desk, answer_since):
        recover(desk)
        reader = Reader(desk.service, desk.mark)
        try:
            trouble = _pull_once(settings, desk, imap, answer_since)
            sender = sender_of(settings, desk, smtp)
            while _work_once(desk, reader, sender, dry_run=dry_run):
                pass
            trouble = trouble or sender.trouble
        finally:
            reader.close()
    if trouble:
        log.error(log_line("not all is done", reason=trouble))
    return EX_TEMPFAIL if trouble else 0


def _pull_once(settings: Settings, desk: Desk, account: ImapAccount, answer_since: datetime) -> str:
    try:
        sent = sent_folder(settings, account)
        for folder, role in ((settings.imap.folder, "inbox"), (sent, "sent")):
            if folder:
                puller = puller_of(settings, desk, folder, role, answer_since)
                mailbox = Mailbox.connect(account, folder, read_only=not (puller.keyword or puller.move_to))
                try:
                    puller.one_pass(mailbox)
                finally:
                    mailbox.close()
    except MailbotError as error:
        return str(error)
    return ""


def _work_once(desk: Desk, reader: Reader, sender: Sender, *, dry_run: bool) -> int:
    done = process.one_pass(desk, reader)
    done += _hold_back(desk) if dry_run else sender.one_pass()
    return done + sweep.one_pass(desk)


def _hold_back(desk: Desk) -> int:
    with desk.database.write() as connection:
        return outbox.hold_back(connection, "dry run: nothing is sent")


# ---- the daemon ---------------------------------------------------------------------------------------------------


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
        self._broken = False

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
        failures = 0
        while not self._stop.is_set():
            self._progress.beat("sent", 7200)
            try:
                folder = sent_folder(self._settings, account)
            except MailbotError as error:
                failures += 1
                self._pause_after(error, "sent", failures)
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
        failures = 0
        while not self._stop.is_set():
            self._progress.beat(name, 900)
            try:
                mailbox = Mailbox.connect(account, puller.folder, read_only=not (puller.keyword or puller.move_to))
            except MailbotError as error:
                failures += 1
                self._pause_after(error, name, failures, puller.desk)
                continue
            self._mailboxes[name] = mailbox
            try:
                failures = self._pull_until_cut(puller, mailbox, name, failures)
            except MailbotError as error:
                failures += 1
                if not self._stop.is_set():
                    self._pause_after(error, name, failures, puller.desk)
            finally:
                mailbox.close()

    def _pull_until_cut(self, puller: Puller, mailbox: Mailbox, name: str, failures: int) -> int:
        poll = self._settings.imap.poll_interval.total_seconds()
        while not self._stop.is_set() and mailbox.age < _RECONNECT_AFTER:
            self._progress.beat(name, 900)
            if puller.one_pass(mailbox):
                self._mail_waits.set()
            failures, self._progress.trouble[name] = 0, ""
            seconds = puller.desk.clock.real_seconds(poll)
            if name == "pull" and self._settings.imap.idle:
                mailbox.wait(seconds, self._stop)
            else:
                self._stop.wait(seconds)
        return failures

    def _pause_after(self, error: MailbotError, name: str, failures: int, desk: Desk | None = None) -> None:
        """Wait, longer each time; a refused login on the slow ladder, with an alarm at the first."""
        slow = isinstance(error, Permanent)
        seconds = (login_delay if slow else connection_delay)(failures, random.random())
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
            self._loop("process", desk, lambda: process.one_pass(desk, reader), self._mail_waits, then=self._letters_wait.set)
        finally:
            reader.close()

    def _send(self, desk: Desk, account: SmtpAccount) -> None:
        if self._dry_run:
            self._loop("send", desk, lambda: _hold_back(desk), self._letters_wait)
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

        self._loop("send", desk, one_pass, self._letters_wait)

    def _loop(
        self, name: str, desk: Desk, one_pass: Callable[[], int], wake: threading.Event, then: Callable[[], None] = lambda: None
    ) -> None:
        """Work while there is work; then wait to be woken, or have a look after a second."""
        failures = 0
        while not self._stop.is_set():
            self._progress.beat(name, 900)
            wake.clear()
            try:
                done = one_pass()
                failures = 0
            except Transient as error:
                failures += 1
                self._pause_after(error, name, failures)
                continue
            if done:
                then()
            else:
                wake.wait(_IDLE_LOOK)
        del desk

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
        try:
            if sweep.one_pass(desk):
                self._letters_wait.set()
        except Transient as error:
            log.warning(log_line("sweep put off", reason=error))


def run(settings: Settings, *, dry_run: bool = False) -> int:
    """The daemon in the foreground, for systemd and for people; returns the exit code."""
    os.umask(0o077)
    return Daemon(settings, dry_run=dry_run).run()
