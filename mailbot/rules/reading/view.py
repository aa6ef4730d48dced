"""New text told apart from quotes, forwards, signature, disclaimer and footer: a view of the mail, never a cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailbot.model.facts import Where
from mailbot.model.mail import Address, Mail
from mailbot.model.service import Service
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import all_hits, in_class
from mailbot.rules.reading.layout import (
    BELONGS_TO,
    CONTACT_MARK,
    looks_signed,
    may_start_signature,
    opens_valediction,
    valediction_tail,
    words_of,
)
from mailbot.rules.reading.lines import is_line
from mailbot.rules.reading.person import as_name, is_given_name
from mailbot.rules.reading.words import fold

MAX_LINES = 4000


class Role(StrEnum):
    """What a line of a mail is."""

    NEW = "new"
    QUOTED = "quoted"  # a mail of ours, quoted, or one whose author cannot be told
    FORWARDED = "forwarded"  # somebody else's words that the sender passes on to us
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    FOOTER = "footer"  # "Wysłane z iPhone'a"
    FRAME = "frame"  # the lines around a quote: who wrote it and when


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its role. `text` has no quote marks; `number` counts from 0 in the mail's text."""

    number: int
    text: str
    role: Role
    passage: int | None = None  # index into `TextView.passages`


@dataclass(frozen=True, slots=True)
class Passage:
    """A quoted or forwarded mail inside a mail."""

    role: Role
    author: Address | None
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TextView:
    """All lines of a mail, each with its role, and the mails inside it."""

    lines: tuple[Line, ...]
    passages: tuple[Passage, ...] = ()

    def _of(self, *roles: Role) -> str:
        return "\n".join(line.text for line in self.lines if line.role in roles).strip("\n")

    @property
    def new(self) -> str:
        """What the sender wrote."""
        return self._of(Role.NEW)

    @property
    def signature(self) -> str:
        """The sender's signature."""
        return self._of(Role.SIGNATURE)

    @property
    def quoted(self) -> str:
        """Older mail of ours."""
        return "\n".join(passage.text for passage in self.passages if passage.role is Role.QUOTED)

    @property
    def forwarded(self) -> str:
        """Words of others that the sender passes on."""
        return "\n".join(passage.text for passage in self.passages if passage.role is Role.FORWARDED)


_HEADER = re.compile(
    r"^\W{0,4}(od|from|nadawca|von|de|wyslano|wyslane|data|date|sent|gesendet|do|to|an|adresat|temat|subject|"
    r"betreff|dw|cc|udw|odpowiedz do|reply-to|waznosc|importance|priorytet)\W{0,3}\s?:\s?\W{0,3}(.*)$"
)
_FROM_LABELS = frozenset({"od", "from", "nadawca", "von", "de"})
_SUBJECT_LABELS = frozenset({"temat", "subject", "betreff"})
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,200}\w")
_MARK = re.compile(r"^[>| ]*>[ ]?")
_INTRO_DATE = re.compile(
    r"^(w dniu|dnia|on |am |le |(pon|wt|sr|czw|pt|sob|niedz|mon|tue|wed|thu|fri|sat|sun)\w*\.?,? ?\d|\d{1,2}[./ ]|20\d\d-)"
)
_INTRO_END = re.compile(r"(napisal|napisala|napisal\(a\)|napisal/a|pisze|pisze\(.\)|wrote|schrieb|a ecrit)\W*:?\s*$")


def _depth(text: str) -> int:
    found = _MARK.match(text) if ">" in text else None
    return found.group().count(">") if found else 0


def _bare(text: str) -> str:
    return _MARK.sub("", text, count=1) if ">" in text else text


def _address(text: str) -> Address | None:
    found = _ADDRESS.search(text)
    name = re.split(r"[<\[(]", text, maxsplit=1)[0] if found else text
    name = name.replace(found.group(), "") if found else name
    name = re.sub(r"^.*?\d{1,2}[:.]\d\d(?::\d\d)?,?\s*(?:użytkownik)?", "", name).strip(" \"'„”<>,*")
    return Address(name, found.group() if found else "") if found or name else None


def _header_block(lines: list[str], at: int) -> tuple[int, Address | None, str] | None:
    """A copied header (`Od: … Wysłano: … Do: … Temat: …`) at a line: where the body begins, its author and subject."""
    first = _HEADER.match(fold(lines[at][:200]))
    if not first or first.group(1) not in _FROM_LABELS:
        return None
    author, subject, seen, end = _address(_bare(lines[at]).partition(":")[2]), "", 1, at + 1
    for here in range(at + 1, min(len(lines), at + 12)):
        label = _HEADER.match(fold(_bare(lines[here])[:200]))
        if label:
            seen, end = seen + 1, here + 1
            if label.group(1) in _SUBJECT_LABELS:
                subject = _bare(lines[here]).partition(":")[2].strip(" *")
        elif _bare(lines[here]).strip() and here - end >= 1:
            break
    return (end, author, subject) if seen >= 3 else None


