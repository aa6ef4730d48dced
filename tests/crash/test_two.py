"""Two daemons on one mailbox: one of them frozen and thawed, or refused. One ticket and one answer a mail, whoever works."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.crash.oracle import report
from tests.crash.post import SinkProcess
from tests.crash.rig import Rig
from tests.support.dovecot import Dovecot
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow
PATIENCE = 150.0  # a transaction that froze half way is ended by the server after a minute


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Rig, Rig]]:
    """Two rigs with state folders of their own on one mailbox, one database, one sink; their clocks agree."""
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
    with Postgres() as server, Dovecot() as dovecot, SinkProcess(tmp_path) as sink:
        url = server.url()
        first, second = (Rig(tmp_path / name, dovecot, sink, url) for name in ("first", "second"))
        first.house.start()
        first.house.stop()
        second.house.state.mkdir()
        shutil.copy(first.house.state / "clock.json", second.house.state)
        yield first, second
        first.house.kill()
        second.house.kill()


@pytest.mark.long
def test_one_is_frozen_and_thawed(two: tuple[Rig, Rig]) -> None:
    """At random moments of its work; by then the other has taken over what it had in hand (leases last seconds here)."""
    first, second = two
    dice = random.Random(20261012)
    first.house.start()
    second.house.start()
    for _ in range(4):
        for _ in range(3):
            first.injector.round()
        at = len(first.oracle.deliveries())
        target = at + dice.randint(0, 12)
        first.house.wait_until(lambda target=target: len(first.oracle.deliveries()) >= target or first.oracle.is_quiet(), PATIENCE)  # type: ignore[misc]
        assert first.house.process is not None
        os.kill(first.house.process.pid, signal.SIGSTOP)
        second.house.wait_until(first.oracle.is_quiet, PATIENCE)
        os.kill(first.house.process.pid, signal.SIGCONT)
        first.injector.round()
        first.house.wait_until(first.oracle.is_quiet, PATIENCE)
    assert first.house.stop()[0] == second.house.stop()[0] == 0
    first.drain()  # reminders of the last second
    found = first.oracle.drained()
    assert not found, report(found)
    assert first.house.count("journal WHERE state = 'held'") == 0


def test_a_second_on_the_same_state_folder_is_refused(tmp_path: Path) -> None:
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
    with Dovecot() as dovecot, SinkProcess(tmp_path) as sink:
        rig = Rig(tmp_path / "house", dovecot, sink)
        rig.house.start()
        running = rig.house.process
        assert rig.house.launch().wait(60) == 75
        assert b"another mailbot is running" in rig.house.log.read_bytes()
        rig.house.process = running
        rig.injector.round()
        rig.house.wait_until(rig.oracle.is_quiet)
        assert rig.house.stop()[0] == 0
