"""Cues: small patterns over folded words, read from the tables in `knowledge/`.

A table line is `meaning | pattern | an example line`. A pattern is a row of word groups:

    word        the word, diacritics and case do not matter
    stem*       a word that begins so; a misspelt long word counts too
    a/b/c       any of these
    @class      any word of a class of `words.txt`
    ?word       may be missing
    ..          up to three words between, not across a comma
    ...         up to eight words between, also across commas
    <>          as `..`, in either order (once a pattern)
    ^           at the start of the sentence (a greeting does not count)

Unless the pattern itself holds a negation or begins with `~`, a match whose words are negated, or that stands behind an "if",
does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from mailbot.rules.reading import morphology
from mailbot.rules.reading.particle import denies
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

_NEGATIONS = frozenset(
    [
        "nie",
        "ne",
        "bez",
        "brak",
        "not",
        "no",
        "never",
        "without",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "arent",
        "wasnt",
        "werent",
        "cannot",
        "cant",
        "wont",
        "couldnt",
        "nothing",
        "nic",
        "zaden",
        "zadna",
        "zadne",
        "zadnych",
        "zadnego",
        "zadnej",
        "zero",
        "nobody",
        "nikt",
        "nigdy",
        "neither",
        "nor",
    ]
)
_AUXILIARIES = frozenset(
    [
        "jest",
        "sa",
        "to",
        "ma",
        "mamy",
        "bylo",
        "byla",
        "byl",
        "be",
        "is",
        "are",
        "been",
        "have",
        "has",
        "any",
        "a",
        "an",
        "the",
        "jakis",
        "jakas",
        "jakies",
        "zadnych",
        "zadnego",
        "zadnej",
        "zaden",
        "taka",
        "tak",
        "az",
        "wcale",
        "yet",
        "really",
        "bardzo",
        "specjalnie",
        "na",
        "zbyt",
        "juz",
        "jeszcze",
    ]
)
_IRREALIS = frozenset(
    [
        "jesli",
        "jezeli",
        "gdyby",
        "zeby",
        "aby",
        "oby",
        "zanim",
        "jakby",
        "if",
        "unless",
        "whether",
        "lest",
        "before",
        "might",
        "could",
        "would",
        "may",
        "moglo",
        "moglaby",
        "mogloby",
        "grozi",
        "grozic",
        "grozilo",
        "obawiamy",
        "boimy",
        "obawa",
        "inaczej",
    ]
)
_GAPS = {"..": (0, 3, False), "...": (0, 8, True)}
_STRONG_BREAKS = frozenset(',;:()[]–—|"„”')
_NONE = frozenset[str]()
_SLIPS = {"ne": "nie"}  # as Ukrainians and Czechs write it


@dataclass(frozen=True, slots=True)
class Element:
    """A group of alternatives with the gap allowed before it."""

    atoms: frozenset[str]
    gap: int = 0
    across: bool = False  # the gap may cross a comma
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of a table."""

    topic: str
    meaning: str
    pattern: str
    example: str
    rows: tuple[tuple[Element, ...], ...]
    anchored: bool
    guarded: bool  # negation and "if" are looked for
    denies: bool  # it may hold a negation of its own


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in a sentence."""

    cue: Cue
    sentence: Sentence
    first: int  # index of the first and last token
    last: int

    @property
    def meaning(self) -> str:
        """What the cue says."""
        return self.cue.meaning

    @property
    def text(self) -> str:
        """The words of the mail that were matched, as they stand there."""
        offset = self.sentence.start
        return self.sentence.text[self.sentence.tokens[self.first].start - offset : self.sentence.tokens[self.last].end - offset]


def table(name: str) -> Iterator[list[str]]:
    """The lines of a knowledge table, cut at ` | `; `#` begins a comment."""
    text = resources.files("mailbot.rules.reading").joinpath("knowledge", f"{name}.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield [cell.strip() for cell in line.split(" | ")]


@cache
def classes() -> dict[str, frozenset[str]]:
    """The word classes of `words.txt`, folded; a class may hold other classes."""
    found: dict[str, frozenset[str]] = {}
    for name, words in table("words"):
        atoms: set[str] = set()
        for word in words.split():
            atoms |= found[word[1:]] if word.startswith("@") else {fold(word)}
        found[name] = found.get(name, frozenset()) | atoms
    return found


def _group(word: str) -> frozenset[str]:
    atoms: set[str] = set()
    for part in word.split("/"):
        atoms |= classes()[part[1:]] if part.startswith("@") else {fold(part).replace("'", "")}
    return frozenset(atoms)


def _row(words: list[str]) -> tuple[Element, ...]:
    row: list[Element] = []
    gap, across = 0, False
    for word in words:
        if word in _GAPS:
            _, gap, across = _GAPS[word]
            continue
        optional = word.startswith("?")
        row.append(Element(_group(word.removeprefix("?")), gap, across, optional))
        gap, across = 0, False
    return tuple(row)


def compile_cue(topic: str, meaning: str, pattern: str, example: str) -> Cue:
    """A cue from the cells of a table line. ValueError when the pattern has no word that must be there."""
    words = pattern.removeprefix("~").split()
    anchored = words[0] == "^"
    words = words[1:] if anchored else words
    if "<>" in words:
        at = words.index("<>")
        rows: tuple[tuple[Element, ...], ...] = (_row([*words[:at], "..", *words[at + 1 :]]), _row([*words[at + 1 :], "..", *words[:at]]))
    else:
        rows = (_row(words),)
    if any(all(element.optional for element in row) for row in rows):
        raise ValueError(f"{topic}: the cue {pattern!r} matches everything")
    negates = any(element.atoms & _NEGATIONS for row in rows for element in row)
    return Cue(topic, meaning, pattern, example, rows, anchored, not pattern.startswith("~"), negates)


@cache
def cues(topic: str) -> tuple[Cue, ...]:
    """The cues of a table."""
    return tuple(compile_cue(topic, *cells) for cells in table(topic))


TOPICS = ("impact", "symptom", "remark", "kind", "works")


class _Entry(NamedTuple):
    """A row of a cue, and its groups that must be there beside the one by which it is found."""

    cue: Cue
    row: tuple[Element, ...]
    needed: tuple[frozenset[str], ...]


class _Index:
    """All cues in the order of the tables, found by their rarest group, and the words they look for."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.by_atom: dict[str, set[int]] = defaultdict(set)
        self.atoms: set[str] = set()
        for topic in TOPICS:
            for cue in cues(topic):
                for row in cue.rows:
                    anchor = min(
                        (element for element in row if not element.optional),
                        key=lambda element: (len(element.atoms), -max(map(len, element.atoms))),
                    )
                    for atom in anchor.atoms:
                        self.by_atom[atom].add(len(self.entries))
                    needed = tuple(element.atoms for element in row if not element.optional and element is not anchor)
                    self.entries.append(_Entry(cue, row, needed))
                    self.atoms.update(atom for element in row for atom in element.atoms)
        for atoms in classes().values():
            self.atoms |= atoms
        self.stems: dict[str, list[str]] = defaultdict(list)  # by first letter
        for atom in sorted(self.atoms):
            if atom.endswith("*") and len(atom) > 6:
                self.stems[atom[0]].append(atom[:-1])


