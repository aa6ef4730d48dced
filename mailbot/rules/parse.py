"""Raw bytes to a Mail, whatever the bytes.

The structure is read by our own linear readers (`mime_header`, `mime_tree`, `mime_body`); addresses and dates, where the
grammar is hard and the library is good, by mail-parser. Its way through bodies and attachments is not used: it mixes the
text of attached mails into ours, gives unnamed attachments random names, loses raw 8-bit headers, and needs 1.3 s for 25 MB.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from mailbot.model.mail import Address, Attachment, Mail
from mailbot.rules.charset import decode
from mailbot.rules.clean import clean_body, clean_line
from mailbot.rules.mime_body import Body, read_body, safe_name
from mailbot.rules.mime_header import ENCODED_WORD, Head, decode_words, find_ids, header_text, read_head
from mailbot.rules.mime_report import read_report
from mailbot.rules.mime_tree import Budget, Part, read_tree

MAX_ADDRESSES = 500
MAX_ATTACHED_DEPTH = 5
_MAX_ADDRESS_BYTES = 65_536
_HASHED_AT_ONCE = 1 << 20

_KNOWN_HEADERS = frozenset(
    (
        "from", "to", "cc", "subject", "date", "received", "message-id", "mime-version", "return-path", "sender", "reply-to",
        "content-type", "delivered-to", "in-reply-to", "references", "content-transfer-encoding", "x-mailer", "dkim-signature",
    )
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,200}@[^\s<>()\[\],;:\\\"@]{1,200}")
_HIDDEN_WORD = re.compile("\ue000([0-9]{1,6})\ue001")
_ONE_ANGLE = re.compile(r"([^<>@]*)<([^<>]*)>[^<>@]*")
# What hostile input has been seen to raise in the libraries that read addresses and dates.
_REFUSALS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def parse(raw: bytes, *, partial: bool = False) -> Mail:
    """The mail in `raw`. Never raises, whatever the bytes; the same bytes always give an equal Mail.

    What cannot be read is said in `damaged`, and the other fields hold what could. `partial` tells that `raw` is only the
    head of a larger mail. Bounds: 1,000 header fields or 256 kB of them, 500 addresses a field, 200 message ids, 200 parts
    20 levels deep, attached mails 5 levels deep, 1 MB of text. Attachments are measured, not decoded.
    """
    try:
        return _read(raw, 0, len(raw), Budget(), partial=partial)
    except _REFUSALS as error:  # a fault of ours, not of the mail: keep what the crudest reading gives, and say so
        return _salvage(raw, type(error).__name__, partial=partial)


def _read(raw: bytes, start: int, end: int, budget: Budget, *, partial: bool = False, depth: int = 0) -> Mail:
    digest = hashlib.sha256(memoryview(raw)[start:end]).hexdigest()
    size = end - start
    raw, start, end = _with_line_ends(raw, start, end)
    head = _mail_head(raw, start, end)
    root = read_tree(raw, head, end, budget)
    charset = next((part.charset for part in root.leaves() if part.charset), None)
    text, body = read_body(root, budget)
    attached, refused = _attached(body, budget, depth)
    sender, sender_count = _from(head, charset)
    message_id = next(iter(find_ids(head.all("message-id")[:1])), None)
    subject = header_text(head.first("subject"), charset)
    troubles = [*filter(None, [head.trouble, "empty mail" if not size else ""]), *([] if depth else budget.troubles)]
    return Mail(
        digest=digest,
        content_key=_content_key(message_id, sender, subject, head.first("date"), text, body, attached),
        message_id=message_id,
        in_reply_to=find_ids(head.all("in-reply-to")),
        references=find_ids(head.all("references")),
        from_=sender,
        from_count=sender_count,
        sender=next(iter(_addresses(head, "sender", charset)), None),
        reply_to=_addresses(head, "reply-to", charset),
        to=_addresses(head, "to", charset),
        cc=_addresses(head, "cc", charset),
        return_path=_return_path(head),
        subject=subject,
        date=_date(head.first("date")),
        headers=tuple((name, header_text(value, charset)) for name, value in head.fields),
        text=text,
        html=body.html,
        attachments=tuple(body.attachments) + refused,
        attached=attached,
        report=read_report(root, text, attached),
        content_type=root.type,
        flowed=body.flowed,
        size=size,
        damaged="; ".join(dict.fromkeys(troubles)) or None,
        partial=partial,
    )


def _with_line_ends(raw: bytes, start: int, end: int) -> tuple[bytes, int, int]:
    """A mail whose lines end in a bare CR, with LF instead; any other as it is."""
    if raw.find(b"\n", start, end) >= 0 or raw.find(b"\r", start, end) < 0:
        return raw, start, end
    return raw[start:end].replace(b"\r", b"\n"), 0, end - start


def _mail_head(raw: bytes, start: int, end: int) -> Head:
    """The head of a mail; one that holds no known field is no head but text."""
    first = start + 3 if raw.startswith(b"\xef\xbb\xbf", start) else start
    while first < end and raw[first] in b"\r\n":
        first += 1
    head = read_head(raw, first, end)
    if any(name in _KNOWN_HEADERS for name, _ in head.fields):
        return head
    return Head((), start, "no header")


def _attached(body: Body, budget: Budget, depth: int) -> tuple[tuple[Mail, ...], tuple[Attachment, ...]]:
    """The mails attached to a mail, and as plain attachments those beyond the bounds."""
    mails: list[Mail] = []
    refused: list[Attachment] = []
    for index, part in enumerate(body.mails, start=1):
        if depth >= MAX_ATTACHED_DEPTH or budget.parts <= 0:
            refused.append(Attachment(safe_name(part.filename) or f"mail-{index}.eml", part.type, part.size))
            continue
        budget.parts -= 1
        if part.encoding:  # against RFC 2046 section 5.2.1, and done
            content = part.content(part.end - part.start)
            mails.append(_read(content, 0, len(content), budget, depth=depth + 1))
        else:
            mails.append(_read(part.raw, part.start, part.end, budget, depth=depth + 1))
    return tuple(mails), tuple(refused)


def _from(head: Head, charset: str | None) -> tuple[Address | None, int]:
    """The sender, and how many From addresses there are in all (RFC 5322 section 3.6.2 allows several, rogues use them)."""
    found = _addresses(head, "from", charset)
    if not found:
        text = " ".join(header_text(value, charset) for value in head.all("from"))
        loose = list(dict.fromkeys(_ADDRESS.findall(text[:_MAX_ADDRESS_BYTES])))
        if len(loose) == 1:  # broken beyond the grammar, and still plain to a reader
            found = (_address(text.replace(loose[0], " "), loose[0]),)
    return (found[0] if found else None), len(found)


def _addresses(head: Head, name: str, charset: str | None) -> tuple[Address, ...]:
    """The addresses in all fields of a name, in order; what is no address is left out."""
    found: list[Address] = []
    for value in head.all(name):
        if len(found) >= MAX_ADDRESSES:
            break
        text = clean_line(decode(value[:_MAX_ADDRESS_BYTES], charset), _MAX_ADDRESS_BYTES)
        pairs = _pairs(text)
        if len(pairs) == 1 and (loose := _ONE_ANGLE.fullmatch(text)) and "," in loose[1] and '"' not in loose[1]:
            pairs = [(loose[1], pairs[0][1])]  # a comma without quotes: `Kowalski, Jan <jan@firma.pl>`
        found += [_address(shown, email) for shown, email in pairs if email and len(email) <= 320]
    return tuple(found[:MAX_ADDRESSES])


def _pairs(text: str) -> list[tuple[str, str]]:
    """Names (still encoded) and addresses as mail-parser finds them.

    Encoded words are put out of its sight: many clients leave a `:` or `,` in them, which would split the list there.
    """
    words: list[str] = []

    def hide(found: re.Match[str]) -> str:
        words.append(found[0])
        return f"\ue000{len(words) - 1}\ue001"

    def show(hidden: str) -> str:
        return _HIDDEN_WORD.sub(lambda found: words[int(found[1])] if int(found[1]) < len(words) else "", hidden)

    try:
        pairs = get_addresses(ENCODED_WORD.sub(hide, text))
    except _REFUSALS:
        return []
    return [(show(shown), show(email)) for shown, email in pairs]


def _address(shown: str, email: str) -> Address:
    name = clean_line(decode_words(shown)).strip(" \"'<>,;")
    return Address("" if name.lower() == email.lower() else name, clean_line(email))


def _return_path(head: Head) -> str | None:
    """The address of the first Return-Path, the one our own server wrote; "" is the null path."""
    values = head.all("return-path")
    if not values:
        return None
    text = header_text(values[0])
    inner = re.search(r"<([^<>]*)>", text)
    return (inner[1] if inner else text).strip()[:320]


def _date(value: bytes) -> datetime | None:
    """The Date field in UTC; None when it cannot be read."""
    text = header_text(value)
    if not text:
        return None
    try:
        date: datetime | None = parse_mail_date(text).value
        return date or parsedate_to_datetime(text).astimezone(UTC)
    except _REFUSALS:
        return None


def _content_key(
    message_id: str | None, sender: Address | None, subject: str, date: bytes, text: str, body: Body, attached: tuple[Mail, ...]
) -> str:
    """What two deliveries of one mail share: trace headers, transfer encodings, boundaries and line lengths do not count.

    Without a Message-ID the Date stands in for it.
    """
    key = hashlib.sha256()
    identity = message_id or header_text(date)
    for piece in (identity, sender.key if sender else "", subject, " ".join(text.split())):
        key.update(piece.encode() + b"\0")
    for part in body.unread:
        for chunk in _canonical(part):
            key.update(chunk)
        key.update(b"\0")
    for mail in attached:
        key.update(mail.content_key.encode())
    return key.hexdigest()


def _canonical(part: Part) -> Iterator[bytes]:
    """The content of a part as it stays when servers wrap its lines anew or encode it otherwise; in bounded pieces."""
    if part.encoding in ("base64", ""):
        ignored = b" \t\r\n" if part.encoding else b"\r"
        for start in range(part.start, part.end, _HASHED_AT_ONCE):
            yield part.raw[start : min(part.end, start + _HASHED_AT_ONCE)].translate(None, ignored)
    else:
        yield part.content(part.end - part.start).translate(None, b"\r")


def _salvage(raw: bytes, why: str, *, partial: bool) -> Mail:
    """The least that any bytes give: a subject, a sender and a text."""
    digest = hashlib.sha256(raw).hexdigest()
    subject = re.search(rb"^Subject:([^\r\n]{0,2000})", raw[:_HASHED_AT_ONCE], re.M | re.I)
    sender = re.search(rb"^From:[^\r\n]{0,2000}?([\w.+-]{1,100}@[\w.-]{1,100})", raw[:_HASHED_AT_ONCE], re.M | re.I)
    return Mail(
        digest=digest,
        content_key=digest,
        message_id=None,
        in_reply_to=(),
        references=(),
        from_=Address("", sender[1].decode("ascii", "replace")) if sender else None,
        from_count=1 if sender else 0,
        sender=None,
        reply_to=(),
        to=(),
        cc=(),
        return_path=None,
        subject=clean_line(decode(subject[1])) if subject else "",
        date=None,
        headers=(),
        text=clean_body(decode(raw[:_HASHED_AT_ONCE])),
        html=None,
        size=len(raw),
        damaged=f"the mail could not be taken apart ({why})",
        partial=partial,
    )
