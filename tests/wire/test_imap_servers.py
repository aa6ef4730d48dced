"""The mailbox on servers that are honest but different: Dovecot trimmed, full, restarted, over TLS; and pymap."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
import time

import pytest
from imapclient import IMAPClient

from mailbot.errors import LoginRefused, Transient
from mailbot.model.secret import Secret
from mailbot.stop import StopSignal
from mailbot.wire.imap import ImapAccount, Mailbox
from tests.support.dovecot import PASSWORD, Dovecot, free_ports
from tests.support.tls import Authority

RAW = b"Subject: awaria\r\n\r\nnie drukuje\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module", autouse=True)
def _dovecot_is_here(installed):
    installed(shutil.which("dovecot"), "Dovecot")


@pytest.fixture(scope="module")
def server(authority):
    with Dovecot(["serwis", "other"], authority=authority, extra="protocol imap {\n  mail_max_userip_connections = 3\n}") as dovecot:
        yield dovecot


def account(server, **changes):
    known = {"username": "serwis", "password": Secret(PASSWORD), "security": "none", "port": server.port, "read_timeout": 5.0}
    return ImapAccount(**{"host": "localhost"} | known | changes)


def whole(mailbox):
    return [raw for batch in mailbox.bodies(mailbox.heads(mailbox.search())) for raw in batch.values()]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_tls_the_wait_hears_what_arrives(server, authority, security):
    port = server.tls_port if security == "tls" else server.port
    mailbox = Mailbox.connect(account(server, security=security, port=port, ca_file=str(authority.ca_file)))
    before = len(mailbox.search())
    threading.Timer(0.2, server.deliver, (RAW,)).start()
    assert mailbox.wait(30, StopSignal()) is True
    assert len(mailbox.search()) == before + 1
    mailbox.close()


def test_a_wrong_password_is_refused(server):
    with pytest.raises(LoginRefused, match="serwis"):
        Mailbox.connect(account(server, password=Secret("wrong")))


def test_a_password_beyond_ascii_is_accepted():
    with Dovecot(password="zażółć gęślą") as server:
        Mailbox.connect(account(server, password=Secret("zażółć gęślą"))).close()


def test_too_many_connections_are_no_refused_password(server):
    held = [server.client("other") for _ in range(3)]
    try:
        with pytest.raises(Transient):
            Mailbox.connect(account(server, username="other"))
    finally:
        for client in held:
            client.logout()


def test_a_server_that_stops_ends_the_wait_and_is_found_again(authority):
    with Dovecot(authority=authority) as server:
        mailbox = Mailbox.connect(account(server))
        threading.Timer(0.2, server.stop).start()
        started = time.monotonic()
        with pytest.raises(Transient):
            mailbox.wait(60, StopSignal())
        assert time.monotonic() - started < 10
        server.stop()
        with pytest.raises(Transient):
            Mailbox.connect(account(server))
        server.deliver(RAW)
        server.start()
        again = Mailbox.connect(account(server))
        assert whole(again) == [RAW]
        again.close()


def test_without_idle_move_and_uidplus_everything_that_matters_works():
    with Dovecot(capability="IMAP4rev1") as server:
        server.deliver(RAW)
        mailbox = Mailbox.connect(account(server), read_only=False)
        assert mailbox.capabilities == {"IMAP4REV1"}
        assert whole(mailbox) == [RAW]
        assert not mailbox.can_move()
        assert mailbox.mark([1], "Mailbot") == {1}
        threading.Timer(0.1, server.deliver, (RAW,)).start()
        assert mailbox.wait(0.4, StopSignal()) is False
        assert mailbox.search(2) == [2]
        mailbox.close()


def test_a_folder_deleted_under_the_wait_is_transient_and_comes_back_with_other_uids(server):
    with server.client(folder=None) as person:
        person.create_folder("Zmienny")
        mailbox = Mailbox.connect(account(server), "Zmienny")
        person.delete_folder("Zmienny")
        person.create_folder("Zmienny")
        person.append("Zmienny", RAW)
    again = Mailbox.connect(account(server), "Zmienny")
    assert again.uidvalidity != mailbox.uidvalidity
    assert whole(again) == [RAW]
    again.close()
    mailbox.close()


# -- a second opinion ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pymap(tmp_path_factory):
    port = free_ports(1)[0]
    script = "import sys; from pymap.main import main; main()"
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-user", "serwis", "--demo-password", PASSWORD]
    with (tmp_path_factory.mktemp("pymap") / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", script, *options], stdout=log, stderr=log)
    deadline = time.monotonic() + 15
    while True:
        try:
            IMAPClient("127.0.0.1", port, ssl=False, timeout=5).shutdown()
            break
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
    yield port
    process.terminate()
    process.wait(10)


def test_pymap_agrees(pymap, caplog):
    caplog.set_level(logging.WARNING)
    person = IMAPClient("127.0.0.1", pymap, ssl=False, timeout=10)
    person.login("serwis", PASSWORD)
    mailbox = Mailbox.connect(ImapAccount("127.0.0.1", "serwis", Secret(PASSWORD), security="none", port=pymap), read_only=False)
    assert mailbox.search() == []
    person.append("INBOX", RAW)
    started = time.monotonic()
    assert mailbox.wait(30, StopSignal()) is True
    assert time.monotonic() - started < 5
    (uid,) = mailbox.search()
    assert mailbox.search(uid + 1) == []
    (head,) = mailbox.heads([uid, uid + 1])
    assert head.arrived is not None
    assert list(mailbox.bodies([head])) == [{uid: RAW}]
    assert mailbox.head_of(uid, limit=3) == RAW[: RAW.index(b"\r\n\r\n") + 7]
    person.select_folder("INBOX")
    assert person.get_flags([uid])[uid] in ((), (rb"\Recent",))
    assert mailbox.move([uid], "Done") == {uid}
    assert mailbox.search() == []
    assert not caplog.records
    mailbox.close()
    person.logout()
