"""The log: one line an event, no secret in any form, no forged line, and no flood of the same warning."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.log import Format, Mask, configure, log_line

log = logging.getLogger("mailbot.test")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """pytest's own handlers are there again after the test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def into(form: Format, *secrets: str, level: str = "debug") -> io.TextIOWrapper:
    """A stream of ASCII, the poorest that a service may be given, to which the log now goes."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    configure(level, form, secrets, stream)
    return stream


def said(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def test_a_canonical_line() -> None:
    line = log_line("mail opened", ticket="OXI-2026-000123", journal=12, duplicate_of=None, subject='awaria "głowicy"', empty="")
    assert line == 'mail opened ticket=OXI-2026-000123 journal=12 subject="awaria \\"głowicy\\"" empty=""'
    assert log_line("x", at=datetime(2026, 10, 12, 6, tzinfo=UTC)) == "x at=2026-10-12T06:00:00+00:00"
    assert log_line("x", subject="a\nmail opened") == 'x subject="a\\nmail opened"'


@pytest.mark.parametrize("form", ["plain", "journal", "json"])
def test_a_text_cannot_forge_a_line(form: Format) -> None:
    stream = into(form)
    log.info("subject %s", "x\n<3>forged\r\x1b[31m\u202e\u2028\ud800 ż")
    written = said(stream)
    assert written.count("\n") == 1
    assert written.isascii()
    assert not set(written) & set("\r\x1b")


def test_the_journal_gets_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")
    stream = into("auto", level="info")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        log.log(level, "level %d", level)
    assert said(stream).splitlines() == ["<6>level 20", "<4>level 30", "<3>level 40"]


def test_a_traceback_stays_on_the_line_of_its_event() -> None:
    stream, lines = into("journal"), into("json")
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.exception("step failed")  # goes to the last one configured
        configure("debug", "journal", (), stream)
        log.exception("step failed")
    assert said(stream).startswith("<3>step failed | Traceback (most recent call last)")
    assert said(stream).count("\n") == 1
    told = json.loads(said(lines))
    assert (told["level"], told["logger"], told["message"]) == ("error", "mailbot.test", "step failed")
    assert "ValueError: first\nsecond" in told["trace"]


@pytest.mark.parametrize(
    "text",
    [
        "cannot connect to postgresql+psycopg://mailbot:hunter2%21@db/mailbot",
        "connection failed: host=db password=hunter2 dbname=x",
        "{'password': 'hunter2', 'host': 'x'}",
        '{"token": "hunter2"}',
        "Authorization: Bearer hunter2",
        "> LBNA12 LOGIN serwis@oxiprint.com hunter2",
        '> A1 LOGIN "serwis" "a \\" hunter2"',
        "AUTH PLAIN AGphbgBodW50ZXIy",
        "> A3 AUTHENTICATE PLAIN AGphbgBodW50ZXIy",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    masked = Mask()(text)
    assert "***" in masked
    assert "hunter2" not in masked
    assert "AGphbgBodW50ZXIy" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "login refused host=imap.oxiprint.com user=serwis@oxiprint.com",
        "imap.password_file: the password of the mailbox is not given",
        "AUTH LOGIN is not offered here",
        "see https://example.com:993/path and mail@example.com",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    assert Mask()(text) == text


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    stream = into("plain", "S3kret+ne/hasło", "S3kret", "ab")
    answer = "server said: S3kret+ne/hasło?"
    try:
        raise RuntimeError(answer)
    except RuntimeError:
        log.exception("with %s and %s, in a cab", "S3kret+ne/hasło", {"k": "S3kret"})
    written = said(stream)
    assert "S3kret" not in written
    assert "hasło" not in written
    assert "in a cab" in written  # two letters are no secret to look for
    assert written.count("***") == 3


@given(st.text(min_size=4, max_size=40), st.text(max_size=40), st.text(max_size=40))
@example("a+b.c*", "", "")
def test_no_known_secret_survives(secret: str, before: str, after: str) -> None:
    masked = Mask([secret])(before + secret + after)
    assert secret not in masked.replace("***", "\0") or secret in "***"


def test_a_repeated_warning_is_written_once_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = into("journal")

    def warn(text: str, at: float, **alike: str) -> None:
        record = log.makeRecord(log.name, logging.WARNING, "", 0, text, (), None, extra=alike)
        record.created = at
        log.handle(record)

    for second in range(100):
        warn("IMAP is away", 1000.0 + second)
        warn(f"again in {second} s", 1000.0 + second, alike="retry")
        warn(f"mail held journal={second}", 1000.0)
    assert len(said(stream).splitlines()) == 102  # each held mail is told of
    warn("IMAP is away", 1700.0)
    warn("again in 5 s", 1700.0, alike="retry")
    assert said(stream).splitlines()[-2:] == ["<4>IMAP is away (and 99 like it)", "<4>again in 5 s (and 99 like it)"]
    warn("IMAP is away", 900.0)  # the machine's clock was put back
    assert said(stream).splitlines()[-1] == "<4>IMAP is away"


def test_libraries_do_not_write_mails_into_the_log() -> None:
    stream = into("plain")
    logging.getLogger("imapclient.imaplib").debug("< Subject: geheim")
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT body")
    assert said(stream) == ""
