"""The Runs room: its filter, its order, its views, its marks, and what is done to many at once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from journal import db
from journal.fingerprints import Content
from journal.paths import Paths
from journal.queries.entries import get_entry, list_entries
from journal.queries.items import tags_of
from journal.queries.run_lists import refs_to_ids
from journal.store import datasets, entries, links, notes, papers, runs
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
)
from tests.conftest import NOON
from tests.tui.driving import opened, press, screen_text
from tui.app import JournalApp
from tui.screens.runs import RunsRoom

R1, R2, R3, R4 = (Ref(Kind.run, number) for number in range(1, 5))


def _run(number: int, lr: str, accuracy: float | None, **further: object) -> tuple[RunDraft, str]:
    started = NOON - timedelta(hours=number)
    draft = RunDraft(
        run_id=f"{number:032x}",
        tracking_uri="sqlite:////mlflow.db",
        name=f"net-{number}",
        experiment="mnist",
        **{"status": RunStatus.finished, "started_at": started, "ended_at": started + timedelta(minutes=5), **further},  # type: ignore[arg-type]
        params={"lr": lr, "optimizer": "adam"},
        metrics={"validation/accuracy": MetricValue(value=accuracy, step=3)},
    )
    return draft, str(number)


@pytest.fixture
def journal(paths: Paths) -> Paths:
    """r1..r4, the last started first: r2 has a why, r3 runs still, r4 vanished."""
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(
            change,
            (
                _run(1, "0.1", 0.9),
                _run(2, "9e-4", 0.99),
                _run(3, "10", None, status=RunStatus.running, ended_at=None),
                _run(4, "9", 0.5, status=RunStatus.running, started_at=NOON - timedelta(days=3), ended_at=None),
            ),
        )
        entry = entries.add(change, EntryDraft(what="smaller steps", why="it diverged"))
        links.add(change, R2, entry)
    return paths


def room_of(app: JournalApp) -> RunsRoom:
    assert isinstance(app.room, RunsRoom)
    return app.room


def listed(app: JournalApp) -> list[str]:
    """What the list shows, from its first row to its last."""
    rows = [app.room.list._rows[index] for index in range(app.room.list.count or 0)]
    return [str(row.ref) if row else "…" for row in rows]


def told_on(app: JournalApp) -> str:
    """All that the screen shows, whole sentences where they go over several lines."""
    return " ".join(screen_text(app).replace("│", " ").split())


def row(app: JournalApp, name: str) -> str:
    """What the list's row of this run shows."""
    return next(line for line in screen_text(app).splitlines() if name in line and line.lstrip(" ✓")[:1] in "●○")


async def test_one_line_says_why_the_chosen_runs_were_made(journal: Paths) -> None:
    def whys() -> list[tuple[str, str, str, list[str]]]:
        with closing(db.connect(journal)) as connection:
            rows = list_entries(connection, types=[EntryType.tried])
            found = [get_entry(connection, row.ref) for row in rows]
        return [(e.title, e.why, str(e.type), sorted(str(link.ref) for link in e.links)) for e in found]

    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "enter")
        assert "nobody wrote down why: y says why" in screen_text(app)
        await press(pilot, "escape", "y", "escape")
        assert len(whys()) == 1
        await press(pilot, "x", "j", "x", "y", *"larger nets, because: data grew because it did", "enter")
        assert ("larger nets", "data grew because it did", "tried", ["r1", "r3"]) in whys()
        assert "●" in row(app, "net-1")
        await press(pilot, "u")
        assert len(whys()) == 1
        await press(pilot, "X", "G", "enter", "G", "y", *"baseline", "enter")
        assert ("baseline", "", "tried", ["r4"]) in whys()


async def test_datasets_are_chosen_from_a_list_that_tells_what_changed(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "D")
        assert "There are no datasets yet" in screen_text(app)
        with program_change(journal, clock=lambda: NOON - timedelta(days=2)) as change:
            datasets.add(change, "/data/old", "old", Content("tree:00", 1, 9), "", {})
            datasets.add(change, "/data/digits", "digits [b]", Content("tree:aa", 2, 12), "", {})
        with program_change(journal, clock=lambda: NOON - timedelta(days=1)) as change:
            datasets.see(change, Ref(Kind.dataset, 2), Content("tree:bb", 3, 2000), "")
        await press(pilot, "D")
        shown = screen_text(app)
        assert "d2  digits [b]  3 files, 2.0 kB  changed on 2026-11-19" in shown
        assert "d1  old         1 file, 9 bytes  seen 2026-11-18" in shown
        await press(pilot, "enter")
        assert "Seen with" in screen_text(app)
        assert "/data/digits" in screen_text(app)


