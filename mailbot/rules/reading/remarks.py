"""Remarks for staff and for the course of the conversation, each with the words that raised it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbot.model.facts import Flag, Remark
from mailbot.rules.reading.cues import Hit, hits, squeeze
from mailbot.rules.reading.words import Sentence, fold

_DIRECT = (
    Flag.THIRD_PARTY, Flag.REPEATED, Flag.TRAINING, Flag.DANGER, Flag.COMPLAINT, Flag.ANNOYED, Flag.WANTS_CALL, Flag.DOES_NOT_KNOW,
    Flag.SAME_AGAIN, Flag.FORGOT_SOMETHING, Flag.SEVERAL_PROBLEMS, Flag.INK_SYSTEM,
)  # fmt: skip


def remarks_of(parts: Sequence[Sentence], has_symptom: bool) -> list[Remark]:
    """The remarks that the sentences raise."""
    found: list[Remark] = []
    all_hits = [hit for sentence in parts for hit in hits(sentence, ("remark",))]
    for flag in _DIRECT:
        hit = next((hit for hit in all_hits if hit.meaning == flag.value and _fits(flag, hit, has_symptom)), None)
        if hit:
            found.append(Remark(flag, squeeze(hit.text)))
    question = next((sentence for sentence in parts if sentence.asks), None)
    if question:
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


_DENIED = re.compile(r"\b(?:nie (?:chodzi|jest to|wynika|to)|to nie|not)\b(?:(?! and | but )[^,.]){0,20}$")
_LIKE = re.compile(r"\b(?:jak|niby|like)(?: przez| zza| w| we| through)?\W*$")  # "wydruki jak przez dym"
_BURNS = re.compile(r"\b(?:za|prze|s)?pal(?:i|a|il)")
_LIGHT = re.compile(
    r"\b(?:lampk|diod|kontrolk|komunikat|ikon|napis|swiatelk|swiatl|wskaznik|zarowk|alarm|ekran|led\b)|"
    r"\b(?:nic|nie) (?:sie )?(?:nie )?(?:za)?pal|\bpali sie nam\b"
)
"""What lights up, or has to fire, and no fire: "zapaliła się kontrolka", "dysza nie pali"."""
_JOINT = re.compile(r"[,;:()–]| i | a | ale | oraz | and | but ")


def _is_a_light(hit: Hit) -> bool:
    """Whether a burning is that of a lamp, in the clause in which it stands; smoke and sparks beside it are none."""
    if not _BURNS.search(fold(hit.text)):
        return False
    words = fold(hit.sentence.text)
    tokens, start = hit.sentence.tokens, hit.sentence.start
    first, last = tokens[hit.first].start - start, tokens[hit.last].end - start
    before, behind = _JOINT.split(words[:first])[-1], _JOINT.split(words[last:])[0]
    return bool(_LIGHT.search(before + words[first:last] + behind))


def _fits(flag: Flag, hit: Hit, has_symptom: bool) -> bool:
    before = fold(hit.sentence.text[: hit.sentence.tokens[hit.first].start - hit.sentence.start])
    if flag is Flag.SAME_AGAIN:
        return not has_symptom
    if flag is Flag.REPEATED:
        after = fold(hit.sentence.text[hit.sentence.tokens[hit.last].end - hit.sentence.start :])
        return _came_back(before, fold(hit.text), after)
    if flag is Flag.TRAINING:
        return not re.search(r"\b(?:po|bylo|bylismy|przeszedl|przeszla|ukonczyl\w*|zapraszamy|after|had)\s+(?:\w+\s+)?$", before)
    if flag is Flag.DANGER:
        return not (_DENIED.search(before) or _LIKE.search(before) or _is_a_light(hit))
    return True
