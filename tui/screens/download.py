"""Downloading a PDF behind the interface: told on the bottom line, stopped by a key."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from textual.app import App
from textual.worker import Worker

from journal import config
from journal.errors import JournalError
from journal.paths import Paths
from journal.types import Paper
from tui.messages import Failed, Said
from tui.widgets.background import sentence
from tui.widgets.bars import StatusLine

if TYPE_CHECKING:
    from importers.downloads import Download
    from importers.http import Client

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_GROUP = "pdf"
_TELL_EVERY_S = 0.5
_one_at_a_time = threading.Lock()  # a download that was just stopped may hold its file for another moment


def stop_download(app: App[None]) -> bool:
    """Stop the download that runs; False where none does. What came is kept for the next time."""
    running = [worker for worker in app.workers if worker.group == _GROUP and not worker.is_finished]
    for worker in running:
        worker.cancel()
    return bool(running)


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
        try:
            fetched = await in_thread(job.run)
        except asyncio.CancelledError:
            job.stop()
            app.post_message(Said(f"Stopped the PDF of {paper.ref}; what came is kept."))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
            if not isinstance(error, JournalError):
                _log.exception("the PDF of %s", paper.ref)
            app.post_message(Failed(sentence(error, paths)))
        else:
            open_file(app, fetched.path, is_wanted_now=not fetched.fetched_bytes)
        finally:
            timer.stop()

    return app.run_worker(downloading, group=_GROUP, exit_on_error=False)


class _Job:
    """One download; another thread may look at it and stop it."""

    def __init__(self, paths: Paths, paper: Paper) -> None:
        self._paths, self._paper = paths, paper
        self._client: Client | None = None
        self._is_stopped = False
        self._done_bytes = 0
        self._size: int | None = None

    @property
    def standing(self) -> str:
        """How far it is."""
        share = f"{self._done_bytes / self._size:.0%}" if self._size else f"{self._done_bytes / 1024 / 1024:.1f} MiB"
        return f"PDF of {self._paper.ref}: {share}. Esc stops it."

    def run(self) -> Download:
        from importers.http import Client, own_user_agent
        from importers.pdfs import fetch_pdf

        settings = config.load(self._paths.settings)
        with _one_at_a_time, Client(user_agent=own_user_agent(settings.contact)) as client:
            self._client = client
            if self._is_stopped:
                raise asyncio.CancelledError
            return fetch_pdf(client, self._paths, settings, self._paper, progress=self._tell)

    def _tell(self, done_bytes: int, size: int | None) -> None:
        self._done_bytes, self._size = done_bytes, size

    def stop(self) -> None:
        self._is_stopped = True
        if self._client is not None:
            self._client.close()


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """What `work` gives, done in a thread that nobody waits for at the end: it may be in the queue for arXiv."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def settle(outcome: _Result | BaseException) -> None:
        if future.done():  # nobody wants it any more
            return
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def run() -> None:
        try:
            outcome: _Result | BaseException = work()
        except BaseException as error:  # noqa: BLE001  handed to whoever waits
            outcome = error
        with suppress(RuntimeError):  # the interface is gone
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, daemon=True, name="pdf").start()
    return await future
