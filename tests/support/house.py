"""A whole house for system tests: Dovecot, an SMTP sink, a configuration, and the real daemon as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.smtp_sink import Sink

PATIENCE = 60.0


class House:
    """One desk. `start` and `stop` run `mailbot run`; `cli` runs any other command against the same configuration."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: Sink, *, database: str | None = None, extra: str = "") -> None:
        self.folder, self.dovecot, self.sink = folder, dovecot, sink
        self.state = folder / "state"
        self.config = folder / "config.toml"
        password = folder / "password"
        password.write_text(f"{PASSWORD}\n")
        password.chmod(0o600)
        key = folder / "signing-key"
        key.write_text("k" * 64)
        key.chmod(0o600)
        self.config.write_text(
            f"""
[service]
address = "serwis@oxiprint.com"
state_dir = "{self.state}"
[database]
url = "{database or f"sqlite:///{folder}/mailbot.db"}"
[security]
signing_key_file = "{key}"
[imap]
host = "127.0.0.1"
port = {dovecot.port}
security = "none"
username = "serwis"
password_file = "{password}"
poll_interval = "2s"
[smtp]
host = "127.0.0.1"
port = {sink.port}
security = "none"
[staff]
team = ["technik@oxiprint.com"]
managers = ["szef@oxiprint.com"]
domains = ["oxiprint.com"]
[[staff.people]]
name = "Jan Nowak"
email = "jan@oxiprint.com"
{extra}
"""
        )
        self.clock = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "daemon.log"

    def environment(self) -> dict[str, str]:
        """The daemon's environment, with the clock of the test."""
        return {**os.environ, **({"MAILBOT_CLOCK": self.clock} if self.clock else {})}

    def cli(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `mailbot WORDS --config …`."""
        command = [sys.executable, "-m", "mailbot", *words, "--config", str(self.config)]
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment(), timeout=120)
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr}")
        return done

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The JSON rows of a list command."""
        return [json.loads(line) for line in self.cli(*words, "--json").stdout.splitlines()]

    def start(self) -> None:
        """Start the daemon and wait until it runs."""
        with self.log.open("ab") as log:
            at = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "run", "--config", str(self.config)], stdout=log, stderr=log, env=self.environment()
            )
        self.wait_until(lambda: b" running " in self.log.read_bytes()[at:] or b"running\n" in self.log.read_bytes()[at:])

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
        """Wait until every stored mail has its consequence and every letter its end."""

        def is_quiet() -> bool:
            status = json.loads(self.cli("status", "--json").stdout)
            busy = sum(status["outbox"].get(state, 0) for state in ("queued", "sending", "unknown"))
            return not status["mails"].get("new", 0) and not busy

        self.wait_until(is_quiet, seconds)

    def letters(self, recipient: str) -> list[bytes]:
        """What the sink took for a recipient."""
        return [delivery.mail for delivery in self.sink.accepted if recipient in delivery.recipients]
