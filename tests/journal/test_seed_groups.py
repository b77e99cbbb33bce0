"""What runs that differ in their seed alone say of a difference; with one seed each nothing is claimed."""

from __future__ import annotations

import random
from statistics import fmean, stdev

import pytest

from journal.seed_groups import (
    GroupedRun,
    Spread,
    code_of_patch,
    is_seed_like,
    noise_between,
    noise_in_pairs,
    seed_of,
    spread,
    without_seed,
)
from journal.student_t import student_t
from journal.types import Kind, Ref

KEY = "test/accuracy"


def group(*values: float | None, seeds: str = "") -> list[GroupedRun]:
    return [
        GroupedRun(ref=Ref(Kind.run, number), seed=seeds[number : number + 1], metrics={KEY: value})
        for number, value in enumerate(values)
    ]


def spread_of(*values: float, seeds: str = "0123456789") -> Spread:
    found = spread(group(*values, seeds=seeds), KEY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "key",
    [
        "seed",
        "random_seed",
        "data/seed",
        "model.seed",
        "trainSeed",
        "random_state",
        "output_dir",
        "optimizer.log-dir",
        "name",
        "output",
        "out",
        "tag",
        "exp",
        "save",
        "run-name",
        "logdir",
        "train.save_dir",
    ],
)
def test_a_seed_and_a_place_to_write_to_make_no_other_configuration(key: str) -> None:
    assert is_seed_like(key)


@pytest.mark.parametrize(
    "key",
    [
        "learning_rate",
        "model.name",
        "checkpoint",
        "layer/tag",
        "loss.output",
        "reseeding",
        "data_dir",
        "resume_from",
        "",
    ],
)
def test_everything_else_does(key: str) -> None:
    assert not is_seed_like(key)


def test_a_command_line_is_the_same_but_for_its_seed() -> None:
    line = "python train.py --lr 0.1 --seed 3 --fast --seed=4 seed=5 +model.seed=6 --output-dir runs/3 -v"
    assert without_seed(line.split()) == ("python", "train.py", "--lr", "0.1", "--fast", "-v")
    assert without_seed(("python", "train.py", "--seed")) == ("python", "train.py")
    assert without_seed(("train", "--seed", "--lr", "1")) == ("train", "--lr", "1")


def test_a_command_line_is_the_same_but_for_the_name_that_a_run_is_given() -> None:
    for words in ("--name base-s0", "--name=base-s0", "name=base-s0", "--tag s0 --out runs/0"):
        assert without_seed(f"train.py --lr 1 {words} --seed 0".split()) == ("train.py", "--lr", "1")
    assert without_seed(["train.py", "model.name=r50"]) == ("train.py", "model.name=r50")


def test_a_short_option_is_the_seed_where_its_value_is_known_to_be() -> None:
    assert without_seed(["train.py", "-s", "3", "--lr", "1"], "3") == ("train.py", "--lr", "1")
    for words, seed in (("train.py -s 3", ""), ("train.py -s 3", "4"), ("train.py -b 3", "3"), ("train.py -s", "3")):
        assert without_seed(words.split(), seed) == tuple(words.split())
    assert without_seed(["train.py", "--seed", "3", "-s", "3"], "3") == ("train.py", "-s", "3")


def test_a_checkpoint_is_the_same_where_only_the_seed_in_its_name_differs() -> None:
    told = [without_seed(f"train.py --ckpt runs/base-s{seed}.pt".split(), str(seed)) for seed in (1, 12)]
    assert told[0] == told[1] == without_seed(["train.py", "--ckpt", "runs/base-s7.pt"], "7")
    assert without_seed(["checkpoint=a3.pt"], "3") == without_seed(["checkpoint=a4.pt"], "4")
    assert without_seed(["checkpoint=a3.pt"], "3") != without_seed(["checkpoint=b4.pt"], "4")
    assert without_seed(["--ckpt", "r18.pt"], "1") != without_seed(["--ckpt", "r50.pt"], "5")
    assert without_seed(["--ckpt", "r18.pt", "x1"], "1")[-1] == "x1"


def test_the_seed_of_a_run_is_its_parameter_before_what_was_captured() -> None:
    assert seed_of({"seed": "3", "lr": "1"}, "7") == "3"
    assert seed_of({"data_seed": "1", "seed": "3"}) == "1 3"
    assert seed_of({"lr": "1"}, "7") == "7"
    assert seed_of({}) == ""


def test_what_a_run_wrote_beside_its_code_is_no_other_code() -> None:
    patch = {"tracked": "t", "untracked/a.py": "a", "untracked/results.csv": "1", "left out": "big"}
    assert code_of_patch(patch) == {"tracked": "t", "untracked/a.py": "a"}


def test_a_seed_counts_once_and_what_is_no_number_not_at_all() -> None:
    found = spread(group(0.9, 0.8, None, 0.9, float("nan"), 0.7, seeds="010234"), KEY)
    assert found is not None
    assert (found.n, found.repeated, found.is_seed_known) == (4, 0, True)
    twice = spread(group(0.9, 0.8, 0.9, seeds="010"), KEY)
    assert twice is not None
    assert (twice.n, twice.repeated) == (2, 1)
    assert twice.mean == pytest.approx(0.85)
    unknown = spread(group(0.9, 0.8), KEY)
    assert unknown is not None
    assert (unknown.n, unknown.is_seed_known) == (2, False)
    assert spread(group(None, float("inf")), KEY) is None


