"""What the configuration may say: one class a table of the file. Keys are a public interface; config.example.toml explains them all."""

from __future__ import annotations

import os
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from mailbot.model.facts import Impact
from mailbot.model.service import Budget
from mailbot.units import Intervals, parse_budget, parse_day, parse_duration, parse_instant, parse_intervals, parse_size
from mailbot.wire.tls import is_loopback

_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@[^\s@<>(),;:\\\"\[\]]{1,255}")
_DOMAIN = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
CATALOGUE = ("OXIJET 1600", "OXIJET 3200", "OXI UV 2513", "OXI UV 6090", "OXI TEX 1800", "OXI ROLL 1800", "OXI HYBRID 2000", "OXI CUT 1625")


# ---- kinds of values ----------------------------------------------------------------------------------------------


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must be one line without control characters")
    return text.strip()


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f'must be a bare e-mail address such as "serwis@example.com", not {text!r}')
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f'must be a domain such as "example.com", not {text!r}')
    return text.lower()


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError):  # not found; the name of a folder of zones; a name that is no path
        raise ValueError(f'{text!r} is no time zone; write one such as "Europe/Warsaw"') from None
    return text


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", text):
        raise ValueError('must be 2 to 10 capital letters or digits, a letter first, such as "OXI"')
    return text


def _link(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s<>\"]+", text):
        raise ValueError('must be a link such as "https://example.com/rodo", or ""')
    return text


def _mark(text: str) -> str:
    if text not in ("none", "keyword") and not re.fullmatch(r"move:[^\x00-\x1f\x7f]+", text):
        raise ValueError('must be "none", "keyword" or "move:FOLDER"')
    return text


def _path(value: object, info: ValidationInfo) -> Path | None:
    """A path; a relative one starts at the folder of the configuration, so that the service finds it from any folder."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError('must be a path as text, such as "/etc/mailbot/imap-password", or ""')
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / value if value else None


def _days(table: object) -> dict[date, Intervals]:
    if not isinstance(table, dict):
        raise ValueError('must be a table of days and hours such as { "2026-12-12" = "08:00-12:00" }')
    return {parse_day(day): parse_intervals(hours) for day, hours in table.items()}


Line = Annotated[str, AfterValidator(_one_line)]
Email = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Working = Annotated[Budget, BeforeValidator(parse_budget)]
Size = Annotated[int, BeforeValidator(parse_size)]
Hours = Annotated[Intervals, BeforeValidator(parse_intervals)]
Day = Annotated[date, BeforeValidator(parse_day)]
Instant = Annotated[datetime | None, BeforeValidator(parse_instant)]
ConfigPath = Annotated[Path | None, BeforeValidator(_path)]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Port = Annotated[int, Field(strict=True, ge=0, le=65_535)]  # 0: the usual one of `security`


# ---- tables -------------------------------------------------------------------------------------------------------


class Table(BaseModel):
    """A table of the file: closed to unknown keys, and never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DeskTable(Table):
    """[service]: who we are."""

    name: Annotated[Line, Field(min_length=1)] = "Serwis OXIPRINT"
    address: Email
    other_addresses: tuple[Email, ...] = ()
    phone: Line = "+48 22 871 32 13"
    direct_line_general: Line = "+48 530 451 339"
    direct_line_ink: Line = "+48 501 309 962"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Warsaw"
    ticket_prefix: Annotated[str, AfterValidator(_prefix)] = "OXI"
    state_dir: ConfigPath = None
    privacy_url: Annotated[str, AfterValidator(_link)] = ""

    @property
    def state_folder(self) -> Path:
        """`state_dir`, else systemd's $STATE_DIRECTORY (the first, systemd.exec(5)), else the XDG state folder. It need not exist."""
        if self.state_dir:
            return self.state_dir
        if folders := os.environ.get("STATE_DIRECTORY"):
            return Path(folders.split(":")[0])
        home = os.environ.get("XDG_STATE_HOME")
        return Path(home) / "mailbot" if home else Path.home() / ".local/state/mailbot"


