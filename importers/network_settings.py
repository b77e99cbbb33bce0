"""Which setting of the environment httpx could not start with, in one sentence.

httpx reads proxies and certificates from the environment (python-httpx.org/environment_variables) and raises
whatever its parts raise for what it cannot use: ImportError, ValueError, OSError, InvalidURL.
"""

from __future__ import annotations

import os
import ssl
from urllib.request import proxy_bypass

import httpx

from journal.errors import BadValue

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")  # in either case; the smaller one counts


def explained(error: Exception) -> BadValue:
    """The sentence for `error`, which making a client raised. A value is never shown: it may hold a password."""
    if isinstance(error, OSError):
        reason = error.strerror or "it holds none"
        if (name := "SSL_CERT_FILE") in os.environ and not _holds_certificates(os.environ[name]):
            return BadValue(
                f"{name} does not name a file of certificates that can be read: {reason}.",
                hint=f"Unset {name}, or name a file in PEM form.",
            )
        if (name := "SSLKEYLOGFILE") in os.environ:
            return BadValue(f"{name} names a file that cannot be written: {reason}.", hint=f"Unset {name}.")
    for name in sorted(os.environ):
        if name.lower() in _PROXIES and (sentence := _why_no_proxy(name)):
            return sentence
    if name := next((name for name in ("no_proxy", "NO_PROXY") if os.environ.get(name)), ""):
        return BadValue(f"{name} holds something that is no host.", hint="Write names of hosts with commas between.")
    return BadValue(f"The network settings of the environment cannot be used: {type(error).__name__}: {error}.")


def proxy_for(host: str) -> str:
    """The variable that names the proxy of requests to `host`; empty where they go directly."""
    if proxy_bypass(host):
        return ""
    return next((name for name in sorted(os.environ) if name.lower() in _PROXIES and os.environ[name]), "")


def _holds_certificates(file: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError:
        return False
    return True


def _why_no_proxy(name: str) -> BadValue | None:
    value = os.environ[name]
    if not value:
        return None
    try:
        httpx.HTTPTransport(proxy=value if "://" in value else f"http://{value}", verify=False).close()
    except ImportError:
        return BadValue(
            f"{name} names a SOCKS proxy, and the package for those is not installed.",
            hint=f"pip install 'httpx[socks]', or unset {name}.",
        )
    except (ValueError, httpx.InvalidURL):
        return BadValue(
            f"{name} is not the address of a proxy that can be used.",
            hint=f"Write http://host:port or socks5://host:port, or unset {name}.",
        )
    return None
