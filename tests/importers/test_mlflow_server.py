"""A server is read, and given notes, through MLflow's own client; one that fails costs a sentence and no time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from importers.mlflow_notes import mirror_notes
from importers.mlflow_versions import require_same_version
from journal.db import connect
from journal.errors import Unreadable
from journal.paths import Paths
from journal.tracking_uris import sqlite_uri
from tests.importers.stores import WRITE_RUNS, changed

ROOT = Path(__file__).resolve().parents[2]


def journal(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "tui.cli", *words], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


# ---------------------------------------------------------------- a real one


@pytest.fixture(scope="module")
def server(mlflow_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real MLflow server with the runs of WRITE_RUNS."""
    folder = tmp_path_factory.mktemp("server")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--backend-store-uri", sqlite_uri(folder / "mlflow.db"), "--artifacts-destination", str(folder / "artifacts")],
        cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(600):
            with suppress(OSError):
                urllib.request.urlopen(f"{uri}/health", timeout=1).read()
                break
            assert process.poll() is None
            time.sleep(0.1)
        subprocess.run(
            [sys.executable, "-c", WRITE_RUNS], cwd=folder, check=True, capture_output=True,
            env={**environ, "MLFLOW_TRACKING_URI": uri},
        )  # fmt: skip
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # a group of its own: the server and its worker
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def test_the_runs_of_a_real_server_are_mirrored_and_given_their_whys(paths: Paths, server: str):
    first = journal("runs", "sync", "--store", server, "--json")
    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert (report["new"], report["deleted"], report["tracking_uri"]) == (5, 1, server)

    with closing(connect(paths)) as connection:
        (ref,) = connection.execute("SELECT 'r' || number FROM item WHERE kind = 'run' AND title = 'failed'").fetchone()
    written = journal("log", "steps instead", "--why", "as a baseline", "--run", ref)
    assert written.returncode == 0, written.stderr
    again = journal("runs", "sync", "--json")
    assert json.loads(again.stdout)["notes_written"] == 1, again.stderr
    after = journal("runs", "sync", "--json")
    assert json.loads(after.stdout)["notes_written"] == 0
    shown = json.loads(journal("runs", "show", ref, "--json").stdout)
    assert shown["note"].startswith("journal e")
    assert "Why: as a baseline" in shown["note"]


# ---------------------------------------------------------------- broken ones


