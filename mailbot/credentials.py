"""Passwords and keys: from a file, an environment variable or a systemd credential; never from the configuration or a command line."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mailbot.errors import ConfigError
from mailbot.model.secret import Secret

_KEY_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Source:
    """Where one secret may come from: `file`, else the variable `env`, else the systemd credential of that name (systemd.exec(5)).

    `key` is the key of the configuration that names the file, for the words of an error.
    """

    key: str
    credential: str
    file: Path | None = None
    env: str = ""

    def read(self) -> Secret | None:
        """The secret, or None where no source has it. Raises ConfigError when a source is named but cannot be used."""
        if self.file:
            return self._read_file(self.file, self.key)
        if self.env:
            if value := os.environ.get(self.env):
                return _checked(value, self.key.removesuffix("_file") + "_env", f"the variable {self.env}")
            raise ConfigError([f"{self.key.removesuffix('_file')}_env: the environment has no variable {self.env}, or it is empty; set it"])
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        file = Path(folder, self.credential) if folder else None
        return self._read_file(file, f"credential {self.credential}") if file and file.exists() else None

    def require(self, what: str) -> Secret:
        """The secret; raises ConfigError, which lists the ways to give it, where there is none."""
        secret = self.read()
        if secret is None:
            ways = f"write it into a file of mode 600 and name that in {self.key}, or load the systemd credential {self.credential}"
            if self.key.endswith("password_file"):
                ways += f", or name an environment variable in {self.key.removesuffix('_file')}_env"
            raise ConfigError([f"{self.key}: {what} is not given; {ways}"])
        return secret

    @staticmethod
    def _read_file(file: Path, key: str) -> Secret:
        try:
            with file.open(encoding="utf-8") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                text = stream.read(65_536).strip("\r\n")
        except UnicodeDecodeError:
            raise ConfigError([f"{key}: {file} is not UTF-8 text; write the secret alone into it, on one line"]) from None
        except OSError as error:
            raise ConfigError([f"{key}: {file} cannot be read: {error.strerror}; create it, or correct its name and owner"]) from None
        if mode & 0o007:
            raise ConfigError([f"{key}: {file} is open to every user of this machine (mode {mode & 0o777:o}); run: chmod 600 {file}"])
        return _checked(text, key, str(file))


def _checked(text: str, key: str, where: str) -> Secret:
    if not text or any(char < " " for char in text):
        raise ConfigError([f"{key}: {where} must hold the secret alone, on one line; it {'holds more' if text else 'is empty'}"])
    return Secret(text)


def read_signing_key(source: Source, state_file: Path | None) -> Secret:
    """The key that signs our Message-IDs: 32 characters or more.

    Without a source it is kept in `state_file`, and made there at the first start (mode 0600, on disk before it is used).
    `state_file` None: several machines may share the database, so that a key made here would be wrong on the others; raises ConfigError.
    """
    key = source.read()
    if key is None and state_file:
        if not state_file.exists():
            _make_key(state_file)
        key = Source(source.key, source.credential, state_file).read()
    if key is None:
        key = source.require("the key that signs our mails")
    if len(key) < _KEY_CHARACTERS:
        raise ConfigError([f"{source.key}: the signing key is too short; make one of 64 characters with: openssl rand -hex 32"])
    return key


def _make_key(file: Path) -> None:
    """Put a new key into `file`, whole and on disk; where another process was quicker, its key stays."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as stream:
            stream.write(f"{secrets.token_hex(_KEY_CHARACTERS)}\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigError(
            [f"service.state_dir: {file.parent} cannot be written: {error.strerror}; correct its owner, or name another"]
        ) from None
