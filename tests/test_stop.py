"""The stop signal: it wakes whoever waits, and it may be set from anywhere."""

import os
import signal
import socket
import threading
import time

from mailbot.stop import StopSignal


def test_wait_ends_without_a_signal_after_the_given_time():
    stop = StopSignal()
    assert stop.wait(0.01) is False
    assert not stop.is_set()


def test_set_wakes_a_waiting_thread_at_once():
    stop = StopSignal()
    woken = []
    thread = threading.Thread(target=lambda: woken.append(stop.wait(30)))
    thread.start()
    started = time.monotonic()
    stop.set()
    thread.join(5)
    assert woken == [True]
    assert time.monotonic() - started < 1


def test_a_signal_handler_may_set_it_while_the_same_thread_waits():
    stop = StopSignal()
    previous = signal.signal(signal.SIGUSR1, lambda *_: stop.set())
    try:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert stop.wait(30) is True
    finally:
        signal.signal(signal.SIGUSR1, previous)


def test_wait_with_a_socket_ends_when_the_socket_speaks():
    stop = StopSignal()
    here, there = socket.socketpair()
    with here, there:
        assert stop.wait_with(here.fileno(), 0.01) is False
        there.sendall(b"x")
        started = time.monotonic()
        assert stop.wait_with(here.fileno(), 30) is False
        assert time.monotonic() - started < 1


def test_set_a_hundred_thousand_times_does_not_block():
    stop = StopSignal()
    for _ in range(100_000):
        stop.set()
    assert stop.wait() is True
