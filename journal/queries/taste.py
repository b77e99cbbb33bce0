"""What ranking learns from: the papers that were decided about or trained on, new ones, others, and rules."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from journal.ranking import Decided, Effect, PaperText, Rule, RuleField
from journal.triage import DECISIONS_TO_RANK

MOST_DECIDED = 1_000  # the latest: tastes change, and a day has to be ranked in a second
_MOST_NEW = 2_000
_LEAST_SEEN = 800  # papers that show what is common, the new ones among them

_TEXT = "title, body, authors, categories"
# A paper that a run or an entry is about was worth work, which is more than being kept.
_LINKED = """
    item.id IN (
        SELECT to_id FROM link JOIN item AS other ON other.id = from_id
        WHERE relation = 'about' AND other.kind = 'run' AND other.deleted_at IS NULL
    )
"""


@dataclass(frozen=True, slots=True)
class Taste:
    """`new_ids` are the items of `new`, in its order: those of the newest list first."""

    new_ids: tuple[int, ...]
    new: tuple[PaperText, ...]
    decided: tuple[Decided, ...]
    others: tuple[PaperText, ...]
    rules: tuple[Rule, ...]


def read_taste(connection: sqlite3.Connection) -> Taste:
    """Everything that the order of the new papers rests on."""
    new = connection.execute(
        f"SELECT item.id, {_TEXT} FROM paper JOIN item ON item.id = item_id "
        "WHERE state = 'new' AND deleted_at IS NULL ORDER BY announced_on DESC, paper.item_id DESC LIMIT ?",
        (_MOST_NEW,),
    ).fetchall()
    decided = connection.execute(
        f"""
        SELECT state, {_LINKED}, {_TEXT} FROM paper JOIN item ON item.id = item_id
        WHERE deleted_at IS NULL AND (state IN ('kept', 'queued', 'skipped') OR {_LINKED})
        ORDER BY state_at DESC, item.id DESC LIMIT ?
        """,
        (MOST_DECIDED,),
    ).fetchall()
    others = connection.execute(
        f"SELECT {_TEXT} FROM paper JOIN item ON item.id = item_id "
        f"WHERE state = 'none' AND deleted_at IS NULL AND NOT {_LINKED} ORDER BY item.id DESC LIMIT ?",
        (max(0, _LEAST_SEEN - len(new)),),
    ).fetchall()
    return Taste(
        new_ids=tuple(row[0] for row in new),
        new=tuple(_text(*row[1:]) for row in new),
        decided=tuple(
            Decided(_text(*row[2:]), is_liked=bool(row[1]) or row[0] != "skipped") for row in decided if row[0] != "new"
        ),
        others=tuple(_text(*row) for row in others),
        rules=list_rules(connection),
    )


def has_taste(connection: sqlite3.Connection) -> bool:
    """Whether there is enough to rank by: some decisions and a liked paper among them, one trained on, or a rule."""
    row: int = connection.execute(
        f"""
        SELECT EXISTS (SELECT 1 FROM rule WHERE effect <> 'mute')
        OR EXISTS (
            SELECT 1 FROM paper JOIN item ON item.id = item_id
            WHERE deleted_at IS NULL AND state <> 'new' AND {_LINKED}
        ) OR (
            SELECT count(*) >= {DECISIONS_TO_RANK} AND sum(state <> 'skipped') > 0
            FROM paper JOIN item ON item.id = item_id
            WHERE deleted_at IS NULL AND state IN ('kept', 'queued', 'skipped')
        )
        """
    ).fetchone()[0]
    return bool(row)


def is_ranking_due(connection: sqlite3.Connection) -> bool:
    """Whether papers arrived, or something was decided, wished or taken back, since the new papers were ranked."""
    (ranked_at,) = connection.execute("SELECT max(ranked_at) FROM ranking").fetchone()
    due: int = connection.execute(
        """
        SELECT EXISTS (
            SELECT 1 FROM paper LEFT JOIN ranking ON ranking.item_id = paper.item_id
            WHERE state = 'new' AND ranking.item_id IS NULL
        ) OR EXISTS (SELECT 1 FROM paper WHERE state_at > :ranked_at AND state <> 'new')
        OR EXISTS (SELECT 1 FROM rule WHERE made_at > :ranked_at)
        OR EXISTS (
            SELECT 1 FROM change CROSS JOIN change_row ON change_row.change_id = change.id
            WHERE (table_name = 'rule' AND change.made_at > :ranked_at)
            OR (table_name IN ('rule', 'paper') AND undone_at > :ranked_at)
        )
        """,
        {"ranked_at": ranked_at or ""},
    ).fetchone()[0]
    return bool(due)


def list_rules(connection: sqlite3.Connection) -> tuple[Rule, ...]:
    """Every rule, in the order of making."""
    rows = connection.execute("SELECT effect, field, value FROM rule ORDER BY id").fetchall()
    return tuple(Rule(Effect(effect), RuleField(field), value) for effect, field, value in rows)


def _text(title: str, abstract: str, authors: str, categories: str) -> PaperText:
    return PaperText(title, abstract, tuple(json.loads(authors)), tuple(categories.split()))
