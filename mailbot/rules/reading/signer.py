"""Who signs a mail, or sends it: the person in the lines of a signature and in a From name."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    FIRM_PREFIX,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    has_legal_form,
    is_department,
    is_job_title,
    is_place,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.person import Name, address_words, as_name, is_given_name, is_nickname, pieces
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.words import fold

_TRAILING = re.compile(
    r"\s(?:and|&|i|oraz)\s(?:the\s)?(?:team|crew|all|zespół|ekipa|załoga)\b.*$|"
    r"[,/|·•●▪–()\[\]@]|\s-\s|\t|\s{3,}|\s(?:from|at|z|ze|t/a|T/A|trading as|dba)\s(?=\w).*$"
)


_OF = re.compile(r"\s(?:from|at|z|ze)\s(?=[A-ZŁŚŻ])")  # "Kacper z Print-Bis"


def signed(signature: str, local_part: str = "", sender: Name | None = None) -> Name | None:
    """The name that a signature gives: of all lines, and parts of lines, that may be a person's the one for which most speaks."""
    lines = [line for line in signature.split("\n") if line.strip()][:14]
    best: tuple[int, Name] | None = None
    farewell = False  # a single word right behind a farewell is a name, even one that no dictionary knows
    for at, line in enumerate(lines):
        opens = opens_valediction(line)
        text = valediction_tail(line) if opens else line
        farewell = opens or (farewell and best is None)
        if not text:
            continue
        for part in _name_parts(text):
            name = _signature_name(part, local_part, farewell)
            if sender and _is_named(part, sender) and not (name and _words(name) == _words(sender)):
                name = sender
            if name:
                weight = _weigh(name, sender, local_part, farewell) + (at + 1 < len(lines) and is_job_title(lines[at + 1])) - (at > 4)
                if best is None or weight > best[0]:
                    best = weight, name
    if best and sender and sender.full and best[0] < _DOUBTFUL:
        return None
    return best[1] if best else None


_DOUBTFUL = 1  # what a name in a signature weighs at least where the From header has another


_NAMED_AFTER = re.compile(r"\s(?:im\.|imienia)\s")  # a school is named after somebody who does not write


def _name_parts(text: str) -> list[str]:
    """The parts of a line that may be a name: between separators, and at the end of a sole trader's firm: "FHU ZENDRUK Zenon Fikuśny"."""
    if form := LEGAL_FORM.search(text) or LEGAL_FORM_CASED.search(text):
        cells = [cell for cell in re.split(r"\s*[|•·●▪/]\s*|\s[-–]\s|\t", text) if not has_legal_form(cell)]
        return [*cells, *_TRAILING.split(text[: form.start()])[:-1]]  # partners stand behind the form, the firm before it
    text = _NAMED_AFTER.split(text)[0]
    parts = _TRAILING.split(text)
    if len(parts) > 1 and not _OF.search(text):
        parts.append(text)
    words = pieces(_NUMBER.sub("", CONTACT_MARK.split(text)[0]))
    sole = FIRM_PREFIX.match(text) or not any(is_given_name(word) for word in words[:-2])
    if len(words) >= 3 and is_given_name(words[-2]) and sole:
        parts.append(" ".join(words[-2:]))
    return parts


def _words(name: Name) -> set[str]:
    """The words of a name, folded."""
    return {word for half in (name.first, name.last) if half for word in fold(half).split()}


def _is_named(part: str, sender: Name) -> bool:
    """Whether a part of a line begins or ends with the sender's whole name, or is their first name."""
    if not sender.full:
        return False
    theirs = _words(sender)
    words = [fold(word) for word in pieces(part)]
    if words == [fold(sender.first or "")]:
        return True
    return len(words) <= 6 and theirs in (set(words[: len(theirs)]), set(words[-len(theirs) :]))


