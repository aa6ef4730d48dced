"""What `mailbot doctor` looks at: each check says in plain words what it found, and what to do where something is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.clock import make_clock
from mailbot.config import Settings, find_config, load_config
from mailbot.errors import ConfigError, MailbotError
from mailbot.rules.reading.morphology import available as morphology_is_available
from mailbot.rules.signing import fingerprint
from mailbot.rules.working_time import is_open, next_opening
from mailbot.store.engine import Database
from mailbot.store.installation import stored_fingerprint
from mailbot.store.migrate import current_revision
from mailbot.templating import load_templates
from mailbot.wire.imap import Mailbox
from mailbot.wire.imap_session import Session
from mailbot.wire.smtp import check as check_smtp


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    words: str
    is_wrong: bool = False


def examine_all(config: Path | None) -> Iterator[Finding]:
    """One finding a check, in the order in which they build on each other. Nothing is changed on any server or in the database."""
    try:
        settings = load_config(config)
    except ConfigError as error:
        yield from (Finding("configuration", problem, is_wrong=True) for problem in error.problems)
        return
    yield Finding("configuration", f"{find_config(config)} is complete")
    told: dict[str, str] = {}  # a fault is told once; what it also stops names the check that told it
    for name, check in _CHECKS.items():
        for finding in _findings(name, check, settings):
            first = told.setdefault(finding.words, name)
            yield finding if first == name else replace(finding, words=f"the same fault as at {first}")


def _findings(name: str, check: Callable[[Settings], str], settings: Settings) -> Iterator[Finding]:
    try:
        yield Finding(name, check(settings))
    except ConfigError as error:
        yield from (Finding(name, problem, is_wrong=True) for problem in error.problems)
    except (MailbotError, ValueError) as error:
        yield Finding(name, str(error).removeprefix(f"{name}: "), is_wrong=True)


def _templates(settings: Settings) -> str:
    load_templates(settings.templates_dir)
    return "all can be rendered" + (f", with those of {settings.templates_dir}" if settings.templates_dir else "")


def _database_is_there(settings: Settings) -> bool:
    """A file that SQLite would make by being asked is not asked."""
    return not settings.database.is_sqlite or Path(settings.database.url.partition(":///")[2]).exists()


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url())
    try:
        yield database
    finally:
        database.close()


def _database(settings: Settings) -> str:
    if not _database_is_there(settings):
        return f"{settings.database.url.partition(':///')[2]} does not exist yet; the first start makes it"
    with _opened(settings) as database:
        revision = current_revision(database)
        return f"{database.url.get_backend_name()} answers; schema {revision or 'none yet; the first start makes it'}"


def _signing_key(settings: Settings) -> str:
    if settings.database.is_sqlite and not settings.security.signing_key_file and not (settings.state_folder / "signing-key").exists():
        return f"none yet; the first start makes it in {settings.state_folder}"
    given = fingerprint(settings.signing_key().encode())
    if _database_is_there(settings):
        with _opened(settings) as database, database.read() as connection:
            stored = stored_fingerprint(connection) if current_revision(database) else None
        if stored not in (None, given):
            raise ConfigError(["security.signing_key_file: this is not the key that the database was used with; put the former one back"])
    return f"is there ({given})"


def _state_folder(settings: Settings) -> str:
    folder = settings.state_folder
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError([f"service.state_dir: {there} cannot be written by this user; correct its owner, or name another folder"])
    return f"{folder} can be written" if there == folder else f"{folder} does not exist yet; the first start makes it"


def _clock(settings: Settings) -> str:
    now = make_clock(settings.state_folder, settings.is_loopback).now()
    calendar = settings.service.calendar
    opening = "open now" if is_open(calendar, now) else f"closed, opens {_local(next_opening(calendar, now), calendar.zone)}"
    return f"{_local(now, calendar.zone)} {calendar.zone}; the desk is {opening}"


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _language(settings: Settings) -> str:
    del settings
    if morphology_is_available():
        return "Morfeusz 2 is there"
    return "Morfeusz 2 is not installed (it has wheels for Linux on x86_64): names and levels are read by rules, a little worse"


def _imap(settings: Settings) -> str:
    account, folder = settings.imap_account(), settings.imap.folder
    mailbox = Mailbox.connect(account, folder, read_only=settings.imap.mark == "none")
    try:
        if settings.imap.mark == "keyword" and not mailbox.can_mark("$Mailbot"):
            raise ConfigError([f'imap.mark: the server keeps no keywords on mails in {folder}; use "none"'])
        if settings.imap.mark.startswith("move:") and not mailbox.can_move():
            raise ConfigError(['imap.mark: the server has no MOVE (RFC 6851), without which a crash could double mails; use "none"'])
        idle = "IDLE" if "IDLE" in mailbox.capabilities else f"no IDLE: looked at every {settings.imap.poll_interval.total_seconds():.0f} s"
        return f"logged in as {account.username} at {account.where}; folder {folder} opened, UIDVALIDITY {mailbox.uidvalidity}; {idle}"
    finally:
        mailbox.close()


def _sent(settings: Settings) -> str:
    wanted = settings.imap.sent_folder
    if not wanted:
        return "not watched (imap.sent_folder is empty)"
    session = Session(settings.imap_account())
    try:
        found = session.find_sent_folder() if wanted == "auto" else wanted
        if found is None:
            return "none found: a colleague's answer stops the clock only when the service address is in its To or Cc"
        if found not in session.folders():
            raise ConfigError([f"imap.sent_folder: there is no folder {found}; there are: {', '.join(session.folders())}"])
        return f"{found} is watched for answers of colleagues"
    finally:
        session.close()


def _smtp(settings: Settings) -> str:
    account = settings.smtp_account()
    offered = check_smtp(account)
    who = f"logged in as {account.username}" if account.username else "no login configured"
    return f"{account.host}:{account.port} takes mail ({who}); it offers: {', '.join(offered)}"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "templates": _templates,
    "clock": _clock,
    "language": _language,
    "state folder": _state_folder,
    "database": _database,
    "signing key": _signing_key,
    "imap": _imap,
    "sent folder": _sent,
    "smtp": _smtp,
}
