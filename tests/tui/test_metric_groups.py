"""Which metrics belong together on one plot."""

from __future__ import annotations

import pytest

from tui.metric_groups import Group, epoch_key, groups_of, matching


@pytest.mark.parametrize(
    "keys",
    [
        ("train/loss", "validation/loss"),
        ("loss", "val_loss"),
        ("train_loss", "valid_loss"),
        ("loss.train", "loss.test"),
    ],
)
def test_training_and_validation_of_one_measure_are_shown_together(keys: tuple[str, ...]) -> None:
    (group,) = groups_of(keys)
    assert group.name == "loss"
    assert set(group.keys) == set(keys)


def test_losses_come_first_and_the_machine_last() -> None:
    keys = ("system/gpu_0", "learning_rate", "validation/accuracy", "train/loss", "attention", "test", "val/aux/loss")
    names = [group.name for group in groups_of(keys)]
    assert names == ["aux/loss", "loss", "accuracy", "attention", "learning_rate", "test", "system/gpu_0"]


def test_a_name_is_found_by_any_part_of_it() -> None:
    groups = groups_of(["train/loss", "validation/loss", "layer.3/norm"])
    assert matching(groups, "NORM 3") == (Group("layer.3/norm", ("layer.3/norm",)),)
    assert [group.name for group in matching(groups, "valid")] == ["loss"]
    assert matching(groups, "") == groups


def test_what_counts_epochs_is_found() -> None:
    assert epoch_key(["loss", "train/epoch"]) == "train/epoch"
    assert epoch_key(["loss", "epochs_left"]) is None
