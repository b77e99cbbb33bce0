"""What a person types into a search box, turned into a query. Pure, and it cannot fail.

Words must all match; `"a phrase"` matches as it stands; `-word` must not match; `a OR b` takes
either; `word*` is a prefix; and fields narrow down: `kind:paper tag:todo author:hinton cat:cs.LG
since:7d run:r3 metric:validation/accuracy>0.99`. What is no field of ours, or has a value that makes
no sense, is searched as words: nothing a person types is an error.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from journal.errors import BadRef
from journal.refs import kind_of, parse_ref
from journal.types import Kind, Ref

_TOKEN = re.compile(
    r"""
    (?P<minus>-)?
    (?:(?P<name>kind|tag|author|cat|since|run|metric):)?
    (?:"(?P<phrase>[^"]*)(?:"|$) | (?P<word>\S+))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_METRIC = re.compile(r"(?P<key>[^<>=]+?)(?P<operator><=|>=|=|<|>)(?P<value>.+)")
_AGO = re.compile(r"(?P<count>\d{1,5})(?P<unit>[hdwmy])", re.ASCII)
_HOURS_OF_UNIT = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}
_MOST_TERMS = 64


@dataclass(frozen=True, slots=True)
class MetricCondition:
    """`metric:KEY>VALUE`; `operator` is one of < <= = >= >."""

    key: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search, understood. `match` and `exclude` are valid FTS5 expressions, or None."""

    match: str | None = None
    exclude: str | None = None
    kinds: frozenset[Kind] = frozenset()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: datetime | None = None
    runs: tuple[Ref, ...] = ()
    metrics: tuple[MetricCondition, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == SearchQuery()


@dataclass(slots=True)
class _Parts:
    """What has been understood so far."""

    wanted: list[list[str]] = field(default_factory=list)  # all of: any of
    unwanted: list[str] = field(default_factory=list)
    kinds: set[Kind] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    since: datetime | None = None
    runs: list[Ref] = field(default_factory=list)
    metrics: list[MetricCondition] = field(default_factory=list)


def parse_search(text: str, *, now: datetime | None = None, is_typing: bool = False) -> SearchQuery:
    """`text` understood; `is_typing` makes the last word a prefix, for search as one types."""
    parts = _Parts()
    tokens = list(_TOKEN.finditer(_encodable(text)))[:_MOST_TERMS]
    joins_next = False
    for position, token in enumerate(tokens):
        is_last = position == len(tokens) - 1
        if token["word"] == "OR" and not token["minus"] and not token["name"]:
            joins_next = bool(parts.wanted) and not is_last
            continue
        if token["name"] and not token["minus"] and _take_field(parts, token, now or datetime.now(UTC)):
            joins_next = False
            continue
        term = _term(token, is_prefix=is_typing and is_last and token["phrase"] is None)
        if term is None:
            continue
        if token["minus"]:
            parts.unwanted.append(term)
        elif joins_next:
            parts.wanted[-1].append(term)
        else:
            parts.wanted.append([term])
        joins_next = False
    return SearchQuery(
        match=" AND ".join(_any_of(alternatives) for alternatives in parts.wanted) or None,
        exclude=" OR ".join(parts.unwanted) or None,
        kinds=frozenset(parts.kinds),
        tags=tuple(parts.tags),
        categories=tuple(parts.categories),
        since=parts.since,
        runs=tuple(parts.runs),
        metrics=tuple(parts.metrics),
    )


def searched_words(text: str) -> tuple[str, ...]:
    """The words and phrases that a search asks for, as `highlighting` takes them: no fields, none unwanted."""
    found = []
    for token in list(_TOKEN.finditer(_encodable(text)))[:_MOST_TERMS]:
        words = token["phrase"] if token["phrase"] is not None else token["word"]
        if not token["minus"] and not token["name"] and words != "OR":
            # A phrase has no prefix: a `*` in it is a character.
            found.append(words if token["phrase"] is None else words.replace("*", " "))
    return tuple(words for words in found if any(_is_token_character(character) for character in words))


def _encodable(text: str) -> str:
    """Without what SQLite cannot take: NUL ends its strings, lone surrogates have no UTF-8."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _any_of(alternatives: list[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"


def _term(token: re.Match[str], *, is_prefix: bool) -> str | None:
    """An FTS5 string that is always valid: quoted, quotes doubled."""
    word = token["phrase"] if token["phrase"] is not None else token["word"]
    starts_word = token["phrase"] is None and word.endswith("*")
    if token["name"]:
        word = f"{token['name']}:{word}"
    return quoted(word, is_prefix=is_prefix or starts_word)


def quoted(words: str, *, is_prefix: bool = False) -> str | None:
    """`words` as one FTS5 phrase, or None where the tokenizer would find no word in it."""
    if not any(_is_token_character(character) for character in words):
        return None
    phrase = '"' + words.replace('"', '""') + '"'
    return f"{phrase}*" if is_prefix and _is_token_character(words.rstrip("*")[-1:]) else phrase


def _is_token_character(character: str) -> bool:
    """As unicode61 sees it, with '_' added: letters, numbers and private use."""
    return character == "_" or (character != "" and unicodedata.category(character)[0] in "LN")


def _take_field(parts: _Parts, token: re.Match[str], now: datetime) -> bool:
    """Take `name:value` if the value makes sense."""
    name = token["name"].lower()
    value = token["phrase"] if token["phrase"] is not None else token["word"]
    if name == "kind":
        kind = kind_of(value)
        if kind is not None:
            parts.kinds.add(kind)
        return kind is not None
    if name == "tag":
        parts.tags.append(value.lower())
        return True
    if name == "author":
        author = quoted(value, is_prefix=value.endswith("*"))
        if author is not None:
            parts.wanted.append([f"people : {author}"])
        return author is not None
    if name == "cat":
        parts.categories.append(value)
        return True
    if name == "since":
        since = parse_since(value, now)
        parts.since = since or parts.since
        return since is not None
    if name == "run":
        try:
            parts.runs.append(parse_ref(value))
        except BadRef:
            return False
        return True
    condition = _metric_condition(value)
    if condition is not None:
        parts.metrics.append(condition)
    return condition is not None


def parse_since(text: str, now: datetime) -> datetime | None:
    """A day (`2026-11-20`) or an age (`12h`, `7d`, `2w`, `3m`, `1y`); None where it is neither."""
    if match := _AGO.fullmatch(text.lower()):
        try:
            return now - timedelta(hours=int(match["count"]) * _HOURS_OF_UNIT[match["unit"]])
        except OverflowError:
            return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _metric_condition(text: str) -> MetricCondition | None:
    match = _METRIC.fullmatch(text)
    if match is None:
        return None
    try:
        value = float(match["value"])
    except ValueError:
        return None
    return MetricCondition(match["key"], match["operator"], value)
