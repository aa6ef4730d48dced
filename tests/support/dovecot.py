"""A private Dovecot on loopback: real IMAP for tests, in a folder of its own, as root or as any user."""

from __future__ import annotations

import getpass
import grp
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.support.tls import Authority, Pair

PASSWORD = "sekret-1"
_serial = itertools.count(1)

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{root}/mail/%u
mail_uid = {user}
mail_gid = {group}
mail_max_userip_connections = 200
shutdown_clients = yes
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = {ssl}
{certificate}
{capability}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {root}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/home/%u
}}
namespace inbox {{
  inbox = yes
  mailbox "{sent}" {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{extra}
"""


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


class Dovecot:
    """Runs from `start` to `stop`; a context manager does both. Every user of `users` has `password`.

    `port` speaks plain IMAP and STARTTLS, `tls_port` TLS; plain logins are allowed from loopback. `capability` replaces what the
    server offers after login (Dovecot's `imap_capability`); `extra` is appended to the configuration.
    """

    def __init__(
        self,
        users: Sequence[str] = ("serwis",),
        *,
        password: str = PASSWORD,
        authority: Authority | None = None,
        certificate: Pair | None = None,
        capability: str = "",
        sent: str = "Sent",
        extra: str = "",
    ) -> None:
        self.host = "127.0.0.1"
        self.users = tuple(users)
        self.port, self.tls_port = free_ports(2)
        self.root = Path(tempfile.mkdtemp(prefix="mailbot-dovecot-"))
        self.root.chmod(0o711)
        self._user = "nobody" if os.getuid() == 0 else getpass.getuser()
        pair = certificate or (authority.good if authority else None)
        settings = {
            "root": self.root,
            "user": self._user,
            "group": "nogroup" if os.getuid() == 0 else grp.getgrgid(os.getgid()).gr_name,
            "port": self.port,
            "tls_port": self.tls_port,
            "ssl": "yes" if pair else "no",
            "certificate": f"ssl_cert = <{pair.cert}\nssl_key = <{pair.key}" if pair else "",
            "capability": f"imap_capability = {capability}" if capability else "",
            "sent": sent,
            "extra": extra,
        }
        (self.root / "dovecot.conf").write_text(_CONFIG.format(**settings))
        for folder in ("mail", "home", "run", "state"):
            self._own(self._make(self.root / folder))
        self._process: subprocess.Popen[bytes] | None = None
        self.set_password(password)

    def __enter__(self) -> Dovecot:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self) -> Dovecot:
        """Starts, and returns when a greeting was seen. Raises RuntimeError with the server's log if that takes over 10 s."""
        output = (self.root / "output.log").open("ab")
        command = ["dovecot", "-F", "-c", str(self.root / "dovecot.conf")]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        output.close()
        deadline = time.monotonic() + 10
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Dovecot does not start:\n{self.log()}")
        return self

    def stop(self) -> None:
        """Stops the server and with it every connection; does nothing when it does not run. The mails stay."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with suppress(ProcessLookupError):  # a process that serves an IDLE outlives its master by ten seconds
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def log(self) -> str:
        """What the server wrote so far."""
        return "".join(path.read_text() for path in (self.root / "output.log", self.root / "dovecot.log") if path.exists())

    def set_password(self, password: str) -> None:
        """From now on every user has this password. Returns when a running server knows (it looks at the file once a second)."""
        users = self.root / "users"
        users.write_text("".join(f"{user}:{{PLAIN}}{password}\n" for user in self.users))
        self._own(users)
        deadline = time.monotonic() + 10
        while self._process and not self._accepts(password):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot does not take the new password:\n{self.log()}")

    def client(self, user: str = "serwis", folder: str | None = "INBOX") -> IMAPClient:
        """A second session, for what people and other programs do to the mailbox."""
        client = IMAPClient(self.host, self.port, ssl=False, timeout=30)
        client.login(user, PASSWORD)
        if folder:
            client.select_folder(folder)
        return client

    def deliver(self, raw: bytes, user: str = "serwis", *, folder: str = "INBOX", when: datetime | None = None) -> None:
        """One mail as a delivery agent leaves it: written aside, then moved into the Maildir. `when` becomes its INTERNALDATE."""
        self.deliver_all([(raw, when)], user, folder=folder)

    def deliver_all(self, mails: Iterable[tuple[bytes, datetime | None]], user: str = "serwis", *, folder: str = "INBOX") -> None:
        """Many mails, in the order in which they get their UIDs."""
        maildir = self.maildir(user, folder)
        for part in ("tmp", "new", "cur"):
            self._own(self._make(maildir / part))
        for raw, when in mails:
            name = f"{int(time.time())}.M{next(_serial):09}P{os.getpid()}.test"
            path = maildir / "tmp" / name
            path.write_bytes(raw)
            self._own(path)
            if when:
                os.utime(path, (when.timestamp(), when.timestamp()))
            path.rename(maildir / "new" / name)

    def maildir(self, user: str = "serwis", folder: str = "INBOX") -> Path:
        """Where the mails of a folder lie."""
        root = self.root / "mail" / user
        if folder != "INBOX":
            return root / f".{folder}"
        self._own(self._make(root))
        return root

    def change_uidvalidity(self, user: str = "serwis", folder: str = "INBOX") -> None:
        """Rebuilds a folder as after a restored backup: the same mails, other UIDs, another UIDVALIDITY."""
        for path in self.maildir(user, folder).glob("dovecot*"):
            if path.is_file() and ("uidlist" in path.name or "index" in path.name):
                path.unlink()

    def _accepts(self, password: str) -> bool:
        client = IMAPClient(self.host, self.port, ssl=False, timeout=10)
        try:
            client.plain_login(self.users[0], password)
            return True
        except LoginError:
            return False
        finally:
            client.shutdown()

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), 1) as sock:
                return sock.recv(4) == b"* OK"
        except OSError:
            return False

    def _make(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            shutil.chown(path, self._user)
