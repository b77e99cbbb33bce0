"""Search from anywhere, and linking what it finds."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from textual.containers import Vertical
from textual.widgets import OptionList

from journal import db
from journal.paths import Paths
from journal.queries.items import item_id, links_of
from journal.types import Kind, LinkedItem, Ref, Relation
from tests.tui.conftest import E1, E2, P1, R1, R2
from tests.tui.driving import opened, picture, press, screen_text, send, settle
from tui.app import JournalApp
from tui.screens.dialogs import ChoiceScreen
from tui.screens.linking import link_choices
from tui.screens.search import SearchScreen
from tui.screens.search_source import SearchSource


def said(app: JournalApp) -> str:
    return str(app.screen.query_one(Vertical).border_subtitle)


async def test_results_appear_as_one_types_and_enter_goes_there(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"plateaus")
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.results.selected_ref == E1
        assert said(app) == "1 found."
        await press(pilot, "enter")
        assert (app.room.room, app.room.list.selected_ref) == ("diary", E1)
        assert app.room.list.has_focus
        await press(pilot, "b")
        assert app.room.room == "today"


async def test_the_matched_word_stands_out(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"plateaus")
        spans = [segment for line in picture(app) for segment in line if segment.text == "plateaus"]
        assert any(segment.style and segment.style.bold for segment in spans)


async def test_escape_leaves_everything_as_it_was(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "j", "slash", *"cosine", "escape")
        assert not isinstance(app.screen, SearchScreen)
        assert (app.room.room, app.room.list.selected_ref) == ("today", Ref(Kind.paper, 29))
        assert app.room.list.has_focus


async def test_arrow_keys_move_in_the_results_while_typing(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"cnn", "down", "enter")
        assert app.room.list.selected_ref in {R1, R2}
        chosen = app.room.list.selected_ref
        await press(pilot, "slash", *"cnn", "enter")
        assert app.room.list.selected_ref != chosen


async def test_enter_before_the_results_goes_to_what_was_typed(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast typist gets the item that was asked for, not the one that was listed before."""
    gate = threading.Event()
    count = SearchSource.count

    def slow(self: SearchSource, connection: sqlite3.Connection, filter_text: str) -> int:
        assert gate.wait(10)
        return count(self, connection, filter_text)

    async with opened(lab) as (app, pilot):
        await press(pilot, "slash")
        monkeypatch.setattr(SearchSource, "count", slow)
        await send(pilot, *"plateaus", "enter")
        assert isinstance(app.screen, SearchScreen)
        gate.set()
        for _ in range(200):
            if not isinstance(app.screen, SearchScreen):
                break
            await pilot.pause(0.02)
        await settle(pilot)
        assert app.room.list.selected_ref == E1


async def test_too_many_to_rank_is_said(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journal.queries.search.MOST_RANKED", 5)
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"paper")
        assert "too many match to rank" in said(app)


@pytest.mark.parametrize("typed", ['"', "-", "kind:", "OR", "(", "*", "NEAR"])
async def test_nothing_that_is_typed_is_an_error(lab: Paths, typed: str) -> None:
    async with opened(lab) as (app, pilot):
        await pilot.press("slash", *typed)
        await settle(pilot)
        await press(pilot, "escape")
        assert not app.status.is_error


async def test_a_value_that_makes_no_sense_is_said_while_typing(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"kind:foo")
        assert said(app).startswith("kind:foo is not understood")
        await press(pilot, *["backspace"] * 3, *"run")
        assert said(app) == "2 found."
        await press(pilot, "escape", "4", "f", *"since:x")
        assert "since:x is not understood" in screen_text(app)
        assert not app.status.is_error


async def test_a_kind_without_a_room_is_read_in_front_and_its_links_can_be_followed(lab: Paths) -> None:
    connection = db.connect(lab)
    connection.execute(
        "INSERT INTO item (kind, number, uid, title, created_at, updated_at) SELECT 'dataset', 1, "
        "'01jd0000000000000000000000', 'MNIST, 5,000 images', created_at, created_at FROM item LIMIT 1"
    )
    connection.execute("INSERT INTO dataset (item_id, fingerprint) SELECT id, 'x' FROM item WHERE kind = 'dataset'")
    connection.execute(
        "INSERT INTO link (from_id, to_id, relation, created_at) SELECT run.id, d.id, 'uses', d.created_at "
        "FROM item run, item d WHERE run.kind = 'run' AND run.number = 1 AND d.kind = 'dataset'"
    )
    connection.close()
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"mnist", " ", *"images", "enter")
        assert "MNIST, 5,000 images" in screen_text(app)
        await press(pilot, "enter")
        assert (app.room.room, app.room.list.selected_ref) == ("runs", R1)


def links(paths: Paths, ref: Ref) -> set[tuple[str, str, Ref]]:
    connection = db.connect(paths)
    try:
        found: tuple[LinkedItem, ...] = links_of(connection, item_id(connection, ref))
        return {(link.relation, link.direction, link.ref) for link in found}
    finally:
        connection.close()


async def test_linking_takes_the_usual_relation_by_default_and_shows_it_at_once(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "j", "l", *"alike", "enter")
        assert isinstance(app.screen, ChoiceScreen)
        await press(pilot, "enter")
        assert links(lab, R2) == {("tests", "out", E2)}
        assert "Why do 4 and 9 look alike?" in app.room.detail.text
        assert "link r2 tests e2" in app.status.shown_text
        await press(pilot, "u")
        assert links(lab, R2) == set()
        assert "alike" not in app.room.detail.text


async def test_another_relation_can_be_chosen_and_leaving_links_nothing(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "l", *"cosine", " ", *"schedule", "enter")
        assert app.screen.query_one(OptionList).option_count == 13
        await press(pilot, "escape")
        assert links(lab, E2) == set()
        await press(pilot, "l", *"cosine", " ", *"schedule", "enter", "j", "enter")
        assert len(links(lab, E2)) == 1
        assert "about" not in {relation for relation, _, _ in links(lab, E2)}


async def test_an_item_cannot_be_linked_to_itself(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "l", *"alike")
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.results.count == 0


def test_a_link_is_told_from_the_younger_thing() -> None:
    def usual(source: Kind, target: Kind) -> Relation:
        return Relation.tests if (source, target) == (Kind.run, Kind.entry) else Relation.about

    assert link_choices(E1, R1, usual)[0] == (R1, Relation.tests, E1)
    assert link_choices(P1, E1, usual)[0] == (E1, Relation.about, P1)
    assert link_choices(E2, E1, usual)[0] == (E2, Relation.about, E1)
    choices = link_choices(R1, P1, usual)
    assert len(choices) == len(set(choices)) == 2 * len(Relation) - 1
