"""Breaks the product in named ways, one at a time and in a copy, and shows that the tests notice: `make mutants`.

`python -m tests.crash.mutants [NAME …]` prints a table and fails where a mutant survives, or where its place is no longer in the code.
"""
# ruff: noqa: E501  # the places are quoted as they stand in the code

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LETTERS = ("-m", "pytest", "-q", "-x", "tests/crash/test_letters.py", "-k", "sqlite")
RACES = ("-m", "pytest", "-q", "-x", "tests/crash/test_races.py")
JOURNAL = ("-m", "pytest", "-q", "-x", "tests/store/test_journal.py", "-k", "sqlite")
POISON = ("-m", "pytest", "-q", "-x", "tests/crash/test_poison.py", "-k", "abort")


def sweep(point: str) -> tuple[str, ...]:
    """One death at a point, and the oracle."""
    return ("-m", "tests.crash.sweep", "--points", point, "--most", "1")


@dataclass(frozen=True)
class Mutant:
    """`old` becomes `new` in each of the files; `test` is what must fail then."""

    name: str
    changes: tuple[tuple[str, str, str], ...]
    test: tuple[str, ...]


MUTANTS = (
    Mutant(
        "marked before the consequence is committed",
        (
            (
                "mailbot/store/journal.py",
                '            journal.c.state == "done",\n            journal.c.marked.is_(False),',
                "            journal.c.marked.is_(False),",
            ),
        ),
        sweep("claimed"),
    ),
    Mutant(
        "no UNIQUE key on the journal",
        (
            ("mailbot/store/schema.py", '    UniqueConstraint("account", "folder", "uidvalidity", "uid"),\n', ""),
            (
                "mailbot/store/migrations/versions/0001_initial.py",
                '        sa.UniqueConstraint("account", "folder", "uidvalidity", "uid", name=op.f("uq_journal_account_folder_uidvalidity_uid")),\n',
                "",
            ),
        ),
        sweep("journal.committed"),
    ),
    Mutant("BODY[] for BODY.PEEK[]", (("mailbot/wire/imap.py", '["BODY.PEEK[]"]', '["BODY[]"]'),), sweep("fetched")),
    Mutant("no BEGIN IMMEDIATE", (("mailbot/store/engine.py", '"BEGIN IMMEDIATE"', '"BEGIN DEFERRED"'),), RACES),
    Mutant(
        "Auto-Submitted ignored",
        (("mailbot/rules/signs.py", 'all_headers("auto-submitted")', 'all_headers("auto-none")'),),
        sweep("fetched"),
    ),
    Mutant(
        "no recovery of letters at the start",
        (
            (
                "mailbot/store/outbox.py",
                '    gone = (outbox.c.state == "sending",',
                '    return 0\n    gone = (outbox.c.state == "sending",',
            ),
        ),
        LETTERS,
    ),
    Mutant(
        "an unclear end is not counted",
        (("mailbot/store/outbox.py", 'lost = {"ambiguous": outbox.c.ambiguous + 1,', 'lost = {"ambiguous": outbox.c.ambiguous,'),),
        sweep("smtp.answered"),
    ),
    Mutant(
        "a copy gets a new Message-ID",
        (
            (
                "mailbot/steps/send.py",
                "due.recipient, due.mime)",
                'due.recipient, due.mime.replace(b"Message-ID: <", b"Message-ID: <" + b"x" * due.ambiguous))',
            ),
        ),
        LETTERS,
    ),
    Mutant(
        "a known end is forgotten when the database is away",
        (("mailbot/steps/send.py", "        if self.in_doubt:\n            self._catch_up()\n", ""),),
        LETTERS,
    ),
    Mutant(
        "a consequence is not guarded",
        (("mailbot/store/apply.py", 'journal.c.id == effect.journal, journal.c.state == "new")', "journal.c.id == effect.journal)"),),
        RACES,
    ),
    Mutant(
        "limits are not checked where the row is written",
        (
            (
                "mailbot/store/apply.py",
                "        tripped, resumed_at = self._breaker()\n        if tripped:",
                '        return ""\n        tripped, resumed_at = self._breaker()\n        if tripped:',
            ),
        ),
        RACES,
    ),
    Mutant(
        "tries are not counted before they are made",
        (
            (
                "mailbot/store/journal.py",
                ".values(attempts=journal.c.attempts + 1).returning",
                ".values(attempts=journal.c.attempts).returning",
            ),
        ),
        JOURNAL,
    ),
)


def run(changes: tuple[tuple[str, str, str], ...], test: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a test passes on a copy with these changes; and the line that says why not."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "*cache*", ".hypothesis"))
        for file, old, new in changes:
            text = (copy / file).read_text("utf-8")
            if text.count(old) != 1:
                raise SystemExit(f"{file} no longer has this once:\n{old}")
            (copy / file).write_text(text.replace(old, new), "utf-8")
        environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, *test], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=900)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("E  ", "FAILED")) or re.search(r" I\d: ", line)]
    if done.returncode and not telling:
        raise SystemExit(f"{' '.join(test)} could not judge:\n" + "\n".join(lines[-20:]))
    return done.returncode == 0, (telling or [""])[-1].strip()[:110]


def main() -> int:
    """The program."""
    wanted = sys.argv[1:]
    mutants = [mutant for mutant in MUTANTS if not wanted or any(word in mutant.name for word in wanted)]
    for test in dict.fromkeys(mutant.test for mutant in mutants):
        passed, why = run((), test)
        if not passed:
            raise SystemExit(f"{' '.join(test)} fails on the product as it stands: {why}")
    survivors = 0
    for mutant in mutants:
        survived, why = run(mutant.changes, mutant.test)
        survivors += survived
        print(f"{'SURVIVED' if survived else 'killed':<9} {mutant.name:<52} {why or ' '.join(mutant.test)}", flush=True)
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
