"""Who must be told what, and when, as time passes: computed from what happened, minute by minute, without a look at `mailbot.rules`.

The world tells the book what happened: a case was opened, our question was accepted, a colleague started the case, the sweeper looked.
The book answers each look with the letters that it expects. All instants are whole minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from mailbot.model.service import Calendar
from tests.support.time_oracle import open_minutes

HOUR = 60
DAY = 9 * HOUR  # 8:00 to 17:00
BUDGET = {"critical": 2 * HOUR, "high": 6 * HOUR, "medium": 2 * DAY, "low": 5 * DAY}  # rule 9
SHARES = (50, 75, 90, 100)
LATE = 10  # reminders after the deadline
GRACE = 5  # minutes that a stage of the closing instant may be late
PATIENCE = {"remind:1": 2 * DAY, "remind:2": 5 * DAY, "close": 10 * DAY}  # with a customer who was asked
LIVING = ("open", "waiting")
AHEAD = timedelta(days=70)  # the last of ten mornings after a deadline of five days lies within it


@dataclass(frozen=True, order=True)
class Told:
    """One letter about one case: its stage, how many earlier ones it stands for, to whom, at which minute."""

    number: str
    cycle: int
    stage: str
    merged: int
    recipient: str
    minute: int


@dataclass(frozen=True, order=True)
class Overview:
    """A morning digest to one recipient: the numbers of the tickets in each section."""

    recipient: str
    minute: int
    overdue: frozenset[str]
    due_today: frozenset[str]
    waiting: frozenset[str]
    review: frozenset[str]


class Hours:
    """Every minute from `begin` on, and whether the desk is open in it."""

    def __init__(self, calendar: Calendar, begin: datetime, end: datetime) -> None:
        self.begin, self._zone = begin, ZoneInfo(calendar.zone)
        self.open = bytes(is_open for _, is_open in open_minutes(calendar, begin, end + AHEAD))
        self.mornings = [minute for minute in range(1, len(self.open)) if self.open[minute] and not self.open[minute - 1]]
        self.closings = {minute for minute in range(1, len(self.open)) if self.open[minute - 1] and not self.open[minute]}
        self.closing_on = {self.day(minute): minute for minute in self.closings}

    def at(self, minute: int) -> datetime:
        """The instant of a minute."""
        return (self.begin + timedelta(minutes=minute)).astimezone(UTC)

    def minute(self, at: datetime) -> int:
        """The minute of an instant."""
        return int((at - self.begin).total_seconds()) // 60

    def day(self, minute: int) -> date:
        """The local day."""
        return self.at(minute).astimezone(self._zone).date()

    def may_send(self, stage: int, now: int) -> bool:
        """In opening hours; a stage of the closing instant up to five minutes later."""
        return bool(self.open[now]) or (stage in self.closings and stage <= now <= stage + GRACE)

    def after(self, start: int, marks: list[int], pauses: list[tuple[int, int]] = []) -> list[int]:  # noqa: B006  # read only
        """When so many working minutes outside of the pauses have passed since `start`, for each of the rising `marks`."""
        found, counted, minute = [], 0, start
        for mark in marks:
            while counted < mark:
                if self.open[minute] and not any(begin <= minute < end for begin, end in pauses):
                    counted += 1
                minute += 1
            found.append(minute)
        return found


@dataclass
class Case:
    """A ticket as the book knows it. `asks`: what the question that stands asks for; empty: none stands."""

    number: str
    customer: str
    level: str
    start: int
    status: str = "open"
    cycle: int = 1
    assignee: str = ""
    asks: frozenset[str] = frozenset()
    asked_at: int | None = None
    pauses: list[tuple[int, int | None]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)  # stages of this cycle
    written: set[str] = field(default_factory=set)  # what the customer was told about the question that stands
    staff: list[tuple[int, str]] | None = None  # what is to come, counted when it is asked for
    patience: list[tuple[int, str]] = field(default_factory=list)

    @property
    def paused(self) -> bool:
        return self.level != "critical" and any(end is None for _, end in self.pauses)


class Book:
    """What happened to each case, and what follows from the passing of time."""

    def __init__(self, hours: Hours, team: tuple[str, ...], managers: tuple[str, ...]) -> None:
        self.hours, self.team, self.managers = hours, team, managers
        self.cases: dict[str, Case] = {}
        self.letters: list[Told] = []
        self.overviews: list[Overview] = []
        self._digested: date | None = None

    # ---- what happened ----

    def opened(self, number: str, at: int, level: str, customer: str, *, review: bool = False) -> None:
        self.cases[number] = Case(number, customer, level, at, "review" if review else "open")

    def asked(self, number: str, at: int, asks: frozenset[str]) -> None:
        """The SMTP server accepted our question."""
        case = self._changed(number)
        case.status, case.asks, case.asked_at, case.written = "waiting", asks, at, set()
        if case.level != "critical":
            case.pauses.append((at, None))
        case.patience = list(zip(self.hours.after(at, list(PATIENCE.values())), PATIENCE, strict=True))

    def unasked(self, number: str, at: int) -> None:
        """No question stands any more: answered, or settled on the phone."""
        case = self._changed(number)
        self._end_pause(case, at)
        case.asks, case.asked_at, case.patience = frozenset(), None, []
        if case.status == "waiting":
            case.status = "open"

    def graded(self, number: str, at: int, level: str) -> None:
        """Another level: counted from the original start on, in a new cycle. A critical case does not wait."""
        case = self._changed(number)
        if level == case.level:
            return
        if level == "critical":
            self._end_pause(case, at)
        elif case.level == "critical" and case.asked_at is not None:
            case.pauses.append((at, None))
        case.level, case.cycle, case.done = level, case.cycle + 1, set()

    def regraded_by_staff(self, number: str, at: int, level: str) -> None:
        """As `graded`; and nobody need tell us the level any more."""
        self.graded(number, at, level)
        case = self.cases[number]
        if case.asks == {"impact"}:
            self.unasked(number, at)
        case.asks -= {"impact"}

    def started(self, number: str, at: int) -> None:
        self.unasked(number, at)
        self.cases[number].status = "started"

    def closed(self, number: str, at: int) -> None:
        self.unasked(number, at)
        self.cases[number].status = "closed"

    def reopened(self, number: str, at: int) -> None:
        """A new cycle with a new full budget."""
        case = self._changed(number)
        case.status, case.cycle, case.start, case.pauses, case.done = "open", case.cycle + 1, at, [], set()

    def accepted(self, number: str) -> None:
        """It is a case: its clock runs from the arrival of the mail."""
        self._changed(number).status = "open"

    def assigned(self, number: str, who: str) -> None:
        self.cases[number].assignee = who

    def _changed(self, number: str) -> Case:
        case = self.cases[number]
        case.staff = None
        return case

    def _end_pause(self, case: Case, at: int) -> None:
        case.pauses = [(begin, max(begin, at) if end is None else end) for begin, end in case.pauses]

    # ---- what follows ----

    def look(self, now: int, *, unread: bool = False) -> None:
        """The sweeper looks. `unread`: mails wait to be read, so no customer is reminded: the answer may be among them."""
        for case in self.cases.values():
            if case.status in LIVING:
                self._mind(case, now, unread=unread)
        self._digest(now)

    def _mind(self, case: Case, now: int, *, unread: bool) -> None:
        reached = () if case.paused else takewhile(lambda each: each[0] <= now, self._stages(case))
        staff = [each for each in reached if each[1] not in case.done]
        asked = case.asked_at is not None and case.level != "critical" and not unread
        waits = [each for each in case.patience if asked and each[0] <= now and each[1] not in case.written]
        if not any(self.hours.may_send(at, now) for at, _ in (*staff, *waits)):
            return
        if staff:
            self._remind(case, [stage for _, stage in staff], now)
        if waits:
            self._write_customer(case, [stage for _, stage in waits], now)

    def _remind(self, case: Case, stages: list[str], now: int) -> None:
        case.done.update(stages)
        if case.level != "critical" and all("late" in stage for stage in stages):
            return  # its line in the digest
        *merged, last = stages
        managers = self.managers if last in ("sla:90", "sla:100") or "late" in last else ()
        for recipient in (*((case.assignee,) if case.assignee else self.team), *managers):
            self.letters.append(Told(case.number, case.cycle, last, len(merged), recipient, now))

    def _write_customer(self, case: Case, stages: list[str], now: int) -> None:
        case.written.update(stages)
        self.letters.append(Told(case.number, 0, stages[-1], 0, case.customer, now))
        if stages[-1] == "close":
            self.closed(case.number, now)

    def _stages(self, case: Case) -> list[tuple[int, str]]:
        """All reminders to staff of a cycle that is not paused."""
        if case.staff is None:
            ended = [(begin, end) for begin, end in case.pauses if end is not None]
            pauses = [] if case.level == "critical" else ended
            budget = BUDGET[case.level]
            on_time = self.hours.after(case.start, [budget * share // 100 for share in SHARES], pauses)
            if case.level == "critical":
                late = self.hours.after(on_time[-1], [hour * HOUR for hour in range(1, LATE + 1)])
            else:
                later = (each for each in self.hours.mornings if each > on_time[-1])
                late = [each for each in later if not any(begin <= each < end for begin, end in pauses)][:LATE]
            names = (*(f"sla:{share}" for share in SHARES), *(f"sla:late:{number}" for number in range(1, LATE + 1)))
            case.staff = list(zip((*on_time, *late), names, strict=True))
        return case.staff

    def _digest(self, now: int) -> None:
        """The first look of a working day, from the opening to the closing."""
        today = self.hours.day(now)
        closing = self.hours.closing_on.get(today)
        if closing is None or now > closing or today == self._digested or not (self.hours.open[now] or now == closing):
            return
        self._digested = today
        sections: dict[str, set[str]] = {name: set() for name in ("overdue", "due_today", "waiting", "review")}
        for case in self.cases.values():
            if section := self._section(case, now, closing):
                sections[section].add(case.number)
        assignees = {self.cases[number].assignee for number in sections["overdue"]} - {""}
        if any(sections.values()):
            overview = Overview("", now, *map(frozenset, sections.values()))
            for recipient in sorted({*self.team, *self.managers, *assignees}):
                self.overviews.append(replace(overview, recipient=recipient))

    def _section(self, case: Case, now: int, closing: int) -> str:
        if case.status == "review":
            return "review"
        if case.status not in LIVING:
            return ""
        deadline = None if case.paused else {stage: at for at, stage in self._stages(case)}["sla:100"]
        if deadline is not None and deadline <= closing:
            return "overdue" if deadline < now else "due_today"
        return "waiting" if case.status == "waiting" else ""
