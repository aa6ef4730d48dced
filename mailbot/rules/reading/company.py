"""The customer's company as written, in the signature or the From name: every line and part of a line is weighed, the heaviest wins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, in_class, squeeze
from mailbot.rules.reading.firm import ENOUGH, Writer, agrees, weigh
from mailbot.rules.reading.inflect import is_kind_of_firm, nominative_name, without_case
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
from mailbot.rules.reading.words import fold

_CELLS = re.compile(r"\s*[|•·●▪■◦∙]\s*|\t+|\s{3,}|\s+//\s+|\s+–\s+|\s+—\s+|\s+-\s+")
_SMALL_CELLS = re.compile(r",\s+|\s/\s|\s@\s|\s*[()\[\]]\s*|(?<=\w)/(?=[A-ZŁŚŻ])")
_OF = re.compile(r"\s(?:from|at|z|ze|t/a|T/A|trading as|dba)\s(?=[A-ZŁŚŻ\"„])")
_JOB_AT = re.compile(r"\s(?:w|we|in|firmy|for)\s+(?=[A-ZŁŚŻŹĆ\"„])")
_CUT = re.compile(
    r"(?i)[\s,;|–-]+(?:ul\.|al\.|os\.|pl\.\s|ulica|tel\b|kom\b|mob\b|fax|nip\b|regon|krs|e-?mail|www\.|https?:|"
    r"\d\d-\d{3}|\(?\+?\d[\d ()-]{7,}|[\w.+-]{1,64}@).*$"
)
_LEAD = re.compile(
    r"(?i)^(?:w imieniu(?: firmy)?|on behalf of|dla|for|at|from|w|z|ze|firma|company|\[?logo)\s*:\s*|"
    r"^(?:zespół|ekipa|załoga|team)\s(?!szk)|"
    r"^(?:for|at|from|dla|w|z|ze|przy)\s+(?=(?-i:[A-ZŁŚŻ„\"]))|^(?:w imieniu(?: firmy)?|on behalf of)\s+"
)
_BOLD = re.compile(r"\*([^*\n]{2,60})\*")
_FAMILY_CRAFT = re.compile(r"^[^,|]{3,40},\s[A-Z][a-z]+$")  # "Brodie & Son, Signwriters"
_BEFORE_PREFIX = re.compile(rf"(?<=\w)\s+(?={FIRM_PREFIX.pattern})")  # "J. Marzec PUH Transmar"
_PARTNERSHIP = re.compile(r"(?i)j\.?$|c\.?$|jawna$|cywilna$|p\.$|partnerska$")
_STATE = re.compile(
    r"(?i)^[\s,]*(?:w\s+(?:restrukturyzacji|upadłości|likwidacji)(?:\s+(?:likwidacyjnej|układowej))?|"
    r"zakład\s+pracy\s+chronionej|zpchr?\b|in\s+(?:liquidation|administration)|oddział\s+(?:w|we)\s+[^\W\d_]+)"
)
PARTNERS = re.compile(r"^\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?\s?){1,3}(?:\s*(?:,|i|&|oraz|and)\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?[\s-]?){1,3}){0,3}$")
STOP_WORDS = classes()["no_company_word"]


@dataclass(frozen=True, slots=True)
class Company:
    """A company's name as written."""

    value: str
    text: str
    where: Where
    weight: int
    evidence: tuple[str, ...] = ()


def of_form_line(value: str) -> str:
    """A firm's name on a filled line: up to its legal form, where prose follows that."""
    form = LEGAL_FORM.search(value)
    told = form and sum(word[0].islower() for word in words_of(value[form.end() :])) >= _TOLD_FROM
    return trim(value[: form.end()] if form and told else value)


_TOLD_FROM = 2  # words in small letters behind a legal form that are no part of the name


_LONGEST = 300  # letters of what may hold a firm's name


