"""Remarks for staff and for the course of the conversation, each with the words that raised it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbot.model.facts import Flag, Remark
from mailbot.rules.reading.cues import Hit, classes, hits, in_class, squeeze
from mailbot.rules.reading.words import Sentence, fold, sentences

_DIRECT = (
    Flag.THIRD_PARTY, Flag.REPEATED, Flag.TRAINING, Flag.DANGER, Flag.COMPLAINT, Flag.ANNOYED, Flag.WANTS_CALL, Flag.DOES_NOT_KNOW,
    Flag.SAME_AGAIN, Flag.FORGOT_SOMETHING, Flag.SEVERAL_PROBLEMS, Flag.INK_SYSTEM,
)  # fmt: skip
_SMALL_TALK = classes()["small_talk"]


def remarks_of(parts: Sequence[Sentence], has_symptom: bool, *, subject: bool = False) -> list[Remark]:
    """The remarks that the sentences raise."""
    found: list[Remark] = []
    all_hits = [hit for sentence in parts for hit in hits(sentence, ("remark",))]
    for flag in _DIRECT:
        hit = next((hit for hit in all_hits if hit.meaning == flag.value and _fits(flag, hit, has_symptom)), None)
        if hit:
            found.append(Remark(flag, squeeze(hit.text)))
    question = next((sentence for sentence in parts if sentence.asks), None)
    if question and not subject:
        found.append(Remark(Flag.ASKS_SOMETHING, squeeze(question.text)))
    return found


_UNDONE = re.compile(  # "turned it on again", "won't start again": put back as it was, no fault that came back
    r"\b(?:up|down|on|off|in|out|open|back) again\b|"
    r"\b(?:won't|will not|wouldn't|would not|cannot|can't|could not|never|to) (?:\w+ ){1,3}again\b"
)
_PUT_BACK = re.compile(r"(?:ponownie|znowu?) (?:ja |go |to |je |sie )?[a-z]+c")  # "ponownie załączyć"
_NOT_YET = re.compile(r"\b(?:until|till|once|as soon as|dopoki|poki|zanim|az)\b[^,.;]{0,40}$")  # "purging until it is back"
_COURTESY_AGAIN = re.compile(r"^\W*(?:serdecznie |bardzo |panstwu |to )?(?:dziek|przepras|pozdr|polec|gratul|thank|sorry)")
_WORKED_TWICE = re.compile(
    r"^\W*(?:na|przez|pod|through|on|over) \w+\s*(?:$|[,.;])|^\W*(?:przepu|drukow|tn|lakier|podklad|klad)"
)  # "drugi raz na stół"


def _came_back(before: str, said: str, after: str) -> bool:
    """Whether words of "again" speak of a fault or a report, and not of something that is put back, thanked for or done twice."""
    tail = said.rsplit(maxsplit=1)[-1]
    whole = f"{before}{said}"
    if tail in ("again", "back") and _NOT_YET.search(before):
        return False
    if _UNDONE.search(whole) or _PUT_BACK.fullmatch(said):
        return False
    if said.endswith(("raz jeszcze", "jeszcze raz", "again")) and _COURTESY_AGAIN.match(after):
        return False
    return not (tail in ("raz", "time") and _WORKED_TWICE.match(after))


_DENIED = re.compile(r"\b(?:nie (?:chodzi|jest to|wynika|to)|to nie|not)\b[^,.]{0,20}$")


def _fits(flag: Flag, hit: Hit, has_symptom: bool) -> bool:
    before = fold(hit.sentence.text[: hit.sentence.tokens[hit.first].start - hit.sentence.start])
    words = fold(hit.sentence.text)
    if flag is Flag.SAME_AGAIN:
        return not has_symptom
    if flag is Flag.REPEATED:
        after = fold(hit.sentence.text[hit.sentence.tokens[hit.last].end - hit.sentence.start :])
        return _came_back(before, fold(hit.text), after)
    if flag is Flag.TRAINING:
        return not re.search(r"\b(?:po|bylo|bylismy|przeszedl|przeszla|ukonczyl\w*|zapraszamy|after|had)\s+(?:\w+\s+)?$", before)
    if flag is Flag.DANGER:
        return not (
            _DENIED.search(before)
            or re.search(
                r"\b(?:pali|zapal\w*) sie\b.{0,30}\b(?:lampk|diod|kontrolk|czerwon|zielon)|\b(?:lampk\w*|diod\w*|kontrolk\w*|czerwon\w*|"
                r"led)\b.{0,30}\b(?:za)?pali|(?:nic|nie) (?:sie )?(?:nie )?pali|pali sie nam",
                words,
            )
            or re.search(r"glowic\w* (?:sie )?(?:nie )?pali|dysz\w* (?:nie )?pal", words)
        )
    if flag is Flag.DOES_NOT_KNOW:
        return True
    return True


def is_only_thanks(text: str, parts: Sequence[Sentence], has_symptom: bool) -> bool:
    """Whether the mail says thanks, or that it works now, and nothing else: "dziękuję, nie pomogło" is no thanks, for it would be lost."""
    if has_symptom or any(sentence.asks for sentence in parts) or len(re.findall(r"\w+", text)) > 45:
        return False
    meanings = {hit.meaning for sentence in parts for hit in hits(sentence, ("remark",))}
    if not meanings & {"thanks", "solved"} or meanings & {
        "promise",
        "repeated",
        "same_again",
        "annoyed",
        "complaint",
        "danger",
        "unsolved",
    }:
        return False
    return all(_is_courtesy(sentence) for sentence in parts)


def _is_courtesy(sentence: Sentence) -> bool:
    found = {hit.meaning for hit in hits(sentence, ("remark",))}
    words = [token.key for token in sentence.words]
    return bool(found & {"thanks", "solved"}) or len(words) <= 3 or all(in_class(word, "greeting") or word in _SMALL_TALK for word in words)


def is_only_promise(text: str, parts: Sequence[Sentence], has_symptom: bool) -> bool:
    """Whether the mail promises the rest for later, and says nothing else."""
    if has_symptom or len(re.findall(r"\w+", text)) > 45:
        return False
    promises = [sentence for sentence in parts if any(hit.meaning == "promise" for hit in hits(sentence, ("remark",)))]
    return bool(promises) and not any(sentence.asks for sentence in parts)


_ELSEWHERE = re.compile(r"\b(?:w (?:stopce|podpisie|zalacz\w+)|ponizej|powyzej|nizej|attached|below|signature)\b")


def without_promises(text: str) -> str:
    """A text without the sentences that put something off, or point elsewhere: "jutro wszystko uzupełnię" tells nothing of the work."""
    told = [
        sentence
        for sentence in sentences(text)
        if not any(hit.meaning == "promise" for hit in hits(sentence, ("remark",)))
        and not (len(sentence.words) <= 6 and _ELSEWHERE.search(fold(sentence.text)))
    ]
    return " ".join(sentence.text for sentence in told)
