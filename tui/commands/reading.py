"""Reading on: the queue, a paper's pages, its PDF, and notes on it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import NotFound, UsageError
from journal.queue_order import Step
from journal.types import Kind, Paper
from tui import context
from tui.commands.options import Json, Limit
from tui.commands.page_links import looked_into
from tui.formatting import counted, printable
from tui.output import note, show, show_json, show_titled

if TYPE_CHECKING:
    from tui.opening import NoOpener, Opener

_Ref = Annotated[str, typer.Argument(metavar="REF", help="A paper: p3, an arXiv id, a DOI, @3 or last.")]

queue = typer.Typer(help="The queue: what to read, in your order.")


@queue.callback(invoke_without_command=True)
def list_queue_(ctx: typer.Context, limit: Limit = 20, json: Json = False) -> None:
    """The queue: what to read, in your order."""
    if ctx.invoked_subcommand is not None:
        return
    from journal.queries.papers import count_papers
    from journal.queries.queue import list_queue
    from journal.types import PaperState
    from tui.commands.paper_table import show_queue

    with context.reading() as connection:
        rows = list_queue(connection, limit=limit)
        count = count_papers(connection, states=(PaperState.queued,))
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        show_queue(rows)
        if count > len(rows):
            note(f"{counted(count - len(rows), 'more paper')}: --limit {count} lists all")
    if not rows:
        context.nothing_found("The queue is empty.", "journal triage p3 queue")


@queue.command("move")
def move_(
    arguments: Annotated[
        list[str],
        typer.Argument(metavar="REF... WHERE", help="Papers, then first, last, up, down, before REF or after REF."),
    ],
    json: Json = False,
) -> None:
    """Move papers in the queue: journal queue move p3 p5 before p8."""
    from journal.queries.queue import queue_rows_of
    from journal.store import papers
    from journal.store.changes import change

    mentions, step, other = _where(arguments)
    with change(context.begin(), "move") as made:
        refs = [context.resolve(made.connection, mention, Kind.paper) for mention in mentions]
        beside = context.resolve(made.connection, other, Kind.paper) if other else None
        made.summary = " ".join(["move", *map(str, refs), step, *([str(beside)] if beside else ())])
        papers.move(made, refs, step, beside=beside)
        rows = queue_rows_of(made.connection, refs)
    if json:
        show_json(rows)
        return
    for row in rows:
        show_titled(row.ref, row.title, further=f"  ({row.place} in the queue)")


def _where(arguments: Sequence[str]) -> tuple[Sequence[str], Step, str | None]:
    """(papers, step, the paper beside which they go) of `journal queue move`. `last` may also name a paper."""
    if len(arguments) >= 3 and arguments[-2] in {Step.before, Step.after}:
        return arguments[:-2], Step(arguments[-2]), arguments[-1]
    if len(arguments) >= 2 and arguments[-1] in {Step.first, Step.last, Step.up, Step.down}:
        return arguments[:-1], Step(arguments[-1]), None
    raise typer.BadParameter("write the papers first, then first, last, up, down, before REF or after REF")


def open_(
    ref: _Ref,
    html: Annotated[bool, typer.Option("--html", help="The HTML page.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="The PDF, in the browser.")] = False,
    doi: Annotated[bool, typer.Option("--doi", help="Where the DOI leads.")] = False,
    page: Annotated[bool, typer.Option("--page", help="The page of the post or project.")] = False,
    code: Annotated[bool, typer.Option("--code", help="The code.")] = False,
    weights: Annotated[bool, typer.Option("--weights", help="The weights.")] = False,
    data: Annotated[bool, typer.Option("--data", help="The data.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Print the address only; with --json all of them.")] = False,
    json: Json = False,
) -> None:
    """Open a paper's page in $BROWSER; where nothing can open it, show and copy the address."""
    from journal.queries.papers import get_paper
    from tui.addresses import AddressKind, addresses_of, chosen

    given = {"html": html, "pdf": pdf, "doi": doi, "page": page, "code": code, "weights": weights, "data": data}
    kinds = [AddressKind(name) for name, is_given in given.items() if is_given]
    if len(kinds) > 1:
        raise UsageError("Only one thing can be opened at a time.")
    with context.reading() as connection:
        paper = get_paper(connection, context.resolve(connection, ref, Kind.paper))
    context.remember_item(paper.ref)
    addresses = addresses_of(paper)
    address = chosen(addresses, kinds[0] if kinds else None)
    if address is None and (code or weights) and paper.page_read_at is None:
        note(f"No {kinds[0]} address of {paper.ref} is known: looking into its page.")
        paper = looked_into(paper)
        addresses = addresses_of(paper)
        address = chosen(addresses, kinds[0])
    if address is None:
        raise NotFound(f"{paper.ref} has no {kinds[0] if kinds else 'web'} address that is known.", hint=_others(paper))
    if print_ and not json:
        # As it is: it holds nothing but visible ASCII.
        show(address.url)
        return
    came_to = Opening(False, "") if print_ else _opened(address.url)
    if json:
        told = {"ref": paper.ref, "kind": paper.kind, "title": paper.title, "url": address.url, "addresses": addresses}
        show_json({**told, "opened": came_to.is_done, "message": came_to.why_not})
    elif came_to.is_done:
        note(f"Opened {address.url}")
    else:
        _show_address(address.url, came_to.why_not)
    if came_to.has_failed:
        raise typer.Exit(1)


