"""The mailbox against a real Dovecot: everything that is promised when nothing breaks."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from mailbot.errors import Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.stop import StopSignal
from mailbot.wire import imap
from mailbot.wire.imap import Head, ImapAccount, Mailbox
from mailbot.wire.imap_session import Session
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.tls import Authority

_serial = itertools.count()
MARCH = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_raw(number: int, size: int = 0) -> bytes:
    return b"Message-ID: <m%d@x.example>\r\nSubject: mail %d\r\n\r\n" % (number, number) + b"x" * size + b"\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Dovecot([f"u{n}" for n in range(60)], authority=Authority(tmp_path_factory.mktemp("tls"))) as dovecot:
        yield dovecot


@pytest.fixture
def user(server):
    """A mailbox of one's own for each test."""
    return server.users[next(_serial)]


@pytest.fixture
def account(server, user):
    return ImapAccount("localhost", user, Secret(PASSWORD), security="none", port=server.port)


@pytest.fixture
def connect(account):
    opened = []

    def connect(folder="INBOX", **options):
        opened.append(Mailbox.connect(account, folder, **options))
        return opened[-1]

    yield connect
    for mailbox in opened:
        mailbox.close()


def bodies(mailbox, uids):
    return {uid: raw for batch in mailbox.bodies(mailbox.heads(uids)) for uid, raw in batch.items()}


def test_an_empty_folder(connect):
    mailbox = connect()
    assert mailbox.search() == []
    assert mailbox.uidnext == 1
    assert mailbox.uidvalidity > 0
    assert mailbox.read_only


def test_what_was_delivered_is_found_with_size_and_arrival_and_fetched_byte_for_byte(server, user, connect):
    raws = [a_raw(1), b"Subject: \xb3\xf3d\xbc\r\n\r\nno end of line and \xff", b"\r\n", a_raw(4, 9000)]
    server.deliver_all([(raw, MARCH) for raw in raws], user)
    mailbox = connect()
    assert mailbox.search() == [1, 2, 3, 4]
    assert mailbox.heads([1, 2, 3, 4]) == [Head(uid, len(raw), MARCH) for uid, raw in enumerate(raws, 1)]
    assert bodies(mailbox, [1, 2, 3, 4]) == dict(enumerate(raws, 1))


@pytest.mark.parametrize("instant", [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)])
def test_the_doubled_hour_of_october_is_not_ambiguous(server, user, connect, monkeypatch, instant):
    monkeypatch.setenv("TZ", "Europe/Warsaw")
    time.tzset()
    try:
        server.deliver(a_raw(1), user, when=instant)
        assert connect().heads([1])[0].arrived == instant
    finally:
        monkeypatch.undo()
        time.tzset()


def test_search_above_the_last_uid_finds_nothing(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(4)], user)
    mailbox = connect()
    assert mailbox.search(4) == [4]
    assert mailbox.search(5) == []
    assert mailbox.search(4_000_000_000) == []


def test_a_large_folder_is_searched_in_windows(server, user, connect, monkeypatch):
    monkeypatch.setattr(imap, "SEARCH_WINDOW", 7)
    server.deliver_all([(a_raw(n), None) for n in range(50)], user)
    mailbox = connect()
    assert mailbox.search() == list(range(1, 51))
    assert mailbox.search(20) == list(range(20, 51))
    assert mailbox.search(48) == [48, 49, 50]


def test_windows_count_mails_that_came_after_the_folder_was_opened(server, user, connect, monkeypatch):
    monkeypatch.setattr(imap, "SEARCH_WINDOW", 10)
    mailbox = connect()
    server.deliver_all([(a_raw(n), None) for n in range(35)], user)
    assert mailbox.search() == list(range(1, 36))
    assert mailbox._exists == 35


def test_mails_that_vanished_between_search_and_fetch_are_left_out(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(1, 4)], user)
    mailbox = connect()
    uids = mailbox.search()
    heads = mailbox.heads(uids)
    with server.client(user) as other:
        other.delete_messages([2])
        other.uid_expunge([2])
    assert bodies(mailbox, uids) == {1: a_raw(1), 3: a_raw(3)}
    assert [batch.keys() for batch in mailbox.bodies(heads)] == [{1, 3}]
    assert mailbox.head_of(2) is None
    assert mailbox.search() == [1, 3]


