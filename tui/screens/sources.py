"""The lists of the rooms: pages of rows out of the journal (those of runs: `run_source`). Called in threads."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from journal.clock import Clock
from journal.queries.entries import count_entries, list_entries
from journal.queries.feeds import list_feeds
from journal.queries.fulltext import parse_search
from journal.queries.lists import (
    entry_position,
    entry_rows_of,
    paper_position,
    paper_rows_of,
)
from journal.queries.papers import count_papers, list_papers
from journal.queries.queue import list_queue, queue_position, queue_rows_of
from journal.queries.search import search
from journal.queries.today import today_numbers
from journal.queries.triage import read_day, read_report
from journal.triage import Day, as_shown, day_sentence, reordered_below
from journal.types import DayOrder, Kind, PaperState, Ref
from tui.day_words import day_lines
from tui.entry_words import with_types
from tui.feed_words import failing_words
from tui.formatting import counted, printable
from tui.screens.item_rows import entry_row, paper_row, queue_row, today_row
from tui.widgets.rows import Row

_MOST_TITLES = 50  # of the day's summary: that many are read
_STAYING = 3  # rows below the cursor that stay when the order changes
_MOST_FOUND = 2_000  # rows of a filtered list: the search is read whole, then put in the list's order


@dataclass(frozen=True, slots=True)
class _Found:
    """What a filter found, in the order of the list."""

    filter_text: str
    rows: tuple[Row, ...]
    is_cut: bool
    unclear: tuple[str, ...] = ()


class JournalSource(ABC):
    """One kind of item, newest first; a filter is a search among them that keeps this order."""

    kind: ClassVar[Kind]

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._found = _Found("", (), False)

    @abstractmethod
    def all_count(self, connection: sqlite3.Connection) -> int:
        """How many there are without a filter."""

    @abstractmethod
    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        """A page without a filter."""

    @abstractmethod
    def all_position(self, connection: sqlite3.Connection, ref: Ref) -> int | None:
        """Where `ref` stands without a filter."""

    @abstractmethod
    def rows_of(self, connection: sqlite3.Connection, refs: Sequence[Ref]) -> Iterable[Row]:
        """The rows of these items that belong in the list, in its order."""

    @abstractmethod
    def why_empty(self, connection: sqlite3.Connection) -> str:
        """Why there is nothing, and what to do about it."""

    def asked(self, filter_text: str) -> str:
        """The search that a filter stands for."""
        return filter_text

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        if _is_no_filter(filter_text):
            return self.all_count(connection)
        return len(self._search(connection, filter_text).rows)

    def _search(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        results = search(
            connection,
            self.asked(filter_text),
            kinds=frozenset({self.kind}),
            limit=_MOST_FOUND,
            is_typing=True,
            now=self._clock(),
        )
        rows = tuple(self.rows_of(connection, [hit.ref for hit in results.hits]))
        found = self._found = _Found(filter_text, rows, len(results.hits) == _MOST_FOUND, results.unclear)
        return found

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        if _is_no_filter(filter_text):
            return self.all_rows(connection, offset, limit)
        return self._found_for(connection, filter_text).rows[offset : offset + limit]

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        if _is_no_filter(filter_text):
            return self.all_position(connection, ref)
        rows = self._found_for(connection, filter_text).rows
        return next((position for position, row in enumerate(rows) if row.ref == ref), None)

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        if _is_no_filter(filter_text):
            return "" if count else self.why_empty(connection)
        found = self._found_for(connection, filter_text)
        said = [printable(sentence) for sentence in found.unclear]
        if not count:
            said.append("Nothing matches. Esc drops the filter.")
        elif found.is_cut:
            said.append(f"Only {counted(_MOST_FOUND, 'match', 'matches')} of more; narrow the filter.")
        return " ".join(said)

    def _found_for(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        """What the last count found; another filter is searched again."""
        found = self._found  # once: another thread may be searching for another text
        return found if found.filter_text == filter_text else self._search(connection, filter_text)


def _is_no_filter(filter_text: str) -> bool:
    return parse_search(filter_text).is_empty


class PaperSource(JournalSource):
    """Every paper."""

    kind = Kind.paper
    states: ClassVar[tuple[PaperState, ...]] = ()
    row = staticmethod(paper_row)

    def all_count(self, connection: sqlite3.Connection) -> int:
        return count_papers(connection, states=self.states)

    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        return [self.row(paper) for paper in list_papers(connection, states=self.states, limit=limit, offset=offset)]

    def all_position(self, connection: sqlite3.Connection, ref: Ref) -> int | None:
        return paper_position(connection, ref, states=self.states)

    def rows_of(self, connection: sqlite3.Connection, refs: Sequence[Ref]) -> Iterable[Row]:
        newest_first = sorted(refs, key=lambda ref: -ref.number)
        return [
            self.row(paper)
            for paper in paper_rows_of(connection, newest_first)
            if not self.states or paper.state in self.states
        ]

    def why_empty(self, connection: sqlite3.Connection) -> str:
        return "No papers yet. Add one: journal paper add 1706.03762. Or follow a feed: journal feed add cs.LG"


class PapersSource(PaperSource):
    """Every paper or, where `is_queue`, those of the queue in its order."""

    is_queue = False

    def all_count(self, connection: sqlite3.Connection) -> int:
        return count_papers(connection, states=(PaperState.queued,) if self.is_queue else ())

    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        if not self.is_queue:
            return super().all_rows(connection, offset, limit)
        return [queue_row(paper) for paper in list_queue(connection, limit=limit, offset=offset)]

    def all_position(self, connection: sqlite3.Connection, ref: Ref) -> int | None:
        return queue_position(connection, ref) if self.is_queue else super().all_position(connection, ref)

    def rows_of(self, connection: sqlite3.Connection, refs: Sequence[Ref]) -> Iterable[Row]:
        if not self.is_queue:
            return super().rows_of(connection, refs)
        return [queue_row(paper) for paper in queue_rows_of(connection, refs)]

    def why_empty(self, connection: sqlite3.Connection) -> str:
        if not self.is_queue:
            return super().why_empty(connection)
        return "The queue is empty: d queues a paper. v shows all papers."

    def shown_by(self, filter_text: str) -> frozenset[Ref] | None:
        """The papers that this filter left when it was last read; None: all."""
        found = self._found
        if _is_no_filter(filter_text) or found.filter_text != filter_text:
            return None
        return frozenset(row.ref for row in found.rows)


class TodaySource(PaperSource):
    """The papers that nobody has looked at, in an order that does not change under the eyes.

    `shown` are the numbers of the papers as the list shows them, `new` those that were new when the journal
    was read. The order also keeps what was decided about, so that what is taken back returns to its place.
    """

    states = (PaperState.new,)
    row = staticmethod(today_row)

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.order = DayOrder.rank
        self.day = Day()
        self.new: frozenset[int] = frozenset()
        self.shown: Sequence[int] = ()
        self._order_shown: Sequence[int] = ()

    def turn(self, order: DayOrder) -> None:
        """Another order, from the first paper on."""
        self.order, self._order_shown = order, ()

    def leave(self, ref: Ref) -> None:
        """A paper was decided about just now."""
        self.shown = [number for number in self.shown if number != ref.number]

    def reorder(self, fresh: Sequence[int], ref: Ref) -> tuple[int, Sequence[int]]:
        """The order of rank as it is now, for what stands below `ref` and the next few rows.

        Those stay: whoever decides about a paper may have read the next titles already. How many they are, and
        what is shown behind them now.
        """
        shown, left = self._order_shown, set(self.shown)
        below = shown[shown.index(ref.number) + 1 :] if ref.number in shown else shown
        staying = [number for number in below if number in left][:_STAYING]
        eye = staying[-1] if staying else ref.number
        order = self._order_shown = reordered_below(shown, fresh, eye)
        self.shown = [number for number in order if number in left]
        behind = order[order.index(eye) + 1 :] if eye in order else order
        return len(staying), [number for number in behind if number in left]

    def down_to(self, filter_text: str, cursor: int) -> tuple[Ref, ...]:
        """The papers that the list shows from its top to the cursor, also where their rows are still being read."""
        if _is_no_filter(filter_text):
            return tuple(Ref(Kind.paper, number) for number in self.shown[: cursor + 1])
        return tuple(row.ref for row in self._found.rows[: cursor + 1])

    def all_count(self, connection: sqlite3.Connection) -> int:
        self.day = read_day(connection, self._clock())
        fresh = today_numbers(connection, order=self.order)
        self._order_shown = as_shown(self._order_shown, [*self._order_shown, *fresh])
        self.new, self.shown = frozenset(fresh), as_shown(self._order_shown, fresh)
        return len(self.shown)

    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        refs = [Ref(Kind.paper, number) for number in self.shown[offset : offset + limit]]
        return [today_row(paper) for paper in paper_rows_of(connection, refs)]

    def all_position(self, connection: sqlite3.Connection, ref: Ref) -> int | None:
        is_shown = ref.kind is Kind.paper and ref.number in self.shown
        return self.shown.index(ref.number) if is_shown else None

    def why_empty(self, connection: sqlite3.Connection) -> str:
        report = read_report(connection, self._clock())
        if day_sentence(report.day):
            return "\n".join(day_lines(report, self._clock(), most=_MOST_TITLES))
        feeds = list_feeds(connection)
        if not feeds:
            return (
                "No feeds yet. Press F, then a, to follow arXiv categories, blogs and channels. "
                "At the command line: journal feed add cs.LG, or journal feed import --starter"
            )
        if all(feed.fetched_at is None for feed in feeds):
            return "Nothing was fetched yet: R fetches now."
        now = self._clock()
        failing = tuple(feed for feed in feeds if feed.health.failed)
        if not any(feed.succeeded_at for feed in feeds) and failing:
            return f"Nothing was read yet: {failing_words(failing, now)}. R tries again."
        if failing:
            return f"Nothing new, but not everything could be read: {failing_words(failing, now)}. F shows every feed."
        return "All done: nothing new is left to look at."


class EntrySource(JournalSource):
    """Every diary entry, newest first."""

    kind = Kind.entry

    def asked(self, filter_text: str) -> str:
        return with_types(filter_text)

    def all_count(self, connection: sqlite3.Connection) -> int:
        return count_entries(connection)

    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        return [entry_row(entry) for entry in list_entries(connection, limit=limit, offset=offset)]

    def all_position(self, connection: sqlite3.Connection, ref: Ref) -> int | None:
        return entry_position(connection, ref)

    def rows_of(self, connection: sqlite3.Connection, refs: Sequence[Ref]) -> Iterable[Row]:
        return [entry_row(entry) for entry in entry_rows_of(connection, refs)]

    def why_empty(self, connection: sqlite3.Connection) -> str:
        return "Nothing written yet. Begin: journal log 'what you try' --why 'what it should do'"
