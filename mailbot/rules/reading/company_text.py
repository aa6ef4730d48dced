"""The company that running text names as the writer's own: "piszę z firmy Banner Bis"; somebody else's is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.company import Company
from mailbot.rules.reading.company_name import behind_person, named_behind, partners_behind, trim
from mailbot.rules.reading.cues import classes, in_class, squeeze, table
from mailbot.rules.reading.firm import ENOUGH, Writer, agrees, spells_address, weigh
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.introduction import introductions
from mailbot.rules.reading.layout import LEGAL_FORM, LEGAL_FORM_CASED, has_legal_form, is_place, is_whereabouts, words_of
from mailbot.rules.reading.person import as_name, is_given_name, whole_name
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.whose import is_anothers, plays
from mailbot.rules.reading.words import fold

_HERE = re.compile(r"(?i)\b(?:tu|tutaj|z\s+tej\s+strony)(?P<gap>\s+)(?P<first>(?-i:[A-ZŁŚŻ])[\w-]+)")
_OWNS = re.compile(
    r"(?:^|(?<=[.!?] )|(?<=\n))(?P<name>[A-Z][\w&-]*(?: (?:of|and|&|[A-Z][\w&-]*)){1,4})['’]s? (?:\w+ )?"
    r"(?:printer|plotter|cutter|machine)\b"
)
_POSSESSIVE = re.compile(r"['’]s? ")  # "Harbour Ink Cooperative's printer"
_KIND = re.compile(r"(?<![\w.-])(?!Firm\w*\s+(?!\w+ow(?:a|ej|ą)\s))(?P<first>[A-ZŁŚŻ][^\W\d_]+)(?=\s+(?:i\s+)?[A-ZŁŚŻ„\"])")
_KIND_IS = re.compile(r"\b(?P<first>[^\W\d_]{4,})\s+(?:to|is)(?P<gap>\s+)(?=[A-ZŁŚŻŹĆ„\"])")  # "a reklama to Adam Kosela REKLAMA"
_PERSON_OF = re.compile(
    r"(?i:^|[.!?,]\s*|\n|\b(?:tu|tutaj|strony|pozdrawiam|it's|here's),?\s+)(?!(?i:tu|tutaj|it's)\s)(?P<first>[^\W\d_]+)"
    r"(?:\s+[A-ZŁŚŻ][\w-]+)?\s+(?:z|ze|from|at)(?:\s+firmy)?(?P<gap>\s+)(?=[A-ZŁŚŻ0-9\"„])"
)
_NAME = re.compile(r"[\"„“']?[A-ZŁŚŻŹĆÓŃÁÉÍÖÜÄÅØŠČŽ0-9][^\n,;!?()]{1,70}")


_STOP_WORDS = classes()["no_company_word"]


@dataclass(frozen=True, slots=True)
class _Opening:
    """Words that a firm's name follows, and how much they say. `fits`: what their group `first` must be; `inside`: it begins the name."""

    pattern: re.Pattern[str]
    weight: int
    fits: Callable[[str], bool] = bool
    inside: bool = False
    folded: bool = False  # it is looked for in folded text


@cache
def _openings() -> tuple[_Opening, ...]:
    """The openings of `firm_openings.txt`, one pattern a weight, and those that look at the name itself."""
    said: dict[int, list[str]] = {}
    for weight, pattern, _ in table("firm_openings"):
        said.setdefault(int(weight), []).append(pattern)
    told = (
        _Opening(re.compile(rf"\b(?:{'|'.join(patterns)}){_GAP}", re.MULTILINE), weight, folded=True) for weight, patterns in said.items()
    )
    return (
        *told,
        _Opening(_HERE, 3, lambda first: not morphology.is_name_form(first), inside=True),
        _Opening(_PERSON_OF, 2, _is_somebody),
        _Opening(_KIND_IS, 2, is_kind_of_firm),
        _Opening(_KIND, -1, is_kind_of_firm, inside=True),
    )


def _is_somebody(word: str) -> bool:
    return is_given_name(word) and fold(word) not in {"pan", "pani"}


_GAP = (
    r"(?P<gap>(?:[\s:,]|(?<=\s)[–-]|[–-](?=\s))+(?:(?:po\s+prostu|"
    r"wlasciwie|dokladnie|oficjalnie|zwyczajnie|krotko|teraz|dzis|simply|just|now)[\s:,–-]+)?)"
)


