"""Training scripts as a user writes them, run by a real Python beside a real MLflow store."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

from journal.paths import at_home
from journal.recorder.tracking import tracking_environment

ROOT = Path(__file__).resolve().parents[3]


def plugin_site(tmp_path: Path) -> Path:
    """A folder that tells Python of the entry points that pyproject.toml declares, as an installation does."""
    (entry_points,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"].items()
    metadata = tmp_path / "site" / "labjournal-0.dist-info"
    metadata.mkdir(parents=True, exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: labjournal\nVersion: 0\n")
    group, declared = entry_points
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in declared.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    return metadata.parent


def environment(home: Path, mlflow_store: Path | None = None, **more: str) -> dict[str, str]:
    """That of a training process which records into the journal at `home`, with an MLflow store of its own."""
    site = plugin_site(home.parent)
    environ = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "LABJOURNAL_HOME": str(home), **more}
    if mlflow_store is not None and not (home / "mlflow").exists():
        home.mkdir(exist_ok=True)
        shutil.copytree(mlflow_store, home / "mlflow")
    return {**environ, **tracking_environment(at_home(home), environ)}


def run(script: str, environ: dict[str, str], *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script from a file, so that tracebacks quote it."""
    file = Path(environ["LABJOURNAL_HOME"]).parent / "train.py"
    file.write_text(script)
    options = {"cwd": file.parent, "timeout": 120, **options}
    return subprocess.run(
        [sys.executable, str(file), *arguments], env=environ, capture_output=True, text=True, **options
    )


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    """What MLflow's own store of the journal at `home` holds."""
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as connection:
        return connection.execute(query).fetchall()
