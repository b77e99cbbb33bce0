"""What arXiv announced while nobody looked, by its OAI-PMH service: the way to catch up after days away.

A feed holds one day, the service everything, by the day of its last change. It is asked for `arXivRaw`,
since only that format tells the version and the times of all versions, by which a paper announced in
these days is told from an old one whose record was only touched (info.arxiv.org/help/oa, "Datestamps").
Format: arXiv/oaipmh, templates/record_formats.xml. Only the latest version of a paper is to be had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

from importers.arxiv_days import first_list_day, list_day
from importers.arxiv_rss import ABSTRACT_LENGTH, known_categories, split_names, without_parentheses
from importers.arxiv_sets import lists, set_of
from importers.http import BadStatus, Client, Limits
from importers.oai_xml import OaiDocument, OaiRecord, read_document
from importers.parsed_feed import TITLE_LENGTH, is_believable, refusal
from importers.text import clean_line, clean_tex, shortened
from journal.config import Settings
from journal.errors import SourceError, TooLarge, Unreadable
from journal.ids import parse_arxiv_id, parse_doi
from journal.types import AnnounceType, ArrivedPaper, PaperDraft

# A page of 2,000 papers is about 5 MB, and takes the service long to gather.
LIMITS = Limits(read_s=60.0, total_s=180.0, max_bytes=32 * 1024 * 1024)
MOST_PAGES = 60  # two months of the largest category are a third of that
_SLACK = timedelta(days=3)  # by which moderation may hold a paper back, or a holiday of arXiv be unknown here
_VERSION = re.compile(r"v([1-9]\d?)", re.ASCII)
_BETWEEN_NAMES = re.compile(r",|:|\s+and\s+|(?<!\\)&")
_NEW_ID = re.compile(r"\d{4}\.\d{5}", re.ASCII)

Ask = Callable[[Mapping[str, str]], OaiDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestPage:
    """What one answer brought, the oldest first.

    `refused` says which records could not be read, and why. `deleted` counts those that arXiv took away,
    `touched` those that were changed without a new version: an old paper that got its journal, or one
    that was newly cross-listed, which the service cannot tell apart. `reached` is the last day that the
    page holds anything of: a harvest of one category that broke off goes on from there.
    """

    arrived: tuple[ArrivedPaper, ...] = ()
    refused: tuple[str, ...] = ()
    deleted: int = 0
    touched: int = 0
    reached: date | None = None


def harvest(
    feed: str,
    since: date,
    settings: Settings,
    *,
    client: Client,
    gate: AbstractContextManager[object],
    until: date | None = None,
    limits: Limits = LIMITS,
    most_pages: int = MOST_PAGES,
) -> Iterator[HarvestPage]:
    """What arXiv changed from `since` on in the categories of `feed`, such as `cs.LG+stat.ML`, page by page.

    `since` and `until` are UTC days, `until` included; without it to the present, which misses nothing,
    while a paper that changes again after `until` is in no answer. Each page is one request through `gate`,
    made when the page is asked for; a paper comes once. Raises Unreachable, RateLimited, TooLarge, Unreadable.
    """
    host = urlsplit(settings.arxiv_oai_url).hostname or "arXiv"

    def ask(query: Mapping[str, str]) -> OaiDocument:
        url = f"{settings.arxiv_oai_url.rstrip('?')}?{urlencode(query)}"
        try:
            return read_document(client.get(url, gate=gate, limits=limits).content, host=host)
        except BadStatus as error:
            return _said_with(error, host)

    seen: set[tuple[str, str]] = set()
    pages = 0
    for category in feed.split("+"):
        for document in _documents(ask, category, since, until, host):
            yield read_page(_unseen(document.records, seen), feed=feed, since=since)
            pages += 1
            if pages >= most_pages and document.token:
                raise TooLarge(
                    f"{host} holds more than the {most_pages} pages that are read at a time.",
                    hint="Fetch again to go on from where this ended.",
                )


def _unseen(records: Iterable[OaiRecord], seen: set[tuple[str, str]]) -> Iterator[OaiRecord]:
    """Those that no page held in this state, which are seen from now on."""
    for record in records:
        state = (record.identifier, record.datestamp)
        if state not in seen or not record.identifier:
            seen.add(state)
            yield record


def _documents(ask: Ask, category: str, since: date, until: date | None, host: str) -> Iterator[OaiDocument]:
    """The pages of one set. Where a token expires in between, once again from the last day that was reached."""
    start, token, has_restarted = since, "", False
    tokens: set[str] = set()
    while True:
        document = ask(_query(category, start, until, token))
        if document.error == "noRecordsMatch":
            return
        if document.error == "badResumptionToken" and token and not has_restarted:
            token, has_restarted = "", True
            tokens.clear()
            continue
        if document.error:
            raise _refused(document, category, host)
        yield document
        start = max([start, *_days(document.records)])
        token = document.token
        if not token:
            return
        if token in tokens:
            raise Unreadable(f"{host} sends the same page again and again.")
        tokens.add(token)


def _query(category: str, start: date, until: date | None, token: str) -> dict[str, str]:
    if token:  # an exclusive argument
        return {"verb": "ListRecords", "resumptionToken": token}
    query = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": set_of(category), "from": start.isoformat()}
    return query if until is None else query | {"until": until.isoformat()}


def _said_with(error: BadStatus, host: str) -> OaiDocument:
    """The error of the protocol that came with a status, since some services send both."""
    try:
        document = read_document(error.content, host=host)
    except Unreadable:
        raise error from None
    if not document.error:
        raise error
    return document


def _refused(document: OaiDocument, category: str, host: str) -> SourceError:
    reason = shortened(clean_line(document.reason), 200).rstrip(".")
    code = shortened(clean_line(document.error), 40)
    hints = {
        "badArgument": f"Is {category} a category of arXiv?",
        "badResumptionToken": "Fetch again.",
        "cannotDisseminateFormat": "Is arxiv_oai_url the address of an arXiv service?",
    }
    return Unreadable(
        f"{host} refuses the request: {code}{f' ({reason})' if reason else ''}.", hint=hints.get(document.error, "")
    )


# ---------------------------------------------------------------- records to papers


@dataclass(frozen=True, slots=True)
class _Paper:
    """What a record tells of a paper: times of the first and the latest version, and the day of the last change."""

    draft: PaperDraft
    first: datetime | None
    latest: datetime
    stamped: date | None


def read_page(records: Iterable[OaiRecord], *, feed: str, since: date) -> HarvestPage:
    """What `records` announce to somebody who follows `feed` and has read all lists before `since`. Pure.

    A paper whose first version was announced since then is new, or a cross-list where its primary category
    is none of the feed's, also when a second version followed: arXiv's own feeds put `new` first, and
    nobody would see it else. An older paper with a version of these days is a replacement; the rest was
    touched. When a list came out, arXiv tells nowhere: it follows from the times of submission.
    """
    records = tuple(records)
    papers: list[_Paper] = []
    refused: list[str] = []
    for position, record in enumerate(records, start=1):
        if record.is_deleted:
            continue
        paper = _paper(record)
        if isinstance(paper, str):
            refused.append(refusal(position, record.fields.get("title") or record.identifier, paper))
        else:
            papers.append(paper)
    first_new_id = _first_new_id(papers, since)
    arrived = [
        arrival for paper in papers if (arrival := _announced(paper, feed.split("+"), since, first_new_id)) is not None
    ]
    return HarvestPage(
        arrived=tuple(arrived),
        refused=tuple(refused),
        deleted=sum(record.is_deleted for record in records),
        touched=len(papers) - len(arrived),
        reached=max(_days(records), default=None),
    )


def _announced(paper: _Paper, asked: list[str], since: date, first_new_id: str | None) -> ArrivedPaper | None:
    """The announcement of these days, or None for a paper that was only touched."""
    draft = paper.draft
    arxiv_id = draft.arxiv_id or ""
    is_ours = any(lists(category, draft.categories[0]) for category in asked) if draft.categories else True
    first_day = first_list_day(arxiv_id, paper.first) if paper.first else None
    has_new_id = bool(first_new_id and _NEW_ID.fullmatch(arxiv_id) and arxiv_id >= first_new_id)
    if first_day is not None and (first_day >= since - _SLACK or has_new_id):
        announce_type = AnnounceType.new if is_ours else AnnounceType.cross
        day = first_day
        if day < since:  # held back: it came out with its last change, where that was no later version
            day = paper.stamped if paper.stamped and draft.version == 1 else since
    elif (day := list_day(paper.latest)) >= since - _SLACK:
        announce_type = AnnounceType.replaced if is_ours else AnnounceType.replaced_cross
        day = max(day, since)
    else:
        return None
    return ArrivedPaper(
        draft=replace(draft, announced_on=min(day, paper.stamped or day)),
        guid=f"oai:arXiv.org:{arxiv_id}v{draft.version}",
        announce_type=announce_type,
    )


def _first_new_id(papers: Iterable[_Paper], since: date) -> str | None:
    """An id from which on all are of lists since `since`: ids count up from announcement to announcement.

    It is the lowest of those that surely are: with one version, unchanged since the list that it was due in.
    So a paper that moderation held back for weeks is known by its high id, though its date is old.
    """
    sure = (
        paper.draft.arxiv_id
        for paper in papers
        if paper.draft.arxiv_id
        and _NEW_ID.fullmatch(paper.draft.arxiv_id)
        and paper.draft.version == 1
        and paper.stamped is not None
        and paper.stamped >= since
        and list_day(paper.latest) == paper.stamped
    )
    return min(sure, default=None)


def _paper(record: OaiRecord) -> _Paper | str:
    """The paper of a record, or why there is none."""
    fields = record.fields
    identity = parse_arxiv_id(fields.get("id", "")) or parse_arxiv_id(record.identifier)
    if identity is None:
        return "it has no arXiv id"
    title = shortened(clean_tex(fields.get("title", "")), TITLE_LENGTH)
    if not title:
        return "it has no title"
    versions = _versions(record)
    if not versions:
        return "it has no version with a date"
    version = max(versions)
    first = versions.get(1)
    draft = PaperDraft(
        title=title,
        abstract=shortened(clean_tex(fields.get("abstract", "")), ABSTRACT_LENGTH),
        authors=_authors(fields.get("authors", "")),
        arxiv_id=identity.id,
        version=version,
        doi=parse_doi(clean_line(fields.get("doi", "")).split(" ")[0]),
        categories=known_categories(fields.get("categories", "").split()),
        published_at=first,
        comment=clean_tex(fields.get("comments", "")),
        journal_ref=clean_tex(fields.get("journal-ref", "")),
    )
    return _Paper(draft=draft, first=first, latest=versions[version], stamped=_day(record.datestamp))


def _versions(record: OaiRecord) -> dict[int, datetime]:
    """The times of the versions by number, of those that can be read."""
    versions: dict[int, datetime] = {}
    for name, text in record.versions:
        number, moment = _VERSION.fullmatch(name.strip()), _moment(text)
        if number and moment:
            versions[int(number[1])] = moment
    return versions


def _authors(text: str) -> tuple[str, ...]:
    """The names of one text as submitters write it: "A. Ampere (Institute, Town), B. Berg and C. Curie"."""
    return split_names(_BETWEEN_NAMES.split(without_parentheses(text)))


def _moment(text: str) -> datetime | None:
    """`Wed, 25 Jun 2008 15:29:38 GMT` as a believable time in UTC."""
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if is_believable(moment) else None


def _day(text: str) -> date | None:
    """The day of a datestamp, which may have a time behind it."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if is_believable(day) else None


def _days(records: Iterable[OaiRecord]) -> list[date]:
    return [day for record in records if (day := _day(record.datestamp)) is not None]
