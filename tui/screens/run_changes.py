"""What is done to runs, to one or to many: each is one change, which undo takes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journal.types import Ref, RunView
from tui.formatting import counted
from tui.messages import ChangeWanted, Unchanged

if TYPE_CHECKING:
    from journal.store.changes import Change


def named(refs: Sequence[Ref]) -> str:
    """`r7`, or `12 runs`."""
    return str(refs[0]) if len(refs) == 1 else counted(len(refs), "run")


def deleted(refs: Sequence[Ref]) -> ChangeWanted:
    def make(change: Change) -> Unchanged | None:
        from journal.store import many

        return None if many.delete(change, refs) else Unchanged("They are deleted already.")

    return ChangeWanted(f"delete {named(refs)}", refs[0], make)


def archived(refs: Sequence[Ref]) -> ChangeWanted:
    def make(change: Change) -> Unchanged | None:
        from journal.store import many

        return None if many.archive(change, refs) else Unchanged("Archived already: is:archived shows them.")

    return ChangeWanted(f"archive {named(refs)}", refs[0], make)


def unarchived(refs: Sequence[Ref]) -> ChangeWanted:
    def make(change: Change) -> Unchanged | None:
        from journal.store import many

        return None if many.unarchive(change, refs) else Unchanged("None of them is archived.")

    return ChangeWanted(f"unarchive {named(refs)}", refs[0], make)


_BECAUSE = re.compile(r"[\s,;:]+because[\s:]+", re.IGNORECASE)


def why_said(refs: Sequence[Ref], line: str) -> ChangeWanted:
    """A new entry that these runs test; what stands in `line` after "because" is why."""
    what, _, why = _BECAUSE.sub("\0", line, count=1).partition("\0")

    def make(change: Change) -> None:
        from journal.store import entries, links
        from journal.types import EntryDraft, Relation

        entry = entries.add(change, EntryDraft(what=what, why=why))
        for ref in refs:
            links.add(change, ref, entry, Relation.tests)

    return ChangeWanted(f"why of {named(refs)}", refs[0], make)


def tagged(refs: Sequence[Ref], text: str) -> ChangeWanted:
    """`text` has tags: +amp, or amp, adds; -todo takes away."""
    words = text.replace(",", " ").split()

    def make(change: Change) -> Unchanged | None:
        from journal.store import many

        touched = many.tag(
            change,
            refs,
            add=[word.removeprefix("+") for word in words if not word.startswith("-")],
            remove=[word[1:] for word in words if word.startswith("-")],
        )
        return None if touched else Unchanged("They have those tags already.")

    return ChangeWanted(f"tag {named(refs)} {' '.join(words)}", refs[0], make)


def view_saved(view: RunView, beside: Ref) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import views

        views.save(change, view)

    return ChangeWanted(f"save view {view.name}", beside, make)


def view_deleted(name: str, beside: Ref) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import views

        views.delete(change, name)

    return ChangeWanted(f"delete view {name}", beside, make)
