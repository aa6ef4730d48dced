"""Where a mail names its contact: an introduction, a wish whom to call, the signature, the From name."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.inflect import nominative_first, nominative_last, to_nominative
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    FIRM_PREFIX,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    has_legal_form,
    is_department,
    is_job_title,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.person import Name, address_words, as_name, is_given_name, is_particle, pieces, whole_name
from mailbot.rules.reading.words import fold

_SELF = re.compile(
    r"(?:\b(?:nazywam\s+si[eę]|moje\s+(?:imi[eę]\s+i\s+)?nazwisko(?:\s+to)?|my\s+full\s+name\s+is|mam\s+na\s+imi[eę](?:\s+i\s+nazwisko)?|"
    r"my\s+name\s+is|my\s+name's|i\s+am|i'm|this\s+is|z\s+tej\s+strony|tutaj|tu|m[oó]wi|pisz[eę](?:\s+ja)?|jestem|it's(?!\w)|here\s+is)[\s:,]+)(?=(?:pan\s+|"
    r"pani\s+)?[A-ZŁŚŻŹĆÓŃ])",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZŁŚŻŹĆÓŃÁÉÍÖÜÄÅØŠČŽ]"
_NAME = (
    r"(?P<title>(?:(?:pan\w*|p\.|mr\.?|mrs\.?|ms\.?|dr\.?|mgr\.?|inż\.|hab\.|prof\.|lek\.|arch\.|kol\.|mn\w+)\s+){1,3})?"
    rf"(?P<name>(?-i:{_CAPITAL}[^\W\d_]+(?:['’\-][^\W\d_]+)*(?:[ \t]+[^\W\d_]+(?:['’\-][^\W\d_]+)*){{0,3}}))"
)
_WISH = (
    r"\b(?:dzwoni[cć](?!\w)|(?:za|od)dzwoni[cć](?!\w)|(?:za|od)?dzwo[nń](?:cie)?(?!\w)|(?:za)?telefonowa[cć](?!\w)|o\s+telefon|"
    r"(?:s?kontaktowa[cć]|uma?wia[cć]|um[oó]wi[cć])\s+si[eę]|kontakt(?:ujcie\s+si[eę])?|rozmawia[cć](?!\w)|ustal(?:a[cć]|i[cć])(?!\w)|"
    r"pyta[cć](?!\w)|prosi[cć](?!\w)|call|ring|phone|contact|ask|speak|talk|reach|get\s+hold\s+of)\b"
)
_CALL = re.compile(
    rf"{_WISH}(?P<gap>(?:\s+(?:p\.|pan\w*\b|(?!państwa|wasz|your)(?-i:[a-ząćęłńóśźż]+)|\d{{1,2}}(?:[:.]\d\d)?),?){{0,8}}?\s*[:(,–-]?\s*){_NAME}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"(?:^|[.!?;\n])\W{{0,4}}(?:[^\W\d_]+[ \t/]+){{0,3}}?(?:kontakt\w*|contact|requester|requestor|reporter|reported\s+by|"
    rf"requested\s+by|caller|(?<!firma )zgłaszając\w*|zgłosił\w*|osob\w+|rozmówc\w+|operator\s+contact)"
    rf"(?P<gap>(?:[ \t/(]+[^\W\d_]+\)?){{0,4}}?\s*[:–-]\s*){_NAME}",
    re.IGNORECASE,
)
_PERSON_IS = re.compile(
    rf"\b(?:osob\w+\s+(?:do\s+)?kontakt\w*|contact\s+person|person\s+to\s+\w+(?:\s+to)?|kontaktem|our\s+contact|(?:site|technical|best)\s+contact)"
    rf"(?P<gap>(?:\s+(?-i:[a-ząćęłńóśźż]+)){{0,6}}?\s*(?:[:–-]\s*)?){_NAME}",
    re.IGNORECASE,
)
_AFTER_NUMBER = re.compile(
    rf"{_WISH}[^\n.!?]{{0,40}}?\d[\d ()-]{{6,16}}\d\s*[,(–-]?\s*(?P<gap>(?:do\s+|pyta[cć]\s+o\s+|ask\s+for\s+)?){_NAME}", re.IGNORECASE
)
_REFERRING = re.compile(
    r"\b(?:do\s+nie(?:go|j)|z\s+ni[mą](?!\w)|o\s+nie(?:go|j)|jemu|(?:call|ring|phone|reach|contact|ask|talk\s+to|speak\s+to|with)\s+(?:him|her|them))\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"[^.!?:\n]{{0,40}}[:–]\s{_NAME}")  # "proszę z nim gadać, nie ze mną: Leon Mrozek"
_OURS = re.compile(r"(?i)\b(?:państwa|wasz\w*|your|oxiprint\w*|serwisant\w*)\b")
_CAPITALISED = re.compile(
    r"^(?:pan[aiueąm]*\s+|p\.\s+|inż\.\s+|mgr\s+|dr\s+)*((?:[^\W\d_]+(?:['’\-][^\W\d_]+)*)(?:[ \t]+[^\W\d_]+(?:['’\-][^\W\d_]+)*){0,3})",
    re.IGNORECASE,
)


def _capital_run(text: str) -> list[str]:
    """The capitalised words at the beginning."""
    found = _CAPITALISED.match(text)
    run: list[str] = []
    for word in found.group(1).split() if found else []:
        if not word[0].isupper() or len(run) == 3:
            break
        run.append(word)
    return run


_HERE = re.compile(rf"(?:^|[.!?,]\s|\n)({_CAPITAL}[^\W\d_]+[ ]{_CAPITAL}[^\W\d_]+)\s(?:here|speaking)\b")


def introduced(text: str) -> Name | None:
    """The name behind "Nazywam się", "tu", "my name is" (nominative), or before "here", when it is one."""
    here = _HERE.search(text[:20000])
    if here and (name := whole_name(here.group(1))):
        return name
    for match in _SELF.finditer(text[:20000]):
        run = _capital_run(text[match.end() :])
        if run and (
            is_given_name(run[0])
            or "nazyw" in match.group().lower()
            or "name" in match.group().lower()
            or (len(run) >= 2 and fold(match.group()).startswith(("z tej", "tu ", "tutaj", "this is")))
        ):
            name = as_name(" ".join(run[:3]), Where.TEXT, trust=True)
            if name and not any(in_class(fold(word), "companyword") or in_class(fold(word), "maker") for word in run[:2]):
                return name
        # "jestem nowym kierownikiem" is no name
    return None


def named_contact(text: str) -> Name | None:
    """The person the mail asks to be called or spoken to, in the nominative."""
    text = text[:20000]
    for pattern, labelled in ((_CALL, False), (_PERSON_IS, True), (_LABEL, True), (_AFTER_NUMBER, False)):
        for match in pattern.finditer(text):
            if not _OURS.search(match.group("gap")) and (name := _called(match, labelled)):
                return name
    return _referred_to(text) or _lower_called(text)


_LOWER = re.compile(
    r"(?:\b(?:dzwoni[cć]|zadzwoni[cć]|telefon|kontakt|do|call|ring|phone|text|ask for)\s+)"
    r"(?P<name>[a-ząćęłńóśźż]{3,15})(?:\s+(?:on|at|pod|na|tel|kom))?"
    r"[\s.:]+\(?\+?\d[\d ()-]{7}"
)


def _lower_called(text: str) -> Name | None:
    """A first name in small letters between a wish and a number: "ring tony on +44 …", "dzwonić do tomka 604 …"."""
    for match in _LOWER.finditer(text):
        word = match.group("name").capitalize()
        first = nominative_first(word) or (word if is_given_name(word) else None)
        if first and not morphology.is_known(match.group("name")):
            return Name(first, None, match.group("name"), Where.TEXT)
    return None


def _called(match: re.Match[str], labelled: bool) -> Name | None:
    """The name behind a wish or a label. `labelled`: the words before it leave no doubt that a person follows."""
    words: list[str] = []
    for word in match.group("name").split():
        if not (word[0].isupper() or (words and is_particle(word))):
            break
        words.append(word)
    while words and is_particle(words[-1]):
        words.pop()
    if not words or any(_is_no_person(word) for word in words):
        return None
    if len(words) == 1 and match.group("title"):
        return _with_first_name(words[0], match)
    if len(words) == 2 and nominative_first(words[0]) is None and is_given_name(words[1]):
        return as_name(" ".join(words), Where.TEXT)  # the surname before the first name
    known = nominative_first(words[0]) is not None
    if not known and not (len(words) >= 2 and (match.group("title") or labelled or not morphology.is_common_word(words[0]))):
        return None
    if (
        not known
        and not labelled
        and not re.search(r"(?:\b(?:do|z|ze|o|for|with|to|our|call|contact|ask|ring)|[:(,])\s*$", match.group("gap"))
        and not match.group("title")
    ):
        return None
    english = re.match(
        r"(?i)call|contact|ask|speak|talk|reach|ring|phone|person|get|our|site|techn|best|request|report", match.group().strip(" .\n")
    )
    governed = not english and not re.search(r"(?i)(?:\b(?:jest|będzie|to)|[:(–-])\s*$", match.group("gap"))
    if len(words) > 2:
        name = as_name(" ".join(words), Where.TEXT, trust=True)
        if name and name.full and not governed:
            return name
    first, last = to_nominative(words[0], words[-1] if len(words) > 1 else None, governed)
    return Name(first, last, " ".join(words), Where.TEXT)


def _with_first_name(word: str, match: re.Match[str]) -> Name | None:
    """Somebody called by title and surname, with the first name that another place of the text gives: "z panem Lampartem"."""
    if morphology.is_name_form(word):
        first = nominative_first(word)
        return Name(first, None, word, Where.TEXT) if first else None
    last = nominative_last(word, fold(match.group("title")).startswith("pani"))
    full = re.search(rf"({_CAPITAL}[^\W\d_]+)\s+{re.escape(last)}(?!\w)", match.string)
    return Name(full.group(1), last, full.group(), Where.TEXT) if full and is_given_name(full.group(1)) else None


def _is_no_person(word: str) -> bool:
    key = fold(word)
    return key.startswith("oxi") or any(
        in_class(key, kind) for kind in ("companyword", "department", "own", "greeting", "maker", "machine")
    )


def _referred_to(text: str) -> Name | None:
    """The person named shortly before "proszę do niego dzwonić", "please call him"."""
    for match in _REFERRING.finditer(text):
        before = re.split(r"\n\s*\n", text[max(0, match.start() - 200) : match.start()])[-1]
        clause = " ".join(re.split(r"(?<=[a-ząćęłńóśźż]{3})[.!?]\s", before)[-2:])
        behind = _BEHIND.match(text, match.end())
        if behind and is_given_name(behind.group("name").split()[0]) and (name := as_name(behind.group("name"), Where.TEXT)) and name.full:
            return name
        if _OURS.search(clause) or not re.search(
            rf"(?i){_WISH}|prosz[eę]|please|\d{{3}}", text[match.start() - 30 if match.start() > 30 else 0 : match.end() + 60]
        ):
            continue
        for found in reversed(list(re.finditer(_NAME, clause))):
            words = found.group("name").split()
            if len(words) >= 2 and words[1][0].isupper() and is_given_name(words[0]) and not any(map(_is_no_person, words[:2])):
                return as_name(" ".join(words[:2]), Where.TEXT)
    return None


_TRAILING = re.compile(r"[,/|·•●▪–()\[\]@]|\s-\s|\t|\s{3,}|\s(?:from|at|z|ze|t/a|T/A|trading as|dba)\s(?=\w).*$")


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
    words = pieces(text)
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


def from_display(display: str, local_part: str) -> Name | None:
    """The person in a From display name: "KOWALSKI Jan", "Kowalski, Jan", "Jan Kowalski (ABC)"."""
    if re.search(r"\S@|\w_\w", display):
        return None
    for parts in (_SPLIT_FROM.split(display), display.split(",")):
        names = [name for part in parts if (name := as_name(part, Where.SENDER, local_part=local_part))]
        if names:
            given = next((name for name in names if name.first and is_given_name(name.first.split()[0])), names[0])
            return next((name for name in names if name.full and (given is names[0] or name is given)), given)
    words = pieces(display)
    if len(words) >= 3 and is_given_name(words[-2]) and not morphology.is_common_word(words[-1].lower()):
        return as_name(" ".join(words[-2:]), Where.SENDER, local_part=local_part)  # a sole trader's firm ends with the owner
    return None
