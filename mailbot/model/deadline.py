"""Deadlines of a ticket: the cycles of its clock, the pauses in them, the timers that follow, and how a stretch of time counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailbot.model.facts import Impact


def _require_aware(at: datetime) -> None:
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone: instants are aware")


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still in [start, end): a question to the customer was unanswered (rule 8). `end` None: it still is."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        _require_aware(self.start)
        if self.end is not None:
            _require_aware(self.end)
            if self.end < self.start:
                raise ValueError(f"a pause ends at {self.end.isoformat()} before it begins at {self.start.isoformat()}")


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of a ticket's clock. Each (ticket, cycle number, stage) is reminded of once, ever (law I6).

    `started_at` is the arrival (INTERNALDATE) of the first mail, or the instant of the reopening. `pauses` are in order;
    only the last may still be open. Whether they count is the level's business: see `rules/sla.py`.
    """

    number: int
    started_at: datetime
    impact: Impact
    pauses: tuple[Pause, ...] = ()

    def __post_init__(self) -> None:
        _require_aware(self.started_at)
        if any(pause.end is None for pause in self.pauses[:-1]):
            raise ValueError("only the last pause of a cycle may be open")


CUSTOMER_STAGE = "customer:"
"""How the stages of a question to the customer begin: each happens once to a question, those of staff once in a cycle."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something is due at an instant. `stage` is `sla:50` ... `sla:100`, `sla:late:1` ..., `customer:remind:1` ..., `customer:close`."""

    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delay:
    """How far behind a deadline an instant lies; both are zero before it. `working` leaves out closed hours and pauses."""

    working: timedelta
    real: timedelta


@dataclass(frozen=True, slots=True)
class Reminder:
    """What staff are to be told now, once: the latest stage, and the earlier ones that were missed and merge into it."""

    stage: str
    stage_at: datetime
    merged: tuple[str, ...]  # oldest first; done together with `stage`
    due_at: datetime
    delay: Delay
    to_managers: bool  # from 90 % of the budget on
    in_digest: bool  # nothing but working mornings after the deadline: a line of the digest, not a mail of its own


class StretchKind(StrEnum):
    """Why a stretch of time was counted or not."""

    COUNTED = "counted"
    CLOSED = "closed"  # outside opening hours
    HOLIDAY = "holiday"  # a public holiday
    DAY_OFF = "day_off"  # a closed day of the config
    PAUSED = "paused"  # waiting for the customer (rule 8)


@dataclass(frozen=True, slots=True)
class Stretch:
    """[start, end) of a timeline, all of one kind. `name` is the holiday's."""

    start: datetime
    end: datetime
    kind: StretchKind
    name: str = ""
