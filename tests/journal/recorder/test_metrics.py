"""`journal.metrics`: nothing that was logged is lost, and nothing that goes wrong reaches the training."""

from __future__ import annotations

import dataclasses
import math
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import journal
from journal.ids import new_uid
from journal.paths import at_home
from journal.recorder import metric_file, metric_worker, metric_writer, spool
from journal.recorder.belonging import SESSION_VARIABLE
from journal.recorder.companion import carry_left_over, left_over
from journal.recorder.metric_file import Owner
from journal.recorder.metric_writer import Writer
from journal.recorder.presence import of_process
from journal.recorder.shipping import Destination, Refused, legal_name
from tests.journal.recorder.scripts import environment, rows, run


@pytest.fixture(autouse=True)
def a_process_that_logged_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_worker, "_worker", None)
    monkeypatch.setattr(spool, "_warned", False)


def points(home: Path) -> list[metric_file.Point]:
    """What lies in the files of the journal at `home`."""
    found = []
    for path in metric_file.waiting(at_home(home).spool):
        start = 0
        while (part := metric_file.read(path, start)).end > start:
            found += part.points
            start = part.end
    return found


def in_mlflow(home: Path) -> list[tuple[Any, ...]]:
    return rows(home, "SELECT key, step, value, is_nan FROM metrics ORDER BY key, step")


# ---------------------------------------------------------------- into the file


def test_each_call_is_in_the_file_when_it_returns(home: Path):
    with journal.tried("cosine"):
        log = journal.metrics()
        log({"train/loss": 0.5, "lr": 1}, step=7)
        assert [(step, name, value) for _, step, name, value in points(home)] == [
            (7, "train/loss", 0.5),
            (7, "lr", 1.0),
        ]
        log({"nan": math.nan, "up": math.inf, "down": -math.inf, "tiny": 5e-324, "third": 1 / 3})
        log({"next": 0.0})
    values = {name: (step, value) for _, step, name, value in points(home)}
    assert math.isnan(values["nan"][1])
    assert (values["up"][1], values["down"][1]) == (math.inf, -math.inf)
    assert (values["tiny"], values["third"]) == ((0, 5e-324), (0, 1 / 3))  # bit for bit; steps counted from 0
    assert values["next"] == (1, 0.0)


def test_numbers_of_all_makers_are_taken_and_anything_else_is_named(home: Path, capsys: pytest.CaptureFixture[str]):
    torch = pytest.importorskip("torch")
    with journal.tried("cosine"):
        log = journal.metrics()
        loss = torch.tensor(2.0, requires_grad=True)
        log({"tensor": loss, "array": np.float32(0.1), "one": np.array(3), "true": True, "text": "0.5", "none": None,
             "list": [1], "many": torch.ones(3), "huge": 10**400}, step=np.int64(3))  # type: ignore[arg-type]  # fmt: skip
        log({"none": None, "good": 1.0}, step="no step")  # type: ignore[arg-type]
        log({"good": 1.0}, step=2**70)
        log(None)  # type: ignore[arg-type]
        log({"good": 2.0}, step=4)
    assert {name: (step, value) for _, step, name, value in points(home)} == {
        "tensor": (3, 2.0), "array": (3, float(np.float32(0.1))), "one": (3, 3.0), "true": (3, 1.0), "text": (3, 0.5),
        "good": (4, 2.0),
    }  # fmt: skip
    said = capsys.readouterr().err
    assert said.count("'none' is left out") == 1
    assert "'many' is left out" in said and "'huge' is left out" in said and "'list' is left out" in said
    assert "could not be recorded" in said
    assert loss.requires_grad and loss.grad is None


