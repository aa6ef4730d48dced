"""What single lines look like: a line of a signature, a valediction, a job title, an address."""

from __future__ import annotations

import re
from functools import lru_cache

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.lines import is_line, tail
from mailbot.rules.reading.words import fold

CONTACT_MARK = re.compile(
    r"(?i)(\b(?:(?:tel|kom|mob|mobile|phone|fax|faks|e-?mail|www|nip|regon|krs|vat|gsm|direct|centrala|switchboard|"
    r"telefon|ph|cell)\b\s*\.?\s?[:.]?|(?:wewn?|ext|whats\s?app|viber|signal|messenger|telegram|sms)\b\W{0,3}[\d(+@]|"
    r"[tmfe]\s?[:.]\s?[(+\d]|(?:ul|al|os|pl)\.\s|\d\d-\d{3}\b|https?://|www\.)|"
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}\.|[☎📞✆]|\+\d\d)"
)
LEGAL_FORM = re.compile(
    r"(?i)(?<!\w)(?=[\s,abcdegiklmnopsuvz])"
    r"(sp(?:ółka|olka|\.)?\s?z\s?(?:o\.?\s?o\b\.?|ograniczoną odpowiedzialnością)(?:\s+sp\.?\s?(?:k(?:om)?|j)\.?(?!\w)|"
    r"\s+sp(?:ółka|\.)\s?komandytowa)?|sp[oó]łka\s+(?:komunalna|miejska|gminna|celowa)(?!\w)|sp\.?\s?zoo\b|sp\.\s?(?:jawna|cywilna|komandytowa|akcyjna|partnerska)\b|"
    r"sp\.?\s?[jk]\.?(?![\w.])|sp\.?\s?p\.(?!\w)|s\.\s?[jk]\.(?!\w)|"
    r"sp[oó]łka\s+(?:jawna|cywilna|komandytowa|akcyjna|partnerska)|prosta\s+spółka\s+akcyjna|spol\.\s+s\s?r\.?\s?o\b\.?|"
    r"s\.\s?a\.\s?r\.\s?l\b\.?|s\.\s?a\.\s?s\.?(?!\w)|s\.\s?c\.?(?!\w)|s\.\s?a\.?(?!\w)|p\.\s?s\.\s?a\.?(?!\w)|"
    r"s\.\s?k\.\s?a\.?(?!\w)|s\.\s?l\.(?:\s?u\.)?(?!\w)|ges\.?\s?m\.?\s?b\.?\s?h\b\.?|gmbh(?:\s*&\s*co\.?\s*kg)?\b|mbh\b|"
    r"ltd\b\.?|limited\b|llc\b|l\.l\.c\.|inc\b\.?|plc\b|llp\b|corp\b\.?|d\.a\.c\b\.?|pty\.?\s+ltd\b\.?|s\.?r\.?o\b\.?|v\.o\.s\.|"
    r"a\.s\.|d\.o\.o\.?|e\.?o\.?o\.?d\b|s\.?r\.?l\b\.?|s\.p\.a\.?|oü\b|uab\b|sarl\b|eurl\b|sasu\b|b\.\s?v\.|n\.\s?v\.|bvba\b|v\.o\.f\.|"
    r"kft\b\.?|zrt\b\.?|(?:,?\s*unipessoal\s+)?lda\b\.?|e\.k\.(?!\w)|e\.v\.(?!\w)|gbr\b|ohg\b|e\.u\.|a/s\b|aps\b|oyj?\b|sp\s?zoz\b)"
)
LEGAL_FORM_CASED = re.compile(
    r"(?<!\w)(SC|SA|S\.A|AG|AB|AS|HB|KG|UG|SIA|OOO|BV|NV|SE|SL|SLU|SAS|SpA|DAC|CIC|FZE|FZCO|FZ-LLC|PSA|Sp\.k|sp\.k|sc|Oy|Co\.)(?!\w)"
)
FIRM_PREFIX = re.compile(
    r"[\"„]?(?:(?:[PFZUHWSRT]\.\s?){2,6}(?=\W*\w)|(?:(?i:pphu|ppuh|phu|fhu|fuh|fphu|zpuh|zphu|fhpu|phup|puh|pthu|sphu)|PW|FH|PH|FU|ZU|ZPH|ZUH|PPH|PHP|ZPU|FPH|NZOZ|SPZOZ|ZOZ)(?=\s))"
)
"""The letters before a Polish trader's name: "P.P.H.U.", "FHU"."""
BELONGS_TO = re.compile(
    r"(?i)[\s–|(-]*\b(?:an?\s+|is\s+an?\s+)?(?:(?:company|member|part|brand|division)\s+of|należy\s+do|wchodzi\s+w\s+skład|powered\s+by)\b.*$",
    re.MULTILINE,
)
"""The group behind a firm, which is not the firm: "part of Storprint Group"."""
FAMILY = re.compile(
    r"(?:\s(?:[iI]|ORAZ|oraz|&|[aA]nd|AND)\s(?:[Ss]-ka|S-KA|[Ss]półka|SPÓŁKA|[Ss]p[oó]lka|Syn(?:owie|em|ami)?|synowie|SYN(?:OWIE)?|Córk[ai]|córki|"
    r"CÓRK[AI]|Bra(?:t|cia)|"
    r"Siostr[ay]|Wspólni(?:k|cy)|Sons?|SONS?|Daughters?|Brothers?|Co|CO|Söhne|Sohn)|\sBros)(?!\w)"
)
"""What makes a firm of a family name: "Sroka i S-ka", "Brodie & Son"."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@lru_cache(maxsize=4096)
def has_legal_form(text: str) -> bool:
    """Whether the line holds a legal form of a company."""
    return bool(LEGAL_FORM.search(text) or LEGAL_FORM_CASED.search(text))


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a line, without punctuation, as they are written."""
    return tuple(word for word in _WORD.findall(text) if not word.isdigit())


