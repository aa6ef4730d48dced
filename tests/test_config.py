"""The configuration: the example is complete and is what the built-in defaults say; bad files are refused for the stated reason."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mailbot.config import Settings, check_config, default_settings, find_config, keys_of, load_config
from mailbot.errors import ConfigError
from mailbot.model.facts import Impact
from mailbot.model.service import Budget, Person
from mailbot.units import parse_budget, parse_duration, parse_intervals, parse_size

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"
BAD = sorted((ROOT / "tests/bad_configs").glob("*.toml"))
MINIMAL: dict[str, dict[str, Any]] = {
    "service": {"address": "serwis@oxiprint.com"},
    "database": {"url": "sqlite:////var/lib/mailbot/mailbot.db"},
    "imap": {"host": "localhost", "username": "serwis@oxiprint.com"},
    "smtp": {"host": "127.0.0.1"},
    "staff": {"team": ["technik@oxiprint.com"]},
}


def settings(folder: Path = Path("/etc/mailbot"), **tables: dict[str, Any]) -> Settings:
    """The six required keys, with changes of single tables."""
    return check_config({name: {**MINIMAL.get(name, {}), **tables.get(name, {})} for name in {**MINIMAL, **tables}}, folder)


def problems(**tables: dict[str, Any]) -> str:
    """What is said about the six required keys with these changes."""
    with pytest.raises(ConfigError) as refused:
        settings(**tables)
    return str(refused.value)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's environment decides a test."""
    for name in ("MAILBOT_CONFIG", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


# ---- the example --------------------------------------------------------------------------------------------------


def test_the_example_is_the_built_in_desk() -> None:
    example = load_config(EXAMPLE)
    people, forms = example.service.people, example.service.forms
    assert people == (Person("Jan Nowak", "jan@oxiprint.com"),)
    assert forms == ("www@oxiprint.com",)
    built_in = default_settings()
    assert example.service == type(example.service)(**{**_values(built_in.service), "people": people, "forms": forms})
    for table in ("conversation", "limits", "security", "log", "sla", "devices", "templates_dir"):
        assert getattr(example, table) == getattr(built_in, table), table
    example_imap, built_in_imap = dict(example.imap), dict(built_in.imap)
    assert [key for key in example_imap if example_imap[key] != built_in_imap[key]] == ["host"]


def _values(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _key_paths(table: type[BaseModel], path: str = "") -> set[str]:
    """Every key of the schema, with its tables."""
    found: set[str] = set()
    for name, field in table.model_fields.items():
        key = f"{path}{field.alias or name}"
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        found |= _key_paths(inner[0], f"{key}.") if inner else {key}
    return found


def _example_paths(table: dict[str, Any], path: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        tables = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
        inner = [entry for entry in tables if isinstance(entry, dict) and entry]
        for entry in inner:
            found |= _example_paths(entry, f"{path}{key}.")
        if not inner:
            found.add(f"{path}{key}")
    return found


def test_every_key_stands_in_the_example_and_every_key_of_the_example_exists() -> None:
    assert _example_paths(tomllib.loads(EXAMPLE.read_text("utf-8"))) == _key_paths(Settings)


def test_every_table_of_the_example_is_in_the_order_of_the_schema() -> None:
    example = tomllib.loads(EXAMPLE.read_text("utf-8"))
    assert [key for key in keys_of(Settings) if key not in example] == []


# ---- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", BAD, ids=[config.stem for config in BAD])
def test_a_bad_config_is_refused_for_the_stated_reason(config: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(config)
    expected = config.with_suffix(".txt").read_text("utf-8").splitlines()
    for line in expected:
        assert line in str(refused.value)
    assert len(refused.value.problems) == len(expected)  # and for nothing else
    assert "hunter2" not in str(refused.value)  # a secret in the wrong place is not shown again


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_ports_are_the_usual_ones_of_the_security(security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PASSWORD", "geheim")
    server = {"security": security, "password_env": "A_PASSWORD"}
    imap, smtp = settings(imap=server, smtp={**server, "username": "x"}).accounts()
    assert (imap.port, smtp.port) == {"tls": (993, 465), "starttls": (143, 587)}[security]


def test_without_tls_only_loopback() -> None:
    assert settings(imap={"security": "none", "host": "127.0.0.5"}, smtp={"security": "none", "host": "::1"}).is_loopback
    assert "imap.security" in problems(imap={"security": "none", "host": "10.0.0.1"})


def test_a_config_that_is_not_there_or_not_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.toml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mailbot.config.SYSTEM_CONFIG", tmp_path / "etc.toml")
    with pytest.raises(ConfigError, match="no configuration: looked for"):
        load_config()
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[service]\nname = 'Książka'\n".encode("iso-8859-2"))
    with pytest.raises(ConfigError, match="line 2 is not UTF-8"):
        load_config(latin)


def test_a_file_from_windows_loads(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.read_bytes().replace(b"\n", b"\r\n"))
    assert load_config(config).service == load_config(EXAMPLE).service


def test_where_the_config_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mailbot.config.SYSTEM_CONFIG", tmp_path / "etc.toml")
    assert find_config() is None
    (tmp_path / "etc.toml").touch()
    assert find_config() == tmp_path / "etc.toml"
    (tmp_path / "config.toml").touch()
    assert find_config() == Path("config.toml")
    monkeypatch.setenv("MAILBOT_CONFIG", "/x/named.toml")
    assert find_config() == Path("/x/named.toml")
    assert find_config(Path("given.toml")) == Path("given.toml")


# ---- values -------------------------------------------------------------------------------------------------------


def test_quantities() -> None:
    assert parse_duration("1h30m") == timedelta(minutes=90)
    assert parse_duration("2d") == timedelta(hours=48)
    assert parse_budget("2d") == Budget(days=2)
    assert parse_budget("1d4h") == Budget(days=1, hours=4)
    assert parse_size("25MB") == 25 * 1024 * 1024
    assert parse_intervals("08:00-12:00, 13:00-17:00") == ((time(8), time(12)), (time(13), time(17)))
    assert parse_intervals("") == ()


@pytest.mark.parametrize("text", ["", "d", "2", "2 weeks", "-2h", "2h2d", 2, None, "0h", "1.5h"])
def test_what_is_no_budget(text: object) -> None:
    with pytest.raises(ValueError, match=r"must be|not used"):
        parse_budget(text)


def test_the_service_is_built_from_the_file() -> None:
    service = settings(
        service={"other_addresses": ["biuro@oxiprint.com"], "timezone": "Europe/Berlin"},
        staff={"managers": ["szef@oxiprint.com"], "domains": ["OXIPRINT.com"]},
        sla={
            "critical": "90m",
            "default_impact": "high",
            "pause_levels": ["low"],
            "opening_hours": {"sat": "10:00-14:00"},
            "closed_days": [date(2026, 12, 31), "2027-01-04"],
            "open_days": {"2026-12-26": "08:00-12:00", "2026-12-12": ""},
        },
        conversation={"remind_after": ["1d"], "answer_forwarded": True, "mute_for": "7d"},
        limits={"per_address_day": 7},
        security={"authserv_id": "mx.oxiprint.com"},
    ).service
    assert service.own_addresses == {"serwis@oxiprint.com", "biuro@oxiprint.com"}
    assert (service.managers, service.staff_domains) == (("szef@oxiprint.com",), ("oxiprint.com",))
    assert service.sla.target(Impact.CRITICAL) == Budget(minutes=90)
    assert (service.sla.default_impact, service.sla.pause_levels) == (Impact.HIGH, frozenset({Impact.LOW}))
    assert service.calendar.week == ((),) * 5 + (((time(10), time(14)),), ())
    assert service.calendar.zone == "Europe/Berlin"
    assert service.calendar.closed_days == {date(2026, 12, 31), date(2027, 1, 4)}
    assert service.calendar.open_days == ((date(2026, 12, 12), ()), (date(2026, 12, 26), ((time(8), time(12)),)))
    assert service.conversation.remind_after == (Budget(days=1),)
    assert (service.conversation.answer_forwarded, service.conversation.mute_for) == (True, timedelta(days=7))
    assert (service.limits.per_address_day, service.authserv_id) == (7, "mx.oxiprint.com")


def test_paths_start_at_the_folder_of_the_config(tmp_path: Path) -> None:
    secret = tmp_path / "imap-password"
    secret.write_text("tajne\n")
    secret.chmod(0o600)
    read = settings(tmp_path, imap={"password_file": "imap-password"}, database={"url": "sqlite:///mailbot.db"})
    assert read.imap_account().password == "tajne"
    assert read.database_url() == f"sqlite+pysqlite:///{tmp_path}/mailbot.db"


def test_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jan")
    assert settings().state_folder == Path("/home/jan/.local/state/mailbot")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/jan/state")
    assert settings().state_folder == Path("/home/jan/state/mailbot")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/mailbot:/var/lib/other")
    assert settings().state_folder == Path("/var/lib/mailbot")
    assert settings(service={"state_dir": "/srv/mailbot"}).state_folder == Path("/srv/mailbot")


def test_answer_since() -> None:
    first = datetime(2026, 10, 12, 6, tzinfo=UTC)
    assert settings().answer_since(first) == datetime(2026, 10, 11, 6, tzinfo=UTC)
    assert settings(imap={"answer_since": "2026-10-01T08:00:00"}).answer_since(first) == datetime(2026, 10, 1, 6, tzinfo=UTC)
    offset = tomllib.loads("at = 2026-10-01T08:00:00-05:00")["at"]
    assert settings(imap={"answer_since": offset}).answer_since(first) == datetime(2026, 10, 1, 13, tzinfo=UTC)


# ---- secrets ------------------------------------------------------------------------------------------------------


def test_a_missing_password_is_an_error_only_when_it_is_asked_for() -> None:
    loaded = settings(smtp={"username": "serwis"})
    with pytest.raises(ConfigError) as refused:
        loaded.accounts()
    assert [line.split(":")[0] for line in refused.value.problems] == ["imap.password_file", "smtp.password_file"]
    assert "chmod" not in str(refused.value)
    assert "credential imap-password" in str(refused.value)


def test_no_username_is_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    account = settings().smtp_account()
    assert (account.username, account.password) == (None, None)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666, 0o602])
def test_a_secret_that_everybody_reads_is_refused(tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "password"
    secret.write_text("tajne")
    secret.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {secret}"):
        settings(imap={"password_file": str(secret)}).imap_account()
    secret.chmod(0o640)
    account = settings(imap={"password_file": str(secret)}).imap_account()
    assert account.password == "tajne"
    assert "tajne" not in repr(account)


@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"\n", "is empty"), (b"a\nb", "holds more"), (b"\xff\xfe", "not UTF-8")])
def test_a_secret_file_holds_one_secret(tmp_path: Path, content: bytes, said: str) -> None:
    secret = tmp_path / "password"
    secret.write_bytes(content)
    secret.chmod(0o600)
    with pytest.raises(ConfigError, match=said):
        settings(imap={"password_file": str(secret)}).imap_account()


def test_a_secret_by_systemd_credential_or_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imap-password").write_text("z-systemd")
    (tmp_path / "imap-password").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert settings().imap_account().password == "z-systemd"
    monkeypatch.setenv("IMAP_PW", "ze-zmiennej")
    assert settings(imap={"password_env": "IMAP_PW"}).imap_account().password == "ze-zmiennej"
    with pytest.raises(ConfigError, match=r"imap.password_env: the environment has no variable OTHER_PW"):
        settings(imap={"password_env": "OTHER_PW"}).imap_account()


def test_the_database_password_is_put_into_the_url(tmp_path: Path) -> None:
    secret = tmp_path / "database"
    secret.write_text("p@ss/w:rd%\n")
    secret.chmod(0o600)
    database = {"password_file": str(secret)}
    with_user = settings(database={**database, "url": "postgresql://mailbot@db.example.com:5433/mailbot?sslmode=require"})
    assert with_user.database_url() == "postgresql+psycopg://mailbot:p%40ss%2Fw%3Ard%25@db.example.com:5433/mailbot?sslmode=require"
    assert settings(database={"url": "postgres:///mailbot?host=/run/postgresql"}).database_url() == (
        "postgresql+psycopg:///mailbot?host=/run/postgresql"
    )
    assert "p@ss" not in repr(with_user)
    assert "p%40ss" not in repr(with_user.database_url())


def test_a_password_in_the_url_of_an_open_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    text = EXAMPLE.read_text("utf-8").replace("sqlite:////var/lib/mailbot/mailbot.db", "postgresql://mailbot:tajne@db/mailbot")
    config.write_text(text, "utf-8")
    config.chmod(0o644)
    with pytest.raises(ConfigError, match="every user of this machine") as refused:
        load_config(config)
    assert "tajne" not in str(refused.value)
    config.chmod(0o640)
    assert "tajne" in load_config(config).database_url()


def test_the_signing_key_is_made_once_and_kept(tmp_path: Path) -> None:
    made = settings(service={"state_dir": str(tmp_path / "state")})
    key = made.signing_key()
    assert len(key) == 64
    assert made.signing_key() == key
    file = tmp_path / "state" / "signing-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() == key
    assert list(file.parent.iterdir()) == [file]


def test_the_signing_key_of_several_machines_is_given(tmp_path: Path) -> None:
    shared = settings(service={"state_dir": str(tmp_path)}, database={"url": "postgresql://db/mailbot"})
    with pytest.raises(ConfigError, match=r"security.signing_key_file: the key that signs our mails is not given"):
        shared.signing_key()
    short = tmp_path / "key"
    short.write_text("abc")
    short.chmod(0o600)
    with pytest.raises(ConfigError, match="too short; make one"):
        settings(security={"signing_key_file": str(short)}).signing_key()


def test_of_two_processes_at_the_first_start_one_makes_the_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from mailbot.credentials import Source, read_signing_key\n"
        "print(read_signing_key(Source('k', 'signing-key'), Path(sys.argv[1])).strip())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "state" / "signing-key")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1
    assert len(keys.pop().strip()) == 64
