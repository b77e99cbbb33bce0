"""How each kind of item looks as one row of a list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journal.queries.run_marks import FAILED_CHECK
from journal.types import EntryRow, PaperRow, PaperState, QueuedPaper, RunRow, RunStatus
from tui.entry_words import verdict_words
from tui.formatting import local_day, printable, readable, reading, short_authors
from tui.roles import HAS_NO_WHY, HAS_WHY, STATE_ROLES, STATUS_ROLES, VERDICT_ROLES
from tui.run_cells import short_duration, silence, took, value_words
from tui.widgets.rows import NOT_MARKED, Cell, Column, Row, Span, cell

_MOST_OF_TITLE = 400  # characters; no list is wider
PAPER_COLUMNS = (
    Column("state", 7, needs=50),
    Column("title"),
    Column("authors", 20, needs=100),
    Column("category", 8, needs=70),
    Column("date", 10, needs=56),
)
QUEUE_COLUMNS = (
    Column("place", 5, needs=44, is_right=True),
    Column("queued paper, first to read first"),
    Column("authors", 20, needs=100),
    Column("category", 8, needs=70),
    Column("read", 6, needs=56),
)
TODAY_COLUMNS = (
    Column("title"),
    Column("authors", 20, needs=76),
    Column("category", 8, needs=56),
)
RUN_COLUMNS = (
    Column("", 5),
    Column("status", 8, needs=44),
    Column("name"),
    Column("experiment", 12, needs=104),
    Column("started", 11, needs=58),
    Column("took", 7, needs=96, is_right=True),
    Column("result", 15, needs=62),
    Column("further", 13, needs=75),
    Column("", 13, needs=120),
)
ENTRY_COLUMNS = (
    Column("date", 10, needs=56),
    Column("type", 8, needs=40),
    Column("what"),
    Column("verdict", 8, needs=30),
)


def paper_row(paper: PaperRow) -> Row:
    """A paper among all papers; what was turned down is dim."""
    title_role = "dim" if paper.state in {PaperState.skipped, PaperState.muted} else ""
    state = "" if paper.state is PaperState.none else str(paper.state)
    return Row(
        paper.ref,
        (
            cell(state, STATE_ROLES[paper.state]),
            _titled(paper, title_role),
            cell(short_authors(paper.authors, most=1), "dim"),
            cell(paper.categories[0] if paper.categories else "", "dim"),
            cell(_paper_day(paper), "dim"),
        ),
    )


def queue_row(paper: QueuedPaper) -> Row:
    """A paper in the queue, and how far reading got."""
    return Row(
        paper.ref,
        (
            cell(str(paper.place), "dim"),
            _titled(paper),
            cell(short_authors(paper.authors, most=1), "dim"),
            cell(paper.categories[0] if paper.categories else "", "dim"),
            cell(reading(paper.passes), "good"),
        ),
    )


def today_row(paper: PaperRow) -> Row:
    """A paper to skim."""
    return Row(
        paper.ref,
        (
            _titled(paper),
            cell(short_authors(paper.authors, most=1), "dim"),
            cell(paper.categories[0] if paper.categories else "", "dim"),
        ),
    )


def _titled(paper: PaperRow, role: str = "") -> Cell:
    """The badges, then the title, which may be cut at its end."""
    return (*(Span(f"{badge} ", "warn") for badge in paper.badges), *cell(readable(paper.title[:_MOST_OF_TITLE]), role))


def _paper_day(paper: PaperRow) -> str:
    return paper.announced_on.isoformat() if paper.announced_on else local_day(paper.published_at)


def run_row(run: RunRow, told: Sequence[tuple[str, object] | None], now: datetime, marks: str = "") -> Row:
    """A run; a hollow mark where nobody wrote down why it was made. `told` are names with the values shown of them,
    the first, its result, in full; `marks` as `run_marks` has them.

    The first cell begins with the blank in which the list puts its mark.
    """
    goes_on = run.status is RunStatus.running and run.started_at is not None
    why = Span(HAS_WHY, "good") if run.has_why else Span(HAS_NO_WHY, "dim")
    return Row(
        run.ref,
        (
            (
                Span(NOT_MARKED),
                why,
                *(Span(mark, "bad" if mark == FAILED_CHECK else "dim") for mark in marks),
                Span(""),
            ),
            cell(run.status, STATUS_ROLES[run.status]),
            cell(run.title, "dim" if run.is_archived else ""),
            cell(run.experiment, "dim"),
            _going_on(run, now) if goes_on else cell(_started(run), "dim"),
            cell("" if goes_on else took(run, now), "dim"),
            _told_cell(told[0] if told else None),
            *(_further_cell(told[place] if place < len(told) else None) for place in (1, 2)),
        ),
    )


def _going_on(run: RunRow, now: datetime) -> Cell:
    silent = silence(run, now)
    return cell(f"for {took(run, now)}", "ref") if silent is None else cell(f"silent {short_duration(silent)}", "warn")


def _started(run: RunRow) -> str:
    return run.started_at.astimezone().strftime("%m-%d %H:%M") if run.started_at else ""


def _told_cell(told: tuple[str, object] | None) -> Cell:
    if told is None:
        return cell("")
    key, value = told
    short_key = key[:60].replace("validation/", "val/")
    return (Span(f"{printable(value_words(value)[:60]):<7} "), Span(printable(short_key), "dim"))


def _further_cell(told: tuple[str, object] | None) -> Cell:
    if told is None:
        return cell("")
    key, value = told
    return (
        Span(f"{printable(value_words(value)[:60])} "),
        Span(printable(key[:60].replace("validation/", "val/")), "dim"),
    )


def entry_row(entry: EntryRow) -> Row:
    """A diary entry."""
    return Row(
        entry.ref,
        (
            cell(local_day(entry.created_at), "dim"),
            cell(entry.type, "dim"),
            cell(entry.title),
            _verdict_cell(entry),
        ),
    )


def _verdict_cell(entry: EntryRow) -> Cell:
    """The verdict; of what is open, that it is, and of a question that it is answered."""
    if entry.verdict is None:
        return cell("○ open", "warn") if entry.is_open else cell(verdict_words(entry), "good")
    return cell(entry.verdict, VERDICT_ROLES[entry.verdict])
