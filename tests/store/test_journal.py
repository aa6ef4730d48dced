"""The journal: every mail once, fair turns, tries that are counted, cursors that only go up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailbot.store import journal
from mailbot.store.engine import Database
from mailbot.store.journal import Arrival, WatchedFolder

NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)


def watch(database: Database, uidvalidity: int = 7, now: datetime = NOW) -> WatchedFolder:
    with database.write() as connection:
        return journal.watch(connection, "serwis", "INBOX", uidvalidity, answer_since=NOW - timedelta(days=1), now=now)


def arrival(uid: int, raw: bytes = b"", sender: str = "jan@a.example", arrived: datetime = NOW) -> Arrival:
    raw = raw or b"From: x\r\n\r\n%d" % uid
    return Arrival(uid, arrived, len(raw), raw, False, sender, f"<{uid}@a.example>")


def test_a_mail_is_stored_once(database: Database) -> None:
    watched = watch(database)
    assert journal.store(database, watched, "inbox", [arrival(1), arrival(2)], now=NOW, high_uid=2) == [1, 2]
    assert journal.store(database, watched, "inbox", [arrival(2), arrival(3)], now=NOW, high_uid=3) == [3]
    assert watch(database).high_uid == 3
    with database.read() as connection:
        assert journal.known_uids(connection, watched, 1, 9) == {1, 2, 3}
        assert journal.counts(connection) == {"new": 3}


def test_raw_bytes_come_back_as_they_were(database: Database) -> None:
    raw = bytes(range(256)) * 100
    watched = watch(database)
    journal.store(database, watched, "inbox", [arrival(1, raw), arrival(2, raw)], now=NOW)
    with database.read() as connection:
        assert journal.raw_bytes(connection, 1) == raw == journal.raw_bytes(connection, 2)


def test_the_cursor_never_goes_back(database: Database) -> None:
    watched = watch(database)
    journal.store(database, watched, "inbox", [], now=NOW, high_uid=10)
    journal.store(database, watched, "inbox", [], now=NOW, high_uid=4)
    assert watch(database).high_uid == 10


def test_old_mail_is_history(database: Database) -> None:
    watched = watch(database)
    old, new = arrival(1, arrived=NOW - timedelta(days=2)), arrival(2)
    journal.store(database, watched, "inbox", [old, new], now=NOW)
    assert [mail.history for mail in journal.claim(database, "me", now=NOW, limit=9)] == [True, False]


def test_after_a_change_of_uidvalidity_a_day_old_mail_is_history(database: Database) -> None:
    watch(database)
    later = NOW + timedelta(days=30)
    renewed = watch(database, 8, later)
    assert renewed.high_uid == 0
    assert renewed.answer_since == later - timedelta(hours=24)


def test_a_bomb_waits_for_its_turn(database: Database) -> None:
    """F67: many mails of one sender beside few of others; each sender's first goes before anybody's second."""
    watched = watch(database)
    bomb = [arrival(uid, sender="bomb@b.example", arrived=NOW - timedelta(minutes=5)) for uid in range(1, 200)]
    normal = [arrival(200 + n, sender=f"user{n}@c.example") for n in range(5)]
    journal.store(database, watched, "inbox", [*bomb, *normal], now=NOW)
    with database.read() as connection:
        senders = {row["id"]: row["sender"] for row in journal.newest(connection, limit=300)}
    first = [senders[mail.id] for mail in journal.claim(database, "me", now=NOW, limit=6)]
    assert sorted(first) == ["bomb@b.example", *(f"user{n}@c.example" for n in range(5))]


def test_what_is_in_hand_is_not_taken_twice_until_its_lease_ends(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1), arrival(2)], now=NOW)
    assert len(journal.claim(database, "me", now=NOW, limit=9)) == 2
    assert journal.claim(database, "other", now=NOW + timedelta(minutes=1), limit=9) == []
    assert len(journal.claim(database, "other", now=NOW + journal.LEASE, limit=9)) == 2


def test_a_restart_frees_what_this_machine_had_in_hand(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1), arrival(2)], now=NOW)
    journal.claim(database, "me", now=NOW, limit=1)
    journal.claim(database, "other", now=NOW, limit=1)
    with database.write() as connection:
        assert journal.recover(connection, "me", now=NOW) == 1
    assert len(journal.claim(database, "me", now=NOW, limit=9)) == 1


def test_a_mail_whose_batches_never_end_is_tried_alone(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1)], now=NOW)
    alone = []
    for round_ in range(4):
        alone += [mail.alone for mail in journal.claim(database, "me", now=NOW + round_ * journal.LEASE, limit=9)]
    assert alone == [False, False, True, True]


def test_tries_are_counted_before_they_are_made(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1)], now=NOW)
    [mail] = journal.claim(database, "me", now=NOW, limit=1)
    with database.write() as connection:
        assert journal.count_try(connection, mail.id) == 1
    [again] = journal.claim(database, "me", now=NOW + journal.LEASE, limit=1)
    assert (again.attempts, again.alone) == (1, True)


def test_a_held_mail_waits_for_replay(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1)], now=NOW)
    [mail] = journal.claim(database, "me", now=NOW, limit=1)
    with database.write() as connection:
        journal.hold(connection, mail.id, error="poison", now=NOW)
    assert journal.claim(database, "me", now=NOW + timedelta(days=9), limit=1) == []
    with database.write() as connection:
        assert journal.replay(connection, mail.id, now=NOW)
        assert not journal.replay(connection, mail.id, now=NOW)
    [again] = journal.claim(database, "me", now=NOW + timedelta(days=9), limit=1)
    assert again.attempts == 0


def test_a_mail_put_back_with_an_error_comes_alone(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1)], now=NOW)
    [mail] = journal.claim(database, "me", now=NOW, limit=1)
    with database.write() as connection:
        journal.release(connection, [mail.id], next_at=NOW + timedelta(seconds=9), error="boom")
    assert journal.claim(database, "me", now=NOW, limit=1) == []
    assert journal.claim(database, "me", now=NOW + timedelta(seconds=9), limit=1)[0].alone


def test_the_first_delivery_of_a_content_is_known(database: Database) -> None:
    journal.store(database, watch(database), "inbox", [arrival(1), arrival(2), arrival(3)], now=NOW)
    with database.write() as connection:
        assert [
            journal.first_delivery(connection, row, content_key=key, message_id=None)
            for row, key in ((1, "a"), (2, "a"), (3, "b"), (1, "a"))
        ] == [
            1,
            1,
            3,
            1,
        ]
