"""The stores that a journal knows, and mirroring them all: one that fails never stops the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from importers.mirror import MirrorReport, sync_runs
from importers.mlflow_runs import named_store
from journal.clock import Clock, now
from journal.config import Settings
from journal.db import connect
from journal.errors import JournalError, JournalUnusable
from journal.paths import Paths
from journal.queries.stores import mirrored_stores
from journal.recorder.tracking import store_path
from journal.tracking_uris import absolute_uri, folder_path, sqlite_path, sqlite_uri, wandb_path

OWN, NAMED, SET, MIRRORED = "the journal's own", "MLFLOW_TRACKING_URI", "settings", "mirrored"


@dataclass(frozen=True, slots=True)
class KnownStore:
    """A store by the URI that opens it, how the journal knows it, and how many runs it has of it.

    `error` where what was named is no store; `is_away` where a store that was mirrored is not there just now.
    """

    uri: str
    known_by: str
    mirrored: int = 0
    is_away: bool = False
    error: JournalError | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What mirroring one store came to: a report, or why not."""

    store: KnownStore
    report: MirrorReport | None = None
    error: JournalError | None = None


def known_stores(paths: Paths, settings: Settings) -> tuple[KnownStore, ...]:
    """The journal's own store, the one in the settings or the environment, and those mirrored before, each once."""
    mirrored: dict[str, int] = {}
    if paths.journal.exists():
        with closing(connect(paths)) as connection:
            for uri, runs in mirrored_stores(connection).items():
                kept = absolute_uri(uri)
                mirrored[kept] = mirrored.get(kept, 0) + runs
    found: dict[str, KnownStore] = {}
    own = store_path(paths.mlflow)
    if own.exists():
        uri = sqlite_uri(own)
        found[uri] = KnownStore(uri, OWN, mirrored.get(uri, 0))
    if settings.tracking_uri:
        known_by = NAMED if os.environ.get("MLFLOW_TRACKING_URI") else SET
        try:
            uri = named_store(settings.tracking_uri)
            kept = absolute_uri(uri)
            found.setdefault(kept, KnownStore(uri, known_by, mirrored.get(kept, 0)))
        except JournalError as error:
            found[settings.tracking_uri] = KnownStore(absolute_uri(settings.tracking_uri), known_by, error=error)
    for uri, runs in mirrored.items():
        found.setdefault(uri, KnownStore(uri, MIRRORED, runs, is_away=_is_away(uri)))
    return tuple(found.values())


def sync_stores(
    paths: Paths,
    stores: Sequence[KnownStore],
    *,
    tell: Callable[[SyncOutcome], None] = lambda outcome: None,
    clock: Clock = now,
) -> tuple[SyncOutcome, ...]:
    """Mirror these stores one after the other; `tell` hears of each. Raises JournalUnusable alone."""
    outcomes = []
    for store in stores:
        outcome = _synced(paths, store, clock)
        tell(outcome)
        outcomes.append(outcome)
    return tuple(outcomes)


def _synced(paths: Paths, store: KnownStore, clock: Clock) -> SyncOutcome:
    if store.error is not None:
        return SyncOutcome(store, error=store.error)
    try:
        return SyncOutcome(store, report=sync_runs(paths, store.uri, clock=clock))
    except JournalUnusable:
        raise
    except JournalError as error:
        return SyncOutcome(store, error=error)


def _is_away(uri: str) -> bool:
    path = sqlite_path(uri) or folder_path(uri) or wandb_path(uri)
    try:
        return path is not None and not path.exists()
    except OSError:
        return True