@cache
def _index() -> _Index:
    return _Index()


@morphology.remembered
def atoms_of(key: str) -> frozenset[str]:
    """The cue words that a folded word stands for: itself, its stems, or those of the word it is a misspelling of."""
    known = _index().atoms
    key = _SLIPS.get(key, key)
    found = {key} if key in known else set()
    found.update(atom for size in range(2, len(key) + 1) if (atom := f"{key[:size]}*") in known)
    if not found and len(key) >= 6 and key.isalpha() and not morphology.is_known(key):
        found.update(_misspelt(key))
    return frozenset(found)


def _misspelt(key: str) -> Iterator[str]:
    """Stems that the word begins with, but for one slip of the fingers."""
    for stem in _index().stems[key[0]]:
        # a slip among the first three letters leaves the last two whole, any other leaves the first three
        if abs(len(stem) - len(key)) <= 8 and (stem[:3] == key[:3] or stem[-2:] in key):
            for size in (len(stem) - 1, len(stem), len(stem) + 1):
                if DamerauLevenshtein.distance(stem, key[:size], score_cutoff=1) <= 1:
                    yield f"{stem}*"
                    break


@morphology.remembered
def in_class(key: str, name: str) -> bool:
    """Whether a folded word belongs to a class of `words.txt`."""
    return not atoms_of(key).isdisjoint(classes()[name])


