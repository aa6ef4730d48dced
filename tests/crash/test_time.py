"""The clock jumps, a day or ten years, forward and back: no flood, no reminder missing or double, nothing stuck, no busy loop (F62)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.steps import process, sweep
from mailbot.steps.desk import Desk
from mailbot.steps.reader import Reader
from mailbot.steps.send import Sender
from mailbot.store import journal
from mailbot.store.engine import Database
from mailbot.store.journal import Arrival
from mailbot.store.migrate import upgrade
from tests.crash.desk import MONDAY, HandClock, a_desk
from tests.crash.desk import Counter as Outlet
from tests.crash.post import COMPLETE, mail

pytestmark = pytest.mark.slow
TICKETS = 8
DAY, DECADE = timedelta(days=1), timedelta(days=3653)
JUMPS = ((DAY, -DAY), (-DAY, DAY), (DECADE, -DECADE), (-DECADE, DECADE))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(a_desk(Database("sqlite://")).service, "mark")
    yield reader
    reader.close()


class Day:
    """A desk with some tickets at noon, and what runs on it."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.clock, self.reader, self.outlet = HandClock(MONDAY + timedelta(hours=1)), reader, Outlet()
        self.database = Database(f"sqlite:///{folder / 'mailbot.db'}")
        upgrade(self.database)
        self.desk: Desk = a_desk(self.database, self.clock)
        self.sender = Sender(self.desk, lambda: self.outlet, "serwis@oxiprint.com", 10_000, lambda: 0.0)
        self.uid = 0

    def arrive(self, count: int) -> None:
        """So many requests of as many customers."""
        now = self.clock.now()
        with self.database.write() as connection:
            watched = journal.watch(connection, "serwis", "INBOX", 1, answer_since=MONDAY - DECADE * 2, now=now)
        first, self.uid = self.uid + 1, self.uid + count
        arrivals = [
            Arrival(uid, now, 999, mail(f"k{uid}@f{uid}.example", f"k{uid}@m.example", f"{COMPLETE}{uid}"), False, f"k{uid}@f{uid}.example")
            for uid in range(first, self.uid + 1)
        ]
        journal.store(self.database, watched, "inbox", arrivals, now=now)

    def work(self) -> int:
        """All there is to do at this instant; returns how many rounds it took."""
        for rounds in range(100):
            done = process.one_pass(self.desk, self.reader) + self.sender.one_pass() + sweep.one_pass(self.desk)
            if not done:
                return rounds
        raise AssertionError("a busy loop: there is always something to do at one and the same instant")

    def rows(self, what: str) -> list[tuple[object, ...]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(what)]


@pytest.mark.parametrize(("there", "back"), JUMPS, ids=("a day on", "a day back", "ten years on", "ten years back"))
def test_the_clock_jumps_and_returns(tmp_path: Path, reader: Reader, there: timedelta, back: timedelta) -> None:
    day = Day(tmp_path, reader)
    day.arrive(TICKETS)
    day.work()
    assert day.rows("SELECT count(*) FROM ticket") == [(TICKETS,)]

    day.clock.turn(there)
    before = len(day.outlet.taken)
    day.arrive(TICKETS)
    day.work()
    per_ticket = Counter(row for row in day.rows("SELECT ticket_id, recipient, kind FROM outbox WHERE kind = 'sla_reminder'"))
    assert max(per_ticket.values(), default=0) <= 1, "one mail for all that fell due"
    staff = len(a_desk(day.database).service.team) + len(a_desk(day.database).service.people)
    assert len(day.outlet.taken) - before <= TICKETS * (1 + staff) + TICKETS * staff + staff, "no flood"

    day.clock.turn(back + timedelta(minutes=5))
    day.arrive(TICKETS)
    day.work()
    assert day.rows("SELECT state, count(*) FROM journal GROUP BY state") == [("done", 3 * TICKETS)]
    assert day.rows("SELECT count(*) FROM ticket") == [(3 * TICKETS,)]
    assert day.rows("SELECT key FROM outbox WHERE state IN ('queued', 'sending', 'unknown')") == [], "nothing waits for another decade"
    assert day.rows("SELECT reason FROM outbox WHERE audience = 'customer' AND state <> 'sent'") == [], "and no limit counts the future"

    for _ in range(10):  # the rest of the day, in which each first ticket (two hours) passes all its stages
        day.clock.turn(timedelta(minutes=30))
        day.work()
    last = "SELECT t.ticket_id FROM timer t JOIN ticket k ON k.id = t.ticket_id WHERE t.done_at IS NULL AND t.at <= {}"
    now = round((day.clock.now().timestamp()) * 1_000_000)
    assert day.rows(last.format(now)) == [], "no reminder is missing"
    told = Counter(day.rows("SELECT ticket_id, text FROM history WHERE what = 'reminder'"))
    assert {count for count in told.values()} <= {1}, "and none is double"
    day.database.close()


def test_what_a_fast_machine_holds_is_not_lost_when_its_clock_is_set_back(tmp_path: Path, reader: Reader) -> None:
    """It died with mails and a letter in hand, ten years from now; another machine, in our time, takes them up."""
    day = Day(tmp_path, reader)
    day.arrive(3)
    future = HandClock(MONDAY + DECADE)
    other = a_desk(day.database, future, holder="fast-machine")
    assert len(journal.claim(day.database, other.holder, now=future.now(), limit=2)) == 2
    day.work()
    assert day.rows("SELECT state, count(*) FROM journal GROUP BY state") == [("done", 3)]
    day.database.close()
