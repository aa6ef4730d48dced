"""The rooms: imports go one way, foreign libraries stay in the room that wraps them, and time is asked for in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "mailbot"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What a room may import from the others; a module at the top level (cli, daemon, config, …) may import all.
MAY_IMPORT = {
    "model": {"errors"},
    "rules": {"model", "errors"},
    "store": {"model", "errors", "fault"},
    "wire": {"model", "errors", "stop", "fault"},
    "steps": {"model", "rules", "store", "wire", "errors", "stop", "clock", "log", "notify", "fault"},
}
BASE = {"errors", "stop", "fault", "notify", "log", "units"}  # these import no room but model
# Libraries that one place wraps for all others.
ONLY_IN = {
    "mailparser": ("rules/parse", "rules/mime"),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "psycopg": ("store/",),
    "imapclient": ("wire/imap", "demo"),
    "smtplib": ("wire/smtp",),
    "aiosmtpd": ("demo",),
    "pymap": ("demo",),
    "jinja2": ("rules/", "templates"),
    "typer": ("cli",),
    "apscheduler": ("daemon",),
}
IMPURE = {"socket", "sqlite3", "subprocess", "threading", "logging", "random", "secrets", "requests", "urllib.request", "http", "time"}
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
TIME_FUNCTIONS = {"time", "time_ns", "sleep", "localtime", "gmtime", "ctime"}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module that is imported, also inside functions and for annotations alone."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_go_one_way() -> None:
    wrong = []
    for path in MODULES:
        room = path.relative_to(PACKAGE).parts[0]
        allowed = MAY_IMPORT.get(room, {"model", *BASE} if path.stem in BASE else None)
        ours = [module.split(".")[1] for module in imports(path) if module.startswith("mailbot.")]
        if allowed is not None:
            wrong += [f"{name(path)} imports {other}" for other in ours if other not in allowed | {room, path.stem, "__version__"}]
    assert wrong == []


def test_a_library_stays_in_the_room_that_wraps_it() -> None:
    wrong = []
    for path in MODULES:
        for module in imports(path):
            rooms = ONLY_IN.get(module.split(".")[0])
            if rooms and not name(path).startswith(rooms):
                wrong.append(f"{name(path)} imports {module}")
    assert wrong == []


def test_rules_and_model_are_pure() -> None:
    pure = [path for path in MODULES if name(path).startswith(("rules/", "model/"))]
    wrong = [f"{name(path)} imports {module}" for path in pure for module in imports(path) if {module, module.split(".")[0]} & IMPURE]
    assert wrong == []


def clock_calls(path: Path) -> list[tuple[int, str]]:
    """Where a module asks the machine for the time, or waits: `datetime.now`, `time.time`, `time.sleep` and their like."""
    tree = ast.parse(path.read_bytes())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id if isinstance(node.value, ast.Name) else ""
            if (owner, node.attr) in CLOCK_CALLS or (owner == "time" and node.attr in TIME_FUNCTIONS and _is_module_time(tree)):
                found.append((node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found += [(node.lineno, alias.name) for alias in node.names if alias.name in TIME_FUNCTIONS]
    return sorted(found)


def _is_module_time(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Import) and any(alias.name == "time" for alias in node.names) for node in ast.walk(tree))


def test_time_is_asked_for_in_clock_alone() -> None:
    calls = {name(path): clock_calls(path) for path in MODULES if name(path) != "clock.py"}
    assert {module: found for module, found in calls.items() if found} == {}


def test_these_tests_see_what_they_forbid(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        """import time, datetime as dt
from datetime import datetime, date
from time import sleep
a = datetime.now()
b = dt.datetime.utcnow()
c = date.today()
time.sleep(time.time())
tick = time.time
ok = time.monotonic()
"""
    )
    assert [line for line, _ in clock_calls(bad)] == [3, 4, 5, 6, 7, 7, 8]
    assert list(imports(bad))[:2] == ["time", "datetime"]
    assert clock_calls(PACKAGE / "clock.py"), "the clock itself is where they are"


def test_modules_are_small_enough_to_read() -> None:
    """350 lines is a page that a newcomer reads in one go; word lists and tables may be longer."""
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {module: lines for module, lines in lengths.items() if lines > 500} == {}
