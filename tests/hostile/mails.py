"""Hostile mails by name, as bytes: `MAILS` is a dict, the same in every run. Small functions build them; no random, no clock.

Each is something that was seen in the wild, or that a measured flaw of a parser, a database or a mail library invites.
`WITH_TEXT` says for some what a person would still read in them; the others need only survive.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

POLISH = "Dzień dobry, drukarka OXIJET 3200 gubi żółć i łódź. Proszę o pomoc – źródło świeci."
PLAIN = "Dzien dobry, drukarka OXIJET 3200 stoi."
FROM = b"From: Jan Kowalski <jan@drukarnia.example>"
HEAD = [
    FROM,
    b"To: serwis@oxiprint.com",
    b"Date: Mon, 14 Sep 2026 10:15:00 +0200",
    b"Message-ID: <m1@drukarnia.example>",
    b"MIME-Version: 1.0",
]

MAILS: dict[str, bytes] = {}
WITH_TEXT: dict[str, str] = {}


def add(name: str, mail: bytes, text: str | None = None) -> None:
    assert name not in MAILS, name
    MAILS[name] = mail
    if text is not None:
        WITH_TEXT[name] = text


def mail(*fields: bytes, body: bytes = PLAIN.encode(), head: list[bytes] = HEAD, end: bytes = b"\r\n") -> bytes:
    """A mail with the usual head, more fields, and a body."""
    lines = [*head, *fields] if any(field.lower().startswith(b"subject:") for field in fields) else [*head, b"Subject: awaria", *fields]
    return end.join(lines) + end * 2 + body


def text_mail(body: bytes, charset: str, encoding: str = "8bit", kind: str = "plain") -> bytes:
    return mail(f"Content-Type: text/{kind}; charset={charset}".encode(), f"Content-Transfer-Encoding: {encoding}".encode(), body=body)


def part(body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


TEXT = part(PLAIN.encode(), b"Content-Type: text/plain; charset=utf-8")
HTML = part(b"<p>" + PLAIN.encode() + b"</p>", b"Content-Type: text/html; charset=utf-8")


def multipart(*parts: bytes, kind: str = "mixed", boundary: bytes = b"b0", closed: bool = True, fields: tuple[bytes, ...] = ()) -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts) + (b"--" + boundary + b"--\r\n" if closed else b"")
    return mail(b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"', *fields, body=body)


def attached(name_field: bytes, body: bytes = b"x" * 30) -> bytes:
    return multipart(TEXT, part(base64.encodebytes(body), name_field, b"Content-Transfer-Encoding: base64"))


def add_charsets() -> None:
    plain = POLISH.replace("–", "-")
    for actual in ("utf-8", "cp1250", "iso8859-2"):
        for label in (
            "utf-8",
            "windows-1250",
            "iso-8859-2",
            "iso-8859-1",
            "us-ascii",
            "x-unknown",
            "",
            "utf-8; x",
            "CP-1250",
            '"ISO-8859-2"',
        ):
            add(f"charset {actual} called {label}", text_mail(plain.encode(actual), label), "gubi żółć i łódź")
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp852", "mac-latin2", "iso8859-16"):
        add(f"charset {codec} in base64", text_mail(base64.encodebytes(plain.encode(codec)), codec, "base64"), "gubi żółć i łódź")
    for label in (
        "base64",
        "hex",
        "rot13",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "zlib",
        "x" * 5000,
        "\u0105",
        "../../etc/passwd",
        "uu",
    ):
        add(f"charset label {label[:20]!r}", text_mail(PLAIN.encode(), label.encode("utf-8").decode("latin-1")), "OXIJET 3200 stoi")
    add("charset utf-8 cut in a character", text_mail(POLISH.encode()[:10], "utf-8"), "Dzień do")
    add("charset utf-8 with one bad byte", text_mail(POLISH.encode() + b"\xff", "utf-8"), "żółć")
    add("charset utf-8 with BOM", text_mail(b"\xef\xbb\xbf" + POLISH.encode(), "iso-8859-1"), POLISH)
    add("charset surrogates in utf-8", text_mail(b"OXIJET 3200 \xed\xa0\x80\xed\xb0\x80 stoi", "utf-8"), "OXIJET 3200")
    add("charset overlong utf-8", text_mail(b"OXIJET \xc0\xaf stoi", "utf-8"), "OXIJET")
    add("charset iso-2022-jp unfinished", text_mail(b"\x1b$B$3$s OXIJET", "iso-2022-jp"))
    add("charset declared twice", mail(b"Content-Type: text/plain; charset=utf-8; charset=iso-8859-2", body=POLISH.encode()), POLISH)
    add("charset utf-8 twice encoded", text_mail(POLISH.encode().decode("cp1252", "replace").encode(), "utf-8"))


def add_controls() -> None:
    for name, byte in {
        "NUL": b"\0",
        "ESC": b"\x1b[31m",
        "BEL": b"\x07",
        "DEL": b"\x7f",
        "VT": b"\x0b",
        "FF": b"\x0c",
        "FS": b"\x1c",
    }.items():
        add(f"control {name} in body", mail(body=b"OXIJET 3200" + byte + b" stoi"), "OXIJET 3200")
        add(f"control {name} in headers", mail(b"Subject: awa" + byte + b"ria", b"X" + byte + b": y"), None)
    add("control NULs alone", b"\0" * 5000)
    add("control C1 in utf-8", text_mail("OXIJET\x85 3200\x9b stoi".encode(), "utf-8"), "OXIJET")
    add("control NUL in From", PLAIN.join(["", ""]).encode() + b"From: J\0an <j\0an@x.pl>\r\nSubject: a\r\n\r\nb", "b")
    add("combining marks by the 100,000", text_mail(("a" + "\u0315\u0316" * 50_000).encode(), "utf-8"))
    add("combining mark split by a zero width space", text_mail("e\u200b\u0301 OXIJET".encode(), "utf-8"), "OXIJET")
    add("direction overrides", mail("Subject: \u202egpj.exe\u2066".encode(), body="\u202eOXIJET".encode()), "OXIJET")
    add("line and paragraph separators", text_mail("OXIJET\u2028stoi\u2029od rana".encode(), "utf-8"), "OXIJET\nstoi\nod rana")
    add("line ends CR only", mail(end=b"\r", body=b"OXIJET\rstoi"), "OXIJET\nstoi")
    add("line ends LF only", mail(end=b"\n", body=b"OXIJET\nstoi"), "OXIJET\nstoi")
    add("line ends CR CR LF", mail(end=b"\r\r\n", body=b"OXIJET stoi"), "OXIJET stoi")
    add("line ends mixed", mail(body=b"OXIJET\nstoi\r\nod\rrana"), "OXIJET\nstoi\nod\nrana")
    add("one line of 5 MB", mail(body=b"OXIJET " * 700_000), "OXIJET OXIJET")
    add("5 MB of line ends", mail(body=b"\r\n" * 2_500_000 + b"OXIJET"))
    add("1 MB of spaces", mail(body=b" " * 1_000_000 + b"x"))


def add_headers() -> None:
    add("header: none, text only", PLAIN.encode(), PLAIN)
    add("header: none, labels only", b"Telefon: 600100200\nUrzadzenie: OXIJET 3200\n\nstoi", "Urzadzenie: OXIJET 3200")
    add("header: empty mail", b"")
    add("header: one newline", b"\n")
    add("header: only headers, no blank line", b"\r\n".join([*HEAD, b"Subject: awaria"]))
    add("header: blank line first", b"\r\n\r\n" + mail(), PLAIN)
    add("header: BOM first", b"\xef\xbb\xbf" + mail(), PLAIN)
    add("header: mbox From line", b"From jan@x Mon Sep 14 10:15:00 2026\r\n" + mail(), PLAIN)
    add("header: body without blank line", b"\r\n".join([*HEAD, b"Subject: a", PLAIN.encode()]), PLAIN)
    add("header: space before colon", b"From : jan@x.pl\r\nSubject\t: awaria\r\n\r\nOXIJET", "OXIJET")
    add("header: continuation first", b" folded: nowhere\r\n" + mail())
    add("header: 100,000 of them", b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + mail())
    add("header: 100,000 behind ours", mail(*[b"X-%d: y" % n for n in range(100_000)]), PLAIN)
    add("header: one name 50,000 times", mail(*[b"Received: by a"] * 50_000), PLAIN)
    add("header: one of 5 MB", mail(b"X-Long: " + b"y" * 5_000_000))
    add("header: folded 100,000 times", mail(b"X-Long: a" + b"\r\n b" * 100_000))
    add("header: Subject of 1 MB", mail(b"Subject: " + b"awaria " * 150_000))
    add("header: 20,000 encoded words", mail(b"Subject: " + b"=?utf-8?q?a?= " * 20_000), PLAIN)
    add("header: encoded words never closed", mail(b"Subject: " + b"=?utf-8?q?a" * 20_000), PLAIN)
    add("header: encoded word starts", mail(b"Subject: " + b"=?" * 30_000), PLAIN)
    add("header: encoded CR LF", mail(b"Subject: =?utf-8?q?hi=0D=0ABcc:_victim@x.pl=0D=0A=0D=0Abody?="), PLAIN)
    add("header: encoded NUL", mail(b"Subject: =?utf-8?b?AGEAYg==?="), PLAIN)
    add("header: encoded word of unknown charset", mail(b"Subject: =?x-klingon?q?awaria?="), PLAIN)
    add("header: encoded word with broken base64", mail(b"Subject: =?utf-8?b?a?= =?utf-8?b?####?="), PLAIN)
    add("header: encoded word cuts a character", mail(b"Subject: =?utf-8?q?za=C5?= =?utf-8?q?=BC=C3=B3?="), PLAIN)
    add("header: encoded word with a question mark", mail(b"Subject: =?utf-8?q?Co_robi=C4=87??="), PLAIN)
    add("header: encoded words glued", mail(b"Subject: =?utf-8?q?a?==?utf-8?q?b?="), PLAIN)
    add("header: encoded word in lower case iso", mail(b"Subject: =?iso-8859-2?q?=BF=F3=B3=E6?="), PLAIN)
    add("header: encoded word with a language", mail(b"Subject: =?utf-8*pl?q?awaria?="), PLAIN)
    for codec in ("utf-8", "cp1250", "iso8859-2"):
        add(f"header: raw {codec}", mail("Subject: żółta łódź świeci".encode(codec), "From: Łukasz Śliwa <l@x.pl>".encode(codec)), PLAIN)
    add("header: raw and encoded mixed", mail("Subject: żółć =?iso-8859-2?q?=B1?=".encode("cp1250")), PLAIN)
    add("header: name with every byte", mail(bytes(range(256)) + b": x"))
    add("header: names of attributes", mail(b"Parse: x", b"Headers_json: x", b"__class__: x", b"Body: x", b"Attachments: x"), PLAIN)
    for name in (
        "Message-ID",
        "References",
        "In-Reply-To",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Date",
        "Return-Path",
    ):
        for label, value in {
            "empty": b"",
            "an angle": b"<",
            "angles": b"<><>>><",
            "quotes": b'"""',
            "semicolons": b';;;=;"',
            "bytes": b"\xff\xfe\0",
        }.items():
            add(f"header: {name} is {label}", mail(name.encode() + b": " + value))
    add("header: Message-ID twice", mail(b"Message-ID: <second@x>"), PLAIN)
    add("header: Message-ID of 100 kB", b"Message-ID: <" + b"a" * 100_000 + b"@x>\r\n" + mail(), PLAIN)
    add("header: Message-ID folded inside", b"Message-ID:\r\n\t<AM0PR.\r\n\tabc@x.outlook.com>\r\n" + mail(), PLAIN)
    add("header: References of 20,000 ids", mail(b"References: " + b" ".join(b"<%d@x>" % n for n in range(20_000))), PLAIN)
    add("header: References without brackets", mail(b"References: a@x b@x\r\n\tc@x (comment d@x)"), PLAIN)
    add("header: two Return-Paths", b"Return-Path: <>\r\nReturn-Path: <evil@x.pl>\r\n" + mail(), PLAIN)
    for value in (
        "Mon, 99 Foo 2026",
        "0",
        "Mon, 14 Sep 99999 10:00:00 +0000",
        "Mon, 14 Sep 2026 10:00:00 +9959",
        "Tue, 1 Jan 1900 00:00:00 -9999",
        "14 wrz 2026",
    ):
        add(f"header: Date {value}", mail(b"Date: " + value.encode(), head=[FROM]), PLAIN)


