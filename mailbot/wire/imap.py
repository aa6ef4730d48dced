"""One watched folder: what is new in it, the mails themselves, and a wait that ends when more arrives.

Bodies are fetched with BODY.PEEK[] only; \\Seen is neither read nor written; nothing is ever expunged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

from mailbot.errors import Permanent, Transient
from mailbot.stop import StopSignal
from mailbot.wire.imap_session import ImapAccount, Session, is_busy

__all__ = ["Head", "ImapAccount", "Mailbox"]

log = logging.getLogger("mailbot.wire.imap")

RENEW_IDLE_AFTER = 540.0  # seconds; RFC 2177 allows 29 minutes, middleboxes forget a silent connection after ten
PAUSE_AFTER_CHATTER = 0.5  # seconds; a server that talks without news costs two commands a second at most
SEARCH_WINDOW = 50_000  # mails an answer line; imaplib refuses lines over 1,000,000 bytes, a UID takes up to 11
UIDS_PER_COMMAND = 80  # a command line stays under 1,000 octets (RFC 2683 3.2.1.5)
BYTES_PER_COMMAND = 4 << 20  # bodies of one FETCH: what is held in memory at once, unless one mail alone is larger
HEADER_LIMIT = 256 << 10  # of a mail that is too large to be fetched whole


@dataclass(frozen=True, slots=True)
class Head:
    """What the server says of a mail before it is fetched. Sizes are the server's and may be a little off (Exchange estimates)."""

    uid: int
    size: int
    arrived: datetime | None  # INTERNALDATE in UTC; None: the server sent none that can be read


