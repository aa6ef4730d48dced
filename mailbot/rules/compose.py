"""A draft and the loaded templates become a finished mail, rendered before it is stored, so that a retry is byte-identical.

Headers of automatic mail follow RFC 3834 (3.1.7 Auto-Submitted, 3.1.5 Subject, 3.1.8 In-Reply-To) and what other desks and
mail servers honour: X-Auto-Response-Suppress (MS-OXCMAIL 2.1.3.2.20) and `Precedence: auto_reply`, which old vacation programs
know and which, unlike `bulk`, does not look like a newsletter to a spam filter. A colleague's words carry none of the three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailbot.model.facts import Flag, Impact, Item, Where
from mailbot.model.letter import Audience, Draft, Letter, Outgoing, Question, QuestionReminder, Quoted, StaffReply
from mailbot.model.mail import Address
from mailbot.model.service import Service
from mailbot.model.ticket import Ticket
from mailbot.model.verdict import LOOP_HEADER
from mailbot.rules import mime
from mailbot.rules.clean import clean_line
from mailbot.rules.form import form_lines
from mailbot.rules.greeting import greeting
from mailbot.rules.planning import may_wait
from mailbot.rules.signing import Signer
from mailbot.rules.subject import strip_prefixes
from mailbot.rules.templates import Templates
from mailbot.rules.wording import Excerpt, Wording, dial, excerpt, show_phone

MAX_MAIL = 30_000
"""Bytes of a finished mail. Only a colleague's own words (`StaffReply`) may be longer: they are never cut."""

# What quotations may cost in each of the two parts, in bytes; together they keep the longest notice under MAX_MAIL.
_QUOTED = 4_000
_NOTES = 1_800
_VALUE = 250
_EVIDENCE = 100
_LISTED = 90
_SUBJECT_VALUE = 80
_MANY = 8
_SUBJECT = 200  # characters of a subject


def compose(draft: Draft, templates: Templates, service: Service, signer: Signer, installation: str, at: datetime) -> Outgoing:
    """The finished mail: equal arguments give equal bytes. `installation` marks our mails against loops; `at` becomes the Date.

    Raises Permanent where the recipient's address can stand in no header (see `mime.addr_spec`), TemplateFault for a template
    that fails, which loading the templates should have shown.
    """
    ticket: Ticket | None = getattr(draft.letter, "ticket", None)
    rendered = templates.render(draft.language, draft.kind, _values(draft, ticket, service, at))
    local_part = signer.sign(ticket.number if ticket else "", draft.key)
    message_id = f"<{local_part}@{mime.addr_spec(service.address).rpartition('@')[2]}>"
    subject = _subject(draft, ticket, service, rendered.subject)
    envelope = mime.Envelope(
        sender=_sender(draft, service),
        to=draft.to,
        subject=subject,
        at=at.astimezone(ZoneInfo(service.calendar.zone)),
        message_id=message_id,
        in_reply_to=draft.thread.in_reply_to,
        references=draft.thread.references,
        extra=(*_automatic_headers(draft), (LOOP_HEADER, installation)),
    )
    return Outgoing(draft, message_id, subject, rendered.text, mime.build(envelope, rendered.text, rendered.html))


def _sender(draft: Draft, service: Service) -> Address:
    if isinstance(draft.letter, StaffReply) and draft.letter.author:
        return Address(f"{draft.letter.author} ({service.name})", service.address)
    return Address(service.name, service.address)


