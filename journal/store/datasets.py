"""Datasets: what they are, what they were seen to hold, and the runs that used them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from journal import models
from journal.clock import stored
from journal.errors import BadValue
from journal.fingerprints import Content
from journal.queries.datasets import dataset_at, is_fingerprint, runs_with_data
from journal.store import items, links
from journal.store.changes import Change
from journal.types import DATASET_TEXTS, Kind, Ref, Relation


def add(change: Change, path: str, title: str, content: Content, look: str, texts: Mapping[str, str]) -> Ref:
    """Keep a dataset that lies at the absolute `path`; the runs that used it, as far as it is known, are linked."""
    item = items.make(change, Kind.dataset, title=title)
    dataset = models.Dataset(
        item_id=items.identity(item), fingerprint=content.fingerprint, described=content.fingerprint, path=path,
        look=look,
        **{field: texts.get(field, "") for field in DATASET_TEXTS},
    )  # fmt: skip
    change.session.add(dataset)
    change.session.flush()
    _index(change, item, dataset)
    see(change, items.ref_of(item), content, look)
    return items.ref_of(item)


def see(change: Change, ref: Ref, content: Content, look: str, *, at: datetime | None = None) -> bool:
    """What it holds, and how it looks; True where that is another content than it had. Raises NotFound.

    `at` is when it was looked at, where that was not now: a later look has the last word on what it holds now.
    """
    item, dataset = _get(change, ref)
    (newest,) = change.connection.execute(
        "SELECT coalesce(max(seen_at), '') FROM dataset_content WHERE item_id = ?", (dataset.item_id,)
    ).fetchone()
    is_newest = at is None or stored(at) >= newest
    has_changed = is_newest and dataset.fingerprint != content.fingerprint
    if is_newest and (look or has_changed):
        dataset.fingerprint, dataset.look = content.fingerprint, look
        change.session.add(dataset)
    if has_changed:
        items.touch(change, item)
        _index(change, item, dataset)
    change.connection.execute(
        """
        INSERT INTO dataset_content (item_id, fingerprint, seen_at, files, bytes) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET seen_at = iif(?, excluded.seen_at, seen_at),
            files = max(files, excluded.files), bytes = max(bytes, excluded.bytes)
        """,  # it may hold again what it held once; and of what a run read, the size may not have been told
        (dataset.item_id, content.fingerprint, stored(at or change.now), content.files, content.bytes, has_changed),
    )
    for run_item_id in runs_with_data(change.connection, content.fingerprint):
        links.connect(change, run_item_id, dataset.item_id, Relation.uses)
    return has_changed


def accept(change: Change, ref: Ref, content: Content, look: str) -> None:
    """What it holds is what a person describes from now on. Raises NotFound."""
    see(change, ref, content, look)
    _, dataset = _get(change, ref)
    dataset.described = content.fingerprint
    change.session.add(dataset)


def edit(change: Change, ref: Ref, texts: Mapping[str, str]) -> bool:
    """Change title and what a person says of it; replaced texts stay as revisions. True if any changed."""
    item, dataset = _get(change, ref)
    changed = items.set_texts(change, item, texts)
    for field in DATASET_TEXTS:
        old: str = getattr(dataset, field)
        new = texts.get(field, old)
        if items.replace_text(change, item, field, old, new):
            setattr(dataset, field, new)
            changed = True
    change.session.add(dataset)
    _index(change, item, dataset)
    return changed


def see_used(change: Change, session: models.Session, facts: Mapping[str, Mapping[str, str]]) -> None:
    """What a session read where a dataset lies is a look at it, as of the session's start."""
    for path, fingerprint in facts.get("data", {}).items():
        ref = dataset_at(change.connection, path) if is_fingerprint(fingerprint) else None
        if ref is None:
            continue
        match facts.get("data looks", {}).get(path, "").split():
            case [look, files, size] if files.isdecimal() and size.isdecimal():
                see(change, ref, Content(fingerprint, int(files), int(size)), look, at=session.started_at)
            case _:
                see(change, ref, Content(fingerprint, 0, 0), "", at=session.started_at)


def link_used(change: Change, session: models.Session) -> None:
    """The runs of a session use the datasets whose content, now or once, its captured data are."""
    row = change.connection.execute(
        "SELECT content FROM capture JOIN facts USING (digest) WHERE session_id = ? AND section = 'data'", (session.id,)
    ).fetchone()
    used = [value for value in json.loads(row[0]).values() if is_fingerprint(value)] if row else []
    if not used:
        return
    datasets = change.session.exec(
        select(models.DatasetContent.item_id)
        .join(models.Item, col(models.Item.id) == models.DatasetContent.item_id)
        .where(col(models.DatasetContent.fingerprint).in_(used), col(models.Item.deleted_at).is_(None))
        .distinct()
    ).all()
    runs = change.session.exec(
        select(models.SessionRun.item_id).where(models.SessionRun.session_id == session.id)
    ).all()
    for run_item_id in runs:
        for dataset_item_id in datasets:
            links.connect(change, run_item_id, dataset_item_id, Relation.uses)


def _index(change: Change, item: models.Item, dataset: models.Dataset) -> None:
    """What a dataset is found by besides its title."""
    texts = (dataset.path, dataset.fingerprint, *(getattr(dataset, field) for field in DATASET_TEXTS))
    item.extra = "\n".join(text for text in texts if text)
    change.session.add(item)
    change.session.flush()


def _get(change: Change, ref: Ref) -> tuple[models.Item, models.Dataset]:
    if ref.kind is not Kind.dataset:
        raise BadValue(f"{ref} is {ref.kind.named}, not a dataset.", hint="Datasets are d1, d2 and so on.")
    item = items.get(change, ref)
    return item, change.session.get_one(models.Dataset, item.id)
