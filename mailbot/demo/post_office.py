"""A mail server for one mailbox on this machine: IMAP by pymap, SMTP by aiosmtpd, both on loopback and free ports.

Mail for the mailbox is put into its inbox, whoever sends it. Mail for anybody else counts as delivered: it is kept as a file and
told of in `delivered`.
"""

from __future__ import annotations

import asyncio
import queue
import re
import socket
import threading
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pymap.parsing.message import AppendMessage

from mailbot.errors import MailbotError

HOST = "127.0.0.1"
_START_SECONDS = 15.0
_MOST_BYTES = 32 << 20


class DemoFailed(MailbotError):
    """The show cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail that reached somebody else than the mailbox."""

    recipient: str
    raw: bytes
    file: Path


class PostOffice:
    """The two servers, in a thread of their own, between `with` and its end."""

    def __init__(self, mailbox: str, password: str, folder: Path) -> None:
        """`folder` takes what is delivered to others, a file a mail."""
        self.mailbox, self.password, self.folder = mailbox, password, folder
        self.imap_port, self.smtp_port = _free_port(), 0
        self.delivered: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._count = 0
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="post office", daemon=True)

    def __enter__(self) -> PostOffice:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise DemoFailed("its mail server did not start")
        if self._failure is not None:
            raise DemoFailed(f"its mail server did not start: {self._failure}") from self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_START_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # the edge of a thread: told to whoever waits for the start
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        known = {"host": HOST, "port": self.imap_port, "tls": False, "cert": None, "key": None, "debug": False}
        user = {"demo_data": False, "demo_user": self.mailbox, "demo_password": self.password}
        self._backend, config = await DictBackend.init(
            Namespace(**known, **user, inherited_sockets=None, proxy_protocol=None, passlib_cfg=None)
        )
        config.apply_context()
        async with AsyncExitStack() as stack:
            await self._backend.start(stack)
            await IMAPService(self._backend, config).start(stack)
            server = await self._loop.create_server(self._protocol, HOST, 0)
            await stack.enter_async_context(server)
            self.smtp_port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._over.wait()

    def _protocol(self) -> SMTP:
        return SMTP(_Hook(self), hostname="localhost", loop=self._loop, data_size_limit=_MOST_BYTES, enable_SMTPUTF8=True)

    async def take(self, recipient: str, raw: bytes) -> None:
        """Put a mail where it belongs."""
        if recipient.lower() == self.mailbox.lower():
            async with self._backend.login.demo_user_identity.new_session() as session:
                await session.append_messages("INBOX", [AppendMessage(raw)])
            return
        self._count += 1
        file = self.folder / f"{self._count:03d}-{re.sub(r'[^A-Za-z0-9@._-]', '_', recipient)[:80]}.eml"
        file.write_bytes(raw)
        self.delivered.put(Delivery(recipient, raw, file))


class _Hook:
    """Where mail is handed in: aiosmtpd's hook."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del server, session
        for recipient in envelope.rcpt_tos:
            await self._office.take(recipient, bytes(envelope.original_content or b""))
        return "250 2.0.0 taken"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
