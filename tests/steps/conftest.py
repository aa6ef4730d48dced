"""One reading child for all tests of the steps (it takes seconds to start), and a road on a fresh database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.steps.reader import Reader
from mailbot.store.engine import Database
from mailbot.store.migrate import upgrade
from tests.steps.road import MARK, SERVICE, Road


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """The real child."""
    reader = Reader(SERVICE, MARK)
    reader.warm_up()
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("migrated") / "mailbot.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture
def road(tmp_path: Path, migrated: Path, reader: Reader) -> Iterator[Road]:
    """On SQLite."""
    file = shutil.copy(migrated, tmp_path / "mailbot.db")
    database = Database(f"sqlite:///{file}")
    yield Road(database, reader)
    database.close()


@pytest.fixture
def any_road(database_url: str, reader: Reader) -> Iterator[Road]:
    """On SQLite, and on PostgreSQL."""
    database = Database(database_url)
    upgrade(database)
    yield Road(database, reader)
    database.close()
