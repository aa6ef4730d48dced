"""The configuration: found, read and checked before anything starts. What a file may say stands in `settings.py`."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails

from mailbot.credentials import Source, read_signing_key
from mailbot.errors import ConfigError
from mailbot.model.facts import Impact
from mailbot.model.secret import Secret
from mailbot.model.service import Calendar, Conversation, Device, Limits, Person, Service, Sla
from mailbot.settings import (
    CATALOGUE,
    ConfigPath,
    ConversationTable,
    DatabaseTable,
    DeskTable,
    DeviceTable,
    FormTable,
    ImapTable,
    LimitsTable,
    LogTable,
    SecurityTable,
    ServerTable,
    SlaTable,
    SmtpTable,
    StaffTable,
    Table,
)
from mailbot.wire.tls import is_loopback

if TYPE_CHECKING:  # they bring imapclient along, which `inspect` does without
    from mailbot.wire.imap_session import ImapAccount
    from mailbot.wire.smtp_session import SmtpAccount

SYSTEM_CONFIG = Path("/etc/mailbot/config.toml")
REQUIRED_TABLES = ("service", "database", "imap", "smtp", "staff")


class Settings(Table):
    """The whole file. Immutable; holds no secret: those are read when `accounts`, `database_url` or `signing_key` is called."""

    templates_dir: ConfigPath = None
    desk: DeskTable = Field(alias="service")
    database: DatabaseTable
    imap: ImapTable
    smtp: SmtpTable
    staff: StaffTable
    forms: tuple[FormTable, ...] = ()
    devices: tuple[DeviceTable, ...] = tuple(DeviceTable(name=name) for name in CATALOGUE)
    sla: SlaTable = SlaTable()
    conversation: ConversationTable = ConversationTable()
    limits: LimitsTable = LimitsTable()
    security: SecurityTable = SecurityTable()
    log: LogTable = LogTable()

    @model_validator(mode="before")
    @classmethod
    def _name_every_required_key(cls, data: dict[str, Any]) -> dict[str, Any]:
        """An absent table is an empty one, so that the keys that are missing in it are named one by one."""
        return {**{table: {} for table in REQUIRED_TABLES}, **data}

    @field_validator("templates_dir")
    @classmethod
    def _a_folder(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_dir():
            raise ValueError(f'{folder} is no folder; name one, or "" for the templates that come with mailbot')
        return folder

    @field_validator("staff")
    @classmethod
    def _no_loop(cls, staff: StaffTable, info: ValidationInfo) -> StaffTable:
        desk: DeskTable | None = info.data.get("desk")
        ours = {address.lower() for address in (desk.address, *desk.other_addresses)} if desk else set()
        for key, addresses in (("team", staff.team), ("managers", staff.managers), ("people", [person.email for person in staff.people])):
            for address in addresses:
                if address.lower() in ours:
                    raise ValueError(
                        f"{key}: {address} is the desk's own address, so that notices would come back as mail; name a colleague's"
                    )
        return staff

    @field_validator("forms")
    @classmethod
    def _not_the_desk(cls, forms: tuple[FormTable, ...], info: ValidationInfo) -> tuple[FormTable, ...]:
        desk: DeskTable | None = info.data.get("desk")
        if desk and any(form.from_.lower() == desk.address.lower() for form in forms):
            raise ValueError(f"{desk.address} is the desk's own address, whose mails are never requests; let the form send from another")
        return forms

    @field_validator("devices")
    @classmethod
    def _each_once(cls, devices: tuple[DeviceTable, ...]) -> tuple[DeviceTable, ...]:
        names = [name.casefold() for device in devices for name in (device.name, *device.aliases)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{twice[0]!r} stands there twice; a name or an alias belongs to one device")
        return devices

    # ---- what the rooms are given ---------------------------------------------------------------------------------

    @cached_property
    def service(self) -> Service:
        """What the rules know about the house."""
        desk, staff, sla = self.desk, self.staff, self.sla
        return Service(
            **desk.model_dump(exclude={"timezone", "state_dir"}),
            calendar=Calendar(
                zone=desk.timezone,
                week=sla.opening_hours.days,
                polish_holidays=sla.polish_holidays,
                closed_days=frozenset(sla.closed_days),
                open_days=tuple(sorted(sla.open_days.items())),
            ),
            team=staff.team,
            managers=staff.managers,
            staff_domains=staff.domains,
            people=tuple(Person(person.name, person.email) for person in staff.people),
            forms=tuple(form.from_ for form in self.forms),
            authserv_id=self.security.authserv_id,
            sla=Sla(
                targets=tuple((impact, getattr(sla, impact)) for impact in Impact),
                default_impact=sla.default_impact,
                pause_levels=frozenset(sla.pause_levels),
            ),
            limits=Limits(**self.limits.model_dump()),
            conversation=Conversation(**dict(self.conversation)),
            devices=tuple(Device(device.name, device.aliases) for device in self.devices),
        )

    @property
    def state_folder(self) -> Path:
        """Where the daemon keeps its own small files. It need not exist yet."""
        return self.desk.state_folder

    @property
    def is_loopback(self) -> bool:
        """Whether both mail servers are on this machine: the condition for a clock that is not the machine's."""
        return is_loopback(self.imap.host) and is_loopback(self.smtp.host)

    def answer_since(self, first_start: datetime) -> datetime:
        """Mail that arrived earlier is history and never answered: `imap.answer_since`, else 24 hours before the first start."""
        since = self.imap.answer_since
        if since is None:
            return first_start - timedelta(hours=24)
        return (since if since.tzinfo else since.replace(tzinfo=ZoneInfo(self.desk.timezone))).astimezone(UTC)

    def imap_account(self) -> ImapAccount:
        """The mailbox with its password. Raises ConfigError when the password is missing or cannot be used."""
        from mailbot.wire.imap_session import ImapAccount

        password = self._password("imap", self.imap).require("the password of the mailbox")
        return ImapAccount(
            username=self.imap.username, password=password, read_timeout=self.imap.read_timeout.total_seconds(), **_server(self.imap)
        )

    def smtp_account(self) -> SmtpAccount:
        """The sending server, with a password where there is a username. Raises ConfigError as `imap_account` does."""
        from mailbot.wire.smtp_session import SmtpAccount

        smtp = self.smtp
        password = self._password("smtp", smtp).require("the password for sending") if smtp.username else None
        return SmtpAccount(
            username=smtp.username or None, password=password, command_timeout=smtp.read_timeout.total_seconds(), **_server(smtp)
        )

    def accounts(self) -> tuple[ImapAccount, SmtpAccount]:
        """Both accounts. Raises one ConfigError with the problems of both."""
        try:
            imap = self.imap_account()
        except ConfigError as error:
            try:
                self.smtp_account()
            except ConfigError as other:
                raise ConfigError(error.problems + other.problems) from None
            raise
        return imap, self.smtp_account()

    @staticmethod
    def _password(table: str, server: ServerTable) -> Source:
        return Source(f"{table}.password_file", f"{table}-password", server.password_file, server.password_env)

    def database_url(self) -> Secret:
        """The URL with its password, from the URL, a file, or the credential `database-password`. Raises ConfigError."""
        if self.database.is_sqlite or self.database.holds_password:
            return Secret(self.database.url)
        password = Source("database.password_file", "database-password", self.database.password_file).read()
        return Secret(self.database.with_password(password)) if password else Secret(self.database.url)

    def signing_key(self) -> Secret:
        """The key that signs our Message-IDs; with SQLite it is made in the state folder at the first start. Raises ConfigError."""
        source = Source("security.signing_key_file", "signing-key", self.security.signing_key_file)
        return read_signing_key(source, self.state_folder / "signing-key" if self.database.is_sqlite else None)


