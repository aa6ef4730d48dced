"""A glance at a mail's head, cheap and never wrong enough to hurt: hints for fair order and for waiting, not facts."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEAD = 64 << 10
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FROM = re.compile(rb"^from[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:[ \t]*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")


class Glance(NamedTuple):
    """The last address of the first From, lower case, and the Message-ID; empty and None where there is none."""

    sender: str
    message_id: str | None


def glance(raw: bytes) -> Glance:
    """What the head seems to say. Any bytes will do; linear in their length."""
    head = re.split(rb"\r?\n\r?\n", raw[:_HEAD], maxsplit=1)[0]
    head = _FOLD.sub(b" ", head)
    line = _FROM.search(head)
    addresses = _ADDRESS.findall(line[1]) if line else []
    message_id = _MESSAGE_ID.search(head)
    return Glance(
        addresses[-1].decode("ascii").lower() if addresses else "",
        message_id[1].decode("ascii", "replace") if message_id else None,
    )
