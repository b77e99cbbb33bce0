"""Whatever a person types is a valid search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import journal
from journal.queries.conditions import (
    Condition,
    InCategory,
    LinkedTo,
    MetricCondition,
    OfKind,
    Since,
    Tagged,
    Term,
    clauses_of,
)
from journal.queries.fields import parse_since
from journal.queries.fulltext import SearchQuery, parse_search
from journal.types import Kind, Ref

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STAMP = "2026-11-19 12:00:00.000000"


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for file in sorted((Path(journal.__file__).parent / "schema").glob("*.sql")):
        connection.executescript(file.read_text(encoding="utf-8"))
    keep(connection, 1, "Warm restarts for SGD", "Ilya Loshchilov; Frank Hutter", "cosine schedule c++ batch_no")
    keep(connection, 2, "Spiking networks", "Erwin Schrödinger", "warm water, not OR and nothing")
    keep(connection, 3, "2101.00001", "Jane O'Neil", "it's a foo-bar of AND", kind="entry")
    connection.executemany("INSERT INTO tag (item_id, name) VALUES (?, ?)", [(1, "a"), (2, "b"), (3, "a"), (3, "b")])
    connection.execute("INSERT INTO paper (item_id, state) VALUES (1, 'kept')")
    yield connection
    connection.close()


def keep(
    connection: sqlite3.Connection, number: int, title: str, people: str = "", body: str = "", *, kind: str = "paper"
) -> None:
    connection.execute(
        "INSERT INTO item (id, kind, number, uid, title, people, body, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, kind, number, f"{number:026}", title, people, body, STAMP, STAMP),
    )


def found(index: sqlite3.Connection, text: str, *, is_typing: bool = False) -> list[int] | None:
    """What the query selects, as plain SQL; None where it asks for nothing."""
    query = parse_search(text, now=NOW, is_typing=is_typing)
    if query.is_empty:
        return None
    conditions, values = clauses_of(query.all_of)
    if query.match is not None:
        conditions += " AND id IN (SELECT rowid FROM item_fts WHERE item_fts MATCH ?)"
        values = (*values, query.match)
    return [row[0] for row in index.execute(f"SELECT id FROM item WHERE 1 {conditions} ORDER BY id", values)]


words = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR", "(", ")", "*", "^", '"', "'", "+", "-", ":", "{", "}", "title:", "kind:", "author:", "cat:",
     "since:", "run:", "metric:", "tag:", "a", "c++", "\0", "\ud800", "²", "́", "-OR", 'author:"', "é*", "a*b", "--",
     "-tag:a", "-kind:paper", "-author:o*", "-since:7d", "-cat:cs.LG", "-run:r3", "-metric:loss<1", "kind:entry", "tag:b",
     'tag:"', "metric:a>b", "since:2026-13-45", "++"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(words, st.text(max_size=8)), max_size=12).map(" ".join) | st.text(max_size=60), st.booleans())
@example("OR OR OR", False)
@example('"', True)
@example("author:*", True)
@example("metric:a>1e999", False)
@example("since:99999y", False)
@example("OR -tag:a OR", True)
@example("-++ OR author:* OR -since:7d", False)
def test_no_text_is_an_error(index: sqlite3.Connection, text: str, is_typing: bool) -> None:
    found(index, text, is_typing=is_typing)


SENSIBLE = [
    "warm", '"warm water"', "spik*", "author:hutter", "tag:a", "tag:b", "state:kept", 'tag:"nobody"', "kind:paper", "kind:entry", "kind:run",
    "cat:cs.LG", "since:7d", "since:2026-11-20", "run:r1", "metric:loss<1",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=20))
def test_a_word_that_is_kept_is_found(index: sqlite3.Connection, text: str) -> None:
    index.execute("BEGIN")
    keep(index, 4, f"before {text} after")
    (unicode_is_older,) = index.execute(
        "SELECT count(*) = 0 FROM item_fts WHERE item_fts MATCH ?", ('"' + text + '"',)
    ).fetchone()
    if not unicode_is_older and text not in {"OR"}:
        assert 4 in (found(index, text) or [])
    index.execute("ROLLBACK")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SENSIBLE), st.sampled_from(SENSIBLE))
def test_not_is_what_is_left_and_or_is_both(index: sqlite3.Connection, one: str, other: str) -> None:
    everything = {1, 2, 3}
    first, second = set(found(index, one) or []), set(found(index, other) or [])
    assert set(found(index, f"-{one}") or []) == everything - first
    assert set(found(index, f"{one} OR {other}") or []) == first | second
    assert set(found(index, f"{one} OR -{other}") or []) == first | (everything - second)
    assert set(found(index, f"-{one} -{other}") or []) == everything - first - second
    assert set(found(index, f"{one} -{other}") or []) == first - second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("warm", [1, 2]),
        ("warm restarts", [1]),
        ('"warm restarts"', [1]),
        ('"restarts warm"', []),
        ("warm -spiking", [1]),
        ('warm -"warm water"', [1]),
        ("-warm", [3]),
        ("spiking OR restarts", [1, 2]),
        ("warm spiking OR restarts", [1, 2]),
        ("OR warm", [1, 2]),
        ("warm OR", [1, 2]),
        ("or", [2]),
        ("restar*", [1]),
        ("restarting", [1]),
        ("batch_no", [1]),
        ("batch", []),
        ("c++", [1]),
        ("it's", [3]),
        ("foo-bar", [3]),
        ("AND", [2, 3]),
        ("2101.00001", [3]),
        ("schrodinger", [2]),
        ("author:hutter", [1]),
        ("author:warm", []),
        ("au:hutter", [1]),
        ("state:kept", [1]),
        ("-state:Kept warm", [2]),
        ('author:"frank hutter" cosine', [1]),
        ("author:lo*", [1]),
        ("tag:a", [1, 3]),
        ("tag:#A", [1, 3]),
        ("warm -tag:a", [2]),
        ("-tag:a", [2]),
        ("-author:hutter warm", [2]),
        ("-kind:entry", [1, 2]),
        ("-since:7d", []),
        ("-since:2026-11-20", [1, 2, 3]),
        ("tag:a OR tag:b", [1, 2, 3]),
        ("tag:b OR restarts", [1, 2, 3]),
        ("restarts OR tag:b", [1, 2, 3]),
        ("kind:entry OR spiking", [2, 3]),
        ("warm tag:b OR author:hutter", [1, 2]),
        ("spiking OR -warm", [2, 3]),
        ("warm OR ++ spiking", [2]),
        ("warm ++ OR spiking", [2]),
        ("kind:paper kind:entry", [1, 2, 3]),
        ("kind:paper tag:b OR kind:entry", [2]),
        ("++", None),
        ("", None),
    ],
)
def test_each_operator_does_what_it_says(index: sqlite3.Connection, text: str, expected: list[int] | None) -> None:
    assert found(index, text) == expected


def test_the_last_word_is_a_prefix_while_typing(index: sqlite3.Connection) -> None:
    assert found(index, "warm rest", is_typing=True) == [1]
    assert found(index, "war restarts", is_typing=True) == []
    assert found(index, '"warm rest', is_typing=True) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind:paper", OfKind(Kind.paper)),
        ("KIND:p", OfKind(Kind.paper)),
        ("tag:Todo", Tagged("todo")),
        ("cat:cs.LG", InCategory("cs.LG")),
        ("run:r3", LinkedTo(Ref(Kind.run, 3))),
        ("since:2026-11-01", Since(datetime(2026, 11, 1).astimezone(UTC))),
        ("since:2d", Since(datetime(2026, 11, 18, 12, tzinfo=UTC))),
        ("metric:validation/accuracy>=0.99", MetricCondition("validation/accuracy", ">=", 0.99)),
        ("metric:loss==1", MetricCondition("loss", "=", 1.0)),
    ],
)
def test_fields_narrow_down(text: str, expected: Condition) -> None:
    assert parse_search(text, now=NOW) == SearchQuery(all_of=((Term(expected),),))
    assert parse_search(f"-{text}", now=NOW) == SearchQuery(all_of=((Term(expected, is_not=True),),))


@pytest.mark.parametrize(
    "text",
    [
        "kind:banana",
        "since:yesterday",
        "run:seven",
        "run:p1",
        "metric:loss",
        "metric:loss>low",
        "metric:loss>nan",
        "metric:a!=1",
    ],
)
def test_a_field_without_sense_is_searched_as_words(text: str) -> None:
    query = parse_search(text, now=NOW)
    assert query.match is not None
    assert query == SearchQuery(match=query.match, unclear=query.unclear)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("kind:paper -tag:a OR since:7d warm", []),
        ("kind:foo", ["kind:foo is not understood and searched as words: a kind is paper, run, entry,"]),
        (
            "warm since:xyz",
            ["since:xyz is not understood and searched as words: since: takes a day (2026-11-20) or an age"],
        ),
        ("-since:2026-13-45", ["-since:2026-13-45 is not understood"]),
        ("metric:foo>abc", ["metric:foo>abc is not understood and searched as words: metric: takes"]),
        ("kind: paper", ["kind: is not understood"]),
        ("run:seven metric:loss", ["run:seven is not understood", "metric:loss is not understood"]),
        ("run:seven run:seven", ["run:seven is not understood"]),
        ('author:"+" x', ['author:"+" is not understood']),
        ("warm OR ++", ["++ has no letter or digit to search for, and is left out."]),
        ("++", ["++ has no letter or digit"]),
        ("Deep learning - a survey", []),
        ("(tag:a OR tag:b) warm", ["Parentheses group nothing here"]),
        ("-(warm water)", ["Parentheses group nothing here"]),
        ("(warm water)", []),
        ("word " * 65, ["Only the first 64 words are searched."]),
        (f"kind:{'x' * 200}", [f"kind:{'x' * 54}… is not understood"]),
    ],
)
def test_what_is_not_understood_is_said(text: str, sentences: list[str]) -> None:
    unclear = parse_search(text, now=NOW).unclear
    assert [said[: len(begins)] for said, begins in zip(unclear, sentences, strict=True)] == sentences


def test_a_word_that_is_being_typed_is_not_complained_about(index: sqlite3.Connection) -> None:
    for text in ('"', "-", "warm -", "("):
        assert parse_search(text, now=NOW, is_typing=True).unclear == ()
    assert parse_search("kind:fo", now=NOW, is_typing=True).unclear != ()


def test_an_absurd_age_is_no_age() -> None:
    assert parse_since("99999y", NOW) is None
    assert parse_since("12h", NOW) == datetime(2026, 11, 20, 0, tzinfo=UTC)
    assert parse_since("2026-11-20T10:00:00+02:00", NOW) == datetime(2026, 11, 20, 8, tzinfo=UTC)
