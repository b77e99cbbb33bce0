"""The least that each task can cost in Python: run as a script, one floor each.

python -m tests.bench.floors search DB EXPRESSION | load FILE DB | feeds FOLDER | interface
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
from pathlib import Path


def search(database: str, expression: str) -> None:
    """Import the command line's library, open, query, print: 20 ranked hits with snippets."""
    import typer  # noqa: F401

    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT item.title, snippet(item_fts, -1, '[', ']', '...', 16), bm25(item_fts, 10.0, 6.0, 3.0, 1.0) AS score "
        "FROM item_fts JOIN item ON item.id = item_fts.rowid WHERE item_fts MATCH ? ORDER BY score LIMIT 20",
        (expression,),
    ).fetchall()
    print(rows)


def load(file: str, database: str) -> None:
    """Parse every line and insert it into one table with a full-text index fed by a trigger."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(
        """
        CREATE TABLE paper (id INTEGER PRIMARY KEY, arxiv_id TEXT UNIQUE, title TEXT, people TEXT, body TEXT);
        CREATE VIRTUAL TABLE paper_fts USING fts5 (title, people, body, content = 'paper', content_rowid = 'id',
            tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'");
        CREATE TRIGGER paper_insert AFTER INSERT ON paper BEGIN
            INSERT INTO paper_fts (rowid, title, people, body) VALUES (new.id, new.title, new.people, new.body);
        END;
        """
    )
    opener = gzip.open if file.endswith(".gz") else open
    rows = []
    with opener(Path(file), "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            rows.append((record["id"], record["title"], "; ".join(record["authors"]), record["abstract"]))
    for start in range(0, len(rows), 2_000):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO paper (arxiv_id, title, people, body) VALUES (?, ?, ?, ?)", rows[start : start + 2_000]
        )
        connection.execute("COMMIT")
    connection.close()


def feeds(folder: str) -> None:
    """feedparser alone over the same files."""
    import feedparser

    for file in sorted(Path(folder).glob("*.xml")):
        assert len(feedparser.parse(file.read_bytes()).entries) > 0


def interface() -> None:
    """A Textual application that shows a few words, and how many keys were pressed."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Empty(App[None]):
        pressed = 0

        def compose(self) -> ComposeResult:
            yield Static("nothing here")

        def on_key(self) -> None:
            self.pressed += 1
            self.query_one(Static).update(f"nothing here {self.pressed}")

    Empty().run()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
