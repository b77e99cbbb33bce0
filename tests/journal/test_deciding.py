"""Which metric decides, and which way it is better, is read from its name; where that says nothing, nothing is claimed."""

from __future__ import annotations

import pytest

from journal.deciding import DECIDING_METRICS, Direction, deciding_metric, direction, is_better


@pytest.mark.parametrize(
    ("keys", "decides"),
    [
        (DECIDING_METRICS, "validation/accuracy"),
        (("train/loss", "validation/loss", "val_acc"), "validation/loss"),  # the field's names come before others
        (("val_acc", "val_loss", "loss"), "val_acc"),
        (("train/loss", "train/accuracy", "val/acc"), "val/acc"),
        (("accuracy", "val_loss"), "val_loss"),  # Keras: an accuracy without a part is that of training
        (("eval/loss", "test_f1"), "test_f1"),
        (("train_acc", "test/nll"), "test/nll"),
        (("learning_rate", "epoch"), None),
        ((), None),
    ],
)
def test_what_is_held_out_decides_before_what_was_trained_on(keys: tuple[str, ...], decides: str | None) -> None:
    assert deciding_metric(keys) == decides


@pytest.mark.parametrize(
    ("key", "way"),
    [
        ("validation/accuracy", Direction.up),
        ("valTop1", Direction.up),
        ("top1_error", Direction.down),
        ("accuracy_loss", Direction.down),
        ("F1", Direction.up),
        ("metrics/mAP50(B)", Direction.up),
        ("val_r2", Direction.up),
        ("perplexity", Direction.down),
        ("learning_rate", None),
        ("glossary_size", None),
        ("", None),
    ],
)
def test_the_name_says_which_way_is_better(key: str, way: Direction | None) -> None:
    assert direction(key) is way


def test_more_accuracy_and_less_loss_are_better() -> None:
    assert is_better("test/accuracy", 0.98, 0.99) is True
    assert is_better("test/loss", 0.1, 0.2) is False
    assert is_better("test/loss", 0.2, 0.2) is None
    assert is_better("learning_rate", 0.1, 0.2) is None
    assert is_better("test/loss", float("nan"), 0.2) is None
