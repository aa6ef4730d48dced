"""A TCP connection that can be cut: by a deadline that counts the whole step, or by another thread."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from mailbot.errors import Permanent, Transient


class Line:
    """Holds a second descriptor of a socket, made before anything wraps the first one, and cuts the connection through it.

    A socket's own timeout starts anew with each byte, so that a peer that trickles never meets it; and TLS replaces the socket
    object while it shakes hands. Cutting the connection underneath works in every state: connecting, in a handshake, sending, waiting.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._twin = sock.dup()
        self._change = threading.Condition()  # guards the next four
        self._deadlines: list[float] = []  # of the blocks that are running, on the monotonic clock
        self._watcher: threading.Thread | None = None
        self._wakes_at = math.inf
        self._closed = False
        self.expired = False  # a deadline has cut this line
        self.is_cut = False  # by whomever

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cuts the line if the block takes longer than `seconds`; its blocking call then fails and `expired` is true. Blocks may nest."""
        deadline = time.monotonic() + seconds
        with self._change:
            self._deadlines.append(deadline)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="line-deadline", daemon=True)
                self._watcher.start()
            elif deadline < self._wakes_at:
                self._change.notify()
        try:
            yield
        finally:
            with self._change:
                self._deadlines.remove(deadline)

    def cut(self) -> None:
        """Ends the connection in both directions at once; from any thread, any number of times, never raises."""
        with self._change:
            self.is_cut = True
            with suppress(OSError):  # closed or never connected
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives the second descriptor and the watching thread back; the owner closes the first."""
        with self._change:
            self._closed = True
            self._twin.close()
            self._change.notify()

    def _watch(self) -> None:
        """Sleeps to the earliest deadline it knows of. One that passed in time is noticed at waking: most steps wake nobody."""
        with self._change:
            while not self._closed:
                self._wakes_at = min(self._deadlines, default=math.inf)
                left = self._wakes_at - time.monotonic()
                if left <= 0:
                    self.expired = True
                    self.cut()
                    return
                self._change.wait(None if left == math.inf else left)


def dial(host: str, port: int, timeout: float, hold: Callable[[Line], None]) -> socket.socket:
    """Connects to host:port, one address after the other, `timeout` seconds each; the name is resolved anew every time.

    `hold` is told of every Line before its connection is tried, so that another thread can cut it; it may raise to stop the attempt.
    Returns a blocking socket. Raises Transient (no such name now, refused, unreachable, no answer) or Permanent (not a host name).
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Permanent(f"{host!r} is not a host name: {error}.") from error
    except OSError as error:
        raise Transient(f"The name {host} cannot be resolved: {error.strerror or error}.") from error
    failures: list[str] = []
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        line = Line(sock)
        try:
            with ExitStack() as undo:
                undo.callback(sock.close)
                undo.callback(line.close)
                hold(line)
                with line.within(timeout):
                    sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a final dot is a small packet behind a large one
                undo.pop_all()
                return sock
        except OSError as error:
            reason = f"no answer within {timeout:g} s" if line.expired else (error.strerror or str(error)).lower()
            failures.append(f"{address[0]}: {reason}")
    raise Transient(f"No connection to {host}:{port} ({'; '.join(failures)}): wrong port, or the server is down.")
