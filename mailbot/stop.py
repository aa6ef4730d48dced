"""The one signal that ends every loop, also one that waits for a socket."""

from __future__ import annotations

import os
import select
from contextlib import suppress


class StopSignal:
    """Set once, never cleared; it can be waited for together with sockets, because it has a descriptor that becomes readable.

    A pipe and nothing else (D. J. Bernstein's self-pipe trick): `set` takes no lock, so a signal handler may call it whatever
    the interrupted thread was doing, and any number of threads may wait. `threading.Event` promises neither.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._is_set = False

    def __del__(self) -> None:
        for descriptor in (self._read, self._write):
            os.close(descriptor)

    def set(self) -> None:
        """Wakes all that wait, now and later. Any thread, a signal handler, any number of times."""
        self._is_set = True
        with suppress(BlockingIOError):  # full of earlier calls: readable all the same
            os.write(self._write, b"!")

    def is_set(self) -> bool:
        """Whether `set` was called."""
        return self._is_set

    def fileno(self) -> int:
        """A descriptor that is readable from the first `set` on. For select and poll only: nobody reads from it."""
        return self._read

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until set, at most `seconds` (None: for ever); true when set."""
        return self.wait_with(None, seconds)

    def wait_with(self, other: int | None, seconds: float | None = None) -> bool:
        """Waits until set, or until the descriptor `other` is readable or broken, at most `seconds`; true when set."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        if other is not None:
            poll.register(other, select.POLLIN)
        poll.poll(None if seconds is None else max(0, round(seconds * 1000)))
        return self._is_set
