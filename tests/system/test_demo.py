"""`mailbot demo` as a newcomer runs it: it tells the story, a person can write in, and it leaves no process behind."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PATIENCE = 120.0


class Demo:
    """A running `mailbot demo` whose temporary folder is the test's."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home, self.screen = home, home / "screen.txt"
        known = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT")}
        with self.screen.open("wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailbot", "demo", *words],
                stdout=screen,
                stderr=screen,
                env=known | {"TMPDIR": str(home), "COLUMNS": "80"},
            )

    @property
    def text(self) -> str:
        return self.screen.read_text("utf-8")

    @property
    def folder(self) -> Path:
        (folder,) = self.home.glob("mailbot-demo-*")
        return folder

    def wait_for(self, condition: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.text[-3000:]
            assert time.monotonic() < until, self.text[-3000:]
            time.sleep(0.05)

    def letters(self, recipient: str) -> list[str]:
        """The subjects of what was delivered to somebody."""
        files = sorted((self.folder / "letters").glob(f"*-{recipient}.eml"))
        return [str(message_from_bytes(file.read_bytes())["Subject"]) for file in files]

    def family(self) -> list[int]:
        """The processes that have this demo's folder in their command line: the daemon, and the commands beside it."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.home).encode() in words:
                found.append(int(entry.name))
        return found


@pytest.fixture
def start(tmp_path):
    demos = []

    def begin(*words: str) -> Demo:
        demos.append(Demo(tmp_path, *words))
        return demos[-1]

    yield begin
    for demo in demos:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(30)


def test_the_show_and_a_visitor(start):
    demo = start("--keep", "--speed", "900")  # 25 % of a reaction time last 8 s: a busy machine may not sleep over one
    demo.wait_for(lambda: "Your turn" in demo.text and "MAILBOT_CONFIG=" in demo.text)
    text = demo.text

    tickets = re.findall(r"new ticket (OXI-\d{4}-\d{6})", text)
    assert len(tickets) == len(set(tickets)) == 6
    assert re.search(r"^OXI-\d{4}-000001 +started +critical", text, re.MULTILINE), "the list at the end"
    assert "Nazwa firmy:" in text
    assert "Device name:" in text
    assert "mailbot sends: acknowledgement" in text
    for said in ("Minęło 50%", "Minęło 75%", "Minęło 90%", "PO TERMINIE"):
        assert said in text, said
    assert max(map(len, text.splitlines())) <= 80 or all("/" in line for line in text.splitlines() if len(line) > 80), (
        "but for commands to copy, nothing is wider than the terminal"
    )

    assert len(demo.letters("k.lisowska@baneromat.example")) == 1, "acknowledged once; her addition and her thanks are not answered"
    assert len(demo.letters("biuro@druk-olza.example")) == 2, "a question, and then the acknowledgement"
    assert len(demo.letters("jana.novotna@velkotisk.example")) == 1, "a question; her robot gets nothing"
    assert len(demo.letters("marek.duda@plakat-plus.example")) == 1
    for quiet in ("newsletter@targi-druku.example", "mailer-daemon@plakat-plus.example", "rozliczenia@papier-hurt.example"):
        assert demo.letters(quiet) == []

    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Ja <ja@firma.example>", "serwis@oxiprint.example", "OXI CUT 1625"
    letter.set_content("Dzień dobry,\n\nnasz OXI CUT 1625 od rana nie tnie do końca.\n\nEwa Nowicka\n")
    port = re.search(r"curl smtp://127\.0\.0\.1:(\d+)", text)
    with smtplib.SMTP("127.0.0.1", int(port[1]), timeout=20) as client:
        client.send_message(letter)
    demo.wait_for(lambda: demo.letters("ja@firma.example"))
    demo.wait_for(lambda: "To: ja@firma.example" in demo.text)

    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(40) == 0
    assert demo.family() == []

    listed = subprocess.run(
        [sys.executable, "-m", "mailbot", "ticket", "list", "--json", "--config", str(demo.folder / "config.toml")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(listed.stdout.splitlines()) == 7, "the commands that it shows work on what it leaves"


def test_ctrl_c_ends_it_all(start):
    demo = start()
    demo.wait_for(lambda: "mailbot sends" in demo.text)
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(40) == 130
    assert "Interrupted" in demo.text
    assert "Traceback" not in demo.text
    assert demo.family() == []


def test_a_daemon_that_dies_is_said_in_clear_words(start):
    demo = start()
    demo.wait_for(lambda: "mailbot sends" in demo.text)
    (daemon,) = demo.family()
    os.kill(daemon, signal.SIGKILL)
    assert demo.process.wait(40) == 1
    assert "The demo failed" in demo.text
    assert "the daemon ended with exit code -9" in " ".join(demo.text.split())
    assert "Traceback" not in demo.text
