"""The name of a firm that begins at a place in running text: up to its legal form, or its capitalised words and what joins them."""

from __future__ import annotations

import re

from mailbot.rules.reading import morphology
from mailbot.rules.reading.company_name import partners_behind, trim
from mailbot.rules.reading.cues import classes, in_class
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.layout import LEGAL_FORM, LEGAL_FORM_CASED, words_of
from mailbot.rules.reading.words import fold

NAME = re.compile(r"[\"„“']?[A-ZŁŚŻŹĆÓŃÁÉÍÖÜÄÅØŠČŽ0-9][^\n,;!?()]{1,70}")
_STOP_WORDS = classes()["no_company_word"]


def named_at(text: str, at: int) -> tuple[str, bool] | None:
    """The name that begins at a place, behind the ordinary words for a kind of firm, and whether there were any."""
    kind = skipped = False
    rest = re.sub(r"^(?:the|[Oo]ur|[Nn]asz\w*)\s+", "", text[at : at + 160].split("\n", 1)[0])
    for _ in range(5):
        if NAME.match(rest):
            break
        word = re.match(r"([a-ząćęłńóśźż]+)\s+(?:z\s+[A-ZŁŚŻ]\w+\s*[,:–-]?\s+)?[:,–-]?\s*", rest)
        if not word:
            return None
        kind = kind or is_kind_of_firm(word.group(1)) or fold(word.group(1)) in _CREW
        rest, skipped = rest[word.end() :], True
    found = NAME.match(rest)
    if found is None or (skipped and not kind):
        return None
    office = _OFFICE_OF.match(found.group())
    value = run_of(found.group()[office.end() :] if office else found.group())
    return (value, kind) if value else None


_OFFICE_OF = re.compile(
    r"(?:[A-ZŁŚŻŹĆ][^\W\d_]+ ){1,2}(?:office|branch|site|plant|team|shop|studio|workshop|department|print ?room) (?:of|at) (?=[A-Z])"
)
_NEAR = 50  # letters within which the legal form of a name is looked for
_CREW = frozenset(["ekipy", "ekipa", "zalogi", "zaloga", "zespolu", "zespol", "team"])
_BEFORE_THE = frozenset(["of", "o'", "o’", "for", "and", "&"])


def run_of(text: str) -> str | None:
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


def with_adjectives(text: str, at: int) -> int:
    """Where a name begins whose kind stands at a place: the capitalised adjectives before it belong to it, as in "Gminny Ośrodek"."""
    before = re.search(r"(?:[A-ZŁŚŻ][^\W\d_]+ ){1,3}$", text[max(0, at - 80) : at])
    for word in reversed(before.group().split() if before else []):
        if not morphology.is_adjective(word):
            break
        at -= len(word) + 1
    return at
