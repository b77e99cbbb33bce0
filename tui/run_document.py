"""What is shown of a run: the why, what came of it, its processes, and what surrounded it.

Reading is in `read_run_document`; the rest is pure.
"""

from __future__ import annotations

import shlex
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from journal.deciding import telling
from journal.mlflow_note import is_ours
from journal.queries.checks import CheckResult, results_of_run
from journal.queries.entries import get_entry
from journal.queries.notes import Note, notes_on
from journal.queries.run_groups import datasets_with
from journal.queries.sessions import facts_of_run, sessions_of_run
from journal.run_diff import facts_told
from journal.tracking_uris import artifact_place
from journal.types import Entry, Kind, Relation, Run, Session
from tui.documents import LINKS, Block, Document, Facts, Links, Prose, Table, Title, carried, told
from tui.formatting import local_time, number
from tui.notes_blocks import not_told, notes_blocks
from tui.roles import HAS_NO_WHY, STATUS_ROLES, VERDICT_ROLES
from tui.run_cells import took
from tui.session_words import end_words, outermost
from tui.surroundings import surroundings

_MOST_METRICS = 40  # in lines that scroll away: a run may have 12,000
_MOST_TELLING = 6
_LAST_LINES = 12
_LONGEST_COMMAND = 300
_VERDICTS = ("passed", "failed", "not checked", "not applicable")


