"""Feeds and their health."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from journal.clock import from_stored_or_none
from journal.tracking_uris import without_password
from journal.types import Feed, FeedHealth, PaperState


def list_feeds(connection: sqlite3.Connection) -> tuple[Feed, ...]:
    """Every feed that was not removed, in the order of adding, each by its address without the password."""
    return tuple(replace(feed, url=without_password(feed.url)) for feed in feeds_to_fetch(connection))


def feeds_to_fetch(connection: sqlite3.Connection) -> tuple[Feed, ...]:
    """The same with their whole addresses, which nobody shall be shown."""
    rows = connection.execute(
        """
        SELECT id, url, title, health, message, etag, last_modified, batch, built_at, fetched_at, succeeded_at,
            next_try_at, folder, complete_on, lost_after, lost_before
        FROM feed WHERE removed_at IS NULL ORDER BY id
        """
    ).fetchall()
    return tuple(
        Feed(
            id=row[0],
            url=row[1],
            title=row[2],
            health=FeedHealth(row[3]),
            message=row[4],
            etag=row[5],
            last_modified=row[6],
            batch=row[7],
            built_at=from_stored_or_none(row[8]),
            fetched_at=from_stored_or_none(row[9]),
            succeeded_at=from_stored_or_none(row[10]),
            next_try_at=from_stored_or_none(row[11]),
            folder=row[12],
            complete_on=_day_or_none(row[13]),
            lost_after=_day_or_none(row[14]),
            lost_before=_day_or_none(row[15]),
        )
        for row in rows
    )


def _day_or_none(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def is_due(feed: Feed, now: datetime) -> bool:
    """Whether there may be something new in it, by its rhythm or after what its server asked us to wait."""
    return feed.next_try_at is None or feed.next_try_at <= now


def waiting_papers(connection: sqlite3.Connection) -> dict[int, int]:
    """How many new papers wait from each feed, by its id; one that two feeds brought counts for both."""
    rows = connection.execute(
        "SELECT feed_id, count(*) FROM paper JOIN item ON item.id = paper.item_id JOIN paper_feed USING (item_id) "
        "WHERE state = ? AND deleted_at IS NULL GROUP BY feed_id",
        (PaperState.new,),
    ).fetchall()
    return dict(rows)


def brought_first(connection: sqlite3.Connection, feed_id: int, items: Sequence[int]) -> frozenset[int]:
    """Those of `items` that feeds brought, and none older than this: the oldest feed of a post has the say.

    Also where it answered later than another, and so brings the post only now.
    """
    rows = connection.execute(
        "SELECT item_id FROM paper_feed WHERE item_id IN (SELECT value FROM json_each(?)) "
        "GROUP BY item_id HAVING min(feed_id) >= ?",
        (json.dumps(items), feed_id),
    ).fetchall()
    return frozenset(item_id for (item_id,) in rows)


def brought_before(connection: sqlite3.Connection, feed_id: int) -> frozenset[int]:
    """The items that this feed has brought so far."""
    rows = connection.execute("SELECT item_id FROM paper_feed WHERE feed_id = ?", (feed_id,)).fetchall()
    return frozenset(item_id for (item_id,) in rows)
