"""An SMTP server on plain sockets that misbehaves on demand: each step of the dialogue may be answered, delayed or broken.

    with ScriptedSmtp({".": CLOSE}) as server:   # reads the final dot, then hangs up: was it delivered?

A step is a verb (EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, RSET, QUIT), "greeting", "word" (a line of a login dialogue),
"body" (after the first line and each 64 kB of a mail) or "." (the final dot). What it does is a reply text, an `Act`, or a
function of (argument, how often before) that returns one; None is the default.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Act:
    """Something other than one plain reply."""

    kind: str  # close | reset | silent | hold | trickle | raw
    text: str = ""


CLOSE = Act("close")  # hangs up in good order
RESET = Act("reset")  # RST, as a rebooted server or a firewall sends
SILENT = Act("silent")  # reads on, never answers


def hold(text: str) -> Act:
    """Answers `text` only when the test calls `release`."""
    return Act("hold", text)


def trickle(text: str = "") -> Act:
    """A byte of an endless reply every 20 ms: no single read ever times out."""
    return Act("trickle", text)


def raw(text: str) -> Act:
    """Exactly these bytes, without a line end, then hangs up."""
    return Act("raw", text)


Step = str | Act | None
Script = Mapping[str, Step | Callable[[str, int], Step]]

_DEFAULTS = {
    "greeting": "220 scripted.example ESMTP",
    "AUTH": "235 2.7.0 Ok",
    "STARTTLS": "220 2.0.0 Ready",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    ".": "250 2.0.0 Ok",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


class ScriptedSmtp:
    """The server. `complete` are the mails whose final dot it read (bytes as on the wire, stuffed); `said` is all that clients sent."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        features: Sequence[str] = ("8BITMIME", "SIZE 33554432", "AUTH PLAIN LOGIN"),
        tls: ssl.SSLContext | None = None,  # from the start
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        self._script = dict(script or {})
        self._features, self._tls, self._starttls = features, tls, starttls
        self._asked: Counter[str] = Counter()
        self._told = threading.Condition()
        self._released = threading.Event()
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.complete: list[bytes] = []
        self.said: list[str] = []
        self.sessions = 0
        self._open: list[socket.socket] = []

    def __enter__(self) -> ScriptedSmtp:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._released.set()
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def release(self) -> None:
        """Lets all held replies go."""
        self._released.set()

    def wait_until(self, true: Callable[[ScriptedSmtp], object], seconds: float = 10) -> None:
        """Returns once `true(self)`; asked whenever the server has read something."""
        with self._told:
            assert self._told.wait_for(lambda: true(self), seconds), f"never came true; the client said {self.said}"

    def sha256s(self) -> list[str]:
        """Digests of the complete mails, unstuffed."""
        return [hashlib.sha256(mail.replace(b"\r\n..", b"\r\n.")).hexdigest() for mail in self.complete]

    # -- inside ------------------------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._told:
                self.sessions += 1
                self._told.notify_all()
            self._open.append(sock)
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        with suppress(OSError, EOFError):
            if self._tls is not None:
                sock = self._wrap(self._tls, sock)
            self._do(sock, "greeting", "")
            lines = sock.makefile("rb")
            while line := lines.readline():
                verb, argument = self._hear(line)
                goes_on = self._do(sock, verb, argument)
                if verb == "STARTTLS" and self._starttls is not None:
                    sock = self._wrap(self._starttls, sock)
                    lines = sock.makefile("rb")
                elif verb == "DATA" and goes_on:
                    self._read_mail(sock, lines)
                elif verb == "AUTH":
                    while goes_on:
                        goes_on = self._do(sock, "word", self._hear(lines.readline())[0])
                elif verb == "QUIT":
                    break
        sock.close()

    def _wrap(self, context: ssl.SSLContext, sock: socket.socket) -> socket.socket:
        wrapped = context.wrap_socket(sock, server_side=True)
        self._open.append(wrapped)
        return wrapped

    def _hear(self, line: bytes) -> tuple[str, str]:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        with self._told:
            self.said.append(text)
            self._told.notify_all()
        verb, _, argument = text.partition(" ")
        return verb.upper(), argument

    def _read_mail(self, sock: socket.socket, lines: BinaryIO) -> None:
        mail, asked_at = bytearray(), 0
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise EOFError
            mail += line
            if len(mail) - asked_at >= 65536 or asked_at == 0:
                asked_at = len(mail)
                self._do(sock, "body", "")
        with self._told:
            self.complete.append(bytes(mail))
            self._told.notify_all()
        self._do(sock, ".", "")

    def _do(self, sock: socket.socket, step: str, argument: str) -> bool:
        """Plays a step; True if its reply asks the client to go on (3xx)."""
        count = self._asked[step]
        self._asked[step] += 1
        wanted = self._script.get(step)
        act = wanted(argument, count) if callable(wanted) else wanted
        if act is None:
            act = self._default(step)
        if isinstance(act, Act):
            self._misbehave(sock, act)
            return False
        if act:
            sock.sendall(act.encode() + b"\r\n")
        if act.startswith("421"):
            raise EOFError
        return act.startswith("3")

    def _default(self, step: str) -> str:
        if step in {"EHLO", "HELO"}:
            offered = (*self._features, *(("STARTTLS",) if self._starttls is not None else ()))
            names = ("scripted.example", *offered)
            return "\r\n".join(f"250{'-' if i < len(names) - 1 else ' '}{name}" for i, name in enumerate(names))
        return "" if step == "body" else _DEFAULTS.get(step, "500 5.5.2 what?")

    def _misbehave(self, sock: socket.socket, act: Act) -> None:
        if act.kind == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif act.kind == "raw":
            sock.sendall(act.text.encode())
        elif act.kind == "hold":
            self._released.wait()
            sock.sendall(act.text.encode() + b"\r\n")
            return
        elif act.kind == "silent":
            while sock.recv(65536):
                pass
        elif act.kind == "trickle":
            sock.sendall(act.text.encode())
            while not self._over.wait(0.02):
                sock.sendall(b"x")
        raise EOFError
