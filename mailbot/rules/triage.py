"""What kind of mail is this, and may a program answer it? Two tables to read: the first hit wins, and its name is stored and shown.

KINDS tells machine mail and staff from customers; what no rule takes is a request, for a lost request is the worst mistake.
SILENCES tells why a mail must not be answered though it may be a request: silence is not deafness, its ticket is opened all the same.
Every rule has its examples beside it, as header lines (a body follows a blank line); the tests run them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailbot.model.mail import Mail, MailKind
from mailbot.model.service import Service
from mailbot.model.verdict import Verdict
from mailbot.rules import signs
from mailbot.rules.signs import Case

_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """A named test: one sentence, what it finds (the evidence, or None), mails that it takes and near ones that it leaves.

    A rule of silence also has the words in which staff (Poles) read of it, after "the customer was not answered: …".
    """

    name: str
    says: str
    finds: Callable[[Case], str | None]
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()
    kind: MailKind = MailKind.REQUEST
    told: str = ""


KINDS: tuple[Rule, ...] = (
    Rule(
        "own_mark",
        "it is our own: our address and this installation's loop mark",
        signs.own_mark,
        ("From: serwis@oxiprint.com\nX-Mailbot-Loop: here",),
        ("From: serwis@oxiprint.com\nX-Mailbot-Loop: elsewhere", "X-Mailbot-Loop: here", "From: serwis@oxiprint.com"),
        MailKind.OWN,
    ),
    Rule(
        "delivery_report",
        "a report on the delivery of a mail (RFC 3464)",
        signs.report("delivery-status"),
        ("Content-Type: multipart/report; report-type=delivery-status",),
        ("Content-Type: multipart/report; report-type=disposition-notification", "Content-Type: multipart/mixed"),
        MailKind.BOUNCE,
    ),
    Rule(
        "delivery_words",
        "a report on the delivery of a mail, by its words or its sender",
        signs.delivery_words,
        (
            "From: mailer-daemon@mx.example\nSubject: failure notice",
            "X-Failed-Recipients: biuro@klient.example",
            "From: postmaster@x.example\nSubject: Nie można dostarczyć wiadomości",
            "Return-Path: <>\nSubject: Undeliverable: awaria",
            "From: mailer-daemon@mx.example\nAuto-Submitted: auto-replied",
        ),
        ("Subject: Undeliverable ink", "Subject: PD: failure notice\n\nThis is the qmail-send program", "From: postmaster@x.example"),
        MailKind.BOUNCE,
    ),
    Rule(
        "read_receipt",
        "a receipt: our mail was shown or deleted (RFC 8098)",
        signs.report("disposition-notification"),
        ("Content-Type: multipart/report; report-type=disposition-notification",),
        kind=MailKind.AUTO_REPLY,
    ),
    Rule(
        "abuse_report",
        "somebody's provider reports a mail of ours as unwanted (RFC 5965)",
        signs.report("feedback-report"),
        ("Content-Type: multipart/report; report-type=feedback-report",),
        kind=MailKind.AUTO_REPLY,
    ),
    Rule(
        "other_report",
        "a program's report in the standard envelope (RFC 6522)",
        signs.report(),
        ("Content-Type: multipart/report; report-type=tlsrpt",),
        kind=MailKind.AUTO_REPLY,
    ),
    Rule(
        "loop_mark",
        "a mail of another mailbot, or one that carries our mark under a foreign name",
        signs.loop_mark,
        ("X-Mailbot-Loop: elsewhere", "X-Mailbot-Loop: here", "From: serwis@oxiprint.com\nX-Mailbot-Loop: elsewhere"),
        ("X-Mailbot: here",),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "form",
        "a mail of the company's own web form: its requester is Reply-To, however mechanical it looks",
        signs.form,
        (
            "From: www@oxiprint.com\nReply-To: jan@drukarnia.example",
            "From: www@oxiprint.com\nReply-To: jan@drukarnia.example\nAuto-Submitted: auto-generated\nPrecedence: bulk\nReturn-Path: <>",
        ),
        ("From: www@drukarnia.example",),
    ),
    Rule(
        "auto_submitted",
        "Auto-Submitted says anything but `no` (RFC 3834 5)",
        signs.auto_submitted,
        (
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated; owner-email=jan@drukarnia.example",
            "Auto-Submitted: (a ; comment (nested)) Auto-Notified",
            "Auto-Submitted: auto-replied (vacation)",
            "Auto-Submitted: vacation",
            "Auto-Submitted: no\nAuto-Submitted: auto-replied",
        ),
        ("Auto-Submitted: no", "Auto-Submitted: No (human); x=auto-replied", "Auto-Submitted: (auto-replied)", "Auto-Submitted:"),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "responder_header",
        "a header that only responders and other programs write",
        signs.responder_header,
        (
            "X-Autoreply: yes",
            "X-Autorespond: Autoresponder",
            "X-Autoresponder: 1",
            "X-Autoresponse: vacation",
            "X-AutoReply-From: jan@drukarnia.example",
            "X-Mail-Autoreply: true",
            "X-Autogenerated: Reply",
            "X-FC-Machinegenerated: true",
            "X-AMAZON-MAIL-RELAY-TYPE: notification",
            "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
            "Delivered-To: autoresponder",
        ),
        ("X-Autoreply: no", "X-FC-Machinegenerated: false", "X-AMAZON-MAIL-RELAY-TYPE: other", "Delivered-To: serwis@oxiprint.com"),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "precedence_auto_reply",
        "Precedence says auto_reply",
        signs.precedence("auto_reply", "auto-reply", "autoreply"),
        ("Precedence: auto_reply", "X-Precedence: Auto_Reply", "Precedence: first-class\nPrecedence: auto_reply"),
        ("Precedence: normal",),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "loop_of_sender",
        "the loop mark of the sender's own responder or inbox rule",
        signs.loop_of_sender,
        (
            "X-Loop: yes",
            "X-Loop: TRUE",
            "X-Loop: jan.kowalski@drukarnia.example",
            "X-MS-Exchange-Inbox-Rules-Loop: Jan.Kowalski@drukarnia.example",
        ),
        ("X-Loop: no", "X-Loop: hala2@drukarnia.example", "X-MS-Exchange-Inbox-Rules-Loop: info@oxiprint.com"),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "automatic_subject",
        "the subject begins as responders write it",
        signs.automatic_subject,
        (
            "Subject: Automatyczna odpowiedź: [OXI-2026-000123] awaria",
            "Subject: Autoodpowiedź: awaria",
            "Subject: [EXT] Automatic reply: awaria",
            "Subject: Automatische Antwort: awaria",
            "Subject: Odpowiedź automatyczna",
            "Subject: Out of Office: awaria",
            "Subject: Nieobecność: Re: awaria\nX-Auto-Response-Suppress: All",
            "Subject: Poza biurem\nIn-Reply-To: <a@oxiprint.com>",
            "Subject: Abwesenheitsnotiz: awaria",
        ),
        (
            "Subject: Re: Automatyczna odpowiedź: awaria",
            "Subject: Nieobecność technika, kto przyjedzie?",
            "Subject: Automatyczna kalibracja nie działa",
            "Subject: Out of office printing fails",
            "Subject: Nieobecność",
        ),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "null_path_answer",
        "an answer without a way back (Return-Path <>): no person's mail program sends one",
        signs.null_path_answer,
        ("Return-Path: <>\nIn-Reply-To: <a@oxiprint.com>", "Return-Path: <>\nSubject: Re: awaria"),
        ("Return-Path: <>", "Return-Path: <jan.kowalski@drukarnia.example>\nSubject: Re: awaria"),
        MailKind.AUTO_REPLY,
    ),
    Rule(
        "staff",
        "a colleague, or somebody who writes from the desk's own address",
        signs.staff,
        ("From: serwis@oxiprint.com", "From: Jan Nowak <JAN@oxiprint.com>", "From: technik@oxiprint.com\nList-Id: <zespol.oxiprint.com>"),
        (
            "From: ewa@drukarnia.example",
            "From: Jan via Serwis <serwis@oxiprint.com>\nList-Id: <serwis.oxiprint.com>\nReply-To: jan@drukarnia.example",
        ),
        MailKind.STAFF,
    ),
    Rule(
        "precedence_bulk",
        "Precedence says bulk or junk",
        signs.precedence("bulk", "junk"),
        ("Precedence: bulk", "Precedence: Junk", "X-Precedence: bulk", "Precedence: first-class\nPrecedence: bulk (mass)"),
        ("Precedence: first-class", "Precedence: list", "Precedence: special-delivery"),
        MailKind.BULK,
    ),
    Rule(
        "list",
        "a mailing list's or newsletter's mail (RFC 2369, RFC 2919) that is neither written to us by a person nor an answer to us",
        signs.mailing_list,
        (
            "List-Unsubscribe: <https://x.example/wypisz>",
            "List-Id: Nowości <nowosci.x.example>\nFeedback-ID: 1:2:x",
            "Precedence: list\nTo: drukarze@lista.example\nList-Post: <mailto:drukarze@lista.example>",
            "List-Post: NO\nList-Id: <ogloszenia.x.example>",
        ),
        (
            "List-Id: <biuro.drukarnia.example>\nList-Post: <mailto:biuro@drukarnia.example>\nList-Unsubscribe: <mailto:u@x.example>",
            "List-Unsubscribe: <mailto:u@x.example>\nIn-Reply-To: <OXI-2026-000123.a.k@oxiprint.com>",
            "List-Unsubscribe: <mailto:u@x.example>\nSubject: Re: [OXI-2026-000123] awaria",
            "List-Id: <serwis.oxiprint.com>\nPrecedence: list\nList-Unsubscribe: <mailto:u@x.example>",
            "Feedback-ID: 1.eu-west-1.x:AmazonSES",
        ),
        MailKind.BULK,
    ),
    Rule(
        "calendar",
        "an invitation, or the answer to one: a person's, and no request",
        signs.calendar,
        ("Content-Type: text/calendar; method=REPLY",),
        ("Content-Type: text/plain",),
        MailKind.OTHER,
    ),
)

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
            "X-Auto-Response-Suppress: 0x30",
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


def triage(mail: Mail, service: Service, installation: str) -> Verdict:
    """The kind of a mail, with the rule that told and its evidence, and whether a program may answer it.

    `installation` is this installation's id, as in our `X-Mailbot-Loop`. REQUEST means a person wrote to us: the judgement
    by content, and the match with a ticket, refine it. Never fails.
    """
    case = Case(mail, service, installation)
    kind, test, text = MailKind.REQUEST, "human", ""
    for rule in KINDS:
        if (evidence := rule.finds(case)) is not None:
            kind, test, text = rule.kind, rule.name, _one_line(evidence)
            break
    found = {rule.name: _one_line(evidence) for rule in SILENCES if (evidence := rule.finds(case)) is not None}
    first = next((rule for rule in SILENCES if rule.name in found), None)
    return Verdict(
        kind=kind,
        test=test,
        text=text,
        silence=f"{first.told} ({found[first.name]})" if first else None,
        spam="spam" in found,
        hints=tuple(found),
    )


def _one_line(evidence: str) -> str:
    return " ".join(evidence[: 2 * _EVIDENCE].split())[:_EVIDENCE]
