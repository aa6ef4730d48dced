"""`mailbot doctor`: what is wrong with a house is named in plain words, the rest is found in order."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.dovecot import Dovecot, free_ports
from tests.support.house import House
from tests.support.smtp_sink import Sink
from tests.support.tls import Authority
from tests.system.conftest import HouseBuilder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def dovecot(authority: Authority, stack: ExitStack) -> Dovecot:
    return stack.enter_context(Dovecot(authority=authority, certificate=authority.unknown()))


@pytest.fixture(scope="module")
def sink(stack: ExitStack) -> Sink:
    return stack.enter_context(Sink())


@pytest.fixture
def checked(build_house: HouseBuilder, dovecot: Dovecot, sink: Sink) -> House:
    """A house with nothing wrong, on the module's servers; it does not run."""
    return build_house(dovecot, sink)


def problems(house: House) -> dict[str, str]:
    """What `doctor` finds wrong, by check. Its exit code must agree."""
    done = house.cli("doctor", "--json", check=False)
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    wrong: dict[str, str] = {}
    for finding in findings:
        if not finding["ok"]:
            wrong[finding["check"]] = f"{wrong.get(finding['check'], '')}{finding['words']}\n"
    assert done.returncode == (1 if wrong else 0), done.stderr
    assert done.stderr == ""
    assert not re.search(r"Traceback|Error\(", str(wrong))
    return wrong


def test_a_healthy_house(checked: House) -> None:
    done = checked.cli("doctor")
    for check in ("configuration", "templates", "clock", "language", "signing key", "database", "imap", "sent folder", "smtp"):
        assert f"ok     {check}: " in done.stdout
    assert "wrong" not in done.stdout
    assert not Path(checked.database.removeprefix("sqlite:///")).exists()  # it looks, and makes nothing


def test_a_wrong_password(checked: House) -> None:
    (checked.folder / "password").write_text("falsch\n")
    wrong = problems(checked)
    assert wrong.keys() == {"imap", "sent folder"}
    assert wrong["sent folder"] == "the same fault as at imap\n"
    assert "refused the login of serwis" in wrong["imap"]
    assert '"[AUTHENTICATIONFAILED] Authentication failed.". Check username and password.' in wrong["imap"]
    assert "falsch" not in str(wrong)


def test_a_wrong_port(checked: House) -> None:
    nobody, nobody_else = free_ports(2)
    checked.configure(imap={"port": nobody}, smtp={"port": nobody_else})
    wrong = problems(checked)
    assert wrong.keys() == {"imap", "sent folder", "smtp"}
    assert f"127.0.0.1:{nobody}" in wrong["imap"]
    assert f"127.0.0.1:{nobody_else}" in wrong["smtp"]
    assert all("wrong port, or the server is down" in wrong[server] for server in ("imap", "smtp"))
    assert wrong["sent folder"] == "the same fault as at imap\n"


def test_the_port_of_another_service(checked: House) -> None:
    """Each server's port in the other's place: neither speaks what it is asked for."""
    checked.configure(imap={"port": checked.sink.port}, smtp={"port": checked.dovecot.port})
    wrong = problems(checked)
    assert "does not speak IMAP; wrong port? It said:" in wrong["imap"]
    assert "b'" not in wrong["imap"]
    assert "wrong port" in wrong["smtp"]


def test_a_certificate_that_nobody_vouches_for(checked: House, authority: Authority) -> None:
    with Sink(tls=authority.unknown().server_context()) as sink:
        tls = {"host": "localhost", "security": "tls"}
        checked.configure(imap={**tls, "port": checked.dovecot.tls_port}, smtp={**tls, "port": sink.port})
        wrong = problems(checked)
    assert wrong.keys() == {"imap", "sent folder", "smtp"}
    for words in (wrong["imap"], wrong["smtp"]):
        assert "the certificate's authority is unknown here" in words
        assert "ca_file" in words
        assert "No password was sent" in words


def test_a_missing_folder(checked: House) -> None:
    checked.configure(imap={"folder": "Zgłoszenia", "sent_folder": "Wysłane"})
    wrong = problems(checked)
    assert wrong.keys() == {"imap", "sent folder"}
    assert "Zgłoszenia" in wrong["imap"]
    assert "INBOX, Sent" in wrong["imap"]
    assert "Wysłane" in wrong["sent folder"]


def test_broken_templates(checked: House) -> None:
    own = checked.folder / "templates"
    (own / "pl").mkdir(parents=True)
    (own / "pl" / "question.html").write_text("<subject>Pytanie</subject>\n<p>Czego brakuje?</p>", "utf-8")
    (own / "pl" / "closing.html").write_text("<subject>Koniec</subject>\n<p>{{ letter.nic }}</p>", "utf-8")
    checked.config.write_text(f'templates_dir = "{own}"\n{checked.config.read_text()}')
    wrong = problems(checked)
    assert wrong.keys() == {"templates"}
    assert "pl/question.html: the form line 'Imię i nazwisko:' must stand once" in wrong["templates"]
    assert re.search("pl/closing.html, line 2: .*nic", wrong["templates"])
    (own / "pl" / "closing.html").write_text("<subject>Koniec</subject>\n\n{% if %}", "utf-8")
    assert "pl/closing.html, line 3: " in problems(checked)["templates"]
