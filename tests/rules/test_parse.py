"""From bytes to a Mail: texts, names, attachments, attached mails, reports and identity."""

from __future__ import annotations

import base64
import email
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.mail import Address, Attachment, DeliveryStatus
from mailbot.rules.parse import parse

HEAD = "From: Jan Kowalski <jan@foto.pl>\r\nTo: serwis@oxiprint.com\r\nSubject: awaria\r\nMessage-ID: <m1@foto.pl>\r\n"


def raw(*fields: str, body: str = "OXIJET 3200 stoi", head: str = HEAD) -> bytes:
    return (head + "".join(f"{field}\r\n" for field in fields) + "\r\n" + body).encode()


def multipart(*parts: str, kind: str = "mixed", head: str = HEAD) -> bytes:
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return raw(f"Content-Type: multipart/{kind}; boundary=b", body=body, head=head)


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nTreść zwykła, OXIJET 3200"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Treść <b>w HTML</b>, OXIJET 3200</p>"
JPEG = (
    "Content-Type: image/jpeg; name=foto.jpg\r\nContent-Disposition: attachment; filename=foto.jpg\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAECAwQF"
)


def test_a_plain_mail() -> None:
    mail = parse(
        raw(
            "Date: Mon, 14 Sep 2026 10:15:00 +0200",
            "Cc: a@x.pl, B C <b@x.pl>",
            "Reply-To: biuro@foto.pl",
            "Sender: <s@foto.pl>",
            "Return-Path: <jan@foto.pl>",
        )
    )
    assert mail.from_ == Address("Jan Kowalski", "jan@foto.pl")
    assert mail.from_count == 1
    assert mail.to == (Address("", "serwis@oxiprint.com"),)
    assert mail.cc == (Address("", "a@x.pl"), Address("B C", "b@x.pl"))
    assert mail.reply_to == (Address("", "biuro@foto.pl"),)
    assert mail.sender == Address("", "s@foto.pl")
    assert mail.return_path == "jan@foto.pl"
    assert mail.subject == "awaria"
    assert mail.message_id == "<m1@foto.pl>"
    assert mail.date is not None
    assert mail.date.isoformat() == "2026-09-14T08:15:00+00:00"
    assert mail.text == "OXIJET 3200 stoi"
    assert mail.html is None
    assert mail.damaged is None
    assert mail.header("MESSAGE-ID") == "<m1@foto.pl>"