def _others(paper: Paper) -> str:
    from tui.addresses import addresses_of

    kinds = dict.fromkeys(address.kind for address in addresses_of(paper))
    has = f"It has: {', '.join(kinds)}." if kinds else ""
    if paper.page_read_at is None:
        return has
    return f"{has} Its page was looked into: 'journal paper links {paper.ref} --look' does so again.".strip()


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening came to. It `has_failed` where a program was there for it and did not do it."""

    is_done: bool
    why_not: str
    has_failed: bool = False


def _opened(url: str) -> Opening:
    from tui.opening import opener_of_address

    return _started(opener_of_address(url, os.environ, sys.platform, shutil.which))


def _started(opener: Opener | NoOpener) -> Opening:
    from tui.opening import NoOpener, run, start

    if isinstance(opener, NoOpener):
        return Opening(False, opener.reason)
    why_not = run(opener) if opener.takes_terminal else start(opener)
    return Opening(not why_not, why_not, has_failed=bool(why_not))


def _show_address(url: str, why_not: str) -> None:
    """The address on stdout; on a terminal to be clicked there, and copied."""
    from tui.clipboard import COPIED, knows_sequences, link, sequence_to_copy

    note(printable(why_not))
    if not sys.stdout.isatty() or not knows_sequences(os.environ):
        show(url)
        return
    show(link(url))
    sys.stdout.write(sequence_to_copy(url, os.environ))
    note(f"The address is {COPIED}.")


def pdf(
    ref: _Ref,
    open_it: Annotated[bool, typer.Option("--open", help="Also open it.")] = False,
    json: Json = False,
) -> None:
    """Download a paper's PDF, unless it is there already, and print where it is."""
    from importers.http import Client, own_user_agent
    from importers.pdfs import fetch_pdf
    from journal.queries.papers import get_paper
    from tui.opening import opener_of_file
    from tui.progress import share_progress

    settings = context.settings()
    with context.reading() as connection:
        paper = get_paper(connection, context.resolve(connection, ref, Kind.paper))
    context.remember_item(paper.ref)
    with Client(user_agent=own_user_agent(settings.contact)) as client, share_progress(f"PDF of {paper.ref}") as tell:
        download = fetch_pdf(client, context.paths(), settings, paper, progress=tell)
    came_to = Opening(False, "")
    if open_it:
        came_to = _started(opener_of_file(download.path, os.environ, sys.platform, shutil.which))
    if json:
        told = {"ref": paper.ref, "kind": paper.kind, "title": paper.title, "path": str(download.path)}
        fetched = {"fetched_bytes": download.fetched_bytes}
        show_json({**told, **fetched, "opened": came_to.is_done, "message": came_to.why_not})
    else:
        show(str(download.path))
        if came_to.why_not:
            note(printable(came_to.why_not))
    if came_to.has_failed:
        raise typer.Exit(1)


def edit_notes(mention: str, *, json: bool) -> None:
    """The notes on a paper in three passes, in $EDITOR."""
    from journal.queries.entries import get_entry
    from journal.reading_notes import passes_in
    from journal.store import notes
    from journal.store.changes import change
    from tui.reading_notes import edited_notes, notes_to_edit

    with context.reading() as connection:
        paper = context.resolve(connection, mention, Kind.paper)
        base, about = notes_to_edit(connection, paper)
    edited = edited_notes(base, about, context.paths().state)
    if edited is None:
        note("Nothing was changed.")
        return
    body, file = edited
    try:
        with change(context.begin(), f"notes on {paper}") as made:
            entry = notes.keep(made, paper, base, body)
            kept = get_entry(made.connection, entry)
    except BaseException:
        note(f"What you typed is in {file}")
        raise
    file.unlink(missing_ok=True)
    context.remember_item(entry)
    passes = passes_in(kept.body)
    if json:
        show_json({**context.json_of(kept), "passes": passes})
    else:
        show_titled(entry, kept.title, further=f"  (about {paper}, {counted(passes, 'pass', 'passes')})")
