"""What a launch named on the command line of `journal run`, where the journal could not be read at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import select

from journal import models
from journal.errors import BadRef, NotFound
from journal.queries.items import find
from journal.recorder.events import LaunchedEvent
from journal.storable import storable
from journal.store import items
from journal.store.changes import Change
from journal.types import Kind, Ref, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """`goes_on` is the run that the session works on; `follows` one that MLflow was not told to go on with."""

    entry: models.Item | None = None
    goes_on: models.Run | None = None
    follows: models.Run | None = None
    unknown: str = ""


def named_at_launch(change: Change, event: LaunchedEvent) -> Named:
    """What `event` names by uid, or by words that are looked up only now."""
    entry = _item(change, event.named_entry, Kind.entry)
    run = _run(change, _item(change, event.named_run, Kind.run))
    options = (("--entry", event.named_entry, entry), ("--continue", event.named_run, run))
    unknown = [f"{option} {storable(words)}" for option, words, found in options if words and found is None]
    if run is not None and entry is None and not event.entry:
        entry = _only_entry_of(change, run)
    goes_on = _run_with_uid(change, event.joins) or (run if run is not None and run.run_id is None else None)
    follows = None if goes_on is not None else run
    return Named(entry=entry, goes_on=goes_on, follows=follows, unknown=", ".join(unknown))


def _item(change: Change, words: str, kind: Kind) -> models.Item | None:
    try:
        ref: Ref | None = find(change.connection, storable(words)) if words else None
    except (BadRef, NotFound):
        return None
    return items.get(change, ref, with_deleted=True) if ref is not None and ref.kind is kind else None


def _run(change: Change, item: models.Item | None) -> models.Run | None:
    return None if item is None else change.session.get(models.Run, items.identity(item))


def _run_with_uid(change: Change, uid: str) -> models.Run | None:
    query = select(models.Item).where(models.Item.uid == uid, models.Item.kind == Kind.run)
    return _run(change, change.session.exec(query).first()) if uid else None


def _only_entry_of(change: Change, run: models.Run) -> models.Item | None:
    found = change.session.exec(
        select(models.Item)
        .join(models.Link, models.Link.to_id == models.Item.id)  # type: ignore[arg-type]
        .where(
            models.Link.from_id == run.item_id,
            models.Link.relation == Relation.tests.value,
            models.Item.kind == Kind.entry,
        )
    ).all()
    return found[0] if len(found) == 1 else None
