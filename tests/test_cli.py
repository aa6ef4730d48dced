"""The command line as people and programs meet it: shapes of JSON, exit codes, and acts of staff; no mail server is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MAIL = """\
From: Jan Kowalski <jan@as.example>
To: serwis@oxiprint.com
Subject: awaria OXIJET 3200
Message-ID: <1@as.example>
Content-Type: text/plain; charset=utf-8

Dzień dobry, OXIJET 3200 od rana nie drukuje magenty.

Jan Kowalski
Drukarnia AS Sp. z o.o.
"""
INSPECTED = {"file", "message_id", "kind", "kind_reason", "language", "action", "facts", "evidence", "missing", "flags", "reply"}
FACTS = {"first_name", "last_name", "email", "phone", "company", "device", "serial", "description", "impact", "impact_source"}
LISTED = {
    "number", "status", "requester", "facts", "missing", "flags", "impact", "opened_at", "due_at", "started_at", "closed_at",
}  # fmt: skip


def mailbot(*words: str, folder: Path, code: int = 0) -> str:
    """Standard output of a command, run in that folder; its exit code must be `code`."""
    done = subprocess.run([sys.executable, "-m", "mailbot", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and a mail."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "config.toml").write_text(
        f"""
[service]
address = "serwis@oxiprint.com"
state_dir = "{folder}/state"
[database]
url = "sqlite:///{folder}/mailbot.db"
[imap]
host = "localhost"
username = "serwis"
[smtp]
host = "localhost"
[staff]
team = ["technik@oxiprint.com"]
[[staff.people]]
name = "Jan Nowak"
email = "jan@oxiprint.com"
"""
    )
    (folder / "mail.eml").write_text(MAIL, encoding="utf-8")
    return folder


def test_inspect_speaks_json_alone_one_object_a_file(house: Path) -> None:
    rows = [json.loads(line) for line in mailbot("inspect", "--json", "mail.eml", "mail.eml", folder=house).splitlines()]
    assert [set(row) for row in rows] == [INSPECTED, INSPECTED]
    row = rows[0]
    assert set(row["facts"]) == FACTS
    assert (row["file"], row["message_id"], row["kind"], row["action"]) == ("mail.eml", "<1@as.example>", "request", "ask")
    assert row["missing"] == ["impact"]
    assert (row["facts"]["company"], row["facts"]["device"], row["facts"]["impact"]) == ("Drukarnia AS Sp. z o.o.", "OXIJET 3200", None)
    assert set(row["evidence"]["device"]) == {"where", "text"}
    assert "\nWpływ na działalność (krytyczny / wysoki / średni / niski):\n" in row["reply"]


def test_inspect_needs_no_configuration_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text(MAIL, encoding="utf-8")
    mailbot("inspect", "mail.eml", folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mail.eml"]


def test_inspect_reads_the_files_that_it_can(house: Path) -> None:
    assert "absent.eml cannot be read" in mailbot("inspect", "--json", "absent.eml", "mail.eml", folder=house, code=1)


def test_a_bad_configuration_ends_with_78_and_names_every_problem(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[service]\naddres = "x@y.example"\n')
    said = mailbot("run", folder=tmp_path, code=78)
    assert all(key in said for key in ("service.addres", "database.url", "imap.host", "imap.username", "smtp.host", "staff.team"))


def test_a_missing_password_is_a_fault_of_run_alone(house: Path) -> None:
    assert "imap.password_file" in mailbot("run", folder=house, code=78)
    mailbot("status", folder=house)


def test_staff_open_set_start_and_close_a_ticket(house: Path) -> None:
    number = mailbot(
        "ticket",
        "open",
        "name=Ewa Łęcka",
        "company=Studio Łuk",
        "device=oxijet3200",
        "description=nie drukuje",
        "impact=wysoki",
        folder=house,
    ).strip()
    ticket = listed(house, number)
    assert set(ticket) >= LISTED
    assert (ticket["status"], ticket["impact"], ticket["missing"]) == ("open", "high", [])
    assert (ticket["facts"]["device"], ticket["facts"]["first_name"]) == ("OXIJET 3200", "Ewa")
    assert ticket["due_at"]
    mailbot("ticket", "set", number, "device=3200-tka", "serial=OJ-1", folder=house)
    assert listed(house, number)["facts"]["device"] == "OXIJET 3200"
    mailbot("ticket", "assign", number, "Nowak", folder=house)
    mailbot("ticket", "note", number, "oddzwonić", folder=house)
    mailbot("ticket", "impact", number, "krytyczny", folder=house)
    assert listed(house, number)["impact"] == "critical"
    mailbot("ticket", "start", number, folder=house)
    started = listed(house, number)
    assert (started["status"], started["due_at"]) == ("started", None)
    assert started["started_at"]
    mailbot("ticket", "close", number, "naprawione", folder=house)
    assert number not in mailbot("ticket", "list", "--json", folder=house)
    assert listed(house, number, "--all")["closed_at"]
    mailbot("ticket", "reopen", number, folder=house)
    assert listed(house, number, "--status", "open")["started_at"] is None
    shown = json.loads(mailbot("ticket", "show", number, "--json", folder=house))
    assert {"messages", "history"} <= set(shown)
    assert shown["history"][0]["what"] == "opened"
    assert set(shown["messages"][0]) == {"direction", "kind", "subject", "message_id", "at", "text"}
    assert "due:" in mailbot("ticket", "why-due", number, folder=house)


def test_two_tickets_become_one(house: Path) -> None:
    one, other = (mailbot("ticket", "open", f"company={name}", folder=house).strip() for name in ("A", "B"))
    mailbot("ticket", "merge", one, other, folder=house)
    assert listed(house, one, "--all")["merged_into"] == other


def test_what_cannot_be_done_is_said_with_exit_code_1(house: Path) -> None:
    number = mailbot("ticket", "open", "company=C", folder=house).strip()
    for words, says in (
        (("ticket", "open"), "something to go by"),
        (("ticket", "show", "4711"), "4711"),
        (("ticket", "accept", number), number),
        (("ticket", "impact", number, "mittel"), ""),
        (("mail", "show", "4711"), "no mail 4711"),
        (("mail", "replay", "4711"), "not held"),
        (("outbox", "resume"), "not tripped"),
    ):
        assert says in mailbot(*words, folder=house, code=1), words


def test_another_signing_key_is_refused_and_doctor_sees_it(house: Path, tmp_path: Path) -> None:
    mailbot("ticket", "open", "company=D", folder=house)
    key = tmp_path / "key"
    key.write_text("k" * 64)
    key.chmod(0o600)
    config = tmp_path / "config.toml"
    config.write_text((house / "config.toml").read_text() + f'[security]\nsigning_key_file = "{key}"\n')
    assert "former key" in mailbot("ticket", "open", "company=E", "--config", str(config), folder=house, code=78)
    done = subprocess.run(
        [sys.executable, "-m", "mailbot", "doctor", "--json", "--config", str(config)],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    findings = {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert findings["signing key"]["ok"] is False


@pytest.mark.parametrize("words", [("ticket", "list"), ("mail", "list"), ("outbox", "list"), ("status",), ("mail", "held")])
def test_lists_fit_a_narrow_terminal(house: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert max((len(line) for line in mailbot(*words, folder=house).splitlines()), default=0) <= 60


def listed(house: Path, number: str, *words: str) -> dict[str, Any]:
    rows = [json.loads(line) for line in mailbot("ticket", "list", "--json", *words, folder=house).splitlines()]
    return next(row for row in rows if row["number"] == number)
