"""Opening and copying the addresses of a paper from the interface; what cannot be opened here is shown."""

from __future__ import annotations

import os
import shutil
import sys
from asyncio import to_thread
from collections.abc import Callable
from pathlib import Path

from textual.app import App
from textual.worker import Worker

from journal.paths import Paths
from journal.types import Paper
from tui.addresses import Address, addresses_of, chosen
from tui.clipboard import COPIED, sequence_to_copy
from tui.messages import Said
from tui.opening import NoOpener, opener_of_address, opener_of_file, run, start
from tui.paper_document import nothing_in_page
from tui.screens.dialogs import ChoiceScreen
from tui.screens.edit import hand_over


def open_page(app: App[None], paths: Paths, paper: Paper) -> None:
    """Open the first address of `paper`."""
    address = chosen(addresses_of(paper))
    if address is None:
        app.post_message(Said(_no_address(paper)))
    else:
        open_address(app, paths, address.url)


def choose_address(app: App[None], paths: Paths, paper: Paper) -> None:
    """Let the person pick one of all addresses of `paper`, and open it, or have its page looked into for more."""
    addresses = addresses_of(paper)
    if not addresses:
        app.post_message(Said(_no_address(paper)))
        return

    def picked(number: int | None) -> None:
        if number == len(addresses):
            from tui.screens.page_look import look

            look(app, paths, paper)
        elif number is not None:
            open_address(app, paths, addresses[number].url)

    choices = [*map(_choice, addresses), _look_choice(paper)]
    app.push_screen(ChoiceScreen(f"Open {paper.ref}", choices), picked)


def copy_address(app: App[None], paper: Paper) -> None:
    """Put the first address of `paper` on the clipboard."""
    address = chosen(addresses_of(paper))
    if address is None:
        app.post_message(Said(_no_address(paper)))
        return
    url = address.url
    _copy(app, url, lambda: app.post_message(Said(f"{url} is {COPIED}.")))


def open_address(app: App[None], paths: Paths, url: str) -> Worker[None]:
    """Open `url` where something can, else show and copy it."""

    def ended(why_not: str) -> None:
        if why_not:
            _show(app, url, why_not)

    async def opening() -> None:
        opener = await to_thread(opener_of_address, url, os.environ, sys.platform, shutil.which)
        if isinstance(opener, NoOpener):
            _show(app, url, opener.reason)
        elif opener.takes_terminal:
            hand_over(app, paths, lambda: run(opener), ended, instead="use 'journal paper open'")
        elif why_not := await to_thread(start, opener):
            _show(app, url, why_not)
        else:
            app.post_message(Said(f"Opened {url}"))

    return app.run_worker(opening, group="opening", exit_on_error=False)


def open_file(app: App[None], file: Path, *, is_wanted_now: bool) -> Worker[None]:
    """Open `file` where there is a display, else say where it is: whole, unless a person is busy elsewhere by now."""

    async def opening() -> None:
        opener = await to_thread(opener_of_file, file, os.environ, sys.platform, shutil.which)
        if isinstance(opener, NoOpener):
            if is_wanted_now:
                _show_file(app, file, opener.reason)
            else:
                app.post_message(Said(f"P shows where it is: {file.name}"))
        elif why_not := await to_thread(start, opener):
            _show_file(app, file, why_not)
        else:
            app.post_message(Said(f"Opened {file.name}"))

    return app.run_worker(opening, group="opening", exit_on_error=False)


def _show_file(app: App[None], file: Path, why_not: str) -> None:
    from tui.screens.address import AddressScreen

    path = str(file)
    _copy(app, path, lambda: app.push_screen(AddressScreen(path, why_not, f"The path is {COPIED}.")))


def _show(app: App[None], url: str, why_not: str) -> None:
    from tui.screens.address import AddressScreen

    _copy(app, url, lambda: app.push_screen(AddressScreen(url, why_not, f"It is {COPIED}.", is_link=True)))


def _copy(app: App[None], text: str, done: Callable[[], object]) -> Worker[None]:
    """Copy `text`, then call `done`; asking tmux takes a while, so that is done in a thread."""

    async def copying() -> None:
        sequence = await to_thread(sequence_to_copy, text, os.environ)
        # Textual has no other way to send the terminal what is no text of a widget.
        if app._driver is not None and sequence:
            app._driver.write(sequence)
        done()

    return app.run_worker(copying, group="copying", exit_on_error=False)


def _choice(address: Address) -> str:
    return f"{address.kind:<8} {address.url}"


def _look_choice(paper: Paper) -> str:
    if paper.page_read_at is None:
        return "Look for code and weights in its page"
    came_to = "" if paper.page_links else f"; {nothing_in_page(paper.page_read_at)}"
    return f"Look for code and weights in its page again{came_to}"


def _no_address(paper: Paper) -> str:
    return f"{paper.ref} has no web address that is known."
