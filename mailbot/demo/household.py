"""The folder of a demo, its configuration, and the daemon that runs on it as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from mailbot.clock import CLOCK_VARIABLE
from mailbot.demo.post_office import HOST, DemoFailed, PostOffice

SERVICE = "serwis@oxiprint.example"
TECHNICIAN = "jan.nowak@oxiprint.example"
_NOT_OURS = ("MAILBOT_CONFIG", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM")
_STOP_SECONDS = 15.0

_CONFIG = """\
# Written by `mailbot demo`. The mail servers in it live as long as the demo runs; the database stays.
[service]
name = "Serwis OXIPRINT (demo)"
address = {service}
state_dir = {state}
[database]
url = {database}
[imap]
host = {host}
port = {imap_port}
security = "none"
username = {service}
password_file = {password}
sent_folder = ""
poll_interval = "10m"
[smtp]
host = {host}
port = {smtp_port}
security = "none"
[staff]
team = ["technik@oxiprint.example"]
managers = ["kierownik@oxiprint.example"]
domains = ["oxiprint.example"]
[[staff.people]]
name = "Jan Nowak"
email = {technician}
"""


class Household:
    """Everything that the daemon needs, in one folder. `start` and `stop` the daemon; `check` that it lives."""

    def __init__(self, folder: Path, clock: str) -> None:
        """`clock` is the value of $MAILBOT_CLOCK."""
        self.folder = folder
        self.config, self.log, self.database = folder / "config.toml", folder / "daemon.log", folder / "mailbot.db"
        self.state, self.letters = folder / "state", folder / "letters"
        self.clock = clock
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What the daemon and the commands beside it run with."""
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        return {**kept, CLOCK_VARIABLE: self.clock}

    def furnish(self, office: PostOffice) -> None:
        """Write the configuration and the password."""
        password = self.folder / "imap-password"
        password.touch(mode=0o600)
        password.write_text(office.password)
        values = {
            "service": SERVICE,
            "technician": TECHNICIAN,
            "state": str(self.state),
            "database": f"sqlite:///{self.database}",
            "host": HOST,
            "password": str(password),
            "imap_port": office.imap_port,
            "smtp_port": office.smtp_port,
        }
        self.config.write_text(_CONFIG.format(**{name: json.dumps(value) for name, value in values.items()}), "utf-8")

    def start(self) -> None:
        """Start `mailbot run`, in a process group of its own: Ctrl-C is for the show, which then stops the daemon."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command("run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, process_group=0
            )

    def command(self, *words: str) -> list[str]:
        """`mailbot WORDS --config …` of this installation."""
        return [sys.executable, "-m", "mailbot", *words, "--config", str(self.config)]

    def runs(self) -> bool:
        """Whether the daemon said that it runs. Raises DemoFailed when it ended."""
        self.check()
        return any(" running " in line for line in self._lines())

    def check(self) -> None:
        """Raises DemoFailed, with the end of its log, when the daemon is no longer there."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise DemoFailed(f"the daemon ended with exit code {code}. The last lines of {self.log}:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of the daemon's log."""
        return "\n".join(self._lines()[-15:])

    def _lines(self) -> list[str]:
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []

    def stop(self) -> int:
        """SIGTERM, then SIGKILL; returns the exit code. Nothing happens when it does not run."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            return self._process.wait()
        finally:
            self._process = None