@dataclass(frozen=True, slots=True, kw_only=True)
class AroundRun:
    """What the journal knows of a run beside the mirror; `tested` and `notes` are oldest first."""

    tested: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] = ()
    sessions: tuple[Session, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    facts: Mapping[str, Mapping[str, str]]
    datasets: Mapping[str, str]  # by fingerprint


def read_run_document(connection: sqlite3.Connection, run: Run, now: datetime, *, at_command_line: bool) -> Document:
    """The detail of a run; advice names commands where `at_command_line`, else keys."""
    linked = [get_entry(connection, link.ref) for link in run.links if link.kind is Kind.entry]
    tests = {link.ref for link in run.links if link.relation == Relation.tests and link.direction == "out"}
    facts = facts_of_run(connection, run.ref)
    around = AroundRun(
        tested=tuple(entry for entry in linked if entry.ref in tests),
        notes=notes_on(connection, run.ref),
        sessions=sessions_of_run(connection, run.ref),
        checks=results_of_run(connection, run.ref),
        facts=facts,
        datasets=datasets_with(connection, facts.get("data", {}).values()),
    )
    to_link = f"journal log WHAT --why WHY --run {run.ref}, or journal link {run.ref} ENTRY"
    if at_command_line:
        return run_document(run, around, now, to_link, most_metrics=_MOST_METRICS)
    return run_document(run, around, now, "y says why, l links it to a diary entry")


def run_document(
    run: Run, around: AroundRun, now: datetime, to_link: str, *, most_metrics: int | None = None
) -> Document:
    """Why it was made (or how `to_link` it to that), what came out, with which parameters, and where it lies.

    Of more than `most_metrics`, what tells most comes first, and the rest is counted.
    """
    keys = list(run.metrics)
    left_out = 0 if most_metrics is None else max(0, len(keys) - most_metrics)
    if left_out:
        keys = [*dict.fromkeys((*telling(keys, _MOST_TELLING), *keys))][:most_metrics]
    more = f"{left_out:,} more: journal runs show {run.ref} --json" if left_out else ""
    sessions = session_rows(around.sessions, now)
    whole_patch = f"journal runs show {run.ref} --patch prints it, for git apply"
    own_tags = {key: value for key, value in run.run_tags.items() if not key.startswith(("mlflow.", "journal."))}
    return Document(
        run.ref,
        (
            Title(run.title),
            Facts(_standing(run, now, len(outermost(around.sessions)))),
            *_whys(run, around.tested, to_link),
            Links(LINKS, not_told(run.links, around.notes)),
            Prose("Note", run.note),
            Facts(((_of_note(run, around.tested), "dim"),)),
            *notes_blocks(around.notes),
            Table("Metrics", tuple((key, number(run.metrics[key])) for key in keys)),
            Facts(((more, "dim"),)),
            Facts(((check_words(around.checks), "bad" if _failed(around.checks) else "dim"),)),
            Table("Parameters", tuple(run.params.items())),
            Table("Sessions" if len(sessions) > 1 else "Session", sessions),
            *_last_words(around.sessions),
            *surroundings(facts_told(run, around.facts), around.datasets, whole_patch),
            Table("Tags", tuple(own_tags.items())),
            Table("", told((
                ("MLflow run", run.run_id or ""),
                ("tracked in", run.tracking_uri),
                ("artifacts", artifact_place(run.artifact_uri)),
            ))),
        ),
    )  # fmt: skip


def _standing(run: Run, now: datetime, sessions: int) -> tuple[tuple[str, str], ...]:
    """Its status as it is, and what its store says where that is something else; when it began, and how long it
    trained: of one that was continued, in how many sessions, and until when."""
    is_known = run.ended_at is not None or not (run.is_gone or run.is_deleted)
    differs = run.told is not None and run.told is not run.status
    span = [at for at in (run.started_at, run.ended_at if sessions > 1 else None) if at is not None]
    length = took(run, now) if is_known else ""
    if length and sessions > 1:
        length = f"took {length} in {sessions} sessions" if run.ended_at else f"{length} so far in {sessions} sessions"
    return (
        (str(run.ref), "ref"),
        (str(run.status), STATUS_ROLES[run.status]),
        (f"MLflow says {run.told.upper()}" if differs and run.told else "", "warn"),
        (run.experiment, ""),
        (" to ".join(map(local_time, span)), "dim"),
        (length, "dim"),
        (f"part of {run.parent}" if run.parent else "", "dim"),
        ("gone from its store" if run.is_gone else "", "warn"),
        ("archived" if run.archived_at else "", "dim"),
        *carried(run),
    )


def _whys(run: Run, tested: Sequence[Entry], to_link: str) -> Iterator[Block]:
    """Each why with what was expected and what came of it; several are told apart by their entries."""
    for entry in tested:
        if len(tested) > 1:
            yield Facts(((str(entry.ref), "ref"), (entry.title, "")))
        yield Prose("Why", entry.why)
        yield Prose("Expected", entry.expect)
        if entry.outcome.strip() or entry.verdict:
            verdict = entry.verdict
            yield Prose("Outcome", entry.outcome or "(nothing said)")
            yield Facts(((str(verdict or ""), VERDICT_ROLES[verdict] if verdict else ""), (_said_at(entry), "dim")))
    if not tested and not run.note.strip():
        yield Facts(((f"{HAS_NO_WHY} nobody wrote down why: {to_link}", "warn"),))


def _of_note(run: Run, tested: Sequence[Entry]) -> str:
    """That a note which was written in MLflow keeps the why from being shown there."""
    is_theirs = bool(run.note.strip()) and not is_ours(run.note)
    return "MLflow shows this note of its own; the why is kept here alone." if is_theirs and tested else ""


def _said_at(entry: Entry) -> str:
    return f"said {local_time(entry.outcome_at)}" if entry.outcome_at else ""


def check_words(checks: Sequence[CheckResult]) -> str:
    """`checks: 12 passed, 1 failed (O01), 104 not checked`."""
    counts = Counter(check.verdict for check in checks)
    if not counts["passed"] and not counts["failed"]:
        return "checks: none made yet"
    failed = _failed(checks)
    names = {"failed": f" ({', '.join(failed[:5])}{'…' if len(failed) > 5 else ''})"}
    parts = (f"{counts[verdict]} {verdict}{names.get(verdict, '')}" for verdict in _VERDICTS if counts[verdict])
    return f"checks: {', '.join(parts)}"


def _failed(checks: Sequence[CheckResult]) -> list[str]:
    return [check.check_id for check in checks if check.verdict == "failed"]


def session_rows(sessions: Sequence[Session], now: datetime) -> tuple[tuple[str, str], ...]:
    """For each process, when it began, how it ended and what it was; a trial inside of a launch is told with it."""
    return tuple((local_time(session.started_at), _session_words(session, now)) for session in outermost(sessions))


def _session_words(session: Session, now: datetime) -> str:
    command = shlex.join(session.argv)
    if len(command) > _LONGEST_COMMAND:
        command = f"{command[: _LONGEST_COMMAND - 1]}…"
    return " · ".join(part for part in (end_words(session, now, in_full=True), session.host, command) if part)


def _last_words(sessions: Sequence[Session]) -> Iterator[Block]:
    """The last lines that it printed, and the error that ended it where those do not hold it."""
    last = next((session for session in reversed(sessions) if session.output.strip() or session.error.strip()), None)
    if last is None:
        return
    lines = last.output.rstrip().splitlines()
    yield Prose("Last lines" if len(lines) > _LAST_LINES else "Output", "\n".join(lines[-_LAST_LINES:]))
    error = last.error.strip()
    if error and error.splitlines()[-1] not in "\n".join(lines[-_LAST_LINES:]):
        yield Prose("Error", "\n".join(error.splitlines()[-_LAST_LINES:]))