def is_job_title(text: str) -> bool:
    """Whether the line is somebody's job or department: "Kierownik produkcji", "Dział druku", "Office Manager"."""
    words = words_of(text)
    return (
        bool(words)
        and len(words) <= 8
        and any(in_class(fold(word), "title") and not in_class(fold(word), "public_body") for word in words[:3])
    )


_INITIALS = re.compile(r"(?!IT|HR|UR|QA|PR)[A-ZŁŚŻ]{2}")  # "EB Print" is a firm, "IT Print" those who care for the machines


def is_department(text: str) -> bool:
    """Whether a name is that of a department, an office or a function, not of a person or company: "Utrzymanie Ruchu", "Print Desk"."""
    words = [fold(word) for word in words_of(text)]
    return (
        bool(words)
        and not has_legal_form(text)
        and not _is_numbered_firm(text)
        and all(in_class(word, "department") or in_class(word, "title") or len(word) <= 2 or word in {"dzial", "ds"} for word in words)
        and not (len(words) == 2 and _INITIALS.fullmatch(words_of(text)[0]) and in_class(words[1], "companyword"))
    )


_NUMBERED_FIRM = re.compile(r"([^\W\d_]{4,})\s(?:\d{1,4}|[A-Z])$")


def _is_numbered_firm(text: str) -> bool:
    """Whether a text is a kind of firm with a number or a letter for a name: "Studio 7", "Studio Q"; not "hala 2"."""
    found = _NUMBERED_FIRM.match(text.strip())
    return bool(found and in_class(fold(found.group(1)), "companyword") and not in_class(fold(found.group(1)), "unit_of_firm"))


_THANKS = re.compile(
    r"(?i)^\s*(?:many thanks|thanks|thank you|cheers|best|b?rgds|[kb]r|thx|ta|pzdr|"
    r"dzięki|dziękuję|dziekuje|z góry dziękuję)\s*[,!.]?\s+(\S[^.?!]{1,110})$"
)


def opens_valediction(text: str) -> bool:
    """Whether the line begins with a farewell: "Pozdrawiam", "Z poważaniem", "Kind regards"."""
    return is_line("valediction", text) or bool((thanks := _THANKS.match(text)) and _is_signed(thanks.group(1)))


def _is_signed(text: str) -> bool:
    """Whether what follows "Thanks," is a name, or begins with one: "Desmond Oyelaran, exhibitions team"."""
    name = text.partition(",")[0]
    return bool(capitalised_words(text)) or (name != text and len(name.split()) == 2 and bool(capitalised_words(name)))


def valediction_tail(text: str) -> str:
    """What follows the farewell on its line."""
    thanks = _THANKS.match(text)
    return thanks.group(1) if thanks and not is_line("valediction", text) else tail("valediction", text)


_INITIALS = re.compile(r"[A-ZŁŚŻĆŹ]\.?\s?[A-ZŁŚŻĆŹ]\.?(\s?[A-ZŁŚŻĆŹ]\.?)?")


