"""What an entry is about: named in any usual spelling, or guessed from its words and never more than that."""

from __future__ import annotations

import pytest

from journal.attributes import ATTRIBUTES, NAMES, attribute_named, guess, known_name
from journal.errors import BadValue


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("optimiser", "optimiser"), ("Optimizer", "optimiser"), ("optim", "optimiser"), ("init", "initialisation"),
        ("initialization", "initialisation"), ("LR-schedule", "schedule"), ("regularization", "regularisation"),
        ("norm", "normalisation"), ("amp", "precision"), (" eval ", "evaluation"), ("mixed_precision", "precision"),
        ("arch", "architecture"),
    ],
)  # fmt: skip
def test_an_attribute_is_known_by_british_american_and_short_names(typed: str, name: str) -> None:
    assert attribute_named(typed) == name


def test_what_is_none_is_refused_with_what_was_meant() -> None:
    with pytest.raises(BadValue) as refused:
        attribute_named("scheduel")
    assert "Did you mean schedule?" in refused.value.hint
    assert all(name in refused.value.hint for name in NAMES)
    assert known_name("tokeniser size") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cosine schedule instead of steps", "schedule"), ("warm-up 500 steps", "schedule"),
        ("Warmup over 5 epochs", "schedule"), ("AdamW, lr 3e-4", "optimiser"), ("batch size 2048", "optimiser"),
        ("gradient clipping at 1.0", "optimiser"), ("weight decay 0.05", "regularisation"),
        ("label smoothing 0.1", "regularisation"), ("Dropout 0.3 in the head", "regularisation"),
        ("mixup and cutmix", "augmentation"), ("LayerNorm before attention", "normalisation"),
        ("ResNet-34, twice the width", "architecture"), ("focal loss", "loss"), ("bf16", "precision"),
        ("Kaiming init", "initialisation"), ("five-fold labels", "data"), ("tta with 8 crops", "evaluation"),
        ("prune 30 % of it", "compression"), ("", ""), ("try again on Monday", ""), ("baseline seed 0", ""),
    ],
)  # fmt: skip
def test_words_suggest_an_attribute_or_none(text: str, name: str) -> None:
    assert guess(text) == name


def test_the_longest_phrase_counts_and_more_words_win() -> None:
    assert guess("label smoothing") == "regularisation"  # though labels are data
    assert guess("adamw and sgd with a cosine") == "optimiser"
    assert guess("cosine with adamw") == "schedule"  # as many: the one named first


def test_a_word_that_is_the_value_of_a_parameter_counts_for_what_the_parameter_is() -> None:
    params = {"optimizer": "grokfast", "activation": "Snake", "seed": "3", "amp": "on"}
    assert guess("grokfast, second try") == ""
    assert guess("grokfast, second try", params) == "optimiser"
    assert guess("snake everywhere", params) == "architecture"
    assert guess("on and on, 3 times", params) == ""  # what is in every text, or a number, says nothing
    assert guess("cosine, as before", params) == "schedule"  # what the text itself says comes first


def test_no_word_suggests_two_attributes() -> None:
    seen: dict[str, str] = {}
    for attribute in ATTRIBUTES:
        for word in attribute.words.split(", "):
            assert seen.setdefault(word, attribute.name) == attribute.name, word


def test_a_text_of_any_length_and_script_is_read() -> None:
    assert guess("обучение " * 50_000 + "dropout") == ""  # beyond what is read
    assert guess("dropout " + "x" * 100_000) == "regularisation"
