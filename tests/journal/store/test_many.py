"""What is done to many items at once is one change, and saved views are changes like any other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from journal import db
from journal.errors import BadValue, NotFound
from journal.paths import Paths
from journal.queries.views import get_view, list_views
from journal.store import entries, many, runs, views
from journal.store.changes import change, program_change
from journal.store.undo import undo
from journal.types import EntryDraft, Kind, Ref, RunDraft, RunStatus, RunView
from tests.conftest import NOON

REFS = [Ref(Kind.run, number) for number in range(1, 4)]


def _draft(number: int, **changes: object) -> tuple[RunDraft, str]:
    draft = RunDraft(
        run_id=f"{number:032x}", tracking_uri="sqlite:////s", name=f"net {number}", experiment="a",
        status=RunStatus.finished, started_at=NOON, **changes,  # type: ignore[arg-type]
    )  # fmt: skip
    return draft, f"{number}{changes}"


@pytest.fixture
def journal(paths: Paths) -> Paths:
    """r1..r3 and e1."""
    with program_change(paths, clock=lambda: NOON) as made:
        runs.mirror(made, [_draft(number) for number in (1, 2, 3)])
        entries.add(made, EntryDraft(what="a try"))
    return paths


@pytest.fixture
def rows(journal: Paths) -> Iterator[sqlite3.Connection]:
    with closing(db.connect(journal)) as connection:
        yield connection


def deleted(rows: sqlite3.Connection) -> list[str]:
    found = rows.execute("SELECT kind || number FROM item WHERE deleted_at IS NOT NULL ORDER BY id").fetchall()
    return [name for (name,) in found]


def archived(rows: sqlite3.Connection) -> list[int]:
    found = rows.execute("SELECT number FROM run JOIN item ON id = item_id WHERE archived_at IS NOT NULL ORDER BY id")
    return [number for (number,) in found.fetchall()]


def test_many_are_deleted_and_come_back_by_one_undo(journal: Paths, rows: sqlite3.Connection) -> None:
    with change(journal, "delete") as made:
        assert many.delete(made, [*REFS[:2], Ref(Kind.entry, 1), Ref(Kind.run, 99), REFS[0]]) == 3
        assert many.delete(made, REFS) == 1
    assert deleted(rows) == ["run1", "run2", "run3", "entry1"]
    assert undo(journal) == "delete"
    assert deleted(rows) == []


def test_an_archived_run_stays_so_when_it_is_mirrored_again(journal: Paths, rows: sqlite3.Connection) -> None:
    with change(journal, "archive") as made:
        assert many.archive(made, [*REFS[:2], Ref(Kind.entry, 1)]) == 2
        assert many.archive(made, REFS[:2]) == 0
    with program_change(journal) as made:
        runs.mirror(made, [_draft(1, note="changed")])
    assert archived(rows) == [1, 2]
    with change(journal, "unarchive") as made:
        assert many.unarchive(made, REFS) == 2
    assert archived(rows) == []
    undo(journal)
    assert archived(rows) == [1, 2]


def test_tags_of_many_are_one_change(journal: Paths, rows: sqlite3.Connection) -> None:
    def tags() -> list[tuple[int, str]]:
        return rows.execute("SELECT number, name FROM tag JOIN item ON id = item_id ORDER BY number, name").fetchall()

    with change(journal, "tag") as made:
        assert many.tag(made, REFS[:2], add=["#AMP", "todo"]) == 4
        assert many.tag(made, REFS, add=["amp"], remove=["todo", "none"]) == 3
    assert tags() == [(1, "amp"), (2, "amp"), (3, "amp")]
    undo(journal)
    assert tags() == []
    with pytest.raises(BadValue, match="cannot be a tag"), change(journal, "tag") as made:
        many.tag(made, REFS, add=["fine", "two words"])
    assert tags() == []


def test_what_is_deleted_is_left_alone(journal: Paths, rows: sqlite3.Connection) -> None:
    with change(journal, "delete") as made:
        many.delete(made, REFS[:1])
        assert many.archive(made, REFS[:1]) == many.tag(made, REFS[:1], add=["amp"]) == 0
    assert archived(rows) == []


def test_a_thousand_are_one_change_also_where_ten_thousand_are_named(journal: Paths, rows: sqlite3.Connection) -> None:
    with program_change(journal) as made:
        runs.mirror(made, [_draft(number) for number in range(4, 1004)])
    refs = [Ref(Kind.run, number) for number in range(1, 10_001)]
    with change(journal, "delete many") as made:
        assert many.delete(made, refs) == 1003
    undo(journal)
    assert deleted(rows) == []


def test_a_view_is_kept_replaced_and_forgotten(journal: Paths, rows: sqlite3.Connection) -> None:
    first, second = (RunView(name="good", filter=text, sort="-lr") for text in ("lr<1", "lr<2"))
    for view in (first, second):
        with change(journal, "save") as made:
            views.save(made, view)
    assert list_views(rows) == (second,)
    undo(journal)
    assert get_view(rows, "good") == first
    with change(journal, "delete") as made:
        views.delete(made, "good")
    with pytest.raises(NotFound, match="There is no view 'good'"):
        get_view(rows, "good")
    with pytest.raises(NotFound), change(journal, "delete") as made:
        views.delete(made, "good")
    undo(journal)
    assert list_views(rows) == (first,)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x1bb"])
def test_a_name_that_cannot_be_shown_is_refused(journal: Paths, name: str) -> None:
    with pytest.raises(BadValue, match="cannot name a view"), change(journal, "save") as made:
        views.save(made, RunView(name=name, filter="", sort=""))
