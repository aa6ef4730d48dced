"""What talks to the mail servers, built from the configuration: pullers, the Sent folder, the sender."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from mailbot.config import Settings
from mailbot.steps.desk import Desk
from mailbot.steps.pull import Puller
from mailbot.steps.send import Sender
from mailbot.wire.imap import Mailbox
from mailbot.wire.imap_session import ImapAccount, Session
from mailbot.wire.smtp import SmtpAccount, Submission

DONE_KEYWORD = "$Mailbot"


def puller_of(settings: Settings, desk: Desk, folder: str, role: str, answer_since: datetime) -> Puller:
    """The puller of one folder; only the inbox is marked, and only if the config says so."""
    mark = settings.imap.mark if role == "inbox" else "none"
    return Puller(
        desk,
        f"{settings.imap.username}@{settings.imap.host}",
        folder,
        role,
        settings.imap.max_size,
        answer_since,
        keyword=DONE_KEYWORD if mark == "keyword" else "",
        move_to=mark.removeprefix("move:") if mark.startswith("move:") else "",
    )


@contextmanager
def open_mailbox(puller: Puller, account: ImapAccount) -> Iterator[Mailbox]:
    """The puller's folder on the server; read-only unless mails are marked, so that not even a mistake can change a flag."""
    mailbox = Mailbox.connect(account, puller.folder, read_only=not (puller.keyword or puller.move_to))
    try:
        yield mailbox
    finally:
        mailbox.close()


def sent_folder(settings: Settings, account: ImapAccount) -> str | None:
    """The folder where colleagues' sent mail is seen; None: none is watched."""
    if settings.imap.sent_folder != "auto":
        return settings.imap.sent_folder or None
    session = Session(account)
    try:
        return session.find_sent_folder()
    finally:
        session.close()


def sender_of(settings: Settings, desk: Desk, account: SmtpAccount) -> Sender:
    """The sending loop's body."""
    outlet = partial(Submission, account)
    return Sender(desk, outlet, settings.smtp.envelope_from or settings.service.address, settings.smtp.max_per_minute, random.random)
