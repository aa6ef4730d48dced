"""The company that running text names as the writer's own: "piszę z firmy Banner Bis"; somebody else's is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.company import Company, believed
from mailbot.rules.reading.company_name import behind_person, named_behind, trim
from mailbot.rules.reading.cues import in_class, squeeze, table
from mailbot.rules.reading.firm import ENOUGH, Writer, agrees, spells_address, weigh
from mailbot.rules.reading.firm_openings import Opening, openings, openings_in
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.introduction import introductions
from mailbot.rules.reading.layout import has_legal_form, is_place, is_whereabouts, words_of
from mailbot.rules.reading.name_run import NAME, named_at, run_of, with_adjectives
from mailbot.rules.reading.person import whole_name
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.whose import is_anothers, plays, tells_of_another
from mailbot.rules.reading.words import fold

_OWNS = re.compile(
    r"(?:^|(?<=[.!?] )|(?<=\n))(?P<name>[A-Z][\w&-]*(?: (?:of|and|&|[A-Z][\w&-]*)){1,4})['’]s? (?:\w+ )?"
    r"(?:printer|plotter|cutter|machine)\b"
)
_POSSESSIVE = re.compile(r"['’]s? ")  # "Harbour Ink Cooperative's printer"
_WRAPPED = re.compile(r"(?<=[^\n]{50}[^\n.!?:;])\n(?=\S)")  # a name may stand on two lines of a wrapped text


def in_text(text: str, writer: Writer) -> list[Company]:
    """The companies that running text says the writer to be of, with their weight."""
    text = _WRAPPED.sub(" ", text[:20000])
    found = [
        company
        for opening in openings()
        for match in openings_in(opening, text)
        if ("first" not in opening.pattern.groupindex or opening.fits(match.group("first")))
        and (company := _opened(text, match, opening, writer))
    ]
    found += [*_apposed(text, writer), *_behind_writer(text, writer), *_said_ours(text, writer)]
    if not re.search(r"[A-ZŁŚŻ][a-ząćęłńóśźż]", text):
        found += _in_small_letters(text, writer)
    owners = _OWNS.finditer(text) if _POSSESSIVE.search(text) else ()
    subjects = [(match.group("name"), match.group()) for match in owners if _is_own(match, writer)]
    subjects += [(run, f"{run} {says}") for run, says in introductions(text)]
    named = (believed(behind_person(trim(run), writer.person), said, 2, writer) for run, said in subjects if not whole_name(run))
    headed = _HEADED.match(text)
    if headed and is_place(headed.group("town")) and (company := believed(trim(headed.group("name")), headed.group(), 2, writer)):
        found.append(company)
    return [*found, *(company for company in named if company)]


_OURS = re.compile(r"(?i)\b(?:our|ours|my|mine|we|us|i|same|too|also|neighbou?r\w*)\b")


def _is_own(owner: re.Match[str], writer: Writer) -> bool:
    """Whether the machine of a firm is the writer's: the address agrees, or it opens a mail that speaks of none of their own.

    "Bright Signs's machine does the same. Our OXIJET …" is about a neighbour.
    """
    alone = not owner.string[: owner.start()].strip() and not _OURS.search(owner.string)
    return alone or agrees(owner.group("name"), writer.labels)


_HEADED = re.compile(r"(?P<name>[A-ZŁŚŻŹĆ][^,\n]{2,40}),\s(?P<town>[A-ZŁŚŻŹĆ][^\W\d_]+)\s?[-–:]\s")
"""A text that begins with the sender: "Złota Igła, Toruń - OXI CUT nie tnie"."""


def _opened(text: str, match: re.Match[str], opening: Opening, writer: Writer) -> Company | None:
    """The company that an opening leads to, unless it is somebody else's."""
    said = named_at(text, with_adjectives(text, match.start("first")) if opening.inside else match.end())
    before, lead = fold(text[max(0, match.start() - 30) : match.start()]), fold(match.group())
    if said is None or (lead.startswith("firmy") and re.search(r"(?:[A-Z]\w*|\d)\s+$", text[: match.start()][-30:])):
        return None  # "SignMagic Pro 12 firmy Softlabo": who makes it
    if plays("kin", before):
        return None
    if opening.weight <= 1 and _is_others(before, loose=opening.inside):
        return None
    name, kind = said
    preposition = _WHERE.search(lead)
    if preposition and not agrees(name, writer.labels) and is_whereabouts(name, preposition.group(1)):
        return None
    behind = fold(text[match.end() : match.end() + len(name) + _BEHIND])
    if _STRANGER.search(behind) or (_LENDER.search(fold(name)) and not agrees(name, writer.labels)):
        return None
    if _RUNS.search(lead) and _GOES_ON.match(text, text.find(name, match.end() - len(name)) + len(name)):
        return None
    more = opening.weight + 3 * (kind or bool(_OUTRIGHT.search(lead)))
    ahead = text[match.start() : match.end() + len(name) + 60]
    at = max(0, ahead.find(name, max(0, len(match.group()) - len(name))))
    value = named_behind(name, ahead[:at], writer.labels, text)
    company = believed(value, text[match.start() : match.end()] + name, more, writer, called=bool(_CALLED.search(lead)))
    told = (
        opening.weight < _OUTSPOKEN
        and has_legal_form(name)
        and tells_of_another(text[max(0, match.start() - _TOLD) : match.end()], writer.person)
    )
    return replace(company, weight=ENOUGH) if company and told else company  # what is signed goes before


