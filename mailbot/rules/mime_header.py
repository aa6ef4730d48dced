"""Header fields from bytes: where they end, what they say, and the parameters of the structured ones.

`email.policy.default` raises IndexError on small pieces of hostile input (`From: <@`), and `email.message` parses
parameters in quadratic time; here every step is linear and answers anything.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from mailbot.rules.charset import decode
from mailbot.rules.clean import clean_line, clean_text
from mailbot.rules.mime_encoding import decode_base64

MAX_HEADER_BYTES = 262_144
MAX_HEADERS = 1_000
MAX_IDS = 200
_MAX_VALUE = 65_536  # bytes of one field that are decoded; shown are the first 10,000 characters
_MAX_PARAMETERS = 8_192  # bytes of one structured field that are searched for parameters

Field = tuple[str, bytes]  # name in lower case, value as in the mail (still folded)

_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?\s]{0,80}){0,3})\?=")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*+\"|[^;]*)", re.S)
_SECTION = re.compile(r"([^*]+)\*(\d{1,3})?(\*)?")
_ID = re.compile(r"<([^<>]{1,998})>")
_BETWEEN_IDS = re.compile(r"[\s<>(),;:\"]+")


@dataclass(frozen=True, slots=True)
class Head:
    """The header fields of a mail or a part, in order; `end` is where its body starts; `trouble` is what was wrong with it."""

    fields: tuple[Field, ...]
    end: int
    trouble: str = ""

    def first(self, name: str) -> bytes:
        """The value of the first field of that name, empty when there is none."""
        return next((value for key, value in self.fields if key == name), b"")

    def all(self, name: str) -> list[bytes]:
        """The values of all fields of that name, topmost first."""
        return [value for key, value in self.fields if key == name]


def read_head(raw: bytes, start: int, end: int) -> Head:
    """The fields between `start` and the first empty line (RFC 5322 section 2.2); bounded by number and bytes.

    A line that is no field ends the head, as it does for Postfix, so that no body is ever swallowed by it.
    """
    fields: list[tuple[str, list[bytes]]] = []
    here, trouble = start, ""
    while here < end:
        stop = raw.find(b"\n", here, end) + 1 or end
        line = raw[here : min(stop, here + MAX_HEADER_BYTES)]
        if not line.strip(b"\r\n"):
            here = stop
            break
        found = _NAME.match(line)
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif found:
            fields.append((found[1].decode("ascii").lower(), [line[found.end() :]]))
        elif not line.startswith((b"From ", b">From ")):  # an mbox separator is no field and no body
            trouble = "the header ends in a line that is no header field" if fields else "no header"
            break
        here = stop
        if here - start > MAX_HEADER_BYTES or len(fields) > MAX_HEADERS:
            trouble = f"header cut at {MAX_HEADERS} fields or {MAX_HEADER_BYTES // 1024} kB"
            here = _after_blank_line(raw, here, end)
            break
    return Head(tuple((name, b"".join(lines)[:MAX_HEADER_BYTES]) for name, lines in fields[:MAX_HEADERS]), here, trouble)


def _after_blank_line(raw: bytes, start: int, end: int) -> int:
    places = [place + len(mark) for mark in (b"\n\r\n", b"\n\n") if (place := raw.find(mark, start - 1, end)) >= 0]
    return min(places, default=end)


def header_text(value: bytes, charset: str | None = None) -> str:
    """A field's value as one clean line: unfolded, encoded words (RFC 2047) and raw 8-bit text decoded by the ladder.

    `charset` is the label of the body: who sends raw bytes in a header usually means the same set.
    """
    return clean_line(decode_words(decode(value[:_MAX_VALUE], charset)))


def decode_words(text: str) -> str:
    """`text` with its encoded words decoded, also where they stand in quotes or break a character in two, as many clients do."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    waiting, waiting_label, last = b"", "", 0
    for found in ENCODED_WORD.finditer(text):
        between = text[last : found.start()]
        label = found[1].partition("*")[0].lower()  # RFC 2231 section 5: a language may follow
        if waiting_label and (label != waiting_label or between.strip()):
            pieces.append(decode(waiting, waiting_label))
            waiting = b""
        if not waiting_label or not between.isspace():
            pieces.append(between)
        waiting += _word_bytes(found[2], found[3])
        waiting_label, last = label, found.end()
    if waiting_label:
        pieces.append(decode(waiting, waiting_label))
    pieces.append(text[last:])
    return "".join(pieces)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return decode_base64(data) if encoding in "bB" else a2b_qp(data, header=True)


def parameters(value: bytes, charset: str | None = None) -> tuple[str, dict[str, str]]:
    """A structured value such as Content-Type: what stands before the first `;` in lower case, and the parameters.

    Continuations and character sets by RFC 2231; encoded words in a parameter (against RFC 2047, and everywhere) too.
    """
    text = decode(value[:_MAX_PARAMETERS], charset)
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, given in _PARAMETER.findall(text):
        content = re.sub(r"\\([\"\\])", r"\1", given[1:-1]) if given.startswith('"') and given.endswith('"') and len(given) > 1 else given
        section = _SECTION.fullmatch(name)
        if section:
            extended = bool(section[3]) or section[2] is None
            sections.setdefault(section[1].lower(), {}).setdefault(int(section[2] or 0), (content.strip(), extended))
        else:
            plain.setdefault(name.lower(), content.strip().strip('"'))
    found = {name: clean_line(decode_words(content)) for name, content in plain.items()}
    found.update({name: _joined(parts) for name, parts in sections.items()})
    return text.partition(";")[0].strip().lower(), found


def _joined(sections: dict[int, tuple[str, bool]]) -> str:
    """The value of a parameter in sections (RFC 2231 sections 3 and 4): `charset'language'text`, percent-encoded."""
    data, label = b"", None
    for index, (content, extended) in sorted(sections.items()):
        if extended and not data and label is None and content.count("'") >= 2:
            label, _, content = content.split("'", 2)  # noqa: PLW2901 - the rest of the section
        data += unquote_to_bytes(content) if extended else content.encode("utf-8", "replace")
        if index > 200:
            break
    return clean_line(decode(data, label))


def find_ids(values: Iterable[bytes], limit: int = MAX_IDS) -> tuple[str, ...]:
    """The message ids in References, In-Reply-To or Message-ID (RFC 5322 section 3.6.4), each once, with angle brackets.

    Folds and tabs inside an id (Exchange) are taken out; ids without brackets count where no id has them.
    Over the limit the first one and the last ones are kept: the root of the thread and its newest mails.
    """
    text = " ".join(decode_words(decode(value[: 4 * _MAX_VALUE])) for value in values)
    found = ["".join(clean_text(inner).split()) for inner in _ID.findall(text)] or [
        word for word in _BETWEEN_IDS.split(text) if "@" in word.strip("@") and len(word) < 998
    ]
    ids = list(dict.fromkeys(f"<{clean_line(inner, 998)}>" for inner in found if inner))
    return tuple(ids if len(ids) <= limit else ids[:1] + ids[1 - limit :])
