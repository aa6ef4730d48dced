"""An SMTP server (aiosmtpd) that takes mail on loopback and remembers every complete DATA: the oracle of what was delivered.

As a library: `with Sink() as sink: … sink.port … sink.wait_for(3)`.
As a program: `python -m tests.support.smtp_sink --port 0 --log FILE` prints the port that it listens on; `read_log(FILE)` tells the rest,
also after a kill: a mail is on disk before its 250 is said.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import json
import os
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Delivery:
    """One complete DATA: dot-unstuffed bytes and the reply they got."""

    at: float  # seconds since the epoch
    mail_from: str
    recipients: tuple[str, ...]
    mail: bytes
    reply: str

    @property
    def accepted(self) -> bool:
        return self.reply.startswith("2")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.mail).hexdigest()

    @property
    def message_id(self) -> str:
        return str(BytesHeaderParser().parsebytes(self.mail)["Message-ID"] or "").strip()

    def as_json(self) -> str:
        known = {"at": self.at, "mail_from": self.mail_from, "recipients": self.recipients, "reply": self.reply, "accepted": self.accepted}
        return json.dumps({**known, "sha256": self.sha256, "message_id": self.message_id, "mail": base64.b64encode(self.mail).decode()})

    @classmethod
    def from_json(cls, line: str) -> Delivery:
        known = json.loads(line)
        return cls(known["at"], known["mail_from"], tuple(known["recipients"]), base64.b64decode(known["mail"]), known["reply"])


def read_log(path: Path) -> list[Delivery]:
    """What a sink wrote, without a last line that a kill cut short (its mail was never acknowledged)."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [Delivery.from_json(line.decode()) for line in lines]


@dataclass
class Rule:
    """Answers `stage` (EHLO, MAIL, RCPT, DATA) with `reply` where `match` occurs in the sender, the recipients or the Message-ID.

    `times` answers at most; None: for ever. `reply` may be a function of the moment (seconds since the epoch); None lets the mail pass.
    """

    stage: str
    reply: str | Callable[[float], str | None]
    match: str = ""
    times: int | None = None

    def answer(self, stage: str, about: str) -> str | None:
        if stage != self.stage or self.match.lower() not in about.lower() or self.times == 0:
            return None
        reply = self.reply(time.time()) if callable(self.reply) else self.reply
        if reply is not None and self.times is not None:
            self.times -= 1
        return reply


@dataclass
class Sink:
    """The server. `rules` may be changed while it runs; the first that answers wins."""

    port: int = 0  # 0: a free one
    log: Path | None = None
    rules: list[Rule] = field(default_factory=list)
    login: tuple[str, str] | None = None  # required when given
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    smtputf8: bool = True
    size_limit: int = 33_554_432
    idle_timeout: float = 300.0
    deliveries: list[Delivery] = field(default_factory=list)
    sessions: int = 0  # connections so far
    logins: list[tuple[str, str]] = field(default_factory=list)  # every password shown to us, right or wrong

    def __post_init__(self) -> None:
        self._told = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Sink:
        self._thread.start()
        assert self._ready.wait(10), "the sink did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    @property
    def accepted(self) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.accepted]

    def wait_for(self, count: int, seconds: float = 10) -> list[Delivery]:
        """The accepted mails, once there are at least `count`."""
        with self._told:
            assert self._told.wait_for(lambda: len(self.accepted) >= count, seconds), f"{len(self.accepted)} of {count} mails came"
            return self.accepted

    def hang_up(self) -> None:
        """Closes every connection at once, as a server does with idle clients."""
        done = threading.Event()

        def close() -> None:
            for protocol in self._protocols:
                if protocol.transport is not None:
                    protocol.transport.close()
            self._loop.call_soon(done.set)

        self._loop.call_soon_threadsafe(close)
        assert done.wait(10)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._protocols: list[SMTP] = []
        server = await self._loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    def _protocol(self) -> SMTP:
        self.sessions += 1
        protocol = SMTP(
            _Handler(self),
            hostname="sink.example",
            loop=self._loop,
            data_size_limit=self.size_limit,
            enable_SMTPUTF8=self.smtputf8,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            auth_required=self.login is not None,
            auth_require_tls=self.starttls is not None,
            authenticator=self._authenticate,
            timeout=self.idle_timeout,
        )
        self._protocols.append(protocol)
        return protocol

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, shown: LoginPassword) -> AuthResult:
        login = (shown.login.decode(), shown.password.decode())
        self.logins.append(login)
        return AuthResult(success=login == self.login, handled=False)

    def answer(self, stage: str, about: Iterable[str]) -> str | None:
        text = " ".join(about)
        return next((reply for rule in self.rules if (reply := rule.answer(stage, text)) is not None), None)

    def remember(self, delivery: Delivery) -> None:
        if self.log is not None:
            with self.log.open("a", encoding="ascii") as log:
                log.write(delivery.as_json() + "\n")
                log.flush()
                os.fsync(log.fileno())
        with self._told:
            self.deliveries.append(delivery)
            self._told.notify_all()


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]) -> list[str]:
        reply = self._sink.answer("EHLO", [name])
        if reply is not None:
            return [reply]
        session.host_name = name
        return replies

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        reply = self._sink.answer("MAIL", [address])
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 2.1.0 Ok"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        reply = self._sink.answer("RCPT", [address])
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = bytes(envelope.original_content or b"")
        delivery = Delivery(time.time(), envelope.mail_from or "", tuple(envelope.rcpt_tos), mail, "")
        about = (delivery.mail_from, *delivery.recipients, delivery.message_id)
        reply = self._sink.answer("DATA", about) or f"250 2.0.0 Ok: queued as {delivery.sha256[:10]}"
        self._sink.remember(replace(delivery, reply=reply))
        return reply


def main() -> None:
    """The program: serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--starttls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--no-smtputf8", action="store_true")
    parser.add_argument("--rule", nargs=3, action="append", default=[], metavar=("STAGE", "MATCH", "REPLY"))
    given = parser.parse_args()

    def context(files: list[str] | None) -> ssl.SSLContext | None:
        if files is None:
            return None
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*files)
        return made

    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    rules = [Rule(stage.upper(), reply, match) for stage, match, reply in given.rule]
    login = tuple(given.login) if given.login else None
    tls, starttls = context(given.tls), context(given.starttls)
    with Sink(given.port, given.log, rules, login, tls, starttls, not given.no_smtputf8) as sink, contextlib.suppress(KeyboardInterrupt):
        print(sink.port, flush=True)
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
