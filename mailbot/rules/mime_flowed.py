"""Paragraphs that a client broke for the wire, whole again: format=flowed (RFC 3676)."""

from __future__ import annotations


def unflow(text: str, *, delsp: bool = False) -> str:
    """`text` with its soft line breaks undone (RFC 3676 section 4); quoted lines come out as `> text`, one mark a level.

    The signature line `-- ` is never joined (4.3), nor is a short label with nothing behind it: in an answered form
    `Telefon: ` is an empty field, and joining would give it the next field's text.
    """
    lines: list[str] = []
    pieces: list[str] = []
    open_depth = -1  # the quote depth of the paragraph that waits for more; -1: none waits
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:].removeprefix(" ")  # space-stuffing (4.4)
        if depth != open_depth and pieces:
            lines.append(_marked(open_depth, "".join(pieces)))
            pieces = []
        if line == "-- " and pieces:
            lines.append(_marked(open_depth, "".join(pieces)))
            pieces = []
        flows = line.endswith(" ") and line != "-- " and not (line.rstrip().endswith(":") and len(line) < 40)
        pieces.append(line[:-1] if flows and delsp else line)
        open_depth = depth
        if not flows:
            lines.append(_marked(depth, "".join(pieces)))
            pieces, open_depth = [], -1
    if pieces:
        lines.append(_marked(open_depth, "".join(pieces)))
    return "\n".join(lines)


def _marked(depth: int, line: str) -> str:
    return f"{'>' * depth} {line}".rstrip() if depth else line
