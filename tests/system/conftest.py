"""Houses for the system tests: each module builds what it needs, and nothing outlives it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import need
from tests.support.dovecot import Dovecot
from tests.support.house import House
from tests.support.smtp_sink import Sink

HouseBuilder = Callable[..., House]


@pytest.fixture(scope="module")
def stack() -> Iterator[ExitStack]:
    """What is entered here is left when the module's tests are over."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def build_house(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory) -> HouseBuilder:
    """Builds a house that does not run yet, on servers of its own unless given; it is killed at the end if it still runs."""
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")

    def build(dovecot: Dovecot | None = None, sink: Sink | None = None, **options: object) -> House:
        house = House(
            tmp_path_factory.mktemp("house"),
            dovecot or stack.enter_context(Dovecot()),
            sink or stack.enter_context(Sink()),
            **options,  # type: ignore[arg-type]
        )
        stack.callback(house.kill)
        return house

    return build


@pytest.fixture(scope="module")
def house(build_house: HouseBuilder) -> House:
    """One house for the whole module, running."""
    house = build_house()
    house.start()
    return house
