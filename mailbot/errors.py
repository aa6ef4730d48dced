"""Every failure is Transient, Permanent or a bug; what is not marked counts as transient."""

from __future__ import annotations


class MailbotError(Exception):
    """A failure that mailbot understands; its text tells a person what is wrong and what to do."""


class Transient(MailbotError):
    """Try again later: the same call may succeed."""


class Stopped(Transient):
    """We broke it off ourselves because we are ending: nothing failed, and nothing counts as tried."""


class DatabaseAway(Transient):
    """Our own database is locked, full, restarting or not to be reached: looked for again soon, since asking it costs nobody anything."""


class Permanent(MailbotError):
    """The same call will fail again; a person or another value is needed."""


class LoginRefused(Permanent):
    """The server refused our credentials: retried on the slow ladder only, so that no account is locked."""


class ConfigError(MailbotError):
    """The configuration cannot be used. `problems` holds all of them, each with its key and the fix (exit code 78)."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StaleTicket(Transient):
    """The ticket changed since it was loaded: load and decide again."""
