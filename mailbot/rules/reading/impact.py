"""The impact on the customer's business: a level that is named, else one that the mail implies (service-rules.txt, the four levels)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.model.facts import Fact, Impact, Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import Hit, hits, in_class, squeeze
from mailbot.rules.reading.named_level import FAINT, chosen_level, named_levels
from mailbot.rules.reading.weighing import tells_another, weighed_level
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

_LEVELS = {
    Impact.CRITICAL: r"kry?tyczn\w{0,4}|critical",
    Impact.HIGH: r"wysok\w{0,4}|high",
    Impact.MEDIUM: r"sredn\w{0,4}|medium|moderate",
    Impact.LOW: r"nisk\w{0,4}|low",
}
_LEVEL = "|".join(f"(?P<{level.value}>\\b(?:{words})\\b)" for level, words in _LEVELS.items())
_LEVEL_WORD = re.compile(_LEVEL)
_NUMBER = re.compile(r"^\W{0,3}(?:(?:poziom|wplyw|level|impact|priorytet|nr|numer)\W{1,3})?([1-4])(?:\s?/\s?4)?\b(?![.,]?\d)")
_SHORT_LEVEL = re.compile(
    r"^\W*(?:raczej |chyba |dosc |bardzo )?(?:(?P<critical>kryt\w*|krt\w*|ogromn\w*|maksymaln\w*|crit\w*|severe|"
    r"kluczow\w*)|(?P<high>wys\w{0,3}|duz[yeai]\w{0,2}|spor[yea]|znaczn\w*|hi|big|major|serious)"
    r"|(?P<medium>sr\.?|sred\w*|umiarkowan\w*|med|mid|normaln\w*|average)|(?P<low>nis\w{0,3}|mal[yea]|niewielk\w*|"
    r"minimaln\w*|znikom\w*|zerow\w*|zaden|small|minor|none at all))\b"
)
_ORDER = tuple(Impact)
_DENIED = re.compile(r"\b(?:nie|not|n't|bynajmniej|zaden|raczej nie|wcale)\W+(?:\w+\W+){0,3}$")


def read_level(value: str) -> Impact | None:
    """The level that a form line's value names: a word, a place in the list (1 = critical), or the one left or marked of the four."""
    folded = re.split(r"\b(?:niz|than|zamiast|a nie|rather than)\b", fold(value))[0]
    marked = re.search(r"(?:\[x\]|\(x\)|☒|☑|✓|✔|->|>>|_|\*)\s?(\w+)", folded)
    if marked and (found := _LEVEL_WORD.search(marked.group(1).strip("_"))):
        return Impact(found.lastgroup or "")
    named = {
        Impact(found.lastgroup or "")
        for found in _LEVEL_WORD.finditer(folded)
        if not _DENIED.search(folded[max(0, found.start() - 30) : found.start()])
    }
    if len(named) == 1:
        return named.pop()
    if not named and (short := _SHORT_LEVEL.match(folded)):
        return Impact(short.lastgroup or "")
    if len(named) == 4:
        shouted = {
            Impact(found.lastgroup or "") for word in re.findall(r"\b[A-ZŚŻŹĆŁÓ]{3,}\b", value) if (found := _LEVEL_WORD.search(fold(word)))
        }
        return shouted.pop() if len(shouted) == 1 else None
    if 2 <= len(named) <= 3 and re.search(r"\b(lub|albo|czy|or|/|-|do|to)\b|[/-]", folded):
        return min(named, key=_ORDER.index)  # "średni/wysoki": the clerk takes the worse
    number = _NUMBER.match(folded)
    return _ORDER[int(number.group(1)) - 1] if number and not named else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text says of the work: the meanings of `impact.txt`, each with its first and last hit."""

    hits: tuple[Hit, ...]

    def has(self, *meanings: str) -> bool:
        """Whether one of the meanings was found."""
        return any(hit.meaning in meanings for hit in self.hits)

    def last(self, *meanings: str) -> int:
        """Offset of the last hit of these meanings, -1 when there is none."""
        return max((hit.sentence.tokens[hit.first].start for hit in self.hits if hit.meaning in meanings), default=-1)

    def words(self, *meanings: str) -> str:
        """The words of the first hit."""
        return next((squeeze(hit.text) for hit in self.hits if hit.meaning in meanings), "")


_PAST = re.compile(
    r"\b(wczesniej|poprzednio|kiedys|w (?:zeszl|ubiegl|tamt)\w+|(?:zeszl|ubiegl)(?:ego|ej) \w+|ostatnim razem|"
    r"(?:rok|roku|lat|lata|miesiac|miesiaca|miesiec\w*|kwartal\w*|tygodni\w*) temu|(?:years?|months?|weeks) ago|"
    r"previously|last (?:time|week|month|year)|wtedy)\b"
)


def _counts(hit: Hit, sentence: Sentence) -> bool:
    """Whether a hit speaks of now: past stories and questions do not."""
    if (
        sentence.asks
        and hit.meaning in ("stop", "part", "severe")
        and re.match(r"\W*(czy|co|jak|kiedy|can|could|what|when|how|is|do)\b", fold(sentence.text))
    ):
        return False
    return not (
        hit.meaning in ("stop", "severe", "dead")
        and _PAST.search(fold(sentence.text))
        and not re.search(r"\b(od|since|znowu|znow|ponownie|teraz|again|now)\b", fold(sentence.text))
    )


_ELSEWHERE = re.compile(
    r"\bu (?:(?:jednego|mojego|naszego|innego|innych) )?(?:kole[gż]\w*|sasiad\w*|znajom\w*|kumpl\w*|konkurencj\w*|klient\w*|firm\w*)\b|"
    r"\b(?:w|za) (?:innej|sasiedniej|zaprzyjaznionej) (?:firmie|drukarni)\b|"
    r"\b(?:friend|colleague|competitor|neighbour)(?:'s| of| with| has| had)\b|\b(?:another|other) (?:shop|company|customer)s?\b"
)
_OURS = re.compile(r"\b(?:nas|nam|nami|nasz\w*|my|mi|mnie|moj\w*|we|us|our|my|i|\w{3,}my|\w{3,}[ae]m)\b")


def of_ours(parts: Sequence[Sentence]) -> list[Sentence]:
    """The sentences that may speak of the writer's work: not what befell others ("u kolegi stanęła cała produkcja"), or once."""
    return [part for part in parts if not (_is_elsewhere(part) or _is_a_story(part) or _denies_a_sign(part))]


