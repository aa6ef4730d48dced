"""Does the mail tell what is wrong, so that a technician could start? A symptom, however short, counts."""

from __future__ import annotations

import re

from mailbot.rules.reading.cues import Hit, hits, in_class, squeeze
from mailbot.rules.reading.words import Sentence, fold, sentences

_QUOTED = re.compile(r"[\"„“”«»'‘]([A-Za-z][\w .:/#-]{3,60})[\"”“»'’]")
_CODE = re.compile(r"\b(?:0x[0-9a-f]{1,6}|[A-Z]{1,3}-?\d{2,4}\b(?!\s?(?:mm|cm)))")
_WISH = re.compile(
    r"\b(?:prosz\w*|prosim\w*|prosb\w*|poprosz\w*|umowi\w*|kiedy|termin\w*|please|could you|can you|would like|send|arrange|need|potrzebuj\w*|chcial\w*|chcem\w*|zamowi\w*|wycen\w*)\b"
)
_HEALTHY = re.compile(r"\b(?:nie ma (?:zadnych )?(?:blad|problem)\w*|bez (?:blad|problem)\w*|no (?:error|fault)s?)\b")


def symptoms(parts: list[Sentence]) -> list[Hit]:
    """The symptoms that sentences tell, without those that are only wished for or denied."""
    found = []
    for sentence in parts:
        if _HEALTHY.search(fold(sentence.text)):
            continue
        found.extend(hit for hit in hits(sentence, ("symptom",)) if hit.meaning == "symptom" and not _is_standstill(hit))
    return found


_DEAD_VERB = re.compile(r"^nie (?:dziala\w*|pracuj\w*|funkcjonuj\w*)$")


def _is_standstill(hit: Hit) -> bool:
    """ "nie działa", with nothing but the machine or the line as its subject, tells no more than that it stands."""
    text = fold(hit.text)
    if not _DEAD_VERB.match(text) and not re.match(r"^(?:maszyn|drukark|ploter|urzadzen|linia|produkcj|oxi|printer|machine)\w* (?:nam )?nie (?:dziala|pracuj)\w*$", text):
        return False
    words = hit.sentence.tokens
    near = [token.key for token in words[max(0, hit.first - 5) : hit.last + 6] if token.is_word]
    return not any(in_class(key, "part") and not in_class(key, "machine") for key in near)


def named_error(text: str) -> str | None:
    """A message or code that the machine shows."""
    quoted = next((match for match in _QUOTED.finditer(text) if not in_class(fold(match.group(1).split()[0]), "companyword")), None)
    before = fold(text[max(0, quoted.start() - 60) : quoted.start()]) if quoted else ""
    if quoted and re.search(r"\b(?:blad|bled\w*|komunikat\w*|alarm\w*|error|pisze|wyswietl\w*|pokaz\w*|wyskak\w*|message|shows?|says|reads|ekran\w*|panel\w*|display|screen|warning|fault)\b", before):
        return quoted.group()
    return None


def read_description(text: str) -> str | None:
    """The words that tell what is wrong: the sentences with a symptom; None when the text tells none."""
    parts = sentences(text)
    found = symptoms(parts)
    error = named_error(text)
    if not found and not error:
        return None
    telling = [hit.sentence for hit in found]
    chosen = [sentence for sentence in parts if sentence in telling or (error and error in sentence.text)]
    return squeeze(" ".join(sentence.text for sentence in chosen[:4]))[:600]
