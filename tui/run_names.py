"""What `journal run` is told to belong to, by --entry, --continue and --paper, looked up before the command starts.

What cannot be looked up at this moment goes with the run as it was typed, and is looked up when it is taken in.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journal.errors import BadRef, JournalUnusable, Missing, NotFound, UsageError

if TYPE_CHECKING:
    from journal.paths import Paths
    from journal.types import Ref

RUN_ID = re.compile(r"[0-9a-f]{32}")
_BUSY_TIMEOUT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The entry and the run that are named; empty where there are none."""

    entry: str = ""  # its uid
    note: str = ""  # of that entry, for MLflow
    run_id: str = ""  # of MLflow, with its store
    tracking_uri: str = ""
    joins: str = ""  # the uid of a run that MLflow does not know
    named_entry: str = ""  # as it was typed
    named_run: str = ""
    told: tuple[str, ...] = ()
    """What the person should know of them, in sentences."""


def named(where: Paths, entry: str, continues: str, *, has_own: bool) -> Named:
    """What is named; `has_own` where another why is told. Raises BadRef and NotFound for a mistake that is certain."""
    try:
        try:
            found = _looked_up(where, entry, continues, has_own=has_own)
        except (NotFound, Missing):
            found = None
        if found is not None and not found.told:
            return found
        _take_in(where)  # what is named, or how it ended, may wait in the spool, where nobody watched the run before
        return _looked_up(where, entry, continues, has_own=has_own)
    except Missing:
        problem = f"There is no journal at {where.journal}."
    except UsageError:
        raise
    except NotFound:
        if not _may_wait(where):
            raise
        problem = f"{where.journal} cannot be written just now."
    except Exception as error:  # noqa: BLE001 - whatever it is, the command starts
        problem = str(error) if isinstance(error, JournalUnusable) else f"{where.journal} cannot be read ({error})."
    return named_later(problem, named_by_itself(entry), named_by_itself(continues))


def named_later(problem: str, entry: str, continues: str) -> Named:
    """What is named, as it was typed, since `problem` keeps it from being looked up. Pure."""
    words = [each for each in (entry, continues) if each]
    later = f"; {' and '.join(words)} {'is' if len(words) == 1 else 'are'} looked up when the journal can be read"
    is_run_id = RUN_ID.fullmatch(continues) is not None
    told = [f"{problem} The command runs{later if words else ' without what is kept there'}."]
    if continues and not is_run_id:
        told.append(f"MLflow cannot be told of {continues} now: what is logged there begins a run that follows it.")
    return Named(
        run_id=continues if is_run_id else "", named_entry=entry, named_run="" if is_run_id else continues,
        told=tuple(told),
    )  # fmt: skip


def _take_in(where: Paths) -> None:
    from journal.recorder import spool
    from tui import context

    with suppress(Exception):  # whatever it is, the command starts; what waits goes on waiting
        if where.journal.exists() or spool.pending(where.spool):
            context.begin()


def _may_wait(where: Paths) -> bool:
    """Whether what is named may be among what could not be taken in."""
    from journal.recorder import spool

    try:
        return bool(spool.pending(where.spool))
    except OSError:
        return True


def _looked_up(where: Paths, entry: str, continues: str, *, has_own: bool) -> Named:
    from journal import db
    from journal.mlflow_note import note_text
    from journal.queries.entries import get_entry
    from journal.queries.items import uid_of
    from journal.queries.runs import get_run
    from journal.queries.sessions import sessions_of_run
    from journal.types import Kind
    from tui import context

    uid = run_id = uri = joins = text = ""
    told: list[str] = []
    with db.looking(where, busy_timeout_s=_BUSY_TIMEOUT_S) as connection:
        ref: Ref | None = context.resolve(connection, entry, Kind.entry) if entry else None
        if continues:
            try:
                run = get_run(connection, context.resolve(connection, continues, Kind.run))
            except NotFound:
                if not RUN_ID.fullmatch(continues):
                    raise
                run_id = continues  # one that was not mirrored yet
            else:
                run_id, uri = run.run_id or "", run.tracking_uri
                joins = "" if run_id else uid_of(connection, run.ref)
                if run.is_deleted:
                    told.append(
                        f"{run.ref} was deleted; the command goes on with it all the same, and no list shows it."
                    )
                if any(session.exit is None for session in sessions_of_run(connection, run.ref)):
                    told.append(f"{run.ref} still trains: from now on, two commands write to one run.")
                tested = [link.ref for link in run.links if link.kind is Kind.entry and link.relation == "tests"]
                ref = tested[0] if ref is None and len(tested) == 1 and not has_own else ref
        if ref is not None:
            found = get_entry(connection, ref)
            if found.is_deleted:
                told.append(f"{ref} was deleted; the command runs under it all the same.")
            uid, text = uid_of(connection, ref), note_text(str(ref), found.title, found.why, found.expect)
    return Named(entry=uid, note=text, run_id=run_id, tracking_uri=uri, joins=joins, told=tuple(told))


def named_by_itself(words: str) -> str:
    """What is named by `@3` or `last`, by its ref: later, another list may be the last. Raises BadRef."""
    if not words.startswith("@") and words.lower() != "last":
        return words
    from journal.refs import Last, parse_mention
    from tui import context

    remembered = context.remembered()
    mention = parse_mention(words)
    row = 0 if isinstance(mention, Last) else getattr(mention, "row", 0)
    ref = remembered.last if row == 0 else next(iter(remembered.rows[row - 1 : row]), None)
    if ref is None:
        raise BadRef(f"{words} names nothing: no such list was shown.")
    return str(ref)


def is_known_form(paper: str) -> bool:
    """Whether a paper is named by an arXiv id, a DOI, an address or a ref. Pure."""
    from journal.refs import parse_mention

    try:
        parse_mention(paper)
    except BadRef:
        return False
    return True