def test_one_seed_each_tells_nothing() -> None:
    noise = noise_between(spread_of(0.9), spread_of(0.99))
    assert (noise.rule, noise.exceeds, noise.low) == ("none", None, None)


def test_several_seeds_on_both_sides_give_the_interval_of_welch() -> None:
    """By hand: errors 0.01/sqrt(3) and 0.02/sqrt(3), 2.94 degrees of freedom, t 3.22."""
    noise = noise_between(spread_of(0.90, 0.91, 0.92), spread_of(0.93, 0.95, 0.97, seeds="345"))
    assert (noise.rule, noise.exceeds) == ("welch", False)
    assert noise.difference == pytest.approx(0.04)
    assert noise.high == pytest.approx(0.04 + 3.2215 * (0.0005 / 3) ** 0.5, abs=1e-4)
    assert noise_between(spread_of(0.900, 0.901, 0.902), spread_of(0.93, 0.931, 0.932, seeds="345")).exceeds


def test_the_same_seeds_on_both_sides_are_compared_in_pairs() -> None:
    """Seeds that are far apart hide nothing: what the change did within each pair is what counts."""
    noise = noise_between(spread_of(0.90, 0.95, 0.80), spread_of(0.91, 0.96, 0.81))
    assert (noise.rule, noise.exceeds) == ("pairs", True)
    assert noise.difference == pytest.approx(0.01)
    welch = noise_between(spread_of(0.90, 0.95, 0.80), spread_of(0.91, 0.96, 0.81, seeds="345"))
    assert (welch.rule, welch.exceeds) == ("welch", False)
    turned = noise_between(spread_of(0.90, 0.95, 0.80), spread_of(0.81, 0.96, 0.91, seeds="210"))
    assert turned == noise
    for one, other in (("012", "01"), ("012", "013"), ("", "")):
        unlike = spread_of(0.91, 0.96, 0.81, seeds=other) if len(other) != 2 else spread_of(0.91, 0.96, seeds=other)
        assert noise_between(spread_of(0.90, 0.95, 0.80, seeds=one), unlike).rule == "welch"
    assert noise_between(spread_of(0.9), spread_of(0.91)).rule == "none"


def test_runs_of_one_seed_are_one_half_of_a_pair_by_their_mean() -> None:
    noise = noise_between(spread_of(0.80, 0.90, 0.90, seeds="001"), spread_of(0.87, 0.95, seeds="01"))
    assert noise.rule == "pairs"
    assert noise.difference == pytest.approx((0.02 + 0.05) / 2)


def test_the_interval_of_pairs_is_that_of_the_tables_and_of_scipy() -> None:
    """Ten sleepers under two drugs (Student, The Probable Error of a Mean, Biometrika 1908): 1.58 hours, t 4.06."""
    one = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
    other = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
    noise = noise_in_pairs(list(zip(one, other, strict=True)))
    assert (noise.difference, noise.low, noise.high) == pytest.approx((1.58, 0.7001142, 2.4598858))
    interval = pytest.importorskip("scipy.stats").ttest_rel(other, one).confidence_interval(0.95)
    assert (noise.low, noise.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_equal_configurations_are_told_apart_in_pairs_in_one_case_of_twenty() -> None:
    dice = random.Random(11)
    told = 0
    for _ in range(400):
        seeds = [dice.gauss(0, 0.05) for _ in range(4)]
        a, b = ([seed + dice.gauss(0.9, 0.01) for seed in seeds] for _ in "ab")
        told += bool(noise_between(spread_of(*a), spread_of(*b)).exceeds)
    assert 8 <= told <= 32


def test_several_seeds_on_one_side_are_where_one_more_is_expected() -> None:
    three, one = spread_of(0.90, 0.91, 0.92), spread_of(0.95)
    for noise in (noise_between(three, one), noise_between(one, three)):
        assert (noise.rule, noise.exceeds) == ("prediction", False)
        assert noise.high is not None
        assert noise.high - noise.difference == pytest.approx(4.3027 * 0.01 * (4 / 3) ** 0.5, abs=1e-4)
    assert noise_between(three, spread_of(0.97)).exceeds


def test_seeds_that_give_the_same_number_have_no_noise() -> None:
    assert noise_between(spread_of(0.9, 0.9), spread_of(0.91, 0.91)).exceeds
    assert noise_between(spread_of(0.9, 0.9), spread_of(0.9, 0.9)).exceeds is False


def test_equal_configurations_are_told_apart_in_one_case_of_twenty() -> None:
    dice = random.Random(7)
    told = 0
    for _ in range(400):
        a, b = ([dice.gauss(0.9, 0.01) for _ in range(4)] for _ in "ab")
        noise = noise_between(
            Spread(runs=(), n=4, mean=fmean(a), sd=stdev(a)), Spread(runs=(), n=4, mean=fmean(b), sd=stdev(b))
        )
        told += bool(noise.exceeds)
    assert 8 <= told <= 32


@pytest.mark.parametrize(
    ("freedom", "t"),
    [(1, 12.7062), (2, 4.30265), (2.5, 3.57466), (5, 2.57058), (30, 2.04227), (1e9, 1.95996), (float("inf"), 1.95996)],
)
def test_students_t_is_that_of_the_tables(freedom: float, t: float) -> None:
    assert student_t(freedom) == pytest.approx(t, rel=1e-5)
