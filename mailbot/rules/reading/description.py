"""Does the mail tell what is wrong, so that a technician could start? A symptom, however short, counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import Hit, classes, hits, in_class, squeeze
from mailbot.rules.reading.language import language_of
from mailbot.rules.reading.weighing import telling_sentences
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

_QUOTED = re.compile(r"[\"„“”«»'‘]([A-Za-z][\w .:/#-]{3,60})[\"”“»'’]")
_WISH = re.compile(
    r"\b(?:prosz\w*|prosim\w*|prosb\w*|poprosz\w*|umowi\w*|kiedy|termin\w*|please|could you|can you|would like|"
    r"send|arrange|need|potrzebuj\w*|chcial\w*|chcem\w*|zamowi\w*|wycen\w*)\b"
)
_HEALTHY = re.compile(r"\b(?:nie ma (?:zadnych )?(?:blad|problem)\w*|bez (?:blad|problem)\w*|no (?:error|fault)s?)\b")


def symptoms(parts: Sequence[Sentence]) -> list[Hit]:
    """The symptoms that sentences tell, without those that are only wished for or denied."""
    found: list[Hit] = []
    for sentence in parts:
        if _HEALTHY.search(fold(sentence.text)):
            continue
        found.extend(hit for hit in hits(sentence, ("symptom",)) if hit.meaning == "symptom" and not _is_standstill(hit))
    return found


_ADMIN = classes()["no_symptom_verb"]
_CONDITION = re.compile(r"\b(?:czy|kiedy|jak|ile|gdzie|kto|zeby|aby|jesli|jezeli|gdyby|ktor\w*)\b")


def telling(sentence: Sentence) -> bool:
    """Whether a sentence says what a part does or does not do, in words that no table lists: a part with a verb, or "nie" with a verb.

    Wishes, questions and the words of the work as a whole (production, orders) do not count.
    """
    folded = fold(sentence.text)
    if (
        _WISH.search(folded)
        or (sentence.asks and _CONDITION.match(folded))
        or any(hit.meaning in ("training",) for hit in hits(sentence, ("remark",)))
    ):
        return False
    words = [token for token in sentence.tokens if token.is_word]
    parts_named = [token for token in words if in_class(token.key, "part") and not in_class(token.key, "machine")]
    if not words or len(words) < 3:
        return False
    taken = {at for hit in hits(sentence, ("impact",)) for at in range(hit.first, hit.last + 1)}
    if _has_state(sentence, taken):
        return True
    for at, token in enumerate(sentence.tokens):
        denied = at > 0 and sentence.tokens[at - 1].key == "nie"
        if not (denied or parts_named) or not token.is_word or at in taken or token.key in _ADMIN:
            continue
        if not morphology.is_third_person(token.text):
            continue
        if parts_named and _near(sentence, at, parts_named):
            return True
        if denied and not in_class(token.key, "work"):
            return any(in_class(word.key, "machine") for word in words) and not _DEAD_VERB.match(f"nie {token.key}")
    told = bool(parts_named) and len(words) >= 5 and not _BY_SOMEBODY.search(folded[:12])
    return told and language_of(sentence.text) == "en"


_BY_SOMEBODY = re.compile(r"\b(?:we|i|you)\b")
_SOUND = classes()["sound_state"]


def _has_state(sentence: Sentence, taken: set[int]) -> bool:
    """ "Wyświetlacz jest czarny", "Znaczniki nie są odczytywane": a part that is in some state, or is not done to."""
    tokens = sentence.tokens
    for at in range(1, len(tokens) - 1):
        if tokens[at].key not in {"jest", "sa", "byl", "byla", "bylo", "byly", "zostaje"} or at in taken:
            continue
        kinds = {form.part for form in morphology.forms(tokens[at + 1].text.lower())}
        denied = tokens[at - 1].key == "nie"
        subject = tokens[at - 2 if denied and at >= 2 else at - 1]
        if tokens[at + 1].key in _SOUND:
            continue
        if (denied and "ppas" in kinds) or (
            in_class(subject.key, "part") and not in_class(subject.key, "machine") and kinds & {"adj", "ppas"}
        ):
            return True
    return False


def _near(sentence: Sentence, at: int, named: list[Token]) -> bool:
    """Whether a part stands in the clause of the verb."""
    tokens = sentence.tokens
    start = max((here + 1 for here in range(at) if tokens[here].text in ",;–()"), default=0)
    end = min((here for here in range(at, len(tokens)) if tokens[here].text in ",;–()"), default=len(tokens))
    return any(tokens[start].start <= part.start <= tokens[end - 1].start for part in named)


_DEAD_VERB = re.compile(r"^nie (?:dziala\w*|pracuj\w*|funkcjonuj\w*)$|^(?:is |does )?(?:not|n't|never|no longer) work(?:s|ing)?$")
_DEAD_MACHINE = re.compile(
    r"^(?:maszyn|drukark|ploter|urzadzen|linia|produkcj|oxi|printer|plotter|machine|it|device)\w* (?:nam |is |does |has |do |now |just )*"
    r"(?:nie (?:dziala|pracuj)\w*|not(?: working)?|n't(?: work)?)$"
)


def _is_standstill(hit: Hit) -> bool:
    """ "nie działa", with nothing but the machine or the line as its subject, tells no more than that it stands."""
    text = fold(hit.text)
    if not _DEAD_VERB.match(text) and not _DEAD_MACHINE.match(text):
        return False
    words = hit.sentence.tokens
    near = [token.key for token in words[max(0, hit.first - 5) : hit.last + 6] if token.is_word]
    return not any(in_class(key, "part") and not in_class(key, "machine") for key in near)


def named_error(text: str) -> str | None:
    """A message or code that the machine shows."""
    quoted = next((match for match in _QUOTED.finditer(text) if not in_class(fold(match.group(1).split()[0]), "companyword")), None)
    before = fold(text[max(0, quoted.start() - 60) : quoted.start()]) if quoted else ""
    if (
        quoted
        and quoted.group(1).isascii()
        and len(quoted.group(1).split()) >= 2
        and not quoted.group(1).istitle()
        and re.search(r"[a-z]", quoted.group(1), re.IGNORECASE)
    ):
        return quoted.group()
    if quoted and re.search(
        r"\b(?:blad|bled\w*|komunikat\w*|alarm\w*|error|pisze|wyswietl\w*|pokaz\w*|wyskak\w*|message|shows?|says|"
        r"reads|ekran\w*|panel\w*|display|screen|warning|fault)\b",
        before,
    ):
        return quoted.group()
    return None


def training_topics(text: str) -> str | None:
    """The sentences that say what a training is wanted for: a wish with its topics tells enough."""
    parts = [sentence for sentence in sentences(text) if any(in_class(token.key, "topic") for token in sentence.words)]
    return squeeze(" ".join(sentence.text for sentence in parts[:3]))[:600] or None


def telling_parts(text: str) -> list[Sentence]:
    """The sentences of a text that tell what is wrong."""
    parts = sentences(text)
    error = named_error(text)
    by_rule = {hit.sentence for hit in symptoms(parts)} | {sentence for sentence in parts if telling(sentence)}
    told = telling_sentences(parts, by_rule)
    return [sentence for sentence in parts if sentence in told or (error and error in sentence.text)]


def read_description(text: str) -> str | None:
    """The words that tell what is wrong: the sentences with a symptom; None when the text tells none."""
    chosen = telling_parts(text)
    return squeeze(" ".join(sentence.text for sentence in chosen[:4]))[:600] if chosen else None