@pytest.mark.parametrize("codec", ["utf-8", "cp1250", "iso8859-2"])
def test_raw_8bit_headers_lose_nothing(codec: str) -> None:
    mail = parse("Subject: zażółć gęślą jaźń\r\nFrom: Łukasz Śliwa <l@x.pl>\r\n\r\nx".encode(codec))
    assert mail.subject == "zażółć gęślą jaźń"
    assert mail.from_ == Address("Łukasz Śliwa", "l@x.pl")


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?iso-8859-2?q?=BF=F3=B3=E6?=", "żółć"),
        ("=?utf-8?B?xbzDs8WC?=\r\n =?utf-8?B?xIc=?=", "żółć"),
        ("=?utf-8?q?za=C5?= =?utf-8?q?=BC=C3=B3?=", "zażó"),
        ("=?windows-1250?Q?=8Clad_=9Cruby?=", "Ślad śruby"),
        ("=?iso-8859-2?Q?=8Clad_=9Cruby?=", "Ślad śruby"),
        ("Re: =?utf-8?q?a?= b =?utf-8?q?c?=", "Re: a b c"),
        ('"=?utf-8?q?w_cudzys=C5=82owie?="', '"w cudzysłowie"'),
        ("=?utf-8?q?Co_robi=C4=87??=", "Co robić?"),
        ("=?utf-8?q?hi=0D=0ABcc:_victim=40x.pl?=", "hi Bcc: victim@x.pl"),
        ("=?x-unknown?q?awaria?=", "awaria"),
        ("RE:\u00a0awaria", "RE: awaria"),
        ("a\r\n\tb\r\n c", "a b c"),
    ],
)
def test_subjects(value: str, subject: str) -> None:
    assert parse(f"Subject: {value}\r\nFrom: a@x.pl\r\n\r\nx".encode()).subject == subject


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("jan@foto.pl (Jan Kowalski)", Address("Jan Kowalski", "jan@foto.pl")),
        ("Kowalski, Jan <jan@foto.pl>", Address("Kowalski, Jan", "jan@foto.pl")),
        ('"Kowalski, Jan" <jan@foto.pl>', Address("Kowalski, Jan", "jan@foto.pl")),
        ("'Jan Kowalski' <jan@foto.pl>", Address("Jan Kowalski", "jan@foto.pl")),
        ("jan@foto.pl <jan@foto.pl>", Address("", "jan@foto.pl")),
        ('"szef@oxiprint.com" <evil@x.pl>', Address("szef@oxiprint.com", "evil@x.pl")),
        ("=?utf-8?q?Jan_=C5=9Aliwa?= <jan@foto.pl>", Address("Jan Śliwa", "jan@foto.pl")),
        ('"=?utf-8?q?Jan_=C5=9Aliwa?=" <jan@foto.pl>', Address("Jan Śliwa", "jan@foto.pl")),
        ("=?utf-8?q?Jan=0D=0ABcc:_v=40x.pl?= <jan@foto.pl>", Address("Jan Bcc: v@x.pl", "jan@foto.pl")),
        ("=?utf-8?q?Serwis:_Foto,_s.c.?= =?utf-8?q?_A;B?= <jan@foto.pl>", Address("Serwis: Foto, s.c. A;B", "jan@foto.pl")),
        ("=?utf-8?q?Jan_<jan=40foto.pl>?=", Address("Jan", "jan@foto.pl")),
        ("Jan <jan@foto.pl", Address("Jan", "jan@foto.pl")),
        ("Jan Kowalski", None),
        ("<@", None),
        ("", None),
        ("a@x.pl b@x.pl", None),
    ],
)
def test_senders(value: str, sender: Address | None) -> None:
    assert parse(f"From: {value}\r\nSubject: a\r\n\r\nx".encode()).from_ == sender


def test_several_senders_are_counted() -> None:
    assert parse(b"From: a@x.pl\r\nFrom: b@x.pl\r\n\r\n").from_count == 2
    assert parse(b"From: a@x.pl, b@x.pl\r\n\r\n").from_count == 2
    mail = parse(b"Subject: x\r\n\r\n")
    assert mail.from_ is None
    assert mail.from_count == 0


@pytest.mark.parametrize(("value", "path"), [("<>", ""), ("", ""), ("<jan@x.pl>", "jan@x.pl"), ("jan@x.pl", "jan@x.pl")])
def test_return_path(value: str, path: str) -> None:
    assert parse(f"Return-Path: {value}\r\nReturn-Path: <evil@x.pl>\r\nFrom: a@x.pl\r\n\r\n".encode()).return_path == path


def test_no_return_path_is_none() -> None:
    assert parse(b"From: a@x.pl\r\n\r\n").return_path is None


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x><b@x>\r\n\t<c@x>", ("<a@x>", "<b@x>", "<c@x>")),
        ("<AM0PR.\r\n\tabc@x.outlook.com>", ("<AM0PR.abc@x.outlook.com>",)),
        ("a@x b@x", ("<a@x>", "<b@x>")),
        ('"Your message of Monday" from jan@foto.pl <a@x>', ("<a@x>",)),
        ("<a@x> (comment) <a@x>", ("<a@x>",)),
        ("=?utf-8?q?=3Ca=40x=3E?=", ("<a@x>",)),
        ("<>", ()),
        ("brak", ()),
    ],
)
def test_references(value: str, ids: tuple[str, ...]) -> None:
    mail = parse(f"From: a@x.pl\r\nReferences: {value}\r\nIn-Reply-To: {value}\r\n\r\n".encode())
    assert mail.references == ids
    assert mail.in_reply_to == ids


def test_of_many_references_the_first_and_the_last_are_kept() -> None:
    mail = parse(b"From: a@x.pl\r\nReferences: " + b" ".join(b"<%d@x>" % n for n in range(1000)) + b"\r\n\r\n")
    assert len(mail.references) == 200
    assert mail.references[0] == "<0@x>"
    assert mail.references[-1] == "<999@x>"


