"""Papers from the arXiv API by their ids, a DOI or a query, through the `arxiv` package, and only on demand.

The package parses and pages; asking is ours. Its own session knows no time limit and retries at once,
so its requests go through `importers.http` and the gate, by an adapter mounted on that session.
"""

from __future__ import annotations

import html
import io
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import arxiv
import requests
from requests.adapters import BaseAdapter

from importers.arxiv_rss import known_categories
from importers.gate import ArxivGate
from importers.http import BadStatus, Client, Limits, own_user_agent
from importers.parsed_feed import TITLE_LENGTH, believable
from importers.text import clean_line, clean_tex, shortened
from journal.config import Settings
from journal.errors import Unreadable
from journal.ids import ArxivId, parse_arxiv_id, parse_doi
from journal.paths import Paths
from journal.types import PaperDraft

_IDS_A_REQUEST = 100  # keeps the address below 3,000 characters
_LIMITS = Limits(read_s=60.0, total_s=180.0)  # the API was seen to take two minutes (ultimatile/arxiv-skills#25)
_REFUSED_ID = re.compile(r"incorrect id format for (\S+)")
_ERROR_ENTRY = re.compile(rb"<id>[^<]*/api/errors[^<]*</id>")
_WRITTEN = re.compile(r"\b(?:ti|au|abs|co|jr|cat|rn|id|all|doi|submittedDate|lastUpdatedDate):|\b(?:AND|OR|ANDNOT)\b")
_WORD_OR_PHRASE = re.compile(r'"[^"]+"|[^\s"]+')
_SUMMARY = re.compile(rb"<summary[^>]*>([^<]*)</summary>")

# Without a handler, Python would print the package's warnings about odd entries on stderr.
logging.getLogger("arxiv").addHandler(logging.NullHandler())


def fetch_papers(
    ids: Sequence[ArxivId],
    settings: Settings,
    paths: Paths,
    *,
    gate: AbstractContextManager[object] | None = None,
    limits: Limits = _LIMITS,
) -> tuple[list[PaperDraft], list[str]]:
    """(the papers, in the order of `ids` and each once; a sentence for each id that arXiv does not have).

    An id without version brings the latest one. `gate` replaces the user's gate to arXiv in tests.
    Raises Unreachable, RateLimited, TooLarge or Unreadable where arXiv cannot be asked.
    """
    gate = gate if gate is not None else ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
    wanted = list(dict.fromkeys(ids))
    found: dict[str, PaperDraft] = {}
    with Client(limits=limits, user_agent=own_user_agent(settings.contact)) as client:
        api = _api(client, settings, gate)
        for batch in _batches(wanted):
            for draft in _fetch(api, batch, settings):
                found[f"{draft.arxiv_id}v{draft.version}"] = draft
    drafts: list[PaperDraft] = []
    missing: list[str] = []
    for identity in wanted:
        match = _draft_for(identity, found.values())
        if match is None:
            missing.append(f"arXiv has no paper {_named(identity)}.")
        elif match not in drafts:
            drafts.append(match)
    return drafts, missing


def find_papers(
    query: str,
    settings: Settings,
    paths: Paths,
    *,
    most: int = 10,
    gate: AbstractContextManager[object] | None = None,
    limits: Limits = _LIMITS,
) -> list[PaperDraft]:
    """At most `most` papers (100 are asked for at the most) that match `query`, the best first, by one request.

    `query` is plain words, which must all match, or written as arXiv's manual has it: `au:hinton AND ti:distilling`
    (info.arxiv.org/help/api/user-manual, 5.1). Raises what `fetch_papers` raises.
    """
    gate = gate if gate is not None else ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
    with Client(limits=limits, user_agent=own_user_agent(settings.contact)) as client:
        search = arxiv.Search(query=written_query(query), max_results=min(most, _IDS_A_REQUEST))
        return _results(_api(client, settings, gate), search, settings)


def find_by_doi(doi: str, settings: Settings, paths: Paths) -> PaperDraft | None:
    """The paper whose authors told arXiv this DOI. The field `doi:` is not in the manual, and works."""
    found = find_papers(f"doi:{doi}", settings, paths)
    return next((draft for draft in found if draft.doi == doi), None)


def written_query(text: str) -> str:
    """`text` as the API takes it: plain words and "phrases" must all match; what names fields stays as it is."""
    if _WRITTEN.search(text):
        return text
    return " AND ".join(f"all:{word}" for word in _WORD_OR_PHRASE.findall(text))