def _intro(lines: list[str], at: int) -> tuple[int, Address | None] | None:
    """`W dniu … X napisał(a):`, on up to three lines from one that may begin it: where it ends, and who wrote."""
    joined = ""
    for here in range(at, min(len(lines), at + 3)):
        joined = f"{joined} {_bare(lines[here]).strip()}".strip()
        folded = fold(joined[:400])
        if is_line("intro", joined) and folded.endswith(":"):
            middle = re.search(r"(?:przez|by)\s+(.+?)\s+(?:w dniu|dnia|on)\b", joined)
            return here + 1, _address(middle.group(1) if middle else _INTRO_END.sub("", joined))
        if _INTRO_END.search(folded) and (_INTRO_DATE.match(folded)):
            return here + 1, _address(re.sub(r"\s*\S+\s*:?\s*$", "", joined))
    return None


@lru_cache(maxsize=4096)
def _may_begin(text: str) -> bool:
    """Whether a quote or a forward may begin with a line. The last lines are kept: most of a quote is the same in every mail."""
    if is_line("separator", text):
        return True
    header = _HEADER.match(fold(text[:200]))
    if header and header.group(1) in _FROM_LABELS:
        return True
    bare = _bare(text).strip()
    return bool(_INTRO_DATE.match(fold(bare[:400]))) or is_line("intro", bare)


@dataclass(slots=True)
class _Open:
    author: Address | None
    subject: str
    marked: bool  # its lines carry `>`
    lines: list[str]


@dataclass(frozen=True, slots=True)
class _Cut:
    """The lines of a mail; those of the mails inside it are quoted until it is known whose these are."""

    lines: tuple[Line, ...]
    inside: tuple[_Open, ...]


def _is_ours(author: Address | None, text: str, service: Service) -> bool:
    domain = service.address.rpartition("@")[2].lower()
    if author and author.email:
        return author.key in service.own_addresses or author.domain == domain or service.is_staff(author)
    if author and author.name.strip() and in_class(fold(author.name.split()[-1]), "own"):
        return True
    folded = fold(text[:4000])
    return domain in folded or "wplyw na dzialalnosc (" in folded or "business impact (" in folded


class _Splitter:
    """One pass over the lines of a mail: those of each mail inside it, and those that are new with all that is around them."""

    def __init__(self, mail: Mail) -> None:
        self.texts = mail.text.split("\n")[:MAX_LINES]
        self.depths = [_depth(text) for text in self.texts]
        self.author = mail.from_
        self.lines: list[Line] = []
        self.open: list[_Open] = []

    def run(self) -> _Cut:
        at = 0
        inside: int | None = None  # the passage that unmarked lines belong to
        texts = self.texts
        while at < len(texts):
            text = texts[at]
            start = self._begin(at)
            if start:
                end, author, subject, marked = start
                inside = self._start(author, subject, marked)
                self.lines.extend(Line(number, _bare(texts[number]), Role.FRAME, inside) for number in range(at, end))
                at = end
                continue
            if self.depths[at]:
                if inside is None or not self.open[inside].marked:
                    inside = self._start(None, "", True) if inside is None or not self._nested(inside) else inside
                self._add(at, _bare(text), inside)
            elif inside is not None and not self.open[inside].marked:
                self._add(at, text, inside)
            elif inside is not None and not text.strip():
                self._add(at, text, None)
            else:
                self._add(at, text, None)
                if text.strip():
                    inside = self._resume(at, inside)
            at += 1
        return self._finish()

    def _resume(self, at: int, inside: int | None) -> int | None:
        """An unmarked line after marked ones is new text; the next marked line goes on with the same quote."""
        return inside if inside is not None and any(self.depths[at + 1 : at + 400]) else None

    def _nested(self, inside: int) -> bool:
        return not self.open[inside].marked

    def _begin(self, at: int) -> tuple[int, Address | None, str, bool] | None:
        """A quote or forward that begins at this line: where its words begin, author, subject, and whether they are marked."""
        texts = self.texts
        if not _may_begin(texts[at]):
            return None
        if is_line("separator", texts[at]) and not self.depths[at]:
            here = at + 1
            while here < len(texts) and not texts[here].strip() and here < at + 4:
                here += 1
            block = _header_block(texts, here) if here < len(texts) else None
            if block:
                return block[0], block[1], block[2], False
            if not re.search(r"[^\W_]", texts[at]):
                return None  # a line of underscores alone
            intro = _intro(texts, here) if here < len(texts) else None
            return (intro[0], intro[1], "", self._marked(intro[0])) if intro else (at + 1, None, "", self._marked(at + 1))
        block = _header_block(texts, at)
        if block:
            return block[0], block[1], block[2], bool(self.depths[at])
        intro = _intro(texts, at)
        if intro and (self._marked(intro[0]) or is_line("intro", " ".join(map(_bare, texts[at : intro[0]])))):
            return intro[0], intro[1], "", self._marked(intro[0])
        return None

    def _marked(self, at: int) -> bool:
        return any(self.depths[at : at + 3])

    def _start(self, author: Address | None, subject: str, marked: bool) -> int:
        self.open.append(_Open(author, subject, marked, []))
        return len(self.open) - 1

    def _add(self, number: int, text: str, passage: int | None) -> None:
        if passage is not None:
            self.open[passage].lines.append(text)
        self.lines.append(Line(number, text, Role.QUOTED if passage is not None else Role.NEW, passage))

    def _finish(self) -> _Cut:
        new = [line for line in self.lines if line.role is Role.NEW]
        roles = dict(zip((line.number for line in new), mark_signature([line.text for line in new], _names(self.author)), strict=True))
        return _Cut(tuple(_with_role(line, roles.get(line.number, line.role)) for line in self.lines), tuple(self.open))


