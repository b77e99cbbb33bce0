"""Feeds: adding, removing, and what each attempt to read them came to.

Plain SQL: fetching in the background, and from cron, shall not load SQLModel for a 304.
"""

from __future__ import annotations

from collections.abc import Iterable

from journal.clock import stored
from journal.errors import BadValue, NotFound
from journal.ids import canonical_url
from journal.store.changes import Change
from journal.tracking_uris import without_password
from journal.types import ArrivedPaper, Feed


def add(change: Change, url: str, title: str = "", folder: str = "") -> bool:
    """Follow `url`; False where it is followed already, and then only what is missing of title and folder is filled.

    Raises BadValue for no http(s) address.
    """
    address = url.strip()
    if canonical_url(address) is None:
        raise BadValue(
            f"{without_password(url)!r} is not a web address.",
            hint="A feed is an http or https address, or a category such as cs.LG.",
        )
    cursor = change.connection.execute(
        # Followed anew, it begins anew: the months in between are nothing to catch up with.
        "INSERT INTO feed (url, title, folder, added_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (url) DO UPDATE SET removed_at = NULL, health = 'unread', message = '', etag = NULL, "
        "last_modified = NULL, batch = NULL, built_at = NULL, succeeded_at = NULL, next_try_at = NULL, "
        "complete_on = NULL, lost_after = NULL, lost_before = NULL WHERE removed_at IS NOT NULL",
        (address, title, folder, stored(change.now)),
    )
    is_new = cursor.rowcount > 0
    change.connection.execute(
        "UPDATE feed SET title = iif(title = '', :title, title), folder = iif(folder = '', :folder, folder) "
        "WHERE url = :url AND (title = '' AND :title <> '' OR folder = '' AND :folder <> '')",
        {"title": title, "folder": folder, "url": address},
    )
    return is_new


def remove(change: Change, url: str) -> None:
    """Follow `url` no more; what it brought stays. Raises NotFound."""
    cursor = change.connection.execute(
        "UPDATE feed SET removed_at = ? WHERE url = ? AND removed_at IS NULL", (stored(change.now), url)
    )
    if cursor.rowcount == 0:
        raise NotFound(f"{without_password(url)} is not followed.", hint="'journal feed list' shows what is.")


def keep_health(change: Change, feed: Feed) -> None:
    """Write back what an attempt to read `feed` came to. A title that is there stays: a list may have given it."""
    change.connection.execute(
        """
        UPDATE feed SET title = coalesce(nullif(title, ''), ?), health = ?, message = ?, etag = ?, last_modified = ?,
            batch = ?, built_at = ?, fetched_at = ?, succeeded_at = ?, next_try_at = ?, complete_on = ?,
            lost_after = ?, lost_before = ?
        WHERE id = ?
        """,
        (
            feed.title, feed.health.value, feed.message, feed.etag, feed.last_modified, feed.batch,
            *(stored(moment) if moment else None
              for moment in (feed.built_at, feed.fetched_at, feed.succeeded_at, feed.next_try_at)),
            *(day.isoformat() if day else None for day in (feed.complete_on, feed.lost_after, feed.lost_before)),
            feed.id,
        ),
    )  # fmt: skip


def keep_arrivals(change: Change, feed_id: int, arrivals: Iterable[tuple[int, ArrivedPaper]]) -> None:
    """Note that these (item, arrival) came by this feed."""
    rows = [
        (item_id, feed_id, arrived.guid, arrived.announce_type, stored(change.now)) for item_id, arrived in arrivals
    ]
    change.connection.executemany(
        """
        INSERT INTO paper_feed (item_id, feed_id, guid, announce_type, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (item_id, feed_id)
        DO UPDATE SET guid = excluded.guid, announce_type = excluded.announce_type, seen_at = excluded.seen_at
        WHERE guid <> excluded.guid OR announce_type IS NOT excluded.announce_type
        """,
        rows,
    )