_WRAPPED = re.compile(r"(?<=[^\n]{50}[^\n.!?:;])\n(?=\S)")  # a name may stand on two lines of a wrapped text


def in_text(text: str, writer: Writer) -> list[Company]:
    """The companies that running text says the writer to be of, with their weight."""
    text = _WRAPPED.sub(" ", text[:20000])
    found = [
        company
        for opening in _openings()
        for match in _matches(opening, text)
        if ("first" not in opening.pattern.groupindex or opening.fits(match.group("first")))
        and (company := _opened(text, match, opening, writer))
    ]
    found += [*_apposed(text, writer), *_behind_writer(text, writer), *_said_ours(text, writer)]
    if not re.search(r"[A-ZŁŚŻ][a-ząćęłńóśźż]", text):
        found += _in_small_letters(text, writer)
    subjects = [(match.group("name"), match.group()) for match in (_OWNS.finditer(text) if _POSSESSIVE.search(text) else ())]
    subjects += [(run, f"{run} {says}") for run, says in introductions(text)]
    named = (_believed(trim(run), said, 2, writer) for run, said in subjects if not whole_name(run))
    headed = _HEADED.match(text)
    if headed and is_place(headed.group("town")) and (company := _believed(trim(headed.group("name")), headed.group(), 2, writer)):
        found.append(company)
    return [*found, *(company for company in named if company)]


_HEADED = re.compile(r"(?P<name>[A-ZŁŚŻŹĆ][^,\n]{2,40}),\s(?P<town>[A-ZŁŚŻŹĆ][^\W\d_]+)\s?[-–:]\s")
"""A text that begins with the sender: "Złota Igła, Toruń - OXI CUT nie tnie"."""


def _matches(opening: _Opening, text: str) -> Iterator[re.Match[str]]:
    """Where an opening stands; in a text that folding makes longer or shorter only where its letters are plain."""
    folded = fold(text) if opening.folded else text
    return opening.pattern.finditer(folded if len(folded) == len(text) else text.lower())


def _opened(text: str, match: re.Match[str], opening: _Opening, writer: Writer) -> Company | None:
    """The company that an opening leads to, unless it is somebody else's."""
    said = _named_at(text, _with_adjectives(text, match.start("first")) if opening.inside else match.end())
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
    more = opening.weight + 3 * (kind or bool(_OUTRIGHT.search(lead)))
    ahead = text[match.start() : match.end() + len(name) + 60]
    at = max(0, ahead.find(name, max(0, len(match.group()) - len(name))))
    value = named_behind(name, ahead[:at], writer.labels, text)
    return _believed(value, text[match.start() : match.end()] + name, more, writer, called=bool(_CALLED.search(lead)))


_WHERE = re.compile(r"\b(ze?|we?)\s+$")
_OUTRIGHT = re.compile(r"firm|company|nazw|nazyw|szyld|\bzwie|called|named|trad(?:e|ing) as")  # words that give a name and nothing else
_BEHIND = 35  # letters behind a name in which it may be said whose it is
_STRANGER = re.compile(r"\b(?:nasz\w* (?:klient|odbiorc|kontrahent|dostawc)\w*|our (?:customer|client|supplier))\b")
_LENDER = re.compile(r"\b(?:leasing\w*|bank\w*|ubezpiecze\w*)\b")
_SMALL = re.compile(r"(?:[a-ząćęłńóśźż0-9&-]+ ?){1,3}")


_NONE = re.compile(r"\b(?:nie|bez|brak|no|not|without)\b[^.,;]*$")


def _in_small_letters(text: str, writer: Writer) -> list[Company]:
    """The firms in a text without capitals: what the mail address spells, or a word that no dictionary has: "u nas w plakatowni"."""
    found = []
    for opening in _openings():
        for match in () if opening.inside else _matches(opening, text):
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
        said_here = _NAME.match(text, match.end())
        name = _run(said_here.group()) if said_here else None
        if name and (company := _believed(name, f"{before.strip()} {name}", 3, writer)):
            found.append(company)
    return found


