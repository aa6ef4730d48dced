"""The customer's company as written: a labelled line, running text, the signature, the From name; never from a mail domain alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, in_class, squeeze
from mailbot.rules.reading.device import is_other_maker
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    capitalised_words,
    has_legal_form,
    is_department,
    is_initials,
    is_job_title,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.person import Name, as_name
from mailbot.rules.reading.words import fold

_CELLS = re.compile(r"\s*[|•·]\s*|\t+|\s{3,}|\s+//\s+|\s+–\s+|\s+—\s+|\s+-\s+")
_CUT = re.compile(
    r"(?i)[\s,;|–-]+(?:ul\.|al\.|os\.|pl\.\s|ulica|tel\b|kom\b|mob\b|fax|nip\b|regon|krs|e-?mail|www\.|https?:|"
    r"\d\d-\d{3}|\(?\+?\d[\d ()-]{7,}|[\w.+-]{1,64}@).*$"
)


@dataclass(frozen=True, slots=True)
class Company:
    """A company's name as written."""

    value: str
    text: str
    where: Where
    sure: int  # 3 legal form or label, 2 a company's word, 1 by its place alone


def trim(text: str) -> str:
    """A company's name without address, numbers and the punctuation around it; the full stop of a legal form stays."""
    text = _CUT.sub("", squeeze(text)).strip(" ,;:*_|/–—-'")
    if text.endswith(".") and not re.search(
        r"(?i)(?:o\.o|s\.c|s\.a|sp\.? ?[jkp]|ltd|inc|co|d\.o\.o|s\.r\.o|a\.s|e\.k|[a-z]\.[a-z]|p\.a|z o\. ?o)\.$", text
    ):
        text = text[:-1]
    if text.count("„") != text.count("”") or text.count('"') % 2:
        text = text.strip('„”"')
    elif text[:1] in '„"' and text[-1:] in '”"' and not re.search('[„”"]', text[1:-1]):
        text = text[1:-1]
    return text


PARTNERS = re.compile(r"^\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?\s?){1,3}(?:\s*(?:,|i|&|oraz|and)\s*(?:[A-ZŁŚŻŹĆ][^\W\d_]*\.?[\s-]?){1,3}){0,3}$")


def with_legal_form(line: str) -> str | None:
    """The company in a line with a legal form: job, person, department, address and numbers around it left out."""
    for cell in _CELLS.split(line):
        form = LEGAL_FORM.search(cell) or LEGAL_FORM_CASED.search(cell)
        if not form:
            continue
        before, after = cell[: form.start()], cell[form.end() :]
        chunks = [chunk for chunk in before.split(",") if chunk.strip()]
        head = chunks[-1] if chunks else before
        if re.search(r"(?i)j\.?$|c\.?$|jawna$|cywilna$", form.group().strip()):
            head = _with_partners(chunks, head)
        glued = "" if head.endswith(("-", "(", '"')) else " "
        head = re.sub(r"(?i)^.*(?:^|\s)(?:firm[ayęie]\w?:?|company:?|spółk[aięy]:?)\s+(?-i:(?=[\"„A-ZŁŚŻ0-9]))", "", head)
        if is_job_title(head):
            head = re.sub(r"^.*\s(?:w|we|at|in|of|firmy|z|ze)\s+(?=[A-ZŁŚŻŹĆ„\"])", "", head)
        head = re.sub(r"^(?:w|z|ze|at|from|for|dla|przy)\s+(?=[A-ZŁŚŻ„\"])", "", head.strip())
        partners = after if re.search(r"(?i)j\.?$|c\.?$|jawna$|cywilna$", form.group().strip()) and PARTNERS.match(after) else ""
        if not words_of(head):
            if after.strip(" ,.") and not words_of(before) and re.search(r"(?i)sp|s\.", form.group()):
                return trim(cell)
            continue
        return trim(head.rstrip() + glued + form.group() + partners)
    return None


def _with_partners(chunks: list[str], head: str) -> str:
    """The partners named before the form of a partnership: "Kleks, Plama sp. j.". A job, department or person before it is none."""
    for chunk in reversed(chunks[:-1]):
        person = as_name(chunk, Where.SIGNATURE)
        if (
            not capitalised_words(chunk)
            or is_job_title(chunk)
            or is_department(chunk)
            or CONTACT_MARK.search(chunk)
            or (person and person.full)
        ):
            break
        head = f"{chunk.strip()},{head}"
    return head


STOP_WORDS = classes()["no_company_word"]


def is_plausible(value: str) -> bool:
    """Whether words can be a company: not ours, no maker of machines, no department, no greeting."""
    folded = [fold(word) for word in words_of(value)]
    return (
        bool(folded)
        and not any(in_class(word, "own") or word.startswith("oxi") or is_other_maker(word) for word in folded)
        and not is_department(value)
        and len(value) >= 2
        and not all(in_class(word, "machine") or in_class(word, "greeting") for word in folded)
    )


def in_signature(signature: str, person: Name | None) -> Company | None:
    """The company in a signature: a legal form, a company's word, the person's name with more around it, or the line below the name."""
    lines = [valediction_tail(line) if opens_valediction(line) else line for line in signature.split("\n")]
    lines = [line for line in lines if line.strip(" -_*/")]
    for line in lines:
        if has_legal_form(line):
            value = with_legal_form(line)
            if value and is_plausible(value):
                return Company(value, line.strip(), Where.SIGNATURE, 3)
    best: Company | None = None
    for index, line in enumerate(lines[:10]):
        cells = (
            [line]
            if _is_sole(line, person)
            else [
                cell for part in re.split(r",\s+|\s/\s|\s@\s|\s*[()]\s*|\s(?:from|at|z)\s(?=[A-ZŁŚŻ])", line) for cell in _CELLS.split(part)
            ]
        )
        for cell in cells:
            found = _by_words(cell, person, index, lines)
            if found and (best is None or found.sure > best.sure):
                best = found
    return best


