"""The customer's phone number: E.164, the one they wish to be called at, never a fax, a tax number or one of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from mailbot.rules.reading.cues import table
from mailbot.rules.reading.words import fold

_NUMBER = re.compile(
    r"(?<![\w.,/@#-])(?:(?:\+|00)\s?\d{1,3}[\s.\-/]{0,3}|\+)?(?:\(\s?\+?\d{1,4}\s?\)[\s.\-/]{0,2})?\d(?:[\s.\-/()\u2013]{0,3}\d){5,26}(?![\w@]|"
    r"[.,]\d|-\w)"
)
_LABEL = re.compile(
    r"(?P<fax>(?<!/)\b(?:fax|faks|telefax|telefaks|f)\b)|(?P<no>\b(?:nip|regon|krs|vat|pesel|bdo|konto|konta|rachun\w*|"
    r"iban|nr fabr\w*|fabryczny|seryjn\w*|s/n|sn|serial|zgl\w*|zlec\w*|faktur\w*|fv|order|ticket|licencj\w*|"
    r"klucz\w*|version|wersj\w*|firmware|kod|error|blad|bledu|hrb|uid|ref|id|teamviewer|anydesk|ip|rej|no|"
    r"artykul\w*|artykuł|zamowieni\w*|kapital\w*|nr|numer(?! tel| kom| kontakt| do| bezp))\b(?! tel))"
    r"|(?P<mobile>\b(?:kom|komork\w*|mob|mobile|cell|gsm|m|cellphone|handy|mobil\w*|portable|movil|natel|matka\w*|mobiel)\b)|(?P<direct>\b(?:bezp\w*|"
    r"direct|bezposredni\w*|durchwahl|ddi|d)\b)|(?P<board>\b(?:centrala|switchboard|sekretariat|biuro|recepcja|"
    r"office|reception|zentrale|firma|firmowy|bureau|standard|buro|stacjonarn\w*)\b)|(?P<ext>\b(?:wew|wewn|wewnetrzn\w*|ext|extension)\b)"
    r"|(?P<phone>\b(?:tel|tlf|telefon\w*|phone|ph|t|p|dzwon\w*|call|numer\w*)\b)"
)
_WISH = re.compile(
    r"\b(?:dzwon\w*|oddzwon\w*|zadzwon\w*|zatelefonow\w*|przedzwon\w*|telefonowac|kontakt\w*|pod (?:nr|numer\w*)|"
    r"call|ring|reach|phone me|(?:prosz\w*|prosi\w*) o (?:telefon|kontakt)|"
    r"(?:bede|jestem) pod|lapac|zlapac|uchwytn\w*|dostepn\w*|najlepiej)\b"
)
_NOT_WISH = re.compile(
    r"\b(?:nie dzwon\w*|nie pod|nie na|do not call|don't call|zamiast|nieaktualn\w*|not on|stary numer|not call|pod (?:ktorym|tym) nie)\b"
)
_OTHERS = re.compile(
    r"\b(?:technik\w*|serwisant\w*|jego|jej|his|her|klient\w*|kurier\w*|dostawc\w*|wasz\w*|panstwa|your|waszego|waszym|od was|"
    r"(?:on|ona|syn|corka|maz|zona|szef|kolega|brat) ma|"
    r"(?:boss|husband|wife|son|daughter|brother|colleague) has)\b"
)
_OWN_NEXT = re.compile(r",[^,]*\b(?:moj|mój|my|mine)\b[^,]*$")  # "szef ma 600 111 222, mój 601 222 333"
_WISH_BEHIND = re.compile(  # "71-555-09-91 (warsztat, tu dzwonić)"; not "tu proszę nie dzwonić"
    r"^(?!\W{0,3}[^()\d,]*\b(?:nie|not|don't|never)\b)"
    r"\W{0,3}(?:[^()\d]{0,25}\W)?(?:tu|tutaj|tam|na ten|here)\b[^()\d]{0,12}\b(?:dzwon\w*|zadzwon\w*|call|ring)"
)
_NOTE = re.compile(r"(?<=\d)\s?\([^()\d]*\)")  # "600 111 222 (tu proszę nie dzwonić)": what is said of another number
_NOT_BEHIND = re.compile(
    r"^\W{0,3}(?:tu|tutaj|tam|na ten|here)?\W{0,2}(?:prosz\w* |please )?(?:nie|not|don't|never) (?:dzwon|call|ring)\w*(?: here)?"
    r"\s?(?:[),.;!]|$)"
)
_GIVEN_UP = re.compile(  # "07700 900 466 is not mine any more"
    r"^\W{0,3}(?:to |jest |juz |is |was )*(?:nieaktualn\w*|nie (?:jest )?(?:moj|aktualn)\w*|nie uzywam|not mine|no longer|not in use)"
)
_BUT = re.compile(
    r"\b(?:tylko|lecz|ale|wylacznie|jedynie|teraz|obecnie|but|rather|now|use)\b"
)  # "nie na komórkę, tylko na biurko": what follows is wished
_OWN = re.compile(r"\b(?:moj|swoj|nasz|my|our)\w{0,3}(?: \w+)? $")  # "mój nowy numer": whose number it is says what it is
_LATER = re.compile(  # "do 15 jestem pod …, potem w zakładzie": the second number is for another time
    r"\d{2}\W{1,4}(?:a |lub |or |and )?(?:potem|pozniej|nastepnie|ewentualnie|ew|w ostatecznosci|w razie|then|later|afterwards|otherwise|"
    r"failing that|after that)\b\D*$"
)
_DIGIT = re.compile(r"\d")
_GLUED = re.compile(r"(?i)\b(tel|kom|mob|fax|faks|gsm|nr)\.(?=[+(\d])")  # "tel.604111970"
_CALLED = re.compile(r"\b(?:dzwon\w*|telefon\w*|kontakt\w*|(?:pod|na)(?: (?:ten|tym|moj|nasz))?) $")  # "pod nr", "na ten numer"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in a text, with how much it is wanted: smaller `rank` first."""

    e164: str
    text: str
    at: int
    rank: int  # 0 a wish, 1 mobile, 2 direct line, 3 any, 4 switchboard


