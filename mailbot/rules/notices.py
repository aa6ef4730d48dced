"""Words for staff that go into notices (staff are Poles): what was remarked, why a customer was not answered."""

from __future__ import annotations

from datetime import datetime

from mailbot.model.facts import Facts, Flag, Impact, Item, Reading, Where
from mailbot.model.known import RegisterEntry
from mailbot.model.letter import Alarm, Quoted
from mailbot.model.mail import Mail
from mailbot.model.ticket import Status, Ticket, TicketSummary

STATUS_WORDS: dict[Status, str] = {
    Status.REVIEW: "do sprawdzenia",
    Status.WAITING: "czeka na klienta",
    Status.OPEN: "otwarte",
    Status.STARTED: "rozpoczęte",
    Status.CLOSED: "zamknięte",
}

FACT_WORDS: dict[str, str] = {
    "first_name": "imię",
    "last_name": "nazwisko",
    "email": "e-mail",
    "phone": "telefon",
    "company": "firma",
    "device": "urządzenie",
    "serial": "nr seryjny",
    "description": "problem",
    "impact": "wpływ",
}
IMPACT_WORDS: dict[Impact, str] = {
    Impact.CRITICAL: "krytyczny",
    Impact.HIGH: "wysoki",
    Impact.MEDIUM: "średni",
    Impact.LOW: "niski",
}
ITEM_WORDS: dict[Item, str] = {
    Item.NAME: "imię i nazwisko",
    Item.COMPANY: "firma",
    Item.DEVICE: "urządzenie",
    Item.DESCRIPTION: "opis problemu",
    Item.IMPACT: "wpływ na działalność",
}

REMARKS: dict[Flag, str] = {
    Flag.DANGER: "ZAGROŻENIE: w wiadomości jest mowa o dymie, ogniu, porażeniu prądem lub urazie",
    Flag.THIRD_PARTY: "Dotyczy produktu innej firmy (zasady 4 i 6)",
    Flag.OTHER_MAKER: "Maszyna innego producenta",
    Flag.REPEATED: "Klient pisze, że problem się powtarza (zasada 7: czy zastosowano wcześniejsze wskazówki?)",
    Flag.TRAINING: "Prośba o szkolenie lub naukę podstaw obsługi (zasada 1: poza bezpłatnym wsparciem)",
    Flag.SEVERAL_DEVICES: "Mowa o kilku urządzeniach",
    Flag.SEVERAL_PROBLEMS: "Mowa o kilku problemach",
    Flag.COMPLAINT: "Skarga lub reklamacja",
    Flag.ANNOYED: "Klient jest zniecierpliwiony",
    Flag.WANTS_CALL: "Klient prosi o telefon",
    Flag.DOES_NOT_KNOW: "Klient nie zna brakujących danych",
    Flag.SPAM: "Serwer pocztowy uznał wiadomość za spam",
    Flag.SAME_AGAIN: "Klient ponawia zgłoszenie",
    Flag.FORGOT_SOMETHING: "Uzupełnienie poprzedniej wiadomości",
    Flag.ONLY_ATTACHMENTS: "Same załączniki, bez tekstu",
    Flag.INK_SYSTEM: "Układ farbowy, głowica lub atrament",
}


def fact_line(name: str, value: str) -> str:
    """A fact in a list for staff, e.g. "wpływ: wysoki"."""
    return f"{FACT_WORDS.get(name, name)}: {IMPACT_WORDS[Impact(value)] if name == 'impact' else value}"


def remarks(reading: Reading) -> tuple[str, ...]:
    """One line a flag that staff should know of, with the customer's words."""
    lines = []
    for remark in reading.remarks:
        if remark.flag in REMARKS:
            said = f": „{remark.text}”" if remark.text else ""
            lines.append(f"{REMARKS[remark.flag]}{said}")
    return tuple(dict.fromkeys(lines))


def too_large(mail: Mail) -> str:
    """What staff must know of a mail of which only the head was stored."""
    megabytes = max(1, round(mail.size / 1_000_000))
    return f"Wiadomość ma {megabytes} MB, zapisano tylko jej początek; reszta tekstu i załączniki są w skrzynce serwisu"


