"""Runs: show; their stores are in `run_stores`, many in `run_lists` and `run_acts`, two in `run_diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.errors import BadValue
from journal.types import Kind
from tui import context
from tui.commands import run_acts, run_lists, run_stores
from tui.commands.curves import curve
from tui.commands.dashed_words import DashedWords
from tui.commands.items import RefArgument, print_item
from tui.commands.options import History, Json
from tui.commands.run_diff import diff
from tui.output import note, note_some, show_plain

app = typer.Typer(help="Runs, mirrored from MLflow.", no_args_is_help=True)
app.command("list", cls=DashedWords)(run_lists.list_)
app.command("archive", cls=DashedWords)(run_acts.archive)
app.command("unarchive", cls=DashedWords)(run_acts.unarchive)
app.command("tag", cls=DashedWords)(run_acts.tag)
app.command("views")(run_lists.views)
app.command("view")(run_lists.view)
app.command()(diff)
app.command("curve")(curve)


app.command()(run_stores.sync)
app.command()(run_stores.stores)


@app.command("show")
def show_run(
    ref: RefArgument,
    patch: Annotated[
        bool, typer.Option("--patch", help="Print what it ran with beside its commit, as 'git apply' takes it.")
    ] = False,
    history: History = False,
    json: Json = False,
) -> None:
    """Show one run, and with which code, data and machine it ran."""
    if not patch:
        print_item(ref, Kind.run, json=json, with_history=history)
        return
    if json or history:
        raise BadValue("--patch prints a patch and nothing else.", hint="--json has it among the facts.")
    _print_patch(ref)


def _print_patch(mention: str) -> None:
    """Exit code 1, with the reason, where there is none."""
    from journal.patches import whole_patch
    from journal.queries.sessions import facts_of_run
    from journal.recorder.capture.secret_shapes import REDACTED

    with context.reading() as connection:
        ref = context.resolve(connection, mention, Kind.run)
        facts = facts_of_run(connection, ref)
    context.remember_item(ref)
    kept = facts.get("patch", {})
    text, no_text = whole_patch(kept)
    left_out = [*(f"{path}: no text" for path in no_text), *kept.get("left out", "").splitlines()]
    note_some([f"Left out: {each}" for each in left_out])
    if text:
        if any(REDACTED in line for line in text.splitlines() if line.startswith((" ", "-"))):
            note("A secret was taken out of lines that 'git apply' looks for; it refuses the files where they stand.")
        show_plain(text.removesuffix("\n"))
    elif left_out:
        context.nothing_found(f"Nothing that was not committed could be kept of {ref}.", "")
    elif "code" in facts:
        context.nothing_found(f"{ref} has no patch: nothing but its commit was found.", "")
    else:
        context.nothing_found(f"{ref} has no patch: nobody saw its code.", "journal run -- COMMAND, which keeps it")
