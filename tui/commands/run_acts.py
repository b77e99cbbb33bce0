"""What is done to many runs at once: archive, unarchive, tag. They are named, or a filter or a view finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import BadRef, BadValue
from journal.refs import Last, Mention, RowNumber, parse_mention
from journal.types import Kind, Ref
from tui import context
from tui.commands.filter_words import filter_text
from tui.commands.run_lists import asked_for
from tui.formatting import counted, printable
from tui.output import show

if TYPE_CHECKING:
    from journal.store.changes import Change

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[REF|FILTER]...", help="Runs (r7, @3, last), or a filter, as 'journal runs list' takes it."
    ),
]
View = Annotated[str, typer.Option(metavar="NAME", help="The runs of a saved view; a filter narrows it further.")]
_MOST_NAMED = 10
_SIGNS = ":<>=~"


def archive(words: Words = None, view: View = "") -> None:
    """Leave runs out of lists; is:archived, or --archived, shows them."""
    from journal.store import many

    _for_all(words or (), view, "archive", "archived", many.archive)


def unarchive(words: Words = None, view: View = "") -> None:
    """Have archived runs in lists again."""
    from journal.store import many

    _for_all(words or (), view, "unarchive", "back in lists", many.unarchive, of_archived=True)


def tag(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[REF|FILTER]... [+TAG|-TAG]...", help="Runs, or a filter; then tags: +tag adds, -tag removes."
        ),
    ],
    view: View = "",
) -> None:
    """Tag many runs at once: journal runs tag r1 r2 +amp -todo, journal runs tag 'lr<1e-3' +low."""
    from journal.store import many

    tags = [word for word in words if word[:1] in {"+", "-"}]
    others = [word for word in words if word not in tags]
    if not tags or not (others or view):
        raise BadValue("Name runs and tags.", hint="Such as: journal runs tag r1 r2 +amp -todo")
    for word in tags:  # a condition taken for a tag would leave more runs than were meant
        if word.startswith("-") and any(sign in word for sign in _SIGNS) and (view or not _are_refs(others)):
            raise BadValue(f"{printable(word)} is no tag to take away.", hint=f"As a condition: not {word[1:]}")

    def make(change: Change, found: Iterable[Ref]) -> int:
        added = [word[1:] for word in tags if word.startswith("+")]
        return many.tag(change, found, add=added, remove=[word[1:] for word in tags if word.startswith("-")])

    _for_all(others, view, f"tag {' '.join(tags)}", f"tagged {' '.join(tags)}", make)


def _for_all(
    words: Sequence[str],
    view: str,
    verb: str,
    done: str,
    make: Callable[[Change, Iterable[Ref]], int],
    *,
    of_archived: bool = False,
) -> None:
    """One change of all the runs that were named, or found. Exit code 1 where there are none."""
    from journal.store.changes import change

    if not words and not view:
        raise BadValue("Name runs, a filter or a view.", hint=f"Such as: journal runs {verb} r7, or 'status:failed'")
    are_named = not view and _are_refs(words)
    found = [] if are_named else _found(words, view, of_archived=of_archived)
    with change(context.begin(), verb) as made:
        refs = (
            [*dict.fromkeys(context.resolve(made.connection, word, Kind.run) for word in words)] if are_named else found
        )
        made.summary = f"{verb} {counted(len(refs), 'run')}" if len(refs) > 1 else f"{verb} {refs[0]}"
        touched = make(made, refs)
    names = " ".join(map(str, refs)) if len(refs) <= _MOST_NAMED else counted(len(refs), "run")
    if not are_named and 1 < len(refs) <= _MOST_NAMED:
        names = f"{counted(len(refs), 'run')}, {names}"
    show(f"{names}: {printable(done)}; journal undo takes it back." if touched else f"{names}: nothing to change.")


def _are_refs(words: Sequence[str]) -> bool:
    """Whether runs are named: by each of the words, or by one that can be nothing else; then no other is a filter."""
    mentions: list[Mention | None] = []
    for word in words:
        try:
            mentions.append(parse_mention(word))
        except BadRef:
            mentions.append(None)
    return None not in mentions or any(isinstance(mention, Ref | RowNumber | Last) for mention in mentions)


def _found(words: Sequence[str], view: str, *, of_archived: bool) -> list[Ref]:
    """The runs that a filter leaves, which must be understood whole."""
    from journal.clock import now
    from journal.queries.run_conditions import Being
    from journal.queries.run_filter import RunFilter
    from journal.queries.run_lists import run_ids, run_rows
    from journal.queries.run_order import NEWEST_FIRST

    moment = now()
    with context.reading() as connection:
        context.look_at_open_runs(connection)
        filter, _, order = asked_for(connection, filter_text(words), "", view, moment, otherwise="Nothing was changed.")
        if of_archived:
            filter = filter.narrowed(RunFilter(Being("archived")))
        if filter.node is None:
            raise BadValue("This filter takes every run.", hint="'started>1d' and the like say which are meant.")
        refs = [
            row.ref
            for row in run_rows(connection, run_ids(connection, filter, order or NEWEST_FIRST, now=moment)).values()
        ]
    if not refs:
        context.nothing_found("No run matches.", "")
    return refs
