"""What works on every kind of item: show, edit, rm, undo, link, unlink, tag, search."""

from __future__ import annotations

import sqlite3
from typing import Annotated

import typer

from journal.errors import BadValue, NotFound
from journal.types import Item, Kind, Paper, Pointer, Relation, Revision, Run
from tui import context, left_points
from tui.commands.options import MOST_ROWS, History, Json
from tui.formatting import address, local_time, printable
from tui.output import dim, note, show, show_document, show_json, show_snippet, show_titled

RefArgument = Annotated[str, typer.Argument(help="A ref such as e3, an arXiv id, a DOI, a run id, @3 or last.")]


def show_item(
    ref: RefArgument,
    history: History = False,
    json: Json = False,
) -> None:
    """Show one item with everything linked to it."""
    print_item(ref, json=json, with_history=history)


def print_item(mention: str, kind: Kind | None = None, *, json: bool = False, with_history: bool = False) -> None:
    """Print the item that a person named, or that a command made."""
    from journal.clock import now
    from journal.queries import any_item
    from journal.queries.items import item_id, revisions_of
    from tui.documents import Document, read_document

    with context.reading() as connection:
        ref = context.resolve(connection, mention, kind)
        if ref.kind is Kind.run:
            context.look_at_open_runs(connection)
            left_points.say(context.paths(), connection, [ref])
        revisions = revisions_of(connection, item_id(connection, ref)) if with_history else ()
        found = any_item.get(connection, ref) if json else read_document(connection, ref, now(), at_command_line=True)
        further = {} if isinstance(found, Document) else _further(connection, found)
    context.remember_item(ref)
    if isinstance(found, Document):
        show_document(found)
        print_history(revisions)
    else:
        show_json({**context.json_of(found), **further, **({"history": revisions} if with_history else {})})


def _further(connection: sqlite3.Connection, item: Item) -> dict[str, object]:
    """What the detail of an item tells beyond the record: a paper's addresses, how a pointer's code stands now, what
    surrounded a run."""
    if isinstance(item, Paper):
        from tui.paper_document import web_links

        return {"addresses": [{"kind": link.kind, "url": address(link.url)} for link in web_links(item)]}
    if isinstance(item, Run):
        from journal.clock import now
        from journal.queries.sessions import facts_of_run
        from tui.run_cells import took_s

        return {"took_s": took_s(item, now()), "facts": facts_of_run(connection, item.ref)}
    if isinstance(item, Pointer):
        from journal.code_now import look
        from tui.commands.pointers import standing_json

        return standing_json(look(item))
    return {}


def print_history(revisions: tuple[Revision, ...]) -> None:
    for revision in revisions:
        show()
        show(dim(f"{revision.field} until {local_time(revision.replaced_at)}"))
        show(printable(revision.text, keeps_lines=True))


def edit(
    ref: RefArgument,
    title: Annotated[str | None, typer.Option(help="The new title.")] = None,
    body: Annotated[str | None, typer.Option(help="The new body.")] = None,
    why: Annotated[str | None, typer.Option(help="The new why.")] = None,
    expect: Annotated[str | None, typer.Option(help="The new expectation.")] = None,
    outcome: Annotated[str | None, typer.Option(help="The new outcome.")] = None,
    attribute: Annotated[
        str | None, typer.Option(help="What the entry is about: data, optimiser, schedule...; '' takes it back.")
    ] = None,
    origin: Annotated[str | None, typer.Option(help="Of a dataset: where it comes from.")] = None,
    configuration: Annotated[str | None, typer.Option(help="Of a dataset: how it was made ready.")] = None,
    labelling: Annotated[str | None, typer.Option(help="Of a dataset: who labelled it, and how.")] = None,
    splits: Annotated[str | None, typer.Option(help="Of a dataset: what is for training, what for testing.")] = None,
    quirks: Annotated[str | None, typer.Option(help="Of a dataset: what surprises in it.")] = None,
    json: Json = False,
) -> None:
    """Change an item's texts, in $EDITOR or by options.

    What they replace is kept: 'journal show REF --history' has it.
    """
    from journal.attributes import attribute_named
    from journal.queries import any_item
    from journal.store import entries, texts
    from journal.store.changes import change
    from tui.commands.typed import held
    from tui.editing import edit_texts

    named = attribute_named(attribute) if attribute else attribute
    given = {
        "title": title, "body": body, "why": why, "expect": expect, "outcome": outcome, "origin": origin,
        "configuration": configuration, "labelling": labelling, "splits": splits, "quirks": quirks,
    }  # fmt: skip
    wanted = {field: text for field, text in given.items() if text is not None}
    with context.reading() as connection:
        found = context.resolve(connection, ref)
        item = any_item.get(connection, found)
        present = texts.texts_of(item)
    if item.is_deleted:  # before anything is typed
        raise NotFound(f"{found} was deleted.")
    file = None
    if not wanted and named is None:
        edited = edit_texts(present, context.paths().state, about=f"{found}-texts")
        if edited is None:
            note("Nothing was changed.")
            return
        wanted, file = edited
    unknown = sorted(set(wanted) - set(present))
    if unknown:
        raise BadValue(f"{found} has no {unknown[0]}.", hint=f"It has: {', '.join(present)}.")
    with held(file, f"{found}-texts"), change(context.begin(), f"edit {found}") as made:
        texts.edit(made, found, wanted)
        if named is not None:
            entries.set_attribute(made, found, named)
        item = any_item.get(made.connection, found)
    context.remember_item(found)
    if json:
        show_json(context.json_of(item))
    else:
        show_titled(found, item.title)


