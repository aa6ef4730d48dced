"""What systemd is told (sd_notify(3)): one datagram to $NOTIFY_SOCKET, or nothing at all where nobody listens."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(*assignments: str) -> bool:
    """Tell the service manager, e.g. `notify("READY=1", "STATUS=polling")`; false where there is none, or it does not listen.

    READY=1 after the database is open and migrated, STATUS=… for people, WATCHDOG=1 for progress, EXTEND_TIMEOUT_USEC=… in a
    long migration, STOPPING=1 at the end. Never raises: a deaf manager is no reason to stop working. May be called by any thread.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):  # an abstract socket (unix(7)), whose name begins with NUL
        address = "\0" + address[1:]
    message = "\n".join(assignment.replace("\n", " ") for assignment in assignments)
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.settimeout(1)
        sock.sendto(message.encode("utf-8", "replace"), address)
        return True
    return False


def watchdog_seconds() -> float | None:
    """How long systemd waits for WATCHDOG=1 before it kills us (sd_watchdog_enabled(3)); None: it does not watch this process."""
    try:
        microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
        watched = int(os.environ.get("WATCHDOG_PID", os.getpid()))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 and watched == os.getpid() else None
