"""Runs to compare: recorded as a training process records them, with what surrounded them and where their code lies."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from journal.curves import Curve
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.events import CapturedEvent, EndedEvent, LaunchedEvent
from journal.store import runs
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.types import SESSION_TAG, Kind, MetricValue, Ref, Run, RunDraft, RunStatus, SessionExit
from tests.conftest import NOON
from tests.repositories import git, made

Facts = Mapping[str, Mapping[str, str]]


def record(
    paths: Paths,
    number: int,
    *,
    params: Mapping[str, str] | None = None,
    metrics: Mapping[str, float] | None = None,
    facts: Facts | None = None,
    tags: Mapping[str, str] | None = None,
    argv: Sequence[str] = (),
    output: str = "",
    experiment: str = "mnist",
    name: str = "",
    status: RunStatus = RunStatus.finished,
    step: int = 1_000,
) -> Ref:
    """The run r`number` of MLflow, started so many hours after noon; with `facts`, launched by `journal run`."""
    start = LaunchedEvent(
        uid=new_uid(), entry="", at=NOON + timedelta(hours=number), host="box", pid=number, cwd="/work",
        argv=tuple(argv) or ("python", "train.py"),
    )  # fmt: skip
    told = dict(tags or {})
    if facts is not None or argv or output:
        spool.put(paths.spool, start)
        if facts is not None:
            spool.put(
                paths.spool,
                CapturedEvent(
                    uid=new_uid(), session=start.uid, facts={name: dict(section) for name, section in facts.items()}
                ),
            )
        end = NOON + timedelta(hours=number, minutes=20)
        spool.put(
            paths.spool,
            EndedEvent(uid=new_uid(), session=start.uid, at=end, exit=SessionExit.finished, error="", output=output),
        )
        assert take_in_spool(paths) == 0
        told[SESSION_TAG] = start.uid
    draft = RunDraft(
        run_id=f"{number:032x}", tracking_uri="sqlite:////s", name=name or f"run {number}", experiment=experiment,
        status=status, started_at=NOON + timedelta(hours=number), tags=told, params=dict(params or {}),
        metrics={key: MetricValue(value=value, step=step) for key, value in (metrics or {}).items()},
    )  # fmt: skip
    with program_change(paths, clock=lambda: NOON + timedelta(days=2)) as change:
        runs.mirror(change, [(draft, "d")])
    return Ref(Kind.run, number)


def facts_at(root: Path, commit: str, patch: Mapping[str, str] | None = None, **sections: Mapping[str, str]) -> Facts:
    """What is captured of a run in the repository `root`."""
    return {
        "code": {"root": str(root), "repository": str(root), "commit": commit, "branch": "main",
                 "dirty": "yes" if patch else "no"},
        **({"patch": patch} if patch else {}),
        "packages": {"torch": "2.6.0", "numpy": "2.1.0"},
        "python": {"version": "3.11.7"},
        **sections,
    }  # fmt: skip


def uncommitted(root: Path) -> str:
    """The patch of what is changed in the work tree now, byte for byte; the tree is put back to its commit."""
    done = subprocess.run(["git", "diff", "--binary", "-M", "HEAD"], cwd=root, check=True, capture_output=True)
    git(root, "reset", "-q", "--hard")
    return done.stdout.decode()


def committed_by(root: Path, author: str, subject: str) -> str:
    """Everything in `root` committed in somebody's name; the commit's id."""
    address = f"{author.split()[0].lower()}@example.org"
    git(root, "add", "-A")
    git(root, "-c", f"user.name={author}", "-c", f"user.email={address}", "commit", "-q", "-m", subject)
    return git(root, "rev-parse", "HEAD")


def story(paths: Paths, folder: Path) -> Path:
    """r1, r2: the baseline with seeds 0 and 1. r3, r4: smoothing 0.2, not committed, after a colleague's commit
    that changed how batches are loaded. The repository, in which A is the person who trains.
    """
    root = made(folder / "nets")
    git(root, "config", "user.name", "A")
    git(root, "config", "user.email", "a@example.org")
    before = git(root, "rev-parse", "HEAD")
    train = root / "train.py"
    for seed in (0, 1):
        _train(
            paths,
            1 + seed,
            seed,
            0.9902 + 0.0003 * seed,
            "0.1",
            facts_at(root, before, data={"/data/mnist": "ab" * 20}),
        )
    (root / "loader.py").write_text("def batches(data, size):\n    # drops the last, shorter batch\n    ...\n")
    train.write_text(train.read_text().replace("return parse(opened)", "return parse(opened, drop_last=True)"))
    after = committed_by(root, "Bob Brown", "Load batches in their own file")
    train.write_text(train.read_text().replace("smoothing=0.1", "smoothing=0.2"))
    patch = {"tracked": uncommitted(root), "untracked/sweep.sh": "for s in 0 1; do python train.py --seed $s; done\n"}
    for seed in (0, 1):
        facts = facts_at(root, after, patch, data={"/data/mnist": "cd" * 20}, hardware={"gpu 0": "H200"})
        packages = {"torch": "2.7.0", "numpy": "2.1.0", "einops": "0.8"}
        _train(paths, 3 + seed, seed, 0.9925 + 0.0002 * seed, "0.2", {**facts, "packages": packages})
    return root


def _train(paths: Paths, number: int, seed: int, accuracy: float, smoothing: str, facts: Facts) -> None:
    command = ("python", "train.py", "--smoothing", smoothing, "--seed", str(seed))
    record(
        paths, number, argv=command, name=f"cnn, smoothing {smoothing}, seed {seed}",
        params={"smoothing": smoothing, "seed": str(seed), "epochs": "20"},
        metrics={"validation/accuracy": accuracy, "train/loss": 0.31 if smoothing == "0.2" else 0.25},
        facts={**facts, "command": {"line": " ".join(command), "seed": str(seed)}},
        output=f"60,000 images\nsmoothing {smoothing}\nepoch 1\n",
    )  # fmt: skip


def curves(paths: Paths, run: Run, keys: Sequence[str]) -> tuple[Curve, ...]:
    """Curves as the importers read them: r1 and r3 are the same up to step 312, and apart from step 480."""
    number = run.ref.number
    steps = tuple(range(0, 1000, 4))
    noise = [0.02 * math.sin(step * 12.9898 + (number % 2) * 78.233) for step in steps]
    loss = [2 * math.exp(-step / 200) + one for step, one in zip(steps, noise, strict=True)]
    if number > 2:
        loss = [
            value + (0.0001 if 312 < step < 480 else 0.06 if step >= 480 else 0)
            for step, value in zip(steps, loss, strict=True)
        ]
    found = {"train/loss": loss, "validation/accuracy": [0.99 - value / 10 for value in loss]}
    return tuple(
        Curve(key=key, steps=steps, values=tuple(found[key]), times_ms=tuple(steps)) for key in keys if key in found
    )