def _behind_writer(text: str, writer: Writer) -> list[Company]:
    """The made-up name, or one that the address has, right behind the writer's own: "Dzień dobry Jan Wilk Banerland proszę o serwis"."""
    person = writer.person
    own = f"{person.first} {person.last}" if person and person.full else ""
    at = text.find(f"{own} ") if own else -1
    run = _run(text[at + len(own) :].lstrip()[:_NEAR]) if at >= 0 else None
    if not run or not (any(map(is_made_up, words_of_dashed(run))) or spells_address(words_of(run), writer.labels)):
        return []
    return [company] if (company := _believed(run, run, 2, writer)) else []


def words_of_dashed(text: str) -> list[str]:
    """The words of a text, those with a dash whole: "Agro-Baner"."""
    return [word.strip('.,;:!?()"„”') for word in text.split()]


_OURS_BEHIND = re.compile(
    r"[,(]\s*(?:to\s+(?:jest\s+)?(?:nasz\w*|moj\w*)\s+(?:\w+\s+)?(?:firm\w*|drukarni\w*|pracowni\w*|sklep\w*|zaklad\w*)|"
    r"tak\s+(?:sie\s+)?(?:(?:nasz\w*|moj\w*)\s+)?(?:firm\w*\s+)?(?:sie\s+)?nazyw\w+|"
    r"(?:ktor\w+|gdzie|w\s+ktor\w+|tam|tu)\s+(?:\w+\s+)?(?:prowadz[eiy]\w*|pracuj[eę]\w*|kieruj[eę]\w*|jestem|zarzadza\w*|szefuj\w*)|"
    r"(?:nasz\w*|moj\w*)\s+firm\w*\b|where\s+i\s+work|which\s+(?:i|we)\s+(?:run|own)|(?:that's|it's|which\s+is)\s+(?:us|our\s+\w+|my\s+\w+))"
)
"""What is said of a name behind it when it is the writer's own firm: "w Inicjale (tam jestem operatorem)"."""
_BEFORE_NAME = re.compile(
    r"(?:^|.*[\s(])(?P<case>z|ze|w|we|dla|u|od|of|at|for|from)\s+(?P<name>[^\s,.;()][^,.;()\n]{2,40})$", re.IGNORECASE
)


def _said_ours(text: str, writer: Writer) -> list[Company]:
    """The firms that the words behind them say to be the writer's own."""
    folded = fold(text)
    found = []
    spelt = not re.search(r"[A-ZŁŚŻ][a-ząćęłńóśźż]", text)  # nothing is: what is small may be a name
    for match in _OURS_BEHIND.finditer(folded) if len(folded) == len(text) else ():
        before = _BEFORE_NAME.match(text[max(0, match.start() - 60) : match.start()].rsplit("\n", 1)[-1].rstrip())
        words = before.group("name").split() if before else []
        if before is None or not 1 <= len(words) <= 4 or any(map(morphology.is_finite_verb, words)):
            continue
        value = named_behind(" ".join(words), f"{before.group('case')} ", writer.labels, text)
        if not (spelt and value.islower()):
            value = (_run(value) or "") if value[0].isupper() else ""
        if value and not is_place(value) and (value.islower() or weigh(value, Where.TEXT, writer, 0)):
            found.append(Company(value, squeeze(before.group("name")), Where.TEXT, ENOUGH + 1))
    return found


_QUOTES = '„"“'


def _behind_kind(before: str) -> tuple[str, ...]:
    """The words right before a name that nothing parts from them: the last, or the last but one before an adjective."""
    words = words_of(before)[-2:]
    adjective = bool(words) and morphology.is_adjective(words[-1])
    return words if adjective else words[-1:]


def controller(text: str, writer: Writer) -> list[Company]:
    """The firm that a notice on data protection names: "Administratorem danych jest nasza firma Druk-Raj Anna Lis"."""
    if "dministrator" not in text and "controller" not in text:
        return []
    named = (_named_at(text, match.end()) for match in _CONTROLLER.finditer(text))
    return [company for said in named if said and (company := _believed(said[0], said[0], -1 if has_legal_form(said[0]) else 2, writer))]


