"""A logged-in IMAP connection: reached over verified TLS, cut when the server dawdles, dropped at the first failure."""

from __future__ import annotations

import imaplib
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from mailbot.errors import LoginRefused, MailbotError, Permanent, Transient
from mailbot.model.secret import Secret
from mailbot.wire.line import Line, dial
from mailbot.wire.tls import is_loopback, tls_failure, verified_context

logging.getLogger("imapclient").setLevel(logging.WARNING)  # its debug lines hold mails

COMMAND_SECONDS = 120.0  # one command with a small answer, from the first byte sent to the last byte read

# Response codes by which a server asks for patience (RFC 5530 section 3), and words of servers that send none (Gmail, Exchange).
_BUSY_CODES = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[OVERQUOTA]")
_BUSY_WORDS = ("simultaneous connections", "throttled")
_FINAL_CODES = ("[NOPERM]", "[NONEXISTENT]", "[CANNOT]")
_SENT_NAMES = frozenset(
    ("sent", "sent items", "sent messages", "sent mail", "wysłane", "elementy wysłane", "wiadomości wysłane", "poczta wysłana")
)


class Login(Protocol):
    """How an account proves who it is. Raises imapclient's LoginError when the server refuses; OAuth2 is another function of this shape."""

    def __call__(self, client: IMAPClient, account: ImapAccount, /) -> None: ...


