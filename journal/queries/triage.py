"""What rules speak of, and how the day stands."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.clock import from_stored, stored
from journal.queries.feeds import list_feeds
from journal.queries.items import item_id
from journal.queries.taste import MOST_DECIDED, has_taste, list_rules
from journal.ranking import PaperText, Rule, RuleField, matches
from journal.stemming import stems_of
from journal.triage import DECISIONS_TO_RANK, Day, DayReport, Preview, local_midnight
from journal.types import Kind, PaperState, Ref

_DAYS = 30
_MOST_COUNTED = 20_000  # the latest: a preview has to come while one looks at it
# The plus keeps SQLite from going through all that ever were in a state: those of a time are few.
_BROUGHT = "+state <> 'none'"
_DECIDED = "+state NOT IN ('none', 'new')"
# Decisions of this person's: what a paper was imported with says nothing, and mutings are not learned from.
_JUDGED = "+state IN ('kept', 'queued', 'skipped') AND state_at IS NOT NULL"
_TITLES_OF_DAY = 50
_DEAREST = {PaperState.kept: 0, PaperState.queued: 1}


@dataclass(frozen=True, slots=True)
class Window:
    """The papers that previews are counted over: those with an id from `first_id` on that arrived since `since`."""

    first_id: int
    since: datetime
    count: int
    is_cut: bool


def recent(connection: sqlite3.Connection, now: datetime) -> Window:
    """The papers that feeds brought in the last 30 days, at most the latest 20,000."""
    since = now - timedelta(days=_DAYS)
    # Ids follow the order of arrival: going back from the last one, what is older is never looked at.
    ids = connection.execute(
        "SELECT item.id FROM paper CROSS JOIN item ON item.id = item_id "
        f"WHERE deleted_at IS NULL AND {_BROUGHT} AND created_at >= ? AND item_id >= ("
        "SELECT id FROM item WHERE kind = 'paper' AND deleted_at IS NULL AND created_at >= ? "
        "ORDER BY created_at LIMIT 1) ORDER BY item_id DESC LIMIT ?",
        (stored(since), stored(since), _MOST_COUNTED + 1),
    ).fetchall()
    counted = ids[:_MOST_COUNTED]
    return Window(counted[-1][0] if counted else 0, since, len(counted), len(ids) > _MOST_COUNTED)


def preview(connection: sqlite3.Connection, rule: Rule, window: Window, *, titles: int = 5) -> Preview:
    """What `rule` speaks of in the window, and some titles: of what was kept, then queued, then what came last."""
    found = _spoken_of(connection, rule, of_state=_BROUGHT, first_id=window.first_id, since=window.since)
    states = Counter(state for _, state in found)
    chosen = sorted(found, key=lambda one: _DEAREST.get(one[1], len(_DEAREST)))[:titles]
    shown = [identity for identity, _ in chosen]
    rows = dict(
        connection.execute(
            "SELECT id, title FROM item WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(shown),)
        )
    )
    return Preview(
        rule=rule,
        speaks_of=len(found),
        kept=states[PaperState.kept],
        queued=states[PaperState.queued],
        new=states[PaperState.new],
        of=window.count,
        days=None if window.is_cut else _DAYS,
        titles=tuple(rows[identity] for identity in shown),
        states=tuple(state for _, state in chosen),
    )


def previews_of_rules(connection: sqlite3.Connection, now: datetime) -> tuple[Preview, ...]:
    """Every rule, in the order of making, with what it speaks of."""
    window = recent(connection, now)
    return tuple(preview(connection, rule, window, titles=0) for rule in list_rules(connection))


def new_spoken_of(connection: sqlite3.Connection, rule: Rule) -> list[int]:
    """The items of the new papers that a rule speaks of."""
    return [identity for identity, _ in _spoken_of(connection, rule, of_state="state = 'new'")]


def _spoken_of(
    connection: sqlite3.Connection,
    rule: Rule,
    *,
    of_state: str,
    first_id: int = 0,
    since: datetime | None = None,
) -> list[tuple[int, PaperState]]:
    """(item, state) of the papers that `matches` says a rule speaks of, those that arrived last first.

    A phrase is looked up in the full-text index, whose words are cut as those of `matches`: reading every
    abstract would take seconds. The index narrows authors down, too.
    """
    arrived = " AND created_at >= ?" if since else ""
    given = [first_id, *([stored(since)] if since else [])]
    narrowed, wanted = _narrowed(rule, first_id)
    rows = connection.execute(
        f"SELECT item.id, state, authors, categories FROM paper JOIN item ON item.id = item_id "
        f"WHERE deleted_at IS NULL AND {of_state} AND item.id >= ?{arrived}{narrowed} ORDER BY item.id DESC",
        (*given, *wanted),
    ).fetchall()
    return [
        (identity, PaperState(state))
        for identity, state, authors, categories in rows
        if rule.field is RuleField.phrase
        or matches(rule, PaperText("", "", tuple(json.loads(authors)), tuple(categories.split())))
    ]


def _narrowed(rule: Rule, first_id: int) -> tuple[str, tuple[object, ...]]:
    """A condition that holds for whatever a rule speaks of, with its values."""
    if rule.field is RuleField.category:
        return " AND instr(lower(categories), lower(?)) > 0", (rule.value,)
    words = [rule.value] if rule.field is RuleField.phrase else _whole_words(rule.value)
    if not words:
        return "", ()
    columns = "{title body}" if rule.field is RuleField.phrase else "{people}"
    expression = f"{columns} : ({' AND '.join(_quoted(word) for word in words)})"
    return (
        " AND item.id IN (SELECT rowid FROM item_fts WHERE item_fts MATCH ? AND rowid >= ?)",
        (expression, first_id),
    )


def _whole_words(name: str) -> list[str]:
    """The parts of a name that are no initials, which stand for many words."""
    return [word for word in name.split() if len(word.rstrip(".")) > 1 and stems_of(word)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


# ---------------------------------------------------------------- the day


def read_day(connection: sqlite3.Connection, now: datetime) -> Day:
    """How the day stands, by what the journal says was decided since this person's midnight."""
    midnight = stored(local_midnight(now))
    rows = connection.execute(
        "SELECT state, state_at, muting.item_id IS NOT NULL FROM paper JOIN item ON item.id = paper.item_id "
        "LEFT JOIN muting ON muting.item_id = paper.item_id AND muted_at = state_at AND state = 'muted' "
        f"WHERE deleted_at IS NULL AND state_at >= ? AND {_DECIDED} ORDER BY state_at",
        (midnight,),
    ).fetchall()
    left, decisions, since_ranked, is_ranked, has_new_rules = connection.execute(
        f"""
        WITH last AS (SELECT coalesce(max(ranked_at), '') AS ranked_at FROM ranking)
        SELECT
            (SELECT count(*) FROM paper JOIN item ON item.id = item_id WHERE state = 'new' AND deleted_at IS NULL),
            (SELECT count(*) FROM (SELECT 1 FROM paper WHERE {_JUDGED} LIMIT {MOST_DECIDED})),
            (SELECT count(*) FROM (
                SELECT 1 FROM last CROSS JOIN paper WHERE {_JUDGED} AND state_at > last.ranked_at LIMIT {MOST_DECIDED}
            )),
            EXISTS (SELECT 1 FROM ranking JOIN paper ON paper.item_id = ranking.item_id WHERE state = 'new'),
            EXISTS (SELECT 1 FROM rule, last WHERE effect <> 'mute' AND made_at > last.ranked_at) OR EXISTS (
                SELECT 1 FROM last CROSS JOIN change CROSS JOIN change_row ON change_row.change_id = change.id
                WHERE last.ranked_at <> '' AND table_name = 'rule' AND (
                    undone_at > last.ranked_at
                    OR (made_at > last.ranked_at AND json_extract(row_before, '$.effect') <> 'mute')
                )
            )
        """
    ).fetchone()
    return Day(
        decided_at=tuple(from_stored(state_at) for _, state_at, is_by_rule in rows if not is_by_rule),
        counts=Counter(PaperState(state) for state, _, _ in rows),
        by_rules=sum(is_by_rule for _, _, is_by_rule in rows),
        left=left,
        decisions=decisions,
        since_ranked=since_ranked,
        is_ranked=bool(is_ranked),
        has_taste=bool(is_ranked) or (decisions >= DECISIONS_TO_RANK and has_taste(connection)),
        has_new_rules=bool(has_new_rules),
    )


