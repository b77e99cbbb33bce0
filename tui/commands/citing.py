"""How papers leave the journal: cited one by one, and exported as a bibliography."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import BadValue, NotFound, PartlyFailed
from journal.types import Kind, PaperState
from tui import context
from tui.commands.options import MOST_ROWS, Json
from tui.formatting import counted, printable
from tui.output import note, show, show_json, show_plain
from tui.result_files import STDOUT, write_result

if TYPE_CHECKING:
    import sqlite3

    from journal.citing.paper import CitedPaper
    from journal.queries.citations import Citable


class Style(StrEnum):
    """The forms of a citation."""

    text = auto()
    bibtex = auto()
    csl = auto()
    key = auto()
    markdown = auto()


_STYLE_OF_SUFFIX = {".bib": Style.bibtex, ".bibtex": Style.bibtex, ".json": Style.csl, ".md": Style.markdown,
                    ".txt": Style.text}  # fmt: skip


def cite(
    refs: Annotated[
        list[str], typer.Argument(help="Papers: refs, arXiv ids, DOIs, keys, @3 or last.", metavar="REF...")
    ],
    style: Annotated[Style, typer.Option("--style", "-s", help="How.")] = Style.text,
    json: Json = False,
) -> None:
    """Cite papers. A key is made when a paper is first cited, and never changes."""
    with context.reading() as connection:
        ids = list(dict.fromkeys(_paper_id(connection, ref) for ref in refs))
    papers = _with_keys(ids)
    cited = [one for one in papers if one.paper.key]
    if json:
        show_json([
            {"ref": one.ref, "kind": Kind.paper, "title": one.paper.title, "key": one.paper.key,
             "style": style, "text": _written([one.paper], style).rstrip("\n")}
            for one in cited
        ])  # fmt: skip
    elif cited:
        show_plain(_written([one.paper for one in cited], style).rstrip("\n"))
    _fail_for_untitled(papers, "cited")


def export(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="A file that ends in .bib, .json, .md or .txt, else -; then papers.", metavar="[FILE] [REF]..."
        ),
    ] = None,
    style: Annotated[
        Style | None, typer.Option("--format", "-f", help="Default: as the file's name says, else bibtex.")
    ] = None,
    state: Annotated[
        list[PaperState] | None, typer.Option(help="Only those in this state; may be given again.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only those with this tag; may be given again.")] = None,
    query: Annotated[str, typer.Option("--search", help="Only those that this search finds.")] = "",
    ascii_only: Annotated[bool, typer.Option("--ascii", help="BibTeX with accents spelt as TeX does.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print CSL-JSON.")] = False,
) -> None:
    """Export papers as a bibliography: those named, or kept, queued and cited ones and those of a bibliography.

    With --state, --tag or --search, all papers that these leave.
    """
    file, refs = _file_and_refs(names or [])
    if refs and (state or tag or query):
        raise BadValue("Papers are either named or chosen by --state, --tag and --search.")
    style = style or (Style.csl if json else _STYLE_OF_SUFFIX.get(file.suffix.lower(), Style.bibtex))
    if json and (style is not Style.csl or file != STDOUT):
        raise BadValue("--json prints CSL-JSON, and writes no file.", hint="--format csl writes it into one.")
    with context.reading() as connection:
        ids = [_paper_id(connection, ref) for ref in refs] if refs else _chosen(connection, state, tag, query)
    papers = _with_keys(list(dict.fromkeys(ids)))
    written = [one.paper for one in papers if one.paper.key]
    if not written and not papers:
        if json:
            show("[]")
        context.nothing_found("There is no such paper to export.", "journal paper export --state none")
    write_result(file, _written(written, style, ascii_only=ascii_only), is_over=force)
    if file != STDOUT:
        note(f"{counted(len(written), 'paper')} written to {printable(str(file))}")
    _fail_for_untitled(papers, "exported")


def _file_and_refs(names: Sequence[str]) -> tuple[Path, list[str]]:
    """The file is told from a paper by its ending: a paper may be named by an address, which holds slashes."""
    first = names[0] if names else ""
    is_address = "://" in first
    if first == str(STDOUT) or (Path(first).suffix.lower() in _STYLE_OF_SUFFIX and not is_address):
        return Path(first), [*names[1:]]
    return STDOUT, [*names]


def _paper_id(connection: sqlite3.Connection, mention: str) -> int:
    from journal.queries.citation_keys import ref_now
    from journal.queries.items import get_item, item_id

    ref = context.resolve(connection, mention, Kind.paper)
    ref = ref_now(connection, item_id(connection, ref))
    if get_item(connection, ref).is_deleted:
        raise NotFound(f"{ref} was deleted.")
    return item_id(connection, ref)


def _chosen(
    connection: sqlite3.Connection, states: list[PaperState] | None, tags: list[str] | None, query: str
) -> list[int]:
    from journal.keywords import tag_of
    from journal.queries.citations import exported_ids
    from journal.queries.items import item_id
    from journal.queries.search import search

    wanted = tuple(states or PaperState) if query and not tags else tuple(states or ())
    ids = exported_ids(connection, states=wanted, tags=tuple(map(tag_of, tags or ())))
    if not query:
        return ids
    found = search(connection, query, kinds=frozenset({Kind.paper}), limit=MOST_ROWS)
    for sentence in found.unclear:
        note(printable(sentence))
    hits = {item_id(connection, hit.ref) for hit in found.hits}
    return [identity for identity in ids if identity in hits]


def _with_keys(ids: Sequence[int]) -> tuple[Citable, ...]:
    """The papers, each with its key but for those of which only an identifier is known.

    Keys are given by the program and not by the person: an undo takes back no key that somebody was told.
    """
    from dataclasses import replace

    from journal.queries.citations import citable_papers

    with context.reading() as connection:
        papers = citable_papers(connection, ids)
    if all(one.paper.key or one.is_placeholder for one in papers):
        return papers
    from journal.store.changes import program_change
    from journal.store.citations import give_keys

    with program_change(context.begin()) as change:
        papers = citable_papers(change.connection, ids)
        keys: Mapping[int, str] = give_keys(change, papers)
    return tuple(replace(one, paper=replace(one.paper, key=keys.get(one.item_id, ""))) for one in papers)


def _written(papers: Sequence[CitedPaper], style: Style, *, ascii_only: bool = False) -> str:
    from journal.citing.bibtex import bibtex
    from journal.citing.formats import cite as cited
    from journal.citing.paper import csl_json

    if style is Style.bibtex:
        return bibtex(papers, ascii_only=ascii_only)
    if style is Style.csl:
        return csl_json(papers)
    return "".join(f"{paper.key if style is Style.key else cited(paper, style)}\n" for paper in papers)


def _fail_for_untitled(papers: Sequence[Citable], done: str) -> None:
    untitled = [one for one in papers if not one.paper.key]
    if untitled:
        refs = " ".join(str(one.ref) for one in untitled)
        names = " ".join(one.paper.arxiv_id or one.paper.doi or one.paper.url or "" for one in untitled[:3])
        raise PartlyFailed(
            f"Of {refs} only the identifier is known, so {'it is' if len(untitled) == 1 else 'they are'} not {done}.",
            hint=f"'journal paper add {names}' looks up what arXiv knows; 'journal edit' takes a title.",
        )
