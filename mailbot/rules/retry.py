"""When to try again. Three ladders, each slow enough for the party at the other end; jitter keeps many clients from coming at once.

`attempt` counts failures in a row and begins at 1; `jitter` is a random number in [0, 1) that the caller draws.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_CONNECTION_FIRST = 5.0
_CONNECTION_LAST = 900.0
_LOGIN = (60.0, 300.0, 900.0, 1800.0, 3600.0)
_DELIVERY = (5, 15, 30, 60, 120, 240)  # minutes

GIVE_UP_AFTER = timedelta(days=5)


def connection_delay(attempt: int, jitter: float) -> float:
    """Seconds to wait after a failed connection or a server that asks for patience: 5 s, doubled each time, at most 15 min.

    Jitter moves each step by a quarter either way, within these two bounds.
    """
    step = _CONNECTION_FIRST * 2.0 ** min(attempt - 1, 16)
    return min(max(step * (0.75 + 0.5 * jitter), _CONNECTION_FIRST), _CONNECTION_LAST)


def login_delay(attempt: int, jitter: float) -> float:
    """Seconds to wait after a refused login, or after any failure that a person must cure: 1, 5, 15, 30 min, then each hour.

    At most 28 logins a day, so that no account is locked and no host banned. Jitter only lengthens, by up to a tenth.
    """
    return _LOGIN[min(attempt, len(_LOGIN)) - 1] * (1 + 0.1 * jitter)


def next_delivery(attempt: int, queued_at: datetime, now: datetime, jitter: float) -> datetime | None:
    """When to offer a mail again that the server deferred, or None to give up and tell a person.

    5, 15, 30 min, 1, 2 h, then each 4 h, counted from `now`, up to five days after `queued_at`; the last try falls on that instant
    (RFC 5321 4.5.4.1: at least 30 minutes as a rule, give up after 4 to 5 days; the first steps are shorter for greylisting,
    RFC 6647). Jitter only lengthens, by up to a tenth.
    """
    last = queued_at + GIVE_UP_AFTER
    if now >= last:
        return None
    step = timedelta(minutes=_DELIVERY[min(attempt, len(_DELIVERY)) - 1])
    return min(now + step * (1 + 0.1 * jitter), last)