def trim(text: str) -> str:
    """A company's name without address, numbers and the punctuation around it; the full stop of a legal form stays."""
    text = _CUT.sub("", squeeze(text)[:_LONGEST]).strip(" ,;:*_|/–—-'")
    if text.endswith(".") and not re.search(
        r"(?i)(?:o\.o|s\.c|s\.a|sp\.? ?[jkp]|ltd|inc|co|d\.o\.o|s\.r\.o|a\.s|e\.k|[a-z]\.[a-z]|p\.a|z o\. ?o|b\.h)\.$", text
    ):
        text = text[:-1]
    if text.count("„") != text.count("”") or text.count('"') % 2:
        text = text.strip('„”"')
    elif text[:1] in '„"' and text[-1:] in '”"' and not re.search('[„”"]', text[1:-1]):
        text = text[1:-1]
    return text


_ELSEWHERE = re.compile(r"\b(?:w|we|in)\s+[A-ZŁŚŻŹĆÓ][\w-]+(?:\s+[A-ZŁŚŻŹĆÓ][\w-]+)?$")
_FROM_PLACE = re.compile(r",?\s+(?:z|ze|from|spod|koło|k/)\s+[A-ZŁŚŻŹĆÓ][\w-]+(?:\s+[A-ZŁŚŻŹĆÓ][\w-]+)?\W*$")


def without_place(name: str) -> str:
    """A firm's name without the town behind it: "z Gdańska" always, "w Gdańsku" where it is not the name of an institution."""
    name = _FROM_PLACE.sub("", name)
    if has_legal_form(name) or any(in_class(fold(word), "public_body") for word in words_of(name)):
        return name
    return _ELSEWHERE.sub("", name).strip(" ,")


def without_department(name: str) -> str:
    """A firm's name without the department before it: "Dział Techniczny Hurtograf S.A."."""
    words = name.split()
    if not words or fold(words[0]) not in _DEPARTMENTS:
        return name
    at = next((at for at, word in enumerate(words) if at and not is_department(" ".join(words[: at + 1]))), 0)
    return " ".join(words[at:])


_DEPARTMENTS = frozenset(["dzial", "biuro", "sekretariat", "zespol", "department", "dept"])


def partners_behind(form: str, after: str) -> str:
    """The partners' names, or the state of the firm, that follow its legal form: "s.j. Prot, Koliba", "S.A. w restrukturyzacji"."""
    state = _STATE.match(after)
    if state:
        return state.group()
    several = re.search(r",|\s(?:i|oraz|and|&)\s", after.strip(" ,"))  # a single name behind it is who writes
    return after if several and _PARTNERSHIP.search(form.strip()) and PARTNERS.match(after) else ""


def _joined_cells(line: str) -> list[str]:
    """The parts of a line; a kind of firm with a legal form and no name belongs to the name before it: "Wena - Drukarnia Sp. z o.o."."""
    last = line.rsplit(" / ", 1)[-1]
    line = last if has_legal_form(last) else line
    cells = _CELLS.split(line)
    for at, (before, cell) in enumerate(pairwise(cells)):
        form = LEGAL_FORM.search(cell)
        kinds = words_of(cell[: form.start()]) if form else ()
        own = any(is_kind_of_firm(word) for word in kinds) and all(
            is_kind_of_firm(word) or morphology.is_adjective(word) or word == "i" for word in kinds
        )
        short = len(words_of(before)) == 1 and len(kinds) == 1 and before.isupper() and kinds[0].isupper()  # "TOM - POL Sp. j."
        if (own or short) and _may_open_name(before):
            return [*cells[:at], line[line.find(before) : line.find(cell) + len(cell)], *cells[at + 2 :]]
    return cells


_LABELS = frozenset(["firma", "company", "firm", "nazwa", "nazwa firmy", "company name", "kontakt", "contact", "impact", "wplyw", "device"])


def _may_open_name(text: str) -> bool:
    """Whether words before a dash can belong to the firm behind it: no job, department, place or person."""
    if fold(text.strip()) in _LABELS or is_job_title(text) or is_department(text) or is_place(text) or as_name(text, Where.SIGNATURE):
        return False
    return bool(capitalised_words(text))


