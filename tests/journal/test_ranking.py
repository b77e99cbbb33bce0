"""The day in the order of what fits this person, and the reason for each place."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.paths import bundled_data
from journal.ranking import Decided, Effect, PaperText, Rule, RuleField, Score, matches, order, scores

SUBJECTS = {
    "distillation": "A small student network learns from the soft targets of a large teacher network",
    "surveys": "We survey the literature on graphs and give a taxonomy of published surveys",
    "robots": "A robot arm grasps objects with tactile sensors and a learned controller",
    "speech": "Speech recognition of rare dialects with an acoustic encoder and a language decoder",
}


def paper(subject: str, number: int = 0, author: str = "") -> PaperText:
    return PaperText(
        title=f"{subject.title()} number {number}",
        abstract=f"{SUBJECTS[subject]}, in part {number}.",
        authors=(author,) if author else (f"Author {subject} {number}",),
    )


def liked(*papers: PaperText) -> list[Decided]:
    return [Decided(one, is_liked=True) for one in papers]


def skipped(*papers: PaperText) -> list[Decided]:
    return [Decided(one, is_liked=False) for one in papers]


DAY = [paper(subject, number) for number in range(5) for subject in SUBJECTS]
OTHERS = [paper(subject, number) for number in range(10, 20) for subject in SUBJECTS]


def best(found: tuple[Score, ...], count: int) -> list[PaperText]:
    return [DAY[position] for position in sorted(range(len(DAY)), key=lambda at: -found[at].value)[:count]]


def test_papers_like_the_kept_ones_come_first() -> None:
    found = scores(DAY, liked(paper("distillation", 7), paper("distillation", 8)), OTHERS)
    assert {one.title.split()[0] for one in best(found, 5)} == {"Distillation"}


def test_what_is_liked_may_be_of_several_kinds() -> None:
    found = scores(DAY, liked(paper("distillation", 7), paper("robots", 8)), OTHERS)
    assert {one.title.split()[0] for one in best(found, 10)} == {"Distillation", "Robots"}


def test_what_was_skipped_sinks_below_what_nobody_decided_about() -> None:
    found = scores(DAY, [*liked(paper("distillation", 7)), *skipped(paper("surveys", 7), paper("surveys", 8))], OTHERS)
    worst = sorted(range(len(DAY)), key=lambda at: found[at].value)[:5]
    assert {DAY[at].title.split()[0] for at in worst} == {"Surveys"}


def test_one_slip_in_ten_does_not_turn_the_order() -> None:
    decided = [*liked(*(paper("distillation", number) for number in range(20, 25)), paper("surveys", 9))]
    decided += skipped(*(paper("surveys", number) for number in range(20, 24)))
    assert {one.title.split()[0] for one in best(scores(DAY, decided, OTHERS), 5)} == {"Distillation"}


def test_without_a_liked_paper_nothing_is_known() -> None:
    assert scores(DAY, skipped(paper("surveys", 7)), OTHERS) == (Score(0.0),) * len(DAY)
    assert scores([], liked(paper("robots"))) == ()


def test_the_reasons_are_words_of_the_paper_and_say_which_way_they_count() -> None:
    decided = [*liked(paper("distillation", 7)), *skipped(paper("surveys", 7))]
    found = scores(DAY, decided, OTHERS)
    position = DAY.index(paper("distillation", 0))
    because = dict(found[position].because)
    assert all(weight > 0 for weight in because.values())
    words = f"{DAY[position].title} {DAY[position].abstract}".lower()
    assert because and all(reason in words for reason in because)
    against = dict(found[DAY.index(paper("surveys", 0))].because)
    assert any(weight < 0 for weight in against.values())


def test_reasons_are_not_told_twice_and_the_weightiest_comes_first() -> None:
    found = scores(DAY, liked(paper("distillation", 7)), OTHERS)
    for score in found:
        words = [word for reason, _ in score.because for word in reason.split()]
        assert len(words) == len(set(words))
        weights = [abs(weight) for _, weight in score.because]
        assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("seed", range(8))
def test_what_stands_above_the_middle_is_not_explained_by_reasons_against_it_alone(seed: int) -> None:
    lines = (bundled_data() / "demo" / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    records = random.Random(seed).sample([json.loads(line) for line in lines], 60)
    papers = [PaperText(one["title"], one["abstract"], tuple(one["authors"])) for one in records]
    decided = [*liked(*papers[30:40]), *skipped(*papers[40:50])]
    for score in scores(papers[:30], decided, papers[50:]):
        assert score.value <= 0 or not score.because or any(weight > 0 for _, weight in score.because)


def test_what_every_paper_has_is_no_reason() -> None:
    day = [paper("robots", number, author="Everybody") for number in range(8)]
    found = scores(day, liked(paper("robots", 9, author="Everybody")), OTHERS[:1])
    assert all(abs(dict(score.because).get("au:Everybody", 0.0)) < 0.3 for score in found)


def test_an_author_who_is_liked_counts_and_is_named() -> None:
    by_hinton = PaperText("Capsules", "Groups of neurons that agree.", ("Geoffrey Hinton", "Somebody Else"))
    decided = liked(*(paper("robots", number, author="Geoffrey Hinton") for number in range(20, 24)))
    found = scores([*DAY, by_hinton], decided, OTHERS)
    assert "au:Geoffrey Hinton" in dict(found[-1].because)


@pytest.mark.parametrize(
    ("rule", "does"),
    [
        (Rule(Effect.plus, RuleField.phrase, "soft target"), True),
        (Rule(Effect.plus, RuleField.phrase, "Students"), True),
        (Rule(Effect.plus, RuleField.phrase, "target soft"), False),
        (Rule(Effect.plus, RuleField.phrase, "!?"), False),
        (Rule(Effect.plus, RuleField.author, "hinton"), True),
        (Rule(Effect.plus, RuleField.author, "G. Hinton"), True),
        (Rule(Effect.plus, RuleField.author, "Élie Müller"), True),
        (Rule(Effect.plus, RuleField.author, "Hint"), False),
        (Rule(Effect.plus, RuleField.category, "cs.lg"), True),
        (Rule(Effect.plus, RuleField.category, "cs"), False),
    ],
    ids=str,
)
def test_a_rule_speaks_of_phrases_authors_and_categories(rule: Rule, does: bool) -> None:
    text = PaperText("A student", "It learns from soft targets.", ("Geoffrey E. Hinton", "Elie Muller"), ("cs.LG",))
    assert matches(rule, text) is does


def test_plain_rules_count_from_the_first_day_and_are_named() -> None:
    rules = [
        Rule(Effect.plus, RuleField.phrase, "robot arm"),
        Rule(Effect.minus, RuleField.phrase, "survey"),
        Rule(Effect.mute, RuleField.phrase, "speech"),
    ]
    found = scores(DAY, [], OTHERS, rules)
    assert {one.title.split()[0] for one in best(found, 5)} == {"Robots"}
    assert found[DAY.index(paper("robots", 0))].because == (("+robot arm", 2.0),)
    assert found[DAY.index(paper("surveys", 0))] == Score(-2.0, (("-survey", -2.0),))
    assert found[DAY.index(paper("speech", 0))] == Score(0.0)


def test_a_score_is_told_in_the_spread_of_the_papers() -> None:
    found = scores(DAY, liked(paper("distillation", 7)), OTHERS)
    assert max(score.value for score in found) < 5
    assert sum(weight for _, weight in max(found, key=lambda score: score.value).because) > 0.5


# ---------------------------------------------------------------- places


def test_the_best_come_first_and_equal_ones_keep_their_order() -> None:
    assert [place.position for place in order([0.5, 2.0, 0.5, 3.0], seed=1)] == [3, 1, 0, 2]


def test_without_a_taste_there_is_no_chance() -> None:
    places = order([0.0] * 50, seed=1)
    assert [place.position for place in places] == list(range(50))
    assert not any(place.is_chance for place in places)
    assert order([], seed=1) == ()


@given(st.lists(st.floats(-5, 5), max_size=60), st.integers(0, 1_000_000))
def test_every_paper_has_one_place_and_one_in_twelve_goes_to_chance(values: list[float], seed: int) -> None:
    places = order(values, seed=seed)
    assert sorted(place.position for place in places) == list(range(len(values)))
    assert order(values, seed=seed) == places
    chosen = [at for at, place in enumerate(places) if place.is_chance]
    if len(set(values)) > 1:
        assert chosen == list(range(11, len(values) - 1, 12))
    for at in chosen:
        later = [values[place.position] for place in places[at + 1 :] if not place.is_chance]
        assert values[places[at].position] <= max(later)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=6), st.text(max_size=40))
def test_whatever_the_texts_scores_are_numbers(texts: list[str], kept: str) -> None:
    papers = [PaperText(text, text, (text,), (text,)) for text in texts]
    rules = [Rule(Effect.plus, field, kept or "x") for field in RuleField]
    for score in scores(papers, liked(PaperText(kept)), papers, rules):
        assert math.isfinite(score.value)
        assert all(math.isfinite(weight) for _, weight in score.because)
