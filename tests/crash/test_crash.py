"""Laws I1 to I8 under deaths: the short form in every run, the long ones in `make crash`. How it works: docs/reliability.md."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mailbot.fault import POINTS
from tests.conftest import need
from tests.crash.chaos import CALM, storm
from tests.crash.oracle import report
from tests.crash.rig import a_rig
from tests.crash.sweep import database_of, sweep_point, table

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("MAILBOT_CRASH_SECONDS", "600"))  # of each long storm
MAILS = int(os.environ.get("MAILBOT_CRASH_MAILS", "1000"))
SEED = int(os.environ.get("MAILBOT_CRASH_SEED", "20261012"))
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def servers() -> None:
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")


def test_a_death_at_each_point_and_then_random_ones(tmp_path: Path) -> None:
    """Each point once, one death after the other with no calm in between, then ten seconds of random ones; then all laws hold."""
    with a_rig(tmp_path) as rig:
        rig.injector.round()
        rig.drain()
        for point in POINTS:
            rig.injector.round()
            assert rig.once(point), f"nothing passed {point}"
            found = rig.oracle.at_any_time()
            assert not found, f"after a death at {point}:\n{report(found)}"
        outcome = storm(rig, seconds=10, mails=len(rig.ledger.entries) + 40, seed=SEED)
        assert not outcome.violations, f"{outcome}\n{report(outcome.violations)}"
        assert outcome.deaths >= 2
        assert (outcome.held, outcome.given_up) == (0, 0), str(outcome)


@pytest.mark.long
@pytest.mark.parametrize("kind", DATABASES)
def test_the_sweep(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first passes of every point one by one, then in ever longer steps, until a run passes unharmed."""
    with database_of(kind) as database, a_rig(tmp_path, database) as rig:
        lines = [sweep_point(rig, point, most=60) for point in POINTS]
    with capsys.disabled():
        print(f"\n{kind}\n{table(lines)}")
    assert [line.point for line in lines if not line.hits] == [], "a point that never fires proves nothing"
    assert [line.point for line in lines if not line.exhausted and not line.violations] == [], "no round passed it unharmed"
    assert not (found := [what for line in lines for what in line.violations]), report(found)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "power"), [("sqlite", False), ("postgresql", False), ("sqlite", True)])
def test_a_long_storm(kind: str, power: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Random deaths while a thousand mails come in; with `power` each leaves what a disk would hold after a power cut."""
    with database_of(kind) as database, a_rig(tmp_path, database) as rig:
        rig.house.clock = CALM
        outcome = storm(rig, seconds=SECONDS, mails=MAILS, seed=SEED, power=power)
    with capsys.disabled():
        print(f"\n{kind}{', power cuts' if power else ''}: {outcome}")
    assert not outcome.violations, report(outcome.violations)
    assert outcome.mails >= MAILS
    assert outcome.copies <= outcome.ambiguous
    assert (outcome.held, outcome.given_up) == (0, 0), str(outcome)
    assert outcome.with_mails, "a storm that meets no work proves nothing"
    assert outcome.in_a_letter