def with_legal_form(line: str) -> str | None:
    """The company in a line with a legal form: job, person, department, address and numbers around it left out."""
    for cell in _joined_cells(line):
        form = LEGAL_FORM.search(cell) or LEGAL_FORM_CASED.search(cell)
        if not form:
            continue
        before, after = cell[: form.start()], cell[form.end() :]
        chunks = [chunk for chunk in before.split(",") if chunk.strip()]
        head = chunks[-1] if chunks else before
        if _PARTNERSHIP.search(form.group().strip()):
            head = _with_partners(chunks, head)
        glued = "" if head.endswith(("-", "(", '"')) else " "
        head = re.sub(r"(?i)^.*(?:^|\s)(?:firm[ayęie]\w?:?|company:?|spółk[aięy]:?)\s+(?-i:(?=[\"„A-ZŁŚŻ0-9]))", "", head)
        if is_job_title(head):
            at = re.match(r"^.*\s(?:w|we|at|in|of|firmy|z|ze)\s+(?=[A-ZŁŚŻŹĆ„\"])", head)
            head = nominative_name(head[at.end() :], governed=bool(re.search(r"\s(?:w|we|z|ze)\s+$", at.group()))) if at else head
        head = _LEAD.sub("", head.strip())
        if not words_of(head):
            if after.strip(" ,.") and not words_of(before) and re.search(r"(?i)sp|s\.|uab|sia|ooo|oü|ab|as", form.group()):
                return trim(cell)
            continue
        return trim(head.rstrip() + glued + form.group() + partners_behind(form.group(), after))
    return None


_PROSE = re.compile(
    r"^(?:.*\s)?[a-ząćęłńóśźż']{2,}\s+[a-ząćęłńóśźż']{2,}\s+(?=[A-ZŁŚŻŹĆ„\"])"
)  # "forgot to say that I am with Cantina S.r.l."


def without_prose(name: str) -> str:
    """A firm's name without the running text before it: two words in small letters are none of it."""
    return _PROSE.sub("", name)


def _with_partners(chunks: list[str], head: str) -> str:
    """The partners named before the form of a partnership: "Kleks, Plama sp. j.". A job, department or person before it is none."""
    for chunk in reversed(chunks[:-1]):
        person = as_name(chunk, Where.SIGNATURE)
        if (
            not capitalised_words(chunk)
            or is_job_title(chunk)
            or is_department(chunk)
            or CONTACT_MARK.search(chunk)
            or (person and person.full and not re.search(r"\b[A-ZŁŚŻ]\.", chunk))
        ):
            break
        head = f"{chunk.strip()},{head}"
    return head


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
    spoken = re.split(r"\n|(?<=[^\W\d_]{4})[.!?:]\s", text)
    found = in_signature("\n".join(part for part in spoken if _is_signed(part, person)), writer)
    return [replace(company, value=without_place(behind_person(company.value, person))) for company in found]


def _is_signed(sentence: str, person: Name) -> bool:
    """Whether a sentence holds the contact's surname and tells nothing."""
    if len(sentence) > 140 or (person.last or "") not in sentence:
        return False
    words = words_of(sentence)
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
    if joined := _brand_with_craft(line):
        yield joined
        return
    for large in _CELLS.split(_BEFORE_PREFIX.sub(" | ", line)):
        whole = _bare(large)
        prose = sum(word[0].islower() for word in words_of(whole)) >= _PROSE_FROM
        if prose:
            yield from (behind_person(run, person) for run in _RUN.findall(whole))
        owner = person and person.last and fold(person.last).split()[-1] in fold(whole).split() and len(words_of(whole)) > 2
        if FIRM_PREFIX.match(whole) or (
            owner and not prose and not _OF.search(whole) and "," not in whole and " / " not in whole and not _SMALL_CELLS.search(whole)
        ):
            yield whole
            continue
        if (craft := _FAMILY_CRAFT.match(large)) and FAMILY.search(craft.group()):
            yield craft.group()
            continue
        for cell in _SMALL_CELLS.split(large):
            yield _behind_kinds(_without_owner(_bare(cell), writer))