@pytest.mark.parametrize(
    ("value", "found"),
    [("<a@x>", "<a@x>"), ("a@x", "<a@x>"), ("<a b@x>", "<ab@x>"), ("<", None), ("", None), ("<" + "a" * 2000 + ">", None)],
)
def test_message_id(value: str, found: str | None) -> None:
    assert parse(f"Message-ID: {value}\r\nFrom: a@x.pl\r\n\r\n".encode()).message_id == found


def test_alternative_gives_the_plain_text_and_keeps_the_html() -> None:
    mail = parse(multipart(PLAIN, HTML, kind="alternative"))
    assert mail.text == "Treść zwykła, OXIJET 3200"
    assert mail.html == "<p>Treść <b>w HTML</b>, OXIJET 3200</p>"
    assert mail.attachments == ()


@pytest.mark.parametrize(
    "stub", ["", " \r\n", "This is an HTML message.", "Twój program pocztowy nie wyświetla wiadomości HTML.", "\u00a0"]
)
def test_alternative_with_nothing_in_the_plain_text_gives_the_html(stub: str) -> None:
    mail = parse(multipart(f"Content-Type: text/plain; charset=utf-8\r\n\r\n{stub}", HTML, kind="alternative"))
    assert mail.text == "Treść w HTML, OXIJET 3200"


def test_a_short_answer_is_no_stub() -> None:
    html = "Content-Type: text/html\r\n\r\n<div>OK</div>"
    assert parse(multipart("Content-Type: text/plain\r\n\r\nOK", html, kind="alternative")).text == "OK"


def test_text_parts_around_a_picture_are_joined() -> None:
    second = "Content-Type: text/plain\r\n\r\nPozdrawiam, Jan"
    assert parse(multipart(PLAIN, JPEG, second)).text == "Treść zwykła, OXIJET 3200\n\nPozdrawiam, Jan"


def test_html_beside_the_same_plain_text_is_not_said_twice() -> None:
    same = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Treść zwykła, OXIJET 3200</p>"
    assert parse(multipart(PLAIN, same)).text == "Treść zwykła, OXIJET 3200"


def test_html_body_with_a_plain_footer_keeps_both() -> None:
    mail = parse(multipart(HTML, "Content-Type: text/plain\r\n\r\nThis email was scanned."))
    assert mail.text == "Treść w HTML, OXIJET 3200\n\nThis email was scanned."


def test_attachments() -> None:
    mail = parse(
        multipart(
            PLAIN,
            JPEG,
            "Content-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC",
            "Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF",
        )
    )
    assert mail.attachments == (
        Attachment("foto.jpg", "image/jpeg", 6),
        Attachment("part-3.png", "image/png", 3, inline=True),
        Attachment("part-4.pdf", "application/pdf", 4),
    )


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("filename*=utf-8''zdj%C4%99cie.jpg", "zdjęcie.jpg"),
        ("filename*0*=utf-8''zdj%C4%99; filename*1=cie.jpg", "zdjęcie.jpg"),
        ("filename*0=zdje; filename*1=cie.jpg", "zdjecie.jpg"),
        ('filename="=?iso-8859-2?q?=B1=EA.jpg?="', "ąę.jpg"),
        ('filename="zdjęcie ściany.jpg"', "zdjęcie ściany.jpg"),
        ("filename=moje zdjecie.jpg", "moje zdjecie.jpg"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\Users\\jan\\foto.jpg"', "foto.jpg"),
        ('filename="a;b.jpg"', "a;b.jpg"),
        ("filename=CON.txt", "_CON.txt"),
        ('filename=".bashrc"', "bashrc"),
        ('filename="\u202egpj.exe"', "gpj.exe"),
        ('filename="..."', "part-2.jpg"),
        ("x=y", "part-2.jpg"),
    ],
)
def test_attachment_names(parameter: str, name: str) -> None:
    part = f"Content-Type: image/jpeg\r\nContent-Disposition: attachment; {parameter}\r\n\r\nx"
    assert [attachment.name for attachment in parse(multipart(PLAIN, part)).attachments] == [name]


def test_long_attachment_names_keep_their_extension() -> None:
    part = f"Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename={'ż' * 500}.jpg\r\n\r\nx"
    (attachment,) = parse(multipart(PLAIN, part)).attachments
    assert attachment.name.endswith("ż.jpg")
    assert len(attachment.name.encode()) <= 200


