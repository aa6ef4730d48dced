"""The log: one line an event, with its ids, without bodies and without secrets. Everything else is the standard library's logging."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, Literal

Format = Literal["auto", "plain", "journal", "json"]

_MASK = "***"
_SHORTEST_SECRET = 4  # masking shorter ones would blot out half of every line
# A secret that nobody told us of: in a URL, after its name, in a header, in a login command of IMAP (RFC 9051 6.2) or SMTP (RFC 4954 4).
_LOOKS_SECRET = re.compile(
    r"(?P<url>://[^\s:/@]*:)[^\s@/]+(?=@)"
    r"|(?P<named>(?i:\b(?:password|passwd|pwd|secret|token)\b[\"']?\s?)(?:=\s?|:\s?(?=[\"'])))(?:\"[^\"]*\"|'[^']*'|[^\s,;&)]+)"
    r"|(?P<header>(?i:\bauthorization:\s*(?:\w+\s+)?))\S+"
    r"|(?P<auth>\bAUTH(?:ENTICATE)?\s+[A-Z0-9-]+\s+)[A-Za-z0-9+/=]{8,}"
    r"|(?P<login>\b[A-Z]+\d+\s+LOGIN\s+(?:\"[^\"]*\"|\S+)\s+)(?:\"(?:[^\"\\]|\\.)*\"|\S+)"
)
# What would forge a line, colour a terminal or turn its text around: C0, C1, line and paragraph separators, bidi, surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BARE = re.compile(r"[^\s\"=]+")
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}  # sd-daemon(3)


def log_line(event: str, /, **fields: object) -> str:
    """The canonical line of an event: `mail opened ticket=OXI-2026-000123 journal=12 subject="awaria głowicy"`; None is left out."""
    return " ".join([event, *(f"{name}={_value(value)}" for name, value in fields.items() if value is not None)])


def _value(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class Mask:
    """Takes secrets out of a text: those it knows, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """The text with `***` in place of each secret."""
        if self._known:
            text = self._known.sub(_MASK, text)
        return _LOOKS_SECRET.sub(lambda match: (match[match.lastgroup] if match.lastgroup else "") + _MASK, text)


class _Formatter(logging.Formatter):
    """Masks the finished text, the traceback included, and keeps an event on one line but on a terminal."""

    def __init__(self, form: Format, mask: Mask) -> None:
        super().__init__()
        self._form, self._mask = form, mask

    def format(self, record: logging.LogRecord) -> str:
        message = _printable(self._mask(record.getMessage()))
        trace = self._mask(self.formatException(record.exc_info)) if record.exc_info else ""
        at = datetime.fromtimestamp(record.created, UTC)
        if self._form == "json":
            fields = {"at": at.isoformat(), "level": record.levelname.lower(), "logger": record.name, "message": message}
            return json.dumps({**fields, "trace": trace} if trace else fields, ensure_ascii=False)
        if self._form == "journal":
            return f"<{_PRIORITIES.get(record.levelno, 6)}>{message}{' | ' + _printable(trace) if trace else ''}"
        lines = [f"{at.astimezone():%Y-%m-%d %H:%M:%S} {record.levelname:<7} {message}", *map(_printable, trace.splitlines())]
        return "\n    ".join(lines)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class _Repeats(logging.Filter):
    """Lets a warning through once in ten minutes; the next one says how many like it were left out.

    A server that is away for a weekend must not fill the disk. Alike are warnings of the same text, or of the same
    `extra={"alike": …}`, which a caller gives whose text holds a changing number.
    """

    SECONDS = 600.0
    MOST = 500

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        text = record.getMessage()
        key = getattr(record, "alike", text)
        since, left_out = self._seen.get(key, (-self.SECONDS, 0))
        if 0 <= record.created - since < self.SECONDS:
            self._seen[key] = (since, left_out + 1)
            return False
        if len(self._seen) >= self.MOST:
            self._seen.clear()
        self._seen[key] = (record.created, 0)
        if left_out:
            record.msg, record.args = "%s (and %d like it)", (text, left_out)
        return True


def configure(level: str, form: Format, secrets: Iterable[str] = (), stream: IO[str] | None = None) -> None:
    """Send the log to `stream` (standard error) in this form; `auto` is `journal` under systemd, else `plain`.

    Called once the secrets are known; may be called again. Never fails on a text, whatever the encoding of the stream.
    """
    stream = stream or sys.stderr
    if form == "auto":
        form = "journal" if os.environ.get("JOURNAL_STREAM") else "plain"
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(form, Mask(secrets)))
    handler.addFilter(_Repeats())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for talkative in ("imapclient", "alembic", "apscheduler", "sqlalchemy", "mailparser"):
        logging.getLogger(talkative).setLevel(max(logging.WARNING, logging.root.level))