_PROSE_FROM = 3  # words in small letters that make prose of a line
_RUN = re.compile(r"[A-ZŁŚŻŹĆÓ][\w&'’-]*(?:[ ](?:i[ ]|&[ ]|and[ ])?[A-ZŁŚŻŹĆÓ0-9][\w&'’-]*)+")
_DASHED = re.compile(r"^\W*([^|•·,:/]+?)\s[-–—]\s([^|•·,:/]+?)\W*$")


def _brand_with_craft(line: str) -> str | None:
    """A line that is a name, a dash and what the firm is, all in capitals: "KRAM – Studio Szyldów"."""
    found = _DASHED.match(line)
    if not found or CONTACT_MARK.search(line) or not _may_open_name(found.group(1)) or not capitalised_words(found.group(2)):
        return None
    name, craft = (words_of(part) for part in found.groups())
    known = any(map(is_kind_of_firm, craft)) or (len(craft) > 1 and name[0].isupper() and _may_open_name(found.group(2)))
    return trim(line) if known and len(name) <= 2 and not any(map(is_kind_of_firm, name)) else None


def behind_person(name: str, person: Name | None) -> str:
    """A firm's name without the writer's own before it, as in dictated mails: "Ewa Bóbr Kram-Druk"."""
    if person is None or not person.full:
        return name
    own = f"{person.first} {person.last}"
    rest = name[len(own) :].strip(" ,-–")
    return rest if fold(name).startswith(f"{fold(own)} ") and rest[:1].isupper() and words_of(rest) else name


_KINDS = re.compile(r"^(?:[a-ząćęłńóśźż]+\s+){2,4}(?=[A-ZŁŚŻŹĆÓ„\"])")


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


def named_behind(name: str, before: str, labels: tuple[str, ...], text: str) -> str:
    """A name in the nominative, as the words before it let one infer: "z Tapicerki Sznurek", "w Folpaku"."""
    governed = bool(
        re.search(
            r"(?i)\b(?:z|ze|w|we|imieniu|ramienia|od|dla|czyli|ekipa|nasz(?:ej|ym)|kieruj\w+|zarządza\w+|właściciel\w*|szef\w*|pracowni\w+)\s+$",
            before,
        )
    )
    return without_case(nominative_name(name, governed=governed), labels, text, governed=governed)


_FIRM_WORD = re.compile(r"(?:[Ff]irma|[Cc]ompany)\s+(?=[A-ZŁŚŻŹĆÓ„\"0-9])(?![A-ZŁŚŻŹĆÓ][^\W\d_]+(?:owa|na|wa|zna)\b)")


def _bare(text: str) -> str:
    text = _FIRM_WORD.sub("", _LEAD.sub("", trim(text)), count=1)
    mark = CONTACT_MARK.search(text)
    return trim(text[: mark.start()]) if mark else text


_QUOTED_KIND = re.compile(r"(?:[a-ząćęłńóśźż]{4,}\s){1,2}[„\"“]([^„\"“”]{2,40})[”\"“]$")  # sklep „U Bobra”


def _weighed(value: str, where: Where, writer: Writer, more: int) -> Company | None:
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
    """The companies that a subject names beside its matter, where the address agrees: "Naklejkomat - awaria cięcia"."""
    found = [company for cell in _CELLS.split(subject) if (company := _weighed(trim(cell), Where.TEXT, writer, 0))] if writer.labels else []
    return [company for company in found if re.sub(r"\W", "", fold(company.value)) in {label.replace("-", "") for label in writer.labels}]


def _initials(name: str) -> str:
    """The first letters of a name's words up to its town: "Miejski Zakład Gospodarki Komunalnej w …" is MZGK."""
    return "".join(word[0] for word in words_of(re.split(r"\s(?:w|we|in)\s", name)[0]) if word[0].isupper())


def heaviest(found: list[Company]) -> Company | None:
    """The company for which most speaks; of those that name the same one the fullest form."""
    if not found:
        return None
    first = max(found, key=lambda company: company.weight)
    for company in found:
        if first.value.isupper() and _initials(company.value) == first.value:
            return company
        if (
            company.weight >= ENOUGH
            and "prose" not in company.evidence
            and fold(first.value) in fold(company.value)
            and len(company.value) > len(first.value)
        ):
            return company
    return first
