"""Follows a SQLite store: what was logged since somebody looked last, at no cost for whoever logs.

Asking whether anything changed takes 6 microseconds, and new points are found by their row, so it may be asked
several times a second. Nothing is locked between two questions, in a store in DELETE mode neither.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importers import mlflow_sqlite
from importers.curves_sql import number, store_query
from importers.mlflow_sqlite import rows
from journal.curves import Point
from journal.errors import SourceError

_PATIENCE = 4  # questions without an answer, before that is told
_AS_READ = "What is shown is as it was read last."


@dataclass(frozen=True, slots=True)
class News:
    """What changed: points by (run id, key), in the order in which they were logged.

    `must_read`: that cannot be told, so everything has to be read again. `trouble`: a sentence, while the store
    cannot be looked at.
    """

    points: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    must_read: bool = False
    trouble: str = ""


class Follower:
    """Follows some runs of one store from where it is now. One question at a time, from any thread."""

    def __init__(self, path: Path, run_ids: Sequence[str]) -> None:
        self._path, self._runs = path, json.dumps([*run_ids])
        self._store: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None
        self._last_row = 0
        self._unanswered = 0
        self._is_behind = False  # something happened that was not seen
        self.news()
        self._is_behind = False

    def news(self) -> News:
        """What was logged since the last question. Never raises for what happens to the store."""
        try:
            news = self._asked()
        except SourceError as error:
            return self._lost(f"{error} {_AS_READ}")
        except sqlite3.Error as error:
            self._unanswered += 1
            if not mlflow_sqlite.is_busy(error):
                return self._lost(f"{mlflow_sqlite.explained(error, self._path)} {_AS_READ}")
            is_long = self._unanswered >= _PATIENCE
            return News(trouble=f"{self._path} is locked by another program. {_AS_READ}" if is_long else "")
        self._unanswered = 0
        return news

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _lost(self, trouble: str) -> News:
        self.close()
        self._is_behind = True
        return News(trouble=trouble)

    def _asked(self) -> News:
        mlflow_sqlite.require_file(self._path)
        status = self._path.stat()
        if self._store is None or self._file != (status.st_dev, status.st_ino):
            self.close()
            self._store = mlflow_sqlite.opened(self._path, busy_timeout_s=0)
            store_query(self._store)  # whether it is one
            self._file = status.st_dev, status.st_ino
            self._version, self._is_behind = None, True
        version = rows(self._store, "PRAGMA data_version")[0][0]
        if version == self._version:
            return News()
        last_row = rows(self._store, "SELECT max(rowid) FROM metrics")[0][0] or 0
        must_read = self._is_behind or last_row < self._last_row
        found = [] if must_read or last_row == self._last_row else self._since(self._store, last_row)
        self._version, self._last_row, self._is_behind = version, last_row, False
        return News(_by_curve(found), must_read)

    def _since(self, store: sqlite3.Connection, last_row: int) -> list[tuple[Any, ...]]:
        there = mlflow_sqlite.columns(store, "metrics")
        step, is_nan = ("step" if "step" in there else "0"), ("is_nan" if "is_nan" in there else "0")
        return rows(
            store,
            f"SELECT run_uuid, key, {step}, timestamp, value, {is_nan} FROM metrics "  # noqa: S608 - our names
            "WHERE rowid > ? AND rowid <= ? AND +run_uuid IN (SELECT value FROM json_each(?)) ORDER BY rowid",
            [self._last_row, last_row, self._runs],
        )


def _by_curve(found: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], list[Point]]:
    points: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for run_id, key, step, ms, value, is_nan in found:
        points[run_id, key].append(Point(step, ms, number(value, is_nan=is_nan)))
    return dict(points)
