"""Code pointers."""

from __future__ import annotations

from collections.abc import Sequence

from journal import models
from journal.pointing import Place, chosen_lines, enclosing_definition, pointer_extra, pointer_title
from journal.repositories import Location
from journal.store import items
from journal.store.changes import Change
from journal.types import Kind, Ref


def add(change: Change, place: Place, location: Location, lines: Sequence[str], *, note: str = "") -> Ref:
    """Keep the lines that `place` means of a file that has these `lines`. Raises BadValue where it has no such."""
    first, last = chosen_lines(place, lines)
    text = "\n".join(lines[first - 1 : last]) + "\n"
    item = items.make(
        change,
        Kind.pointer,
        title=pointer_title(location.path, first, last, enclosing_definition(lines, first, last)),
        body=note,
        extra=pointer_extra(location.path, text),
    )
    change.session.add(
        models.Pointer(
            item_id=items.identity(item),
            repository=location.repository,
            root=location.root,
            commit_id=location.commit,
            is_changed=int(location.is_changed),
            path=location.path,
            first_line=first,
            last_line=last,
            text=text,
        )
    )
    change.session.flush()
    return items.ref_of(item)
