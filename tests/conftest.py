"""Real servers for the tests that need one. A server that is not installed skips its tests, but fails them under `make test`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.dovecot import Dovecot
    from tests.support.postgres import Postgres
    from tests.support.smtp_sink import Sink

EVERYTHING = os.environ.get("MAILBOT_TEST_EVERYTHING") == "1"


def need(found: object, what: str) -> None:
    """Skip the test where `what` is not installed; under `make test`, which installs it, that is a failure."""
    if not found:
        (pytest.fail if EVERYTHING else pytest.skip)(f"{what} is not installed; run tests/setup.sh")


@pytest.fixture(scope="session")
def installed() -> Callable[[object, str], None]:
    """`need` as a fixture: `installed(shutil.which("systemd-analyze"), "systemd")`."""
    return need


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server a session and worker; a test that stops it takes a `Postgres` of its own."""
    from tests.support.postgres import Postgres, find_binaries

    need(find_binaries(), "PostgreSQL")
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """A fresh, empty database."""
    return postgres.url()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database of each kind: a test that takes it runs twice."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mailbot.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """An empty mailbox of `serwis` on a real IMAP server."""
    import shutil

    from tests.support.dovecot import Dovecot

    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
    with Dovecot() as server:
        yield server


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A server that takes every mail and remembers it."""
    from tests.support.smtp_sink import Sink

    with Sink() as sink:
        yield sink
