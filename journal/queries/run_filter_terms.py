"""One term of a filter of runs, `name:value` or `name<value`, understood. Pure; what makes no sense is said."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from journal.errors import BadRef
from journal.ids import ArxivId
from journal.queries.conditions import Words
from journal.queries.fields import parse_since, quoted, shown
from journal.queries.run_conditions import (
    WORDS_OF_BEING,
    At,
    Being,
    CameTo,
    Compared,
    Condition,
    InText,
    LinkedWith,
    Named,
    OfStatus,
    OnPaper,
    TaggedAs,
    Took,
    Within,
    WithWhy,
    a_moment,
)
from journal.refs import Identifier, parse_mention
from journal.types import Kind, Ref, RunStatus, Verdict

Outcome = Condition | str
"""What a term asks for, or the reason why it makes no sense."""

_DAY = re.compile(r"\d{4}-\d\d?-\d\d?")
_LENGTH = re.compile(
    r"(?:(?P<d>\d+(?:\.\d+)?)d)?(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)(?:m|min))?(?:(?P<s>\d+(?:\.\d+)?)s?)?",
    re.ASCII,
)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_OPERATOR = re.compile(r"<=|>=|!=|==|[<>=~]")

TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The other way round: `0.1<lr` is `lr>0.1`."""

_STATUSES = f"a status is {', '.join([*RunStatus][:-1])} or {[*RunStatus][-1]}"
_TIMES = "it takes a day (2026-11-20) or an age (12h, 7d, 2w, 3m, 1y), as in started>-7d"
_LENGTHS = "it takes a length such as 45s, 10min, 1h30m or 2d, as in took>1h"


def field(name: str, value: str, now: datetime) -> Outcome:
    """What `name:value` asks for; `name` is one of FIELDS."""
    return FIELDS[name](value, now)


def comparison(name: str, operator: str, value: str, now: datetime) -> Outcome:
    """What `name<value` asks for: of a column of the list or, where there is none of that name, of a parameter
    or metric."""
    operator = "=" if operator == "==" else operator
    if operator in TURNED and _number(name) is not None and _number(value) is None:
        name, operator, value = value, TURNED[operator], name
    source, colon, key = name.partition(":")
    if colon and source.lower() in {"param", "metric"}:
        return of_named(named_by(source, key), operator, value)
    if name.lower() in _TEXT_COLUMNS:
        if operator not in {"=", "!=", "~"}:
            return f"{name} is a text, which takes = != or ~ (contains)"
        return InText(_TEXT_COLUMNS[name.lower()], operator, value)
    if name.lower() in _TIME_COLUMNS:
        return _at(_TIME_COLUMNS[name.lower()], operator, value, now)
    if name.lower() == "took":
        return _took(operator, value, now)
    if name.lower() == "status":
        return _status_compared(operator, value)
    return of_named(Named(name), operator, value)


def named_by(source: str, key: str) -> Named:
    """What `param:lr` or `metric:lr` names."""
    return Named(key, *((True, False) if source.lower() == "param" else (False, True)))


def of_named(named: Named, operator: str, value: str) -> Outcome:
    """A parameter or a metric beside a value."""
    operator = "=" if operator == "==" else operator
    number = _number(value)
    if operator in {"<", "<=", ">=", ">"} and number is None:
        return f"{operator} compares with a number, and {shown(value)!r} is none"
    if operator == "~" and not named.is_param:
        return "~ looks into texts, and a metric is a number"
    return Compared(named, operator, value, number)


def words(text: str, *, is_prefix: bool) -> Outcome:
    """Plain words, as the full-text search takes them."""
    expression = quoted(text, is_prefix=is_prefix)
    return "it has no letter or digit to search for" if expression is None else Words(expression)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _status(value: str, now: datetime) -> Outcome:
    statuses = tuple(status for status in RunStatus if value and status.startswith(value.lower()))
    return OfStatus(statuses) if statuses else _STATUSES


def _status_compared(operator: str, value: str) -> Outcome:
    if operator not in {"=", "!="} or value.lower() not in RunStatus.__members__:
        return _STATUSES
    wanted = RunStatus(value.lower())
    return OfStatus(tuple(each for each in RunStatus if (each is wanted) == (operator == "=")))