_CONTROLLER = re.compile(
    r"(?i)\b(?:administrator\w*[^.\n]{0,80}?\s(?:jest|są)|(?:data\s+)?controller[^.\n]{0,60}?\s(?:is|are))\s*:?\s+"
    r"(?:(?:nasza|the|our)\s+)?(?:firma\s+|spółka\s+|company\s+)?"
)


def _with_adjectives(text: str, at: int) -> int:
    """Where a name begins whose kind stands at a place: the capitalised adjectives before it belong to it, as in "Gminny Ośrodek"."""
    before = re.search(r"(?:[A-ZŁŚŻ][^\W\d_]+ ){1,3}$", text[max(0, at - 80) : at])
    for word in reversed(before.group().split() if before else []):
        if not morphology.is_adjective(word):
            break
        at -= len(word) + 1
    return at


def _is_others(before: str, *, loose: bool) -> bool:
    """Whether the words before a name say that it is a customer's, a supplier's, a technician's."""
    return is_anothers(before, near=loose) and not re.search(r"\b(?:pisz\w*|jestesmy|jestem|my)\b", before)


_ANYTHING = -100  # less than anything can weigh


def _believed(value: str, said: str, more: int, writer: Writer, *, called: bool = False) -> Company | None:
    """The company, when enough speaks for it. `called`: the word "firma" stands right before it, so that it may be a surname or a town."""
    weighed = weigh(value, Where.TEXT, writer, _ANYTHING if called else ENOUGH - more)
    if weighed is None:
        return None
    weight, evidence = weighed
    against = {"a person", "place"} & set(evidence)
    outright = called and bool(re.search(r"firma\s+to\b|nazywa|faktur", fold(said)))
    theirs = outright or not any(is_given_name(word) for word in words_of(value))
    named = called and theirs and not {"job", "department", "prose"} & set(evidence)
    if named and {"place", "the person", "a person"} & set(evidence):
        return Company(value, squeeze(said), Where.TEXT, ENOUGH, evidence)
    if weight + more < ENOUGH or against:
        return None
    return Company(value, squeeze(said), Where.TEXT, weight + more, evidence)


def _named_at(text: str, at: int) -> tuple[str, bool] | None:
    """The name that begins at a place, behind the ordinary words for a kind of firm, and whether there were any."""
    kind = skipped = False
    rest = re.sub(r"^(?:the|[Oo]ur|[Nn]asz\w*)\s+", "", text[at : at + 160].split("\n", 1)[0])
    for _ in range(5):
        if _NAME.match(rest):
            break
        word = re.match(r"([a-ząćęłńóśźż]+)\s+(?:z\s+[A-ZŁŚŻ]\w+\s*[,:–-]?\s+)?[:,–-]?\s*", rest)
        if not word:
            return None
        kind = kind or is_kind_of_firm(word.group(1)) or fold(word.group(1)) in _CREW
        rest, skipped = rest[word.end() :], True
    found = _NAME.match(rest)
    if found is None or (skipped and not kind):
        return None
    office = _OFFICE_OF.match(found.group())
    value = _run(found.group()[office.end() :] if office else found.group())
    return (value, kind) if value else None


_OFFICE_OF = re.compile(
    r"(?:[A-ZŁŚŻŹĆ][^\W\d_]+ ){1,2}(?:office|branch|site|plant|team|shop|studio|workshop|department|print ?room) (?:of|at) (?=[A-Z])"
)
_NEAR = 50  # letters within which the legal form of a name is looked for
_CREW = frozenset(["ekipy", "ekipa", "zalogi", "zaloga", "zespolu", "zespol", "team"])
_BEFORE_THE = frozenset(["of", "o'", "o’", "for", "and", "&"])


