"""`python -m tests.bench.bit_identity`: one training twice, in fresh processes, without the journal and with it.

With it means inside `journal.tried`, with a fluent MLflow run, `journal.metrics` at every step, MLflow's
plugin and the variables of `journal run`. The digests are of the weights, of the state of each source of
random numbers (Python, numpy, torch), and of the sequence of losses, bit for bit. The run has a name, since MLflow
draws from Python's random numbers to name one that has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="labjournal-identity-") as scratch:
        bare, recorded = digests(Path(scratch))
    for name in bare:
        print(f"{name:12}  bare {bare[name]}\n{'':12}  ours {recorded[name]}")
    same = bare == recorded
    print("identical, bit for bit" if same else "NOT identical")
    sys.exit(0 if same else 1)


def digests(scratch: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The digests of a bare training and of a recorded one, by name."""
    from journal.ids import new_uid
    from journal.paths import at_home
    from journal.recorder.belonging import SESSION_VARIABLE
    from journal.recorder.tracking import ensure_store, tracking_environment

    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LABJOURNAL_", "MLFLOW_"))}
    environ["PYTHONPATH"] = str(_ROOT)
    paths = at_home(scratch / "home")
    ensure_store(paths.mlflow)
    ours = {**environ, "LABJOURNAL_HOME": str(paths.data)}
    ours |= tracking_environment(paths, ours)
    ours[SESSION_VARIABLE] = new_uid()
    return _train("bare", environ, scratch), _train("recorded", ours, scratch)


def _train(variant: str, environ: dict[str, str], folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bit_identity", variant],
        env=environ, cwd=folder, capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


def train(variant: str) -> dict[str, str]:
    import random

    import numpy as np
    import torch
    from torch import nn

    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3), nn.Linear(8 * 26 * 26, 10)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    data = torch.utils.data.TensorDataset(torch.randn(512, 1, 28, 28), torch.randint(10, (512,)))
    losses: list[str] = []

    def epoch(log: object) -> None:
        for x, y in torch.utils.data.DataLoader(data, batch_size=32, shuffle=True):
            x = x + 0.01 * np.random.rand() + 0.01 * random.random()
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.item()).hex())
            if callable(log):
                log({"train/loss": loss, "train/batch": x.mean(), "learning_rate": 1e-3}, step=len(losses))

    if variant == "bare":
        for _ in range(4):
            epoch(None)
    else:
        import mlflow

        import journal

        with (
            journal.tried("cosine", why="plateau") as trial,
            mlflow.start_run(run_name="named"),
            journal.metrics() as log,
        ):
            for _ in range(4):
                epoch(log)
            trial.outcome("as before", "kept")
    weights = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        weights.update(name.encode() + tensor.numpy().tobytes())
    return {
        "weights": weights.hexdigest(),
        "losses": _digest(" ".join(losses)),
        "random": _digest(repr(random.getstate())),
        "numpy": _digest(repr([part.tolist() if hasattr(part, "tolist") else part for part in np.random.get_state()])),
        "torch": hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest(),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(train(sys.argv[1])))
    else:
        main()
