"""The pace mode goes from paper to paper, decides nothing, and is over with the next key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.events import Key

from journal import db
from journal.paths import Paths
from journal.types import Kind, Ref
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.documents import Abstract, Document, Facts, Passage, Title
from tui.screens.pace_mode import SPEEDS_S, keep_speed, kept_speed, other_speed, seconds_for


def paper(length: int) -> Document:
    return Document(None, (Title("T" * 75), Facts((("p1", "ref"),)), Abstract(Passage("a" * length))))


def test_a_paper_of_usual_length_takes_the_speed_and_others_in_proportion_within_bounds() -> None:
    assert seconds_for(paper(1_400), 8) == 8
    assert seconds_for(paper(1_770), 10) == pytest.approx(12.5, abs=0.1)
    assert seconds_for(paper(0), 8) == 4
    assert seconds_for(paper(50_000), 8) == 12


def test_the_speed_goes_in_steps_and_stays_within_them() -> None:
    assert (other_speed(8, 1), other_speed(8, -1)) == (10, 6)
    assert (other_speed(SPEEDS_S[0], -1), other_speed(SPEEDS_S[-1], 1)) == (SPEEDS_S[0], SPEEDS_S[-1])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seconds": "fast"}', '{"seconds": 0}', '{"seconds": [8]}', "\xff"])
def test_what_is_no_speed_is_the_usual_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pace.json"
    assert kept_speed(file) == 8
    file.write_text(text, encoding="latin-1")
    assert kept_speed(file) == 8


def test_the_speed_is_kept_where_it_can_be(tmp_path: Path) -> None:
    keep_speed(tmp_path / "state" / "pace.json", 12)
    assert kept_speed(tmp_path / "state" / "pace.json") == 12
    (tmp_path / "file").touch()
    keep_speed(tmp_path / "file" / "pace.json", 12)  # no folder: nothing is kept, nothing is said


async def test_it_moves_on_when_the_time_of_a_paper_is_over_and_decides_nothing(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "p")
        assert "pace 8 s a paper · any key stops" in screen_text(app)
        for number in (29, 28):
            app.room.pace.tick()
            await settle(pilot)
            assert app.room.list.selected_ref == Ref(Kind.paper, number)
            assert app.room.pace.is_on
        assert app.room.list.count == 10
    connection = db.connect(lab)
    assert connection.execute("SELECT count(*) FROM paper WHERE state = 'new'").fetchone() == (10,)
    connection.close()


@pytest.mark.parametrize(("key", "number"), [("j", 29), ("k", 30), ("a", 29), ("tab", 30), ("x", 30)])
async def test_any_key_stops_it_and_does_what_it_does(lab: Paths, key: str, number: int) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "p", key)
        assert not app.room.pace.is_on
        assert "any key stops" not in screen_text(app)
        assert app.room.list.selected_ref == Ref(Kind.paper, number)
        app.room.pace.tick()  # a timer that was just going off
        await settle(pilot)
        assert app.room.list.selected_ref == Ref(Kind.paper, number)


async def test_its_own_key_turns_it_off_however_fast(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, "p", "p")
        await settle(pilot)
        assert not app.room.pace.is_on


@pytest.mark.parametrize("key", ["slash", "question_mark", "ctrl+p", "2"])
async def test_it_stops_where_something_comes_before_the_room(lab: Paths, key: str) -> None:
    async with opened(lab) as (app, pilot):
        today = app.room
        await press(pilot, "p", key)
        assert not today.pace.is_on


async def test_it_stops_when_a_dialog_opens_or_the_room_is_left_without_a_key(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        today = app.room
        await press(pilot, "p")
        app.action_help()
        await settle(pilot)
        assert not today.pace.is_on
        await press(pilot, "escape", "p")
        assert today.pace.is_on
        await app.action_show_room("papers")
        await settle(pilot)
        assert not today.pace.is_on


async def test_a_click_and_scrolling_stop_it(lab: Paths) -> None:
    async with opened(lab, (80, 24)) as (app, pilot):
        await press(pilot, "p")
        await pilot.click("ItemList", offset=(3, 4))
        assert not app.room.pace.is_on
        await press(pilot, "g", "p")
        app.room.detail.scroll_to_line(2)
        await settle(pilot)
        assert not app.room.pace.is_on


async def test_it_ends_with_the_list(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "G", "p")
        app.room.pace.tick()
        await settle(pilot)
        assert not app.room.pace.is_on
        assert "That was the last one" in screen_text(app)


async def test_an_empty_list_has_no_pace(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, *"s" * 10)
        await settle(pilot)
        await press(pilot, "p")
        assert not app.room.pace.is_on
        assert "nothing to read" in screen_text(app)


async def test_the_speed_is_changed_while_it_runs_and_kept_for_the_next_session(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "p", "less_than_sign")
        assert "pace 10 s a paper" in screen_text(app)
        await press(pilot, "greater_than_sign", "greater_than_sign")
        assert "pace 6 s a paper" in screen_text(app)
        assert app.room.pace.is_on
        await press(pilot, "j", "greater_than_sign")
        assert "5 s a paper" in screen_text(app)
        assert not app.room.pace.is_on
        await press(pilot, "2", "p")
        assert "pace 5 s a paper" in screen_text(app)
    assert json.loads(lab.pace.read_text()) == {"seconds": 5.0}
    async with opened(lab) as (app, pilot):
        await press(pilot, "p")
        assert "pace 5 s a paper" in screen_text(app)


async def test_keys_faster_than_the_disk_all_count_for_the_speed(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        for _ in range(4):
            app.post_message(Key("less_than_sign", "<"))
        await settle(pilot)
        assert "20 s a paper" in screen_text(app)
    assert kept_speed(lab.pace) == 20


async def test_what_was_said_before_makes_room_for_the_pace(lab: Paths) -> None:
    async with opened(lab, (80, 24)) as (app, pilot):
        await press(pilot, "less_than_sign", "p")
        assert screen_text(app).splitlines()[-1].startswith(" pace 10 s a paper · any key stops · 10 to skim")


async def test_news_from_elsewhere_neither_stops_it_nor_starts_the_time_again(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "p")
        timer = app.room.pace._timer
        app.room.reload()
        await settle(pilot)
        assert app.room.pace.is_on
        assert app.room.pace._timer is timer


async def test_other_rooms_have_no_pace(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "p")
        assert not app.room.pace.is_on
