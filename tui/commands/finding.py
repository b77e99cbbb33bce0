"""Looking for papers on arXiv, on demand."""

from __future__ import annotations

from typing import Annotated

import typer

from tui import context
from tui.commands.options import Json
from tui.formatting import counted, local_day, readable, short_authors
from tui.output import note, show_json, show_table


def find(
    query: Annotated[list[str], typer.Argument(help="Words, or arXiv's own: 'au:hinton AND ti:distilling'.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 10,
    add: Annotated[bool, typer.Option("--add", help="Keep what is found.")] = False,
    json: Json = False,
) -> None:
    """Look for papers on arXiv, the best match first. Kept are only those that --add keeps."""
    from importers.arxiv_api import find_papers
    from journal.ids import arxiv_abs_url
    from journal.queries.items import find as find_item

    found = find_papers(" ".join(query), context.settings(), context.paths(), most=limit)
    if not found:
        context.nothing_found("arXiv has no paper that matches.", "journal search QUERY searches the journal")
    if add:
        from importers.papers import keep_placed
        from journal.store.changes import change

        with change(context.begin(), f"paper find {' '.join(query)} --add") as made:
            keep_placed(made, found)
    known: dict[str | None, str] = {}
    if context.paths().journal.exists():
        with context.reading() as connection:
            for draft in found:
                ref = find_item(connection, str(draft.arxiv_id))
                known[draft.arxiv_id] = str(ref) if ref else ""
    if json:
        show_json([
            {
                "ref": known.get(draft.arxiv_id) or None, "kind": "paper", "title": draft.title,
                "arxiv_id": draft.arxiv_id, "version": draft.version, "authors": draft.authors,
                "categories": draft.categories, "published_at": draft.published_at,
                "url": arxiv_abs_url(str(draft.arxiv_id)),
            }
            for draft in found
        ])  # fmt: skip
        return
    show_table(
        ("arXiv id", "ref", "title", "authors", "category", "submitted"),
        [
            (
                draft.arxiv_id or "",
                known.get(draft.arxiv_id, ""),
                readable(draft.title),
                short_authors(draft.authors, most=1),
                draft.categories[0] if draft.categories else "",
                local_day(draft.published_at),
            )
            for draft in found
        ],
        grows=2,
        spare=(4, 3),
    )
    if not add:
        note(f"{counted(len(found), 'paper')}; journal paper add ID keeps one")
