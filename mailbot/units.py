"""Quantities as people write them in the configuration. Every failure is a ValueError whose text says how to write it right."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from mailbot.model.service import Budget

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PARTS = re.compile(r"(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,6})s)?")
_SIZE = re.compile(r"(\d{1,6})\s*(B|kB|KB|MB|GB)?")
_SIZE_UNITS = {None: 1, "B": 1, "kB": 1 << 10, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_INTERVAL = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")

Intervals = tuple[tuple[time, time], ...]


def _parts(text: object, units: str, example: str) -> dict[str, int]:
    """The numbers of a text such as `1h30m` by unit; `units` are those that may occur."""
    match = _PARTS.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match or not any(match.groups()):
        raise ValueError(f"must be a number with a unit ({', '.join(units)}), such as {example}")
    parts = {unit: int(number) for unit, number in zip(_UNITS, match.groups(), strict=True) if number}
    if wrong := set(parts) - set(units):
        raise ValueError(f"the unit {wrong.pop()!r} is not used here; use {', '.join(units)}, such as {example}")
    if not any(parts.values()):
        raise ValueError(f"must be longer than zero, such as {example}")
    return parts


def parse_duration(text: object) -> timedelta:
    """Time by the clock on the wall: `60s`, `10m`, `2h`, `30d`, `1h30m`; a day is 24 hours."""
    return timedelta(**{_UNITS[unit]: number for unit, number in _parts(text, "dhms", '"60s", "10m", "2h" or "30d"').items()})


def parse_budget(text: object) -> Budget:
    """Working time: `2h`, `90m`, `2d`, `1d4h`; a day is one opening day's hours."""
    return Budget(**{_UNITS[unit]: number for unit, number in _parts(text, "dhm", '"2h" (working hours) or "2d" (working days)').items()})


def parse_size(text: object) -> int:
    """A number of bytes: `25MB`, `500kB`; 1 kB = 1024 bytes, as mail servers count."""
    if isinstance(text, int) and not isinstance(text, bool) and text > 0:
        return text
    match = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match or not int(match[1]):
        raise ValueError('must be a size such as "25MB" or "500kB"')
    return int(match[1]) * _SIZE_UNITS[match[2]]


def parse_intervals(text: object) -> Intervals:
    """Opening hours of one day: `08:00-17:00`, `08:00-12:00, 13:00-17:00`, or an empty text for closed. Local time."""
    if not isinstance(text, str):
        raise ValueError('must be opening hours such as "08:00-17:00" or "08:00-12:00, 13:00-17:00"; "" = closed')
    intervals = tuple(_interval(part.strip()) for part in text.split(",")) if text.strip() else ()
    for (_, closes), (opens, _) in pairwise(intervals):
        if opens <= closes:
            raise ValueError(f"{opens:%H:%M} is not after {closes:%H:%M}: the intervals of a day stand in order, with a break between them")
    return intervals


def _interval(text: str) -> tuple[time, time]:
    match = _INTERVAL.fullmatch(text)
    if not match:
        raise ValueError(f'{text!r} is no interval; write it "08:00-17:00"')
    try:
        opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        raise ValueError(f"{text!r} holds a time that no clock shows; the latest is 23:59") from None
    if opens >= closes:
        raise ValueError(f"{text!r} ends before it begins; a night is written as two days' intervals")
    return opens, closes


def parse_day(text: object) -> date:
    """A day: `2026-12-24`, as a text or as a TOML date."""
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    try:
        return date.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f'must be a day such as "2026-12-24", not {text!r}') from None


def parse_instant(text: object) -> datetime | None:
    """A date and time `2026-10-12T08:00:00+02:00`, as a text or as a TOML date-time; without an offset it is naive. Empty: None."""
    if text == "":
        return None
    if isinstance(text, datetime):
        return text
    try:
        return datetime.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f'must be a date and time such as "2026-10-12T08:00:00+02:00", or "", not {text!r}') from None
