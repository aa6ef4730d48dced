"""Who writes: first and last name in the nominative, from an introduction, a wish whom to call, the signature or the From name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    has_legal_form,
    is_department,
    is_initials,
    is_job_title,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.words import fold, sentences

_NAME_WORD = re.compile(r"^[^\W\d_]+(?:['’][^\W\d_]+)*(?:-[^\W\d_]+)*$")
_PIECE = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_PARTICLES = frozenset(["von", "van", "der", "de", "da", "di", "del", "la", "le", "den", "ten", "ter", "al", "bin", "ibn", "dos"])


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name as far as given."""

    first: str | None
    last: str | None
    text: str
    where: Where
    correction: bool = False

    @property
    def full(self) -> bool:
        """Whether both halves are there."""
        return bool(self.first and self.last)


def _case(word: str) -> str:
    """KOWALSKI -> Kowalski, kowalska-nowak -> Kowalska-Nowak; McInkwell stays."""
    if word.isupper() or word.islower():
        return "-".join(part[:1].upper() + part[1:].lower() for part in re.split(r"-", word)) if "'" not in word else word.title()
    return word


def _cleaned(text: str) -> str:
    text = re.sub(r"\((?:[^()]{0,60})\)|\[[^\]]{0,60}\]", " ", text)
    text = re.sub(
        r"(?i)(?<!\w)(?:dr hab|dr|inż|mgr|prof|lic|hab|mr|mrs|ms|miss|sir|pan|pani|p|herr|frau|dipl|ing|arch|tech|"
        r"eng)\b\.?(?:-ing\.?)?(?=\s|,|/)\s*,?",
        " ",
        text,
    )
    return re.sub(r"(?i)(?:,|\s)\s*(?:ph\.?d|mba|msc|m\.sc|bsc|junior|jr|senior)\b\.?", " ", text)


def pieces(text: str) -> list[str]:
    """The words of a name line, titles dropped."""
    return [word for word in _PIECE.findall(_cleaned(text)) if word not in {"-", "'"}]


def as_name(text: str, where: Where, *, trust: bool = False, local_part: str = "") -> Name | None:
    """A line, or a From name, as a person's name, else None. `trust`: the place says that it is one (a label, an introduction)."""
    stripped = text.strip(" \t*_\"'„”,.;:!/\\|–-~")
    if not stripped or re.search(r"[@\d]|https?:", stripped) or is_initials(stripped):
        return None
    comma = [part.strip() for part in _cleaned(stripped).split(",") if part.strip()]
    if (
        len(comma) == 2
        and all(len(pieces(part)) == 1 for part in comma)
        and not (has_legal_form(stripped) or is_department(comma[1]) or is_job_title(comma[1]))
    ):
        first, last = pieces(comma[1])[0], pieces(comma[0])[0]
        if not (morphology.is_first_name(last) and not morphology.is_first_name(first)):
            return Name(_case(first), _case(last), stripped, where)
        return Name(_case(last), _case(first), stripped, where)
    words = pieces(stripped)
    if not words or len(words) > 5 or any(len(word) > 25 for word in words):
        return None
    whole = [word for word in words if not _is_initial(word, stripped)]
    if len(whole) < len(words) and len(words) <= 3:
        if len(whole) != 1:
            words = whole
        elif words[0] in whole:  # "Marek W."
            return _single(whole[0], stripped, where, trust)
        else:  # "J. Kowalski"
            return Name(None, _case(whole[0]), stripped, where) if whole[0][0].isupper() and not _is_firm_word(whole[0]) else None
    if not words:
        return None
    if len(words) == 1:
        known_address = fold(words[0]) in re.split(r"[._\-+\d]+", fold(local_part))
        return _single(words[0], stripped, where, trust or known_address or (not morphology.available() and words[0].istitle()))
    if not trust and not _is_name_like(words, local_part):
        return None
    return _ordered(words, stripped, where)


def _is_initial(word: str, text: str) -> bool:
    """Whether a word of a name is but its first letters: "J.", "K", "Cz."."""
    return len(word) == 1 or (len(word) == 2 and word[0].isupper() and re.search(rf"(?<!\w){word}\.", text) is not None)


def _is_firm_word(word: str) -> bool:
    return any(in_class(fold(word), kind) for kind in ("department", "companyword", "greeting", "own", "title"))


def _single(word: str, text: str, where: Where, trust: bool) -> Name | None:
    if (
        len(word) < 2
        or in_class(fold(word), "department")
        or in_class(fold(word), "greeting")
        or in_class(fold(word), "companyword")
        or in_class(fold(word), "own")
    ):
        return None
    if "_" in text or re.search(r"\d", text):
        return None
    if morphology.is_first_name(word):
        return Name(_case(word), None, text, where)
    if morphology.is_surname(word) and not morphology.is_common_word(word):
        return Name(None, _case(word), text, where)
    if trust and not word.isupper() and not morphology.is_common_word(word) and not morphology.is_finite_verb(word):
        return Name(_case(word), None, text, where)
    return None


