"""Mailbox -> journal: what is in the folder and not in the journal is fetched and kept. Nothing on the server changes before that."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbot.fault import fault
from mailbot.log import log_line
from mailbot.rules.glance import glance
from mailbot.steps.desk import Desk
from mailbot.store import journal
from mailbot.store.journal import Arrival, WatchedFolder
from mailbot.wire.imap import Head, Mailbox

log = logging.getLogger("mailbot.pull")

RECONCILE_EVERY = timedelta(hours=1)
_WINDOW = 20_000  # UIDs compared with the journal at a time
_PATIENCE = 3  # passes in which a server may fail to give a mail that it lists
_MARK_BATCH = 500


@dataclass(slots=True)
class Puller:
    """Takes one folder of one account into the journal. `role` is "inbox" or "sent"; `keyword`, `move_to`: how done mails are marked."""

    desk: Desk
    account: str
    folder: str
    role: str
    max_size: int
    answer_since: datetime  # older mail is history
    keyword: str = ""
    move_to: str = ""
    refused: dict[int, int] = field(default_factory=dict)

    def one_pass(self, mailbox: Mailbox) -> int:
        """Store what is new; compare the whole folder once an hour and at each new UIDVALIDITY. Returns how many mails were new."""
        now = self.desk.clock.now()
        watched = self._watched(mailbox)
        due = watched.reconciled_at is None or now - watched.reconciled_at >= RECONCILE_EVERY or now < watched.reconciled_at
        low = 1 if due else watched.high_uid + 1
        listed = mailbox.search(low)
        unknown = self._unknown(watched, listed) if due else listed
        again = [uid for uid in self.refused if uid not in unknown]
        stored = self._take(mailbox, watched, sorted({*unknown, *again}), highest=listed[-1] if listed else None)
        if due:
            with self.desk.database.write() as connection:
                journal.reconciled(connection, watched, now)
        self._mark(mailbox, watched)
        return stored

    def _watched(self, mailbox: Mailbox) -> WatchedFolder:
        now = self.desk.clock.now()
        with self.desk.database.write() as connection:
            return journal.watch(connection, self.account, self.folder, mailbox.uidvalidity, answer_since=self.answer_since, now=now)

    def _unknown(self, watched: WatchedFolder, listed: Sequence[int]) -> list[int]:
        """What the folder holds and the journal does not: also mails whose UID is below the cursor (F38b)."""
        unknown: list[int] = []
        for start in range(0, len(listed), _WINDOW):
            window = listed[start : start + _WINDOW]
            with self.desk.database.read() as connection:
                known = journal.known_uids(connection, watched, window[0], window[-1])
            unknown += [uid for uid in window if uid not in known]
        return unknown

    def _take(self, mailbox: Mailbox, watched: WatchedFolder, uids: Sequence[int], *, highest: int | None) -> int:
        stored = 0
        heads = mailbox.heads(uids) if uids else []
        small = {head.uid: head for head in heads if head.size <= self.max_size}
        for bodies in mailbox.bodies(small.values()):
            fault("fetched")
            stored += self._store(watched, [self._arrival(small[uid], raw, partial=False) for uid, raw in bodies.items()])
        for head in heads:
            if head.size > self.max_size:
                stored += self._take_head(mailbox, watched, head)
        stored += self._give_up_on(mailbox, watched, heads)
        if highest is not None and highest > watched.high_uid:
            self._store(watched, [], high_uid=highest)
        return stored

    def _take_head(self, mailbox: Mailbox, watched: WatchedFolder, head: Head) -> int:
        raw = mailbox.head_of(head.uid)
        return 0 if raw is None else self._store(watched, [self._arrival(head, raw, partial=True)])

    def _give_up_on(self, mailbox: Mailbox, watched: WatchedFolder, heads: Iterable[Head]) -> int:
        """A mail that the server lists and will not give is asked for again; then what it gives of it is kept, for a person to see."""
        wanted = {head.uid: head for head in heads}
        with self.desk.database.read() as connection:
            known = journal.known_uids(connection, watched, min(wanted), max(wanted)) if wanted else set()
        stored = 0
        for uid, head in wanted.items():
            if uid in known:
                self.refused.pop(uid, None)
                continue
            self.refused[uid] = self.refused.get(uid, 0) + 1
            log.warning(log_line("mail refused by the server", folder=self.folder, uid=uid, tries=self.refused[uid]))
            if self.refused[uid] >= _PATIENCE:
                raw = mailbox.head_of(uid) or b""
                stored += self._store(watched, [self._arrival(head, raw, partial=True)])
                del self.refused[uid]
        for uid in [uid for uid in self.refused if uid not in wanted]:
            del self.refused[uid]  # gone from the folder
        return stored

    def _arrival(self, head: Head, raw: bytes, *, partial: bool) -> Arrival:
        hints = glance(raw)
        arrived = self.desk.clock.from_real(head.arrived) if head.arrived else self.desk.clock.now()
        return Arrival(head.uid, arrived, head.size, raw, partial, hints.sender, hints.message_id)

    def _store(self, watched: WatchedFolder, arrivals: Sequence[Arrival], high_uid: int | None = None) -> int:
        now = self.desk.clock.now()
        new = journal.store(self.desk.database, watched, self.role, arrivals, now=now, high_uid=high_uid)
        for arrival in arrivals:
            if arrival.uid in new:
                log.info(log_line("mail stored", folder=self.folder, uid=arrival.uid, size=arrival.size, partial=arrival.partial or None))
        return len(new)

    def _mark(self, mailbox: Mailbox, watched: WatchedFolder) -> None:
        """Tell the server what is done, if the config wants it; repeatable, and only ever after the commit (law I3)."""
        if not (self.keyword and mailbox.can_mark(self.keyword)) and not (self.move_to and mailbox.can_move()):
            return
        with self.desk.database.read() as connection:
            uids = journal.unmarked(connection, watched, _MARK_BATCH)
        if not uids:
            return
        fault("mark")
        done = mailbox.mark(uids, self.keyword) if self.keyword else mailbox.move(uids, self.move_to)
        gone = set(uids) - set(mailbox.search(uids[0]))
        fault("marked")
        with self.desk.database.write() as connection:
            journal.marked(connection, watched, done | gone)
