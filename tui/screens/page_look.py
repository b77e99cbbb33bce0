"""Looking into the page of a paper behind the interface; what it names is offered where the person still waits."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from typing import TYPE_CHECKING

from textual.app import App
from textual.worker import Worker

from journal import config
from journal.db import connect
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.types import Paper
from tui.addresses import addresses_of
from tui.messages import Failed, JournalMoved, Said
from tui.paper_document import page_finding
from tui.screens.download import in_thread
from tui.widgets.background import sentence

if TYPE_CHECKING:
    from importers.http import Client

_log = logging.getLogger(__name__)
_GROUP = "page"


def stop_look(app: App[None]) -> bool:
    """Stop looking into a page; False where none is looked into."""
    running = [worker for worker in app.workers if worker.group == _GROUP and not worker.is_finished]
    for worker in running:
        worker.cancel()
    return bool(running)


def look(app: App[None], paths: Paths, paper: Paper) -> Worker[None]:
    """Look for code and weights in the page of `paper`, then offer its addresses if it has more now.

    One at a time: a look that still runs is stopped.
    """
    job = _Job(paths, paper)

    async def looking() -> None:
        app.post_message(Said(f"Looking into the page of {paper.ref}. Esc stops it."))
        try:
            found = await in_thread(job.run)
        except asyncio.CancelledError:
            job.stop()
            app.post_message(Said(f"Stopped looking into the page of {paper.ref}."))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
            if not isinstance(error, JournalError):
                _log.exception("the page of %s", paper.ref)
            app.post_message(Failed(sentence(error, paths)))
        else:
            app.post_message(JournalMoved())
            app.post_message(Said(page_finding(found)))
            has_more = len(addresses_of(found)) > len(addresses_of(paper))
            if has_more and len(app.screen_stack) == 1:  # else the person does something else by now
                from tui.screens.opening import choose_address

                choose_address(app, paths, found)

    return app.run_worker(looking, group=_GROUP, exclusive=True, exit_on_error=False)


class _Job:
    """One look; another thread may stop it."""

    def __init__(self, paths: Paths, paper: Paper) -> None:
        self._paths, self._paper = paths, paper
        self._client: Client | None = None
        self._is_stopped = False

    def run(self) -> Paper:
        """The paper with what was found."""
        from importers.http import Client, own_user_agent
        from importers.paper_pages import look_into_page

        settings = config.load(self._paths.settings)
        with Client(user_agent=own_user_agent(settings.contact)) as client:
            self._client = client
            if self._is_stopped:
                raise asyncio.CancelledError
            look_into_page(client, self._paths, settings, self._paper.ref)
        with closing(connect(self._paths)) as connection:
            return get_paper(connection, self._paper.ref)

    def stop(self) -> None:
        self._is_stopped = True
        if self._client is not None:
            self._client.close()
