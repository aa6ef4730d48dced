"""Whom a mail asks to be called or spoken to: the person behind a wish, a label, or "proszę do niego dzwonić"."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.inflect import nominative_first, nominative_last, to_nominative
from mailbot.rules.reading.person import CAPITAL, Name, as_name, is_given_name, is_particle, whole_name
from mailbot.rules.reading.words import fold

_NAME = (
    r"(?P<title>(?:(?:pan\w*|p\.|mr\.?|mrs\.?|ms\.?|dr\.?|mgr\.?|inż\.|hab\.|prof\.|lek\.|arch\.|kol\.|mn\w+)\s+){1,3})?"
    rf"(?P<name>(?-i:{CAPITAL}[^\W\d_]+(?:['’\-][^\W\d_]+)*(?:[ \t]+[^\W\d_]+(?:['’\-][^\W\d_]+)*){{0,3}}))"
)
_WISH = (
    r"\b(?:dzwoni[cć](?!\w)|(?:za|od)dzwoni[cć](?!\w)|(?:za|od)?dzwo[nń](?:cie)?(?!\w)|(?:za)?telefonowa[cć](?!\w)|o\s+telefon|"
    r"(?:s?kontaktowa[cć]|uma?wia[cć]|um[oó]wi[cć])(?:\s+si[eę])?(?!\w)|kontakt(?:ujcie\s+si[eę])?|rozmawia[cć](?!\w)|"
    r"gada[cć](?!\w)|ustal(?:a[cć]|i[cć])(?!\w)|"
    r"pyta[cć](?!\w)|prosi[cć](?!\w)|call|ring|phone|contact|ask|speak|talk|reach|get\s+hold\s+of)\b"
)
_CALL = re.compile(
    rf"{_WISH}(?P<gap>(?:\s+(?:p\.|pan\w*\b|(?!państwa|wasz|your)(?-i:[a-ząćęłńóśźż]+)|\d{{1,2}}(?:[:.]\d\d)?),?){{0,8}}?\s*[:(,–-]?\s*){_NAME}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"(?:^|[.!?;\n])\W{{0,4}}(?:[^\W\d_]+[ \t/]+){{0,3}}?(?:kontakt\w*|contact|requester|requestor|reporter|reported\s+by|"
    rf"requested\s+by|caller|(?<!firma )zgłaszając\w*|zgłosił\w*|osob\w+|rozmówc\w+|operator\s+contact|"
    rf"spraw[eę]\s+prowadzi|prowadz\w+\s+spraw[eę]|odpowiedzialn\w+|odpowiada|koordynuje|responsible|in\s+charge|handled\s+by)"
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
_DIGIT = re.compile(r"\d")
_REFERRING = re.compile(
    r"\b(?:do\s+nie(?:go|j)|z\s+ni[mą](?!\w)|o\s+nie(?:go|j)|jemu|(?:call|ring|phone|reach|contact|ask|talk\s+to|speak\s+to|with)\s+(?:him|her|them))\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"[^.!?:\n]{{0,40}}[:–]\s{_NAME}")  # "proszę z nim gadać, nie ze mną: Leon Mrozek"
_OURS = re.compile(r"(?i)\b(?:państwa|wasz\w*|your|oxiprint\w*|serwisant\w*)\b")


def named_contact(text: str) -> Name | None:
    """The person the mail asks to be called or spoken to, in the nominative."""
    text = text[:20000]
    for pattern, labelled in ((_CALL, False), (_PERSON_IS, True), (_LABEL, True), (_AFTER_NUMBER, False)):
        if pattern is _AFTER_NUMBER and not _DIGIT.search(text):
            continue
        for match in pattern.finditer(text):
            if not _OURS.search(match.group("gap")) and (name := _called(match, labelled)):
                return name
    return _referred_to(text) or _lower_called(text)


_LOWER = re.compile(
    r"(?:\b(?:dzwoni[cć]|zadzwoni[cć]|telefon|kontakt|do|call|ring|phone|text|ask for)\s+)"
    r"(?P<name>[a-ząćęłńóśźż]{3,15})(?:\s+(?:on|at|pod|na|tel|kom))?"
    r"[\s.:]+\(?\+?\d[\d ()-]{7}"
)


_ENGLISH_WISH = re.compile(r"call|ring|phone|text|ask")


def _lower_called(text: str) -> Name | None:
    """A first name in small letters between a wish and a number: "ring tony on +44 …", "dzwonić do tomka 604 …"."""
    for match in _LOWER.finditer(text):
        word = match.group("name").capitalize()
        first = nominative_first(word) or (word if is_given_name(word) else None)
        if first and (_ENGLISH_WISH.match(match.group()) or not morphology.is_known(match.group("name"))):
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
    if not known and not labelled and len(words) == 1 and _NUMBER_BEHIND.match(match.string, match.start("name") + len(words[0])):
        ordinary = morphology.is_known(words[0].lower()) or fold(words[0]) in _DAYS
        return None if ordinary and not is_given_name(words[0]) else Name(words[0], None, words[0], Where.TEXT)
    if not known and not (len(words) >= 2 and (match.group("title") or labelled or not morphology.is_common_word(words[0]))):
        return None
    if (
        not known
        and not labelled
        and not re.search(r"(?:\b(?:do|z|ze|o|for|with|to|our|call|contact|ask|ring)|[:(,])\s*$", match.group("gap"))
        and not match.group("title")
    ):
        return None
    english = _ENGLISH.match(match.group().strip(" .\n"))
    governed = not english and not re.search(r"(?i)(?:\b(?:jest|będzie|to)|[:(–-])\s*$", match.group("gap"))
    if len(words) > 2:
        name = as_name(" ".join(words), Where.TEXT, trust=True)
        if name and name.full and not governed:
            return name
    first, last = to_nominative(words[0], words[-1] if len(words) > 1 else None, governed)
    behind = _BRACKETED.match(match.string, match.start("name") + len(" ".join(words)))
    if behind and last and (whole := whole_name(behind.group(1))) and fold(whole.last or "") == fold(last):
        return whole  # "z Kubą Żurawiem (Jakub Żuraw, 733 …)"
    return Name(first, last, " ".join(words), Where.TEXT)


_ENGLISH = re.compile(
    r"(?i)call|contact|ask|speak|talk|reach|ring|phone|person|get|our|site|techn|best|request|report|respons|handled|in\s+ch"
)
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "tomorrow", "anytime"])
_BRACKETED = re.compile(r"\s?\(([^(),\n]{3,60})")
_NUMBER_BEHIND = re.compile(r"[ ,]{1,2}(?:on|at|pod|na|tel\.?|kom\.?|nr)? ?\(?\+?\d[\d ()-]{7}")  # "call Moses on +353 …"


def _with_first_name(word: str, match: re.Match[str]) -> Name | None:
    """Somebody called by title and surname, with the first name that another place of the text gives: "z panem Lampartem"."""
    if morphology.is_name_form(word):
        first = nominative_first(word)
        return Name(first, None, word, Where.TEXT) if first else None
    last = nominative_last(word, fold(match.group("title")).startswith("pani"))
    full = re.search(rf"({CAPITAL}[^\W\d_]+)\s+{re.escape(last)}(?!\w)", match.string)
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
        if behind and (name := _whole_pair(behind.group("name"))):
            return name
        if _OURS.search(clause) or not re.search(
            rf"(?i){_WISH}|prosz[eę]|please|\d{{3}}", text[match.start() - 30 if match.start() > 30 else 0 : match.end() + 60]
        ):
            continue
        if name := _whole_pair(clause):
            return name
    return None


_PAIR = re.compile(rf"(?=(?<![\w-])({CAPITAL}[^\W\d_]+ {CAPITAL}[^\W\d_]+(?:-{CAPITAL}[^\W\d_]+)?))")


def _whole_pair(text: str) -> Name | None:
    """The last whole name that stands in a text: "Szefowa to Bogna Malec"."""
    pairs = [pair for pair in _PAIR.findall(text) if not any(map(_is_no_person, pair.split()))]
    return next((name for pair in reversed(pairs) if (name := whole_name(pair))), None)
