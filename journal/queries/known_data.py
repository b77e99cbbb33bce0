"""The datasets that capturing needs to know of: nothing is loaded for it that a command would wait for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_BUSY_S = 0.1


def known_data(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Path -> (look, fingerprint) of every dataset: what capturing needs to know."""
    rows = connection.execute(
        "SELECT path, look, fingerprint FROM dataset JOIN item ON item.id = item_id "
        "WHERE deleted_at IS NULL AND path <> ''"
    ).fetchall()
    return {path: (look, fingerprint) for path, look, fingerprint in rows}


def known_data_in(journal: Path) -> dict[str, tuple[str, str]]:
    """The same of the journal in this file, for who must neither write nor wait; empty where it cannot tell."""
    try:
        with closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)) as opened:
            return known_data(opened)
    except (sqlite3.Error, OSError, ValueError):
        return {}
