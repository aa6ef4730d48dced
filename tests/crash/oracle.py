"""The judge of every crash test. It believes nothing that mailbot says of itself without a second witness.

Its witnesses: the list of what was injected (on disk before it was delivered), the SMTP sink's log of complete DATA (on disk before
the 250), the mailbox as another client sees it, and the database, read with the plain driver. Laws I1 to I8: docs/reliability.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.support.house import House
from tests.support.smtp_sink import Delivery

CONSEQUENCES = {"opened", "attached", "ignored"}
FINAL = {"sent", "failed", "suppressed", "superseded"}


@dataclass(frozen=True, slots=True)
class Injected:
    """One mail that was put into the mailbox. `about`: the injected mail that it answers or repeats."""

    id: int
    kind: str  # request | answer | machine | duplicate | any
    sha256: str
    sender: str
    about: int | None = None


class Ledger:
    """What was injected: append-only, each line on disk before its mail is delivered."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.entries: list[Injected] = []

    def add(self, kind: str, raw: bytes, sender: str, about: int | None = None) -> Injected:
        """Note a mail that is about to be delivered."""
        entry = Injected(len(self.entries) + 1, kind, hashlib.sha256(raw).hexdigest(), sender, about)
        with self._file.open("a", encoding="ascii") as file:
            file.write(json.dumps(asdict(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries.append(entry)
        return entry


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal, with the bytes that it keeps."""

    id: int
    uid: int
    state: str
    consequence: str | None
    reason: str
    ticket: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox."""

    id: int
    key: str
    state: str
    ambiguous: int
    message_id: str
    mime: bytes
    audience: str
    kind: str
    recipient: str
    journal: int | None


class Oracle:
    """Checks the laws on one house. Every method returns the violations it finds, each as a sentence that begins with its law."""

    def __init__(self, house: House, ledger: Ledger) -> None:
        self._house, self._ledger = house, ledger
        self._checked_raw: set[int] = set()

    def deliveries(self) -> Sequence[Delivery]:
        """Every complete DATA that the sink accepted."""
        return self._house.sink.accepted

    def at_any_time(self) -> list[str]:
        """What must hold at every instant, also right after a kill: I3, I4's upper bound, I5, I7."""
        return [*self.marks(), *self._copies(self._letters(), drained=False), *self._silence(), *self.integrity()]

    def drained(self) -> list[str]:
        """All laws, when mailbot says that nothing is left to do."""
        rows, letters = self._rows(), self._letters()
        return [
            *self._stored_once(rows),
            *self._one_consequence(rows),
            *self._as_expected(rows, letters),
            *self.marks(),
            *self._copies(letters, drained=True),
            *self._silence(),
            *self._reminders(letters),
            *self.integrity(),
            *self._legal_states(),
        ]

    def is_quiet(self) -> bool:
        """Whether every injected mail is stored and has its end, and every letter too."""
        stored = self._house.count("journal WHERE role = 'inbox'") >= len(self._ledger.entries)
        busy = self._house.count("journal WHERE state = 'new'") + self._house.count(
            "outbox WHERE state IN ('queued', 'sending', 'unknown') OR NOT settled"
        )
        return stored and not busy

    # ---- the laws ----

    def _stored_once(self, rows: Sequence[Row]) -> Iterator[str]:
        injected = Counter(entry.sha256 for entry in self._ledger.entries)
        stored = Counter(row.digest for row in rows)
        for digest, count in (injected - stored).items():
            yield f"I1: a mail was lost: {count} of {digest[:12]} ({self._kinds(digest)}) not in the journal"
        for digest, count in (stored - injected).items():
            yield f"I1: stored {count} times too often: {digest[:12]} ({self._kinds(digest)})"
        for raw_id, digest, size, data in self._house.query(
            f"SELECT id, digest, size, data FROM raw WHERE id > {max(self._checked_raw, default=0)}"
        ):
            raw = zlib.decompress(data)
            if hashlib.sha256(raw).hexdigest() != digest or len(raw) != size:
                yield f"I1: raw {raw_id} is not the bytes that it was"
            self._checked_raw.add(raw_id)

    def _one_consequence(self, rows: Sequence[Row]) -> Iterator[str]:
        opened = dict(self._house.query("SELECT journal_id, id FROM ticket_number WHERE id IN (SELECT id FROM ticket)"))
        messages = Counter(journal for (journal,) in self._house.query("SELECT journal_id FROM message WHERE journal_id IS NOT NULL"))
        for row in rows:
            if row.state != "done" or row.consequence not in CONSEQUENCES:
                yield f"I2: mail {row.id} ended as {row.state}/{row.consequence} {row.reason}"
            elif row.consequence == "ignored" and not row.reason:
                yield f"I2: mail {row.id} was ignored without a reason"
            if (row.consequence == "opened") != (row.id in opened):
                yield f"I2: mail {row.id} is {row.consequence}, and it {'opened' if row.id in opened else 'did not open'} a ticket"
            if messages[row.id] != (row.consequence in ("opened", "attached")):
                yield f"I2: mail {row.id} is {row.consequence}, and stands {messages[row.id]} times on tickets"

    def _as_expected(self, rows: Sequence[Row], letters: Sequence[Letter]) -> Iterator[str]:
        """I2 again: the consequence is the one that the mail's kind calls for."""
        by_digest: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_digest[row.digest].append(row)
        answered = Counter(letter.journal for letter in letters if letter.audience == "customer")
        by_id = {entry.id: entry for entry in self._ledger.entries}
        for entry in self._ledger.entries:
            found = by_digest.get(entry.sha256, [])
            if not found or entry.kind == "any":
                continue
            first, others = min(found, key=lambda row: row.consequence == "ignored"), len(found) - 1
            if entry.kind == "request" and (first.consequence != "opened" or answered[first.id] != 1):
                yield f"I2: request {entry.id} (mail {first.id}) is {first.consequence}, with {answered[first.id]} letters"
            if entry.kind == "machine" and first.consequence != "ignored":
                yield f"I2: machine mail {entry.id} is {first.consequence}"
            if entry.kind == "duplicate" and (others != 1 or sorted(str(row.consequence) for row in found) != ["ignored", "opened"]):
                yield f"I2: duplicate {entry.id} is {[row.consequence for row in found]}"
            if entry.kind == "answer" and entry.about is not None:
                asked = by_digest.get(by_id[entry.about].sha256, [])
                if first.consequence != "attached" or first.ticket not in {row.ticket for row in asked}:
                    yield f"I2: answer {entry.id} (mail {first.id}) is {first.consequence} on ticket {first.ticket}"

    def marks(self) -> Iterator[str]:
        """I3: no mark without a committed row."""
        with self._house.dovecot.client(self._house.user) as client:
            marked = set(client.search(["KEYWORD", "$Mailbot"]))
            seen = set(client.search(["SEEN"]))
        done = {uid for (uid,) in self._house.query("SELECT uid FROM journal WHERE state = 'done' AND role = 'inbox'")}
        if marked - done:
            yield f"I3: marked on the server without a committed consequence: UIDs {sorted(marked - done)[:10]}"
        if seen:
            yield f"I3: \\Seen was set on UIDs {sorted(seen)[:10]}"

    def _copies(self, letters: Sequence[Letter], *, drained: bool) -> Iterator[str]:
        copies: dict[str, list[bytes]] = defaultdict(list)
        for delivery in self.deliveries():
            copies[delivery.message_id].append(delivery.mail)
        known = {letter.message_id for letter in letters}
        for message_id in copies.keys() - known:
            yield f"I4: {message_id} was sent and is in no row"
        for letter in letters:
            sent = copies.get(letter.message_id, [])
            doubt = letter.ambiguous + (letter.state == "sending")
            if len(sent) > doubt + (letter.state == "sent"):
                yield f"I4: letter {letter.id} ({letter.kind}, {letter.state}) came {len(sent)} times with {letter.ambiguous} unclear ends"
            if any(mail != _on_the_wire(letter.mime) for mail in sent):
                yield f"I4: a copy of letter {letter.id} differs from its row"
            if letter.state == "sent" and not sent:
                yield f"I4: letter {letter.id} ({letter.kind}) is noted as sent and never came"
            if drained and letter.state not in FINAL:
                yield f"I4: letter {letter.id} ({letter.kind}) is left {letter.state}"

    def _silence(self) -> Iterator[str]:
        robots = {entry.sender for entry in self._ledger.entries if entry.kind == "machine"}
        for delivery in self.deliveries():
            for recipient in robots & {address.lower() for address in delivery.recipients}:
                yield f"I5: an automatic mail went to the machine {recipient}"

    def _reminders(self, letters: Sequence[Letter]) -> Iterator[str]:
        told = Counter((letter.key, letter.recipient) for letter in letters if letter.kind in ("sla_reminder", "question_reminder"))
        for (key, recipient), count in told.items():
            if count > 1:
                yield f"I6: reminder {key} was written {count} times to {recipient}"
        history: Counter[tuple[Any, ...]] = Counter(self._house.query("SELECT ticket_id, what, text FROM history WHERE what = 'reminder'"))
        for (ticket, _, stages), count in history.items():
            if count > 1:
                yield f"I6: ticket {ticket} was reminded of {stages} {count} times"

    def integrity(self) -> Iterator[str]:
        """I7: what the database finds wrong with itself."""
        if not self._house.database.startswith("sqlite"):
            return  # its constraints are checked at every commit, its pages by the server
        file = Path(self._house.database.removeprefix("sqlite:///"))
        if not file.exists():
            return
        with closing(sqlite3.connect(file, timeout=30)) as connection:
            wrong = connection.execute("PRAGMA integrity_check").fetchall()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if wrong != [("ok",)] or orphans:
            yield f"I7: {wrong[:3]} {orphans[:3]}"

    def _legal_states(self) -> Iterator[str]:
        """No row outside the tables of docs/reliability.md."""
        for sentence, where in ILLEGAL.items():
            count = self._house.count(where)
            if count:
                yield f"state: {count} {sentence}"

    # ---- witnesses ----

    def _rows(self) -> list[Row]:
        return [
            Row(*row)
            for row in self._house.query(
                "SELECT j.id, j.uid, j.state, j.consequence, coalesce(j.reason, j.error, ''), j.ticket_id, r.digest"
                " FROM journal j JOIN raw r ON r.id = j.raw_id WHERE j.role = 'inbox' ORDER BY j.id"
            )
        ]

    def _letters(self) -> list[Letter]:
        return [
            Letter(*row)
            for row in self._house.query(
                "SELECT id, key, state, ambiguous, message_id, mime, audience, kind, recipient, journal_id FROM outbox ORDER BY id"
            )
        ]

    def _kinds(self, digest: str) -> str:
        return ", ".join(f"{entry.kind} {entry.id}" for entry in self._ledger.entries if entry.sha256 == digest) or "never injected"


ILLEGAL = {
    "done mails without consequence, kind or date": (
        "journal WHERE state = 'done' AND (consequence IS NULL OR kind IS NULL OR done_at IS NULL)"
    ),
    "waiting mails with a consequence": "journal WHERE state = 'new' AND (consequence IS NOT NULL OR ticket_id IS NOT NULL)",
    "held mails without a reason": "journal WHERE state = 'held' AND (error IS NULL OR error = '')",
    "mails that are done and in hand": "journal WHERE state <> 'new' AND lease_holder IS NOT NULL",
    "opened or attached mails without a ticket": (
        "journal WHERE consequence IN ('opened', 'attached') AND (ticket_id IS NULL OR ticket_id NOT IN (SELECT id FROM ticket))"
    ),
    "marked mails that are not done": "journal WHERE marked AND state <> 'done'",
    "letters in an unknown state": (
        "outbox WHERE state NOT IN ('queued', 'sending', 'unknown', 'sent', 'failed', 'suppressed', 'superseded')"
    ),
    "sent letters without an instant": "outbox WHERE state = 'sent' AND sent_at IS NULL",
    "ended letters in hand": "outbox WHERE state IN ('sent', 'failed') AND lease_holder IS NOT NULL",
    "failed or suppressed letters without a reason": "outbox WHERE state IN ('failed', 'suppressed', 'superseded') AND reason = ''",
}
"""What no row may be; the legal states are the tables of docs/reliability.md."""


def _on_the_wire(mime: bytes) -> bytes:
    return b"\r\n".join(mime.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")) + b"\r\n"


def report(violations: Iterable[str], limit: int = 12) -> str:
    """The violations as an assertion's message."""
    found = list(violations)
    return "\n".join(found[:limit]) + (f"\n… and {len(found) - limit} more" if len(found) > limit else "")
