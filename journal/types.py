"""The values of the journal, frozen, made of its `words`. Standard library only; every package may import it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum, auto

from journal.words import ENTRY_TAG as ENTRY_TAG
from journal.words import KIND_OF_LETTER as KIND_OF_LETTER
from journal.words import LETTER_OF_KIND as LETTER_OF_KIND
from journal.words import NOTE_TAG as NOTE_TAG
from journal.words import SESSION_TAG as SESSION_TAG
from journal.words import AnnounceType as AnnounceType
from journal.words import EntryType as EntryType
from journal.words import FeedHealth as FeedHealth
from journal.words import Kind as Kind
from journal.words import PaperState as PaperState
from journal.words import Ref as Ref
from journal.words import Relation as Relation
from journal.words import RunStatus as RunStatus
from journal.words import SessionExit as SessionExit
from journal.words import Verdict as Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDraft:
    """A paper as some source tells it. One of `arxiv_id`, `doi`, `url`, `work` must be there.

    `work` is what a publication goes by that has none of the others, such as a book or an old
    proceedings paper in a bibliography (`ids.work_name`). It is a name, no address: nothing opens it.
    """

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    arxiv_id: str | None = None  # without version
    version: int | None = None
    doi: str | None = None
    url: str | None = None
    categories: tuple[str, ...] = ()  # the primary one first
    published_at: datetime | None = None  # of the first version: the author's date
    announced_on: date | None = None  # the day of the listing
    comment: str = ""
    journal_ref: str = ""
    code_url: str | None = None
    work: str | None = None

    def __post_init__(self) -> None:
        if not (self.arxiv_id or self.doi or self.url or self.work):
            raise ValueError("a paper needs an arXiv id, a DOI or a URL, or the name of the work")

    @property
    def is_placeholder(self) -> bool:
        """Whether only its identifier is known: named in a diary line, and not looked up yet."""
        return self.title in {f"arXiv:{self.arxiv_id}", self.doi, self.url}

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """(scheme, value) pairs, strongest first."""
        pairs = (("arxiv", self.arxiv_id), ("doi", self.doi), ("url", self.url), ("work", self.work))
        return tuple((scheme, value) for scheme, value in pairs if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPaper:
    """A draft that came by a feed, with what the feed says about this announcement."""

    draft: PaperDraft
    guid: str
    announce_type: AnnounceType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPaper:
    """What deciding about an arriving paper needs to know of one that is kept."""

    item_id: int
    draft: PaperDraft
    state: PaperState
    is_deleted: bool
    identifiers: frozenset[tuple[str, str]]
    own_texts: frozenset[str] = frozenset()  # of "title" and "abstract", those that a person wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperUpdate:
    """What an arrival changes of a paper that is kept."""

    item_id: int
    draft: PaperDraft  # the whole paper as it shall be
    state: PaperState
    new_identifiers: tuple[tuple[str, str], ...] = ()
    restores: bool = False  # takes back a deletion
    merges: tuple[int, ...] = ()  # other items that turn out to be this paper


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDecision:
    """What to write for a batch of arrivals.

    `placed` has an element for each arrival, in order: the item it belongs to, or the (negative)
    position -1, -2... of the insert in `inserts` that makes it. `also_known_by` has (position, scheme,
    value) where an insert goes by more than its draft says, since two arrivals turned out to be one.
    """

    inserts: tuple[tuple[PaperDraft, PaperState], ...]
    updates: tuple[PaperUpdate, ...]
    unchanged: int
    placed: tuple[int, ...]
    also_known_by: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """A diary entry before it is kept. `what` is its title, `body` anything longer."""

    what: str
    type: EntryType = EntryType.tried
    why: str = ""
    expect: str = ""
    outcome: str = ""
    verdict: Verdict | None = None
    body: str = ""
    attribute: str = ""  # which part of a network or its training it is about
    answered_by: str = ""  # who says it, of an answer to a question


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """The last value of one metric. `value` is None where it was NaN."""

    value: float | None
    step: int
    logged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDraft:
    """A run as its tracking store tells it."""

    run_id: str
    tracking_uri: str
    name: str
    experiment: str
    status: RunStatus
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parent_run_id: str | None = None
    artifact_uri: str = ""
    note: str = ""
    is_deleted: bool = False
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, MetricValue] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotedEntry:
    """What of an entry stands in the notes of the runs that test it."""

    ref: Ref
    what: str
    why: str
    expect: str


@dataclass(frozen=True, slots=True)
class NotedRun:
    """A run, the note that its tracking store shows, and the entries that it tests."""

    tracking_uri: str
    run_id: str
    note: str
    entries: tuple[NotedEntry, ...]


@dataclass(frozen=True, slots=True)
class RunNote:
    """A note to write into a tracking store."""

    tracking_uri: str
    run_id: str
    text: str


def entry_extra(why: str, expect: str, outcome: str) -> str:
    """What an entry is found by besides its title and body."""
    return "\n".join(text for text in (why, expect, outcome) if text)


# ---------------------------------------------------------------- what is kept, on its way out


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every item has, whatever its kind."""

    ref: Ref
    kind: Kind
    title: str
    created_at: datetime
    updated_at: datetime
    tags: tuple[str, ...] = ()
    is_deleted: bool = False


