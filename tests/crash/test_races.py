"""Two at work at once, seen in one process: a worker that was overtaken, two programs that count, and limits that are truth."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.rules.reading import ReadingContext
from mailbot.steps import process
from mailbot.steps.reader import Examined, Reader, ReadMail
from mailbot.store import journal
from mailbot.store.engine import Database
from mailbot.store.journal import Arrival
from mailbot.store.migrate import upgrade
from tests.crash.desk import MONDAY, HandClock, a_desk
from tests.crash.post import BARE, COMPLETE, REPLY, mail

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(a_desk(Database("sqlite://")).service, "mark")
    yield reader
    reader.close()


class Overtaken:
    """A reader during whose work, once, something else happens."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self.meanwhile = reader, lambda: None

    def examine(self, mails: Sequence[tuple[bytes, bool]]) -> list[Examined]:
        return self._reader.examine(mails)

    def read(self, jobs: Sequence[tuple[Examined, ReadingContext]]) -> list[ReadMail]:
        read = self._reader.read(jobs)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return read


def arrive(database: Database, uid: int, raw: bytes, sender: str) -> None:
    with database.write() as connection:
        watched = journal.watch(connection, "serwis", "INBOX", 1, answer_since=MONDAY - timedelta(days=9), now=MONDAY)
    journal.store(database, watched, "inbox", [Arrival(uid, MONDAY, len(raw), raw, False, sender)], now=MONDAY)


@pytest.mark.parametrize(
    ("first", "ours", "then"),
    [
        (BARE, "question", REPLY),
        (COMPLETE, "acknowledgement", "Dodam, że ta sama usterka była już tydzień temu.\r\n"),
    ],
    ids=("an answer", "a further mail"),
)
def test_a_worker_that_was_overtaken_changes_nothing(tmp_path: Path, reader: Reader, first: str, ours: str, then: str) -> None:
    """Its lease ran out while it read; another machine did all; then it goes on with what it knows."""
    database, clock = Database(f"sqlite:///{tmp_path / 'mailbot.db'}"), HandClock()
    upgrade(database)
    slow, quick = a_desk(database, clock, "slow"), a_desk(database, clock, "quick")
    arrive(database, 1, mail("anna@studio.example", "a1@m.example", first), "anna@studio.example")
    process.one_pass(quick, reader)
    with database.read() as connection:
        [letter] = connection.exec_driver_sql(f"SELECT message_id FROM outbox WHERE kind = '{ours}'").scalars()
    arrive(database, 2, mail("anna@studio.example", "a2@m.example", then, f"In-Reply-To: {letter}"), "anna@studio.example")
    overtaken = Overtaken(reader)

    left: list[object] = []

    def ticket() -> object:
        with database.read() as connection:
            return connection.exec_driver_sql("SELECT version, changed_at, value FROM ticket").one()

    def everything() -> None:
        clock.turn(journal.LEASE + timedelta(minutes=1))
        assert process.one_pass(quick, reader) == 1
        left.append(ticket())

    overtaken.meanwhile = everything
    clock.turn(timedelta(seconds=1))
    process.one_pass(slow, overtaken)  # type: ignore[arg-type]
    process.one_pass(slow, reader)
    assert left == [ticket()]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT state, attempts FROM journal ORDER BY id").all() == [("done", 0), ("done", 0)]
        notes = Counter(connection.exec_driver_sql("SELECT what, text FROM history WHERE journal_id = 2").all())
        letters = Counter(connection.exec_driver_sql("SELECT kind, recipient FROM outbox WHERE journal_id = 2").all())
    assert set(notes.values()) <= {1}, notes
    assert set(letters.values()) == {1}, letters
    database.close()


def test_two_programs_that_count_lose_nothing(tmp_path: Path) -> None:
    """Read, add one, write, from two engines at once: with deferred transactions SQLite loses updates or refuses (F57, F58)."""
    url, rounds = f"sqlite:///{tmp_path / 'counter.db'}", 60
    with (first := Database(url)).write() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (value integer)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    failed: list[Exception] = []

    def count(database: Database) -> None:
        try:
            for _ in range(rounds):
                with database.write() as connection:
                    value = connection.exec_driver_sql("SELECT value FROM counter").scalar_one()
                    connection.exec_driver_sql(f"UPDATE counter SET value = {value + 1}")
        except Exception as error:
            failed.append(error)

    engines = [first, Database(url)]
    threads = [threading.Thread(target=count, args=(engine,)) for engine in engines * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    with first.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM counter").scalar_one() == rounds * len(threads)
    for engine in engines:
        engine.close()


def test_limits_are_counted_in_the_transaction_that_writes(tmp_path: Path, reader: Reader) -> None:
    """One customer, ten requests in one batch: the hourly limit holds within the batch, and each further letter is kept with its reason."""
    database = Database(f"sqlite:///{tmp_path / 'mailbot.db'}")
    upgrade(database)
    desk = a_desk(database)
    for uid in range(1, 11):
        text = COMPLETE.replace("3200-2024-117", f"3200-2024-{uid:03}") + f"Sprawa {uid} {'x' * uid}"
        arrive(
            database, uid, mail("jan@drukarnia.example", f"{uid}@m.example", text, subject=f"Awaria maszyny {uid}"), "jan@drukarnia.example"
        )
    while process.one_pass(desk, reader):
        pass
    with database.read() as connection:
        states = Counter(connection.exec_driver_sql("SELECT state FROM outbox WHERE audience = 'customer' AND automatic").scalars())
        tickets = connection.exec_driver_sql("SELECT count(*) FROM ticket").scalar_one()
        reasons = set(connection.exec_driver_sql("SELECT reason FROM outbox WHERE state = 'suppressed'").scalars())
    allowed = desk.service.limits.per_address_hour
    assert tickets > allowed, "the limit is not reached in another way"
    assert states["queued"] == allowed
    assert states["suppressed"] == tickets - allowed
    assert all("limit" in reason for reason in reasons)
    database.close()


@pytest.mark.parametrize("sender", ["józef@żółć.pl", '"jan kowalski"@x.pl', "jan@[IPv6:::1]", "=?utf-8?q?jan?=@x.pl", "jan@localhost"])
def test_a_sender_who_cannot_be_written_to_gets_a_ticket(tmp_path: Path, reader: Reader, sender: str) -> None:
    """Found by the hostile corpus: the letter that could not be rendered put the mail aside."""
    database = Database(f"sqlite:///{tmp_path / 'mailbot.db'}")
    upgrade(database)
    desk = a_desk(database)
    arrive(database, 1, mail(sender, "1@m.example", COMPLETE), sender)
    process.one_pass(desk, reader)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT state, consequence FROM journal").all() == [("done", "opened")]
        letters = connection.exec_driver_sql("SELECT audience, kind FROM outbox").all()
    assert letters
    assert {audience for audience, _ in letters} == {"staff"}
    database.close()