_MOBILE = {
    44: ("7",),
    353: ("83", "85", "86", "87", "89"),
    33: ("6", "7"),
    49: ("15", "16", "17"),
    43: ("650", "660", "664", "676", "677", "68", "699"),
    41: ("7",),
    31: ("6",),
    32: ("4",),
    46: ("7",),
    358: ("4", "50"),
    420: ("6", "7"),
    421: ("9",),
    34: ("6", "7"),
    39: ("3",),
    370: ("6",),
    371: ("2",),
    372: ("5",),
    48: ("45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"),
}
"""How mobile numbers begin, by country code: newer and made-up ranges are unknown to the tables of `phonenumbers`."""
_TRUNK = {
    "GB": (11,),
    "IE": (9, 10),
    "FR": (10,),
    "DE": (9, 10, 11, 12),
    "AT": (8, 9, 10, 11, 12, 13),
    "CH": (10,),
    "NL": (10,),
    "BE": (9, 10),
    "SE": (8, 9, 10),
    "FI": (8, 9, 10, 11),
    "SK": (10,),
}
"""Where a national number begins with 0, and how many digits it has."""


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
    if not phonenumbers.is_possible_number(number) or len(digits) > _LONGEST:
        return None
    if number.country_code == 48 and digits[-9:][:1] in "01" and not phonenumbers.is_valid_number(number):
        return None
    mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE or (
        not number.italian_leading_zero and str(number.national_number).startswith(_MOBILE.get(number.country_code or 0, ("-",)))
    )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), mobile


@cache
def _region_signs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((region, re.compile(pattern)) for region, pattern, _ in table("regions"))


@lru_cache(maxsize=64)
def region_of(text: str) -> str:
    """The country whose numbers the writer dials without a prefix, by address, legal form and farewell; Britain when nothing tells, for
    its eleven digits are like nobody else's."""
    folded = fold(text)
    signs: dict[str, int] = {"GB": 0}
    for region, pattern in _region_signs():
        signs[region] = signs.get(region, 0) + len({found.group() for found in pattern.finditer(folded)})
    return max(signs, key=lambda region: signs[region])


