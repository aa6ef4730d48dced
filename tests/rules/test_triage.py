"""No machine is answered, no person is taken for one; each rule of the tables hits its examples and leaves the near ones."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model.mail import Attachment, MailKind
from mailbot.rules.parse import parse
from mailbot.rules.signs import Case, Rule
from mailbot.rules.silences import SILENCES
from mailbot.rules.triage import KINDS, triage
from tests.build import a_mail, a_service
from tests.rules.examples import example_bytes, example_mail

SERVICE = a_service(
    forms=("www@oxiprint.com",),
    other_addresses=("info@oxiprint.com",),
    authserv_id="mx.oxiprint.com",
)


CASES = [(rule, example) for rule in (*KINDS, *SILENCES) for example in rule.yes]
NEAR = [(rule, example) for rule in (*KINDS, *SILENCES) for example in rule.no]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_takes_its_examples(rule: Rule, example: str) -> None:
    assert rule.finds(Case(example_mail(example), SERVICE, "here")) is not None


@pytest.mark.parametrize(("rule", "example"), NEAR)
def test_a_rule_leaves_the_near_ones(rule: Rule, example: str) -> None:
    assert rule.finds(Case(example_mail(example), SERVICE, "here")) is None


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in KINDS for example in rule.yes])
def test_the_first_hit_of_an_example_is_its_own_rule(rule: Rule, example: str) -> None:
    verdict = triage(example_mail(example), SERVICE, "here")
    assert (verdict.kind, verdict.test) == (rule.kind, rule.name)
    assert verdict.text


def test_names_are_unique_and_every_rule_says_what_it_means() -> None:
    rules = (*KINDS, *SILENCES)
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.says and rule.yes for rule in rules)
    assert all(rule.told for rule in SILENCES)


NEVER_ANSWERED = [
    *(example for rule in KINDS for example in rule.yes if rule.kind.is_machine),
    *(example for rule in SILENCES for example in rule.yes),
    "Auto-Submitted: auto-generated\nX-Mailer: FikcjaDesk 4.1\nReturn-Path: <>\nSubject: [#88121] Twoje zgłoszenie zostało zarejestrowane",
    "From: Poczta <mailer-daemon@x.example>\nSubject: Powiadomienie",
    "From: Google <noreply@x.example>\nSubject: Re: [OXI-2026-000123] awaria",
    "From: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@drukarnia.example\nSubject: Niedostarczone: awaria",
    "Precedence: normal\nPrecedence: junk",
    "X-Auto-Response-Suppress: OOF\nSubject: Odp: awaria",
    "Subject: Abwesend: awaria\nIn-Reply-To: <a@oxiprint.com>",
    "Subject: Nieobecna do piątku",
    "From: a@x.example, serwis@oxiprint.com",
    "From: jan@drukarnia.example\nFrom: serwis@oxiprint.com",
    "From: =?utf-8?q?x?=",
    "From: info@oxiprint.com",
    "From: MAILER-DAEMON@localhost",
    "From: listserv@x.example",
    "From: www@oxiprint.com\nReply-To: serwis@oxiprint.com",
    "From: www@oxiprint.com\nReply-To: root@localhost",
]


@pytest.mark.parametrize("example", NEVER_ANSWERED)
def test_never_answered(example: str) -> None:
    verdict = triage(example_mail(example), SERVICE, "here")
    assert not verdict.may_be_answered
    assert verdict.kind.is_machine or verdict.silence


def test_there_are_enough_of_them() -> None:
    assert len(set(NEVER_ANSWERED)) >= 100


ANSWERED = [
    "Subject: awaria",
    "Auto-Submitted: no",
    "Auto-Submitted: (auto-replied) no",
    "X-Auto-Response-Suppress: DR, RN, NRN",
    "X-Auto-Response-Suppress: None",
    "Precedence: first-class",
    "X-Autoreply: no",
    "X-Loop: serwis@oxiprint.com",
    "X-MS-Exchange-Inbox-Rules-Loop: info@oxiprint.com\nTo: info@oxiprint.com",
    "Return-Path: <prvs=1234567=jan.kowalski@drukarnia.example>",
    "Return-Path: <SRS0=ab=XY=drukarnia.example=bounces@forwarder.example>",
    "Return-Path: <bounces+SRS=ab1=XY@oxiprint.com>",
    "Subject: Re: Automatyczna odpowiedź: awaria",
    "Subject: PD: Undeliverable: faktura\n\nProszę zobaczyć, co przyszło z maszyny.",
    "Subject: Returned mail from the printer panel: error 12",
    "Subject: Błąd dostarczania atramentu, maszyna stoi",
    "Subject: Automatyczne czyszczenie głowicy nie rusza",
    "Subject: Spam na wyświetlaczu",
    "From: Administrator <admin@drukarnia.example>",
    "From: Biuro <biuro@drukarnia.example>\nCc: ewa@drukarnia.example",
    "From: serwis@konkurencja.example",
    "From: Jan <jan@drukarnia.example>\nReply-To: Jan <serwis@oxiprint.com>",
    "From: www@oxiprint.com\nReply-To: jan@drukarnia.example\nReturn-Path: <>\nAuto-Submitted: auto-generated",
    "From: Jan via Serwis <serwis@oxiprint.com>\nList-Id: Serwis <serwis.oxiprint.com>\nPrecedence: list\nReply-To: jan@drukarnia.example",
    "List-Id: <serwis.oxiprint.com>\nList-Unsubscribe: <mailto:u@x.example>\nPrecedence: list",
    "X-Priority: 1\nImportance: high",
    "X-Spam-Status: No, score=2.0\nX-Spam-Flag: NO",
    "To: undisclosed-recipients:;",
    "Authentication-Results: mx.oxiprint.com; dmarc=none; spf=softfail smtp.mailfrom=drukarnia.example",
    "Disposition-Notification-To: jan.kowalski@drukarnia.example\nX-Confirm-Reading-To: jan.kowalski@drukarnia.example",
]


@pytest.mark.parametrize("example", ANSWERED)
def test_people_are_answered(example: str) -> None:
    verdict = triage(example_mail(example), SERVICE, "here")
    assert (verdict.kind, verdict.silence, verdict.spam) == (MailKind.REQUEST, None, False)
    assert verdict.may_be_answered


SILENT_REQUESTS = [
    "From: no-reply@drukarnia.example",
    "X-Auto-Response-Suppress: All",
    "Return-Path: <>",
    "Authentication-Results: mx.oxiprint.com; dmarc=fail header.from=drukarnia.example",
    "X-Spam-Flag: YES",
    "List-Id: <biuro.drukarnia.example>\nList-Post: <mailto:biuro@drukarnia.example>\nList-Unsubscribe: <mailto:u@x.example>",
    "List-Unsubscribe: <mailto:u@x.example>\nSubject: Re: [OXI-2026-000123] awaria",
    "Feedback-ID: 1.eu-west-1.x:AmazonSES",
    "From: root@localhost",
]


@pytest.mark.parametrize("example", SILENT_REQUESTS)
def test_silence_is_not_deafness(example: str) -> None:
    verdict = triage(example_mail(example), SERVICE, "here")
    assert verdict.kind == MailKind.REQUEST
    assert verdict.silence
    assert verdict.hints


def test_two_installations_do_not_mute_each_other_and_do_not_loop() -> None:
    ours = example_mail("From: serwis@oxiprint.com\nX-Mailbot-Loop: here")
    assert triage(ours, SERVICE, "here").kind == MailKind.OWN
    assert triage(ours, SERVICE, "there").kind == MailKind.AUTO_REPLY
    assert triage(ours, SERVICE, "").kind == MailKind.AUTO_REPLY


def test_spam_is_said_apart_from_the_kind() -> None:
    verdict = triage(example_mail("X-Spam-Flag: YES"), SERVICE, "here")
    assert (verdict.kind, verdict.spam) == (MailKind.REQUEST, True)


def test_a_forged_colleague_is_staff_who_is_not_answered() -> None:
    example = "From: jan@oxiprint.com\nAuthentication-Results: mx.oxiprint.com; dmarc=fail header.from=oxiprint.com"
    verdict = triage(example_mail(example), SERVICE, "here")
    assert (verdict.kind, "forged" in verdict.hints, verdict.may_be_answered) == (MailKind.STAFF, True, False)


def test_a_program_of_the_house_is_no_colleague() -> None:
    service = replace(SERVICE, staff_domains=("oxiprint.com",))
    assert triage(example_mail("From: powiadomienia@oxiprint.com"), service, "here").kind == MailKind.REQUEST
    assert triage(example_mail("From: ewa@oxiprint.com"), service, "here").kind == MailKind.STAFF


def test_a_calendar_file_beside_a_letter_is_no_invitation() -> None:
    file = Attachment("termin.ics", "text/calendar", 700)
    assert triage(a_mail(attachments=(file,)), SERVICE, "here").kind == MailKind.REQUEST
    invitation = replace(file, content_type="text/calendar; method=REQUEST")
    assert triage(a_mail(attachments=(invitation,)), SERVICE, "here").kind == MailKind.OTHER


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in KINDS for example in rule.yes])
def test_the_same_from_the_wire(rule: Rule, example: str) -> None:
    verdict = triage(parse(example_bytes(example)), SERVICE, "here")
    assert (verdict.kind, verdict.test) == (rule.kind, rule.name)


@pytest.mark.parametrize("example", NEVER_ANSWERED)
def test_never_answered_from_the_wire(example: str) -> None:
    assert not triage(parse(example_bytes(example)), SERVICE, "here").may_be_answered


@pytest.mark.parametrize("example", ANSWERED)
def test_people_are_answered_from_the_wire(example: str) -> None:
    assert triage(parse(example_bytes(example)), SERVICE, "here").may_be_answered


INVITATION = """From: Jan <jan@drukarnia.example>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Spotkanie
--b
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
END:VCALENDAR
--b--
"""
FORWARDED_REPORT = """From: Jan <jan@drukarnia.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Dostaję takie zwroty z panelu maszyny, a głowica nie drukuje.
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; x@y.example
Action: failed
Status: 5.1.1
--b--
"""


def test_an_invitation_and_a_letter_with_a_calendar_file_from_the_wire() -> None:
    assert triage(parse(INVITATION.encode()), SERVICE, "here").kind == MailKind.OTHER
    letter = INVITATION.replace("alternative", "mixed").replace("method=REQUEST", "name=termin.ics\nContent-Disposition: attachment")
    assert triage(parse(letter.encode()), SERVICE, "here").kind == MailKind.REQUEST


def test_somebody_elses_report_in_a_letter_is_no_report_from_the_wire() -> None:
    assert triage(parse(FORWARDED_REPORT.encode()), SERVICE, "here").kind == MailKind.REQUEST


def test_the_evidence_is_one_short_line() -> None:
    verdict = triage(example_mail("Auto-Submitted: auto-replied " + "x\t" * 5000), SERVICE, "here")
    assert len(verdict.text) <= 200
    assert "\t" not in verdict.text


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["auto-submitted", "precedence", "x-auto-response-suppress", "list-id", "x-loop", "authentication-results", "received"]
            ),
            st.text(max_size=80),
        ),
        max_size=6,
    ),
    st.text(max_size=40),
)
def test_any_header_is_judged_without_an_error(headers: list[tuple[str, str]], subject: str) -> None:
    verdict = triage(a_mail(headers=tuple(headers), subject=subject), SERVICE, "here")
    assert verdict.test


@pytest.mark.parametrize(
    "name", ["auto-submitted", "precedence", "x-auto-response-suppress", "list-id", "x-forefront-antispam-report", "received"]
)
@pytest.mark.parametrize("hostile", ["(", "a ", ";", '"', "x;", "\\"])
def test_hostile_headers_are_linear(name: str, hostile: str) -> None:
    mail = a_mail(headers=((name, hostile * (300_000 // len(hostile))),), subject=hostile * 100_000)
    before = time.perf_counter()
    triage(mail, SERVICE, "here")
    assert time.perf_counter() - before < 1
