"""Who wrote a mail, where an answer may go, and which addresses belong to programs.

From is the identity, Reply-To at most the place for the answer: whoever writes a mail can write any Reply-To.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from mailbot.model.mail import Address, Mail
from mailbot.model.service import Service
from mailbot.rules.folding import fold

LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3: a path of 256 with its brackets


@dataclass(frozen=True, slots=True)
class LocalParts:
    """A family of local parts that belong to programs."""

    name: str
    pattern: re.Pattern[str]
    yes: tuple[str, ...]
    no: tuple[str, ...]


def _local(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


PROGRAMS: tuple[LocalParts, ...] = (
    LocalParts(
        "no_reply",
        _local(
            r"(?:^|[-_.+])(?:(?:no|do[-_.]?not|dont)[-_.]?repl(?:y|ies)|nie[-_.]?(?:odpowiadaj|odpisuj)|bez[-_.]?odpowiedzi"
            r"|keine[-_.]?antwort|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre|unattended|unmonitored)"
        ),
        ("noreply", "no-reply", "noreply2", "no_reply+abc", "sklep-noreply", "do.not.reply", "donotreply", "nie-odpowiadaj", "nieodpisuj"),
        ("norep", "nora.reply", "nie.odpowiada", "reply"),
    ),
    LocalParts(
        "notifier",
        _local(
            r"^(?:powiadomieni[ae]|notifications?|notify|notifier|alerts?|automat|automailer|auto[-_.]?(?:reply|responder|odpowiedz)"
            r"|newsletters?|mailings?)(?:$|[-_.+\d])"
        ),
        ("powiadomienia", "powiadomienie-24", "notifications", "notify+77", "alerts", "autoresponder", "newsletter"),
        ("powiadom.nas", "albert", "automatyka", "newsome"),
    ),
    LocalParts(
        "system",
        _local(r"^(?:mailer[-_.]?daemon|postmaster|abuse|root|daemon|nobody|www-data|cron|listserv|majordomo|mailman)(?:$|\+)"),
        ("MAILER-DAEMON", "postmaster", "abuse", "root", "majordomo"),
        ("rootkowski", "postmaster.jan", "daemonika"),
    ),
    LocalParts(
        "list",
        _local(r"^owner-|-owner$|-request$|-bounces?(?:$|[+=-])|^bounces?(?:$|[+=._-])"),
        ("owner-drukarze", "drukarze-owner", "drukarze-request", "drukarze-bounces", "bounce+123", "bounces-77", "bounce"),
        ("owner", "request", "bouncer", "jan.owner-nowak"),
    ),
)

# Where many people share a domain, the domain says nothing about who they are.
SHARED_DOMAINS = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com", "proton.me",
    "protonmail.com", "gmx.de", "gmx.net", "web.de", "aol.com", "wp.pl", "o2.pl", "onet.pl", "onet.eu", "op.pl", "vp.pl",
    "poczta.onet.pl", "interia.pl", "interia.eu", "poczta.fm", "gazeta.pl", "tlen.pl", "go2.pl", "autograf.pl", "buziaczek.pl",
    "spoko.pl", "amorki.pl", "outlook.pl", "poczta.pl",
))  # fmt: skip

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"{_ATEXT}(?:\.{_ATEXT}){{0,31}}@(?:{_LABEL}\.){{1,20}}(?!\d+$){_LABEL}")


@dataclass(frozen=True, slots=True)
class AnswerAddress:
    """Where an automatic answer goes, with the reason for the choice; no address: none may be sent, and why."""

    address: Address | None
    reason: str


def is_deliverable(email: str) -> bool:
    """Whether an address can be written to: a dotted ASCII mailbox (RFC 5321 4.1.2) of at most 254 characters.

    Left out on purpose: quoted local parts, address literals, hosts without a dot, UTF-8 (RFC 6531), which our server may not know, and
    what a header would show as an encoded word (RFC 2047 2).
    """
    local = email.rpartition("@")[0]
    return len(email) <= LONGEST_ADDRESS and len(local) <= 64 and "=?" not in email and _MAILBOX.fullmatch(email) is not None


def program_behind(email: str) -> LocalParts | None:
    """The family of programs that an address belongs to by its local part, or None for a person's."""
    local, _, domain = email.rpartition("@")
    if domain.lower().startswith(("noreply.", "no-reply.")):
        return PROGRAMS[0]
    return next((family for family in PROGRAMS if family.pattern.search(local[:LONGEST_ADDRESS])), None)


