"""An IMAP server that misbehaves on purpose: a small honest one, with any answer replaced by a script."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HONEST = object()  # answer this once as an honest server would
CLOSE = object()  # close the connection
SILENCE = object()  # keep it open and never say a word again
Step = bytes | float | object | Callable[["Connection"], None]


def trickle(connection: Connection) -> None:
    """A byte every 50 ms for ten seconds: a read timeout never fires."""
    for _ in range(200):
        if connection.server.stopping.wait(0.05):
            return
        connection.sock.sendall(b"x")


class Connection:
    """One client. `tag` is the tag of the command being answered."""

    def __init__(self, server: ScriptedImap, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.tag = b"*"

    def play(self, steps: list[Step]) -> bool:
        """Sends bytes (`{tag}` replaced), pauses for seconds, or does what a constant says; false when the connection is over."""
        for step in steps:
            if step is CLOSE:
                return False
            if step is SILENCE:
                self.server.stopping.wait(60)
                return False
            if isinstance(step, bytes):
                self.sock.sendall(step.replace(b"{tag}", self.tag))
            elif isinstance(step, float):
                self.server.stopping.wait(step)
            elif callable(step):
                step(self)
        return True


class ScriptedImap:
    """Listens on 127.0.0.1 inside `with`.

    `script` maps a command (`IDLE`, `UID FETCH`, also `GREETING`, `DONE`, `LINE` for a bare word) to the steps of its answer; a list
    of lists (or `HONEST`) answers the first time, the second time, … and honestly after that. `mails` are the bodies by UID.
    `lines` is all that clients said, `connections` how often they came.
    """

    def __init__(
        self,
        script: dict[str, list[Step] | list[list[Step]]] | None = None,
        *,
        capabilities: bytes = b"IMAP4rev1 IDLE UIDPLUS MOVE",
        mails: dict[int, bytes] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.script = {name: list(steps) for name, steps in (script or {}).items()}
        self.capabilities = capabilities
        self.mails = mails if mails is not None else {1: b"Subject: one\r\n\r\nfirst\r\n"}
        self.lines: list[bytes] = []
        self.connections = 0
        self.open_connections = 0
        self.stopping = threading.Event()
        self._tls, self._implicit = tls, implicit_tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> ScriptedImap:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def said(self, word: bytes) -> list[bytes]:
        """The clients' lines that hold a word, any case."""
        return [line for line in self.lines if word.lower() in line.lower()]

    def await_line(self, word: bytes, count: int = 1, seconds: float = 5) -> None:
        """Waits until clients have said a word so often."""
        deadline = time.monotonic() + seconds
        while len(self.said(word)) < count:
            assert time.monotonic() < deadline, f"{word!r} was not said {count} times: {self.lines}"
            self.stopping.wait(0.005)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        self.open_connections += 1
        try:
            if self._implicit and self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with _closing(sock):
                self._talk(Connection(self, sock))
        except (OSError, ValueError):
            pass  # the client went away, or was cut
        finally:
            self.open_connections -= 1

    def _talk(self, connection: Connection) -> None:
        if not self._answer(connection, "GREETING", [b"* OK ready\r\n"]):
            return
        file = connection.sock.makefile("rb")
        while line := file.readline():
            self.lines.append(line.rstrip())
            words = line.split()
            if len(words) < 2:
                name, rest = "DONE" if words == [b"DONE"] else "LINE", b""
            else:
                connection.tag = words[0]
                name = (b" ".join(words[1:3]) if words[1].upper() == b"UID" else words[1]).decode().upper()
                rest = line.split(None, 3 if name.startswith("UID") else 2)[-1].rstrip()
            if not self._answer(connection, name, self._honest(name, rest)):
                return
            if name == "STARTTLS" and self._tls:
                connection.sock = self._tls.wrap_socket(connection.sock, server_side=True)
                file = connection.sock.makefile("rb")
            if name == "LOGOUT":
                return

    def _answer(self, connection: Connection, name: str, honest: list[Step]) -> bool:
        steps = self.script.get(name)
        if steps and not isinstance(steps[0], bytes | float):
            first = steps.pop(0) if isinstance(steps[0], list) or steps[0] is HONEST else steps
            steps = [] if first is HONEST else first
        return connection.play(steps or honest)

    def _honest(self, name: str, rest: bytes) -> list[Step]:
        done = b"{tag} OK done\r\n"
        uids = sorted(self.mails)
        match name:
            case "CAPABILITY":
                return [b"* CAPABILITY " + self.capabilities + b"\r\n", done]
            case "SELECT" | "EXAMINE":
                mode = b"READ-WRITE" if name == "SELECT" else b"READ-ONLY"
                told = b"* %d EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT %d] ok\r\n" % (
                    len(uids),
                    max(uids, default=0) + 1,
                )
                return [
                    told,
                    rb"* FLAGS (\Seen)" + b"\r\n" + rb"* OK [PERMANENTFLAGS (\Seen \*)] ok" + b"\r\n",
                    b"{tag} OK [" + mode + b"] done\r\n",
                ]
            case "LIST":
                return [rb'* LIST () "/" INBOX' + b"\r\n", done]
            case "UID SEARCH":
                low, _, _ = rest.split()[-1].partition(b":")
                found = uids[-1:] if low == b"*" else [uid for uid in uids if uid >= int(low)] or uids[-1:]
                return [b"* SEARCH" + b"".join(b" %d" % uid for uid in found) + b"\r\n", done]
            case "UID FETCH":
                wanted = [int(uid) for uid in rest.split()[0].split(b",")]
                return [self._fetched(uid, uids.index(uid) + 1, rest) for uid in wanted if uid in self.mails] + [done]
            case "IDLE":
                return [b"+ idling\r\n"]
            case "STARTTLS":
                return [b"{tag} OK begin\r\n"]
            case "LOGOUT":
                return [b"* BYE bye\r\n", done]
            case _:
                return [done]

    def _fetched(self, uid: int, number: int, items: bytes) -> bytes:
        raw = self.mails[uid]
        if b"BODY.PEEK[]" in items:
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (number, uid, len(raw)) + raw + b")\r\n"
        date = b"02-Mar-2026 09:30:00 +0100"
        return b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "%s")\r\n' % (number, uid, len(raw), date)


@contextmanager
def _closing(sock: socket.socket) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        sock.close()