def rm(refs: Annotated[list[str], typer.Argument(help="What to delete.")]) -> None:
    """Delete items; 'journal undo' brings them back."""
    from journal.store import items
    from journal.store.changes import change

    with change(context.begin(), "rm") as made:
        found = [context.resolve(made.connection, ref) for ref in refs]
        made.summary = f"rm {' '.join(map(str, found))}"
        for ref in found:
            items.delete(made, ref)
    show(f"Deleted {' '.join(map(str, found))}; journal undo brings it back.")


def undo(json: Json = False) -> None:
    """Take back your last change, whatever it was."""
    from journal.store.undo import undo

    undone = undo(context.begin())
    if json:
        show_json({"undone": undone})
    else:
        show(f"Undone: {printable(undone)}")


def link(
    source: Annotated[str, typer.Argument(metavar="A", help="What is linked.")],
    target: Annotated[str, typer.Argument(metavar="B", help="To what.")],
    relation: Annotated[Relation | None, typer.Option("--as", help="What A is to B; default: the usual.")] = None,
) -> None:
    """Link two items: a run to what it tests, an entry to a paper."""
    from journal.store import links
    from journal.store.changes import change

    with change(context.begin(), "link") as made:
        one = context.resolve(made.connection, source)
        other = context.resolve(made.connection, target)
        relation = links.add(made, one, other, relation)
        made.summary = f"link {one} {relation} {other}"
    show(f"{one} {relation} {other}")


def unlink(
    one: Annotated[str, typer.Argument(metavar="A")],
    other: Annotated[str, typer.Argument(metavar="B")],
) -> None:
    """Take away the links between two items."""
    from journal.store import links
    from journal.store.changes import change

    with change(context.begin(), "unlink") as made:
        first = context.resolve(made.connection, one)
        second = context.resolve(made.connection, other)
        links.remove(made, first, second)
        made.summary = f"unlink {first} {second}"
    show(f"{first} and {second} are not linked any more.")


def tag(
    ref: RefArgument,
    tags: Annotated[list[str], typer.Argument(help="+tag adds, -tag removes.", metavar="[+TAG|-TAG]...")],
    json: Json = False,
) -> None:
    """Tag an item: journal tag e3 +baseline -todo.

    -h is help: 'journal tag e3 -- -h' takes away a tag h.
    """
    from journal.queries import any_item
    from journal.store import items
    from journal.store.changes import change

    with change(context.begin(), "tag") as made:
        found = context.resolve(made.connection, ref)
        made.summary = f"tag {found} {' '.join(tags)}"
        items.tag(
            made,
            found,
            add=[name.removeprefix("+") for name in tags if not name.startswith("-")],
            remove=[name[1:] for name in tags if name.startswith("-")],
        )
        item = any_item.get(made.connection, found)
    context.remember_item(found)
    if json:
        show_json(context.json_of(item))
    else:
        show(f"{found}  {' '.join(f'#{name}' for name in item.tags) or 'no tags'}")


def search(
    query: Annotated[
        list[str],
        typer.Argument(
            help='Words, "a phrase", -not, OR, prefix*, kind: tag: author: cat: since: run: metric: '
            "type: is:open verdict: attribute:"
        ),
    ],
    kind: Annotated[Kind | None, typer.Option(help="Only this kind of item.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_ROWS, help="How many at the most.")] = 20,
    json: Json = False,
) -> None:
    """Search papers, runs and diary at once, best first.

    -h is help: 'journal search -- -h' searches for what is not about h.
    """
    from journal.queries.search import SNIPPET_END, SNIPPET_START
    from journal.queries.search import search as find

    with context.reading() as connection:
        results = find(connection, " ".join(query), kinds=frozenset({kind} if kind else ()), limit=limit)
    context.remember_list([hit.ref for hit in results.hits])
    if json:
        show_json([
            {**context.json_of(hit), "snippet": hit.snippet.replace(SNIPPET_START, "").replace(SNIPPET_END, "")}
            for hit in results.hits
        ])  # fmt: skip
    for hit in () if json else results.hits:
        show_titled(hit.ref, hit.title)
        show_snippet(hit.snippet)
    for sentence in results.unclear:
        note(printable(sentence))
    if results.capped:
        note("Too many match to rank them all: these are the newest. Add a word.")
    if not results.hits:
        context.nothing_found("Nothing was found.", "")
