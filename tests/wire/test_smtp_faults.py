"""Submission against servers that break off, stall and lie: what is certain, and what is in doubt."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from mailbot.errors import LoginRefused, MailbotError, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.wire.smtp import Ambiguous, Deferred, Refused, Sent, SmtpAccount, Submission, check
from tests.support.scripted_smtp import CLOSE, RESET, SILENT, Act, Script, ScriptedSmtp, hold, raw, trickle

US = "serwis@oxiprint.com"
MIME = b"Message-ID: <m1@oxiprint.com>\r\nSubject: awaria\r\n\r\n.Dzien dobry\r\n"
LARGE = MIME + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200_000  # 14 MB: more than the buffers between us hold
SHORT = 0.4  # seconds; a timeout that a test waits for


def account(port: int, **changes: Any) -> SmtpAccount:
    known = {"host": "127.0.0.1", "port": port, "security": "none", "connect_timeout": 5.0, "command_timeout": 5.0, "data_timeout": 5.0}
    return SmtpAccount(**known | changes)


@contextmanager
def talking_to(script: Script | None = None, **changes: Any) -> Iterator[tuple[ScriptedSmtp, Submission]]:
    with ScriptedSmtp(script) as server, closing(Submission(account(server.port, **changes))) as submission:
        yield server, submission


def once(act: str | Act) -> Callable[[str, int], str | Act | None]:
    """Does so the first time only."""
    return lambda _argument, before: act if before == 0 else None


# -- before the final dot: certain ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act", [CLOSE, RESET, "421 4.3.2 closing", raw("nonsense"), raw("25")], ids=["close", "reset", "421", "nonsense", "cut"]
)
@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_broken_off_before_the_dot_ends_the_batch_and_the_mail_goes_later_once(step: str, act: str | Act) -> None:
    with talking_to({step: once(act)}) as (server, submission):
        with pytest.raises(Transient):
            submission.send(US, "jan@x.example", MIME)
        assert server.complete == []
        assert not submission.in_data

        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert server.sha256s() == [hashlib.sha256(MIME).hexdigest()]


@pytest.mark.parametrize("act", [CLOSE, RESET], ids=["close", "reset"])
def test_broken_off_in_the_body_is_certain(act: Act) -> None:
    with talking_to({"body": lambda _, before: act if before == 2 else None}) as (server, submission):
        with pytest.raises(Transient, match="broke"):
            submission.send(US, "jan@x.example", LARGE)
        assert server.complete == []
        assert isinstance(submission.send(US, "jan@x.example", LARGE), Sent)
        assert len(server.complete) == 1


@pytest.mark.parametrize("act", ["421 4.3.2 too busy", "450 4.7.0 later"])
def test_a_busy_server_ends_the_batch_at_the_greeting(act: str) -> None:
    with talking_to({"greeting": once(act)}) as (_, submission):
        with pytest.raises(Transient, match=act[:3]):
            submission.send(US, "jan@x.example", MIME)
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)


def test_5xx_at_the_greeting_is_for_a_person_and_no_row_is_refused() -> None:
    with (
        talking_to({"greeting": "554 5.7.1 your address is on a block list"}) as (_, submission),
        pytest.raises(Permanent, match="block list"),
    ):
        submission.send(US, "jan@x.example", MIME)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("act", [SILENT, trickle("250-"), trickle("250")], ids=["silent", "endless-line", "trickle"])
def test_a_server_that_stalls_meets_the_deadline_of_the_whole_step(step: str, act: Act) -> None:
    with talking_to({step: once(act)}, command_timeout=SHORT) as (server, submission):
        began = time.monotonic()
        with pytest.raises(Transient, match=rf"did not answer within {SHORT:g} s"):
            submission.send(US, "jan@x.example", MIME)
        assert time.monotonic() - began < SHORT + 2
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert len(server.complete) == 1


def test_a_server_that_stops_reading_meets_the_deadline() -> None:
    stuck = threading.Event()
    with talking_to({"body": lambda _, before: stuck.wait(10) and None}, data_timeout=SHORT) as (server, submission):
        with pytest.raises(Transient, match="did not answer within"):
            submission.send(US, "jan@x.example", LARGE)
        stuck.set()
        assert server.complete == []


def test_out_of_protocol_before_the_dot_is_certain() -> None:
    with talking_to({"DATA": once("250 2.0.0 Ok")}) as (server, submission):
        with pytest.raises(Transient, match="Out of protocol, the server answered DATA"):
            submission.send(US, "jan@x.example", MIME)
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert len(server.complete) == 1


@pytest.mark.parametrize(("reply", "kind"), [("451 4.3.0 later", Deferred), ("554 5.5.1 no valid recipients", Refused)])
def test_a_refused_data_command(reply: str, kind: type) -> None:
    with talking_to({"DATA": once(reply)}) as (server, submission):
        assert submission.send(US, "jan@x.example", MIME) == kind(int(reply[:3]), reply[4:9], reply[4:], "DATA")
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert (server.sessions, server.said.count("RSET")) == (1, 1)


# -- after the final dot -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [CLOSE, RESET, "421 4.4.2 timeout", raw("25"), raw("nonsense\r\n"), raw("250-ok\r\n"), "354 go on", raw("x" * 9000)],
    ids=["close", "reset", "421", "cut", "nonsense", "half", "3xx", "long"],
)
def test_no_clear_answer_to_the_dot_is_in_doubt(act: str | Act) -> None:
    """The server of the script has the whole mail: calling this a failure would send it for ever, calling it sent might lose it."""
    with talking_to({".": once(act)}) as (server, submission):
        outcome = submission.send(US, "jan@x.example", MIME)

        assert isinstance(outcome, Ambiguous)
        assert outcome.text
        assert not submission.in_data
        assert len(server.complete) == 1
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert len(set(server.sha256s())) == 1


@pytest.mark.parametrize("act", [SILENT, trickle("250-")], ids=["silent", "trickle"])
def test_an_answer_that_never_comes_is_in_doubt(act: Act) -> None:
    with talking_to({".": once(act)}, data_timeout=SHORT) as (server, submission):
        outcome = submission.send(US, "jan@x.example", MIME)
        assert outcome == Ambiguous(f"127.0.0.1:{server.port} did not answer within {SHORT:g} s.")


@pytest.mark.parametrize(("reply", "kind"), [("451 4.3.0 queue file write error", Deferred), ("554 5.7.1 spam", Refused)])
def test_a_clear_no_to_the_dot_is_certain(reply: str, kind: type) -> None:
    with talking_to({".": once(reply)}) as (_, submission):
        assert submission.send(US, "jan@x.example", MIME) == kind(int(reply[:3]), reply[4:9], reply[4:], "answer")
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)


def test_a_slow_answer_is_waited_for_longer_than_a_command() -> None:
    """RFC 1047: giving up on it sends the mail twice."""
    with talking_to({".": hold("250 2.0.0 Ok, slowly")}, command_timeout=SHORT) as (server, submission):
        slow = threading.Timer(3 * SHORT, server.release)
        slow.start()
        assert submission.send(US, "jan@x.example", MIME) == Sent("250 2.0.0 Ok, slowly")
        assert len(server.complete) == 1


@pytest.mark.parametrize("act", [CLOSE, RESET, SILENT, "421 4.0.0 no", raw("x")], ids=["close", "reset", "silent", "421", "nonsense"])
def test_quit_may_fail(act: str | Act) -> None:
    with talking_to({"QUIT": act}, command_timeout=SHORT) as (server, submission):
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        submission.close()
        submission.close()
        assert len(server.complete) == 1
        assert server.said[-1].upper() == "QUIT"


@pytest.mark.parametrize("act", [CLOSE, RESET, "421 4.4.2 idle too long", "500 5.5.1 what?"], ids=["close", "reset", "421", "500"])
def test_a_connection_that_went_stale_between_mails_is_replaced(act: str | Act) -> None:
    with talking_to({"RSET": act}) as (server, submission):
        assert [type(submission.send(US, f"k{n}@x.example", MIME)) for n in range(3)] == [Sent] * 3
        assert (server.sessions, len(server.complete)) == (3, 3)


def test_a_rate_limit_loses_nothing() -> None:
    """Exchange answers 432 and 452 over its rate (F55a); the rows are deferred one by one."""
    with talking_to({"RCPT": lambda _, before: "452 4.5.3 too many" if before % 3 == 1 else None}) as (server, submission):
        waiting = [f"k{n}@x.example" for n in range(12)]
        while waiting:
            outcomes = {to: submission.send(US, to, MIME) for to in waiting}
            assert {type(outcome) for outcome in outcomes.values()} <= {Sent, Deferred}
            waiting = [to for to, outcome in outcomes.items() if isinstance(outcome, Deferred)]
        assert len(server.complete) == 12


# -- being stopped -------------------------------------------------------------------------------------------------------------------------


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(work())
        except MailbotError as error:
            ended.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, ended


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT"])
def test_abort_ends_a_waiting_sender_at_once_and_for_good(step: str) -> None:
    with talking_to({step: SILENT}, command_timeout=60) as (server, submission):
        thread, ended = in_thread(lambda: submission.send(US, "jan@x.example", MIME))
        server.wait_until(lambda s: s.sessions if step == "greeting" else [line for line in s.said if line.upper().startswith(step)])
        assert submission.abort() is True
        thread.join(5)
        assert isinstance(ended[0], Transient)
        assert server.complete == []
        with pytest.raises(Transient, match="stopped"):
            submission.send(US, "jan@x.example", MIME)


def test_abort_spares_a_mail_in_flight_and_lets_no_other_begin() -> None:
    with talking_to({".": hold("250 2.0.0 Ok")}, data_timeout=60) as (server, submission):
        thread, ended = in_thread(lambda: submission.send(US, "jan@x.example", MIME))
        server.wait_until(lambda s: s.complete)
        assert submission.in_data
        assert submission.abort() is False
        server.release()
        thread.join(5)
        assert ended == [Sent("250 2.0.0 Ok")]
        assert not submission.in_data
        with pytest.raises(Transient, match="stopped"):
            submission.send(US, "ewa@x.example", MIME)
        assert len(server.complete) == 1


def test_abort_in_spite_of_a_mail_in_flight_leaves_it_in_doubt() -> None:
    with talking_to({".": SILENT}, data_timeout=60) as (server, submission):
        thread, ended = in_thread(lambda: submission.send(US, "jan@x.example", MIME))
        server.wait_until(lambda s: s.complete)
        assert submission.abort(even_in_data=True) is True
        thread.join(5)
        assert isinstance(ended[0], Ambiguous)
        assert "our own stop" in ended[0].text


def full_listener() -> tuple[socket.socket, list[socket.socket]]:
    """A port whose queue is full: Linux drops further SYNs, so a connection attempt hangs as behind a dead firewall."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    return listener, waiting


