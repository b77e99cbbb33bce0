"""The interface as a whole: sizes, colours, editing, opening."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from journal import db
from journal.errors import ForeignDatabase, JournalUnusable
from journal.paths import Paths
from journal.queries.entries import get_entry
from journal.store import entries
from journal.store.changes import change
from journal.types import EntryDraft, Kind, Ref
from tests.tui.conftest import E1
from tests.tui.driving import opened, picture, press, screen_text, settle
from tui.app import JournalApp
from tui.app_process import run_app
from tui.widgets.themes import DARK, LIGHT, fitting_theme


@pytest.mark.parametrize("room", "1234")
@pytest.mark.parametrize("size", [(80, 24), (140, 40), (110, 24)])
async def test_list_and_detail_are_both_seen(lab: Paths, size: tuple[int, int], room: str) -> None:
    async with opened(lab, size=size) as (app, pilot):
        await press(pilot, room, "j")
        assert app.room.list.size.height >= 5
        assert app.room.detail.size.height >= 8
        assert app.room.list.selected is not None
        title = next(line for line in app.room.detail.text.splitlines() if line)
        assert screen_text(app).count(title[:20]) >= 2
        lines = screen_text(app).splitlines()
        assert lines[0].startswith(" 1 Today")
        assert "? keys" in lines[-1]


@pytest.mark.parametrize("size", [(30, 8), (20, 4), (5, 2), (1, 1), (300, 100)])
async def test_no_size_of_the_terminal_is_too_small_or_too_large(lab: Paths, size: tuple[int, int]) -> None:
    async with opened(lab, size=size) as (app, pilot):
        await press(
            pilot, "j", "enter", "escape", "2", "tab", "j", "tab", "slash", *"paper", "enter", "question_mark", "escape"
        )
        assert app.room.list.count == 30


async def test_where_both_do_not_fit_the_detail_takes_the_place_of_the_list(lab: Paths) -> None:
    async with opened(lab, size=(30, 8)) as (app, pilot):
        assert not app.room.detail.display
        await press(pilot, "enter")
        assert (app.room.list.region.height, app.room.detail.display) == (0, True)
        await press(pilot, "escape")
        assert app.room.list.has_focus
        assert app.room.list.size.height >= 3


async def test_growing_and_shrinking_the_terminal_keeps_the_place(lab: Paths) -> None:
    async with opened(lab, size=(140, 40)) as (app, pilot):
        await press(pilot, "2", *"j" * 15)
        for size in ((80, 24), (30, 8), (200, 50)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert app.room.list.selected_ref == Ref(Kind.paper, 15)


async def test_without_colour_the_cursor_is_still_seen(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(lab, size=(80, 24)) as (app, pilot):
        await press(pilot, "2", "j")
        shown = [segment for line in picture(app) for segment in line]
        assert any(segment.style and segment.style.reverse and "29" in segment.text for segment in shown)


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({}, DARK.name),
        ({"COLORFGBG": "15;0"}, DARK.name),
        ({"COLORFGBG": "0;15"}, LIGHT.name),
        ({"COLORFGBG": "0;default;7"}, LIGHT.name),
        ({"COLORFGBG": "nonsense"}, DARK.name),
        ({"COLORFGBG": "0;15", "TEXTUAL_THEME": "nord"}, "nord"),
    ],
)
def test_the_theme_fits_the_terminal(environ: dict[str, str], theme: str) -> None:
    assert fitting_theme(environ) == theme


async def test_the_palette_offers_what_the_keys_do(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "ctrl+p")
        assert isinstance(app.screen, CommandPalette)
        await press(pilot, "escape")
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Keep the paper", "Search everything", "Undo the last change", "Colours"} <= set(titles)
        command = next(command for command in app.get_system_commands(app.screen) if command.title == "Keep the paper")
        await command.callback()
        await settle(pilot)
        assert app.room.list.count == 9


class _Terminal:
    """Hands the terminal over as `App.suspend` does: what is raised while it is away never brings it back."""

    is_away = False

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.is_away = True
        yield
        self.is_away = False


def _editor(folder: Path, script: str) -> str:
    file = folder / "editor"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


async def _edited(paths: Paths, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *keys: str) -> JournalApp:
    monkeypatch.setenv("EDITOR", _editor(tmp_path, script))
    async with opened(paths) as (app, pilot):
        terminal = _Terminal()
        monkeypatch.setattr(app, "suspend", terminal.suspend)
        await press(pilot, "4", "j", "e", *keys)
        assert not terminal.is_away
        return app


def _why(paths: Paths) -> str:
    connection = db.connect(paths)
    try:
        return get_entry(connection, E1).why
    finally:
        connection.close()


async def test_editing_changes_the_text_and_undo_brings_it_back(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await _edited(lab, 's=$(sed s/plateaus/sinks/ "$1") && echo "$s" > "$1"', tmp_path, monkeypatch)
    assert _why(lab) == "The loss sinks at epoch 12."
    assert "sinks" in app.room.detail.text
    assert list(lab.state.glob("edit-*")) == []
    await _edited(lab, "true", tmp_path, monkeypatch, "u")
    assert _why(lab) == "The loss plateaus at epoch 12."


async def test_an_editor_left_unchanged_or_empty_changes_nothing(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for script in ("true", ': > "$1"'):
        app = await _edited(lab, script, tmp_path, monkeypatch)
        assert "Nothing was changed" in app.status.shown_text
    assert _why(lab) == "The loss plateaus at epoch 12."


async def test_what_was_typed_is_kept_in_a_file_when_the_journal_cannot_take_it(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 's=$(sed s/plateaus/sinks/ "$1") && echo "$s" > "$1"'
    monkeypatch.setattr(db.connect, "__kwdefaults__", {"must_exist": False, "busy_timeout_s": 0.05})
    other = db.connect(lab)
    other.execute("BEGIN IMMEDIATE")
    app = await _edited(lab, script, tmp_path, monkeypatch)
    other.close()
    (draft,) = lab.state.glob("edit-*")
    assert "sinks" in draft.read_text()
    assert str(draft) in app.status.shown_text
    assert app.status.is_error


async def test_an_editor_that_fails_is_told(lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = await _edited(lab, "exit 3", tmp_path, monkeypatch)
    assert app.status.is_error
    assert "exit code 3" in app.status.shown_text
    assert list(lab.state.glob("edit-*")) == [], "nothing was typed, so nothing is left behind"


@pytest.mark.parametrize("ending", ["exit 1", "true"])
async def test_what_no_text_can_hold_stays_in_a_file_that_is_named(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    app = await _edited(lab, rf"printf 'half \377 a letter' > $1; {ending}", tmp_path, monkeypatch)
    (draft,) = lab.state.glob("edit-*")
    assert draft.read_bytes() == b"half \xff a letter"
    assert app.status.is_error
    assert str(draft) in app.status.shown_text
    assert _why(lab) == "The loss plateaus at epoch 12."


async def test_what_was_typed_before_an_editor_failed_is_offered_again(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _edited(lab, 's=$(sed s/plateaus/sinks/ "$1") && echo "$s" > "$1"; exit 3', tmp_path, monkeypatch)
    assert _why(lab) == "The loss plateaus at epoch 12."
    app = await _edited(lab, "true", tmp_path, monkeypatch)
    assert "from the draft that was left" in app.status.shown_text
    assert _why(lab) == "The loss sinks at epoch 12."
    assert list(lab.state.glob("edit-*")) == []


async def test_an_editor_that_removes_the_file_changes_nothing(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await _edited(lab, 'rm "$1"', tmp_path, monkeypatch)
    assert "Nothing was changed" in app.status.shown_text
    assert _why(lab) == "The loss plateaus at epoch 12."


async def _comes_to_show(app: JournalApp, pilot: Pilot[None], text: str) -> bool:
    """Whether the terminal shows `text` within some seconds."""
    for _ in range(500):
        if text in screen_text(app):
            return True
        await pilot.pause(0.02)
    return False


async def test_what_a_training_process_left_is_taken_in(lab: Paths) -> None:
    from journal.recorder.tried import tried

    with tried("Recorded while the interface is open", why="to see it appear"):
        pass
    async with opened(lab) as (app, pilot):
        await press(pilot, "4")
        assert await _comes_to_show(app, pilot, "Recorded while the interface is open")
    assert [path for path in lab.spool.iterdir() if path.suffix == ".json"] == []


async def test_what_could_not_be_taken_in_is_taken_in_when_the_journal_is_free_again(lab: Paths) -> None:
    from journal.recorder.tried import tried

    with tried("Recorded while another program held the journal"):
        pass
    with closing(db.connect(lab)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        async with opened(lab, size=(300, 40)) as (app, pilot):
            assert await _comes_to_show(app, pilot, "is locked by another program")
            holder.execute("ROLLBACK")
            await press(pilot, "4")
            assert await _comes_to_show(app, pilot, "Recorded while another program held the journal")


async def test_a_journal_that_was_moved_away_is_missed_and_not_made_anew(lab: Paths) -> None:
    async with opened(lab, size=(300, 40)) as (app, pilot):
        away = lab.journal.with_suffix(".away")
        lab.journal.rename(away)
        await press(pilot, "4")
        assert await _comes_to_show(app, pilot, "not there any more")
        app.status.clear()
        await press(pilot, "1", "a")
        assert await _comes_to_show(app, pilot, "not there any more")
        assert not lab.journal.exists()
        away.rename(lab.journal)
        await press(pilot, "r", "4")
        assert app.room.list.count


async def test_the_keys_can_be_read_and_nothing_behind_them_answers(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "question_mark", "enter")
        assert "linked" not in app.status.shown_text


async def test_titles_are_never_markup(paths: Paths) -> None:
    title = "[bold]x[/] [@click=app.quit]y[/] \x1b[2J"
    with change(paths, "log") as made:
        entries.add(made, EntryDraft(what=title, why=title, body=title))
    async with opened(paths) as (app, pilot):
        await press(pilot, "4")
        assert screen_text(app).count("[bold]x[/] [@click=app.quit]y[/]") == 4
        await press(pilot, "slash", *"quit")
        assert "[@click=app.quit]" in screen_text(app)
        await press(pilot, "escape", "l", "escape")
        assert not app._exit


def test_a_journal_that_cannot_be_used_is_told_before_the_screen_is_taken(paths: Paths) -> None:
    paths.journal.unlink()
    paths.journal.write_bytes(b"not a database" * 1_000)
    with pytest.raises(JournalUnusable):
        run_app(paths)


def test_a_database_of_another_program_is_left_alone(paths: Paths) -> None:
    connection = db.connect(paths)
    connection.execute("PRAGMA application_id = 1")
    connection.close()
    with pytest.raises(ForeignDatabase):
        run_app(paths)