_FIRM_ENDINGS = frozenset(
    [
        "druk",
        "druki",
        "print",
        "prints",
        "printing",
        "reklama",
        "reklamy",
        "studio",
        "media",
        "design",
        "group",
        "grupa",
        "serwis",
        "press",
        "graphics",
        "sign",
        "signs",
        "art",
        "foto",
        "poligrafia",
        "drukarnia",
        "firma",
        "agencja",
        "pracownia",
        "polska",
        "works",
        "shop",
    ]
)


def _is_name_like(words: list[str], local_part: str) -> bool:
    """Whether two or more words look like a person: a known first name, or the local part of the address says so, or foreign words."""
    folded = [fold(word) for word in words]
    if has_legal_form(" ".join(words)) or any(in_class(word, "maker") or word.startswith("oxi") for word in folded):
        return False
    known = [morphology.is_first_name(word) for word in words]
    local = re.split(r"[._\-+\d]+", fold(local_part))
    if len(words) == 2 and set(folded) <= set(local) and not any(in_class(word, "department") for word in folded):
        return True
    if len(words) == 2 and known[0] and words[1][0].isupper() and folded[1] not in _FIRM_ENDINGS and not in_class(folded[1], "department"):
        return True
    bad = [
        in_class(word, "department") or in_class(word, "companyword") or in_class(word, "greeting") or in_class(word, "own")
        for word in folded
    ]
    if any(known) and not all(known[i] or bad[i] for i in range(len(words))):
        return not any(bad[i] for i in range(len(words)) if not known[i] and i == 0) and sum(bad) == 0
    if all(known):
        return True
    if any(bad):
        return False
    lowered = [word for word in words if word[0].islower() and word not in _PARTICLES]
    if lowered:
        return False
    if any(word in local or (local and "".join(folded) == "".join(local)) for word in folded):
        return not any(morphology.is_common_word(word) for word in words[:1])
    if morphology.available():
        common = [morphology.is_common_word(word) for word in words]
        return not common[0] and len(words) in (2, 3) and not (common[1] and len(words) == 3)
    return len(words) in (2, 3)


def _ordered(words: list[str], text: str, where: Where) -> Name:
    upper = [len(word) > 1 and word.isupper() for word in words]
    known = [morphology.is_first_name(word) for word in words]
    if (
        (len(words) == 2 and upper[0] and not upper[1])
        or (
            known[-1]
            and not known[0]
            and not upper[-1]
            and len(words) == 2
            and (morphology.is_surname(words[0]) or all(upper) or not morphology.is_surname(words[-1]))
        )
        or (all(upper) and known[-1] and not known[0] and len(words) == 2)
    ):
        first, last = words[1:], words[:1]
    elif len(words) >= 3 and fold(words[-2]) in _PARTICLES:
        cut = next(at for at, word in enumerate(words) if fold(word) in _PARTICLES)
        first, last = words[:cut], words[cut:]
    elif len(words) >= 3 and all(known[:2]) and not known[2]:
        first, last = words[:1], words[2:]
    elif len(words) >= 3:
        first, last = words[:1], words[-1:]
    else:
        first, last = words[:1], words[1:]
    return Name(
        " ".join(_case(word) for word in first) or None,
        " ".join(word if word in _PARTICLES else _case(word) for word in last) or None,
        text,
        where,
    )


# --- names in running text, inflected


_FEMALE = ("a",)


def _nominative_first(word: str) -> str | None:
    """A first name brought to the nominative; None when the word is no first name the dictionary knows."""
    found = [form for form in morphology.forms(_case(word)) if morphology.FIRST_NAME in form.kinds]
    if any("nom" in form.tags and "sg" in form.tags for form in found):
        return _case(word)
    singular = [form for form in found if "sg" in form.tags]
    return singular[0].lemma if singular else None


def _nominative_last(word: str, female: bool) -> str:
    """A surname brought to the nominative by the dictionary, else by its ending."""
    surnames = [form for form in morphology.forms(_case(word)) if morphology.SURNAME in form.kinds and "sg" in form.tags]
    gender = "f" if female else "m1"
    for form in surnames:
        if gender in form.tags and "nom" not in form.tags:
            return form.lemma
    for form in surnames:
        if gender in form.tags:
            return form.lemma
    return _by_ending(_case(word), female)


