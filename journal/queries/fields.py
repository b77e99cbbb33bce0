"""The fields of a search, `name:value`, understood. Pure; what makes no sense is None."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta

from journal.attributes import known_name
from journal.errors import BadRef
from journal.queries.conditions import (
    Answered,
    Condition,
    InCategory,
    InState,
    Judged,
    LinkedTo,
    MetricCondition,
    OfKind,
    OfType,
    OnAttribute,
    Open,
    Since,
    Tagged,
    Words,
)
from journal.refs import kind_of, parse_ref
from journal.types import EntryType, Kind, PaperState, Verdict

FIELDS = (
    "kind", "tag", "author", "au", "cat", "state", "since", "run", "metric", "type", "is", "verdict", "attribute",
)  # fmt: skip

_TAKES = {
    "kind": f"a kind is {', '.join([*Kind][:-1])} or {[*Kind][-1]}",
    "tag": "tag: takes a tag such as todo",
    "author": "author: takes a name such as hinton",
    "au": "au: takes a name such as hinton",
    "cat": "cat: takes a category such as cs.LG",
    "state": f"a state is {', '.join([*PaperState][:-2])} or {[*PaperState][-2]}",
    "since": "since: takes a day (2026-11-20) or an age (12h, 7d, 2w, 3m, 1y)",
    "run": "run: takes a run such as r3",
    "metric": "metric: takes a name, one of < <= = >= > and a number, such as test/accuracy>0.99",
    "type": f"a type is {', '.join([*EntryType][:-1])} or {[*EntryType][-1]}",
    "is": "is: takes open or answered",
    "verdict": f"a verdict is {', '.join([*Verdict][:-1])} or {[*Verdict][-1]}",
    "attribute": "attribute: takes an attribute such as schedule",
}
_STANDINGS: dict[str, Condition] = {"open": Open(), "answered": Answered()}
_LONGEST_SHOWN = 60
_METRIC = re.compile(r"(?P<key>[^<>=!]+)(?P<operator><=|>=|==?|<|>)(?P<value>.+)")
_AGO = re.compile(r"(?P<count>\d{1,5})(?P<unit>[hdwmy])", re.ASCII)
_HOURS_OF_UNIT = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


def condition_of(name: str, value: str, now: datetime) -> Condition | None:
    """What the field `name` (in lower case) asks for, or None where its value makes no sense."""
    if name == "kind":
        kind = kind_of(value)
        return OfKind(kind) if kind is not None else None
    if name == "tag":
        tag = value.strip().lstrip("#").lower()
        return Tagged(tag) if tag else None
    if name in {"author", "au"}:  # rules and reasons have it short
        author = quoted(value, is_prefix=value.endswith("*"))
        return Words(f"people : {author}") if author is not None else None
    if name == "cat":
        return InCategory(value) if value.strip() else None
    if name == "state":
        return InState(PaperState(value.lower())) if value.lower() in PaperState.__members__ else None
    if name == "since":
        since = parse_since(value, now)
        return Since(since) if since is not None else None
    if name == "run":
        return _linked_to_run(value)
    if name in {"type", "is", "verdict", "attribute"}:
        return _of_entry(name, value.strip().lower())
    return _metric_condition(value)


def not_understood(written: str, name: str) -> str:
    """The sentence about a field `name` that was written without sense."""
    return f"{shown(written)} is not understood and searched as words: {_TAKES[name]}."


def encodable(text: str) -> str:
    """Without what SQLite cannot take: NUL ends its strings, lone surrogates have no UTF-8."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def shown(written: str) -> str:
    """What a person wrote, short enough for a sentence."""
    return written if len(written) <= _LONGEST_SHOWN else written[: _LONGEST_SHOWN - 1] + "…"


def quoted(words: str, *, is_prefix: bool = False) -> str | None:
    """`words` as one FTS5 phrase, quotes doubled, or None where the tokenizer would find no word in it."""
    if not any(is_token_character(character) for character in words):
        return None
    phrase = '"' + words.replace('"', '""') + '"'
    return f"{phrase}*" if is_prefix and is_token_character(words.rstrip("*")[-1:]) else phrase


def is_token_character(character: str) -> bool:
    """As unicode61 sees it, with '_' added: letters, numbers and private use."""
    return character == "_" or (character != "" and unicodedata.category(character)[0] in "LN")


def parse_since(text: str, now: datetime) -> datetime | None:
    """A day of this machine's clock (`2026-11-20`) or an age (`12h`, `7d`, `2w`, `3m`, `1y`); None for neither."""
    if match := _AGO.fullmatch(text.lower()):
        try:
            return now - timedelta(hours=int(match["count"]) * _HOURS_OF_UNIT[match["unit"]])
        except OverflowError:
            return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # OSError: a year that this machine's clock does not know
        return None


def _of_entry(name: str, value: str) -> Condition | None:
    if name == "type":
        return OfType(EntryType(value)) if value in EntryType.__members__ else None
    if name == "verdict":
        return Judged(Verdict(value)) if value in Verdict.__members__ else None
    if name == "attribute":
        attribute = known_name(value)
        return OnAttribute(attribute) if attribute is not None else None
    return _STANDINGS.get(value)


def _linked_to_run(text: str) -> LinkedTo | None:
    try:
        ref = parse_ref(text)
    except BadRef:
        return None
    return LinkedTo(ref) if ref.kind is Kind.run else None


def _metric_condition(text: str) -> MetricCondition | None:
    match = _METRIC.fullmatch(text)
    if match is None:
        return None
    try:
        value = float(match["value"])
    except ValueError:
        return None
    return None if math.isnan(value) else MetricCondition(match["key"], match["operator"].replace("==", "="), value)
