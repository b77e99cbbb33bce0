"""Runs: what differs between two of them."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.errors import BadValue
from tui import context
from tui.commands.options import Json
from tui.output import show_document, show_json

_RUN = "A ref such as r3, the start of a run id, @3 or last."


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help=_RUN)],
    other: Annotated[str, typer.Argument(metavar="B", help=_RUN)],
    metric: Annotated[
        str, typer.Option(help="The metric that decides; default: validation, then test, accuracy.")
    ] = "",
    all_: Annotated[bool, typer.Option("--all", help="Show long parts whole.")] = False,
    json: Json = False,
) -> None:
    """Show what differs between two runs, the metric that decides first.

    With its spread over seeds: runs of one experiment with the same parameters, command and code are a group.
    """
    from journal.types import Kind
    from tui.diff_document import diff_document
    from tui.diff_json import json_of
    from tui.run_comparison import read_diff

    with context.reading() as connection:
        context.look_at_open_runs(connection)
        a, b = (context.resolve(connection, mention, Kind.run) for mention in (one, other))
        if a == b:
            raise BadValue(f"{a} is compared with itself.", hint="Name two runs: journal runs diff r3 r7")
        found = read_diff(connection, context.paths(), a, b, metric=metric)
    context.remember_item(b)
    if json:
        show_json(json_of(found, shows_all=all_))
    else:
        show_document(diff_document(found, shows_all=all_, more="--all shows it"))