def test_a_connection_that_never_comes_about_meets_its_deadline_and_can_be_aborted() -> None:
    listener, waiting = full_listener()
    try:
        port = listener.getsockname()[1]
        with pytest.raises(Transient, match=rf"127\.0\.0\.1: no answer within {SHORT:g} s"):
            check(account(port, connect_timeout=SHORT))
        submission = Submission(account(port, connect_timeout=60))
        thread, ended = in_thread(submission.open)
        until = time.monotonic() + 5
        while thread.is_alive() and time.monotonic() < until:
            submission.abort()
            thread.join(0.05)
        assert isinstance(ended[0], Transient)
    finally:
        for sock in (listener, *waiting):
            sock.close()


# -- the words for doctor ------------------------------------------------------------------------------------------------------------------


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Transient, match=r"connection refused\): wrong port, or the server is down"):
            check(account(free.getsockname()[1]))


def test_no_such_name() -> None:
    with pytest.raises(Transient, match=r"The name mail\.invalid cannot be resolved"):
        check(account(25, host="mail.invalid", security="tls"))


def test_no_host_name_at_all() -> None:
    with pytest.raises(Permanent, match="is not a host name"):
        check(account(25, host="x" * 70 + ".example", security="tls"))


def test_another_protocol() -> None:
    with ScriptedSmtp({"greeting": "* OK IMAP4rev1 ready"}) as server, pytest.raises(Permanent, match=r"is not an SMTP server.*wrong port"):
        check(account(server.port))