def test_calendar_shows_its_method() -> None:
    invitation = "Content-Type: text/calendar; method=reply\r\n\r\nBEGIN:VCALENDAR"
    silent = "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
    mail = parse(multipart(PLAIN, invitation, silent, kind="alternative"))
    assert [attachment.content_type for attachment in mail.attachments] == ["text/calendar; method=REPLY", "text/calendar; method=REQUEST"]
    assert mail.text == "Treść zwykła, OXIJET 3200"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/ms-tnef; name=winmail.dat", "winmail.dat"),
        ("application/pkcs7-mime", "part-1.p7m"),
        ("message/partial; id=x", "part-1.bin"),
        ("image/png", "part-1.png"),
    ],
)
def test_a_mail_that_is_one_file(kind: str, name: str) -> None:
    mail = parse(raw(f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", body=base64.b64encode(bytes(range(20))).decode()))
    assert [(attachment.name, attachment.size) for attachment in mail.attachments] == [(name, 20)]
    assert mail.text == ""


@pytest.mark.parametrize("disposition", ["", "\r\nContent-Disposition: attachment; filename=dawna.eml"])
def test_the_text_of_an_attached_mail_is_its_own(disposition: str) -> None:
    inner = raw(body="stary tekst [#123]", head=HEAD.replace("m1", "m0").replace("awaria", "dawna")).decode()
    mail = parse(multipart(PLAIN, f"Content-Type: message/rfc822{disposition}\r\n\r\n{inner}"))
    assert mail.text == "Treść zwykła, OXIJET 3200"
    assert mail.attachments == ()
    (attached,) = mail.attached
    assert attached.text == "stary tekst [#123]"
    assert attached.subject == "dawna"
    assert attached.message_id == "<m0@foto.pl>"


def test_mails_in_mails_end_somewhere() -> None:
    nested = raw(body="dno").decode()
    for _ in range(9):
        nested = (
            multipart(PLAIN, f"Content-Type: message/rfc822\r\n\r\n{nested}".replace("--b", "--b-"))
            .decode()
            .replace("boundary=b", "boundary=b")
        )
    mail, depth = parse(nested.encode()), 0
    while mail.attached:
        mail, depth = mail.attached[0], depth + 1
    assert depth <= 5


@pytest.mark.parametrize(
    ("body", "delsp", "text"),
    [
        ("To jest \r\njedno zdanie.\r\nDrugie.", "", "To jest jedno zdanie.\nDrugie."),
        ("To jest \r\njedno.", "; delsp=yes", "To jestjedno."),
        ("> stare \r\n> słowa\r\nnowe", "", "> stare słowa\nnowe"),
        (">> a \r\n>> b\r\n> c", "", ">> a b\n> c"),
        ("> a \r\nb", "", "> a\nb"),
        (" From początku", "", "From początku"),
        ("koniec \r\n-- \r\nJan", "", "koniec \n-- \nJan"),
        ("> Telefon: \r\n> Firma: Foto", "", "> Telefon:\n> Firma: Foto"),
    ],
)
def test_flowed_text(body: str, delsp: str, text: str) -> None:
    mail = parse(raw(f"Content-Type: text/plain; charset=utf-8; format=flowed{delsp}", body=body))
    assert mail.text == text
    assert mail.flowed


@pytest.mark.parametrize(
    "raw_mail",
    [
        raw("Content-Type: text/plain", "Content-Disposition: attachment"),
        raw("Content-Type: text/x-own"),
        raw("Content-Type: application/x-own"),
        raw("Content-Type: nonsense"),
        raw("Content-Type: multipart/mixed; boundary=nowhere"),
        raw("Content-Type: multipart/mixed"),
        raw("Content-Type: text/html", body="<style>x</style>OXIJET 3200 stoi"),
        raw("Content-Type: text/plain", body="<html><body>OXIJET 3200 stoi</body></html>"),
        raw("Content-Transfer-Encoding: base64"),
        multipart("\r\nOXIJET 3200 stoi"),
        multipart("OXIJET 3200 stoi"),
        multipart("Content-Type: text/plain\r\n\r\n", "Content-Type: text/html\r\n\r\n<p>OXIJET 3200 stoi</p>"),
        raw("Content-Type: multipart/mixed; boundary=b", body="OXIJET 3200 stoi\r\n--b\r\n\r\n\r\n--b--"),
        b"OXIJET 3200 stoi",
    ],
)
def test_no_mail_is_empty_that_holds_text(raw_mail: bytes) -> None:
    assert parse(raw_mail).text == "OXIJET 3200 stoi"


def test_uuencoded_files_are_attachments() -> None:
    mail = parse(raw(body="Log:\r\n\r\nbegin 644 log.txt\r\n#0V%T\r\n`\r\nend\r\nJan"))
    assert mail.attachments == (Attachment("log.txt", "application/octet-stream", 3),)
    assert mail.text == "Log:\n\n[log.txt]\nJan"


def test_text_is_capped_and_later_parts_still_count() -> None:
    big = "Content-Type: text/plain\r\n\r\n" + "OXIJET " * 300_000
    mail = parse(multipart(big, JPEG))
    assert len(mail.text) <= 1_000_000
    assert [attachment.name for attachment in mail.attachments] == ["foto.jpg"]
    other = parse(multipart(big + "!", JPEG))
    assert other.text == mail.text
    assert other.content_key != mail.content_key


STATUS = (
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x.pl\r\n\r\n"
    "Final-Recipient: rfc822; jan@foto.pl\r\nAction: Failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n"
    "Original-Recipient: rfc822;ola@foto.pl\r\nAction: delayed\r\nStatus: 4.4.1 (timeout)\r\n"
)
RETURNED = "From: serwis@oxiprint.com\r\nSubject: Zgłoszenie\r\nMessage-ID: <ours@oxiprint.com>\r\n\r\nstare"


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "text/plain", "message/rfc822-headers"])
def test_delivery_report(kind: str) -> None:
    mail = parse(
        multipart(
            "Content-Type: text/plain\r\n\r\nNie dostarczono",
            STATUS,
            f"Content-Type: {kind}\r\n\r\n{RETURNED}",
            kind="report; report-type=delivery-status",
        )
    )
    assert mail.report is not None
    assert mail.report.type == "delivery-status"
    assert mail.report.deliveries == (
        DeliveryStatus("jan@foto.pl", "failed", "5.1.1", "550 5.1.1 unknown"),
        DeliveryStatus("ola@foto.pl", "delayed", "4.4.1"),
    )
    assert mail.report.returned_ids == ("<ours@oxiprint.com>",)
    assert mail.report.returned_subject == "Zgłoszenie"
    assert mail.text.startswith("Nie dostarczono")


