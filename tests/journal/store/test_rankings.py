"""The order of the new papers is there when they are read, and follows what was decided since."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.today import list_today, reasons_of, today_numbers, today_position
from journal.store import entries, links, papers, rankings
from journal.store.changes import change, program_change
from journal.store.undo import undo
from journal.types import DayOrder, EntryDraft, Kind, PaperDecision, PaperDraft, PaperState, Ref, Relation
from tests.conftest import NOON

SUBJECTS = (
    ("Distillation", "A small student learns from the soft targets of a large teacher."),
    ("Robots", "A robot arm grasps objects with tactile sensors."),
    ("Surveys", "The literature on graphs, and a taxonomy of what was published."),
)


def keep(paths: Paths, first: int, count: int, state: PaperState = PaperState.new) -> list[Ref]:
    """Papers of every subject in turn; their refs."""
    drafts = [
        (
            PaperDraft(
                title=f"{SUBJECTS[number % 3][0]} number {number}",
                abstract=SUBJECTS[number % 3][1],
                arxiv_id=f"2611.{number:05}",
                authors=(f"Author {number}",),
            ),
            state,
        )
        for number in range(first, first + count)
    ]
    placed = tuple(-position for position in range(1, count + 1))
    with program_change(paths, clock=lambda: NOON) as opened:
        papers.apply(opened, PaperDecision(inserts=tuple(drafts), updates=(), unchanged=0, placed=placed))
    return [Ref(Kind.paper, number) for number in range(first, first + count)]


def triage(paths: Paths, ref: Ref, state: PaperState, minutes: int = 1) -> None:
    with change(paths, "triage", clock=lambda: NOON + timedelta(minutes=minutes)) as opened:
        papers.set_state(opened, ref, state)


def skip_nine(paths: Paths) -> None:
    """Surveys: with one more decision, enough for a taste."""
    for number in (2, 8, 11, 14, 17, 20, 23, 26, 29):
        triage(paths, Ref(Kind.paper, number), PaperState.skipped, minutes=0)


def rank(paths: Paths, minutes: int = 2) -> bool:
    return rankings.rank_new(paths, clock=lambda: NOON + timedelta(minutes=minutes))


@pytest.fixture
def connection(paths: Paths) -> Iterator[sqlite3.Connection]:
    keep(paths, 1, 30)
    with closing(db.connect(paths)) as opened:
        yield opened


def titles(connection: sqlite3.Connection, order: DayOrder = DayOrder.rank, count: int = 5) -> list[str]:
    return [row.title.split()[0] for row in list_today(connection, order=order, limit=count)]


def test_what_was_caught_up_with_later_does_not_stand_above_the_newest_list(
    connection: sqlite3.Connection, paths: Paths
) -> None:
    """Numbers 31 and 32 arrived after the others, from the lists of days before theirs; 33 is of no list."""
    keep(paths, 31, 3)
    with program_change(paths) as opened:
        for number, day in (
            (30, "2026-11-19"),
            (29, "2026-11-20"),
            (28, "2026-11-20"),
            (31, "2026-11-18"),
            (32, "2026-11-17"),
        ):
            opened.connection.execute(
                "UPDATE paper SET announced_on = ? WHERE item_id = (SELECT id FROM item WHERE number = ?)",
                (day, number),
            )
    in_order = [29, 28, 30, 31, 32, 33, *range(27, 0, -1)]
    for order in DayOrder:  # nothing is ranked yet
        rows = list_today(connection, order=order)
        assert [row.ref.number for row in rows] == in_order
        assert today_numbers(connection, order=order) == in_order
        assert [today_position(connection, row.ref, order=order) for row in rows] == list(range(33))


def test_before_anything_was_decided_the_day_is_in_the_order_of_its_arrival(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    assert not rank(paths)
    rows = list_today(connection)
    assert [row.ref.number for row in rows] == list(range(30, 0, -1))
    assert {(row.score, row.because, row.is_chance) for row in rows} == {(None, (), False)}


def test_what_was_kept_brings_its_like_to_the_top_with_the_reason(paths: Paths, connection: sqlite3.Connection) -> None:
    triage(paths, Ref(Kind.paper, 3), PaperState.kept)
    assert not rank(paths), "one decision is no taste yet"
    skip_nine(paths)
    assert rank(paths)
    assert titles(connection) == ["Distillation"] * 5
    first = list_today(connection, limit=1)[0]
    assert first.score is not None and first.score > 0
    assert dict(first.because)
    assert reasons_of(connection, first.ref) == (first.because, first.is_chance)
    assert reasons_of(connection, Ref(Kind.paper, 3)) == ((), False)
    assert titles(connection, DayOrder.announced, 3) == ["Distillation", "Robots", "Distillation"]


def test_each_paper_stands_where_the_list_shows_it(paths: Paths, connection: sqlite3.Connection) -> None:
    triage(paths, Ref(Kind.paper, 4), PaperState.queued)
    skip_nine(paths)
    rank(paths)
    keep(paths, 31, 3)  # not ranked yet: they come last
    for order in DayOrder:
        rows = list_today(connection, order=order)
        assert [today_position(connection, row.ref, order=order) for row in rows] == list(range(23))
    assert [row.ref.number for row in list_today(connection)[-3:]] == [33, 32, 31]
    assert today_position(connection, Ref(Kind.paper, 4)) is None
    assert today_position(connection, Ref(Kind.run, 5)) is None


def test_the_order_is_worked_out_again_only_where_something_changed(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    skip_nine(paths)
    triage(paths, Ref(Kind.paper, 4), PaperState.kept, minutes=1)
    assert rank(paths, minutes=2)
    assert not rank(paths, minutes=3)
    triage(paths, Ref(Kind.paper, 5), PaperState.skipped, minutes=4)
    assert rank(paths, minutes=5)
    keep(paths, 31, 1)
    assert rank(paths, minutes=6)
    connection.execute(
        "INSERT INTO rule (effect, field, value, made_at) VALUES ('plus', 'phrase', 'robot', ?)",
        ("2026-11-20 12:07:00.000000",),
    )
    assert rank(paths, minutes=8)
    assert not rank(paths, minutes=9)


def test_a_rule_alone_ranks_the_day(paths: Paths, connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO rule (effect, field, value, made_at) VALUES ('plus', 'phrase', 'tactile sensor', ?)",
        ("2026-11-20 12:00:00.000000",),
    )
    assert rank(paths)
    assert titles(connection) == ["Robots"] * 5
    assert list_today(connection, limit=1)[0].because == (("+tactile sensor", 2.0),)


def test_a_paper_that_a_run_is_about_counts_as_liked(paths: Paths, connection: sqlite3.Connection) -> None:
    (behind,) = keep(paths, 31, 1, PaperState.none)  # a paper on robots, in nobody's morning
    with program_change(paths, clock=lambda: NOON) as opened:
        ref = entries.add(opened, EntryDraft(what="no run yet"))
        links.add(opened, ref, behind, Relation.about)
    assert not rank(paths), "a line in the diary is no run"
    with program_change(paths, clock=lambda: NOON) as opened:
        opened.connection.execute("UPDATE item SET kind = 'run', number = 1 WHERE kind = 'entry'")
    assert rank(paths)
    assert titles(connection) == ["Robots"] * 5


def test_undo_takes_back_the_decision_and_not_the_order(paths: Paths, connection: sqlite3.Connection) -> None:
    skip_nine(paths)
    triage(paths, Ref(Kind.paper, 3), PaperState.kept)
    rank(paths)
    undo(paths)
    assert Ref(Kind.paper, 3) in {row.ref for row in list_today(connection)}
    assert connection.execute("SELECT count(*) FROM ranking").fetchone() == (20,)
