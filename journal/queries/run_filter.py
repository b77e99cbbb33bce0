"""A filter of runs as a person types it, understood. Pure, and it cannot fail.

    lr<1e-3 and (validation/accuracy>.99 or tag:amp)        optimizer=adam OR optimizer=sgd
    0.1<lr<=0.5             lr in (0.1, 0.3)                status not in (failed, killed)
    not status:failed     -why:     name:linear experiment:mnist started>-7d took>1h paper:p3 is:archived

A name before < <= > >= = != ~ (contains) is a parameter or a metric, unless it is a column of the list;
`param:lr` and `metric:lr` say which. What is a number compares as one: 9 < 10, and 1e-3 = 0.001. A metric
that is NaN matches nothing but `=nan`. A day is all of it: `started>2026-11-01` is from the 2nd on. Plain words
and "phrases" are searched as everywhere; everything beside each other must hold, AND binds closer than OR, and
AND, OR and NOT may be in lower case. What is not understood is left out, and said in a sentence; what has the look
of an operator is never a word, unless it is in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from journal.queries.fields import encodable, shown
from journal.queries.run_conditions import AllOf, Has, Node, Not, OneOf
from journal.queries.run_filter_terms import FIELDS, TURNED, Outcome, comparison, field, named_by, of_named, words

_LONGEST = 4_000  # characters; a filter of a megabyte is a file that was pasted
_MOST_TERMS = 100
_DEEPEST = 20  # parentheses within each other

_VALUE = r"""(?:"[^"]*(?:"|$)|'[^']*'|\[[^\]]*\]|\([^()]*\)|[^\s()"]+)"""
_OPERATOR = r"(?:<=|>=|!=|==|[<>=~])"
_NAME = r"""(?:"[^"]+"|[^\s()"<>=!~]++)"""
_TOKEN = re.compile(
    rf"""
    (?P<low>(?!-[^\d.]){_NAME})\s*(?P<above>[<>]=?)\s*(?P<between>{_NAME})\s*(?P<below>[<>]=?)\s*(?P<high>{_VALUE})
    | (?P<among>(?!-){_NAME})\s+(?P<out>not\s+)?in\s*(?P<members>\([^()]*\)?|\[[^\]]*\]?)
    | (?P<open>\() | (?P<close>\))
    | (?P<not>-(?=[^\s)])(?!\.?\d[^\s()<>]*+\s*[<>]) | NOT(?=[\s(]|$))
    | (?P<and>AND(?=[\s()]|$)) | (?P<or>OR(?=[\s()]|$))
    | (?P<forced>param|metric):(?P<key>{_NAME})
        (?:\s*(?P<by>{_OPERATOR})(?:\s+(?!(?:AND|OR|NOT)(?:[\s()]|$)))?(?P<given>{_VALUE})?)?
    | (?P<field>{"|".join(FIELDS)}):(?P<asked>{_VALUE})?
    | (?P<name>{_NAME})\s*(?P<operator>{_OPERATOR})(?:\s+(?!(?:AND|OR|NOT)(?:[\s()]|$)))?(?P<value>{_VALUE})?
    | "(?P<phrase>[^"]*)(?:"|$) | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MEMBER = re.compile(r"""\"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,"']+""")
_OTHER_FIELD = re.compile(r"([A-Za-z_]+):(?!//)\S*")
_NO_VALUE = re.compile(r"[=~]|[<>!]+(?=[-+.\d]|$)")  # what `lr=<0.1` or `lr => 0.1` has behind its first operator
_NO_WORD = re.compile(r"[<>=~!]|.*(?:[≤≥≠≈]|\|\||&&|\w\|\w)", re.DOTALL)
_OPERATORS = "operators are < <= > >= = != and ~ (contains), and OR, AND and NOT"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A sentence about what could not be honoured as it was written, and where that begins."""

    sentence: str
    position: int


@dataclass(frozen=True, slots=True)
class RunFilter:
    """A filter, understood; `node` is None where it takes every run."""

    node: Node | None = None
    unclear: tuple[Unclear, ...] = ()

    @property
    def why_unclear(self) -> str:
        """What could not be honoured, as one text; '' where all of it is."""
        return " ".join(each.sentence for each in self.unclear)

    def narrowed(self, other: RunFilter) -> RunFilter:
        """What both leave."""
        nodes = tuple(each.node for each in (self, other) if each.node is not None)
        return RunFilter(_joined(AllOf, nodes), (*self.unclear, *other.unclear))


@dataclass(frozen=True, slots=True)
class _Token:
    """A sign (`(`, `)`, `not`, `and`, `or`) or a term, which is a node or was left out."""

    sign: str
    position: int
    node: Node | None = None


def parse_run_filter(text: str, *, now: datetime | None = None, is_typing: bool = False) -> RunFilter:
    """`text` understood; `is_typing` makes the last word a prefix, and says nothing yet about what it ends with."""
    parsing = _Parsing(encodable(text), now or datetime.now(UTC), is_typing)
    node = parsing.run()
    return RunFilter(node, tuple(dict.fromkeys(parsing.unclear)))


class _Parsing:
    """One filter on its way to a tree: tokens, then parentheses made whole, then what binds closer first."""

    def __init__(self, text: str, now: datetime, is_typing: bool) -> None:
        self._text, self._now, self._is_typing = text[:_LONGEST], now, is_typing
        self.unclear: list[Unclear] = []
        self._tokens: list[_Token] = []
        self._next = 0
        if len(text) > _LONGEST:
            self._say(f"Only the first {_LONGEST:,} characters of the filter are read.", _LONGEST - 1)

    def run(self) -> Node | None:
        self._tokens = self._whole(self._tokenized())
        return self._either()

    def _say(self, sentence: str, position: int, *, end: int | None = None) -> None:
        if not (self._is_typing and end is not None and end >= len(self._text)):
            self.unclear.append(Unclear(sentence, position))

    # ---------------------------------------------------------------- tokens

    def _tokenized(self) -> list[_Token]:
        tokens: list[_Token] = []
        terms = 0
        for match in _TOKEN.finditer(self._text):
            sign = next((sign for sign in ("open", "close", "not", "and", "or") if match[sign] is not None), "")
            if not sign:
                terms += 1
            if terms > _MOST_TERMS:
                self._say(f"Only the first {_MOST_TERMS} conditions are taken.", match.start())
                break
            tokens.append(_Token(sign, match.start(), None if sign else self._term(match)))
        return tokens

    def _term(self, match: re.Match[str]) -> Node | None:
        outcome = self._read(match)
        if not isinstance(outcome, str):
            return outcome
        self._say(f"{shown(match[0])} is left out: {outcome}.", match.start(), end=match.end())
        return None

    def _read(self, match: re.Match[str]) -> Node | str:
        if match["between"]:
            return self._between(match)
        if match["among"]:
            return self._among(match)
        if match["forced"]:
            named = named_by(match["forced"], _bare(match["key"]))
            if not match["by"]:
                return Has(named)
            return self._valued(match["given"]) or of_named(named, match["by"], _bare(match["given"]))
        if match["field"]:
            return field(match["field"].lower(), _bare(match["asked"] or ""), self._now)
        if match["name"]:
            if reason := self._valued(match["value"]):
                return reason
            return comparison(_bare(match["name"]), match["operator"], _bare(match["value"]), self._now)
        if match["phrase"] is not None:
            return words(match["phrase"].replace("*", " "), is_prefix=False)
        return self._word(match)

    def _valued(self, value: str | None) -> str:
        """Why this is no value to compare with; '' for one that is."""
        if not value:
            return "it lacks a value"
        return f"{_OPERATORS}; in quotes, it is a value" if _NO_VALUE.match(value) else ""

    def _between(self, match: re.Match[str]) -> Node | str:
        """`0.1<lr<0.5`: both hold."""
        name = _bare(match["between"])
        return _all_or_reason(
            AllOf,
            (
                comparison(name, TURNED[match["above"]], _bare(match["low"]), self._now),
                comparison(name, match["below"], _bare(match["high"]), self._now),
            ),
        )

    def _among(self, match: re.Match[str]) -> Node | str:
        """`lr in (0.1, 0.3)`: one of these."""
        values = [_bare(value) for value in _MEMBER.findall(match["members"].strip("()[]"))]
        if not values:
            return "it lacks values, as in lr in (0.1, 0.3)"
        equal = [comparison(_bare(match["among"]), "=", value, self._now) for value in values[:_MOST_TERMS]]
        node = _all_or_reason(OneOf, equal)
        return Not(node) if match["out"] and not isinstance(node, str) else node

    def _word(self, match: re.Match[str]) -> Outcome:
        word = match["word"]
        is_last = match.end() == len(self._text)
        if _NO_WORD.match(word):
            return f"{_OPERATORS}; in quotes, it is words"
        if other := _OTHER_FIELD.fullmatch(word):
            name = other[1]
            self._say(
                f"{shown(word)} is no more than words: there is no {name}: here. A parameter or metric is written "
                f"{name}=… or {name}<…",
                match.start(),
                end=match.end(),
            )
        return words(word, is_prefix=word.endswith("*") or (self._is_typing and is_last))

    # ---------------------------------------------------------------- parentheses

    def _whole(self, tokens: Sequence[_Token]) -> list[_Token]:
        """Every parenthesis with its other half, and none deeper than it may be."""
        kept: list[_Token] = []
        opened: list[_Token] = []
        for token in tokens:
            if token.sign == "open":
                opened.append(token)
            if token.sign == "close" and not opened:
                self._say("A closing parenthesis is left out: none is open.", token.position)
                continue
            if token.sign not in {"open", "close"} or len(opened) <= _DEEPEST:
                kept.append(token)
            else:
                self._say(f"Parentheses deeper than {_DEEPEST} are left out.", opened[_DEEPEST].position)
            if token.sign == "close":
                opened.pop()
        if opened:
            self._say("A parenthesis is not closed.", opened[-1].position, end=len(self._text))
        kept += [_Token("close", len(self._text))] * min(len(opened), _DEEPEST)
        return kept

    # ---------------------------------------------------------------- the tree

    def _sign(self) -> str | None:
        """The sign of the token that comes next, '' for a term, None at the end."""
        return self._tokens[self._next].sign if self._next < len(self._tokens) else None

    def _either(self) -> Node | None:
        parts = [self._both()]
        while self._sign() == "or":
            token = self._tokens[self._next]
            self._next += 1
            parts.append(self._both())
            if None in parts[-2:] and not self.unclear:  # else it was said what is missing
                self._say("OR has nothing to choose between.", token.position, end=self._end_of(token, 2))
        return _joined(OneOf, [part for part in parts if part is not None])

    def _both(self) -> Node | None:
        parts: list[Node] = []
        joining: _Token | None = None  # an AND that still waits for what it joins
        begins = self._next
        while (sign := self._sign()) not in {None, "or", "close"}:
            if sign == "and":
                joining = self._tokens[self._next]
                if self._next == begins:
                    self._say("AND has nothing before it.", joining.position, end=self._end_of(joining, 3))
                self._next += 1
                continue
            joining = None
            if (part := self._one()) is not None:
                parts.append(part)
        if joining is not None:
            self._say("AND has nothing behind it.", joining.position, end=self._end_of(joining, 3))
        return _joined(AllOf, parts)

    def _one(self) -> Node | None:
        is_not = False
        token = self._tokens[self._next]
        while self._sign() == "not":
            token, is_not = self._tokens[self._next], not is_not
            self._next += 1
        node: Node | None = None
        if self._sign() == "open":
            self._next += 1
            node = self._either()
            self._next += 1  # its other half
        elif self._sign() == "":
            node = self._tokens[self._next].node
            self._next += 1
        else:
            self._say("NOT has nothing behind it.", token.position, end=self._end_of(token, 3))
        return Not(node) if is_not and node is not None else node

    def _end_of(self, token: _Token, length: int) -> int:
        """Where a sign ends, with the blanks behind it: what is being typed goes on there."""
        rest = self._text[token.position + length :]
        return len(self._text) if not rest.strip(" ()") else token.position + length


def _all_or_reason(kind: type[AllOf | OneOf], outcomes: Sequence[Outcome]) -> Node | str:
    """The outcomes as one, or why the first that makes no sense makes none."""
    reason = next((outcome for outcome in outcomes if isinstance(outcome, str)), None)
    if reason is not None:
        return reason
    node = _joined(kind, [outcome for outcome in outcomes if not isinstance(outcome, str)])
    return "it lacks a value" if node is None else node


def _joined(kind: type[AllOf | OneOf], parts: Sequence[Node]) -> Node | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return kind(tuple(parts))


def _bare(text: str) -> str:
    """Without the quotes around it."""
    if text[:1] == '"':
        return text[1:].removesuffix('"')
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
