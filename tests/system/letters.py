"""Mails that people write in these tests, and what they do with a mail that they got."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import make_msgid

SERVICE = "serwis@oxiprint.com"
SYMPTOM = "Głowica nie drukuje magenty, na wydruku są białe paski."
LEVELS = ("krytyczny", "wysoki", "średni", "niski")


def mail(sender: str, subject: str, text: str, *, to: str = SERVICE, cc: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """A mail as a plain client sends it. `headers` are added as they are."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    if cc:
        made["Cc"] = cc
    made["Date"] = "Mon, 12 Oct 2026 08:00:00 +0200"
    made["Message-ID"] = make_msgid(domain="client.example")
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes()


def request(email: str, *, impact: str = "krytyczny", subject: str = "Awaria plotera", leave_out: str = "") -> bytes:
    """A request that says all there is to say, but for the line whose label begins with `leave_out`."""
    lines = (
        "Imię i nazwisko: Ewa Lis",
        "Nazwa firmy: Drukarnia Lis sp. z o.o.",
        "Nazwa urządzenia: OXIJET 3200",
        f"Opis problemu: {SYMPTOM}",
        f"Wpływ na działalność: {impact}",
    )
    kept = [line for line in lines if not leave_out or not line.startswith(leave_out)]
    return mail(f"Ewa Lis <{email}>", subject, "\n".join(("Dzień dobry,", "", *kept, "", "Pozdrawiam")))


def reply(to_mail: bytes, sender: str, text: str, *, to: str = SERVICE, cc: str = "") -> bytes:
    """An answer with In-Reply-To, References and the quoted text below, as any client makes it."""
    original = parsed(to_mail)
    quoted = "\n".join(f"> {line}" for line in text_of(to_mail).splitlines())
    subject = str(original["Subject"])
    own = str(original["Message-ID"]).strip()
    return mail(
        sender,
        subject if subject.startswith("Re:") else f"Re: {subject}",
        f"{text}\n\nW dniu 12.10.2026 o 08:05 {original['From']} pisze:\n{quoted}\n",
        to=to,
        cc=cc,
        headers={"In-Reply-To": own, "References": f"{original['References'] or ''} {own}".strip()},
    )


def parsed(raw: bytes) -> EmailMessage:
    """A mail with its headers decoded."""
    made = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(made, EmailMessage)
    return made


def text_of(raw: bytes) -> str:
    """The text part."""
    part = parsed(raw).get_body(preferencelist=("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def subject_of(raw: bytes) -> str:
    """The subject, decoded, on one line."""
    return re.sub(r"\s+", " ", str(parsed(raw)["Subject"]))


def number_in(raw: bytes) -> str:
    """The ticket number that a letter of the desk carries in its subject."""
    found = re.search(r"OXI-\d{4}-\d{6}", subject_of(raw))
    assert found, f"no ticket number in {subject_of(raw)!r}"
    return found[0]
