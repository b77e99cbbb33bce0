"""`make eval`: what the reference experiments reach, beside the published figures (DESIGN, section 8).

And how well abstracts are marked, links found and mathematics shown, on real papers where they are at hand.

Mean and standard deviation over seeds on test images that were touched once, never the best epoch on
test. The full data set is measured where LABJOURNAL_MNIST (or --data) names its folder.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from experiments.names import named
from journal import db
from journal.config import Settings
from journal.paths import at_home
from journal.queries.runs import get_run
from tests.eval import ranking, skimming, texts
from tui.experiment_process import run_experiment


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to hold a measured one against."""

    percent: float
    source: str


BUNDLED = (Target(9.68, "softmax regression on the first 5,000, three seeds, all 10,000 test images"),)
FULL = (Target(7.25, "softmax regression on 60,000, two seeds"), Target(12.0, "LeCun et al. 1998, linear, raw pixels"))


def test_errors_percent(name: str, data: Path | None, seeds: int) -> list[float]:
    """The test error of each seed, each trained in a process and a journal of its own."""
    errors = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory(prefix="labjournal-eval-") as home:
            where = at_home(Path(home))
            os.environ["LABJOURNAL_HOME"] = home
            arguments = ["--seed", str(seed), *(["--data", str(data)] if data else [])]
            ended = run_experiment(where, Settings(), named(name), arguments)
            if ended.exit_code or not ended.runs:
                sys.exit(f"{name} with seed {seed} ended with exit code {ended.exit_code}")
            connection = db.connect(where)
            error = get_run(connection, ended.runs[0]).metrics["test/error"]
            connection.close()
            assert error is not None
            errors.append(100 * error)
    return errors


def report(label: str, errors: list[float], targets: tuple[Target, ...]) -> None:
    mean, spread = statistics.mean(errors), statistics.stdev(errors) if len(errors) > 1 else 0.0
    print(f"{label}: test error {mean:.2f} ± {spread:.2f} %  ({', '.join(f'{error:.2f}' for error in errors)})")
    for target in targets:
        print(f"    beside {target.percent:.2f} %: {target.source}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make eval")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=os.environ.get("LABJOURNAL_MNIST"))
    options = parser.parse_args()
    ranking.report(options.seeds)
    skimming.report()
    texts.report()
    for variable in ("MLFLOW_TRACKING_URI", "LABJOURNAL_MNIST"):
        os.environ.pop(variable, None)
    report("linear, 3,500 of 5,000 images", test_errors_percent("linear", None, options.seeds), BUNDLED)
    if options.data:
        report("linear, 55,000 of 60,000 images", test_errors_percent("linear", options.data, options.seeds), FULL)
    else:
        print("linear on all images: not measured; set LABJOURNAL_MNIST to the folder of the four files")


if __name__ == "__main__":
    main()
