"""The page of one paper, looked into for its code, weights, data and project page when a person asks for that.

Never by itself and never for many: arXiv's terms leave its pages to people (info.arxiv.org/help/api/tou).
"""

from __future__ import annotations

from contextlib import closing
from http import HTTPStatus

from importers.downloads import asks_arxiv
from importers.gate import ArxivGate
from importers.http import BadStatus, Client, Limits, host_of, says_rate_exceeded
from importers.streams import opened
from journal.clock import Clock, now
from journal.config import Settings
from journal.db import connect
from journal.errors import NotFound, RateLimited, Unreadable
from journal.page_links import links_in_page
from journal.paper_addresses import paper_addresses
from journal.paper_links import same_place
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.store import papers
from journal.store.changes import program_change
from journal.types import Paper, PaperLink, Ref

PAGE_LIMITS = Limits(connect_s=10.0, read_s=20.0, total_s=60.0, max_bytes=256 * 1024 * 1024, max_redirects=5)
_MOST_READ = 6 * 1024 * 1024  # bytes; of a longer page its beginning counts
_LOOKED_AT = 1024  # bytes of what is no page: it may be how arXiv refuses
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def look_into_page(
    client: Client,
    paths: Paths,
    settings: Settings,
    ref: Ref,
    *,
    arxiv_url: str | None = None,
    limits: Limits = PAGE_LIMITS,
    clock: Clock = now,
) -> tuple[PaperLink, ...]:
    """What the page of `ref` names as the paper's own, best first; it is kept in place of what was found before.

    Of a paper on arXiv its HTML version, or the abs page where it has none; `arxiv_url` stands for
    https://arxiv.org. Closing `client` breaks off. Raises NotFound where no page is known, BadRef, and what
    `Client.get` raises; then nothing changes.
    """
    with closing(connect(paths)) as connection:
        paper = get_paper(connection, ref)
    addresses = _page_addresses(paper, arxiv_url)
    gate = ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
    url, markup = _first_page(client, addresses, gate, limits, is_arxiv=bool(paper.arxiv_id))
    links = tuple(link for link in links_in_page(markup) if not same_place(link.url, url))
    with program_change(paths, clock=clock) as change:
        papers.keep_page_links(change, ref, links)
    return links


def _page_addresses(paper: Paper, arxiv_url: str | None) -> tuple[str, ...]:
    """Where its page may be, to be asked one after the other while there is none."""
    if paper.arxiv_id:
        known = paper_addresses(arxiv_id=paper.arxiv_id, version=paper.version)
        pages = tuple(page for page in (known.html, known.abs) if page)
        return tuple(page.replace("https://arxiv.org", arxiv_url, 1) for page in pages) if arxiv_url else pages
    page = paper_addresses(url=paper.url).html or paper_addresses(doi=paper.doi).abs
    if page is None:
        raise NotFound(f"{paper.ref} has no page that is known.")
    return (page,)


def _first_page(
    client: Client, addresses: tuple[str, ...], gate: ArxivGate, limits: Limits, *, is_arxiv: bool
) -> tuple[str, str]:
    """(address, markup) of the first page that is there."""
    for url in addresses[:-1]:
        try:
            return url, _page(client, url, gate if is_arxiv or asks_arxiv(url) else None, limits)
        except BadStatus as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
    url = addresses[-1]
    return url, _page(client, url, gate if is_arxiv or asks_arxiv(url) else None, limits)


def _page(client: Client, url: str, gate: ArxivGate | None, limits: Limits) -> str:
    content = bytearray()
    with opened(client, url, gate=gate, limits=limits) as incoming:
        is_page = incoming.content_type.partition(";")[0].strip().lower() in _PAGE_TYPES
        most = _MOST_READ if is_page else _LOOKED_AT
        for chunk in incoming.chunks:
            content += chunk
            if len(content) >= most:
                break
    host = host_of(incoming.url)
    if says_rate_exceeded(bytes(content[:_LOOKED_AT])):
        raise RateLimited(f"{host} asks us to wait (it says 'Rate exceeded.').")
    if not is_page:
        raise Unreadable(f"{host} sent no web page.")
    # Addresses and the words looked for are ASCII, which nearly every encoding of a page has in common.
    return content[:_MOST_READ].decode("utf-8", "replace")