HELD = "osiągnięty limit automatycznych wiadomości ([limits]) albo wysyłka wstrzymana; dokładny powód: mailbot outbox list"


def not_answered(why: str) -> str:
    """Silence is not deafness: why the customer got no automatic answer."""
    return f"Klient NIE dostał automatycznej odpowiedzi: {why}"


def sounds_worse(told: Facts, kept: Facts) -> tuple[str, ...]:
    """What a mail implies of the work where it is worse than the level that was stated, which a guess does not replace."""
    implied, stated = told.impact_level, kept.impact_level
    order = tuple(Impact)
    if implied is None or stated is None or order.index(implied) >= order.index(stated):
        return ()
    return (f"Wiadomość brzmi gorzej, niż mówi zgłoszenie: wpływ {IMPACT_WORDS[implied]} zamiast {IMPACT_WORDS[stated]}. Proszę ocenić.",)


def register_notes(entry: RegisterEntry | None, facts: Facts) -> tuple[str, ...]:
    """What the customer register adds, marked as such."""
    if entry is None:
        return ()
    by = "adresu" if entry.by == "contact" else "domeny"
    lines = [f"Kartoteka klientów (według {by}): {entry.company}"]
    if entry.account_manager:
        lines.append(f"Opiekun handlowy: {entry.account_manager}")
    if entry.warranty_end:
        lines.append(f"Gwarancja do {entry.warranty_end}")
    if facts.device is None and len(entry.devices) > 1:
        lines.append("Maszyny klienta: " + ", ".join(f"{device} {serial}".strip() for device, serial in entry.devices))
    taken = [FACT_WORDS.get(name, name) for name, fact in facts.found() if fact.where is Where.REGISTER]
    if taken:
        lines.append("Z kartoteki, nie od klienta: " + ", ".join(taken))
    return tuple(lines)


def link_note(tickets: tuple[Ticket | TicketSummary, ...], why: str) -> tuple[str, ...]:
    """Other tickets that belong beside this one."""
    return (f"{why}: {', '.join(ticket.number for ticket in tickets)}",) if tickets else ()


def quoted(mail: Mail, reading: Reading, at: datetime, journal: int) -> Quoted:
    """The mail as a notice shows it: what is new in it, or all where nothing is."""
    text = reading.new_text.strip() or mail.text.strip()
    if mail.damaged:
        text = f"[{mail.damaged}]\n\n{text}"
    if mail.partial:
        text = f"[{too_large(mail)}]\n\n{text}"
    files = tuple(attachment.name for attachment in mail.attachments)
    return Quoted(mail.from_, at, mail.subject, text, files, journal)


_KINDS = {
    "acknowledgement": "potwierdzenie",
    "question": "pytanie o brakujące dane",
    "question_reminder": "przypomnienie o pytaniu",
    "closing": "informacja o zamknięciu",
    "reopening": "informacja o wznowieniu",
    "unreadable": "informacja o nieczytelnej wiadomości",
    "receipt": "krótkie potwierdzenie",
    "staff_reply": "odpowiedź pracownika",
}


def letter_name(kind: str) -> str:
    """A kind of letter in Polish."""
    return _KINDS.get(kind, kind)


def not_sent(ticket: Ticket, kind: str) -> Alarm:
    """A limit stopped an automatic mail."""
    return Alarm(
        "Klient nie dostał wiadomości",
        (
            f"Nie wysłano: {letter_name(kind)}, odbiorca {ticket.requester.email}.",
            "Powód: limit automatycznych wiadomości ([limits] w konfiguracji) albo adres, pod który poczta ostatnio nie dociera.",
            "Szczegóły: mailbot outbox list --state suppressed",
            "Zegar zgłoszenia biegnie; prosimy skontaktować się z klientem.",
        ),
        ticket,
    )


def not_delivered(ticket: Ticket, kind: str, recipient: str, reason: str) -> Alarm:
    """The customer was not reached."""
    return Alarm(
        "Klient nie dostał wiadomości",
        (
            f"Nie dostarczono: {letter_name(kind)}, odbiorca {recipient}.",
            f"Powód: {reason}",
            "Zegar zgłoszenia biegnie; prosimy zadzwonić do klienta.",
        ),
        ticket,
    )
