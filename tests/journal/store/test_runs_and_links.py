"""Runs are mirrored as their store tells them, and everything links to everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journal import db
from journal.errors import BadValue, NotFound
from journal.paths import Paths
from journal.queries.items import item_id, links_of, resolve
from journal.queries.runs import count_runs, digests, get_run, list_runs
from journal.queries.search import search
from journal.store import entries, items, links, papers, runs
from journal.store.changes import change, program_change
from journal.types import ENTRY_TAG, EntryDraft, Kind, MetricValue, Ref, Relation, RunDraft, RunStatus
from tests.conftest import NOON

R1, E1, P1 = Ref(Kind.run, 1), Ref(Kind.entry, 1), Ref(Kind.paper, 1)
URI = "sqlite:////store.db"
RUN = RunDraft(
    run_id="ab" * 16, tracking_uri=URI, name="linear", experiment="mnist", status=RunStatus.running, started_at=NOON,
    params={"lr": "0.1", "batch": "1e2", "nothing": "nan"}, tags={"k": "v"},
    metrics={"loss": MetricValue(value=2.0, step=1, logged_at=NOON)},
)  # fmt: skip


def mirror(paths: Paths, draft: RunDraft, mark: str) -> tuple[Ref, ...]:
    with program_change(paths) as opened:
        return runs.mirror(opened, [(draft, mark)])


def test_a_run_follows_its_store(paths: Paths) -> None:
    assert mirror(paths, RUN, "1") == (R1,)
    done = replace(
        RUN, name="renamed", status=RunStatus.finished, ended_at=NOON, note="it learned", params={"lr": "0.2"}, tags={},
        metrics={"loss": MetricValue(value=0.5, step=9), "accuracy": MetricValue(value=None, step=9)},
    )  # fmt: skip
    assert mirror(paths, done, "2") == ()
    connection = db.connect(paths)
    run = get_run(connection, R1)
    found = [len(search(connection, word).hits) for word in ("renamed", "learned", '"lr 0.2"', '"lr 0.1"')]
    connection.close()
    assert (run.title, run.status, run.note, run.params) == ("renamed", RunStatus.finished, "it learned", {"lr": "0.2"})
    assert (run.metrics, run.run_tags) == ({"accuracy": None, "loss": 0.5}, {})
    assert found == [1, 1, 1, 0]


def test_parameters_that_are_numbers_compare_as_numbers(paths: Paths) -> None:
    mirror(paths, RUN, "1")
    connection = db.connect(paths)
    numbers = dict(connection.execute("SELECT key, number FROM run_param").fetchall())
    connection.close()
    assert numbers == {"lr": 0.1, "batch": 100.0, "nothing": None}


def test_a_run_deleted_in_its_store_leaves_the_list_and_comes_back(paths: Paths) -> None:
    mirror(paths, RUN, "1")
    mirror(paths, replace(RUN, is_deleted=True), "2")
    connection = db.connect(paths)
    assert count_runs(connection) == 0
    assert get_run(connection, R1).title == "linear"
    mirror(paths, RUN, "3")
    assert count_runs(connection) == 1
    connection.close()


def test_a_run_that_its_store_lost_stays_with_what_was_mirrored(paths: Paths) -> None:
    mirror(paths, RUN, "1")
    with program_change(paths) as opened:
        assert runs.mark_gone(opened, URI, ["ab" * 16, "unknown"]) == 1
        assert runs.mark_gone(opened, URI, ["ab" * 16]) == 0
    connection = db.connect(paths)
    assert [row.ref for row in list_runs(connection)] == [R1]
    assert get_run(connection, R1).is_gone
    assert get_run(connection, R1).metrics == {"loss": 2.0}
    assert digests(connection, URI) == {"ab" * 16: ""}
    connection.close()


def test_a_run_without_an_entry_is_linked_to_nothing(paths: Paths) -> None:
    mirror(paths, replace(RUN, tags={ENTRY_TAG: "0" * 26}), "1")
    connection = db.connect(paths)
    assert get_run(connection, R1).links == ()
    connection.close()


@pytest.mark.parametrize(
    ("source", "target", "relation"),
    [
        (Kind.run, Kind.entry, Relation.tests),
        (Kind.entry, Kind.paper, Relation.about),
        (Kind.run, Kind.dataset, Relation.uses),
        (Kind.entry, Kind.problem, Relation.fixes),
        (Kind.run, Kind.problem, Relation.caused),
        (Kind.paper, Kind.paper, Relation.about),
    ],
)
def test_the_usual_relation_is_a_good_guess(source: Kind, target: Kind, relation: Relation) -> None:
    assert links.usual_relation(source, target) is relation


@pytest.fixture
def triangle(paths: Paths) -> Paths:
    mirror(paths, RUN, "1")
    with program_change(paths) as opened:
        entries.add(opened, EntryDraft(what="a try"))
        papers.named(opened, "1608.03983")
    return paths


def test_a_link_is_seen_from_both_ends_and_kept_once(triangle: Paths) -> None:
    with change(triangle, "link") as opened:
        assert links.add(opened, R1, E1) is Relation.tests
        links.add(opened, R1, E1)
        links.add(opened, E1, P1, Relation.follows)
    connection = db.connect(triangle)
    entry_links = links_of(connection, item_id(connection, E1))
    connection.close()
    assert [(link.relation, link.direction, str(link.ref)) for link in entry_links] == [
        ("tests", "in", "r1"),
        ("follows", "out", "p1"),
    ]


def test_a_link_to_a_deleted_item_is_not_shown(triangle: Paths) -> None:
    with change(triangle, "link") as opened:
        links.add(opened, R1, E1)
        items.delete(opened, R1)
    connection = db.connect(triangle)
    assert links_of(connection, item_id(connection, E1)) == ()
    connection.close()


def test_unlinking_takes_away_both_directions(triangle: Paths) -> None:
    with change(triangle, "link") as opened:
        links.add(opened, R1, E1)
        links.add(opened, E1, R1, Relation.about)
        assert links.remove(opened, E1, R1) == 2
        with pytest.raises(NotFound, match="not linked"):
            links.remove(opened, E1, R1)


def test_an_item_is_not_linked_to_itself_or_to_nothing(triangle: Paths) -> None:
    with change(triangle, "link") as opened:
        with pytest.raises(BadValue, match="itself"):
            links.add(opened, E1, E1)
        with pytest.raises(NotFound):
            links.add(opened, E1, Ref(Kind.run, 9))


def test_an_entry_that_says_nothing_is_refused(paths: Paths) -> None:
    with change(paths, "log") as opened, pytest.raises(BadValue):
        entries.add(opened, EntryDraft(what="  \n "))


def test_only_entries_have_outcomes(triangle: Paths) -> None:
    with change(triangle, "outcome") as opened, pytest.raises(BadValue, match="r1 is a run"):
        entries.set_outcome(opened, R1, "x")


def test_the_run_id_of_a_mirrored_run_leads_to_it(triangle: Paths) -> None:
    with program_change(triangle) as opened:
        assert resolve(opened.connection, "abab") == R1
