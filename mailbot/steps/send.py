"""Outbox -> SMTP -> outbox: each row is handed over once, and again only after an end that was not clear (law I4).

No transaction is open while the server talks. The end of one mail and the begin of the next are one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from mailbot.errors import LoginRefused, MailbotError, Permanent, Stopped
from mailbot.fault import fault
from mailbot.log import log_line
from mailbot.rules.retry import connection_delay, login_delay, next_delivery
from mailbot.steps.desk import Desk
from mailbot.store import outbox
from mailbot.store.engine import Connection
from mailbot.store.outbox import AFTER_AMBIGUOUS, MOST_AMBIGUOUS, Due
from mailbot.wire.smtp import Ambiguous, Deferred, Outcome, Refused, Sent

log = logging.getLogger("mailbot.send")

BATCH = 20
_LONGEST_PAUSE = timedelta(hours=2)  # of the ladders for connections; a longer one was set before the clock was set back


class Outlet(Protocol):
    """What can take mail: `wire.smtp.Submission`, or nothing at all in a dry run."""

    def open(self) -> None:
        """Connect and log in, unless that is done."""

    def send(self, envelope_from: str, recipient: str, mime: bytes) -> Outcome:
        """Give one mail to one recipient."""

    def close(self) -> None:
        """Hang up."""


@dataclass(frozen=True, slots=True)
class _End:
    """How an attempt ended, as it will be recorded."""

    due: Due
    state: str
    reason: str = ""
    next_at: datetime | None = None
    ambiguous: bool = False


def _record(connection: Connection, end: _End | None, now: datetime) -> None:
    if end is not None:
        outbox.record(connection, end.due, end.state, now=now, next_at=end.next_at, reason=end.reason, ambiguous=end.ambiguous)


@dataclass(slots=True)
class Sender:
    """Sends what is queued, batch by batch, over one connection; after a failure of the connection it waits longer each time."""

    desk: Desk
    outlet: Callable[[], Outlet]
    envelope_from: str
    per_minute: int
    jitter: Callable[[], float]
    failures: int = 0
    not_before: datetime | None = None
    trouble: str = ""  # why nothing can be sent at the moment; empty: all is well
    sent_at: list[datetime] = field(default_factory=list)
    unwritten: _End | None = None  # an end that we know and the database perhaps does not
    in_doubt: bool = False  # whether the last transaction came to its end

    def one_pass(self) -> int:
        """Send a batch; returns how many rows met an end. Failures of the connection are kept in `trouble`, not raised."""
        if self.in_doubt:
            self._catch_up()
        now = self.desk.clock.now()
        allowed = self._allowance(now)
        if allowed <= 0 or (self.not_before and now < self.not_before <= now + _LONGEST_PAUSE):
            return 0
        batch = outbox.claim(self.desk.database, self.desk.holder, now=now, limit=min(BATCH, allowed))
        if not batch:
            return 0
        fault("outbox.claimed")
        outlet = self.outlet()
        fault("smtp.connect")
        try:
            outlet.open()
        except Stopped:
            self._not_tried(batch)
            return 0
        except MailbotError as error:
            self._connection_failed(error, batch)
            return 0
        try:
            return self._send(outlet, batch)
        finally:
            outlet.close()

    def _send(self, outlet: Outlet, batch: list[Due]) -> int:
        end: _End | None = None
        done = 0
        for position, due in enumerate(batch):
            if not self._record_and_begin(end, due):
                end = None
                continue
            fault("smtp.begun")
            try:
                outcome = outlet.send(self.envelope_from, due.recipient, due.mime)
            except Stopped:
                self._not_tried(batch[position + 1 :])
                return done
            except MailbotError as error:
                self._record_and_begin(self._queued_again(due, str(error)), None)
                self._connection_failed(error, batch[position + 1 :])
                return done
            fault("smtp.answered")
            done += 1
            end = self._end_of(due, outcome)
            if isinstance(outcome, Refused) and outcome.stage == "MAIL":
                self._record_and_begin(end, None)
                self._connection_failed(Permanent(f"our sender address is refused: {outcome.text}"), batch[position + 1 :])
                return done
        self._record_and_begin(end, None)
        self.failures, self.not_before, self.trouble = 0, None, ""
        return done

    def _not_tried(self, untouched: list[Due]) -> None:
        """We are ending: the mail in hand and those behind it are free at once for whoever sends next, and none has lost a try."""
        with self.desk.database.write() as connection:
            outbox.take_back(connection, self.desk.holder)
            outbox.put_back(connection, untouched, next_at=self.desk.clock.now())

    def _record_and_begin(self, end: _End | None, due: Due | None) -> bool:
        """Write the end of one mail and the begin of the next; False where the next is no longer ours to send."""
        if end is None and due is None:
            return False
        self.unwritten, self.in_doubt = end, True
        now = self.desk.clock.now()
        with self.desk.database.write() as connection:
            _record(connection, end, now)
            begun = due is not None and outbox.begin(connection, due)
            fault("record.commit")
        fault("recorded")
        self._written()
        return begun

    def _catch_up(self) -> None:
        """The database was away when an end was to be written. We know that end; and what was begun in the same breath was not sent."""
        end, now = self.unwritten, self.desk.clock.now()
        with self.desk.database.write() as connection:
            _record(connection, end, now)
            outbox.take_back(connection, self.desk.holder)
        self._written()

    def _written(self) -> None:
        end, self.unwritten, self.in_doubt = self.unwritten, None, False
        if end is not None:
            self._log(end)

    def _end_of(self, due: Due, outcome: Outcome) -> _End:
        now = self.desk.clock.now()
        match outcome:
            case Sent():
                self.sent_at.append(now)
                return _End(due, "sent")
            case Deferred():
                return self._queued_again(due, f"{outcome.code} {outcome.text}")
            case Ambiguous() if due.ambiguous + 1 >= MOST_AMBIGUOUS:
                return _End(due, "failed", f"sent {MOST_AMBIGUOUS} times, each time without a clear answer: {outcome.text}", ambiguous=True)
            case Ambiguous():
                return _End(due, "unknown", outcome.text, now + AFTER_AMBIGUOUS, ambiguous=True)
            case Refused(stage="MAIL"):
                return self._queued_again(due, f"{outcome.code} {outcome.text}")
            case Refused():
                return _End(due, "failed", f"{outcome.code} {outcome.status or ''} {outcome.text}")

    def _queued_again(self, due: Due, reason: str) -> _End:
        now = self.desk.clock.now()
        again = next_delivery(due.attempts + 1, due.created_at, now, self.jitter())
        if again is None:
            return _End(due, "failed", f"given up after {due.attempts + 1} tries: {reason}")
        return _End(due, "queued", reason, again)

    def _connection_failed(self, error: MailbotError, untried: list[Due]) -> None:
        self.failures += 1
        slow = isinstance(error, LoginRefused | Permanent)
        seconds = login_delay(self.failures, self.jitter()) if slow else connection_delay(self.failures, self.jitter())
        now = self.desk.clock.now()
        self.not_before, self.trouble = now + timedelta(seconds=seconds), str(error)
        log.log(logging.ERROR if slow else logging.WARNING, log_line("smtp unavailable", error=error, retry_in=f"{seconds:.0f}s"))
        with self.desk.database.write() as connection:
            outbox.put_back(connection, untried, next_at=now)

    def _allowance(self, now: datetime) -> int:
        """How many mails may go now, by the limit a minute of the server."""
        self.sent_at = [at for at in self.sent_at if timedelta(0) <= now - at < timedelta(minutes=1)]
        return self.per_minute - len(self.sent_at)

    def _log(self, end: _End) -> None:
        level = logging.INFO if end.state == "sent" else logging.WARNING
        log.log(
            level,
            log_line(
                f"outbox {end.state}", outbox=end.due.id, ticket=end.due.ticket_id, kind=end.due.kind, attempt=end.due.attempts + 1,
                reason=end.reason or None,
            ),
        )  # fmt: skip


def hold_back(desk: Desk) -> int:
    """A dry run in place of sending: what is queued is kept with that reason; returns how many rows it was."""
    with desk.database.write() as connection:
        return outbox.hold_back(connection, "dry run: nothing is sent")