def _run(text: str) -> str | None:
    """The company's name at the beginning: up to a legal form, or the capitalised words with what joins them."""
    form = LEGAL_FORM.search(text) or LEGAL_FORM_CASED.search(text)
    if not form or form.end() > _NEAR or not words_of(text[: form.start()]):
        text, form = re.split(r"(?<=[a-ząęłńóśźż0-9\"”]{2})\.(?=\s|$)", text)[0], None
    if form and 1 <= len(words_of(text[: form.start()])) <= 6:  # "AG Grawer" begins with two letters, not with a form
        return trim(text[: form.end()] + partners_behind(form.group(), text[form.end() :]))
    run: list[str] = []
    words = text.split()
    for at, word in enumerate(words):
        bare = word if word in {"o'", "o’"} else word.strip("\"„”.'–-")
        institution = any(in_class(fold(part), "public_body") for part in run[:3])
        follows = any(other[:1].isupper() for other in words[at + 1 : at + 2 + (fold(bare) in {"o'", "of", "for", "o"})])
        title = bare in {"z", "ze", "nad", "pod"} and follows and not _is_somewhere(words[at + 1])  # "Kartka z Podróży"
        joins = title or (
            run
            and follows
            and (
                (in_class(fold(bare), "name_joint") or (bare == "the" and run[-1] in _BEFORE_THE))
                or (institution and bare in {"w", "im", "św", "pw", "na", "dla"})
            )
        )
        if institution and bare == "nr" and words[at + 1 : at + 2] and words[at + 1][0].isdigit():
            joins = True
        if fold(bare).startswith("oxi"):
            break
        if joins or (bare and (bare[0].isupper() or bare[0].isdigit()) and fold(bare) not in _STOP_WORDS - {"i", "and"}):
            run.append(word)
            if word.endswith(("”", ":")):
                break
        else:
            break
    while run and fold(run[-1].strip('"„”.')) in _STOP_WORDS:
        run.pop()
    return trim(" ".join(run)) if run else None


def _is_somewhere(word: str) -> bool:
    """Whether the word behind a preposition is a town or somebody's name, which ends the name before it: "Tukan z Krakowa"."""
    bare = word.strip('"„”.,')
    known = morphology.is_known(bare.lower())
    return not known or any("nazwa_geograficzna" in form.kinds for form in morphology.forms(bare))


def _spelt_before_form(head: str, form: str, writer: Writer) -> list[Company]:
    """A firm in small letters before its legal form, where the mail address says how long the name is: "okienne grafiki spolka z o.o."."""
    words = head.split()[-4:]
    names = (" ".join(words[-size:]) for size in range(1, len(words) + 1))
    return [
        Company(trim(f"{name} {form}"), squeeze(f"{name} {form}"), Where.TEXT, ENOUGH + 2)
        for name in names
        if spells_address(words_of(name), writer.labels)
    ]


def spelt(text: str, writer: Writer) -> list[Company]:
    """The words of a text that the mail address spells, two or three together: "at paper crane" and papercrane."""
    labels = {label.replace("-", "") for label in writer.labels if len(label) >= 6}
    if not labels:
        return []
    words = words_of(text[:5000])
    keys = [fold(word) for word in words]
    found = []
    for size in (2, 3):
        for at in range(len(keys) - size + 1):
            if "".join(keys[at : at + size]) in labels:
                name = " ".join(words[at : at + size])
                if as_name(name, Where.TEXT) is None:
                    found.append(Company(name, name, Where.TEXT, ENOUGH))
    return found


def legal_in_text(text: str, writer: Writer) -> list[Company]:
    """Companies with a legal form in the text, when nothing says that they are somebody else's; the form alone is a weak sign."""
    found = []
    for line in text.split("\n"):
        if len(line) > 600:
            continue
        for part in re.split(r"(?<=[a-z]{3})\.\s|;", line):
            form = LEGAL_FORM.search(part)
            if not form:
                continue
            head = part[: form.start()]
            run = re.search(
                r"((?:[\"„(]?[A-ZŁŚŻŹĆÓŃ][\w&'’-]*[\"”)]?\s+(?:(?:i|&|and|of|van|der|den|de|von|la|\d+)\s+){0,2}){1,6})$", head + " "
            )
            if not run:
                found += _spelt_before_form(head, form.group(), writer)
                continue
            named = re.sub(r"^(?:Firma|Firmy|Firmie|Company|Spółka)\s+", "", run.group(1))
            before = fold(head[: run.start()])
            if (is_anothers(before) or plays("kin", f"{before} ")) and "jako" not in before:
                continue
            value = behind_person(trim(named + form.group() + partners_behind(form.group(), part[form.end() :])), writer.person)
            if weighed := weigh(value, Where.TEXT, writer, ENOUGH + 1):
                found.append(Company(value, value, Where.TEXT, weighed[0] - 1, weighed[1]))
    return found
