"""`journal run` as a person runs it: in a process of its own, and what the journal then knows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from journal import db
from journal.paths import Paths
from journal.queries.runs import get_run, list_runs
from journal.queries.sessions import sessions_of_run
from journal.types import Run, Session
from tui.context import take_in

ROOT = Path(__file__).resolve().parents[1]
JOURNAL = (sys.executable, "-m", "tui.cli")
PATIENCE_S = 30.0


def environment(**more: str) -> dict[str, str]:
    """That of a shell in which labjournal is installed, and a store is named, so that none is made."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": "http://127.0.0.1:1", **more}


def journal_run(*words: str | bytes, cwd: Path, **options: Any) -> subprocess.CompletedProcess[Any]:
    """`journal run WORDS`, without a terminal."""
    options = {"env": environment(), "capture_output": True, "text": True, "stdin": subprocess.DEVNULL, **options}
    return subprocess.run([*JOURNAL, "run", *words], cwd=cwd, timeout=120, **options)


def journal_run_begun(*words: str, cwd: Path, **options: Any) -> subprocess.Popen[bytes]:
    """The same, gone on with while it runs."""
    options = {"env": environment(), "stdin": subprocess.DEVNULL, **options}
    return subprocess.Popen([*JOURNAL, "run", *words], cwd=cwd, **options)


def runs(paths: Paths) -> list[Run]:
    """The runs that the journal knows, first one first."""
    take_in(paths)
    with closing(db.connect(paths)) as connection:
        return sorted((get_run(connection, row.ref) for row in list_runs(connection)), key=lambda run: run.ref)


def session(paths: Paths) -> Session:
    """The one session of the one run."""
    take_in(paths)
    with closing(db.connect(paths)) as connection:
        (run,) = list_runs(connection)
        (found,) = sessions_of_run(connection, run.ref)
        return found


def are_open(paths: Paths) -> bool:
    with closing(db.connect(paths)) as connection:
        return bool(connection.execute("SELECT 1 FROM session WHERE exit IS NULL").fetchall())


def wait_for(is_so: Callable[[], object]) -> None:
    for _ in _a_while():
        if is_so():
            return
    raise AssertionError("it did not come")


def written(path: Path) -> str:
    """What a command writes into `path`, as soon as there is a whole line."""
    for _ in _a_while():
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return text
    raise AssertionError(f"nothing was written into {path}")


def _a_while() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
