"""The queue keeps its order: through leaving, undo, moves by two processes at once, and places that are lost."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing

import pytest

from journal import db
from journal.errors import BadValue
from journal.paths import Paths
from journal.queries.queue import list_queue, notes_of, queue_position, queue_rows_of
from journal.queue_order import Step
from journal.store import entries, items, links, notes, papers
from journal.store.changes import change, program_change
from journal.store.undo import undo
from journal.types import EntryDraft, EntryType, Kind, PaperDecision, PaperDraft, PaperState, Ref, Relation


def paper(number: int) -> Ref:
    return Ref(Kind.paper, number)


@pytest.fixture
def queued(paths: Paths) -> Paths:
    """p1 to p5, queued as 3, 1, 2, 4, 5."""
    drafts = [PaperDraft(title=f"Paper {number}", arxiv_id=f"2601.{number:05}") for number in range(1, 6)]
    inserts = tuple((draft, PaperState.new) for draft in drafts)
    with program_change(paths) as opened:
        papers.apply(opened, PaperDecision(inserts=inserts, updates=(), unchanged=0, placed=tuple(range(-1, -6, -1))))
    with change(paths, "queue") as opened:
        for number in (3, 1, 2, 4, 5):
            papers.set_state(opened, paper(number), PaperState.queued)
    return paths


def order(paths: Paths) -> list[int]:
    with closing(db.connect(paths)) as connection:
        return [row.ref.number for row in list_queue(connection)]


def state(paths: Paths, number: int, to: PaperState) -> None:
    with change(paths, f"{to} p{number}") as opened:
        papers.set_state(opened, paper(number), to)


def move(paths: Paths, *numbers: int, to: Step, beside: int | None = None) -> None:
    with change(paths, "move") as opened:
        papers.move(opened, [paper(n) for n in numbers], to, beside=paper(beside) if beside else None)


def execute(paths: Paths, statement: str) -> None:
    with closing(db.connect(paths)) as connection:
        connection.execute(statement)


def test_queueing_puts_a_paper_at_the_end_and_says_its_place(queued: Paths) -> None:
    assert order(queued) == [3, 1, 2, 4, 5]
    state(queued, 3, PaperState.queued)
    assert order(queued) == [3, 1, 2, 4, 5], "queued twice is queued once"
    with closing(db.connect(queued)) as connection:
        assert [row.place for row in list_queue(connection, limit=2, offset=2)] == [3, 4]
        assert [row.ref.number for row in list_queue(connection, limit=2, offset=2)] == [2, 4]
        assert queue_position(connection, paper(4)) == 3
        assert queue_position(connection, paper(9)) is None
        assert queue_position(connection, Ref(Kind.run, 4)) is None
        assert [(row.ref.number, row.place) for row in queue_rows_of(connection, [paper(5), paper(3)])] == [
            (3, 1),
            (5, 5),
        ]


def test_leaving_forgets_the_place_and_undo_brings_it_back(queued: Paths) -> None:
    state(queued, 1, PaperState.kept)
    assert order(queued) == [3, 2, 4, 5]
    state(queued, 1, PaperState.queued)
    assert order(queued) == [3, 2, 4, 5, 1]
    undo(queued)
    undo(queued)
    assert order(queued) == [3, 1, 2, 4, 5]


def test_a_move_can_be_undone_and_one_that_moves_nothing_is_no_change(queued: Paths) -> None:
    move(queued, 4, 5, to=Step.first)
    assert order(queued) == [4, 5, 3, 1, 2]
    move(queued, 2, to=Step.last)
    move(queued, 4, to=Step.up)
    undo(queued)
    assert order(queued) == [3, 1, 2, 4, 5]


def test_a_deleted_paper_leaves_the_queue_and_comes_back_where_it_was(queued: Paths) -> None:
    with change(queued, "rm") as opened:
        items.delete(opened, paper(1))
    assert order(queued) == [3, 2, 4, 5]
    undo(queued)
    assert order(queued) == [3, 1, 2, 4, 5]


@pytest.mark.parametrize("places", ["NULL", "1.0", "9e999", "CASE WHEN item_id = 2 THEN NULL ELSE 7 END"])
def test_places_that_are_lost_or_stand_twice_still_give_one_order(queued: Paths, places: str) -> None:
    execute(queued, f"UPDATE paper SET queue_place = {places}")
    before = order(queued)
    assert sorted(before) == [1, 2, 3, 4, 5]
    move(queued, before[3], to=Step.up)
    assert order(queued) == [*before[:2], before[3], before[2], before[4]]
    state(queued, before[0], PaperState.kept)
    state(queued, before[0], PaperState.queued)
    assert order(queued)[-1] == before[0]


def test_the_gap_between_two_papers_never_runs_out(queued: Paths) -> None:
    for _ in range(60):
        first, second, third, *_ = order(queued)
        move(queued, third, to=Step.before, beside=second)
        assert order(queued)[:3] == [first, third, second]


def test_only_what_is_queued_can_be_moved(queued: Paths) -> None:
    state(queued, 1, PaperState.skipped)
    with pytest.raises(BadValue, match="p1 is not in the queue"):
        move(queued, 3, 1, to=Step.last)
    with pytest.raises(BadValue, match="p1 is not in the queue"):
        move(queued, 3, to=Step.after, beside=1)
    with pytest.raises(BadValue, match="beside itself"):
        move(queued, 3, 2, to=Step.after, beside=2)
    assert order(queued) == [3, 2, 4, 5]


_MOVING = """
import sys
from journal.paths import find
from journal.queue_order import Step
from journal.store import papers
from journal.store.changes import change
from journal.types import Kind, Ref
print("ready", flush=True); sys.stdin.readline()
for _ in range(12):
    with change(find(), "move") as opened:
        papers.move(opened, [Ref(Kind.paper, int(sys.argv[1]))], Step(sys.argv[2]))