def _server(table: ServerTable) -> dict[str, Any]:
    """What both kinds of account are built from; the port is the usual one of RFC 8314 and RFC 6409 where none is named."""
    return {
        "host": table.host,
        "port": table.port or table.USUAL_PORTS[table.security],
        "security": table.security,
        "ca_file": str(table.ca_file) if table.ca_file else None,
        "connect_timeout": table.connect_timeout.total_seconds(),
    }


def find_config(explicit: Path | None = None) -> Path | None:
    """`explicit`, else $MAILBOT_CONFIG, else ./config.toml, else /etc/mailbot/config.toml; None: there is none."""
    if explicit:
        return explicit
    if named := os.environ.get("MAILBOT_CONFIG"):
        return Path(named)
    return next((path for path in (Path("config.toml"), SYSTEM_CONFIG) if path.is_file()), None)


def load_config(explicit: Path | None = None) -> Settings:
    """Read and check the configuration. Raises ConfigError with all problems at once, each with its key and the fix."""
    path = find_config(explicit)
    if path is None:
        raise ConfigError(
            [f"no configuration: looked for $MAILBOT_CONFIG, ./config.toml and {SYSTEM_CONFIG}; start from config.example.toml"]
        )
    try:
        text = path.read_bytes()
        table = tomllib.loads(text.decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise ConfigError([f"{path} cannot be read: {error.strerror}; name another with --config, or correct its owner and mode"]) from None
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}: line {line} is not UTF-8; save the file in that encoding"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path} is not TOML: {error}; texts stand in double quotes"]) from None
    settings = check_config(table, path.absolute().parent)
    if settings.database.holds_password and path.stat().st_mode & 0o007:
        raise ConfigError([f"database.url: holds a password, and every user of this machine can read {path}; use database.password_file"])
    return settings


