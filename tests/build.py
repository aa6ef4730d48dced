"""One line per example: `a_mail(...)`, `a_service(...)`. Every argument has a default that is boring."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from mailbot.model.mail import Address, Mail
from mailbot.model.service import Device, Person, Service

CATALOGUE = ("OXIJET 1600", "OXIJET 3200", "OXI UV 2513", "OXI UV 6090", "OXI TEX 1800", "OXI ROLL 1800", "OXI HYBRID 2000", "OXI CUT 1625")


def a_service(**changes: Any) -> Service:
    """The service of the example configuration, with changes."""
    service = Service(
        team=("technik@oxiprint.com",),
        people=(Person("Jan Nowak", "jan@oxiprint.com"),),
        devices=tuple(Device(name) for name in CATALOGUE),
    )
    return replace(service, **changes)


def a_mail(
    text: str = "Dzień dobry, OXIJET 3200 nie drukuje magenty.",
    *,
    sender: str = "jan.kowalski@drukarnia.example",
    name: str = "Jan Kowalski",
    subject: str = "awaria",
    message_id: str | None = "<m1@drukarnia.example>",
    headers: tuple[tuple[str, str], ...] = (),
    **changes: Any,
) -> Mail:
    """A human mail to the desk as `parse` would return it."""
    digest = hashlib.sha256(repr((text, sender, subject, message_id)).encode()).hexdigest()
    mail = Mail(
        digest=digest,
        content_key=digest,
        message_id=message_id,
        in_reply_to=(),
        references=(),
        from_=Address(name, sender),
        from_count=1,
        sender=None,
        reply_to=(),
        to=(Address("", "serwis@oxiprint.com"),),
        cc=(),
        return_path=sender,
        subject=subject,
        date=None,
        headers=headers,
        text=text,
        html=None,
        size=len(text),
    )
    return replace(mail, **changes)
