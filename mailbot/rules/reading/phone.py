"""The customer's phone number: E.164, the one they wish to be called at, never a fax, a tax number or one of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from mailbot.rules.reading.words import fold

_NUMBER = re.compile(
    r"(?<![\w.,/@#-])(?:(?:\+|00)\s?\d{1,3}[\s.\-/]{0,3}|\+)?(?:\(\s?\+?\d{1,4}\s?\)[\s.\-/]{0,2})?\d(?:[\s.\-/()\u2013]{0,3}\d){5,14}(?![\w@]|"
    r"[.,]\d|-\w)"
)
_LABEL = re.compile(
    r"(?P<fax>(?<!/)\b(?:fax|faks|telefax|telefaks|f)\b)|(?P<no>\b(?:nip|regon|krs|vat|pesel|bdo|konto|konta|rachun\w*|"
    r"iban|nr fabr\w*|fabryczny|seryjn\w*|s/n|sn|serial|zgl\w*|zlec\w*|faktur\w*|fv|order|ticket|licencj\w*|"
    r"klucz\w*|version|wersj\w*|firmware|kod|error|blad|bledu|hrb|uid|ref|id|teamviewer|anydesk|ip|rej|no|"
    r"artykul\w*|artykuł|zamowieni\w*|kapital\w*|nr|numer(?! tel| kom| kontakt| do| bezp))\b(?! tel))"
    r"|(?P<mobile>\b(?:kom|komork\w*|mob|mobile|cell|gsm|m|cellphone|handy|mobil)\b)|(?P<direct>\b(?:bezp\w*|"
    r"direct|bezposredni\w*|durchwahl|ddi|d)\b)|(?P<board>\b(?:centrala|switchboard|sekretariat|biuro|recepcja|"
    r"office|reception|zentrale|firma|firmowy)\b)|(?P<ext>\b(?:wew|wewn|wewnetrzn\w*|ext|extension)\b)"
    r"|(?P<phone>\b(?:tel|telefon\w*|phone|ph|t|p|dzwon\w*|call|numer\w*)\b)"
)
_WISH = re.compile(
    r"\b(?:dzwon\w*|oddzwon\w*|zadzwon\w*|zatelefonow\w*|przedzwon\w*|telefonowac|kontakt\w*|pod (?:nr|numer\w*)|"
    r"call|ring|reach|phone me|prosze o telefon|lapac|zlapac|uchwytn\w*|dostepn\w*|najlepiej)\b"
)
_NOT_WISH = re.compile(
    r"\b(?:nie dzwon\w*|nie pod|nie na|do not call|don't call|zamiast|nieaktualn\w*|not on|stary numer|not call|pod (?:ktorym|tym) nie)\b"
)
_OTHERS = re.compile(
    r"\b(?:technik\w*|serwisant\w*|jego|jej|his|her|klient\w*|kurier\w*|dostawc\w*|wasz\w*|panstwa|your|waszego|waszym|od was)\b"
)
_OWN = re.compile(r"\b(?:moj|swoj|nasz|my|our)\w{0,3}(?: \w+)? $")  # "mój nowy numer": whose number it is says what it is


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in a text, with how much it is wanted: smaller `rank` first."""

    e164: str
    text: str
    at: int
    rank: int  # 0 a wish, 1 mobile, 2 direct line, 3 any, 4 switchboard


@lru_cache(maxsize=4096)
def normalise_phone(text: str, region: str = "PL") -> tuple[str, bool] | None:
    """E.164 and whether it is a mobile; None when it is no possible number. The first letter of an extension ends it."""
    cleaned = re.sub(r"\(\s?0\s?\)", "", text)
    cleaned = re.split(r"(?i)\s*(?:wew|ext|w\.|x\d|lub|albo|or|,|;)", cleaned.strip())[0]
    digits = re.sub(r"\D", "", cleaned)
    international = cleaned.lstrip().startswith(("+", "00", "(+"))
    if not international and region == "PL":
        if len(digits) == 11 and digits.startswith("48"):
            cleaned, international = f"+{digits}", True
        elif len(digits) == 10 and digits.startswith("0") and not digits.startswith("00"):
            cleaned = digits[1:]
        elif len(digits) != 9:
            return None
    try:
        number = phonenumbers.parse(cleaned.replace("(+", "+(") if cleaned.startswith("(+") else cleaned, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or len(digits) > 15:
        return None
    if number.country_code == 48 and digits[-9:][:1] in "01" and not phonenumbers.is_valid_number(number):
        return None
    kind = phonenumbers.number_type(number)
    mobile = kind == PhoneNumberType.MOBILE or (
        number.country_code == 48
        and str(number.national_number)[:2] in {"45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"}
    )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), mobile


def find_phones(text: str, own: frozenset[str]) -> list[Phone]:
    """The phone numbers of a text in their order; `own` are ours in E.164."""
    found: list[Phone] = []
    for number, line, column in _numbers(text):
        parsed = _parse(number)
        if not parsed or parsed[0] in own:
            continue
        rank = _rank(fold(line[:column]), fold(line[column + len(number) : column + len(number) + 40]), parsed[1], fold(line))
        if rank is not None:
            found.append(Phone(parsed[0], number.strip(), 0, rank))
    return found


def _numbers(text: str) -> list[tuple[str, str, int]]:
    """Runs of digits that could be a number, with their line and column."""
    return [(match.group(), line, match.start()) for line in text.split("\n") for match in _NUMBER.finditer(line[:2000])]


def _parse(number: str) -> tuple[str, bool] | None:
    for candidate in (number, number.split("/", maxsplit=1)[0] if number.count("/") == 1 and len(re.sub(r"\D", "", number)) > 11 else ""):
        if candidate and (parsed := normalise_phone(candidate)):
            return parsed
    return None


def _rank(before: str, after: str, mobile: bool, line: str) -> int | None:
    labels = [found.lastgroup for found in _LABEL.finditer(before[-60:])]
    label = labels[-1] if labels else None
    gap = before[-60:]
    if label in ("no", "fax"):
        last = [found for found in _LABEL.finditer(gap)][-1]
        own = mobile and last.group() in ("nr", "numer") and _OWN.search(gap[: last.start()])
        if not own and not re.search(r"\d{5}|[|,;·]", gap[last.end() :]):
            return None
        label = None
    if label == "ext" and re.search(r"(?:wew|ext)\w*\W{0,4}$", gap):
        return None
    if re.match(r"\s*(?:mm|cm|zl|pln|eur|szt|m2|mb|dpi|kb|gb|hz|usd)\b", after):
        return None
    clause = re.split(r"[.;!?]", before)[-1]
    if _NOT_WISH.search(clause):
        return 6
    if _OTHERS.search(clause[-40:]) and not _WISH.search(clause):
        return 6
    if _WISH.search(clause) and not re.search(r"^\W*(tel|kom|mob)", line):
        return 0
    if label == "board" and not mobile:
        return 4
    if label == "mobile" or mobile:
        return 1
    return 2 if label == "direct" else 3


def choose(phones: list[Phone]) -> Phone | None:
    """The number to call: a wish, then mobile, direct line, any other, switchboard."""
    wanted = [phone for phone in phones if phone.rank < 6]
    return min(wanted, key=lambda phone: phone.rank) if wanted else None