def is_initials(text: str) -> bool:
    """Whether the line is nothing but initials: "HW", "J.K."."""
    return bool(_INITIALS.fullmatch(text.strip()))


def capitalised_words(text: str) -> tuple[str, ...]:
    """The words when all of them begin with a capital letter (small joining words aside), else nothing."""
    words = words_of(text)
    if words and all(
        word[0].isupper()
        or fold(word) in {"i", "and", "of", "de", "von", "van", "der", "di", "da", "ds", "do", "w", "z", "oraz", "dr", "mgr", "inz"}
        for word in words
    ):
        return words
    return ()


@lru_cache(maxsize=2048)
def is_place(text: str) -> bool:
    """Whether a line is but a town or country: "Kraków", "Nowy Sącz", "Sheffield"; no word that is an ordinary one too ("Perła")."""
    words = words_of(text)
    if not words or len(words) > 3:
        return False
    if all(in_class(fold(word), "town") for word in words):
        return True
    kinds = [{kind for form in morphology.forms(word) for kind in form.kinds} for word in words]
    places = ["nazwa_geograficzna" in found for found in kinds]
    if len(words) == 1:
        return places[0] and "nazwa_pospolita" not in kinds[0]
    adjective = morphology.is_adjective(words[0])
    plain = any("nazwa_pospolita" in found for found in kinds)
    return (all(places) and not plain) or (len(words) == 2 and adjective and places[1])


@lru_cache(maxsize=2048)
def is_whereabouts(word: str, preposition: str) -> bool:
    """Whether a word in the case that "z" or "w" asks for is a town or region: "z Mazur", "w Hanowerze"; no ordinary word ("w Perle")."""
    case = "gen" if preposition in ("z", "ze") else "loc"
    found = [form for form in morphology.forms(word) if case in form.tags]
    ordinary = any("nazwa_pospolita" in form.kinds and "m2" not in form.tags for form in found)
    return not ordinary and any("nazwa_geograficzna" in form.kinds for form in found)


_HEAD = re.compile(r"\*?([^\W\d_][\w&'’ -]{2,40}?)(?:\s[-–|]\s|\*\s+\w)")


def looks_signed(text: str) -> bool:
    """Whether a line at the bottom may belong to a signature: a name, a firm, a job, a number, an address."""
    stripped = text.strip(" *_-–|/,.~")
    if not stripped:
        return True
    if len(stripped) > 110 or text.rstrip()[-1:] in "?!":
        return False
    words = words_of(stripped)
    if not words:
        return bool(re.fullmatch(r"[+\d ()\-/.]{7,30}", stripped))
    verbs = sum(word[0].islower() and morphology.is_finite_verb(word) and not in_class(fold(word), "title") for word in words)
    head = _HEAD.match(text.strip())
    if head and verbs == 0 and len(words) <= 12 and capitalised_words(head.group(1)) and text.rstrip()[-1:] not in ".:;":
        return True  # "Banner Barn - signs and banners since 1990"
    lower = [
        word
        for word in words
        if word[0].islower()
        and not in_class(fold(word), "small")
        and not in_class(fold(word), "companyword")
        and not CONTACT_MARK.search(f"{word}.")
    ]
    if has_legal_form(text):
        return verbs == 0 and len(words) <= 14
    if is_department(stripped):
        return text.rstrip()[-1:] not in ".:;"
    if CONTACT_MARK.search(stripped):
        return verbs == 0 and len(lower) <= 4 and not any(in_class(fold(word), "asking") for word in words)
    if is_job_title(stripped) and verbs == 0 and text.rstrip()[-1:] != ".":
        return True
    if is_initials(stripped) or (len(words) <= 3 and morphology.is_first_name(words[0]) and (len(words) == 1 or words[-1][0].isupper())):
        return True
    if in_class(fold(words[0]), "greeting") or opens_valediction(stripped):
        return opens_valediction(stripped)
    return (
        len(words) <= 9
        and (bool(capitalised_words(stripped)) or (words[0][0].isupper() and not lower and verbs == 0))
        and not re.search(r"\w[.!?]\s+\w", stripped)
        and _tail_fits(text)
    )


def _tail_fits(text: str) -> bool:
    return text.rstrip()[-1:] not in ".:;" or len(words_of(text)) <= 3


def may_start_signature(text: str) -> bool:
    """Whether a signature may begin with this line."""
    stripped = text.strip(" *_-–|/,~")
    return bool(stripped) and bool(words_of(stripped) or re.fullmatch(r"[+\d ()\-/.]{7,30}", stripped))