def draft_of(result: arxiv.Result) -> PaperDraft | None:
    """A paper of the package as ours; None where it is no paper."""
    identity = parse_arxiv_id(result.entry_id)
    title = shortened(clean_tex(result.title), TITLE_LENGTH)
    if identity is None or not title:
        return None
    return PaperDraft(
        title=title,
        abstract=clean_tex(result.summary),
        authors=tuple(name for author in result.authors if (name := clean_tex(author.name))),
        arxiv_id=identity.id,
        version=identity.version,
        doi=parse_doi(clean_line(result.doi or "").split(" ")[0]),
        categories=known_categories((result.primary_category, *result.categories)),
        published_at=believable(result.published.astimezone(UTC)),
        comment=clean_tex(result.comment or ""),
        journal_ref=clean_tex(result.journal_ref or ""),
    )


def _api(client: Client, settings: Settings, gate: AbstractContextManager[object]) -> arxiv.Client:
    """The package's client, asking `settings.arxiv_api_url` through `client`, once and never at once again."""
    api = arxiv.Client(page_size=_IDS_A_REQUEST, delay_seconds=0, num_retries=0)  # the gate keeps the distance
    api.query_url_format = settings.arxiv_api_url.rstrip("?").replace("{", "%7B").replace("}", "%7D") + "?{}"
    adapter = _ThroughOurClient(client, gate)
    for scheme in ("https://", "http://"):
        api._session.mount(scheme, adapter)  # the package offers no other way to set a time limit
    return api


def _fetch(api: arxiv.Client, ids: Sequence[ArxivId], settings: Settings) -> list[PaperDraft]:
    """The papers of one request. One bad id fails a request as a whole, so it is asked again without that."""
    asked = {_named(identity): identity for identity in ids}
    while asked:
        search = arxiv.Search(id_list=list(asked), max_results=len(asked))
        try:
            return _results(api, search, settings)
        except _RefusedId as refused:
            if asked.pop(refused.id, None) is None:
                raise
    return []


def _results(api: arxiv.Client, search: arxiv.Search, settings: Settings) -> list[PaperDraft]:
    try:
        return [draft for result in api.results(search) if (draft := draft_of(result)) is not None]
    except (arxiv.ArxivError, requests.RequestException, ValueError, OverflowError) as error:
        host = urlsplit(settings.arxiv_api_url).hostname
        raise Unreadable(f"{host} answered with papers that cannot be read.") from error


def _draft_for(identity: ArxivId, drafts: Iterable[PaperDraft]) -> PaperDraft | None:
    """The version that was asked for, or without one the latest."""
    same = [draft for draft in drafts if draft.arxiv_id == identity.id and identity.version in {None, draft.version}]
    return max(same, key=lambda draft: draft.version or 0, default=None)


def _named(identity: ArxivId) -> str:
    return identity.id + (f"v{identity.version}" if identity.version else "")


def _batches(ids: Iterable[ArxivId]) -> Iterator[list[ArxivId]]:
    rest = iter(ids)
    while batch := list(islice(rest, _IDS_A_REQUEST)):
        yield batch


class _RefusedId(Unreadable):
    def __init__(self, message: str, refused: str) -> None:
        super().__init__(message, hint="Check the id.")
        self.id = refused


class _ThroughOurClient(BaseAdapter):
    """Lets a requests session ask by `importers.http`: its limits, its sentences, and the gate."""

    def __init__(self, client: Client, gate: AbstractContextManager[object]) -> None:
        super().__init__()
        self._client = client
        self._gate = gate

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = request.url or ""
        host = urlsplit(url).hostname or "arXiv"
        try:
            answer = self._client.get(url, gate=self._gate)
            content = answer.content
        except BadStatus as error:
            _raise_refusal(error.content, host)
            raise
        _raise_refusal(content, host)
        # The package reads what it can of anything and would report the rest as unknown ids.
        if b"<feed" not in content[:2000] or b"</feed>" not in content[-200:]:
            raise Unreadable(f"{host} answered with something that is not a list of papers.")
        response = requests.Response()
        response.status_code = 200
        response.url = url
        response.request = request
        response.raw = io.BytesIO(content)
        return response

    def close(self) -> None:
        """The client is closed by whoever opened it."""


def _raise_refusal(content: bytes, host: str) -> None:
    """arXiv's errors are a feed of one entry, with status 400 and, until 2025, with 200."""
    if not _ERROR_ENTRY.search(content):
        return
    summary = _SUMMARY.search(content)
    reason = clean_line(html.unescape(summary[1].decode("utf-8", "replace"))) if summary else "it gives no reason"
    message = f"{host} refuses the request: {shortened(reason, 200).rstrip('.')}."
    if refused := _REFUSED_ID.search(reason):
        raise _RefusedId(message, refused[1])
    raise Unreadable(message)