class Broken(BaseHTTPRequestHandler):
    """Fails in the way that the first part of its path names."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        how = self.path.split("/")[1]
        if how == "html":
            self.answer(200, b"<!doctype html><html><body>Welcome</body></html>", "text/html")
        elif how == "missing":
            self.answer(404, b"<html>Not Found</html>", "text/html")
        elif how == "auth":
            self.answer(401, b"You are not authenticated.", "text/plain")
        elif how == "forbidden":
            self.answer(403, b"no", "text/plain")
        elif how == "error":
            self.answer(500, b'{"error_code": "INTERNAL_ERROR", "message": "the disk is full"}')
        elif how == "silent":
            self.server.stopping.wait(30)  # type: ignore[attr-defined]
        elif how == "drips":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not self.server.stopping.wait(0.2):  # type: ignore[attr-defined]
                    self.wfile.write(b" ")
        elif how == "round":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif how == "endless":
            self.answer(200, b'{"experiments": [], "next_page_token": "same"}')
        elif how == "empty":
            self.answer(200, b"{}")
        elif "runs/search" in self.path:  # dies in the middle
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"runs": [')
            self.close_connection = True
        else:
            self.answer(
                200, b'{"experiments": [{"experiment_id": "0", "name": "Default", "lifecycle_stage": "active"}]}'
            )

    do_POST = do_GET

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def broken() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    server.stopping = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.stopping.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


# One process for all of them: MLflow takes seconds to load. Its limits are shortened alone.
READ_ALL = """
import os, sys, time
os.environ.update(MLFLOW_HTTP_REQUEST_TIMEOUT="1", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
from importers import mlflow_servers
from journal.errors import JournalError
mlflow_servers.PAGE_TIMEOUT_S = 3.0
import mlflow
for uri in sys.argv[1:]:
    began = time.monotonic()
    try: print("read", len(list(mlflow_servers.read_runs(uri))))
    except JournalError as error: print(f"{type(error).__name__}: {error}".replace("\\n", "|NEWLINE|"))
    assert time.monotonic() - began < 30, uri
"""
SAID = {
    "html": "what answers there is no MLflow server.",
    "missing": "what answers there is no MLflow server, or one at another path (HTTP 404).",
    "auth": "it asks for a name and a password, see MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (HTTP 401).",
    "forbidden": "it does not let you in, see MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (HTTP 403).",
    "error": "it fails itself (HTTP 500).",
    "silent": "it did not answer in time.",
    "drips": "it did not answer in time.",
    "round": "redirects",
    "endless": "its pages have no end.",
    "empty": "it tells of no experiment: either what answers there is no MLflow server, or you may not see what it has.",
    "dies": "it broke off in the middle.",
}


def test_an_address_of_another_kind_is_one_sentence(paths: Paths):
    done = journal("runs", "sync", "--store", "ftp://x")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("cannot be read: MLflow knows no store whose address begins with ftp:.\n")


def test_each_way_to_fail_is_one_sentence(mlflow_store: Path, broken: str):
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, *(f"{broken}/{how}" for how in SAID)], capture_output=True, text=True,
        timeout=300, env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for (how, said), line in zip(SAID.items(), done.stdout.splitlines(), strict=True):
        assert line.startswith(f"Unreachable: The MLflow store at {broken}/{how} cannot be read: "), line
        assert said in line
        assert "NEWLINE" not in line
        assert len(line) < 450


def test_a_server_that_accepts_and_never_answers_has_the_time_of_one_small_answer(mlflow_store: Path, broken: str):
    script = (
        "import sys; from importers import mlflow_servers\n"
        "mlflow_servers.FIRST_ANSWER_S, mlflow_servers.PAGE_TIMEOUT_S = 0.5, 1000.0\n"
        "try: list(mlflow_servers.read_runs(sys.argv[1]))\n"
        "except Exception as error: print(error)\n"
    )
    patient = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "100", "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, f"{broken}/silent"], capture_output=True, text=True, timeout=100,
        env={**os.environ, **patient},
    )  # fmt: skip
    assert done.stdout.endswith("it did not answer in time.\n"), done.stdout + done.stderr


def test_a_server_that_dies_in_the_middle_marks_nothing_as_gone(paths: Paths, mlflow_store: Path, broken: str):
    uri = f"{broken}/dies"
    with closing(connect(paths)) as connection:
        connection.executescript(
            "INSERT INTO item (id, kind, number, uid, title, created_at, updated_at) VALUES "
            "(1, 'run', 1, '01m7vyg2cx8sf3q5bg0yzrnf70', 'kept', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000');"
            f"INSERT INTO run (item_id, run_id, tracking_uri, status, digest) VALUES (1, 'abc', '{uri}', 'finished', 'x');"
        )
    done = journal("runs", "sync", "--store", uri)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("journal: The MLflow store at")
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT lifecycle, digest FROM run").fetchall() == [("active", "x")]


# ---------------------------------------------------------------- stores that are not ours to migrate


def test_a_database_of_another_mlflow_is_not_opened_through_this_one(mlflow_store: Path, tmp_path: Path):
    pytest.importorskip("mlflow")
    store = tmp_path / "mlflow.db"
    store.write_bytes((mlflow_store / "mlflow.db").read_bytes())
    changed(store, "PRAGMA journal_mode = DELETE")
    require_same_version(sqlite_uri(store))
    changed(store, "UPDATE alembic_version SET version_num = 'before'")
    before = store.read_bytes()
    with pytest.raises(Unreadable, match="another version of MLflow"):
        require_same_version(sqlite_uri(store))
    changed(store, "DROP TABLE alembic_version")
    with pytest.raises(Unreadable, match="another version of MLflow"):
        require_same_version(sqlite_uri(store))
    assert before != b""


def test_notes_never_migrate_a_store_of_another_version(paths: Paths, mlflow_store: Path, tmp_path: Path):
    """MLflow makes the tables that it misses as soon as a store is opened: an older training would find it strange."""
    store = tmp_path / "mlflow.db"
    store.write_bytes((mlflow_store / "mlflow.db").read_bytes())
    changed(
        store,
        "PRAGMA journal_mode = DELETE",
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) "
        "VALUES ('a1', 'old', 'FINISHED', 1, 'active', 0)",
        "DROP TABLE trace_info",
        "UPDATE alembic_version SET version_num = 'before'",
    )
    assert journal("runs", "sync", "--store", str(store)).returncode == 0
    assert journal("log", "a try", "--why", "because", "--run", "r1").returncode == 0
    before = store.read_bytes()
    done = journal("runs", "sync")
    assert done.returncode == 0
    assert "another version of MLflow" in done.stderr
    assert store.read_bytes() == before


def test_a_server_that_hangs_costs_the_notes_their_limit_and_no_more(paths: Paths, mlflow_store: Path, broken: str):
    uri = f"{broken}/silent"
    with closing(connect(paths)) as connection:
        connection.executescript(
            "INSERT INTO item (id, kind, number, uid, title, created_at, updated_at) VALUES "
            "(1, 'run', 1, '01m7vyg2cx8sf3q5bg0yzrnf70', 'r', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000'), "
            "(2, 'entry', 1, '01m7vyg2cx8sf3q5bg0yzrnf71', 'e', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000');"
            f"INSERT INTO run (item_id, run_id, tracking_uri, status, digest) VALUES (1, 'abc', '{uri}', 'finished', 'x');"
            "INSERT INTO entry (item_id, type, why) VALUES (2, 'tried', 'because');"
            "INSERT INTO link (from_id, to_id, relation, created_at) VALUES (1, 2, 'tests', '2026-01-01 00:00:00.000000');"
        )
    report = mirror_notes(paths, [uri], limit_s=1.0)
    assert (report.written, report.waiting) == (0, 1)
    assert report.problems == ("MLflow took longer than 1 s; the rest is for the next time.",)
