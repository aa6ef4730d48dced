"""One letter of each kind, and of each notable variant, with the longest values that are realistic: for preview and checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailbot.model.deadline import Cycle
from mailbot.model.facts import Fact, Facts, Flag, Impact, Item, Where
from mailbot.model.known import RegisterEntry
from mailbot.model.letter import (
    Acknowledgement,
    Alarm,
    Audience,
    Closing,
    CommandResult,
    CustomerLetter,
    Digest,
    DigestLine,
    Draft,
    FollowUp,
    Letter,
    NewTicket,
    Question,
    QuestionReminder,
    Quoted,
    Receipt,
    Reopening,
    SlaReminder,
    StaffReply,
    Thread,
    Unreadable,
)
from mailbot.model.mail import Address
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import notices

AT = datetime(2026, 10, 9, 15, 20, tzinfo=UTC)  # Friday, 17:20 in Warsaw: the desk has closed
OPENS = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
PLANNED = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)

CUSTOMER = Address("Małgorzata Wierzbicka-Szczęsna", "malgorzata.wierzbicka@drukarnia-wielkoformatowa.example")
COLLEAGUE = Address("Jan Nowak", "jan@oxiprint.com")

_DESCRIPTION = {
    "pl": "Od wczoraj po południu w połowie wydruku głowica przestaje podawać magentę, a na banerach pojawiają się poziome "
    "białe pasy. Czyszczenie w trybie intensywnym pomaga na kilka minut, potem problem wraca.",
    "en": "Since yesterday afternoon the head stops feeding magenta half way through a print, and white horizontal bands "
    "appear on the banners. Intensive cleaning helps for a few minutes, then the problem comes back.",
}
_MAIL = {
    "pl": "Dzień dobry,\n\n{}\n\nTermin oddania mamy na poniedziałek, w załączeniu zdjęcia i raport z RIP-a.\n\n"
    "Pozdrawiam\nMałgorzata Wierzbicka-Szczęsna\nDrukarnia Wielkoformatowa „Żółty Słoń” Sp. z o.o. Sp. k.\ntel. 501 222 333",
    "en": "Hello,\n\n{}\n\nThe job is due on Monday; photos and the RIP report are attached.\n\n"
    "Best regards\nMałgorzata Wierzbicka-Szczęsna",
}
_REPLY = {
    "pl": "Dzień dobry,\n\nproszę sprawdzić zawór przy podgrzewaczu magenty: jeśli kontrolka miga na pomarańczowo, wystarczy go docisnąć "
    "i odczekać dwie minuty. Jutro o 9:00 zadzwonię, żeby przejść przez to razem.\n\nPozdrawiam\nJan",
    "en": "Hello,\n\nplease check the valve next to the magenta heater: if its lamp blinks orange, press it in and wait "
    "two minutes.\n\nRegards\nJan",
}
_REGISTERED = RegisterEntry(
    "Drukarnia Wielkoformatowa „Żółty Słoń” Sp. z o.o. Sp. k.", warranty_end="2027-06-30", account_manager="Anna Zielińska"
)
_INVOICE = "Dzień dobry,\n\nw załączeniu przesyłamy fakturę za wrzesień.\n\nPozdrawiam\nMałgorzata Wierzbicka-Szczęsna"


def a_ticket(language: str = "pl") -> Ticket:
    """A ticket about which everything is known."""
    return Ticket(
        id=5,
        number="OXI-2026-000123",
        version=1,
        status=Status.OPEN,
        language=language,
        requester=CUSTOMER,
        answer_to=CUSTOMER,
        subject="Pilne: białe pasy na banerach i brak magenty po czyszczeniu głowicy",
        opened_at=AT - timedelta(minutes=2),
        cycle=Cycle(1, AT - timedelta(minutes=2), Impact.HIGH),
        facts=Facts(
            first_name=Fact("Małgorzata", Where.SIGNATURE, "Małgorzata Wierzbicka-Szczęsna"),
            last_name=Fact("Wierzbicka-Szczęsna", Where.SIGNATURE, "Małgorzata Wierzbicka-Szczęsna"),
            email=Fact(CUSTOMER.email, Where.SENDER),
            phone=Fact("+48501222333", Where.SIGNATURE, "tel. 501 222 333"),
            company=Fact("Drukarnia Wielkoformatowa „Żółty Słoń” Sp. z o.o. Sp. k.", Where.SIGNATURE),
            device=Fact("OXIJET 3200", Where.TEXT, "nasza 3200-tka"),
            serial=Fact("OX32-2024-00817", Where.REGISTER),
            description=Fact(_DESCRIPTION[language], Where.TEXT),
            impact=Fact(Impact.HIGH, Where.TEXT, "drukujemy tylko to, co bez magenty", stated=False),
        ),
        flags=frozenset({Flag.INK_SYSTEM}),
    )


def _unknown(ticket: Ticket, *names: str) -> Ticket:
    return replace(ticket, status=Status.WAITING, facts=replace(ticket.facts, **dict.fromkeys(names)))


def _flagged(ticket: Ticket, *flags: Flag) -> Ticket:
    return replace(ticket, flags=ticket.flags | set(flags))


def _with_impact(ticket: Ticket, impact: Impact) -> Ticket:
    facts = replace(ticket.facts, impact=Fact(impact, Where.TEXT, "produkcja stoi"))
    return replace(ticket, facts=facts, cycle=replace(ticket.cycle, impact=impact))


def _customer_letters(language: str) -> Iterator[tuple[str, CustomerLetter]]:
    ticket = a_ticket(language)
    nothing = _unknown(ticket, "first_name", "last_name", "phone", "company", "device", "serial", "description", "impact")
    nothing = replace(nothing, flags=frozenset(), cycle=replace(nothing.cycle, impact=Impact.MEDIUM))
    partly = _unknown(ticket, "company", "device", "serial")
    critical = _with_impact(ticket, Impact.CRITICAL)
    yield "acknowledgement", Acknowledgement(ticket, PLANNED, OPENS)
    yield "acknowledgement_thanks", Acknowledgement(_with_impact(ticket, Impact.LOW), PLANNED, thanks=True)
    yield "acknowledgement_danger", Acknowledgement(_flagged(critical, Flag.DANGER), PLANNED)
    yield "acknowledgement_complaint", Acknowledgement(_flagged(ticket, Flag.COMPLAINT), PLANNED)
    yield "acknowledgement_started", Acknowledgement(replace(ticket, status=Status.STARTED), None, thanks=True)
    yield "question", Question(nothing, tuple(Item), opens_at=OPENS)
    yield "question_partly", Question(partly, (Item.COMPANY, Item.DEVICE))
    yield "question_again", Question(_unknown(ticket, "device"), (Item.DEVICE,), again=True)
    yield "question_danger", Question(_flagged(_unknown(critical, "company"), Flag.DANGER), (Item.COMPANY,), opens_at=OPENS)
    yield "question_complaint", Question(_flagged(_unknown(ticket, "impact"), Flag.COMPLAINT), (Item.IMPACT,))
    yield "question_other_maker", Question(_flagged(_unknown(ticket, "device", "impact"), Flag.OTHER_MAKER), (Item.DEVICE, Item.IMPACT))
    yield (
        "question_reminder",
        QuestionReminder(partly, (Item.COMPANY, Item.DEVICE), last=False, closes_on=datetime(2026, 10, 23, tzinfo=UTC).date()),
    )
    yield "question_reminder_last", QuestionReminder(nothing, tuple(Item), last=True, closes_on=datetime(2026, 10, 27, tzinfo=UTC).date())
    yield "closing", Closing(replace(nothing, status=Status.CLOSED), tuple(Item))
    yield "reopening", Reopening(ticket, PLANNED, OPENS)
    yield "unreadable", Unreadable(nothing, 25)
    yield "unreadable_damaged", Unreadable(nothing)
    yield "receipt", Receipt(_flagged(partly, Flag.ANNOYED), OPENS)
    yield "staff_reply", StaffReply(ticket, _REPLY[language], COLLEAGUE.name)


def _staff_letters() -> Iterator[tuple[str, Letter]]:
    ticket = replace(a_ticket(), assignee=COLLEAGUE.email)
    partly = replace(_unknown(ticket, "company", "impact"), assignee="")
    critical = _with_impact(ticket, Impact.CRITICAL)
    mail = Quoted(
        CUSTOMER, AT, ticket.subject, _MAIL["pl"].format(_DESCRIPTION["pl"]), ("IMG_2031.jpg", "IMG_2032.jpg", "raport RIP.pdf"), 17
    )
    review = replace(ticket, status=Status.REVIEW, facts=Facts(), subject="Faktura VAT 2026/10/118", assignee="")
    invoice = Quoted(CUSTOMER, AT, review.subject, _INVOICE, ("FV 2026-10-118.pdf",), 18)
    notes = (
        f"{notices.REMARKS[Flag.REPEATED]}: „znowu to samo”",
        *notices.link_note((ticket,), "Powiązane zgłoszenia"),
        *notices.register_notes(_REGISTERED, ticket.facts),
    )
    bare = replace(ticket, facts=Facts(email=ticket.facts.email), subject="")
    hour = timedelta(hours=1)
    yield "new_ticket", NewTicket(partly, PLANNED, mail, "question", notes)
    yield "new_ticket_danger", NewTicket(_flagged(critical, Flag.DANGER), PLANNED, mail, "acknowledgement", alarm=True)
    yield "new_ticket_review", NewTicket(review, None, invoice, "")
    yield "new_ticket_by_phone", NewTicket(bare, PLANNED, None, "", ("Zgłoszenie telefoniczne",))
    changes = (("company", "", "Drukarnia „Żółty Słoń”"), ("impact", "medium", "critical"))
    yield "follow_up", FollowUp(ticket, PLANNED, mail, "Klient uzupełnił zgłoszenie", changes, notes)
    yield "sla_reminder", SlaReminder(ticket, 75, 0, PLANNED, PLANNED - hour, hour, None)
    yield (
        "sla_reminder_late",
        SlaReminder(critical, 100, 3, OPENS, PLANNED, None, timedelta(hours=5, minutes=1), stage_at=AT, merged=2),
    )
    lines = tuple(DigestLine(replace(ticket, id=id_, number=f"OXI-2026-{id_:06d}"), PLANNED, 3 * hour) for id_ in range(101, 113))
    waiting = tuple(replace(line, due_at=None, overdue=None) for line in lines[:2])
    yield (
        "digest",
        Digest(
            PLANNED.date(),
            lines,
            tuple(replace(line, overdue=None) for line in lines[:5]),
            waiting,
            (DigestLine(review, None),),
            ("Wiadomości odłożone po błędzie: 1",),
        ),
    )
    yield "digest_empty", Digest(PLANNED.date())
    yield (
        "alarm",
        notices.not_delivered(ticket, "question", CUSTOMER.email, "550 5.1.1 User unknown"),
    )
    yield "alarm_desk", Alarm("Hamulec: wstrzymano automatyczne wiadomości", ("W ciągu godziny powstało ich 500.",))
    yield (
        "command_result",
        CommandResult(
            (
                f"{ticket.number}: rozpoczęto, zegar zatrzymany",
                "Nie wykonano „wpływ najwyższy”: brakuje poziomu: krytyczny, wysoki, średni albo niski.",
            ),
            ticket,
        ),
    )


def sample_drafts(language: str) -> dict[str, Draft]:
    """The samples by name: the kind of the letter, and where there are several a word more."""
    thread = Thread(a_ticket(language).subject, "<m1@drukarnia-wielkoformatowa.example>", ("<m0@drukarnia-wielkoformatowa.example>",))
    drafts = {
        name: Draft(letter, CUSTOMER, f"sample:{name}", Audience.CUSTOMER, language, thread, automatic=not isinstance(letter, StaffReply))
        for name, letter in _customer_letters(language)
    }
    staff = {
        name: Draft(letter, COLLEAGUE, f"sample:{name}", Audience.STAFF, language, answers_mail=False) for name, letter in _staff_letters()
    }
    return drafts | staff