def test_a_login_that_the_server_cannot_judge_now_is_tried_later() -> None:
    with ScriptedSmtp({"AUTH": "454 4.7.0 Temporary authentication failure"}) as server, pytest.raises(Transient, match=r"454") as caught:
        check(account(server.port, username="serwis", password=Secret("x")))
    assert not isinstance(caught.value, LoginRefused)


def test_login_with_the_old_mechanism_and_one_try() -> None:
    script: Script = {"AUTH": "334 VXNlcm5hbWU6", "word": lambda _, before: "334 UGFzc3dvcmQ6" if before == 0 else "535 5.7.8 no"}
    with ScriptedSmtp(script, features=["AUTH LOGIN CRAM-MD5"]) as server:
        with pytest.raises(LoginRefused, match=r"535 5\.7\.8"):
            check(account(server.port, username="serwis", password=Secret("hasło")))
        assert server.said[1:] == ["AUTH LOGIN", "c2Vyd2lz", "aGFzxYJv", "QUIT"]


def test_no_login_that_we_speak() -> None:
    with ScriptedSmtp(features=["AUTH GSSAPI"]) as server:
        with pytest.raises(Permanent, match=r"offers no login that mailbot speaks \(PLAIN, LOGIN\), only: GSSAPI"):
            check(account(server.port, username="serwis", password=Secret("x")))
        assert not [line for line in server.said if line.startswith("AUTH")]


