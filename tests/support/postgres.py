"""A private PostgreSQL on a socket of its own: real transactions for tests, in a temporary folder, as root or as any user."""

from __future__ import annotations

import getpass
import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

# Never lost: what a killed server had committed (the kernel has it). Lost by these: what a machine without power had committed.
_FAST = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB", "listen_addresses=", "max_wal_size=256MB")


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: of the newest version in Debian's place, else on the PATH; None: not installed."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0))
    found = str(packaged[-1]) if packaged else shutil.which("initdb")
    return Path(found).parent if found else None


class Postgres:
    """Runs from `start` to `stop`; a context manager does both. `url()` is a fresh database, `restart` a crash or a calm restart."""

    def __init__(self) -> None:
        binaries = find_binaries()
        if not binaries:
            raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
        self._binaries = binaries
        self._user = "postgres" if os.getuid() == 0 else getpass.getuser()  # the server refuses to run as root
        self.root = Path(tempfile.mkdtemp(prefix="mailbot-pg-", dir="/tmp"))  # a socket's path must be short (107 bytes)
        shutil.chown(self.root, self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._serial = itertools.count(1)
        self._templates: dict[Callable[[str], None], str] = {}

    def __enter__(self) -> Postgres:
        data = self.root / "data"
        self._run("initdb", "-D", data, "-U", "mailbot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self) -> Postgres:
        """Starts, and returns when a connection was made. Raises RuntimeError with the server's log if that takes over 30 s."""
        options = [argument for option in (*_FAST, f"unix_socket_directories={self.root}") for argument in ("-c", option)]
        with (self.root / "log").open("ab") as log:
            command = [str(self._binaries / "postgres"), "-D", str(self.root / "data"), *options]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user())
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start:\n{(self.root / 'log').read_text()}")
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends every connection in order, SIGQUIT at once and without a checkpoint; it recovers from its log at the next start."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def restart(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stops and starts it; every connection is lost."""
        self.stop(how)
        self.start()

    def drop_connections(self) -> int:
        """Ends every other connection, as an administrator or a failing network does; returns how many there were."""
        with self._connect() as connection:
            row = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        return int(row[0]) if row else 0

    def url(self, prepare: Callable[[str], None] | None = None) -> str:
        """A fresh database: a copy of the template that `prepare` (such as the migration) once made of an empty one, given its URL."""
        if prepare and prepare not in self._templates:
            template = self._create("template0")
            prepare(self._url(template))
            self._templates[prepare] = template
        return self._url(self._create(self._templates[prepare] if prepare else "template0"))

    def _create(self, template: str) -> str:
        name = f"test_{next(self._serial)}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def _url(self, name: str) -> str:
        return f"postgresql://mailbot@/{name}?host={self.root}"

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url("postgres"), autocommit=True)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
            return False
        return True

    def _run(self, program: str, *arguments: str | Path) -> None:
        result = subprocess.run([self._binaries / program, *arguments], check=False, capture_output=True, text=True, **self._as_user())
        if result.returncode:
            raise RuntimeError(f"{program} failed:\n{result.stdout}{result.stderr}")

    def _as_user(self) -> dict[str, object]:
        """Who runs the server, for subprocess: nobody else where we are not root."""
        return {"user": self._user, "group": self._user, "extra_groups": [], "cwd": "/"} if os.getuid() == 0 else {"cwd": "/"}
