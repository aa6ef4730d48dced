"""What a person reads in a mail, and what hangs on it: the text, the HTML and the attachments of a tree of parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.model.mail import Attachment
from mailbot.rules.charset import decode
from mailbot.rules.clean import clean_body, clean_line, clean_text
from mailbot.rules.html_text import MAX_HTML, html_text
from mailbot.rules.mime_encoding import cut_uu_files
from mailbot.rules.mime_flowed import unflow
from mailbot.rules.mime_tree import Budget, Part

_NAME_BYTES = 200
_EXTENSIONS = {
    "application/ms-tnef": "dat",
    "application/octet-stream": "bin",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/zip": "zip",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rtf": "rtf",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
}
_WINDOWS_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*\x00-\x1f]')
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([\w-]{2,40})", re.I)
_IS_HTML = re.compile(r"\s{0,1000}(?:<\?xml[^>]{0,200}>\s{0,100})?<(?:!doctype\s+html|html|head|body)\b", re.I)
_METHOD = re.compile(rb"^METHOD:\s*([A-Za-z]{2,30})", re.M | re.I)
_STUB = re.compile(r"html|przeglądar|browser|mail client|email client|program\w* poczt|klien\w+ poczt", re.I)
_LETTERS = re.compile(r"\W+")

_PICTURE = re.compile(rb"data:[a-z0-9/+.-]{0,60};base64,[A-Za-z0-9+/=\s%]{200,}+", re.I)  # in the HTML itself: crowds out the text
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML_BYTES = 8 * MAX_HTML
_SHOWN = frozenset(("text/plain", "text/html"))
_NO_PROSE = frozenset(("text/calendar", "text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/css", "application/pgp-signature"))
MAIL_TYPES = frozenset(("message/rfc822", "message/global"))
REPORT_TYPES = frozenset(
    (
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "text/rfc822-headers",
        "message/rfc822-headers",
    )
)


@dataclass(slots=True)
class Body:
    """What was found on the way through the parts. `unread` are the parts that no text was taken from, for the content key."""

    budget: Budget
    html: str | None = None
    flowed: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    mails: list[Part] = field(default_factory=list)
    unread: list[Part] = field(default_factory=list)


def read_body(root: Part, budget: Budget) -> tuple[str, Body]:
    """The text of the mail whose tree is given, and the rest of its body.

    The text is that of the text/plain parts; where an alternative has none, or one that only says that the mail
    is HTML, it is the text of the HTML. Whatever text there is somewhere is found before a mail counts as empty.
    """
    body = Body(budget)
    text = _text_of(root, body).strip("\n")
    if not text.strip():
        text = next((found for found in _spare_texts(root, body) if found.strip()), "").strip("\n")
    for index, part in enumerate(root.leaves(), start=1):
        if part in body.mails or part.type in REPORT_TYPES or _is_body(part, root):
            continue
        body.attachments.append(_attachment(part, index))
    return text, body


def _is_body(part: Part, root: Part) -> bool:
    """Whether a leaf is text of the mail itself, not a file: text without a name, or the first part there is."""
    if part.type not in _SHOWN:
        return False
    if part.disposition == "attachment":
        return False
    return not part.filename or part is next(root.leaves())


def _text_of(part: Part, body: Body, root: Part | None = None) -> str:
    root = root or part
    if not part.children:
        return _leaf_text(part, body, root)
    if part.type == "multipart/alternative":
        return _best(part, body, root)
    texts: list[str] = []
    for child in part.children:
        text = _text_of(child, body, root).strip("\n")
        if text.strip() and not _repeats(text, texts):
            texts.append(text)
    return "\n\n".join(texts)


def _best(part: Part, body: Body, root: Part) -> str:
    """The text of an alternative: its plain text, or that of its best other form where the plain one says nothing of its own."""
    plain = [child for child in part.children if child.type == "text/plain"]
    others = [child for child in part.children if child.type != "text/plain"]
    text = "\n\n".join(found for child in plain if (found := _text_of(child, body, root).strip("\n")).strip())
    if text and not _is_stub(text):
        for leaf in (leaf for child in others for leaf in child.leaves()):
            if leaf.type == "text/html" and _is_body(leaf, root):
                body.html = _html_of(leaf, body) if body.html is None else body.html
            else:
                _leaf_text(leaf, body, root)
        return text
    forms = [found for child in others if (found := _text_of(child, body, root).strip("\n")).strip()]
    return forms[-1] if forms and (len(forms[-1]) > 2 * len(text) or not _repeats(text, forms)) else text


def _is_stub(text: str) -> bool:
    """Whether a plain text only says that there is an HTML one (or is next to nothing)."""
    return len(text) < 20 or (len(text) < 400 and bool(_STUB.search(text)))


def _repeats(text: str, texts: list[str]) -> bool:
    """Whether a part says what another has said already: HTML beside the same plain text, not marked as an alternative."""
    letters = _LETTERS.sub("", text.casefold())
    return any(letters in _LETTERS.sub("", other.casefold()) for other in texts)


def _leaf_text(part: Part, body: Body, root: Part) -> str:
    if part.type in MAIL_TYPES:
        body.mails.append(part)
        return ""
    if not _is_body(part, root):
        body.unread.append(part)
        return ""
    if part.type == "text/html":
        source = _html_of(part, body)
        body.html = source if body.html is None else body.html
        return html_text(source)
    return _plain_text(part, body)


def _html_of(part: Part, body: Body) -> str:
    data = _PICTURE.sub(b"", part.content(_HTML_BYTES))
    meta = _META_CHARSET.search(data, 0, 4096)
    source = clean_text(decode(data[:MAX_HTML], part.charset or (meta[1].decode("ascii", "replace") if meta else None)), body.budget.text)
    _spend(part, source, body)
    return source


def _plain_text(part: Part, body: Body) -> str:
    data, files = cut_uu_files(part.content(body.budget.text))
    body.attachments += [Attachment(safe_name(name.decode("utf-8", "replace")), "application/octet-stream", size) for name, size in files]
    if files:
        body.unread.append(part)
    raw = decode(data, part.charset)
    if _IS_HTML.match(raw):
        source = clean_text(raw, MAX_HTML)
        body.html = source if body.html is None else body.html
        _spend(part, source, body)
        return html_text(source)
    text = clean_body(raw, body.budget.text)
    if part.params.get("format", "").lower() == "flowed":
        body.flowed = True
        text = clean_body(unflow(text, delsp=part.params.get("delsp", "").lower() == "yes"))
    _spend(part, text, body)
    return text


def _spend(part: Part, text: str, body: Body) -> None:
    body.budget.text = max(0, body.budget.text - len(text))
    if body.budget.text == 0:  # cut: the key of the mail still depends on all of it
        body.unread.append(part)


def _spare_texts(root: Part, body: Body) -> Iterator[str]:
    """Text in places where no client looks, best first: sent as an attachment, in another type, around the parts."""
    leaves = [part for part in root.leaves() if part not in body.mails and part.type not in REPORT_TYPES and not part.filename]
    for part in leaves:
        if part.type in _SHOWN and not _is_body(part, root):
            yield html_text(_html_of(part, body)) if part.type == "text/html" else _plain_text(part, body)
    for part in leaves:
        if part.type in ("text/enriched", "text/richtext", "text/x-amp-html"):
            yield html_text(_html_of(part, body))
        elif part.type not in _SHOWN and part.type not in _NO_PROSE and _is_readable(part):
            yield _plain_text(part, body)
    for start, end in root.outside:
        yield clean_body(decode(root.raw[start : min(end, start + body.budget.text)], root.charset))


def _is_readable(part: Part) -> bool:
    """Whether a part of no known text type holds text all the same (RFC 2046 section 4.1.4 for unknown text types)."""
    if part.type.startswith(("image/", "audio/", "video/")):
        return False
    sample = part.content(4096)
    return bool(sample.strip()) and not _BINARY.search(sample)


def _attachment(part: Part, index: int) -> Attachment:
    kind = part.type
    if kind == "text/calendar":
        found = _METHOD.search(part.content(65_536))
        method = part.params.get("method") or (found[1].decode("ascii") if found else "")
        kind = f"{kind}; method={clean_line(method, 30).upper()}" if method else kind
    name = safe_name(part.filename) or f"part-{index}.{_EXTENSIONS.get(part.type, 'bin')}"
    embedded = part.disposition != "attachment" and bool(part.head.first("content-id"))
    return Attachment(name, kind, part.size, inline=part.disposition == "inline" or embedded)


def safe_name(name: str) -> str:
    """A file name that is safe to show and to store: no folder, no control or direction character, no device name, 200 bytes."""
    name = re.split(r"[/\\]", clean_line(name))[-1]
    name = _NOT_IN_NAMES.sub("_", name).strip(" .")
    if _WINDOWS_NAMES.match(name):
        name = f"_{name}"
    data = name.encode("utf-8")
    if len(data) <= _NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = (dot + extension).encode()[:20] if dot else b""
    return ((stem or name).encode()[: _NAME_BYTES - len(tail)] + tail).decode("utf-8", "ignore")
