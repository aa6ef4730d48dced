"""What a machine reports on a mail of ours: multipart/report (RFC 6522) and its looser relatives."""

from __future__ import annotations

import re

from mailbot.model.mail import DeliveryStatus, Mail, Report
from mailbot.rules.clean import clean_line
from mailbot.rules.mime_header import Head, find_ids, header_text, read_head
from mailbot.rules.mime_tree import Part

_MAX_BYTES = 65_536
_MAX_RECIPIENTS = 100
_KINDS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_TYPES = frozenset(_KINDS.values())
_BLANK_LINES = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")
_ID_IN_TEXT = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]{1,998}>)", re.M | re.I)
_SUBJECT_IN_TEXT = re.compile(r"^[> \t]*Subject:[ \t]*(\S.*)$", re.M | re.I)
_ADDRESS = re.compile(r"[^\s<>;,\"]{1,200}@[^\s<>;,\"]{1,200}")


def read_report(root: Part, text: str, returned: tuple[Mail, ...]) -> Report | None:
    """The report in a tree of parts, or None when the mail is none.

    `returned` are the mails attached to it; `text` is its own text, searched for the returned mail's head
    where a server (Exim) sends plain words and names the recipients in X-Failed-Recipients.
    """
    parts = list(root.leaves())
    status = [part for part in parts if part.type in _KINDS]
    failed = _ADDRESS.findall(header_text(root.head.first("x-failed-recipients")))
    if root.type != "multipart/report" and not status and not failed:
        return None
    named = root.params.get("report-type", "").lower()
    kind = named if named in _TYPES else _KINDS[status[0].type] if status else "other"
    deliveries = [delivery for part in status for delivery in _deliveries(part)][:_MAX_RECIPIENTS]
    known = {delivery.recipient.lower() for delivery in deliveries}
    deliveries += [DeliveryStatus(address, "failed", "") for address in failed[:_MAX_RECIPIENTS] if address.lower() not in known]
    heads = _returned_heads(root, parts)
    ids = [mail.message_id for mail in returned if mail.message_id]
    ids += [found for head in heads for found in find_ids([head.first("message-id")])]
    ids += [found for part in status for block in _blocks(part) for found in find_ids([block.first("original-message-id")])]
    subjects = [mail.subject for mail in returned] + [header_text(head.first("subject")) for head in heads]
    if not ids:
        ids = _ID_IN_TEXT.findall(text)
        subjects += [clean_line(found) for found in _SUBJECT_IN_TEXT.findall(text)]
    subject = next((found for found in subjects if found), "")
    return Report(kind, tuple(deliveries), tuple(dict.fromkeys(ids)), subject)


def _blocks(part: Part) -> list[Head]:
    """The groups of fields of a machine-readable part (RFC 3464 section 2.1)."""
    return [read_head(block, 0, len(block)) for block in _BLANK_LINES.split(part.content(_MAX_BYTES)) if block.strip()]


def _deliveries(part: Part) -> list[DeliveryStatus]:
    found = []
    for block in _blocks(part):
        recipient = _value(block, "final-recipient") or _value(block, "original-recipient") or _value(block, "original-rcpt-to")
        if not recipient:
            continue
        action = _value(block, "action") or _value(block, "feedback-type") or _value(block, "disposition")
        status = _value(block, "status").lower().split(" ")[0]
        found.append(DeliveryStatus(recipient.strip("<>"), action.lower(), status, _value(block, "diagnostic-code")))
    return found


def _value(block: Head, name: str) -> str:
    """The value without its type: `rfc822; jan@firma.pl`, `automatic-action/MDN-sent-automatically; displayed`."""
    value = header_text(block.first(name))
    before, parted, after = value.partition(";")
    return after.strip() if parted and before.strip() and "@" not in before else value.strip()


def _returned_heads(root: Part, parts: list[Part]) -> list[Head]:
    """The headers of the returned mail where it came as text: rfc822-headers, or any text that starts like a head."""
    heads = []
    for part in parts:
        named = part.type.endswith("/rfc822-headers")
        if named or (root.type == "multipart/report" and part is not parts[0] and part.type.startswith("text/")):
            content = part.content(_MAX_BYTES).lstrip()
            heads.append(read_head(content, 0, len(content)))
    return heads
