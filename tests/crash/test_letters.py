"""Law I4 at its core, on both databases: what a death or an absent database leaves of a letter, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, product

import pytest

from mailbot.errors import Transient
from mailbot.steps import sweep
from mailbot.steps.desk import Desk
from mailbot.steps.send import Sender
from mailbot.store import outbox
from mailbot.store.engine import Connection, Database
from mailbot.store.outbox import MOST_AMBIGUOUS
from tests.crash.desk import Counter, HandClock, a_desk, write_letter


def a_sender(desk: Desk, outlet: Counter) -> Sender:
    return Sender(desk, lambda: outlet, "serwis@oxiprint.com", 300, lambda: 0.0)


def die_in_the_act(desk: Desk) -> int:
    """The first letter is begun, and the process is no more."""
    due = outbox.claim(desk.database, desk.holder, now=desk.clock.now(), limit=9)[0]
    with desk.database.write() as connection:
        assert outbox.begin(connection, due)
    return due.id


def start_again(desk: Desk) -> int:
    with desk.database.write() as connection:
        return outbox.recover(connection, now=desk.clock.now(), holder=desk.holder)


def rows(desk: Desk) -> dict[int, tuple[str, int]]:
    """State and ambiguous ends by id."""
    with desk.database.read() as connection:
        return {row["id"]: (row["state"], row["ambiguous"]) for row in reversed(outbox.newest(connection, limit=99))}


def test_after_one_death_a_letter_goes_out_at_once(database: Database) -> None:
    desk, outlet = a_desk(database), Counter()
    write_letter(desk)
    died = die_in_the_act(desk)
    assert start_again(desk) == 1
    assert rows(desk)[died] == ("unknown", 1)
    assert a_sender(desk, outlet).one_pass() == len(outlet.taken) == len(rows(desk))
    assert {state for state, _ in rows(desk).values()} == {"sent"}


def test_a_letter_that_kills_its_sender_is_given_up_and_told(database: Database) -> None:
    """At most MOST_AMBIGUOUS copies, with pauses in between, whatever kills the process."""
    clock = HandClock()
    desk = a_desk(database, clock)
    write_letter(desk)
    died = {die_in_the_act(desk)}
    start_again(desk)
    for _ in range(MOST_AMBIGUOUS - 1):
        died.add(die_in_the_act(desk))
        start_again(desk)
        assert all(due.id not in died for due in outbox.claim(database, desk.holder, now=clock.now(), limit=9)), "a pause comes first"
        clock.turn(outbox.AFTER_AMBIGUOUS)
    [letter] = died
    assert rows(desk)[letter] == ("failed", MOST_AMBIGUOUS)
    with database.read() as connection:
        assert [row["id"] for row in outbox.unsettled(connection, 9)] == [letter], "staff are to be told"
    sweep.settle(desk)
    with database.read() as connection:
        assert outbox.unsettled(connection, 9) == []


def test_silent_servers_get_at_most_so_many_copies(database: Database) -> None:
    clock = HandClock()
    desk, outlet = a_desk(database, clock), Counter(silent=99)
    write_letter(desk)
    sender = a_sender(desk, outlet)
    for _ in range(MOST_AMBIGUOUS + 3):
        sender.one_pass()
        clock.turn(outbox.AFTER_AMBIGUOUS)
    assert len(outlet.taken) == MOST_AMBIGUOUS * len(rows(desk))
    assert len(set(outlet.taken)) == len(rows(desk)), "each copy is byte-equal"
    assert set(rows(desk).values()) == {("failed", MOST_AMBIGUOUS)}


def test_an_absent_database_sends_nothing_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whichever transaction of a batch it goes away: 1 claims, 2 begins the first, 3 and on write an end and begin the next."""
    desk, outlet, write = a_desk(database), Counter(), database.write
    sender = a_sender(desk, outlet)
    for fate, transaction in product(("before", "after"), (1, 2, 3, 4)):
        write_letter(desk, f"alarm:{fate}:{transaction}:one")
        write_letter(desk, f"alarm:{fate}:{transaction}:two")
        begun = count(1)

        @contextmanager
        def flaky(fate: str = fate, transaction: int = transaction, begun: count[int] = begun) -> Iterator[Connection]:
            mine = next(begun)
            with write() as connection:
                yield connection
                if mine == transaction and fate == "before":
                    raise Transient("the database went away")
            if mine == transaction:
                raise Transient("the answer to COMMIT was lost")

        monkeypatch.setattr(database, "write", flaky)
        with pytest.raises(Transient):
            sender.one_pass()
        monkeypatch.setattr(database, "write", write)
        while sender.one_pass():
            pass
        assert len(outlet.taken) == len(set(outlet.taken)) == len(rows(desk)), f"{fate} commit {transaction}"
        assert set(rows(desk).values()) == {("sent", 0)}, f"{fate} commit {transaction}"