class LinkKind(StrEnum):
    """What is behind a web address that a paper names, most useful first."""

    code = auto()
    weights = auto()
    data = auto()
    page = auto()


@dataclass(frozen=True, slots=True)
class PaperLink:
    """An http(s) address in one spelling, and what is behind it."""

    url: str
    kind: LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedItem:
    """One end of a link, as seen from the item at its other end."""

    relation: str
    direction: str  # "out": this item -> the other; "in": the other -> this item
    ref: Ref
    kind: Kind
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A text that was replaced: `text` stood in `field` until `replaced_at`."""

    field: str
    replaced_at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper as a list shows it."""

    ref: Ref
    kind: Kind = Kind.paper
    title: str
    arxiv_id: str | None
    version: int | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime | None
    announced_on: date | None
    state: PaperState
    badges: tuple[str, ...] = ()


class DayOrder(StrEnum):
    """How the new papers are put in order."""

    rank = auto()  # what fits this person first
    announced = auto()  # the newest list first


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPaper(PaperRow):
    """A new paper, with why it stands where it does; `score` is None until it is ranked.

    `url` is its page, None where none is known; `feeds` are the titles of those that brought it.
    `score` is in standard deviations of all papers, `because` has (reason, weight), the weightiest first.
    `is_chance` marks one that chance put there, so that taste can widen.
    """

    url: str | None = None
    feeds: tuple[str, ...] = ()
    score: float | None = None
    because: tuple[tuple[str, float], ...] = ()
    is_chance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPaper(PaperRow):
    """A paper of the queue at its `place`, counted from 1.

    `passes` says how far reading got by the notes on it: 0 to 3, after Keshav's three passes.
    """

    place: int
    queued_at: datetime | None
    notes: Ref | None = None
    passes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Item):
    """A paper with everything that is known of it."""

    arxiv_id: str | None
    version: int | None
    doi: str | None
    url: str | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime | None
    announced_on: date | None
    state: PaperState
    abstract: str
    comment: str
    journal_ref: str
    code_url: str | None
    key: str | None = None  # by which it is cited; none before the first time
    feeds: tuple[str, ...] = ()
    links: tuple[LinkedItem, ...] = ()
    page_links: tuple[PaperLink, ...] = ()  # found in its page, best first
    page_read_at: datetime | None = None  # when its page was looked into; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Item):
    """A diary entry; its title is what was tried, noted, thought of or asked."""

    type: EntryType
    why: str
    expect: str
    outcome: str
    verdict: Verdict | None
    outcome_at: datetime | None
    body: str
    attribute: str = ""
    answered_by: str = ""
    links: tuple[LinkedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as a list shows it."""

    ref: Ref
    kind: Kind = Kind.entry
    title: str
    type: EntryType
    verdict: Verdict | None
    outcome: str
    created_at: datetime
    attribute: str = ""
    is_open: bool = False  # tried, and nothing came of it yet; or a question that nobody answered


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as a list shows it."""

    ref: Ref
    kind: Kind = Kind.run
    title: str
    run_id: str | None
    experiment: str
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None
    has_why: bool
    is_archived: bool = False
    last_sign_at: datetime | None = None  # of one that goes on, and that no process of ours is known to work on
    paused_s: float = 0.0  # seconds between its sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A filter and an order of runs, by a name."""

    name: str
    filter: str
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Item):
    """A run with everything that the mirror holds."""

    run_id: str | None
    tracking_uri: str
    experiment: str
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None
    parent: Ref | None
    artifact_uri: str
    note: str
    is_gone: bool  # its store no longer has it
    told: RunStatus | None  # what its store says, whatever became of it
    archived_at: datetime | None
    params: dict[str, str]
    metrics: dict[str, float | None]
    run_tags: dict[str, str]
    links: tuple[LinkedItem, ...] = ()
    paused_s: float = 0.0  # seconds between its sessions, in which nobody worked on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A process that worked: what `journal run` started, or a block of `journal.tried`."""

    uid: str
    launch: str  # the uid of the session around it, or empty
    entry: Ref | None
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime | None
    ended_at: datetime | None
    exit: SessionExit | None  # None: it goes on
    code: int | None
    signal: int | None
    cwd: str
    argv: tuple[str, ...]
    output: str  # the tail of what it printed
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer(Item):
    """A place in code, and the text as it stood there."""

    repository: str  # the address of its remote, else its root folder
    root: str  # the root folder, where the pointer was made
    commit_id: str | None
    is_changed: bool  # the file was not as that commit has it
    path: str  # below the root
    first_line: int
    last_line: int
    text: str
    note: str
    links: tuple[LinkedItem, ...] = ()


