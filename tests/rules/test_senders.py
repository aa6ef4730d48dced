"""Who wrote, and where an answer may go."""

from __future__ import annotations

import time

import pytest

from mailbot.model.mail import Address
from mailbot.rules.senders import PROGRAMS, LocalParts, answer_address, is_deliverable, program_behind, sender_of
from tests.build import a_mail, a_service

SERVICE = a_service(forms=("www@oxiprint.com",), other_addresses=("info@oxiprint.com",))


@pytest.mark.parametrize("family", PROGRAMS, ids=lambda family: family.name)
def test_every_family_knows_its_examples(family: LocalParts) -> None:
    assert [local for local in family.yes if program_behind(f"{local}@x.example") is not family] == []
    assert [local for local in family.no if program_behind(f"{local}@x.example")] == []


@pytest.mark.parametrize(
    "email", ["jan@drukarnia.example", "biuro@x.example", "serwis@maszyny.example", "a.nowak-system@x.example", "kontakt@x.example"]
)
def test_people_and_offices_are_no_programs(email: str) -> None:
    assert program_behind(email) is None


@pytest.mark.parametrize("email", ["jan@a.pl", "o'neil+x@a-b.example", "a" * 64 + "@a.pl", "x@xn--uk-fka.pl", "x_y@sub.sub.a.museum"])
def test_deliverable(email: str) -> None:
    assert is_deliverable(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "jan",
        "@a.pl",
        "jan@",
        "jan@localhost",
        "jan@a..pl",
        "jan@.pl",
        "jan.@a.pl",
        ".jan@a.pl",
        "a@b@c.pl",
        "jan@[1.2.3.4]",
        "jan@1.2.3.4",
        "jan @a.pl",
        "jan@a.pl\nBcc: x@y.pl",
        "jan@a.pl\n",
        "\x00jan@a.pl",
        "<jan@a.pl>",
        '"jan k"@a.pl',
        "żuk@a.pl",
        "jan@żuk.pl",
        "jan@-a.pl",
        "jan,ewa@a.pl",
        "a" * 65 + "@a.pl",
        "a@" + "b" * 64 + ".pl",
        "a@" + "b1234567." * 28 + "pl",
        "jan\u202e@a.pl",
    ],
)
def test_not_deliverable(email: str) -> None:
    assert not is_deliverable(email)


def test_from_is_the_identity_whatever_reply_to_says() -> None:
    mail = a_mail(reply_to=(Address("", "other@elsewhere.example"),))
    assert sender_of(mail, SERVICE) == Address("Jan Kowalski", "jan.kowalski@drukarnia.example")


@pytest.mark.parametrize(
    ("sender", "reply_to", "answered"),
    [
        (("Jan Kowalski", "jan.kowalski@drukarnia.example"), (), "jan.kowalski@drukarnia.example"),
        (("Jan Kowalski", "jan.kowalski@drukarnia.example"), (("", "biuro@drukarnia.example"),), "biuro@drukarnia.example"),
        (("Jan Kowalski", "jan.kowalski@drukarnia.example"), (("", "biuro@poczta.drukarnia.example"),), "biuro@poczta.drukarnia.example"),
        (("Jan Kowalski", "jan.kowalski@drukarnia.example"), (("", "jan.kowalski@wp.pl"),), "jan.kowalski@wp.pl"),
        (("Łukasz Żak", "biuro@drukarnia.example"), (("Zak Lukasz", "lz77@wp.pl"),), "lz77@wp.pl"),
        # somebody else's
        (("Jan Kowalski", "jan.kowalski@drukarnia.example"), (("", "ofiara@elsewhere.example"),), "jan.kowalski@drukarnia.example"),
        (("Jan", "biuro@drukarnia.example"), (("Jan", "biuro@elsewhere.example"),), "biuro@drukarnia.example"),
        (("Jan", "jan77@wp.pl"), (("Ewa", "ewa77@wp.pl"),), "jan77@wp.pl"),
        (("Jan Kowalski", "jan@drukarnia.example"), (("", "x@evildrukarnia.example"),), "jan@drukarnia.example"),
        # ours
        (("Jan Kowalski", "jan@drukarnia.example"), (("", "serwis@oxiprint.com"),), "jan@drukarnia.example"),
        (("Jan Kowalski", "jan@drukarnia.example"), (("Jan Kowalski", "INFO@oxiprint.com"),), "jan@drukarnia.example"),
        (("Jan Nowak", "jan.nowak@drukarnia.example"), (("Jan Nowak", "jan@oxiprint.com"),), "jan.nowak@drukarnia.example"),
        # not to be written to
        (("Jan Kowalski", "jan@drukarnia.example"), (("", "biuro@drukarnia.example\nBcc: x@y.example"),), "jan@drukarnia.example"),
        (("Jan Kowalski", "jan@localhost"), (), None),
        (("Jan Kowalski", "jan@localhost"), (("", "biuro@localhost"),), None),
        (("Serwis", "serwis@oxiprint.com"), (), None),
        (("Serwis", "info@oxiprint.com"), (("Jan Kowalski", "jan@drukarnia.example"),), None),
        # the company's own form
        (("Formularz", "www@oxiprint.com"), (("Jan Kowalski", "jan@drukarnia.example"),), "jan@drukarnia.example"),
        (("Formularz", "WWW@oxiprint.com"), (("", "serwis@oxiprint.com"), ("", "jan@drukarnia.example")), "jan@drukarnia.example"),
        (("Formularz", "www@oxiprint.com"), (), None),
        (("Formularz", "www@oxiprint.com"), (("", "nonsense"),), None),
    ],
)
def test_where_an_answer_goes(sender: tuple[str, str], reply_to: tuple[tuple[str, str], ...], answered: str | None) -> None:
    mail = a_mail(from_=Address(*sender), reply_to=tuple(Address(*address) for address in reply_to))
    found = answer_address(mail, SERVICE)
    assert (found.address.email if found.address else None) == answered
    assert found.reason


def test_no_sender_no_answer() -> None:
    assert answer_address(a_mail(from_=None, from_count=0), SERVICE).address is None


GROUP = (("list-id", "<serwis.oxiprint.com>"), ("x-original-from", "Jan Kowalski <jan@drukarnia.example>"))


def test_the_writer_behind_our_own_group() -> None:
    mail = a_mail(sender="serwis@oxiprint.com", name="'Jan Kowalski' via Serwis", headers=GROUP)
    assert sender_of(mail, SERVICE) == Address("Jan Kowalski", "jan@drukarnia.example")
    assert sender_of(a_mail(sender="serwis@oxiprint.com", headers=GROUP[1:]), SERVICE) == Address("Jan Kowalski", "serwis@oxiprint.com")


@pytest.mark.parametrize("hostile", ["a.", "a@", "a-", "-bounces", "no"])
def test_hostile_addresses_are_linear(hostile: str) -> None:
    text = hostile * (1_000_000 // len(hostile))
    before = time.perf_counter()
    is_deliverable(text)
    program_behind(text)
    answer_address(a_mail(sender=text, name=text, reply_to=(Address(text, text + "@x.example"),)), SERVICE)
    assert time.perf_counter() - before < 1
