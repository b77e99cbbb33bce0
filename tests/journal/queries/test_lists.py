"""Where an item stands in its list, and the rows of named items, agree with the lists themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.entries import list_entries
from journal.queries.lists import (
    entry_position,
    entry_rows_of,
    paper_position,
    paper_rows_of,
)
from journal.queries.papers import list_papers
from journal.store import entries, items, papers, runs
from journal.store.changes import program_change
from journal.types import (
    EntryDraft,
    Kind,
    MetricValue,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    RunDraft,
    RunStatus,
)
from tests.conftest import NOON

STATES = (PaperState.new, PaperState.kept, PaperState.none)


def _paper(number: int) -> PaperDraft:
    return PaperDraft(title=f"Paper {number}", url=f"https://papers.test/{number}")


def _run(number: int, metrics: dict[str, float | None]) -> RunDraft:
    return RunDraft(
        run_id=f"{number:032x}",
        tracking_uri="sqlite:///mlflow.db",
        name=f"run {number}",
        experiment="mnist",
        status=RunStatus.finished,
        started_at=None if number % 4 == 0 else NOON - timedelta(hours=number % 3),
        metrics={key: MetricValue(value=value, step=1) for key, value in metrics.items()},
    )


@pytest.fixture
def connection(paths: Paths) -> Iterator[sqlite3.Connection]:
    """12 papers, runs and entries; some started or written at the same moment, p5, r5 and e5 deleted."""
    with program_change(paths) as change:
        papers.apply(
            change,
            PaperDecision(
                inserts=tuple((_paper(number), STATES[number % 3]) for number in range(1, 13)),
                updates=(),
                unchanged=0,
                placed=tuple(range(-1, -13, -1)),
            ),
        )
        runs.mirror(
            change,
            [
                (_run(number, {"train/loss": 0.1 * number, "test/accuracy": None} if number % 2 else {}), "digest")
                for number in range(1, 13)
            ],
        )
    for number in range(1, 13):
        with program_change(paths, clock=lambda number=number: NOON + timedelta(days=number % 3)) as change:  # type: ignore[misc]
            entries.add(change, EntryDraft(what=f"Entry {number}"))
    with program_change(paths) as change:
        for kind in (Kind.paper, Kind.run, Kind.entry):
            items.delete(change, Ref(kind, 5))
        runs.mark_gone(change, "sqlite:///mlflow.db", [f"{6:032x}"])
    opened = db.connect(paths)
    yield opened
    opened.close()


@pytest.mark.parametrize("states", [(), (PaperState.new,), (PaperState.kept, PaperState.none)])
def test_a_paper_stands_where_the_list_shows_it(connection: sqlite3.Connection, states: tuple[PaperState, ...]) -> None:
    rows = list_papers(connection, states=states)
    assert [paper_position(connection, row.ref, states=states) for row in rows] == list(range(len(rows)))
    absent = {Ref(Kind.paper, number) for number in range(0, 20)} - {row.ref for row in rows}
    assert {paper_position(connection, ref, states=states) for ref in absent} == {None}


def test_an_entry_stands_where_the_list_shows_it(connection: sqlite3.Connection) -> None:
    rows = list_entries(connection)
    assert len(rows) == 11
    assert [entry_position(connection, row.ref) for row in rows] == list(range(11))
    assert entry_position(connection, Ref(Kind.entry, 5)) is None
    assert entry_position(connection, Ref(Kind.entry, 99)) is None


def test_rows_of_named_items_are_those_of_the_list_in_its_order(connection: sqlite3.Connection) -> None:
    everything = [Ref(kind, number) for number in range(0, 20) for kind in Kind]
    assert entry_rows_of(connection, everything) == list_entries(connection)


def test_rows_of_named_papers_come_in_the_order_of_the_names(connection: sqlite3.Connection) -> None:
    refs = [Ref(Kind.paper, 3), Ref(Kind.run, 1), Ref(Kind.paper, 99), Ref(Kind.paper, 1)]
    assert [row.ref.number for row in paper_rows_of(connection, refs)] == [3, 1]