"""


def test_two_processes_that_move_at_once_keep_the_order_total(queued: Paths) -> None:
    """Each move is a whole one: what stays put keeps its order, and what was moved stands at its end."""
    moving = [
        subprocess.Popen(
            [sys.executable, "-c", _MOVING, number, step], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ},
        )
        for number, step in (("5", "first"), ("3", "last"))
    ]  # fmt: skip
    for process in moving:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in moving:
        process.communicate("go\n", timeout=60)
        assert process.returncode == 0
    assert order(queued) == [5, 1, 2, 4, 3]


# ---------------------------------------------------------------- notes on papers

FIRST = "## First pass\n\nCategory: a method"


def write(paths: Paths, base: str, body: str) -> Ref:
    with change(paths, "notes on p1") as opened:
        return notes.keep(opened, paper(1), base, body)


def read_notes(paths: Paths) -> tuple[Ref, str] | None:
    with closing(db.connect(paths)) as connection:
        return notes_of(connection, paper(1))


def test_a_paper_has_one_entry_of_notes_which_grows(queued: Paths) -> None:
    entry = write(queued, "", FIRST)
    longer = FIRST + "\n\n## Second pass\n\nContent: it works"
    assert write(queued, FIRST, longer) == entry
    assert read_notes(queued) == (entry, longer)
    with closing(db.connect(queued)) as connection:
        (row,) = [row for row in list_queue(connection) if row.ref == paper(1)]
        assert (row.notes, row.passes) == (entry, 2)
        assert [row.passes for row in list_queue(connection) if row.ref != paper(1)] == [0, 0, 0, 0]
    undo(queued)
    undo(queued)
    assert read_notes(queued) is None


def test_other_entries_about_a_paper_are_no_notes_on_it(queued: Paths) -> None:
    with change(queued, "log") as opened:
        for draft in (
            EntryDraft(what="notes on something tried", body=FIRST),
            EntryDraft(what="a thought", type=EntryType.note),
        ):
            links.add(opened, entries.add(opened, draft), paper(1), Relation.about)
    assert read_notes(queued) is None
    entry = write(queued, "", FIRST)
    with change(queued, "edit") as opened:
        entries.edit(opened, entry, {"title": "What I think of it"})
    assert read_notes(queued) == (entry, FIRST), "known by its headings"


def test_what_two_windows_write_at_once_is_all_kept(queued: Paths) -> None:
    write(queued, "", FIRST)
    entry = write(queued, "", "## First pass\n\nClarity: good\n\n## Third pass\n\nTo try: with less data")
    assert read_notes(queued) == (
        entry,
        "## First pass\n\nCategory: a method\n\nClarity: good\n\n## Third pass\n\nTo try: with less data",
    )
