"""Labelled lines: our form filled in by the customer, inside a quote or not, and the labels that people write of their own accord."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from mailbot.model.facts import Impact
from mailbot.rules.reading import morphology
from mailbot.rules.reading.answer_level import answered_level, place_in_list
from mailbot.rules.reading.cues import in_class, squeeze, table
from mailbot.rules.reading.impact import read_level
from mailbot.rules.reading.layout import has_legal_form, is_department, words_of
from mailbot.rules.reading.named_level import has_level_word
from mailbot.rules.reading.words import fold

FORM_LABELS = (
    "imię i nazwisko",
    "telefon",
    "nazwa firmy",
    "nazwa urządzenia",
    "opis problemu",
    "wpływ na działalność",
    "first and last name",
    "phone",
    "company name",
    "device name",
    "problem description",
    "business impact",
)
_UNKNOWN = re.compile(
    r"^\W*(?:-+|brak(?: \w+){0,3}|nie wiem|nie znam|nie mam(?: pojecia)?|nie dotyczy|nie pamietam|trudno powiedziec|"
    r"n/?a|n\.a\.|none|unknown|not known|don'?t know|no idea|not sure|i do not know|i don'?t know|nieznan\w*|"
    r"nd\.?|x+|\?+|\.+|do ustalenia|tbd|nie podam|jw\.? ?\??|nie jestem pewien|nie jestem pewna|nie mam|nie mamy|"
    r"nie prowadze.{0,30}|(?:jestem )?osob[aą] (?:prywatn[aą]|fizyczn[aą])|prywatnie|klient indywidualny|private(?: person)?|"
    r"podam (?:pozniej|jutro)|pozniej|later|do potwierdzenia|do sprawdzenia|nie pamietamy|nie wiemy.{0,20}|"
    r"(?:just |i'?m |i am )?(?:a |an )?(?:self.?employed|freelance\w*|sole trader|individual|private (?:customer|individual))|"
    r"bez firmy|nie ma(?:m|my)? (?:zadnej )?(?:firmy|nazwy)|firmy nie ma(?:m|my)?|no (?:company|firm|business)|not applicable|"
    r"(?:jestem |jako )?(?:klient\w* )?prywatn\w+(?: klient\w*| uzytkowni\w+| osob\w+)?|(?:uzytek|uzytkownik|na uzytek) prywatn\w+|"
    r"(?:zapytam|dopytam|spytam|sprawdze|musze (?:zapytac|sprawdzic|dopytac)).{0,40}|nie umiem.{0,30}|i'?ll (?:check|ask).{0,30}|"
    r"nie wiem.{0,40}|will send later|trudno (?:powiedziec|ocenic|okreslic).{0,20}|hard to say|nie potrafie.{0,30})\W*$"
)
_AS_ABOVE = re.compile(
    r"^\W*(?:j\.?\s?w\.?|jak wyzej|bez zmian|to samo|as above|see above|jak (?:w|na) (?:poprzednim|pierwszym|zgloszeniu|"
    r"mailu|stopce|podpisie|dole|gorze).*|patrz.*|zob.*|to,? co (?:zwykle|zawsze|ostatnio).*|podawalem.*|podalem.*|juz podal\w*.*)\W*$"
)
_LABEL_TAIL = r"(?:\s*\((?:[^()\n]|\([^()\n]{0,5}\)){0,110}\))?\s*[*_]{0,2}\s*"


@dataclass(frozen=True, slots=True)
class Filled:
    """A labelled line with its value; `value` is empty when the customer wrote that they do not know."""

    item: str  # name, first, last, phone, email, company, device, serial, description, impact
    value: str
    text: str
    unknown: bool = False


def says_unknown(value: str) -> bool:
    """Whether a value says that there is none, or that it is not known: "-", "nie wiem", "osoba prywatna"."""
    return bool(_UNKNOWN.match(fold(value)))


@cache
def _labels() -> dict[str, str]:
    return {fold(label): item for item, label, _ in table("labels")}


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(label).replace(r"\ ", r"\.?\s+") for label in sorted(_labels(), key=len, reverse=True))
    leader = r"\.?(?:\s?\.{2,60})?"  # dots up to the colon, as on a printed form
    mark = r"(?P<mark>:|=|\s[-–]\s|\t|(?<=\)\s)(?=\w)|$)"
    return re.compile(rf"^[\s*_•·\-–>\d.)]{{0,8}}(?P<label>{words}){leader}(?P<rest>{_LABEL_TAIL}){mark}")


def _label(line: str) -> tuple[str, str, str] | None:
    """The item, the bracket behind the label, and the value of a labelled line."""
    folded = fold(line)
    if len(folded) != len(line) or len(line) > 2000:
        return None
    found = _pattern().match(folded)
    if not found:
        return None
    item = _labels()[re.sub(r"\.?\s+", " ", found.group("label"))]
    if found.group("mark") == "" and not (fold(line).strip(" *_:>") in FORM_LABELS or (item == "impact" and "(" in line)):
        return None
    if (
        found.group("mark").strip() in ("-", "–")
        and item in ("description", "company")
        and found.group("label") in ("problem", "awaria", "usterka", "firma", "klient")
    ):
        return None
    return item, line[found.start("rest") : found.end("rest")], line[found.end() :].strip()


def without_form(text: str) -> str:
    """A text without the lines of our form."""
    return "\n".join(line for line in text.split("\n") if not is_form_label(line))


def is_form_label(line: str) -> bool:
    """Whether a line opens with a label of our form, quoted or not."""
    folded = fold(line.strip(" *_>"))
    return any(folded.startswith(fold(label)) for label in FORM_LABELS)


def filled_lines(text: str, *, form_only: bool = False) -> list[Filled]:
    """The labelled lines of a text with a value, in order.

    `form_only`: the text is our own question, copied: only the labels of our form count. A value may be typed below its
    label or run over into the next lines; "-", "brak" and "nie wiem" say that it is not known.
    """
    lines = _whole_labels(text.split("\n"))
    found: list[Filled] = []
    at = 0
    while at < len(lines):
        label = _label(lines[at]) if not form_only or is_form_label(lines[at]) else None
        if label is None:
            at += 1
            continue
        item, bracket, value = label
        value, used = _continued(lines, at, item, value)
        held = _value(item, bracket, value, lines[at])
        if held:
            found.append(held)
        at += used
    return found


def _whole_labels(lines: list[str]) -> list[str]:
    """The lines, with a label of our form put together again whose bracket a mail program wrapped."""
    whole: list[str] = []
    for line in lines:
        before = whole[-1] if whole else ""
        bare = line.strip(" >\t")
        if is_form_label(before) and bare and (before.count("(") > before.count(")") or ("(" not in before and bare.startswith("("))):
            whole[-1] = f"{before.rstrip()} {bare}"
        else:
            whole.append(line)
    return whole


def _continued(lines: list[str], at: int, item: str, value: str) -> tuple[str, int]:
    """The value with what stands below its label, and how many lines were used."""
    used, parts = 1, [value] if value else []
    here = at + 1
    blank = 0
    while here < len(lines) and here < at + 12:
        line = lines[here].strip(" >\t")
        if not line:
            blank += 1
            following = lines[here + 1].strip(" >\t") if here + 1 < len(lines) else ""
            later = any(_label(text) for text in lines[here + 2 : here + 5]) or (item == "impact" and _is_level(following))
            if parts or blank > 1 or not following or _label(following) or not later:
                break
            here += 1
            continue
        if _label(line):
            break
        if parts and item not in ("description", "company", "impact"):
            break
        if parts and not _wraps(lines[here - 1], line, item):
            break
        parts.append(line)
        here += 1
        used = here - at
        if item not in ("description", "company", "impact"):
            break
    return squeeze(" ".join(parts)), used


def _is_level(text: str) -> bool:
    """Whether a line says a level and no more: "wysoki", "raczej średni"."""
    return len(text.split()) <= _FEW and read_level(text) is not None


_FEW = 4  # words of a line that may be nothing but a level


def _wraps(before: str, line: str, item: str) -> bool:
    """Whether a line goes on with the value above it."""
    return (
        (len(before) >= 45 and item == "description")
        or (line[:1].islower() and not re.match(r"(?:pozdrawiam|dziękuj|z poważ|proszę|odpow|w razie|prosimy)", line.lower()))
        or (item == "company" and not has_legal_form(before) and has_legal_form(line))
    )


def _value(item: str, bracket: str, value: str, line: str) -> Filled | None:
    folded = fold(value)
    if value and not re.search(r"\w", value):
        return Filled(item, "", squeeze(line), unknown=True)
    if item == "impact" and value and (guess := _GUESS.match(folded)) and (level := read_level(folded[guess.end() :])):
        return Filled(item, level.value, squeeze(line))
    if item == "impact" and not (value and _UNKNOWN.match(folded)):
        told = answered_level(value, asked=True)
        bare = None if has_level_word(value) else read_level(value)
        level = (Impact(told.value) if told else None) or bare or place_in_list(value) or (None if value else _chosen(bracket))
        return Filled(item, level.value if level else value, squeeze(line)) if level or value else None
    if not value or _AS_ABOVE.match(folded):
        return None
    if _UNKNOWN.match(folded) or (item == "company" and _names_none(value)):
        return Filled(item, "", squeeze(line), unknown=True)
    if item == "name":
        value = re.split(r"\s+(?:z|ze|od|from|at)\s+", value)[0]
        if is_department(value) or _NONE_OPENS.match(fold(value)):
            return Filled(item, "", squeeze(line), unknown=True)
    value = re.sub(r"^firma\s+(?=[A-ZŁŚŻŹĆÓ„\"])", "", value) if item == "company" else value
    return Filled(item, value, squeeze(f"{line.strip(' >')}"))


_GUESS = re.compile(
    r"\W*(?:nie (?:wiem|jestem pew\w+|mam pewnosci|znam sie)|trudno (?:powiedziec|ocenic)|ciezko (?:powiedziec|ocenic)|"
    r"(?:i )?(?:don'?t know|not sure|no idea)|hard to say)\W+(?:ale |but |wiec |to )?(?!czy )"
)
"""A doubt before a guess: "nie wiem, chyba wysoki"."""
_NONE_OPENS = re.compile(
    r"^\W*(?:nie|brak|bez|jeszcze|zadn\w+|no|not|private\w*|prywatn\w*|os(?:oba|oby|obe|\.)? ?(?:prywatn|fizyczn)\w*|klient|indywidualn\w*|"
    r"hobby\w*|emeryt\w*|rencist\w*|student\w*|jestem|w trakcie|musze|zapytam|sprawdze|podam|"
    r"macie|jak|to|ta|taka|self|freelance\w*|trzeba)\b"
)


def _names_none(value: str) -> bool:
    """Whether a company line says, in small letters, that there is none, or where to look: "bez firmy", "macie Państwo w bazie"."""
    words = [word for word in words_of(value) if not in_class(fold(word), "fillertitle") and not in_class(fold(word), "greeting")]
    if has_legal_form(value) or any(word[0].isupper() for word in words[1:]):
        return False
    verb = any(word[0].islower() and morphology.is_finite_verb(word) for word in words) and len(words) > 1
    return bool(_NONE_OPENS.match(fold(value))) or verb


def _chosen(bracket: str) -> Impact | None:
    """The level that is left, or marked, in the bracket of our form line."""
    folded = fold(bracket)
    if behind := re.match(r"\W*\w[^\[(]*?(\w+)\s?(?:\[x\]|\(x\)|x(?!\w)|!+|<-+|<<|✓|✔|☑|☒|←)", folded.strip(" (")):
        return read_level(behind.group(1))
    level = read_level(bracket.strip(" ()"))
    named = len(re.findall(r"kry?tycz|wysok|sredn|nisk|critical|high|medium|low", folded))
    return level if level and (named <= 2 or re.search(r"\[x\]|_|\*|[A-Z]{4}|>>|->|✓|✔|☑|☒", bracket)) else None
