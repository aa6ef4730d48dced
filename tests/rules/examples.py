"""An example beside a rule, header lines and perhaps a body, made a whole mail to the desk: what it leaves out is boring."""

from __future__ import annotations

from email import message_from_string
from email.header import Header
from email.utils import getaddresses

from mailbot.model.mail import Address, Mail, Report
from tests.build import a_mail

DEFAULTS = {
    "From": "Jan Kowalski <jan.kowalski@drukarnia.example>",
    "To": "serwis@oxiprint.com",
    "Subject": "awaria",
    "Return-Path": "<jan.kowalski@drukarnia.example>",
}
BODY = "Dzień dobry, OXIJET 3200 nie drukuje magenty."


def example_lines(example: str) -> tuple[list[tuple[str, str]], str]:
    """The header of an example, completed, and its body."""
    head, _, body = example.partition("\n\n")
    given = [(name, value.strip()) for name, _, value in (line.partition(":") for line in head.split("\n"))]
    names = {name.lower() for name, _ in given}
    return [*((name, value) for name, value in DEFAULTS.items() if name.lower() not in names), *given], body or BODY


def example_bytes(example: str) -> bytes:
    """An example as it would come over the wire."""
    header, body = example_lines(example)
    lines = [f"{name}: {value if value.isascii() else Header(value, 'utf-8').encode()}" for name, value in header]
    if not any(name.lower() == "content-type" for name, _ in header):
        lines.append("Content-Type: text/plain; charset=utf-8")
    if "multipart/report" in example:
        lines = [line.replace("multipart/report;", 'multipart/report; boundary="b";') for line in lines]
        kind = example.partition("report-type=")[2].strip()
        body = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{body}\n\n--b\nContent-Type: message/{kind}\n\nX: y\n\n--b--"
    return "\r\n".join([*lines, "", *body.split("\n"), ""]).encode()


def example_mail(example: str) -> Mail:
    """An example as `parse` would return it."""
    header, body = example_lines(example)
    headers = tuple((name.lower(), value) for name, value in header)

    def addresses(name: str) -> tuple[Address, ...]:
        found = getaddresses([value for key, value in headers if key == name])
        return tuple(Address(*pair) for pair in found if "@" in pair[1])

    first = dict(reversed(headers))
    kind = message_from_string(f"Content-Type: {first.get('content-type', 'text/plain')}\n\n")
    senders = addresses("from")
    return a_mail(
        body,
        subject=first["subject"],
        headers=headers,
        from_=senders[0] if senders else None,
        from_count=len(senders),
        to=addresses("to"),
        cc=addresses("cc"),
        reply_to=addresses("reply-to"),
        return_path=first["return-path"].strip("<>"),
        in_reply_to=tuple(first.get("in-reply-to", "").split()),
        references=tuple(first.get("references", "").split()),
        content_type=kind.get_content_type(),
        report=Report(str(kind.get_param("report-type"))) if kind.get_content_type() == "multipart/report" else None,
    )
