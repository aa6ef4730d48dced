"""The customer register from CSV: joined by company, refused completely, found by address or domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.model.known import RegisterEntry
from mailbot.steps.register_import import read_customers
from mailbot.store import register
from mailbot.store.engine import Database
from mailbot.store.migrate import upgrade
from mailbot.store.register import Contact, Customer, Machine

CSV = """\
company;domains;email;first_name;last_name;phone;device;serial;warranty_end;account_manager
Żółty Słoń sp. z o.o.;slon.example druk-slon.example;ewa@slon.example;Ewa;Łęcka;+48 501 222 333;OXIJET 3200;OJ-1;2027-03-31;op@oxiprint.com
Żółty Słoń sp. z o.o.;;jan@slon.example;Jan;Nowak;;OXI CUT 1625;;;
Druk s.c.;druk.example;;;;22 555 00 00;OXI UV 2513;UV-7;;
"""


def test_rows_of_one_company_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CSV, encoding="utf-8")
    slon, druk = read_customers(file)
    assert slon == Customer(
        "Żółty Słoń sp. z o.o.",
        "",
        "op@oxiprint.com",
        ("slon.example", "druk-slon.example"),
        (Contact("ewa@slon.example", "Ewa", "Łęcka", "+48 501 222 333"), Contact("jan@slon.example", "Jan", "Nowak", "")),
        (Machine("OXIJET 3200", "OJ-1", "2027-03-31"), Machine("OXI CUT 1625")),
    )
    assert druk == Customer("Druk s.c.", "22 555 00 00", "", ("druk.example",), (), (Machine("OXI UV 2513", "UV-7"),))


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1250", ";"), ("utf-8", "\t")])
def test_what_spreadsheets_save_can_be_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(CSV.replace(";", delimiter).replace("\n", "\r\n").encode(encoding))
    assert [customer.company for customer in read_customers(file)] == ["Żółty Słoń sp. z o.o.", "Druk s.c."]


def test_all_problems_are_named_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("company,email,domains,warranty_end\n,jan@a.example,,\nA,not an address,a..b,31.03.2027\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_customers(file)
    problems = "\n".join(refused.value.problems)
    assert "line 2: company is empty" in problems
    assert "line 3: email" in problems
    assert "line 3: domains" in problems
    assert "line 3: warranty_end" in problems


@pytest.mark.parametrize("head", ["email,phone", "company,colour", ""])
def test_an_unknown_head_is_refused(tmp_path: Path, head: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(f"{head}\nx,y\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="they are: company"):
        read_customers(file)


def test_the_register_knows_a_person_by_address_and_a_company_by_domain(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CSV, encoding="utf-8")
    database = Database(database_url)
    upgrade(database)
    with database.write() as connection:
        assert register.replace_all(connection, read_customers(file)) == 2
        assert register.replace_all(connection, read_customers(file)) == 2
    with database.read() as connection:
        ewa = register.entry_for(connection, "Ewa@slon.example")
        other = register.entry_for(connection, "info@slon.example")
        druk = register.entry_for(connection, "x@druk.example")
        nobody = register.entry_for(connection, "x@elsewhere.example")
    database.close()
    assert ewa == RegisterEntry(
        "Żółty Słoń sp. z o.o.",
        "Ewa",
        "Łęcka",
        "+48 501 222 333",
        (("OXIJET 3200", "OJ-1"), ("OXI CUT 1625", "")),
        "",
        "op@oxiprint.com",
        "contact",
    )
    assert other is not None
    assert (other.by, other.first_name, other.phone) == ("domain", "", "")
    assert druk is not None
    assert druk.devices == (("OXI UV 2513", "UV-7"),)
    assert nobody is None
