"""Runs: sync, list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.types import Kind
from tui import context
from tui.commands.curves import curve
from tui.commands.items import RefArgument, print_item
from tui.commands.options import History, Json, Limit
from tui.formatting import counted, duration, local_time
from tui.output import show, show_json, show_table

app = typer.Typer(help="Runs, mirrored from MLflow.", no_args_is_help=True)
app.command("curve")(curve)


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


@app.command("list")
def list_(limit: Limit = 20, json: Json = False) -> None:
    """List runs, last started first; a hollow mark where nobody said why."""
    from journal.queries.runs import get_run, list_runs

    with context.reading() as connection:
        rows = list_runs(connection, limit=limit)
        whole = [get_run(connection, row.ref) for row in rows] if json else []
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(whole)
    elif rows:
        show_table(
            ("ref", "", "status", "experiment", "name", "started", "took"),
            [
                (str(row.ref), "●" if row.has_why else "○", row.status, row.experiment, row.title,
                 local_time(row.started_at),
                 duration(row.ended_at - row.started_at if row.ended_at and row.started_at else None))
                for row in rows
            ],
            grows=4,
            spare=(6, 3, 5),
        )  # fmt: skip
    if not rows:
        context.nothing_found("There are no runs yet.", "journal runs sync, or journal experiment run linear")


@app.command("show")
def show_run(ref: RefArgument, history: History = False, json: Json = False) -> None:
    """Show one run."""
    print_item(ref, Kind.run, json=json, with_history=history)
