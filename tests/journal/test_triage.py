"""What rules may say, what a paper suggests, how an order changes, and how a day is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.errors import BadValue
from journal.ranking import Effect, PaperText, RuleField
from journal.triage import (
    Day,
    Preview,
    Target,
    as_shown,
    counted_over,
    day_sentence,
    learned_from,
    local_midnight,
    order_note,
    parse_target,
    preview_counts,
    reordered_below,
    suggested,
    title_phrases,
    worked_for,
)
from journal.types import PaperState
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("au:Geoffrey Hinton", RuleField.author, "Geoffrey Hinton"),
        ('au:"Geoffrey Hinton"', RuleField.author, "Geoffrey Hinton"),
        ("AU: Hinton ", RuleField.author, "Hinton"),
        ("cat:cs.CV", RuleField.category, "cs.CV"),
        ("phrase:chain of  thought", RuleField.phrase, "chain of thought"),
        ("phrase:“survey”", RuleField.phrase, "survey"),
        ("phrase:[bold]x[/bold]", RuleField.phrase, "[bold]x[/bold]"),
        ('phrase:say "no" twice', RuleField.phrase, 'say "no" twice'),
        ("phrase:a: b: speech", RuleField.phrase, "a: b: speech"),
        ("phrase:zero\u202eshot\x1b[31m \x00learning", RuleField.phrase, "zero\u202eshot [31m learning"),
        ("au:J. O'Brien-Müller", RuleField.author, "J. O'Brien-Müller"),
        ("phrase:\ud800diffusion", RuleField.phrase, "diffusion"),
    ],
)
def test_a_rule_speaks_of_an_author_a_category_or_a_phrase(text: str, field: RuleField, value: str) -> None:
    assert parse_target(text) == Target(field, value)


@pytest.mark.parametrize(
    "text",
    [
        "hinton", "xx:hinton", "au:", "phrase:   ", "phrase:\x00\x1b\u202e", "phrase:!!! ...", "phrase:\"''\"",
        "phrase:the", "phrase:we propose a new method", "phrase:The Results", "au:G.", "au:G. E.", "cat:cs CV", "cat:",
        "phrase:" + "long " * 2_000, "au:" + "x" * 10_000, "phrase:" + "\u202e" * 10_000 + "survey", "",
    ],
)  # fmt: skip
def test_what_would_speak_of_nothing_or_of_everything_is_refused_in_a_short_sentence(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_target(text)
    assert len(str(refused.value)) < 100
    assert refused.value.hint
    assert str(refused.value).isprintable()


@given(st.text(max_size=600))
def test_whatever_is_typed_is_a_rule_or_a_sentence(text: str) -> None:
    for prefix in ("au:", "cat:", "phrase:"):
        try:
            target = parse_target(prefix + text)
        except BadValue:
            continue
        assert 0 < len(target.value) <= 200
        assert "\n" not in target.value
        assert parse_target(str(target)).key == target.key
        target.value.encode()


def test_one_wish_in_several_spellings_is_one() -> None:
    assert parse_target("phrase:Diffusion models").key == parse_target("phrase:diffusion model").key
    assert parse_target("au:José Evans").key == parse_target("au:jose evans").key
    assert parse_target("cat:CS.cv").key == parse_target("cat:cs.CV").key
    assert parse_target("au:survey").key != parse_target("phrase:survey").key


def test_a_paper_suggests_its_authors_the_first_first_then_categories_then_phrases() -> None:
    paper = PaperText(
        "A Survey of Chain-of-Thought Distillation for Small Language Models: What Works",
        "",
        tuple(f"Author Number{letter}" for letter in "abcdefghij"),
        ("cs.LG", "stat.ML"),
    )
    found = [str(target) for target in suggested(paper)]
    assert found[:8] == [
        *(f"au:Author Number{letter}" for letter in "abcdej"), "cat:cs.LG", "cat:stat.ML",
    ]  # fmt: skip
    assert "phrase:Thought Distillation" in found
    assert "phrase:Survey" in found
    assert len(found) <= 16


def test_hostile_papers_suggest_only_what_makes_a_rule() -> None:
    paper = PaperText(
        "\x1b[31m " + "the of and " * 50, "", ("\x00", "", "G.", "x" * 5_000, "\u202eEve Real"), ("", "cs.LG")
    )
    assert [str(target) for target in suggested(paper)] == ["au:\u202eEve Real", "cat:cs.LG"]
    assert suggested(PaperText("")) == ()
    assert title_phrases("of the") == ()


@pytest.mark.parametrize("eye", [30, 10, 99])
def test_a_new_order_holds_below_the_paper_that_is_looked_at_alone(eye: int) -> None:
    shown, fresh = [10, 20, 30, 40, 50], [50, 10, 40, 60, 20, 30]
    order = reordered_below(shown, fresh, eye)
    held = shown[: shown.index(eye) + 1] if eye in shown else []
    assert order[: len(held)] == held
    assert order[len(held) :] == [paper for paper in fresh if paper not in held]


@given(st.permutations(range(12)), st.permutations(range(12)), st.integers(0, 11), st.sets(st.integers(0, 11)))
def test_nothing_is_lost_or_slips_past_the_eye_whatever_the_new_order(
    shown: list[int], fresh: list[int], eye: int, gone: set[int]
) -> None:
    """`gone`: decided about meanwhile, so not in the new order; an undo brings them back."""
    left = [paper for paper in fresh if paper not in gone]
    order = reordered_below(shown, left, eye)
    assert sorted(order) == list(range(12))
    at = shown.index(eye)
    assert order[: at + 1] == shown[: at + 1]
    assert [paper for paper in order[at + 1 :] if paper in left] == [
        paper for paper in left if paper not in shown[: at + 1]
    ]


def test_what_arrives_comes_behind_what_is_shown_and_what_is_taken_back_to_its_place() -> None:
    assert as_shown([3, 1, 2], [9, 2, 8, 3]) == [3, 2, 9, 8]
    assert as_shown([3, 1, 2], [9, 1, 2, 8, 3]) == [3, 1, 2, 9, 8]
    assert as_shown([], [2, 1]) == [2, 1]


def _day(**told: object) -> Day:
    moments = tuple(NOON + timedelta(seconds=4 * second) for second in range(205))
    counts = {PaperState.kept: 9, PaperState.queued: 14, PaperState.skipped: 180, PaperState.muted: 9}
    return Day(**{"decided_at": moments, "counts": counts, "by_rules": 7, **told})  # type: ignore[arg-type]


def test_the_day_ends_in_a_sentence() -> None:
    assert day_sentence(_day()) == ("All 212 done in 14 min: 9 kept, 14 queued, 180 skipped, 9 muted (7 by your rules)")
    assert day_sentence(_day(left=3)).startswith("212 of 215 done in 14 min")
    one = Day(decided_at=(NOON,), counts={PaperState.kept: 1})
    assert day_sentence(one) == "All 1 done: 1 kept"
    two = Day(decided_at=(NOON, NOON + timedelta(seconds=9)), counts={PaperState.skipped: 2})
    assert day_sentence(two) == "All 2 done in less than a minute: 2 skipped"
    assert day_sentence(Day()) == ""


def test_a_break_is_not_work() -> None:
    moments = [NOON, NOON + timedelta(seconds=60), NOON + timedelta(hours=3), NOON + timedelta(hours=3, seconds=60)]
    assert worked_for(moments) == timedelta(minutes=2)


def test_what_is_not_learned_yet_is_said() -> None:
    assert order_note(Day(left=5, decisions=3)) == "order of arrival until you have decided about ten"
    assert order_note(Day(left=5, decisions=12)) == "order of arrival until you keep or queue one"
    assert order_note(Day(left=5, decisions=12, has_taste=True)) == "", "it is being worked out"
    assert order_note(Day(left=5, decisions=12, is_ranked=True)) == order_note(Day()) == ""
    assert learned_from(Day(decisions=10)) == "in order of your 10 decisions"
    assert learned_from(Day(decisions=1_000)) == "in order of your last 1,000 decisions"
    assert learned_from(Day()) == "in order of your rules"


def test_a_preview_says_over_what_it_was_counted() -> None:
    rule = parse_target("cat:cs.CV").rule(Effect.mute)
    preview = Preview(rule=rule, speaks_of=41, kept=2, queued=0, new=30, of=1_203, days=30)
    assert preview_counts(preview) == "41 of 1,203 · 2 kept"
    assert counted_over(preview) == "the 1,203 papers that feeds brought in the last 30 days"
    both = Preview(rule=rule, speaks_of=41, kept=2, queued=3, new=30, of=1_203, days=30)
    assert preview_counts(both) == "41 of 1,203 · 2 kept · 3 queued"
    many = Preview(rule=rule, speaks_of=0, kept=0, queued=0, new=0, of=20_000, days=None)
    assert counted_over(many) == "the last 20,000 papers that feeds brought"


def test_a_day_begins_at_midnight_of_this_machine() -> None:
    midnight = local_midnight(NOON)
    assert midnight <= NOON < midnight + timedelta(days=1)
    assert (midnight.astimezone().hour, midnight.astimezone().minute) == (0, 0)
