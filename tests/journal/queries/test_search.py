"""Search over every kind at once: ranked, narrowed down, capped, with snippets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

import pytest

from journal import db
from journal.paths import Paths
from journal.queries import search as search_module
from journal.queries.fields import parse_since
from journal.queries.items import count_all
from journal.queries.search import SNIPPET_END, SNIPPET_START, search
from journal.store import entries, items, links, notes, papers, runs
from journal.store.changes import program_change
from journal.types import (
    EntryDraft,
    EntryType,
    Kind,
    MetricValue,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    RunDraft,
    RunStatus,
    Verdict,
)
from tests.conftest import NOON


def paper(title: str, abstract: str = "", **more: object) -> tuple[PaperDraft, PaperState]:
    draft = PaperDraft(title=title, abstract=abstract, url=f"https://example.org/{title}", **more)  # type: ignore[arg-type]
    return draft, PaperState.none


@pytest.fixture
def journal(paths: Paths) -> Iterator[Connection]:
    with program_change(paths, clock=lambda: NOON) as change:
        inserts = (
            paper(
                "Warmup for transformers",
                "Learning rates rise.",
                authors=("Jane Roe",),
                categories=("cs.LG", "stat.ML"),
            ),
            paper("Cosine schedules", "They follow a warmup, which we study. " * 3, categories=("cs.CV",)),
            paper("100% of cs_LG", "odd characters", categories=("cs.L",)),
        )
        papers.apply(change, PaperDecision(inserts=inserts, updates=(), unchanged=0, placed=(-1, -2, -3)))
        entries.add(change, EntryDraft(what="longer warmup", why="the loss jumps"))
        items.tag(change, Ref(Kind.entry, 1), add=["schedule"])
        for number, accuracy in ((1, 0.98), (2, 0.995)):
            draft = RunDraft(
                run_id=f"{number}" * 32, tracking_uri="sqlite:////s.db", name=f"warm {number}", experiment="mnist",
                status=RunStatus.finished, params={"warmup": "5"},
                metrics={"validation/accuracy": MetricValue(value=accuracy, step=1)},
            )  # fmt: skip
            runs.mirror(change, [(draft, "digest")])
        links.add(change, Ref(Kind.run, 2), Ref(Kind.entry, 1))
    with program_change(paths, clock=lambda: NOON + timedelta(days=1)) as change:
        entries.add(change, EntryDraft(what="a later warmup"))
    connection = db.connect(paths)
    yield connection
    connection.close()


def refs(connection: Connection, text: str, **more: object) -> list[str]:
    return [str(hit.ref) for hit in search(connection, text, **more).hits]  # type: ignore[arg-type]


def test_a_word_in_the_title_ranks_above_one_in_the_body(journal: Connection) -> None:
    found = refs(journal, "warmup kind:paper")
    assert found == ["p1", "p2"]
    scores = [hit.score for hit in search(journal, "warmup kind:paper").hits]
    assert all(score is not None and score > 0 for score in scores)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat:cs.lg", ["p1"]),
        ("cat:cs.L", ["p3"]),
        ("cat:cs_LG", []),
        ("cat:%", []),
        ("tag:schedule", ["e1"]),
        ("author:roe warmup", ["p1"]),
        ("warmup kind:entry since:2026-11-21", ["e2"]),
        ("metric:validation/accuracy>0.99", ["r2"]),
        ("metric:validation/accuracy<=0.98", ["r1"]),
        ("metric:accuracy>0", []),
        ("run:r2", ["e1"]),
        ("run:r1", []),
        ("kind:run -mnist", []),
        ("warmup=5 kind:run", ["r2", "r1"]),
        ("nothingofthesort", []),
        ("warmup -tag:schedule kind:entry", ["e2"]),
        ("warmup -kind:paper -kind:run", ["e2", "e1"]),
        ("-cat:cs.lg kind:paper", ["p3", "p2"]),
        ("-author:roe kind:paper", ["p3", "p2"]),
        ("-since:2026-11-21 kind:entry", ["e1"]),
        ("-run:r2 kind:entry", ["e2"]),
        ("-metric:validation/accuracy>0.99 kind:run", ["r1"]),
        ("tag:schedule OR cat:cs.L", ["e1", "p3"]),
        ("cat:cs.cv OR jumps", ["e1", "p2"]),
        ("warmup tag:schedule OR author:roe", ["e1", "p1"]),
    ],
)
def test_fields_narrow_the_search(journal: Connection, text: str, expected: list[str]) -> None:
    assert refs(journal, text) == expected


def test_entries_are_found_by_what_they_are_and_how_they_stand(journal: Connection, paths: Paths) -> None:
    with program_change(paths, clock=lambda: NOON + timedelta(days=2)) as change:
        for number, type in enumerate(EntryType, 3):
            entries.add(change, EntryDraft(what=f"{type} three", type=type, attribute="schedule" if number % 2 else ""))
        asked = entries.add(change, EntryDraft(what="why?", type=EntryType.question))  # e7; its answer is e8
        notes.answer(change, asked, "because", "Ada")
        entries.set_outcome(change, Ref(Kind.entry, 3), "better", Verdict.kept)
    for text, expected in (
        ("type:question", ["e7", "e6"]), ("TYPE:Idea", ["e5"]), ("-type:tried kind:entry -type:question", ["e8", "e5", "e4"]),
        ("is:open", ["e6", "e2", "e1"]), ("is:answered", ["e7"]), ("type:question is:open", ["e6"]),
        ("verdict:kept", ["e3"]), ("verdict:kept OR is:answered", ["e7", "e3"]), ("attribute:schedule", ["e5", "e3"]),
        ("attribute:scheduler type:idea three", ["e5"]), ("-is:open type:tried", ["e3"]),
    ):  # fmt: skip
        assert refs(journal, text) == expected, text
    for text in ("type:paper", "is:closed", "verdict:yes", "attribute:nonsense", "is:"):
        assert search(journal, text).unclear, text


def test_a_kind_given_apart_narrows_further(journal: Connection) -> None:
    assert refs(journal, "longer", kinds=frozenset({Kind.entry})) == ["e1"]
    assert refs(journal, "longer", kinds=frozenset({Kind.paper})) == []
    assert refs(journal, "kind:entry longer", kinds=frozenset({Kind.paper})) == []


def test_no_word_means_newest_first(journal: Connection) -> None:
    assert refs(journal, "kind:entry") == ["e2", "e1"]
    assert refs(journal, "")[0] == "e2"
    assert search(journal, "").hits[0].score is None


def test_pages_follow_each_other(journal: Connection) -> None:
    whole = refs(journal, "warm* OR warmup")
    assert whole == refs(journal, "warm* OR warmup", limit=2) + refs(journal, "warm* OR warmup", limit=9, offset=2)


def test_a_snippet_marks_what_matched(journal: Connection) -> None:
    (hit,) = search(journal, "jumps").hits
    assert f"{SNIPPET_START}jumps{SNIPPET_END}" in hit.snippet


def test_a_word_in_too_many_items_is_not_ranked_and_says_so(
    journal: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MOST_RANKED", 3)
    results = search(journal, "warmup")
    assert results.capped
    assert [str(hit.ref) for hit in results.hits] == ["e2", "r2", "r1", "e1", "p2", "p1"]
    assert all(hit.score is None for hit in results.hits)
    assert not search(journal, "jumps").capped


def test_what_the_fields_leave_decides_whether_there_is_too_much_to_rank(
    journal: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MOST_RANKED", 3)
    assert search(journal, "warmup kind:paper kind:run").capped
    for text, expected in (
        ("warmup kind:entry", ["e2", "e1"]),
        ("warmup tag:schedule", ["e1"]),
        ("warmup -kind:paper -kind:run", ["e2", "e1"]),
        ("warmup since:2026-11-21", ["e2"]),
    ):
        results = search(journal, text)
        assert sorted(str(hit.ref) for hit in results.hits) == sorted(expected)
        assert all(hit.score is not None for hit in results.hits), text
        assert not results.capped
    assert not search(journal, "warmup", kinds=frozenset({Kind.entry})).capped


def test_deleted_items_are_not_too_many_to_rank(
    journal: Connection, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MOST_RANKED", 3)
    with program_change(paths) as change:
        for ref in (Ref(Kind.run, 1), Ref(Kind.run, 2), Ref(Kind.paper, 1)):
            items.delete(change, ref)
    results = search(journal, "warmup")
    assert not results.capped
    assert {str(hit.ref) for hit in results.hits} == {"p2", "e1", "e2"}


def test_a_word_that_is_only_one_way_to_match_ranks_what_it_matches(journal: Connection) -> None:
    results = search(journal, "cat:cs.cv OR jumps OR cat:cs.l")
    assert [(str(hit.ref), hit.score is not None) for hit in results.hits] == [
        ("e1", True), ("p3", False), ("p2", False),
    ]  # fmt: skip
    assert f"{SNIPPET_START}jumps{SNIPPET_END}" in results.hits[0].snippet
    assert results.hits[1].snippet == "odd characters"


def test_too_many_to_rank_are_shown_page_by_page_too(journal: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST_RANKED", 3)
    whole = refs(journal, "tag:schedule OR warmup")
    assert whole == ["e2", "r2", "r1", "e1", "p2", "p1"]
    assert search(journal, "tag:schedule OR warmup").capped
    assert refs(journal, "tag:schedule OR warmup", limit=2, offset=3) == whole[3:5]
    assert refs(journal, "warmup", limit=9, offset=4) == whole[4:]


def test_deleted_items_are_not_found_and_not_counted(journal: Connection, paths: Paths) -> None:
    before = count_all(journal)
    with program_change(paths) as change:
        items.delete(change, Ref(Kind.entry, 1))
    assert refs(journal, "longer") == []
    assert count_all(journal).entries == before.entries - 1


def test_an_age_is_counted_from_now(journal: Connection) -> None:
    now = datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert refs(journal, "since:1d", now=now) == ["e2"]


def test_the_name_of_an_item_finds_it_first(journal: Connection) -> None:
    assert [str(hit.ref) for hit in search(journal, "e1").hits] == ["e1"]
    assert str(search(journal, " P2 ").hits[0].ref) == "p2"
    assert str(search(journal, "https://example.org/Cosine schedules").hits[0].ref) == "p2"
    assert search(journal, "e1", kinds=frozenset({Kind.paper})).hits == ()
    assert search(journal, "e99").hits == ()


def test_a_day_is_one_of_this_machines_clock_as_it_is_shown(zone: Callable[[str], None]):
    zone("Asia/Tokyo")
    assert parse_since("2026-11-20", NOON) == datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert parse_since("2026-11-20T09:30", NOON) == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    assert parse_since("2026-11-20T09:30Z", NOON) == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert parse_since("0001-01-01", NOON) is None
