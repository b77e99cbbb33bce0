"""One item of whatever kind, complete."""

from __future__ import annotations

import sqlite3

from journal.queries.datasets import get_dataset
from journal.queries.entries import get_entry
from journal.queries.items import get_item
from journal.queries.papers import get_paper
from journal.queries.pointers import get_pointer
from journal.queries.runs import get_run
from journal.types import Item, Kind, Ref

_GET = {
    Kind.paper: get_paper,
    Kind.entry: get_entry,
    Kind.run: get_run,
    Kind.pointer: get_pointer,
    Kind.dataset: get_dataset,
}


def get(connection: sqlite3.Connection, ref: Ref) -> Item:
    """A Paper, an Entry, a Run, a Pointer, a Dataset, or what every other item has. Raises NotFound."""
    return _GET.get(ref.kind, get_item)(connection, ref)
