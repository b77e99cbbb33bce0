"""What a search may ask of an item: as values, and as SQL. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from journal.clock import stored
from journal.queries.entries import IS_OPEN
from journal.types import EntryType, Kind, PaperState, Ref, Verdict


@dataclass(frozen=True, slots=True)
class Words:
    """A valid FTS5 expression."""

    expression: str


@dataclass(frozen=True, slots=True)
class OfKind:
    kind: Kind


@dataclass(frozen=True, slots=True)
class Tagged:
    tag: str


@dataclass(frozen=True, slots=True)
class InCategory:
    category: str


@dataclass(frozen=True, slots=True)
class InState:
    state: PaperState


@dataclass(frozen=True, slots=True)
class Since:
    moment: datetime


@dataclass(frozen=True, slots=True)
class LinkedTo:
    ref: Ref


@dataclass(frozen=True, slots=True)
class MetricCondition:
    """`metric:KEY>VALUE`; `operator` is one of < <= = >= >."""

    key: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class OfType:
    type: EntryType


@dataclass(frozen=True, slots=True)
class Open:
    """An entry of which nothing came yet, a question without an answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question to which there is an answer, or an outcome."""


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class OnAttribute:
    """An entry of which a person said what it is about."""

    attribute: str


OfEntry = OfType | Open | Answered | Judged | OnAttribute
Condition = Words | OfKind | Tagged | InCategory | InState | Since | LinkedTo | MetricCondition | OfEntry


@dataclass(frozen=True, slots=True)
class Term:
    """A condition that must hold, or must not."""

    condition: Condition
    is_not: bool = False


AnyOf = tuple[Term, ...]
"""Terms of which one must come true."""

Clause = tuple[str, tuple[object, ...]]
"""SQL on the table `item`, and the values of its parameters."""


def clauses_of(groups: Sequence[AnyOf]) -> Clause:
    """Every group, each led by AND; nothing where there is none. Every value is a parameter."""
    text = ""
    values: list[object] = []
    for group in groups:
        clauses = [_clause_of_term(term) for term in group]
        text += f" AND ({' OR '.join(clause for clause, _ in clauses)})"
        values.extend(value for _, given in clauses for value in given)
    return text, tuple(values)


def _clause_of_term(term: Term) -> Clause:
    clause, values = _clause_of(term.condition)
    return (f"NOT ({clause})" if term.is_not else clause), values


def _clause_of(condition: Condition) -> Clause:
    if isinstance(condition, Words):
        return "item.id IN (SELECT rowid FROM item_fts WHERE item_fts MATCH ?)", (condition.expression,)
    if isinstance(condition, OfKind):
        return "item.kind = ?", (condition.kind,)
    if isinstance(condition, Tagged):
        return "item.id IN (SELECT item_id FROM tag WHERE name = ?)", (condition.tag,)
    if isinstance(condition, InCategory):
        return (
            "item.id IN (SELECT item_id FROM paper WHERE ' ' || lower(categories) || ' ' LIKE ? ESCAPE '\\')",
            (f"% {escaped_for_like(condition.category.lower())} %",),
        )
    if isinstance(condition, InState):
        return "item.id IN (SELECT item_id FROM paper WHERE state = ?)", (condition.state,)
    if isinstance(condition, Since):
        return "item.created_at >= ?", (stored(condition.moment),)
    if isinstance(condition, OfEntry):
        clause, values = _clause_of_entry(condition)
        return f"item.id IN (SELECT item.id FROM entry JOIN item ON item.id = item_id WHERE {clause})", values
    if isinstance(condition, LinkedTo):
        return (
            "item.id IN (SELECT to_id FROM link JOIN item AS other ON other.id = from_id "
            "WHERE other.kind = ? AND other.number = ? "
            "UNION SELECT from_id FROM link JOIN item AS other ON other.id = to_id "
            "WHERE other.kind = ? AND other.number = ?)",
            (condition.ref.kind, condition.ref.number) * 2,
        )
    assert condition.operator in {"<", "<=", "=", ">=", ">"}
    return (
        f"item.id IN (SELECT item_id FROM run_metric WHERE key = ? AND value {condition.operator} ?)",
        (condition.key, condition.value),
    )


def _clause_of_entry(condition: OfEntry) -> Clause:
    """On the tables `item` and `entry`."""
    match condition:
        case OfType(entry_type):
            return "type = ?", (entry_type,)
        case Judged(verdict):
            return "verdict = ?", (verdict,)
        case OnAttribute(attribute):
            return "attribute = ?", (attribute,)
        case Open():
            return IS_OPEN, ()
        case Answered():
            return f"type = 'question' AND NOT ({IS_OPEN})", ()


def escaped_for_like(text: str) -> str:
    """`text` for a pattern with ESCAPE a backslash, each of its characters for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
