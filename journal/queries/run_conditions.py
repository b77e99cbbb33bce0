"""What a filter of runs may ask: as values, and as SQL on the tables `run` and `item`. Pure.

Every value is a parameter of the query. A clause is never NULL, so that NOT takes what is missing, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.clock import stored
from journal.queries.conditions import Clause, Words, escaped_for_like
from journal.queries.run_length import TOOK_S
from journal.queries.runs import HAS_WHY
from journal.types import Kind, Ref, RunStatus, Verdict

_PARAM, _METRIC = "run_param", "run_metric"
_BEING = {
    "archived": "archived_at IS NOT NULL",
    "gone": "lifecycle = 'gone'",
    "hollow": f"NOT {HAS_WHY}",
    "nested": "parent_run_id IS NOT NULL",
}
WORDS_OF_BEING = (*_BEING,)


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter or a metric of this name; `is_param` and `is_metric` say which of them is meant."""

    key: str
    is_param: bool = True
    is_metric: bool = True


@dataclass(frozen=True, slots=True)
class Has:
    """It was given this parameter, or logged this metric."""

    named: Named


@dataclass(frozen=True, slots=True)
class Compared:
    """A parameter or metric beside a value; `operator` is one of < <= = != >= > ~, where ~ is: contains.

    `number` is the value where it is one; without it, only = != ~ make sense. A metric that is NaN is
    nothing but `= nan`.
    """

    named: Named
    operator: str
    text: str
    number: float | None


@dataclass(frozen=True, slots=True)
class InText:
    """The text of a column, whatever its case; `operator` is one of = != ~."""

    column: str
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class OfStatus:
    statuses: tuple[RunStatus, ...]


@dataclass(frozen=True, slots=True)
class At:
    """A time within `first` and (exclusive) `behind`, or before, or after; `operator` is one of < <= = != >= >."""

    column: str
    operator: str
    first: datetime
    behind: datetime


@dataclass(frozen=True, slots=True)
class Took:
    """How long it took or, of one that goes on, how long that is by `now`."""

    operator: str
    seconds: float
    now: datetime


@dataclass(frozen=True, slots=True)
class WithWhy:
    """Somebody said why; with these words in it, where there are any."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Being:
    """One of WORDS_OF_BEING."""

    word: str


@dataclass(frozen=True, slots=True)
class CameTo:
    """What it tests came to this verdict."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class TaggedAs:
    """A tag of the journal, or of MLflow; `value` is that of a tag of MLflow."""

    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class LinkedWith:
    """Linked to this item, or to something tried that is."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class OnPaper:
    """As LinkedWith, of a paper that is known by this identifier."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Within:
    """The run itself, and the runs that are part of it."""

    ref: Ref


