"""The systemd unit: systemd itself finds nothing to complain about, and the sandbox is as tight as promised."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "systemd/mailbot.service"
Installed = Callable[[object, str], None]


@pytest.fixture
def systemd_analyze(installed: Installed) -> None:
    installed(shutil.which("systemd-analyze"), "systemd-analyze")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments, str(UNIT)], check=False, capture_output=True, text=True)


@pytest.mark.usefixtures("systemd_analyze")
def test_systemd_verifies_the_unit() -> None:
    result = analyze("verify")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.usefixtures("systemd_analyze")
def test_the_exposure_is_at_most_two() -> None:
    result = analyze("security", "--offline=true", "--threshold=20", "--no-pager")
    assert result.returncode == 0, result.stdout
    overall = re.search(r"Overall exposure level for mailbot.service: (\d+\.\d+)", result.stdout)
    assert overall, result.stdout
    assert float(overall[1]) <= 2.0


def test_the_unit_and_the_program_mean_the_same() -> None:
    """What the unit promises stands in the code: names of the secrets, the exit code of a bad configuration, the state folder."""
    unit = UNIT.read_text("utf-8")
    assert re.findall(r"^LoadCredential=([\w-]+):", unit, re.M) == ["imap-password", "smtp-password"]
    assert "RestartPreventExitStatus=78" in unit
    assert "StateDirectory=mailbot\n" in unit
    assert "Type=notify\n" in unit


# prctl(2): PR_SET_MDWE (65) with PR_MDWE_REFUSE_EXEC_GAIN (1) is what MemoryDenyWriteExecute= stands for; children inherit it.
IN_THE_SANDBOX = """
import ctypes, mmap, sys

if __name__ == "__main__":
    assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0
    try:
        mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        sys.exit("the kernel still gives out memory that can be written and executed")
    except PermissionError:
        pass

    import mailbot.daemon
    from mailbot.config import default_settings
    from mailbot.steps.reader import Reader
    from mailbot.store.engine import Database
    from mailbot.store.migrate import upgrade

    database = Database("sqlite:///mailbot.db")
    upgrade(database)
    database.close()
    reader = Reader(default_settings().service, "installation")
    seen = reader.examine([(b"From: jan@example.com\\r\\nSubject: awaria\\r\\n\\r\\nOXIJET 3200 nie drukuje", False)])
    reader.close()
    print(seen[0].verdict.kind)
"""


def test_the_program_runs_where_no_memory_is_both_written_and_executed(tmp_path: Path) -> None:
    """The libraries, the database and the reading child under the one limit that compiled extensions are known to break."""
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:  # PR_GET_MDWE
        pytest.skip("needs Linux 6.3 or later")
    script = tmp_path / "sandbox.py"
    script.write_text(IN_THE_SANDBOX)
    command = [sys.executable, "-X", "faulthandler", str(script)]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(UNIT.parent.parent)})
    assert (result.returncode, result.stdout) == (0, "request\n"), result.stderr