def _is_sole(line: str, person: Name | None) -> bool:
    return bool(
        person
        and person.last
        and fold(person.last) in fold(line).split()
        and len(words_of(line)) > 2
        and "," not in line
        and len(_CELLS.split(line)) == 1
        and " / " not in line
    )


def _by_words(cell: str, person: Name | None, index: int, lines: list[str]) -> Company | None:
    text = re.sub(r"^(?:for|at|from|dla|w|z)\s+(?=[A-ZŁŚŻ])", "", trim(cell))
    words = words_of(text)
    if (
        not words
        or len(words) > 9
        or is_department(text)
        or is_initials(text)
        or (CONTACT_MARK.search(cell) and not words_of(trim(CONTACT_MARK.split(cell)[0])))
    ):
        return None
    if CONTACT_MARK.search(text):
        text = trim(CONTACT_MARK.split(text)[0])
        words = words_of(text)
        if not words:
            return None
    folded = [fold(word) for word in words]
    if folded[0] in STOP_WORDS and words[0][0].islower():
        return None
    if not is_plausible(text) or in_class(folded[0], "greeting") or any(in_class(word, "asking") for word in folded):
        return None
    if person and _is_just(person, folded):
        return None
    if any(in_class(word, "companyword") for word in folded) or re.match(r"(?i)(?:[pfzuhw]\.\s?){2,4}", text):
        lowered = [word for word in words if word[0].islower() and not in_class(fold(word), "small")]
        proper = any(
            word[0].isupper() and not any(in_class(fold(word), kind) for kind in ("title", "department", "companyword", "small"))
            for word in words
        )
        strong = in_class(folded[0], "companyword") and proper
        if len(lowered) <= 1 and (
            strong
            or not (is_job_title(text) and not any(in_class(word, "companyword") and not in_class(word, "department") for word in folded))
        ):
            return Company(text, cell.strip(), Where.SIGNATURE, 2)
        return None
    if is_job_title(text):
        return None
    if person and person.last and fold(person.last) in folded and len(words) >= 3:
        return Company(text, cell.strip(), Where.SIGNATURE, 2)
    name = as_name(text, Where.SIGNATURE)
    if name and name.full and morphology.is_first_name(words[0]):
        return None
    near = any(_is_person_line(other, person) for other in lines[max(0, index - 3) : index + 2]) if person else False
    if near and capitalised_words(text) and not (len(words) == 1 and morphology.is_first_name(words[0])) and not _is_place(text):
        return Company(text, cell.strip(), Where.SIGNATURE, 1)
    return None


def _is_just(person: Name, folded: list[str]) -> bool:
    names = {fold(part) for name in (person.first, person.last) if name for part in re.split(r"[\s-]", name)}
    if len(folded) <= 3 and folded[0] == fold(person.first or "") and folded[-1] == fold(person.last or ""):
        return True
    return all(word in names or len(word) <= 2 or word in {"inz", "mgr", "dr", "pan", "pani"} for word in folded)


def _is_person_line(line: str, person: Name | None) -> bool:
    folded = fold(line)
    return bool(person and ((person.last and fold(person.last) in folded) or (person.first and fold(person.first) in folded)))


def _is_place(text: str) -> bool:
    """Whether a line is but a town: "Kraków", "Nowy Sącz"."""
    words = words_of(text)
    return len(words) <= 2 and any("nazwa_geograficzna" in form.kinds for form in morphology.forms(words[-1])) and len(words) == 1


_SEPARATORS = re.compile(r"\s+[-–|/]\s+|\s*[|()]\s*|,\s+|\s+(?:z|from|at|via)\s+(?=[A-ZŁŚŻ])")


def in_display(display: str, person: Name | None) -> Company | None:
    """The company in a From name, behind or before a person or department: "Biuro - Pracownia Kropka s.c."."""
    if "@" in display or "_" in display:
        return None
    if has_legal_form(display) and (value := with_legal_form(display)) and is_plausible(value):
        return Company(value, display, Where.SENDER, 3)
    parts = [part for part in _SEPARATORS.split(display) if part and part.strip()]
    for part in [display, *parts] if len(parts) == 1 else parts:
        text = trim(part)
        words = words_of(text)
        folded = [fold(word) for word in words]
        if not words or is_department(text) or (person and _is_just(person, folded)) or not is_plausible(text):
            continue
        shaped = any(in_class(word, "companyword") for word in folded) or re.match(r"(?i)(?:[pfzuhw]\.\s?){2,4}", text)
        if shaped and not (len(words) == 1 and in_class(folded[0], "department")):
            return Company(text, display, Where.SENDER, 2)
        if len(parts) > 1 and not is_job_title(text) and capitalised_words(text) and not as_name(text, Where.SENDER):
            return Company(text, display, Where.SENDER, 1)
        if person is None and len(words) == 1 and text.isupper() and len(text) >= 4:
            return Company(text, display, Where.SENDER, 1)
    return None


def fullest(found: list[Company]) -> Company | None:
    """The most certain one, and of those that name the same company the fullest form; text before signature before From."""
    if not found:
        return None
    first = max(found, key=lambda company: company.sure)
    for company in found:
        if (
            company is not first
            and company.sure >= 2
            and fold(first.value) in fold(company.value)
            and len(company.value) > len(first.value)
        ):
            return company
    return first
