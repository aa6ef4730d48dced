"""The companies that single lines may name: of a signature, the From name, the subject. Every part of a line is weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.company import Company
from mailbot.rules.reading.company_name import (
    CELLS,
    LEAD,
    behind_person,
    may_open_name,
    named_behind,
    trim,
    with_legal_form,
    without_department,
    without_place,
    without_prose,
)
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.firm import ENOUGH, Writer, agrees, is_address, weigh
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    FAMILY,
    FIRM_PREFIX,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    capitalised_words,
    has_legal_form,
    is_department,
    is_job_title,
    is_place,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.person import Name, as_name
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.words import fold

_SMALL_CELLS = re.compile(r",\s+|\s/\s|\s@\s|\s*[()\[\]]\s*|(?<=\w)/(?=[A-ZŁŚŻ])")
_OF = re.compile(r"\s(?:from|at|z|ze|t/a|T/A|trading as|dba)\s(?=[A-ZŁŚŻ\"„])")
_JOB_AT = re.compile(r"\s(?:w|we|in|firmy|for)\s+(?=[A-ZŁŚŻŹĆ\"„])")
_BOLD = re.compile(r"\*([^*\n]{2,60})\*")
_FAMILY_CRAFT = re.compile(r"^[^,|]{3,40},\s[A-Z][a-z]+$")  # "Brodie & Son, Signwriters"
_BEFORE_PREFIX = re.compile(rf"(?<=\w)\s+(?={FIRM_PREFIX.pattern})")  # "J. Marzec PUH Transmar"


def in_signature(signature: str, writer: Writer) -> list[Company]:
    """The companies that a signature may name, with their weight; a line near the person's name has a little more."""
    lines = [valediction_tail(line) if opens_valediction(line) else line for line in signature.split("\n")]
    lines = _whole_lines(lines)
    lines = [_BOLD.sub(r" | \1 | ", line) for line in lines if line.strip(" -_*/") and not _FAREWELL.match(line)][:14]
    return [
        company
        for at, line in enumerate(lines)
        for cell in _cells(line, writer)
        if (company := _weighed(cell, Where.SIGNATURE, writer, _by_place(lines, at, writer.person)))
    ]


_QUOTES = tuple('„"“')
_FAREWELL = re.compile(r"^\s*[^\W\d_]+,\s*$")  # a single word with a comma: "Serdeczności,"
_GOES_ON = re.compile(r"(?i)^(?:w (?:restrukturyzacji|likwidacji|upadłości)\b.*|im\.\s.{3,60})$")


def _whole_lines(lines: list[str]) -> list[str]:
    """The lines, each with the legal form, the state or the patron that stands alone on the next: "Arkada Print" and "Sp. z o.o."."""
    whole: list[str] = []
    for line in lines:
        form = LEGAL_FORM.match(line.strip()) or LEGAL_FORM_CASED.match(line.strip())
        alone = (form is not None and not words_of(line.strip()[form.end() :])) or _GOES_ON.match(line.strip())
        quoted = bool(whole) and line.strip()[:1] in _QUOTES and has_legal_form(line) and is_kind_of_firm((words_of(whole[-1]) or ("",))[0])
        if whole and (alone or quoted):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
    return whole


def beside_person(text: str, writer: Writer) -> list[Company]:
    """The companies in those short sentences of a text that hold the contact's name: "Leon Mrozek tel. 607 …, Pieczątki Mrozek"."""
    person = writer.person
    if person is None or not person.full or (person.last or "") not in text:
        return []
    spoken = re.split(r"\n|(?<=\w{4})[.!?]\s|:\s", text)
    found = in_signature("\n".join(part for part in spoken if _is_signed(part, person)), writer)
    return [replace(company, value=without_place(behind_person(company.value, person))) for company in found]


def _is_signed(sentence: str, person: Name) -> bool:
    """Whether a sentence holds the contact's surname and tells nothing."""
    if len(sentence) > 140 or (person.last or "") not in sentence:
        return False
    words = words_of(valediction_tail(sentence) if opens_valediction(sentence) else sentence)
    if len(words) > 1 and not in_class(fold(words[0]), "greeting") and morphology.is_finite_verb(words[0]) and words[1][0].islower():
        return False
    return not any(word[0].islower() and morphology.is_finite_verb(word) and not is_job_title(word) for word in words)


