"""Where a paper's code, weights, data and project page are, also as its page tells."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.types import Kind, Paper
from tui import context
from tui.commands.options import Json
from tui.output import note, show_json, show_table


def links(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A paper: p3, an arXiv id, a DOI, @3 or last.")],
    look: Annotated[bool, typer.Option("--look", help="Look into its page, also where that was done before.")] = False,
    json: Json = False,
) -> None:
    """Where a paper's code, weights and data are: as its abstract and comment say, and with --look its page."""
    from journal.queries.papers import get_paper
    from tui.formatting import address
    from tui.paper_document import FOUND, found_links, nothing_in_page, told_links, web_links

    with context.reading() as connection:
        paper = get_paper(connection, context.resolve(connection, ref, Kind.paper))
    context.remember_item(paper.ref)
    if look:
        paper = looked_into(paper)
    told, found = told_links(paper), found_links(paper)
    if json:
        known = [*((link, False) for link in told), *((link, True) for link in found)]
        rows = [{"kind": link.kind, "url": address(link.url), "in_page": in_page} for link, in_page in known]
        show_json(
            {
                "ref": paper.ref,
                "kind": paper.kind,
                "title": paper.title,
                "page_read_at": paper.page_read_at,
                "links": rows,
            }
        )
    elif told or found:
        rows_shown = [(str(link.kind), address(link.url), "") for link in told]
        rows_shown += [(str(link.kind), address(link.url), FOUND.lower()) for link in found]
        show_table(("kind", "address", ""), rows_shown, grows=1)
    if paper.page_read_at is not None and not paper.page_links and not json:
        note(f"Its page: {nothing_in_page(paper.page_read_at)}.")
    if not web_links(paper):
        hint = "" if paper.page_read_at is not None else f"journal paper links {paper.ref} --look"
        context.nothing_found(f"No code, weights or data of {paper.ref} are known.", hint)


def looked_into(paper: Paper) -> Paper:
    """`paper` with what its page names. Raises NotFound where it has no page, SourceError where that fails."""
    from importers.http import Client, own_user_agent
    from importers.paper_pages import look_into_page
    from journal.queries.papers import get_paper

    settings = context.settings()
    with Client(user_agent=own_user_agent(settings.contact)) as client:
        look_into_page(client, context.paths(), settings, paper.ref)
    with context.reading() as connection:
        return get_paper(connection, paper.ref)
