"""What all kinds share when they are written: making, changing texts, deleting, tags.

SQLModel is imported where a single record is read or written, so that bulk writing does without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from journal import models
from journal.errors import BadValue, NotFound
from journal.ids import new_uid
from journal.store.changes import Change
from journal.types import Kind, Ref


def make(
    change: Change,
    kind: Kind,
    *,
    title: str,
    body: str = "",
    people: str = "",
    extra: str = "",
    uid: str | None = None,
) -> models.Item:
    """A new item with the next number of its kind. Raises BadValue for an empty title."""
    title = " ".join(title.split())
    if not title:
        raise BadValue(f"{kind.named.capitalize()} needs a title.")
    item = models.Item(
        kind=kind,
        number=next_number(change, kind),
        uid=uid or new_uid(),
        title=title,
        people=people,
        extra=extra,
        body=body,
        created_at=change.now,
        updated_at=change.now,
    )
    change.session.add(item)
    change.session.flush()
    return item


def next_number(change: Change, kind: Kind) -> int:
    """One more than the highest ever used: deleting is a mark, so numbers are never used again."""
    (highest,) = change.connection.execute("SELECT max(number) FROM item WHERE kind = ?", (kind,)).fetchone()
    return (highest or 0) + 1


def ref_of(item: models.Item) -> Ref:
    return Ref(Kind(item.kind), item.number)


def get(change: Change, ref: Ref, *, with_deleted: bool = False) -> models.Item:
    """The item `ref`. Raises NotFound where there is none, or where it was deleted."""
    from sqlmodel import select

    item = change.session.exec(
        select(models.Item).where(models.Item.kind == ref.kind, models.Item.number == ref.number)
    ).first()
    if item is None:
        raise NotFound(f"There is no {ref} in the journal.", hint="'journal search' finds by words.")
    if item.deleted_at is not None and not with_deleted:
        raise NotFound(f"{ref} was deleted.", hint=_how_to_bring_back(change, item))
    return item


def entry_with_uid(change: Change, uid: str) -> models.Item | None:
    """The entry that the recorder and the tags of runs know by this uid, deleted or not; None where there is none."""
    if not uid:
        return None
    from sqlmodel import select

    return change.session.exec(
        select(models.Item).where(models.Item.uid == uid, models.Item.kind == Kind.entry)
    ).first()


def _how_to_bring_back(change: Change, item: models.Item) -> str:
    """What helps depends on who deleted it: this person just now or earlier, MLflow, or an undo."""
    row = change.connection.execute("SELECT lifecycle FROM run WHERE item_id = ?", (item.id,)).fetchone()
    if row and row[0] == "deleted":
        return "It was deleted in MLflow: restore it there, then 'journal runs sync'."
    by, last = change.connection.execute(
        """
        SELECT max(change.id) FILTER (WHERE table_name = 'item' AND row_key = json_array(:item)
            AND json_extract(row_after, '$.deleted_at') IS NOT NULL), max(change.id)
        FROM change JOIN change_row ON change_id = change.id WHERE undone_at IS NULL
        """,
        {"item": item.id},
    ).fetchone()
    if by is None:
        return ""
    return (
        "'journal undo' brings it back." if by == last else "'journal undo' brings it back, after what you did since."
    )


def identity(item: models.Item) -> int:
    assert item.id is not None  # every item comes from the database
    return item.id


def touch(change: Change, item: models.Item) -> None:
    item.updated_at = change.now
    change.session.add(item)


def delete(change: Change, ref: Ref) -> None:
    """Mark `ref` deleted; it keeps its number, and `undo` brings it back."""
    item = get(change, ref)
    item.deleted_at = change.now
    touch(change, item)


def replace_text(change: Change, item: models.Item, field: str, old: str, new: str) -> bool:
    """Keep `old` as a revision if `new` differs; True where it does. The caller sets the field."""
    if old == new:
        return False
    if old:
        change.session.add(models.Revision(item_id=identity(item), field=field, replaced_at=change.now, text=old))
    touch(change, item)
    return True


def set_texts(change: Change, item: models.Item, texts: Mapping[str, str]) -> bool:
    """Change `title` and `body`; the replaced texts stay as revisions. True where anything changed."""
    title, body = texts.get("title", item.title), texts.get("body", item.body)
    title = " ".join(title.split())
    if not title:
        raise BadValue("A title cannot be empty.")
    changed = replace_text(change, item, "title", item.title, title)
    changed |= replace_text(change, item, "body", item.body, body)
    item.title, item.body = title, body
    return changed


def tag(change: Change, ref: Ref, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """The tags of `ref` after adding and removing. Raises BadValue for an unusable name."""
    from sqlmodel import select

    item = get(change, ref)
    kept = {row.name: row for row in change.session.exec(select(models.Tag).where(models.Tag.item_id == item.id)).all()}
    for name in remove:
        if row := kept.pop(tag_name(name), None):
            change.session.delete(row)
    for name in map(tag_name, add):
        if name not in kept:
            kept[name] = models.Tag(item_id=identity(item), name=name)
            change.session.add(kept[name])
    return tuple(sorted(kept))


def tag_name(text: str) -> str:
    """A tag as it is kept: lower case, without blanks. Raises BadValue."""
    name = text.strip().lstrip("#").lower()
    if not name or any(character.isspace() or not character.isprintable() for character in name):
        raise BadValue(f"{text!r} cannot be a tag.", hint="A tag is one word, such as baseline.")
    return name
