"""Law I8: mail that kills, stalls or starves whoever reads it. Tried three times, then held, staff told; those behind it go on."""

from __future__ import annotations

import shutil
import time
import zlib
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.conftest import need
from tests.crash.oracle import report
from tests.crash.post import COMPLETE, mail
from tests.crash.rig import Rig, a_rig, children_of, resident
from tests.crash.sweep import database_of
from tests.hostile.mails import MAILS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
    with a_rig(tmp_path) as rig:
        yield rig


def poisoned(kind: str) -> bytes:
    return mail(f"{kind}@d.example", f"{kind}@mail.example", COMPLETE, f"X-Poison: {kind}")


@pytest.mark.parametrize("kinds", [("abort", "eat"), pytest.param(("segv", "hang", "recurse"), marks=pytest.mark.long)], ids=" ".join)
def test_poison_is_held_and_the_ten_behind_it_go_on(rig: Rig, kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    house = rig.house
    house.clock = ""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests/crash/poison'}:{ROOT}")
    house.start()
    for kind in kinds:
        house.deliver(poisoned(kind))
    for number in range(10):
        rig.injector.request(number)
    house.wait_until(lambda: house.count("journal WHERE consequence = 'opened'") == 10, 60)
    house.wait_until(lambda: house.count("journal WHERE state = 'held'") == len(kinds), 120)
    house.wait_until(lambda: house.count("outbox WHERE state <> 'sent'") == 0)
    assert house.query("SELECT DISTINCT attempts FROM journal WHERE state = 'held'") == [(3,)]
    assert house.count("journal WHERE state = 'done'") == 10
    held = house.rows("mail", "held")
    assert sorted(row["sender"] for row in held) == sorted(f"{kind}@d.example" for kind in kinds)
    for row in held:
        told = [letter for letter in house.letters(house.team) if f"mailbot mail replay {row['id']}".encode() in letter]
        assert len(told) == 1, "staff are told once of each"
        assert "held" in house.cli("mail", "why", str(row["id"])).stdout
        assert "reading" in house.cli("mail", "why", str(row["id"])).stdout, "and why"
    house.stop()
    monkeypatch.delenv("PYTHONPATH")  # the flaw is mended
    for row in held:
        house.cli("mail", "replay", str(row["id"]))
    house.start()
    house.wait_until(lambda: house.count("journal WHERE consequence = 'opened'") == 10 + len(kinds))
    house.wait_until(lambda: house.count("outbox WHERE state <> 'sent'") == 0)
    assert house.count("ticket") == 10 + len(kinds)
    assert house.rows("mail", "held") == []
    assert not (found := [*rig.oracle.marks(), *rig.oracle.integrity()]), report(found)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def test_hostile_mail_takes_the_whole_road(tmp_path: Path, kind: str) -> None:
    """Stored byte for byte as the server gives it, one consequence each, in bounded time; on both databases."""
    limits = {"flood_hour": 100_000, "per_address_hour": 1000, "per_address_day": 1000, "per_ticket_day": 1000, "global_hour": 100_000}
    with database_of(kind) as database, a_rig(tmp_path, database, limits=limits) as rig:
        house = rig.house
        house.clock = ""
        house.deliver(*MAILS.values())
        begin = time.monotonic()
        house.start()
        house.wait_until(lambda: house.count("journal WHERE state <> 'new'") == len(MAILS), 240)
        house.wait_until(lambda: not house.count("outbox WHERE state IN ('queued', 'sending', 'unknown')"), 240)
        assert time.monotonic() - begin < 240
        assert house.query("SELECT uid, error FROM journal WHERE state <> 'done'") == []
        served = {}
        with house.dovecot.client(house.user) as client:
            for uid in client.search():
                served |= {uid: client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]}
        stored = {
            uid: zlib.decompress(data) for uid, data in house.query("SELECT j.uid, r.data FROM journal j JOIN raw r ON r.id = j.raw_id")
        }
        assert stored.keys() == served.keys()
        assert [uid for uid in served if stored[uid] != served[uid]] == []
        assert not (found := [*rig.oracle.marks(), *rig.oracle.integrity()]), report(found)
        assert house.count("outbox WHERE state = 'failed'") == 0, "nothing hostile reached our own mails"


