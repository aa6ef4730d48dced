"""Authentication-Results (RFC 8601): what our own mail server says of the sender, and nobody else's word."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mailbot.model.mail import Mail
from mailbot.rules.fields import words


class Authentication(StrEnum):
    """Whether the sender is who From says. UNKNOWN is no accusation: most small senders have nothing to check."""

    PASS = "pass"  # noqa: S105 a result, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One check (RFC 8601 2.2 `resinfo`): the method, its result, and properties such as `header.from`; all lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def domain(self, *names: str) -> str:
        """The domain in the first property of these names (an address counts by its domain); empty when there is none."""
        for name in names:
            for key, value in self.properties:
                if key == name:
                    return value.rpartition("@")[2].rstrip(".")
        return ""


_BESIDE = frozenset({"received-spf", "dkim-filter"})  # what filters of the same server write between two of its results
_ADDRESS = re.compile(r"[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})")


def verdict(mail: Mail, authserv_id: str) -> Authentication:
    """What the server named `authserv_id` says of the mail's only From; UNKNOWN without a configured name or a result.

    DMARC decides where it has a result, and only for the domain in From; else an aligned DKIM or SPF pass. Several From
    addresses, or a display name that shows an address of another domain, fail: what people would read was not checked.
    The promise rests on a server that strips foreign results under its own name (RFC 8601 5).
    """
    if not authserv_id:
        return Authentication.UNKNOWN
    if mail.from_ is None or mail.from_count != 1 or _shows_another(mail.from_.name, mail.from_.domain):
        return Authentication.FAIL
    results = tuple(own_results(mail, authserv_id))
    dmarc = next((result for result in results if result.method == "dmarc"), None)
    if dmarc and dmarc.result in ("pass", "fail") and (about := dmarc.domain("header.from")):
        agreed = dmarc.result == "pass" and about == mail.from_.domain
        return Authentication.PASS if agreed else Authentication.FAIL
    if dmarc and dmarc.result == "fail":
        return Authentication.FAIL
    return _aligned(results, mail.from_.domain)


def own_results(mail: Mail, authserv_id: str) -> Iterator[Result]:
    """The results that our server wrote: its topmost unbroken run of fields above the first Received that is not ours."""
    ours = authserv_id.lower()
    run = False
    for name, value in _written_by_us(mail.headers, ours):
        if name == "authentication-results":
            who, results = parse(value)
            if who == ours:
                run = True
                yield from results
                continue
        if run and name not in _BESIDE:
            return


def parse(value: str) -> tuple[str, tuple[Result, ...]]:
    """Split one field into the authserv-id and its results (RFC 8601 2.2); what does not follow the grammar is left out."""
    clauses: list[list[str]] = [[]]
    for word in words(value):
        if word == ";":
            clauses.append([])
        else:
            clauses[-1].append(word.lower())
    who = "" if "=" in clauses[0] or not clauses[0] else clauses[0][0]
    return who, tuple(result for clause in clauses[1:] if (result := _result(clause)))


def _result(clause: list[str]) -> Result | None:
    """`method[/version] = result [ptype.property = value …]`; spaces around the dot are allowed, so names are joined."""
    pairs: list[tuple[str, str]] = []
    name: list[str] = []
    rest = iter(clause)
    for word in rest:
        if word != "=":
            name.append(word)
            continue
        value = next(rest, None)
        if not name or value in (None, "="):
            return None
        pairs.append(("".join(name), str(value)))
        name = []
    if not pairs:
        return None
    (method, result), *properties = pairs
    return Result(method.partition("/")[0], result, tuple(properties))


def _written_by_us(headers: tuple[tuple[str, str], ...], ours: str) -> Iterator[tuple[str, str]]:
    """The fields that our servers wrote on top: all above the Received field after the one that took the mail over the border.

    Some servers write the results above that Received field, some (Google) below it; so the field after it is the end.
    """
    crossed = False
    for name, value in headers:
        if name == "received":
            origin, host = _hop(value)
            if crossed or not (_inside(host, ours) or _is_internal(host)):
                return
            crossed = bool(origin) and not (_inside(origin, ours) or _is_internal(origin))
        yield name, value


def _hop(received: str) -> tuple[str, str]:
    """The names behind `from` and `by` (RFC 5321 4.4), lower case, empty when absent; comments, where a stranger may write, are skipped."""
    parts = [word.lower().strip("[],.") for word in words(received)]
    origin = parts[1] if parts[0:1] == ["from"] and len(parts) > 1 else ""
    by = parts.index("by", 2 if origin else 0) if "by" in parts[2 if origin else 0 :] else len(parts)
    return origin, parts[by + 1] if by + 1 < len(parts) else ""


def _aligned(results: tuple[Result, ...], domain: str) -> Authentication:
    """Without DMARC: a DKIM or SPF pass for the From domain passes; only a hard SPF fail for that very domain fails."""
    denied = False
    for result in results:
        signer = result.domain("header.d", "header.i") if result.method == "dkim" else ""
        envelope = result.domain("smtp.mailfrom", "smtp.mail") if result.method == "spf" else ""
        if result.result == "pass" and _same_organisation(signer or envelope, domain):
            return Authentication.PASS
        if result.result == "fail" and envelope == domain:
            denied = True
    return Authentication.FAIL if denied else Authentication.UNKNOWN


def _same_organisation(one: str, other: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1) without the public suffix list: equal, or one below the other; no one signs for a suffix."""
    shorter, longer = sorted((one, other), key=len)
    return "." in shorter and (longer == shorter or longer.endswith("." + shorter))


def _shows_another(name: str, domain: str) -> bool:
    return any(not _same_organisation(shown.lower(), domain) for shown in _ADDRESS.findall(name[:1000]))


def _inside(host: str, ours: str) -> bool:
    """Whether a host is one of our server's: the same name, or below the same domain (`mx.oxiprint.com`: oxiprint.com)."""
    house = ours.partition(".")[2] if ours.count(".") > 1 else ours
    return host in (ours, house) or host.endswith("." + house)


def _is_internal(host: str) -> bool:
    """Hops inside a server name themselves localhost or by an address (Google: 6to4); over the border they come with a name."""
    try:
        address = ipaddress.ip_address(host.removeprefix("ipv6:"))
    except ValueError:
        return host in ("localhost", "localhost.localdomain")
    return address.is_private or address.is_loopback or (isinstance(address, ipaddress.IPv6Address) and address.sixtofour is not None)
