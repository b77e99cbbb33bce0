"""The datasets that capturing needs to know of: nothing is loaded for it that a command would wait for."""

from __future__ import annotations

import sqlite3


def known_data(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Path -> (look, fingerprint) of every dataset: what capturing needs to know."""
    rows = connection.execute(
        "SELECT path, look, fingerprint FROM dataset JOIN item ON item.id = item_id "
        "WHERE deleted_at IS NULL AND path <> ''"
    ).fetchall()
    return {path: (look, fingerprint) for path, look, fingerprint in rows}
