"""The systemd unit: systemd itself finds nothing to complain about, and the sandbox is as tight as promised."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "systemd/mailbot.service"
Installed = Callable[[object, str], None]


@pytest.fixture(autouse=True)
def systemd_analyze(installed: Installed) -> None:
    installed(shutil.which("systemd-analyze"), "systemd-analyze")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments, str(UNIT)], check=False, capture_output=True, text=True)


def test_systemd_verifies_the_unit() -> None:
    result = analyze("verify")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


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
