"""TLS as we insist on it: verified, at least 1.2, and plain words for what went wrong. Used by IMAP and SMTP alike."""

from __future__ import annotations

import ipaddress
import ssl

from mailbot.errors import MailbotError, Permanent, Transient

# OpenSSL's X509_V_ERR_* numbers (include/openssl/x509_vfy.h), which Python passes on as SSLCertVerificationError.verify_code.
_FAILED_CHECKS = {
    9: "the certificate is not valid yet (is this machine's clock right?)",
    10: "the certificate has expired (or this machine's clock is wrong)",
    18: "the certificate is self-signed and not trusted here; put it, or its authority, into ca_file",
    19: "the certificate's authority is not trusted here; put the authority's certificate into ca_file",
    20: "the certificate's authority is unknown here; put the authority's certificate into ca_file",
    21: "the server does not send the whole chain of certificates",
    23: "the certificate was revoked",
    62: "the certificate is for another name than {host}; use the name that the certificate carries",
    64: "the certificate is for another name than the address {host}; use the name that the certificate carries",
}
_NOT_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"}
_TOO_OLD = {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE"}


def verified_context(ca_file: str | None = None) -> ssl.SSLContext:
    """A client context that checks chain and name and speaks TLS 1.2 or later (RFC 8996).

    With `ca_file` (PEM) the authorities in it are trusted instead of the system's. Raises Permanent when it cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Permanent(f"ca_file {ca_file} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses: the only hosts that may be spoken to, and logged in at, without TLS."""
    if host.lower().rstrip(".") == "localhost":  # RFC 6761, 6.3: the name is loopback, always
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def tls_failure(error: ssl.SSLError, host: str, port: int) -> MailbotError:
    """The failure of a TLS handshake with host:port in plain words: Permanent when a person must change something."""
    where = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        check = _FAILED_CHECKS.get(error.verify_code, error.verify_message or str(error))
        return Permanent(f"TLS with {where} refused: {check.format(host=host)}. No password was sent.")
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return Permanent(f'{where} does not speak TLS from the start: wrong port, or security should be "starttls".')
    if reason in _TOO_OLD:
        return Permanent(f"{where} speaks only TLS older than 1.2, which is refused. No password was sent.")
    if isinstance(error, ssl.SSLEOFError):
        return Transient(f"{where} hung up during the handshake (does it speak TLS 1.2?).")
    return Transient(f"TLS with {where} failed: {reason or error}.")