def add_addresses() -> None:
    values = {
        "none": None,
        "empty": "",
        "an at sign": "<@",
        "quote": 'To: "',
        "two in one": "a@x.pl, b@x.pl",
        "group": "Serwis: a@x.pl, b@x.pl;",
        "no address": "Jan Kowalski",
        "no domain": "root",
        "unclosed angle": "Jan <jan@x.pl",
        "unclosed quote": '"Jan <jan@x.pl>',
        "address as name": '"szef@oxiprint.com" <evil@x.pl>',
        "name with comma": "Kowalski, Jan <jan@x.pl>",
        "all encoded": "=?utf-8?q?Jan_<jan=40x.pl>?=",
        "CR LF in name": "=?utf-8?q?Jan=0D=0ABcc:_v=40x.pl?= <jan@x.pl>",
        "nested comments": "(" * 5000 + "jan@x.pl",
        "open comment": "jan@x.pl (Jan",
        "many angles": "<" * 5000 + "jan@x.pl" + ">" * 5000,
        "quotes by the thousand": '"' * 20_001,
        "commas by the thousand": "," * 50_000,
        "backslashes": "\\" * 20_001,
        "route": "<@a,@b:jan@x.pl>",
        "IPv6": "jan@[IPv6:::1]",
        "IDN": "józef@żółć.pl",
        "quoted local part": '"jan kowalski"@x.pl',
        "long": "a" * 5000 + "@x.pl",
        "name of 100 kB": "J" * 100_000 + " <jan@x.pl>",
        "tabs": "\tJan\t<jan@x.pl>\t",
        "encoded address": "Jan <=?utf-8?q?jan?=@x.pl>",
        "null": "<>",
        "semicolons": "a@x.pl; b@x.pl",
        "two angles": "Jan <a@x.pl> <b@x.pl>",
        "spaces in it": "Jan <jan @ x.pl>",
        "mailto": "mailto:jan@x.pl",
    }
    for name, value in values.items():
        field = [] if value is None else [b"From: " + value.encode()]
        add(f"From: {name}", mail(head=[*field, b"To: serwis@oxiprint.com"]), PLAIN)
    add("From: two fields", mail(b"From: evil@x.pl"), PLAIN)
    add("From: fifty fields", mail(*[b"From: a%d@x.pl" % n for n in range(50)]), PLAIN)
    add("To: 50,000 recipients", mail(b"To: " + b", ".join(b"a%d@x.pl" % n for n in range(50_000))), PLAIN)
    add("To: 20,000 fields", mail(*[b"To: a%d@x.pl" % n for n in range(20_000)]), PLAIN)
    add("Cc: groups in groups", mail(b"Cc: " + b"a:" * 5000 + b"x@x.pl" + b";" * 5000), PLAIN)
    add("Reply-To: hostile", mail(b'Reply-To: "x\r\n y" <a@x.pl>, =?utf-8?q?=0D=0A?= <b@x.pl>'), PLAIN)