def _database_url(text: str, info: ValidationInfo) -> str:
    """The URL with its driver; a relative SQLite file starts at the folder of the configuration. Never shown: it may hold a password."""
    driver = _DRIVERS.get(text.partition("://")[0])
    if not driver:
        raise ValueError('must begin with sqlite:/// or postgresql://, such as "sqlite:////var/lib/mailbot/mailbot.db"')
    rest = text.partition("://")[2]
    if driver == "sqlite+pysqlite":
        file = rest.removeprefix("/")
        if not rest.startswith("/") or not file or file.startswith(":memory:") or "?" in file:
            raise ValueError(
                'must name a file, such as "sqlite:////var/lib/mailbot/mailbot.db" (four strokes and the path); mail is kept on disk'
            )
        folder: Path = (info.context or {}).get("folder", Path())
        return f"{driver}:///{(folder / file).absolute()}"
    try:
        parts = urlsplit(f"postgresql://{rest}")
        usable = parts.path.strip("/") and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = ""
    if not usable:
        raise ValueError('must name a database, such as "postgresql://mailbot@db.example.com/mailbot"')
    return f"{driver}://{rest}"


class DatabaseTable(Table):
    """[database]"""

    url: Annotated[str, AfterValidator(_database_url)]
    password_file: ConfigPath = None

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine alone."""
        return self.url.startswith("sqlite")

    @property
    def holds_password(self) -> bool:
        """Whether the password stands in the URL itself."""
        return not self.is_sqlite and bool(urlsplit(self.url).password)

    def with_password(self, password: str) -> str:
        """The URL with a password put in, escaped (RFC 3986 2.1)."""
        scheme, _, rest = self.url.partition("://")
        authority, slash, path = rest.partition("/")
        user, at, host = authority.rpartition("@")
        return f"{scheme}://{user.partition(':')[0]}:{quote(password, safe='')}{at or '@'}{host}{slash}{path}"


class ServerTable(Table):
    """What [imap] and [smtp] have in common."""

    USUAL_PORTS: ClassVar[dict[str, int]]

    host: Annotated[Line, Field(min_length=1)]
    port: Port = 0
    security: Literal["tls", "starttls", "none"] = "tls"
    username: Line = ""
    password_file: ConfigPath = None
    password_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$|^$")] = ""
    ca_file: ConfigPath = None
    connect_timeout: Duration = timedelta(seconds=15)
    read_timeout: Duration = timedelta(seconds=60)

    @field_validator("security")
    @classmethod
    def _no_plaintext(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and not is_loopback(info.data.get("host", "localhost")):
            raise ValueError('"none" would show the password to the network; it is for localhost alone, use "tls" or "starttls"')
        return security

    @field_validator("password_env")
    @classmethod
    def _one_source(cls, variable: str, info: ValidationInfo) -> str:
        if variable and info.data.get("password_file"):
            raise ValueError("password_file is set too; keep one of the two")
        return variable


class ImapTable(ServerTable):
    """[imap]: the mailbox that is watched."""

    USUAL_PORTS = {"tls": 993, "starttls": 143, "none": 143}

    username: Annotated[Line, Field(min_length=1)]
    folder: Annotated[Line, Field(min_length=1)] = "INBOX"
    sent_folder: Line = "auto"
    poll_interval: Duration = timedelta(seconds=60)
    idle: Flag = True
    answer_since: Instant = None
    max_size: Size = 25 << 20
    mark: Annotated[str, AfterValidator(_mark)] = "none"

    @field_validator("sent_folder", "mark")
    @classmethod
    def _another_folder(cls, value: str, info: ValidationInfo) -> str:
        if value.removeprefix("move:") == info.data.get("folder"):
            raise ValueError("names the folder that is watched; name another")
        return value


class SmtpTable(ServerTable):
    """[smtp]: the server that takes our mail."""

    USUAL_PORTS = {"tls": 465, "starttls": 587, "none": 25}

    max_per_minute: Count = 300
    envelope_from: Annotated[str, AfterValidator(lambda text: _address(text) if text else "")] = ""


class PersonTable(Table):
    """[[staff.people]]: a colleague with notices of their own, who may command by mail."""

    name: Annotated[Line, Field(min_length=1)]
    email: Email


class StaffTable(Table):
    """[staff]: our side of the desk."""

    team: Annotated[tuple[Email, ...], Field(min_length=1)]
    managers: tuple[Email, ...] = ()
    domains: tuple[Domain, ...] = ()
    people: tuple[PersonTable, ...] = ()


class WeekTable(Table):
    """sla.opening_hours: the days that are not named are closed."""

    mon: Hours = ()
    tue: Hours = ()
    wed: Hours = ()
    thu: Hours = ()
    fri: Hours = ()
    sat: Hours = ()
    sun: Hours = ()

    @property
    def days(self) -> tuple[Intervals, ...]:
        """Monday first."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any(self.days):
            raise ValueError('no day is open, so that no deadline would ever come; open one, such as { mon = "08:00-17:00" }')
        return self


