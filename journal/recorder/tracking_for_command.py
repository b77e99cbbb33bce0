"""Where the MLflow runs of a command go: the store that the person has, else the journal's own.

Never at the command's cost: the journal's own store is named to it only where its MLflow can open that store.
MLflow refuses one whose tables are of another version, even if that is older than itself.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from journal.errors import JournalError
from journal.paths import Paths
from journal.recorder.capture.interpreter import described, python_of
from journal.recorder.capture.packages import package_folders
from journal.recorder.tracking import ensure_store, store_path, tracking_environment
from journal.tracking_uris import sqlite_uri

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
_LEAST_FREE_BYTES = 32 * 1024 * 1024
_BUSY_TIMEOUT_S = 5.0
_REVISION = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)


def tracking_variables(
    command: Sequence[str],
    paths: Paths,
    environ: Mapping[str, str],
    *,
    tracking_uri: str = "",
    say: Callable[[str], None],
    is_making: threading.Event | None = None,
) -> dict[str, str]:
    """The variables to add to `environ` for a command started in the working directory.

    `tracking_uri` is that of the settings. The journal's own store is made where it is missing, which takes
    seconds, once: so long, `is_making` is set. `say` is told so, and why where it cannot be made. Raises nothing
    of its own.
    """
    added = tracking_environment(paths, environ, tracking_uri=tracking_uri)
    is_ours = TRACKING_VARIABLE in added and not tracking_uri
    if is_ours and (store_here() or not _own_store_serves(command, paths, environ, say, is_making)):
        del added[TRACKING_VARIABLE]
    return added


def store_here(folder: Path | None = None) -> Path | None:
    """The store that MLflow itself finds in the working directory: a file, or a folder of older versions."""
    here = folder or Path()
    try:
        if (here / "mlflow.db").is_file():
            return here / "mlflow.db"
        runs = here / "mlruns"
        return runs if any(each.is_file() for each in runs.glob("*/meta.yaml")) else None
    except OSError:
        return None


def _own_store_serves(
    command: Sequence[str],
    paths: Paths,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    is_making: threading.Event | None,
) -> bool:
    python = python_of(command, environ)
    package = mlflow_of(python, environ) if python else None
    wanted = newest_tables(package) if package else None
    if wanted is None:
        return False
    database = store_path(paths.mlflow)
    if not database.exists():
        if _our_tables() != wanted:
            return False
        if is_making is not None:
            is_making.set()
        try:
            ensure_store(paths.mlflow, making=lambda: say("Making MLflow's store, once; that takes some seconds."))
        except JournalError as error:
            say(f"{error} The command runs without it.")
            return False
        finally:
            if is_making is not None:
                is_making.clear()
    kept = kept_tables(database)
    if kept is not None and kept != wanted and _our_tables() == wanted:
        say(
            "MLflow was updated and the journal's store was not; until it is, it is not used: "
            f"mlflow db upgrade '{sqlite_uri(database)}'"
        )
    return kept == wanted and _is_usable(database)


def mlflow_of(python: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder of the package `mlflow` that this interpreter imports; None where there is none."""
    folders = package_folders(described(python.absolute(), environ), environ, Path())
    return next((folder / "mlflow" for folder in folders if (folder / "mlflow" / "__init__.py").is_file()), None)


def newest_tables(package: Path) -> str | None:
    """The version of the tables that the MLflow in this folder makes and asks for; None where that is not seen."""
    revisions: set[str] = set()
    followed: set[str] = set()
    try:
        for script in (package / "store/db_migrations/versions").glob("*.py"):
            for name, value in _REVISION.findall(script.read_text(encoding="utf-8", errors="replace")):
                (revisions if name == "revision" else followed).add(value)
    except OSError:
        return None
    newest = revisions - followed
    return newest.pop() if len(newest) == 1 else None


def kept_tables(database: Path) -> str | None:
    """The version of the tables in a store; None where it cannot be read."""
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except (sqlite3.Error, OSError):
        return None
    return str(rows[0][0]) if len(rows) == 1 else None


def _our_tables() -> str | None:
    spec = find_spec("mlflow")
    return newest_tables(Path(spec.origin).parent) if spec and spec.origin else None


def _is_usable(database: Path) -> bool:
    """Whether runs can be written there: else MLflow's own default is better than an error in training."""
    try:
        is_writable = os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)
        return is_writable and shutil.disk_usage(database.parent).free >= _LEAST_FREE_BYTES
    except OSError:
        return False