def test_read_receipt() -> None:
    receipt = "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; jan@foto.pl\r\n"
    receipt += "Original-Message-ID: <ours@oxiprint.com>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    report = parse(multipart("\r\nPrzeczytano", receipt, kind="report; report-type=disposition-notification")).report
    assert report is not None
    assert report.type == "disposition-notification"
    assert report.deliveries == (DeliveryStatus("jan@foto.pl", "displayed", ""),)
    assert report.returned_ids == ("<ours@oxiprint.com>",)


def test_feedback_report() -> None:
    part = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: <jan@foto.pl>\r\n"
    report = parse(multipart("\r\nx", part, kind="report; report-type=feedback-report")).report
    assert report is not None
    assert report.type == "feedback-report"
    assert report.deliveries == (DeliveryStatus("jan@foto.pl", "abuse", ""),)


def test_exim_bounce_names_its_recipients_in_a_header() -> None:
    body = (
        "This message was created automatically by mail delivery software.\r\n\r\n------ This is a copy of the message ------\r\n\r\n"
        + RETURNED
    )
    report = parse(raw("X-Failed-Recipients: jan@foto.pl,\r\n ola@foto.pl", body=body)).report
    assert report is not None
    assert [delivery.recipient for delivery in report.deliveries] == ["jan@foto.pl", "ola@foto.pl"]
    assert report.returned_ids == ("<ours@oxiprint.com>",)


def test_an_ordinary_mail_is_no_report() -> None:
    assert parse(multipart(PLAIN, JPEG)).report is None


