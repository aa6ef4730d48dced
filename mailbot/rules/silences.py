"""Why a mail must not be answered by a program though it may be a request: a table to read, the first hit is told to staff.

Silence is not deafness: the ticket is opened all the same, with a running clock. The names of all hits are weak signs of a
program, for the judgement by content.
"""

from __future__ import annotations

from mailbot.rules import signs
from mailbot.rules.signs import Rule

SILENCES: tuple[Rule, ...] = (
    Rule(
        "no_sender",
        "there is no sender that could be read",
        signs.no_sender,
        ("From:", "From: www@oxiprint.com"),
        ("From: x@y.example",),
        told="nie da się odczytać nadawcy",
    ),
    Rule(
        "several_senders",
        "it names several senders",
        signs.several_senders,
        ("From: a@x.example, b@y.example",),
        told="wiadomość podaje kilku nadawców",
    ),
    Rule(
        "unusable_address",
        "there is no address that an answer could go to",
        signs.unusable_address,
        ("From: root@localhost", "From: serwis@oxiprint.com"),
        ("From: jan@drukarnia.example",),
        told="na adres nadawcy nie można odpisać",
    ),
    Rule(
        "forged",
        "our own mail server says that the sender is not who it claims to be (RFC 8601)",
        signs.forged,
        ("Authentication-Results: mx.oxiprint.com; dmarc=fail header.from=drukarnia.example",),
        (
            "Authentication-Results: mx.oxiprint.com; dmarc=pass header.from=drukarnia.example",
            "Authentication-Results: mx.evil.example; dmarc=fail header.from=drukarnia.example",
        ),
        told="nasz serwer pocztowy twierdzi, że adres nadawcy jest podrobiony",
    ),
    Rule(
        "spam",
        "our own mail server calls it spam",
        signs.spam,
        (
            "X-Spam-Flag: YES",
            "X-Spam-Status: Yes, score=9.1",
            "X-MS-Exchange-Organization-SCL: 6",
            "Subject: ***SPAM*** awaria",
            "X-Spam: Yes",
        ),
        ("X-Spam-Flag: NO", "X-Spam-Status: No, score=1", "X-MS-Exchange-Organization-SCL: 1", "Subject: spam w skrzynce maszyny"),
        told="nasz serwer pocztowy uznał wiadomość za spam",
    ),
    Rule(
        "null_path",
        "it has no way back (Return-Path <>; RFC 3834 2)",
        signs.null_path,
        ("Return-Path: <>",),
        ("Return-Path: <jan@drukarnia.example>", "Return-Path: <>\nFrom: www@oxiprint.com\nReply-To: jan@drukarnia.example"),
        told="wiadomość nie ma adresu zwrotnego",
    ),
    Rule(
        "program_address",
        "its sender is an address of a program",
        signs.program_address,
        (
            "From: no-reply@x.example",
            "From: Sklep <powiadomienia@x.example>",
            "From: nie-odpowiadaj@x.example",
            "From: postmaster@x.example",
            "From: abuse@x.example",
            "From: drukarze-request@x.example",
            "Return-Path: <bounces+77-ab@mailer.example>",
            "Return-Path: <owner-drukarze@x.example>",
            "From: www@oxiprint.com\nReply-To: noreply@x.example",
            "From: jan@drukarnia.example\nReply-To: noreply@drukarnia.example",
        ),
        ("From: www@oxiprint.com\nReply-To: jan@drukarnia.example",),
        told="nadawcą jest adres automatu",
    ),
    Rule(
        "suppressed",
        "it asks not to be answered by a program (X-Auto-Response-Suppress, MS-OXCMAIL 2.1.3.2.20)",
        signs.suppressed,
        (
            "X-Auto-Response-Suppress: All",
            "X-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
            "X-Auto-Response-Suppress: oof",
            "X-Auto-Response-Suppress: 0x10",
            "X-Auto-Response-Suppress: 32",
            "X-Auto-Response-Suppress: -1",
        ),
        ("X-Auto-Response-Suppress: None", "X-Auto-Response-Suppress: DR, RN, NRN", "X-Auto-Response-Suppress: 0x0F"),
        told="wiadomość prosi, by nie odpowiadać na nią automatycznie",
    ),
    Rule(
        "through_a_list",
        "it came through a mailing list, or with the marks of mass mail",
        signs.through_a_list,
        (
            "List-Id: <biuro.drukarnia.example>",
            "Precedence: list",
            "Feedback-ID: 1.eu-west-1.x:AmazonSES",
            "Mailing-List: list x@y.example",
        ),
        ("List-Id: <serwis.oxiprint.com>\nPrecedence: list\nList-Post: <mailto:serwis@oxiprint.com>",),
        told="wiadomość przyszła przez listę dyskusyjną lub masową wysyłkę",
    ),
    Rule(
        "through_a_loop",
        "it went through somebody's forwarding rule or another ticket system",
        signs.through_a_loop,
        (
            "X-Loop: hala2@drukarnia.example",
            "X-MS-Exchange-Inbox-Rules-Loop: biuro@drukarnia.example",
            "X-RT-Loop-Prevention: drukarnia",
            "X-Roundup-Loop: hello",
            "X-OTRS-Loop: yes",
        ),
        ("X-Loop: serwis@oxiprint.com", "X-MS-Exchange-Inbox-Rules-Loop: info@oxiprint.com"),
        told="wiadomość przeszła przez regułę przekazywania lub inny system zgłoszeń",
    ),
    Rule(
        "many_recipients",
        "it went to a crowd",
        signs.many_recipients,
        ("Cc: " + ", ".join(f"p{n}@x.example" for n in range(60)),),
        ("Cc: ewa@drukarnia.example, biuro@drukarnia.example",),
        told="wiadomość poszła do bardzo wielu osób",
    ),
    Rule(
        "absence_subject",
        "its subject begins like an absence notice",
        signs.absence_subject,
        ("Subject: Nieobecność technika, kto przyjedzie?", "Subject: Urlop do 12.10", "Subject: Vacation 5-12 October"),
        ("Subject: Re: Nieobecność", "Subject: urlopowany ploter", "Subject: awaria"),
        told="temat wygląda na zawiadomienie o nieobecności",
    ),
)
