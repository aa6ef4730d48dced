"""Structured header fields: comments and quoted strings as RFC 5322 3.2 defines them, read by a tokenizer and never by a search."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 20_000  # characters; a field beyond that is an attack, and is read so far
_BREAKS = frozenset(";=")


def words(value: str) -> Iterator[str]:
    """The words of a field, and `;` and `=` as words of their own; comments (nested, with escapes) are left out.

    A quoted string loses its quotes and escapes and joins what touches it, so `"jan k"@x` is one word. Broken input
    (an open quote or comment) ends with the field: what stands inside it is quoted, or comment, to the end.
    """
    value = value[:LONGEST]
    word: list[str] = []
    started = False
    position = 0
    while position < len(value):
        char = value[position]
        if char == '"':
            text, position = _quoted(value, position + 1)
            word.append(text)
            started = True
            continue
        if char.isspace() or char == "(" or char in _BREAKS:
            if started:
                yield "".join(word)
                word, started = [], False
            if char == "(":
                position = _after_comment(value, position)
                continue
            if char in _BREAKS:
                yield char
        else:
            word.append(char)
            started = True
        position += 1
    if started:
        yield "".join(word)


def keyword(value: str) -> str:
    """The first word of a field, lower case: its value without comments and parameters; empty when there is none."""
    return next((word.lower().strip(",") for word in words(value) if word not in _BREAKS), "")


def _quoted(value: str, position: int) -> tuple[str, int]:
    text: list[str] = []
    while position < len(value) and value[position] != '"':
        position += value[position] == "\\"
        text.append(value[position : position + 1])
        position += 1
    return "".join(text), position + 1


def _after_comment(value: str, position: int) -> int:
    depth = 0
    while position < len(value):
        char = value[position]
        position += 1
        if char == "\\":
            position += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                break
    return position
