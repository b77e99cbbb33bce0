"""What a feed brought, decided about and kept, within the transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from importers.decide import decide_announced, names_of
from journal.queries.feeds import brought_before, brought_first
from journal.queries.papers import stored_papers
from journal.store import feeds as feed_store
from journal.store import papers
from journal.store.changes import Change
from journal.types import ArrivedPaper


def keep_arrived(
    change: Change, feed_id: int, arrived: Sequence[ArrivedPaper], *, news_since: date | None = None
) -> tuple[int, int]:
    """Keep what arrived, in this order; how many papers are new to the journal, and how many changed."""
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
    return len(decision.inserts), len(decision.updates)
