"""The store that the mirror's tests read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journal.tracking_uris import sqlite_uri
from tests.importers.stores import WRITE_RUNS, changed


@pytest.fixture(scope="session")
def full_store(mlflow_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full") / "mlflow"
    shutil.copytree(mlflow_store, folder)
    subprocess.run(
        [sys.executable, "-c", WRITE_RUNS], cwd=folder, check=True, capture_output=True,
        env={**os.environ, "MLFLOW_TRACKING_URI": sqlite_uri(folder / "mlflow.db"), "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    return folder / "mlflow.db"


@pytest.fixture
def store(full_store: Path, tmp_path: Path) -> Path:
    """A copy of a real store that a test may change, in the journal mode that MLflow leaves it in: DELETE."""
    path = tmp_path / "mlflow.db"
    shutil.copyfile(full_store, path)
    changed(path, "PRAGMA journal_mode = DELETE")
    return path