Condition = (
    Words | Has | Compared | InText | OfStatus | At | Took | WithWhy | Being | CameTo | TaggedAs
    | LinkedWith | OnPaper | Within
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    parts: tuple[Node, ...]


Node = Condition | Not | AllOf | OneOf


def clause_of(node: Node) -> Clause:
    """The condition that `node` is, in parentheses."""
    if isinstance(node, Not):
        clause, values = clause_of(node.part)
        return f"(NOT {clause})", values
    if isinstance(node, AllOf | OneOf):
        clauses = [clause_of(part) for part in node.parts]
        joined = (" AND " if isinstance(node, AllOf) else " OR ").join(clause for clause, _ in clauses)
        return f"({joined})", tuple(value for _, values in clauses for value in values)
    clause, values = _clause_of(node)
    return f"(({clause}) IS TRUE)", values


def asks_for_archived(node: Node | None) -> bool:
    """Whether it speaks of archived runs, which are left out else."""
    if isinstance(node, AllOf | OneOf):
        return any(asks_for_archived(part) for part in node.parts)
    if isinstance(node, Not):
        return asks_for_archived(node.part)
    return node == Being("archived")


def names_in(node: Node | None) -> tuple[Named, ...]:
    """The parameters and metrics that it names."""
    if isinstance(node, AllOf | OneOf):
        return tuple(named for part in node.parts for named in names_in(part))
    if isinstance(node, Not):
        return names_in(node.part)
    return (node.named,) if isinstance(node, Has | Compared) else ()


def _clause_of(condition: Condition) -> Clause:
    match condition:
        case Words(expression):
            return "item.id IN (SELECT rowid FROM item_fts WHERE item_fts MATCH ?)", (expression,)
        case Has(named):
            tables = [table for table, is_meant in ((_PARAM, named.is_param), (_METRIC, named.is_metric)) if is_meant]
            return _any_of([(_among(table, ""), (named.key,)) for table in tables])
        case Compared():
            return _compared(condition)
        case InText("note", operator, text):
            return _in_notes(operator, text)
        case InText(column, operator, text):
            return _text(column, operator, text)
        case OfStatus(statuses):
            return f"status IN ({', '.join('?' * len(statuses))})", statuses
        case At():
            return _at(condition)
        case Took(operator, seconds, now):
            return f"{TOOK_S} {_known(operator)} ?", (stored(now), seconds)
        case WithWhy(text):
            return _with_why(text)
        case Being(word):
            return _BEING[word], ()
        case CameTo(verdict):
            return _tested("verdict = ?"), (verdict,)
        case TaggedAs(name, value):
            return _tagged(name, value)
        case LinkedWith(ref):
            return _linked("other.kind = ? AND other.number = ?", (ref.kind, ref.number))
        case OnPaper(scheme, value):
            known = "other.id IN (SELECT item_id FROM identifier WHERE scheme = ? AND value = ?)"
            return _linked(known, (scheme, value))
        case Within(ref):
            assert ref.kind is Kind.run
            return (
                "number = ? OR parent_run_id = (SELECT run_id FROM run AS whole JOIN item AS its "
                "ON its.id = whole.item_id WHERE its.kind = 'run' AND its.number = ?)",
                (ref.number, ref.number),
            )


def _known(operator: str) -> str:
    """Operators are the only text from a filter that gets into a query."""
    return {"<": "<", "<=": "<=", "=": "=", "!=": "<>", ">=": ">=", ">": ">"}[operator]


def _any_of(clauses: list[Clause]) -> Clause:
    return " OR ".join(clause for clause, _ in clauses), tuple(value for _, values in clauses for value in values)


def _among(table: str, condition: str) -> str:
    return f"item.id IN (SELECT item_id FROM {table} WHERE key = ?{condition and f' AND {condition}'})"


def _compared(condition: Compared) -> Clause:
    named, clauses = condition.named, []
    if named.is_param:
        compared, values = _of_param(condition)
        clauses.append((_among(_PARAM, compared), (named.key, *values)))
    if named.is_metric and (of_metric := _of_metric(condition)) is not None:
        compared, values = of_metric
        clauses.append((_among(_METRIC, compared), (named.key, *values)))
    return _any_of(clauses) if clauses else ("0", ())


def _of_param(condition: Compared) -> Clause:
    operator, text, number = condition.operator, condition.text, condition.number
    if operator == "~" or number is None:
        return _text("value", operator, text)
    if operator == "=":
        return "(number = ? OR value = ? COLLATE NOCASE)", (number, text)
    if operator == "!=":
        return "number IS NOT ? AND value <> ? COLLATE NOCASE", (number, text)
    return f"number {_known(operator)} ?", (number,)


def _of_metric(condition: Compared) -> Clause | None:
    """None where no metric can match."""
    if condition.text.lower() == "nan":
        return {"=": ("value IS NULL", ()), "!=": ("value IS NOT NULL", ())}.get(condition.operator)
    if condition.number is None or condition.operator == "~":
        return None
    return f"value {_known(condition.operator)} ?", (condition.number,)


def _text(column: str, operator: str, text: str) -> Clause:
    assert column in {"title", "experiment", "note", "value", "run_id", "noted.title", "noted.body"}
    if operator == "~":
        return f"{column} LIKE ? ESCAPE '\\'", (f"%{escaped_for_like(text)}%",)
    return f"{column} {_known(operator)} ? COLLATE NOCASE", (text,)


def _in_notes(operator: str, text: str) -> Clause:
    """In MLflow's note, or in one of the dated notes on the run."""
    (of_mlflow, values), (titled, _), (written, _) = (
        _text(column, "=" if operator == "!=" else operator, text) for column in ("note", "noted.title", "noted.body")
    )
    dated = (
        "item.id IN (SELECT to_id FROM link JOIN item AS noted ON noted.id = from_id JOIN entry AS about "
        "ON about.item_id = noted.id WHERE about.type = 'note' AND noted.deleted_at IS NULL "
        f"AND ({titled} OR {written}))"
    )
    clause = f"{of_mlflow} OR {dated}"
    return (f"NOT ({clause})" if operator == "!=" else clause), values * 3


def _at(condition: At) -> Clause:
    column, first, behind = condition.column, stored(condition.first), stored(condition.behind)
    assert column in {"started_at", "ended_at"}
    match condition.operator:
        case "<":
            return f"{column} < ?", (first,)
        case "<=":
            return f"{column} < ?", (behind,)
        case ">=":
            return f"{column} >= ?", (first,)
        case ">":
            return f"{column} >= ?", (behind,)
        case "=":
            return f"{column} >= ? AND {column} < ?", (first, behind)
    return f"{column} < ? OR {column} >= ?", (first, behind)


def a_moment(moment: datetime) -> tuple[datetime, datetime]:
    """`first` and `behind` of one moment."""
    return moment, moment + timedelta(microseconds=1)


def _with_why(text: str) -> Clause:
    if not text:
        return HAS_WHY, ()
    pattern = f"%{escaped_for_like(text)}%"
    tested = _tested("(entry.why LIKE ? ESCAPE '\\' OR tried.title LIKE ? ESCAPE '\\')")
    return f"note LIKE ? ESCAPE '\\' OR {tested}", (pattern,) * 3


def _tested(condition: str) -> str:
    return (
        "item.id IN (SELECT from_id FROM link JOIN entry ON entry.item_id = to_id JOIN item AS tried "
        f"ON tried.id = to_id WHERE relation = 'tests' AND tried.deleted_at IS NULL AND {condition})"
    )


def _tagged(name: str, value: str | None) -> Clause:
    if value is not None:
        told = "item.id IN (SELECT item_id FROM run_tag WHERE key = ? AND value = ? COLLATE NOCASE)"
        return told, (name, value)
    return (
        "item.id IN (SELECT item_id FROM tag WHERE name = lower(?)) "
        "OR item.id IN (SELECT item_id FROM run_tag WHERE key = ?)",
        (name, name),
    )


def _linked(other: str, values: tuple[object, ...]) -> Clause:
    """Linked either way to the `other`, by itself or through what it tests."""
    ends = (
        f"SELECT from_id FROM link JOIN item AS other ON other.id = to_id WHERE {other} "
        f"UNION SELECT to_id FROM link JOIN item AS other ON other.id = from_id WHERE {other}"
    )
    return (
        f"item.id IN ({ends}) OR item.id IN (SELECT from_id FROM link WHERE relation = 'tests' AND to_id IN ({ends}))",
        values * 4,
    )
