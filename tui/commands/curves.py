"""Curves of runs, drawn as text."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import NotFound
from journal.types import Kind, Run
from tui import context
from tui.commands.options import Json
from tui.formatting import counted, printable
from tui.output import has_colour, note, show, show_json

if TYPE_CHECKING:
    from journal.curves import Curve
    from tui.plot import Piece

_WIDTH, _HEIGHT = 80, 24  # where the output goes elsewhere than to a terminal
_LEAST_WIDTH, _LEAST_HEIGHT, _MOST_HEIGHT = 40, 12, 36
_MOST_POINTS = 1_000
_COLOURS = ("34", "33", "32", "31", "35", "36", "93", "95")  # SGR, from the terminal's own palette
_PLAIN = "\x1b[0m"


def curve(
    refs: Annotated[list[str], typer.Argument(help="Runs: r7, the start of a run id, @3 or last.", metavar="REF...")],
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="A metric by its name; may be given several times.")
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="A logarithmic scale.")] = False,
    smooth: Annotated[
        float, typer.Option("--smooth", min=0, max=0.999, help="Weight of what came before, as in TensorBoard.")
    ] = 0.0,
    time: Annotated[bool, typer.Option("--time", help="Across by time since the start instead of by step.")] = False,
    json: Json = False,
) -> None:
    """Draw the curves of runs: journal runs curve r7 r8 --metric validation/loss."""
    from importers.curves import read_curves
    from journal.queries.runs import get_run
    from tui import left_points

    with context.reading() as connection:
        runs = [get_run(connection, context.resolve(connection, ref, Kind.run)) for ref in dict.fromkeys(refs)]
        left_points.say(context.paths(), connection, [run.ref for run in runs])
    where = context.paths()
    keys = _chosen(runs, metric)
    found = [
        (run, one) for run in runs for one in read_curves(where, run, keys, most_points=None if json else _MOST_POINTS)
    ]
    if json:
        show_json([_object(run, one) for run, one in found])
    elif found:
        _draw(found, is_log=log, smoothing=smooth, by_time=time)
    if not found and any(run.is_gone for run in runs):
        gone = ", ".join(str(run.ref) for run in runs if run.is_gone)
        context.nothing_found(f"Nothing to draw: {gone} is gone from its store, and its curves with it.", "")
    if not found:
        context.nothing_found(f"Nothing was measured in {counted(len(runs), 'run')}.", "journal runs sync")


def _chosen(runs: Sequence[Run], named: Sequence[str] | None) -> tuple[str, ...]:
    """The metrics that were asked for, else those that come first. Raises NotFound for a name that no run has."""
    from importers.curves import metric_keys
    from tui.metric_groups import groups_of

    where = context.paths()
    there = sorted({key for run in runs for key in metric_keys(where, run)})
    if not named:
        groups = groups_of(there)
        if len(groups) > 1:
            note(f"Of {counted(len(there), 'metric')}; --metric names another: {printable(groups[1].keys[0])}")
        return groups[0].keys if groups else ()
    by_group = {group.name: group.keys for group in groups_of(there)}
    chosen: list[str] = []
    for name in named:
        keys = (name,) if name in there else by_group.get(name)
        if keys is None:
            raise NotFound(f"No metric is called {name!r}.", hint=_offered(name, there, [*by_group]))
        chosen += keys
    return tuple(dict.fromkeys(chosen))


def _offered(name: str, keys: Sequence[str], groups: Sequence[str]) -> str:
    """The names that are like what was typed, else the first of all."""
    if not keys:
        return ""
    near = get_close_matches(name, dict.fromkeys([*keys, *groups]), n=3)
    if near:
        return f"Like it: {', '.join(near)}"
    first = ", ".join(keys[:3])
    return f"There are: {first}" if len(keys) <= 3 else f"The first of {counted(len(keys), 'metric')}: {first}"


def _object(run: Run, one: Curve) -> dict[str, object]:
    return {
        "ref": run.ref, "kind": Kind.run, "title": run.title, "run_id": run.run_id, "metric": one.key,
        "steps": one.steps, "values": one.values, "times_ms": one.times_ms, "restarts": one.restarts,
    }  # fmt: skip


def _draw(found: Sequence[tuple[Run, Curve]], *, is_log: bool, smoothing: float, by_time: bool) -> None:
    from tui.curve_legend import LegendLine, legend
    from tui.curve_view import Along, View, drawing, lines_of, not_above_0
    from tui.plot import drawn

    size = shutil.get_terminal_size((_WIDTH, _HEIGHT)) if sys.stdout.isatty() else None
    width = max(_LEAST_WIDTH, size.columns if size else _WIDTH)
    lines = lines_of([(run.ref, one, _started_ms(run), None) for run, one in found])
    height = size.lines if size else _HEIGHT
    height = min(_MOST_HEIGHT, max(_LEAST_HEIGHT, height - min(len(lines), height // 3) - 2))
    view = View(along=Along.time if by_time else Along.step, smoothing=smoothing, is_log_y=is_log)
    plot = drawing(lines, view, columns=width, rows=height, has_colour=has_colour(sys.stdout))
    rows = drawn(plot, width, height) if plot is not None else []
    named = [LegendLine(line, run.ref, run.title, "") for line, (run, _) in zip(lines, found, strict=True)]
    for row in (*rows, *legend(named, width, most=len(named))):
        show("".join(_coloured(piece) for piece in row).rstrip())
    if left_out := not_above_0(lines, view):
        note(f"{counted(left_out, 'point')} not above 0 left out.")


def _started_ms(run: Run) -> int | None:
    return None if run.started_at is None else int(run.started_at.timestamp() * 1000)


def _coloured(piece: Piece) -> str:
    text, roles = piece
    if not roles or not text.strip() or not has_colour(sys.stdout):
        return text
    role = roles.split()[0]
    code = _COLOURS[int(role.removeprefix("curve-"))] if role.startswith("curve-") else "33" if role == "warn" else "2"
    return f"\x1b[{code}m{text}{_PLAIN}"