async def test_the_filter_speaks_the_language_of_runs(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3")
        assert listed(app) == ["r1", "r2", "r3", "r4"]
        for typed, found in (
            ("lr<1e-1", ["r2"]),
            ("lr>=9", ["r3", "r4"]),
            ("-why:", ["r1", "r3", "r4"]),
            ("validation/accuracy>.95 or status:vanished", ["r2", "r4"]),
            ("net", ["r1", "r2", "r3", "r4"]),
        ):
            await press(pilot, "f", *typed)
            assert (typed, listed(app)) == (typed, found)
            await press(pilot, "escape")
        assert listed(app) == ["r1", "r2", "r3", "r4"]


async def test_what_is_not_understood_is_said_at_once_and_never_lists_everything(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "f", *"status:fine")
        assert listed(app) == ["r1", "r2"]  # as for status:fin
        assert "status:fine is left out: a status is running" in app.status.shown_text
        await press(pilot, "enter")
        assert listed(app) == []
        assert "status:fine is left out" in told_on(app)
        assert "Nothing is listed." in told_on(app)
        await press(pilot, "r", "X")
        assert (listed(app), "There is nothing to act on" in app.status.shown_text) == ([], True)
        for typed in ("lr<1 is:foo", "lr<1 and", "lr<1 seed=", "lr<1 optimizer>adam"):
            await press(pilot, "escape", "f", *typed[:4])
            assert (typed, listed(app)) == (typed, ["r1", "r2"])
            await press(pilot, *typed[4:])
            assert (typed, len(listed(app)) < 3) == (typed, True)
            assert "The list is as before." in told_on(app)
            await press(pilot, "enter")
            assert (typed, listed(app)) == (typed, [])
        await press(pilot, "escape")
        assert listed(app) == ["r1", "r2", "r3", "r4"]
        await press(pilot, "escape", "f", *"lrr>3")
        assert "No run has a parameter or metric called lrr." in screen_text(app)


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (140, 40)])
async def test_why_a_condition_is_left_out_is_read_whole(journal: Paths, size: tuple[int, int]) -> None:
    async with opened(journal, size=size) as (app, pilot):
        await press(pilot, "3", "f", *"status:stale", "enter")
        told = told_on(app)
        assert "status:stale is left out" in told
        assert "interrupted or vanished." in told
        await press(pilot, "escape")
        assert "is left out" not in screen_text(app)


async def test_nothing_is_done_with_all_that_an_unclear_filter_leaves(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "x", "f", *"lr>", "enter", "X", *["j"] * 4, "enter")
        assert room_of(app).marked == (R1,)
        assert "Nothing was marked: lr> is left out" in app.status.text
        await press(pilot, "V", "j", "enter")
        assert "Nothing was saved: lr> is left out" in app.status.text


async def test_the_keys_that_matter_are_on_the_bottom_line(journal: Paths) -> None:
    async with opened(journal, size=(140, 40)) as (app, pilot):
        await press(pilot, "3")
        keys = screen_text(app).splitlines()[-1]
        for hint in ("d differs", "c curves", "x mark", "f filter", "o order", "n note", "w meanwhile", "V views"):
            assert hint in keys
    async with opened(journal, size=(80, 24)) as (app, pilot):
        await press(pilot, "3", "o", "down", "enter", "x", "x")
        line = screen_text(app).splitlines()[-1]
        for part in ("2 marked · 3 of 4 · by", "d differs", "c curves", "x mark", "? keys"):
            assert part in line


