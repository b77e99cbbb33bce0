"""`journal` without a command: the full-screen interface, or the version."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from journal import __version__
from tui.output import note, show


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

    where = context.begin(points_for_s=0)  # those are taken in beside the painting
    from tui.app_process import run_app

    run_app(where)
