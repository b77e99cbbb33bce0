"""Downloading a PDF behind the interface: told on the bottom line, stopped by a key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.app import App
from textual.worker import Worker

from journal.paths import Paths
from journal.types import Paper
from tui.messages import Said
from tui.screens.asking import Asking, answer_to, stop
from tui.widgets.bars import StatusLine

if TYPE_CHECKING:
    from importers.downloads import Download

_GROUP = "pdf"
_TELL_EVERY_S = 0.5
_one_at_a_time = threading.Lock()  # a download that was just stopped may hold its file for another moment


def stop_download(app: App[None]) -> bool:
    """Stop the download that runs; False where none does. What came is kept for the next time."""
    return stop(app, _GROUP)


def download(app: App[None], paths: Paths, paper: Paper) -> Worker[None]:
    """Fetch the PDF of `paper`, then open it where there is a display, else say where it is."""
    job = _Job(paths, paper)
    line = app.screen_stack[0].query_one(StatusLine)
    told = job.standing

    def tell() -> None:
        nonlocal told
        if line.text in {"", told}:  # what else was said is read first
            told = job.standing
            line.say(told)

    async def downloading() -> None:
        from tui.screens.opening import open_file

        app.post_message(Said(job.standing))
        timer = app.set_interval(_TELL_EVERY_S, tell)
        stopped = f"Stopped the PDF of {paper.ref}; what came is kept."
        try:
            fetched = await answer_to(app, paths, job.asking, job.run, about=f"the PDF of {paper.ref}", stopped=stopped)
            if fetched is not None:
                open_file(app, fetched.path, is_wanted_now=not fetched.fetched_bytes)
        finally:
            timer.stop()

    return app.run_worker(downloading, group=_GROUP, exit_on_error=False)


class _Job:
    """One download; another thread may look at it."""

    def __init__(self, paths: Paths, paper: Paper) -> None:
        self._paths, self._paper = paths, paper
        self.asking = Asking(paths)
        self._done_bytes = 0
        self._size: int | None = None

    @property
    def standing(self) -> str:
        """How far it is."""
        share = f"{self._done_bytes / self._size:.0%}" if self._size else f"{self._done_bytes / 1024 / 1024:.1f} MiB"
        return f"PDF of {self._paper.ref}: {share}. Esc stops it."

    def run(self) -> Download:
        from importers.pdfs import fetch_pdf

        with _one_at_a_time, self.asking.client() as (client, settings):
            return fetch_pdf(client, self._paths, settings, self._paper, progress=self._tell)

    def _tell(self, done_bytes: int, size: int | None) -> None:
        self._done_bytes, self._size = done_bytes, size