async def test_statuses_are_true_and_a_run_of_which_nothing_was_heard_is_called_silent(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3")
        assert "running" in row(app, "net-3")
        assert "silent 3h" in row(app, "net-3")
        assert "vanished" in row(app, "net-4")


async def test_runs_are_put_in_the_order_that_one_chooses(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "j", "o")
        assert "validation/accuracy, highest first" in screen_text(app)
        await press(pilot, "down", "enter")
        assert listed(app) == ["r2", "r1", "r4", "r3"]
        assert (app.room.list.cursor, "by validation/accuracy, highest first" in app.room.standing()) == (0, True)
        await press(pilot, "o", "enter")
        assert listed(app) == ["r4", "r1", "r2", "r3"]  # the other way round, what has no value still last
        await press(pilot, "o", *["down"] * 2, "enter")
        assert "by lr (parameter), lowest first" in app.room.standing()
        assert listed(app) == ["r2", "r1", "r4", "r3"]  # 9 < 10
        assert "9e-4" in row(app, "net-2")


async def test_an_order_is_found_by_typing_a_part_of_its_name(journal: Paths) -> None:
    with program_change(journal, clock=lambda: NOON) as change:
        for number in (5, 6):
            draft, digest = _run(number, "0.7", 0.5)
            params = {f"param_{each:03}": str(number * each) for each in range(500)}
            runs.mirror(change, [(replace(draft, params=params), digest)])
    async with opened(journal, size=(80, 24)) as (app, pilot):
        await press(pilot, "3", "o", *"Param_4")
        assert "more: type on" in screen_text(app)
        await press(pilot, *"87", "enter")
        assert "by param_487 (parameter), lowest first" in app.room.standing()
        await press(pilot, "o", *"param_487x", "enter")
        assert "nothing has this in it" in screen_text(app)
        await press(pilot, *["backspace"] * 10, *"q", "backspace", "down", "down", "up", "escape")
        assert "by param_487 (parameter), lowest first" in app.room.standing()
        await press(pilot, "o", *"HIGHEST acc", "enter")
        assert "by validation/accuracy, highest first" in app.room.standing()


async def test_the_accuracy_stays_beside_what_the_order_goes_by(journal: Paths) -> None:
    for width, has_lr in ((100, True), (140, True)):
        async with opened(journal, size=(width, 40)) as (app, pilot):
            await press(pilot, "3")
            assert ("9e-4 lr" in row(app, "net-2")) is has_lr
            await press(pilot, "o", *["down"] * 2, "enter")
            assert "9e-4    lr" in row(app, "net-2")
            assert "0.99 val/" in row(app, "net-2")


async def test_a_setting_of_a_run_without_a_result_is_not_shown_as_its_result(journal: Paths) -> None:
    with program_change(journal, clock=lambda: NOON) as change:
        draft, digest = _run(5, "0.7", 0.5)
        runs.mirror(change, [(replace(draft, metrics={}), digest)])
    async with opened(journal, size=(140, 40)) as (app, pilot):
        await press(pilot, "3")
        assert row(app, "net-5").index("0.7 lr") == row(app, "net-1").index("0.1 lr")


async def test_papers_notes_and_failed_checks_are_marked_beside_the_why(journal: Paths) -> None:
    with program_change(journal, clock=lambda: NOON) as change:
        inserts = (PaperDraft(title="Smaller steps", arxiv_id="2601.00001"), PaperState.kept)
        papers.apply(change, PaperDecision(inserts=(inserts,), updates=(), unchanged=0, placed=(-1,)))
        links.add(change, Ref(Kind.entry, 1), Ref(Kind.paper, 1))
        notes.add(change, [R1], "It oscillates.")
        (item,) = change.connection.execute("SELECT id FROM item WHERE kind = 'run' AND number = 2").fetchone()
        for check, verdict, hour in (
            ("O01", "passed", 1),
            ("O02", "failed", 1),
            ("O02", "passed", 2),
            ("O03", "failed", 3),
        ):
            change.connection.execute(
                "INSERT INTO check_result (item_id, check_id, verdict, checked_at) VALUES (?, ?, ?, ?)",
                (item, check, verdict, f"2026-11-20 0{hour}:00:00.000000"),
            )
    async with opened(journal) as (app, pilot):
        await press(pilot, "3")
        assert row(app, "net-1").lstrip().startswith("○n ")
        assert row(app, "net-2").lstrip().startswith("●p! ")
        assert row(app, "net-3").lstrip().startswith("○ ")
        await press(pilot, "question_mark", "G")
        assert "A check of it failed" in screen_text(app)


async def test_marks_stay_under_other_filters_and_when_the_list_is_read_anew(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3")
        assert room_of(app).chosen == (R1,)
        await press(pilot, "x", "j", "x")
        assert (room_of(app).marked, room_of(app).list.selected_ref) == ((R1, R3), R4)
        await press(pilot, "f", *"lr<1", "enter", "r")
        assert room_of(app).chosen == (R1, R3)
        assert "✓" in row(app, "net-1")
        assert "2 marked" in room_of(app).standing()
        await press(pilot, "g", "x", "escape")
        assert room_of(app).marked == (R3,)


async def test_many_are_archived_as_one_change_that_undo_takes_back(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "G", "x")
        assert "1 marked" in app.status.shown_text  # also where the cursor cannot move on
        await press(pilot, "x", "g", "x", "x", "X")
        assert "With 2 runs" in screen_text(app)
        await press(pilot, "enter")
        assert (listed(app), room_of(app).marked) == (["r3", "r4"], ())
        assert "archive 2 runs" in app.status.shown_text
        await press(pilot, "f", *"is:archived")
        assert listed(app) == ["r1", "r2"]
        await press(pilot, "escape", "u")
        assert listed(app) == ["r1", "r2", "r3", "r4"]


async def test_deleting_many_is_asked_for_once_and_undone_at_once(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "x", "x", "x", "X", *["j"] * 3, "enter")
        assert "Delete 3 runs?" in screen_text(app)
        await press(pilot, "j", "enter")
        assert (app.room.list.count, len(room_of(app).marked)) == (4, 3)
        await press(pilot, "X", *["j"] * 3, "enter", "enter")
        assert (listed(app), room_of(app).marked) == (["r4"], ())
        await press(pilot, "u")
        assert listed(app) == ["r1", "r2", "r3", "r4"]


async def test_all_that_a_filter_leaves_can_be_marked(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "f", *"-status:vanished", "enter", "X", *["j"] * 4, "enter")
        assert room_of(app).marked == (R1, R2, R3)
        await press(pilot, "X", "G", "enter")
        assert room_of(app).marked == ()


async def test_tags_are_typed_for_all_chosen_runs(journal: Paths) -> None:
    def tags(ref: Ref) -> tuple[str, ...]:
        with closing(db.connect(journal)) as connection:
            return tags_of(connection, refs_to_ids(connection, [ref])[ref])

    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "x", "x", "t", *"+amp base", "enter")
        assert [tags(ref) for ref in (R1, R2, R3)] == [("amp", "base"), ("amp", "base"), ()]
        assert room_of(app).marked == (R1, R2)
        await press(pilot, "t", *"-base", "enter")
        assert tags(R1) == tags(R2) == ("amp",)
        await press(pilot, "t", *"+amp", "enter")
        assert "have those tags already" in app.status.shown_text
        await press(pilot, "f", *"tag:amp")
        assert listed(app) == ["r1", "r2"]


async def test_a_view_is_saved_chosen_and_deleted(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "o", "down", "enter", "f", *"lr<1", "enter", "V", "j", "enter", *"good ones", "enter")
        assert "save view good ones" in app.status.shown_text
        await press(pilot, "V", "j", "enter")
        assert (listed(app), app.room.filter_line.is_open) == (["r1", "r2", "r3", "r4"], False)
        await press(pilot, "V")
        assert "good ones  lr<1  by -validation/accuracy" in screen_text(app)
        await press(pilot, "enter")
        assert (listed(app), app.room.filter_line.value) == (["r2", "r1"], "lr<1")
        await press(pilot, "V", "G", "enter", "enter")
        await press(pilot, "V")
        assert "good ones  lr<1" not in screen_text(app)
        await press(pilot, "escape", "u", "V")
        assert "good ones  lr<1" in screen_text(app)


async def test_a_view_by_a_metric_that_is_gone_says_so_and_shows_the_newest_first(journal: Paths) -> None:
    with closing(db.connect(journal)) as connection:
        connection.execute("INSERT INTO saved_view VALUES ('old', '', '-best', '2026-11-20 12:00:00.000000')")
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "V", "enter")
        assert "No run has best any more" in app.status.shown_text
        assert listed(app) == ["r1", "r2", "r3", "r4"]


async def test_where_every_run_is_archived_the_room_says_so(journal: Paths) -> None:
    async with opened(journal) as (app, pilot):
        await press(pilot, "3", "X", *["j"] * 4, "enter", "X", "enter")
        assert "Every run is archived: is:archived shows them." in screen_text(app)
