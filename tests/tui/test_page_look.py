"""Looking into the page of a paper from the interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from journal.paths import Paths
from journal.store import papers
from journal.store.changes import change
from tests.standins import Reply, StandIn
from tests.tui.driving import opened, press, screen_text, send
from tui.app import JournalApp
from tui.screens.dialogs import ChoiceScreen

PAGE = b"<p>Our code is at <a href='https://github.com/us/own'>GitHub</a>.</p>"


def page(content: bytes, **more: float) -> Reply:
    return Reply(content, content_type="text/html", **more)  # type: ignore[arg-type]


@asynccontextmanager
async def with_page(paths: Paths, server: StandIn) -> AsyncIterator[tuple[JournalApp, Pilot[None]]]:
    """Papers, on one whose page is at /post of this server."""
    with change(paths, "paper add") as made:
        papers.named(made, server.url("/post"))
    async with opened(paths) as (app, pilot):
        await press(pilot, "2", "g")
        yield app, pilot


async def test_the_choice_of_addresses_ends_with_looking_for_more_and_then_offers_it(lab: Paths) -> None:
    with StandIn({"/post": page(PAGE)}) as server:
        async with with_page(lab, server) as (app, pilot):
            await press(pilot, "O")
            assert "Look for code and weights in its page" in screen_text(app)
            assert server.requests == [], "nothing is asked by itself"
            await press(pilot, "G", "enter")
            assert isinstance(app.screen, ChoiceScreen)
            assert "code     https://github.com/us/own" in screen_text(app)
            assert "in its page again" in screen_text(app)
            await press(pilot, "escape")
            assert "The page of p31 names code" in app.status.shown_text
            assert "Found in its page" in screen_text(app)
            assert "has code" in screen_text(app)


async def test_a_page_that_names_nothing_is_said_and_remembered(lab: Paths) -> None:
    with StandIn({"/post": page(b"<p>Nothing.")}) as server:
        async with with_page(lab, server) as (app, pilot):
            await press(pilot, "O", "G", "enter")
            assert not isinstance(app.screen, ChoiceScreen)
            assert "Nothing was found in the page of p31." in app.status.shown_text
            await press(pilot, "O")
            assert "again; nothing found in it on" in screen_text(app)


async def test_a_look_can_be_stopped(lab: Paths) -> None:
    with StandIn({"/post": page(PAGE * 1000, drip_s=0.01)}) as server:
        async with with_page(lab, server) as (app, pilot):
            await press(pilot, "O", "G")
            await send(pilot, "enter")
            for _ in range(1000):
                if server.requests:
                    break
                await pilot.pause(0.01)
            assert "Looking into the page of p31. Esc stops it." in app.status.shown_text
            await press(pilot, "escape")
            assert "Stopped looking into the page of p31." in app.status.shown_text
            assert not app.status.is_error
            server.routes["/post"] = page(PAGE)
            await press(pilot, "O", "G", "enter")
            assert "https://github.com/us/own" in screen_text(app)


async def test_who_does_something_else_by_then_is_not_interrupted(lab: Paths) -> None:
    with StandIn({"/post": page(PAGE, drip_s=0.01)}) as server:
        async with with_page(lab, server) as (app, pilot):
            await press(pilot, "O", "G")
            await send(pilot, "enter", "question_mark")
            await press(pilot, "j")
            assert not isinstance(app.screen, ChoiceScreen)
            assert "Keys in Papers" in screen_text(app)


async def test_a_failure_is_said(lab: Paths) -> None:
    with StandIn({"/post": Reply(b"gone", 404)}) as server:
        async with with_page(lab, server) as (app, pilot):
            await press(pilot, "O", "G", "enter")
            assert app.status.is_error
            assert "404" in app.status.shown_text
