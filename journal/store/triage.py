"""Many papers at once: what rules mute, and what stands above another paper."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing

from journal.clock import Clock, now, stored
from journal.db import connect
from journal.paths import Paths
from journal.queries.taste import list_rules
from journal.queries.triage import new_spoken_of
from journal.ranking import Effect, Rule
from journal.store.changes import Change, program_change
from journal.triage import Target
from journal.types import PaperState, Ref


def mute_new(paths: Paths, *, clock: Clock = now) -> int:
    """Mute the new papers that a rule speaks of, as they arrive; how many. Only the new: who kept one, keeps it."""
    with closing(connect(paths)) as connection:
        if not any(new_spoken_of(connection, rule) for rule in _muting_rules(list_rules(connection))):
            return 0
    with program_change(paths, clock=clock) as change:
        return sum(mute_spoken_of(change, rule) for rule in _muting_rules(list_rules(change.connection)))


def _muting_rules(rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.effect is Effect.mute]


def mute_spoken_of(change: Change, rule: Rule) -> int:
    """Mute the new papers that `rule` speaks of; how many."""
    ids = new_spoken_of(change.connection, rule)
    moment = stored(change.now)
    name = str(Target(rule.field, rule.value))
    change.connection.executemany(
        "UPDATE paper SET state = 'muted', state_at = ? WHERE item_id = ?", [(moment, identity) for identity in ids]
    )
    change.connection.executemany(
        "INSERT OR REPLACE INTO muting (item_id, muted_at, rule) VALUES (?, ?, ?)",
        [(identity, moment, name) for identity in ids],
    )
    return len(ids)


def decide_new(change: Change, refs: Sequence[Ref], state: PaperState) -> int:
    """Give those of `refs` that are still new a state; how many. Others were decided about, which stays."""
    cursor = change.connection.execute(
        "UPDATE paper SET state = ?, state_at = ? WHERE state = 'new' AND item_id IN ("
        "SELECT id FROM item WHERE kind = 'paper' AND deleted_at IS NULL "
        "AND number IN (SELECT value FROM json_each(?)))",
        (state, stored(change.now), json.dumps([ref.number for ref in refs])),
    )
    return cursor.rowcount
