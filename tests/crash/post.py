"""What the crash tests put into the mailbox, eight mails a round, and the sink that takes the answers, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.crash.oracle import Ledger
from tests.support.house import House
from tests.support.smtp_sink import Delivery

COMPLETE = (
    "Dzień dobry,\r\nOXIJET 3200 (nr seryjny 3200-2024-117) od rana w ogóle nie drukuje magenty i stoi cała produkcja.\r\n"
    "Proszę o kontakt: 601 234 567.\r\nJan Kowalski\r\nDrukarnia Wielki Format sp. z o.o.\r\n"
)
BARE = "Dzień dobry, coś jest nie tak z naszą drukarką, robi paski. Proszę o pomoc.\r\n"
REPLY = "Chodzi o OXI UV 2513, produkcja stoi. Anna Nowak, Studio Druku Nowak, tel. 502 345 678.\r\n"


def mail(sender: str, message_id: str, text: str, *fields: str, subject: str = "awaria drukarki") -> bytes:
    """A plain mail to the desk."""
    head = [
        f"From: Jan Kowalski <{sender}>",
        "To: serwis@oxiprint.com",
        f"Subject: {subject}",
        f"Message-ID: <{message_id}>",
        "Date: Mon, 12 Oct 2026 08:10:00 +0200",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        *fields,
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + text).encode()


class SinkProcess:
    """The SMTP sink as a process: its log survives everything that happens to the tests and to the daemon."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "sink.jsonl"
        self._read = 0
        self._taken: list[Delivery] = []
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> SinkProcess:
        command = [sys.executable, "-m", "tests.support.smtp_sink", "--port", str(self.port), "--log", str(self._log)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    @property
    def accepted(self) -> list[Delivery]:
        """What it took so far; a line that is still being written counts from its end on."""
        if self._log.exists():
            with self._log.open("rb") as log:
                log.seek(self._read)
                whole, _, _ = log.read().rpartition(b"\n")
            if whole:
                self._read += len(whole) + 1
                self._taken += [Delivery.from_json(line.decode()) for line in whole.split(b"\n")]
        return [delivery for delivery in self._taken if delivery.accepted]


class Injector:
    """Delivers rounds of mail, each noted in the ledger before it is there."""

    def __init__(self, house: House, ledger: Ledger) -> None:
        self._house, self._ledger = house, ledger
        self._rounds = 0
        self._asked: list[tuple[str, int]] = []  # customers with an incomplete request, and its number in the ledger

    def round(self) -> None:
        """Three requests, one of them delivered twice, two machines, an answer to a real question of ours, and thanks for nothing."""
        self._rounds += 1
        r = self._rounds
        self.answer()
        for name, text in ((f"jan{r}", COMPLETE), (f"ewa{r}", COMPLETE.replace("3200 (nr", "1600 (nr"))):
            self.deliver("request", f"{name}@drukarnia{r}.example", f"{name}@mail.example", f"{text}Sprawa {r}.\r\n")
        sender = f"anna{r}@studio{r}.example"
        self._asked.append((sender, self.deliver("request", sender, f"anna{r}@mail.example", f"{BARE}Sprawa {r}.\r\n")))
        self.deliver("duplicate", f"piotr{r}@d{r}.example", f"piotr{r}@mail.example", f"{COMPLETE}Sprawa P{r}.\r\n", copies=2)
        self.deliver("machine", f"urlop{r}@d{r}.example", f"auto{r}@mail.example", "Jestem na urlopie.\r\n", "Auto-Submitted: auto-replied")
        bulk = ("List-Unsubscribe: <mailto:x@y.example>", "Precedence: bulk")
        self.deliver("machine", f"news{r}@sklep{r}.example", f"news{r}@mail.example", "Promocja!\r\n", *bulk)

    def request(self, number: int) -> None:
        """One request of a customer of its own."""
        self.deliver("request", f"klient{number}@firma{number}.example", f"k{number}@mail.example", f"{COMPLETE}Sprawa {number}.\r\n")

    def deliver(self, kind: str, sender: str, message_id: str, text: str, *fields: str, about: int | None = None, copies: int = 1) -> int:
        """One mail, or some copies of it; returns its number in the ledger."""
        raw = mail(sender, message_id, text, *fields)
        entries = [self._ledger.add(kind, raw, sender, about) for _ in range(copies)]
        self._house.deliver(*[raw] * copies)
        return entries[0].id

    def answer(self) -> bool:
        """What a customer of an earlier round says to our question, once one has come."""
        for sender, number in self._asked:
            questions = self._house.deliveries(sender)
            if questions:
                self._asked.remove((sender, number))
                reply = f"In-Reply-To: {questions[0].message_id}"
                self.deliver("answer", sender, f"re-{sender}", f"{REPLY}Sprawa {number}.\r\n", reply, about=number)
                return True
        return False