@pytest.mark.parametrize("megabytes", [50, pytest.param(200, marks=pytest.mark.long)])
def test_large_mail_gets_a_ticket_with_a_note(rig: Rig, megabytes: int) -> None:
    """The head is kept, memory stays flat, and the rest is not late."""
    house = rig.house
    house.clock = ""
    house.start()
    rig.injector.request(0)
    house.wait_until(lambda: house.count("journal WHERE state = 'done'") == 1)
    peak = sum(map(resident, _family(house.process.pid if house.process else 0)))
    large = mail("duzy@d.example", "duzy@mail.example", COMPLETE + "x" * 76 + "\r\n" + ("QUJD" * 19 + "\r\n") * (megabytes * 13_000))
    assert len(large) > megabytes * 1_000_000
    house.deliver(large)
    for number in range(1, 6):
        rig.injector.request(number)

    def is_done() -> bool:
        nonlocal peak
        peak = max(peak, *(resident(pid) for pid in _family(house.process.pid if house.process else 0)))
        return house.count("journal WHERE state = 'done'") == 7

    begin = time.monotonic()
    house.wait_until(is_done, 60)
    assert time.monotonic() - begin < 60
    assert peak < 300 << 20, f"{peak >> 20} MB"
    [(partial, consequence, size)] = house.query(f"SELECT partial, consequence, size FROM journal WHERE size > {megabytes * 1_000_000}")
    assert (bool(partial), consequence) == (True, "opened")
    house.wait_until(lambda: house.count("outbox WHERE state <> 'sent'") == 0)
    notices = [letter for letter in house.letters(house.team) if b"duzy@d.example" in letter]
    told = message_from_bytes(notices[0], policy=default).get_body(("plain",))
    assert told is not None
    assert f"Wiadomość ma {round(size / 1_000_000)} MB, zapisano tylko jej początek" in " ".join(told.get_content().split())


def _family(pid: int) -> list[int]:
    found = [pid]
    for child in children_of(pid):
        found += _family(child)
    return found


@pytest.mark.parametrize("bombs", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_bomb_delays_nobody_else(tmp_path: Path, bombs: int) -> None:
    """Ten people beside a sender of very many mails: each is answered within two minutes; the bomber hears from us three times at most."""
    with a_rig(tmp_path, limits={}) as rig:
        house = rig.house
        house.configure(limits={"per_address_hour": 6, "per_address_day": 20, "per_ticket_day": 6, "global_hour": 500})
        house.clock = ""
        house.deliver(*(mail("bomba@d.example", f"b{number}@mail.example", f"{COMPLETE}Nr {number}\r\n") for number in range(bombs)))
        for number in range(10):
            rig.injector.request(number)
        begin = time.monotonic()
        house.start()
        answered = [f"klient{number}@firma{number}.example" for number in range(10)]
        house.wait_until(lambda: all(house.letters(customer) for customer in answered), 120)
        assert time.monotonic() - begin < 120
        house.wait_until(lambda: house.count("journal WHERE state = 'done'") == bombs + 10, 60 + bombs / 10)
        house.wait_until(lambda: not house.count("outbox WHERE state IN ('queued', 'sending', 'unknown')"), 120)
        assert 1 <= len(house.letters("bomba@d.example")) <= 3
        assert all(len(house.letters(customer)) == 1 for customer in answered)
        floods = house.query("SELECT recipient, count(*) FROM outbox WHERE key LIKE '%flood:%' GROUP BY recipient")
        assert floods, "staff are told"
        assert {count for _, count in floods} == {1}, "once"
        assert house.count("ticket WHERE requester = 'bomba@d.example'") <= 3
        assert house.count("journal WHERE state = 'held'") == 0
        pid = house.process.pid if house.process else 0
        assert max(resident(each) for each in _family(pid)) < 300 << 20