def _with_role(line: Line, role: Role) -> Line:
    return line if line.role is role else Line(line.number, line.text, role, line.passage)


def _names(author: Address | None) -> frozenset[str]:
    """The words of an author's name, folded."""
    return frozenset(fold(word) for word in words_of(author.name) if len(word) >= 2) if author and "@" not in author.name else frozenset()


def mark_signature(texts: list[str], names: frozenset[str] = frozenset()) -> list[Role]:
    """The roles of lines that nobody quoted: new text, signature, disclaimer, footer. `names`: the words of the author's name."""
    roles = [Role.NEW] * len(texts)
    for at, text in enumerate(texts):
        if is_line("footer", text):
            roles[at] = Role.FOOTER
    for at, text in enumerate(texts):
        if roles[at] is Role.NEW and is_line("disclaimer", text):
            end = next((here for here in range(at, len(texts)) if here > at and not texts[here].strip()), len(texts))
            for here in range(at, end):
                roles[here] = Role.DISCLAIMER
    start = _signature_start(texts, roles, names)
    if _is_report(texts[:start], texts[start:]):
        return roles
    for at in range(start, len(texts)):
        if is_line("postscript", texts[at]):
            break
        if roles[at] is Role.NEW:
            roles[at] = Role.SIGNATURE
    return roles


_TELLS = ("symptom", "impact")


def _is_report(above: list[str], block: list[str]) -> bool:
    """Whether what looks like a signature is the whole mail: short lines, of which one tells what is wrong and another has a label."""
    if sum(bool(text.strip()) for text in above) > _HEADING:
        return False
    told = any(hit.meaning != "bare" for text in block for hit in all_hits(text, _TELLS))
    return told and any(_LABELLED.match(text) for text in block)


_HEADING = 1  # lines above: "UWAGA AWARIA"
_LABELLED = re.compile(r"\s*[^\W\d_]{3,}(?: [^\W\d_]+){0,2}\s?:\s*\S")


def _signature_start(texts: list[str], roles: list[Role], names: frozenset[str]) -> int:
    """The index of the line where the signature begins; the number of lines when there is none."""
    rest = [at for at, text in enumerate(texts) if roles[at] is Role.NEW and text.strip()]
    delimiter = next(
        (at for at in rest if texts[at].strip() in {"--", "---", "__", "___", "—", "–"} and _short_rest(texts, roles, at + 1)), None
    )
    if delimiter is not None:
        block = _bottom_block(texts, [at for at in rest if at < delimiter])
        return min(delimiter, block)
    for at in reversed(rest):
        if opens_valediction(texts[at]) and _short_rest(texts, roles, at + 1) and len(valediction_tail(texts[at]).split()) <= 8:
            return at
    return _whole_paragraph(texts, min(_bottom_block(texts, rest), _name_line(texts, roles, rest, names), _contact_paragraph(texts, rest)))


def _whole_paragraph(texts: list[str], start: int) -> int:
    """Where the paragraph begins that a signature stands in, when all above it are short lines as well: the firm, and what it makes."""
    at = start
    while 0 < at < len(texts) and texts[at - 1].strip():
        at -= 1
        if len(texts[at]) > 60 or _is_prose(texts[at]) or texts[at].rstrip()[-1:] in ".,:;!?":
            return start
    return at or start


_BY_ORDER = 25  # letters of what may stand above a name: "z up. Dyrektora"