def _by_place(lines: list[str], at: int, person: Name | None) -> int:
    """What a line's place says: below the name or the job most, then around them."""
    if person is None:
        return 0
    above = lines[at - 1] if at else ""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if any(_is_person_line(line, person) for line in (lines[at], above, below)) or is_job_title(above) or is_department(above):
        return 2
    return int(any(_is_person_line(line, person) for line in lines[max(0, at - 4) : at + 2]))


def _is_person_line(line: str, person: Name) -> bool:
    words = [fold(word) for word in words_of(line)]
    return any(half and fold(half).split()[-1] in words for half in (person.first, person.last))


def _cells(line: str, writer: Writer) -> Iterator[str]:
    """The parts of a line that may be a firm's name, cleaned of address and numbers; a line without separators is one."""
    if has_legal_form(line) and (value := with_legal_form(line)):
        yield without_department(behind_person(without_prose(value), writer.person))
        return
    person = writer.person
    line = _NUMBER.sub(" | ", line)
    if joined := _brand_with_craft(line):
        yield joined
        return
    for large in CELLS.split(_BEFORE_PREFIX.sub(" | ", line)):
        whole = _bare(large)
        prose = sum(word[0].islower() for word in words_of(whole)) >= _PROSE_FROM
        if prose:
            yield from (behind_person(run, person) for run in _RUN.findall(whole))
        owner = person and person.last and fold(person.last).split()[-1] in fold(whole).split() and len(words_of(whole)) > 2
        if FIRM_PREFIX.match(whole) or (
            owner and not prose and not _OF.search(whole) and "," not in whole and " / " not in whole and not _SMALL_CELLS.search(whole)
        ):
            own = behind_person(whole, person)
            yield own if any(map(is_made_up, own.split())) else whole
            continue
        if (craft := _FAMILY_CRAFT.match(large)) and FAMILY.search(craft.group()):
            yield craft.group()
            continue
        for cell in _SMALL_CELLS.split(large):
            yield _behind_kinds(_without_owner(_bare(cell), writer))


_NUMBER = re.compile(r"(?i),?\s(?:tel|kom|mob|telefon|phone)?\b[.:]{0,2}\s?\(?\+?\d[\d ()-]{7,16}\d(?=,\s[A-ZŁŚŻŹĆ]),\s")  # before a firm
_PROSE_FROM = 3  # words in small letters that make prose of a line
_RUN = re.compile(r"[A-ZŁŚŻŹĆÓ][\w&'’-]*(?:[ ](?:i[ ]|&[ ]|and[ ])?[A-ZŁŚŻŹĆÓ0-9][\w&'’-]*)+")
_DASHED = re.compile(r"^\W*([^|•·,:/]+?)\s[-–—]\s([^|•·,:/]+?)\W*$")


def _brand_with_craft(line: str) -> str | None:
    """A line that is a name, a dash and what the firm is, all in capitals: "KRAM – Studio Szyldów"."""
    found = _DASHED.match(line)
    if not found or CONTACT_MARK.search(line) or not may_open_name(found.group(1)) or not capitalised_words(found.group(2)):
        return None
    name, craft = (words_of(part) for part in found.groups())
    known = any(map(is_kind_of_firm, craft)) or (len(craft) > 1 and name[0].isupper() and may_open_name(found.group(2)))
    return trim(line) if known and len(name) <= 2 and not any(map(is_kind_of_firm, name)) else None


_KINDS = re.compile(r"^(?:[a-ząćęłńóśźż]+\s+){2,4}(?=[A-ZŁŚŻŹĆÓ„\"])|^sklep\s+(?=[A-ZŁŚŻŹĆÓ])")


def _behind_kinds(cell: str) -> str:
    """The name behind what a firm is, in small letters: "galeria i drukarnia obrazów Złota Rama"."""
    kinds = _KINDS.match(cell)
    named = cell[kinds.end() :] if kinds else ""
    return (
        named
        if named and any(is_kind_of_firm(word) for word in words_of(kinds.group() if kinds else "")) and capitalised_words(named)
        else cell
    )


def _without_owner(cell: str, writer: Writer) -> str:
    """The firm behind a person or a job: "Kacper z Print-Bis", "kierownik produkcji w Lumen Art"."""
    at = _JOB_AT.search(cell) or _OF.search(cell) if is_job_title(cell) else None
    if at is None and (of := _OF.search(cell)):
        before, person = cell[: of.start()], writer.person
        at = of if (person and _is_person_line(before, person)) or as_name(before, Where.SIGNATURE) else None
    return cell if at is None else named_behind(cell[at.end() :], at.group(), writer.labels, cell)


