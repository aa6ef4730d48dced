"""A finished mail as bytes: seven-bit clean, CRLF, and the same bytes for the same arguments.

Headers are folded here rather than by `email`: Python 3.11 drops spaces between encoded words (gh-92081), encodes commas of a
display name as separators (CVE-2025-1795) and turns long Message-IDs in References into encoded words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError, MessageError
from email.header import Header
from email.headerregistry import Address as MailboxAddress
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, quote
from typing import Any

from mailbot.errors import Permanent
from mailbot.model.mail import Address
from mailbot.rules.clean import clean_line

MAX_REFERENCES = 20
_MAX_ID = 250  # characters of a Message-ID that we repeat; longer ones break the 998 of a line in some clients
_MAX_NAME = 120
_MAX_SUBJECT = 200
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+@[\x21-\x3b\x3d\x3f-\x7e]+>")  # RFC 5322 3.6.4, printable ASCII without < >
_ENCODED_WORD = "=?"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header of a mail says. `extra` are ASCII headers of ours, name and value."""

    sender: Address
    to: Address
    subject: str
    at: datetime
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()


def build(envelope: Envelope, text: str, html: str) -> bytes:
    """The mail as multipart/alternative of both texts (RFC 2046 5.1.4). Raises Permanent for an address that no mail can name."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = mailbox(envelope.sender)
    mail["To"] = mailbox(envelope.to)
    mail["Subject"] = clean_line(envelope.subject, _MAX_SUBJECT)
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = envelope.message_id
    answered = usable_ids([envelope.in_reply_to] if envelope.in_reply_to else [])
    if answered:
        mail["In-Reply-To"] = answered[0]
    references = shortened([*usable_ids(envelope.references), *answered])
    if references:
        mail["References"] = " ".join(references)
    for name, value in envelope.extra:
        mail[name] = value
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary("=_" + hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32])  # "=_" occurs in no quoted-printable text
    return mail.as_bytes()


def usable_ids(ids: Iterable[str]) -> list[str]:
    """The Message-IDs that can be repeated in a header, in order, each once; the others are left out."""
    return [found for found in dict.fromkeys(ids) if len(found) <= _MAX_ID and _MESSAGE_ID.fullmatch(found) and _ENCODED_WORD not in found]


def shortened(references: list[str]) -> list[str]:
    """At most `MAX_REFERENCES` ids, each once (the last place counts): the first, which names the thread, and the last ones."""
    ids = list(dict.fromkeys(reversed(references)))[::-1]
    return ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]


def mailbox(address: Address) -> MailboxAddress:
    """The address as `email` knows it. An international domain is written in ASCII (RFC 5891). Raises Permanent for an unusable one."""
    local, _, domain = address.email.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        found = MailboxAddress(clean_line(address.name, _MAX_NAME), addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError, HeaderParseError, MessageError) as error:  # IndexError: bpo-39040 and its kin, on hostile input
        raise Permanent(f"{address.email!r} cannot be written to: {error}") from None
    if not (found.username and found.domain and found.addr_spec.isascii() and found.addr_spec.isprintable()):
        raise Permanent(f"{address.email!r} cannot be written to: it needs an ASCII name before the @ and a domain behind it")
    return found


# ---- folding: each kind of header as it wants to be, lines of at most 78 (RFC 5322 2.1.1) where words allow ----------


class _Verbatim(BaseHeader):
    """A header whose value is taken as it is: `email` would decode encoded words in it, and an encoded CR LF with them."""

    max_count = 1

    @classmethod
    def parse(cls, value: Any, kwds: dict[str, Any]) -> None:
        kwds.update(value=value, decoded=str(value), defects=[], parse_tree=None)

    def init(self, name: str, *, value: Any = "", **kwds: Any) -> None:
        super().init(name, **kwds)
        self.value = value


class _Words(_Verbatim):
    """Words, encoded as a whole (RFC 2047) where any of them needs it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {_encoded(self.value, self.name)}\r\n"


class _Mailbox(_Verbatim):
    """One address: the name quoted or encoded, never mixed."""

    def fold(self, *, policy: Policy) -> str:
        name, address = self.value.display_name, self.value.addr_spec
        if not name:
            return f"{self.name}: {address}\r\n"
        shown = f'"{quote(name)}"' if name.isascii() and _ENCODED_WORD not in name else _encoded(name, self.name)
        return f"{self.name}: {shown}\r\n <{address}>\r\n"


class _Ids(_Verbatim):
    """Message-IDs, one a line: they are never broken nor encoded."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: " + "\r\n ".join(self.value.split()) + "\r\n"


def _encoded(words: str, header: str) -> str:
    """The words as they are where they are plain and fit one line behind the header's name; else folded, encoded where need be."""
    plain = words.isascii() and _ENCODED_WORD not in words
    if plain and len(header) + 2 + len(words) <= 78:
        return words
    foldable = plain and max(map(len, words.split())) <= 60
    return Header(words, "us-ascii" if foldable else "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


_HEADERS = HeaderRegistry()
for _name, _kind in {
    "subject": _Words,
    "from": _Mailbox,
    "to": _Mailbox,
    "references": _Ids,
    "in-reply-to": _Ids,
    "message-id": _Ids,
}.items():
    _HEADERS.map_to_type(_name, _kind)
_POLICY = EmailPolicy(linesep="\r\n", cte_type="7bit", header_factory=_HEADERS)
