"""The content of a letter in a small closed markup: one source, shown as plain text and as HTML.

A template yields `<subject>` and blocks:

    <p>  <h2>  <ul><li>  <alert>      words, wrapped; inside them <b>, <br/> and <a href="https:, mailto: or tel:">
    <facts><fact name="Firma" note="where it was found">Drukarnia AS</fact></facts>
    <field>Nazwa firmy:</field>       a form line: alone, at column 0, unwrapped
    <quote>                           somebody else's text, line by line, marked as a quotation
    <words>                           a person's own text, line by line
    <footer>                          small print, below the signature mark "-- "

It is XML, so that a tag left open is found when the templates are loaded, and a customer's text, escaped by Jinja, can never
become a tag.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as ET

from mailbot.rules.form import keep_labels_inside

WIDTH = 72
"""Columns of a wrapped line of text; a longer word or link stays whole (RFC 3676 4.2 asks for fewer than 78)."""

_PROSE = frozenset({"p", "h2", "alert", "footer"})
_LINES = frozenset({"quote", "words"})
_INLINE = frozenset({"b", "br", "a"})
_INSIDE = {"ul": "li", "facts": "fact"}
_LONE_LETTER = re.compile(r"(?<=\s[aiouwzAIOUWZ])\s")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s]+")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\xa0]+")  # a no-break space stays
_NOT_SHOWN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"  # not XML 1.0 (2.2), or a control
    "|[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"  # without width, or turning the reading direction
)


class MarkupError(ValueError):
    """The content is not in the markup; the text says what is wrong, for the author of a template."""


def clean(value: str) -> str:
    """The value without characters that cannot be shown or that disguise what is shown; every line break is a newline."""
    if value.isascii() and value.isprintable():
        return value
    return _NOT_SHOWN.sub("", _NEWLINES.sub("\n", value))


def parse(content: str) -> ET.Element:
    """The letter as a tree whose children are its blocks. Raises MarkupError."""
    try:
        letter = ET.fromstring(f"<letter>{content}</letter>")  # noqa: S314 - no DTD can occur: Jinja has escaped all that is not ours
    except ET.ParseError as error:
        line = content.split("\n")[error.position[0] - 1 :][:1]
        raise MarkupError(f"{str(error).split(':', maxsplit=1)[0]} near {(line or [''])[0].strip()!r}") from None
    if (letter.text or "").strip():
        raise MarkupError(f"text outside of a block: {(letter.text or '').strip()[:60]!r}")
    for block in letter:
        _check(block)
    return letter


def _check(block: ET.Element) -> None:
    if (block.tail or "").strip():
        raise MarkupError(f"text outside of a block: {(block.tail or '').strip()[:60]!r}")
    if block.tag in _INSIDE:
        inside = _INSIDE[block.tag]
        for child in block:
            if child.tag != inside:
                raise MarkupError(f"<{child.tag}> in <{block.tag}>: only <{inside}> may stand there")
            _check_inline(child)
    elif block.tag in _PROSE:
        _check_inline(block)
    elif block.tag in _LINES or block.tag in ("field", "subject"):
        if len(block):
            raise MarkupError(f"<{block[0].tag}> in <{block.tag}>: only text may stand there")
    else:
        raise MarkupError(f"<{block.tag}> is no block")


def _check_inline(element: ET.Element) -> None:
    for child in element.iter():
        if child is element:
            continue
        if child.tag not in _INLINE:
            raise MarkupError(f"<{child.tag}> in <{element.tag}>: only <b>, <br/> and <a> may stand there")
        if child.tag == "a" and not _LINK.fullmatch(child.get("href", "")):
            raise MarkupError(f"a link to {child.get('href')!r}: only https, mailto and tel")


def subject_of(letter: ET.Element) -> str:
    """The words of `<subject>` on one line; empty without one."""
    return _one_line(letter.findtext("subject") or "")


def _one_line(text: str) -> str:
    """The text with every run of spaces and line breaks as one space."""
    return _SPACES.sub(" ", text).strip()


# ---- plain text ---------------------------------------------------------------------------------------------------


def as_text(letter: ET.Element) -> str:
    """The letter as plain text, lines ending in a newline; blocks stand apart by an empty line."""
    return "\n\n".join("\n".join(_text_lines(block)) for block in letter if block.tag != "subject") + "\n"


def _text_lines(block: ET.Element) -> Iterator[str]:
    match block.tag:
        case "field":
            yield _one_line(block.text or "")
        case "ul":
            for item in block:
                yield from _wrap(_words(item), "- ", "  ")
        case "facts":
            for fact in block:
                yield from _wrap(f"{fact.get('name')}: {_words(fact)}", "", "  ")
                if fact.get("note"):
                    yield from _wrap(f"({fact.get('note')})", "    ", "    ")
        case "h2":
            yield _one_line(_words(block))
            yield "-" * len(_one_line(_words(block)))
        case "quote" | "words":
            mark = "> " if block.tag == "quote" else ""
            for line in (block.text or "").strip("\n").split("\n"):
                yield from _wrap(line, mark, mark) or [mark.strip()]
        case "footer":
            yield "-- "
            yield from _wrapped_lines(block)
        case _:
            yield from _wrapped_lines(block)


def _wrapped_lines(block: ET.Element) -> Iterator[str]:
    for line in _words(block).split("\n"):
        yield from _wrap(line, "", "")


def _wrap(text: str, first: str, other: str) -> list[str]:
    """The text in lines of `WIDTH`; none ends in a one-letter word (a rule of Polish typesetting) or begins like a form line."""
    glued = _LONE_LETTER.sub("\N{NO-BREAK SPACE}", keep_labels_inside(text))
    lines = textwrap.wrap(glued, WIDTH, initial_indent=first, subsequent_indent=other, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _words(element: ET.Element) -> str:
    """The text of inline content: spaces collapsed, `<br/>` a newline, a link followed by its address where the words hide it."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "br":
            parts.append("\0")
        else:
            words, href = _words(child), child.get("href", "")
            shown = (
                words
                if child.tag == "b" or href.partition(":")[0] == "tel" or words in href
                else f"{words} ({href.removeprefix('mailto:')})"
            )
            parts.append(shown)
        parts.append(child.tail or "")
    return "\n".join(_one_line(line) for line in "".join(parts).split("\0"))


