"""Keys one after the other: each is handed on only when what the one before asked for is there.

Textual hands a key to whatever has the focus when the key is read, and a widget that was asked to take the
focus, or a screen that was asked for, takes it a few messages later. Keys that arrive in one read (a paste, a
slow line, a fast typist) would reach the room behind, and decide about its papers. So a key waits until the one
before has gone all the way up, until the screen that it opened listens, and until what it reads for a screen or
a cursor (`read(..., keys_wait=True)`) is read. Such a reading ends by itself, by a failure if need be, so no key
waits for ever; while text is typed, nothing that is read is waited for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from textual.app import App
from textual.events import Key, Paste
from textual.widgets import Input

from tui.widgets.background import KEYS_WAIT
from tui.widgets.going_up import gone_up, passed

_MOST_ROUNDS = 10


class KeysInTurn:
    """The keys that were pressed and not handed on yet."""

    def __init__(self, app: App[None], hand_on: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app, self._hand_on = app, hand_on
        self._waiting: deque[Key | Paste] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        return self._task is None or self._task.done()

    def put(self, event: Key | Paste) -> None:
        """Hand `event` on when it is its turn."""
        self._waiting.append(event)
        if self.is_idle:
            self._task = asyncio.create_task(self._take_turns())

    def asked_before(self, key: str) -> bool:
        """Whether the same key waits already."""
        return any(isinstance(event, Key) and event.key == key for event in self._waiting)

    def stop(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def _take_turns(self) -> None:
        while self._waiting:
            self._app.call_later(self._hand_on, self._waiting.popleft())
            await self._settled()

    async def _settled(self) -> None:
        """Wait until the key that was handed on, and what it started, came to an end."""
        before: object = None
        for _ in range(_MOST_ROUNDS):
            await self._go_up()
            await self._read()
            now = (self._app.screen, self._app.focused)
            if now == before:
                return
            before = now

    async def _go_up(self) -> None:
        """Wait until each part from the focus up to the app has heard what was said to it."""
        await passed(self._app)
        await gone_up(self._app.focused or self._app.screen)

    async def _read(self) -> None:
        """Wait for what is being read for a screen, or for a cursor."""
        while not isinstance(self._app.focused, Input) and (
            reading := [worker for worker in self._app.workers if worker.name == KEYS_WAIT and not worker.is_finished]
        ):
            await asyncio.gather(*(worker.wait() for worker in reading), return_exceptions=True)
            await self._go_up()
