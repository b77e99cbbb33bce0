"""Runs: show; their stores are in `run_stores`, many of them in `run_lists`, two of them in `run_diff`."""

from __future__ import annotations

import typer

from journal.types import Kind
from tui.commands import run_lists, run_stores
from tui.commands.curves import curve
from tui.commands.dashed_words import DashedWords
from tui.commands.items import RefArgument, print_item
from tui.commands.options import History, Json
from tui.commands.run_diff import diff

app = typer.Typer(help="Runs, mirrored from MLflow.", no_args_is_help=True)
app.command("list", cls=DashedWords)(run_lists.list_)
app.command("archive")(run_lists.archive)
app.command("unarchive")(run_lists.unarchive)
app.command("tag", cls=DashedWords)(run_lists.tag)
app.command("views")(run_lists.views)
app.command("view")(run_lists.view)
app.command()(diff)
app.command("curve")(curve)


app.command()(run_stores.sync)
app.command()(run_stores.stores)


@app.command("show")
def show_run(ref: RefArgument, history: History = False, json: Json = False) -> None:
    """Show one run."""
    print_item(ref, Kind.run, json=json, with_history=history)
