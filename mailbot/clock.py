"""Time. The only module that asks the machine what time it is, or waits for it to pass; everything else is given a Clock."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from mailbot.errors import ConfigError

CLOCK_VARIABLE = "MAILBOT_CLOCK"
_SPEC = re.compile(r"(\S+)\s+x(\d{1,6}(?:\.\d{1,3})?)")
_EXAMPLE = f'{CLOCK_VARIABLE}="2026-10-12T08:00:00+02:00 x60"'
_MILLENNIUM = timedelta(days=365_000)  # further away than this, a date of some mail would leave the calendar
_SHORTEST_WAIT = 0.05  # seconds: a fast clock must not turn a poll every minute into a busy loop


class Waitable(Protocol):
    """What can be waited for: `mailbot.stop.StopSignal`, or a threading.Event."""

    def wait(self, timeout: float | None = None, /) -> bool:
        """Waits at most so many seconds; true when it was set."""
        ...


class Clock:
    """The machine's own clock. Instants are aware UTC; waits are in the seconds that this clock shows."""

    speed: float = 1.0

    def now(self) -> datetime:
        """The present instant."""
        return self.from_real(datetime.now(UTC))

    def from_real(self, instant: datetime) -> datetime:
        """What this clock showed at an instant of the world outside, such as an INTERNALDATE (RFC 9051 2.3.3); aware UTC."""
        return instant.astimezone(UTC)

    def real_seconds(self, seconds: float) -> float:
        """How long so many seconds of this clock take in the world outside."""
        return seconds

    def wait(self, seconds: float, stop: Waitable) -> bool:
        """Waits so many seconds of this clock, or until `stop` is set; true when it was."""
        return stop.wait(max(0.0, self.real_seconds(seconds)))

    @staticmethod
    def monotonic() -> float:
        """Real seconds that never go back, whatever is done to the machine's clock: for timeouts and the watchdog."""
        return time.monotonic()


@dataclass(frozen=True)
class ScaledClock(Clock):
    """A clock that showed `shown` at the real instant `real`, and has run `speed` times as fast since.

    Before that instant it ran at the ordinary speed: a mail of last year stays one of last year.
    """

    real: datetime
    shown: datetime
    speed: float

    def from_real(self, instant: datetime) -> datetime:
        """What this clock showed, or will show, at a real instant; aware UTC."""
        passed = max(instant - self.real, -_MILLENNIUM)
        if passed > timedelta():
            passed = min(passed, _MILLENNIUM / self.speed) * self.speed
        return (self.shown + passed).astimezone(UTC)

    def real_seconds(self, seconds: float) -> float:
        """How long so many seconds of this clock take, but never so short that a loop would run hot."""
        return max(seconds / self.speed, min(seconds, _SHORTEST_WAIT))


def make_clock(state_folder: Path, loopback: bool) -> Clock:
    """The machine's clock, or the one that $MAILBOT_CLOCK asks for, such as `2026-10-12T08:00:00+02:00 x60` (start and speed).

    Its anchor is kept in `state_folder`, so that a restart continues where it would be by now; another start or speed begins anew.
    Raises ConfigError where the text is no such thing, or without `loopback` (both mail servers on this machine): a false time must
    never reach a customer.
    """
    text = os.environ.get(CLOCK_VARIABLE, "").strip()
    if not text:
        return Clock()
    if not loopback:
        raise ConfigError([f"{CLOCK_VARIABLE}: is for tests and shows, with imap.host and smtp.host on this machine; unset it"])
    start, speed = _parse(text)
    return _anchored(state_folder / "clock.json", text, start, speed)


def _parse(text: str) -> tuple[datetime, float]:
    match = _SPEC.fullmatch(text)
    try:
        start = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        start = None
    if not match or not start or not start.tzinfo or not float(match[2]):
        raise ConfigError([f"{CLOCK_VARIABLE}: {text!r} is no start with its offset and a speed; write it like {_EXAMPLE}"])
    return start, float(match[2])


def _anchored(file: Path, text: str, start: datetime, speed: float) -> ScaledClock:
    """The clock whose anchor the file keeps; a file that is absent, broken or of another clock is written anew."""
    try:
        kept = json.loads(file.read_text("utf-8"))
        if kept["clock"] == text:
            return ScaledClock(datetime.fromisoformat(kept["real"]), start, speed)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    real = datetime.now(UTC)
    draft = file.with_suffix(".new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(json.dumps({"clock": text, "real": real.isoformat()}), "utf-8")
        draft.replace(file)
    except OSError as error:
        raise ConfigError(
            [f"service.state_dir: {file.parent} cannot be written: {error.strerror}; correct its owner, or name another"]
        ) from None
    return ScaledClock(real, start, speed)
