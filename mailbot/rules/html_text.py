"""HTML mail as the plain text that its writer saw: one line a block, quotes marked with `> `, nothing invisible.

Marks that the quote finder needs survive: `blockquote` and the quote containers of the webmails as `> ` lines,
the separators of Outlook as a line of 32 underscores (what Outlook itself writes in plain text).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailbot.rules.clean import clean_body, clean_text

MAX_HTML = 1_000_000  # characters that are read
_MAX_OPEN = 1_500  # nested elements; the parser is quadratic in depth (100,000 of them take 45 s)
SEPARATOR = "_" * 32


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SKIPPED = _names("head style script title template noscript object svg math iframe audio video map -comment -doctype")
_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr li main menu nav ol p pre section summary table tbody tfoot thead tr ul"
)
_SPACED = _names("h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre")
_LEFT_OPEN = _names("area base br col embed hr img input link meta p li td th tr dd dt param source wbr o:p")

_STYLED = _names("div p span td table blockquote section center font a h1 h2 h3 h4 ul li")
_RULE = "-----"

_BLANKS = re.compile(r"[ \t\r\n]+")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})")
_ANY_TAG = re.compile(r"<!--|-->|<[^<>]*>")
_CHOICE = re.compile(r"<(/?)(?:select|option|optgroup)\b", re.I)  # the parser is quadratic in the options of a select
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_NO_MARGIN = re.compile(r"margin(?:-top|-bottom)?\s*:\s*0", re.I)
_TOP_BORDER = re.compile(r"border-top\s*:\s*solid", re.I)
_INDENT_ONLY = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.I)
_HEADER_LABEL = re.compile(r"\W{0,3}[^\W\d]{2,12}\s?:")
_QUOTE_MARK = re.compile(r"yahoo_quoted", re.I)
_OUTLOOK_MARK = re.compile(r"(?:x_)*(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)", re.I)


def html_text(source: str) -> str:
    """The readable text of an HTML mail; empty only where it shows no text at all.

    `<br>`, blocks and table rows end lines, table cells are parted by tabs, links give their text (or their address
    where a mail has nothing else), styles, scripts and hidden elements are left out. Bounded: MAX_HTML characters.
    """
    source = clean_text(source, MAX_HTML)
    if "<" not in source:
        return _tidy((0, line) for line in html.unescape(source).split("\n"))
    source = _CHOICE.sub(r"<\1div", source)
    if source.count("<") > _MAX_OPEN and _deepest(source) > _MAX_OPEN:
        return _without_tags(source)
    tree = LexborHTMLParser(source)
    for hidden in (False, True):  # a mail that hides everything is still read
        page = _Page(show_hidden=hidden)
        if tree.root is not None:
            page.walk(tree.root)
        if text := page.text():
            return text
    if text := _addresses(tree):
        return text
    tree.strip_tags(["style", "script"])
    return _without_tags(tree.html or "")


def _deepest(source: str) -> int:
    """An upper bound of the nesting that the parser would build."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for closing, given in _TAG.findall(source):
        name = given.lower()
        if name in _LEFT_OPEN or (closing and not opened[name]):
            continue
        step = -1 if closing else 1
        opened[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest


def _without_tags(source: str) -> str:
    """The crude way, for what the parser cannot take: every tag is a line end."""
    return _tidy((0, line) for line in html.unescape(_ANY_TAG.sub("\n", source)).split("\n"))


def _addresses(tree: LexborHTMLParser) -> str:
    """Where links point and what pictures are called: all that a mail without text says."""
    found = [node.attributes.get("href") or node.attributes.get("alt") or "" for node in tree.css("a[href], img[alt]")]
    return _tidy((0, text.removeprefix("mailto:")) for text in found if not text.startswith(("#", "cid:", "data:", "javascript:")))


def _tidy(lines: Iterable[tuple[int, str]]) -> str:
    """Lines (quote depth, text) as text: no trailing blanks, at most one empty line in a row.

    The signature separator `-- ` (RFC 3676 section 4.3) keeps its space.
    """
    kept: list[str] = []
    for quotes, text in lines:
        line = clean_body(text).replace("\n", " ").strip()
        line = ("> " * quotes + ("-- " if line == "--" else line)) if line else ("> " * quotes).rstrip()
        if line.strip("> ") or (kept and kept[-1].strip("> ")):
            kept.append(line)
    while kept and not kept[-1].strip("> "):
        kept.pop()
    return "\n".join(kept)


class _Page:
    """The lines written so far. Walks the tree without recursion: depth is the sender's choice."""

    def __init__(self, *, show_hidden: bool) -> None:
        self._show_hidden = show_hidden
        self._lines: list[tuple[int, str]] = []  # quote depth, text
        self._line: list[str] = []  # pieces of the line being written
        self._gap = False  # an empty line is due before the next text
        self._quotes = 0
        self._pre = 0
        self._rows: list[int] = []  # one an open table row: the number of lines before it
        self._items: list[int] = []  # one an open list: the number of its last item, -1 for bullets
        self._borders = 50  # how many bordered blocks are still looked into

    def walk(self, root: LexborNode) -> None:
        """Write everything below `root`, in document order."""
        node: LexborNode | None = root
        opened: list[tuple[LexborNode, str, int]] = []
        while node is not None or opened:
            if node is None:
                node, tag, quotes = opened.pop()
                self._leave(tag)
                self._quotes = quotes
                node = node.next
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._write(node.text_content or "")
            elif tag == "br":
                self._end_line(forced=True)
            elif tag not in _SKIPPED:
                attributes = node.attributes if tag in _STYLED else {}
                if self._show_hidden or not _HIDDEN.search(attributes.get("style") or ""):
                    opened.append((node, tag, self._quotes))
                    self._enter(tag, attributes, node)
                    node = node.child
                    continue
            node = node.next

    def text(self) -> str:
        """What was written, tidied."""
        self._end_line()
        return _tidy(self._lines)

    def _write(self, text: str) -> None:
        if self._pre:
            first, *others = text.split("\n")
            self._line.append(first)
            for other in others:
                self._end_line(forced=True)
                self._line.append(other)
            return
        text = _BLANKS.sub(" ", text)
        if not self._line or self._line[-1].endswith((" ", "\t")):
            text = text.lstrip(" ")
        if text:
            self._line.append(text)

    def _end_line(self, *, forced: bool = False) -> None:
        """End the line; an empty one counts only when it was asked for (`<br>`)."""
        line = "".join(self._line).strip(" \t\n") if not self._pre else "".join(self._line).rstrip()
        self._line.clear()
        if not line and not forced:
            return
        row_starts = bool(self._rows) and self._rows[-1] == len(self._lines)  # the margin of a cell's paragraph ends in the cell
        if self._gap and self._lines and line and not row_starts:
            self._lines.append((min(self._quotes, self._lines[-1][0]), ""))
        self._gap = False
        self._lines.append((self._quotes, line))

    def _enter(self, tag: str, attributes: dict[str, str | None], node: LexborNode) -> None:
        if tag in ("td", "th"):
            self._enter_cell()
            return
        if tag not in _BLOCKS:
            return
        if self._line[-1:] != ["\t"]:  # the paragraph that Outlook puts into a cell goes on in the row's line
            self._end_line()
        self._gap = self._gap or tag in _SPACED or (tag == "p" and _is_spaced(attributes))
        if tag in ("blockquote", "div") and _is_quote(tag, attributes):
            self._quotes += 1
        if tag in ("div", "p") and self._starts_outlook_quote(attributes, node):
            self._separate()
        elif tag == "hr":
            self._line.append(_RULE)
            self._end_line()
        elif tag == "pre":
            self._pre += 1
        elif tag == "tr":
            if self._gap and self._lines:
                self._lines.append((min(self._quotes, self._lines[-1][0]), ""))
                self._gap = False
            self._rows.append(len(self._lines))
        elif tag in ("ul", "ol"):
            self._items.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._enter_item()

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._end_line()
        self._gap = self._gap or tag in _SPACED
        if tag == "pre":
            self._pre -= 1
        elif tag == "tr":
            self._rows.pop()
            self._gap = False
        elif tag in ("ul", "ol"):
            self._items.pop()

    def _enter_cell(self) -> None:
        """Cells of one line each stand in one line, parted by tabs, also where Outlook puts a paragraph into each."""
        if any(piece.strip() for piece in self._line[-2:]):
            self._line.append("\t")
        elif self._rows and len(self._lines) - self._rows[-1] == 1 and self._lines[-1][0] == self._quotes and self._lines[-1][1]:
            self._line = [self._lines.pop()[1], "\t"]
            self._gap = False

    def _enter_item(self) -> None:
        if not self._items or self._items[-1] < 0:
            self._line.append("- ")
        else:
            self._items[-1] += 1
            self._line.append(f"{self._items[-1]}. ")

    def _starts_outlook_quote(self, attributes: dict[str, str | None], node: LexborNode) -> bool:
        """Whether this block opens the mail that Outlook answers: by its id, or a top border over `Od:`, `From:`."""
        if _OUTLOOK_MARK.match(attributes.get("id") or ""):
            return True
        if self._borders > 0 and _TOP_BORDER.search(attributes.get("style") or ""):
            self._borders -= 1
            return bool(_HEADER_LABEL.match(node.text().lstrip()))
        return False

    def _separate(self) -> None:
        while self._lines and self._lines[-1][1] in ("", _RULE):
            self._lines.pop()
        if not self._lines or self._lines[-1][1] != SEPARATOR:
            self._lines += [(self._quotes, ""), (self._quotes, SEPARATOR)]
        self._gap = False


def _is_spaced(attributes: dict[str, str | None]) -> bool:
    """Whether a paragraph stands apart from its neighbours: those of Word and those without a margin do not."""
    return not (attributes.get("class") or "").startswith(("Mso", "x_Mso")) and not _NO_MARGIN.search(attributes.get("style") or "")


def _is_quote(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether a block is somebody's earlier words: quotes of the mail clients, but not a blockquote used to indent."""
    marks = " ".join(attributes.get(name) or "" for name in ("class", "id", "name", "type"))
    if tag == "blockquote":
        return "cite" in marks or "quote" in marks or not _INDENT_ONLY.search(attributes.get("style") or "")
    return bool(_QUOTE_MARK.search(marks)) or attributes.get("name") == "quote"
