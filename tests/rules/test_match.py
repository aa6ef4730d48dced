"""Which ticket: the order of evidence, whom weak evidence serves, what joins an open ticket, and what a stranger's number is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.facts import Flag
from mailbot.model.known import Known, SentMail, StoredId, TicketSummary
from mailbot.model.mail import Address, DeliveryStatus, MailKind, Report
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.match import Evidence, find_ticket, keys_of, living, moved_by_staff, takes_part
from mailbot.rules.signing import Signer
from tests.build import NOTHING, a_mail, a_reading, a_service, a_ticket

SIGNER = Signer(b"a key for the tests of match", "k1")
SERVICE = a_service()
NOW = datetime(2026, 10, 14, 8, 0, tzinfo=UTC)  # Wednesday 10:00 in Warsaw
JAN = Address("Jan Kowalski", "jan.kowalski@drukarnia.example")
STRANGER = Address("Obcy", "obcy@gmail.com")
NOWAK = Address("Jan Nowak", "jan@oxiprint.com")


def ticket(number: int = 1, **changes: object) -> Ticket:
    return a_ticket(id=number, number=f"OXI-2026-{number:06d}", **changes)


def ours(number: int = 1) -> str:
    """A Message-ID of ours about that ticket."""
    return f"<{SIGNER.sign(f'OXI-2026-{number:06d}', 'question:mail:1')}@oxiprint.com>"


def notice(number: int = 1) -> SentMail:
    return SentMail(9, number, "new_ticket", "staff", "jan@oxiprint.com", ours(number), NOW)


def find(sender: Address = JAN, known: Known = Known(tickets=(ticket(),)), **mail: object):  # noqa: B008  # frozen
    letter = a_mail(sender=sender.email, name=sender.name, **mail)
    return find_ticket(letter, sender, keys_of(letter, SERVICE, SIGNER), known, SERVICE)


# ---- keys ---------------------------------------------------------------------------------------------------------


def test_the_ids_strongest_first() -> None:
    mail = a_mail(in_reply_to=("<a>",), references=("<c>", "<b>", "<a>"), report=Report("delivery-status", returned_ids=("<r>",)))
    assert keys_of(mail, SERVICE, SIGNER).message_ids == ("<a>", "<b>", "<c>", "<r>")


def test_signed_numbers_and_marks_also_of_what_a_report_returns() -> None:
    report = Report("delivery-status", (DeliveryStatus("x", "failed", ""),), (ours(2),), "[OXI-2026-000003] Re: awaria")
    keys = keys_of(a_mail(in_reply_to=(ours(1),), subject="Re: [OXI-2026-000004] awaria", report=report), SERVICE, SIGNER)
    assert keys.signed == ("OXI-2026-000001", "OXI-2026-000002")
    assert keys.marks == ("OXI-2026-000004", "OXI-2026-000003")


def test_a_forged_signature_is_none() -> None:
    other = Signer(b"the key of somebody else", "k1").sign("OXI-2026-000001", "x")
    assert keys_of(a_mail(in_reply_to=(f"<{other}@oxiprint.com>",)), SERVICE, SIGNER).signed == ()


# ---- evidence -----------------------------------------------------------------------------------------------------


def test_signed_beats_stored_beats_mark() -> None:
    known = Known(tickets=(ticket(1), ticket(2), ticket(3)), stored_ids=(StoredId("<b>", 2, seen_only=False),))
    mail = {"subject": "Re: [OXI-2026-000003] awaria"}
    assert find(known=known, in_reply_to=("<b>",), references=(ours(1),), **mail).by is Evidence.SIGNED
    assert find(known=known, in_reply_to=("<b>",), **mail).ticket == ticket(2)
    assert find(known=known, **mail).ticket == ticket(3)


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        (JAN, True),
        (Address("", "JAN.Kowalski@drukarnia.EXAMPLE"), True),
        (Address("", "ewa@drukarnia.example"), True),  # a colleague of the requester
        (NOWAK, True),  # a colleague of ours
        (Address("", "serwis@oxiprint.com"), True),
        (STRANGER, False),
        (Address("", "jan.kowalski@drukarnia.example.evil.example"), False),
        (Address("", ""), False),
    ],
)
def test_a_number_in_the_subject_needs_somebody_known(sender: Address, found: bool) -> None:
    match = find(sender, subject="Re: [OXI-2026-000001] awaria")
    assert (match.ticket is not None, match.by) == (found, Evidence.MARK if found else Evidence.NONE)
    assert match.linked == (() if found else (ticket(),))  # for staff to see


def test_people_of_one_webmail_are_no_colleagues() -> None:
    gmail = ticket(requester=Address("", "jan@gmail.com"), participants=frozenset())
    assert not takes_part(STRANGER, gmail)
    assert not takes_part(Address("", "x@poczta.onet.pl"), ticket(requester=Address("", "y@poczta.onet.pl"), participants=frozenset()))


def test_anybody_may_answer_a_signed_mail() -> None:
    assert find(STRANGER, in_reply_to=(ours(),)).by is Evidence.SIGNED  # "a colleague answering from another address"


def test_an_id_only_seen_in_references_needs_somebody_known() -> None:
    known = Known(tickets=(ticket(),), stored_ids=(StoredId("<seen>", 1, seen_only=True),))
    assert find(JAN, known, references=("<seen>",)).by is Evidence.SEEN
    assert find(NOWAK, known, references=("<seen>",)).by is Evidence.SEEN
    assert find(STRANGER, known, references=("<seen>",)).ticket is None


def test_one_id_in_two_tickets_leads_to_the_one_whose_mail_it_is_then_to_ones_own() -> None:
    theirs = ticket(2, requester=STRANGER, participants=frozenset({STRANGER.key}))
    seen_first = Known(tickets=(theirs, ticket(1)), stored_ids=(StoredId("<a>", 2, seen_only=True), StoredId("<a>", 1, seen_only=False)))
    assert find(JAN, seen_first, in_reply_to=("<a>",)).ticket == ticket(1)
    both = Known(tickets=(ticket(1), theirs), stored_ids=(StoredId("<a>", 1, seen_only=False), StoredId("<a>", 2, seen_only=False)))
    assert find(JAN, both, in_reply_to=("<a>",)).ticket == ticket(1)
    assert find(STRANGER, both, in_reply_to=("<a>",)).ticket == theirs


def test_a_reply_to_something_we_never_sent_is_nobodys() -> None:
    assert find(in_reply_to=("<unknown>",)) == find()
    assert find().ticket is None


def test_an_answer_to_a_notice_is_a_colleagues_or_else_only_a_trace() -> None:
    known = Known(tickets=(ticket(),), sent=(notice(),))
    assert find(NOWAK, known, in_reply_to=(ours(),)).by is Evidence.SIGNED
    assert find(STRANGER, known, in_reply_to=(ours(),)).by is Evidence.NOTICE
    assert find(JAN, known, in_reply_to=(ours(),)).by is Evidence.SIGNED  # a customer who got it forwarded just answers


def test_a_merged_ticket_lives_on_in_another_however_far() -> None:
    chain = (ticket(1, merged_into="OXI-2026-000002"), ticket(2, merged_into="OXI-2026-000003"), ticket(3))
    assert find(known=Known(tickets=chain), in_reply_to=(ours(1),)).ticket == chain[2]
    ring = (ticket(1, merged_into="OXI-2026-000002"), ticket(2, merged_into="OXI-2026-000001"))
    assert living(ring[0], {each.number: each for each in ring}) in ring  # ends


def test_moved_by_staff() -> None:
    chain = Known(tickets=(ticket(1, merged_into="OXI-2026-000002"), ticket(2)))
    assert moved_by_staff("OXI-2026-000001", chain).ticket == ticket(2)
    assert moved_by_staff("new", chain).ticket is None


# ---- the same again -----------------------------------------------------------------------------------------------


def again(
    *flags: Flag,
    mail: dict[str, object] | None = None,
    opened: Ticket | None = None,
    kind: MailKind = MailKind.REQUEST,
    sender: Address = JAN,
    ago: timedelta = timedelta(days=1),
    **facts: str | None,
):
    opened = opened or ticket()
    summary = TicketSummary(opened.id, opened.number, opened.status, opened.subject, NOW, NOW - ago, None, opened.requester.key, "")
    letter = a_mail(sender=sender.email, **(mail or {"subject": "inna sprawa"}))
    known = Known(tickets=(opened,), recent=(summary,))
    keys = keys_of(letter, SERVICE, SIGNER)
    return find_ticket(letter, sender, keys, known, SERVICE, reading=a_reading(*flags, **facts), kind=kind, now=NOW).ticket


def test_what_says_nothing_new_joins_the_open_ticket() -> None:
    assert again(Flag.FORGOT_SOMETHING, **NOTHING)
    assert again(Flag.SAME_AGAIN, **NOTHING)
    assert again(**NOTHING)
    assert again(Flag.SAME_AGAIN, **NOTHING, kind=MailKind.OTHER)
    assert again(Flag.SAME_AGAIN, **NOTHING, opened=ticket(status=Status.STARTED))
    assert again(Flag.SAME_AGAIN, **NOTHING, opened=ticket(status=Status.REVIEW))


def test_what_does_not() -> None:
    assert not again(Flag.SAME_AGAIN)  # a symptom of its own
    assert not again(**{**NOTHING, "device": "OXI CUT 1625"})  # another device
    assert not again(**NOTHING, kind=MailKind.OTHER)  # an invoice
    assert not again(**NOTHING, opened=ticket(status=Status.CLOSED))
    assert not again(**NOTHING, sender=Address("", "ewa@drukarnia.example"))  # not the requester
    assert not again(**NOTHING, ago=timedelta(days=6))


def test_within_three_working_days_of_the_last_mail() -> None:
    friday = NOW - timedelta(days=5)  # Friday 10:00; three working days of nine hours end on Wednesday 10:00
    assert again(**NOTHING, ago=NOW - friday)
    assert not again(**NOTHING, ago=NOW - friday + timedelta(minutes=1))


def test_the_same_subject_and_no_other_device() -> None:
    same = {"subject": "Re: [EXT] AWARIA"}
    assert again(mail=same)
    assert not again(mail=same, device="OXI CUT 1625")
    assert not again(mail={"subject": "Re:"}, opened=ticket(subject="Re:"))  # no subject is no evidence
    assert not again(mail=same, opened=ticket(status=Status.REVIEW))  # a symptom is not left to a review


def test_thanks_find_the_closed_ticket_too() -> None:
    assert again(Flag.THANKS_ONLY, **NOTHING, opened=ticket(status=Status.CLOSED))
    assert not again(Flag.THANKS_ONLY, **NOTHING, opened=ticket(status=Status.CLOSED, merged_into="OXI-2026-000009"))


def test_colleagues_say_nothing_again() -> None:
    assert not again(Flag.SAME_AGAIN, **NOTHING, sender=NOWAK, opened=replace(ticket(), requester=NOWAK))
