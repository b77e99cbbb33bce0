"""What a person types into a search box, turned into a query. Pure, and it cannot fail.

Words must all match; `"a phrase"` matches as it stands; `word*` is a prefix; and fields narrow down:
`kind:paper tag:todo author:hinton cat:cs.LG since:7d run:r3 metric:validation/accuracy>0.99`, and in the diary
`type:question is:open verdict:kept attribute:schedule`. `-` before a word or a field means that it must not match;
`a OR b` takes either, words and fields alike; several kinds mean any of them. What is no field of ours, or has a
value that makes no sense, is searched as words, and said in a sentence: nothing a person types is an error, and
nothing is passed over silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from journal.queries.conditions import AnyOf, OfKind, Term, Words
from journal.queries.fields import FIELDS, condition_of, encodable, is_token_character, not_understood, quoted, shown

_TOKEN = re.compile(
    rf"""
    (?P<minus>-)?
    (?:(?P<name>{"|".join(FIELDS)}):)?
    (?:"(?P<phrase>[^"]*)(?:"|$) | (?P<word>\S+))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIELD_WITHOUT_VALUE = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_FIELD_IN_PARENTHESIS = re.compile(rf"\(+-?({'|'.join(FIELDS)}):", re.IGNORECASE)
_MOST_TERMS = 64


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search, understood: what all of it asks for, as a valid FTS5 expression and as groups of terms.

    `unclear` has a sentence for each thing that could not be honoured as it was written.
    """

    match: str | None = None
    all_of: tuple[AnyOf, ...] = ()
    unclear: tuple[str, ...] = ()

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
    every = list(_TOKEN.finditer(encodable(text)))
    tokens = every[:_MOST_TERMS]
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
    query = _query(groups)
    unclear = [sentence for token in tokens for sentence in _unclear_field(token, moment)]
    unclear += _unclear_marks(tokens[:-1] if is_typing else tokens, is_all=query.is_empty)
    if len(every) > _MOST_TERMS:
        unclear.append(f"Only the first {_MOST_TERMS} words are searched.")
    return replace(query, unclear=tuple(dict.fromkeys(unclear)))


def _unclear_field(token: re.Match[str], now: datetime) -> Iterator[str]:
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    if token["name"] and condition_of(token["name"].lower(), text, now) is None:
        yield not_understood(token[0], token["name"].lower())
    elif match := _FIELD_WITHOUT_VALUE.fullmatch(token["word"] or ""):
        yield not_understood(token[0], match[1].lower())


def _unclear_marks(tokens: Sequence[re.Match[str]], *, is_all: bool) -> Iterator[str]:
    """Punctuation that a person may have meant as an operator. In plain words, a title say, it means nothing."""
    has_operator = any(_is_operator(token) for token in tokens)
    for token in tokens:
        if (has_operator or is_all) and token["name"] is None and _words(token) is None:
            yield f"{shown(token[0])} has no letter or digit to search for, and is left out."
        if has_operator and token["name"] is None and (token["word"] or "").startswith("("):
            yield "Parentheses group nothing here: OR takes either of the two beside it, and all else must match."


def _is_operator(token: re.Match[str]) -> bool:
    is_field = token["name"] is not None or _FIELD_IN_PARENTHESIS.match(token["word"] or "") is not None
    return is_field or token["minus"] is not None or token["word"] == "OR"


def searched_words(text: str, *, is_typing: bool = False) -> tuple[str, ...]:
    """The words and phrases that a search asks for, as `highlighting` takes them: no fields, none unwanted.

    `is_typing` makes the last word a prefix, as in `parse_search`.
    """
    found = []
    tokens = list(_TOKEN.finditer(encodable(text)))[:_MOST_TERMS]
    for token in tokens:
        words = token["phrase"] if token["phrase"] is not None else token["word"]
        if token["minus"] or token["name"] or words == "OR":
            continue
        if token["phrase"] is not None:
            words = words.replace("*", " ")  # a phrase has no prefix: a `*` in it is a character
        elif is_typing and token is tokens[-1]:
            words += "*"
        found.append(words)
    return tuple(words for words in found if any(is_token_character(character) for character in words))


def _term(token: re.Match[str], now: datetime, *, is_prefix: bool) -> Term | None:
    """None where the tokenizer would find no word in it."""
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    is_not = token["minus"] is not None
    if token["name"]:
        condition = condition_of(token["name"].lower(), text, now)
        if condition is not None:
            return Term(condition, is_not)
    words = _words(token, is_prefix=is_prefix)
    return Term(Words(words), is_not) if words is not None else None


def _words(token: re.Match[str], *, is_prefix: bool = False) -> str | None:
    """All of it but the minus as one FTS5 phrase."""
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    starts_word = token["phrase"] is None and text.endswith("*")
    name = f"{token['name']}:" if token["name"] else ""
    return quoted(name + text, is_prefix=is_prefix or starts_word)


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