def _name_line(texts: list[str], roles: list[Role], rest: list[int], names: frozenset[str]) -> int:
    """The last line that is the author's name, or somebody's behind a whole sentence, with nothing but short lines behind it."""
    for at in reversed(rest[1:][-14:]):
        words = [fold(word) for word in words_of(texts[at])]
        alone = len(names) >= 2 and len(names & set(words)) >= 2 and len(words) <= 6 and not _is_prose(texts[at])
        above = texts[at - 1].rstrip()
        parted = above[-1:] in ("", ".", "!", "?") or (len(above) <= _BY_ORDER and not _is_prose(above))
        alone = alone or (parted and (_is_name(texts[at]) or (len(words) == 1 and words[0] in names)))
        if alone and _short_rest(texts, roles, at + 1) and not any(_is_prose(texts[here]) for here in rest if here > at):
            return at
    return len(texts)


def _is_name(text: str) -> bool:
    """Whether a short line is a person's whole name, the first one known."""
    if len(text) > 40 or re.search(r"[\d,:;!?@]", text):
        return False
    name = as_name(text, Where.SIGNATURE)
    return bool(name and name.full and name.first and is_given_name(name.first))


def _contact_paragraph(texts: list[str], rest: list[int]) -> int:
    """The last paragraph, when it holds a number or an address and no prose."""
    start = len(texts)
    for at in reversed(rest[1:]):
        if len(texts[at]) > 90 or _is_prose(texts[at]):
            return len(texts)
        start = at
        if not texts[at - 1].strip():
            break
    block = [at for at in rest if at >= start]
    return (
        start
        if len(block) >= 2 and any(CONTACT_MARK.search(texts[at]) or re.search(r"\d{3}\W?\d{2,3}", texts[at]) for at in block)
        else len(texts)
    )


def _is_prose(text: str) -> bool:
    """Whether a line is a sentence rather than a line of a signature: it has verbs, or asks, or is long."""
    text = BELONGS_TO.sub("", text)
    if len(text) > 120 or text.rstrip()[-1:] == "?":
        return True
    words = words_of(text)
    verbs = sum(word[0].islower() and morphology.is_finite_verb(word) and not in_class(fold(word), "title") for word in words)
    return verbs >= 1 and (len(words) >= 6 or text.rstrip()[-1:] in ".:")


def _short_rest(texts: list[str], roles: list[Role], at: int) -> bool:
    """Whether what follows is short enough for a signature: no run of sentences."""
    following = [texts[here] for here in range(at, len(texts)) if roles[here] is Role.NEW and texts[here].strip()]
    for count, text in enumerate(following):
        if is_line("postscript", text):
            return True
        if count == 0 and len(text) > 140:
            return False
    return sum(len(text) > 120 for text in following) <= 2


def _bottom_block(texts: list[str], rest: list[int]) -> int:
    """The lines at the bottom that each look like a signature's, from the first that can begin one."""
    start = len(texts)
    for at in reversed(rest[1:]):
        if not looks_signed(texts[at]) or _runs_on(texts[at - 1]):
            break
        if may_start_signature(texts[at]):
            start = at
    return start


def _runs_on(text: str) -> bool:
    """Whether a line breaks off inside a sentence: "z naszym konserwatorem, panem", so that no signature begins below it."""
    last = fold(text.rstrip()).rpartition(" ")[2]
    return len(text) >= 40 and last in _HANGING


_HANGING = frozenset("pan panem pana panu pania z ze do od u o na w i a oraz dla to jest nr with for of is the and".split())  # noqa: SIM905


def split_text(mail: Mail, service: Service | None = None, *, quotes_us: bool = False) -> TextView:
    """Tell the lines of a mail apart. `quotes_us`: the mail answers one of ours, so that a quote without an author is ours.

    Without a service it is not told whose the quoted mails are.
    """
    cut = _cut(mail)
    if service is None:
        return TextView(cut.lines)
    passages = []
    for held in cut.inside:
        text = "\n".join(held.lines)
        ours = _is_ours(held.author, text, service) or (quotes_us and held.author is None)
        passages.append(Passage(Role.QUOTED if ours else Role.FORWARDED, held.author, held.subject, text))
    lines = tuple(
        line if line.passage is None or line.role is Role.FRAME else _with_role(line, passages[line.passage].role) for line in cut.lines
    )
    for attached in mail.attached[:5]:
        ours = _is_ours(attached.from_, attached.text, service)
        passages.append(Passage(Role.QUOTED if ours else Role.FORWARDED, attached.from_, attached.subject, attached.text[:100_000]))
    return TextView(lines, tuple(passages))


@lru_cache(maxsize=4)
def _cut(mail: Mail) -> _Cut:
    """The last mails are kept: reading and judging ask for the same one."""
    return _Splitter(mail).run()
