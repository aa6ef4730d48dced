"""No password leaves before the connection is proven safe; what failed is said in plain words."""

from __future__ import annotations

import ssl

import pytest

from mailbot.errors import MailbotError, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.wire.imap import ImapAccount, Mailbox
from mailbot.wire.imap_session import Session
from tests.support.dovecot import free_ports
from tests.support.scripted_imap import ScriptedImap
from tests.support.tls import Authority

STARTTLS = b"IMAP4rev1 STARTTLS AUTH=PLAIN"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def account(authority):
    def account(server, security, **changes):
        known = {"password": Secret("sekret-1"), "security": security, "port": server.port, "ca_file": str(authority.ca_file)}
        return ImapAccount("localhost", "serwis", **known | {"connect_timeout": 2.0, "read_timeout": 2.0} | changes)

    return account


def no_credentials(server):
    return not any(server.said(word) for word in (b"LOGIN", b"AUTHENTICATE", b"sekret", b"c2VrcmV0"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_good_certificate_of_a_trusted_authority_is_accepted(authority, account, security):
    tls = authority.good.server_context()
    with ScriptedImap(tls=tls, implicit_tls=security == "tls", capabilities=STARTTLS) as server:
        mailbox = Mailbox.connect(account(server, security))
        assert mailbox.search() == [1]
        assert len(server.said(b"LOGIN")) == 1
        mailbox.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "expired"),
        ("wrong_host", "another name than localhost"),
        ("unknown", "ca_file"),
        ("self_signed", "not trusted|unknown|ca_file"),
    ],
)
def test_a_bad_certificate_is_refused_before_the_password(authority, account, security, kind, words):
    tls = getattr(authority, kind)().server_context()
    with ScriptedImap(tls=tls, implicit_tls=security == "tls", capabilities=STARTTLS) as server:
        with pytest.raises(Permanent, match=words) as failure:
            Session(account(server, security))
        assert "No password was sent" in str(failure.value)
        assert no_credentials(server)


def test_without_a_ca_file_the_system_does_not_trust_our_authority(authority, account):
    with ScriptedImap(tls=authority.good.server_context(), implicit_tls=True) as server:
        with pytest.raises(Permanent, match="ca_file"):
            Session(account(server, "tls", ca_file=None))
        assert no_credentials(server)


def test_starttls_taken_out_on_the_way_ends_the_attempt(account):
    with ScriptedImap(capabilities=b"IMAP4rev1 AUTH=PLAIN") as server:
        with pytest.raises(Permanent, match=r"STARTTLS.*no password was sent"):
            Session(account(server, "starttls"))
        assert no_credentials(server)


@pytest.mark.parametrize("answer", [b"{tag} NO not now\r\n", b"{tag} BAD what\r\n"])
def test_starttls_refused_ends_the_attempt(account, answer):
    with ScriptedImap({"STARTTLS": [answer]}, capabilities=STARTTLS) as server:
        with pytest.raises(MailbotError):
            Session(account(server, "starttls"))
        assert no_credentials(server)


def test_a_server_that_calls_us_logged_in_before_tls_is_not_believed(account):
    """RFC 3501 7.1.4: after PREAUTH no STARTTLS is possible; a forged one would keep the session in clear text."""
    with ScriptedImap({"GREETING": [b"* PREAUTH welcome\r\n"]}, capabilities=STARTTLS) as server:
        with pytest.raises(MailbotError):
            Mailbox.connect(account(server, "starttls"))
        assert no_credentials(server)
        assert not server.said(b"EXAMINE")


def test_what_was_slipped_in_before_tls_began_is_forgotten(authority, account):
    """Response injection (CVE-2021-33515 and its kin): clear text behind the OK of STARTTLS must not count as said under TLS."""
    injected = b"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED INJECTED\r\n"
    with ScriptedImap({"STARTTLS": [injected]}, tls=authority.good.server_context(), capabilities=STARTTLS) as server:
        session = Session(account(server, "starttls"))
        assert "INJECTED" not in session.capabilities
        session.close()


def test_tls_older_than_1_2_is_refused(authority, account):
    tls = authority.good.server_context()
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with ScriptedImap(tls=tls, implicit_tls=True) as server:
        with pytest.raises(MailbotError, match="TLS"):
            Session(account(server, "tls"))
        assert no_credentials(server)


def test_tls_on_a_plain_port_is_named(account):
    with ScriptedImap() as server, pytest.raises(Permanent, match="does not speak TLS"):
        Session(account(server, "tls"))


def test_starttls_on_a_tls_port_is_transient_and_short(authority, account):
    with ScriptedImap(tls=authority.good.server_context(), implicit_tls=True) as server, pytest.raises(Transient):
        Session(account(server, "starttls", connect_timeout=0.3))


def test_a_port_where_nobody_listens_is_named(account):
    class Nobody:
        port = free_ports(1)[0]

    with pytest.raises(Transient, match="wrong port"):
        Session(account(Nobody, "none"))


def test_a_ca_file_that_is_missing_is_named(authority, account):
    with ScriptedImap(tls=authority.good.server_context(), implicit_tls=True) as server, pytest.raises(Permanent, match=r"nowhere\.pem"):
        Session(account(server, "tls", ca_file="/nowhere.pem"))
