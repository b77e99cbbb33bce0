"""The texts of an item that a person may edit."""

from __future__ import annotations

from collections.abc import Mapping

from journal import models
from journal.store import datasets, entries, items
from journal.store.changes import Change
from journal.types import DATASET_TEXTS, Dataset, Entry, Item, Kind, Paper, Pointer, Ref


def texts_of(item: Item) -> dict[str, str]:
    """The editable texts by field, in the order of reading."""
    if isinstance(item, Entry):
        return {
            "title": item.title, "why": item.why, "expect": item.expect, "outcome": item.outcome, "body": item.body
        }  # fmt: skip
    if isinstance(item, Paper):
        return {"title": item.title, "body": item.abstract}
    if isinstance(item, Pointer):
        return {"title": item.title, "body": item.note}
    if isinstance(item, Dataset):
        return {"title": item.title, **{field: getattr(item, field) for field in DATASET_TEXTS}}
    return {"title": item.title}


def edit(change: Change, ref: Ref, texts: Mapping[str, str]) -> bool:
    """Change them; what they replace stays as revisions. True where any changed. Raises NotFound, BadValue.

    From then on no source changes them: feeds and tracking stores leave alone what a person wrote.
    """
    if ref.kind is Kind.entry:
        return entries.edit(change, ref, texts)
    if ref.kind is Kind.dataset:
        return datasets.edit(change, ref, texts)
    item = items.get(change, ref)
    before = {"title": item.title, "body": item.body}
    has_changed = items.set_texts(change, item, texts)
    for field, text in before.items():
        if getattr(item, field) != text:
            change.session.merge(models.OwnText(item_id=items.identity(item), field=field))
    return has_changed
