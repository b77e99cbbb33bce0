"""Many runs at once: lists of them, and saved views."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import BadValue
from journal.types import Run, RunRow, RunView
from tui import context, left_points
from tui.commands.filter_words import filter_text
from tui.commands.options import Json, Limit
from tui.formatting import counted, duration, local_time, printable
from tui.output import note, show, show_json, show_table

if TYPE_CHECKING:
    from journal.queries.run_filter import RunFilter
    from journal.queries.run_order import RunOrder

_MOST_COLUMNS = 20
_MOST_FILTERED = 4  # columns for what a filter names


def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER]...",
            help="Such as: lr<1e-3 and (validation/accuracy>.99 or tag:amp), -why:, status:vanished, started>-7d",
        ),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="KEY|-KEY", help="A column, parameter or metric; a minus: the largest first.")
    ] = "",
    columns: Annotated[
        str | None, typer.Option(metavar="KEY,KEY", help="Parameters and metrics to show; default: what decides.")
    ] = None,
    view: Annotated[str, typer.Option(metavar="NAME", help="A saved view; a filter narrows it further.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Archived runs, too.")] = False,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List runs, last started first; a hollow mark where nobody said why.

    A name before < <= > >= = != or ~ (contains) is a parameter or metric; param: and metric: say which. Fields are
    status: experiment: name: note: tag: why: is: verdict: started: ended: took: paper: entry: dataset: problem: run:
    """
    from journal.clock import now
    from journal.queries.run_lists import run_ids, run_rows, unknown_names
    from journal.queries.run_order import NEWEST_FIRST
    from journal.queries.run_values import values_of
    from journal.queries.whole_runs import whole_runs

    moment = now()
    with context.reading() as connection:
        context.look_at_open_runs(connection)
        filter, key, order = asked_for(connection, filter_text(words or ()), sort, view, moment)
        matching = run_ids(connection, filter, order or NEWEST_FIRST, now=moment, with_archived=archived)
        if order is None and matching:
            _refuse_misspelt(connection, key)
        found = matching if order is not None else []
        ids = found[:limit]
        rows = run_rows(connection, ids)
        whole = whole_runs(connection, ids) if json else ()
        keys = _columns(connection, columns, filter, order or NEWEST_FIRST, ids)
        values = values_of(connection, ids, keys) if rows and not json else {}
        unknown = (() if rows else unknown_names(connection, filter)) + (
            unknown_names(connection, _having(keys)) if columns else ()
        )
        unknown += () if order is not None else (_without_minus(key),)
    context.remember_list([row.ref for row in rows.values()])
    if json:
        from tui.run_cells import took_s

        names = [field.name for field in fields(Run)]
        show_json([{**{name: getattr(run, name) for name in names}, "took_s": took_s(run, moment)} for run in whole])
    elif rows:
        _show_rows([(row, values.get(identity, {})) for identity, row in rows.items()], keys, moment)
        if len(found) > limit:
            note(f"{limit} of {counted(len(found), 'run')}; --limit {len(found)} shows all")
    for name in dict.fromkeys(unknown):
        note(f"No run has a parameter or metric called {printable(name)}.")
    if matching and not rows:  # it was said why
        raise typer.Exit(1)
    if not rows and filter.node is None and not archived:
        if lost := left_points.refused_words(context.paths()):
            context.nothing_found(f"No run is left: {lost}.", "journal doctor")
        context.nothing_found("There are no runs yet.", "journal runs sync, or journal experiment run linear")
    elif not rows:
        context.nothing_found("No run matches.", "")


def asked_for(
    connection: sqlite3.Connection,
    words: str,
    sort: str,
    view: str,
    now: datetime,
    *,
    otherwise: str = "Nothing was listed.",
) -> tuple[RunFilter, str, RunOrder | None]:
    """What to list, by which key, and that order: None where no run has such a key; `otherwise` is what is said of a
    filter that is refused.

    Raises NotFound for an unknown view, BadValue for a filter that is not understood whole: what is left of it may
    mean something else.
    """
    from journal.queries.run_filter import RunFilter, parse_run_filter
    from journal.queries.run_order import NEWEST_FIRST, parse_order
    from journal.queries.views import get_view

    saved = get_view(connection, view) if view else RunView(name="", filter="", sort="")
    filter = RunFilter()
    for part in (parse_run_filter(saved.filter, now=now), parse_run_filter(words, now=now)):
        if part.unclear:
            raise BadValue(part.why_unclear, hint=otherwise)
        filter = filter.narrowed(part)
    key = sort or saved.sort
    return filter, key, parse_order(key, connection) if key else NEWEST_FIRST


