"""Finds the tracking stores that lie below a folder: MLflow's databases and folders of runs, and wandb's.

Looking is bounded in depth, number and time, so that it may be done anywhere, a home folder or a dataset of a
million files included. Links are not followed, and hidden folders, environments and packages are not looked into.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

from importers import file_store, wandb_offline
from importers.mlflow_sqlite import wal
from journal.tracking_uris import folder_path, folder_uri, sqlite_path, sqlite_uri, wandb_path, wandb_uri

_DEEPEST = 4
_MOST_FOLDERS = 5_000
_MOST_ENTRIES = 5_000  # of a folder
_TIME_S = 1.0
_NOT_LOOKED_INTO = {"node_modules", "__pycache__", "site-packages", "artifacts", "proc", "sys"}
_ENDINGS = (".db", ".sqlite", ".sqlite3")


class StoreKind(StrEnum):
    """What a store is."""

    database = "MLflow database"
    folder = "MLflow folder"
    server = "MLflow server"
    wandb = "wandb folder"


@dataclass(frozen=True, slots=True)
class Store:
    """A store of runs; `runs` and `changed_at` are None where only asking it would tell, `problem` where it is not."""

    uri: str
    kind: StoreKind
    runs: int | None = None
    changed_at: datetime | None = None
    problem: str = ""


def stores_below(folder: Path, *, time_s: float = _TIME_S) -> tuple[Store, ...]:
    """The stores that lie in `folder` or not far below it, those nearest first."""
    found: dict[str, Store] = {}
    for uri in _uris_below(folder.absolute(), time.monotonic() + time_s):
        if uri not in found:
            found[uri] = described(uri)
    return tuple(store for store in found.values() if store.runs)


def described(uri: str) -> Store:
    """What can be said of the store at `uri` without asking a server."""
    database, folder, wandb_folder = sqlite_path(uri), folder_path(uri), wandb_path(uri)
    try:
        if database is not None:
            kind, runs, files = StoreKind.database, _runs_in(database), iter([database, wal(database)])
        elif folder is not None:
            kind, runs, files = StoreKind.folder, file_store.count_runs(folder), file_store.files_of(folder)
        elif wandb_folder is not None:
            kind, runs, files = StoreKind.wandb, wandb_offline.count_runs(wandb_folder), _of_wandb(wandb_folder)
        else:
            return Store(uri, StoreKind.server)
    except (OSError, sqlite3.Error, ValueError) as error:
        return Store(uri, StoreKind.database, problem=str(error))
    place = database or folder or wandb_folder
    problem = "" if runs is not None else "is no MLflow store"
    if place is not None and not place.exists():
        runs, problem = None, "is not there any more"
    return Store(uri, kind, runs, _last_change(files), problem)


def _uris_below(start: Path, until: float) -> Iterator[str]:
    waiting = deque([(start, 0)])
    looked_into = 0
    stores: set[Path] = set()
    while waiting and looked_into < _MOST_FOLDERS and time.monotonic() < until:
        folder, depth = waiting.popleft()
        if not stores.isdisjoint(folder.parents):
            continue
        looked_into += 1
        folders, files = _looked_into(folder)
        if "pyvenv.cfg" in files:
            continue
        if "meta.yaml" in files and file_store.is_file_store(folder.parent):
            stores.add(folder.parent)
            yield folder_uri(folder.parent)
            continue
        if any(map(wandb_offline.is_run_folder, folders)) and wandb_offline.is_wandb_folder(folder):
            stores.add(folder)
            yield wandb_uri(folder)
            continue
        for name in files:
            if name.endswith(_ENDINGS) and _runs_in(folder / name) is not None:
                yield sqlite_uri(folder / name)
        if depth < _DEEPEST:
            waiting.extend((folder / name, depth + 1) for name in folders)


def _looked_into(folder: Path) -> tuple[list[str], list[str]]:
    """The folders in it that are worth a look, and the files."""
    folders, files = [], []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _MOST_ENTRIES):
            with suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    files.append(entry.name)
                elif not entry.name.startswith(".") and entry.name not in _NOT_LOOKED_INTO:
                    folders.append(entry.name)
    return sorted(folders), sorted(files)


def _runs_in(path: Path) -> int | None:
    """How many runs an MLflow database holds; None where it is none."""
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return None
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.1)) as connection:
            tables = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name IN ('runs', 'experiments', 'latest_metrics')"
            ).fetchone()
            if tables[0] < 3:
                return None
            return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    except (sqlite3.Error, OSError):
        return None


def _of_wandb(folder: Path) -> Iterator[Path]:
    return (file for files in wandb_offline.files_of(folder).values() for file in files)


def _last_change(files: Iterator[Path]) -> datetime | None:
    last = 0.0
    for file in files:
        with suppress(OSError):
            last = max(last, file.stat().st_mtime)
    return datetime.fromtimestamp(last, UTC) if last else None