class Mailbox:
    """One connection to one folder, used by one thread; only `cut` may be called from another.

    Every method raises Transient or Permanent as `Session` promises, and is useless after that: connect again.
    UIDs mean something together with `uidvalidity` only (RFC 3501 2.3.1.1).
    """

    def __init__(self, session: Session, folder: str, *, read_only: bool = True) -> None:
        """Opens `folder` on a session, which the mailbox owns from now on. Raises Permanent, naming the folders there are."""
        self._session = session
        self.folder = folder
        with session.command(f"opening {folder}") as client:
            selected, self.read_only = self._select(client, read_only)
            if b"UIDVALIDITY" not in selected:
                raise Permanent(f"{session.account.where} gives no UIDVALIDITY for {folder}; mails cannot be told apart there.")
        self.uidvalidity = int(selected[b"UIDVALIDITY"])
        self.uidnext: int | None = selected.get(b"UIDNEXT")
        flags: tuple[bytes, ...] = selected.get(b"PERMANENTFLAGS", (rb"\*",))
        self.permanent_flags = frozenset(flag.decode("ascii", "replace").lower() for flag in flags)
        self._exists = int(selected[b"EXISTS"])
        self._can_idle = "IDLE" in self.capabilities

    @classmethod
    def connect(cls, account: ImapAccount, folder: str = "INBOX", *, read_only: bool = True) -> Mailbox:
        """Connects, logs in and opens the folder: with EXAMINE when `read_only`, so that not even a mistake can change a flag."""
        return cls(Session(account), folder, read_only=read_only)

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offered after the login, in upper case."""
        return self._session.capabilities

    @property
    def age(self) -> float:
        """Seconds since the login."""
        return self._session.age

    def search(self, low: int = 1) -> list[int]:
        """The UIDs from `low` on that are in the folder now, ascending. Cheap when nothing is new, however large the folder.

        Large folders are read in windows of sequence numbers from the top down: a mail that is expunged meanwhile moves the
        others into a window that is still to come, so none is missed.
        """
        with self._session.command("searching") as client:
            client.noop()  # a search alone may show the folder as it was (RFC 3501 5.2: new mail is told after a command)
            highest = max(client.search(["UID", "*"]), default=0)  # the last mail, however high `low` is (RFC 3501 6.4.8)
            if highest < low:
                return []
            self._take_in(client)  # what was told until here, the search that follows will see
            few = highest - low < SEARCH_WINDOW
            found = client.search(["UID", f"{low}:*"]) if few else self._search_in_windows(client, low)
        return sorted(uid for uid in set(found) if uid >= low)

    def heads(self, uids: Sequence[int]) -> list[Head]:
        """Size and arrival of mails, in the order of `uids`; those that are gone, or that the server refuses to tell, are left out."""
        heads = []
        for batch in _slices(uids):
            answers = self._fetch(batch, ["RFC822.SIZE", "INTERNALDATE"])
            heads += [_head(uid, answers[uid]) for uid in batch if b"RFC822.SIZE" in answers.get(uid, {})]
        return heads

    def bodies(self, heads: Iterable[Head]) -> Iterator[dict[int, bytes]]:
        """Whole mails by UID, byte for byte; one dict per exchange, the natural unit for a commit, fetched when it is asked for.

        (NUL bytes cannot travel in a literal, RFC 3501 4.3: Dovecot shows them as 0x80, and so does every client of it.)

        A UID is left out when the mail is gone, or when the server will not give it (Exchange answers OK without data, or NO, for
        a corrupt item). Which of the two, `search` tells.
        """
        for batch in _batches(heads):
            answers = self._fetch([head.uid for head in batch], ["BODY.PEEK[]"], sum(head.size for head in batch))
            found = {head.uid: answers.get(head.uid, {}).get(b"BODY[]") for head in batch}
            yield {head.uid: raw for head in batch if isinstance(raw := found[head.uid], bytes) and (raw or not head.size)}

    def head_of(self, uid: int, limit: int = 65_536) -> bytes | None:
        """The beginning of a large mail: its header and the first `limit` bytes of its body; None when it is gone.

        A prefix of the mail, byte for byte. A header over `HEADER_LIMIT` is cut there, and no body follows.
        """
        items = [f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>", f"BODY.PEEK[TEXT]<0.{limit}>"]
        answer = self._fetch([uid], items, HEADER_LIMIT + limit).get(uid, {})
        header, text = answer.get(b"BODY[HEADER]<0>"), answer.get(b"BODY[TEXT]<0>")
        if not isinstance(header, bytes):
            return None
        if len(header) >= HEADER_LIMIT or not isinstance(text, bytes):
            return header[:HEADER_LIMIT]
        return header + text[:limit]

    def wait(self, seconds: float, stop: StopSignal) -> bool:
        """Waits until the folder has grown (true), `seconds` are over, or `stop` is set; search after each wait, whatever it returned.

        IDLE (RFC 2177), renewed every nine minutes, else a plain pause. A server that closes, says BYE, stops in the middle of a
        line or is silently gone raises Transient; it never makes this spin. A stop is heeded at once, by dropping the connection.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stop.is_set():
            if self._has_news() or (self._can_idle and self._idle(min(left, RENEW_IDLE_AFTER), stop)):
                return True
            left = max(0.0, until - time.monotonic())
            stop.wait(min(PAUSE_AFTER_CHATTER, left) if self._can_idle else left)
        return False

    def can_mark(self, keyword: str) -> bool:
        """Whether the server would keep this keyword on a mail (PERMANENTFLAGS, RFC 3501 7.1)."""
        return not self.read_only and bool({r"\*", keyword.lower()} & self.permanent_flags)

    def mark(self, uids: Sequence[int], keyword: str) -> set[int]:
        """Sets a keyword; returns the UIDs that carry it according to the server. Repeatable; nothing happens if `can_mark` is false."""
        if keyword.startswith("\\"):
            raise ValueError(f"{keyword} is not ours to set")
        marked: set[int] = set()
        for batch in _slices(uids) if self.can_mark(keyword) else ():
            with self._session.command("marking mails") as client:
                flags = client.add_flags(batch, [keyword])
                flags |= client.get_flags([uid for uid in batch if uid not in flags])
            marked |= {uid for uid in batch if keyword.lower().encode() in [flag.lower() for flag in flags.get(uid, ())]}
        return marked

    def can_move(self) -> bool:
        """Whether mails can be moved safely. Without MOVE (RFC 6851) they cannot: COPY and EXPUNGE double or lose under a crash."""
        return not self.read_only and "MOVE" in self.capabilities

    def move(self, uids: Sequence[int], folder: str) -> set[int]:
        """Moves mails, making the folder if there is none; returns the UIDs that are no longer here, looked up afterwards.

        Repeatable; nothing happens if `can_move` is false.
        """
        gone: set[int] = set()
        for batch in _slices(uids) if self.can_move() else ():
            with self._session.command(f"moving mails to {folder}") as client:
                try:
                    client.move(batch, folder)
                except IMAPClientError as error:
                    if "[TRYCREATE]" not in str(error):
                        raise
                    client.create_folder(folder)
                    client.move(batch, folder)
                gone |= set(batch) - set(client.search(["UID", ",".join(map(str, batch))]))  # OK alone proves nothing
        return gone

    def cut(self) -> None:
        """Ends the connection at once, from any thread; whatever runs on it raises Transient."""
        self._session.cut()

    def close(self) -> None:
        """Ends the connection; never blocks, never raises, any number of times."""
        self._session.close()

    def _select(self, client: IMAPClient, read_only: bool) -> tuple[dict[bytes, Any], bool]:
        try:
            selected = client.select_folder(self.folder, readonly=read_only)
        except IMAPClientReadOnlyError:
            log.warning("folder %s is read-only for us: mails are taken but not marked", self.folder)
            return client.select_folder(self.folder, readonly=True), True
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            names = [name for _, _, name in client.list_folders()]
            if is_busy(str(error)) or self.folder in names:
                raise
            raise Permanent(f'There is no folder "{self.folder}"; there are: {", ".join(sorted(names))}.') from error
        return selected, read_only

    def _search_in_windows(self, client: IMAPClient, low: int) -> set[int]:
        found: set[int] = set()
        last, first = "*", max(1, self._exists - SEARCH_WINDOW + 1)
        while True:
            window = client.search([f"{first}:{last}"])
            found.update(window)
            if first == 1 or (window and min(window) <= low):
                return found
            last, first = str(first - 1), max(1, first - SEARCH_WINDOW)

    def _fetch(self, uids: list[int], items: list[str], size: int = 0) -> dict[int, dict[bytes, Any]]:
        """One FETCH. Where the server refuses a batch, each mail is asked for alone, and those it refuses again are left out."""
        with self._session.command("fetching", size) as client:
            try:
                answers: dict[int, dict[bytes, Any]] = client.fetch(uids, items)
                return answers
            except IMAPClientError as error:
                if isinstance(error, IMAPClientAbortError) or is_busy(str(error)) or "got more than" in str(error):
                    raise  # lost, asked for patience, or out of step
                client._imap.untagged_responses.pop("FETCH", None)
                log.warning("folder %s: the server refuses to give UID %s", self.folder, ",".join(map(str, uids)))
        return {uid: answer for single in uids for uid, answer in self._fetch([single], items, size).items()} if len(uids) > 1 else {}

    def _idle(self, seconds: float, stop: StopSignal) -> bool:
        with self._session.command("starting to wait") as client:
            protocol = client._imap
            tag = protocol.start_idle()
            if tag is None:
                log.warning("the server refuses IDLE: polling instead")
                self._can_idle = False
                return False
            unread = protocol.holds_unread()
            grown = self._take_in(client)  # told before the wait began
        if not (unread or grown):
            stop.wait_with(protocol.sock.fileno(), seconds)
        if stop.is_set():
            self.close()
            return False
        with self._session.command("ending a wait") as client:
            client._imap.end_idle(tag)
            return self._take_in(client) or grown

    def _has_news(self) -> bool:
        """Whether mail came since the last look. Asked before each IDLE: some servers (pymap) tell there only of what comes later."""
        with self._session.command("asking for news") as client:
            client.noop()
            return self._take_in(client)

    def _take_in(self, client: IMAPClient) -> bool:
        """Reads what the server told unasked since the last call; true when that means new mail.

        A server may repeat a count that is known: only a higher one is news, else each wait would end at once.
        """
        told: dict[str, list[bytes]] = client._imap.untagged_responses
        counts, expunged = told.pop("EXISTS", []), len(told.pop("EXPUNGE", []))
        told.pop("FETCH", None)  # flags that people set
        if int(told.get("UIDVALIDITY", [b"%d" % self.uidvalidity])[-1]) != self.uidvalidity:
            raise Transient(f"Folder {self.folder} was rebuilt by the server (other UIDVALIDITY).")
        before = max(0, self._exists - expunged)
        # the order of the two is not kept: the lower count costs at worst one needless search, the higher one might hide a mail
        self._exists = max(0, int(counts[-1]) - expunged) if counts else before
        return bool(counts) and int(counts[-1]) > before


def _head(uid: int, answer: dict[bytes, Any]) -> Head:
    arrived = answer.get(b"INTERNALDATE")
    try:
        arrived = arrived.astimezone(UTC) if arrived and arrived.tzinfo else None
    except OverflowError:  # a year at the end of the calendar
        arrived = None
    return Head(uid, int(answer[b"RFC822.SIZE"]), arrived)


def _slices(uids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), UIDS_PER_COMMAND):
        yield list(uids[start : start + UIDS_PER_COMMAND])


def _batches(heads: Iterable[Head]) -> Iterator[list[Head]]:
    """Groups for one FETCH each: few enough for the command line, small enough for memory, at least one."""
    batch: list[Head] = []
    size = 0
    for head in heads:
        if batch and (len(batch) == UIDS_PER_COMMAND or size + head.size > BYTES_PER_COMMAND):
            yield batch
            batch, size = [], 0
        batch.append(head)
        size += head.size
    if batch:
        yield batch
