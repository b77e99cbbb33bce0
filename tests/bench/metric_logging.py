"""What logging at every step costs a training: by MLflow's own call, and by `journal.metrics`.

The training is that of the measurements which asked for this: an MLP 784-256-10, batches of 64, one thread,
a step of about a millisecond. Each variant is a fresh process, in which short stretches of bare and of
logged steps take turns, so that whatever else the machine does meets both. The ratio is of CPU time, which a
busy machine changes less than time on the clock. The thread that carries points to MLflow takes a share of all
that the process computes; that share is added, as though the training had waited for all of it. What is done
once, at the first batch, is not counted. `python -m tests.bench.metric_logging VARIANT` is such
a process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.table import PYTHON, Bench, Line

BUDGET = 1.1
_STRETCHES, _STEPS = 80, 50
_STRETCHES_BY_MLFLOW = 10


def metric_logging(bench: Bench) -> list[Line]:
    from journal.paths import at_home
    from journal.recorder.tracking import ensure_store, tracking_environment

    paths = at_home(bench.scratch / "metrics")
    ensure_store(paths.mlflow)
    env = {**bench.at("metrics"), "OMP_NUM_THREADS": "1"}
    env |= tracking_environment(paths, env)
    lines = []
    for name, variant, budget in (
        ("MLflow's log_metric at each step", "mlflow", 0.0),
        ("journal.metrics at each step", "run", BUDGET),
        ("journal.metrics, 10 values at each step", "ten", 0.0),
        ("journal.metrics, without MLflow", "trial", BUDGET),
    ):
        rounds = [_train(variant, env) for _ in range(1 if variant == "mlflow" else 3)]
        logged, bare, wall, thread, exit_s = (
            statistics.median(each[key] for each in rounds)
            for key in ("logged_ms", "bare_ms", "wall_ratio", "thread_ms", "exit_s")
        )
        ratio = (logged + thread) / bare
        lines += [
            Line(
                f"{name} / bare step, CPU", f"{logged + thread:.2f} ms", f"{bare:.2f} ms",
                f"{ratio:.2f} x, clock {wall:.2f} x", f"{budget:.1f} x" if budget else "",
                not budget or max(ratio, wall) <= budget,
            ),
            Line("  from the last step to the end of the process", f"{exit_s:.2f} s", "", "", "", True),
        ]  # fmt: skip
    return lines


def _train(variant: str, env: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [PYTHON, "-m", "tests.bench.metric_logging", variant],
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


# ---------------------------------------------------------------- the process that trains


def main(variant: str) -> None:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(64, 784), torch.randint(10, (64,))
    log = _logger(variant)

    def stretch(first: int, log: Callable[[int, float], object] | None) -> tuple[float, float]:
        began, cpu = time.perf_counter(), time.thread_time()
        for step in range(first, first + _STEPS):
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            value = loss.item()
            if log is not None:
                log(step, value)
        return (time.perf_counter() - began) / _STEPS * 1000, (time.thread_time() - cpu) / _STEPS * 1000

    stretch(-_STEPS, log)
    stretch(0, None)
    for flush in _FLUSH:
        flush()
    logged: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    thread_before = _thread_ms()
    stretches = _STRETCHES_BY_MLFLOW if variant == "mlflow" else _STRETCHES
    for number in range(stretches):
        for is_logged in (True, False) if number % 2 else (False, True):
            (logged if is_logged else bare).append(stretch(number * _STEPS, log if is_logged else None))
    told = {
        "logged_ms": statistics.median(cpu for _, cpu in logged),
        "bare_ms": statistics.median(cpu for _, cpu in bare),
        "wall_ratio": statistics.median(one / other for (one, _), (other, _) in zip(logged, bare, strict=True)),
        "thread_ms": (_thread_ms() - thread_before) / (2 * stretches * _STEPS),
        "loop_ended_at": time.time(),
    }
    print(json.dumps(told), flush=True)


def _logger(variant: str) -> Callable[[int, float], object]:
    import journal

    if variant == "trial":
        _OPEN.append(journal.tried("bench"))
        _OPEN[-1].__enter__()
    else:
        import mlflow

        mlflow.start_run()
        if variant == "mlflow":
            return lambda step, loss: mlflow.log_metric("train/loss", loss, step=step)
    log = journal.metrics()
    _FLUSH.append(log.flush)
    if variant == "ten":
        names = [f"layer{number}/norm" for number in range(10)]
        return lambda step, loss: log(dict.fromkeys(names, loss), step=step)
    return lambda step, loss: log({"train/loss": loss}, step=step)


_FLUSH: list[Callable[[], object]] = []
_OPEN: list[Any] = []  # left by the end of the process alone


def _thread_ms() -> float:
    """The CPU time that the thread which carries points to MLflow has used."""
    for thread in threading.enumerate():
        if thread.name == "journal-metrics":
            fields = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000
    return 0.0


if __name__ == "__main__":
    main(sys.argv[1])
