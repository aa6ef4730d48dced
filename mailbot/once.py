"""`mailbot once`: all there is to do, in one thread, then the end."""

from __future__ import annotations

import logging
from datetime import datetime

from mailbot.config import Settings
from mailbot.connections import open_mailbox, puller_of, sender_of, sent_folder
from mailbot.errors import MailbotError
from mailbot.house import only_instance, open_desk, recover
from mailbot.log import log_line
from mailbot.steps import process, sweep
from mailbot.steps.desk import Desk
from mailbot.steps.reader import Reader
from mailbot.steps.send import Sender, hold_back
from mailbot.wire.imap_session import ImapAccount

log = logging.getLogger("mailbot.once")

EX_TEMPFAIL = 75


def once(settings: Settings, *, dry_run: bool = False) -> int:
    """Do all there is to do, then end. Returns 0, or 75 where a server was away and something is left to do."""
    imap, smtp = settings.accounts()
    trouble = ""
    with only_instance(settings.state_folder), open_desk(settings) as (desk, answer_since):
        recover(desk)
        reader = Reader(desk.service, desk.mark)
        try:
            trouble = _pull_once(settings, desk, imap, answer_since)
            sender = sender_of(settings, desk, smtp)
            while _work_once(desk, reader, sender, dry_run=dry_run):
                pass
            trouble = trouble or sender.trouble
        finally:
            reader.close()
    if trouble:
        log.error(log_line("not all is done", reason=trouble))
    return EX_TEMPFAIL if trouble else 0


def _pull_once(settings: Settings, desk: Desk, account: ImapAccount, answer_since: datetime) -> str:
    try:
        sent = sent_folder(settings, account)
        for folder, role in ((settings.imap.folder, "inbox"), (sent, "sent")):
            if folder:
                puller = puller_of(settings, desk, folder, role, answer_since)
                with open_mailbox(puller, account) as mailbox:
                    puller.one_pass(mailbox)
    except MailbotError as error:
        return str(error)
    return ""


def _work_once(desk: Desk, reader: Reader, sender: Sender, *, dry_run: bool) -> int:
    done = process.one_pass(desk, reader)
    done += hold_back(desk) if dry_run else sender.one_pass()
    return done + sweep.one_pass(desk)
