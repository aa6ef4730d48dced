"""Delivery reports: by the book (RFC 3464) and by their words, for the many servers that write them without MIME.

What is learnt: whom our mail did not reach, why (RFC 3463), and which of our mails it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from mailbot.model.mail import DeliveryStatus, Mail, Report
from mailbot.rules.bounce_words import CAUSES, COPY_STARTS, DELAYS, SENTENCES, SUBJECTS
from mailbot.rules.folding import fold
from mailbot.rules.senders import is_deliverable, program_behind
from mailbot.rules.subject import strip_prefixes, strip_tags, ticket_marks

_NOTICE_LINES = 80  # a report says what it has to say early
_LINE = 300
_COPY_LINES = 400
_RECIPIENTS = 20


class Meaning(StrEnum):
    """What a report says of the address: what to do about it is decided elsewhere."""

    DEAD = "dead"  # no such mailbox or domain: writing again is useless
    FULL = "full"  # the mailbox takes nothing at the moment
    POLICY = "policy"  # refused for what or whence the mail is: staff must look
    DELAYED = "delayed"  # still being tried: nothing has failed yet
    DELIVERED = "delivered"  # a report of success
    UNKNOWN = "unknown"  # it failed, and the reason says nothing of the address


_STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?!\d|\.\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])([45][0-5]\d)(?=[ -])")
_ADDRESS = re.compile(r"[\w.+%'=&/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}")
_ALONE = re.compile(rf"\s*<?({_ADDRESS.pattern})>?\s*(?::|\(|$)")  # `<jan@x.example>:` (qmail, Postfix), `jan@x.example` (Exim)
_FIELD = re.compile(
    r"\s{0,4}(final-recipient|original-recipient|action|status|diagnostic-code):\s*(?:rfc822;|smtp;)?\s*(.{0,300})", re.IGNORECASE
)
_RETURNED = re.compile(r"[\s>|]{0,8}(message-id|subject|to):\s{0,4}(.{1,400})", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")
_MAIL_SYSTEM = re.compile(r"^(?:mailer[-_.]?daemon|microsoftexchange[0-9a-f]{32})$", re.IGNORECASE)
_SYSTEM_NAMES = ("mail delivery s", "mail system", "system pocztowy", "mailer-daemon", "microsoft outlook")


def bounce_words(mail: Mail) -> str | None:
    """The words or the sender by which a mail without a proper report is one all the same, or None.

    A mail system's own address is enough; from another program (postmaster, null path) the subject or a sentence must say so;
    from anyone, subject and sentence and a recipient. A person who forwards a report, or asks about one, is none.
    """
    if failed := mail.header("x-failed-recipients"):
        return f"X-Failed-Recipients: {failed}"
    sender = mail.from_
    if sender and _MAIL_SYSTEM.match(sender.key.partition("@")[0]):
        return f"From: {sender.email}"
    prefixes = strip_prefixes(mail.subject)
    if prefixes.is_reply or prefixes.is_forward:
        return None
    notice, _ = _split(mail.text)
    subject = strip_tags(mail.subject) if fold(strip_tags(mail.subject)[:_LINE]).startswith(SUBJECTS) else None
    if _from_a_program(mail):
        return subject or _sentence(notice)
    sentence = _sentence(notice) if subject else None
    early = sentence is not None and any(sentence == line.strip() for line in notice[:6])
    return sentence if early and any(_addresses(notice, mail)) else None


def read_bounce(mail: Mail) -> Report:
    """What a mail of kind bounce says: its own fields first (RFC 3464), then its words. Never fails; what is not said stays empty."""
    report = mail.report or Report("delivery-status")
    notice, copy = _split(mail.text)
    deliveries = report.deliveries or tuple(_deliveries(mail, notice, copy))
    delayed = any(_holds(line, DELAYS) for line in (mail.subject[:_LINE], *notice))
    reason = _reason(notice, "4.0.0" if delayed else "")
    deliveries = tuple(_completed(delivery, reason, delayed) for delivery in deliveries)
    ids = [*report.returned_ids, *(attached.message_id or "" for attached in mail.attached), *_returned([*notice, *copy], "message-id")]
    named = [*mail.in_reply_to, *reversed(mail.references), *_MESSAGE_ID.findall((mail.header("x-original-message-id") or "")[:1000])]
    subjects = [report.returned_subject, *(attached.subject for attached in mail.attached), *_returned([*notice, *copy], "subject")]
    return Report(
        type="delivery-status" if report.type == "other" else report.type,
        deliveries=deliveries,
        returned_ids=tuple(dict.fromkeys(found for found in (*ids, *named) if found)),
        returned_subject=next((subject for subject in subjects if subject), ""),
    )


def returned_marks(mail: Mail, report: Report, prefix: str) -> tuple[str, ...]:
    """The tickets that a report names: in the returned subject, else in its own subject, else anywhere in its text."""
    places = (report.returned_subject, mail.subject, "\n".join(mail.text.split("\n", _COPY_LINES)[:_COPY_LINES]))
    return next((marks for place in places if (marks := ticket_marks(place, prefix))), ())


def bounce_meaning(status: str, action: str) -> Meaning:
    """What a recipient's status (RFC 3463) and action (RFC 3464 2.3.3) say of the address; the action beats the class.

    A failed delivery with a 4.x code ran out of patience: it failed, but nothing is known against the address.
    """
    action = action.strip().lower()
    if action in ("delivered", "relayed", "expanded"):
        return Meaning.DELIVERED
    kind, _, detail = status.strip().partition(".")
    if action == "delayed" or (kind == "4" and action != "failed"):
        return Meaning.DELAYED
    if kind == "2":
        return Meaning.DELIVERED
    if detail in ("2.2", "3.1"):  # mailbox full, mail system full
        return Meaning.FULL
    if detail.startswith("7.") or detail in ("1.7", "1.8", "2.3", "3.4"):  # policy; our own address refused; too large
        return Meaning.POLICY
    if kind == "5" and (detail.startswith("1.") or detail in ("2.0", "2.1", "4.4")):  # addressing; disabled; no such host
        return Meaning.DEAD
    return Meaning.UNKNOWN


def _sentence(notice: list[str]) -> str | None:
    """The first line that holds a mail system's sentence."""
    return next((line.strip() for line in notice if _holds(line, SENTENCES)), None)