DATASET_TEXTS = ("origin", "configuration", "labelling", "splits", "quirks")
"""What a person says of a dataset, in the order of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetContent:
    """What a dataset held when it was read; `fingerprint` as `journal.fingerprints` makes it.

    `seen_at` is when it was first seen so, or seen so again after it held something else. No `files`: a run read
    it, and did not tell of what size it is.
    """

    fingerprint: str
    seen_at: datetime
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Item):
    """Data that runs learn from or are measured on. `path` is where it lies on the machine that added it."""

    path: str
    fingerprint: str
    look: str  # of its names, sizes and times when it was read last
    described: str  # the fingerprint of what it held when a person added it, or accepted what it had become
    origin: str
    configuration: str
    labelling: str
    splits: str
    quirks: str
    contents: tuple[DatasetContent, ...]  # every one that it was seen with, first one first
    links: tuple[LinkedItem, ...] = ()

    @property
    def content(self) -> DatasetContent:
        """The one that it has now, as far as the journal knows."""
        return self._seen_with(self.fingerprint)

    @property
    def described_content(self) -> DatasetContent:
        """The one that a person described."""
        return self._seen_with(self.described)

    @property
    def changed_at(self) -> datetime | None:
        """Since when it is seen with something else than a person described; None where it holds that."""
        if self.fingerprint == self.described:
            return None
        described = self.described_content.seen_at
        return min((each.seen_at for each in self.contents if each.seen_at > described), default=self.content.seen_at)

    def _seen_with(self, fingerprint: str) -> DatasetContent:
        known = (content for content in self.contents if content.fingerprint == fingerprint)
        unseen = DatasetContent(fingerprint=fingerprint, seen_at=self.created_at, files=0, bytes=0)
        return next(known, unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedData:
    """Data that a run named: `ref` is the dataset that lies at `path`, None where there is none.

    `seen_at` is when the dataset was first seen with this content, None where it never was. `before` is what it
    held until then, None where this run was not the one by which the change was seen.
    """

    path: str
    fingerprint: str
    ref: Ref | None
    title: str
    now: str  # the dataset's fingerprint
    seen_at: datetime | None
    before: DatasetContent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One search result. `snippet` marks the matched words with the characters STX and ETX."""

    ref: Ref
    kind: Kind
    title: str
    snippet: str
    score: float | None  # None where the search fell back to newest first
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page of hits. `capped` says that too many matched to rank, so the newest are shown.

    `unclear` has a sentence for each thing in the search that could not be honoured as it was written.
    """

    hits: tuple[SearchHit, ...]
    capped: bool = False
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source of papers or posts, with its health."""

    id: int
    url: str
    title: str
    health: FeedHealth
    message: str
    etag: str | None
    last_modified: str | None
    batch: str | None  # digest of the guids of the last batch
    built_at: datetime | None  # when the source says that it built the batch
    fetched_at: datetime | None
    succeeded_at: datetime | None
    next_try_at: datetime | None
    folder: str = ""  # as a path: Blogs/Labs
    complete_on: date | None = None  # of an arXiv list: the Eastern day up to whose list nothing is missing
    lost_after: date | None = None  # of an arXiv list: between these two, lists are missing for good
    lost_before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of each thing a journal holds."""

    papers: int
    runs: int
    entries: int
    feeds: int
    new_papers: int
