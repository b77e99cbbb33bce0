"""What may come back, what was answered to it, and so what comes back today."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

from journal.clock import from_stored, from_stored_or_none, stored
from journal.errors import NotFound
from journal.resurfacing import Answer, Answered, Answers, Candidate, Due, Reason, due_today
from journal.types import Kind, Ref

_LOOKED_BACK = timedelta(days=4)  # for runs that just started, in whichever zone
_LOOKED_BACK_SNOOZED = timedelta(days=120)  # where one was snoozed: its run may be older

# The papers that the runs since a moment build on, by a link of the run or of the entry that it tests, each
# with its newest run. Of them those that were kept or queued, or that this person wrote a note about. CROSS
# keeps SQLite from beginning with every entry there is: the few runs are where to begin.
_METHODS = """
    WITH started AS (
        SELECT item.id, number, started_at FROM run JOIN item ON item.id = run.item_id
        WHERE started_at >= :since AND lifecycle = 'active' AND deleted_at IS NULL
    ), built_on (paper_id, number, started_at) AS (
        SELECT to_id, number, started_at FROM started CROSS JOIN link ON from_id = started.id
        UNION ALL
        SELECT second.to_id, started.number, started_at FROM started
        CROSS JOIN link AS first ON first.from_id = started.id
        CROSS JOIN item AS entry ON entry.id = first.to_id AND entry.kind = 'entry' AND entry.deleted_at IS NULL
        CROSS JOIN link AS second ON second.from_id = entry.id
    )
    SELECT item.id, item.number, title, state IN ('kept', 'queued'), built_on.number, max(built_on.started_at)
    FROM built_on JOIN item ON item.id = paper_id JOIN paper ON paper.item_id = item.id
    WHERE deleted_at IS NULL GROUP BY item.id
"""
_NOTES = """
    SELECT number FROM link JOIN item ON item.id = from_id JOIN entry ON entry.item_id = item.id
    WHERE to_id = ? AND type = 'note' AND deleted_at IS NULL GROUP BY item.id
    ORDER BY item.created_at DESC, item.id DESC
"""


def list_due(connection: sqlite3.Connection, now: datetime, zone: tzinfo | None = None) -> tuple[Due, ...]:
    """What comes back on the day of `now`."""
    return due_today(read_candidates(connection, now), read_answers(connection), now, zone, used_on(connection, zone))


def read_candidates(connection: sqlite3.Connection, now: datetime) -> tuple[Candidate, ...]:
    """Everything that may come back, today or later."""
    return (*_methods(connection, now), *_unverified(connection), *_queued(connection))


def _methods(connection: sqlite3.Connection, now: datetime) -> Iterator[Candidate]:
    (is_any_snoozed,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM resurfacing WHERE reason = 'method' AND answer = 'snoozed')"
    ).fetchone()
    since = now - (_LOOKED_BACK_SNOOZED if is_any_snoozed else _LOOKED_BACK)
    for identity, number, title, is_wanted, run_number, started_at in connection.execute(
        _METHODS, {"since": stored(since)}
    ).fetchall():
        notes = tuple(Ref(Kind.entry, note) for (note,) in connection.execute(_NOTES, (identity,)).fetchall())
        if is_wanted or notes:
            yield Candidate(
                ref=Ref(Kind.paper, number),
                title=title,
                reason=Reason.method,
                since=from_stored(started_at),
                run=Ref(Kind.run, run_number),
                notes=notes,
            )


def _unverified(connection: sqlite3.Connection) -> Iterator[Candidate]:
    for number, title, since in connection.execute(
        """
        SELECT number, title, coalesce(fixed_at, item.updated_at) FROM problem JOIN item ON item.id = item_id
        WHERE origin = 'own' AND held IS NULL AND trim(fix) <> '' AND deleted_at IS NULL
        """
    ).fetchall():
        yield Candidate(ref=Ref(Kind.problem, number), title=title, reason=Reason.unverified, since=from_stored(since))


def _queued(connection: sqlite3.Connection) -> Iterator[Candidate]:
    for number, title, since in connection.execute(
        """
        SELECT number, title, coalesce(state_at, item.created_at) FROM paper JOIN item ON item.id = item_id
        WHERE state = 'queued' AND deleted_at IS NULL
        """
    ).fetchall():
        yield Candidate(ref=Ref(Kind.paper, number), title=title, reason=Reason.queued, since=from_stored(since))


def used_on(connection: sqlite3.Connection, zone: tzinfo | None = None) -> frozenset[date]:
    """The days in `zone` on which this person changed something; what the program does by itself is no use."""
    # No zone's midnight falls inside a quarter of an hour, and there are few of these beside the changes of triage.
    quarters = connection.execute(
        "SELECT DISTINCT substr(made_at, 1, 14), CAST(substr(made_at, 15, 2) AS INTEGER) / 15 FROM change"
    ).fetchall()
    return frozenset(
        from_stored(f"{hour}{15 * quarter:02}:00.000000").astimezone(zone).date() for hour, quarter in quarters
    )


def read_answers(connection: sqlite3.Connection) -> Answers:
    """The last answer to each item and reason."""
    rows = connection.execute(
        "SELECT kind, number, reason, answer, answered_at, due_at, times FROM resurfacing JOIN item ON id = item_id"
    ).fetchall()
    return {
        (Ref(Kind(kind), number), Reason(reason)): Answered(
            answer=Answer(answer),
            answered_at=from_stored(answered_at),
            due_at=from_stored_or_none(due_at),
            times=times,
        )
        for kind, number, reason, answer, answered_at, due_at, times in rows
    }


def occasion_of(
    connection: sqlite3.Connection, ref: Ref, now: datetime, zone: tzinfo | None = None
) -> tuple[Reason, int, Answered | None]:
    """What an answer to `ref` would be about: the reason, how often it came up before, and an answer that it amends.

    The reason for which it comes back today; else the one answered last; else one for which it may come
    back later. Raises NotFound where there is none.
    """
    candidates, answers = read_candidates(connection, now), read_answers(connection)
    for due in due_today(candidates, answers, now, zone, used_on(connection, zone)):
        if due.ref == ref:
            return due.reason, due.times, None
    given = [(answered.answered_at, reason, answered) for (one, reason), answered in answers.items() if one == ref]
    if given:
        _, reason, answered = max(given, key=lambda one: one[0])
        return reason, answered.times, answered
    for candidate in candidates:
        if candidate.ref == ref:
            return candidate.reason, 0, None
    raise NotFound(f"{ref} does not come back: there is nothing to answer.", hint="'journal due' lists what does.")