# ---- HTML ---------------------------------------------------------------------------------------------------------


def as_html(letter: ET.Element) -> str:
    """The letter's blocks as HTML, to stand in the body of the layout; only what the markup knows can occur in it."""
    return "\n".join(_html_block(block) for block in letter if block.tag != "subject")


def _html_block(block: ET.Element) -> str:
    match block.tag:
        case "ul":
            return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in block) + "</ul>"
        case "facts":
            return '<table class="facts" role="presentation">' + "".join(map(_html_fact, block)) + "</table>"
        case "field":
            return f'<p class="field">{escape(_one_line(block.text or ""))}&nbsp;</p>'
        case "quote" | "words":
            tag = "blockquote" if block.tag == "quote" else "div"
            return f"<{tag}>" + "<br>\n".join(map(escape, (block.text or "").strip("\n").split("\n"))) + f"</{tag}>"
        case "alert":
            return f'<p class="alert">{_inline(block)}</p>'
        case "footer":
            return f'<p class="footer">{_inline(block)}</p>'
        case _:
            return f"<{block.tag}>{_inline(block)}</{block.tag}>"


def _html_fact(fact: ET.Element) -> str:
    note = f'<br><span class="note">{escape(fact.get("note", ""))}</span>' if fact.get("note") else ""
    return f"<tr><th>{escape(fact.get('name', ''))}</th><td>{_inline(fact)}{note}</td></tr>"


def _inline(element: ET.Element) -> str:
    parts = [escape(_spaced(element.text))]
    for child in element:
        if child.tag == "br":
            parts.append("<br>")
        elif child.tag == "a":
            parts.append(f'<a href="{escape(child.get("href", ""))}">{_inline(child)}</a>')
        else:
            parts.append(f"<b{_whole(child)}>{_inline(child)}</b>")
        parts.append(escape(_spaced(child.tail)))
    return "".join(parts).strip() if element.tag not in _INLINE else "".join(parts)


def _whole(element: ET.Element) -> str:
    """Keeps one short word, such as a ticket's number with its hyphens, on one line."""
    return ' class="whole"' if not len(element) and re.fullmatch(r"\S{1,20}", element.text or "") else ""


def _spaced(text: str | None) -> str:
    """Runs of spaces as one; a one-letter word stays with the word behind it."""
    return _LONE_LETTER.sub("\N{NO-BREAK SPACE}", _SPACES.sub(" ", text or ""))
