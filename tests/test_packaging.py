"""The wheel: complete by itself. It is built, installed into an empty environment and used from a folder that knows nothing of us."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> str:
    """Runs a program as a newcomer would: in another folder, without our environment variables. Fails with what it said."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAILBOT", "VIRTUAL_ENV"))}
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=known)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without network by the hatchling of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
    run(*pip, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder, ROOT, folder=folder)
    return next(folder.glob("mailbot-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment's bin folder. The wheel is installed, the libraries it names are lent by a path file, the checkout is not."""
    home = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", home, folder=home)
    python = home / "bin/python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", "--no-compile", wheel, folder=home)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=home).strip())
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))  # the path files in there are not followed (site, "…pth")
    return home / "bin"


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name for name in names if name.startswith("mailbot/")}
    source = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mailbot").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    templates = {f"mailbot/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert templates
    assert shipped == source | templates
    assert {name.split("/")[0].split("-")[0] for name in names} == {"mailbot"}
    assert {Path(name).name for name in names if "/data/share/mailbot/" in name} == {"config.example.toml", "mailbot.service"}


def test_the_installed_program_finds_its_templates(installed: Path, tmp_path: Path) -> None:
    lines = (
        "import mailbot, mailbot.config, mailbot.templating as t, pathlib",
        "print(pathlib.Path(mailbot.__file__).parent)",
        "t.load_templates(None)",
        "print(mailbot.config.default_settings().service.address)",
    )
    package, address = run(installed / "python", "-c", "\n".join(lines), folder=tmp_path).split()
    assert Path(package).is_relative_to(installed.parent)
    assert address == "serwis@oxiprint.com"


def test_inspect_works_from_any_folder_without_a_configuration(installed: Path, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text("From: Jan Kowalski <jan@drukarnia.example>\nSubject: awaria\n\nOXIJET 3200 nie drukuje magenty.\n")
    seen = json.loads(run(installed / "mailbot", "inspect", "--json", mail, folder=tmp_path))
    assert (seen["kind"], seen["action"], seen["facts"]["device"]) == ("request", "ask", "OXIJET 3200")
    assert "Nazwa firmy:" in seen["reply"]
    assert list(tmp_path.iterdir()) == [mail]


def test_the_example_that_is_installed_loads(installed: Path, tmp_path: Path) -> None:
    example = installed.parent / "share/mailbot/config.example.toml"
    assert example.read_bytes() == (ROOT / "config.example.toml").read_bytes()
    code = f"import mailbot.config, pathlib; mailbot.config.load_config(pathlib.Path({str(example)!r}))"
    run(installed / "python", "-c", code, folder=tmp_path)


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s\[<>=!~;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def test_every_library_that_is_imported_is_declared_and_the_other_way_round() -> None:
    """The libraries were lent above, so that the declaration is checked here."""
    owners = importlib.metadata.packages_distributions()
    imported: dict[str, str] = {}
    for path in (ROOT / "mailbot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for top in (module.split(".")[0] for module in modules):
                if top not in sys.stdlib_module_names and top != "mailbot":
                    imported[owners[top][0].lower().replace("_", "-")] = path.relative_to(ROOT).as_posix()
    core, demo = declared(PROJECT["dependencies"]), declared(PROJECT["optional-dependencies"]["demo"])
    core.add("pydantic-core")  # pydantic requires exactly its own version of it
    in_demo = {name for name in demo if imported.get(name, "").startswith("mailbot/demo")}
    assert {name: path for name, path in imported.items() if name not in core | in_demo} == {}
    not_imported = {"psycopg", "tzdata"}  # named in a database URL; read by zoneinfo where the system has no zones
    assert core - set(imported) - not_imported == set()


def test_every_package_is_pinned() -> None:
    constraints = (ROOT / "constraints.txt").read_text("utf-8").split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in constraints)
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in constraints}
    wanted = declared(PROJECT["dependencies"] + [entry for extra in PROJECT["optional-dependencies"].values() for entry in extra])
    assert wanted - pinned == {"mailbot"}
