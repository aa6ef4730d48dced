"""How well it reads must not get worse: the figures of the labelled mails stand above their recorded floors (`make quality`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_no_figure_falls_below_its_floor() -> None:
    script = Path(__file__).parent / "corpus" / "quality.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=script.parents[2], check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
