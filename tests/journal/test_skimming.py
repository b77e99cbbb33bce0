"""The marks say what is new and what came out of it, on the text as it is, and not too much of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.figures import figures
from journal.marks import MarkRole
from journal.skimming import skim, skimmed
from tests.eval import skimming as evaluation

ABSTRACT = (
    "Large models are slow. Existing methods reach 90% on old data. "
    "In this paper, we propose Foo, a method that prunes. "
    "It removes heads. "
    "On ImageNet, Foo reduces latency from 12.5 to 4.1 ms and outperforms BERT by 3.2%. "
    "Code is available at https://github.com/a/b."
)


def marked(text: str, role: MarkRole) -> list[str]:
    return [text[mark.start : mark.end] for mark in skim(text) if mark.role is role]


def test_the_sentences_a_skimmer_wants_are_marked_and_the_others_are_not():
    assert marked(ABSTRACT, MarkRole.contribution) == ["In this paper, we propose Foo, a method that prunes."]
    assert marked(ABSTRACT, MarkRole.result) == [
        "On ImageNet, Foo reduces latency from 12.5 to 4.1 ms and outperforms BERT by 3.2%."
    ]
    assert marked(ABSTRACT, MarkRole.number) == ["12.5", "4.1 ms", "3.2%"]


@pytest.mark.parametrize(
    "sentence",
    [
        "We introduce a new benchmark.",
        "This paper presents a survey of pruning.",
        "Here, we formally prove that it converges.",
        "Our main contribution is a linear algorithm.",
        "To this end, a novel loss (ABC) is proposed.",
        "We then theoretically show that both are one.",
        "The authors argue that scale matters.",
    ],
)
def test_what_authors_say_they_bring_is_a_contribution(sentence: str):
    text = f"Models are large. {sentence} Trees are green."
    assert marked(text, MarkRole.contribution) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Existing work proposes attention.",
        "Code and models are available at https://github.com/a/b.",
        "We release all code at https://github.com/a/b.",
        "Attention has become popular.",
        "Extensive experiments were run.",
    ],
)
def test_what_others_did_and_where_the_code_is_are_no_contribution(sentence: str):
    text = f"We propose Foo. {sentence}"
    assert sentence not in marked(text, MarkRole.contribution)


def test_where_all_would_be_marked_the_strongest_few_are():
    text = " ".join(f"We propose part {name} and it improves F1 by {size}.5%." for size, name in enumerate("abcdefgh"))
    assert len(marked(text, MarkRole.contribution)) == 3
    assert len(marked(text, MarkRole.result)) == 2


def test_a_figure_before_anything_was_proposed_is_no_result_of_the_paper():
    text = "Deaths rose by 45% over ten years. We propose Foo, which is fast."
    assert marked(text, MarkRole.result) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gains of 3.2% and 4 percentage points", ["3.2%", "4 percentage points"]),
        (r"by $7.9\%$ and 8$\times$", [r"7.9\%", r"8$\times$"]),
        (
            "2.4x faster, 16× longer, two-fold, three orders of magnitude",
            ["2.4x", "16×", "two-fold", "three orders of magnitude"],
        ),
        ("F1 from 62 to 81", ["62", "81"]),
        ("in 23 of 410 trials, ratio 4.3:1, -13.7 pp", ["23 of 410", "4.3:1", "-13.7 pp"]),
        ("takes 4.3ms at 30 FPS and 12 GB", ["4.3ms", "30 FPS", "12 GB"]),
        ("GPT-3.5, Qwen2.5, Llama 3.1 and Gemini 2.5 Pro in 2024", []),
        ("ResNet-50 with 7B parameters on 15 tasks, see 2401.01234v2", []),
    ],
)
def test_figures_are_what_was_measured_and_not_what_is_called_by_a_number(text: str, found: list[str]):
    assert [text[start:end] for start, end in figures(text)] == found


WORDS = [
    "we",
    "We",
    "propose",
    "our method",
    "3.5%",
    "e.g.",
    "achieves",
    "(",
    "$",
    "from 2 to 3",
    ".",
    "quickly",
    "novel",
]


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join) | st.text(max_size=300))
def test_marks_lie_on_any_text_in_order_and_never_too_many(text: str):
    marks = skim(text)
    assert list(marks) == sorted(marks)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
    assert sum(mark.role is MarkRole.contribution for mark in marks) <= 3
    assert sum(mark.role is MarkRole.result for mark in marks) <= 2


@pytest.mark.parametrize(
    "piece", ["We formally ", "1,111,", "the ", "of 5 ", "9", "We propose. ", "data is ", "- 5 %", "~"]
)
def test_any_text_is_judged_in_one_pass(piece: str):
    skim(piece * (300_000 // len(piece)))
    figures(piece * (100_000 // len(piece)))


def test_the_labels_fit_the_papers_and_the_rules_keep_what_they_reached(shared_data: Path):
    """The floors are a little below what `make eval` printed when the rules were done: they catch damage."""
    labels = evaluation.read_labels()
    abstracts = evaluation.read_abstracts(shared_data / "papers" / "papers_60k.jsonl.gz", labels)
    assert len(abstracts) == 120
    for paper, of_paper in labels.items():
        for words in [*of_paper.contributions, *(words for words, _ in of_paper.results)]:
            assert abstracts[paper].count(words) == 1
    tallies = evaluation.measure(abstracts, labels, "held back")
    for role, precision, recall in (("contribution", 0.9, 0.78), ("result", 0.9, 0.75), ("number", 0.9, 0.85)):
        tally = tallies[role]
        assert tally.right >= precision * tally.made
        assert tally.found >= recall * tally.labelled


def test_the_gist_is_the_surest_contribution_and_the_results_of_what_is_marked():
    text = (
        "We study pruning. To this end, we propose Foo, a novel method. We also examine heads. "
        "Foo reduces latency by 3.2% over BERT. Trees are green."
    )
    found = [(text[mark.start : mark.end], mark.role) for mark in skimmed(text).gist]
    assert found == [
        ("To this end, we propose Foo, a novel method.", MarkRole.contribution),
        ("Foo reduces latency by 3.2% over BERT.", MarkRole.result),
    ]
    assert set(skimmed(text).gist) <= set(skim(text))
    assert skimmed("").gist == skimmed("Trees are green.").gist == ()
