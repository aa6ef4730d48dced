"""The mailbox against servers that close, stall, lie and refuse: one clear failure, never a spin, never a lost step."""

from __future__ import annotations

import base64
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.errors import LoginRefused, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.stop import StopSignal
from mailbot.wire import imap_session
from mailbot.wire.imap import Head, ImapAccount, Mailbox
from mailbot.wire.imap_session import Session
from tests.support.scripted_imap import CLOSE, HONEST, SILENCE, ScriptedImap, trickle

PASSWORD = "sekret-1"
THREE = {1: b"Subject: 1\r\n\r\na\r\n", 2: b"Subject: 2\r\n\r\nbb\r\n", 3: b"Subject: 3\r\n\r\nccc\r\n"}
NO_LIMIT = [b"{tag} NO [LIMIT] slow down\r\n"]
NO = [b"{tag} NO cannot give this item\r\n"]


def account(server, **changes):
    known = {"host": "localhost", "username": "serwis", "password": Secret(PASSWORD), "security": "none", "port": server.port}
    return ImapAccount(**known | {"connect_timeout": 2.0, "read_timeout": 0.5} | changes)


@contextmanager
def scripted(script=None, *, read_only=True, changes=None, **options):
    with ScriptedImap(script, **options) as server:
        mailbox = Mailbox.connect(account(server, **(changes or {})), read_only=read_only)
        try:
            yield server, mailbox
        finally:
            mailbox.close()


def whole(mailbox, uids):
    return {uid: raw for batch in mailbox.bodies(mailbox.heads(uids)) for uid, raw in batch.items()}


class Timed:
    def __enter__(self):
        self.started = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.started


# -- waiting ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([b"+ idling\r\n", CLOSE], "EOF"),
        ([b"+ idling\r\n", b'* BYE Autologout; "idle (for too long\r\n', CLOSE], "Autologout"),
        ([b"+ idling\r\n", b"* 2 EXI", CLOSE], "unterminated"),
        ([b"+ idling\r\n", b"* 2 EXI", SILENCE], "silent"),
        ([b"+ idling\r\n", b"\x00\xff\r\n"], "unexpected"),
        ([b"* BYE going down\r\n", CLOSE], "EOF"),
        ([CLOSE], "EOF"),
        ([SILENCE], "silent"),
    ],
    ids=["eof", "bye", "eof in a line", "half a line", "nonsense", "bye before +", "eof before +", "no +"],
)
def test_a_wait_that_breaks_is_one_transient_failure(steps, words):
    with scripted({"IDLE": steps}) as (server, mailbox), Timed() as timed:
        with pytest.raises(Transient, match=words):
            mailbox.wait(30, StopSignal())
        with pytest.raises(Transient, match="closed"):
            mailbox.wait(30, StopSignal())
    assert timed.seconds < 3
    assert len(server.said(b"IDLE")) == 1


def test_a_line_in_two_pieces_is_read_whole():
    with scripted({"IDLE": [b"+ idling\r\n", b"* 2 EXI", 0.2, b"STS\r\n"]}) as (_, mailbox), Timed() as timed:
        assert mailbox.wait(30, StopSignal()) is True
    assert timed.seconds < 3


@pytest.mark.parametrize("steps", [[b"+ idling\r\n* 2 EXISTS\r\n"], [b"* 2 EXISTS\r\n+ idling\r\n"]], ids=["behind", "before"])
def test_news_in_the_packet_that_begins_the_wait_is_not_slept_over(steps):
    with scripted({"IDLE": steps}) as (_, mailbox), Timed() as timed:
        assert mailbox.wait(30, StopSignal()) is True
    assert timed.seconds < 3


def test_a_connection_that_died_during_the_wait_is_found_at_its_end():
    with scripted({"DONE": [SILENCE]}) as (_, mailbox), Timed() as timed, pytest.raises(Transient, match="silent"):
        mailbox.wait(0.2, StopSignal())
    assert 0.5 < timed.seconds < 3


