"""Parsing, triage and reading in a child process: bytes in, frozen values out, with limits of memory and time.

A poison mail may crash or stall the child; the daemon goes on, and the next call gets a new child. The dictionary (42 MB)
lives in the child alone. The child is spawned, never forked: the daemon has threads.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from mailbot.errors import MailbotError
from mailbot.model.facts import Reading
from mailbot.model.mail import Mail, MailKind
from mailbot.model.service import Service
from mailbot.model.verdict import BY_WORDS, Verdict
from mailbot.rules.bounce import read_bounce
from mailbot.rules.parse import parse
from mailbot.rules.reading import ReadingContext, judge_kind, read
from mailbot.rules.reading.vocabulary import meet_words
from mailbot.rules.triage import triage

_MEMORY = 2 << 30  # bytes of address space; a 25 MB mail needs about 100 MB
_SECONDS_A_CALL = 10.0  # a batch takes a tenth of that on a busy machine; what comes behind a stalling mail waits two of them
_SECONDS_A_MB = 2.0
_START_SECONDS = 60.0
_FIRST_MAIL = b"From: Jan Wilk <jan@wilk.example>\r\nSubject: start\r\n\r\nOXIJET 3200 nie drukuje, firma stoi.\r\n"
_GARBAGE = (20_000, 20, 20)  # reading makes many small things and no cycles: a tenth less time than with Python's (700, 10, 10)

Result = TypeVar("Result")


class Unreadable(MailbotError):
    """The child died, stalled or failed on what it was given; the text says how. One of the mails is poison."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A parsed mail with what its headers say of it."""

    mail: Mail
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What was read, and the kind as the content shows it."""

    reading: Reading
    verdict: Verdict


class Reader:
    """One child process, restarted on death. Used by one thread."""

    def __init__(self, service: Service, installation: str) -> None:
        self._pool = ProcessPool(
            max_workers=1,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=(service, installation),
        )

    def warm_up(self) -> None:
        """Start the child and load the dictionary, so that no mail waits for it with its lease running."""
        self._call(_ready, (), _START_SECONDS)

    def examine(self, mails: Sequence[tuple[bytes, bool]]) -> list[Examined]:
        """Parse and triage raw mails (bytes, partial). Raises Unreadable where one of them cannot be."""
        size = sum(len(raw) for raw, _ in mails) / 1_000_000
        return self._call(_examine, (list(mails),), _SECONDS_A_CALL + _SECONDS_A_MB * size)

    def read(self, jobs: Sequence[tuple[Examined, ReadingContext]]) -> list[ReadMail]:
        """Read parsed mails, each in its context. Raises Unreadable where one of them cannot be."""
        return self._call(_read, (list(jobs),), _SECONDS_A_CALL)

    def _call(self, work: Callable[..., Result], args: tuple[Any, ...], seconds: float) -> Result:
        future = self._pool.schedule(work, args=args, timeout=seconds)
        try:
            result: Result = future.result()
        except FutureTimeout:
            raise Unreadable(f"reading took over {seconds:.0f} s and was ended") from None
        except ProcessExpired as died:
            raise Unreadable(f"the reading process died (exit code {died.exitcode})") from None
        except Exception as error:  # whatever the rules raised in the child: the mail is put aside, the daemon goes on
            raise Unreadable(f"reading failed: {type(error).__name__}: {error}") from error
        return result

    def close(self) -> None:
        """End the child."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


# ---- in the child -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Child:
    service: Service
    installation: str


_child: _Child | None = None


def _prepare(service: Service, installation: str) -> None:
    global _child  # noqa: PLW0603  # the child's one piece of state: what it was started with
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _child = _Child(service, installation)
    load(service)


def load(service: Service) -> None:
    """Load dictionary, tables and judges with a first mail, and meet the usual words.

    What is loaded stays for good and is left out of the garbage collector's rounds.
    """
    meet_words()
    read_mail(examine(_FIRST_MAIL, service, ""), ReadingContext(service))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _state() -> _Child:
    if _child is None:
        raise RuntimeError("the reading process was not prepared")
    return _child


def _ready() -> bool:
    return _state() is not None


def _examine(mails: list[tuple[bytes, bool]]) -> list[Examined]:
    return [examine(raw, _state().service, _state().installation, partial=partial) for raw, partial in mails]


def _read(jobs: list[tuple[Examined, ReadingContext]]) -> list[ReadMail]:
    return [read_mail(seen, context) for seen, context in jobs]


def examine(raw: bytes, service: Service, installation: str, *, partial: bool = False) -> Examined:
    """Parse and triage one mail; what `inspect` calls in its own process."""
    mail = parse(raw, partial=partial)
    verdict = triage(mail, service, installation)
    if verdict.kind is MailKind.BOUNCE:
        mail = replace(mail, report=read_bounce(mail))
    return Examined(mail, verdict)


def read_mail(seen: Examined, context: ReadingContext) -> ReadMail:
    """Read one mail, and let its content speak where its headers said nothing."""
    reading = read(seen.mail, context)
    verdict = seen.verdict
    if verdict.kind is MailKind.REQUEST:
        kind, reason = judge_kind(seen.mail, reading, verdict, answers=context.known is not None, asked=context.asked)
        if kind is not MailKind.REQUEST:
            verdict = replace(verdict, kind=kind, test=BY_WORDS, text=reason)
    return ReadMail(reading, verdict)
