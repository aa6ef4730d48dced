"""Opening the house: the database at its newest schema, the key, the templates, and the lock that lets one daemon in.

With `connections.py` and `daemon.py` the composition root: nothing else builds an engine, a client or a thread.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from mailbot.clock import make_clock
from mailbot.config import Settings
from mailbot.errors import Permanent, Transient
from mailbot.log import log_line
from mailbot.notify import notify
from mailbot.rules.signing import Signer, fingerprint
from mailbot.steps.desk import Desk
from mailbot.store import journal, outbox
from mailbot.store.engine import Database
from mailbot.store.installation import settle
from mailbot.store.migrate import upgrade
from mailbot.templating import load_templates

log = logging.getLogger("mailbot.house")


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
        if not _lock_mark(folder):
            stream.write(secrets.token_hex(8))
            stream.flush()
            os.fsync(stream.fileno())
        yield


def _lock_mark(folder: Path) -> str:
    """What tells this state folder's daemon from all others on the same database, also where their machines have one name."""
    with suppress(OSError):
        return (folder / "lock").read_text("ascii", "replace")[:32]
    return ""


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
        holder = f"{socket.gethostname()[:60]}:{_lock_mark(settings.state_folder)}"
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
