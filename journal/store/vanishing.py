"""Sessions of which nothing is left: their process is gone, and nobody told how it ended."""

from __future__ import annotations

from journal.clock import Clock, now
from journal.paths import Paths
from journal.recorder import presence


def vanished(paths: Paths, *, clock: Clock = now) -> frozenset[str]:
    """The sessions (uids) whose process is gone, and of which a sign of life is left. One look at a small folder."""
    return frozenset(uid for uid, each in presence.present(paths.spool).items() if presence.is_over(each, clock()))


def settle_vanished(paths: Paths, *, clock: Clock = now) -> int:
    """Mark such sessions as vanished at their last sign of life; how many. To be called behind `take_in_spool`."""
    from journal.store import sessions
    from journal.store.changes import program_change
    from journal.types import SessionExit

    moment = clock()
    over = {uid: each for uid, each in presence.present(paths.spool).items() if presence.is_over(each, moment)}
    if not over:
        return 0
    settled = 0
    with program_change(paths, clock=clock) as change:
        for uid, each in over.items():
            session = sessions.get(change, uid)
            if session is None or session.exit is not None:
                continue
            session.heartbeat_at = each.beat_at
            sessions.end(change, session, SessionExit.vanished, each.beat_at or moment)
            settled += 1
    for uid in over:
        presence.withdraw(paths.spool, uid)
    return settled
