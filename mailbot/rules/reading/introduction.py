"""Where running text introduces its writer: "Nazywam się …", "tu …", "… here": a person, a firm, or a firm and its owner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailbot.model.facts import Where
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.layout import has_legal_form
from mailbot.rules.reading.person import CAPITAL, Name, as_name, is_given_name, whole_name
from mailbot.rules.reading.words import fold

_SELF = re.compile(
    r"(?:\b(?:nazywam\s+si[eę]|moje\s+(?:imi[eę]\s+i\s+)?nazwisko(?:\s+to)?|my\s+full\s+name\s+is|mam\s+na\s+imi[eę](?:\s+i\s+nazwisko)?|"
    r"my\s+name\s+is|my\s+name's|i\s+am|i'm|this\s+is|z\s+tej\s+strony|tutaj|tu|m[oó]wi|pisz[eę](?:\s+ja)?|jestem|it's(?!\w)|here\s+is)[\s:,]+)(?=(?:pan\s+|"
    rf"pani\s+)?{CAPITAL})",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(
    r"^(?:pan[aiueąm]*\s+|p\.\s+|inż\.\s+|mgr\s+|dr\s+)*((?:[^\W\d_]+(?:['’\-][^\W\d_]+)*)(?:[ \t]+[^\W\d_]+(?:['’\-][^\W\d_]+)*){0,3})",
    re.IGNORECASE,
)
_RUN = r"[A-ZŁŚŻ0-9„\"][\w&'’\"”-]*(?:[ ](?:i|and|&|of|w|[A-ZŁŚŻ0-9„\"][\w&'’\"”-]*)){0,6}"
_CLOSED = re.compile(
    rf"(?m)(?:^|(?<=[.!?,] ))(?P<name>{_RUN})[ ](?:z[ ][A-ZŁŚŻ]\w+[ ])?"
    r"(?P<says>(?:here|speaking|z[ ]tej[ ]strony|się[ ]kłania|sie[ ]klania|kłania[ ]się|klania[ ]sie)\b|"
    r"prosi|zgłasza|informuje|melduje|pisze|zwraca\s+się|ma\s+(?:problem|awarię|kłopot)|reporting|has\s+a|would\s+like)"
)
_BOW = re.compile(r"here|speaking|z tej|si|kł|kl")  # with these words nobody speaks but of themselves


def introductions(text: str) -> Iterator[tuple[str, str]]:
    """The capitalised words that open a sentence and introduce its writer, and what follows them: "Jan Wilk", "here"."""
    return ((found.group("name"), found.group("says")) for found in _CLOSED.finditer(text))


def introduces(text: str) -> bool:
    """Whether words open with somebody's whole name and go on in small letters: "Hamish Drummond here again"."""
    words = text.split()
    return len(words) > 2 and words[2][0].islower() and whole_name(" ".join(words[:2])) is not None


def introduced(text: str, theirs: frozenset[str], sender: Name | None) -> Name | None:
    """The name behind "Nazywam się", "tu", "my name is" (nominative), or before "here", when it is one.

    `theirs`: the words of the writer's address and From name, folded; `sender`: who the mail is from, where it is signed so too.
    """
    text = text[:20000]
    for run, says in introductions(text):
        own = len(run.split()) == 2 and fold(run.split()[0]) in theirs  # a foreign name that the dictionary lacks
        if _BOW.match(says) and (name := whole_name(run) or _owner(run) or (as_name(run, Where.TEXT, trust=True) if own else None)):
            return name
    for match in _SELF.finditer(text):
        words = _capital_run(text[match.end() :])
        if words and not has_legal_form(" ".join(words)) and _is_somebody(words, match.group().lower(), theirs, sender):
            name = as_name(" ".join(words), Where.TEXT, trust=True)
            if name and not any(in_class(fold(word), "companyword") or in_class(fold(word), "maker") for word in words[:2]):
                return name
        # "jestem nowym kierownikiem" is no name
    return None


def _capital_run(text: str) -> list[str]:
    """The capitalised words at the beginning."""
    found = _CAPITALISED.match(text)
    run: list[str] = []
    for word in found.group(1).split() if found else []:
        if not word[0].isupper() or len(run) == 3:
            break
        run.append(word)
    return run


def _is_somebody(run: list[str], said: str, theirs: frozenset[str], sender: Name | None) -> bool:
    """Whether the capitalised words behind an introduction are a person: the words say so, or the mail has the first name elsewhere."""
    if is_given_name(run[0]) or "nazyw" in said or "name" in said or "nazwisko" in said or "imi" in said:
        return True
    if len(run) < 2:
        return False
    own = sender is not None and sender.full and not theirs & {fold(word) for word in run}
    return fold(run[0]) in theirs or (fold(said).startswith(("z tej", "tu ", "tutaj", "this is")) and not own)


def _owner(run: str) -> Name | None:
    """The owner whose name ends a trader's firm: "Usługi Reklamowe Jan Wilk"."""
    words = run.split()
    return whole_name(" ".join(words[-2:])) if len(words) > 2 else None
