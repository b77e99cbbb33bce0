"""A stand-in for arXiv's three services, speaking as the real ones do from one small collection of papers.

    with ArxivService([Paper("2611.00001", v1)], now=THURSDAY) as arxiv:
        fetch_feeds(paths, arxiv.settings())          # /rss/CATEGORY and /atom/CATEGORY
        arxiv.now += timedelta(days=1)                # the feeds hold the next batch
        arxiv.stale["cs.LG"] = date(2026, 11, 19)     # or, of this category, still that one
        arxiv.instead.append(BUSY)                    # the next request gets this

Layouts are those of the recorded replies and, of OAI-PMH, the templates of arXiv/oaipmh. The schedule is
the table of info.arxiv.org/help/availability, written down once more: no code of ours decides here.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from journal.config import Settings
from tests.standins import Reply, Request, StandIn, rate_limited

EASTERN = ZoneInfo("America/New_York")
TOO_MANY = rate_limited()  # the API's: no word of when to come back
BUSY = rate_limited("120", status=503)  # OAI-PMH's way of keeping the flow down
RATE_EXCEEDED = Reply(b"Rate exceeded.", content_type="text/plain")
NO_LIST = frozenset({date(2026, 11, 27), date(2026, 12, 28), date(2026, 12, 30), date(2027, 1, 1)})

_LISTED_VERSIONS = 5  # later ones are not announced (info.arxiv.org/help/replace)
_MOST_IN_FEED = 2000
_PHYSICS = re.compile(r"astro-ph|cond-mat|gr-qc|hep-(ex|lat|ph|th)|math-ph|nlin|nucl-(ex|th)|physics|quant-ph")
# That there are, whether or not a paper here is in them.
_CATEGORIES = frozenset({
    "cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.NE", "cs.RO", "stat.ME", "stat.ML", "math.AG", "math.OC", "eess.IV", "q-bio.NC",
    "quant-ph", "hep-th", "cond-mat.dis-nn",
})  # fmt: skip
_OAI_ERRORS = {
    "badArgument": "The request includes illegal arguments, is missing required arguments, includes a repeated "
    "argument, or values for arguments have an illegal syntax.",
    "badResumptionToken": "The value of the resumptionToken argument is invalid or expired.",
    "badVerb": "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is missing, or the verb "
    "argument is repeated.",
    "cannotDisseminateFormat": "The metadata format identified by the value given for the metadataPrefix argument is "
    "not supported by the item or by the repository.",
    "noRecordsMatch": "The combination of the values of the from, until, set and metadataPrefix arguments results in "
    "an empty list.",
}


@dataclass(frozen=True)
class Paper:
    """A paper as its submitters wrote it. `submitted` has the times of its versions, all of one text.

    `held_to` is the list that moderation let the first version into, `cross_listed` says in which list it
    came to further categories, `touched` on which days somebody mended its record, `deleted` when it went.
    """

    id: str
    submitted: tuple[datetime, ...]
    categories: tuple[str, ...] = ("cs.LG",)
    title: str = "A toy study"
    authors: str = "Ada Ampere, Béla Berg"
    abstract: str = "We show that all is well."
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    held_to: date | None = None
    cross_listed: Mapping[str, date] = field(default_factory=dict)
    touched: tuple[date, ...] = ()
    deleted: date | None = None

    @property
    def listed(self) -> tuple[date, ...]:
        """The days of the lists of its versions."""
        first, *more = map(list_of, self.submitted)
        return (self.held_to or first, *more)

    def version_on(self, day: date) -> int:
        return sum(listed <= day for listed in self.listed)

    def categories_on(self, day: date) -> tuple[str, ...]:
        return self.categories + tuple(name for name, since in self.cross_listed.items() if since <= day)

    def changed_on(self, day: date) -> date | None:
        """The last day up to `day` on which its record changed; None before it was announced."""
        days = [*self.listed, *self.cross_listed.values(), *self.touched, *([self.deleted] if self.deleted else [])]
        return max((one for one in days if self.listed[0] <= one <= day), default=None)


@dataclass(frozen=True)
class Visit:
    """One request: what was asked, when, in seconds of one clock, and how many were being answered with it."""

    path: str
    query: dict[str, list[str]]
    began_s: float
    ended_s: float
    at_once: int


def list_of(submitted: datetime) -> date:
    """The day of the list that announces it, by arXiv's table."""
    moment = submitted.astimezone(EASTERN)
    is_late = moment.hour >= 14
    # Monday to Sunday: days until the list, for what came before and after 14:00.
    days = ((1, 2), (1, 2), (1, 2), (1, 4), (3, 4), (3, 3), (2, 2))[moment.weekday()][is_late]
    day = moment.date() + timedelta(days=days)
    while day in NO_LIST or day.weekday() >= 5:
        day += timedelta(days=1)
    return day