class SlaTable(Table):
    """[sla]: reaction times (rule 9) and the calendar in which they count."""

    critical: Working = Budget(hours=2)
    high: Working = Budget(hours=6)
    medium: Working = Budget(days=2)
    low: Working = Budget(days=5)
    default_impact: Impact = Impact.MEDIUM
    pause_levels: tuple[Impact, ...] = (Impact.HIGH, Impact.MEDIUM, Impact.LOW)
    opening_hours: WeekTable = WeekTable.model_validate(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-17:00"))
    polish_holidays: Flag = True
    closed_days: tuple[Day, ...] = ()
    open_days: Annotated[dict[date, Intervals], BeforeValidator(_days)] = {}

    @field_validator("pause_levels")
    @classmethod
    def _never_critical(cls, levels: tuple[Impact, ...]) -> tuple[Impact, ...]:
        if Impact.CRITICAL in levels:
            raise ValueError('take "critical" out: the clock of a standstill never waits for an answer')
        return levels


class ConversationTable(Table):
    """[conversation]: how patient we are with a customer."""

    max_questions: Annotated[int, Field(strict=True, ge=0, le=10)] = 2
    remind_after: tuple[Working, ...] = (Budget(days=2), Budget(days=5))
    close_after: Working = Budget(days=10)
    reopen_within: Duration = timedelta(days=30)
    join_within: Working = Budget(days=3)
    mute_for: Duration = timedelta(days=60)
    answer_forwarded: Flag = False

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        steps = [(step.days, step.hours, step.minutes) for step in (*self.remind_after, self.close_after)]
        if sorted(set(steps)) != steps:
            raise ValueError("close_after: comes after the last of remind_after, and those one after the other; put them in that order")
        return self


class LimitsTable(Table):
    """[limits]: upper bounds on automatic mail to customers."""

    per_address_hour: Count = 6
    per_address_day: Count = 20
    per_ticket_day: Count = 6
    global_hour: Count = 500
    flood_hour: Count = 20


class SecurityTable(Table):
    """[security]"""

    authserv_id: Line = ""
    signing_key_file: ConfigPath = None


class LogTable(Table):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "plain", "journal", "json"] = "auto"


class FormTable(Table):
    """[[forms]]: a web form of the company; the requester of its mails is Reply-To."""

    from_: Annotated[Email, Field(alias="from")]


class DeviceTable(Table):
    """[[devices]]: a machine of the catalogue."""

    name: Annotated[Line, Field(min_length=1)]
    aliases: tuple[Annotated[Line, Field(min_length=1)], ...] = ()
