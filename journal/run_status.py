"""What became of a run, whatever its tracking store says. Pure.

MLflow calls a run FINISHED whose script raised, or was left by Ctrl-C, outside of `with start_run()`, and
RUNNING for ever what SIGTERM or SIGKILL ended (measured with MLflow 3.17). So the processes that worked on a
run are asked first, where `journal run` or `journal.tried` saw them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.words import RunStatus, SessionExit

QUIET_AFTER = timedelta(hours=6)
"""A run that is said to be running, seen by no session, and logged nothing for that long has vanished."""
SILENT_AFTER = timedelta(minutes=15)
"""One like that is told to be silent already then, and is not counted among what trains."""
_A_MOMENT = timedelta(seconds=1)
_AT_ONE_TIME = timedelta(seconds=10)  # MLflow ends a run as its process exits: that long before, at the most

_OPEN = {RunStatus.running, RunStatus.scheduled}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingSession:
    """A process that worked on the run; `exit` is None while it goes on."""

    started_at: datetime
    ended_at: datetime | None = None
    exit: SessionExit | None = None
    uid: str = ""
    around: str = ""  # the session that it lies in


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the tracking store says; `last_sign_at` is when the run started, or last logged a metric."""

    status: RunStatus | None = None  # None: no store knows of it
    ended_at: datetime | None = None
    last_sign_at: datetime | None = None


def true_status(told: Told, sessions: Sequence[WorkingSession], now: datetime) -> tuple[RunStatus, datetime | None]:
    """The status of a run and when it ended; None while it goes on, or where nobody knows.

    A session that goes on leaves a run open, unless its store saw it end meanwhile, as the runs of a sweep do; where
    two commands worked on it at that moment, the store heard only of the one, and the run goes on with the other. How
    the last sessions ended decides about a run that the store calls running, unless it still logged after them: then
    something works on it that nobody saw start. Of a run that its store saw end, the session decides that ended
    with it; one that ended earlier was continued, and one that ended later went on to other things.
    """
    is_open = told.status is None or told.status in _OPEN
    if any(
        session.exit is None and (is_open or _came_later(session, told) or _is_one_of_two(session, sessions, told))
        for session in sessions
    ):
        return RunStatus.running, None
    ended = sorted((session for session in sessions if session.exit is not None), key=_end)
    if not ended:
        return _told_alone(told, now)
    return _of_open(told, _of_one_process(ended), now) if is_open else _of_closed(told, ended)


def _came_later(session: WorkingSession, told: Told) -> bool:
    return told.ended_at is not None and session.started_at > told.ended_at


def _is_one_of_two(session: WorkingSession, sessions: Sequence[WorkingSession], told: Told) -> bool:
    """Whether a command that has nothing to do with this one worked on the run, too, when its store saw it end."""
    around = {each.uid: each.around for each in sessions}
    return told.ended_at is not None and any(
        _outermost(each, around) != _outermost(session, around)
        and each.started_at <= told.ended_at
        and (each.exit is None or _end(each) >= told.ended_at - _A_MOMENT)
        for each in sessions
    )


def _outermost(session: WorkingSession, around: Mapping[str, str]) -> str:
    """The uid of the session in which this one lies, in however many others."""
    uid, left = session.uid, len(around)
    while left and around.get(uid):
        uid, left = around[uid], left - 1
    return uid


def _of_one_process(ended: Sequence[WorkingSession]) -> list[WorkingSession]:
    """The last session and those beside it, such as the command around a trial: what ended before it began is past."""
    begun = max(session.started_at for session in ended)
    return [session for session in ended if _end(session) >= begun]


def _of_open(told: Told, ended: Sequence[WorkingSession], now: datetime) -> tuple[RunStatus, datetime | None]:
    last = ended[-1]
    if last.exit is not SessionExit.vanished and told.last_sign_at and told.last_sign_at > _end(last) + _A_MOMENT:
        return _told_alone(told, now)
    bad = next((each for each in ended if _is_bad(each) and _end(last) - _end(each) <= _AT_ONE_TIME), last)
    if bad.exit is SessionExit.vanished:
        return RunStatus.vanished, max(_end(bad), told.last_sign_at or _end(bad))
    return RunStatus(str(bad.exit)), bad.ended_at


def _of_closed(told: Told, ended: Sequence[WorkingSession]) -> tuple[RunStatus, datetime | None]:
    assert told.status is not None
    if told.status in {RunStatus.finished, RunStatus.failed}:  # `with start_run()` calls Ctrl-C a failure
        before = [session for session in ended if told.ended_at is None or session.started_at <= told.ended_at]
        for session in _of_one_process(before or ended):
            is_its_end = told.ended_at is None or abs(told.ended_at - _end(session)) <= _AT_ONE_TIME
            if is_its_end and _is_bad(session) and session.exit is not SessionExit.vanished:
                return RunStatus(str(session.exit)), session.ended_at
    return told.status, told.ended_at


def _told_alone(told: Told, now: datetime) -> tuple[RunStatus, datetime | None]:
    if told.status is None:
        return RunStatus.vanished, told.last_sign_at
    if told.status is RunStatus.running and told.last_sign_at and told.last_sign_at < now - QUIET_AFTER:
        return RunStatus.vanished, told.last_sign_at
    return told.status, told.ended_at


def _is_bad(session: WorkingSession) -> bool:
    return session.exit is not SessionExit.finished


def _end(session: WorkingSession) -> datetime:
    return session.ended_at or session.started_at
