"""Hands finished mail to the SMTP server, one recipient at a time, and says exactly how it ended."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from mailbot.errors import Stopped, Transient
from mailbot.fault import fault
from mailbot.wire.line import Line
from mailbot.wire.smtp_session import Lost, Reply, Session, SmtpAccount

__all__ = ["Ambiguous", "Deferred", "Outcome", "Refused", "Sent", "SmtpAccount", "Stage", "Submission", "check"]

Stage = Literal["before", "MAIL", "RCPT", "DATA", "answer"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the mail and answers for it now (RFC 5321, 6.1)."""

    text: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, and may be taken later (4xx)."""

    code: int
    status: str | None
    text: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken, and will not be (5xx). Stage MAIL blames our sender address, RCPT the recipient, DATA and answer the content or a policy.

    Stage "before": mailbot itself saw that it cannot go; `code` is 0 and nothing was said to the server about it.
    """

    code: int
    status: str | None
    text: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The whole mail with its final dot went out, and no clear answer came: it may be delivered, and may not (RFC 1047)."""

    text: str


Outcome = Sent | Deferred | Refused | Ambiguous


class Submission:
    """A connection to the SMTP server for a batch of mails, used by one thread; `abort` and `in_data` are for any thread.

    Failures of the connection, not of a mail, are raised and end the batch: the mails stay queued. Transient: try again later.
    LoginRefused, Permanent: a person must change something; trying again, slowly, does no harm. Stopped: `abort` was called. Whatever is
    raised, the mail in hand was certainly not delivered. Count the try on it all the same (but after Stopped), lest a mail that makes
    the server hang up stay at the head for ever.
    """

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._session: Session | None = None
        self._lock = threading.Lock()  # guards the next three
        self._line: Line | None = None
        self._stopped = False
        self._in_data = False

    @property
    def in_data(self) -> bool:
        """Whether a mail is between its DATA command and the server's answer to its final dot."""
        return self._in_data

    def open(self) -> None:
        """Connects and logs in, unless that is done. `send` does it by itself when needed."""
        if self._session is None:
            self._session = Session(self._account, self._hold)

    def send(self, envelope_from: str, recipient: str, mime: bytes) -> Outcome:
        """Gives one mail to one recipient. `envelope_from` may be empty or "<>" (RFC 5321, 4.5.5).

        The bytes arrive as given: line ends that are not CRLF become CRLF, and the dots that SMTP adds it takes away.
        """
        try:
            sender, receiver = _path(envelope_from, null=True), _path(recipient)
        except ValueError as error:
            return Refused(0, "5.1.3", str(error), "before")
        try:
            return self._hand_over(sender, receiver, mime)
        except Lost:
            self._refuse_if_stopped()
            raise

    def _hand_over(self, sender: str, receiver: str, mime: bytes) -> Outcome:
        session = self._ready()
        options = _options(session, sender + receiver, mime)
        if isinstance(options, Refused):
            return options
        commands: tuple[tuple[Stage, str], ...] = (("MAIL", f"MAIL FROM:{sender}{options}"), ("RCPT", f"RCPT TO:{receiver}"))
        for stage, command in commands:
            reply = session.command(command, utf8="SMTPUTF8" in options)
            if not 200 <= reply.code < 300:
                return self._verdict(session, reply, stage)
        return self._give(session, _stuffed(mime))

    def close(self) -> None:
        """Says goodbye and hangs up; never raises."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def abort(self, *, even_in_data: bool = False) -> bool:
        """Lets no further mail begin, and cuts the connection at once unless a mail is in flight; False says that one is.

        `even_in_data` cuts then too: that mail ends Ambiguous, or Transient if its dot was not out. For another thread than the sender's.
        """
        with self._lock:
            self._stopped = True
            if self._in_data and not even_in_data:
                return False
            if self._line is not None:
                self._line.cut()
            return True

    def _hold(self, line: Line) -> None:
        with self._lock:
            self._refuse_if_stopped()
            self._line = line

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise Stopped("Sending was stopped.")

    def _ready(self) -> Session:
        """A session with no mail begun. RSET shows whether the old one lives: servers hang up on the idle, and here it is harmless."""
        self._refuse_if_stopped()
        if self._session is not None:
            try:
                if self._session.is_usable and self._session.command("RSET").code == 250:
                    return self._session
            except Lost:
                self._refuse_if_stopped()
            self.close()
        self.open()
        assert self._session is not None
        return self._session

    def _give(self, session: Session, stuffed: bytes) -> Outcome:
        with self._flight():
            reply = session.command("DATA")
            if reply.code != 354:
                return self._verdict(session, reply, "DATA")
            session.write(stuffed)
            fault("smtp.data")
            session.write(b".\r\n")  # if this fails it did not go: three bytes leave whole or not at all. From here on we are in doubt
            fault("smtp.answer")
            try:
                reply = session.await_answer()
            except Lost as lost:
                return Ambiguous(str(lost))
            if 200 <= reply.code < 300:
                return Sent(str(reply))
            if reply.code == 421 or not 400 <= reply.code < 600:
                self.close()
                return Ambiguous(f'After the whole mail the server said "{reply}".')
            return self._verdict(session, reply, "answer")

    @contextmanager
    def _flight(self) -> Iterator[None]:
        """Marks that a mail is in flight; the lock orders its begin against `abort`."""
        with self._lock:
            self._refuse_if_stopped()
            self._in_data = True
        try:
            yield
        finally:
            with self._lock:
                self._in_data = False

    def _verdict(self, session: Session, reply: Reply, stage: Stage) -> Deferred | Refused:
        """What a reply that is not the hoped-for one means for the mail in hand."""
        if reply.wants_login:
            session.reject(reply, f"wants a login at {stage}")
        if 400 <= reply.code < 500:
            return Deferred(reply.code, reply.status, reply.text, stage)
        if 500 <= reply.code < 600:
            return Refused(reply.code, reply.status, reply.text, stage)
        self.close()
        raise Transient(f'Out of protocol, the server answered {stage} with "{reply}".')


def check(account: SmtpAccount) -> tuple[str, ...]:
    """Connects, greets and logs in as for a mail, sends none, and returns what the server offers. Raises what `Submission` raises."""
    session = Session(account, lambda _line: None)
    session.close()
    return session.capabilities


def _options(session: Session, addresses: str, mime: bytes) -> str | Refused:
    """The parameters of MAIL that this mail needs, or why this server cannot take it."""
    header = re.split(rb"\r?\n\r?\n", mime, maxsplit=1)[0]
    options = f" SIZE={len(mime)}" if session.offers("size") else ""  # RFC 1870: too large is said before it is sent
    if not mime.isascii():
        if not session.offers("8bitmime"):  # RFC 6152
            return Refused(0, "5.6.3", "The mail has 8-bit content, and the mail server does not take it (no 8BITMIME).", "before")
        options += " BODY=8BITMIME"
    if not (addresses.isascii() and header.isascii()):
        if not session.offers("smtputf8"):  # RFC 6531
            text = "An address or a header has letters beyond ASCII, and the mail server does not take them (no SMTPUTF8)."
            return Refused(0, "5.6.7", text, "before")
        options += " SMTPUTF8"
    return options


_LOCAL = re.compile(r'[^\s"(),:;<>@\[\\\]\x00-\x20\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Za-z:.]+\]")


def _path(address: str, *, null: bool = False) -> str:
    """The address in the angle brackets of MAIL and RCPT (RFC 5321, 4.1.2), its domain in ASCII.

    Raises ValueError on whatever is not exactly one bare address: what goes between the brackets is a command to the server.
    """
    if null and address in {"", "<>"}:
        return "<>"
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            domain = ""
    if not (at and local.isprintable() and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)) or len(local) + len(domain) > 253:
        raise ValueError(f"{address[:260]!r} is not a mail address.")
    return f"<{local}@{domain}>"


def _stuffed(mime: bytes) -> bytes:
    """Mail as DATA wants it: CRLF line ends only, the last line ended, leading dots doubled (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mime)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"^\.", b"..", lines, flags=re.MULTILINE)
