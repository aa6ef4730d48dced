"""A whole house for system tests: Dovecot, an SMTP sink, a configuration, and the real daemon as a process."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.smtp_sink import Delivery, Sink

PATIENCE = 60.0
_BUSY = (
    "SELECT (SELECT count(*) FROM journal WHERE state = 'new')"
    " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown') OR NOT settled)"
)


class House:
    """One desk. `start` and `stop` run `mailbot run`; `cli` runs any other command against the same configuration.

    The desk's address is `user@domain`, its mailbox that user's on the Dovecot. `tables` add to the configuration or replace its
    keys, such as `imap={"poll_interval": "1m"}`; `extra` is appended as it is.
    """

    def __init__(
        self,
        folder: Path,
        dovecot: Dovecot,
        sink: Sink,
        *,
        database: str | None = None,
        user: str = "serwis",
        domain: str = "oxiprint.com",
        extra: str = "",
        **tables: Mapping[str, object],
    ) -> None:
        self.folder, self.dovecot, self.sink, self.user = folder, dovecot, sink, user
        self.address, self.team, self.manager, self.jan = (f"{name}@{domain}" for name in (user, "technik", "szef", "jan"))
        self.state = folder / "state"
        self.config = folder / "config.toml"
        self.database = database or f"sqlite:///{folder}/mailbot.db"
        self._extra = f'[[staff.people]]\nname = "Jan Nowak"\nemail = "{self.jan}"\n{extra}'
        self._tables: dict[str, dict[str, object]] = {
            "service": {"address": self.address, "state_dir": str(self.state)},
            "database": {"url": self.database},
            "security": {"signing_key_file": self._secret("signing-key", "k" * 64)},
            "imap": {
                "host": "127.0.0.1",
                "port": dovecot.port,
                "security": "none",
                "username": user,
                "password_file": self._secret("password", PASSWORD),
                "poll_interval": "2s",
            },
            "smtp": {"host": "127.0.0.1", "port": sink.port, "security": "none"},
            "staff": {"team": [self.team], "managers": [self.manager], "domains": [domain]},
        }
        self.configure(**tables)
        self.delivered = 0  # mails that the journal must hold one day
        self.clock = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "daemon.log"

    def configure(self, **tables: Mapping[str, object]) -> None:
        """Change keys of the configuration, for the next start."""
        for name, changes in tables.items():
            self._tables.setdefault(name, {}).update(changes)
        # JSON's strings, numbers, booleans and lists of them are TOML's too
        sections = (
            f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
            for name, table in self._tables.items()
        )
        self.config.write_text("".join(sections) + self._extra, "utf-8")

    def _secret(self, name: str, text: str) -> str:
        file = self.folder / name
        file.write_text(f"{text}\n")
        file.chmod(0o600)
        return str(file)

    # ---- the program ----

    def environment(self) -> dict[str, str]:
        """The daemon's environment, with the clock of the test."""
        return {**os.environ, **({"MAILBOT_CLOCK": self.clock} if self.clock else {})}

    def cli(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `mailbot WORDS --config …`."""
        command = [sys.executable, "-m", "mailbot", *words, "--config", str(self.config)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=self.environment(), timeout=120)
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr}")
        return done

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON rows of a list command."""
        return [json.loads(line) for line in self.cli(*words, "--json").stdout.splitlines()]

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the daemon and do not wait for it."""
        with self.log.open("ab") as log:
            self._logged = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "run", "--config", str(self.config)], stdout=log, stderr=log, env=self.environment()
            )
        return self.process

    def start(self) -> None:
        """Start the daemon and wait until it runs."""
        self.launch()
        self.wait_until(lambda: b"running " in self.log.read_bytes()[self._logged :])

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds it took."""
        assert self.process is not None
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        return code, time.monotonic() - begin

    def kill(self) -> None:
        """SIGKILL, if it lives."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    # ---- mail ----

    def deliver(self, *mails: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        """Mails come in, and `quiet` will wait for them. `when`: their INTERNALDATE."""
        self.dovecot.deliver_all([(mail, when) for mail in mails], self.user, folder=folder)
        self.delivered += len(mails)

    def letters(self, recipient: str) -> list[bytes]:
        """What the sink took for a recipient."""
        return [delivery.mail for delivery in self.deliveries(recipient)]

    def deliveries(self, recipient: str) -> list[Delivery]:
        """The same, with envelope and instant."""
        wanted = recipient.lower()
        return [each for each in self.sink.accepted if wanted in (address.lower() for address in each.recipients)]

    # ---- looking ----

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database, beside the running daemon and without a word to it; no rows while it does not exist yet."""
        if not self.database.startswith("sqlite"):
            with psycopg.connect(self.database, autocommit=True) as postgres:
                return postgres.execute(sql.encode()).fetchall()
        file = self.database.removeprefix("sqlite:///")
        if not Path(file).exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as sqlite:
            return sqlite.execute(sql).fetchall()

    def count(self, sql: str) -> int:
        """The one number that `SELECT count(*) FROM …` tells."""
        rows = self.query(f"SELECT count(*) FROM {sql}")
        return int(rows[0][0]) if rows else 0

    def wait_until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait for a condition; fail with the daemon's log when it does not come true, or the daemon ends."""
        until = time.monotonic() + seconds
        while not condition():
            dead = self.process is not None and self.process.poll() is not None
            if dead or time.monotonic() > until:
                tail = self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""
                raise AssertionError(f"{'the daemon ended' if dead else 'it did not happen'}; its log:\n{tail}")
            time.sleep(0.05)

    def quiet(self, seconds: float = PATIENCE) -> None:
        """Wait until every delivered mail is stored and has its consequence, and every letter its end."""
        self.wait_until(lambda: self.count("journal") >= self.delivered and self.query(_BUSY) == [(0,)], seconds)

    def tickets(self) -> dict[str, dict[str, Any]]:
        """All tickets as `ticket list --json` shows them, by number."""
        return {row["number"]: row for row in self.rows("ticket", "list", "--all", "--limit", "10000")}

    def numbers_of(self, requesters: Iterable[str]) -> dict[str, list[str]]:
        """The ticket numbers of each requester."""
        found: dict[str, list[str]] = {requester.lower(): [] for requester in requesters}
        for requester, number in self.query("SELECT requester, number FROM ticket ORDER BY id"):
            found.get(requester, []).append(number)
        return found
