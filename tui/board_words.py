"""The board of ideas in words and marks, for the command line and the interface alike. Pure."""

from __future__ import annotations

from journal.board import Board, BoardRow, Placed, Proposal
from journal.types import EntryType, Verdict
from tui.formatting import counted, number

VERDICT_MARKS = {Verdict.kept: "✓", Verdict.dropped: "✗", Verdict.unclear: "~"}
TRIED_MARK, IDEA_MARK = "●", "○"
NO_ATTRIBUTE = "not said"


def mark_of(placed: Placed) -> str:
    """Hollow for an idea that waits; else its verdict, or that there is none yet."""
    if placed.type is EntryType.idea and not placed.runs:
        return IDEA_MARK
    return VERDICT_MARKS[placed.verdict] if placed.verdict else TRIED_MARK


def standing_of(placed: Placed) -> str:
    """`kept`, `open`, or `idea`."""
    if placed.type is EntryType.idea and not placed.runs:
        return "idea"
    return str(placed.verdict) if placed.verdict else "open"


def best_words(placed: Placed) -> str:
    """`0.9931 val/accuracy`: the best result of its runs."""
    if placed.best is None:
        return ""
    key, value = placed.best
    return f"{number(value)} {key.replace('validation/', 'val/')}"


def count_words(row: BoardRow) -> str:
    """`12 tried, 3 kept, 5 ideas`."""
    kept = sum(each.verdict is Verdict.kept for each in row.tried)
    return f"{len(row.tried)} tried, {kept} kept, {counted(len(row.waiting), 'idea')}"


def attribute_words(attribute: str, *, is_guessed: bool = False) -> str:
    return f"{attribute}?" if is_guessed else attribute or NO_ATTRIBUTE


def proposal_words(proposal: Proposal) -> str:
    """What to try next, and why."""
    if proposal.idea is None:
        return f"next: something on {proposal.attribute}: {proposal.why}"
    return f"next: {proposal.idea} {proposal.title}: {proposal.why}"


def empty_words(board: Board) -> str:
    """The attributes that nothing was tried on, and no idea waits for."""
    return f"nothing yet on: {', '.join(board.empty)}" if board.empty else ""
