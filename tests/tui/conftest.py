"""A small journal with every kind of thing in it, made through the store."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal import db
from journal.paths import Paths, at_home
from journal.queries.feeds import list_feeds
from journal.store import entries, feeds, links, papers, runs
from journal.store.changes import program_change
from journal.store.curve_points import add_points
from journal.types import (
    EntryDraft,
    EntryType,
    FeedHealth,
    Kind,
    MetricValue,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    Relation,
    RunDraft,
    RunStatus,
    Verdict,
)
from tests.conftest import NOON

OLD_PAPERS, NEW_PAPERS = 20, 10
P1, R1, R2, E1, E2 = Ref(Kind.paper, 1), Ref(Kind.run, 1), Ref(Kind.run, 2), Ref(Kind.entry, 1), Ref(Kind.entry, 2)


@pytest.fixture(scope="session")
def lab_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """p1..p20 read, p21..p30 new; r1 tests e1, which is about p1, and has curves; r2 has no why; e2 is a question."""
    paths = at_home(tmp_path_factory.mktemp("lab"))
    db.connect(paths).close()
    with program_change(paths, clock=lambda: NOON - timedelta(days=3)) as change:
        inserts = tuple((_paper(n), PaperState.none if n > 2 else PaperState.kept) for n in range(1, OLD_PAPERS + 1))
        inserts += tuple((_paper(OLD_PAPERS + n), PaperState.new) for n in range(1, NEW_PAPERS + 1))
        papers.apply(
            change,
            PaperDecision(inserts=inserts, updates=(), unchanged=0, placed=tuple(-n - 1 for n in range(len(inserts)))),
        )
        feeds.add(change, "https://feeds.test/rss/cs.LG", "arXiv cs.LG")
        feeds.add(change, "https://blog.test/feed", "A blog")
    with program_change(paths, clock=lambda: NOON - timedelta(days=2)) as change:
        entries.add(
            change,
            EntryDraft(
                what="Cosine schedule instead of steps",
                why="The loss plateaus at epoch 12.",
                expect="validation accuracy +0.3",
                outcome="99.1 to 99.3",
                verdict=Verdict.kept,
            ),
        )
        runs.mirror(change, ((_run("cnn-cosine", 0.9931), "a"), (_run("cnn-steps", 0.9912), "b")))
        links.add(change, E1, P1)
        links.add(change, R1, E1, Relation.tests)
        (item,) = change.connection.execute("SELECT id FROM item WHERE kind = 'run' AND number = 1").fetchone()
        add_points(change, item, _curves())
    with program_change(paths, clock=lambda: NOON - timedelta(days=1)) as change:
        entries.add(change, EntryDraft(what="Why do 4 and 9 look alike?", type=EntryType.question))
        connection = change.connection
        healthy, failing = list_feeds(connection)
        fetched_at = NOON - timedelta(hours=2)
        feeds.keep_health(change, replace(healthy, health=FeedHealth.current, message="10 new", fetched_at=fetched_at))
        feeds.keep_health(
            change,
            replace(failing, health=FeedHealth.unreachable, message="blog.test did not answer", fetched_at=fetched_at),
        )
    connection = db.connect(paths)
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
    connection.close()
    return paths.journal


def _paper(number: int) -> PaperDraft:
    return PaperDraft(
        title=f"Paper number {number} on {'gradients' if number % 2 else 'kernels'}",
        abstract=f"The abstract of paper {number}. " * (200 if number == 1 else 20),
        authors=("Ada Lovelace", "Alan Turing"),
        arxiv_id=f"2601.{number:05d}",
        version=2 if number == 30 else 1,
        categories=("cs.LG",),
        announced_on=NOON.date(),
    )


def _curves() -> dict[str, list[tuple[int, int, float]]]:
    """Of a run that was continued from step 30 after it had come to 49, and 40 metrics more."""
    steps, began = (*range(50), *range(30, 100)), int((NOON - timedelta(days=2)).timestamp() * 1000)
    losses = {
        f"{part}/loss": [(step, began + 1_000 * count, worse / (1 + step)) for count, step in enumerate(steps)]
        for part, worse in (("train", 2.0), ("validation", 3.0))
    }
    epochs = {"epoch": [(step, began + 1_000 * step, step / 10) for step in range(100)]}
    norms = {
        f"layer.{n:02}/norm": [(step, began + 1_000 * step, n + step / 100) for step in range(20)] for n in range(40)
    }
    return losses | epochs | norms


def _run(name: str, accuracy: float) -> RunDraft:
    return RunDraft(
        run_id=f"{name:0<32}".replace("-", "0"),
        tracking_uri="sqlite:///mlflow.db",
        name=name,
        experiment="mnist",
        status=RunStatus.finished,
        started_at=NOON - timedelta(days=2 if name == "cnn-cosine" else 3),
        ended_at=NOON - timedelta(days=2 if name == "cnn-cosine" else 3) + timedelta(minutes=20),
        params={"learning_rate": "0.1"},
        metrics={"validation/accuracy": MetricValue(value=accuracy, step=20)},
    )


@pytest.fixture
def lab(home: Path, lab_journal: Path) -> Paths:
    """A copy of the small journal for this test alone."""
    home.mkdir(parents=True)
    shutil.copyfile(lab_journal, home / "journal.db")
    return at_home(home)


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that fetches the feeds must not ask the real ones; a server of the test's own speaks http."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")


@pytest.fixture(autouse=True)
def _no_unexpected_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What a worker did not expect is logged and shown in a sentence; in a test it must not pass unseen."""
    with caplog.at_level(logging.ERROR):
        yield
        unexpected = [record for record in caplog.get_records("call") if record.name.startswith("tui")]
    assert not unexpected, [record.getMessage() + str(record.exc_info) for record in unexpected]
