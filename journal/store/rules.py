"""Rules: what a person wants more of, less of, or not to see at all."""

from __future__ import annotations

from journal.clock import stored
from journal.errors import NotFound
from journal.queries.taste import list_rules
from journal.ranking import Effect, Rule
from journal.store.changes import Change
from journal.store.triage import mute_spoken_of
from journal.triage import Target


def add(change: Change, effect: Effect, target: Target) -> int:
    """Keep a rule, in place of one about the same; how many new papers it muted."""
    present = [rule for rule in list_rules(change.connection) if Target(rule.field, rule.value).key == target.key]
    wanted = target.rule(effect)
    if wanted not in present:
        for rule in present:
            _take_away(change, rule)
        change.connection.execute(
            "INSERT INTO rule (effect, field, value, made_at) VALUES (?, ?, ?, ?)",
            (effect, target.field, target.value, stored(change.now)),
        )
    return mute_spoken_of(change, wanted) if effect is Effect.mute else 0


def clear(change: Change, target: Target) -> Rule:
    """Take away the rule about `target`, and give it back. What it muted stays muted. Raises NotFound."""
    for rule in list_rules(change.connection):
        if Target(rule.field, rule.value).key == target.key:
            _take_away(change, rule)
            return rule
    raise NotFound(f"There is no rule about {target}.", hint="'journal triage rules' lists them.")


def _take_away(change: Change, rule: Rule) -> None:
    change.connection.execute("DELETE FROM rule WHERE field = ? AND value = ?", (rule.field, rule.value))
