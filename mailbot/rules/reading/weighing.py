"""Rules and the learned judge, weighed together: the impact that a text implies, the kind of a mail, and what tells a symptom.

A rule speaks for its own level with a fixed weight (the odds grow e^3 ≈ 20 times). Where no rule speaks, a mail that may well say
nothing of the work has no level; where one does, only a mail that most likely says nothing. bench/impact.py and `make quality` measure
both.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from mailbot.model.facts import Impact
from mailbot.model.mail import MailKind
from mailbot.rules.reading.learned import Judge, Part, judge
from mailbot.rules.reading.words import Sentence, clauses

NOTHING = "none"
RULE_WEIGHT = 3.0  # from 1.5 to 3 nothing changes that a few hundred mails could tell; from 4 on the rules do harm
SILENT_ABOVE = 0.1  # without a rule: how likely it may be that nothing is said; 0.05 to 0.2 do nearly as well
RULE_MISLED_ABOVE = 0.7  # with one: its clause may stand beside a long symptom
CLAUSE_SILENT_ABOVE = 0.01  # of the clause of a rule alone, where its sentence is outvoted: the examples must know it too
SURE_OF_ANOTHER = 0.95  # a share that outweighs a level which a faint word seems to name
IN_DOUBT = 1.4  # when in doubt it is a request: from 1.0 on none of 900 is lost, of writers left out; at 0.8 three are
NEED_WEIGHT = 1.6
CLEARLY_IN_NEED = 3  # signs; more add nothing
OPEN_WEIGHT = 0.75  # how much a sentence that tells a symptom counts against the whole mail
SYMPTOM_ABOVE = 0.62
SYMPTOM_RULE = 4.0  # what a cue adds to the odds of a sentence, as a power of e; a sentence that no cue knows has to be surer
_WINDOW = 2  # sentences that are read together: "Nie drukuje. Innej nie mamy."; a third changes nothing on writers left out
_MAX_SENTENCES = 120


def weighed_level(parts: Sequence[Sentence], by_rule: tuple[Impact, str] | None) -> tuple[Impact, str] | None:
    """The level that a text implies, with the words that say so; None when it tells nothing of the work.

    `by_rule` is what the rules of impact.py found in the same text. Where a long symptom in its sentence outvotes it, the clause of the
    rule is weighed alone. (Clauses without a rule were tried: over all sets eleven decisions more were wrong.)
    """
    parts = parts[:_MAX_SENTENCES]
    whole = _level(_strongest(judge("impact"), parts), by_rule, RULE_MISLED_ABOVE if by_rule else SILENT_ABOVE)
    if whole or not by_rule:
        return whole
    alone = [clause for part in parts for clause in clauses(part) if by_rule[1] in " ".join(clause.text.split())]
    return _level(_strongest(judge("impact"), alone, 1), by_rule, CLAUSE_SILENT_ABOVE)


def _level(found: tuple[dict[str, float], str], by_rule: tuple[Impact, str] | None, silent_above: float) -> tuple[Impact, str] | None:
    shares, told = found
    lifted = dict(shares)
    if by_rule:
        lifted[by_rule[0].value] *= math.exp(RULE_WEIGHT)
    if lifted[NOTHING] / sum(lifted.values()) > silent_above:
        return None
    level = max(Impact, key=lambda impact: lifted[impact.value])
    return level, by_rule[1] if by_rule and by_rule[0] is level else told


def tells_another(parts: Sequence[Sentence], level: Impact) -> bool:
    """Whether a text surely tells of another level than that one, by the examples alone."""
    shares, _ = _strongest(judge("impact"), parts[:_MAX_SENTENCES])
    return max(shares[other.value] for other in Impact if other is not level) >= SURE_OF_ANOTHER


def _strongest(judging: Judge, parts: Sequence[Sentence], together: int = _WINDOW) -> tuple[dict[str, float], str]:
    """The shares and the words of the neighbouring sentences that are least likely to say nothing."""
    best = dict.fromkeys(judging.labels, 1e-9) | {NOTHING: 1.0}
    told = ""
    for shares, window in _windows(judging, parts, together):
        if shares[NOTHING] < best[NOTHING]:
            best, told = shares, " ".join(sentence.text for sentence in window)
    return best, " ".join(told.split())


def telling_sentences(parts: Sequence[Sentence], by_rule: Collection[Sentence]) -> list[Sentence]:
    """The sentences that tell what is wrong, or what is to be explained; `by_rule` are those in which description.py sees a symptom."""
    return [sentence for sentence in parts[:_MAX_SENTENCES] if _tells(sentence, sentence in by_rule)]


@lru_cache(maxsize=1024)
def _symptom_share(sentence: Sentence) -> float:
    """How likely a sentence tells enough. The last are kept, for several readers ask."""
    judging = judge("description")
    return judging.probabilities([judging.weigh(sentence)])["yes"]


def _tells(sentence: Sentence, by_rule: bool) -> bool:
    """Where a rule sees a symptom, a clause is enough: what else the sentence says does not take it back."""
    needed = SYMPTOM_ABOVE / (1 - SYMPTOM_ABOVE) * math.exp(-SYMPTOM_RULE * by_rule)
    tried = chain([sentence], clauses(sentence) if by_rule else ())
    return any(share > needed * (1 - share) for share in map(_symptom_share, tried))


def _windows(judging: Judge, parts: Sequence[Sentence], together: int) -> Iterator[tuple[dict[str, float], Sequence[Sentence]]]:
    weighed: list[Part] = [judging.weigh(sentence) for sentence in parts]
    for first in range(len(parts)):
        for last in range(first + 1, min(first + together, len(parts)) + 1):
            yield judging.probabilities(weighed[first:last]), parts[first:last]


def weighed_kind(parts: Sequence[Sentence], help_wanted: int) -> tuple[MailKind | None, float]:
    """The kind that is no request, or None when in doubt; and how likely the words are those of a request.

    Each sign of a customer in need (`help_wanted`, less the signs of a machine) speaks for a request with odds of e^1.6. A sentence that
    tells what is wrong, in the words of a request, counts more than an invoice or thanks beside it.
    """
    judging = judge("kind")
    weighed = {sentence: judging.weigh(sentence) for sentence in parts[:_MAX_SENTENCES]}
    shares = judging.probabilities(list(weighed.values()))
    asking = shares.pop(MailKind.REQUEST.value)
    for sentence in telling_sentences(parts, ()):
        alone = judging.probabilities([weighed[sentence]])[MailKind.REQUEST.value]
        asking = max(asking, _between(asking, alone))
    doubt = math.exp(IN_DOUBT + NEED_WEIGHT * min(max(0, help_wanted), CLEARLY_IN_NEED))
    if 1 - asking <= asking * doubt:
        return None, asking
    return MailKind(max(shares, key=lambda kind: shares[kind])), asking


def like_a_request(parts: Sequence[Sentence]) -> float:
    """How likely the words of the sentence that is most like one are those of a request."""
    judging = judge("kind")
    return max((judging.probabilities([judging.weigh(part)])[MailKind.REQUEST.value] for part in parts), default=1.0)


def _between(whole: float, alone: float) -> float:
    """A share between two, in odds."""
    odds = [math.log(max(share, 1e-6) / max(1 - share, 1e-6)) for share in (whole, alone)]
    return 1 / (1 + math.exp(-odds[0] - OPEN_WEIGHT * (odds[1] - odds[0])))
