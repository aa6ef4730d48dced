"""One SMTP connection up to the point where mail can be given: greeting, STARTTLS, EHLO, login; then one command at a time."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from mailbot.errors import LoginRefused, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.wire.line import Line, dial
from mailbot.wire.tls import is_loopback, tls_failure, verified_context

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_LONGEST_TEXT = 500  # characters of a server's text that we keep
_LOGIN_CODES = {530, 534, 535, 538}  # RFC 4954, section 6
# Authentication failed or switched off: RFC 4954 and RFC 5248; 5.7.30, 5.7.57 and 5.7.139 are Exchange's, for passwords no longer taken.
_LOGIN_STATUSES = {"5.7.8", "5.7.9", "5.7.11", "5.7.30", "5.7.57", "5.7.139"}
_QUIT_TIMEOUT = 3.0
_NUL = "\0"


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where and as whom we hand mail over. Timeouts are seconds and count a whole step, not a byte.

    The server's work after the final dot gets `data_timeout`: at least ten minutes (RFC 5321, 4.5.3.2.6), since an answer not waited for
    is a mail sent twice (RFC 1047). Without `username` there is no login; "none" means without TLS and is taken on loopback only.
    """

    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None
    connect_timeout: float = 15.0
    command_timeout: float = 60.0
    data_timeout: float = 600.0
    helo: str | None = None  # our name in EHLO; default: this host's full name, else its address (RFC 5321, 4.1.3)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: code, enhanced status such as 5.1.1 (RFC 3463) where it gave one, and its text on one line without controls."""

    code: int
    status: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def wants_login(self) -> bool:
        """Whether it says that our login is missing, wrong or no longer taken."""
        return self.code in _LOGIN_CODES or self.status in _LOGIN_STATUSES


class Lost(Transient):
    """The connection ended, went silent past its deadline or spoke nonsense; it cannot be used any more."""