_RUNS = re.compile(r"\b(?:runs?|owns?)\s+$")
_GOES_ON = re.compile(
    r"\s(?!(?:in|at|and|with|near|on|for|from|since|as|but|who|which|that|here|together)\b)[a-z]{3,}"
)  # "who runs Excel sheets"
_WHERE = re.compile(r"\b(ze?|we?)\s+$")
_OUTRIGHT = re.compile(r"firm|company|nazw|nazyw|szyld|\bzwie|called|named|trad(?:e|ing) as")  # words that give a name and nothing else
_OUTSPOKEN = 3  # the weight of words that nobody says of another's firm
_TOLD = 120  # letters before a firm in which somebody else may be told of
_BEHIND = 35  # letters behind a name in which it may be said whose it is
_STRANGER = re.compile(r"\b(?:nasz\w* (?:klient|odbiorc|kontrahent|dostawc)\w*|our (?:customer|client|supplier))\b")
_LENDER = re.compile(r"\b(?:leasing\w*|bank\w*|ubezpiecze\w*)\b")
_SMALL = re.compile(r"(?:[a-ząćęłńóśźż0-9&-]+ ?){1,3}")


_NONE = re.compile(r"\b(?:nie|bez|brak|no|not|without)\b[^.,;]*$")


def _in_small_letters(text: str, writer: Writer) -> list[Company]:
    """The firms in a text without capitals: what the mail address spells, or a word that no dictionary has: "u nas w plakatowni"."""
    found = []
    for opening in openings():
        for match in () if opening.inside else openings_in(opening, text):
            denied = _NONE.search(fold(text[max(0, match.start() - 30) : match.start()]))
            said = None if denied else _SMALL.match(text, match.end())
            words = said.group().split() if said else []
            while words and (morphology.is_verb(words[-1]) or len(words[-1]) < 3):
                words.pop()
            whole = bool(_CALLED.search(match.group()) and said and text[said.end() : said.end() + 1] in ("", ".", ",", ";", ":", "\n"))
            for size in range(len(words), 0, -1):
                value = named_behind(" ".join(words[:size]), match.group(), writer.labels, text)
                coined = size == 1 and len(value) >= 5 and not morphology.is_known(words[0]) and not in_class(fold(value), "machine")
                if coined or (whole and size == len(words)) or spells_address(words_of(value), writer.labels):
                    found.append(Company(value, squeeze(text[match.start() : match.end()] + words[0]), Where.TEXT, ENOUGH + size))
                    break
    return found


_CALLED = re.compile(
    r"(?i)\b(?:firm(?:a|y|e|ie|ą|ę)(?:\s+to|\s+do\s+\w+)?|nazywa\s+sie|called|named)"
    r"(?:\s+(?:po\s+prostu|zwyczajnie|just|simply))?[\s:,–-]+$"
)
_BESIDE = re.compile(r"(?:,\s|\s?\(|:\s|\s[–—-]\s|\s(?=[„\"“])|(?<=[a-ząćęłńóśźż])\s)(?=[A-ZŁŚŻŹĆÓ0-9„\"“])")
_WE = re.compile(
    r"\b(?:jest\w+|tu|tutaj|wlasciciel\w*|jako|"
    r"przej[ae]\w*|otw[ao]\w+|zaloz\w+|kieruj\w+|zarzadz\w+|odziedzicz\w+|took over|opened|"
    r"pisz\w+|mamy|mam|mala|maly|prowadz\w+|dziala\w+|dzwoni\w+|nasz\w*|moj\w*|u nas|my|we|our|i run|small)\b"
)


def _apposed(text: str, writer: Writer) -> list[Company]:
    """The names set beside a kind of firm that the writer says to be theirs: "piszę z drukarni na Lipowej, Kram-Druk"."""
    found = []
    for match in _BESIDE.finditer(text):
        before = re.split(r"(?<=\w{3})[.!?]\s|\n|,\s", text[max(0, match.start() - 90) : match.start()])[-1]
        said = fold(before)
        if not _WE.search(said) or plays("kin", said) or is_anothers(said):
            continue
        words = words_of(before)[-6:] if match.group() != " " or text[match.end()] in _QUOTES else _behind_kind(before)
        if not any(word[0].islower() and is_kind_of_firm(word) for word in words):
            continue
        said_here = NAME.match(text, match.end())
        name = run_of(said_here.group()) if said_here else None
        if name and (company := believed(name, f"{before.strip()} {name}", 3, writer)):
            found.append(company)
    return found


