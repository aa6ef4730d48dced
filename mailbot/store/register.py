"""The customer register: what staff imported about customers, their people and machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from mailbot.model.known import RegisterEntry
from mailbot.store.insert import insert_new, put
from mailbot.store.schema import customer, customer_contact, customer_domain, customer_machine


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of a customer."""

    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that a customer has; the warranty's end is an ISO date or empty."""

    device: str
    serial: str = ""
    warranty_end: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as imported."""

    company: str
    phone: str = ""
    account_manager: str = ""
    domains: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    machines: tuple[Machine, ...] = ()


def entry_for(connection: Connection, email: str) -> RegisterEntry | None:
    """What the register knows about a sender: by the very address, else by the domain."""
    contact = connection.execute(select(customer_contact).where(customer_contact.c.email == email.lower())).first()
    if contact is not None:
        return _entry(connection, contact.customer_id, Contact(email, contact.first_name, contact.last_name, contact.phone))
    domain = email.lower().rpartition("@")[2]
    owner = connection.execute(select(customer_domain.c.customer_id).where(customer_domain.c.domain == domain)).scalar()
    return None if owner is None else _entry(connection, owner, None)


def _entry(connection: Connection, customer_id: int, contact: Contact | None) -> RegisterEntry:
    row = connection.execute(select(customer).where(customer.c.id == customer_id)).one()
    machines = connection.execute(
        select(customer_machine).where(customer_machine.c.customer_id == customer_id).order_by(customer_machine.c.id)
    ).all()
    ends = [machine.warranty_end for machine in machines if machine.warranty_end]
    return RegisterEntry(
        company=row.company,
        first_name=contact.first_name if contact else "",
        last_name=contact.last_name if contact else "",
        phone=contact.phone if contact else "",
        devices=tuple((machine.device, machine.serial) for machine in machines),
        warranty_end=ends[0] if len(machines) == 1 and ends else "",
        account_manager=row.account_manager,
        by="contact" if contact else "domain",
    )


def replace_all(connection: Connection, customers: Iterable[Customer]) -> int:
    """The register is now this; returns how many customers it holds. Tickets keep what they took from the former one."""
    for table in (customer_machine, customer_contact, customer_domain, customer):
        connection.execute(table.delete())
    return sum(1 for each in customers if _insert(connection, each))


def _insert(connection: Connection, each: Customer) -> bool:
    key = connection.execute(
        insert(customer).values(company=each.company, phone=each.phone, account_manager=each.account_manager).returning(customer.c.id)
    ).scalar_one()
    for domain in each.domains:
        put(connection, customer_domain, "domain", {"domain": domain.lower(), "customer_id": key})
    for contact in each.contacts:
        row = {"email": contact.email.lower(), "customer_id": key, "first_name": contact.first_name, "last_name": contact.last_name}
        put(connection, customer_contact, "email", {**row, "phone": contact.phone})
    for machine in each.machines:
        row = {"customer_id": key, "device": machine.device, "serial": machine.serial, "warranty_end": machine.warranty_end}
        insert_new(connection, customer_machine, row)
    return True


def size(connection: Connection) -> int:
    """How many customers the register holds."""
    return connection.execute(select(func.count()).select_from(customer)).scalar_one()
