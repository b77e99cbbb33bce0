"""A real MLflow store, and how a test changes one."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

# Run by a real MLflow, in a process of its own: its warnings are not those of our tests.
WRITE_RUNS = """
import math, mlflow
from mlflow import MlflowClient
mlflow.set_experiment("mnist")
with mlflow.start_run(run_name="parent", description="why: **bold** \\u001b[31m\\nsecond line") as parent:
    mlflow.log_params({"learning_rate": 0.1, "note": "ä " + "x" * 500})
    mlflow.log_metric("train/loss", 1.0, step=1, timestamp=1_700_000_000_000)
    mlflow.log_metric("train/loss", 0.5, step=2, timestamp=1_700_000_001_000)
    mlflow.log_metrics({"nan": math.nan, "up": math.inf, "down": -math.inf, "zero": 0.0}, step=7)
    mlflow.log_metric("far", 1.0, timestamp=1_700_000_000_000_000_000)  # nanoseconds, by mistake
    mlflow.set_tags({"journal.entry": "01m7vyg2cx8sf3q5bg0yzrnf70", "empty": ""})
    with mlflow.start_run(run_name="child", nested=True): pass
try:
    with mlflow.start_run(run_name="failed"): raise LookupError
except LookupError: pass
client = MlflowClient()
client.create_run("0", run_name="running")
killed = client.create_run("0", run_name="killed").info.run_id
client.set_terminated(killed, "KILLED")
deleted = client.create_run("0", run_name="deleted").info.run_id
client.set_terminated(deleted)
client.delete_run(deleted)
"""


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def aged(store: Path, seconds: float = 5) -> None:
    """Let the store's files be last written some seconds ago."""
    for file in (store, store.with_name(store.name + "-wal")):
        if file.exists():
            os.utime(file, (time.time() - seconds,) * 2)