class ArxivService:
    """The services on a free port of 127.0.0.1, at the moment `now`, which a test may move."""

    def __init__(
        self, papers: Iterable[Paper], now: datetime, *, page_size: int = 1000, answers_in_s: float = 0.0
    ) -> None:
        self.papers = list(papers)
        self.now = now
        self.page_size = page_size  # of the OAI-PMH service
        self.answers_in_s = answers_in_s
        self.stale: dict[str, date] = {}  # category -> the day of the batch that its feed still holds
        self.instead: deque[Reply] = deque()  # what the next requests get, whatever they ask
        self.visits: list[Visit] = []
        self._tokens: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._answering = 0
        routes = dict.fromkeys(("/rss/*", "/atom/*", "/api/query", "/oai"), self._visited)
        self._server = StandIn(routes)

    def __enter__(self) -> ArxivService:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, traceback)

    def url(self, path: str) -> str:
        return self._server.url(path)

    def settings(self, **more: Any) -> Settings:
        """Settings that lead here, without pauses unless asked for."""
        return Settings(
            **{
                "arxiv_rss_url": self.url("").rstrip("/"),
                "arxiv_api_url": self.url("/api/query"),
                "arxiv_oai_url": self.url("/oai"),
                "arxiv_interval_s": 0.0,
                **more,
            }
        )

    def expire_tokens(self) -> None:
        """As happens to all of them once a day."""
        self._tokens.clear()

    @property
    def most_at_once(self) -> int:
        return max(visit.at_once for visit in self.visits)

    @property
    def shortest_pause_s(self) -> float:
        """Between the end of a request and the start of the next, in the order in which they began."""
        visits = sorted(self.visits, key=lambda visit: visit.began_s)
        return min(later.began_s - earlier.ended_s for earlier, later in pairwise(visits))

    def _visited(self, request: Request) -> Reply:
        began_s = time.monotonic()
        with self._lock:
            self._answering += 1
            at_once = self._answering
            instead = self.instead.popleft() if self.instead else None
        try:
            time.sleep(self.answers_in_s)
            return instead or self._reply(request)
        finally:
            with self._lock:
                self._answering -= 1
                self.visits.append(Visit(request.path, request.query, began_s, time.monotonic(), at_once))

    def _reply(self, request: Request) -> Reply:
        _, service, rest = request.path.split("/", 2) if request.path != "/oai" else ("", "oai", "")
        if service == "oai":
            return self._oai({name: values[0] for name, values in request.query.items()})
        if service == "api":
            return self._api({name: values[0] for name, values in request.query.items()})
        return self._feed(rest, is_atom=service == "atom")

    # ------------------------------------------------------------ the feeds: one day, RSS 2.0 or Atom

    def _feed(self, words: str, *, is_atom: bool) -> Reply:
        today = self.now.astimezone(EASTERN).date()
        asked = words.split("+")
        items: list[_Item] = []
        for paper in self.papers:
            days = [self.stale.get(one, today) for one in asked]
            kinds = [
                (kind, day) for one, day in zip(asked, days, strict=True) for kind in _announced(paper, one, asked, day)
            ]
            if kinds and not (paper.deleted and paper.deleted <= today):
                kind, day = min(kinds, key=lambda pair: _KINDS.index(pair[0]))
                items.append((kind, paper, day))
        items.sort(key=lambda item: (_KINDS.index(item[0]), item[1].id))
        midnight = datetime(today.year, today.month, today.day, tzinfo=EASTERN)
        write = _atom if is_atom else _rss
        content = write(words, items[:_MOST_IN_FEED], midnight)
        return Reply(
            content,
            content_type="application/atom+xml" if is_atom else "application/rss+xml",
            etag=f'"{hashlib.md5(content).hexdigest()}"',
            last_modified=format_datetime(midnight.astimezone(UTC), usegmt=True),
        )

    # ------------------------------------------------------------ the API

    def _api(self, query: Mapping[str, str]) -> Reply:
        today = self._published_day()
        ids = [one for one in query.get("id_list", "").split(",") if one]
        for one in ids:
            if not re.fullmatch(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?", one):
                return self._api_error(f"incorrect id format for {one}")
        numbers = {name: query.get(name, default) for name, default in (("start", "0"), ("max_results", "10"))}
        for name, text in numbers.items():
            if not text.isdigit():
                return self._api_error(f"{name} must be an integer")
        found = [(paper, paper.version_on(today)) for paper in self.papers if paper.changed_on(today)]
        if search := query.get("search_query", ""):
            found = [(paper, version) for paper, version in found if _matches(paper, search)]
        if ids:
            latest = {paper.id: (paper, version) for paper, version in found}
            found = []
            for one in ids:
                identity, _, wanted = one.partition("v")
                if identity in latest and int(wanted or 1) <= latest[identity][1]:
                    found.append((latest[identity][0], int(wanted or latest[identity][1])))
        if query.get("sortBy", "relevance") != "relevance":
            is_first = query["sortBy"] == "submittedDate"
            found.sort(
                key=lambda pair: pair[0].submitted[0 if is_first else pair[1] - 1],
                reverse=query.get("sortOrder", "descending") == "descending",
            )
        start, most = int(numbers["start"]), int(numbers["max_results"])
        said = f"search_query={search}&id_list={','.join(ids)}&start={start}&max_results={most}"
        entries = "".join(_entry(paper, version, today) for paper, version in found[start : start + most])
        asked = f"search_query={quote(search)}&start={start}&max_results={most}&id_list={','.join(ids)}"
        return Reply(
            _API.format(
                digest=hashlib.sha1(said.encode()).hexdigest()[:27],
                title=escape(f"arXiv Query: {said}"),
                updated=_iso(self.now),
                link=f'  <link href={quoteattr(f"https://arxiv.org/api/query?{asked}")} type="application/atom+xml"/>\n',
                a_page=most,
                total=len(found),
                start=start,
                entries=entries,
            ).encode(),
            content_type="application/atom+xml",
        )

    def _api_error(self, reason: str) -> Reply:
        name = f"https://arxiv.org/api/errors#{reason.replace(' ', '_')}"
        entry = (
            f"  <entry>\n    <id>{name}</id>\n    <title>Error</title>\n    <updated>{_iso(self.now)}</updated>\n"
            f'    <link href="{name}" rel="alternate" type="text/html"/>\n    <summary>{escape(reason)}</summary>\n'
            "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n"
        )
        content = _API.format(
            digest="", title="arXiv Search Results", updated=_iso(self.now), link="", a_page=1, total=1, start=0,
            entries=entry,
        ).replace("arxiv.org/api/</id>", "arxiv.org/</id>")  # fmt: skip
        return Reply(content.encode(), status=400, content_type="application/atom+xml")

    # ------------------------------------------------------------ OAI-PMH

    def _oai(self, query: Mapping[str, str]) -> Reply:
        if query.get("verb") != "ListRecords":
            return self._oai_error("badVerb", "Invalid verb provided")
        said, skip = dict(query), 0
        token = query.get("resumptionToken")
        if token is not None:
            if set(query) != {"verb", "resumptionToken"}:
                return self._oai_error("badArgument", "No other paramters allowed with resumptionToken")
            if self._tokens.get(token, self.now) <= self.now:
                return self._oai_error("badResumptionToken")
            said = {name: values[0] for name, values in parse_qs(unquote(token)).items()}
            skip = int(said.pop("skip"))
        if refusal := self._bad_arguments(said):
            return refusal
        first = date.fromisoformat(said.get("from", "2005-09-16"))
        last = date.fromisoformat(said.get("until", "9999-12-31"))
        today = self._published_day()
        changed = [(day, paper) for paper in self.papers if (day := paper.changed_on(today)) and first <= day <= last]
        if "set" in said:
            changed = [
                (day, paper) for day, paper in changed
                if any(f"{one}:".startswith(f"{said['set']}:") for one in map(_set_of, paper.categories_on(today)))
            ]  # fmt: skip
        changed.sort(key=lambda item: (item[0], item[1].id))
        if not changed[skip:]:
            return self._oai_error("noRecordsMatch", said=said)
        page = changed[skip : skip + self.page_size]
        following = ""
        tomorrow = datetime(self.now.year, self.now.month, self.now.day, tzinfo=UTC) + timedelta(days=1)
        if len(changed) > skip + self.page_size:
            following = quote(urlencode({**said, "skip": skip + self.page_size}))
            self._tokens[following] = tomorrow
        end = f"        <resumptionToken expires='{_iso(tomorrow)}'>{following}</resumptionToken>\n"
        records = "".join(_record(paper, day, today) for day, paper in page)
        body = f"    <ListRecords>\n{records}{end if following or token is not None else ''}    </ListRecords>\n"
        return self._oai_document(body, said if token is None else query)

    def _bad_arguments(self, said: Mapping[str, str]) -> Reply | None:
        if "metadataPrefix" not in said:
            return self._oai_error("badArgument", "metadataPrefix required.")
        if said["metadataPrefix"] != "arXivRaw":
            return self._oai_error("cannotDisseminateFormat", "Did not recognize requested format")
        if set(said) - {"verb", "metadataPrefix", "from", "until", "set"}:
            return self._oai_error("badArgument", "Unallowed parameter.")
        for name in ("from", "until"):
            if name in said and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", said[name]):
                return self._oai_error("badArgument", f"{name} date format must be YYYY-MM-DD")
        if said.get("from", "") > said.get("until", self.now.astimezone(UTC).date().isoformat()):
            return self._oai_error("badArgument", "until date must be greater than or equal to from date")
        if said.get("until", "") > (self.now + timedelta(days=1)).date().isoformat():
            return self._oai_error("badArgument", "until date too late")
        used = {name for paper in self.papers for name in (*paper.categories, *paper.cross_listed)}
        known = {_set_of(name) for name in _CATEGORIES | used}
        known |= {name.rpartition(":")[0] for name in known} | {name.partition(":")[0] for name in known}
        if "set" in said and said["set"] not in known:
            return self._oai_error("badArgument", "Set does not exist")
        return None

    def _oai_error(self, code: str, reason: str = "", *, said: Mapping[str, str] | None = None) -> Reply:
        text = _OAI_ERRORS[code] + (f" Reason: {reason}" if reason else "")
        return self._oai_document(f"    <error code='{code}'>{escape(text)}</error>\n", said or {})

    def _oai_document(self, body: str, said: Mapping[str, str]) -> Reply:
        attributes = "".join(f"{name}={quoteattr(value)} " for name, value in said.items())
        content = _OAI.format(moment=_iso(self.now), attributes=attributes, url=self.url("/oai"), body=body)
        return Reply(content.encode(), content_type="application/xml")

    def _published_day(self) -> date:
        """The list up to which the API and OAI-PMH know papers: the next day's from 22:30 Eastern on."""
        return (self.now.astimezone(EASTERN) + timedelta(hours=1.5)).date()


# ---------------------------------------------------------------- feeds

_KINDS = ("new", "cross", "replace", "replace-cross")
_Item = tuple[str, Paper, date]  # announced as what, the paper, in the list of which day


def _announced(paper: Paper, category: str, asked: list[str], day: date) -> Iterable[str]:
    """As what the list of `day` has `paper` for `category`; primary is what is in any category of the feed."""
    is_primary = any(_is_in(paper.categories[0], one) for one in asked)
    if any(_is_in(name, category) and since == day for name, since in paper.cross_listed.items()):
        yield "cross"
    if not any(_is_in(name, category) for name in paper.categories_on(day)):
        return
    for number, listed in enumerate(paper.listed, start=1):
        if listed == day and number == 1:
            yield "new" if is_primary else "cross"
        elif listed == day and number <= _LISTED_VERSIONS:
            yield "replace" if is_primary else "replace-cross"


def _is_in(category: str, asked: str) -> bool:
    return category == asked or category.startswith(f"{asked}.")


def _described(kind: str, paper: Paper, version: int) -> str:
    return escape(f"arXiv:{paper.id}v{version} Announce Type: {kind} \nAbstract: {paper.abstract}")


def _names(paper: Paper) -> str:
    """As the feeds and the API name authors: taken apart, without affiliations."""
    return ", ".join(re.split(r",\s*|\s+and\s+", re.sub(r"\s*\([^()]*\)", "", paper.authors)))


def _rss(words: str, items: list[_Item], midnight: datetime) -> bytes:
    named = escape(words.replace("+", ", "))
    parts = [
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">\n  <channel>\n'
        f"    <title>{named} updates on arXiv.org</title>\n"
        f"    <link>http://rss.arxiv.org/rss/{escape(words)}</link>\n"
        f"    <description>{named} updates on the arXiv.org e-print archive.</description>\n"
        f'    <atom:link href="http://rss.arxiv.org/rss/{escape(words)}" rel="self" type="application/rss+xml"/>\n'
        "    <docs>http://www.rssboard.org/rss-specification</docs>\n    <language>en-us</language>\n"
        f"    <lastBuildDate>{format_datetime(midnight.astimezone(UTC) + timedelta(seconds=11))}</lastBuildDate>\n"
        "    <managingEditor>rss-help@arxiv.org</managingEditor>\n"
        f"    <pubDate>{format_datetime(midnight)}</pubDate>\n"
        "    <skipDays>\n      <day>Sunday</day>\n      <day>Saturday</day>\n    </skipDays>\n"
    ]
    for kind, paper, day in items:
        version = paper.version_on(day)
        categories = "".join(f"      <category>{one}</category>\n" for one in paper.categories_on(day))
        extras = f"      <arxiv:DOI>{escape(paper.doi)}</arxiv:DOI>\n" if paper.doi else ""
        if paper.journal_ref:
            extras += f"      <arxiv:journal_reference>{escape(paper.journal_ref)}</arxiv:journal_reference>\n"
        parts.append(
            f"    <item>\n      <title>{escape(paper.title)}</title>\n"
            f"      <link>https://arxiv.org/abs/{paper.id}</link>\n"
            f"      <description>{_described(kind, paper, version)}</description>\n"
            f'      <guid isPermaLink="false">oai:arXiv.org:{paper.id}v{version}</guid>\n{categories}'
            f"      <pubDate>{format_datetime(midnight)}</pubDate>\n"
            f"      <arxiv:announce_type>{kind}</arxiv:announce_type>\n"
            f"      <dc:rights>{_LICENSE}</dc:rights>\n{extras}"
            f"      <dc:creator>{escape(_names(paper))}</dc:creator>\n    </item>\n"
        )
    parts.append("  </channel>\n</rss>\n")
    return "".join(parts).encode()


def _atom(words: str, items: list[_Item], midnight: datetime) -> bytes:
    named = escape(words.replace("+", ", "))
    built = (midnight.astimezone(UTC) + timedelta(seconds=19.866337)).isoformat()
    parts = [
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">\n'
        f"  <id>http://rss.arxiv.org/atom/{escape(words)}</id>\n  <title>{named} updates on arXiv.org</title>\n"
        f"  <updated>{built}</updated>\n"
        f'  <link href="http://rss.arxiv.org/atom/{escape(words)}" rel="self" type="application/atom+xml"/>\n'
        f"  <subtitle>{named} updates on the arXiv.org e-print archive.</subtitle>\n"
    ]
    for kind, paper, day in items:
        version = paper.version_on(day)
        categories = "".join(f'    <category term="{one}"/>\n' for one in paper.categories_on(day))
        parts.append(
            f"  <entry>\n    <id>oai:arXiv.org:{paper.id}v{version}</id>\n    <title>{escape(paper.title)}</title>\n"
            f"    <updated>{built}</updated>\n"
            f'    <link href="https://arxiv.org/abs/{paper.id}" rel="alternate" type="text/html"/>\n'
            f"    <summary>{_described(kind, paper, version)}</summary>\n{categories}"
            f"    <published>{midnight.isoformat()}</published>\n"
            f"    <arxiv:announce_type>{kind}</arxiv:announce_type>\n    <dc:rights>{_LICENSE}</dc:rights>\n"
            f"    <dc:creator>{escape(_names(paper))}</dc:creator>\n  </entry>\n"
        )
    parts.append("</feed>\n")
    return "".join(parts).encode()


# ---------------------------------------------------------------- the API

_LICENSE = "http://creativecommons.org/licenses/by/4.0/"
_API = """\
<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/{digest}</id>
  <title>{title}</title>
  <updated>{updated}</updated>
{link}  <opensearch:itemsPerPage>{a_page}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""


def _entry(paper: Paper, version: int, today: date) -> str:
    name = f"{paper.id}v{version}"
    extras = f"    <arxiv:comment>{escape(paper.comment)}</arxiv:comment>\n" if paper.comment else ""
    extras += f'    <arxiv:primary_category term="{paper.categories[0]}"/>\n'
    if paper.journal_ref:
        extras += f"    <arxiv:journal_ref>{escape(paper.journal_ref)}</arxiv:journal_ref>\n"
    doi = f"    <arxiv:doi>{escape(paper.doi)}</arxiv:doi>\n" if paper.doi else ""
    if paper.doi:
        doi += f'    <link rel="related" href={quoteattr(f"https://doi.org/{paper.doi}")} title="doi"/>\n'
    authors = "".join(
        f"    <author>\n      <name>{escape(one)}</name>\n    </author>\n" for one in _names(paper).split(", ")
    )
    categories = "".join(
        f'    <category term="{one}" scheme="http://arxiv.org/schemas/atom"/>\n' for one in paper.categories_on(today)
    )
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{name}</id>\n    <title>{escape(paper.title)}</title>\n"
        f"    <updated>{_iso(paper.submitted[version - 1])}</updated>\n"
        f'    <link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>\n'
        f'    <link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>\n'
        f"    <summary>{escape(paper.abstract)}</summary>\n{categories}"
        f"    <published>{_iso(paper.submitted[0])}</published>\n{extras}{authors}{doi}  </entry>\n"
    )


def _matches(paper: Paper, search: str) -> bool:
    """`ti:`, `au:`, `abs:`, `cat:`, `id:`, `doi:` and `all:` with words or "phrases", joined by AND; OR binds less."""
    return any(
        all(_matches_term(paper, term) for term in re.split(r"\s+AND\s+", part))
        for part in re.split(r"\s+OR\s+", search)
    )


def _matches_term(paper: Paper, term: str) -> bool:
    prefix, colon, words = term.strip().strip("()").partition(":")
    wanted = " ".join(shlex.split(words if colon else prefix)).lower()
    if prefix == "cat":
        return wanted in [one.lower() for one in (*paper.categories, *paper.cross_listed)]
    texts = {"ti": paper.title, "au": paper.authors, "abs": paper.abstract, "id": paper.id, "doi": paper.doi}
    return wanted in (texts[prefix] if prefix in texts else " ".join(texts.values())).lower()


# ---------------------------------------------------------------- OAI-PMH

_OAI = """\
<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
    <responseDate>{moment}</responseDate>
    <request {attributes}>{url}</request>
{body}</OAI-PMH>
"""
_RAW = (
    '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://arxiv.org/OAI/arXivRaw/ http://arxiv.org/OAI/arXivRaw.xsd">'
)


_DELETED = ' status="deleted"'


def _set_of(category: str) -> str:
    archive, dot, subject_class = category.partition(".")
    group = "physics" if _PHYSICS.fullmatch(archive) else archive
    return f"{group}:{archive}" + (f":{subject_class}" if dot else "")


def _record(paper: Paper, changed: date, today: date) -> str:
    is_deleted = paper.deleted is not None and paper.deleted <= today
    categories = paper.categories_on(today)
    header = (
        f"            <header{_DELETED if is_deleted else ''}>\n"
        f"                <identifier>oai:arXiv.org:{paper.id}</identifier>\n"
        f"                <datestamp>{changed.isoformat()}</datestamp>\n"
        + "".join(f"                <setSpec>{_set_of(one)}</setSpec>\n" for one in categories)
        + "            </header>\n"
    )
    if is_deleted:
        return f"        <record>\n{header}        </record>\n"
    lines = [f"<id>{paper.id}</id>", "<submitter>Ada Ampere</submitter>"]
    for number in range(1, paper.version_on(today) + 1):
        moment = format_datetime(paper.submitted[number - 1].astimezone(UTC), usegmt=True)
        lines.append(f'<version version="v{number}">\n<date>{moment}</date>\n<size>14kb</size>\n</version>')
    optional = (("comments", paper.comment), ("journal-ref", paper.journal_ref), ("doi", paper.doi))
    texts = [
        ("title", paper.title), ("authors", paper.authors), ("categories", " ".join(categories)),
        *((name, text) for name, text in optional if text), ("license", _LICENSE), ("abstract", f"  {paper.abstract}\n"),
    ]  # fmt: skip
    lines += [f"<{name}>{escape(text)}</{name}>" for name, text in texts]
    body = "\n".join(lines)
    return f"        <record>\n{header}            <metadata>\n{_RAW}\n{body}\n</arXivRaw>\n            </metadata>\n        </record>\n"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
