"""Submission against a real SMTP server (aiosmtpd): what arrives, and what each refusal becomes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import LoginRefused, Permanent
from mailbot.model.secret import Secret
from mailbot.wire.smtp import Deferred, Refused, Sent, SmtpAccount, Submission, check
from tests.support.smtp_sink import Rule, Sink, read_log

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd's, on a login without TLS

US = "serwis@oxiprint.com"
MIME = b"From: serwis@oxiprint.com\r\nTo: jan@drukarnia.example\r\nMessage-ID: <m1@oxiprint.com>\r\nSubject: awaria\r\n\r\nDzien dobry\r\n"


def account(server: Sink, **changes: object) -> SmtpAccount:
    known = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "connect_timeout": 5.0,
        "command_timeout": 5.0,
        "data_timeout": 5.0,
    }
    return SmtpAccount(**known | changes)  # type: ignore[arg-type]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def submission(sink: Sink) -> Iterator[Submission]:
    with closing(Submission(account(sink))) as made:
        yield made


def test_a_mail_arrives_as_given(sink: Sink, submission: Submission) -> None:
    outcome = submission.send(US, "jan@drukarnia.example", MIME)

    assert isinstance(outcome, Sent)
    assert "queued as" in outcome.text
    [delivery] = sink.accepted
    assert (delivery.mail_from, delivery.recipients, delivery.mail) == (US, ("jan@drukarnia.example",), MIME)
    assert delivery.message_id == "<m1@oxiprint.com>"


def test_a_batch_shares_one_connection(sink: Sink, submission: Submission) -> None:
    for number in range(5):
        assert isinstance(submission.send(US, f"k{number}@x.example", MIME), Sent)

    assert [d.recipients for d in sink.accepted] == [(f"k{number}@x.example",) for number in range(5)]
    assert sink.sessions == 1


LINES = st.lists(st.sampled_from([b".", b"..", b".x", b"", b"text", b".\t", b"=2E", "zażółć".encode(), b"QUIT"]), max_size=12)


def test_dots_and_blank_lines_arrive_unchanged(sink: Sink, submission: Submission) -> None:
    @settings(max_examples=100, deadline=None)
    @given(lines=LINES)
    def arrives(lines: list[bytes]) -> None:
        mail = b"Subject: x\r\n\r\n" + b"".join(line + b"\r\n" for line in lines)
        assert isinstance(submission.send(US, "jan@x.example", mail), Sent)
        assert sink.accepted[-1].mail == mail

    arrives()
    assert sink.sessions == 1


def test_foreign_line_ends_cannot_smuggle_a_second_mail(sink: Sink, submission: Submission) -> None:
    """A bare LF or CR around a dot ends a mail for some servers (CVE-2023-51764)."""
    body = b"Subject: x\r\n\r\na\n.\nMAIL FROM:<a@b>\r.\rb\n.\r\nc"

    assert isinstance(submission.send(US, "jan@x.example", body), Sent)

    [delivery] = sink.accepted
    assert delivery.mail == b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<a@b>\r\n.\r\nb\r\n.\r\nc\r\n"


@pytest.mark.parametrize("sender", ["", "<>"])
def test_the_null_sender(sink: Sink, submission: Submission, sender: str) -> None:
    assert isinstance(submission.send(sender, "jan@x.example", MIME), Sent)
    assert sink.accepted[0].mail_from == "<>"


@pytest.mark.parametrize("address", ['"jan kowalski"@x.example', "jan..k@docomo.example", "o'neil+a=b/c@x.example", "jan@[192.0.2.1]"])
def test_unusual_addresses_go_as_they_are(sink: Sink, submission: Submission, address: str) -> None:
    assert isinstance(submission.send(US, address, MIME), Sent)
    assert sink.accepted[0].recipients == (address,)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "<>",
        "jan",
        "jan@",
        "@x.example",
        "a@b.example, c@d.example",
        "Jan <jan@x.example>",
        "jan@x.example>\r\nRCPT TO:<victim@x.example",
        "jan@x.example> SIZE=1",
        "jan kowalski@x.example",
        "jan\x00@x.example",
        "jan@x..example\udc80",
        "\udc80jan@x.example",
        '"jan\r\n"@x.example',
        "jan@" + "x" * 300,
        "ja\u202en@x.example",
    ],
)
def test_what_is_no_address_is_refused_without_a_word_to_the_server(sink: Sink, submission: Submission, address: str) -> None:
    outcome = submission.send(US, address, MIME)

    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.status, outcome.stage) == (0, "5.1.3", "before")
    assert "is not a mail address" in outcome.text
    assert sink.sessions == 0
    assert outcome.text.isprintable()


def test_an_international_domain_needs_no_extension() -> None:
    with Sink(smtputf8=False) as server, closing(Submission(account(server))) as submission:
        assert isinstance(submission.send(US, "jan@żółw.example", MIME), Sent)
        assert server.accepted[0].recipients == ("jan@xn--w-uga1v8h.example",)


def test_an_international_local_part_goes_where_the_server_takes_it(sink: Sink, submission: Submission) -> None:
    assert isinstance(submission.send(US, "łukasz@x.example", MIME), Sent)
    assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
    assert [d.recipients for d in sink.accepted] == [("łukasz@x.example",), ("jan@x.example",)]


def test_an_international_local_part_is_refused_where_not_and_the_next_mail_goes() -> None:
    with Sink(smtputf8=False) as server, closing(Submission(account(server))) as submission:
        outcome = submission.send(US, "łukasz@x.example", MIME)
        assert isinstance(outcome, Refused)
        assert (outcome.status, outcome.stage) == ("5.6.7", "before")
        assert "SMTPUTF8" in outcome.text
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)


def test_recipients_of_one_batch_are_told_apart(sink: Sink, submission: Submission) -> None:
    sink.rules += [
        Rule("RCPT", "451 4.7.1 Greylisted,\tcome back", match="grey@"),
        Rule("RCPT", "550 5.1.1 No such user", match="gone@"),
    ]

    outcomes = [submission.send(US, f"{who}@x.example", MIME) for who in ("grey", "jan", "gone", "ewa")]

    assert outcomes[0] == Deferred(451, "4.7.1", "4.7.1 Greylisted, come back", "RCPT")
    assert outcomes[2] == Refused(550, "5.1.1", "5.1.1 No such user", "RCPT")
    assert [isinstance(outcome, Sent) for outcome in outcomes] == [False, True, False, True]
    assert [d.recipients[0] for d in sink.accepted] == ["jan@x.example", "ewa@x.example"]
    assert sink.sessions == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "code", "status"),
    [
        ("450 4.2.1 mailbox busy", 450, "4.2.1"),
        ("452 too many", 452, None),
        ("432 4.3.2 over the rate", 432, "4.3.2"),
        ("451 5.1.1 odd", 451, None),
    ],
)
def test_4xx_at_any_stage_is_deferred_and_then_sent(
    sink: Sink, submission: Submission, stage: str, reply: str, code: int, status: str
) -> None:
    sink.rules.append(Rule(stage, reply, times=3))

    outcomes = [submission.send(US, "jan@x.example", MIME) for _ in range(4)]

    said = "answer" if stage == "DATA" else stage  # aiosmtpd asks its DATA hook after the final dot
    assert outcomes[:3] == [Deferred(code, status, reply[4:], said)] * 3
    assert isinstance(outcomes[3], Sent)
    assert [d.mail for d in sink.accepted] == [MIME]


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("code", "status", "words"),
    [(552, "5.3.4", "too large"), (554, "5.7.1", "no spam"), (550, "5.7.60", "not permitted to send as this sender"), (550, None, "no")],
)
def test_5xx_at_any_stage_is_refused(sink: Sink, submission: Submission, stage: str, code: int, status: str | None, words: str) -> None:
    text = f"{status} {words}" if status else words
    sink.rules.append(Rule(stage, f"{code} {text}"))

    outcome = submission.send(US, "jan@x.example", MIME)

    assert outcome == Refused(code, status, text, "answer" if stage == "DATA" else stage)  # type: ignore[arg-type]
    assert sink.accepted == []


def test_greylisting_ends_when_its_time_has_come(sink: Sink, submission: Submission) -> None:
    came: list[float] = []

    def until_a_third_try(moment: float) -> str | None:
        came.append(moment)
        return "451 4.7.1 Greylisted" if len(came) < 3 else None

    sink.rules.append(Rule("RCPT", until_a_third_try))

    outcomes = [submission.send(US, "jan@x.example", MIME) for _ in range(3)]

    assert [type(outcome) for outcome in outcomes] == [Deferred, Deferred, Sent]


def test_a_mail_over_the_announced_size_is_refused_before_it_is_sent() -> None:
    with Sink(size_limit=1000) as server, closing(Submission(account(server))) as submission:
        outcome = submission.send(US, "jan@x.example", MIME + b"x" * 2000 + b"\r\n")
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.stage) == (552, "MAIL")
        assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)


def test_a_server_that_hung_up_while_idle_costs_a_new_connection_and_no_mail(sink: Sink, submission: Submission) -> None:
    assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
    sink.hang_up()
    assert isinstance(submission.send(US, "ewa@x.example", MIME), Sent)
    assert sink.sessions == 2
    assert [d.recipients[0] for d in sink.accepted] == ["jan@x.example", "ewa@x.example"]


def test_login(sink: Sink) -> None:
    with Sink(login=("serwis", "zażółć gęślą")) as server:
        known = account(server, username="serwis", password=Secret("zażółć gęślą"))
        with closing(Submission(known)) as submission:
            assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
        assert "AUTH LOGIN PLAIN" in check(known)


def test_a_wrong_password_is_shown_once_and_names_itself() -> None:
    with Sink(login=("serwis", "right")) as server:
        with pytest.raises(LoginRefused, match=r"refuses the login of serwis: \"535 5\.7\.8 .*Check username and password"):
            check(account(server, username="serwis", password=Secret("wrong")))
        assert server.logins == [("serwis", "wrong")]


def test_a_missing_login_stops_the_sender_and_not_the_mail() -> None:
    """530 must not become a refusal of every row in the queue (F55)."""
    with (
        Sink(login=("serwis", "right")) as server,
        closing(Submission(account(server))) as submission,
        pytest.raises(LoginRefused, match="530"),
    ):
        submission.send(US, "jan@x.example", MIME)


def test_no_repr_carries_the_password(sink: Sink) -> None:
    assert "hunter2" not in repr(account(sink, username="serwis", password=Secret("hunter2")))


def test_check_says_what_the_server_offers(sink: Sink) -> None:
    assert {"8BITMIME", "SMTPUTF8", "SIZE 33554432"} <= set(check(account(sink)))
    assert sink.deliveries == []


def test_plaintext_beyond_loopback_is_refused_before_a_connection() -> None:
    with pytest.raises(Permanent, match=r'mail\.example is not this machine: security must be "tls" or "starttls"'):
        check(SmtpAccount("mail.example", 25, "none"))


def test_the_sink_program_keeps_what_it_acknowledged_through_a_kill(tmp_path: Path) -> None:
    log = tmp_path / "sink.jsonl"
    command = [sys.executable, "-m", "tests.support.smtp_sink", "--log", str(log), "--rule", "RCPT", "gone@", "550 5.1.1 No such user"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        with closing(Submission(SmtpAccount("127.0.0.1", port, "none"))) as submission:
            assert isinstance(submission.send(US, "jan@x.example", MIME), Sent)
            assert isinstance(submission.send(US, "gone@x.example", MIME), Refused)
            os.kill(program.pid, signal.SIGKILL)

    [delivery] = read_log(log)
    assert (delivery.mail, delivery.recipients, delivery.accepted) == (MIME, ("jan@x.example",), True)
    with log.open("ab") as file:
        file.write(b'{"at": 17')  # a line that a power cut broke off
    assert read_log(log) == [delivery]
