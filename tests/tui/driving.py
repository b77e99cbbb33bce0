"""Driving the interface by keys, and waiting until it has nothing left to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.segment import Segment
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot

from journal.paths import Paths
from tests.conftest import NOON
from tui.app import JournalApp


async def settle(pilot: Pilot[None]) -> None:
    """Wait until nothing is read or written any more and every message was handled."""
    quiet_rounds = 0
    while quiet_rounds < 2:
        await pilot.pause(0)
        busy = [worker for worker in pilot.app.workers if worker.group != "watch"]
        await asyncio.gather(*(worker.wait() for worker in busy), return_exceptions=True)
        quiet_rounds = quiet_rounds + 1 if not busy and _are_keys_handed_on(pilot.app) else 0


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each only when what the one before started is done."""
    for key in keys:
        await send(pilot, key)
        await settle(pilot)


async def send(pilot: Pilot[None], *keys: str) -> None:
    """Press keys without waiting for what they start; `pilot.press` waits for an idle processor, 50 ms a key."""
    for key in keys:
        if len(key) == 1 and not key.isalnum():
            await pilot.press(key)
        else:
            pilot.app.post_message(Key(key, {"space": " "}.get(key, key if len(key) == 1 else None)))
        for _ in range(_ROUNDS_FOR_A_KEY):
            await pilot.pause(0)
            if _are_keys_handed_on(pilot.app):
                break


_ROUNDS_FOR_A_KEY = 30  # it may wait for what a test holds up


def _are_keys_handed_on(app: App[None]) -> bool:
    return not isinstance(app, JournalApp) or app.keys.is_idle


@asynccontextmanager
async def opened(paths: Paths, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[JournalApp, Pilot[None]]]:
    """The interface on a terminal of this size, its first room read."""
    app = JournalApp(paths, clock=lambda: NOON)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield app, pilot


def screen_text(app: App[None]) -> str:
    """What the terminal shows, line by line."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size) if width and height else []
    return "\n".join(line.text for line in lines)


def picture(app: App[None]) -> list[list[Segment]]:
    """The same with every style: what changed for a person changed here."""
    return [list(strip) for strip in app.screen._compositor.render_strips(app.size)]
