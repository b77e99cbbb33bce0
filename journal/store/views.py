"""Saved views of the runs. Plain SQL: a command that saves one need not load SQLModel."""

from __future__ import annotations

from journal.clock import stored
from journal.errors import BadValue, NotFound
from journal.store.changes import Change
from journal.types import RunView

_LONGEST_NAME = 60


def save(change: Change, view: RunView) -> None:
    """Keep a view, in the place of one of the same name. Raises BadValue for an unusable name."""
    name = " ".join(view.name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadValue(f"{view.name[:_LONGEST_NAME]!r} cannot name a view.", hint="A name is a few words.")
    change.connection.execute(
        """
        INSERT INTO saved_view (name, filter, sort, made_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET filter = excluded.filter, sort = excluded.sort, made_at = excluded.made_at
        """,
        (name, view.filter, view.sort, stored(change.now)),
    )


def delete(change: Change, name: str) -> None:
    """Forget a view. Raises NotFound."""
    if not change.connection.execute("DELETE FROM saved_view WHERE name = ?", (name,)).rowcount:
        raise NotFound(f"There is no view {name!r}.", hint="'journal runs views' lists them.")