def _refuse_misspelt(connection: sqlite3.Connection, key: str, *, even_before_any: bool = False) -> None:
    """Raise BadValue for a key that no run has; where none has anything yet, it may come."""
    from journal.queries.run_order import COLUMNS, names_like

    near = names_like(key, connection)
    if near is None and not even_before_any:
        return
    columns = f"Sort by one that runs have, or by {', '.join(COLUMNS[:-1])} or {COLUMNS[-1]}."
    raise BadValue(
        f"No run has a parameter or metric called {_without_minus(key)!r}.",
        hint=f"Is it {' or '.join(near)}? {columns}" if near else columns,
    )


def _without_minus(key: str) -> str:
    return key.removeprefix("-").strip()


def _columns(
    connection: sqlite3.Connection, asked: str | None, filter: RunFilter, order: RunOrder, ids: list[int]
) -> list[str]:
    """The parameters and metrics to show: those asked for, else what the order goes by, what the filter names, and
    the metric that decides."""
    from journal.deciding import telling
    from journal.queries.run_conditions import names_in
    from journal.queries.run_values import telling_metrics, values_of

    if asked is not None:
        return [*dict.fromkeys(key.strip() for key in asked.split(",") if key.strip())][:_MOST_COLUMNS]
    told = Counter(key for key, _ in telling_metrics(connection, ids).values())
    by_rank = telling(told, len(told)) or sorted(told)
    deciding = max(by_rank, key=lambda key: told[key], default=None)  # of as many runs, the first by rank
    filtered = [named.key for named in names_in(filter.node)][:_MOST_FILTERED]
    there = {key for values in values_of(connection, ids, filtered).values() for key in values}
    keys = (order.key if order.source != "column" else None, *(key for key in filtered if key in there), deciding)
    return [*dict.fromkeys(key for key in keys if key is not None)]


def _having(keys: Iterable[str]) -> RunFilter:
    from journal.queries.run_conditions import AllOf, Has, Named
    from journal.queries.run_filter import RunFilter

    return RunFilter(AllOf(tuple(Has(Named(key)) for key in keys)))


def _show_rows(rows: Iterable[tuple[RunRow, dict[str, object]]], keys: list[str], now: datetime) -> None:
    from tui.roles import HAS_NO_WHY, HAS_WHY
    from tui.run_cells import value_words

    fixed = ("ref", "", "status", "experiment", "name", "started", "took")
    cells = [
        (
            str(row.ref), HAS_WHY if row.has_why else HAS_NO_WHY,
            f"{row.status}, archived" if row.is_archived else str(row.status), row.experiment, row.title,
            local_time(row.started_at), _length(row, now),
            *(value_words(told[key]) if key in told else "" for key in keys),
        )
        for row, told in rows
    ]  # fmt: skip
    show_table((*fixed, *keys), cells, grows=4, spare=(6, 3, 5))


def _length(row: RunRow, now: datetime) -> str:
    from tui.run_cells import silence, took

    silent = silence(row, now)
    return took(row, now) if silent is None else f"silent for {duration(silent)}"


def views(json: Json = False) -> None:
    """List the saved views: filters and orders of runs by name."""
    from journal.queries.views import list_views

    with context.reading() as connection:
        found = list_views(connection)
    if json:
        show_json(found)
    elif found:
        show_table(("name", "filter", "sort"), [(view.name, view.filter, view.sort) for view in found], grows=1)
    if not found:
        context.nothing_found("There are no saved views.", "journal runs view good --save 'validation/accuracy>.99'")


def view(
    name: Annotated[str, typer.Argument(help="Its name.")],
    save: Annotated[str | None, typer.Option(metavar="FILTER", help="Keep this filter under the name.")] = None,
    sort: Annotated[str | None, typer.Option(metavar="KEY|-KEY", help="Keep this order under the name.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Forget the view.")] = False,
    json: Json = False,
) -> None:
    """Save, show or delete a view; journal runs list --view NAME lists its runs."""
    from journal.queries.views import get_view

    if delete and (save is not None or sort is not None):
        raise BadValue("A view is either saved or deleted.")
    if delete:
        from journal.store import views as kept
        from journal.store.changes import change

        with change(context.begin(), f"delete view {name}") as made:
            kept.delete(made, " ".join(name.split()))
        show(f"Deleted the view {printable(name)}; journal undo brings it back.")
        return
    if save is not None or sort is not None:
        _save_view(RunView(name=" ".join(name.split()), filter=save or "", sort=sort or ""))
    with context.reading() as connection:
        found = get_view(connection, " ".join(name.split()))
    if json:
        show_json(found)
    else:
        show_table(("name", "filter", "sort"), [(found.name, found.filter, found.sort)], grows=1)


def _save_view(view: RunView) -> None:
    """An unknown key to sort by is refused, and so is a filter that is not clear."""
    from journal.clock import now
    from journal.store import views as kept
    from journal.store.changes import change

    with change(context.begin(), f"save view {view.name}") as made:
        _, key, order = asked_for(made.connection, view.filter, view.sort, "", now())
        if order is None:
            _refuse_misspelt(made.connection, key, even_before_any=True)
        kept.save(made, view)