def test_bodies_come_in_batches_small_enough_for_memory(server, user, connect, monkeypatch):
    monkeypatch.setattr(imap, "BYTES_PER_COMMAND", 10_000)
    sizes = [100, 100, 9_000, 9_000, 30_000, 100]
    server.deliver_all([(a_raw(n, size), None) for n, size in enumerate(sizes, 1)], user)
    mailbox = connect()
    assert [list(batch) for batch in mailbox.bodies(mailbox.heads(mailbox.search()))] == [[1, 2, 3], [4], [5], [6]]


def test_many_mails_a_command_and_no_command_line_too_long(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(1, 201)], user)
    mailbox = connect()
    batches = list(mailbox.bodies(mailbox.heads(mailbox.search())))
    assert [len(batch) for batch in batches] == [80, 80, 40]
    assert batches[2][200] == a_raw(200)


def test_the_head_of_a_large_mail_is_a_prefix_of_it(server, user, connect, monkeypatch):
    raw = a_raw(1, 500_000)
    server.deliver_all([(raw, None), (b"X: " + b"y" * 400_000 + b"\r\n\r\nbody", None), (b"Subject: no body\r\n", None)], user)
    mailbox = connect()
    head = mailbox.head_of(1)
    assert raw.startswith(head)
    assert len(head) == raw.index(b"\r\n\r\n") + 4 + 65_536
    assert mailbox.head_of(1, limit=10) == head[: raw.index(b"\r\n\r\n") + 14]
    assert mailbox.head_of(2) == (b"X: " + b"y" * 400_000)[: 256 << 10]
    assert mailbox.head_of(3).startswith(b"Subject: no body\r\n")


@pytest.mark.parametrize("read_only", [True, False])
def test_nothing_that_is_read_becomes_seen(server, user, connect, read_only):
    server.deliver_all([(a_raw(1), None), (a_raw(2, 100_000), None)], user)
    with server.client(user) as person:
        person.add_flags([2], [rb"\Seen"])
        mailbox = connect(read_only=read_only)
        assert len(bodies(mailbox, mailbox.search())) == 2
        mailbox.head_of(1)
        person.noop()
        flags = person.get_flags([1, 2])
    assert rb"\Seen" not in flags[1]
    assert rb"\Seen" in flags[2]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_new_mail_ends_the_wait_at_once(server, user, connect, read_only):
    server.deliver(a_raw(1), user)
    mailbox = connect(read_only=read_only)
    mailbox.search()
    threading.Timer(0.2, server.deliver, (a_raw(2), user)).start()
    started = time.monotonic()
    assert mailbox.wait(30, StopSignal()) is True
    assert time.monotonic() - started < 5
    assert mailbox.search(2) == [2]
    assert mailbox.wait(0.3, StopSignal()) is False


def test_a_mail_between_search_and_wait_is_not_slept_over(server, user, connect):
    mailbox = connect()
    for number in range(1, 6):
        server.deliver(a_raw(number), user)
        started = time.monotonic()
        assert mailbox.wait(30, StopSignal()) is True
        assert time.monotonic() - started < 5
        assert mailbox.search(number) == [number]


def test_flags_that_people_set_and_mails_they_delete_are_no_news(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(3)], user)
    mailbox = connect()
    mailbox.search()
    with server.client(user) as person:
        threading.Timer(0.1, lambda: (person.add_flags([1], [rb"\Flagged"]), person.delete_messages([2]), person.uid_expunge([2]))).start()
        assert mailbox.wait(1.5, StopSignal()) is False
        threading.Timer(0.1, server.deliver, (a_raw(9), user)).start()
        assert mailbox.wait(30, StopSignal()) is True
    assert mailbox.search() == [1, 3, 4]


def test_a_stop_ends_the_wait_at_once(connect):
    mailbox, stop = connect(), StopSignal()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    assert mailbox.wait(60, stop) is False
    assert time.monotonic() - started < 2
    with pytest.raises(Transient, match="closed"):
        mailbox.search()


