"""Identifiers: ULIDs of our own, arXiv ids and DOIs of the world. Pure."""

from __future__ import annotations

import os
import re
import threading
import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_ULID_LENGTH = 26


class UlidSource:
    """Makes lower-case ULIDs that rise strictly within a process, also inside one millisecond.

    A forked child begins anew: counting on from the parent's last one, both would make the same, and a lock
    that another thread held would stay held.

    Source: the ULID specification (ulid/spec), its section on monotonicity.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._pid = os.getpid()

    def __call__(self) -> str:
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            fresh = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | int.from_bytes(os.urandom(10), "big")
            self._last = max(fresh, self._last + 1)
            return _base32(self._last)


def _base32(value: int) -> str:
    digits = []
    for _ in range(_ULID_LENGTH):
        digits.append(_CROCKFORD[value & 31])
        value >>= 5
    return "".join(reversed(digits))


new_uid = UlidSource()


def is_uid(text: str) -> bool:
    return len(text) == _ULID_LENGTH and all(character in _CROCKFORD for character in text)


@dataclass(frozen=True, slots=True)
class ArxivId:
    """An arXiv id split into what never changes and the version."""

    id: str
    version: int | None = None


# arXiv identifier scheme, info.arxiv.org/help/arxiv_identifier: YYMM.NNNN from 0704 to 1412,
# YYMM.NNNNN from 1501; before that archive/YYMMNNN, whose subject class is no part of the id.
_NEW_ID = re.compile(r"(?P<id>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v(?P<version>[1-9]\d?))?", re.ASCII)
_OLD_ID = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Z]{2})?/(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v(?P<version>[1-9]\d?))?",
    re.ASCII,
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(?P<id>.+)", re.IGNORECASE | re.ASCII)
_PREFIX = re.compile(r"(?:oai:arxiv\.org:|arxiv:\s*)", re.IGNORECASE | re.ASCII)
_DOI = re.compile(r"(?:doi:\s*)?(?P<doi>10\.\d{4,9}/\S+)", re.IGNORECASE | re.ASCII)
_ARXIV_PAGES = ("abs", "pdf", "html", "src", "e-print", "bibtex", "format")


def parse_arxiv_id(text: str) -> ArxivId | None:
    """An arXiv id in any of the forms people paste: bare, `arXiv:`, `oai:`, a DOI, or a page's address."""
    candidate = text.strip()
    if match := _PREFIX.match(candidate):
        candidate = candidate[match.end() :]
    if "://" in candidate or candidate.lower().startswith(("arxiv.org/", "www.arxiv.org/", "doi.org/")):
        candidate = _arxiv_id_of_address(candidate)
    if match := _ARXIV_DOI.fullmatch(candidate):
        candidate = match["id"]
    if match := _NEW_ID.fullmatch(candidate):
        return ArxivId(match["id"], _version(match))
    if match := _OLD_ID.fullmatch(candidate):
        return ArxivId(f"{match['archive']}/{match['number']}", _version(match))
    return None


def _arxiv_id_of_address(address: str) -> str:
    host, path = _host_and_path(address)
    if host in {"doi.org", "dx.doi.org"}:
        return path
    if host != "arxiv.org" and not host.endswith(".arxiv.org"):
        return ""
    page, _, rest = path.partition("/")
    return rest.removesuffix(".pdf") if page in _ARXIV_PAGES else ""


def _host_and_path(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        return (parts.hostname or "").lower(), unquote(parts.path).strip("/")
    except ValueError:  # a bracket that opens no IPv6 address
        return "", ""


def _version(match: re.Match[str]) -> int | None:
    return int(match["version"]) if match["version"] else None


def parse_doi(text: str) -> str | None:
    """A DOI in lower case (DOIs are compared without case) out of a bare DOI, `doi:` or a doi.org address."""
    candidate = text.strip()
    if "://" in candidate or candidate.lower().startswith("doi.org/"):
        host, candidate = _host_and_path(candidate)
        if host not in {"doi.org", "dx.doi.org"}:
            return None
    match = _DOI.fullmatch(candidate)
    return match["doi"].lower() if match else None


def canonical_url(text: str) -> str | None:
    """An http(s) address in one spelling (no fragment, no tracking, no final slash), else None."""
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or any(map(str.isspace, host)):
        return None
    query = "&".join(pair for pair in parts.query.split("&") if pair and not pair.lower().startswith("utm_"))
    where = f"[{host}]" if ":" in host else host
    where = where if port in {None, 80, 443} else f"{where}:{port}"
    return urlunsplit((parts.scheme.lower(), where, parts.path.rstrip("/"), query, ""))


def arxiv_abs_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/abs/{arxiv_id}"


def work_name(title: str, first_author: str, year: int | None) -> str:
    """What a work is recognised by that has no arXiv id, DOI or address: `knuth 1984 the texbook`.

    A name and no address, and weaker than one: two editions of one year share it. `first_author` is
    a family name or a group. Case, accents and punctuation do not count.
    """
    parts = (first_author, str(year or ""), title)
    return " ".join(" ".join(_words(part)) for part in parts if part).strip()


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.findall(r"\w+", letters.replace("'", "").replace("\u2019", ""))
