"""Dates, spans, numbers and excerpts as people write them. Words of the letters themselves stand in the templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.units import format_unit

_PLURALS = {"pl": ("one", "few", "many"), "en": ("one", "other")}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text; `cut` tells that there is more."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """Wording of one language, for a reader in `zone` who reads at the instant `now`."""

    language: str
    zone: ZoneInfo
    now: datetime

    def when(self, at: datetime) -> str:
        """E.g. "poniedziałek 12 października, 10:30"; with the year where it is not the current one."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())},\N{NO-BREAK SPACE}{self.clock(at)}"

    def day(self, day: date) -> str:
        """E.g. "poniedziałek 12 października"."""
        return format_date(day, f"EEEE {self._day_and_month(day)}", locale=self.language)

    def day_of_month(self, day: date) -> str:
        """The day without its weekday, e.g. "12 października"."""
        return format_date(day, self._day_and_month(day), locale=self.language)

    def clock(self, at: datetime) -> str:
        """E.g. "8:00"."""
        return format_datetime(at, "H:mm", tzinfo=self.zone, locale=self.language)

    def local_day(self, at: datetime) -> date:
        """The calendar day of an instant where the service is."""
        return at.astimezone(self.zone).date()

    def span(self, length: timedelta) -> str:
        """E.g. "1 godzina 30 minut"; at least one minute, rounded up."""
        hours, minutes = divmod(_minutes(length), 60)
        return self._units(("duration-hour", hours), ("duration-minute", minutes))

    def long_span(self, length: timedelta) -> str:
        """A span by the calendar, e.g. "2 dni 20 godzin"; to the minute below a day."""
        hours = _minutes(length) // 60
        return self.span(length) if hours < 24 else self._units(("duration-day", hours // 24), ("duration-hour", hours % 24))

    def plural(self, number: int, *forms: str) -> str:
        """The form of a noun that fits the number, with the number: plural(5, "sprawa", "sprawy", "spraw") is "5 spraw".

        Polish takes three forms (one, few, many), English two (one, other).
        """
        return f"{number} {forms[_PLURALS[self.language].index(Locale(self.language).plural_form(number))]}"

    def _units(self, *amounts: tuple[str, int]) -> str:
        return " ".join(format_unit(amount, unit, locale=self.language) for unit, amount in amounts if amount)

    def _day_and_month(self, day: date) -> str:
        return "d\N{NO-BREAK SPACE}MMMM" if day.year == self.now.astimezone(self.zone).year else "d\N{NO-BREAK SPACE}MMMM y"


def _minutes(length: timedelta) -> int:
    """Whole minutes, rounded up, at least one."""
    return max(1, -(-int(length.total_seconds()) // 60))


def show_phone(number: str) -> str:
    """A phone number with its country code and its usual gaps (no-break), e.g. "+48 501 222 333"; anything else unchanged."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace(" ", "\N{NO-BREAK SPACE}")


def dial(number: str) -> str:
    """The number for a tel: link (RFC 3966 5.1.4): digits and the leading plus."""
    return "".join(char for char in number if char.isdigit() or char == "+")


def cost(char: str) -> int:
    """Bytes of the character in a quoted-printable part: three for each byte beyond ASCII, six for a line break with its `<br>`."""
    return 1 if " " <= char <= "~" else 6 if char == "\n" else 3 * len(char.encode())


def excerpt(text: str, limit: int) -> Excerpt:
    """As much of the beginning, cut between words where that is possible, as costs no more than `limit` bytes to send."""
    end, spent = 0, 0
    for char in text[: limit + 1]:  # no character costs less than a byte
        spent += cost(char)
        if spent > limit:
            break
        end += 1
    if end == len(text):
        return Excerpt(text, False)
    head = text[:end]
    at_a_word = head[: max(head.rfind(" "), head.rfind("\n"), 0)]
    return Excerpt((at_a_word if len(at_a_word) > 0.8 * len(head) else head).rstrip(), True)
