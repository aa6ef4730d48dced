"""A connection that can be cut: deadlines that nest, and another thread's hand."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mailbot.wire.line import Line

SHORT, LONG = 0.2, 60.0


@dataclass
class Pipe:
    """Our end with its line, and the other end, which says nothing."""

    ours: socket.socket
    line: Line


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ours, theirs = socket.socketpair()
    line = Line(ours)
    yield Pipe(ours, line)
    line.close()
    ours.close()
    theirs.close()


@pytest.mark.parametrize("seconds", [(SHORT,), (LONG, SHORT), (SHORT, LONG), (LONG, SHORT, LONG)])
def test_the_earliest_of_nested_deadlines_cuts(pipe: Pipe, seconds: tuple[float, ...]) -> None:
    def read(rest: tuple[float, ...]) -> bytes:
        if not rest:
            return pipe.ours.recv(1)
        with pipe.line.within(rest[0]):
            return read(rest[1:])

    began = time.monotonic()
    assert read(seconds) == b""
    assert SHORT <= time.monotonic() - began < SHORT + 2
    assert pipe.line.expired
    assert pipe.line.is_cut


def test_a_short_deadline_counts_while_the_watcher_sleeps_to_a_long_one_that_is_over(pipe: Pipe) -> None:
    with pipe.line.within(LONG):
        pass
    with pipe.line.within(SHORT):
        assert pipe.ours.recv(1) == b""
    assert pipe.line.expired


def test_steps_that_end_in_time_cut_nothing(pipe: Pipe) -> None:
    for _ in range(100):
        with pipe.line.within(SHORT / 10):
            pass
    pipe.ours.settimeout(SHORT)
    with pipe.line.within(LONG), pytest.raises(TimeoutError):  # the deadlines above have all passed by then
        pipe.ours.recv(1)
    assert not pipe.line.is_cut


def test_another_thread_cuts(pipe: Pipe) -> None:
    threading.Timer(SHORT, pipe.line.cut).start()
    with pipe.line.within(LONG):
        assert pipe.ours.recv(1) == b""
    assert (pipe.line.is_cut, pipe.line.expired) == (True, False)


def test_cut_and_close_may_come_in_any_order_and_number(pipe: Pipe) -> None:
    for end in (pipe.line.cut, pipe.line.cut, pipe.line.close, pipe.line.cut, pipe.line.close):
        end()


def test_a_closed_line_gives_its_thread_back() -> None:
    before = set(threading.enumerate())
    ours, theirs = socket.socketpair()
    line = Line(ours)
    with line.within(LONG):
        [watcher] = set(threading.enumerate()) - before
    line.close()
    watcher.join(5)
    assert not watcher.is_alive()
    ours.close()
    theirs.close()