def _weigh(name: Name, sender: Name | None, local_part: str, farewell: bool) -> int:
    """What speaks for a name in a signature: whole, known to the dictionary, behind the farewell, and as the From header has it."""
    halves = [fold(half) for half in (name.first, name.last) if half]
    weight = 4 * name.full + 3 * (name.first is not None and is_given_name(name.first.split()[0])) + farewell
    weight += name.last is not None and morphology.is_surname(name.last)
    address = address_words(local_part)
    weight += any(half in address for half in halves)
    if sender:
        theirs = {fold(half) for half in (sender.first, sender.last) if half}
        weight -= 4 * (name.full and sender.full and not theirs & set(halves) and not (name.first and is_given_name(name.first)))
        weight += 4 * (name.full and sender.full and theirs == set(halves)) + 2 * bool(theirs & set(halves))
    return weight


_NEVER_IN_A_NAME = re.compile(r"[\d„”\":]")
_NUMBER = re.compile(r"\s*[(+]{0,2}\d[\d ()/-]{6,20}.{0,20}$")


def _signature_name(part: str, local_part: str, farewell: bool) -> Name | None:
    stripped = _NUMBER.sub("", CONTACT_MARK.split(part)[0]).strip(" /*_,.-–|:;")
    if not stripped or _NEVER_IN_A_NAME.search(stripped) or is_department(stripped):
        return None
    words = words_of(stripped)
    if is_job_title(stripped) and not (len(words) == 2 and is_given_name(words[0])):
        return None
    name = as_name(stripped, Where.SIGNATURE, trust=farewell and len(words) == 1, local_part=local_part)
    return name if name and len(words) <= 5 else None


_SPLIT_FROM = re.compile(r"\s+[|–/@-]\s+|\s*[|/]\s*|\s*[(\[]\s*|\s*[)\]]\s*|\s+(?:z|from|via|at)\s+(?=[A-Z])")


def _turned(name: Name, local_part: str) -> Name:
    """A name that no dictionary has, the way its address has it: "Hrytsenko Kostiantyn" of k@…."""
    first, last = name.first or "", name.last or ""
    turned = name.full and not is_given_name(first) and fold(last[:1]) == fold(local_part) != fold(first[:1])
    return Name(last, first, name.text, name.where) if turned else name


def surnamed(signature: str, display: str) -> Name | None:
    """Somebody who signs with an adjective that is a surname, where From has no other name: "Biały"; or "Rudy" of "Rudy Nowak".

    Beside another name in From such a word is how somebody is, "Gruby".
    """
    lines = [line.strip(" -_,.") for line in signature.split("\n") if line.strip() and not opens_valediction(line)]
    word = lines[0] if lines else ""
    if not is_nickname(word) or not word.istitle() or not morphology.is_surname(word):
        return None
    theirs = pieces(display)
    if len(theirs) == 2 and theirs[0] == word and morphology.is_surname(theirs[1]):
        return Name(word, theirs[1], word, Where.SIGNATURE)
    return Name(None, word, word, Where.SIGNATURE)


def _is_of_a_firm(word: str) -> bool:
    """Whether a word is of a trade, a place or the language, and nobody's name; any may be where no dictionary says."""
    return (
        not morphology.available()
        or is_made_up(word)
        or in_class(fold(word), "companyword")
        or is_place(word)
        or morphology.is_known(word.lower())
    )


def from_display(display: str, local_part: str, domain: str = "") -> Name | None:
    """The person in a From display name: "KOWALSKI Jan", "Kowalski, Jan", "Jan Kowalski (ABC)"; none where the domain spells the words."""
    if re.search(r"\S@|\w_\w", display):
        return None
    spelt = fold(domain).replace("-", "").split(".")
    said = words_of(display)
    if len(said) >= 2 and "".join(map(fold, said)) in spelt and not any(map(is_given_name, said)) and any(map(_is_of_a_firm, said)):
        return None  # "Printhouse Radom" of printhouse-radom.example; people have domains of their own as well
    for parts in (_SPLIT_FROM.split(display), display.split(",")):
        names = [name for part in parts if (name := as_name(part, Where.SENDER, local_part=local_part))]
        if names:
            given = next((name for name in names if name.first and is_given_name(name.first.split()[0])), names[0])
            return _turned(next((name for name in names if name.full and (given is names[0] or name is given)), given), local_part)
    words = pieces(display)
    if len(words) >= 3 and is_given_name(words[-2]) and not morphology.is_common_word(words[-1].lower()):
        return as_name(" ".join(words[-2:]), Where.SENDER, local_part=local_part)  # a sole trader's firm ends with the owner
    return None
