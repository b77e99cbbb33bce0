"""Runs: sync, show; what is about many of them is in `run_lists`."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.types import Kind
from tui import context
from tui.commands import run_lists
from tui.commands.dashed_words import DashedWords
from tui.commands.items import RefArgument, print_item
from tui.commands.options import History, Json
from tui.formatting import counted
from tui.output import show, show_json

app = typer.Typer(help="Runs, mirrored from MLflow.", no_args_is_help=True)
app.command("list", cls=DashedWords)(run_lists.list_)
app.command("archive")(run_lists.archive)
app.command("unarchive")(run_lists.unarchive)
app.command("tag", cls=DashedWords)(run_lists.tag)
app.command("views")(run_lists.views)
app.command("view")(run_lists.view)


@app.command()
def sync(
    store: Annotated[
        str,
        typer.Option(
            help="The MLflow store, a URI or a SQLite file; default: the journal's own, or MLFLOW_TRACKING_URI."
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Mirror what is new or changed in the MLflow store."""
    from importers.mirror import sync_runs
    from importers.mlflow_runs import named_store
    from journal.recorder.tracking import store_path
    from journal.tracking_uris import sqlite_uri

    named = store or context.settings().tracking_uri
    uri = named_store(named or sqlite_uri(store_path(context.paths().mlflow)))
    report = sync_runs(context.begin(), uri)
    if json:
        show_json(report)
    else:
        show(
            f"{counted(report.new, 'run')} new, {report.updated} changed, {report.unchanged} as before, "
            f"{report.deleted} deleted, {report.gone} gone"
        )


@app.command("show")
def show_run(ref: RefArgument, history: History = False, json: Json = False) -> None:
    """Show one run."""
    print_item(ref, Kind.run, json=json, with_history=history)
