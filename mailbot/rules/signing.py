"""Message-IDs that only we can make: an answer that names one has seen our mail.

`<{ticket}.{digest}.{key id}.{hmac}@{domain}>`, all lower case (some relays fold the case). The digest is that of the outbox
key, so that the id is known before the row is inserted and is the same at each retry (law I4). The HMAC (RFC 2104, SHA-256
cut to 128 bits, RFC 2104 section 5) makes it unguessable: it is also the token of a staff notice. The key id allows a
rotation: older keys still verify, only the current one signs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

DESK = "desk"
"""Stands for the ticket in mails that belong to none (digest, alarm)."""

_MAC_HEX = 32
_DIGEST_HEX = 16
_ID = re.compile(rf"<?([a-z0-9-]{{1,40}})\.([0-9a-f]{{{_DIGEST_HEX}}})\.([a-z0-9]{{1,16}})\.([0-9a-f]{{{_MAC_HEX}}})@[^@<>\s]+>?")
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")
_TICKET = re.compile(r"[a-z0-9-]{1,40}")


def fingerprint(key: bytes) -> str:
    """Eight hex digits that name a key and tell nothing about it."""
    return hashlib.sha256(b"mailbot signing key\0" + key).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with `key`, named `key_id` (lower-case letters and digits); verifies with that and with `older`, by key id."""

    key: bytes = field(repr=False)
    key_id: str
    older: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("a signing key has at least 16 bytes")
        for key_id in (self.key_id, *self.older):
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError(f"key id {key_id!r}: at most 16 lower-case letters and digits")

    def sign(self, ticket: str, key: str) -> str:
        """The local part of the Message-ID of the mail with that outbox key; `ticket` is its number, or empty."""
        name = ticket.lower() or DESK
        if not _TICKET.fullmatch(name):
            raise ValueError(f"{ticket!r} cannot stand in a Message-ID")
        signed = f"{name}.{hashlib.sha256(key.encode()).hexdigest()[:_DIGEST_HEX]}.{self.key_id}"
        return f"{signed}.{_mac(self.key, signed)}"

    def verify(self, message_id: str) -> str | None:
        """The ticket number (upper case) of a Message-ID of ours, "" for one that belongs to no ticket, None for anything else.

        Takes the same time for a near miss as for a hit.
        """
        match = _ID.fullmatch(message_id.strip().lower())
        if match is None:
            return None
        ticket, digest, key_id, mac = match.groups()
        key = self.key if key_id == self.key_id else self.older.get(key_id)
        if key is None or not hmac.compare_digest(mac, _mac(key, f"{ticket}.{digest}.{key_id}")):
            return None
        return "" if ticket == DESK else ticket.upper()


def _mac(key: bytes, signed: str) -> str:
    return hmac.digest(key, signed.encode(), "sha256").hex()[:_MAC_HEX]
