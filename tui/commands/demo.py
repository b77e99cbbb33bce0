"""The demo journal, and the interface on it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tui import context
from tui.output import note, show, show_error


def demo(
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Where to keep the demo journal; default: beside your own.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Make it anew, and train anew.")] = False,
    tour: Annotated[bool, typer.Option("--tour", help="Print the tour instead of opening the interface.")] = False,
) -> None:
    """See a filled journal, with a network trained on the spot."""
    from tui import demo as demo_journal

    where = demo_journal.demo_paths(directory or context.paths().demo)
    settings = context.settings()
    # From here on, this process and the training process know the demo journal alone.
    os.environ["LABJOURNAL_HOME"] = str(where.data)
    for variable in ("MLFLOW_TRACKING_URI", "LABJOURNAL_MNIST", "LABJOURNAL_ENTRY"):
        os.environ.pop(variable, None)
    if again or not demo_journal.is_made(where):
        made = demo_journal.make(where, demo_journal.own_store_only(settings), note)
    else:
        made = demo_journal.found(where)
    if tour or not (sys.stdin.isatty() and sys.stdout.isatty()):
        for line in demo_journal.tour(made):
            show(line)
        show()
        show(f"Look around: LABJOURNAL_HOME={where.data} journal")
    else:
        from tui.app_process import run_app

        run_app(where)
    if made.problem is not None:
        show_error(made.problem)
        raise typer.Exit(made.problem.exit_code)