def test_the_wait_is_renewed_and_still_hears(server, user, connect, monkeypatch):
    monkeypatch.setattr(imap, "RENEW_IDLE_AFTER", 0.05)
    monkeypatch.setattr(imap, "PAUSE_AFTER_CHATTER", 0.01)
    mailbox = connect()
    threading.Timer(0.7, server.deliver, (a_raw(1), user)).start()
    assert mailbox.wait(30, StopSignal()) is True


def test_a_keyword_is_kept_and_confirmed_and_may_be_set_again(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(3)], user)
    mailbox = connect(read_only=False)
    assert mailbox.can_mark("MailbotSeen")
    assert mailbox.mark([1, 3, 99], "MailbotSeen") == {1, 3}
    assert mailbox.mark([1, 3, 99], "MailbotSeen") == {1, 3}
    with server.client(user) as person:
        assert {uid: b"MailbotSeen" in flags for uid, flags in person.get_flags([1, 2, 3]).items()} == {1: True, 2: False, 3: True}


def test_a_read_only_mailbox_marks_and_moves_nothing(server, user, connect):
    server.deliver(a_raw(1), user)
    mailbox = connect()
    assert mailbox.mark([1], "Mailbot") == set()
    assert mailbox.move([1], "Done") == set()
    assert mailbox.search() == [1]


def test_system_flags_cannot_be_set(connect):
    with pytest.raises(ValueError, match="Seen"):
        connect(read_only=False).mark([1], r"\Seen")


def test_a_move_makes_its_folder_and_may_be_repeated(server, user, connect):
    server.deliver_all([(a_raw(n), None) for n in range(1, 4)], user)
    mailbox = connect(read_only=False)
    assert mailbox.move([1, 3], "Załatwione") == {1, 3}
    assert mailbox.move([1, 3], "Załatwione") == {1, 3}
    assert mailbox.search() == [2]
    done = connect("Załatwione")
    assert sorted(bodies(done, done.search()).values()) == [a_raw(1), a_raw(3)]


def test_uidvalidity_changes_when_the_folder_is_rebuilt(server, user, connect):
    server.deliver(a_raw(1), user)
    before = connect()
    before.search()
    before.close()
    server.change_uidvalidity(user)
    after = connect()
    assert after.uidvalidity != before.uidvalidity
    assert bodies(after, after.search()) == {1: a_raw(1)}


def test_a_missing_folder_is_named_beside_those_there_are(server, user, connect):
    with server.client(user) as person:
        person.create_folder("Zgłoszenia")
    with pytest.raises(Permanent, match=r'no folder "Zgloszenia"; there are: INBOX, Sent, Zgłoszenia'):
        connect("Zgloszenia")


def test_the_sent_folder_is_found_and_a_mail_saved_in_it(server, user, account):
    session = Session(account)
    assert session.find_sent_folder() == "Sent"
    session.append("Sent", a_raw(7), MARCH)
    session.close()
    with server.client(user, "Sent") as person:
        message = person.fetch([1], ["BODY.PEEK[]", "INTERNALDATE", "FLAGS"])[1]
    assert message[b"BODY[]"] == a_raw(7)
    assert rb"\Seen" in message[b"FLAGS"]


def test_another_thread_may_cut_a_command(connect):
    mailbox = connect()
    threading.Timer(0.2, mailbox.cut).start()
    with pytest.raises(Transient):
        mailbox.wait(60, StopSignal())


def test_close_may_be_called_twice_and_nothing_works_after_it(connect):
    mailbox = connect()
    mailbox.close()
    mailbox.close()
    with pytest.raises(Transient, match="closed"):
        mailbox.heads([1])


def test_the_kernel_watches_over_a_silent_connection(connect):
    sock = connect()._session._client.socket()
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    idle, interval, count = (sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in ("IDLE", "INTVL", "CNT"))
    assert idle + interval * count <= 120
    assert sock.gettimeout() == 60


def test_neither_mails_nor_the_password_are_logged_at_debug(server, user, connect, caplog):
    caplog.set_level(logging.DEBUG)
    server.deliver(a_raw(1, 50), user)
    mailbox = connect()
    assert bodies(mailbox, mailbox.search())
    assert "mail 1" not in caplog.text
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(mailbox._session.account)
