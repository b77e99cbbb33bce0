"""The stores that runs come from: mirroring them, and finding them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui import context
from tui.commands.options import Json
from tui.formatting import counted, local_time, printable
from tui.output import note, note_some, show, show_error, show_json, show_table

if TYPE_CHECKING:
    from importers.found_stores import Store
    from importers.known_stores import KnownStore, SyncOutcome
    from importers.mirror import MirrorReport
    from importers.mlflow_notes import NotesReport

_FOUND = "below this folder"


def sync(
    store: Annotated[
        str,
        typer.Option(
            help="One store: a URI, a SQLite file, or a folder of runs (mlruns, wandb); default: all that are known."
        ),
    ] = "",
    all_: Annotated[bool, typer.Option("--all", help="Take in the stores found below this folder, too.")] = False,
    notes: Annotated[
        bool, typer.Option("--notes/--no-notes", help="Write whys into the notes that MLflow shows of its runs.")
    ] = True,
    json: Json = False,
) -> None:
    """Mirror what is new or changed in the stores of runs.

    Where the journal knows none yet, those found below this folder are taken in.
    """
    from importers.known_stores import KnownStore, sync_stores
    from importers.mlflow_runs import named_store
    from journal.errors import PartlyFailed, UsageError
    from journal.recorder.companion import carry_left_over

    if store and all_:
        raise UsageError("--store names one store, and --all takes all.", hint="Leave one of them out.")
    if store:
        stores: Sequence[KnownStore] = (KnownStore(named_store(store), "named"),)
        found: Sequence[Store] = ()
    else:
        stores, found = _known_and_found(takes_all=all_)
        if not stores:
            stores, found = _all_known(stores, found), ()
    away = [each for each in stores if each.is_away]
    stores = [each for each in stores if not each.is_away]
    if not stores or (len(stores) == 1 and stores[0].error):
        raise _nothing_to_sync(stores, found)
    if complaint := carry_left_over(context.paths().spool):
        note(complaint)
    where = context.begin(points_for_s=math.inf)
    several = len(stores) > 1 or any(each.known_by == _FOUND for each in stores)
    outcomes = sync_stores(where, stores, tell=lambda outcome: _tell(outcome, several=several, json=json))
    synced = [each.store.uri for each in outcomes if each.report]
    written = _mirror_notes(synced) if notes and synced else None
    if json and (synced or several):
        show_json(_as_json(outcomes, written, one=bool(store)))
    if away:
        note_some([f"{each.uri} is not there just now; its runs stay as they are." for each in away])
    if found:
        from tui.store_words import offer

        note(offer(found, Path.cwd()))
    failed = [each for each in outcomes if each.error]
    if failed and not several:
        assert failed[0].error is not None
        raise failed[0].error
    if failed:
        raise PartlyFailed(f"{len(failed)} of {counted(len(outcomes), 'store')} could not be mirrored.")


def stores(json: Json = False) -> None:
    """List the stores of runs that are known or lie below this folder."""
    from importers.found_stores import described
    from journal.tracking_uris import absolute_uri
    from tui.store_words import command

    known, found = _known_and_found(takes_all=False)
    rows = [(described(each.uri), each.known_by, each.mirrored, str(each.error or "")) for each in known]
    rows += [(each, _FOUND, 0, "") for each in found]
    if json:
        show_json(
            [
                {
                    "uri": absolute_uri(store.uri), "kind": store.kind, "known_by": known_by, "runs": store.runs,
                    "mirrored": mirrored, "changed_at": store.changed_at, "message": error or store.problem,
                    "command": command(store.uri, Path.cwd()),
                }
                for store, known_by, mirrored, error in rows
            ]
        )  # fmt: skip
    elif rows:
        show_table(
            ("kind", "known by", "runs", "mirrored", "changed", "take in"),
            [
                (store.kind, known_by, "" if store.runs is None else f"{store.runs:,}", f"{mirrored:,}",
                 local_time(store.changed_at), error or store.problem or command(store.uri, Path.cwd()))
                for store, known_by, mirrored, error in rows
            ],
            grows=5,
            spare=(1, 4),
        )  # fmt: skip
    if not rows:
        context.nothing_found("No store of runs is known, and none lies below this folder.", "")


def _known_and_found(*, takes_all: bool) -> tuple[tuple[KnownStore, ...], tuple[Store, ...]]:
    """The known stores, and what lies below this folder beside them; all of it known where that is wanted."""
    from importers.known_stores import known_stores
    from tui.store_words import found_beside

    known = known_stores(context.paths(), context.settings())
    found = found_beside(known, Path.cwd())
    if not takes_all:
        return known, found
    return _all_known(known, found), ()


def _all_known(known: Sequence[KnownStore], found: Sequence[Store]) -> tuple[KnownStore, ...]:
    from importers.known_stores import KnownStore

    return (*known, *(KnownStore(each.uri, _FOUND) for each in found))


def _nothing_to_sync(stores: Sequence[KnownStore], found: Sequence[Store]) -> Exception:
    from importers.mlflow_runs import named_store
    from journal.errors import JournalError, Unreachable
    from journal.recorder.tracking import store_path
    from journal.tracking_uris import sqlite_uri
    from tui.store_words import offer

    error = stores[0].error if stores else None
    if error is None:
        try:
            named_store(sqlite_uri(store_path(context.paths().mlflow)))
            error = Unreachable("There is no store of runs.")
        except JournalError as missing:
            error = missing
    if found:
        error.hint = offer(found, Path.cwd())
    return error


def _tell(outcome: SyncOutcome, *, several: bool, json: bool) -> None:
    """What came of one store, as soon as it is known."""
    name = f"{printable(outcome.store.uri if outcome.report is None else outcome.report.tracking_uri)}: "
    if outcome.report is not None:
        if not json:
            show(f"{name if several else ''}{_counts(outcome.report)}")
        note_some(outcome.report.left_out)
    elif outcome.error is not None and several:
        show_error(outcome.error)


def _counts(report: MirrorReport) -> str:
    return (
        f"{counted(report.new, 'run')} new, {report.updated} changed, {report.unchanged} as before, "
        f"{report.deleted} deleted, {report.gone} gone"
    )


def _mirror_notes(uris: Sequence[str]) -> NotesReport:
    from importers.mlflow_notes import mirror_notes

    report = mirror_notes(context.paths(), uris)
    if report.written:
        note(f"{counted(report.written, 'note')} written in MLflow")
    note_some(report.problems)
    return report


def _as_json(outcomes: Sequence[SyncOutcome], notes: NotesReport | None, *, one: bool) -> dict[str, object]:
    """One object: of one store what came of it; of several the sums, and each by itself in `stores`."""
    from journal.tracking_uris import absolute_uri

    reports = [each.report for each in outcomes if each.report]
    sums: dict[str, object] = {
        name: sum(getattr(report, name) for report in reports)
        for name in ("new", "updated", "unchanged", "deleted", "gone")
    }
    sums["tracking_uri"] = reports[0].tracking_uri if len(outcomes) == 1 and reports else ""
    sums["new_refs"] = [ref for report in reports for ref in report.new_refs]
    sums["left_out"] = [sentence for report in reports for sentence in report.left_out]
    sums["notes_written"] = notes.written if notes else 0
    if not one:
        sums["stores"] = [
            {
                **(context.json_of(each.report) if each.report else {"tracking_uri": absolute_uri(each.store.uri)}),
                "known_by": each.store.known_by,
                "message": " ".join(f"{each.error} {each.error.hint}".split()) if each.error else "",
            }
            for each in outcomes
        ]
    return sums
