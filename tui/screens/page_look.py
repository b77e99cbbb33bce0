"""Looking into the page of a paper behind the interface; what it names is offered where the person still waits."""

from __future__ import annotations

from contextlib import closing

from textual.app import App
from textual.worker import Worker

from journal.db import connect
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.types import Paper
from tui.addresses import addresses_of
from tui.messages import JournalMoved, Said
from tui.paper_document import page_finding
from tui.screens.asking import Asking, answer_to, stop

_GROUP = "page"


def stop_look(app: App[None]) -> bool:
    """Stop looking into a page; False where none is looked into."""
    return stop(app, _GROUP)


def look(app: App[None], paths: Paths, paper: Paper) -> Worker[None]:
    """Look for code and weights in the page of `paper`, then offer its addresses if it has more now.

    One at a time: a look that still runs is stopped.
    """
    asking = Asking(paths)

    def work() -> Paper:
        """The paper with what was found."""
        from importers.paper_pages import look_into_page

        with asking.client() as (client, settings):
            look_into_page(client, paths, settings, paper.ref)
        with closing(connect(paths)) as connection:
            return get_paper(connection, paper.ref)

    async def looking() -> None:
        app.post_message(Said(f"Looking into the page of {paper.ref}. Esc stops it."))
        stopped = f"Stopped looking into the page of {paper.ref}."
        found = await answer_to(app, paths, asking, work, about=f"the page of {paper.ref}", stopped=stopped)
        if found is None:
            return
        app.post_message(JournalMoved())
        app.post_message(Said(page_finding(found)))
        has_more = len(addresses_of(found)) > len(addresses_of(paper))
        if has_more and len(app.screen_stack) == 1:  # else the person does something else by now
            from tui.screens.opening import choose_address

            choose_address(app, paths, found)

    return app.run_worker(looking, group=_GROUP, exclusive=True, exit_on_error=False)
