"""A draft becomes a mail: right headers, nothing injected, nothing disclosed, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mailbot.errors import Permanent
from mailbot.model.facts import Fact, Facts, Flag, Impact, Item, Where
from mailbot.model.letter import (
    Acknowledgement,
    Alarm,
    Audience,
    CommandResult,
    Digest,
    DigestLine,
    Draft,
    FollowUp,
    Letter,
    NewTicket,
    Outgoing,
    Question,
    Quoted,
    SlaReminder,
    StaffReply,
    Thread,
    Unreadable,
)
from mailbot.model.mail import Address
from mailbot.rules.compose import MAX_MAIL, bare_subject, compose
from mailbot.rules.mime import shortened
from mailbot.rules.signing import Signer
from mailbot.rules.templates import LANGUAGES, Templates
from mailbot.samples import AT, COLLEAGUE, CUSTOMER, OPENS, PLANNED, a_ticket, sample_drafts
from mailbot.templating import load_templates
from tests.build import a_service

SIGNER = Signer(b"k" * 32, "k1")
SERVICE = a_service(privacy_url="https://example.com/rodo")
NUMBER = "OXI-2026-000123"


@pytest.fixture(scope="module")
def templates() -> Templates:
    return load_templates(None)


def _send(templates: Templates, letter: Letter, **changes: Any) -> Outgoing:
    audience = changes.pop("audience", Audience.CUSTOMER)
    draft = Draft(letter, changes.pop("to", CUSTOMER), changes.pop("key", "ask:mail:17"), audience, **changes)
    return compose(draft, templates, SERVICE, SIGNER, "install-1", AT)


def _read(outgoing: Outgoing) -> EmailMessage:
    mail = BytesParser(policy=default).parsebytes(outgoing.mime)
    assert isinstance(mail, EmailMessage)
    return mail


def _html(outgoing: Outgoing) -> str:
    part = _read(outgoing).get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return content


def _render_samples(templates: Templates) -> list[Outgoing]:
    return [compose(draft, templates, SERVICE, SIGNER, "i", AT) for language in LANGUAGES for draft in sample_drafts(language).values()]


@pytest.fixture(scope="module")
def samples(templates: Templates) -> list[Outgoing]:
    return _render_samples(templates)


# ---- the mail as a whole ------------------------------------------------------------------------------------------


def test_equal_arguments_give_equal_bytes(samples: list[Outgoing]) -> None:
    assert [mail.mime for mail in samples] == [mail.mime for mail in _render_samples(load_templates(None))]


def test_every_mail_is_seven_bit_crlf_with_short_lines_and_two_readable_parts(samples: list[Outgoing]) -> None:
    for outgoing in samples:
        assert outgoing.mime.isascii()
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", outgoing.mime)
        assert max(map(len, outgoing.mime.split(b"\r\n"))) <= 100
        assert len(outgoing.mime) < MAX_MAIL
        mail = _read(outgoing)
        assert not mail.defects
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        text = mail.get_body(("plain",))
        assert text is not None
        assert text.get_content().replace("\r\n", "\n") == outgoing.text
        assert mail["Message-ID"] == outgoing.message_id
        assert mail["Subject"] == outgoing.subject


def test_lines_wrap_but_form_lines_and_long_words(samples: list[Outgoing]) -> None:
    for outgoing in samples:
        for line in outgoing.text.split("\n"):
            assert len(line) <= 76 or " " not in line.strip(), line


def test_html_asks_nothing_of_the_network_and_runs_nothing(samples: list[Outgoing]) -> None:
    for outgoing in samples:
        page = LexborHTMLParser(_html(outgoing))
        assert not page.css("script, img, link, iframe, object, embed, form, video, audio")
        assert not re.search(r"url\(|@import|\son\w+=|src=|background=", _html(outgoing))
        assert page.css_first('meta[name="color-scheme"]') is not None
        assert {link.attributes["href"].split(":")[0] for link in page.css("a")} <= {"tel", "mailto", "https"}  # type: ignore[union-attr]


def test_text_and_html_say_the_same(samples: list[Outgoing]) -> None:
    for outgoing in samples:
        body = LexborHTMLParser(_html(outgoing)).css_first("main")
        assert body is not None
        shown, written = _letters_of(body.text(separator=" ")), _letters_of(outgoing.text)
        assert shown == written


def _letters_of(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


# ---- headers ------------------------------------------------------------------------------------------------------


def test_headers_of_an_automatic_answer(templates: Templates) -> None:
    thread = Thread("Odp: [EXT] Awaria plotera", "<m2@x.example>", ("<m0@x.example>", "<m1@x.example>"))
    mail = _read(_send(templates, Question(a_ticket(), (Item.DEVICE,)), thread=thread))
    assert mail["From"] == "Serwis OXIPRINT <serwis@oxiprint.com>" or mail["From"].addresses[0].display_name == "Serwis OXIPRINT"
    assert [address.addr_spec for address in mail["To"].addresses] == [CUSTOMER.email]
    assert mail["Subject"] == f"[{NUMBER}] Re: Awaria plotera"
    assert mail["In-Reply-To"] == "<m2@x.example>"
    assert mail["References"].split() == ["<m0@x.example>", "<m1@x.example>", "<m2@x.example>"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "auto_reply"
    assert mail["X-Mailbot-Loop"] == "install-1"
    assert mail["Date"].datetime == AT
    assert str(mail["Date"]).endswith("+0200")
    assert SIGNER.verify(mail["Message-ID"]) == NUMBER
    assert mail["Message-ID"].endswith("@oxiprint.com>")


def test_what_no_mail_caused_is_auto_generated(templates: Templates) -> None:
    mail = _read(_send(templates, Question(a_ticket(), (Item.DEVICE,)), answers_mail=False))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_a_colleague_s_words_look_like_a_person_s_mail(templates: Templates) -> None:
    outgoing = _send(templates, StaffReply(a_ticket(), "Dzień dobry,\n\n  1) zawór\n  2) filtr\n\nJan", "Jan Nowak"), automatic=False)
    mail = _read(outgoing)
    assert mail["From"].addresses[0].display_name == "Jan Nowak (Serwis OXIPRINT)"
    assert mail["From"].addresses[0].addr_spec == "serwis@oxiprint.com"
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"):
        assert mail[name] is None
    assert mail["X-Mailbot-Loop"] == "install-1"
    assert outgoing.text.startswith("Dzień dobry,\n\n  1) zawór\n  2) filtr\n\nJan\n\n-- \nJan Nowak, Serwis OXIPRINT\n")


def test_a_colleague_s_words_are_never_cut(templates: Templates) -> None:
    words = "\n".join(f"wiersz {number} ąę" for number in range(5_000))
    assert words in _send(templates, StaffReply(a_ticket(), words, "Jan Nowak"), automatic=False).text


def test_mails_of_no_ticket_are_signed_too(templates: Templates) -> None:
    outgoing = _send(templates, Alarm("Powódź", ("jeden nadawca",)), to=COLLEAGUE, audience=Audience.STAFF)
    assert SIGNER.verify(outgoing.message_id) == ""
    assert outgoing.subject == "Uwaga! Powódź"


def test_references_keep_the_first_and_the_last() -> None:
    ids = [f"<{number}@x>" for number in range(50)]
    assert shortened(ids) == ["<0@x>", *ids[31:]]
    assert len(shortened(ids)) == 20
    assert shortened(["<a@x>", "<b@x>", "<a@x>"]) == ["<b@x>", "<a@x>"]


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Awaria", "Awaria"),
        ("Re: Odp: RE[2]: FW: Awaria", "Awaria"),
        ("Re: [OXI-2026-000007] Re: Awaria [OXI-2026-000008]", "Awaria"),
        ("[oxi-2026-7]", ""),
        ("Re:", ""),
        ("=?utf-8?q?a=0D=0ABcc:_x@y?= b", "=?utf-8?q?a=0D=0ABcc:_x@y?= b"),
        ("a\r\nBcc: x@y", "a Bcc: x@y"),
    ],
)
def test_the_customer_s_own_subject(subject: str, bare: str) -> None:
    assert bare_subject(subject, "OXI") == bare


def test_a_customer_without_a_subject_gets_ours(templates: Templates) -> None:
    outgoing = _send(templates, Question(replace(a_ticket(), subject=""), (Item.DEVICE,)))
    assert outgoing.subject == f"[{NUMBER}] Prośba o uzupełnienie zgłoszenia"


TEXTS = st.one_of(
    st.text(max_size=150), st.sampled_from(["a\r\nBcc: v@x", "=?utf-8?q?=0D=0ABcc:_v@x?=", "a, b <c@d>", '"', "\\", "ż" * 150, "a" * 190])
)


@settings(max_examples=80, deadline=None)
@given(TEXTS, TEXTS, st.lists(st.one_of(TEXTS, TEXTS.map(lambda text: f"<{text}@x>")), max_size=30))
def test_nothing_can_be_injected_into_a_header(templates: Templates, subject: str, name: str, ids: list[str]) -> None:
    letter = Question(replace(a_ticket(), subject=subject), (Item.DEVICE,))
    thread = Thread(subject, ids[0] if ids else None, tuple(ids))
    outgoing = _send(templates, letter, to=Address(name, "jan@x.example"), thread=thread)
    head = outgoing.mime.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    required = [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"Auto-Submitted",
        b"X-Auto-Response-Suppress",
        b"Precedence",
        b"X-Mailbot-Loop",
    ]
    assert sorted(set(names) - {b"In-Reply-To", b"References"}) == sorted([*required, b"MIME-Version", b"Content-Type"])
    assert len(names) == len(set(names))
    mail = _read(outgoing)
    assert mail["Subject"] == outgoing.subject
    assert [address.addr_spec for address in mail["To"].addresses] == ["jan@x.example"]
    assert max(map(len, head.split(b"\r\n"))) <= 300


@pytest.mark.parametrize(
    "email",
    [
        "",
        "jan",
        "@x.example",
        "<@",
        "a@b@c.example",
        "a b@c.example",
        "żan@x.example",
        "jan@żółw.example",
        "(c)jan@x.example",
        "jan@[x",
        "=?utf-8?q?a?=@x.example",
        "a" * 255 + "@x.example",
        "a@x.example\r\nBcc: v@x",
        "a@.x",
        "a@\x00",
    ],
)
def test_an_address_that_no_header_can_hold_is_refused(templates: Templates, email: str) -> None:
    with pytest.raises(Permanent):
        _send(templates, Question(a_ticket(), (Item.DEVICE,)), to=Address("Jan", email))


# ---- what customers read ------------------------------------------------------------------------------------------


def test_what_only_the_register_knows_is_never_shown_to_a_customer(templates: Templates) -> None:
    secret = Facts(
        **{
            name: Fact("+48500600700" if name == "phone" else f"Tajne{name}", Where.REGISTER)
            for name, _ in a_ticket().facts.found()
            if name != "impact"
        }
    )
    ticket = replace(a_ticket(), facts=secret)
    for language in LANGUAGES:
        for name, draft in sample_drafts(language).items():
            if draft.audience is Audience.CUSTOMER and name != "staff_reply":
                mail = compose(replace(draft, letter=replace(draft.letter, ticket=ticket)), templates, SERVICE, SIGNER, "i", AT)  # type: ignore[type-var]
                assert "Tajne" not in mail.text + _html(mail) + mail.subject
                assert "500" not in re.sub(r"\s", "", mail.text).replace("+48530451339", "")


def test_staff_see_what_the_register_says_and_where_each_thing_was_found(templates: Templates) -> None:
    text = _send(templates, NewTicket(a_ticket(), PLANNED, None, "question"), to=COLLEAGUE, audience=Audience.STAFF).text
    assert "Nr seryjny: OX32-2024-00817\n    (kartoteka klientów)" in text
    assert "Urządzenie: OXIJET 3200\n    (treść: „nasza 3200-tka”)" in text
    assert "wniosek" in text


def test_the_acknowledgement_says_all_that_it_must(templates: Templates) -> None:
    text = _send(templates, Acknowledgement(a_ticket(), PLANNED, OPENS)).text
    flat = " ".join(text.split())
    for words in (
        NUMBER,
        "Dzień dobry, Pani Małgorzato,",
        "poniedziałek 12 października, 14:00",  # planned start, in the zone of the service
        "nie gwarantowany",
        "poniedziałek 12 października, 8:00",  # the desk opens
        "działalność: wysoki",
        "krytyczny, wysoki, średni albo niski",
        "opiekuna handlowego",
        "+48 501 309 962",  # the direct line for ink
        "https://example.com/rodo",
    ):
        assert words in flat, words
    assert "bezpłat" not in flat
    assert "gwarancj" not in flat


def test_the_phone_line_fits_the_matter(templates: Templates) -> None:
    general = replace(a_ticket(), flags=frozenset())
    assert "+48 530 451 339" in _send(templates, Acknowledgement(general, PLANNED)).text
    assert "+48 530 451 339" not in _send(templates, Acknowledgement(a_ticket(), PLANNED)).text


def test_danger_puts_the_phone_before_everything_else(templates: Templates) -> None:
    for language in LANGUAGES:
        ticket = replace(a_ticket(language), flags=frozenset({Flag.DANGER}))
        for letter in (Question(ticket, tuple(Item)), Acknowledgement(ticket, PLANNED)):
            text = _send(templates, letter, language=language).text
            assert text.index("+48 530 451 339") < text.index("112") < text.index("OXI-2026")
            assert "15 " in text


def test_a_complaint_is_not_thanked_for(templates: Templates) -> None:
    for flag in (Flag.COMPLAINT, Flag.ANNOYED):
        ticket = replace(a_ticket(), flags=frozenset({flag}))
        for letter in (Question(ticket, (Item.IMPACT,)), Acknowledgement(ticket, PLANNED)):
            text = _send(templates, letter).text
            assert "dziękujemy" not in text.lower()
            assert "!" not in text
            assert "poważnie" in text


def test_another_maker_s_machine_is_named_kindly_in_the_first_question_only(templates: Templates) -> None:
    ticket = replace(a_ticket(), flags=frozenset({Flag.OTHER_MAKER}))
    first = _send(templates, Question(ticket, (Item.DEVICE,))).text
    assert "OXIPRINT serwisuje urządzenia własnej produkcji" in first
    assert "OXIPRINT serwisuje" not in _send(templates, Question(ticket, (Item.DEVICE,), again=True)).text


def test_a_case_whose_clock_runs_is_not_told_to_wait(templates: Templates) -> None:
    critical = replace(a_ticket(), cycle=replace(a_ticket().cycle, impact=Impact.CRITICAL))
    assert "Nie czekamy z rozpoczęciem" in _send(templates, Question(critical, (Item.COMPANY,))).text
    waiting = _send(templates, Question(a_ticket(), (Item.COMPANY,))).text
    assert "bez odpowiedzi nie możemy" in waiting
    assert "Nie czekamy" not in waiting


def test_the_levels_are_explained_only_where_the_impact_is_asked_for(templates: Templates) -> None:
    assert "\n- krytyczny: " in _send(templates, Question(a_ticket(), (Item.IMPACT,))).text
    assert "\n- krytyczny: " not in _send(templates, Question(a_ticket(), (Item.COMPANY,))).text


def test_the_year_is_named_where_it_is_another(templates: Templates) -> None:
    planned = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    assert "poniedziałek 4 stycznia 2027, 10:00" in " ".join(_send(templates, Acknowledgement(a_ticket(), planned)).text.split())


def test_markup_in_a_customer_s_words_stays_words(templates: Templates) -> None:
    evil = '<script>alert(1)</script> & "x" {{ 7*7 }} <b>'
    facts = replace(a_ticket().facts, company=Fact(evil, Where.TEXT), device=Fact(evil, Where.TEXT))
    outgoing = _send(templates, Acknowledgement(replace(a_ticket(), facts=facts), PLANNED))
    assert evil in " ".join(outgoing.text.split())
    assert "<script" not in _html(outgoing)
    assert "{{ 7*7 }}" in _html(outgoing)


# ---- what staff read ----------------------------------------------------------------------------------------------

AWFUL = ("🙂" * 50 + " ") * 400


def _awful_letters() -> list[Letter]:
    fact = Fact(AWFUL, Where.TEXT, AWFUL + ".")
    facts = Facts(fact, replace(fact, text="other" + AWFUL), fact, fact, fact, fact, fact, fact, Fact(Impact.LOW, Where.TEXT, AWFUL))
    ticket = replace(a_ticket(), facts=facts, subject=AWFUL, requester=Address(AWFUL, "x@x.example"), assignee="jan@oxiprint.com")
    mail = Quoted(Address(AWFUL, "x@x.example"), AT, AWFUL, AWFUL, (AWFUL,) * 40, 17)
    lines = tuple(DigestLine(ticket, PLANNED, timedelta(hours=100)) for _ in range(300))
    notes = (AWFUL,) * 60
    return [
        NewTicket(ticket, PLANNED, mail, "question", notes, alarm=True),
        NewTicket(ticket, PLANNED, replace(mail, text="\n" * 90_000 + "x\n" * 90_000), "", ("\n",) * 500),
        FollowUp(ticket, PLANNED, mail, AWFUL, tuple((name, AWFUL, AWFUL) for name, _ in facts.found()), notes),
        SlaReminder(ticket, 100, 2, OPENS, PLANNED, None, timedelta(hours=5), AT, 3),
        Digest(date(2026, 10, 12), lines, lines, lines, lines, notes),
        Alarm(AWFUL, notes, ticket),
        CommandResult(notes, ticket),
        Acknowledgement(ticket, PLANNED, OPENS),
        Question(ticket, tuple(Item), opens_at=OPENS),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_passes_30_kb_whatever_it_quotes(templates: Templates, language: str) -> None:
    for letter in _awful_letters():
        outgoing = _send(templates, letter, language=language, audience=Audience.STAFF, to=COLLEAGUE)
        assert len(outgoing.mime) < MAX_MAIL, type(letter)
        assert len(outgoing.subject) <= 200


def test_a_cut_text_says_so_and_where_the_whole_is(templates: Templates) -> None:
    mail = Quoted(CUSTOMER, AT, "x", "słowo " * 5_000, (), 17)
    text = _send(templates, NewTicket(a_ticket(), PLANNED, mail, ""), audience=Audience.STAFF, to=COLLEAGUE).text
    assert "ucięty" in text
    assert "mailbot mail show 17" in text
    short = _send(templates, NewTicket(a_ticket(), PLANNED, replace(mail, text="krótko"), ""), audience=Audience.STAFF, to=COLLEAGUE).text
    assert "ucięty" not in short


def test_the_token_stands_in_the_message_id_only(samples: list[Outgoing]) -> None:
    for outgoing in samples:
        token = outgoing.message_id.split("@")[0].split(".")[-1]
        assert outgoing.mime.count(token.encode()) == 1
        assert token not in outgoing.subject + outgoing.text


def test_a_colleague_is_called_by_name(templates: Templates) -> None:
    letter = NewTicket(replace(a_ticket(), assignee=COLLEAGUE.email), PLANNED, None, "")
    assert "Prowadzi: Jan Nowak\n" in _send(templates, letter, audience=Audience.STAFF, to=COLLEAGUE).text


def test_a_mail_that_is_too_large_is_named_with_its_size(templates: Templates) -> None:
    assert "zbyt duża (około 87 MB)" in " ".join(_send(templates, Unreadable(a_ticket(), 87)).text.split())
    assert "uszkodzona" in _send(templates, Unreadable(a_ticket())).text


def test_commands_are_offered_to_those_who_may_give_them(templates: Templates) -> None:
    letter = NewTicket(a_ticket(), PLANNED, None, "")
    assert "rozpocznij" in _send(templates, letter, audience=Audience.STAFF, to=COLLEAGUE).text
    assert "rozpocznij" not in _send(templates, letter, audience=Audience.STAFF, to=Address("", "technik@oxiprint.com")).text


def test_a_late_reminder_tells_the_true_delay_and_what_it_stands_for(templates: Templates) -> None:
    letter = SlaReminder(a_ticket(), 100, 0, OPENS, PLANNED, None, timedelta(hours=6), stage_at=AT, merged=3)
    text = " ".join(_send(templates, letter, audience=Audience.STAFF, to=COLLEAGUE).text.split())
    assert "Opóźnienie w godzinach pracy: 6 godzin." in text
    assert "3 wcześniejsze przypomnienia" in text
    assert "w piątek 9 października o 17:20 (opóźnienie: 2 dni 20 godzin)" in text


def test_staff_subjects_say_what_the_mail_is(templates: Templates) -> None:
    by_name = {name: compose(draft, templates, SERVICE, SIGNER, "i", AT).subject for name, draft in sample_drafts("pl").items()}
    assert by_name["new_ticket"].startswith(f"[{NUMBER}] Nowe zgłoszenie: Małgorzata")
    assert by_name["new_ticket_danger"].startswith(f"[{NUMBER}] ZAGROŻENIE: ")
    assert by_name["new_ticket_review"].startswith(f"[{NUMBER}] Do sprawdzenia: ")
    assert by_name["sla_reminder"].startswith(f"[{NUMBER}] Minęło 75% czasu reakcji: ")
    assert by_name["sla_reminder_late"].startswith(f"[{NUMBER}] PO TERMINIE (5 godzin 1 minuta): ")
    assert by_name["digest"] == "Przegląd na 12 października: po terminie 12, na dziś 5, czeka na klienta 2, do sprawdzenia 1"


def test_unknown_changes_and_answers_are_still_told(templates: Templates) -> None:
    follow_up = FollowUp(a_ticket(), None, None, "Zmiana", (("status", "open", "started"),))
    assert "status: open → started" in _send(templates, follow_up, audience=Audience.STAFF, to=COLLEAGUE).text
    notice = NewTicket(a_ticket(), None, None, "receipt")
    assert "Klient dostał automatyczną odpowiedź." in _send(templates, notice, audience=Audience.STAFF, to=COLLEAGUE).text