def is_form(mail: Mail, service: Service) -> bool:
    """Whether a mail comes from one of the company's own web forms."""
    return mail.from_ is not None and mail.from_.key in {form.lower() for form in service.forms}


def own_list(mail: Mail, service: Service) -> bool:
    """Whether a mail came through a group whose address is ours (RFC 2919: `<serwis.oxiprint.com>`): that is our delivery, no list."""
    ids = {address.replace("@", ".") for address in service.own_addresses}
    return any(value.rpartition("<")[2].strip("<> \t").lower() in ids for value in mail.all_headers("list-id"))


def sender_of(mail: Mail, service: Service) -> Address | None:
    """Who wrote: From; behind our own web form or group, the person whom it names. None: there is no one who could be read."""
    if is_form(mail, service):
        return next((address for address in mail.reply_to if _is_foreign(address, service)), None)
    if mail.from_ and mail.from_.key in service.own_addresses and own_list(mail, service):
        return next((address for address in _behind_the_group(mail) if _is_foreign(address, service)), mail.from_)
    return mail.from_


def answer_address(mail: Mail, service: Service) -> AnswerAddress:
    """Where an automatic answer may go: Reply-To if it is the sender's own (same organisation or same person), else the sender.

    Never an address of ours, never one that cannot be written to, never more than one.
    """
    sender = sender_of(mail, service)
    if sender is None:
        return AnswerAddress(None, "no sender that can be read")
    for address in mail.reply_to:
        if (
            address.key == sender.key
            or address.key in service.own_addresses
            or service.is_staff(address)
            or not is_deliverable(address.email)
        ):
            continue
        if _same_organisation(sender, address):
            return AnswerAddress(address, "Reply-To, of the sender's own domain")
        if _same_person(sender, address):
            return AnswerAddress(address, "Reply-To, the sender's other address")
    if sender.key in service.own_addresses:
        return AnswerAddress(None, "the sender is an address of ours")
    if not is_deliverable(sender.email):
        return AnswerAddress(None, "the sender's address cannot be written to")
    return AnswerAddress(sender, "the sender")


def _behind_the_group(mail: Mail) -> Iterator[Address]:
    """Google Groups puts the group into From where the writer's DMARC policy forbids relaying, and the writer elsewhere."""
    for value in (*mail.all_headers("x-original-from"), *mail.all_headers("x-original-sender")):
        name, email = parseaddr(value)
        if is_deliverable(email):
            yield Address(name, email)
    yield from mail.reply_to


def _is_foreign(address: Address, service: Service) -> bool:
    return is_deliverable(address.email) and address.key not in service.own_addresses


def _same_organisation(one: Address, other: Address) -> bool:
    """The same domain, or one below the other; a domain that the whole country shares does not count."""
    if {one.domain, other.domain} & SHARED_DOMAINS:
        return False
    shorter, longer = sorted((one.domain, other.domain), key=len)
    return longer == shorter or (shorter.count(".") >= 1 and longer.endswith("." + shorter))


def _same_person(one: Address, other: Address) -> bool:
    """The same local part of a person's (`jan.kowalski@`), or the same full name shown with both."""
    local = one.key.rpartition("@")[0]
    if local == other.key.rpartition("@")[0] and re.search(r"[a-z]{2,}[._-][a-z]{2,}", local):
        return True
    return len(_name(one)) >= 2 and _name(one) == _name(other)


def _name(address: Address) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{2,}", fold(address.name[:1000])))