def test_outside_of_everything_one_sentence_says_that_nothing_is_recorded(
    home: Path, capsys: pytest.CaptureFixture[str]
):
    log = journal.metrics()
    log({"loss": 1.0})
    log({"loss": 1.0})
    assert capsys.readouterr().err.count("metrics are not recorded here") == 1
    assert points(home) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: journal.metrics(7),  # type: ignore[arg-type]
        lambda: journal.metrics("r", tracking_uri=7),  # type: ignore[arg-type]
        lambda: journal.metrics("r", client="sqlite:///x"),
        lambda: journal.metrics(tracking_uri="sqlite:///x"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_at_the_call(call: Any):
    with pytest.raises(TypeError):
        call()


def test_several_threads_log_through_one_logger(home: Path):
    with journal.tried("cosine"):
        log = journal.metrics()

        def work(name: str) -> None:
            for step in range(200):
                log({name: 0.0}, step=step)

        threads = [threading.Thread(target=work, args=[str(number)]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.flush()
    assert {(name, step) for _, step, name, _ in points(home)} == {(str(n), i) for n in range(8) for i in range(200)}


def test_forked_children_log_to_files_of_their_own(home: Path):
    script = (
        "import journal, os\n"
        "with journal.tried('cosine'):\n"
        "    log = journal.metrics(); log({'parent': 1.0}, step=0)\n"
        "    if os.fork() == 0:\n"
        "        log({'child': 2.0}, step=0); os._exit(0)\n"
        "    os.wait(); log({'parent': 3.0}, step=1)\n"
    )
    assert run(script, environment(home)).returncode == 0
    assert sorted((name, step, value) for _, step, name, value in points(home)) == [
        ("child", 0, 2.0), ("parent", 0, 1.0), ("parent", 1, 3.0)
    ]  # fmt: skip
    assert len(metric_file.waiting(at_home(home).spool)) == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_logged_is_there(home: Path, number: int):
    script = (
        "import journal, os, sys\n"
        "with journal.tried('cosine'):\n"
        "    log = journal.metrics()\n"
        "    for i in range(1000): log({'loss': i}, step=i)\n"
        "    os.kill(os.getpid(), int(sys.argv[1]))\n"
    )
    assert run(script, environment(home), str(int(number))).returncode == -number
    assert [step for _, step, _, _ in points(home)] == list(range(1000))


def test_a_logger_draws_no_random_numbers_and_leaves_hooks_alone(home: Path):
    script = (
        "import random, signal, sys, threading, journal\n"
        "def state(): return (random.getstate(), sys.excepthook, threading.excepthook, threading.active_count(),\n"
        "    [signal.getsignal(number) for number in signal.valid_signals()])\n"
        "with journal.tried('cosine'):\n"
        "    before = state()\n"
        "    log = journal.metrics(); log({'loss': 1.0}); inside = state(); log.close()\n"
        "    assert before == inside == state()\n"
    )
    done = run(script, environment(home))
    assert (done.returncode, done.stderr) == (0, "")


# ---------------------------------------------------------------- disks that fail


def test_where_the_spool_cannot_be_written_the_training_goes_on(home: Path, capsys: pytest.CaptureFixture[str]):
    home.mkdir()
    (home / "spool").write_text("a file")
    with journal.tried("cosine"):
        log = journal.metrics()
        for step in range(100):
            log({"loss": 1.0}, step=step)
    assert capsys.readouterr().err.count("is not being recorded") == 1


def test_on_a_full_disk_whole_lines_are_kept_and_the_rest_comes_when_there_is_room(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    """The kernel takes part of a line, as it does on a full disk."""
    room = [100]
    real_write = os.write

    def write(file: int, content: bytes) -> int:
        if content.startswith(b"["):
            written = real_write(file, content[: room[0]]) if room[0] else 0
            room[0] -= written
            if not written:
                raise OSError(28, "No space left on device")
            return written
        return real_write(file, content)

    monkeypatch.setattr(os, "write", write)
    writer = Writer((home / "metrics",), Owner(new_uid(), new_uid(), "", "", of_process(os.getpid())))
    writer.catch_up()
    for step in range(10):
        writer.append(metric_file.line(1_700_000_000_000, step, {"loss": 0.5}))
    assert writer.is_behind
    room[0] = 1 << 30
    writer.catch_up()
    assert not writer.is_behind
    writer.close()
    found = [point for path in writer.paths for point in metric_file.read(path, 0).points]
    assert [step for _, step, _, _ in found] == list(range(10))


def test_a_full_disk_in_a_real_process(home: Path):
    script = (
        "import journal, resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with journal.tried('cosine'):\n"
        "    log = journal.metrics()\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "    for i in range(1000): log({'loss': i}, step=i)\n"
        "print('went on')\n"
    )
    done = run(script, environment(home))
    assert (done.returncode, done.stdout) == (0, "went on\n")
    steps = {step for _, step, _, _ in points(home)}
    assert steps >= set(range(50))


def test_a_spool_that_hangs_holds_nothing_and_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A dead mount: opening does not return, and then, much later, it does."""
    answers, real_open = threading.Event(), Writer._open

    def hanging_open(self: Writer) -> None:
        answers.wait()
        real_open(self)

    monkeypatch.setattr(Writer, "_open", hanging_open)
    monkeypatch.setattr(metric_worker, "PATIENCE_S", 0.01)
    monkeypatch.setattr(metric_writer, "_SLOW_S", 0.01)
    with journal.tried("cosine"):
        log = journal.metrics()
        for step in range(100):
            log({"loss": 1.0}, step=step)
        assert points(home) == []
        answers.set()
        monkeypatch.setattr(metric_writer, "_SLOW_S", 60.0)
        assert log.flush()
    assert [step for _, step, _, _ in points(home)] == list(range(100))


def test_on_a_shared_file_system_a_thread_writes(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metric_writer, "is_on_shared_file_system", lambda path: True)
    with journal.tried("cosine"):
        log = journal.metrics()
        log({"loss": 1.0}, step=1)
        assert log._channel is not None and log._channel.writer.is_behind
        assert log.close()
    assert [step for _, step, _, _ in points(home)] == [1]


def test_a_file_is_followed_by_the_next_one_when_it_is_large(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metric_writer, "_ROTATE_AT", 500)
    with journal.tried("cosine"):
        log = journal.metrics()
        for step in range(100):
            log({"loss": 1.0}, step=step)
    assert len(metric_file.waiting(at_home(home).spool)) > 5
    assert [step for _, step, _, _ in points(home)] == list(range(100))


# ---------------------------------------------------------------- files that are none


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"format": 99}\n', b"\xff\xff\n", b'{"format": 1}\n'])
def test_a_file_without_a_header_of_ours_is_left_where_it_is(home: Path, content: bytes):
    folder = metric_file.folder_of(at_home(home).spool)
    folder.mkdir(parents=True)
    path = folder / f"{new_uid()}.jsonl"
    path.write_bytes(content)
    assert metric_file.owner_of(path) is None
    assert left_over(at_home(home).spool) == []
    assert not metric_file.wait_for_journal(at_home(home).spool)


def test_lines_that_are_none_are_passed_over(tmp_path: Path):
    path = tmp_path / f"{new_uid()}.jsonl"
    good = metric_file.line(1, 2, {"loss": 0.5})
    path.write_bytes(
        b"\n".join([b"{}", b"[1, 2", b"[1]", b'[1, 2, {"a": "b"}]', b"[" * 5000, b"\xff", good, b"[1, 2, {"])
    )
    part = metric_file.read(path, 0)
    assert part.points == [(1, 2, "loss", 0.5)]
    assert not part.is_last
    assert metric_file.read(path, part.end).end == part.end  # half a line waits for its other half


# ---------------------------------------------------------------- to MLflow


def test_points_go_to_the_active_run(home: Path, mlflow_store: Path):
    """12,000 names, NaN and infinities, and names that MLflow refuses, which lose none of the others."""
    script = (
        "import journal, math, mlflow\n"
        "with mlflow.start_run():\n"
        "    log = journal.metrics()\n"
        "    log({f'layer{i}/norm': i for i in range(12_000)}, step=1)\n"
        "    log({'acc@1': 0.5, 'nan': math.nan, 'up': math.inf, 'a\\nb\\x1b[31m': 1.0, '../up/': 2.0, 'x' * 400: 3.0}, step=2)\n"
        "    log({'acc@1': 0.6, 'loss': 0.1}, step=3)\n"
        "    assert log.flush(100)\n"
        "    assert mlflow.get_run(mlflow.active_run().info.run_id).data.metrics['loss'] == 0.1\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert done.returncode == 0, done.stderr
    found = in_mlflow(home)
    assert len(found) == 12_000 + 8
    values = {(name, step): value for name, step, value, is_nan in found if not is_nan}
    assert values["layer11999/norm", 1] == 11_999
    assert (values["acc_1", 2], values["acc_1", 3], values["a_b__31m", 2], values["loss", 3]) == (0.5, 0.6, 1.0, 0.1)
    assert values["up", 2] > 1e308
    assert [name for name, _, _, is_nan in found if is_nan] == ["nan"]
    assert done.stderr.count("MLflow refuses the metric name 'acc@1'; it is called 'acc_1' there.") == 1
    assert "\x1b" not in done.stderr
    assert metric_file.waiting(at_home(home).spool) == []


@pytest.mark.parametrize(
    "end",
    ["", "    raise LookupError", "    mlflow.end_run('KILLED')", "    mlflow.MlflowClient().set_terminated(run_id)"],
    ids=str,
)
def test_a_run_that_is_over_has_what_was_logged(home: Path, mlflow_store: Path, end: str):
    script = (
        "import journal\n"
        "log = journal.metrics()\n"
        "import mlflow\n"
        "try:\n"
        "  with mlflow.start_run() as run:\n"
        "    run_id = run.info.run_id\n"
        "    for step in range(2000): log({'val/acc': step / 2000}, step=step)\n"
        f"{end}\n"
        "except LookupError: pass\n"
        "print(mlflow.MlflowClient().get_run(run_id).data.metrics)\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert done.stdout == "{'val/acc': 0.9995}\n", done.stderr
    assert [step for _, step, _, _ in in_mlflow(home)] == list(range(2000))


def test_a_run_ends_though_its_metrics_cannot_be_carried(home: Path, mlflow_store: Path):
    script = (
        "import journal, mlflow\n"
        "from journal.recorder import metric_worker\n"
        "def broken(*_): raise RuntimeError\n"
        "metric_worker.Worker.flush_run = broken\n"
        "with mlflow.start_run() as run: journal.metrics()({'loss': 1.0}, step=1)\n"
        "print(mlflow.get_run(run.info.run_id).info.status)\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert done.stdout == "FINISHED\n", done.stderr
    assert [step for _, step, _, _ in in_mlflow(home)] == [1]


@pytest.mark.parametrize("end", ["pass", "raise LookupError", "sys.exit(3)"])
def test_at_the_end_of_a_program_all_is_in_mlflow(home: Path, mlflow_store: Path, end: str):
    script = (
        "import journal, mlflow, sys\n"
        "client = mlflow.MlflowClient()\n"
        "run_id = client.create_run('0').info.run_id\n"
        "log = journal.metrics(run_id, client=client)\n"
        "for i in range(500): log({'loss': i}, step=i)\n"
        f"{end}\n"
    )
    run(script, environment(home, mlflow_store))
    assert [step for _, step, _, _ in in_mlflow(home)] == list(range(500))
    assert metric_file.waiting(at_home(home).spool) == []


def test_what_a_killed_process_left_is_carried_to_mlflow_once(
    home: Path, mlflow_store: Path, monkeypatch: pytest.MonkeyPatch
):
    environ = environment(home, mlflow_store)
    script = (
        "import journal, mlflow, os, signal\n"
        "from journal.recorder import metric_worker\n"
        "metric_worker.SHIP_EVERY_S = 0.05; metric_worker.SHARE = 1\n"
        "mlflow.start_run(); log = journal.metrics()\n"
        "for i in range(3000): log({'loss': i}, step=i)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run(script, environ).returncode == -signal.SIGKILL
    folder = at_home(home).spool
    (path,) = left_over(folder)
    with path.open("ab") as file:
        file.write(b'[1, 3000, {"lo')  # it died in the middle of a line
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert carry_left_over(folder) == ""
    assert [(step, value) for _, step, value, _ in in_mlflow(home)] == [(i, float(i)) for i in range(3000)]
    assert metric_file.waiting(folder) == []
    assert carry_left_over(folder) == ""


def test_a_server_that_never_answers_does_not_hold_the_exit_and_nothing_is_lost(home: Path, mlflow_store: Path):
    impatient = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "1"}
    environ = environment(home, mlflow_store, **impatient)
    script = (
        "import journal, mlflow, socket, random\n"
        "random.seed(7); before = random.getstate()\n"
        "run_id = mlflow.MlflowClient().create_run('0', run_name='named').info.run_id\n"
        "dead = socket.create_server(('127.0.0.1', 0))\n"
        "log = journal.metrics(run_id, tracking_uri=f'http://127.0.0.1:{dead.getsockname()[1]}')\n"
        "for i in range(100): log({'loss': i}, step=i)\n"
        "print('trained', log.flush(0.1), random.getstate() == before)\n"
    )
    done = run(script, environ, timeout=60)
    assert (done.returncode, done.stdout) == (0, "trained False True\n")
    assert [step for _, step, _, _ in points(home)] == list(range(100))
    assert len(left_over(at_home(home).spool)) == 1


def test_a_server_that_is_down_is_given_up_at_its_first_failure_and_the_other_stores_are_served(
    home: Path, mlflow_store: Path, monkeypatch: pytest.MonkeyPatch
):
    made = run(
        "import mlflow; print(mlflow.MlflowClient().create_run('0').info.run_id)", environment(home, mlflow_store)
    )
    folder = at_home(home).spool
    metric_file.folder_of(folder).mkdir(parents=True)
    ours = of_process(os.getpid())
    gone = dataclasses.replace(ours, boot="another boot", pid=1, started="1")
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    asked.append(connection)
                    connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        down = f"http://127.0.0.1:{server.getsockname()[1]}"
        for uri in (down, down, down, f"sqlite:///{home}/mlflow/mlflow.db"):
            owner = Owner(new_uid(), "", made.stdout.strip(), uri, gone)
            content = metric_file.header(owner) + metric_file.line(1, 1, {"loss": 0.5})
            (metric_file.folder_of(folder) / f"{owner.uid}.jsonl").write_bytes(content)
        for name, value in environment(home, mlflow_store).items():
            monkeypatch.setenv(name, value)
        said = carry_left_over(folder)
    assert said == f"journal: metrics wait for MLflow's server at {down}, which does not take them."
    assert len(asked) == 2  # MLflow tries once more
    assert [value for _, _, value, _ in in_mlflow(home)] == [0.5]
    assert len(left_over(folder)) == 3


def test_points_of_a_run_that_was_deleted_are_put_aside(home: Path, mlflow_store: Path):
    script = (
        "import journal, mlflow\n"
        "client = mlflow.MlflowClient(); run_id = client.create_run('0').info.run_id\n"
        "log = journal.metrics(run_id, client=client); log({'loss': 1.0}, step=0)\n"
        "client.delete_run(run_id)\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert done.returncode == 0
    assert "cannot go to MLflow any more" in done.stderr
    folder = metric_file.folder_of(at_home(home).spool)
    assert metric_file.waiting(folder.parent) == []
    assert len(list((folder / "refused").glob("*.jsonl"))) == 1


def test_where_the_spool_cannot_be_written_points_still_reach_mlflow(home: Path, mlflow_store: Path, tmp_path: Path):
    environ = environment(home, mlflow_store) | {"TMPDIR": str(tmp_path)}
    (home / "spool").write_text("a file")
    script = (
        "import journal, mlflow\n"
        "with mlflow.start_run():\n"
        "    log = journal.metrics()\n"
        "    for i in range(10): log({'loss': i}, step=i)\n"
    )
    done = run(script, environ)
    assert done.returncode == 0
    assert len(in_mlflow(home)) == 10


def test_a_training_that_logs_a_lot_is_followed_by_a_process_of_its_own(home: Path, mlflow_store: Path):
    script = (
        "import journal, mlflow, time\n"
        "from journal.recorder import metric_worker\n"
        "metric_worker.SHIP_EVERY_S = 0.05\n"
        "with mlflow.start_run():\n"
        "    log = journal.metrics()\n"
        "    for i in range(3000): log({'loss': i, 'accuracy': i}, step=i)\n"
        "    until = time.monotonic() + 60\n"
        "    while log._channel.handed_over_at is None and time.monotonic() < until: time.sleep(0.05)\n"
        "    for i in range(3000, 3100): log({'loss': i, 'accuracy': i}, step=i)\n"
        "    print(log._channel.handed_over_at is not None, log.close(100))\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\n", "")
    found = in_mlflow(home)
    assert len(found) == 6200
    assert [step for key, step, _, _ in found if key == "loss"] == list(range(3100))


def test_a_forked_child_logs_to_the_run_of_its_parent(home: Path, mlflow_store: Path):
    script = (
        "import journal, mlflow, os\n"
        "with mlflow.start_run():\n"
        "    log = journal.metrics(); log({'loss': 0.0}, step=0); log.flush()\n"
        "    if os.fork() == 0:\n"
        "        log({'loss': 1.0}, step=1); ok = log.flush(100); os._exit(0 if ok else 1)\n"
        "    print(os.wait()[1]); log({'loss': 2.0}, step=2)\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert (done.returncode, done.stdout) == (0, "0\n")
    assert [step for _, step, _, _ in in_mlflow(home)] == [0, 1, 2]


class Client:
    """Stands in for an `MlflowClient` that refuses what it is told to."""

    def __init__(self, code: str = "") -> None:
        self.code, self.taken = code, []  # type: ignore[var-annotated]

    def log_batch(self, run_id: str, *, metrics: list[Any], synchronous: bool) -> None:
        assert synchronous
        assert len(metrics) <= 1000
        if any("@" in metric.key for metric in metrics) or self.code:
            error = RuntimeError(f"refused by {self.code or 'name'}")
            error.error_code = self.code or "INVALID_PARAMETER_VALUE"  # type: ignore[attr-defined]
            raise error
        self.taken += [(metric.key, metric.step) for metric in metrics]


def test_only_refused_names_are_called_otherwise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    import types

    class Metric:
        def __init__(self, key: str, value: float, timestamp: int, step: int) -> None:
            self.key, self.step = key, step

    entities = types.ModuleType("mlflow.entities")
    entities.Metric = Metric  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", types.ModuleType("mlflow"))
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    client = Client()
    names = ["a", "b@1", "c", "d", "e@2"]
    destination = Destination("r", "", client)
    destination.send([(1, step, name, 0.0) for step in range(500) for name in names])
    legal = ["a", "b_1", "c", "d", "e_2"]
    assert sorted(client.taken) == sorted((name, step) for step in range(500) for name in legal)
    assert capsys.readouterr().err.count("MLflow refuses") == 2
    for code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
        with pytest.raises(Refused):
            Destination("r", "", Client(code)).send([(1, 1, "a", 0.0), (1, 1, "b", 0.0)])
    with pytest.raises(RuntimeError, match="TEMPORARILY"):
        Destination("r", "", Client("TEMPORARILY_UNAVAILABLE")).send([(1, 1, "a", 0.0)])


@pytest.mark.parametrize("name", ["a@b", "../x", "/x/", "", ".", "a//b", "x" * 500, "a\nb", "ä/ö: 1"])
def test_a_legal_name_is_one_that_mlflow_takes(name: str):
    import posixpath
    import re

    legal = legal_name(name)
    assert re.fullmatch(r"[/\w.\- :]+", legal)  # mlflow/utils/validation.py
    assert posixpath.normpath(legal) == legal and legal != "." and not legal.startswith(("..", "/"))
    assert len(legal) <= 250
    assert legal_name(legal) == legal


def test_a_metric_in_a_launch_belongs_to_it(home: Path, monkeypatch: pytest.MonkeyPatch):
    session = new_uid()
    monkeypatch.setenv(SESSION_VARIABLE, session)
    monkeypatch.setattr("journal.recorder.uncaught._listening", True)
    log = journal.metrics()
    log({"loss": 1.0}, step=0)
    (path,) = metric_file.waiting(at_home(home).spool)
    owner = metric_file.owner_of(path)
    assert owner is not None
    assert (owner.session, owner.run_id, owner.process.pid) == (session, "", os.getpid())
