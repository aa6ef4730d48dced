"""Makes the reading process die, stall, or want all memory on mails that say so: put this folder on PYTHONPATH of the daemon."""

import os
import re
import signal

from mailbot.steps import reader

_examine = reader.examine


def recurse() -> None:
    """Until the stack ends."""
    recurse()


ACTS = {
    b"abort": os.abort,
    b"segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    b"hang": lambda: [None for _ in iter(int, 1)],
    b"eat": lambda: bytearray(1 << 40),
    b"recurse": recurse,
}


def examine(raw, *args, **named):
    """As before, but for the marked."""
    found = re.search(rb"^X-Poison: (\w+)", raw, re.MULTILINE)
    if found:
        ACTS[found[1]]()
    return _examine(raw, *args, **named)


reader.examine = examine
