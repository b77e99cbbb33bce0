"""A change is kept whole or not at all, and whatever a person changed can be taken back."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from journal import db
from journal.errors import BadValue, NotFound, NothingToUndo, ReadOnly
from journal.paths import Paths, at_home
from journal.queries import any_item
from journal.queries import items as item_queries
from journal.queries import papers as paper_queries
from journal.queries.search import search
from journal.store import entries, feeds, items, links, papers
from journal.store.changes import Change, change, program_change
from journal.store.undo import undo
from journal.types import Entry, EntryDraft, Kind, PaperDecision, PaperDraft, PaperState, Ref, Relation, Verdict

PAPER = PaperDraft(title="A paper on warmup", arxiv_id="1608.03983", authors=("A. Author",), abstract="Warm restarts.")
P1, E1 = Ref(Kind.paper, 1), Ref(Kind.entry, 1)


def keep_paper(opened: Change, draft: PaperDraft = PAPER, state: PaperState = PaperState.none) -> int:
    (identity,) = papers.apply(opened, PaperDecision(inserts=((draft, state),), updates=(), unchanged=0, placed=(-1,)))
    return identity


def everything(paths: Paths) -> dict[str, list[tuple[object, ...]]]:
    """The whole journal as a person sees it: without the record of changes and what is marked deleted."""
    connection = db.connect(paths)
    tables = {
        "item": "SELECT kind, number, title, people, extra, body FROM item WHERE deleted_at IS NULL",
        "paper": "SELECT paper.* FROM paper JOIN item ON id = item_id WHERE deleted_at IS NULL",
        "entry": "SELECT entry.* FROM entry JOIN item ON id = item_id WHERE deleted_at IS NULL",
        "link": "SELECT from_id, to_id, relation FROM link",
        "tag": "SELECT tag.* FROM tag JOIN item ON id = item_id WHERE deleted_at IS NULL",
        "feed": "SELECT url FROM feed WHERE removed_at IS NULL",
    }
    seen = {name: sorted(connection.execute(sql).fetchall(), key=repr) for name, sql in tables.items()}
    connection.close()
    return seen


VERBS: dict[str, Callable[[Change], object]] = {
    "log": lambda c: entries.add(c, EntryDraft(what="another", why="to see")),
    "outcome": lambda c: entries.set_outcome(c, E1, "it held", Verdict.kept),
    "edit an entry": lambda c: entries.edit(c, E1, {"title": "new", "why": "new", "body": "new"}),
    "edit a paper": lambda c: items.set_texts(c, items.get(c, P1), {"title": "New", "body": "Other"}),
    "rm": lambda c: items.delete(c, P1),
    "link": lambda c: links.add(c, E1, P1, Relation.uses),
    "unlink": lambda c: links.remove(c, E1, P1),
    "tag and untag": lambda c: items.tag(c, E1, add=["new"], remove=["old"]),
    "triage": lambda c: papers.set_state(c, P1, PaperState.queued),
    "import": lambda c: keep_paper(c, PaperDraft(title="Other", doi="10.1/x", announced_on=date(2026, 1, 2))),
    "feed add": lambda c: feeds.add(c, "https://example.org/feed.xml"),
    "feed remove": lambda c: feeds.remove(c, "https://example.org/old.xml"),
    "merge": lambda c: papers.merge(c, keep_paper(c, PaperDraft(title="Same", doi="10.1/same")), 1),
    "several at once": lambda c: [
        verb(c) for name, verb in VERBS.items() if name in {"log", "triage", "tag and untag"}
    ],
}


@pytest.fixture
def filled(paths: Paths) -> Paths:
    with program_change(paths) as opened:
        keep_paper(opened)
        entries.add(opened, EntryDraft(what="a try", why="plateau", body="long"))
        links.add(opened, E1, P1)
        items.tag(opened, E1, add=["old"])
        feeds.add(opened, "https://example.org/old.xml")
    return paths


@pytest.mark.parametrize("verb", VERBS)
def test_undo_takes_back_every_verb(filled: Paths, verb: str) -> None:
    before = everything(filled)
    with change(filled, verb) as opened:
        VERBS[verb](opened)
    assert everything(filled) != before
    assert undo(filled) == verb
    assert everything(filled) == before


def test_a_summary_is_completed_where_the_item_is_known_only_then(filled: Paths) -> None:
    with change(filled, "log") as opened:
        opened.summary = f"log {entries.add(opened, EntryDraft(what='new'))}"
    with change(filled, "tag") as opened:
        opened.summary = "tag e1 +old"
        items.tag(opened, E1, add=["old"])
    assert undo(filled) == "log e2"
    with pytest.raises(NothingToUndo):
        undo(filled)


def test_undo_goes_back_change_by_change(filled: Paths) -> None:
    states = [everything(filled)]
    for verb in VERBS:
        if verb not in {"several at once", "rm", "merge"}:
            with change(filled, verb) as opened:
                VERBS[verb](opened)
            states.append(everything(filled))
    while len(states) > 1:
        assert everything(filled) == states.pop()
        undo(filled)
    assert everything(filled) == states[0]
    with pytest.raises(NothingToUndo):
        undo(filled)


def test_undo_passes_over_what_the_program_did(filled: Paths) -> None:
    with change(filled, "queue p1") as opened:
        papers.set_state(opened, P1, PaperState.queued)
    with program_change(filled) as opened:
        entries.add(opened, EntryDraft(what="recorded by a run"))
    assert undo(filled) == "queue p1"
    with pytest.raises(NothingToUndo):
        undo(filled)


def test_undo_leaves_what_was_changed_since_and_never_gets_stuck(filled: Paths) -> None:
    with change(filled, "queue p1") as opened:
        papers.set_state(opened, P1, PaperState.queued)
    with change(filled, "edit e1") as opened:
        entries.edit(opened, E1, {"why": "second", "expect": "more"})
    with program_change(filled) as opened:
        entries.edit(opened, E1, {"why": "third"})
    assert undo(filled) == "edit e1"
    connection = db.connect(filled)
    entry = any_item.get(connection, E1)
    assert isinstance(entry, Entry)
    assert (entry.why, entry.expect) == ("third", "")
    assert [len(search(connection, word).hits) for word in ("third", "more", "second")] == [1, 0, 0]
    connection.close()
    assert undo(filled) == "queue p1"


def test_what_undo_takes_back_stays_readable(filled: Paths) -> None:
    with change(filled, "edit e1") as opened:
        entries.edit(opened, E1, {"why": "a long thought"})
    undo(filled)
    connection = db.connect(filled)
    kept = [revision.text for revision in item_queries.revisions_of(connection, item_queries.item_id(connection, E1))]
    connection.close()
    assert kept == ["a long thought", "plateau"]


def test_an_undone_paper_is_known_when_it_is_added_again(filled: Paths) -> None:
    with change(filled, "import") as opened:
        keep_paper(opened, PaperDraft(title="Other", doi="10.1000/x"))
    undo(filled)
    connection = db.connect(filled)
    (stored,) = paper_queries.stored_papers(connection, [("doi", "10.1000/x")])
    connection.close()
    assert stored.is_deleted
    assert stored.draft.title == "Other"


def test_a_change_that_touches_nothing_is_no_change(filled: Paths) -> None:
    with change(filled, "tag with what it has") as opened:
        items.tag(opened, E1, add=["old"])
        links.add(opened, E1, P1)
    with pytest.raises(NothingToUndo):
        undo(filled)


def test_a_failing_change_leaves_no_trace(filled: Paths) -> None:
    before = everything(filled)
    with pytest.raises(NotFound), change(filled, "half") as opened:
        entries.add(opened, EntryDraft(what="half"))
        items.delete(opened, Ref(Kind.run, 9))
    assert everything(filled) == before
    with pytest.raises(NothingToUndo):
        undo(filled)


def test_numbers_are_never_used_again(filled: Paths) -> None:
    for expected in ("e2", "e3", "e4"):
        with change(filled, "log") as opened:
            ref = entries.add(opened, EntryDraft(what="again"))
        assert str(ref) == expected
        undo(filled)


def test_a_text_is_never_replaced_without_a_trace(filled: Paths) -> None:
    with change(filled, "edit") as opened:
        entries.edit(opened, E1, {"title": "b", "why": "b", "body": "b"})
        entries.set_outcome(opened, E1, "first")
        entries.set_outcome(opened, E1, "second")
    connection = db.connect(filled)
    revisions = item_queries.revisions_of(connection, item_queries.item_id(connection, E1))
    connection.close()
    assert {(revision.field, revision.text) for revision in revisions} == {
        ("title", "a try"), ("why", "plateau"), ("body", "long"), ("outcome", "first"),
    }  # fmt: skip


def test_what_is_edited_is_found_by_its_new_words_alone(filled: Paths) -> None:
    with change(filled, "edit") as opened:
        entries.edit(opened, E1, {"why": "gradient vanishes"})
    connection = db.connect(filled)
    found = [[hit.ref for hit in search(connection, word).hits] for word in ("vanishes", "plateau")]
    connection.close()
    assert found == [[E1], []]


def test_a_deleted_item_is_not_changed(filled: Paths) -> None:
    with change(filled, "rm") as opened:
        items.delete(opened, E1)
    with pytest.raises(NotFound, match="deleted"), change(filled, "edit") as opened:
        entries.edit(opened, E1, {"why": "x"})


@pytest.mark.parametrize("name", ["", "two words", "a\x1bb", "#"])
def test_a_tag_is_one_printable_word(filled: Paths, name: str) -> None:
    with pytest.raises(BadValue), change(filled, "tag") as opened:
        items.tag(opened, E1, add=[name])


def test_a_journal_that_cannot_be_written_says_so_and_can_be_read(
    filled: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    connection = db.connect(filled)
    assert any_item.get(connection, E1).title == "a try"
    connection.close()
    with pytest.raises(ReadOnly), change(filled, "log") as opened:
        entries.add(opened, EntryDraft(what="x"))


def _log(home: str, what: str) -> None:
    with change(at_home(Path(home)), what) as opened:
        entries.add(opened, EntryDraft(what=what))


def test_ten_who_write_at_once_keep_ten(paths: Paths) -> None:
    whats = [f"try {number}" for number in range(10)]
    with multiprocessing.get_context("spawn").Pool(10) as pool:
        pool.starmap(_log, [(str(paths.data), what) for what in whats])
    connection = db.connect(paths)
    kept = connection.execute("SELECT title, number FROM item").fetchall()
    connection.close()
    assert sorted(title for title, _ in kept) == sorted(whats)
    assert sorted(number for _, number in kept) == list(range(1, 11))


def _write_until_killed(home: str) -> None:
    paths = at_home(Path(home))
    while True:
        with change(paths, "batch") as opened:
            for _ in range(50):
                entries.add(opened, EntryDraft(what="one of fifty"))


def test_killed_in_the_middle_of_writing_leaves_whole_changes(paths: Paths) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=_write_until_killed, args=(str(paths.data),))
    writer.start()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _count(paths) == 0:
        time.sleep(0.02)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    assert _count(paths) > 0
    assert _count(paths) % 50 == 0
    connection = db.connect(paths)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.execute("INSERT INTO item_fts (item_fts, rank) VALUES ('integrity-check', 1)")
    connection.close()


def _count(paths: Paths) -> int:
    connection = sqlite3.connect(paths.journal)
    count: int = connection.execute("SELECT count(*) FROM item").fetchone()[0]
    connection.close()
    return count