def test_a_server_without_idle_is_polled():
    with scripted(capabilities=b"IMAP4rev1") as (server, mailbox):
        with Timed() as timed:
            assert mailbox.wait(0.3, StopSignal()) is False
        assert 0.3 <= timed.seconds < 2
        assert server.said(b"IDLE") == []
        assert mailbox.search() == [1]


def test_a_server_that_refuses_idle_is_polled_from_then_on():
    with scripted({"IDLE": NO}) as (server, mailbox):
        for _ in range(3):
            with Timed() as timed:
                assert mailbox.wait(0.2, StopSignal()) is False
            assert 0.2 <= timed.seconds < 2
        assert len(server.said(b"IDLE")) == 1
        assert mailbox.search() == [1]


@pytest.mark.parametrize("capabilities", [b"IMAP4rev1", b"IMAP4rev1 IDLE"])
def test_a_stop_that_is_set_before_or_during_the_wait_ends_it(capabilities):
    with scripted(capabilities=capabilities) as (_, mailbox), Timed() as timed:
        stop = StopSignal()
        threading.Timer(0.1, stop.set).start()
        assert mailbox.wait(30, stop) is False
        assert mailbox.wait(30, stop) is False
    assert timed.seconds < 2


@pytest.mark.parametrize("chatter", [b"* OK still here\r\n", b"* 1 EXISTS\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n"])
def test_a_server_that_talks_without_news_neither_wakes_nor_heats(chatter):
    with scripted({"IDLE": [b"+ idling\r\n" + chatter]}) as (server, mailbox):
        assert mailbox.wait(1.2, StopSignal()) is False
        assert 2 <= len(server.said(b"IDLE")) <= 4


def test_the_news_of_a_delivery_beside_a_deletion_is_told():
    with scripted({"IDLE": [b"+ idling\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n"]}) as (_, mailbox):
        assert mailbox.wait(5, StopSignal()) is True


def test_two_hundred_broken_waits_leave_no_descriptor_and_no_thread_behind():
    stop = StopSignal()
    with ScriptedImap({"IDLE": [b"+ idling\r\n", CLOSE]}) as server:
        for attempt in range(200):
            if attempt == 10:
                descriptors, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
            mailbox = Mailbox.connect(account(server))
            with pytest.raises(Transient):
                mailbox.wait(30, stop)
        assert server.connections == 200
        assert abs(len(list(Path("/proc/self/fd").iterdir())) - descriptors) <= 4  # the server's last connections may still be closing
        assert abs(threading.active_count() - threads) <= 4


# -- commands that stall, break or trickle ------------------------------------------------------------------------------------------------

EVERY_COMMAND = ["GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "NOOP", "UID SEARCH", "UID FETCH"]


@pytest.mark.parametrize("command", EVERY_COMMAND)
@pytest.mark.parametrize("step", [CLOSE, SILENCE], ids=["close", "silence"])
def test_a_server_that_goes_away_or_falls_silent_is_transient_everywhere(command, step):
    with ScriptedImap({command: [step]}) as server, Timed() as timed:
        with pytest.raises(Transient) as failure:
            whole(mailbox := Mailbox.connect(account(server, connect_timeout=0.5)), mailbox.search())
        assert not isinstance(failure.value, LoginRefused)
    assert timed.seconds < 3


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_server_that_trickles_is_cut_at_the_deadline(command, monkeypatch):
    monkeypatch.setattr(imap_session, "COMMAND_SECONDS", 0.6)
    with ScriptedImap({command: [b"* ", trickle]}) as server, Timed() as timed, pytest.raises(Transient, match="did not come to an end"):
        whole(mailbox := Mailbox.connect(account(server, connect_timeout=0.2)), mailbox.search())
    assert timed.seconds < 3


def test_a_body_that_breaks_off_is_not_a_shorter_mail():
    steps = [HONEST, [b"* 1 FETCH (UID 1 BODY[] {500}\r\nSubject: half", CLOSE]]
    with scripted({"UID FETCH": steps}) as (_, mailbox), pytest.raises(Transient, match="EOF"):
        whole(mailbox, [1])


def test_nonsense_in_place_of_an_answer_is_transient():
    for answer in (
        b"* 1 FETCH (UID 1 BODY[] {9}\r\n",
        b"* 1 FETCH ((((\r\n{tag} OK\r\n",
        b"\xff\xfe\r\n",
        b"* SEARCH x y\r\n{tag} OK done\r\n",
    ):
        with scripted({"UID SEARCH": [answer]}) as (_, mailbox), pytest.raises(Transient):
            mailbox.search()


# -- logging in ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n",
        b"{tag} NO Too many invalid login attempts, try again later\r\n",
        b"{tag} BAD no\r\n",
    ],
)
def test_a_refused_login_is_told_apart(answer):
    with ScriptedImap({"LOGIN": [answer]}) as server, pytest.raises(LoginRefused, match="refused the login of serwis"):
        Session(account(server))


