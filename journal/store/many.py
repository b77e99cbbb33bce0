"""What is done to many items at once: one change, by plain SQL, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable

from journal.clock import stored
from journal.store.changes import Change
from journal.store.items import tag_name
from journal.types import Ref

_GIVEN = """
    SELECT item.id FROM json_each(?) AS given JOIN item
    ON kind = json_extract(given.value, '$[0]') AND number = json_extract(given.value, '$[1]')
    WHERE deleted_at IS NULL
"""


def delete(change: Change, refs: Iterable[Ref]) -> int:
    """Mark these items deleted; how many were not yet."""
    moment = stored(change.now)
    return change.connection.execute(
        f"UPDATE item SET deleted_at = ?, updated_at = ? WHERE id IN ({_GIVEN})", (moment, moment, _listed(refs))
    ).rowcount


def archive(change: Change, refs: Iterable[Ref]) -> int:
    """Leave these runs out of lists unless they are asked for; how many were not yet."""
    return change.connection.execute(
        f"UPDATE run SET archived_at = ? WHERE archived_at IS NULL AND item_id IN ({_GIVEN})",
        (stored(change.now), _listed(refs)),
    ).rowcount


def unarchive(change: Change, refs: Iterable[Ref]) -> int:
    """Have these runs in lists again; how many were archived."""
    return change.connection.execute(
        f"UPDATE run SET archived_at = NULL WHERE archived_at IS NOT NULL AND item_id IN ({_GIVEN})", (_listed(refs),)
    ).rowcount


def tag(change: Change, refs: Iterable[Ref], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> int:
    """Add and remove tags; how many tags were set or taken away. Raises BadValue for an unusable name."""
    listed = _listed(refs)
    touched = 0
    for name in map(tag_name, remove):
        touched += change.connection.execute(
            f"DELETE FROM tag WHERE name = ? AND item_id IN ({_GIVEN})", (name, listed)
        ).rowcount
    for name in map(tag_name, add):
        touched += change.connection.execute(
            f"INSERT OR IGNORE INTO tag (item_id, name) SELECT id, ? FROM ({_GIVEN})", (name, listed)
        ).rowcount
    return touched


def _listed(refs: Iterable[Ref]) -> str:
    return json.dumps([(str(ref.kind), ref.number) for ref in refs])
