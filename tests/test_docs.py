"""The documents say what the program does: words, commands, keys and links are checked against the code."""

from __future__ import annotations

import importlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from mailbot.cli.app import app
from mailbot.config import load_config
from mailbot.model.mail import MailKind
from mailbot.model.ticket import Status

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def test_every_status_and_kind_is_in_the_glossary() -> None:
    glossary = read("docs/glossary.md")
    assert [status for status in Status if f"| **{status}** |" not in glossary] == []
    kinds = next(line for line in glossary.splitlines() if line.startswith("| **kind** |"))
    assert [kind for kind in MailKind if not re.search(rf"\b{kind}\b", kinds)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_and_named_files_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in target and not target.startswith("mailto:")]
    missing = [target for target in targets if not (document.parent / target).exists()]
    paths = re.findall(r"`((?:tests|docs|mailbot|systemd|templates|bench)/[\w./-]+)`", text)
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def commands(command: object, words: str = "mailbot") -> Iterator[tuple[str, str]]:
    """Every command with the first line of its help."""
    inner: dict[str, object] = getattr(command, "commands", {})
    for name, one in sorted(inner.items()):
        yield from commands(one, f"{words} {name}")
    if not inner:
        yield words, str(getattr(command, "help", "")).splitlines()[0]


def known_commands() -> dict[str, str]:
    for module in ("customers", "daemon", "doctor", "inspect", "mails", "outbox", "tickets"):
        importlib.import_module(f"mailbot.cli.{module}")  # they register their commands
    return dict(commands(typer.main.get_command(app)))


def test_every_command_is_documented_in_its_own_words() -> None:
    """A failure shows the lines that docs/commands.md must hold."""
    lines = {line for line in read("docs/commands.md").splitlines() if line.startswith("| `")}
    assert sorted({f"| `{words}` | {says} |" for words, says in known_commands().items()} ^ lines) == []


def test_every_command_that_the_documents_name_exists() -> None:
    known = set(known_commands())
    first_words = {" ".join(words.split()[:2]) for words in known}
    for document in DOCUMENTS:
        for spoken in re.findall(r"(?:^|[`/])(mailbot [a-z][a-z -]*)", document.read_text("utf-8"), re.M):
            words = spoken.split(" --")[0].split()
            if len(words) > 1 and " ".join(words[:2]) in first_words:
                assert " ".join(words[:2]) in known or " ".join(words[:3]) in known, f"{named(document)}: {spoken}"
            elif f"`{spoken}" in document.read_text("utf-8"):
                pytest.fail(f"{named(document)}: {spoken}")


def test_every_key_that_the_documents_name_exists() -> None:
    settings = load_config(ROOT / "config.example.toml")
    for document in DOCUMENTS:
        for table, key in re.findall(
            r"`(service|database|imap|smtp|staff|sla|conversation|limits|security|log)\.(\w+)", document.read_text("utf-8")
        ):
            fields = type(getattr(settings, "desk" if table == "service" else table)).model_fields
            assert key in fields or (ROOT / "mailbot/model" / f"{table}.{key}").exists(), f"{named(document)}: {table}.{key}"


def test_the_names_of_the_secrets_are_those_of_the_code() -> None:
    code = read("mailbot/config.py")
    for credential in re.findall(r"^\| [\w ]+ \| `([\w-]+)` \|", read("docs/operating.md"), re.M):
        table = credential.removesuffix("-password")
        assert f'"{credential}"' in code or (table in ("imap", "smtp") and 'f"{table}-password"' in code), credential


def test_the_backup_command_works(tmp_path: Path) -> None:
    """The one line that nobody may find out to be wrong on the day it is needed."""
    line = next(line for line in read("docs/operating.md").splitlines() if line.startswith("sudo python3 -c"))
    code = line.split('"')[1].replace("/var/lib/mailbot", str(tmp_path)).replace("/backup/mailbot.db", str(tmp_path / "copy.db"))
    database = sqlite3.connect(tmp_path / "mailbot.db")
    database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    subprocess.run([sys.executable, "-c", code], check=True)
    assert sqlite3.connect(tmp_path / "copy.db").execute("SELECT a FROM t").fetchall() == [(1,)]
    database.close()
