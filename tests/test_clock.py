"""The clock: what it shows, how it maps the world outside, and that a restart continues it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.clock import Clock, ScaledClock, make_clock
from mailbot.errors import ConfigError

START = datetime(2026, 10, 12, 6, tzinfo=UTC)  # 8:00 in Warsaw
REAL = datetime(2026, 3, 1, 12, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC))


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILBOT_CLOCK", raising=False)


def test_the_machines_clock(tmp_path: Path) -> None:
    clock = make_clock(tmp_path, loopback=False)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC
    assert clock.from_real(START) == START
    assert clock.real_seconds(90) == 90
    assert list(tmp_path.iterdir()) == []


def test_a_scaled_clock_and_its_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_CLOCK", "2026-10-12T08:00:00+02:00 x3600")
    first = make_clock(tmp_path / "state", loopback=True)
    assert isinstance(first, ScaledClock)
    shown = first.now()
    assert START <= shown < START + timedelta(hours=12)  # an hour each second
    again = make_clock(tmp_path / "state", loopback=True)
    assert again == first
    assert again.now() > shown
    monkeypatch.setenv("MAILBOT_CLOCK", "2026-10-12T08:00:00+02:00 x1")
    assert make_clock(tmp_path / "state", loopback=True).now() < START + timedelta(minutes=1)


def test_a_broken_anchor_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_CLOCK", "2026-10-12T08:00:00+02:00 x60")
    for content in ("", "[]", "{}", '{"clock": "2026-10-12T08:00:00+02:00 x60", "real": "never"}'):
        (tmp_path / "clock.json").write_text(content)
        clock = make_clock(tmp_path, loopback=True)
        assert START <= clock.now() < START + timedelta(hours=1)
        assert make_clock(tmp_path, loopback=True) == clock


def test_no_other_time_where_a_customer_could_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_CLOCK", "2026-10-12T08:00:00+02:00 x60")
    with pytest.raises(ConfigError, match="unset it"):
        make_clock(tmp_path, loopback=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["x60", "2026-10-12T08:00:00 x60", "2026-10-12T08:00:00+02:00", "2026-10-12T08:00:00Z x0", "now x2"])
def test_what_is_no_clock(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_CLOCK", text)
    with pytest.raises(ConfigError, match="write it like"):
        make_clock(tmp_path, loopback=True)


def test_internaldate_is_mapped() -> None:
    clock = ScaledClock(REAL, START, 60)
    assert clock.from_real(REAL) == START
    assert clock.from_real(REAL + timedelta(minutes=2)) == START + timedelta(hours=2)
    assert clock.from_real(REAL - timedelta(days=365)) == START - timedelta(days=365)  # last year's mail stays last year's


@given(instants, instants, st.floats(0.1, 999_999))
def test_the_order_of_mails_is_kept(one: datetime, two: datetime, speed: float) -> None:
    clock = ScaledClock(REAL, START, speed)
    assert clock.from_real(min(one, two)) <= clock.from_real(max(one, two))


def test_waiting_is_scaled_but_never_a_busy_loop() -> None:
    clock = ScaledClock(REAL, START, 60)
    assert clock.real_seconds(60) == 1
    assert clock.real_seconds(0.5) == 0.05
    assert clock.real_seconds(0) == 0
    assert ScaledClock(REAL, START, 86_400).real_seconds(60) == 0.05


def test_a_wait_ends_when_it_is_told_to() -> None:
    stop = threading.Event()
    assert not Clock().wait(0.001, stop)
    threading.Timer(0.01, stop.set).start()
    before = Clock.monotonic()
    assert ScaledClock(REAL, START, 2).wait(60, stop)
    assert Clock.monotonic() - before < 20