def _holds(line: str, phrases: Iterable[str]) -> bool:
    folded = fold(line)
    return any(phrase in folded for phrase in phrases)


def _from_a_program(mail: Mail) -> bool:
    if mail.from_ is None or mail.return_path == "":
        return True
    return program_behind(mail.from_.email) is not None or fold(mail.from_.name[:_LINE]).startswith(_SYSTEM_NAMES)


def _split(text: str) -> tuple[list[str], list[str]]:
    """The report's own lines, and the lines of the copy of our mail below them; both bounded."""
    lines = [line[:_LINE] for line in text.split("\n", _NOTICE_LINES + _COPY_LINES)[: _NOTICE_LINES + _COPY_LINES]]
    start = next((at for at, line in enumerate(lines) if fold(line.strip()).startswith(COPY_STARTS)), len(lines))
    return lines[: min(start, _NOTICE_LINES)], lines[start:]


def _deliveries(mail: Mail, notice: list[str], copy: list[str]) -> Iterator[DeliveryStatus]:
    """The recipients of a report without proper fields: its header, field lines in its text, lines of one address, any address."""
    fields = [(field[1].lower(), field[2].strip()) for line in notice if (field := _FIELD.match(line))]
    by_name = dict(reversed(fields))
    header = _ADDRESS.findall((mail.header("x-failed-recipients") or "")[:2000])
    labelled = [address for name, value in fields if name == "final-recipient" for address in _ADDRESS.findall(value)]
    addressed = [address for value in _returned(copy, "to") for address in _ADDRESS.findall(value)]
    for candidates in (header, labelled, list(_addresses(notice, mail)), addressed):
        usable = [address for address in dict.fromkeys(candidates) if is_deliverable(address)][:_RECIPIENTS]
        for address in usable:
            yield DeliveryStatus(address, by_name.get("action", "").lower(), by_name.get("status", ""), by_name.get("diagnostic-code", ""))
        if usable:
            return


def _addresses(notice: list[str], mail: Mail) -> Iterator[str]:
    """Addresses in the report's own words that are neither ours nor the mail system's; those alone on a line if there are any."""
    others = {address.key for address in (*mail.to, *mail.cc, *([mail.from_] if mail.from_ else []))}
    alone = [found[1] for line in notice if (found := _ALONE.match(line))]
    anywhere = (address for line in notice for address in _ADDRESS.findall(line))
    for address in alone or anywhere:
        if address.lower() not in others and program_behind(address) is None:
            yield address


def _returned(copy: list[str], name: str) -> Iterator[str]:
    """Values of a header line in the copy of our mail; Message-IDs without what stands around them."""
    for line in copy:
        if (found := _RETURNED.match(line)) and found[1].lower() == name:
            yield from _MESSAGE_ID.findall(found[2]) if name == "message-id" else [found[2].strip()]


def _reason(notice: list[str], otherwise: str) -> tuple[str, str]:
    """The status that the report's words give, with the line that says so."""
    for line in notice:
        if code := _STATUS.search(line):
            return code[1], line.strip()
    folded = [(fold(line), line) for line in notice]
    for cause in CAUSES:
        for key, line in folded:
            if cause.words in key:
                return cause.status, line.strip()
    for line in notice:
        if reply := _REPLY_CODE.search(line):
            return f"{reply[1][0]}.0.0", line.strip()
    return otherwise, ""


def _completed(delivery: DeliveryStatus, reason: tuple[str, str], delayed: bool) -> DeliveryStatus:
    """A recipient with what its own block left out filled in from the words around it; a class without detail counts as left out."""
    codes = [found[1] for field in (delivery.status, delivery.diagnostic) if (found := _STATUS.search(field))]
    candidates = [*(code for code in codes if not code.endswith(".0.0")), reason[0], *codes]
    return replace(
        delivery,
        action=delivery.action or ("delayed" if delayed else "failed"),
        status=next((code for code in candidates if code), ""),
        diagnostic=delivery.diagnostic or reason[1],
    )
