"""A finished mail as bytes: seven-bit clean, CRLF, and the same bytes for the same arguments.

Written by hand rather than by `email`: Python 3.11 drops spaces between encoded words (gh-92081), encodes commas of a display
name as separators (CVE-2025-1795), breaks long Message-IDs in References, and takes three times as long as all the rest.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, quote

from mailbot.errors import Permanent
from mailbot.model.mail import Address
from mailbot.rules.clean import clean_line

MAX_REFERENCES = 20
_MAX_ID = 250  # characters of a Message-ID that we repeat; longer ones break the 998 of a line in some clients
_MAX_NAME = 120
_LINE = 76  # columns of a header line (RFC 5322 2.1.1 asks for at most 78)
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+>")  # RFC 5322 3.6.4, printable ASCII without < >
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDR_SPEC = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_MAX_ADDRESS = 254  # RFC 5321 4.5.3.1.3
_ENCODED_WORD = "=?"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header of a mail says. `subject` is one line; `extra` are ASCII headers of ours, name and value."""

    sender: Address
    to: Address
    subject: str
    at: datetime
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()


def build(envelope: Envelope, text: str, html: str) -> bytes:
    """The mail as multipart/alternative of both texts (RFC 2046 5.1.4). Raises Permanent for an address that no header can hold."""
    answered = usable_ids([envelope.in_reply_to] if envelope.in_reply_to else [])
    references = shortened([*usable_ids(envelope.references), *answered])
    boundary = "=_" + hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32]  # "=_" occurs in no quoted-printable text
    headers = [
        f"From: {_mailbox('From', envelope.sender)}",
        f"To: {_mailbox('To', envelope.to)}",
        f"Subject: {_words('Subject', envelope.subject)}",
        f"Date: {format_datetime(envelope.at)}",
        f"Message-ID: {envelope.message_id}",
        *(f"In-Reply-To: {message_id}" for message_id in answered),
        *(["References: " + "\r\n ".join(references)] if references else []),
        *(f"{name}: {value}" for name, value in envelope.extra),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
    ]
    parts = [
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        + b2a_qp(content.replace("\n", "\r\n").encode(), istext=True)
        for subtype, content in (("plain", text), ("html", html))
    ]
    return b"\r\n".join(["\r\n".join(headers).encode("ascii"), b"", *parts, f"--{boundary}--\r\n".encode()])


def usable_ids(ids: Iterable[str]) -> list[str]:
    """The Message-IDs that can be repeated in a header, in order, each once; the others are left out."""
    return [found for found in dict.fromkeys(ids) if len(found) <= _MAX_ID and _MESSAGE_ID.fullmatch(found) and _ENCODED_WORD not in found]


def shortened(references: list[str]) -> list[str]:
    """At most `MAX_REFERENCES` ids, each once (the last place counts): the first, which names the thread, and the last ones."""
    ids = list(dict.fromkeys(reversed(references)))[::-1]
    return ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]


def addr_spec(email: str) -> str:
    """The address, which a header can hold as it stands (RFC 5322 3.4.1, dot-atoms). Raises Permanent for any other."""
    if len(email) > _MAX_ADDRESS or _ENCODED_WORD in email or not _ADDR_SPEC.fullmatch(email):
        raise Permanent(f"{email!r} cannot be written to: it is no plain ASCII address")
    return email


def _mailbox(header: str, address: Address) -> str:
    """One address with its name, which is quoted or encoded, never mixed (RFC 5322 3.4, RFC 2047 5)."""
    email, name = addr_spec(address.email), clean_line(address.name, _MAX_NAME)
    if not name:
        return email
    shown = f'"{quote(name)}"' if name.isascii() and _ENCODED_WORD not in name else _encoded(header, name)
    return f"{shown}\r\n <{email}>"


def _words(header: str, words: str) -> str:
    """The words as they are, folded, where they are plain; else encoded."""
    plain = words.isascii() and words.isprintable() and _ENCODED_WORD not in words
    if plain and max(map(len, words.split(" "))) < _LINE - len(header) - 2:
        return "\r\n ".join(textwrap.wrap(words, _LINE, initial_indent=" " * (len(header) + 2), break_on_hyphens=False)).lstrip(" ")
    return _encoded(header, words)


def _encoded(header: str, words: str) -> str:
    """The words as encoded words, one a line, none of them breaking a character (RFC 2047 2 and 5)."""
    chunks, room = [b""], (_LINE - len(header) - 2 - 12) // 4 * 3
    for char in words:
        octets = char.encode()
        if len(chunks[-1]) + len(octets) > room:
            chunks.append(b"")
            room = 45
        chunks[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in chunks)
