"""What is marked is what the full-text index found: SQLite itself is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.highlighting import find_words, highlighted
from journal.marks import Mark, MarkRole
from journal.queries.fulltext import parse_search, searched_words
from journal.stemming import stem, words_of

# As in schema/0001_journal.sql.
TOKENIZE = "porter unicode61 remove_diacritics 2 tokenchars '_'"
WORDS = [
    "distillation",
    "distilled",
    "distilling",
    "distill",
    "distilled-down",
    "students",
    "student's",
    "studies",
    "study",
    "Knowledge",
    "knowledge",
    "general",
    "generalization",
    "generalize",
    "universe",
    "university",
    "café",
    "Müller",
    "MULLER",
    "naïve",
    "batch_norm",
    "GPT-4",
    "2.5%",
    "running",
    "runs",
    "run",
    "caresses",
    "ponies",
    "ties",
    "cats",
    "agreed",
    "plastered",
    "bled",
    "motoring",
    "sing",
    "conflated",
    "troubling",
    "sized",
    "hopping",
    "tanned",
    "falling",
    "hissing",
    "fizzed",
    "failing",
    "filing",
    "happy",
    "sky",
    "relational",
    "conditional",
    "valenci",
    "rational",
    "digitizer",
    "conformabli",
    "radicalli",
    "vietnamization",
    "predication",
    "operator",
    "feudalism",
    "decisiveness",
    "hopefulness",
    "callousness",
    "formaliti",
    "sensitiviti",
    "sensibiliti",
    "triplicate",
    "formative",
    "formalize",
    "electriciti",
    "electrical",
    "hopeful",
    "goodness",
    "revival",
    "allowance",
    "inference",
    "airliner",
    "adjustable",
    "defensible",
    "irritant",
    "replacement",
    "adjustment",
    "dependent",
    "adoption",
    "communism",
    "activate",
    "angulariti",
    "homologous",
    "effective",
    "bowdlerize",
    "probate",
    "rate",
    "cease",
    "controll",
    "roll",
    "yes",
    "y",
    "by",
    "Ångström",
    "ØRSTED",
    "straße",
    "İstanbul",
    "你好",
    "résumés",
    "α-divergence",
    "x²",
    "½",
    "école",
    "ion",
    "s",
    "es",
    "ed",
    "ing",
    "eed",
    "ies",
]


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f'CREATE VIRTUAL TABLE text USING fts5 (body, tokenize = "{TOKENIZE}")')
    connection.execute("CREATE VIRTUAL TABLE word USING fts5vocab (text, 'instance')")
    yield connection
    connection.close()


def found_by_sqlite(index: sqlite3.Connection, text: str, query: str) -> str:
    index.execute("DELETE FROM text")
    index.execute("INSERT INTO text (body) VALUES (?)", (text,))
    row = index.execute("SELECT highlight(text, 0, '\x02', '\x03') FROM text WHERE text MATCH ?", (query,)).fetchone()
    return str(row[0]) if row else text


def found_by_us(text: str, *terms: str) -> str:
    marked, last = "", 0
    for mark in find_words(text, terms):
        marked += text[last : mark.start] + "\x02" + text[mark.start : mark.end] + "\x03"
        last = mark.end
    return marked + text[last:]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_the_stem_that_the_index_keeps(index: sqlite3.Connection, word: str):
    index.execute("DELETE FROM text")
    index.execute("INSERT INTO text (body) VALUES (?)", (word,))
    assert [found.stem for found in words_of(word)] == [
        row[0] for row in index.execute("SELECT term FROM word ORDER BY offset")
    ]


@given(
    st.text("abcdeilmnorstuvyz", min_size=1, max_size=14),
    st.sampled_from(["", "s", "es", "ies", "ed", "ing", "ation", "ness"]),
)
def test_any_word_has_the_stem_that_the_index_keeps(index: sqlite3.Connection, start: str, ending: str):
    index.execute("DELETE FROM text")
    index.execute("INSERT INTO text (body) VALUES (?)", (start + ending,))
    assert [stem(start + ending)] == [row[0] for row in index.execute("SELECT term FROM word")]


@given(
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    st.booleans(),
)
def test_what_is_marked_is_what_the_index_found(index: sqlite3.Connection, text: str, term: str, is_prefix: bool):
    query = '"' + term + '"' + ("*" if is_prefix else "")
    assert found_by_us(text, term + "*" * is_prefix) == found_by_sqlite(index, text, query)


@pytest.mark.parametrize(
    ("text", "term", "marked"),
    [
        ("Distilled students learn", "distillation", "[Distilled] students learn"),
        ("the knowledge, distilled", "knowledge distillation", "the [knowledge, distilled]"),
        ("knowledge and distillation", "knowledge distillation", "knowledge and distillation"),
        ("category cat cats", "cat", "category [cat] [cats]"),
        ("category cat cats", "cat*", "[category] [cat] [cats]"),
        ("Muller and MÜLLER", "müller", "[Muller] and [MÜLLER]"),
        ("anything", "", "anything"),
        ("anything", "*", "anything"),
    ],
)
def test_words_are_found_on_their_borders_whatever_their_ending(text: str, term: str, marked: str):
    assert found_by_us(text, term).replace("\x02", "[").replace("\x03", "]") == marked


def test_terms_that_overlap_make_one_mark():
    assert found_by_us("a b c d", "a b", "b c", "d") == "\x02a b c\x03 \x02d\x03"


def test_a_searched_word_shows_through_a_marked_sentence():
    text = "We propose distillation of graphs."
    pieces = highlighted(
        text, searched=["graph"], ranking=["distil*"], marks=[Mark(0, len(text), MarkRole.contribution)]
    )
    assert [(text[piece.start : piece.end], piece.role) for piece in pieces] == [
        ("We propose ", MarkRole.contribution),
        ("distillation", MarkRole.ranking),
        (" of ", MarkRole.contribution),
        ("graphs", MarkRole.match),
        (".", MarkRole.contribution),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('distil* "knowledge graph" -survey author:hinton kind:paper OR loss', ("distil*", "knowledge graph", "loss")),
        ('"no end', ("no end",)),
        ("-- : *", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_search_are_those_it_asks_for(query: str, words: tuple[str, ...]):
    assert searched_words(query) == words
    assert bool(parse_search(query).match) >= bool(words)


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=5))
def test_marks_lie_on_any_text_in_order(text: str, terms: list[str]):
    marks = find_words(text, terms)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
    assert all(one.end <= other.start for one, other in pairwise(marks))


def test_many_terms_on_a_long_text_are_found_in_one_pass():
    find_words("ab " * 60_000, ["ab " * count for count in range(1, 200)])
    find_words("a" * 200_000, ["a*"] * 500)


def test_while_it_is_typed_the_last_word_of_a_search_is_the_start_of_one():
    assert searched_words("deep distil", is_typing=True) == ("deep", "distil*")
    assert searched_words('deep "distil', is_typing=True) == ("deep", "distil")
    assert searched_words("distil cat:cs.LG", is_typing=True) == ("distil",)
    assert searched_words("", is_typing=True) == ()
