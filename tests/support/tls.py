"""Throw-away certificates: a good one and the bad ones that a client must refuse."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Pair:
    """A certificate chain and its key, as PEM files."""

    cert: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server needs to speak TLS with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


class Authority:
    """A certificate authority of our own in `folder`; `ca_file` is what a client must trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))
        self.good = self._issue("good", self._ca, "localhost", "127.0.0.1")

    def expired(self) -> Pair:
        """Valid for localhost until the year 2020."""
        return self._issue("expired", self._ca, "localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))

    def wrong_host(self) -> Pair:
        """Valid, but for another name."""
        return self._issue("wrong-host", self._ca, "imap.elsewhere.example")

    def unknown(self) -> Pair:
        """For localhost, by an authority that nobody here trusts."""
        return self._issue("unknown", trustme.CA(), "localhost")

    def self_signed(self) -> Pair:
        """An authority's certificate used as the server's own."""
        other = trustme.CA()
        return self._write("self-signed", other.cert_pem, other.private_key_pem)

    def _issue(self, name: str, ca: trustme.CA, *hosts: str, not_after: datetime | None = None) -> Pair:
        leaf = ca.issue_cert(*hosts, not_before=not_after and datetime(2019, 1, 1, tzinfo=UTC), not_after=not_after)
        return self._write(name, leaf.cert_chain_pems[0], leaf.private_key_pem)

    def _write(self, name: str, cert: trustme.Blob, key: trustme.Blob) -> Pair:
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        cert.write_to_path(str(pair.cert))
        key.write_to_path(str(pair.key))
        return pair