def _is_elsewhere(part: Sentence) -> bool:
    folded = fold(part.text)
    return bool(_ELSEWHERE.search(folded)) and not _OURS.search(folded)


_PRESENT = re.compile(
    r"\b(?:od|since|znowu|znow|ponownie|teraz|again|now|dalej|nadal|wciaz|still|dzis\w*|obecnie|today|is|are|have|has|can\w*)\b"
)


def _is_a_story(part: Sentence) -> bool:
    """Whether a sentence tells only of what once was: "pół roku temu produkcja stała przez to tydzień"."""
    folded = fold(part.text)
    return bool(_PAST.search(folded)) and not _PRESENT.search(folded) and not any(map(_is_of_now, part.words))


def _denies_a_sign(part: Sentence) -> bool:
    """Whether a sentence says no more than that something is not to be seen: "nie ma dymu ani iskier"."""
    signs = sum(in_class(word.key, "absent_sign") for word in part.words)
    return signs > 0 and all(in_class(word.key, "absent_sign") or in_class(word.key, "absent_filler") for word in part.words)


def _is_of_now(token: Token) -> bool:
    """A verb in the present; what may be a noun as well is none."""
    kinds = {form.part for form in morphology.forms(token.text.lower())}
    return (bool(kinds & {"fin", "bedzie", "pred"}) and "subst" not in kinds) or token.key in ("nie", "brak")


def evidence(parts: Sequence[Sentence]) -> Evidence:
    """What the sentences say of the work."""
    found: list[Hit] = []
    for sentence in parts:
        here = [hit for hit in hits(sentence, ("impact",)) if _counts(hit, sentence)]
        partial = any(hit.meaning == "part" for hit in here)
        for hit in here:
            overlapped = any(
                other is not hit
                and other.meaning in ("cope", "sound", "part", "runs", "spare")
                and other.first <= hit.first
                and other.last >= hit.last
                for other in here
            )
            if hit.meaning == "stop" and (overlapped or (partial and _is_partial(hit))):
                continue
            found.append(hit)
    return Evidence(tuple(found))


def _is_partial(hit: Hit) -> bool:
    words = fold(hit.sentence.text)
    return bool(
        re.search(r"\b(czesc\w*|polow\w*|niektor\w*|jedna trzecia|reszt\w*|some|half|part of|kilka|few|pozostal\w*)\b", words)
    ) and not re.search(r"\b(cal[aey]\w*|wszystk\w*|kompletnie|calkiem|everything|all|nic)\b", words)


def implied_level(found: Evidence) -> tuple[Impact, str] | None:
    """The level that the evidence implies, with the words that say so; None when the mail tells nothing of the work."""
    stands = found.has("stop") and not (found.last("restart") > found.last("stop") and not found.has("severe", "nospare"))
    harmed = found.has("severe") or (found.has("dead") and found.has("nospare"))
    softened = found.has("cope") or found.last("part") > found.last("severe", "nospare")
    if stands or (harmed and not softened):
        return Impact.CRITICAL, found.words("stop", "severe") or found.words("nospare")
    if found.has("cope"):
        if found.has("restart") and not found.has("spare", "part"):
            return Impact.LOW, found.words("restart")
        return Impact.MEDIUM, found.words("cope")
    if found.has("part"):
        return Impact.HIGH, found.words("part")
    if found.has("restart"):
        return Impact.LOW, found.words("restart")
    if found.has("spare"):
        return Impact.MEDIUM, found.words("spare")
    if found.has("sound"):
        return Impact.LOW, found.words("sound")
    if found.has("runs"):
        return Impact.MEDIUM, found.words("runs")
    return None


def read_impact(text: str, where: Where, *, judged: bool = True) -> Fact | None:
    """The impact that a text names or implies: a named level beats an implied one, a later correction beats an earlier level.

    The learned judge has a say in running text that is about the problem (`judged`), not in a subject's few words.
    """
    parts = of_ours(sentences(text))
    named = chosen_level(named_levels(text))
    if named and not (judged and named.weight <= FAINT and tells_another(parts, named.impact)):
        return Fact(named.impact.value, where, named.text, True, named.correction)
    implied = implied_level(evidence(parts))
    if judged and where is not Where.SUBJECT:
        implied = weighed_level(parts, implied)
    return Fact(implied[0].value, where, implied[1], False) if implied else None
