"""What a feed brought, decided about and kept, within the transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from importers.decide import decide_announced, names_of
from journal.queries.feeds import brought_before, brought_first
from journal.queries.papers import stored_papers
from journal.store import feeds as feed_store
from journal.store import papers
from journal.store.changes import Change
from journal.types import ArrivedPaper, PaperState


@dataclass(frozen=True, slots=True)
class Kept:
    """How many papers are new in Today, were kept without being news, and changed."""

    new: int = 0
    not_news: int = 0
    updated: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.new + other.new, self.not_news + other.not_news, self.updated + other.updated)


def keep_arrived(
    change: Change, feed_id: int, arrived: Sequence[ArrivedPaper], *, news_since: date | None = None
) -> Kept:
    """Keep what arrived, in this order."""
    names = names_of(arrival.draft for arrival in arrived)
    known = stored_papers(change.connection, names)
    decision = decide_announced(
        known,
        arrived,
        brought_before=brought_before(change.connection, feed_id),
        brought_first=brought_first(change.connection, feed_id, [paper.item_id for paper in known]),
        news_since=news_since,
    )
    placed = papers.apply(change, decision)
    feed_store.keep_arrivals(change, feed_id, zip(placed, arrived, strict=True))
    state_of = {paper.item_id: paper.state for paper in known}
    new = sum(state is PaperState.new for _, state in decision.inserts)
    become_new = sum(
        update.state is PaperState.new and state_of.get(update.item_id) is not PaperState.new
        for update in decision.updates
    )
    return Kept(new + become_new, len(decision.inserts) - new, len(decision.updates) - become_new)