def read_report(connection: sqlite3.Connection, now: datetime) -> DayReport:
    """The day as it is told at its end."""
    feeds = list_feeds(connection)
    due = [feed.next_try_at for feed in feeds if feed.next_try_at is not None and not feed.health.failed]
    return DayReport(
        day=read_day(connection, now),
        kept=_decided_today(connection, PaperState.kept, now),
        queued=_decided_today(connection, PaperState.queued, now),
        failed_feeds=tuple(feed for feed in feeds if feed.health.failed),
        next_due_at=min(due, default=None),
    )


def _decided_today(connection: sqlite3.Connection, state: PaperState, now: datetime) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        "SELECT number, title FROM paper JOIN item ON item.id = item_id "
        "WHERE deleted_at IS NULL AND +state = ? AND state_at >= ? ORDER BY state_at LIMIT ?",
        (state, stored(local_midnight(now)), _TITLES_OF_DAY),
    ).fetchall()
    return tuple((str(Ref(Kind.paper, number)), title) for number, title in rows)


def text_of(connection: sqlite3.Connection, ref: Ref) -> PaperText:
    """What rules may speak of in one paper. Raises NotFound."""
    row = connection.execute(
        "SELECT title, body, authors, categories FROM paper JOIN item ON item.id = item_id WHERE item_id = ?",
        (item_id(connection, ref),),
    ).fetchone()
    return PaperText(row[0], row[1], tuple(json.loads(row[2])), tuple(row[3].split()))