def _text_field(column: str) -> Callable[[str, datetime], Outcome]:
    return lambda value, _: InText(column, "~", value) if value else "it takes a part of the text"


def _time_field(column: str) -> Callable[[str, datetime], Outcome]:
    def at(value: str, now: datetime) -> Outcome:
        operator, rest = _led_by_operator(value)
        is_age = not _DAY.match(rest)
        return _at(column, operator or (">=" if is_age else "="), rest, now)

    return at


def _led_by_operator(value: str) -> tuple[str, str]:
    """`>2026-11-01` in two, as others write started:>2026-11-01."""
    match = _OPERATOR.match(value)
    return (match[0], value[match.end() :]) if match else ("", value)


def _at(column: str, operator: str, value: str, now: datetime) -> Outcome:
    """A day is all of it: > is behind it, <= takes it in."""
    moment = parse_since(value.removeprefix("-"), now)
    if moment is None or operator == "~":
        return _TIMES
    try:
        first, behind = (moment, _next_day(value, now)) if _DAY.fullmatch(value) else a_moment(moment)
        return At(column, operator, first, behind) if first.year >= 1000 else _TIMES
    except OverflowError:
        return _TIMES


def _next_day(day: str, now: datetime) -> datetime:
    """When the day behind this one begins: one in which the clocks are changed has 23 or 25 hours."""
    after = date.fromisoformat(day) + timedelta(days=1)
    return parse_since(after.isoformat(), now) or datetime.max.replace(tzinfo=UTC)


def _took(operator: str, value: str, now: datetime) -> Outcome:
    match = _LENGTH.fullmatch(value.lower())
    if match is None or not any(match.groups()) or operator == "~":
        return _LENGTHS
    return Took(operator, sum(float(match[unit] or 0) * each for unit, each in _SECONDS.items()), now)


def _took_field(value: str, now: datetime) -> Outcome:
    operator, rest = _led_by_operator(value)
    return _took(operator or ">=", rest, now)


def _tag(value: str, now: datetime) -> Outcome:
    name, equals, text = value.removeprefix("#").partition("=")
    if not name.strip():
        return "it takes a tag such as todo, or one of MLflow with its value: tag:user=ada"
    return TaggedAs(name.strip(), text if equals else None)


def _being(value: str, now: datetime) -> Outcome:
    if value.lower() in WORDS_OF_BEING:
        return Being(value.lower())
    if value.lower() in RunStatus.__members__:
        return OfStatus((RunStatus(value.lower()),))
    return f"a run is {', '.join(WORDS_OF_BEING)}, or of a status such as vanished"


def _verdict(value: str, now: datetime) -> Outcome:
    if value.lower() in Verdict.__members__:
        return CameTo(Verdict(value.lower()))
    return f"a verdict is {', '.join([*Verdict][:-1])} or {[*Verdict][-1]}"


def _linked_field(kind: Kind) -> Callable[[str, datetime], Outcome]:
    def linked(value: str, now: datetime) -> Outcome:
        example = f"it takes {kind.named} such as {Ref(kind, 3)}"
        try:
            mention = parse_mention(value)
        except BadRef:
            return example
        if isinstance(mention, Ref) and mention.kind is kind:
            return Within(mention) if kind is Kind.run else LinkedWith(mention)
        if kind is Kind.paper and isinstance(mention, ArxivId):
            return OnPaper("arxiv", mention.id)
        if kind is Kind.paper and isinstance(mention, Identifier):
            return OnPaper(mention.scheme, mention.value)
        return example

    return linked


_TEXT_COLUMNS = {"name": "title", "experiment": "experiment", "note": "note"}
_TIME_COLUMNS = {"started": "started_at", "ended": "ended_at"}
FIELDS: dict[str, Callable[[str, datetime], Outcome]] = {
    **{name: _text_field(column) for name, column in _TEXT_COLUMNS.items()},
    **{name: _time_field(column) for name, column in _TIME_COLUMNS.items()},
    "since": _time_field("started_at"),
    "took": _took_field,
    "status": _status,
    "tag": _tag,
    "why": lambda value, _: WithWhy(value),
    "is": _being,
    "verdict": _verdict,
    **{str(kind): _linked_field(kind) for kind in (Kind.paper, Kind.entry, Kind.dataset, Kind.problem, Kind.run)},
}
