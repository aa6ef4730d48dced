"""The database is locked, full, read-only, restarted, or swallows the answer to a COMMIT: nothing is marked, sent twice or lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from mailbot.errors import DatabaseAway, Permanent
from mailbot.store.engine import Database
from tests.conftest import need
from tests.crash.oracle import report
from tests.crash.rig import Rig, a_rig
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow
PATIENCE = 90.0


def judge(rig: Rig) -> None:
    """All laws, and not one copy: an absent database is no excuse for a second mail."""
    rig.house.wait_until(rig.oracle.is_quiet, PATIENCE)
    found = rig.oracle.drained()
    assert not found, report(found)
    sent = [delivery.message_id for delivery in rig.oracle.deliveries()]
    assert len(sent) == len(set(sent))
    assert rig.house.count("journal WHERE state = 'held'") == 0


def database_file(rig: Rig) -> Path:
    return Path(rig.house.database.removeprefix("sqlite:///"))


def stored(rig: Rig) -> int:
    return rig.house.count("journal")


@pytest.mark.long
def test_locked_by_another_program_for_twenty_seconds(tmp_path: Path) -> None:
    with a_rig(tmp_path) as rig:
        rig.house.start()
        rig.injector.round()
        rig.house.wait_until(lambda: stored(rig))
        with closing(sqlite3.connect(database_file(rig), isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            rig.injector.round()
            until = time.monotonic() + 20
            rig.house.wait_until(lambda: time.monotonic() > until, 30)  # and it goes on living
            other.execute("ROLLBACK")
        rig.injector.round()
        judge(rig)
        assert rig.house.stop()[0] == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(os.getuid() != 0, reason="a small file system needs root")
def test_a_full_disk_then_space(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, a_rig(tmp_path / "house", f"sqlite:///{disk}/mailbot.db") as rig:
        rig.house.start()
        rig.injector.round()
        rig.house.wait_until(rig.oracle.is_quiet)
        ballast = disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        before = stored(rig)
        for _ in range(3):
            rig.injector.round()
        rig.house.wait_until(lambda: b"full" in rig.house.log.read_bytes())
        assert not [*rig.oracle.marks()]
        assert stored(rig) <= before + 24
        ballast.unlink()
        judge(rig)
        assert rig.house.stop()[0] == 0


@pytest.mark.long
@pytest.mark.skipif(os.getuid() != 0, reason="remounting needs root")
def test_a_read_only_disk_then_a_writable_one(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, a_rig(tmp_path / "house", f"sqlite:///{disk}/mailbot.db") as rig:
        rig.injector.round()
        rig.drain()
        rig.injector.round()

        def remount(how: str) -> bool:
            return not subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], capture_output=True, check=False).returncode

        rig.house.start()
        rig.house.wait_until(lambda: stored(rig) > 8)
        rig.house.stop()
        assert remount("ro")
        code = rig.house.launch().wait(30)
        assert code == 75, rig.house.log.read_text(errors="replace")[-2000:]
        rig.house.process = None
        assert remount("rw")
        rig.house.start()
        judge(rig)


@pytest.mark.long
def test_postgresql_restarted_again_and_again(tmp_path: Path) -> None:
    with Postgres() as server, a_rig(tmp_path, server.url()) as rig:
        rig.house.start()
        for _ in range(5):
            rig.injector.round()
            at = stored(rig)
            rig.house.wait_until(lambda at=at: stored(rig) > at)  # type: ignore[misc]
            server.restart(signal.SIGQUIT)
            rig.injector.round()
            rig.house.wait_until(server.drop_connections)
        judge(rig)
        assert rig.house.stop()[0] == 0


class Swallower:
    """Stands between mailbot and PostgreSQL, and loses what the server answers to a COMMIT, with the connection; `commits` counts them."""

    def __init__(self, server: Path, every: int) -> None:
        self._server, self._every = server, every
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.commits = self.swallowed = 0
        self._lock = threading.Lock()
        self.is_honest = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                doomed = threading.Event()
                for source, target, asks in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, target, asks, doomed), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, asks: bool, doomed: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if asks and b"COMMIT\0" in data and self._falls():
                    doomed.set()
                if not asks and doomed.is_set() and b"COMMIT\0" in data:
                    self.swallowed += 1
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _falls(self) -> bool:
        with self._lock:
            self.commits += 1
            return not self.is_honest and self.commits % self._every == 0


def test_the_answer_to_a_commit_is_lost(tmp_path: Path) -> None:
    """Every thirteenth COMMIT is carried out, and mailbot never hears of it."""
    with Postgres() as server:
        swallower = Swallower(server.root / ".s.PGSQL.5432", every=13)
        url = server.url()
        name = url.split("/")[3].partition("?")[0]
        with a_rig(tmp_path, url) as rig:
            rig.house.configure(database={"url": f"postgresql://mailbot@127.0.0.1:{swallower.port}/{name}?sslmode=disable"})
            swallower.is_honest = True
            rig.house.start()
            swallower.is_honest = False
            for _ in range(4):
                rig.injector.round()
                at = swallower.swallowed
                rig.house.wait_until(lambda at=at: swallower.swallowed > at, PATIENCE)  # type: ignore[misc]
            judge(rig)
            assert swallower.swallowed >= 4
            assert rig.house.stop()[0] == 0
        swallower.close()


def test_a_damaged_file_is_said_and_not_retried(tmp_path: Path) -> None:
    """A file that is no database is not a passing trouble: words for a person, no endless loop."""
    file = tmp_path / "mailbot.db"
    file.write_bytes(b"this is not a database, although it is long enough to be one " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(Permanent, match="damaged"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM journal")
    database.close()


def test_a_standby_is_a_passing_trouble(postgres: Postgres) -> None:
    """After a failover the driver may still be talking to a server that only reads."""
    database = Database(postgres.url())
    with pytest.raises(DatabaseAway), database.write() as connection:  # noqa: PT012  # the second statement is what fails
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
    database.close()


@pytest.fixture(autouse=True)
def servers() -> None:
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
