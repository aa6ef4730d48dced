"""A company's name cut out of the words around it: job, person, department, address, town and prose left out."""

from __future__ import annotations

import re
from itertools import pairwise

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class, squeeze
from mailbot.rules.reading.inflect import is_kind_of_firm, nominative_name, without_case
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    FAMILY,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    capitalised_words,
    has_legal_form,
    is_department,
    is_job_title,
    is_place,
    words_of,
)
from mailbot.rules.reading.person import Name, as_name
from mailbot.rules.reading.words import fold

CELLS = re.compile(r"\s*[|•·●▪■◦∙]\s*|\t+|\s{3,}|\s+//\s+|\s+–\s+|\s+—\s+|\s+-\s+")
_CUT = re.compile(
    r"(?i)[\s,;|–-]+(?:ul\.|al\.|os\.|pl\.\s|ulica|tel\b|kom\b|mob\b|fax|nip\b|regon|krs|e-?mail|www\.|https?:|"
    r"\d\d-\d{3}|\(?\+?\d[\d ()-]{7,}|[\w.+-]{1,64}@).*$"
)
LEAD = re.compile(
    r"(?i)^(?:\d{1,2}[.)]\s+)?(?:w imieniu(?: firmy)?|on behalf of|dla|for|at|from|w|z|ze|firma|company|\[?logo|adres|siedziba|nabywca|"
    r"płatnik|zleceniodawca|użytkownik|address|invoice)\s*:\s*|^\d{1,2}[.)]\s+|"
    r"^(?:zespół|ekipa|załoga|team)\s(?!szk)|^pozdrawia(?:ją|my)?\s|"
    r"^(?:for|at|from|dla|w|z|ze|przy)\s+(?=(?-i:[A-ZŁŚŻ„\"]))|^(?:w imieniu(?: firmy)?|on behalf of)\s+"
)
_PARTNERSHIP = re.compile(r"(?i)j\.?$|c\.?$|jawna$|cywilna$|p\.$|partnerska$")
_STATE = re.compile(
    r"(?i)^[\s,]*(?:w\s+(?:restrukturyzacji|upadłości|likwidacji)(?:\s+(?:likwidacyjnej|układowej))?|"
    r"zakład\s+pracy\s+chronionej|zpchr?\b|in\s+(?:liquidation|administration)|oddział\s+(?:w|we)\s+[^\W\d_]+)"
)
_PARTNERS = re.compile(r"^\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?\s?){1,3}(?:\s*(?:,|i|&|oraz|and)\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?[\s-]?){1,3}){0,3}$")


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


def _opens_name(word: str) -> bool:
    """Whether a word is a kind of firm that opens a name, and not what a department is for: "Hafciarnia", not "Reklam"."""
    return is_kind_of_firm(word) and any({"nom", "sg"} <= form.tags for form in morphology.forms(word.lower()))


def without_department(name: str) -> str:
    """A firm's name without the department before it: "Dział Techniczny Hurtograf S.A."."""
    words = name.split()
    if len(words) > 2 and in_class(fold(words[0]), "department") and not is_kind_of_firm(words[0]) and _opens_name(words[1]):
        return " ".join(words[1:])  # "Sprzedaż Hafciarnia Nitka"
    if (
        not words
        or fold(words[0]) not in _DEPARTMENTS
        or (len(words) > 1 and is_kind_of_firm(words[0]) and morphology.is_adjective(words[1]))
    ):
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
    return after if several and _PARTNERSHIP.search(form.strip()) and _PARTNERS.match(after) else ""


def _joined_cells(line: str) -> list[str]:
    """The parts of a line; a kind of firm with a legal form and no name belongs to the name before it: "Wena - Drukarnia Sp. z o.o."."""
    last = line.rsplit(" / ", 1)[-1]
    line = last if has_legal_form(last) else line
    cells = CELLS.split(line)
    for at, (before, cell) in enumerate(pairwise(cells)):
        form = LEGAL_FORM.search(cell)
        if form and _goes_with_name(before, cell, form) and may_open_name(before, surname=True):
            return [*cells[:at], line[line.find(before) : line.find(cell) + len(cell)], *cells[at + 2 :]]
    return cells


