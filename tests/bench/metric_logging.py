"""What logging a metric at every step costs a training: bare, by MLflow's own call, and by `journal.metrics`.

The training is that of the measurements which asked for this: an MLP 784-256-10, batches of 64, one thread,
a step of about a millisecond. Each variant is a fresh process that trains, in turn; what is compared is the
time of the loop. `python -m tests.bench.metric_logging VARIANT STEPS` is such a process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.table import PYTHON, Bench, Line

BUDGET = 1.1
_STEPS = 6000
_STEPS_BY_MLFLOW = 1500


def metric_logging(bench: Bench) -> list[Line]:
    from journal.paths import at_home
    from journal.recorder.tracking import ensure_store, tracking_environment

    env = bench.at("metrics")
    paths = at_home(bench.scratch / "metrics")
    ensure_store(paths.mlflow, ["Default"])
    env = {**env, **tracking_environment(paths, env), "OMP_NUM_THREADS": "1"}
    env["MLFLOW_TRACKING_URI"] = f"sqlite:///{paths.mlflow / 'mlflow.db'}"
    rounds = max(3, bench.rounds // 2)
    lines = []
    for name, variant, budget in (
        ("MLflow's log_metric at each step", "mlflow", 0.0),
        ("journal.metrics, MLflow run", "run", BUDGET),
        ("journal.metrics, 10 values a step", "ten", 0.0),
        ("journal.metrics, no MLflow", "trial", BUDGET),
    ):
        steps = _STEPS_BY_MLFLOW if variant == "mlflow" else _STEPS
        pairs = [(_train(variant, steps, env), _train("bare", steps, env)) for _ in range(rounds)]
        wall = statistics.median(one["loop_s"] / other["loop_s"] for one, other in pairs)
        cpu = statistics.median(one["cpu_s"] / other["cpu_s"] for one, other in pairs)
        ours = statistics.median(one["loop_s"] for one, _ in pairs) / steps * 1000
        floor = statistics.median(other["loop_s"] for _, other in pairs) / steps * 1000
        exit_s = statistics.median(one["exit_s"] for one, _ in pairs)
        lines.append(
            Line(
                f"{name} / bare step", f"{ours:.2f} ms", f"{floor:.2f} ms",
                f"{wall:.2f} x, CPU {cpu:.2f} x", f"{budget:.1f} x" if budget else "", not budget or wall <= budget,
            )
        )  # fmt: skip
        lines.append(Line("  its process after the last step", f"{exit_s:.2f} s", "", "", "", True))
    return lines


def _train(variant: str, steps: int, env: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.metric_logging", variant, str(steps)],
        env=env, capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    ended = time.time()
    _wait_for_companions(Path(env["LABJOURNAL_HOME"]) / "spool")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "exit_s": ended - told["loop_ended_at"]}


def _wait_for_companions(spool: Path) -> None:
    """The next variant has the machine to itself, and the last one's folder can be removed."""
    until = time.monotonic() + 120
    while list(spool.glob("metrics/*.companion")) and time.monotonic() < until:
        time.sleep(0.2)


def _log_of(variant: str) -> Callable[[int, float, float], object]:
    import journal

    if variant == "bare":
        return lambda step, loss, accuracy: None
    if variant == "trial":
        journal.tried("bench").__enter__()
    else:
        import mlflow

        mlflow.start_run()
        if variant == "mlflow":
            mlflow.log_metric("train/loss", 0.0, step=-1)  # the first one connects
            return lambda step, loss, accuracy: mlflow.log_metric("train/loss", loss, step=step)
    log = journal.metrics()
    if variant == "ten":
        names = [f"layer{number}/norm" for number in range(10)]
        return lambda step, loss, accuracy: log(dict.fromkeys(names, loss), step=step)
    return lambda step, loss, accuracy: log({"train/loss": loss}, step=step)


def main(variant: str, steps: int) -> None:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(64, 784), torch.randint(10, (64,))
    log = _log_of(variant)

    def train(steps: int) -> None:
        for step in range(steps):
            output = model(x)
            loss = nn.functional.cross_entropy(output, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            log(step, loss.item(), 0.5)

    train(100)
    began, cpu = time.perf_counter(), time.process_time()
    train(steps)
    told = {
        "loop_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu, "loop_ended_at": time.time()
    }  # fmt: skip
    print(json.dumps(told), flush=True)
    if variant == "trial":
        os._exit(0)  # its trial is not left as by `with`


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
