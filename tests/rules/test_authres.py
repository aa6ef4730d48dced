"""Only our own server's word counts, wherever and however often somebody else writes the same field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model.mail import Mail
from mailbot.rules.authres import Result, parse, verdict
from tests.build import a_mail

OURS = "mx.oxiprint.com"
BORDER = "Received: from mail.drukarnia.example (mail.drukarnia.example [192.0.2.7]) by mx.oxiprint.com (Postfix) with ESMTPS id 4X"
LOCAL = "Received: from localhost (localhost [127.0.0.1]) by mx.oxiprint.com (Postfix) with ESMTP id 4Y"
FOREIGN = "Received: from [10.0.0.5] by mail.drukarnia.example with ESMTPSA id 1"
PASS = "Authentication-Results: mx.oxiprint.com; dmarc=pass (p=reject dis=none) header.from=drukarnia.example"
FAIL = "Authentication-Results: mx.oxiprint.com; dmarc=fail (p=none dis=none) header.from=drukarnia.example"


def mail_with(*lines: str, **changes: object) -> Mail:
    """A mail from jan.kowalski@drukarnia.example with these header lines on top."""
    headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return a_mail(headers=headers, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lines",
    [
        [PASS, BORDER, FOREIGN],
        [BORDER, PASS, FOREIGN],  # Google writes below its Received
        [LOCAL, PASS, BORDER, FOREIGN],
        [
            "Return-Path: <x@y.example>",
            "Received: by 2002:a05:7110:1234:b0:1a2:3b4c:5d6e with SMTP id x",
            BORDER,
            "Received-SPF: pass",
            PASS,
            FOREIGN,
        ],
        ["AUTHENTICATION-RESULTS: MX.Oxiprint.Com 1; DMARC = Pass header . from = Drukarnia.EXAMPLE", BORDER],
        ['Authentication-Results: "mx.oxiprint.com"; dmarc="pass" reason="a; dmarc=fail" header.from=drukarnia.example', BORDER],
        ["Authentication-Results: mx.oxiprint.com (see; dmarc=fail (nested)); dmarc/1=pass header.from=drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dkim=pass (2048-bit key) header.d=drukarnia.example header.s=s1", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dkim=fail header.d=other.example; dkim=pass header.i=@mail.drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; spf=pass smtp.mailfrom=jan@drukarnia.example", BORDER],
        [
            "Authentication-Results: mx.oxiprint.com; dmarc=none header.from=drukarnia.example; spf=pass smtp.mailfrom=drukarnia.example",
            BORDER,
        ],
        ["Authentication-Results: mx.oxiprint.com; spf=none", "DKIM-Filter: OpenDKIM v2.11", PASS, BORDER],
        # forged ones, where we wrote one too
        [PASS, BORDER, FAIL, FOREIGN],
        [PASS, BORDER, FOREIGN, FAIL],
    ],
)
def test_pass(lines: list[str]) -> None:
    assert verdict(mail_with(*lines), OURS) == "pass"


@pytest.mark.parametrize(
    "lines",
    [
        [FAIL, BORDER, FOREIGN],
        [FAIL, BORDER, PASS, FOREIGN],  # forged, straight below our Received
        [FAIL, PASS, BORDER, FOREIGN],  # forged, straight below ours
        [FAIL, BORDER, FOREIGN, PASS],
        ["Authentication-Results: mx.oxiprint.com; dmarc=pass header.from=evil.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dmarc=pass header.from=drukarnia.example.evil.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dmarc=fail", BORDER],
        ["Authentication-Results: mx.oxiprint.com; spf=fail smtp.mailfrom=jan@drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dmarc=fail header.from=drukarnia.example; dkim=pass header.d=drukarnia.example", BORDER],
    ],
)
def test_fail(lines: list[str]) -> None:
    assert verdict(mail_with(*lines), OURS) == "fail"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [BORDER, FOREIGN, PASS],  # forged, we wrote none
        [LOCAL, BORDER, FOREIGN, PASS],
        ["Authentication-Results: mx.oxiprint.com; spf=none", BORDER, PASS, FOREIGN],  # ours knew nothing, forged below
        [BORDER, "Authentication-Results: mx.oxiprint.com; spf=none", "DKIM-Signature: v=1", PASS, FOREIGN],
        [BORDER, "Received: from a.example by mx.oxiprint.com (forged hop)", PASS],
        ["Received: from a (by mx.oxiprint.com x) by evil.example", PASS],
        ["Authentication-Results: mx.evil.example; dmarc=pass header.from=drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com.evil.example; dmarc=pass header.from=drukarnia.example", BORDER],
        ["Authentication-Results: (mx.oxiprint.com) evil.example; dmarc=pass header.from=drukarnia.example", BORDER],
        ["Authentication-Results: dmarc=pass header.from=drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; none", BORDER],
        ["Authentication-Results: mx.oxiprint.com (dmarc=pass header.from=drukarnia.example)", BORDER],
        ["Authentication-Results: mx.oxiprint.com; x=y (; dmarc=pass header.from=drukarnia.example", BORDER],
        ['Authentication-Results: mx.oxiprint.com; x="; dmarc=pass header.from=drukarnia.example', BORDER],
        ["Authentication-Results: mx.oxiprint.com; dkim=pass header.d=mailer.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; spf=pass smtp.helo=drukarnia.example smtp.mailfrom=evil.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dkim=pass header.d=example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; spf=fail smtp.mailfrom=forwarder.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; spf=softfail smtp.mailfrom=drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dkim=fail header.d=drukarnia.example", BORDER],
        ["Authentication-Results: mx.oxiprint.com; dmarc=temperror header.from=drukarnia.example", BORDER],
    ],
)
def test_unknown(lines: list[str]) -> None:
    assert verdict(mail_with(*lines), OURS) == "unknown"


def test_without_a_configured_name_nothing_is_trusted() -> None:
    assert verdict(mail_with(PASS, BORDER), "") == "unknown"
    assert verdict(mail_with("Authentication-Results: ; dmarc=pass header.from=drukarnia.example", BORDER), "") == "unknown"


@pytest.mark.parametrize(
    "changes",
    [
        {"from_count": 2},
        {"from_": None, "from_count": 0},
        {"name": "serwis@oxiprint.com"},
        {"name": "Szef <szef@oxiprint.com>"},
    ],
)
def test_a_sender_that_people_would_misread_fails(changes: dict[str, object]) -> None:
    assert verdict(mail_with(PASS, BORDER, **changes), OURS) == "fail"


def test_the_own_address_as_display_name_is_honest() -> None:
    assert verdict(mail_with(PASS, BORDER, name="jan.kowalski@drukarnia.example"), OURS) == "pass"


def test_the_grammar_of_rfc_8601_appendix_b6() -> None:
    field = (
        "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=fail smtp.mailfrom=example.net;"
        ' dkim=pass reason="good signature" header.i=@mail-router.example.net'
    )
    who, results = parse(field)
    assert who == "example.com"
    assert [(result.method, result.result) for result in results] == [("auth", "pass"), ("spf", "fail"), ("dkim", "pass")]
    assert results[2] == Result("dkim", "pass", (("reason", "good signature"), ("header.i", "@mail-router.example.net")))


@given(st.text(alphabet='mx.oxiprintcom;=()"\\ dmarcpassfail@', max_size=200))
def test_any_field_is_read_without_an_error(value: str) -> None:
    found = verdict(mail_with(f"Authentication-Results: {value}", BORDER), OURS)
    assert found in ("pass", "fail", "unknown")
    assert found != "pass" or "drukarnia" in value
