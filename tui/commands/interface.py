"""`journal` without a command: the full-screen interface, or the version."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from journal import __version__
from tui.output import note, show

if TYPE_CHECKING:
    from journal.paths import Paths


def interface(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        show(f"labjournal {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        open_interface()


def open_interface() -> None:
    """The full-screen interface, where there is a terminal for it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        note("The interface needs a terminal. 'journal --help' lists the commands.")
        raise typer.Exit(2)
    from tui import context

    show_rooms(context.begin())


def show_rooms(paths: Paths) -> None:
    """Raises JournalUnusable before the screen is taken where the journal cannot be used."""
    # Textual, which reads this as it is imported, else waits for up to 17 ms with each paint.
    os.environ.setdefault("TEXTUAL_FPS", "100")
    from tui.app import run_app

    run_app(paths)
