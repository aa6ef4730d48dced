"""Submission over TLS: a good certificate carries mail; each bad one is named, and no password is shown."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mailbot.errors import MailbotError, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.wire.smtp import Ambiguous, Sent, SmtpAccount, Submission, check
from mailbot.wire.tls import is_loopback
from tests.support.scripted_smtp import CLOSE, SILENT, ScriptedSmtp, raw
from tests.support.smtp_sink import Sink
from tests.support.tls import Authority, Pair

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd sees no TLS that was there from the start

US = "serwis@oxiprint.com"
MIME = b"Subject: awaria\r\n\r\nDzien dobry\r\n"
LOGIN = ("serwis", "hunter2")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def account(port: int, authority: Authority | None, security: str, **changes: Any) -> SmtpAccount:
    known = {"host": "localhost", "port": port, "security": security, "username": LOGIN[0], "password": Secret(LOGIN[1])}
    timeouts = {"connect_timeout": 5.0, "command_timeout": 5.0, "data_timeout": 5.0}
    return SmtpAccount(**{"ca_file": authority and str(authority.ca_file)} | known | timeouts | changes)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_over_tls_with_a_login(authority: Authority, security: str, host: str) -> None:
    with Sink(login=LOGIN, **{security: authority.good.server_context()}) as sink:
        with closing(Submission(account(sink.port, authority, security, host=host))) as submission:
            assert [type(submission.send(US, f"k{n}@x.example", MIME)) for n in range(2)] == [Sent, Sent]
        assert [delivery.mail for delivery in sink.accepted] == [MIME, MIME]
        assert (sink.logins, sink.sessions) == ([LOGIN], 1)


BAD: dict[str, tuple[Callable[[Authority], Pair], str]] = {
    "expired": (Authority.expired, "has expired"),
    "wrong host": (Authority.wrong_host, "is for another name than localhost"),
    "unknown": (Authority.unknown, "authority is unknown here"),
    "self-signed": (Authority.self_signed, "self-signed and not trusted here"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_bad_certificate_is_named_and_no_password_shown(authority: Authority, security: str, bad: str) -> None:
    issue, words = BAD[bad]
    with Sink(login=LOGIN, **{security: issue(authority).server_context()}) as sink:
        with pytest.raises(Permanent, match=words):
            check(account(sink.port, authority, security))
        assert sink.logins == []


def test_a_private_authority_is_not_trusted_by_itself(authority: Authority) -> None:
    with Sink(tls=authority.good.server_context()) as sink, pytest.raises(Permanent, match="ca_file"):
        check(account(sink.port, None, "tls"))


def test_a_missing_ca_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"ca_file .*nowhere\.pem cannot be used"):
        check(account(1, None, "tls", ca_file=str(tmp_path / "nowhere.pem")))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(authority: Authority) -> None:
    context = authority.good.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with ScriptedSmtp(tls=context) as server, pytest.raises(Permanent, match=r"only TLS older than 1\.2"):
        check(account(server.port, authority, "tls"))
    with Sink(tls=context) as sink, pytest.raises(Transient, match=r"hung up during the handshake \(does it speak TLS 1\.2\?\)"):
        check(account(sink.port, authority, "tls"))  # asyncio gives no reason to its peer


def test_tls_on_a_plaintext_port(authority: Authority) -> None:
    with Sink() as sink, pytest.raises(Permanent, match='does not speak TLS from the start: wrong port, or security should be "starttls"'):
        check(account(sink.port, authority, "tls"))


def test_starttls_on_a_tls_port(authority: Authority) -> None:
    with Sink(tls=authority.good.server_context()) as sink, pytest.raises(Transient, match=r'No greeting.* security must be "tls"'):
        check(account(sink.port, authority, "starttls", command_timeout=0.4))


def test_a_stripped_starttls_ends_it_without_a_password(authority: Authority) -> None:
    with ScriptedSmtp() as server:
        with pytest.raises(Permanent, match=r"does not offer STARTTLS.*No password was sent"):
            check(account(server.port, authority, "starttls"))
        assert [line.split()[0].upper() for line in server.said] == ["EHLO", "QUIT"]


@pytest.mark.parametrize(
    ("reply", "error", "words"), [("454 4.7.0 not now", Transient, "454"), ("502 5.5.1 no", Permanent, "502"), (CLOSE, Transient, "broke")]
)
def test_a_refused_starttls(authority: Authority, reply: Any, error: type[MailbotError], words: str) -> None:
    with ScriptedSmtp({"STARTTLS": reply}, features=["AUTH PLAIN"], starttls=authority.good.server_context()) as server:
        with pytest.raises(error, match=words):
            check(account(server.port, authority, "starttls"))
        assert not [line for line in server.said if line.startswith("AUTH")]


def test_what_is_said_in_the_clear_before_tls_does_not_count(authority: Authority) -> None:
    """Somebody on the way adds a reply behind STARTTLS's own (CVE-2011-0411)."""
    injected = "220 2.0.0 Ready\r\n250-evil.example\r\n250 X-EVIL"
    with ScriptedSmtp({"STARTTLS": injected}, features=["AUTH PLAIN"], starttls=authority.good.server_context()) as server:
        capabilities = check(account(server.port, authority, "starttls"))
        assert "AUTH PLAIN" in capabilities
        assert "X-EVIL" not in capabilities


def test_a_silent_handshake_meets_its_deadline(authority: Authority) -> None:
    with ScriptedSmtp({"greeting": SILENT}) as server, pytest.raises(Transient, match=r"did not answer within 0\.4 s"):
        check(account(server.port, authority, "tls", connect_timeout=0.4))


def test_a_handshake_can_be_aborted(authority: Authority) -> None:
    with ScriptedSmtp({"greeting": SILENT}) as server:
        submission = Submission(account(server.port, authority, "tls", connect_timeout=60))
        ended: list[BaseException] = []

        def run() -> None:
            try:
                submission.open()
            except MailbotError as error:
                ended.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        server.wait_until(lambda s: s.sessions)
        submission.abort()
        thread.join(5)
        assert isinstance(ended[0], Transient)


@pytest.mark.parametrize("act", [CLOSE, SILENT, raw("25")], ids=["close", "silent", "cut"])
def test_no_answer_to_the_dot_over_tls_is_in_doubt(authority: Authority, act: Any) -> None:
    with ScriptedSmtp({".": act}, tls=authority.good.server_context()) as server:
        with closing(Submission(account(server.port, authority, "tls", data_timeout=0.4))) as submission:
            assert isinstance(submission.send(US, "jan@x.example", MIME), Ambiguous)
        assert server.complete == [MIME.partition(b"\r\n\r\n")[0] + b"\r\n\r\nDzien dobry\r\n"]


def test_broken_off_in_the_body_over_tls_is_certain(authority: Authority) -> None:
    large = MIME + (b"y" * 70 + b"\r\n") * 200_000
    with ScriptedSmtp({"body": lambda _, before: CLOSE if before == 2 else None}, tls=authority.good.server_context()) as server:
        with closing(Submission(account(server.port, authority, "tls"))) as submission, pytest.raises(Transient, match="broke"):
            submission.send(US, "jan@x.example", large)
        assert server.complete == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("smtp.oxiprint.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
