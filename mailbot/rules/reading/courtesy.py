"""Mails that move nothing: thanks alone, a promise alone. Where a word may say more, the mail is an answer, for what is taken for thanks
reopens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailbot.model.facts import Flag, Remark
from mailbot.rules.reading.cues import classes, hits, in_class
from mailbot.rules.reading.words import Sentence, Token, clauses, fold, sentences

_LONGEST = 45  # words
_APPLAUSE = re.compile("[👍👌🙏👏😊🙂❤💪]")
_MOVES = frozenset(
    [
        Flag.REPEATED, Flag.SAME_AGAIN, Flag.ANNOYED, Flag.COMPLAINT, Flag.DANGER, Flag.WANTS_CALL, Flag.TRAINING, Flag.DOES_NOT_KNOW,
        Flag.ASKS_SOMETHING, Flag.FORGOT_SOMETHING, Flag.SEVERAL_PROBLEMS,
    ]
)  # fmt: skip
"""What somebody has to take up, whatever stands beside it."""


def is_only_thanks(text: str, remarks: Sequence[Remark], names: frozenset[str]) -> bool:
    """Whether a mail says thanks, or that it works now, and has no word that could say more: "dziękuję, bez zmian" has two.

    `names`: the words of the writer's name, folded.
    """
    parts = sentences(text)
    if not parts:
        return bool(_APPLAUSE.search(text))
    if any(remark.flag in _MOVES for remark in remarks) or sum(len(sentence.words) for sentence in parts) > _LONGEST:
        return False
    return any(_said(sentence, "thanks", "solved") for sentence in parts) and all(_is_courtesy(sentence, names) for sentence in parts)


def _said(sentence: Sentence, *meanings: str) -> set[int]:
    """The tokens of a sentence in which the cues of some meanings stand."""
    return {at for hit in hits(sentence, ("remark",)) if hit.meaning in meanings for at in range(hit.first, hit.last + 1)}


def _is_courtesy(sentence: Sentence, names: frozenset[str]) -> bool:
    said, well = _said(sentence, "thanks", "solved"), bool(_said(sentence, "solved"))
    return all(at in said or not token.is_word or _is_polite(token, names, well=well) for at, token in enumerate(sentence.tokens))


def _is_polite(token: Token, names: frozenset[str], *, well: bool) -> bool:
    """Whether a word can say nothing more. `well`: it stands beside the word that all is well: "znowu działa", but not "maszyna znowu"."""
    key = token.key
    polite = key in names or key in classes()["small_talk"] or in_class(key, "greeting") or in_class(key, "courtesy")
    return polite or (well and in_class(key, "well"))


def promises(parts: Sequence[Sentence]) -> bool:
    """Whether a mail puts something off: "resztę podam jutro"."""
    return any(_said(sentence, "promise") for sentence in parts)


def is_only_promise(parts: Sequence[Sentence], remarks: Sequence[Remark]) -> bool:
    """Whether a mail that brought nothing puts it off, and says nothing else that somebody has to take up."""
    short = sum(len(sentence.words) for sentence in parts) <= _LONGEST
    return short and promises(parts) and not any(remark.flag in _MOVES for remark in remarks)


_ELSEWHERE = re.compile(r"\b(?:w (?:stopce|podpisie|zalacz\w+)|ponizej|powyzej|nizej|attached|below|signature)\b")
_POINTING = 6  # words of a sentence that only points elsewhere


def without_promises(text: str) -> str:
    """A text without the clauses that put something off, or point elsewhere: "stoimy, resztę podam jutro" is "stoimy"."""
    return " ".join(part for sentence in sentences(text) for part in _told(sentence))


def _told(sentence: Sentence) -> Iterator[str]:
    if len(sentence.words) <= _POINTING and _ELSEWHERE.search(fold(sentence.text)):
        return
    later = _said(sentence, "promise")
    if not later:
        yield sentence.text
        return
    put_off = {sentence.tokens[at].start for at in later}
    yield from (f"{part.text}." for part in clauses(sentence) if not any(token.start in put_off for token in part.tokens))
