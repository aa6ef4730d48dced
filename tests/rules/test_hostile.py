"""No mail breaks the parser: the hostile corpus by name, and bytes that Hypothesis makes up or breaks."""

from __future__ import annotations

import dataclasses
import time
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.model.mail import Mail
from mailbot.rules.parse import _salvage, parse
from tests.hostile.mails import MAILS, WITH_TEXT

SECONDS = 10  # a mail of the corpus takes under 1 s; quadratic work on it takes minutes
CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
GOOD = [MAILS[name] for name in MAILS if len(MAILS[name]) < 3_000]


def texts(value: Any) -> Iterator[str]:
    """Every str in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))


def assert_promise(raw: bytes, mail: Mail) -> None:
    """What the docstrings of Mail and parse promise, for any bytes."""
    for text in texts(mail):
        assert not CONTROLS.intersection(text)
        text.encode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
    assert mail.size == len(raw)
    assert len(mail.text) <= 1_100_000
    assert len(mail.headers) <= 1_000
    assert len(mail.attachments) + len(mail.attached) <= 500
    assert all(len(field) <= 500 for field in (mail.to, mail.cc, mail.reply_to))
    assert len(mail.references) <= 200
    assert mail.date is None or mail.date.tzinfo is not None
    assert "could not be taken apart" not in (mail.damaged or "")  # the last resort is for faults that we do not know
    assert not any("\n" in line for line in (mail.subject, *(value for _, value in mail.headers), *(a.name for a in mail.attachments)))
    assert all(attachment.name and attachment.size >= 0 for attachment in mail.attachments)
    for inner in mail.attached:
        assert inner.size <= max(len(raw), 1)


def test_the_corpus_is_large_enough() -> None:
    assert len(MAILS) >= 300


@pytest.mark.parametrize("name", MAILS)
def test_hostile_mail(name: str) -> None:
    raw = MAILS[name]
    start = time.monotonic()
    mail = parse(raw)
    assert time.monotonic() - start < SECONDS
    assert_promise(raw, mail)
    if name in WITH_TEXT:
        assert WITH_TEXT[name] in mail.text


@pytest.mark.parametrize("name", [name for name in MAILS if len(MAILS[name]) < 200_000])
def test_the_same_bytes_give_an_equal_mail(name: str) -> None:
    assert parse(MAILS[name]) == parse(bytes(bytearray(MAILS[name])))


@pytest.mark.parametrize("name", [name for name in MAILS if name.startswith(("charset", "control", "header: raw", "From"))])
def test_the_last_resort_keeps_the_promise_too(name: str) -> None:
    mail = _salvage(MAILS[name], "ValueError", partial=False)
    assert_promise(MAILS[name], dataclasses.replace(mail, damaged=None))
    assert mail.damaged == "the mail could not be taken apart (ValueError)"


def test_the_last_resort_keeps_sender_subject_and_text() -> None:
    mail = _salvage("From: Jan <jan@x.pl>\r\nSubject: zażółć\r\n\r\nOXIJET".encode("cp1250"), "ValueError", partial=True)
    assert mail.from_ is not None
    assert (mail.from_.email, mail.subject, mail.partial) == ("jan@x.pl", "zażółć", True)
    assert mail.text.endswith("OXIJET")


@settings(max_examples=200, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    assert_promise(raw, parse(raw))


PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"--b0\r\n",
    b"--b0--",
    b"\0",
    b"\xff",
    b"=?utf-8?q?",
    b"?=",
    b"=0D=0A",
    b"<",
    b">",
    b'"',
    b"(",
    b";",
    b"@",
    b"From: ",
    b"Content-Type: ",
    b"Content-Type: multipart/mixed; boundary=b0\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"charset=utf-16",
    b"begin 644 a\r\n",
    b"<blockquote>",
    b"<td>",
    b"format=flowed",
    b"> ",
    "żółć".encode("cp1250"),
    "żółć".encode(),
    b"\xcc\x81",
    b"\xe2\x80\x8b",
    b"filename*0*=",
    b"%ZZ",
]


@st.composite
def broken_mails(draw: st.DrawFn) -> bytes:
    """A mail of the corpus, cut, spliced and strewn with the pieces that mean something to a parser."""
    raw = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(raw)))
        length = draw(st.integers(0, 40))
        raw[place : place + length] = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)))
    return bytes(raw)


@settings(max_examples=400, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(broken_mails(), st.booleans())
def test_broken_mails(raw: bytes, partial: bool) -> None:
    mail = parse(raw, partial=partial)
    assert_promise(raw, mail)
    assert mail.partial is partial
    assert mail == parse(raw, partial=partial)


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=60),
    st.text(st.characters(codec="utf-8"), max_size=60),
)
def test_any_subject_and_body_in_utf8(subject: str, body: str) -> None:
    mail = parse(f"From: a@x.pl\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOXIJET {body}".encode())
    assert "OXIJET" in mail.text
    assert mail.from_ is not None
    assert mail.from_.email == "a@x.pl"


@pytest.mark.parametrize("value", ["Mon, 14 Sep 2026 10:15:00 +0200", "14 Sep 26 08:15 GMT", "Mon, 14 Sep 2026 10:15:00 +0200 (CEST)"])
def test_dates_are_utc(value: str) -> None:
    assert parse(f"Date: {value}\r\n\r\n".encode()).date == datetime.fromisoformat("2026-09-14T08:15:00+00:00")