def nested(depth: int, boundary: Callable[[int], bytes] = lambda level: b"b%d" % level) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n' % (boundary(n), boundary(n)) for n in range(depth))
    return b"\r\n".join([*HEAD, b"Subject: gniazdo", b""]) + head + TEXT


def add_mime() -> None:
    for depth in (15, 100, 2_000):
        add(f"MIME: nested {depth} deep", nested(depth), "OXIJET 3200 stoi" if depth < 20 else None)
    add("MIME: nested with one boundary", nested(200, lambda _: b"same"))
    add(
        "MIME: nested mails 2,000 deep",
        b"".join(b"\r\n".join([*HEAD, b"Content-Type: message/rfc822", b"", b""]) for _ in range(2_000)) + TEXT,
    )
    add("MIME: 10,000 parts", multipart(*[TEXT] * 10_000), PLAIN)
    add("MIME: 10,000 empty parts", multipart(*[b""] * 10_000))
    add("MIME: 5,000 attached mails", multipart(*[part(mail(), b"Content-Type: message/rfc822")] * 5_000))
    add("MIME: boundary missing", mail(b"Content-Type: multipart/mixed", body=b"--zz\r\n" + TEXT + b"\r\n--zz--"), PLAIN)
    add("MIME: boundary wrong", mail(b"Content-Type: multipart/mixed; boundary=aa", body=b"--zz\r\n" + TEXT + b"\r\n--zz--"), PLAIN)
    add("MIME: boundary empty", mail(b'Content-Type: multipart/mixed; boundary=""', body=PLAIN.encode()), PLAIN)
    add("MIME: boundary never found", mail(b"Content-Type: multipart/mixed; boundary=aa"), PLAIN)
    add("MIME: boundary of regex signs", multipart(TEXT, boundary=b".*+?()[]{}|^$\\\\"[:18]), PLAIN)
    add("MIME: boundary of 10 kB", multipart(TEXT, boundary=b"b" * 10_000))
    add("MIME: boundary with spaces", multipart(TEXT, boundary=b"a b c"), PLAIN)
    add(
        "MIME: boundary unquoted with a slash",
        mail(b"Content-Type: multipart/mixed; boundary=a/b=c", body=b"--a/b=c\r\n" + TEXT + b"\r\n--a/b=c--"),
        PLAIN,
    )
    add(
        "MIME: boundary a prefix of the inner one",
        mail(
            b"Content-Type: multipart/mixed; boundary=b",
            body=b"--b\r\nContent-Type: multipart/mixed; boundary=b2\r\n\r\n--b2\r\n" + TEXT + b"\r\n--b2--\r\n--b--",
        ),
        PLAIN,
    )
    add("MIME: boundary a million times in one line", mail(b"Content-Type: multipart/mixed; boundary=b", body=b"--b" * 1_000_000))
    add("MIME: never closed", multipart(TEXT, closed=False), PLAIN)
    add("MIME: closed at once", mail(b"Content-Type: multipart/mixed; boundary=b", body=b"--b--\r\n" + PLAIN.encode()), PLAIN)
    add(
        "MIME: text in the preamble only",
        mail(b"Content-Type: multipart/mixed; boundary=b", body=PLAIN.encode() + b"\r\n--b\r\n\r\n\r\n--b--\r\n"),
        PLAIN,
    )
    add(
        "MIME: part without blank line",
        mail(b"Content-Type: multipart/mixed; boundary=b", body=b"--b\r\n" + PLAIN.encode() + b"\r\n--b--\r\n"),
        PLAIN,
    )
    add("MIME: alternative with empty plain text", multipart(part(b"\r\n", b"Content-Type: text/plain"), HTML, kind="alternative"), PLAIN)
    add(
        "MIME: alternative with a stub",
        multipart(part(b"This is an HTML message.", b"Content-Type: text/plain"), HTML, kind="alternative"),
        PLAIN,
    )
    add("MIME: alternative with attachment first", multipart(attached(b"Content-Type: image/png"), TEXT, kind="alternative"), PLAIN)
    add("MIME: alternative of one", multipart(HTML, kind="alternative"), PLAIN)
    add("MIME: related without root", multipart(part(b"x", b"Content-Type: image/png"), HTML, kind="related"), PLAIN)
    add("MIME: text as an attachment", mail(b"Content-Type: text/plain", b"Content-Disposition: attachment"), PLAIN)
    add("MIME: unknown text type", mail(b"Content-Type: text/x-own"), PLAIN)
    add("MIME: application type with text", mail(b"Content-Type: application/x-own"), PLAIN)
    add("MIME: type without a subtype", mail(b"Content-Type: text"), PLAIN)
    add(
        "MIME: html called plain",
        mail(b"Content-Type: text/plain", body=b"<html><body><p>" + PLAIN.encode() + b"</p></body></html>"),
        PLAIN,
    )
    add(
        "MIME: multipart in base64",
        mail(
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Transfer-Encoding: base64",
            body=base64.encodebytes(b"--b\r\n" + TEXT + b"\r\n--b--"),
        ),
    )
    add("MIME: message/partial", mail(b'Content-Type: message/partial; id="a@x"; number=1; total=9', body=mail()))
    add(
        "MIME: external body",
        mail(b'Content-Type: message/external-body; access-type=URL; URL="http://127.0.0.1/"', body=b"Content-Type: text/plain\r\n\r\n"),
    )
    add(
        "MIME: attached mail in base64",
        multipart(TEXT, part(base64.encodebytes(mail()), b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64")),
        PLAIN,
    )
    add("MIME: attached mail empty", multipart(TEXT, part(b"", b"Content-Type: message/rfc822")), PLAIN)
    add("MIME: digest", multipart(b"\r\n" + mail(), b"\r\n" + mail(), kind="digest"))
    add(
        "MIME: encrypted by PGP",
        multipart(
            part(b"Version: 1", b"Content-Type: application/pgp-encrypted"),
            part(b"-----BEGIN PGP MESSAGE-----", b"Content-Type: application/octet-stream"),
            kind="encrypted",
        ),
    )
    add(
        "MIME: signed by S/MIME",
        multipart(
            TEXT,
            part(b"MIIB", b"Content-Type: application/pkcs7-signature; name=smime.p7s", b"Content-Transfer-Encoding: base64"),
            kind="signed",
        ),
        PLAIN,
    )
    add(
        "MIME: opaque S/MIME",
        mail(
            b"Content-Type: application/pkcs7-mime; name=smime.p7m", b"Content-Transfer-Encoding: base64", body=b"MIAGCSqGSIb3DQEHAqCAMIA="
        ),
    )
    add(
        "MIME: TNEF alone",
        mail(
            b"Content-Type: application/ms-tnef; name=winmail.dat",
            b"Content-Transfer-Encoding: base64",
            body=base64.b64encode(b"\x78\x9f\x3e\x22\x00"),
        ),
    )
    add(
        "MIME: calendar reply",
        multipart(TEXT, part(b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR", b"Content-Type: text/calendar"), kind="alternative"),
        PLAIN,
    )
    add("MIME: empty body", mail(body=b""))
    add("MIME: only an attachment", multipart(part(b"x", b"Content-Type: image/png", b"Content-Disposition: attachment; filename=a.png")))
    add("MIME: version 9", mail(b"MIME-Version: 9.9 (x"), PLAIN)
    report = part(
        b"Reporting-MTA: dns; x\r\n\r\n" + b"Final-Recipient: rfc822; a@x.pl\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" * 5000,
        b"Content-Type: message/delivery-status",
    )
    add("MIME: report on 5,000 recipients", multipart(TEXT, report, kind="report; report-type=delivery-status"), PLAIN)
    add("MIME: report of nothing", multipart(kind="report"))
    add(
        "MIME: report with NULs",
        multipart(TEXT, part(b"\0\xff: \0\r\n\r\n\r\n;;;", b"Content-Type: message/delivery-status"), kind="report"),
        PLAIN,
    )


def add_encodings() -> None:
    data = POLISH.encode()
    encoded = base64.b64encode(data)
    for name, body in {
        "without padding": encoded.rstrip(b"="),
        "with junk": b"####" + encoded[:40] + b"!!\xff" + encoded[40:],
        "one letter over": encoded + b"A",
        "in one line": encoded,
        "in lines of three": b"\r\n".join(encoded[n : n + 3] for n in range(0, len(encoded), 3)),
        "two runs": encoded + b"\r\n" + encoded,
        "with a footer": base64.encodebytes(data) + b"-- \r\nlista dyskusyjna firmy",
        "that is plain text": PLAIN.encode(),
        "of equal signs": b"=" * 1_000_000,
        "of spaces": b" " * 1_000_000 + b"!",
        "empty": b"",
    }.items():
        known = {"that is plain text": PLAIN, "of equal signs": None, "of spaces": None, "empty": None}.get(name, "gubi żółć")
        add(f"base64 {name}", text_mail(body, "utf-8", "base64"), known)
    quoted = quopri.encodestring(data)
    for name, body in {
        "with bad escapes": b"=ZZ=" + quoted + b"=",
        "with raw bytes": data,
        "with lower case": quoted.lower().replace(b"oxijet", b"OXIJET"),
        "of equal signs": b"=" * 1_000_000,
        "with trailing spaces": quoted.replace(b"\n", b"  \n"),
    }.items():
        add(f"quoted-printable {name}", text_mail(body, "utf-8", "quoted-printable"), None if name == "of equal signs" else "gubi")
    for name in ("8-bit", "binary", "utf-8", "x-none", "BASE64;", "Quoted_Printable", "7bit\0"):
        body = {"BASE64;": encoded, "Quoted_Printable": quoted}.get(name, data)
        add(f"transfer encoding {name!r}", text_mail(body, "utf-8", name), "gubi żółć")
    add("uuencode in the text", mail(body=b"Zal.\r\n\r\nbegin 644 log.txt\r\n#0V%T\r\n`\r\nend\r\nPozdrawiam"), "Pozdrawiam")
    add("uuencode without end", mail(body=b"begin 644 log.txt\r\n" + b"M" * 61 + b"\r\nOXIJET"), "OXIJET")
    add("uuencode begun 50,000 times", mail(body=b"begin 644 a\r\n" * 50_000))
    add("uuencode of 20,000 files", mail(body=b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n" * 20_000))
    add("uuencode with bad lines", mail(body=b"begin 644 a\r\nM\r\nzzz\r\n`\r\nend\r\nOXIJET"), "OXIJET")
    flowed = b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    add("flowed", mail(flowed, body=b"OXIJET \r\n3200\r\n> > stare \r\n> > slowa\r\n-- \r\nJan"), "OXIJET3200")
    add("flowed for ever", mail(flowed, body=b"a \r\n" * 100_000))
    add("flowed quotes by the million", mail(flowed, body=b">" * 1_000_000 + b" x"))


def add_attachments() -> None:
    names = {
        "path": b'filename="../../etc/passwd"',
        "Windows path": b'filename="C:\\\\Users\\\\jan\\\\foto.jpg"',
        "device": b"filename=CON.txt",
        "dots": b'filename="..."',
        "empty": b'filename=""',
        "NUL": b'filename="a\0b.jpg"',
        "encoded CR LF": b'filename="=?utf-8?q?a=0D=0Ab.jpg?="',
        "override": 'filename="\u202egpj.exe"'.encode(),
        "raw cp1250": 'filename="zdjęcie ściany.jpg"'.encode("cp1250"),
        "RFC 2231": b"filename*=utf-8''zdj%C4%99cie.jpg",
        "RFC 2231 in sections": b"filename*0*=utf-8''zdj%C4%99; filename*1=cie.jpg",
        "RFC 2231 broken": b"filename*=utf-8'%ZZ%; filename*5*=x",
        "RFC 2231 of unknown charset": b"filename*=x-klingon''a%B1.jpg",
        "RFC 2231 by the thousand": b"; ".join(b"filename*%d=a" % n for n in range(1000)),
        "unquoted with spaces": b"filename=moje zdjecie.jpg",
        "unclosed": b'filename="moje',
        "5 kB": b"filename=" + b"a" * 5000 + b".jpg",
        "RFC 2047": b'filename="=?iso-8859-2?q?=B1=EA.jpg?="',
    }
    for name, parameter in names.items():
        add(f"attachment name {name}", attached(b"Content-Type: image/jpeg\r\nContent-Disposition: attachment; " + parameter), PLAIN)
    add("attachment without name", attached(b"Content-Type: image/jpeg\r\nContent-Disposition: attachment"), PLAIN)
    add("attachment of 20 MB", attached(b"Content-Type: video/mp4; name=film.mp4", b"\0" * 15_000_000), PLAIN)
    add(
        "attachment called text, with a name",
        multipart(TEXT, part(b"ERROR 12", b'Content-Type: text/plain; name="log.txt"', b"Content-Disposition: inline; filename=log.txt")),
        PLAIN,
    )


def add_html() -> None:
    pages = {
        "100,000 divs deep": b"<div>" * 100_000 + b"OXIJET",
        "20,000 quotes deep": b"<blockquote>" * 20_000 + b"OXIJET",
        "tables in tables": b"<table><tr><td>" * 10_000 + b"OXIJET",
        "100,000 cells": b"<table><tr>" + b"<td>OXIJET" * 100_000,
        "lists in lists": b"<ul><li>" * 20_000 + b"OXIJET",
        "formatting never closed": b"<p><font><b><i>OXIJET" * 1500,
        "comment never closed": b"<p>OXIJET</p><!-- <!-- " * 2000,
        "half a tag": b"OXIJET <p",
        "a million angles": b"OXIJET " + b"<" * 1_000_000,
        "a million ampersands": b"OXIJET <p>" + b"&" * 1_000_000,
        "hidden": b'<div style="display:none">OXIJET</div>',
        "script with text": b"<p>OXIJET</p><script>alert('<p>zlo</p>')</script>",
        "only styles": b"<style>p{}</style>",
        "pictures as data": b'<img src="data:image/png;base64,' + b"QUJD" * 1_000_000 + b'"><p>OXIJET</p>',
        "zero-width": "<p>OXI&#8203;JET&nbsp;32\u200b00</p>".encode(),
        "entities of controls": b"<p>OXIJET&#0;&#1;&#x80;&#xD800;&#x110000;</p>",
        "frameset": b"<frameset><frame src=x></frameset><noframes>OXIJET</noframes>",
        "nested forms": b"<form>" * 20_000 + b"OXIJET",
        "attributes by the thousand": b"<p " + b"a=b " * 100_000 + b">OXIJET</p>",
        "svg": b"<svg>" * 20_000 + b"OXIJET",
        "select": b"<select>" + b"<option>OXIJET" * 50_000,
        "meta charset": b'<meta charset="windows-1250"><p>OXIJET \xb3</p>',
        "declared twice": b"<html><html><body><body>OXIJET",
        "plaintext": b"<plaintext>OXIJET",
        "textarea": b"<textarea>OXIJET",
        "conditional comments": b"<!--[if mso]><p>x</p><![endif]--><p>OXIJET</p>",
        "title only": b"<title>OXIJET</title>",
    }
    for name, page in pages.items():
        add(
            f"HTML {name}",
            mail(b"Content-Type: text/html", body=page),
            None if name in ("only styles", "zero-width", "select", "svg", "20,000 quotes deep") else "OXIJET",
        )


for build in (add_charsets, add_controls, add_headers, add_addresses, add_mime, add_encodings, add_attachments, add_html):
    build()
