"""Named points at which a test may let the process die: each place where a crash would leave the world half changed.

$MAILBOT_FAULT="point:N" kills the process (SIGKILL: no handler, no flush) at the N-th time that the point is passed. Without
the variable a point costs one comparison. `make crash` goes through all of them (docs/reliability.md).
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Literal, get_args

Point = Literal[
    "fetched",  # bodies are here, nothing is stored
    "journal.commit",  # stored, not committed
    "journal.committed",  # committed, the cursor and the server know nothing
    "mark",  # done mails are about to be marked on the server
    "marked",  # the server knows, the journal does not
    "claimed",  # mails are in hand
    "examined",  # parsed, not read
    "decided",  # the plan is complete, nothing is applied
    "process.commit",  # applied, not committed
    "process.committed",  # ticket and letters are there
    "outbox.claimed",  # letters are in hand
    "smtp.connect",  # before the connection
    "smtp.begun",  # noted as begun, nothing said to the server
    "smtp.data",  # the body went out, its final dot did not
    "smtp.answer",  # the final dot went out, no answer yet
    "smtp.answered",  # the server took it, we have not noted it
    "record.commit",  # noted, not committed
    "recorded",  # noted
    "sweep.commit",  # a reminder or an end of a mail is applied, not committed
    "swept",
]
POINTS: tuple[Point, ...] = get_args(Point)

_wanted, _, _count = os.environ.get("MAILBOT_FAULT", "").partition(":")
_left = int(_count or 1)
_lock = threading.Lock()


def fault(point: Point) -> None:
    """Dies here if the test says so."""
    if point == _wanted:
        _pass()


def _pass() -> None:
    global _left  # noqa: PLW0603  # a countdown for the life of the process
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