_FEMALE_ENDINGS = (
    ("skiej", "ska"),
    ("ckiej", "cka"),
    ("dzkiej", "dzka"),
    ("ską", "ska"),
    ("cką", "cka"),
    ("dzką", "dzka"),
    ("skiej", "ska"),
    ("owej", "owa"),
    ("ową", "owa"),
    ("nej", "na"),
    ("ną", "na"),
    ("iej", "ia"),
    ("ią", "ia"),
    ("ą", "a"),
    ("ę", "a"),
    ("ki", "ka"),
    ("gi", "ga"),
    ("ce", "ka"),
    ("dze", "ga"),
    ("ni", "nia"),
    ("y", "a"),
    ("ie", "a"),
)
_MALE_ENDINGS = (
    ("skiego", "ski"),
    ("ckiego", "cki"),
    ("dzkiego", "dzki"),
    ("skiemu", "ski"),
    ("ckiemu", "cki"),
    ("skim", "ski"),
    ("ckim", "cki"),
    ("dzkim", "dzki"),
    ("ego", "y"),
    ("emu", "y"),
    ("ym", "y"),
    ("kiem", "k"),
    ("giem", "g"),
    ("iem", ""),
    ("em", ""),
    ("owi", ""),
    ("ą", "a"),
    ("ę", "a"),
    ("a", ""),
)


def _by_ending(word: str, female: bool) -> str:
    for ending, nominative in _FEMALE_ENDINGS if female else _MALE_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            if (
                not female
                and ending == "a"
                and morphology.forms(word)
                and any("nom" in form.tags and form.part == "subst" for form in morphology.forms(word.lower()))
            ):
                return word
            return word[: -len(ending)] + nominative if ending else word
    return word


def _lemma_common(word: str) -> str | None:
    """The nominative of a surname that is an ordinary word: Kleksem -> Kleks."""
    for form in morphology.forms(word.lower()):
        if form.part in {"subst", "adj"} and "sg" in form.tags:
            return form.lemma
    return None


def to_nominative(first: str, last: str | None, governed: bool) -> tuple[str, str | None]:
    """First and last name in the nominative. `governed`: the place asks for another case ("dzwonić do …", "z …")."""
    nominative = _nominative_first(first)
    inflected = governed and nominative is not None and nominative != _case(first)
    female = (nominative or first).lower().endswith("a") and (nominative or first).lower() not in {
        "kuba",
        "barnaba",
        "bonawentura",
        "kosma",
        "jarema",
    }
    given = nominative or _case(first)
    if not governed or last is None:
        return given, _case(last) if last else None
    if (
        not inflected
        and nominative is not None
        and not any("nom" not in form.tags for form in morphology.forms(_case(first)) if morphology.FIRST_NAME in form.kinds)
    ):
        return given, _case(last)
    if not inflected and nominative is None and not morphology.available():
        given = _by_ending(_case(first), first.lower().endswith(("ą", "y", "i", "ę")))
    surname = _nominative_last(last, female)
    if (
        surname == _case(last)
        and morphology.available()
        and not any(morphology.SURNAME in form.kinds for form in morphology.forms(_case(last)))
    ):
        common = _lemma_common(last)
        if common:
            surname = common.capitalize()
    elif (
        morphology.available()
        and not any(morphology.SURNAME in form.kinds for form in morphology.forms(_case(last)))
        and (common := _lemma_common(last))
    ):
        surname = common.capitalize()
    return given, surname


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
        first_known = _nominative_first(words[0]) is not None
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


def reconcile(signature: Name | None, sender: Name | None) -> Name | None:
    """One person out of the signature and the From name: the fuller wins where both can be the same person."""
    if signature is None or sender is None:
        return signature or sender
    if signature.full or not sender.full:
        if not signature.full and not sender.full and signature.first and not signature.last and sender.last and not sender.first:
            return Name(signature.first, sender.last, signature.text, signature.where)
        return signature
    mine = fold(signature.first or signature.last or "")
    if signature.last and same_first_name(signature.last, sender.first or ""):
        return sender
    if signature.first and same_first_name(signature.first, sender.first or ""):
        return sender
    if signature.last and mine == fold(sender.last or ""):
        return sender
    return signature


def same_first_name(one: str, other: str) -> bool:
    """Whether two first names can be one person's: equal, or one a short form of the other (Bart, Bartholomew; Kasia, Katarzyna)."""
    a, b = fold(one), fold(other)
    return (
        a == b
        or a[:3] == b[:3]
        or (a[:2] == b[:2] and (a.endswith(("ek", "ka", "sia", "zia", "cia", "s", "y"))))
        or b in _SHORT.get(a, ())
        or a in _SHORT.get(b, ())
    )


def _short_forms() -> dict[str, tuple[str, ...]]:
    from mailbot.rules.reading.cues import table

    return {fold(short): tuple(fold(word) for word in full.split()) for short, full in table("short_names")}


_SHORT = _short_forms()


def sentences_with_names(text: str) -> list[str]:
    """Sentences in which a first name stands (for tests and inspection)."""
    return [
        sentence.text
        for sentence in sentences(text)
        if any(morphology.is_name_form(token.text) for token in sentence.tokens if _NAME_WORD.match(token.text))
    ]
