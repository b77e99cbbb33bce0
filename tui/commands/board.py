"""The board of ideas: what was tried on each attribute, what waits, and what is missing."""

from __future__ import annotations

from tui import context
from tui.commands.options import Json
from tui.formatting import local_day, printable
from tui.output import note, show, show_json, show_table


def board(json: Json = False) -> None:
    """The board: what was tried on each part of a network, and what was not.

    ○ is an idea that waits, ● something tried without a verdict yet, ✓ kept, ✗ dropped, ~ unclear. An attribute
    with a question mark is guessed from the words: 'journal edit e3 --attribute schedule' says which it is.
    """
    from journal.clock import now
    from journal.queries.board import read_board
    from tui.board_words import attribute_words, best_words, empty_words, mark_of, proposal_words, standing_of

    with context.reading() as connection:
        found = read_board(connection, now())
    placed = [(row.attribute, each) for row in found.rows for each in (*row.tried, *row.waiting)]
    context.remember_list([each.ref for _, each in placed])
    if json:
        show_json({"attributes": found.rows, "next": found.next})
        return
    if placed:
        cells = [
            (
                attribute_words(attribute, is_guessed=each.is_guessed), mark_of(each), str(each.ref), each.title,
                standing_of(each), best_words(each), local_day(each.created_at),
            )
            for attribute, each in placed
        ]  # fmt: skip
        show_table(("attribute", "", "ref", "what", "verdict", "best", "when"), cells, grows=3, spare=(6, 4, 5))
        show()
    if found.empty:
        show(empty_words(found))
    show(printable(proposal_words(found.next)))
    if found.next.idea is not None:
        note(f"journal try {found.next.idea}")
    elif not placed:
        note("journal log --type idea 'warm-up over 500 steps' keeps an idea.")
