"""By what papers are cited. A key is made once, or brought along, and never changed nor given to another paper.

Rows are made and filled here, and never removed: an undo passes over a key that was given, since somebody may
have been told it, and a deleted paper keeps its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from journal import citation_keys, csl
from journal.clock import stored
from journal.keywords import joined, keywords_of, tag_of
from journal.queries.citation_keys import taken_keys
from journal.queries.citations import Citable
from journal.store.changes import Change

_BATCH = 400  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtRecord:
    """What a bibliography tells of a paper that is kept as item `item_id`.

    `csl` is the record; `keywords` become tags. `title` is empty where only an identifier is known.
    """

    item_id: int
    key: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    csl: csl.Item
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptRecords:
    """The items that something changed of, and (item, key brought, key that the paper has) where these differ."""

    changed: frozenset[int]
    other_keys: tuple[tuple[int, str, str], ...]


def give_keys(change: Change, papers: Iterable[Citable]) -> dict[int, str]:
    """A key for each of `papers`, made now where it has none: item to key. None for what has no title yet."""
    known = _kept(change, [one.item_id for one in papers])
    keys = {identity: key for identity, (key, _) in known.items()}
    taken = taken_keys(change.connection)
    made: list[tuple[int, str, str]] = []
    for one in papers:
        if one.item_id in keys or one.is_placeholder:
            continue
        key = citation_keys.made(one.paper.authors, one.paper.year, one.paper.title, taken)
        taken.add(citation_keys.same(key))
        keys[one.item_id] = key
        made.append((one.item_id, stored(change.now), key))
    change.connection.executemany("INSERT INTO citation (item_id, made_at, key) VALUES (?, ?, ?)", made)
    return keys


def keep(change: Change, records: Sequence[BroughtRecord]) -> KeptRecords:
    """Keep what came with papers: the key where it is free and the paper has none, the record, its keywords as tags.

    Of a record that is known already only the gaps are filled, and only where both are of one type: another
    type is another form of publication. A keyword that the record had before gives no tag again.
    """
    known = _kept(change, [record.item_id for record in records])
    taken = taken_keys(change.connection)
    changed: set[int] = set()
    other_keys: list[tuple[int, str, str]] = []
    for record in records:
        identity = record.item_id
        if identity not in known:
            usable = "" if "://" in record.key else citation_keys.brought(record.key, taken)
            key = usable or citation_keys.made(record.authors, record.year, record.title, taken)
            taken.add(citation_keys.same(key))
            change.connection.execute(
                "INSERT INTO citation (item_id, made_at, key) VALUES (?, ?, ?)", (identity, stored(change.now), key)
            )
            known[identity] = (key, {})
            changed.add(identity)
        key, before = known[identity]
        if record.key and record.key != key:
            other_keys.append((identity, record.key, key))
        new_words = _new_keywords(before, record.keywords)
        after = _filled(before, record.csl, new_words)
        if after != before:
            # A statement of its own, so that undo takes the record back and leaves the key.
            change.connection.execute(
                "UPDATE citation SET csl = ? WHERE item_id = ?",
                (json.dumps(after, ensure_ascii=False, sort_keys=True), identity),
            )
            known[identity] = (key, after)
            changed.add(identity)
        changed |= {identity} if _add_tags(change, identity, map(tag_of, new_words)) else set()
    return KeptRecords(frozenset(changed), tuple(other_keys))


def _kept(change: Change, ids: Sequence[int]) -> dict[int, tuple[str, csl.Item]]:
    kept: dict[int, tuple[str, csl.Item]] = {}
    for start in range(0, len(ids), _BATCH):
        batch = tuple(ids[start : start + _BATCH])
        for identity, key, record in change.connection.execute(
            f"SELECT item_id, key, csl FROM citation WHERE item_id IN ({', '.join('?' * len(batch))})", batch
        ):
            kept[identity] = (key, json.loads(record))
    return kept


def _new_keywords(before: csl.Item, keywords: Sequence[str]) -> tuple[str, ...]:
    known = set(keywords_of(before.get("keyword", "")))
    return tuple(word for word in dict.fromkeys(keywords) if word not in known)


def _filled(before: csl.Item, arrived: csl.Item, new_words: Sequence[str]) -> csl.Item:
    """The record with its gaps filled, and all keywords that came so far."""
    words = (*filter(None, keywords_of(before.get("keyword", ""))), *new_words)
    after = dict(before)
    if before.get("type", arrived.get("type")) == arrived.get("type"):
        after = {**arrived, **before}
        if custom := {**arrived.get("custom", {}), **before.get("custom", {})}:
            after["custom"] = custom
    return {**after, "keyword": joined(words)} if words else after


def _add_tags(change: Change, identity: int, names: Iterable[str]) -> bool:
    cursor = change.connection.executemany(
        "INSERT OR IGNORE INTO tag (item_id, name) VALUES (?, ?)", [(identity, name) for name in names if name]
    )
    return cursor.rowcount > 0
