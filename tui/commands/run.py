"""Run a command and record it: `journal run -- python train.py`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tui.recorded_run import RunOptions, command_behind_dashes, run_recorded


def run(
    command: Annotated[list[str] | None, typer.Argument(help="Behind --: the command, as without us.")] = None,
    what: Annotated[str | None, typer.Option(help="What is tried; one line.")] = None,
    why: Annotated[str, typer.Option(help="Why.")] = "",
    expect: Annotated[str, typer.Option(help="What you expect.")] = "",
    paper: Annotated[list[str] | None, typer.Option(help="A paper it is about: ref, arXiv id, DOI, URL.")] = None,
    entry: Annotated[str, typer.Option(help="An entry that this run is one of many for, such as e3.")] = "",
    continues: Annotated[
        str, typer.Option("--continue", help="A run to go on with, such as r7 or the start of its id.")
    ] = "",
    no_ask: Annotated[bool, typer.Option("--no-ask", help="Ask nothing when it is over.")] = False,
) -> None:
    """Run a command and record it: journal run --what '...' -- python train.py.

    The command has your terminal, its signals and its exit code, as without us, and goes on if we are killed.
    We are done when it is; what it leaves in the background runs on unseen.

    Its output is its own: where that goes into a file (> log), the last lines are kept with the run; of a
    terminal or a pipe nothing is, since the command would then depend on us.
    """
    options = RunOptions(
        what=what, why=why, expect=expect, paper=tuple(paper or ()), entry=entry, continues=continues, no_ask=no_ask
    )
    run_recorded(command_behind_dashes(tuple(command or ()), sys.argv, getattr(sys, "orig_argv", [])), options)
