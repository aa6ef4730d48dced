"""A command loads what it needs: a look at the desk does not wait for the rules, the dictionary or the migrations to be loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer

from mailbot.cli import MODULES, load_commands
from mailbot.cli.app import app

HEAVY = {"alembic", "apscheduler", "holidays", "imapclient", "jinja2", "morfeusz2", "pebble", "phonenumbers", "mailbot.rules"}

CONFIG = """
service.address = "serwis@oxiprint.example"
service.state_dir = "state"
database.url = "sqlite:///mailbot.db"
imap = { host = "localhost", username = "serwis" }
smtp.host = "localhost"
staff.team = ["technik@oxiprint.example"]
"""


def test_every_command_has_its_module():
    load_commands([])
    assert set(typer.main.get_command(app).commands) == set(MODULES)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A desk whose database was made by an earlier command."""
    config = tmp_path_factory.mktemp("desk") / "config.toml"
    config.write_text(CONFIG)
    known = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT")} | {"MAILBOT_CONFIG": str(config)}
    subprocess.run([sys.executable, "-m", "mailbot", "status"], check=True, capture_output=True, env=known)
    return known


@pytest.mark.parametrize("words", ["--version", "status", "ticket list", "mail list", "outbox list"])
def test_a_look_loads_little(words, environment):
    command = [sys.executable, "-X", "importtime", "-m", "mailbot", *words.split()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "mailbot.cli.app" in loaded, "the measure works"
    assert loaded & HEAVY == set()
