"""Notes in three passes: what was answered is kept, word for word; what was not leaves nothing behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.reading_notes import are_notes, body_of, document_of, merged, passes_in, title_of

ABOUT = "Notes on p1: Attention Is All You Need"


def answered(document: str, **answers: str) -> str:
    for name, answer in answers.items():
        line = f"\n{name.replace('_', ' ')}:\n"
        assert line in document
        document = document.replace(line, f"{line[:-1]} {answer}\n", 1)
    return document


def test_a_document_that_nobody_filled_in_keeps_nothing() -> None:
    assert body_of(document_of("", ABOUT), ABOUT) == ""
    assert ABOUT in document_of("", ABOUT)


def test_each_pass_asks_its_questions() -> None:
    document = document_of("", ABOUT)
    names = [line[:-1] for line in document.split("\n") if line.endswith(":") and not line.startswith("%%")]
    assert names == ["Category", "Context", "Correctness", "Contributions", "Clarity", "Content", "Figures", "To read",
                     "Made again", "Assumptions", "To try"]  # fmt: skip


def test_answers_are_kept_and_what_is_asked_next_is_the_rest() -> None:
    body = body_of(answered(document_of("", ABOUT), Category="a method", To_try="less data"), ABOUT)
    assert body == "## First pass\n\nCategory: a method\n\n## Third pass\n\nTo try: less data"
    again = document_of(body, ABOUT)
    assert "Category: a method\n\nContext:\n%% " in again
    assert body_of(answered(again, Content="it works"), ABOUT) == (
        "## First pass\n\nCategory: a method\n\n## Second pass\n\nContent: it works\n\n## Third pass\n\nTo try: less data"
    )


def test_what_is_written_anywhere_stays() -> None:
    document = document_of("", ABOUT)
    document = "On top.\n" + document.replace("Context:\n", "Context:\n- one\n\n  - two\n").replace(
        "## Second pass\n", "## Second pass\n%% a comment of my own\n| a | table |\n"
    )
    assert body_of(document, ABOUT) == (
        "On top.\n\n## First pass\n\nContext: - one\n\n  - two\n\n"
        "## Second pass\n\n%% a comment of my own\n| a | table |"
    )


def test_text_under_a_heading_that_was_taken_out_belongs_to_the_pass_before() -> None:
    document = answered(document_of("", ABOUT), Clarity="good").replace("## Second pass\n", "still the first\n")
    assert body_of(document, ABOUT) == "## First pass\n\nClarity: good\n\nstill the first"


def test_windows_line_ends_and_answered_names_in_other_letters_are_read() -> None:
    assert body_of("## first pass\r\n\r\ncategory:  a method\r\n", ABOUT) == "## First pass\n\nCategory: a method"


@pytest.mark.parametrize(
    ("body", "passes"),
    [
        ("", 0),
        ("a thought", 0),
        ("## First pass\n\nContext:", 0),
        ("## First pass\n\nContext: x", 1),
        ("## Third pass\n\nfree", 3),
        ("## First pass\n\nContext: x\n\n## Second pass\n\n", 1),
    ],
)
def test_how_far_reading_got_is_the_last_pass_with_a_text(body: str, passes: int) -> None:
    assert passes_in(body) == passes


def test_notes_are_known_by_their_title_or_their_headings() -> None:
    assert are_notes(title_of("Attention"), "")
    assert are_notes("Mine", "## First pass\n\nContext: x")
    assert not are_notes("Mine", "a thought")


_lines = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=30)
_bodies = st.lists(
    st.one_of(
        _lines,
        st.sampled_from(
            ["## First pass", "## Third pass", "Category: x", "clarity: z", "To try: y", "To try:", "", "%% x", "  y"]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(_bodies)
def test_opening_and_saving_again_changes_nothing(text: str) -> None:
    kept = body_of(text, ABOUT)
    assert body_of(document_of(kept, ABOUT), ABOUT) == kept
    assert body_of(document_of(text, ABOUT), ABOUT) == kept


def _words(text: str) -> list[str]:
    return text.replace(":", " ").split()


@given(_bodies)
def test_every_word_that_was_typed_is_kept(text: str) -> None:
    ours = {"## first pass", "## third pass"}
    names = {"to", "try", "category", "clarity"}  # a name that stands twice is told once, with both answers
    words = [word for line in text.lower().split("\n") if line.strip() not in ours for word in _words(line)]
    words = [word for word in words if word not in names]
    kept = _words(body_of(text, ABOUT).lower())
    assert all(kept.count(word) >= words.count(word) for word in words)


def test_two_windows() -> None:
    base, theirs, mine = "## First pass\n\na", "## First pass\n\na\n\n## Second pass\n\nb", "## First pass\n\nc"
    assert merged(base, theirs, mine) == "## First pass\n\nc\n\n## Second pass\n\nb"
    assert merged(base, "## First pass\n\nb", mine) == "## First pass\n\nb\n\nc"
    assert merged(base, mine, mine) == mine