def check_config(table: Mapping[str, Any], folder: Path) -> Settings:
    """Settings from a TOML table; relative paths in it start at `folder`. Raises ConfigError with all problems at once."""
    try:
        return Settings.model_validate(table, context={"folder": folder})
    except ValidationError as error:
        raise ConfigError([_problem(detail) for detail in error.errors(include_url=False)]) from None


def default_settings() -> Settings:
    """The settings of a desk that nobody configured, for `inspect`: OXIPRINT's own, with servers that do not exist."""
    return check_config(
        {
            "service": {"address": "serwis@oxiprint.com"},
            "database": {"url": "sqlite:////nonexistent/mailbot.db"},
            "imap": {"host": "localhost", "username": "serwis@oxiprint.com"},
            "smtp": {"host": "localhost"},
            "staff": {"team": ["technik@oxiprint.com"]},
        },
        Path("/"),
    )


# ---- problems in plain words --------------------------------------------------------------------------------------

_PLAIN = {
    "string_type": "must be a text in double quotes",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": 'must be a list such as ["a", "b"]',
    "model_type": "must be a table of keys and values",
    "model_attributes_type": "must be a table of keys and values",
    "dict_type": "must be a table of keys and values",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be the name of an environment variable: letters, digits and _",
}
_EXAMPLES = {
    "service.address": 'address = "serwis@example.com"',
    "database.url": 'url = "sqlite:////var/lib/mailbot/mailbot.db"',
    "imap.host": 'host = "imap.example.com"',
    "imap.username": 'username = "serwis@example.com"',
    "smtp.host": 'host = "smtp.example.com"',
    "staff.team": 'team = ["technik@example.com"]',
}


def _problem(detail: ErrorDetails) -> str:
    """One problem: the path of the key, what is wrong, and the fix. The value itself is shown only by the checks that may."""
    location, context = detail["loc"], detail.get("ctx", {})
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: {_unknown(location)}"
        case "missing":
            return f"{key}: is required; write " + _EXAMPLES.get(key, "it as config.example.toml shows")
        case "enum" | "literal_error":
            return f"{key}: must be {context['expected']}".replace("'", '"')
        case "greater_than_equal":
            return f"{key}: must be {context['ge']} or more"
        case "less_than_equal":
            return f"{key}: must be {context['le']} or less"
        case "value_error":
            text = str(context["error"])
            inner, _, rest = text.partition(": ")
            return f"{key}.{inner}: {rest}" if inner.isidentifier() and rest else f"{key}: {text}"
        case other:
            return f"{key}: {_PLAIN.get(other, detail['msg'])}"


def _unknown(location: tuple[str | int, ...]) -> str:
    """What to do about a key that nothing reads: most are a slip of the pen, and some are a secret in the wrong place."""
    key = str(location[-1])
    if key in ("password", "signing_key"):
        return f"a secret does not stand in the configuration; write it into a file of mode 600 and name that in {key}_file"
    table: type[BaseModel] | None = Settings
    for part in location[:-1]:
        table = _table_of(table, part) if isinstance(part, str) else table
    names = keys_of(table) if table else []
    close = difflib.get_close_matches(key, names, n=1)
    if close:
        return f"unknown key; did you mean {close[0]}?"
    return f"unknown key; take it out, or use one of {', '.join(names)}"


def keys_of(table: type[BaseModel]) -> list[str]:
    """The keys of a table as they stand in the file."""
    return [field.alias or name for name, field in table.model_fields.items()]


def _table_of(table: type[BaseModel] | None, key: str) -> type[BaseModel] | None:
    """The class of the table, or of the list of tables, that stands under a key."""
    fields = {field.alias or name: field.annotation for name, field in table.model_fields.items()} if table else {}
    return next(
        (kind for kind in (fields.get(key), *get_args(fields.get(key))) if isinstance(kind, type) and issubclass(kind, BaseModel)), None
    )
