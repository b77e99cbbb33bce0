"""`make story`: a day with the journal, from the morning's papers to the evening's list, with real training.

Everything happens in a folder that is thrown away: a journal, a git repository with `train.py` and a colleague, and
a stand-in for arXiv on 127.0.0.1. What is printed is what the commands print.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.arxiv_service import EASTERN, ArxivService, Paper, list_of

HERE = Path(__file__).parent
_PATIENCE_S = 120.0


class Day:
    """Runs commands in the repository of the day, and prints each with what it says."""

    def __init__(self, folder: Path, arxiv: ArxivService) -> None:
        self.lab = folder / "lab"
        self.lab.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LABJOURNAL_", "MLFLOW_"))}
        tools = folder / "bin"
        tools.mkdir()
        (tools / "journal").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tui.cli "$@"\n')
        (tools / "journal").chmod(0o755)
        self.env = {
            **kept,
            "HOME": str(folder),
            "LABJOURNAL_HOME": str(folder / "journal"),
            "LABJOURNAL_ARXIV_RSS": arxiv.url("").rstrip("/"),
            "LABJOURNAL_ARXIV_API": arxiv.url("/api/query"),
            "LABJOURNAL_ARXIV_OAI": arxiv.url("/oai"),
            "LABJOURNAL_ARXIV_INTERVAL": "0",
            "PATH": f"{tools}:{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}",
            "PYTHONPATH": str(HERE.parents[1]),
            "COLUMNS": "110",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }

    def tell(self, words: str) -> None:
        print(f"\n# {words}", flush=True)

    def do(self, line: str, *, expects: Sequence[int] = (0,)) -> str:
        """Run a shell line; stdout and stderr are shown together, as a terminal does."""
        print(f"$ {line}", flush=True)
        done = subprocess.run(
            line, shell=True, cwd=self.lab, env=self.env, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        print(done.stdout.rstrip(), flush=True)
        if done.returncode not in expects:
            raise SystemExit(f"The story ends here: exit code {done.returncode} of: {line}")
        return done.stdout

    def start(self, line: str) -> subprocess.Popen[bytes]:
        print(f"$ {line} &", flush=True)
        return subprocess.Popen(["/bin/sh", "-c", f"exec {line}"], cwd=self.lab, env=self.env, stdin=subprocess.DEVNULL)

    def wait_for(self, file: str, text: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while text not in self._read(file):
            if time.monotonic() > end:
                raise SystemExit(f"The story ends here: {text!r} never came into {file}:\n{self._read(file)}")
            time.sleep(0.05)

    def _read(self, file: str) -> str:
        path = self.lab / file
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def commit(self, author: str, message: str) -> None:
        who = ("-c", f"user.name={author}", "-c", f"user.email={author.split()[0].lower()}@example.org")
        for words in (("add", "-A"), ("commit", "-q", "-m", message)):
            subprocess.run(["git", *who, *words], cwd=self.lab, env=self.env, check=True)

    def last_run(self) -> str:
        done = subprocess.run(
            ["journal", "runs", "list", "--limit", "1", "--json"], cwd=self.lab, env=self.env, text=True,
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        return str(json.loads(done.stdout)[0]["ref"])


def morning(day: Day) -> None:
    day.tell("Morning. What is new, and what of it is for later.")
    day.do("journal feed add cs.LG")
    day.do("journal feed fetch")
    day.do("journal today")
    day.do("journal triage p1 queue")
    day.do("journal triage p2 keep")


def at_work(day: Day) -> None:
    day.tell("At work. The repository has a script that logs to MLflow and knows nothing of the journal.")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=day.lab, env=day.env, check=True)
    for name in ("train.py", "digits.py"):
        shutil.copy(HERE / name, day.lab / name)
    (day.lab / ".gitignore").write_text("__pycache__/\n*.pt\n*.log\n")
    day.commit("Ada Ampere", "Train a small network on MNIST")
    day.do("journal log --type idea 'cosine schedule' --attribute schedule --why 'the loss still jumps at the end'")
    day.do("journal run --no-ask --what baseline --why 'something to compare with' -- python train.py")
    day.do("journal run --no-ask --entry e2 -- python train.py --seed 1 > /dev/null")
    day.do("journal run --no-ask --entry e2 -- python train.py --seed 2 > /dev/null")
    day.do(
        "journal run --no-ask --what 'cosine schedule' --why 'the loss still jumps at the end' "
        "--expect 'validation/accuracy +0.005' --paper p2 -- python train.py --schedule cosine"
    )
    for seed in (1, 2):
        day.do(f"journal run --no-ask --entry e3 -- python train.py --schedule cosine --seed {seed} > /dev/null")
    day.do("journal link e3 e1 --as follows")
    day.do("journal runs list")
    day.tell("Did it hold? The difference, beside what the seeds do by themselves.")
    day.do("journal runs diff r1 r4")


def a_colleague(day: Day) -> None:
    day.tell("A colleague's update comes in, and the same command does worse.")
    digits = day.lab / "digits.py"
    digits.write_text(digits.read_text().replace("return images / 255\n", "return (images - 127.5) / 2550\n"))
    day.commit("Bela Berg", "Centre the images")
    day.do("journal run --no-ask --what 'cosine again' --why 'after the update' -- python train.py --schedule cosine")
    day.do(f"journal runs diff r4 {day.last_run()}")


def it_breaks(day: Day) -> None:
    day.tell("It breaks: a crash, with the tail of its output; the exit code is the command's.")
    crash = "journal run --no-ask --what 'nine classes' -- python train.py --classes 9 > crash.log 2>&1"
    day.do(crash, expects=(1,))
    day.do(f"journal runs show {day.last_run()}")
    day.tell("A long training in short sessions: stopped by SIGTERM, and continued as the same run.")
    train = "python train.py --epochs 12 --checkpoint long.pt"
    process = day.start(f"journal run --no-ask --what 'train for longer' -- {train} > long.log 2>&1")
    day.wait_for("long.log", "epoch 3")
    process.send_signal(signal.SIGTERM)
    process.wait()
    run = day.last_run()
    day.do(f"journal run --no-ask --continue {run} -- {train} > longer.log 2>&1")
    day.do(f"journal runs show {run}")
    day.tell("Killed with SIGKILL, command and all: MLflow will call it RUNNING for ever.")
    process = day.start("journal run --no-ask --what 'to be killed' -- python train.py --epochs 500 > killed.log 2>&1")
    day.wait_for("killed.log", "epoch 2")
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    for pid in (process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    day.do("journal runs list 'status:vanished'")


def evening(day: Day) -> None:
    day.tell("Evening. What came of it, what is open, and what to try next.")
    day.do("journal outcome e3 'within the spread of the seeds' --verdict unclear")
    day.do("journal note r4 'the last epochs are smoother; worth a longer run'")
    day.do("journal entries")
    day.do("journal board")
    day.do("journal search cosine")


def of_the_newest_list(now: datetime) -> datetime:
    """A time of submission that arXiv announced in its newest list."""
    today = now.astimezone(EASTERN).date()
    times = (datetime(now.year, now.month, now.day, 15, tzinfo=UTC) - timedelta(days=days) for days in range(1, 9))
    return next(time for time in times if list_of(time) <= today)


def main() -> None:
    now = datetime.now(UTC)
    submitted = of_the_newest_list(now)
    papers = [
        Paper(f"{submitted:%y%m}.{number:05d}", (submitted,), title=title, abstract=abstract)
        for number, (title, abstract) in enumerate(_PAPERS, start=1)
    ]
    with tempfile.TemporaryDirectory(prefix="labjournal-story-") as folder, ArxivService(papers, now) as arxiv:
        day = Day(Path(folder), arxiv)
        for part in (morning, at_work, a_colleague, it_breaks, evening):
            part(day)


_PAPERS = (
    ("Warm-up is all small networks need", "We find that small networks gain from warm-up alone."),
    ("Cosine schedules revisited", "We compare schedules of the learning rate on small images."),
    ("A benchmark of table understanding", "We present a benchmark of questions about tables."),
)

if __name__ == "__main__":
    main()
