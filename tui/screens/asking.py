"""Asking a server for one paper behind the interface: in a thread, told on the bottom line, stopped by a key."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from textual.app import App

from journal import config
from journal.config import Settings
from journal.errors import JournalError
from journal.paths import Paths
from tui.messages import Failed, Said
from tui.widgets.background import sentence

if TYPE_CHECKING:
    from importers.http import Client

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Asking:
    """A client that another thread may close, and with it what waits for an answer."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._client: Client | None = None
        self._is_stopped = False

    @contextmanager
    def client(self) -> Iterator[tuple[Client, Settings]]:
        """The client, and the settings. Raises CancelledError where it was stopped before it began."""
        from importers.http import Client, own_user_agent

        settings = config.load(self._paths.settings)
        with Client(user_agent=own_user_agent(settings.contact)) as client:
            self._client = client
            if self._is_stopped:
                raise asyncio.CancelledError
            yield client, settings

    def stop(self) -> None:
        self._is_stopped = True
        if self._client is not None:
            self._client.close()


async def answer_to(
    app: App[None], paths: Paths, asking: Asking, work: Callable[[], _Result], *, about: str, stopped: str
) -> _Result | None:
    """What `work` gives, in a thread; None where it failed, which is said. Cancelled, it stops and says `stopped`."""
    try:
        return await _in_thread(work)
    except asyncio.CancelledError:
        asking.stop()
        app.post_message(Said(stopped))
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
        if not isinstance(error, JournalError):
            _log.exception("%s", about)
        app.post_message(Failed(sentence(error, paths)))
        return None


def stop(app: App[None], group: str) -> bool:
    """Stop what runs in this group of workers; False where nothing does."""
    running = [worker for worker in app.workers if worker.group == group and not worker.is_finished]
    for worker in running:
        worker.cancel()
    return bool(running)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
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

    threading.Thread(target=run, daemon=True, name="asking").start()
    return await future
