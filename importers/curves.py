"""Reads the curves of runs, wherever they lie.

What the journal holds itself comes first (runs without MLflow, and those of other trackers); the rest comes from the
run's tracking store: a SQLite file by short SQL, a folder of files, or a server through MlflowClient. Importing that
takes a second and 170 MB, so an interface asks for servers in a process of its own (`needs_mlflow`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from importers import curves_sql, mlflow_sqlite
from journal import config
from journal.clock import from_stored
from journal.curves import Curve, Point, curve_of, thinned
from journal.db import connect
from journal.errors import SourceError
from journal.paths import Paths
from journal.queries.items import item_id
from journal.tracking_uris import folder_path, sqlite_path, wandb_path, without_password
from journal.types import Run


def needs_mlflow(run: Run) -> bool:
    """Whether the curves of `run` are at a server, so that reading them imports mlflow."""
    uri = run.tracking_uri
    is_local = sqlite_path(uri) or folder_path(uri) or wandb_path(uri)
    return run.run_id is not None and "://" in uri and is_local is None


def metric_keys(paths: Paths, run: Run) -> tuple[str, ...]:
    """Names of the metrics of a run, in order. Raises SourceError where its store cannot be read, unless the
    journal has some of its own.
    """
    with closing(connect(paths)) as journal:
        own = set(curves_sql.own_keys(journal, item_id(journal, run.ref)))
    try:
        held = _store_keys(run)
    except SourceError:
        if not own:
            raise
        held = ()
    return tuple(sorted(own.union(held)))


def read_curves(
    paths: Paths,
    run: Run,
    keys: Sequence[str],
    *,
    most_points: int | None = None,
    between: tuple[int, int] | None = None,
) -> tuple[Curve, ...]:
    """The curves of a run, in the order of `keys`; those of which nothing was logged are left out.

    A curve of more than `most_points` comes in about as many, with the range of what each stands for. `between`: the
    first and the last step wanted. Raises SourceError or MissingExtra in a sentence where the store cannot be read.
    """
    wanted = tuple(dict.fromkeys(keys))
    with closing(connect(paths)) as journal:
        item = item_id(journal, run.ref)
        starts = session_starts_ms(journal, item)
        own_keys = set(curves_sql.own_keys(journal, item))
        own = [key for key in wanted if key in own_keys]
        found = curves_sql.own_curves(journal, item, own, starts, most_points, between) if own else {}
    others = [key for key in wanted if key not in own_keys]
    if others and run.run_id is not None:
        found |= _store_curves(paths, run, run.run_id, others, starts, most_points, between)
    return tuple(found[key] for key in wanted if key in found and found[key].steps)


def session_starts_ms(journal: sqlite3.Connection, item: int) -> tuple[int, ...]:
    """When each process began to work on a run, as far as the journal knows, in milliseconds since 1970."""
    rows = journal.execute("SELECT joined_at FROM session_run WHERE item_id = ? ORDER BY joined_at", (item,)).fetchall()
    return tuple(int(from_stored(joined_at).timestamp() * 1000) for (joined_at,) in rows)


def _store_keys(run: Run) -> tuple[str, ...]:
    path = sqlite_path(run.tracking_uri)
    if run.run_id is None or path is None:
        return tuple(run.metrics)
    try:
        with closing(mlflow_sqlite.opened(path)) as store:
            return curves_sql.store_keys(store, run.run_id)
    except sqlite3.Error as error:
        raise mlflow_sqlite.explained(error, path) from error


def _store_curves(
    paths: Paths,
    run: Run,
    run_id: str,
    keys: Sequence[str],
    starts: tuple[int, ...],
    most_points: int | None,
    between: tuple[int, int] | None,
) -> dict[str, Curve]:
    path = sqlite_path(run.tracking_uri)
    if path is not None:
        try:
            with closing(mlflow_sqlite.opened(path)) as store:
                return curves_sql.store_curves(store, run_id, keys, starts, most_points, between)
        except sqlite3.Error as error:
            raise mlflow_sqlite.explained(error, path) from error
    histories = _by_client(paths, run, run_id, keys) if needs_mlflow(run) else _from_files(run, run_id, keys)
    curves = {key: curve_of(key, points, session_starts_ms=starts) for key, points in histories.items()}
    return {key: _cut(curve, most_points, between) for key, curve in curves.items()}


def _cut(curve: Curve, most_points: int | None, between: tuple[int, int] | None) -> Curve:
    if between is not None:
        curve = within(curve, *between)
    return curve if most_points is None else thinned(curve, most_points)


def within(curve: Curve, first: int, last: int) -> Curve:
    """The part of a curve between two steps, both included."""
    chosen = [index for index, step in enumerate(curve.steps) if first <= step <= last]
    bounds = slice(chosen[0], chosen[-1] + 1) if chosen else slice(0, 0)
    return replace(
        curve,
        steps=curve.steps[bounds],
        values=curve.values[bounds],
        times_ms=curve.times_ms[bounds],
        lows=curve.lows[bounds],
        highs=curve.highs[bounds],
    )


def _from_files(run: Run, run_id: str, keys: Sequence[str]) -> dict[str, list[Point]]:
    from importers.file_store import read_history

    return {key: [Point(*point) for point in read_history(run.tracking_uri, run_id, key)] for key in keys}


def _by_client(paths: Paths, run: Run, run_id: str, keys: Sequence[str]) -> dict[str, list[Point]]:
    from importers.mlflow_servers import read_histories

    # The journal keeps the address of a server without its password; the settings may have it.
    configured = config.load(paths.settings).tracking_uri
    uri = configured if without_password(configured) == run.tracking_uri else run.tracking_uri
    histories = read_histories(uri, run_id, keys)
    return {
        key: [Point(step, ms, curves_sql.number(value, is_nan=False)) for step, ms, value in history]
        for key, history in histories.items()
    }
