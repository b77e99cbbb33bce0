"""Saved views of the runs."""

from __future__ import annotations

import sqlite3

from journal.errors import NotFound
from journal.types import RunView


def list_views(connection: sqlite3.Connection) -> tuple[RunView, ...]:
    """Every saved view, by name."""
    rows = connection.execute("SELECT name, filter, sort FROM saved_view ORDER BY name COLLATE NOCASE").fetchall()
    return tuple(RunView(name=name, filter=filter, sort=sort) for name, filter, sort in rows)


def get_view(connection: sqlite3.Connection, name: str) -> RunView:
    """The view of this name. Raises NotFound."""
    row = connection.execute("SELECT filter, sort FROM saved_view WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise NotFound(f"There is no view {name!r}.", hint="'journal runs views' lists them.")
    return RunView(name=name, filter=row[0], sort=row[1])
