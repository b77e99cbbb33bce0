"""Names lead to items; lists and details tell what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from sqlite3 import Connection

import pytest

from journal import db
from journal.errors import BadRef, NotFound
from journal.paths import Paths
from journal.queries import any_item, items
from journal.queries.entries import count_entries, get_entry, list_entries
from journal.queries.papers import count_papers, get_paper, list_papers, stored_papers
from journal.queries.runs import count_runs, digests, get_run, list_runs
from journal.refs import Remembered
from journal.store import entries, feeds, links, papers, runs
from journal.store.changes import program_change
from journal.types import (
    AnnounceType,
    ArrivedPaper,
    EntryDraft,
    EntryType,
    Item,
    Kind,
    MetricValue,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    Relation,
    RunDraft,
    RunStatus,
)
from tests.conftest import NOON

LECUN = PaperDraft(
    title="Gradient-based learning", doi="10.1109/5.726791", authors=("Yann LeCun", "Léon Bottou"), version=2,
    categories=("cs.CV", "cs.LG"), abstract="Nets.", published_at=NOON, announced_on=date(2026, 11, 19),
)  # fmt: skip
RUN = RunDraft(
    run_id="4f2a" + "0" * 28, tracking_uri="sqlite:////s.db", name="linear", experiment="mnist", status=RunStatus.finished,
    started_at=NOON, ended_at=NOON, params={"learning_rate": "0.1", "optimizer": "adamw"}, note="why not",
    metrics={"loss": MetricValue(value=None, step=3), "accuracy": MetricValue(value=0.9, step=3)}, tags={"host": "a"},
)  # fmt: skip


@pytest.fixture
def journal(paths: Paths) -> Iterator[Connection]:
    with program_change(paths, clock=lambda: NOON) as change:
        decision = PaperDecision(
            inserts=((LECUN, PaperState.new), (PaperDraft(title="Other", arxiv_id="1608.03983"), PaperState.none)),
            updates=(), unchanged=0, placed=(-1, -2),
        )  # fmt: skip
        first, _ = papers.apply(change, decision)
        feeds.add(change, "https://example.org/feed", "A feed")
        change.session.flush()
        arrived = ArrivedPaper(draft=LECUN, guid="g1", announce_type=AnnounceType.cross)
        feeds.keep_arrivals(change, 1, [(first, arrived)])
        entries.add(change, EntryDraft(what="linear net", why="baseline"))
        entries.add(change, EntryDraft(what="why ten?", type=EntryType.question))
        child = RunDraft(
            run_id="4f2b" + "0" * 28, tracking_uri="sqlite:////s.db", name="", experiment="mnist",
            status=RunStatus.running, parent_run_id=RUN.run_id,
        )  # fmt: skip
        runs.mirror(change, [(RUN, "d1"), (child, "d2")])
        links.add(change, Ref(Kind.run, 1), Ref(Kind.entry, 1))
        links.add(change, Ref(Kind.entry, 1), Ref(Kind.paper, 1))
    connection = db.connect(paths)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p1", "p1"), ("1608.03983v4", "p2"), ("doi:10.1109/5.726791", "p1"), ("4f2a", "r1"), ("4f2b00", "r2"), ("E2", "e2"),
    ],
)  # fmt: skip
def test_every_name_leads_to_its_item(journal: Connection, text: str, expected: str) -> None:
    assert str(items.resolve(journal, text)) == expected


def test_rows_and_last_lead_into_the_list_shown_last(journal: Connection) -> None:
    shown = Remembered((Ref(Kind.run, 2), Ref(Kind.entry, 1)))
    assert items.resolve(journal, "@2", shown) == shown.rows[1]
    assert items.resolve(journal, "last", shown) == shown.rows[0]
    assert items.resolve(journal, "last", replace(shown, item=Ref(Kind.run, 1))) == Ref(Kind.run, 1)
    with pytest.raises(BadRef, match="no row 3"):
        items.resolve(journal, "@3", shown)
    with pytest.raises(BadRef, match="Nothing was shown"):
        items.resolve(journal, "last")


@pytest.mark.parametrize("text", ["p9", "2601.00001", "https://example.org/none", "ffff"])
def test_what_is_not_there_is_not_found(journal: Connection, text: str) -> None:
    with pytest.raises(NotFound):
        items.resolve(journal, text)
    assert items.find(journal, text) is None


def test_a_run_id_that_fits_several_runs_is_refused(journal: Connection, paths: Paths) -> None:
    twin = replace(RUN, run_id="4f2a" + "1" * 28)
    with program_change(paths) as change:
        runs.mirror(change, [(twin, "d3")])
    with pytest.raises(BadRef, match="More than one"):
        items.resolve(journal, "4f2a")
    assert str(items.resolve(journal, "4f2a1")) == "r3"


def test_a_paper_is_shown_with_all_that_is_known(journal: Connection) -> None:
    paper = get_paper(journal, Ref(Kind.paper, 1))
    assert (paper.title, paper.doi, paper.version, paper.authors) == (LECUN.title, LECUN.doi, 2, LECUN.authors)
    assert (paper.categories, paper.published_at, paper.announced_on) == (LECUN.categories, NOON, date(2026, 11, 19))
    assert (paper.state, paper.feeds, paper.abstract) == (PaperState.new, ("A feed",), "Nets.")
    assert [(link.relation, link.direction, str(link.ref)) for link in paper.links] == [("about", "in", "e1")]


def test_a_list_of_papers_tells_versions_and_cross_lists(journal: Connection) -> None:
    rows = list_papers(journal)
    assert [(str(row.ref), row.badges, row.arxiv_id) for row in rows] == [
        ("p2", (), "1608.03983"),
        ("p1", ("v2", "cross"), None),
    ]
    assert [str(row.ref) for row in list_papers(journal, states=[PaperState.new])] == ["p1"]
    assert (count_papers(journal), count_papers(journal, states=[PaperState.new])) == (2, 1)
    assert [str(row.ref) for row in list_papers(journal, limit=1, offset=1)] == ["p1"]


def test_what_is_stored_reads_back_as_it_arrived(journal: Connection) -> None:
    (stored,) = stored_papers(journal, [("doi", LECUN.doi or ""), ("arxiv", "none")])
    assert stored.draft == LECUN
    assert stored.state is PaperState.new


def test_an_entry_is_shown_between_its_run_and_its_paper(journal: Connection) -> None:
    entry = get_entry(journal, Ref(Kind.entry, 1))
    assert (entry.title, entry.why, entry.type, entry.outcome_at) == ("linear net", "baseline", EntryType.tried, None)
    assert {(link.relation, link.direction, str(link.ref)) for link in entry.links} == {
        (Relation.tests, "in", "r1"),
        (Relation.about, "out", "p1"),
    }


def test_entries_are_listed_newest_first_and_by_type(journal: Connection) -> None:
    assert [str(row.ref) for row in list_entries(journal)] == ["e2", "e1"]
    assert [str(row.ref) for row in list_entries(journal, types=[EntryType.question])] == ["e2"]
    assert (count_entries(journal), count_entries(journal, types=[EntryType.idea])) == (2, 0)


def test_a_run_is_shown_with_parameters_metrics_and_parent(journal: Connection) -> None:
    run = get_run(journal, Ref(Kind.run, 1))
    assert run.params == {"learning_rate": "0.1", "optimizer": "adamw"}
    assert run.metrics == {"accuracy": 0.9, "loss": None}
    assert (run.note, run.run_tags, run.status, run.parent) == ("why not", {"host": "a"}, RunStatus.finished, None)
    child = get_run(journal, Ref(Kind.run, 2))
    assert (child.parent, child.title) == (Ref(Kind.run, 1), "4f2b0000")


def test_runs_are_listed_with_whether_anybody_said_why(journal: Connection) -> None:
    assert [(str(row.ref), row.has_why) for row in list_runs(journal)] == [("r1", True), ("r2", False)]
    assert count_runs(journal) == 2
    assert set(digests(journal, "sqlite:////s.db").values()) == {"d1", "d2"}


@pytest.mark.parametrize("ref", ["p1", "e1", "r1"])
def test_any_item_is_read_whole(journal: Connection, ref: str) -> None:
    item = any_item.get(journal, items.resolve(journal, ref))
    assert isinstance(item, Item)
    assert type(item) is not Item


def test_what_has_no_kind_of_its_own_yet_is_still_an_item(journal: Connection) -> None:
    journal.execute(
        "INSERT INTO item (kind, number, uid, title, created_at, updated_at) "
        "SELECT 'problem', 1, ?, 'nan loss', created_at, updated_at FROM item LIMIT 1",
        ("0" * 26,),
    )
    item = any_item.get(journal, Ref(Kind.problem, 1))
    assert (item.title, item.tags, item.is_deleted) == ("nan loss", (), False)


@pytest.mark.parametrize("read", [get_paper, get_entry, get_run, items.get_item])
def test_reading_what_is_not_there_says_so(journal: Connection, read: Callable[[Connection, Ref], Item]) -> None:
    with pytest.raises(NotFound, match="no p99"):
        read(journal, Ref(Kind.paper, 99))


def test_counts_tell_how_much_there_is(journal: Connection) -> None:
    counts = items.count_all(journal)
    assert (counts.papers, counts.runs, counts.entries, counts.feeds, counts.new_papers) == (2, 2, 2, 1, 1)