@pytest.mark.parametrize(
    "reply", ["550 5.7.30 Basic authentication is not supported", "530 5.7.57 Client not authenticated", "535 5.7.139 no"]
)
def test_a_login_no_longer_taken_stops_the_sender(reply: str) -> None:
    with talking_to({"MAIL": reply}) as (_, submission), pytest.raises(LoginRefused, match="whether the server still takes passwords"):
        submission.send(US, "jan@x.example", MIME)


def test_eight_bit_content_where_the_server_takes_none() -> None:
    with ScriptedSmtp(features=[]) as server, closing(Submission(account(server.port))) as submission:
        outcome = submission.send(US, "jan@x.example", MIME + "zażółć\r\n".encode())
        assert isinstance(outcome, Refused)
        assert (outcome.status, outcome.stage) == ("5.6.3", "before")
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert [line for line in server.said if line.startswith("MAIL")] == [f"MAIL FROM:<{US}>"]


def test_only_offered_parameters_are_used_and_only_when_needed() -> None:
    with ScriptedSmtp(features=["8BITMIME", "SIZE", "SMTPUTF8"]) as server, closing(Submission(account(server.port))) as submission:
        for mail in (MIME, MIME + "zażółć\r\n".encode(), "Subject: zażółć\r\n\r\n.\r\n".encode()):
            assert isinstance(submission.send(US, "jan@x.example", mail), Sent)
        said = [line.partition("SIZE=")[2].partition(" ")[2] for line in server.said if line.startswith("MAIL")]
        assert said == ["", "BODY=8BITMIME", "BODY=8BITMIME SMTPUTF8"]


def test_we_say_who_we_are() -> None:
    with ScriptedSmtp() as server:
        check(account(server.port, helo="mailbot.oxiprint.com"))
        check(account(server.port))
        names = [line.split()[1] for line in server.said if line.lower().startswith("ehlo")]
    assert names[0] == "mailbot.oxiprint.com"
    assert names[1] == "[127.0.0.1]" or "." in names[1]


def test_a_password_that_the_server_echoes_goes_no_further() -> None:
    with ScriptedSmtp({"AUTH": "535 5.7.8 bad password hunter2"}) as server, pytest.raises(LoginRefused, match=r"bad password \*\*\*"):
        check(account(server.port, username="serwis", password=Secret("hunter2")))


@pytest.mark.parametrize("script", [{"greeting": "554 no"}, {"EHLO": CLOSE}, {"MAIL": CLOSE}, {".": CLOSE}, {"RSET": CLOSE}, {}], ids=str)
def test_a_session_that_is_over_leaves_no_thread_behind(script: Script) -> None:
    before = set(threading.enumerate())
    with talking_to(script) as (_, submission):
        for _ in range(3):
            with suppress(MailbotError):
                submission.send(US, "jan@x.example", MIME)
    for thread in set(threading.enumerate()) - before:
        if thread.name == "line-deadline":
            thread.join(5)
            assert not thread.is_alive()