def find_phones(text: str, own: frozenset[str], region: str = "PL") -> list[Phone]:
    """The phone numbers of a text in their order; `own` are ours in E.164, `region` is where the writer dials."""
    found: list[Phone] = []
    if not _DIGIT.search(text):
        return found
    for number, line, column in _numbers(_GLUED.sub(r"\1. ", text)):
        parsed = _parse(number, region)
        if not parsed or parsed[0] in own:
            continue
        rank = _rank(fold(line[:column]), fold(line[column + len(number) : column + len(number) + 40]), parsed[1], fold(line))
        if rank is not None:
            found.append(Phone(parsed[0], number.strip(), 0, rank))
    return found


def _numbers(text: str) -> list[tuple[str, str, int]]:
    """Runs of digits that could be a number, with their line and column; two numbers with a slash or a gap between are two."""
    found = []
    for line in text.split("\n"):
        for match in _NUMBER.finditer(line[:2000]):
            at = match.start()
            for part in _parts(match.group()):
                found.append((part, line, line.index(part, at)))
                at = found[-1][2] + len(part)
    return found


def _parts(run: str) -> list[str]:
    """The numbers in a run of digits: "13 446 29 08 / 883 019 274" holds two, "22/446 29 08" one."""
    parts = re.split(r"\s*/\s*|\s{2,}", run)
    if len(parts) > 1 and all(len(re.sub(r"\D", "", part)) >= 7 for part in parts):
        return parts
    two = re.fullmatch(r"((?:\d\W?){9})\s((?:\d\W?){9})", run)
    return list(two.groups()) if two else [run]


_LONGEST = 15  # digits of a number in any country (E.164)


def _is_national(digits: str, region: str) -> bool:
    """Whether digits can be a number that is dialled without a prefix in that country."""
    if region in _TRUNK:
        return digits[:1] == "0" and digits[1:2] != "0" and len(digits) in _TRUNK[region]
    if digits[:1] == "0" or len(digits) > _LONGEST:
        return False
    try:
        return phonenumbers.is_valid_number_for_region(phonenumbers.parse(digits, region), region)
    except NumberParseException:
        return False


def _parse(number: str, region: str) -> tuple[str, bool] | None:
    """A number as people of that region write it, else as Poles do."""
    short = number.split("/", maxsplit=1)[0] if number.count("/") == 1 and len(re.sub(r"\D", "", number)) > 11 else ""
    for candidate in (number, short):
        if not candidate:
            continue
        if region != "PL" and _is_national(re.sub(r"\D", "", candidate), region) and (parsed := normalise_phone(candidate, region)):
            return parsed
        if parsed := normalise_phone(candidate):
            return parsed
    return None


def _rank(before: str, after: str, mobile: bool, line: str) -> int | None:
    labels = [found.lastgroup for found in _LABEL.finditer(before[-60:])]
    label = labels[-1] if labels else None
    gap = before[-60:]
    clause = re.split(r"[.;!?]", _NOTE.sub("", before))[-1]
    if label in ("no", "fax"):
        last = [found for found in _LABEL.finditer(gap)][-1]
        ahead = gap[: last.start()]
        bare = last.group() == "numer" and not gap[last.end() :].strip()  # "Jan Kot numer 729 118 406"
        called = last.group() in ("nr", "numer") and (_CALLED.search(ahead) or (mobile and (bare or _OWN.search(ahead))))
        if not called and not re.search(r"\d{5}|[|,;·]", gap[last.end() :]):
            return None
        label = None
    if label == "ext" and re.search(r"(?:wew|ext)\w*\W{0,4}$", gap):
        return None
    if re.match(r"\s*(?:mm|cm|zl|pln|eur|szt|m2|mb|dpi|kb|gb|hz|usd)\b", after):
        return None
    if _GIVEN_UP.match(after) or _NOT_BEHIND.match(after):
        return 6
    if _WISH_BEHIND.match(after):
        return 0
    refused = [found.end() for found in _NOT_WISH.finditer(clause)]
    if refused and _BUT.search(clause[refused[-1] :]):
        return 0
    if refused and not _WISH.search(clause[refused[-1] :]):
        return 6
    clause = clause[refused[-1] :] if refused else clause
    theirs = _OTHERS.search(clause[-40:]) and not _OWN_NEXT.search(clause)
    if theirs and not _WISH.search(clause):
        return 6
    if _WISH.search(clause) and not _LATER.search(clause) and not re.search(r"^\W*(tel|kom|mob)", line):
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
