"""Papers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from journal.types import PaperRow, PaperState, QueuedPaper, TodayPaper
from tui.formatting import readable, reading, reasons, short_authors
from tui.output import show_table


def show_papers(rows: Sequence[PaperRow], *, with_states: bool = False) -> None:
    """One line a paper. What came from a file or by hand has no state that says anything."""
    headers = ("ref", "state", "title", "authors", "categories", "")
    cells = [
        (
            str(row.ref),
            "" if row.state is PaperState.none else row.state,
            readable(row.title),
            short_authors(row.authors),
            " ".join(row.categories[:2]),
            " ".join(row.badges),
        )
        for row in rows
    ]
    if with_states:
        show_table(headers, cells, grows=2, spare=(4, 3, 1))
    else:
        show_table((headers[0], *headers[2:]), [(cell[0], *cell[2:]) for cell in cells], grows=1, spare=(3, 2))


def show_today(rows: Sequence[TodayPaper]) -> None:
    """One line a paper, with why it stands where it does, once something was learned."""
    if not any(row.because for row in rows):
        show_papers(rows)
        return
    show_table(
        ("ref", "title", "because", "authors", "categories", ""),
        [
            (
                str(row.ref),
                readable(row.title),
                reasons(row.because[:3], is_chance=row.is_chance),
                short_authors(row.authors, most=1),
                " ".join(row.categories[:1]),
                " ".join(row.badges),
            )
            for row in rows
        ],
        grows=1,
        spare=(4, 3, 2),
    )


def show_queue(rows: Sequence[QueuedPaper]) -> None:
    """One line a paper, with how far reading got."""
    show_table(
        ("place", "ref", "title", "authors", "categories", "read"),
        [
            (
                str(row.place),
                str(row.ref),
                readable(row.title),
                short_authors(row.authors),
                " ".join(row.categories[:2]),
                reading(row.passes),
            )
            for row in rows
        ],
        grows=2,
        spare=(4, 3),
    )