def log_in_with_password(client: IMAPClient, account: ImapAccount) -> None:
    """LOGIN (RFC 3501 6.2.3), or AUTHENTICATE PLAIN (RFC 4616) where LOGIN is off or cannot carry the name or the password."""
    capabilities = client.capabilities()
    unquotable = not f"{account.username}{account.password}".isascii() or any(c in account.username for c in ' "\\(){%*')
    if b"AUTH=PLAIN" in capabilities and (unquotable or b"LOGINDISABLED" in capabilities):
        client.plain_login(account.username, account.password)
    elif b"LOGINDISABLED" in capabilities:
        raise Permanent(f"{account.where} forbids logging in with a password on this connection (LOGINDISABLED); no password was sent.")
    elif unquotable:
        raise Permanent(f"{account.where} offers no AUTH=PLAIN, and LOGIN cannot carry this user name or password (letters beyond ASCII).")
    else:
        client.login(account.username, account.password)


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """Where the mail lies and who we are there. Timeouts are seconds; the read timeout is for one silence, not for a whole answer."""

    host: str
    username: str
    password: Secret = field(repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    port: int = 0  # 0: 993 with tls, else 143
    ca_file: str | None = None
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    log_in: Login = log_in_with_password

    def __post_init__(self) -> None:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError(f"{self.host} is not this machine: without TLS only a loopback address may be logged in at")
        if any(c < " " for c in self.username + self.password):
            raise ValueError("the user name or the password holds a control character (a line break at the end of the password file?)")
        if not self.port:
            object.__setattr__(self, "port", 993 if self.security == "tls" else 143)

    @property
    def where(self) -> str:
        """The server in words, for messages."""
        return f"IMAP {self.host}:{self.port}"


class _Protocol(imaplib.IMAP4):
    """imaplib on a socket that we dial: with keepalive, TLS by our own context, and a `Line` by which it can be cut."""

    def __init__(self, account: ImapAccount, hold: Callable[[Line], None]) -> None:
        self._account, self._hold = account, hold
        super().__init__(account.host, account.port, account.connect_timeout)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        account = self._account
        sock = dial(account.host, account.port, account.connect_timeout, self._hold)
        try:
            _keep_alive(sock)
            sock.settimeout(account.connect_timeout)  # for TLS and the greeting
            if account.security == "tls":
                return verified_context(account.ca_file).wrap_socket(sock, server_hostname=account.host)
        except BaseException:
            sock.close()
            raise
        return sock

    def start_idle(self) -> bytes | None:
        """Begins IDLE (RFC 2177 section 3); returns its tag, or None when the server refuses. Untagged lines may come first."""
        tag: bytes = self._command("IDLE")
        while self._get_response() is not None:
            if self.tagged_commands[tag]:
                del self.tagged_commands[tag]
                return None
        return tag

    def end_idle(self, tag: bytes) -> None:
        """Ends IDLE. Blocking reads, so a line that comes in two pieces is whole, and an end of file or a BYE raises abort."""
        self.send(b"DONE\r\n")
        self._command_complete("IDLE", tag)

    def holds_unread(self) -> bool:
        """Whether bytes from the server wait in a buffer of this process, where poll() cannot see them."""
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return True
        if (own_buffer := getattr(self, "_readbuf", None)) is not None:  # Python 3.14 and later
            return bool(own_buffer)
        timeout = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            return bool(self.file.peek(1))  # type: ignore[union-attr]  # a BufferedReader
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self.sock.settimeout(timeout)


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient carries no types
    """imapclient over `_Protocol`."""

    def __init__(self, account: ImapAccount, hold: Callable[[Line], None]) -> None:
        self._protocol = partial(_Protocol, account, hold)
        timeout = SocketTimeout(account.connect_timeout, account.connect_timeout)
        super().__init__(account.host, account.port, ssl=account.security == "tls", timeout=timeout)
        self._imap.debug = 0  # imapclient sets 5: each line would be formatted for a log that is off
        self.normalise_times = False  # else INTERNALDATE becomes naive local time, ambiguous for an hour each October

    def _create_IMAP4(self) -> _Protocol:
        return self._protocol()


class Session:
    """One logged-in connection, used by one thread; only `cut` may be called from another.

    Every method raises Transient or Permanent, in words for a person, and drops the connection with it: one that failed is out of
    step with the server and is never used again. Permanent means that a person must act, not that later tries are forbidden.
    """

    def __init__(self, account: ImapAccount) -> None:
        """Connects, makes the connection safe, logs in. Raises LoginRefused when the server does not accept us."""
        self.account = account
        self._line: Line | None = None
        self._client: IMAPClient | None = None
        seconds = 4 * account.connect_timeout
        with self._translated("connecting", seconds), ExitStack() as deadlines:

            def hold(line: Line) -> None:
                self._line = line
                deadlines.enter_context(line.within(seconds))

            self._client = client = _Client(account, hold)
            if account.security == "starttls":
                self._start_tls(client)
            client.socket().settimeout(account.read_timeout)
            self._log_in(client)
            self.capabilities: frozenset[str] = frozenset(item.decode("ascii", "replace") for item in client.capabilities())
        self._since = time.monotonic()

    def _start_tls(self, client: IMAPClient) -> None:
        """Turns a plain connection into TLS (RFC 3501 6.2.1, RFC 8314 3.2)."""
        if not client.has_capability("STARTTLS"):
            raise Permanent(
                f"{self.account.where} offers no STARTTLS, or something on the way hides it; no password was sent. "
                'Use security = "tls" with the TLS port (993).'
            )
        client.starttls(verified_context(self.account.ca_file))

    def _log_in(self, client: IMAPClient) -> None:
        try:
            self.account.log_in(client, self.account)
        except LoginError as error:
            if isinstance(error.__context__, IMAPClientAbortError):  # imapclient calls a lost connection a refused login, too
                raise error.__context__ from None
            words = self._words(error.__context__ if isinstance(error.__context__, Exception) else error)  # imapclient prints the bytes
            if is_busy(words):
                raise Transient(f"{self.account.where} has no room for a login now: {words}") from None
            raise LoginRefused(
                f'{self.account.where} refused the login of {self.account.username}: "{words}". Check username and password.'
            ) from None

    @property
    def age(self) -> float:
        """Seconds since the login. Servers end long sessions; a reconnect in less than an hour comes before them."""
        return time.monotonic() - self._since

    @contextmanager
    def command(self, doing: str, size: int = 0) -> Iterator[IMAPClient]:
        """Lends the client for one exchange that moves about `size` bytes; `doing` tells a person what was going on.

        The whole exchange has two minutes, and more for large sizes: a link slower than 20 kB/s counts as dead.
        """
        seconds = COMMAND_SECONDS + size / 20_000
        if self._client is None or self._line is None:
            raise Transient(f"The connection to {self.account.where} is closed.")
        with self._translated(doing, seconds), self._line.within(seconds):
            yield self._client

    def folders(self) -> list[str]:
        """The names of all folders."""
        with self.command("listing folders") as client:
            return [name for _, _, name in client.list_folders()]

    def find_sent_folder(self) -> str | None:
        """The folder for sent mail: the one marked \\Sent (RFC 6154), else one with a usual name, else None."""
        with self.command("listing folders") as client:
            found = client.list_folders()
        for flags, _, name in found:
            if any(flag.lower() == b"\\sent" for flag in flags):
                return str(name)
        for _, delimiter, name in found:
            leaf = name.rpartition(delimiter.decode())[2] if delimiter else name
            if leaf.casefold() in _SENT_NAMES:
                return str(name)
        return None

    def append(self, folder: str, raw: bytes, when: datetime, *, seen: bool = True) -> None:
        """Puts a mail into a folder, with `when` (aware) as its INTERNALDATE. Not repeatable: each call adds a copy."""
        if when.tzinfo is None:
            raise ValueError("when must be aware")
        with self.command(f"saving a mail to {folder}", len(raw)) as client:
            client.append(folder, raw, (SEEN,) if seen else (), when)

    def cut(self) -> None:
        """Ends the connection at once, from any thread; whatever runs on it raises Transient."""
        if self._line:
            self._line.cut()

    def close(self) -> None:
        """Ends the connection; never blocks, never raises, any number of times. No LOGOUT: its answer may never come."""
        client, self._client = self._client, None
        line, self._line = self._line, None
        if line:
            line.cut()
        if client:
            with suppress(OSError):
                client.shutdown()
        if line:
            line.close()

    @contextmanager
    def _translated(self, doing: str, seconds: float) -> Iterator[None]:
        """The one place where foreign exceptions become ours; any of them ends the connection."""
        try:
            yield
        except MailbotError:
            self.close()
            raise
        # imaplib and imapclient raise what the server's bytes provoke: KeyError, IndexError, AssertionError, ValueError, RecursionError
        except Exception as error:
            expired = self._line is not None and self._line.expired
            self.close()
            raise self._explain(error, doing, seconds if expired else 0) from error

    def _explain(self, error: Exception, doing: str, expired_after: float) -> MailbotError:
        where, words = self.account.where, self._words(error)
        if expired_after:
            return Transient(f"{where} did not come to an end within {expired_after:.0f} s ({doing}).")
        if isinstance(error, ssl.SSLError):
            return tls_failure(error, self.account.host, self.account.port)
        if isinstance(error, TimeoutError):
            return Transient(f"{where} fell silent ({doing}).")
        if isinstance(error, CapabilityError):
            return Permanent(f"{where} cannot do this ({doing}): {words}")
        if doing == "connecting" and ("unexpected response" in words or "not IMAP4 compliant" in words):
            return Permanent(f"{where} does not speak IMAP; wrong port? It said: {words}")
        if isinstance(error, IMAPClientAbortError | OSError):
            return Transient(f"The connection to {where} broke ({doing}): {words}")
        if isinstance(error, IMAPClientError) and any(code in words for code in _FINAL_CODES):
            return Permanent(f"{where} refused ({doing}): {words}")
        if isinstance(error, IMAPClientError):
            return Transient(f"{where} refused ({doing}): {words}")
        return Transient(f"{where} answered what cannot be understood ({doing}): {type(error).__name__}: {words}")

    def _words(self, error: Exception) -> str:
        """An exception's text, fit for a log: one short printable line, without our password (servers have been seen to echo it)."""
        first = error.args[0] if error.args else ""
        text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
        if self.account.password:
            text = text.replace(self.account.password, "***")
        text = _BYTES.sub(r"\2", text)
        return "".join(c if c.isprintable() else " " for c in text).strip()[:300]


_BYTES = re.compile(r"""\bb(['"])(.*?)\1""")  # imaplib quotes a server's words as Python does


def is_busy(words: str) -> bool:
    """Whether a refusal asks for patience (RFC 5530 section 3, and what Gmail and Exchange say instead)."""
    return any(code in words for code in _BUSY_CODES) or any(word in words.lower() for word in _BUSY_WORDS)


def _keep_alive(sock: socket.socket) -> None:
    """Lets the kernel find a dead peer within two minutes, also when neither side has anything to say."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 120_000)):
        if option := getattr(socket, name, None):  # not every system has them
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
