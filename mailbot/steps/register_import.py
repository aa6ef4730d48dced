"""Reads the customer register from CSV: one row a customer's contact or machine; all problems are named before anything is kept."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mailbot.errors import ConfigError
from mailbot.rules.senders import is_deliverable
from mailbot.store.register import Contact, Customer, Machine

COLUMNS = (
    "company",
    "domains",
    "email",
    "first_name",
    "last_name",
    "phone",
    "device",
    "serial",
    "warranty_end",
    "account_manager",
)
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+")
_MOST_PROBLEMS = 20


@dataclass(slots=True)
class _Gathered:
    domains: list[str] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    phone: str = ""
    account_manager: str = ""


def read_customers(file: Path) -> list[Customer]:
    """The customers of a CSV file (UTF-8 or windows-1250; comma, semicolon or tab), rows of one company joined.

    Columns: company (required in each row), domains (separated by spaces), email with first_name, last_name and phone of that
    person (phone alone: the company's), device, serial, warranty_end (YYYY-MM-DD), account_manager (an address).
    Raises ConfigError with all problems, each with its line.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ConfigError([f"{file} cannot be read: {error.strerror}"]) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1250", "replace")
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    unknown = [name for name in names if name not in COLUMNS]
    if "company" not in names or unknown:
        said = f"unknown: {', '.join(unknown)}" if unknown else "company is missing"
        raise ConfigError([f"{file}: the first line must name the columns ({said}); they are: {', '.join(COLUMNS)}"])
    reader.fieldnames = names
    rows = [(number, {key: (value or "").strip() for key, value in row.items() if key}) for number, row in enumerate(reader, start=2)]
    problems = [f"{file}: line {number}: {problem}" for number, row in rows for problem in _problems(row)]
    if problems:
        more = [f"… and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
        raise ConfigError(problems[:_MOST_PROBLEMS] + more)
    return _joined(row for _, row in rows)


def _problems(row: dict[str, str]) -> Iterable[str]:
    if not row.get("company"):
        yield "company is empty"
    email = row.get("email", "")
    if email and not is_deliverable(email):
        yield f"email: {email!r} is no address"
    for domain in row.get("domains", "").lower().split():
        if not _DOMAIN.fullmatch(domain):
            yield f"domains: {domain!r} is no domain; separate several by spaces"
    end = row.get("warranty_end", "")
    try:
        if end:
            date.fromisoformat(end)
    except ValueError:
        yield f"warranty_end: {end!r} is no date; write it like 2027-03-31"


def _joined(rows: Iterable[dict[str, str]]) -> list[Customer]:
    found: dict[str, _Gathered] = {}
    for row in rows:
        each = found.setdefault(row["company"], _Gathered())
        each.domains += [domain for domain in row.get("domains", "").lower().split() if domain not in each.domains]
        each.account_manager = each.account_manager or row.get("account_manager", "")
        email, phone = row.get("email", "").lower(), row.get("phone", "")
        if email:
            each.contacts.setdefault(email, Contact(email, row.get("first_name", ""), row.get("last_name", ""), phone))
        else:
            each.phone = each.phone or phone
        machine = Machine(row.get("device", ""), row.get("serial", ""), row.get("warranty_end", ""))
        if machine.device and machine not in each.machines:
            each.machines.append(machine)
    return [
        Customer(company, each.phone, each.account_manager, tuple(each.domains), tuple(each.contacts.values()), tuple(each.machines))
        for company, each in found.items()
    ]
