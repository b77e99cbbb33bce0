"""The web addresses of a paper, made safe to hand to other programs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from urllib.parse import quote, urlsplit, urlunsplit

from journal.link_kinds import same_thing
from journal.paper_addresses import paper_addresses
from journal.paper_links import links_in
from journal.types import LinkKind, Paper

_LONGEST = 4_000  # characters; what is longer is no address that a person opens
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|[0-9a-f:.]*:[0-9a-f:.]*")
# RFC 3986 without the apostrophe, which some opener's shell script might take for a quote.
_KEPT = "/?:@!$&()*+,;=-._~%"


class AddressKind(StrEnum):
    """What is behind an address, in the order of a choice."""

    abs = auto()
    doi = auto()
    page = auto()
    html = auto()
    pdf = auto()
    code = auto()
    weights = auto()
    data = auto()


@dataclass(frozen=True, slots=True)
class Address:
    """A safe http(s) address of a paper: see `web_address`."""

    kind: AddressKind
    url: str


def addresses_of(paper: Paper) -> tuple[Address, ...]:
    """All addresses of a paper, each once: its pages first, then what its texts link to."""
    found: dict[str, Address] = {}
    for kind, text in _told(paper):
        url = web_address(text)
        if url is not None:
            found.setdefault(same_thing(url), Address(kind, url))
    return tuple(sorted(found.values(), key=lambda address: [*AddressKind].index(address.kind)))


def _told(paper: Paper) -> Iterator[tuple[AddressKind, str]]:
    known = paper_addresses(arxiv_id=paper.arxiv_id, version=paper.version) if paper.arxiv_id else None
    by_url = paper_addresses(url=paper.url)
    candidates = (
        (AddressKind.abs, known and known.abs),
        (AddressKind.doi, paper_addresses(doi=paper.doi).abs),
        (AddressKind.page, by_url.html),
        (AddressKind.html, known and known.html),
        (AddressKind.pdf, known and known.pdf),
        (AddressKind.pdf, by_url.pdf),
        (AddressKind.code, paper.code_url),
    )
    yield from ((kind, text) for kind, text in candidates if text)
    for link in (*links_in(paper.abstract, paper.comment), *paper.page_links):
        yield _KIND_OF_LINK[link.kind], link.url


_KIND_OF_LINK = {
    LinkKind.code: AddressKind.code,
    LinkKind.weights: AddressKind.weights,
    LinkKind.data: AddressKind.data,
    LinkKind.page: AddressKind.page,
}
# What stands in where a paper has no address of the kind that was asked for.
_ELSE = {AddressKind.html: AddressKind.page, AddressKind.page: AddressKind.html}


def chosen(addresses: Sequence[Address], kind: AddressKind | None = None) -> Address | None:
    """The address of this kind, by default what opening the paper opens; None where it has none."""
    if kind is None or kind is AddressKind.abs:
        return next(iter(addresses), None)
    for wanted in (kind, _ELSE.get(kind)):
        for address in addresses:
            if address.kind is wanted:
                return address
    return None


def web_address(text: str) -> str | None:
    """`text` as an http or https address in visible ASCII, without a password; None for anything else.

    So it holds no blank, quote or escape sequence, begins with its scheme and never with a dash, and can be
    one argument of a program.
    """
    text = text.strip()
    if len(text) > _LONGEST or any(character < " " or "\x7f" <= character <= "\x9f" for character in text):
        return None
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode().lower(), parts.port
        path, query, fragment = (
            quote(part, safe=_KEPT, errors="strict") for part in (parts.path, parts.query, parts.fragment)
        )
    except ValueError:  # no port, a name that no host has, half a character
        return None
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    where = f"[{host}]" if ":" in host else host
    where = where if port is None else f"{where}:{port}"
    return urlunsplit((parts.scheme.lower(), where, path, query, fragment))
