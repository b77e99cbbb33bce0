"""Writes whys into the notes of runs, as MLflow's own pages show them: by MLflow alone, in a process of its own.

MLflow takes a second to load, and a server may take minutes to answer: so whoever asks waits for a limited time,
and what was not written is found missing, and written, the next time. A note that somebody wrote in MLflow since
the runs were mirrored is seen there and left alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec

from importers.mlflow_servers import reason, require_answer
from importers.mlflow_versions import require_same_version
from importers.note_decisions import may_replace, wanted_notes
from journal.db import connect
from journal.errors import JournalError
from journal.mlflow_requests import REQUESTS
from journal.paths import Paths
from journal.queries.mlflow_notes import noted_runs
from journal.tracking_uris import absolute_uri, wandb_path, without_password, without_passwords
from journal.types import NOTE_TAG, RunNote

LIMIT_S = 15.0
_MOST_AT_ONCE = 200
_MOST_FAILURES = 3  # of a store, before it is left for the next time
# -P and our own path: it imports what this process would, whatever lies where the person stands.
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from importers.mlflow_notes import main; main(float(sys.argv[2]))"
)


@dataclass(frozen=True, slots=True)
class NotesReport:
    """How many notes were written, how many still are to be, and why, a sentence for each store."""

    written: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


def mirror_notes(paths: Paths, tracking_uris: Sequence[str], *, limit_s: float = LIMIT_S) -> NotesReport:
    """Write what is missing into the notes of the runs of these stores, as they were last mirrored.

    Never raises for a store, and is back after `limit_s`. Without MLflow nothing is written.
    """
    with closing(connect(paths)) as connection:
        wanted = [
            RunNote(uri, note.run_id, note.text)
            for uri in tracking_uris
            if wandb_path(uri) is None
            for note in wanted_notes(noted_runs(connection, absolute_uri(uri)))
        ]
    if not wanted or find_spec("mlflow") is None:
        return NotesReport()
    return _in_a_process_of_its_own(wanted[:_MOST_AT_ONCE], len(wanted), limit_s)


def _in_a_process_of_its_own(notes: Sequence[RunNote], wanted: int, limit_s: float) -> NotesReport:
    given = json.dumps([(note.tracking_uri, note.run_id, note.text) for note in notes])
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        with subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path), str(limit_s)],
            stdin=subprocess.PIPE, stdout=told, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env={**os.environ, **_environment()}, cwd=tempfile.gettempdir(),
        ) as process:  # fmt: skip
            is_late = False
            try:
                process.communicate(given, timeout=limit_s)
            except subprocess.TimeoutExpired:
                is_late = True
                process.kill()
            except BaseException:
                process.kill()
                raise
        told.seek(0)
        lines = [json.loads(line) for line in told.read().splitlines() if line.endswith("]")]
    done = sum(1 for what, _ in lines if what == "done")
    written = sum(1 for what, wrote in lines if what == "done" and wrote)
    problems = tuple(sentence for what, sentence in lines if what == "failed")
    if is_late:
        problems += (f"MLflow took longer than {limit_s:g} s; the rest is for the next time.",)
    elif process.returncode:
        problems += ("MLflow could not be used; the next sync tries again.",)
    return NotesReport(written, wanted - done, problems)


def _environment() -> dict[str, str]:
    """Short requests, and leave to use the folders of runs that MLflow refuses by now."""
    wanted = {**REQUESTS, "MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_ALLOW_FILE_STORE": "true"}
    return {name: value for name, value in wanted.items() if name not in os.environ}


# ---------------------------------------------------------------- in that process


def main(limit_s: float) -> None:
    """Write the notes that stdin names, store by store; a line of JSON on stdout for each note and each failure."""
    if hasattr(signal, "alarm"):  # also where whoever waits was ended
        signal.alarm(int(limit_s) + 2)
    by_store: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for uri, run_id, text in json.load(sys.stdin):
        by_store[uri].append((run_id, text))
    for uri, notes in by_store.items():
        try:
            _write(uri, notes)
        except JournalError as error:
            _tell("failed", f"{error} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001 - MLflow raises its own, SQLAlchemy's, requests' and plain ones
            said = without_passwords(reason(error, uri))
            _tell("failed", f"The note of a run could not be written to {without_password(uri)}: {said}")


def _write(uri: str, notes: Sequence[tuple[str, str]]) -> None:
    require_answer(uri)
    require_same_version(uri)
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    failures: list[Exception] = []
    for run_id, text in notes:
        try:
            run = client.get_run(run_id)
            present = run.data.tags.get(NOTE_TAG, "")
            is_wanted = run.info.lifecycle_stage == "active" and may_replace(present) and present != text
            if is_wanted:
                client.set_tag(run_id, NOTE_TAG, text)
        except Exception as error:  # noqa: BLE001 - as in main; one run must not keep the others from theirs
            failures.append(error)
            if len(failures) == _MOST_FAILURES:
                break
        else:
            _tell("done", is_wanted)
    if failures:
        raise failures[0]


def _tell(what: str, value: object) -> None:
    sys.stdout.write(json.dumps([what, value]) + "\n")
    sys.stdout.flush()
