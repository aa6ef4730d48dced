"""Random deaths under load: the real daemon is killed again and again while mail pours in; then it runs dry and is judged.

`python -m tests.crash.chaos [--database sqlite|postgresql] [--seconds 600] [--mails 1000] [--power] [--seed N]`. With --power each
death is a power cut: the database and its log are copied at that instant, what was not yet committed is garbled, and the next daemon
gets the copy (SQLite only).
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.oracle import report
from tests.crash.rig import Rig, a_rig, children_of, is_alive
from tests.crash.sweep import database_of

_SIGNS_OF_WORK = (b" mail stored ", b" mail opened ", b" outbox sent ")
_WARM_UP = 30.0  # seconds after which a daemon is killed although it did not do what was waited for
_DRY = 600.0
CALM = "2026-10-12T08:00:00+02:00 x10"  # slow enough that a thousand tickets are not reminded of faster than a busy machine writes


@dataclass
class Outcome:
    """What a storm did."""

    seed: int
    deaths: int = 0
    with_mails: int = 0  # deaths with mails in hand
    in_a_letter: int = 0  # deaths between the begin and the end of a letter
    orphans: set[int] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    mails: int = 0
    tickets: int = 0
    letters: int = 0
    copies: int = 0
    ambiguous: int = 0
    held: int = 0
    given_up: int = 0

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.deaths} deaths ({self.with_mails} with mails in hand, "
            f"{self.in_a_letter} in the middle of a letter), {self.mails} mails, {self.tickets} tickets, {self.letters} letters, "
            f"{self.copies} further copies after {self.ambiguous} ambiguous ends, {self.held} held, {self.given_up} given up, "
            f"{len(self.violations)} violations"
        )


def storm(rig: Rig, *, seconds: float, mails: int, seed: int, power: bool = False) -> Outcome:
    """Kill for so many seconds while so many mails come in, a quarter of them at once; then run dry, and judge."""
    dice, outcome = random.Random(seed), Outcome(seed)
    rig.once()  # the tables are there; deaths while they are made are for tests/store
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        while len(rig.ledger.entries) < mails * min(1.0, 0.25 + passed / seconds):
            rig.injector.round()
        _live_and_die(rig, dice, outcome, power=power)
    rig.house.start()
    rig.house.wait_until(rig.oracle.is_quiet, _DRY)
    while rig.injector.answer():
        pass
    rig.house.wait_until(rig.oracle.is_quiet, _DRY)
    code, _ = rig.house.stop()
    if code:
        outcome.violations.append(f"the daemon ended with {code}")
    outcome.violations += rig.oracle.drained()
    _count(rig, outcome)
    return outcome


def _live_and_die(rig: Rig, dice: random.Random, outcome: Outcome, *, power: bool) -> None:
    """One life: until half a second at most after the first sign of work of some kind, or, every fourth time, after the start."""
    house = rig.house
    at = house.log.stat().st_size if house.log.exists() else 0
    process = house.launch()
    born = time.monotonic()
    sign = dice.choice(_SIGNS_OF_WORK)
    if dice.random() > 0.25:
        while time.monotonic() - born < _WARM_UP and sign not in _since(house.log, at) and not rig.oracle.is_quiet():
            assert process.poll() is None, f"the daemon ended by itself:\n{_since(house.log, at).decode(errors='replace')[-3000:]}"
            time.sleep(0.01)
    time.sleep(dice.uniform(0.0, 0.5))
    outcome.orphans |= set(children_of(process.pid))
    if power:
        os.kill(process.pid, signal.SIGSTOP)
        _cut_power(Path(house.database.removeprefix("sqlite:///")), dice)
    house.kill()
    outcome.deaths += 1
    outcome.with_mails += bool(house.count("journal WHERE state = 'new' AND lease_holder IS NOT NULL"))
    outcome.in_a_letter += bool(house.count("outbox WHERE state = 'sending'"))
    found = [*rig.oracle.marks()] if outcome.deaths % 10 else rig.oracle.at_any_time()
    outcome.violations += [f"death {outcome.deaths}: {what}" for what in found]


def _since(log: Path, at: int) -> bytes:
    with log.open("rb") as file:
        file.seek(at)
        return file.read()


def _cut_power(database: Path, dice: random.Random) -> None:
    """Leaves of the stopped daemon's database what a disk would hold: all that was committed, and garbage or nothing behind it."""
    wal = database.with_name(f"{database.name}-wal")
    log = wal.read_bytes() if wal.exists() else b""
    kept = _committed(log)
    tail = bytearray(log[kept:])
    fate = dice.choice(("lost", "cut", "garbled", "whole"))
    if fate == "lost":
        tail.clear()
    elif fate == "cut":
        del tail[dice.randint(0, len(tail)) :]
    elif fate == "garbled":
        for at in range(0, len(tail), 512):
            if dice.random() < 0.5:
                tail[at : at + 512] = dice.randbytes(len(tail[at : at + 512]))
    copy = database.with_name("copy")
    copy.write_bytes(database.read_bytes())
    copy.replace(database)  # the stopped daemon keeps the file that it has open; nobody sees that one any more
    wal.unlink(missing_ok=True)
    wal.write_bytes(log[:kept] + bytes(tail))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)


def _committed(log: bytes) -> int:
    """Where the last commit of a write-ahead log ends (https://sqlite.org/fileformat2.html#walformat)."""
    if len(log) < 32:
        return 0
    page, salts, end = struct.unpack(">8xI", log[:12])[0], log[16:24], 32
    for at in range(32, len(log) - 24 - page + 1, 24 + page):
        if log[at + 8 : at + 16] != salts:
            break
        if struct.unpack(">I", log[at + 4 : at + 8])[0]:
            end = at + 24 + page
    return end


def _count(rig: Rig, outcome: Outcome) -> None:
    house = rig.house
    outcome.mails, outcome.tickets, outcome.letters = (
        len(rig.ledger.entries),
        house.count("ticket"),
        house.count("outbox WHERE state = 'sent'"),
    )
    sent = [delivery.message_id for delivery in rig.oracle.deliveries()]
    outcome.copies = len(sent) - len(set(sent))
    outcome.ambiguous = int(house.query("SELECT coalesce(sum(ambiguous), 0) FROM outbox")[0][0])
    outcome.held, outcome.given_up = house.count("journal WHERE state = 'held'"), house.count("outbox WHERE state = 'failed'")
    deadline = time.monotonic() + 10
    while left := [pid for pid in outcome.orphans if is_alive(pid)]:
        if time.monotonic() > deadline:
            outcome.violations.append(f"reading processes outlive their daemon: {left[:5]}")
            break
        time.sleep(0.05)


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--power", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database_of(given.database) as database, a_rig(Path(folder), database) as rig:
        rig.house.clock = CALM
        outcome = storm(rig, seconds=given.seconds, mails=given.mails, seed=given.seed, power=given.power)
    print(f"{given.database}{', power cuts' if given.power else ''}: {outcome}")
    print(report(outcome.violations))
    return bool(outcome.violations)


if __name__ == "__main__":
    sys.exit(main())
