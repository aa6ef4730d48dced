"""A mail as the rules see it: decoded, cleaned and bounded; the raw bytes stay in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailKind(StrEnum):
    """What a mail is to the desk. The order of the tests that tell is the table in `rules/triage.py`."""

    REQUEST = "request"
    ANSWER = "answer"
    STAFF = "staff"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    BULK = "bulk"
    OTHER = "other"
    OWN = "own"

    @property
    def is_machine(self) -> bool:
        """Mail written by a program: kept and visible, never answered, moves no state and no clock (law I5)."""
        return self in (MailKind.AUTO_REPLY, MailKind.BOUNCE, MailKind.BULK, MailKind.OWN)


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (RFC 5322 3.4): the name as shown and the address as written, without control characters."""

    name: str
    email: str

    @property
    def key(self) -> str:
        """The address for comparison: lower case (no provider that customers use tells case apart)."""
        return self.email.lower()

    @property
    def domain(self) -> str:
        """The part behind the last `@`, lower case; empty when there is none."""
        return self.key.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body. `name` is safe to show and stable across parses; the bytes stay in the raw mail."""

    name: str
    content_type: str
    size: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One recipient block of a delivery report (RFC 3464 2.3); `action` and `status` are lower case, may be empty."""

    recipient: str
    action: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A machine's report on a mail of ours (multipart/report RFC 6522, or a bounce recognised by its words)."""

    type: str  # delivery-status | disposition-notification | feedback-report | other
    deliveries: tuple[DeliveryStatus, ...] = ()
    returned_ids: tuple[str, ...] = ()  # Message-IDs of the mails it returns or names
    returned_subject: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed mail. Every text in it is clean: no NUL, no C0 or C1 controls but tab and newline, no surrogates, NFC.

    `text` is the whole body as plain text, never cut: from the text/plain parts, or from HTML where there are none.
    `html` is the first HTML body as sent (cleaned as text, not sanitised: never show it in a browser as it is).
    """

    digest: str  # sha256 of the raw bytes, hex
    content_key: str  # the same for two deliveries of one mail: Message-ID, From and body without trace headers
    message_id: str | None  # with angle brackets, as in the header; None when absent or unusable
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    from_: Address | None  # None: no sender that could be read
    from_count: int  # addresses found in all From headers: 2 or more is suspicious
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    return_path: str | None  # "" is the null path `<>`; None: no such header
    subject: str
    date: datetime | None  # the Date header, aware; for show only, never a clock
    headers: tuple[tuple[str, str], ...]  # (name in lower case, decoded value), in order, capped
    text: str
    html: str | None
    attachments: tuple[Attachment, ...] = ()
    attached: tuple[Mail, ...] = ()  # message/rfc822 parts: their text is theirs, never mixed into ours
    report: Report | None = None
    content_type: str = "text/plain"  # of the whole mail
    flowed: bool = False  # text is format=flowed (RFC 3676), already unflowed in `text`
    size: int = 0
    damaged: str | None = None  # what could not be read, in words for staff; the rest of the fields holds what could
    partial: bool = False  # only the head was stored (over the size limit)

    def header(self, name: str) -> str | None:
        """The first header of that name (any case), or None."""
        name = name.lower()
        return next((value for key, value in self.headers if key == name), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """All headers of that name (any case), topmost first."""
        name = name.lower()
        return tuple(value for key, value in self.headers if key == name)
