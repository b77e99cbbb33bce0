"""What a command works with: the journal's paths and settings, a connection, the list and the item shown last."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

from journal import config, db
from journal import paths as journal_paths
from journal.errors import BadRef, DiskFull, JournalError, Locked
from journal.paths import Paths, made
from journal.queries import items
from journal.refs import Remembered, parse_ref
from journal.types import Kind, Ref
from tui import left_points
from tui.formatting import counted, printable
from tui.output import as_json, note

_POINTS_FOR_S = 0.3


def paths() -> Paths:
    return journal_paths.find()


@cache
def settings() -> config.Settings:
    return config.load(paths().settings)


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """A connection to read from, after what training processes recorded was taken in."""
    begin()
    with db.wrapped_errors(paths().journal):
        connection = db.connect(paths())
        try:
            yield connection
        finally:
            connection.close()


def begin(*, points_for_s: float = _POINTS_FOR_S) -> Paths:
    """What every command that uses the journal does first; the journal's paths. See `take_in`."""
    from journal.store import changes

    changes.waits_for = _say_waiting
    where = paths()
    with db.wrapped_errors(where.journal):
        if not where.journal.exists() or where.journal.stat().st_size == 0:
            db.connect(where).close()
            note(f"Started a new journal: {where.journal}")
        take_in(where, points_for_s=points_for_s)
    left_points.begin(where)
    return where


def _say_waiting(where: Paths) -> None:
    note(f"Waiting for another program to finish with {printable(str(where.journal))}.")


def take_in(where: Paths, *, points_for_s: float = _POINTS_FOR_S) -> None:
    """Take the recorder's spool in, of the points what can be for about so long. It costs nothing where nothing waits.

    The points that are left are told, unless none were to be taken in.
    """
    from journal.recorder import metric_file, spool
    from journal.store.vanishing import settle_vanished, vanished

    waits = spool.pending(where.spool) or metric_file.wait_for_journal(where.spool) or vanished(where)
    if not waits or not db.is_writable(where):
        return
    from journal.store.intake import take_in_spool

    began = time.monotonic()
    try:
        refused = take_in_spool(where, points_for_s=points_for_s)
        settle_vanished(where)
    except (Locked, DiskFull):  # reading goes on; the events are taken in another time
        return
    if refused:
        note(f"{counted(refused, 'recorded event')} could not be read; kept in {where.spool / 'refused'}")
    if 0 < points_for_s <= time.monotonic() - began and (left := metric_file.about_waiting(where.spool)):
        note(f"About {left:,} logged points are not in the journal yet; the commands that follow take them in.")


def look_at_open_runs(connection: sqlite3.Connection) -> None:
    """Mirror what trains just now, if that is soon done. It costs one small question where nothing does."""
    from journal.clock import now
    from journal.queries.stores import open_runs

    running = open_runs(connection, now())
    if not running or not db.is_writable(paths()):
        return
    from importers.open_runs import mirror_open

    try:
        tracking_uri = settings().tracking_uri
    except JournalError:  # whoever needs the settings says what is wrong with them
        tracking_uri = ""
    complaints = mirror_open(paths(), connection, running, tracking_uri=tracking_uri)
    if complaints:
        note(printable(f"What still runs is shown as it was mirrored last: {complaints[0]}"))


def resolve(connection: sqlite3.Connection, text: str, kind: Kind | None = None) -> Ref:
    """The item that a person names, of this kind. Raises BadRef or NotFound."""
    ref = (_launched_since(connection, kind) if text.strip().lower() == "last" else None) or items.resolve(
        connection, text, remembered()
    )
    if kind is not None and ref.kind is not kind:
        raise BadRef(f"{ref} is {ref.kind.named}; {kind.named} is wanted.")
    return ref


def _launched_since(connection: sqlite3.Connection, kind: Kind | None) -> Ref | None:
    """The run that `journal run` made, or what it is for where an entry is wanted, if that was the last thing made."""
    from journal.queries.sessions import launched_last
    from journal.recorder.presence import hostname

    launched = launched_last(connection, hostname())
    if launched is None:
        return None
    started_at, run, entry = launched
    try:
        if started_at.timestamp() < paths().last_item.stat().st_mtime:
            return None
    except OSError:  # nothing was shown before
        pass
    return entry if kind is Kind.entry and entry is not None else run


def nothing_found(sentence: str, advice: str) -> NoReturn:
    """Exit code 1, with the reason."""
    import typer  # `journal run` names an entry without it

    note(f"{sentence}{f' Try: {advice}' if advice else ''}")
    raise typer.Exit(1)


def json_of(item: object) -> dict[str, object]:
    """An item as a JSON object, to which a command may add."""
    found: dict[str, object] = as_json(item)
    return found


def remember_list(refs: Sequence[Ref]) -> None:
    """Keep the rows of a list just shown, for `@3`. An empty list leaves the one before it."""
    if refs:
        _keep(paths().last_list, refs)


def remember_item(ref: Ref) -> None:
    """Keep the item just made or shown, for `last`."""
    _keep(paths().last_item, [ref])


def remember_made(refs: Sequence[Ref]) -> None:
    """Keep items just made: the last one as such, and several also as a list."""
    if refs:
        remember_item(refs[-1])
    if len(refs) > 1:
        remember_list(refs)


def _keep(file: Path, refs: Sequence[Ref]) -> None:
    """A state folder that cannot be written does no harm."""
    with suppress(OSError):
        made(file.parent)
        draft = file.with_suffix(".tmp")
        draft.write_text(json.dumps([str(ref) for ref in refs]), encoding="utf-8")
        draft.replace(file)


def remembered() -> Remembered:
    return Remembered(_kept(paths().last_list), next(iter(_kept(paths().last_item)), None))


def _kept(file: Path) -> tuple[Ref, ...]:
    try:
        return tuple(parse_ref(text) for text in json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, BadRef):
        return ()
