"""Runs in any order, pages of them, and many at once with all that belongs to each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal import db
from journal.paths import Paths
from journal.queries.run_filter import RunFilter, parse_run_filter
from journal.queries.run_lists import refs_to_ids, run_ids, run_rows
from journal.queries.run_order import COLUMNS, NEWEST_FIRST, RunOrder, parse_order, usual_order
from journal.queries.run_values import logged_metrics, sorted_values, telling_metrics, values_of, varying_params
from journal.queries.runs import get_run, list_runs
from journal.queries.whole_runs import whole_runs
from journal.store import entries, items, links, many, runs
from journal.store.changes import program_change
from journal.types import EntryDraft, Kind, MetricValue, Ref, Relation, RunDraft, RunStatus
from tests.conftest import NOON

_STATUSES = (RunStatus.finished, RunStatus.failed, RunStatus.running)


def _run(number: int, **changes: object) -> RunDraft:
    started = None if number % 4 == 0 else NOON - timedelta(hours=number)
    given: dict[str, object] = {
        "name": f"net {number % 3}",
        "experiment": ("", "a", "B")[number % 3],
        "status": _STATUSES[number % 3],
        "started_at": started,
        "ended_at": None if started is None or number % 3 == 2 else started + timedelta(minutes=7 * (number % 5)),
        "parent_run_id": f"{1:032x}" if number == 2 else None,
        "params": {} if number == 5 else {"lr": ("10", "9", "1e-3", "auto", "Big")[number % 5], "seed": "1"},
        "metrics": {
            "loss": MetricValue(value=None if number == 3 else number % 4 / 10, step=1, logged_at=NOON),
            **({"validation/accuracy": MetricValue(value=0.5, step=1)} if number == 6 else {}),
        } if number != 7 else {},
        "tags": {"mlflow.user": "ada"},
    }  # fmt: skip
    return RunDraft(run_id=f"{number:032x}", tracking_uri="sqlite:////s", **{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def journal(paths: Paths) -> Iterator[sqlite3.Connection]:
    """r1..r12 of all sorts; r9 is archived, r10 deleted; r1 tests e1."""
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(change, [(_run(number), str(number)) for number in range(1, 13)])
        links.add(change, Ref(Kind.run, 1), entries.add(change, EntryDraft(what="steps")), Relation.tests)
        items.tag(change, Ref(Kind.run, 2), add=["b", "a"])
        many.archive(change, [Ref(Kind.run, 9)])
        many.delete(change, [Ref(Kind.run, 10)])
    connection = db.connect(paths)
    yield connection
    connection.close()


def refs(connection: sqlite3.Connection, text: str, *, limit: int = -1, offset: int = 0) -> list[int]:
    order = parse_order(text, connection)
    assert order is not None
    ids = run_ids(connection, order=order, now=NOON, limit=limit, offset=offset)
    return [row.ref.number for row in run_rows(connection, ids).values()]


def test_the_newest_come_first_and_what_never_started_last(journal: sqlite3.Connection) -> None:
    ids = run_ids(journal, now=NOON, with_archived=True)
    assert tuple(run_rows(journal, ids).values()) == list_runs(journal)
    assert [row.ref.number for row in run_rows(journal, ids).values()] == [1, 2, 3, 5, 6, 7, 9, 11, 12, 8, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("started", [11, 7, 6, 5, 3, 2, 1, 12, 8, 4]),
        ("name", [3, 6, 12, 1, 7, 4, 2, 5, 11, 8]),
        ("-experiment", [2, 5, 11, 8, 1, 7, 4, 3, 6, 12]),
        ("status", [2, 5, 11, 8, 1, 7, 4, 3, 6, 12]),
        ("lr", [2, 7, 12, 1, 6, 11, 3, 8, 4, 5]),
        ("-lr", [1, 6, 11, 2, 7, 12, 4, 3, 8, 5]),
        ("loss", [12, 8, 4, 1, 5, 2, 6, 11, 3, 7]),
        ("-loss", [11, 2, 6, 1, 5, 12, 8, 4, 3, 7]),
        ("took", [1, 6, 7, 3, 2, 5, 11, 12, 8, 4]),
        ("ref", [1, 2, 3, 4, 5, 6, 7, 8, 11, 12]),
        ("-ref", [12, 11, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_each_order(journal: sqlite3.Connection, text: str, expected: list[int]) -> None:
    assert refs(journal, text) == expected


def test_pages_of_any_order_make_up_the_whole_list(journal: sqlite3.Connection) -> None:
    for text in (*COLUMNS, "lr", "-loss"):
        pages = [number for offset in range(0, 12, 3) for number in refs(journal, text, limit=3, offset=offset)]
        assert pages == refs(journal, text)


def test_an_order_is_read_as_it_is_written(journal: sqlite3.Connection) -> None:
    for text in ("started", "-took", "lr", "-loss", "-validation/accuracy"):
        order = parse_order(text, journal)
        assert order is not None
        assert (str(order), parse_order(str(order), journal)) == (text, order)
    assert parse_order("-started", journal) == NEWEST_FIRST
    assert parse_order("param:lr", journal) == RunOrder("lr", "param", is_descending=False)
    assert parse_order("metric:lr", journal) is None
    assert parse_order("nothing", journal) is None


def test_a_metric_that_is_called_like_a_column_is_written_with_its_kind(journal: sqlite3.Connection) -> None:
    journal.execute("UPDATE run_metric SET key = 'took' WHERE key = 'loss'")
    order = parse_order("-metric:took", journal)
    assert order == RunOrder("took", "metric")
    assert str(order) == "-metric:took"


def test_the_usual_way_round_is_the_best_first() -> None:
    descending = {
        key
        for key in ("acc", "validation/accuracy", "train/loss", "val_loss", "mae", "f1")
        if usual_order(key, "metric").is_descending
    }
    assert descending == {"acc", "validation/accuracy", "f1"}
    assert not usual_order("lr", "param").is_descending
    assert usual_order("took", "column").is_descending
    assert not usual_order("name", "column").is_descending


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(key=st.text(max_size=20))
def test_no_key_is_an_error(journal: sqlite3.Connection, key: str) -> None:
    order = parse_order(key.encode("utf-8", "replace").decode(), journal)
    assert order is None or len(run_ids(journal, order=order, now=NOON)) == 10


def test_many_whole_runs_are_what_each_is_by_itself(journal: sqlite3.Connection) -> None:
    ids = run_ids(journal, now=NOON, with_archived=True)
    whole = whole_runs(journal, ids)
    assert whole == tuple(get_run(journal, run.ref) for run in whole)
    assert [run.ref for run in whole] == [row.ref for row in run_rows(journal, ids).values()]
    by_number = {run.ref.number: run for run in whole}
    assert (by_number[2].parent, by_number[2].tags) == (Ref(Kind.run, 1), ("a", "b"))
    assert [str(link.ref) for link in by_number[1].links] == ["e1"]
    assert by_number[9].archived_at == NOON


def test_a_row_tells_the_metric_that_decides_else_the_last_one_that_was_logged(journal: sqlite3.Connection) -> None:
    ids = refs_to_ids(journal, [Ref(Kind.run, number) for number in (3, 6, 7, 99)])
    told = telling_metrics(journal, [*ids.values()])
    assert {ref.number: told.get(identity) for ref, identity in ids.items()} == {
        3: ("loss", None),
        6: ("validation/accuracy", 0.5),
        7: None,
    }


def test_values_are_those_of_the_metric_else_of_the_parameter(journal: sqlite3.Connection) -> None:
    (identity,) = refs_to_ids(journal, [Ref(Kind.run, 6)]).values()
    assert values_of(journal, [identity], ["lr", "loss", "x"]) == {identity: {"lr": "9", "loss": 0.2}}
    assert sorted_values(journal, [identity], RunOrder("lr", "param")) == {identity: "9"}
    assert sorted_values(journal, [identity], NEWEST_FIRST) == {}


def test_only_parameters_that_differ_and_the_commonest_metrics_are_offered(journal: sqlite3.Connection) -> None:
    assert varying_params(journal, 10) == ("lr",)
    assert logged_metrics(journal, 10) == ("loss", "validation/accuracy")
    assert logged_metrics(journal, 1) == ("loss",)


def test_a_filter_narrowed_by_another_leaves_what_both_leave(journal: sqlite3.Connection) -> None:
    one, other = parse_run_filter("lr:3 loss<=0.2"), parse_run_filter("is:archived or lr>9")
    both = one.narrowed(other)
    assert [each.sentence for each in both.unclear] == [each.sentence for each in one.unclear]
    assert RunFilter().narrowed(other).node == other.node
    simple = parse_run_filter("loss<=0.2").narrowed(parse_run_filter("lr<10"))
    ids = run_ids(journal, simple, now=NOON)
    assert [row.ref.number for row in run_rows(journal, ids).values()] == [1, 2, 6, 12]
