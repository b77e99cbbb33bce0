"""Papers: list, import, add, show, note; more of them is in `finding`, `reading`, `page_links` and `citing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journal.errors import PartlyFailed
from journal.types import Kind, PaperState
from tui import context
from tui.commands import citing, finding
from tui.commands.items import RefArgument, print_item
from tui.commands.notes import show_written
from tui.commands.options import History, Json, Limit
from tui.commands.page_links import links
from tui.commands.reading import edit_notes, open_, pdf
from tui.formatting import counted, titled
from tui.output import note, note_some, show, show_json, show_titled

app = typer.Typer(
    help="Papers: list, add, find, import, show, open, pdf, links, note, cite, export.", no_args_is_help=True
)


@app.command("list")
def list_(
    state: Annotated[
        list[PaperState] | None, typer.Option(help="Only those in this state; may be given again.")
    ] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List papers, those that arrived last first."""
    from journal.queries.papers import count_papers, list_papers
    from tui.commands.paper_table import show_papers

    states = tuple(dict.fromkeys(state or ()))
    with context.reading() as connection:
        rows = list_papers(connection, states=states, limit=limit)
        count = count_papers(connection, states=states)
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        show_papers(rows, with_states=True)
        if count > len(rows):
            note(f"{counted(count - len(rows), 'more paper')}: --limit {count} lists all")
    if not rows and states:
        context.nothing_found(f"No paper is {' or '.join(states)}.", "")
    if not rows:
        context.nothing_found("There are no papers yet.", "journal paper add 1706.03762, or journal feed add cs.LG")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="BibTeX, CSL-JSON, an export of Zotero, a papis folder, or a paper a line as JSON; - reads."
        ),
    ],
    json: Json = False,
) -> None:
    """Import papers, with their keys, tags and notes. It can be stopped and started again; nothing is kept twice."""
    from importers.given_files import require
    from importers.paper_files import import_papers
    from tui.progress import byte_progress, one_line

    require(file)  # before a journal is made for nothing
    where = context.begin()
    label = f"Importing {file.name}"
    with byte_progress(file, label) as advance, one_line() as draw:
        report = import_papers(where, file, advance, lambda kept: draw(f"{label}  {counted(kept, 'paper')}"))
    if json:
        show_json(report)
    else:
        show(
            f"{counted(report.new, 'paper')} new, {report.updated:,} updated, {report.unchanged:,} known already,"
            f" {len(report.refused):,} refused"
        )
        if report.notes:
            show(f"{counted(report.notes, 'note')} written into the diary")
    note_some([f"refused: {reason}" for reason in report.refused])
    note_some(report.left_out)
    note_some([f"{one.ref} is cited by {one.key}, not by {one.brought}" for one in report.other_keys])
    if report.refused:
        raise PartlyFailed(f"{counted(len(report.refused), 'record')} of {file} could not be read.")


@app.command()
def add(
    mentions: Annotated[list[str], typer.Argument(help="arXiv ids or addresses, DOIs, or addresses of posts.")],
    json: Json = False,
) -> None:
    """Add papers: what arXiv knows of them is looked up."""
    from importers.papers import add_papers, require_papers
    from journal.queries.papers import get_paper

    settings = context.settings()
    require_papers(mentions)
    added = add_papers(context.begin(), settings, mentions)
    with context.reading() as connection:
        papers = [get_paper(connection, ref) for ref in added.refs]
    context.remember_made(added.refs)
    if json:
        show_json(papers)
    else:
        for paper in papers:
            show_titled(paper.ref, paper.title)
    if added.failures:
        raise PartlyFailed(" ".join(added.failures), hint="The others were kept." if added.refs else "")


@app.command("show")
def show_paper(ref: RefArgument, history: History = False, json: Json = False) -> None:
    """Show one paper."""
    print_item(ref, Kind.paper, json=json, with_history=history)


@app.command("note")
def note_(
    ref: RefArgument,
    text: Annotated[
        str | None, typer.Argument(help="The note; its first line is its title. Without it, your editor opens.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a note about a paper into the diary, or with no text your notes in three passes, in $EDITOR."""
    from journal.queries.entries import get_entry
    from journal.store import notes
    from journal.store.changes import change

    if text is None:
        edit_notes(ref, json=json)
        return
    with change(context.begin(), "note") as made:
        paper = context.resolve(made.connection, ref, Kind.paper)
        entry = notes.add(made, [paper], text)
        kept = get_entry(made.connection, entry)
        made.summary = f"note {entry} on {titled(paper, kept.title)}"
    show_written(kept, f"  (about {paper})", json=json)


app.command("find")(finding.find)
app.command("open")(open_)
app.command("pdf")(pdf)
app.command("links")(links)
app.command("cite")(citing.cite)
app.command("export")(citing.export)
