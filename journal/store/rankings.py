"""The order of the new papers, worked out when papers arrive, so that reading never waits for it."""

from __future__ import annotations

import json
from contextlib import closing

from journal.clock import Clock, now, stored
from journal.db import connect
from journal.paths import Paths
from journal.queries.taste import has_taste, is_ranking_due, read_taste
from journal.ranking import order, scores
from journal.store.changes import program_change


def rank_new(paths: Paths, *, clock: Clock = now) -> bool:
    """Rank the new papers where something changed since they were; True where they were.

    Learning takes place outside of any transaction: who writes meanwhile does not wait.
    """
    moment = clock()
    with closing(connect(paths)) as connection:
        if not (has_taste(connection) and is_ranking_due(connection)):
            return False
        taste = read_taste(connection)
    found = scores(taste.new, taste.decided, taste.others, taste.rules)
    # The draw of chance is that of the day: it does not change with each fetch.
    placed = order([score.value for score in found], seed=moment.toordinal())
    rows = [
        (taste.new_ids[each.position], place, found[each.position].value, stored(moment), each.is_chance,
         json.dumps(found[each.position].because, ensure_ascii=False))
        for place, each in enumerate(placed, start=1)
    ]  # fmt: skip
    with program_change(paths, clock=clock) as change:
        change.connection.execute("DELETE FROM ranking")
        change.connection.executemany(
            "INSERT INTO ranking (item_id, place, score, ranked_at, is_chance, because) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    return True
