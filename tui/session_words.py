"""The processes that worked on a run, in a sentence. Pure."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from datetime import datetime, timedelta

from journal.types import Session, SessionExit
from tui.formatting import counted, duration

_A_WEEK = timedelta(days=6)  # for that long, the name of a day is enough
_MOST = 12  # told one by one


def session_words(sessions: Sequence[Session], now: datetime, *, least: int = 2) -> str:
    """`3 sessions: Mon 10:02 killed after 3 h, Tue 09:00 vanished, Wed 08:00 runs for 2 h`; '' for less than `least`.

    One session says no more than status and length of its run do, where there is one. A trial inside of a launch is
    no session of its own. What vanished lasted until its last sign of life, where one is known.
    """
    told = outermost(sessions)
    if len(told) < least:
        return ""
    words = [f"{moment(session.started_at, now)} {end_words(session, now)}" for session in told]
    if len(words) > _MOST:
        left_out = len(words) - _MOST + 1
        words = [words[0], f"({left_out} more)", *words[-_MOST + 2 :]]
    return f"{counted(len(told), 'session')}: {', '.join(words)}"


def outermost(sessions: Sequence[Session]) -> tuple[Session, ...]:
    """Those that began inside of no other of them, first one first."""
    uids = {session.uid for session in sessions}
    outer = [session for session in sessions if session.launch not in uids or session.launch == session.uid]
    return tuple(sorted(outer, key=lambda session: (session.started_at, session.uid)))


def end_words(session: Session, now: datetime, *, in_full: bool = False) -> str:
    """`failed after 3 h`; `in_full` with its process, or the signal or exit code that it ended by."""
    if session.exit is None:
        process = f", process {session.pid}" if in_full else ""
        return f"runs for {duration(now - session.started_at)}{process}"
    how = f"{session.exit}{_by(session) if in_full else ''}"
    lasted = session.ended_at - session.started_at if session.ended_at else None
    if lasted is None or (session.exit is SessionExit.vanished and lasted <= timedelta(0)):
        return how
    return f"{how} after {duration(lasted)}"


def _by(session: Session) -> str:
    if session.signal:
        return f" by {_signal_name(session.signal)}"
    return f" with exit code {session.code}" if session.code and session.exit is SessionExit.failed else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def moment(at: datetime, now: datetime) -> str:
    """`Mon 10:02` on this machine's clock, and the date where the day's name could be another's: `3 Nov 10:02`."""
    local = at.astimezone()
    if timedelta(0) <= now - at < _A_WEEK:
        return f"{local:%a %H:%M}"
    year = "" if local.year == now.astimezone().year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"
