"""How fast does a backlog become tickets? The journal and the process step, beside a plain ingester that only stores.

usage: python -m bench.road [MAILS]

Both in one run on one SQLite file each, in batches as the daemon takes them; prints rates and their ratio. The plain ingester parses
with the standard library and writes one row a mail: it neither reads nor tickets nor answers.
"""

from __future__ import annotations

import email
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from mailbot.clock import Clock
from mailbot.rules.glance import glance
from mailbot.rules.signing import Signer
from mailbot.steps import process
from mailbot.steps.desk import Desk
from mailbot.steps.reader import Reader
from mailbot.store import journal
from mailbot.store.engine import Database
from mailbot.store.journal import Arrival
from mailbot.store.migrate import upgrade
from mailbot.templating import load_templates
from tests.build import a_service
from tests.corpus.compose import request_mail

_CASES = Path(__file__).parent.parent / "tests/corpus/cases.jsonl"
_BATCH = 50


def mails(count: int) -> list[bytes]:
    """So many different mails of different senders, made of the labelled ones."""
    cases = [json.loads(line) for line in _CASES.read_text("utf-8").splitlines()]
    made = []
    for number in range(count):
        case = cases[number % len(cases)]
        sender = case["from_addr"].encode()
        raw = request_mail(case).replace(b"Message-ID: <", b"Message-ID: <%d." % number, 1)
        made.append(raw.replace(sender, b"u%d.%s" % (number, sender)))
    return made


def plain(raws: list[bytes], folder: Path) -> float:
    """Mails a second of the plain ingester."""
    connection = sqlite3.connect(folder / "plain.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, message_id TEXT UNIQUE, subject TEXT, sender TEXT, raw BLOB)")
    begin = time.perf_counter()
    for at in range(0, len(raws), _BATCH):
        with connection:
            for raw in raws[at : at + _BATCH]:
                parsed = email.message_from_bytes(raw)
                row = (str(parsed["Message-ID"]), str(parsed["Subject"]), str(parsed["From"]), raw)
                connection.execute("INSERT OR IGNORE INTO mail (message_id, subject, sender, raw) VALUES (?, ?, ?, ?)", row)
    return len(raws) / (time.perf_counter() - begin)


def road(raws: list[bytes], folder: Path) -> tuple[float, float]:
    """Mails a second into the journal, and from the journal to their consequences."""
    database = Database(f"sqlite:///{folder}/mailbot.db")
    upgrade(database)
    service = a_service()
    desk = Desk(database, service, load_templates(None), Signer(b"only for a benchmark", "bench"), "bench", "bench", Clock())
    reader = Reader(service, "bench")
    reader.warm_up()
    now = desk.clock.now()
    with database.write() as connection:
        watched = journal.watch(connection, "bench", "INBOX", 1, answer_since=now.replace(year=2000), now=now)
    begin = time.perf_counter()
    for at in range(0, len(raws), _BATCH):
        arrivals = [Arrival(at + n + 1, now, len(raw), raw, False, *glance(raw)) for n, raw in enumerate(raws[at : at + _BATCH])]
        journal.store(database, watched, "inbox", arrivals, now=now)
    stored = time.perf_counter()
    while process.one_pass(desk, reader):
        pass
    done = time.perf_counter()
    reader.close()
    database.close()
    return len(raws) / (stored - begin), len(raws) / (done - stored)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    raws = mails(count)
    with tempfile.TemporaryDirectory() as folder:
        base = plain(raws, Path(folder))
        into, through = road(raws, Path(folder))
    print(f"{count} mails, {sum(map(len, raws)) / 1e6:.1f} MB")
    for name, rate in (("plain ingester", base), ("into the journal", into), ("journal to consequence", through)):
        print(f"{name:24} {rate:8.0f} mails/s   {rate / base:6.3f} of plain")


if __name__ == "__main__":
    main()
