"""What is captured before a command starts, in a repository of 1,000 files with some changes, beside `git status` alone."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from tests import repositories
from tests.bench.table import JOURNAL, PYTHON, Bench, Line

_FILES = 1_000
_BUDGET_MS = 150
# A process of its own, for loading the code of capturing is part of the wait; what `journal run` has loaded is there.
_CAPTURE = """\
import os, subprocess, sys, time
from pathlib import Path
import journal.recorder.spool
argv = [sys.executable, "src/m0/f0.py", "--lr", "0.1", "--seed", "3"]
began = time.perf_counter()
from journal.recorder.capture import capture_before
facts = capture_before(argv, Path(sys.argv[1]), os.environ)
print(time.perf_counter() - began)
assert facts["code"]["dirty"] == "yes" and facts["patch"]["tracked"] and len(facts["packages"]) > 10
"""


def capturing(bench: Bench) -> list[Line]:
    """Ours is what the command waits for, with the import of the code; the floor is a whole process of git."""
    root = _repository(bench.scratch / "thousand")
    # An installed program has its bytecode.
    env = {name: value for name, value in bench.env.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(bench.scratch / "bytecode")
    ours, floor = [], []
    for _ in range(2 * bench.rounds + 1):
        told = subprocess.run([PYTHON, "-c", _CAPTURE, str(root)], env=env, check=True, capture_output=True, text=True)
        ours.append(float(told.stdout) * 1000)
        began = time.perf_counter()
        subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True)
        floor.append((time.perf_counter() - began) * 1000)
    starts, wholes, floors = _launched(bench, root, env)
    start, whole, bare = (statistics.median(each[1:]) for each in (starts, wholes, floors))
    one, other = statistics.median(ours[1:]), statistics.median(floor[1:])
    return [
        Line(
            f"capture in a repository of {_FILES:,} files / git status", f"{one:.0f} ms", f"{other:.0f} ms",
            f"{one:.0f} ms, at most {max(ours[1:]):.0f}", f"{_BUDGET_MS} ms", one <= _BUDGET_MS,
        ),
        Line(
            "  journal run, until the command starts; nothing subtracted", f"{start:.0f} ms", "",
            f"{start:.0f} ms, at most {max(starts[1:]):.0f}", f"{_BUDGET_MS} ms", start <= _BUDGET_MS,
        ),
        Line("  journal run -- true / true, whole", f"{whole:.0f} ms", f"{bare:.0f} ms", f"{whole - bare:+.0f} ms", "", True),
    ]  # fmt: skip


def _launched(bench: Bench, root: Path, env: dict[str, str]) -> tuple[list[float], list[float], list[float]]:
    """In milliseconds: until the command of `journal run` runs, `journal run -- true`, and `true` alone.

    The first holds our interpreter's start, the capture and the shell's start: what a user waits for.
    """
    env = {**env, "LABJOURNAL_HOME": str(bench.scratch / "launching"), "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
    env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])  # the program of this checkout, wherever it runs
    starts: list[float] = []
    wholes: list[float] = []
    floors: list[float] = []
    for _ in range(2 * bench.rounds + 1):
        began = time.time()
        told = subprocess.run(
            [*JOURNAL, "run", "--", "sh", "-c", "date +%s.%N"], cwd=root, env=env, check=True, capture_output=True,
            text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        starts.append((float(told.stdout) - began) * 1000)
        for taken, command in ((wholes, [*JOURNAL, "run", "--", "true"]), (floors, ["true"])):
            at = time.perf_counter()
            subprocess.run(command, cwd=root, env=env, check=True, stdin=subprocess.DEVNULL)
            taken.append((time.perf_counter() - at) * 1000)
    return starts, wholes, floors


def _repository(root: Path) -> Path:
    """Forty folders of modules, three of them changed, two new."""
    root.mkdir(parents=True)
    for number in range(_FILES):
        file = root / "src" / f"m{number % 40}" / f"f{number // 40}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(repositories.CODE + f"x = {number}\n")
    repositories.git(root, "init", "-q")
    repositories.committed(root)
    for number in range(3):
        (root / "src" / f"m{number}" / "f0.py").write_text(repositories.CODE.replace("0.1", "0.2"))
    for number in range(2):
        (root / f"new{number}.py").write_text(repositories.CODE)
    return root