_BEHIND_WRITER = 50  # letters in which a name may stand behind the writer's


def _behind_writer(text: str, writer: Writer) -> list[Company]:
    """The made-up name, or one that the address has, right behind the writer's own: "Dzień dobry Jan Wilk Banerland proszę o serwis"."""
    person = writer.person
    own = f"{person.first} {person.last}" if person and person.full else ""
    at = text.find(f"{own} ") if own else -1
    rest = text[at + len(own) :].lstrip() if at >= 0 else ""
    run = run_of(rest[:_BEHIND_WRITER]) if rest else None
    if not run:
        return []
    whole = [word.strip('.,;:!?()"„”') for word in run.split()]  # "Agro-Baner" is one
    made_up = any(map(is_made_up, whole)) and (agrees(run, writer.labels) or not _is_told_of(rest[rest.find(run) + len(run) :]))
    if not (made_up or spells_address(words_of(run), writer.labels)):
        return []
    return [company] if (company := believed(run, run, 2, writer)) else []


_PARTICLES = frozenset(["nie", "sie", "znow", "znowu", "ciagle", "nadal", "juz", "wciaz", "not", "again", "still"])
_ASKS = re.compile(r"\W*(?:prosi|zglasza|informuje|melduje|pisze|zwraca|ma|potrzebuje|pyta)\b")


def _is_told_of(after: str) -> bool:
    """Whether what follows a name tells what it does, as of a machine: "Foliomat nie grzeje"; a firm asks and reports."""
    words = words_of(after.split("\n", 1)[0][:40])
    rest = next((word for word in words if fold(word) not in _PARTICLES), "")
    return rest[:1].islower() and morphology.is_third_person(rest) and not _ASKS.match(fold(after))


@cache
def _ours_behind(*, plain: bool) -> re.Pattern[str]:
    """What is said of a name behind it when it is the writer's own firm: "w Inicjale (tam jestem operatorem)"."""
    said = "|".join(pattern for pattern, _ in table("ours_behind"))
    return re.compile(rf"[,(]\s*(?:{fold(said) if plain else said})")


_BEFORE_NAME = re.compile(
    r"(?:^|.*[\s(])(?P<case>z|ze|w|we|dla|u|od|of|at|for|from)\s+(?P<name>[^\s,.;()][^,.;()\n]{2,40})$", re.IGNORECASE
)


_POLISH = re.compile(r"[ąćęłńóśźż]")


def _said_ours(text: str, writer: Writer) -> list[Company]:
    """The firms that the words behind them say to be the writer's own."""
    plain = not _POLISH.search(text)  # only then "pracuje" may be meant for "pracuję"
    folded = fold(text) if plain else text.lower().replace("’", "'")
    found = []
    spelt = not re.search(r"[A-ZŁŚŻ][a-ząćęłńóśźż]", text)  # nothing is: what is small may be a name
    for match in _ours_behind(plain=plain).finditer(folded) if len(folded) == len(text) else ():
        before = _BEFORE_NAME.match(text[max(0, match.start() - 60) : match.start()].rsplit("\n", 1)[-1].rstrip())
        words = before.group("name").split() if before else []
        if before is None or not 1 <= len(words) <= 4 or any(map(morphology.is_finite_verb, words)):
            continue
        place = is_whereabouts(words[-1], fold(before.group("case"))) or in_class(fold(words[-1]), "town")
        if place and not agrees(words[-1], writer.labels):
            continue
        value = named_behind(" ".join(words), f"{before.group('case')} ", writer.labels, text)
        if not (spelt and value.islower()):
            value = (run_of(value) or "") if value[0].isupper() else ""
        if value and not is_place(value) and (value.islower() or weigh(value, Where.TEXT, writer, 0)):
            found.append(Company(value, squeeze(before.group("name")), Where.TEXT, ENOUGH + 1))
    return found


_QUOTES = '„"“'


def _behind_kind(before: str) -> tuple[str, ...]:
    """The words right before a name that nothing parts from them: the last, or the last but one before an adjective."""
    words = words_of(before)[-2:]
    adjective = bool(words) and morphology.is_adjective(words[-1])
    return words if adjective else words[-1:]


def _is_others(before: str, *, loose: bool) -> bool:
    """Whether the words before a name say that it is a customer's, a supplier's, a technician's."""
    return is_anothers(before, near=loose) and not re.search(r"\b(?:pisz\w*|jestesmy|jestem|my)\b", before)
