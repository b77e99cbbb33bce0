"""What a person types into a search box, turned into a query. Pure, and it cannot fail.

Words must all match; `"a phrase"` matches as it stands; `word*` is a prefix; and fields narrow down:
`kind:paper tag:todo author:hinton cat:cs.LG since:7d run:r3 metric:validation/accuracy>0.99`. `-` before
a word or a field means that it must not match; `a OR b` takes either, words and fields alike; several
kinds mean any of them. What is no field of ours, or has a value that makes no sense, is searched as
words: nothing a person types is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from journal.queries.conditions import AnyOf, OfKind, Term, Words
from journal.queries.fields import FIELDS, condition_of, quoted

_TOKEN = re.compile(
    rf"""
    (?P<minus>-)?
    (?:(?P<name>{"|".join(FIELDS)}):)?
    (?:"(?P<phrase>[^"]*)(?:"|$) | (?P<word>\S+))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MOST_TERMS = 64


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search, understood: what all of it asks for, as a valid FTS5 expression and as groups of terms."""

    match: str | None = None
    all_of: tuple[AnyOf, ...] = ()

    @property
    def ranked_by(self) -> str | None:
        """The words by which the results are ranked: those that all must hold, else those that some may."""
        words = [term.condition for group in self.all_of for term in group if not term.is_not]
        either = [condition.expression for condition in words if isinstance(condition, Words)]
        return self.match or " OR ".join(either) or None

    @property
    def is_empty(self) -> bool:
        return self.match is None and not self.all_of


def parse_search(text: str, *, now: datetime | None = None, is_typing: bool = False) -> SearchQuery:
    """`text` understood; `is_typing` makes the last word a prefix, for search as one types."""
    moment = now or datetime.now(UTC)
    tokens = list(_TOKEN.finditer(_encodable(text)))[:_MOST_TERMS]
    groups: list[list[Term]] = []
    can_join = joins = False  # whether an OR may follow, and whether one came just before
    for position, token in enumerate(tokens):
        is_last = position == len(tokens) - 1
        if token["word"] == "OR" and not token["minus"] and not token["name"]:
            joins = can_join and not is_last
            continue
        term = _term(token, moment, is_prefix=is_typing and is_last and token["phrase"] is None)
        if term is not None and joins:
            groups[-1].append(term)
        elif term is not None:
            groups.append([term])
        can_join, joins = term is not None, False
    return _query(groups)


def _encodable(text: str) -> str:
    """Without what SQLite cannot take: NUL ends its strings, lone surrogates have no UTF-8."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _term(token: re.Match[str], now: datetime, *, is_prefix: bool) -> Term | None:
    """None where the tokenizer would find no word in it."""
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    is_not = token["minus"] is not None
    if token["name"]:
        condition = condition_of(token["name"].lower(), text, now)
        if condition is not None:
            return Term(condition, is_not)
    starts_word = token["phrase"] is None and text.endswith("*")
    name = f"{token['name']}:" if token["name"] else ""
    words = quoted(name + text, is_prefix=is_prefix or starts_word)
    return Term(Words(words), is_not) if words is not None else None


def _query(groups: list[list[Term]]) -> SearchQuery:
    """`groups` as few conditions: words together in one expression, and kinds in one group."""
    wanted: list[str] = []
    unwanted: list[str] = []
    kinds: list[Term] = []
    others: list[AnyOf] = []
    for group in groups:
        words = [term.condition.expression for term in group if isinstance(term.condition, Words) and not term.is_not]
        first = group[0]
        if len(words) == len(group):
            wanted.append(_any_of(words))
        elif len(group) > 1:
            others.append(tuple(group))
        elif isinstance(first.condition, Words):
            unwanted.append(first.condition.expression)
        elif isinstance(first.condition, OfKind) and not first.is_not:
            kinds.append(first)
        else:
            others.append((first,))
    if kinds:
        others.append(tuple(kinds))
    if unwanted:
        others.append((Term(Words(_any_of(unwanted)), is_not=True),))
    return SearchQuery(match=" AND ".join(wanted) or None, all_of=tuple(others))


def _any_of(expressions: list[str]) -> str:
    return expressions[0] if len(expressions) == 1 else f"({' OR '.join(expressions)})"
