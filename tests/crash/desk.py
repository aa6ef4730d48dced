"""A desk inside the test process, with a clock that the test turns: for what a process of its own would make slow or vague."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mailbot.clock import Clock
from mailbot.rules.signing import Signer
from mailbot.steps.alarm import raise_alarm
from mailbot.steps.desk import Desk
from mailbot.store.engine import Database
from mailbot.templating import load_templates
from mailbot.wire.smtp import Ambiguous, Outcome, Sent
from tests.build import a_service

MONDAY = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)


@dataclass
class HandClock(Clock):
    """Shows what the test says."""

    shown: datetime = MONDAY

    def now(self) -> datetime:
        """The instant that the test set."""
        return self.shown

    def turn(self, by: timedelta) -> None:
        """Forward or back."""
        self.shown += by


def a_desk(database: Database, clock: Clock | None = None, holder: str = "this-machine") -> Desk:
    """A desk of the example configuration."""
    return Desk(database, a_service(), load_templates(None), Signer(b"k" * 64, "key"), "mark", holder, clock or HandClock())


def write_letter(desk: Desk, key: str = "alarm:one") -> None:
    """One letter to the team stands in the outbox (a second one of the same key does not)."""
    with desk.database.write() as connection:
        raise_alarm(connection, desk, key, "Uwaga", ("Proszę sprawdzić.",))


@dataclass
class Counter:
    """An outlet that takes every mail, and remembers it. `silent` times it gives no clear answer."""

    silent: int = 0
    taken: list[bytes] = field(default_factory=list)

    def open(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing to hang up."""

    def send(self, envelope_from: str, recipient: str, mime: bytes) -> Outcome:
        """Takes it."""
        self.taken.append(mime)
        if self.silent:
            self.silent -= 1
            return Ambiguous("the connection was lost after the final dot")
        return Sent("250 Ok")
