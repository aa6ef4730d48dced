"""Where a mail names its contact: an introduction, a wish whom to call, the signature, the From name."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.inflect import nominative_first, to_nominative
from mailbot.rules.reading.layout import CONTACT_MARK, is_department, is_job_title, opens_valediction, valediction_tail, words_of
from mailbot.rules.reading.person import Name, as_name
from mailbot.rules.reading.words import fold

_SELF = re.compile(
    r"(?:\b(?:nazywam\s+si[eę]|moje\s+(?:imi[eę]\s+i\s+)?nazwisko(?:\s+to)?|my\s+full\s+name\s+is|mam\s+na\s+imi[eę](?:\s+i\s+nazwisko)?|"
    r"my\s+name\s+is|my\s+name's|i\s+am|i'm|this\s+is|z\s+tej\s+strony|tutaj|tu|m[oó]wi|pisze|jestem|here\s+is)[\s:]+)(?=(?:pan\s+|"
    r"pani\s+)?[A-ZŁŚŻŹĆÓŃ])",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:\b(?:dzwoni[cć]\w*|zadzwoni[cć]|zadzwo[nń]\w*|dzwo[nń]cie|oddzwoni[cć]|telefonowa[cć]|kontaktowa[cć]\s+si[eę]|"
    r"kontakt\w*|skontaktowa[cć]\s+si[eę]|umawia[cć]\s+si[eę]|um[oó]wi[cć]\s+si[eę]|rozmawia[cć]|ustala[cć]|"
    r"ustali[cć]|pyta[cć]|prosi[cć]|call|contact|ask|speak|talk|reach|osob\w+\s+(?:do\s+)?kontakt\w*(?:\s+(?:jest|"
    r"b[eę]dzie|to|w\s+tej\s+sprawie))*|contact\s+person(?:\s+(?:is|will\s+be))?|person\s+(?:to\s+contact\s+)?is)"
    r"(?:\s+(?:na\s+miejscu|bezpo[sś]rednio|w\s+tej\s+sprawie|w\s+sprawie\s+\w+|prosz[eę]|jest|najlepiej|tylko|"
    r"raczej|telefoniczn[yie]+|on\s+site|directly|please))*\s*[:\-–]?\s*(?:do|z|ze|o|for|with|to|jest|is|our)?\s+)"
    r"(?:(?:nasz\w*\s+)?[a-ząćęłńóśźż]{4,20},?\s+(?=pan|"
    r"p\.)|(?:nasz\w*|our)\s+[a-ząćęłńóśźż]{4,20},?\s+)?(?P<title>(?:pan\w*|p\.|mr\.?|mrs\.?|ms\.?|kol\.|mn\w+)\s+)?"
    r"(?P<name>[A-ZŁŚŻŹĆÓŃ][^\W\d_]+(?:[ \t]+[A-ZŁŚŻŹĆÓŃ][^\W\d_]+(?:['’\-][^\W\d_]+)*){0,2})",
    re.IGNORECASE,
)
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


def introduced(text: str) -> Name | None:
    """The name behind "Nazywam się", "tu", "my name is" (nominative), when it is one."""
    for match in _SELF.finditer(text[:20000]):
        run = _capital_run(text[match.end() :])
        if run and (
            morphology.is_first_name(run[0])
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
    for match in _CALL.finditer(text[:20000]):
        words = []
        for word in match.group("name").split():
            if not word[0].isupper():
                break
            words.append(word)
        if not words or any(
            in_class(fold(word), "companyword")
            or in_class(fold(word), "department")
            or in_class(fold(word), "own")
            or in_class(fold(word), "greeting")
            or fold(word).startswith("oxi")
            for word in words
        ):
            continue
        english = bool(re.match(r"(?i)call|contact|ask|speak|talk|reach|person", match.group()))
        first_known = nominative_first(words[0]) is not None
        if not first_known and not (len(words) >= 2 and (match.group("title") or not morphology.is_common_word(words[0]))):
            if match.group("title") and len(words) == 1:
                continue
            continue
        governed = not english and not re.search(
            r"(?i)(?:jest|:|–|-)\s*(?:pan\w*\s+|p\.\s+)?$", match.group()[: match.start("name") - match.start()]
        )
        first, last = to_nominative(words[0], words[1] if len(words) > 1 else None, governed)
        return Name(first, last, " ".join(words), Where.TEXT)
    return None


_TRAILING = re.compile(r"[,/|·•–()@]|\s-\s|\t|\s{3,}|\s(?:from|at|z)\s(?=[A-ZŁŚŻ])")


def signed(signature: str, local_part: str = "") -> Name | None:
    """The name that a signature gives, full before half: the first line, or part of a line, that is a person's."""
    half: Name | None = None
    farewell = False  # a single word right behind a farewell is a name, even one that no dictionary knows
    for line in [line for line in signature.split("\n") if line.strip()][:12]:
        opens = opens_valediction(line)
        text = valediction_tail(line) if opens else line
        farewell = opens or (farewell and half is None)
        if not text:
            continue
        for part in [*_TRAILING.split(text), text] if _TRAILING.search(text) else [text]:
            name = _signature_name(part, local_part, farewell)
            if name and name.full:
                return name
            half = half or name
    return half


def _signature_name(part: str, local_part: str, farewell: bool) -> Name | None:
    stripped = CONTACT_MARK.split(part)[0].strip(" /*_,.-–|:;")
    if not stripped or re.search(r"\d", stripped) or is_department(stripped):
        return None
    words = words_of(stripped)
    if is_job_title(stripped) and not (len(words) == 2 and morphology.is_first_name(words[0])):
        return None
    name = as_name(stripped, Where.SIGNATURE, trust=farewell and len(words) == 1, local_part=local_part)
    return name if name and len(words) <= 4 else None


_SPLIT_FROM = re.compile(r"\s+[|–/-]\s+|\s*[|/]\s*|\s*\(\s*|\s*\)\s*|\s+(?:z|from|via|at)\s+(?=[A-Z])")


def from_display(display: str, local_part: str) -> Name | None:
    """The person in a From display name: "KOWALSKI Jan", "Kowalski, Jan", "Jan Kowalski (ABC)"."""
    if "@" in display or re.search(r"\w_\w", display):
        return None
    for part in [*_SPLIT_FROM.split(display), display]:
        name = as_name(part, Where.SENDER, local_part=local_part)
        if name:
            return name
    return None
