"""The clock of a ticket (rules 8 and 9): deadline, reminder stages and their merging, as pure functions of its cycle.

Why the clock starts, stops and restarts as it does is written down in docs/decisions/0003-clock-of-a-ticket.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from mailbot.model.deadline import Cycle, Delay, Pause, Reminder, Stretch, Timer
from mailbot.model.facts import Impact
from mailbot.model.service import Calendar, Service
from mailbot.rules.working_time import budget_time, due, explain, is_closing, is_open, mornings_after, next_opening, used

SHARES = (50, 75, 90, 100)  # per cent of the budget at which staff are reminded
MANAGERS_FROM = 90
MOST_LATE = 10  # reminders after the deadline
GRACE = timedelta(minutes=5)  # how long after closing a stage that falls on it may still be sent

STAFF_STAGE = "sla:"
LATE_STAGE = "sla:late:"
CUSTOMER_REMINDER = "customer:remind:"
CUSTOMER_CLOSE = "customer:close"


def pause(cycle: Cycle, service: Service, at: datetime) -> Cycle:
    """The clock stops at `at`, when the SMTP server accepted a question. Unchanged if it stands already or the level never waits."""
    if cycle.impact not in service.sla.pause_levels or _standing(cycle):
        return cycle
    return replace(cycle, pauses=(*cycle.pauses, Pause(at)))


def resume(cycle: Cycle, at: datetime) -> Cycle:
    """The clock runs again from `at`: the answer's arrival, or the end of our patience. Unchanged if it runs already.

    An answer that crossed our question, and so arrived before it, ends the pause at its begin.
    """
    standing = _standing(cycle)
    if standing is None:
        return cycle
    return replace(cycle, pauses=(*cycle.pauses[:-1], Pause(standing.start, max(at, standing.start))))


def annul(cycle: Cycle) -> Cycle:
    """The standing pause never was: the question reached nobody, so that the clock has run all the time (rule 8)."""
    standing = _standing(cycle)
    return cycle if standing is None else resume(cycle, standing.start)


def change_impact(cycle: Cycle, service: Service, impact: Impact, at: datetime, asked_at: datetime | None = None) -> Cycle:
    """Another level from the original start on: a new cycle with the same pauses, so that its stages are reminded of anew.

    A level that never waits for the customer ends a standing pause; one that does begins it where a question stands since `asked_at`.
    Unchanged if the level is the same.
    """
    if impact == cycle.impact:
        return cycle
    changed = replace(cycle, number=cycle.number + 1, impact=impact)
    if impact not in service.sla.pause_levels:
        return resume(changed, at)
    return pause(changed, service, max(at, asked_at)) if asked_at else changed


def reopen(cycle: Cycle, at: datetime, impact: Impact) -> Cycle:
    """A new cycle with a new full budget from the reopening on."""
    return Cycle(cycle.number + 1, at, impact)


def is_paused(cycle: Cycle, service: Service) -> bool:
    """Whether the clock stands still now."""
    return any(pause.end is None for pause in _counting_pauses(cycle, service))


def due_at(cycle: Cycle, service: Service) -> datetime | None:
    """The deadline for starting the case (rule 9); None while the clock is paused."""
    if is_paused(cycle, service):
        return None
    return due(service.calendar, cycle.started_at, _budget(cycle, service), _counting_pauses(cycle, service))


def stages(cycle: Cycle, service: Service) -> tuple[Timer, ...]:
    """All reminders to staff of a cycle, in order: shares of the budget, then the late ones. None while the clock is paused.

    Late ones come each working hour for a critical case, each working morning for the others, at most ten; those that a pause
    covers are left out without using up a number.
    """
    if is_paused(cycle, service):
        return ()
    pauses = _counting_pauses(cycle, service)
    budget = _budget(cycle, service)
    on_time = (Timer(f"{STAFF_STAGE}{share}", due(service.calendar, cycle.started_at, budget * share / 100, pauses)) for share in SHARES)
    deadline = due(service.calendar, cycle.started_at, budget, pauses)
    late = (
        Timer(f"{LATE_STAGE}{number}", at)
        for number, at in enumerate(islice(_late_instants(cycle.impact, service.calendar, deadline, pauses), MOST_LATE), start=1)
    )
    return (*on_time, *late)


def customer_timers(question_sent_at: datetime, impact: Impact, service: Service, question: int = 1) -> tuple[Timer, ...]:
    """Reminders to a customer who leaves our question unanswered, and the closing of the case; in working time from its sending.

    None for a critical case: the program never closes one. Each happens once to a question, whatever the cycle, so those of a later
    question have its number in their names.
    """
    if impact is Impact.CRITICAL:
        return ()
    patience = service.conversation
    stages = [f"{CUSTOMER_REMINDER}{number}" for number, _ in enumerate(patience.remind_after, start=1)] + [CUSTOMER_CLOSE]
    names = [f"{stage}:question:{question}" if question > 1 else stage for stage in stages]
    return tuple(
        Timer(name, due(service.calendar, question_sent_at, budget_time(service.calendar, budget)))
        for name, budget in zip(names, (*patience.remind_after, patience.close_after), strict=True)
    )


def merge_reminders(cycle: Cycle, service: Service, timers: Sequence[Timer], now: datetime) -> Reminder | None:
    """One reminder for all of a cycle's staff stages among `timers` that are due and not done, with the true delay at `now`.

    None when there are none or while the clock is paused (the stages stay due and merge after it). When it may be sent is
    `may_send_reminder`'s to say, by its `stage_at`.
    """
    deadline = due_at(cycle, service)
    reached = sorted((timer for timer in timers if timer.stage.startswith(STAFF_STAGE) and timer.at <= now), key=lambda timer: timer.at)
    if deadline is None or not reached:
        return None
    *merged, last = reached
    return Reminder(
        stage=last.stage,
        stage_at=last.at,
        merged=tuple(timer.stage for timer in merged),
        due_at=deadline,
        delay=delay(cycle, service, deadline, now),
        to_managers=tells_managers(last.stage),
        in_digest=cycle.impact is not Impact.CRITICAL and all(timer.stage.startswith(LATE_STAGE) for timer in reached),
    )


def delay(cycle: Cycle, service: Service, deadline: datetime, now: datetime) -> Delay:
    """How late it is at `now`: by our working time without pauses, and by the wall clock. Nothing before the deadline."""
    working = used(service.calendar, deadline, now, _counting_pauses(cycle, service))
    return Delay(working, max(now - deadline, timedelta(0)))


def tells_managers(stage: str) -> bool:
    """Whether managers get a staff stage too: from 90 % of the budget on."""
    return stage.startswith(LATE_STAGE) or int(stage.removeprefix(STAFF_STAGE)) >= MANAGERS_FROM


def may_send_reminder(calendar: Calendar, stage_at: datetime, now: datetime) -> bool:
    """Whether a reminder of the stage that was due at `stage_at` may go out now: in opening hours only.

    A stage due at the very closing would otherwise wait for the next day: it may go until five minutes later.
    """
    return is_open(calendar, now) or (stage_at <= now <= stage_at + GRACE and is_closing(calendar, stage_at))


def next_send_time(calendar: Calendar, stage_at: datetime, now: datetime) -> datetime:
    """The first instant from `now` on at which `may_send_reminder` allows it."""
    return now if may_send_reminder(calendar, stage_at, now) else next_opening(calendar, now)


def timeline(cycle: Cycle, service: Service, now: datetime) -> tuple[Stretch, ...]:
    """How the time from the start to the deadline counts, or to `now` while the clock is paused (`mailbot ticket why-due`).

    Up to a deadline the counted stretches add up to the budget exactly.
    """
    return explain(service.calendar, cycle.started_at, due_at(cycle, service) or now, _counting_pauses(cycle, service))


def _standing(cycle: Cycle) -> Pause | None:
    return next((pause for pause in cycle.pauses if pause.end is None), None)


def _counting_pauses(cycle: Cycle, service: Service) -> tuple[Pause, ...]:
    """The pauses that the level grants: none for a critical case, whenever they were."""
    return cycle.pauses if cycle.impact in service.sla.pause_levels else ()


def _budget(cycle: Cycle, service: Service) -> timedelta:
    return budget_time(service.calendar, service.sla.target(cycle.impact))


def _late_instants(impact: Impact, calendar: Calendar, deadline: datetime, pauses: Sequence[Pause]) -> Iterator[datetime]:
    """Each working hour or each working morning after the deadline, outside of pauses; `pauses` are closed."""
    if impact is Impact.CRITICAL:
        return (due(calendar, deadline, timedelta(hours=hours), pauses) for hours in range(1, MOST_LATE + 1))
    mornings = mornings_after(calendar, deadline)
    return (at for at in mornings if not any(pause.start <= at and (pause.end is None or at < pause.end) for pause in pauses))