_FIRM_WORD = re.compile(r"(?:[Ff]irma|[Cc]ompany)\s+(?=[A-ZŁŚŻŹĆÓ„\"0-9])(?![A-ZŁŚŻŹĆÓ][^\W\d_]+(?:owa|na|wa|zna)\b)")


def _bare(text: str) -> str:
    mark = CONTACT_MARK.search(text)
    return _FIRM_WORD.sub("", LEAD.sub("", trim(text[: mark.start()] if mark else text)), count=1)


_FORMER = re.compile(r"(?i)(?:dawniej|dawna|poprzednio|wcześniej|kiedyś|formerly|previously|ex)\b")  # "dawniej Sitodruk Wieczorek"
_NOW = re.compile(r"(?i)^(?:dziś|dzisiaj|obecnie|teraz|aktualnie|now|today|currently|trading name of|a brand of|marka firmy)\s+(?=\S)")
_QUOTED_KIND = re.compile(r"(?:[a-ząćęłńóśźż]{4,}\s){1,2}[„\"“]([^„\"“”]{2,40})[”\"“]$")  # sklep „U Bobra”


def _weighed(value: str, where: Where, writer: Writer, more: int) -> Company | None:
    if _FORMER.match(value):
        return None
    value = _NOW.sub("", value)
    head, comma, town = value.rpartition(",")
    if comma and is_place(town):
        value = head
    quoted = _QUOTED_KIND.match(value)
    value = quoted.group(1) if quoted else value
    own = 2 * bool(quoted)
    weighed = weigh(value, where, writer, max(ENOUGH - more, 1) - own)
    return Company(value, value, where, weighed[0] + own + more, weighed[1]) if weighed else None


_SEPARATORS = re.compile(r"\s+[-–|/@]\s+|\s*[|()\[\]/]\s*|,\s+|\s+(?:z|from|at|via)\s+(?=[A-ZŁŚŻ])")


def in_display(display: str, writer: Writer) -> list[Company]:
    """The companies that a From name may hold, behind or before a person or department: "Biuro - Pracownia Kropka s.c."."""
    if re.search(r"\S@|_", display):
        return []
    if has_legal_form(display) and (value := with_legal_form(display)):
        return [company] if (company := _weighed(without_department(value), Where.SENDER, writer, 0)) else []
    parts = [_of_display(display, part, writer.labels) for part in _SEPARATORS.split(display) if part and part.strip()]
    if _NICK.match(display):
        return []
    parts = [named if (named := without_department(part)) != part and agrees(named, writer.labels) else part for part in parts]
    return [
        company
        for part in parts
        if (company := _weighed(trim(part), Where.SENDER, writer, 1 + (len(parts) > 1) + _heads(part, parts, writer)))
    ]


_NICK = re.compile(r"[A-ZŁŚŻŹĆÓ][^\W\d_]+\s(?:od|od\s\w+|w|na|the)\s")  # "Kasia od Druku"


def _of_display(display: str, part: str, labels: tuple[str, ...]) -> str:
    """A part of a From name, in the nominative behind a preposition: "Weronika z Fabryki Plakatu"."""
    return named_behind(part, "z ", labels, display) if re.search(rf"\sz\s+{re.escape(part)}", display) else part


def _heads(part: str, parts: list[str], writer: Writer) -> bool:
    """Whether a From name is one word in capitals, for nobody is called so, or a word beside which somebody else signs."""
    if len(parts) > 1 or len(words_of(part)) != 1 or len(part) < 4:
        return False
    return part.isupper() or bool(writer.person and writer.person.full and part[0].isupper())


def in_subject(subject: str, writer: Writer) -> list[Company]:
    """The companies that a subject names beside its matter: what the address spells, "Naklejkomat - awaria cięcia".

    Before a colon mostly the thing stands that fails, "Foliowarka: nie grzeje"; a firm only where a machine follows: "Szyld-Mix: plotter
    nie ciągnie".
    """
    head, colon, matter = subject.partition(":")
    spoken_of = bool(colon) and any(in_class(fold(word), "machine") for word in words_of(matter))
    firm = head if spoken_of and " " not in head and is_made_up(head) else None
    cells = [*([head] if colon else []), *CELLS.split(subject)]
    named = [cell for cell in map(trim, cells) if is_address(cell, writer) or cell == firm]
    return [company for cell in named if (company := _weighed(cell, Where.TEXT, writer, 2 * (cell == firm)))]
