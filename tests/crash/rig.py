"""A house that is made to be broken: a Dovecot, a sink process, a ledger, an oracle, and a daemon that dies where it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.fault import Point
from tests.crash.oracle import Ledger, Oracle
from tests.crash.post import Injector, SinkProcess
from tests.support.dovecot import Dovecot
from tests.support.house import House

MONDAY = "2026-10-12T08:00:00+02:00 x60"  # a minute of the desk each second: retries, leases and reminders fall due within a test
LIMITS = {"per_address_hour": 1000, "per_address_day": 1000, "per_ticket_day": 1000, "global_hour": 1_000_000}


class Rig:
    """The parts together. The mark on the server is a keyword, so that law I3 can be seen from outside."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: SinkProcess, database: str | None = None, **tables: dict[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        given = {"imap": {"mark": "keyword", "poll_interval": "30s"}, "limits": LIMITS, "smtp": {"max_per_minute": 100_000}, **tables}
        self.house = House(folder, dovecot, sink, database=database, **given)  # type: ignore[arg-type]
        self.house.clock = MONDAY
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.oracle = Oracle(self.house, self.ledger)
        self.injector = Injector(self.house, self.ledger)

    def once(self, fault: Point | None = None, count: int = 1) -> bool:
        """`mailbot once`, with a death at the `count`-th pass of a point; whether it died there."""
        environment = self.house.environment() | ({"MAILBOT_FAULT": f"{fault}:{count}"} if fault else {})
        command = [sys.executable, "-m", "mailbot", "once", "--config", str(self.house.config)]
        with self.house.log.open("ab") as log:
            ended = subprocess.run(command, stdout=log, stderr=log, env=environment, timeout=300, check=False).returncode
        if fault and ended == -signal.SIGKILL:
            return True
        assert ended == 0, f"mailbot once ended with {ended}:\n{self.house.log.read_text(errors='replace')[-3000:]}"
        return False

    def drain(self) -> None:
        """Run without faults until nothing is left to do."""
        for _ in range(5):
            if self.oracle.is_quiet():
                return
            self.once()
        raise AssertionError(f"not drained:\n{self.house.log.read_text(errors='replace')[-3000:]}")


@contextmanager
def a_rig(folder: Path, database: str | None = None, **tables: dict[str, object]) -> Iterator[Rig]:
    """A rig with servers of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with Dovecot() as dovecot, SinkProcess(folder) as sink:
        rig = Rig(folder, dovecot, sink, database, **tables)
        try:
            yield rig
        finally:
            rig.house.kill()


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that live."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid:
            found.append(int(status.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether the process is there, and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
