"""Diary entries."""

from __future__ import annotations

from collections.abc import Mapping

from journal import models
from journal.attributes import known_name
from journal.errors import BadValue
from journal.store import items, links
from journal.store.changes import Change
from journal.types import EntryDraft, Kind, Ref, Relation, Verdict, entry_extra

TEXTS = ("why", "expect", "outcome")


def add(change: Change, draft: EntryDraft, *, uid: str | None = None) -> Ref:
    """Keep a new entry. Raises BadValue where it says nothing."""
    item = items.make(
        change,
        Kind.entry,
        title=draft.what,
        body=draft.body,
        uid=uid,
        people=draft.answered_by,
        extra=entry_extra(draft.why, draft.expect, draft.outcome),
    )
    change.session.add(
        models.Entry(
            item_id=items.identity(item),
            type=draft.type,
            why=draft.why,
            expect=draft.expect,
            outcome=draft.outcome,
            verdict=draft.verdict,
            outcome_at=change.now if draft.outcome or draft.verdict else None,
            attribute=known_name(draft.attribute) or draft.attribute.strip(),
            answered_by=draft.answered_by,
        )
    )
    change.session.flush()
    return items.ref_of(item)


def try_out(change: Change, idea: Ref, *, what: str = "", why: str = "", expect: str = "") -> Ref:
    """Begin to try an idea, or go on from another entry: a new entry that follows it, and is about the same.

    Raises NotFound, BadValue.
    """
    item, entry = _get(change, idea, with_deleted=False)
    draft = EntryDraft(what=what.strip() or item.title, why=why, expect=expect, attribute=entry.attribute)
    ref = add(change, draft)
    links.add(change, ref, idea, Relation.follows)
    return ref


def set_outcome(
    change: Change, ref: Ref, outcome: str, verdict: Verdict | None = None, *, with_deleted: bool = False
) -> None:
    """What came of it. An outcome that was there before stays as a revision. Raises NotFound, BadValue."""
    _, entry = _get(change, ref, with_deleted=with_deleted)
    has_changed = edit(change, ref, {"outcome": outcome}, with_deleted=with_deleted)
    if has_changed or verdict not in {None, entry.verdict}:
        entry.verdict = verdict or entry.verdict
        entry.outcome_at = change.now
        change.session.add(entry)


def set_attribute(change: Change, ref: Ref, attribute: str) -> bool:
    """What it is about; an empty one takes that back. True where that was another. Raises NotFound, BadValue."""
    item, entry = _get(change, ref, with_deleted=False)
    attribute = known_name(attribute) or attribute.strip()
    if entry.attribute == attribute:
        return False
    entry.attribute = attribute
    items.touch(change, item)
    change.session.add(entry)
    change.session.flush()
    return True


def edit(change: Change, ref: Ref, texts: Mapping[str, str], *, with_deleted: bool = False) -> bool:
    """Change title, body, why, expect or outcome; replaced texts stay as revisions. True if any changed."""
    item, entry = _get(change, ref, with_deleted=with_deleted)
    changed = items.set_texts(change, item, texts)
    for field in TEXTS:
        old: str = getattr(entry, field)
        new = texts.get(field, old)
        if items.replace_text(change, item, field, old, new):
            setattr(entry, field, new)
            changed = True
    item.extra = entry_extra(entry.why, entry.expect, entry.outcome)
    change.session.add(item)
    change.session.add(entry)
    change.session.flush()
    return changed


def _get(change: Change, ref: Ref, *, with_deleted: bool) -> tuple[models.Item, models.Entry]:
    if ref.kind is not Kind.entry:
        raise BadValue(f"{ref} is {ref.kind.named}, not an entry.", hint="Entries are e1, e2 and so on.")
    item = items.get(change, ref, with_deleted=with_deleted)
    return item, change.session.get_one(models.Entry, item.id)