def _goes_with_name(before: str, cell: str, form: re.Match[str]) -> bool:
    """Whether a part with a legal form has no name of its own, "– Drukarnia Sp. z o.o.", or the partners': "– Wilk i Wspólnicy sp. j."."""
    kinds = words_of(cell[: form.start()])
    if len(words_of(before)) == 1 and len(kinds) == 1 and before.isupper() and kinds[0].isupper():
        return True  # "TOM - POL Sp. j."
    if FAMILY.search(cell) and _PARTNERSHIP.search(form.group().strip()):
        return True
    known = all(is_kind_of_firm(word) or word[0].islower() or morphology.is_adjective(word) for word in kinds)
    return known and (not kinds or any(map(is_kind_of_firm, kinds)))


_LABELS = frozenset(["firma", "company", "firm", "nazwa", "nazwa firmy", "company name", "kontakt", "contact", "impact", "wplyw", "device"])


def may_open_name(text: str, *, surname: bool = False) -> bool:
    """Whether words before a dash can belong to the firm behind it: no job, department, place or person; a `surname` may."""
    if fold(text.strip()) in _LABELS or is_job_title(text) or is_department(text) or is_place(text):
        return False
    name = as_name(text, Where.SIGNATURE)
    if name and (name.first or not surname):
        return False
    return bool(capitalised_words(text))


def with_legal_form(line: str) -> str | None:
    """The company in a line with a legal form: job, person, department, address and numbers around it left out."""
    for cell in _joined_cells(line):
        form = LEGAL_FORM.search(cell) or LEGAL_FORM_CASED.search(cell)
        if not form:
            continue
        before, after = cell[: form.start()], cell[form.end() :]
        if before.count("(") > before.count(")"):
            before = before.rpartition("(")[2]  # "Justyna Kiełb (Sitex s.c.)"
        chunks = [chunk for chunk in before.split(",") if chunk.strip()]
        head = chunks[-1] if chunks else before
        if _PARTNERSHIP.search(form.group().strip()):
            head = _with_partners(chunks, head)
        glued = "" if head.endswith(("-", "(", '"')) else " "
        head = re.sub(r"(?i)^.*(?:^|\s)(?:firm[ayęie]\w?:?|company:?|spółk[aięy]:?)\s+(?-i:(?=[\"„A-ZŁŚŻ0-9]))", "", head)
        if is_job_title(head):
            at = re.match(r"^.*\s(?:w|we|at|in|of|firmy|z|ze)\s+(?=[A-ZŁŚŻŹĆ„\"])", head)
            head = nominative_name(head[at.end() :], governed=bool(re.search(r"\s(?:w|we|z|ze)\s+$", at.group()))) if at else head
        head = LEAD.sub("", head.strip())
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


_OF = re.compile(r"^(?:of|from|at)\s+")  # "Ann Cole of Graphserv Ltd"


def behind_person(name: str, person: Name | None) -> str:
    """A firm's name without the writer's own before it, as in dictated mails: "Ewa Bóbr Kram-Druk"."""
    if person is None or not person.full:
        return name
    own = f"{person.first} {person.last}"
    rest = _OF.sub("", name[len(own) :].strip(" ,-–"))
    return rest if fold(name).startswith(f"{fold(own)} ") and rest[:1].isupper() and words_of(rest) else name


def _is_instrumental(name: str) -> bool:
    """Whether the first two words of a name are in the case that says what somebody is."""
    cases = [{tag for form in morphology.forms(word.lower()) for tag in form.tags} for word in name.split()[:2]]
    return len(cases) == 2 and all("inst" in tags and "nom" not in tags for tags in cases)


def named_behind(name: str, before: str, labels: tuple[str, ...], text: str) -> str:
    """A name in the nominative, as the words before it let one infer: "z Tapicerki Sznurek", "w Folpaku"."""
    governed = bool(
        re.search(
            r"(?i)\b(?:z|ze|w|we|imieniu|ramienia|od|dla|czyli|ekipa|nasz(?:ej|ym)|kieruj\w+|zarządza\w+|właściciel\w*|szef\w*|pracowni\w+)\s+$",
            before,
        )
    )
    governed = governed or bool(re.search(r"(?i)\bjesteśmy\s+$", before) and _is_instrumental(name))  # "Jesteśmy Trzecim Planem"
    return without_case(nominative_name(name, governed=governed), labels, text, governed=governed)
