"""What is marked in a text is seen in its lines, whatever the text and the width, and without colour too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from journal.marks import Mark, MarkRole
from tui.documents import Abstract, Document, InShort, Passage, Title
from tui.widgets.document import lines_of
from tui.widgets.marked_lines import legend, set_off, wrapped
from tui.widgets.rows import Cell

NEW, RESULT, NUMBER, MATCH = MarkRole.contribution, MarkRole.result, MarkRole.number, MarkRole.match
ABSTRACT = "Nets are slow. We prune them. Speed doubles to 9 ms. That is all."


def marked(text: str, *found: tuple[str, MarkRole]) -> Passage:
    return Passage(text, tuple(Mark(text.index(part), text.index(part) + len(part), role) for part, role in found))


SKIMMED = marked(ABSTRACT, ("We prune them.", NEW), ("Speed doubles to 9 ms.", RESULT), ("9 ms", NUMBER))


def texts(cells: list[Cell]) -> list[str]:
    return ["".join(span.text for span in cell).rstrip() for cell in cells]


def in_role(cells: list[Cell], role: str) -> list[str]:
    return [span.text for cell in cells for span in cell if role in span.role.split()]


def test_a_marked_sentence_begins_a_line_and_has_its_sign_in_the_margin() -> None:
    assert texts([*set_off(SKIMMED, 30)]) == [
        "   Nets are slow.",
        "▌  We prune them.",
        " # Speed doubles to 9 ms.",
        "   That is all.",
    ]


def test_every_line_of_a_marked_sentence_has_the_sign() -> None:
    assert texts([*set_off(SKIMMED, 15)])[2:7] == ["▌  We prune", "▌  them.", " # Speed", " # doubles to 9", " # ms."]


def test_a_sentence_that_is_both_has_both_signs() -> None:
    both = marked("We reach 9 ms.", ("We reach 9 ms.", NEW), ("We reach 9 ms.", RESULT))
    assert texts([*set_off(both, 30)]) == ["▌# We reach 9 ms."]


def test_two_marked_sentences_beside_each_other_stay_two() -> None:
    two = marked("We prune. We share.", ("We prune.", NEW), ("We share.", NEW))
    assert texts([*set_off(two, 30)]) == ["▌  We prune.", "▌  We share."]


def test_what_is_not_marked_stands_back_and_figures_stand_out() -> None:
    cells = [*set_off(SKIMMED, 30)]
    assert in_role(cells, "aside") == ["Nets are slow.", "That is all."]
    assert in_role(cells, "number") == ["9 ms"]


def test_an_abstract_in_which_no_rule_found_anything_stands_as_it_is() -> None:
    cells = [*set_off(Passage("Nets are slow. Trees too."), 30)]
    assert texts(cells) == ["Nets are slow. Trees too."]
    assert in_role(cells, "aside") == []


def test_paragraphs_stay_apart() -> None:
    assert texts([*set_off(Passage("one\n\ntwo"), 30)]) == ["one", "", "two"]


def test_a_mark_that_is_folded_is_marked_on_both_lines() -> None:
    cells = [*wrapped(marked("see knowledge distillation", ("knowledge distillation", MATCH)), 14, "strong")]
    assert texts(cells) == ["see knowledge", "distillation"]
    assert in_role(cells, "match") == ["knowledge", "distillation"]
    assert all("strong" in span.role for cell in cells for span in cell if span.text.strip())


def test_a_word_in_a_marked_sentence_is_marked_above_it() -> None:
    passage = marked("We prune nets.", ("We prune nets.", NEW), ("prune", MATCH))
    assert [(span.text, span.role) for cell in set_off(passage, 30) for span in cell][3:] == [
        ("We ", "contribution"),
        ("prune", "contribution match"),
        (" nets.", "contribution"),
    ]


def test_wide_and_combining_characters_keep_their_marks() -> None:
    text = "汉字 e\u0301te\u0301 \N{FAMILY}漢字"
    for part in ("e\u0301te\u0301", "漢字"):
        for width in (6, 20):
            assert in_role([*wrapped(marked(text, (part, MATCH)), width)], "match") == [part]


def test_marks_on_what_is_not_printable_are_left_out_and_so_is_what_could_steer_a_terminal() -> None:
    hostile = "a\x1b[31mb\u202ec \x9b1m d"
    for cells in ([*wrapped(Passage(hostile, (Mark(0, 3, MATCH),)), 20)], [*set_off(Passage(hostile), 20)]):
        assert texts(cells) == ["abc  d"]
        assert in_role(cells, "match") == []


@given(
    st.text(),
    st.lists(st.tuples(st.integers(-3, 60), st.integers(0, 60), st.sampled_from(MarkRole))),
    st.integers(10, 200),
)
def test_no_line_is_too_wide_and_no_character_is_lost(
    text: str, found: list[tuple[int, int, MarkRole]], width: int
) -> None:
    text = "".join(character for character in " ".join(text.split()) if character.isprintable())
    passage = Passage(text, tuple(Mark(start, start + length, role) for start, length, role in found))
    for cells in ([*wrapped(passage, width)], [*set_off(passage, width)]):
        assert all(cell_len(line) <= width for line in texts(cells))
        shown = "".join(span.text for cell in cells for span in cell if span.role not in {"ref", "good"})
        assert "".join(shown.split()) == "".join(text.split())


# ---------------------------------------------------------------- in a pane


def paper(width: int, height: int) -> list[str]:
    document = Document(None, (Title("Pruning"), InShort((Passage("We prune them."),)), Abstract(SKIMMED)))
    return ["".join(span.text for span in line.spans).rstrip() for line in lines_of(document, width, height)]


def test_the_gist_comes_first_only_where_the_pane_would_not_show_all_of_it_in_its_place() -> None:
    tall = paper(60, 6)
    assert tall == [
        "Pruning",
        "",
        "Abstract  marked by rule: ▌ contribution, # result",
        *texts([*set_off(SKIMMED, 60)]),
    ]
    short = paper(60, 5)
    assert short[2:6] == ["In short  marked by rule: ▌ contribution, # result", "We prune them.", "", "Abstract"]
    assert short[6:] == tall[3:]


def test_the_legend_tells_only_of_what_there_is_and_gives_way_where_it_is_narrow() -> None:
    assert legend(SKIMMED.marks[:1], 60) == "marked by rule: ▌ contribution"
    assert legend(SKIMMED.marks, 30) == "by rule: ▌ contribution # result"
    assert legend((), 60) == ""
    assert all(cell_len(line) <= 20 for line in paper(20, 5))


def test_an_endless_abstract_ends_with_how_much_more_there_is() -> None:
    lines = lines_of(Document(None, (Abstract(Passage("word " * 10_000)),)), 80)
    assert "30,000 more characters: 'journal show' has them." in "".join(span.text for span in lines[-1].spans)