class Session:
    """A greeted, encrypted and logged-in connection of one thread. Any failure of it is a Lost, after which only `close` is of use."""

    def __init__(self, account: SmtpAccount, hold: Callable[[Line], None]) -> None:
        """Connects and logs in; `hold` is told of each Line tried, so that another thread can cut it.

        Raises Transient (no connection now, busy server), LoginRefused, or Permanent (TLS that cannot be trusted, wrong port, no STARTTLS).
        """
        if account.security == "none" and not is_loopback(account.host):
            raise Permanent(f'{account.host} is not this machine: security must be "tls" or "starttls".')
        self._account = account
        self._where = f"{account.host}:{account.port}"
        context = None if account.security == "none" else verified_context(account.ca_file)

        def watch(line: Line) -> None:
            self._line = line
            hold(line)

        sock = dial(account.host, account.port, account.connect_timeout, watch)
        self._client = smtplib.SMTP(local_hostname=account.helo or _our_name(sock))
        self._client.sock = sock
        self._broken = False
        try:
            self._begin(context)
        except BaseException:
            self.close()
            raise

    @property
    def is_usable(self) -> bool:
        """False once it was lost or cut."""
        return not (self._broken or self._line.is_cut)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What EHLO offered, sorted: "8BITMIME", "AUTH PLAIN LOGIN", "SIZE 36700160", …"""
        return tuple(sorted(" ".join([name.upper(), *value.split()]) for name, value in self._client.esmtp_features.items()))

    def offers(self, extension: str) -> bool:
        """Whether EHLO named the extension."""
        return bool(self._client.has_extn(extension))

    def command(self, line: str, *, utf8: bool = False) -> Reply:
        """Sends one command and returns its reply. 421 at this point means that the server closes: raised as Lost (RFC 5321, 3.8)."""
        self._client.command_encoding = "utf-8" if utf8 else "ascii"
        with self._spoken(self._account.command_timeout):
            self._client.putcmd(line)
        return self._command_reply()

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        with self._spoken(self._account.data_timeout):
            self._client.send(data)

    def await_answer(self) -> Reply:
        """The reply to the final dot, waited for as long as the server may need; whatever it says is returned."""
        return self._reply(self._account.data_timeout)

    def close(self) -> None:
        """QUIT if there is anybody to hear it, then hang up. Never raises: mail was handed over by the reply to its DATA, not here."""
        if self.is_usable:
            with suppress(Transient), self._spoken(min(_QUIT_TIMEOUT, self._account.command_timeout)):
                self._client.docmd("QUIT")
        self._broken = True
        with suppress(OSError):
            self._client.close()
        self._line.close()

    def reject(self, reply: Reply, what: str) -> NoReturn:
        """Raises what a negative reply to the session itself means: Transient (4xx), LoginRefused or Permanent (5xx)."""
        said = f'{self._where} {what}: "{reply}".'
        if reply.wants_login:
            raise LoginRefused(f"{said} Check username and password, and whether the server still takes passwords.")
        if 500 <= reply.code < 600:
            raise Permanent(said)
        raise Transient(said)

    # -- beginning ---------------------------------------------------------------------------------------------------------------------

    def _begin(self, context: ssl.SSLContext | None) -> None:
        account = self._account
        if context and account.security == "tls":
            self._encrypt(context)
        self._greet()
        self._hello()
        if context and account.security == "starttls":
            self._starttls(context)
            self._hello()  # what was offered in the clear does not count (RFC 3207, 4.2)
        if account.username is not None:
            self._login(account.username, account.password or Secret(""))

    def _greet(self) -> None:
        try:
            reply = self._command_reply()
        except Lost as error:
            hint = "" if self._account.security == "tls" else ' If this port speaks TLS from the start (465), security must be "tls".'
            raise Transient(f"No greeting: {error}{hint}") from error
        if reply.code != 220:
            if reply.code < 0:
                raise Permanent(f'{self._where} is not an SMTP server, it greets with "{reply.text}": wrong port.')
            self.reject(reply, "does not take our connection")

    def _hello(self) -> None:
        with self._spoken(self._account.command_timeout):
            code, _ = self._client.ehlo()
        if code != 250:
            # No HELO instead: a server that old has neither STARTTLS nor AUTH to offer.
            self.reject(self._as_reply(code, self._client.ehlo_resp or b""), "refuses EHLO")

    def _starttls(self, context: ssl.SSLContext) -> None:
        if not self.offers("starttls"):
            raise Permanent(f"{self._where} does not offer STARTTLS: wrong port, or somebody on the way removed it. No password was sent.")
        reply = self.command("STARTTLS")
        if reply.code != 220:
            self.reject(reply, "refuses STARTTLS")
        self._client.file = None  # bytes that were read ahead came in the clear: dropped (CVE-2011-0411)
        self._encrypt(context)

    def _encrypt(self, context: ssl.SSLContext) -> None:
        assert self._client.sock is not None
        with self._spoken(self._account.connect_timeout):
            try:
                self._client.sock = context.wrap_socket(self._client.sock, server_hostname=self._account.host.strip("[]"))
            except ssl.SSLError as error:
                self._broken = True
                if self._line.is_cut:
                    raise
                raise tls_failure(error, self._account.host, self._account.port) from error

    def _login(self, username: str, password: Secret) -> None:
        """One attempt with one mechanism: smtplib.login tries all in turn, and three refusals a try lock accounts."""
        offered = self._client.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            reply = self.command("AUTH PLAIN " + _base64(f"{_NUL}{username}{_NUL}{password}"))  # RFC 4616: UTF-8
        elif "LOGIN" in offered:
            reply = self.command("AUTH LOGIN")
            for word in (username, password):
                if reply.code == 334:
                    reply = self.command(_base64(word))
        else:
            raise Permanent(f"{self._where} offers no login that mailbot speaks (PLAIN, LOGIN), only: {' '.join(offered) or 'none'}.")
        if not 200 <= reply.code < 300:
            reply = replace(
                reply, text=reply.text.replace(password, "***") if password else reply.text
            )  # servers have been seen to echo it
            if 500 <= reply.code < 600:
                raise LoginRefused(f'{self._where} refuses the login of {username}: "{reply}". Check username and password.')
            self.reject(reply, f"cannot log {username} in now")

    # -- talking -----------------------------------------------------------------------------------------------------------------------

    def _command_reply(self) -> Reply:
        reply = self._reply(self._account.command_timeout)
        if self._line.is_cut:  # half a reply, which smtplib takes for a whole one
            raise self._lost(self._account.command_timeout)
        if reply.code == 421:
            self._broken = True
            raise Lost(f'{self._where} closes the connection: "{reply}".')
        return reply

    def _reply(self, seconds: float) -> Reply:
        with self._spoken(seconds):
            return self._as_reply(*self._client.getreply())

    @staticmethod
    def _as_reply(code: int, raw: bytes) -> Reply:
        text = " ".join("".join(c if c.isprintable() else " " for c in raw.decode("utf-8", "replace")).split())[:_LONGEST_TEXT]
        status = _STATUS.match(text)
        return Reply(code, status[1] if status and status[1][0] == str(code)[0] else None, text)

    @contextmanager
    def _spoken(self, seconds: float) -> Iterator[None]:
        """Everything said to the server is said in here: under a deadline, and any break of the connection comes out as Lost."""
        try:
            with self._line.within(seconds):
                yield
        except (smtplib.SMTPException, OSError) as error:  # SMTPException here is a lost connection or an overlong line
            self._broken = True
            raise self._lost(seconds, error) from error

    def _lost(self, seconds: float, error: Exception | None = None) -> Lost:
        if self._line.expired:
            return Lost(f"{self._where} did not answer within {seconds:g} s.")
        if self._line.is_cut:
            return Lost(f"The connection to {self._where} was cut by our own stop.")
        return Lost(f"The connection to {self._where} broke: {error}.")


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _our_name(sock: socket.socket) -> str:
    name = socket.gethostname()
    if "." in name:
        return name
    address = sock.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
