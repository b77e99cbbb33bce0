"""Pace mode: the papers of a room one after the other, by themselves, until a key is pressed.

The speed is set in seconds a paper, and not in words a minute: whoever skims a day has so many papers and so
much time, and reads of each only a part that no rule knows. A paper takes longer or shorter than that as its
title and abstract are longer or shorter than usual.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path

from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from journal.paths import made
from journal.types import Ref
from tui.documents import Abstract, Document, Title
from tui.messages import Paced

SPEEDS_S = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 45.0, 60.0)
_USUAL_SPEED_S = 8.0
_USUAL_LENGTH = 1_475  # characters of title and abstract: the median of 60,000 papers of arXiv
_SHORTEST, _LONGEST = 0.5, 1.5  # of the usual time


def seconds_for(document: Document, speed_s: float) -> float:
    """How long a paper is shown where the usual one is shown for `speed_s`."""
    length = sum(_length(block) for block in document.blocks)
    return speed_s * min(max(length / _USUAL_LENGTH, _SHORTEST), _LONGEST)


def _length(block: object) -> int:
    if isinstance(block, Title):
        return len(block.text)
    return len(block.passage.text) if isinstance(block, Abstract) else 0


def other_speed(speed_s: float, steps: int) -> float:
    """The speed `steps` slower than `speed_s` (faster where negative), or the last one there is."""
    nearest = min(range(len(SPEEDS_S)), key=lambda place: abs(SPEEDS_S[place] - speed_s))
    return SPEEDS_S[max(0, min(nearest + steps, len(SPEEDS_S) - 1))]


def kept_speed(file: Path) -> float:
    """The speed that was chosen last; the usual one where nothing readable says which."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))["seconds"]
    except (OSError, ValueError, KeyError, TypeError):
        return _USUAL_SPEED_S
    return told if told in SPEEDS_S else _USUAL_SPEED_S


def keep_speed(file: Path, speed_s: float) -> None:
    """A state folder that cannot be written does no harm."""
    with suppress(OSError):
        made(file.parent)
        draft = file.with_suffix(".tmp")
        draft.write_text(json.dumps({"seconds": speed_s}), encoding="utf-8")
        draft.replace(file)


class PaceMode:
    """Waits at each paper for its time, then moves on. It decides nothing, and stays at the last paper."""

    def __init__(self, node: Widget, file: Path, move_on: Callable[[], bool]) -> None:
        """`node`'s timers and messages are used; `move_on` goes to the next paper and says whether there is one.

        `file` keeps the speed between sessions.
        """
        self._node, self._file, self._move_on = node, file, move_on
        self.is_on = False
        self.speed_s: float | None = None  # None until it was read
        self._shown: Document | None = None
        self._waits_at: Ref | None = None
        self._timer: Timer | None = None
        self._unkept: float | None = None  # a speed that is not in the file yet
        self._turn = asyncio.Lock()  # each key changes what the one before made of the speed

    @property
    def text(self) -> str:
        """What the bottom line says while it is on."""
        return f"pace {self.speed_s:g} s a paper · any key stops" if self.is_on and self.speed_s else ""

    def toggle(self) -> None:
        """On, or off."""
        if self.is_on:
            self.stop()
        elif self._shown is None:
            self._node.post_message(Paced("There is nothing to read here."))
        else:
            self.is_on = True
            self._with_speed(self._begin)

    def change_speed(self, steps: int) -> None:
        """Slower by `steps`, or faster where negative; it goes on, or stays off."""

        def change() -> None:
            assert self.speed_s is not None
            self.speed_s = other_speed(self.speed_s, steps)
            self._keep(self.speed_s)
            if self.is_on:
                self._wait()
            self._node.post_message(Paced("" if self.is_on else f"Pace {self.speed_s:g} s a paper: p starts it."))

        self._with_speed(change)

    def stop(self, why: str = "") -> None:
        if self.is_on:
            self.is_on = False
            self._cancel()
            self._node.post_message(Paced(why))

    def showed(self, document: Document | None) -> None:
        """A paper is shown, or the same one again; None, or a text that is no item: there is none."""
        if document is not None and document.ref is None:
            document = None
        self._shown = document
        if not self.is_on:
            return
        if document is None:
            self.stop("The list is empty: the pace has stopped.")
        elif document.ref != self._waits_at:
            self._wait()

    def tick(self) -> None:
        """The time of the paper is over."""
        if self.is_on and not self._move_on():
            self.stop("That was the last one: the pace has stopped.")

    def _begin(self) -> None:
        if self.is_on:
            self._wait()
            self._node.post_message(Paced())

    def _wait(self) -> None:
        self._cancel()
        if self._shown is not None and self.speed_s is not None:
            self._waits_at = self._shown.ref
            self._timer = self._node.set_timer(seconds_for(self._shown, self.speed_s), self.tick)

    def _cancel(self) -> None:
        self._waits_at = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    # ---------------------------------------------------------------- the speed, on disk

    def _with_speed(self, then: Callable[[], None]) -> None:
        """Do `then` once the speed is known; the other room may have changed it since it was last read."""

        async def reading() -> None:
            async with self._turn:
                if self._unkept is None and self._timer is None:
                    self.speed_s = await asyncio.to_thread(kept_speed, self._file)
                then()

        self._run(reading, "pace")

    def _keep(self, speed_s: float) -> None:
        """Write what was chosen last, one writing after the other."""
        is_writing = self._unkept is not None
        self._unkept = speed_s
        if is_writing:
            return

        async def writing() -> None:
            written = None
            while written != self._unkept and self._unkept is not None:
                written = self._unkept
                await asyncio.to_thread(keep_speed, self._file, written)
            self._unkept = None

        self._run(writing, "pace kept")

    def _run(self, work: Callable[[], Coroutine[None, None, None]], group: str) -> Worker[None]:
        return self._node.run_worker(work, group=group, exit_on_error=False)