def _match(row: tuple[Element, ...], words: Sequence[Token], atoms: Sequence[frozenset[str]], at: int, element: int = 0) -> int | None:
    """The index of the last token of a match of a row, from one of its elements on, that begins at `at`; or None."""
    if element == len(row):
        return at - 1
    wanted = row[element]
    skipped, here = 0, at
    while here < len(words):
        if words[here].is_word:
            if not atoms[here].isdisjoint(wanted.atoms):
                end = _match(row, words, atoms, here + 1, element + 1)
                if end is not None:
                    return end
            skipped += 1
            if element == 0 or skipped > wanted.gap:
                break
        elif words[here].text in _STRONG_BREAKS and not wanted.across:
            break
        here += 1
    return _match(row, words, atoms, at, element + 1) if wanted.optional else None


def _stands(cue: Cue, words: Sequence[Token], first: int, last: int) -> bool:
    """Whether nothing around a match takes its meaning back; a cue with a negation of its own says what it says."""
    if cue.denies and any(denies(words, at, _NEGATIONS) for at in range(first, last + 1)):
        return True
    return not (_negated(words, first, last) or _unreal(words, first))


def _negated(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a negation touches the match: right before one of its words, or before it with a small word between."""
    for at in range(max(0, first - 3), last + 1):
        if denies(words, at, _NEGATIONS):
            between = [token.key for token in words[at + 1 : first]]
            if at >= first or not between or (all(key in _AUXILIARIES for key in between)):
                return True
    return False


def _unreal(words: Sequence[Token], first: int) -> bool:
    """Whether the match stands in a clause with an "if", a fear or a purpose before it."""
    for at in range(first - 1, max(-1, first - 10), -1):
        if words[at].text in _STRONG_BREAKS:
            return False
        if words[at].key in _IRREALIS:
            return True
    return False


def hits(sentence: Sentence, topics: Sequence[str] = TOPICS) -> list[Hit]:
    """The cues of the topics that the sentence holds, each once, in the order of the words."""
    return [hit for hit in _hits(sentence) if hit.cue.topic in topics]


@lru_cache(maxsize=1024)
def _hits(sentence: Sentence) -> tuple[Hit, ...]:
    """The cues of all topics; the last sentences are kept, for several readers ask."""
    words = sentence.tokens
    atoms = [atoms_of(token.key.replace("'", "")) if token.is_word else _NONE for token in words]
    present = _NONE.union(*atoms)
    opening = next((at for at, token in enumerate(words) if token.is_word and not in_class(token.key, "greeting")), 0)
    found: dict[int, Hit] = {}
    index = _index()
    for number in sorted(set[int]().union(*(index.by_atom[atom] for atom in present if atom in index.by_atom))):
        cue, row, needed = index.entries[number]
        if id(cue) in found or any(map(present.isdisjoint, needed)):
            continue
        for start in range(len(words)) if not cue.anchored else (opening,):
            if not row[0].optional and atoms[start].isdisjoint(row[0].atoms):
                continue
            last = _match(row, words, atoms, start)
            if last is None or last < start or (cue.guarded and not _stands(cue, words, start, last)):
                continue
            found[id(cue)] = Hit(cue, sentence, start, last)
            break
    return tuple(sorted(found.values(), key=lambda hit: hit.first))


def all_hits(text: str, topics: Sequence[str] = TOPICS) -> list[Hit]:
    """The cues of the topics in a text."""
    return [hit for sentence in sentences(text) for hit in hits(sentence, topics)]


def squeeze(text: str) -> str:
    """One line, single spaces."""
    return " ".join(text.split())
