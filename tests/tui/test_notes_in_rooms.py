"""Writing in the interface: dated notes, outcomes, answers; nothing that was typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal import db
from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.entries import get_entry, list_entries
from journal.queries.notes import Note, notes_on
from journal.recorder import spool
from journal.recorder.events import LaunchedEvent
from journal.store import entries, notes
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.types import Entry, EntryDraft, EntryType, Kind, Ref, Verdict
from tests.conftest import NOON
from tests.tui.conftest import E1, E2, R1, R2
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.editing import note_name
from tui.screens.dialogs import ChoiceScreen
from tui.screens.meanwhile import MeanwhileScreen
from tui.screens.runs import RunsRoom
from tui.screens.writing import WritingScreen

E3, E4 = Ref(Kind.entry, 3), Ref(Kind.entry, 4)


def notes_of(paths: Paths, ref: Ref) -> tuple[Note, ...]:
    connection = db.connect(paths)
    try:
        return notes_on(connection, ref)
    finally:
        connection.close()


def entry(paths: Paths, ref: Ref) -> Entry:
    connection = db.connect(paths)
    try:
        return get_entry(connection, ref)
    finally:
        connection.close()


def add(paths: Paths, draft: EntryDraft) -> None:
    with program_change(paths, clock=lambda: NOON) as change:
        entries.add(change, draft)


async def test_a_note_is_written_on_the_run_under_the_cursor_and_shown_with_its_date(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "n")
        assert "A note on r1" in screen_text(app)
        await press(pilot, *"spikes", "enter", *"at q", "ctrl+s")
        assert "note on r1" in app.status.shown_text
        await press(pilot, "4")
        assert "spikes" in screen_text(app)
    (note,) = notes_of(lab, R1)
    assert (note.title, note.body, note.written_at) == ("spikes", "at q", NOON)
    assert not list((lab.state).glob("edit-*"))


async def test_one_note_is_about_all_the_runs_that_are_marked(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R2, R1)
        await press(pilot, "n", *"both", "ctrl+s")
    assert notes_of(lab, R1) == notes_of(lab, R2) != ()


async def test_the_detail_of_an_entry_tells_its_notes_oldest_first(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        for text in ("one", "two"):
            await press(pilot, "4", "G", "n", *text, "ctrl+s")
        await press(pilot, "G")
        told = app.room.detail.text
        assert 0 < told.index("Note e3 · ") < told.index("one", told.index("Note e3")) < told.index("Note e4 · ")
        await press(pilot, "u")
        assert "Note e4" not in app.room.detail.text
    assert [note.title for note in notes_of(lab, E1)] == ["one"]


async def test_what_is_left_is_there_the_next_time_and_an_emptied_one_is_not(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "n", *"half a th", "escape")
        assert "What you typed is kept" in app.status.shown_text
        await press(pilot, "n")
        assert isinstance(app.screen, WritingScreen)
        assert app.screen.area.text == "half a th"
        await press(pilot, *"ought", "ctrl+s")
        await press(pilot, "n", *"x", "backspace", "escape", "n")
        assert isinstance(app.screen, WritingScreen)
        assert app.screen.area.text == ""
    assert [note.title for note in notes_of(lab, E2)] == ["half a thought"]


async def test_what_is_being_typed_as_the_program_ends_is_a_draft(lab: Paths) -> None:
    async with opened(lab) as (_, pilot):
        await press(pilot, "4", "n", *"an hour of")
    (draft,) = lab.state.glob("edit-left-e2-note-*")
    assert draft.read_text() == "an hour of"


async def test_a_draft_about_one_run_is_none_about_several(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "n", *"only r1", "escape", "x", "x", "n")
        assert isinstance(app.screen, WritingScreen)
        assert ("r1 r2" in screen_text(app), app.screen.area.text) == (True, "")
        await press(pilot, *"both", "escape", "x", "k", "x", "x", "k", "x", "n")
        assert isinstance(app.screen, WritingScreen)
        assert ("r2 r1" in screen_text(app), app.screen.area.text) == (True, "both")  # whatever their order
        await press(pilot, "ctrl+s")
    assert notes_of(lab, R1) == notes_of(lab, R2) != ()
    assert [note.title for note in notes_of(lab, R1)] == ["both"]
    (draft,) = lab.state.glob("edit-left-*")
    assert draft.read_text() == "only r1"


def test_the_name_of_a_draft_about_very_many_is_no_longer_than_a_file_may_be_called() -> None:
    many = [Ref(Kind.run, number) for number in range(1, 5_001)]
    assert len(note_name(many)) < 100
    assert note_name(many) == note_name(many[::-1]) != note_name(many[:-1])


async def test_what_cannot_be_kept_stays_a_draft(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "n", *"lost")
        connection = db.connect(lab)
        connection.execute("UPDATE item SET deleted_at = updated_at WHERE kind = 'entry' AND number = 2")
        connection.close()
        await press(pilot, "ctrl+s")
        assert "e2 was deleted" in app.status.shown_text
        assert "What you typed is in" in app.status.shown_text
    (draft,) = lab.state.glob("edit-left-e2-note-*")
    assert draft.read_text() == "lost"


async def test_a_note_without_a_text_is_none(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "n", "space", "ctrl+s")
        assert "Nothing was written" in app.status.shown_text
    assert notes_of(lab, E2) == ()


async def test_keys_typed_faster_than_the_screen_opens_are_all_text(lab: Paths) -> None:
    async with opened(lab) as (_, pilot):
        await press(pilot, "4")
        await send(pilot, "n", *"quit now", "ctrl+s")
        await settle(pilot)
    assert [note.title for note in notes_of(lab, E2)] == ["quit now"]


# ---------------------------------------------------------------- a: what an entry waits for


async def test_what_was_tried_gets_an_outcome_and_a_verdict(lab: Paths) -> None:
    add(lab, EntryDraft(what="warm-up"))
    async with opened(lab) as (app, pilot):
        await press(pilot, "4")
        assert "○ open" in screen_text(app)
        await press(pilot, "a", *"no effect", "ctrl+s")
        assert isinstance(app.screen, ChoiceScreen)
        await press(pilot, "j", "enter")
        assert "outcome of e3: dropped" in app.status.shown_text
        kept = entry(lab, E3)
        assert (kept.outcome, kept.verdict) == ("no effect", Verdict.dropped)
        await press(pilot, "u")
        assert entry(lab, E3).verdict is None


async def test_an_outcome_that_is_there_is_gone_on_with(lab: Paths) -> None:
    async with opened(lab) as (_, pilot):
        await press(pilot, "4", "G", "a", *" (once)", "ctrl+s", "enter")
    kept = entry(lab, E1)
    assert (kept.outcome, kept.verdict) == ("99.1 to 99.3 (once)", Verdict.kept)


async def test_leaving_before_the_verdict_keeps_what_was_typed(lab: Paths) -> None:
    add(lab, EntryDraft(what="warm-up"))
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "a", *"no effect", "ctrl+s", "escape", "a")
        assert isinstance(app.screen, WritingScreen)
        assert app.screen.area.text == "no effect"
    assert entry(lab, E3).outcome == ""


async def test_a_question_is_answered_and_not_open_any_more(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4")
        assert screen_text(app).count("○ open") == 1
        await press(pilot, "a", *"strokes", "ctrl+s")
        assert "○ open" not in screen_text(app)
        assert app.room.list.selected_ref == E2
        assert "Answer e3 by " in app.room.detail.text
    (answer,) = notes_of(lab, E2)
    assert answer.answered_by


async def test_questions_are_found_in_the_diary_and_show_whether_they_are_answered(lab: Paths) -> None:
    with program_change(lab, clock=lambda: NOON) as change:
        entries.add(change, EntryDraft(what="which seed?", type=EntryType.question))
    add(lab, EntryDraft(what="an open question of mine", type=EntryType.note))
    with program_change(lab, clock=lambda: NOON) as change:
        notes.answer(change, E3, "the first", "Ada")
    async with opened(lab) as (app, pilot):
        for typed, found in (
            ("type:question", [E3, E2]), ("is:open", [E2]), ("is:answered", [E3]), ("verdict:kept", [E1]),
            ("question", [E4, E3, E2]), ("Question -is:open", [E4, E3]), ('"question"', [E4]), ("alike -question", []),
        ):  # fmt: skip
            await press(pilot, "4", "f", *typed, "enter")
            rows = [app.room.list._rows[index] for index in range(app.room.list.count or 0)]
            assert [row.ref for row in rows if row] == found, typed
            if typed == "type:question":
                assert "answered" in screen_text(app)
                assert "○ open" in screen_text(app)
            await press(pilot, "escape", "escape")


@pytest.mark.parametrize("choice", ["try", "drop"])
async def test_an_idea_is_tried_or_dropped(lab: Paths, choice: str) -> None:
    add(lab, EntryDraft(what="mixup", type=EntryType.idea, attribute="augmentation"))
    async with opened(lab) as (_, pilot):
        await press(pilot, "4", "a", *(() if choice == "try" else ("j",)), "enter", *"because", "ctrl+s")
    if choice == "try":
        tried = entry(lab, E4)
        assert (tried.title, tried.type, tried.why, tried.attribute) == (
            "mixup", EntryType.tried, "because", "augmentation",
        )  # fmt: skip
        assert [(link.relation, link.ref) for link in tried.links] == [("follows", E3)]
    else:
        idea = entry(lab, E3)
        assert (idea.outcome, idea.verdict) == ("because", Verdict.dropped)


async def test_a_note_waits_for_nothing(lab: Paths) -> None:
    with program_change(lab, clock=lambda: NOON) as change:
        notes.add(change, [E1], "a note")
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "a")
        assert "A note waits for nothing" in app.status.shown_text


async def test_an_empty_diary_says_so(paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        for keys in (("4", "n"), ("4", "a"), ("3", "n")):
            await press(pilot, *keys)
            assert "There is no" in app.status.shown_text
            assert not isinstance(app.screen, WritingScreen)


# ---------------------------------------------------------------- while it trains


def launch(paths: Paths, *, minutes_ago: int) -> None:
    at = NOON - timedelta(minutes=minutes_ago)
    start = LaunchedEvent(uid=new_uid(), entry="", at=at, host="box", pid=7, argv=("python", "train.py"), cwd="/w")
    spool.put(paths.spool, start)
    assert take_in_spool(paths) == 0


async def test_the_first_line_says_what_trains_for_as_long_as_it_does(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        assert "trains" not in screen_text(app)
        launch(lab, minutes_ago=34)
        await press(pilot, "r")
        assert "r3 trains 34 min" in screen_text(app).splitlines()[0]
        connection = db.connect(lab)
        connection.execute("UPDATE run SET status = 'finished'")
        connection.close()
        await press(pilot, "r")
        assert "trains" not in screen_text(app)


async def test_w_shows_what_to_do_meanwhile_and_enter_goes_there(lab: Paths) -> None:
    launch(lab, minutes_ago=34)
    async with opened(lab, size=(80, 24)) as (app, pilot):
        await press(pilot, "3", "w")
        shown = screen_text(app)
        assert "While it trains: 1 run" in shown
        assert "python train.py" in shown
        assert "Why do 4 and 9 look alike?" in shown
        assert isinstance(app.screen, MeanwhileScreen)
        while app.screen.list.selected_ref != E2:
            await press(pilot, "j")
        await press(pilot, "enter")
        await settle(pilot)
        assert str(app.room.room) == "diary"
        assert app.room.list.selected_ref == E2
        await press(pilot, "b")
        assert str(app.room.room) == "runs"


async def test_without_an_idea_meanwhile_leads_to_the_board(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "w", "G", "enter")
        await settle(pilot)
        assert "The board" in screen_text(app)
        assert str(app.room.room) == "diary"


def test_a_journal_of_many_entries_lists_what_is_open_in_order(paths: Paths) -> None:
    with program_change(paths, clock=lambda: NOON) as change:
        for number in range(1, 31):
            verdict = Verdict.kept if number % 2 else None
            entries.add(change, EntryDraft(what=f"try {number}", verdict=verdict))
    connection = db.connect(paths)
    found = list_entries(connection, only_open=True, limit=100)
    connection.close()
    assert [row.ref.number for row in found] == list(range(2, 31, 2))
