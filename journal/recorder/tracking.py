"""MLflow beside the journal: the plugin that ties runs to entries and sessions, and the journal's own store.

MLflow loads `EntryRunContext` itself, by an entry point. This file never imports MLflow: the plugin is
found by its two methods, and the store is made by a child process, once.
"""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from journal.errors import JournalUnusable, MissingExtra, SourceError
from journal.file_systems import is_on_shared_file_system
from journal.paths import Paths, find, made
from journal.recorder import make_store, mlflow_ties, uncaught
from journal.recorder.belonging import belonging
from journal.tracking_uris import sqlite_uri

_MAKING_TIMEOUT_S = 300.0


class EntryRunContext:
    """Tags every run that MLflow's fluent API makes inside a trial or a launch with its entry and session.

    A provider for the group `mlflow.run_context_provider`. MLflow asks it by these two methods alone
    (mlflow/tracking/context/registry.py), so it derives from nothing and `import mlflow` stays MLflow's.
    MLflow makes it while it is being imported, which is the moment to see the runs of other ways, too.
    """

    def __init__(self) -> None:
        if belonging() is not None:
            mlflow_ties.install()
            uncaught.listen()

    def in_context(self) -> bool:
        return belonging() is not None

    def tags(self) -> dict[str, str]:
        here = belonging()
        return {} if here is None else here.tags()


# ---------------------------------------------------------------- the journal's own store


def store_path(folder: Path) -> Path:
    return folder / "mlflow.db"


def artifact_root(folder: Path) -> Path:
    """Where the artifacts of the experiments in the store of `folder` lie, each in a folder of its own."""
    return folder / "artifacts"


def tracking_environment(paths: Paths, environ: Mapping[str, str], *, tracking_uri: str = "") -> dict[str, str]:
    """The variables to add to `environ` for a training process that records into the journal at `paths`.

    A store that the person named, in MLFLOW_TRACKING_URI or in the settings (`tracking_uri`), is used;
    else the journal's own, which `ensure_store(paths.mlflow)` makes. MLflow's telemetry is turned off
    unless they said otherwise. LABJOURNAL_HOME is added only where the process would find another spool.
    """
    added = {}
    if not environ.get("MLFLOW_TRACKING_URI"):
        added["MLFLOW_TRACKING_URI"] = tracking_uri or sqlite_uri(store_path(paths.mlflow))
    if "MLFLOW_DISABLE_TELEMETRY" not in environ:
        added["MLFLOW_DISABLE_TELEMETRY"] = "true"
    if find(environ).spool != paths.spool:
        added["LABJOURNAL_HOME"] = str(paths.data.absolute())
    return added


def ensure_store(folder: Path, experiments: Sequence[str] = (), *, making: Callable[[], None] = lambda: None) -> str:
    """The URI of the journal's own MLflow store in `folder`, made with its whole schema where it is missing.

    Two processes that start on a store that does not exist break each other (MLflow migrates without a
    lock), a store beside the working directory is soon two, and a viewer can stop a training process
    in DELETE mode: so it is made once, under a lock, at an absolute path, in WAL mode where the file
    system allows. `experiments` are made with an absolute artifact location, so that a script that calls
    `mlflow.set_experiment(name)` keeps its artifacts here too. Quick when all is there already.

    `making` is called before it is made by this process, and not where another one is at it.

    Raises MissingExtra without MLflow, SourceError where MLflow fails, JournalUnusable where the folder
    cannot be used.
    """
    database = store_path(folder.absolute())
    try:
        if not _is_ready(database, experiments):
            if importlib.util.find_spec("mlflow") is None:
                raise MissingExtra("An MLflow store", "mlflow")
            with _locked(made(folder) / "mlflow.lock"):
                if not _is_ready(database, experiments):  # another process may have been faster
                    making()
                    _make(database, experiments)
    except OSError as error:
        raise JournalUnusable(f"{folder} cannot be used for MLflow's store: {error.strerror or error}.") from error
    return sqlite_uri(database)


def _is_ready(database: Path, experiments: Sequence[str]) -> bool:
    try:
        if database.stat().st_size == 0:
            return False
    except FileNotFoundError:
        return False
    if not experiments:
        return True
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM experiments").fetchall()}
    except sqlite3.Error:  # busy, foreign or damaged: let MLflow say which
        return False
    return names.issuperset(experiments)


def _make(database: Path, experiments: Sequence[str]) -> None:
    artifacts = artifact_root(database.parent)
    if _is_ready(database, ()):
        _run_mlflow(database, artifacts, experiments)
        return
    # Under another name until it is whole: what bears the name of the store is always complete.
    draft = database.with_name(f"mlflow.{os.getpid()}.draft")
    try:
        _run_mlflow(draft, artifacts, experiments)
        if not is_on_shared_file_system(database.resolve()):
            with closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA journal_mode = WAL").fetchone()  # kept in the file; MLflow leaves it
        draft.replace(database)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _run_mlflow(database: Path, artifacts: Path, experiments: Sequence[str]) -> None:
    script = Path(make_store.__file__)
    uri = sqlite_uri(database)
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(script), uri, str(artifacts), *experiments],
            cwd=database.parent,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_MAKING_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"MLflow did not make its store in {database.parent} in time.") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        hint = f"Run: mlflow db upgrade '{uri}'" if "out-of-date database schema" in done.stderr else ""
        failure = SourceError(f"MLflow could not make its store in {database.parent}: {said[-1][:300]}", hint=hint)
        failure.add_note(done.stderr)
        raise failure


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold `path` locked; waits for another process that does. Where there are no locks, without one."""
    with path.open("ab") as file:
        with suppress(ImportError, OSError):  # no fcntl on Windows, no locks on some network file systems
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