def test_two_deliveries_of_a_mail_have_one_content_key() -> None:
    one = raw("Received: by a", "X-Spam: no", "Content-Type: text/plain; charset=utf-8", body="Zażółć\r\ngęślą")
    encoded = base64.encodebytes("Zażółć\ngęślą\n".encode()).decode()
    two = raw(
        "Received: by b", "Delivered-To: x", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", body=encoded
    )
    assert parse(one).content_key == parse(two).content_key
    assert parse(one).digest != parse(two).digest


@pytest.mark.parametrize(
    "other",
    [
        multipart(PLAIN + "!", JPEG),
        multipart(PLAIN, JPEG.replace("AAECAwQF", "AAECAwQG")),
        multipart(PLAIN, JPEG, head=HEAD.replace("m1", "m2")),
        multipart(PLAIN, JPEG, head=HEAD.replace("jan@", "ola@")),
        multipart(PLAIN, JPEG, head=HEAD.replace("awaria", "inna")),
        multipart(PLAIN),
        multipart(PLAIN, JPEG, f"Content-Type: message/rfc822\r\n\r\n{RETURNED}"),
    ],
)
def test_another_mail_has_another_content_key(other: bytes) -> None:
    assert parse(other).content_key != parse(multipart(PLAIN, JPEG)).content_key


def test_lines_of_an_attachment_may_be_wrapped_anew() -> None:
    assert parse(multipart(PLAIN, JPEG)).content_key == parse(multipart(PLAIN, JPEG.replace("AAECAwQF", "AAEC\r\nAwQF"))).content_key


def test_without_message_id_the_date_tells_mails_apart() -> None:
    head = "From: jan@foto.pl\r\nSubject: skan\r\nDate: Mon, 14 Sep 2026 10:15:00 +0200\r\n"
    assert parse(raw(head=head)).content_key == parse(raw("Received: x", head=head)).content_key
    assert parse(raw(head=head)).content_key != parse(raw(head=head.replace("10:15", "10:16"))).content_key


@pytest.mark.parametrize(
    ("raw_mail", "said"),
    [
        (b"", "empty mail"),
        (b"OXIJET", "no header"),
        (raw("zły wiersz"), "no header field"),
        (raw("Content-Type: multipart/mixed"), "without parts"),
    ],
)
def test_damage_is_said_in_words(raw_mail: bytes, said: str) -> None:
    assert said in (parse(raw_mail).damaged or "")


def test_partial_is_passed_on() -> None:
    assert parse(multipart(PLAIN, JPEG)[:-40], partial=True).partial


@st.composite
def composed(draw: st.DrawFn) -> tuple[EmailMessage, list[str]]:
    """A mail as the standard library writes it, and the names of its attachments."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "Jan <jan@foto.pl>"
    message["Subject"] = draw(st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=60))
    lines = draw(
        st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=70), min_size=2, max_size=8)
    )
    message.set_content(
        "\n".join(["Dzień dobry, to jest zwykły tekst", *lines]), cte=draw(st.sampled_from(["8bit", "base64", "quoted-printable"]))
    )
    if draw(st.booleans()):
        message.add_alternative("<p>Dzień dobry</p>", subtype="html")
    names = draw(st.lists(st.text("abcżółć 123", min_size=1, max_size=30).map(lambda name: f"x{name.strip()}.bin"), max_size=4))
    for name in names:
        message.add_attachment(draw(st.binary(max_size=300)), maintype="application", subtype="octet-stream", filename=name)
    return message, names


@settings(max_examples=120, deadline=None)
@given(composed())
def test_what_the_standard_library_writes_is_read_as_it_reads_it(made: tuple[EmailMessage, list[str]]) -> None:
    message, names = made
    mail = parse(message.as_bytes())
    read = email.message_from_bytes(message.as_bytes(), policy=policy.default)
    body = read.get_body(preferencelist=("plain",))
    assert body is not None
    assert mail.text.split() == parse(b"From: a@x.pl\r\n\r\n" + body.get_content().encode()).text.split()
    assert [attachment.name.replace(" ", "") for attachment in mail.attachments] == [name.replace(" ", "") for name in names]
    assert [attachment.size for attachment in mail.attachments] == [len(part.get_content()) for part in read.iter_attachments()]
    assert mail.damaged is None