def _automatic_headers(draft: Draft) -> tuple[tuple[str, str], ...]:
    if not draft.automatic:
        return ()
    return (
        ("Auto-Submitted", "auto-replied" if draft.answers_mail else "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "auto_reply"),
    )


def _subject(draft: Draft, ticket: Ticket | None, service: Service, own: str) -> str:
    """Customers keep their own subject, so that their client keeps the thread; staff read what the mail is."""
    mark = f"[{ticket.number}] " if ticket else ""
    if draft.audience is Audience.STAFF:
        return clean_line(mark + own, _SUBJECT)
    theirs = bare_subject(draft.thread.subject or (ticket.subject if ticket else ""), service.ticket_prefix)
    return clean_line(f"{mark}Re: {theirs}" if theirs else mark + own, _SUBJECT)


def bare_subject(subject: str, prefix: str) -> str:
    """The subject without prefixes of replies and forwards, tags of gateways, and ticket marks of ours."""
    marks = re.compile(rf"\[\s*{re.escape(prefix)}-\d{{4}}-\d{{1,9}}\s*\]", re.IGNORECASE)
    bare = clean_line(subject, 500)
    while (shorter := strip_prefixes(marks.sub(" ", bare)).bare) != bare:
        bare = shorter
    return bare


def form_of(letter: Letter, language: str) -> tuple[str, ...]:
    """The form lines of a letter that asks; none in any other."""
    match letter:
        case Question() | QuestionReminder():
            return form_lines(letter.missing, language, phone_too=letter.ticket.facts.phone is None)
        case _:
            return ()


# ---- what a template sees -----------------------------------------------------------------------------------------


def _values(draft: Draft, ticket: Ticket | None, service: Service, at: datetime) -> dict[str, Any]:
    """The variables of every template; they are listed in templates/README.md."""
    wording = Wording(draft.language, ZoneInfo(service.calendar.zone), at)
    mail: Quoted | None = getattr(draft.letter, "mail", None)
    return {
        "letter": draft.letter,
        "ticket": ticket,
        "service": service,
        "may_command": service.person(draft.to.email) is not None,
        "w": wording,
        "who": _who,
        "colleague": lambda email: person.name if (person := service.person(email)) else email,
        "brief": _brief,
        "brief_line": _listed,
        "phone": _phone,
        "dial": dial,
        "many": _MANY,
        **(_ticket_values(draft, ticket, service) if ticket else {}),
        **(_quoted_values(mail) if mail else {}),
    }


def _ticket_values(draft: Draft, ticket: Ticket, service: Service) -> dict[str, Any]:
    return {
        "greeting": greeting(ticket.facts, draft.to, draft.language),
        "known": _told_by_the_sender(ticket),
        "found": _found(ticket),
        "form": form_of(draft.letter, draft.language),
        "asks_impact": isinstance(draft.letter, Question | QuestionReminder) and Item.IMPACT in draft.letter.missing,
        "flags": {flag.value for flag in ticket.flags},
        "impact": ticket.impact.value,
        "urgent": ticket.impact in (Impact.CRITICAL, Impact.HIGH),
        "waits": may_wait(ticket, service),
        "direct_line": service.direct_line_ink if Flag.INK_SYSTEM in ticket.flags else service.direct_line_general,
    }


def _told_by_the_sender(ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """What we understood, for the customer's eyes: nothing that only the register knows (anybody may write as anybody)."""
    facts = ticket.facts
    told = {name: fact.value for name, fact in facts.found() if fact.where is not Where.REGISTER}
    name = " ".join(told[part] for part in ("first_name", "last_name") if part in told)
    rows = {"name": name, **{part: told.get(part, "") for part in ("phone", "company", "device", "serial", "description", "impact")}}
    return tuple((field, _show(field, value)) for field, value in rows.items() if value)


def _found(ticket: Ticket) -> tuple[Mapping[str, Any], ...]:
    """Each fact with its evidence, for staff; both names in one row where they were found in one place."""
    found = dict(ticket.facts.found())
    first, last = found.get("first_name"), found.get("last_name")
    if first and last and (first.where, first.text) == (last.where, last.text):
        found = {"name": replace(first, value=ticket.facts.full_name), **found}
        del found["first_name"], found["last_name"]
    return tuple(
        {
            "name": name,
            "value": _show(name, fact.value),
            "where": fact.where.name.lower(),
            "text": "" if fact.text.strip() == fact.value else _listed(fact.text, _EVIDENCE),
            "stated": fact.stated,
        }
        for name, fact in found.items()
    )


def _show(field: str, value: str) -> str:
    return _phone(value) if field == "phone" else _listed(value, _VALUE)


def _phone(number: str) -> str:
    shown = show_phone(number)
    return shown if len(shown) <= 30 else _listed(number)


def _who(ticket: Ticket, limit: int = _SUBJECT_VALUE) -> str:
    """The customer in a few words, for a subject or a list."""
    facts = ticket.facts
    name = (facts.company.value if facts.company else "") or facts.full_name or ticket.requester.name or ticket.requester.email
    return _listed(name, limit)


def _quoted_values(mail: Quoted) -> dict[str, Any]:
    names = mail.attachments
    return {
        "quoted": excerpt(mail.text.strip(), _QUOTED),
        "attachments": tuple(_listed(name, _LISTED) for name in names[:_MANY]),
        "more_attachments": max(0, len(names) - _MANY),
    }


def _listed(text: str, limit: int = _LISTED) -> str:
    """The text on one line, with an ellipsis where it was cut."""
    head = text[: 8 * limit]
    found = excerpt(clean_line(head), limit)
    return f"{found.text}…" if found.cut or len(head) < len(text) else found.text


def _brief(lines: tuple[str, ...]) -> Excerpt:
    """Lines for staff, a newline between them; too many or too long ones are cut."""
    return excerpt("\n".join(filter(None, (clean_line(line[: 8 * _NOTES]) for line in lines[:_NOTES]))), _NOTES)
