"""Code pointers: point, points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import BadValue, NotFound
from journal.types import Kind, Pointer, Ref
from tui import context
from tui.commands.options import Json, Limit
from tui.formatting import counted, titled
from tui.output import note as say
from tui.output import show, show_json, show_table, show_titled

if TYPE_CHECKING:
    from journal.code_now import CodeNow
    from journal.pointing import Place

_OPENS = "Open a pointer in $EDITOR, where its code is now."


def point(
    place: Annotated[
        str, typer.Argument(metavar="PATH[:START-END]", help="A file, and which of its lines: train.py:40-60.")
    ] = "",
    paper: Annotated[list[str] | None, typer.Option(help="A paper it is about: ref, arXiv id, DOI, URL.")] = None,
    run: Annotated[list[str] | None, typer.Option(help="A run it is about.")] = None,
    entry: Annotated[list[str] | None, typer.Option(help="A diary entry it is about.")] = None,
    note: Annotated[str, typer.Option(help="What is to be seen there.")] = "",
    open: Annotated[str, typer.Option(metavar="REF", help=_OPENS)] = "",
    json: Json = False,
) -> None:
    """Point at code: journal point train.py:40-60 --paper p12.

    Its text is kept as it stands, with the commit; 'journal show' and 'journal points' say later whether
    it has moved or changed.
    """
    if bool(place) == bool(open):
        raise typer.BadParameter("name a place such as train.py:40-60, or a pointer to --open")
    if open:
        _open(open)
        return
    found = _found(place)
    from journal.queries.pointers import get_pointer
    from journal.repositories import locate
    from journal.source_files import read_source
    from journal.store import links, papers, pointers
    from journal.store.changes import change

    file = Path(found.path)
    lines, location = read_source(file), locate(file.absolute(), _here(file))
    with change(context.begin(), "point") as made:
        ref = pointers.add(made, found, location, lines, note=note)
        for mention in paper or ():
            links.add(made, ref, papers.named(made, mention, context.remembered()))
        for mention in run or ():
            links.add(made, ref, context.resolve(made.connection, mention, Kind.run))
        for mention in entry or ():
            links.add(made, ref, context.resolve(made.connection, mention, Kind.entry))
        pointer = get_pointer(made.connection, ref)
        made.summary = f"point {titled(ref, pointer.title)}"
    context.remember_item(ref)
    if json:
        show_json(pointer)
        return
    about = ", ".join(str(link.ref) for link in pointer.links)
    show_titled(ref, pointer.title, further=f"  (about {about})" if about else "")
    if pointer.commit_id is None and Path(pointer.root, ".git").exists():
        say("No commit is kept: there is none yet, or git is not installed or refuses this folder.")
    if pointer.is_changed:
        say(f"The file differs from commit {str(pointer.commit_id)[:10]}: the text is kept as it stands now.")


def _here(file: Path) -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was removed meanwhile
        return file.parent


def _found(text: str) -> Place:
    """The place that `text` names in a file that is there. Raises NotFound, BadValue."""
    from journal.pointing import Place, chosen_lines, places_named
    from journal.source_files import existing, read_source

    places = list(places_named(text))
    for place in places:
        file = existing(Path(place.path))
        if file is not None:
            found = Place(str(file), place.first, place.last)
            # Before a journal is started, and before git is asked.
            chosen_lines(Place(file.name, place.first, place.last), read_source(file))
            return found
    raise NotFound(f"There is no file {places[-1].path}.", hint="A place is written as train.py:40-60.")


def points(limit: Limit = 20, json: Json = False) -> None:
    """List code pointers, and whether their code has moved or changed."""
    from journal.code_now import look
    from journal.queries.pointers import count_pointers, list_pointers

    with context.reading() as connection:
        rows = list_pointers(connection, limit=limit)
        count = count_pointers(connection)
    looked = [(pointer, look(pointer)) for pointer in rows]
    context.remember_list([pointer.ref for pointer in rows])
    if json:
        show_json([{**context.json_of(pointer), **standing_json(now)} for pointer, now in looked])
    elif rows:
        show_table(
            ("ref", "code", "where", "about", "note"),
            [
                (
                    str(pointer.ref),
                    _standing_cell(pointer, now),
                    pointer.title,
                    " ".join(str(link.ref) for link in pointer.links),
                    pointer.note,
                )
                for pointer, now in looked
            ],
            grows=2,
            spare=(4, 3),
        )
        if count > len(rows):
            say(f"{counted(count - len(rows), 'more pointer')}: --limit {count} lists all")
    if not rows:
        context.nothing_found("Nothing points at code yet.", "journal point train.py:40-60 --note '...'")


def _standing_cell(pointer: Pointer, now: CodeNow) -> str:
    """`changed 52-72`: and in which lines and file it is now, where those are others."""
    from journal.code_matching import Standing
    from journal.pointing import lines_told

    if now.match.first is None or now.match.last is None or now.standing is Standing.same:
        return now.standing
    lines = lines_told(now.match.first, now.match.last)
    return f"{now.standing} {lines}" if now.path == pointer.path else f"{now.standing} {now.path}:{lines}"


def standing_json(now: CodeNow) -> dict[str, object]:
    """What became of the code, as JSON adds it to a pointer: `standing`, where it is `now`, and the difference."""
    match = now.match
    return {
        "standing": now.standing,
        "now": None if match.first is None else {"path": now.path, "first_line": match.first, "last_line": match.last},
        "difference": [f"{line.sign}{line.text}" for line in match.difference],
    }


def _open(mention: str) -> None:
    """Open the file of a pointer at the line where the code is now, or was."""
    from journal.code_matching import Standing
    from journal.code_now import look
    from journal.queries.pointers import get_pointer
    from tui.editing import run_editor
    from tui.pointer_document import standing_told

    with context.reading() as connection:
        ref: Ref = context.resolve(connection, mention, Kind.pointer)
        pointer = get_pointer(connection, ref)
    now = look(pointer)
    context.remember_item(ref)
    if now.file is None or not now.file.exists():
        raise NotFound(f"{ref}: {now.reason}", hint=f"'journal show {ref}' has the text as it stood.")
    if not now.file.is_file():
        raise BadValue(f"{ref}: {now.reason}")
    if now.standing is not Standing.same:
        say(standing_told(pointer, now))
    run_editor(now.file, line=now.match.first or pointer.first_line)
    show(f"{ref}  {standing_told(pointer, look(pointer))}")