@pytest.mark.parametrize(
    "steps",
    [
        [b"{tag} NO [UNAVAILABLE] Temporary authentication failure\r\n"],
        [b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n"],
        [b"{tag} NO User is throttled. Suggested Backoff Time: 5000 milliseconds\r\n"],
        [b"* BYE shutting down\r\n", CLOSE],
        [CLOSE],
    ],
    ids=["unavailable", "connections", "throttled", "bye", "eof"],
)
def test_a_login_without_a_verdict_is_not_a_refusal(steps):
    with ScriptedImap({"LOGIN": steps}) as server, pytest.raises(Transient):
        Session(account(server))


def test_a_password_that_the_server_echoes_is_masked():
    with ScriptedImap({"LOGIN": [b"{tag} BAD what is LOGIN serwis sekret-1\r\n"]}) as server, pytest.raises(LoginRefused) as failure:
        Session(account(server))
    assert PASSWORD not in str(failure.value)
    assert failure.value.__cause__ is None


@pytest.mark.parametrize(("username", "password"), [("serwis", "zażółć"), ("Biuro Serwis", "x"), ("serwis", "x")])
def test_what_login_cannot_carry_goes_by_authenticate_plain(username, password):
    script = {"AUTHENTICATE": [b"+ \r\n"], "LINE": [b"{tag} OK welcome\r\n"]}
    capabilities = b"IMAP4rev1 AUTH=PLAIN" + (b" LOGINDISABLED" if f"{username}{password}" == "serwisx" else b"")
    with ScriptedImap(script, capabilities=capabilities) as server:
        Session(account(server, username=username, password=Secret(password))).close()
        assert f"\0{username}\0{password}" in [
            base64.b64decode(line).decode() for line in server.lines if line.isalnum() or b"=" in line[-2:]
        ]
        assert not server.said(b" LOGIN ")


@pytest.mark.parametrize("capabilities", [b"IMAP4rev1 LOGINDISABLED", b"IMAP4rev1"])
def test_where_no_way_to_log_in_fits_no_password_is_sent(capabilities):
    with ScriptedImap(capabilities=capabilities) as server, pytest.raises(Permanent):
        Session(account(server, password=Secret("zażółć")))
    assert server.lines == [server.lines[0]]  # CAPABILITY alone


def test_a_server_of_another_kind_is_named():
    with (
        ScriptedImap({"GREETING": [b"220 mx.example ESMTP\r\n"]}) as server,
        pytest.raises(Permanent, match=r"does not speak IMAP.*220 mx"),
    ):
        Session(account(server))


def test_a_server_that_is_full_says_bye():
    greeting = [b"* BYE Too many connections, sorry\r\n", CLOSE]
    with ScriptedImap({"GREETING": greeting}) as server, pytest.raises(Transient, match="Too many connections"):
        Session(account(server))


@pytest.mark.parametrize("host", ["imap.oxiprint.com", "192.0.2.1", "localhost.evil.example"])
def test_no_account_without_tls_beyond_this_machine(host):
    with pytest.raises(ValueError, match="without TLS"):
        ImapAccount(host, "serwis", Secret("x"), security="none")


def test_a_line_break_in_a_password_is_refused_before_it_becomes_a_command():
    with pytest.raises(ValueError, match="control character"):
        ImapAccount("localhost", "serwis", Secret("x\r\na1 DELETE INBOX"))


# -- refusals and missing data ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["EXAMINE", "NOOP", "UID SEARCH", "UID FETCH"])
def test_throttling_is_transient_and_not_asked_again(command):
    with ScriptedImap({command: NO_LIMIT}) as server:
        with pytest.raises(Transient, match="slow down"):
            whole(mailbox := Mailbox.connect(account(server)), mailbox.search())
        assert len(server.said(command.encode())) == 1


def test_ok_without_data_leaves_out_that_mail_alone():
    answer = b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\n* 3 FETCH (UID 3 BODY[] {0}\r\n)\r\n{tag} OK done\r\n"
    with scripted({"UID FETCH": [HONEST, [answer]]}, mails=THREE) as (_, mailbox):
        assert whole(mailbox, [1, 2, 3]) == {1: b"abc"}
    with scripted({"UID FETCH": [HONEST, [b"{tag} OK done\r\n"]]}, mails=THREE) as (_, mailbox):
        assert whole(mailbox, [1, 2, 3]) == {}


@pytest.mark.parametrize("refusal", [NO, [b"{tag} BAD Command Error. 10\r\n"], [b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n", *NO]])
def test_one_refused_mail_does_not_hide_the_others(refusal):
    with scripted({"UID FETCH": [HONEST, refusal, HONEST, NO, HONEST]}, mails=THREE) as (server, mailbox):
        assert whole(mailbox, [1, 2, 3]) == {1: THREE[1], 3: THREE[3]}
        assert mailbox.search() == [1, 2, 3]
    assert len(server.said(b"BODY.PEEK[]")) == 4


def test_unasked_flags_beside_and_instead_of_an_answer_are_ignored():
    stray = b"* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 9 EXPUNGE\r\n"
    head = b'* 2 FETCH (UID 2 RFC822.SIZE 5 INTERNALDATE " 2-Mar-2026 09:30:00 +0100")\r\n{tag} OK done\r\n'
    with scripted({"UID FETCH": [stray + head]}, mails=THREE) as (_, mailbox):
        assert mailbox.heads([1, 2, 3]) == [Head(2, 5, datetime(2026, 3, 2, 8, 30, tzinfo=UTC))]


@pytest.mark.parametrize("date", [b'"garbage"', b"NIL", b'"31-Dec-9999 23:00:00 -1400"', b'"31-Feb-2026 00:00:00 +0000"'])
def test_an_arrival_that_cannot_be_read_is_none(date):
    with scripted({"UID FETCH": [b"* 1 FETCH (UID 1 RFC822.SIZE 5 INTERNALDATE " + date + b")\r\n{tag} OK done\r\n"]}) as (_, mailbox):
        assert mailbox.heads([1]) == [Head(1, 5, None)]


def test_the_trap_of_a_search_beyond_the_end_is_avoided():
    with scripted({"UID SEARCH": [b"* SEARCH 3\r\n{tag} OK done\r\n"]}, mails=THREE) as (_, mailbox):
        assert mailbox.search(4) == []


def test_an_answer_line_over_a_megabyte_is_transient():
    line = b"* SEARCH" + b" 4000000000" * 100_000 + b"\r\n{tag} OK done\r\n"
    with scripted({"UID SEARCH": [line]}) as (_, mailbox), pytest.raises(Transient, match="1000000 bytes"):
        mailbox.search()


def test_a_server_that_sends_more_of_a_large_mail_than_was_asked_is_cut_to_size():
    header, text = b"X: " + b"y" * 300_000 + b"\r\n\r\n", b"z" * 100
    answer = b"* 1 FETCH (UID 1 BODY[HEADER]<0> {%d}\r\n%s BODY[TEXT]<0> {%d}\r\n%s)\r\n{tag} OK done\r\n"
    with scripted({"UID FETCH": [answer % (len(header), header, len(text), text)]}) as (_, mailbox):
        assert mailbox.head_of(1) == header[: 256 << 10]
    with scripted({"UID FETCH": [answer % (8, b"X: y\r\n\r\n", len(text), text)]}) as (_, mailbox):
        assert mailbox.head_of(1, limit=10) == b"X: y\r\n\r\n" + text[:10]


# -- folders ------------------------------------------------------------------------------------------------------------------------------


def test_a_folder_rebuilt_under_us_ends_the_connection():
    rebuilt = b"* OK [UIDVALIDITY 8] rebuilt\r\n* SEARCH 1\r\n{tag} OK done\r\n"
    with scripted({"UID SEARCH": [rebuilt]}) as (_, mailbox), pytest.raises(Transient, match="other UIDVALIDITY"):
        mailbox.search()


def test_a_folder_without_uidvalidity_is_of_no_use():
    with ScriptedImap({"EXAMINE": [b"* 1 EXISTS\r\n{tag} OK done\r\n"]}) as server, pytest.raises(Permanent, match="UIDVALIDITY"):
        Mailbox.connect(account(server))


def test_a_folder_that_turns_out_read_only_is_read_all_the_same():
    select = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n"
    with scripted({"SELECT": [select]}, read_only=False) as (server, mailbox):
        assert mailbox.read_only
        assert mailbox.mark([1], "Mailbot") == set()
        assert mailbox.move([1], "Done") == set()
        assert whole(mailbox, mailbox.search()) == server.mails
        assert not server.said(b"STORE")


def test_without_keywords_and_without_move_nothing_is_marked_moved_copied_or_expunged():
    select = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted)] ok\r\n{tag} OK [READ-WRITE] done\r\n"
    with scripted({"SELECT": [select]}, read_only=False, capabilities=b"IMAP4rev1") as (server, mailbox):
        assert not mailbox.can_mark("Mailbot")
        assert not mailbox.can_move()
        assert mailbox.mark([1], "Mailbot") == set()
        assert mailbox.move([1], "Done") == set()
        assert not [line for word in (b"STORE", b"COPY", b"MOVE", b"EXPUNGE") for line in server.said(word)]


def test_a_keyword_that_the_server_drops_silently_is_not_reported():
    script = {"UID STORE": [b"{tag} OK done\r\n"], "UID FETCH": [b"* 1 FETCH (UID 1 FLAGS ())\r\n{tag} OK done\r\n"]}
    with scripted(script, read_only=False) as (_, mailbox):
        assert mailbox.mark([1], "Mailbot") == set()


def test_a_move_that_the_server_did_not_do_is_not_reported():
    with scripted({"UID MOVE": [b"{tag} OK done\r\n"]}, read_only=False) as (_, mailbox):
        assert mailbox.move([1], "Done") == set()


def test_reading_uses_examine_and_peek_only():
    with scripted(mails=THREE) as (server, mailbox):
        whole(mailbox, mailbox.search())
        mailbox.head_of(1)
    fetches = server.said(b"UID FETCH")
    assert fetches
    assert not [line for line in fetches if b"BODY[" in line or (b"RFC822" in line and b"RFC822.SIZE" not in line)]
    assert server.said(b"EXAMINE")
    assert not server.said(b"SELECT")


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (rb'* LIST () "." INBOX' + b"\r\n" + rb'* LIST () "." "INBOX.Elementy wys&AUI-ane"' + b"\r\n", "INBOX.Elementy wysłane"),
        (rb'* LIST () "/" Wys&AUI-ane' + b"\r\n", "Wysłane"),
        (rb'* LIST () "/" Sent' + b"\r\n" + rb'* LIST (\HasNoChildren \sent) "/" Archiwum' + b"\r\n", "Archiwum"),
        (rb'* LIST () NIL "Sent Items"' + b"\r\n", "Sent Items"),
        (rb'* LIST () "/" Absent' + b"\r\n", None),
        (b"", None),
    ],
)
def test_the_sent_folder_is_the_marked_one_or_one_with_a_usual_name(listed, found):
    with ScriptedImap({"LIST": [listed + b"{tag} OK done\r\n"]}) as server:
        session = Session(account(server))
        assert session.find_sent_folder() == found
        session.close()
