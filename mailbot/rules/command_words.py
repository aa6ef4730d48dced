"""The words of commands by mail, Polish and English: data only. What is looked up is folded (lower case, no diacritics)."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from mailbot.model.command import Verb, Why
from mailbot.model.facts import Impact
from mailbot.rules.folding import fold


class Takes(Enum):
    """What stands behind the word."""

    NOTHING = auto()
    REASON = auto()  # may be left out
    NAME = auto()
    LEVEL = auto()
    FIELDS = auto()
    NUMBER = auto()
    TEXT = auto()  # the rest of the line and the lines below


class Syntax(NamedTuple):
    """A command: the first word is the one that we print, all are understood."""

    verb: Verb
    takes: Takes
    words: tuple[str, ...]
    shape: str  # as help shows it
    says: str  # one line, for colleagues


SYNTAX: tuple[Syntax, ...] = (
    Syntax(
        Verb.START,
        Takes.NOTHING,
        ("rozpocznij", "rozpoczynam", "zacznij", "zaczynam", "start", "begin"),
        "rozpocznij",
        "rozpoczyna sprawę, zatrzymuje zegar",
    ),
    Syntax(
        Verb.ASSIGN,
        Takes.NAME,
        ("przypisz", "przydziel", "assign"),
        "przypisz IMIĘ NAZWISKO | przypisz mnie",
        "przypisuje sprawę osobie",
    ),
    Syntax(
        Verb.IMPACT,
        Takes.LEVEL,
        ("wpływ", "priorytet", "impact", "priority"),
        "wpływ krytyczny | wysoki | średni | niski",
        "zmienia wpływ i termin",
    ),
    Syntax(
        Verb.SET, Takes.FIELDS, ("ustaw", "set"), "ustaw firma=ABC, urządzenie=OXIJET 3200", "uzupełnia dane zgłoszenia, kończy pytania"
    ),
    Syntax(Verb.NOTE, Takes.TEXT, ("notatka", "notka", "note"), "notatka TEKST", "zapisuje notatkę, klient jej nie widzi"),
    Syntax(Verb.REPLY, Takes.TEXT, ("odpowiedz", "reply"), "odpowiedz: TEKST", "wysyła tekst do klienta, także w wielu wierszach"),
    Syntax(Verb.ACCEPT, Takes.NOTHING, ("przyjmij", "zaakceptuj", "accept"), "przyjmij", "przyjmuje sprawę, która czeka na ocenę"),
    Syntax(Verb.DISMISS, Takes.REASON, ("odrzuć", "dismiss", "reject"), "odrzuć", "odrzuca sprawę, która czeka na ocenę"),
    Syntax(Verb.CLOSE, Takes.REASON, ("zamknij", "zakończ", "close"), "zamknij | zamknij: POWÓD", "zamyka sprawę"),
    Syntax(Verb.REOPEN, Takes.NOTHING, ("wznów", "reopen"), "wznów", "otwiera zamkniętą sprawę, zegar biegnie od nowa"),
    Syntax(Verb.STATUS, Takes.NOTHING, ("status",), "status", "odsyła stan sprawy"),
    Syntax(Verb.HELP, Takes.NOTHING, ("pomoc", "help", "?"), "pomoc", "odsyła tę listę"),
)
BY_WORD: dict[str, Syntax] = {fold(word): syntax for syntax in SYNTAX for word in syntax.words}
TAKES: dict[Verb, Takes] = {**{syntax.verb: syntax.takes for syntax in SYNTAX}, Verb.OPEN: Takes.FIELDS, Verb.MERGE: Takes.NUMBER}

_LEVELS: dict[str, Impact] = {
    **dict.fromkeys(("krytyczny", "krytyczna", "krytyczne", "krytycznego", "critical", "1"), Impact.CRITICAL),
    **dict.fromkeys(("wysoki", "wysoka", "wysokie", "wysokiego", "high", "2"), Impact.HIGH),
    **dict.fromkeys(("średni", "średnia", "średnie", "średniego", "medium", "3"), Impact.MEDIUM),
    **dict.fromkeys(("niski", "niska", "niskie", "niskiego", "low", "4"), Impact.LOW),
}

# Names of facts; "name" is first and last name together.
_FIELDS: dict[str, str] = {
    **dict.fromkeys(("imię i nazwisko", "imię nazwisko", "osoba", "kontakt", "name", "contact", "full name"), "name"),
    **dict.fromkeys(("imię", "first name", "first_name"), "first_name"),
    **dict.fromkeys(("nazwisko", "last name", "last_name", "surname"), "last_name"),
    **dict.fromkeys(("telefon", "tel", "numer telefonu", "phone"), "phone"),
    **dict.fromkeys(("email", "e-mail", "mail", "adres", "adres e-mail"), "email"),
    **dict.fromkeys(("firma", "firmę", "nazwa firmy", "nazwę firmy", "company", "company name"), "company"),
    **dict.fromkeys(
        ("urządzenie", "maszyna", "maszynę", "drukarka", "drukarkę", "ploter", "nazwa urządzenia", "device", "machine"), "device"
    ),
    **dict.fromkeys(("numer seryjny", "nr seryjny", "nr ser", "sn", "s/n", "seryjny", "serial", "serial number"), "serial"),
    **dict.fromkeys(("opis", "opis problemu", "problem", "description"), "description"),
    **dict.fromkeys(("wpływ", "wpływ na działalność", "priorytet", "impact", "priority"), "impact"),
}

LEVELS = {fold(word): impact for word, impact in _LEVELS.items()}
FIELDS = {fold(word): name for word, name in _FIELDS.items()}
AS_WRITTEN = {fold(word): word for syntax in SYNTAX for word in syntax.words} | {fold(word): word for word in (*_LEVELS, *_FIELDS)}

# What may stand beside a command without changing it: "zamknij proszę to zgłoszenie", "przypisz do Jana".
FILLERS = frozenset((
    "prosze", "please", "sprawe", "sprawa", "zgloszenie", "zgloszenia", "zlecenie", "temat", "to", "je", "ja", "the", "this", "it",
    "case", "ticket",
))  # fmt: skip
LEVEL_FILLERS = frozenset(("na", "dzialalnosc", "jako", "to", "jest", "is", "poziom", "level", "prosze", "please"))
NAME_FILLERS = frozenset(
    ("do", "dla", "na", "to", "for", "osoby", "osobie", "sprawe", "zgloszenie", "ticket", "case", "it", "prosze", "please")
)
ME = frozenset(("mnie", "mi", "siebie", "sobie", "me", "myself"))
GREETINGS = frozenset(("czesc", "hej", "witam", "witaj", "dzien dobry", "siema", "hi", "hello", "hallo", "good morning"))

# "Odpowiedz klientowi, że …" asks a colleague; it is no text for the customer. So is "reply to the customer …".
NOT_FOR_CUSTOMERS = frozenset((
    "klientowi", "klientce", "klientom", "panu", "pani", "panstwu", "firmie", "mu", "jej", "im", "jemu", "nam", "mi", "na", "ze",
    "zeby", "czy", "o", "prosze", "jak", "gdy", "kiedy", "jesli", "jutro", "dzis", "dzisiaj", "pozniej", "potem", "szybko", "zaraz",
    "klienta", "od", "od:", "to", "him", "her", "them", "that", "when", "if", "asap", "tomorrow", "today", "later", "soon",
    "customer", "from", "by", "sent", "received", "was", "is", "has", "please", "pending", "needed", "required", "only", "back",
))  # fmt: skip

EXPLANATIONS: dict[Why, tuple[str, str]] = {
    Why.UNKNOWN_WORD: ("nie znam takiego polecenia", "no such command"),
    Why.TAKES_NOTHING: ("po tym poleceniu nic nie powinno stać", "nothing may stand behind this command"),
    Why.NEEDS_NAME: ("brakuje osoby: imię i nazwisko, adres albo „mnie”", "a name, an address or “me” is missing"),
    Why.NEEDS_LEVEL: ("brakuje poziomu: krytyczny, wysoki, średni albo niski", "a level is missing: critical, high, medium or low"),
    Why.NEEDS_FIELD: (
        "brakuje pola i znaku „=”: osoba, telefon, email, firma, urządzenie, seryjny, opis albo wpływ",
        "a field and “=” are missing: name, phone, email, company, device, serial, description or impact",
    ),
    Why.NEEDS_VALUE: ("wartość jest pusta albo nieprawidłowa", "the value is empty or not valid"),
    Why.NEEDS_TEXT: ("brakuje tekstu", "the text is missing"),
    Why.NEEDS_FULL_NAME: ("potrzebne są imię i nazwisko", "both first and last name are needed"),
    Why.OTHER_TICKET: (
        "polecenie dotyczy zgłoszenia z powiadomienia, na które odpowiada; innego numeru nie wolno podać",
        "a command is about the ticket of the notice that it answers; it may not name another",
    ),
    Why.TO_CUSTOMER: (
        "nie wiem, czy ten tekst jest dla klienta; jeśli tak, wpisz dwukropek",
        "is this text for the customer? If so, put a colon",
    ),
}
MEANT = ("Czy chodziło o „{}”?", "Did you mean “{}”?")
NOT_DONE = ("Nie wykonano „{}”: {}.", "Not done: “{}”: {}.")
