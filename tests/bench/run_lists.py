"""10,000 runs: the journal's list beside MLflow's own on the same store, and whether a viewer delays who logs.

The store is made by MLflow; the runs come into it by bulk SQL, for this measurement alone.
"""

from __future__ import annotations

import gc
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from importers.mirror import sync_runs
from journal.clock import now
from journal.db import connect
from journal.paths import Paths, at_home
from journal.queries.run_filter import parse_run_filter
from journal.queries.run_lists import run_ids, run_rows
from journal.queries.run_order import parse_order
from journal.queries.run_values import telling_metrics
from journal.queries.whole_runs import whole_runs
from journal.recorder.tracking import ensure_store, store_path
from journal.store.changes import program_change
from journal.store.runs import keep_mark
from journal.tracking_uris import sqlite_uri
from tests.bench.table import JOURNAL, PYTHON, Bench, Line
from tests.bench.terminal import Terminal
from tests.bench.timing import cost_of

RUNS = 10_000
_FLOORS = (PYTHON, "-m", "tests.bench.run_lists")
_POLLS_A_SECOND = 10
_CALLS = 150  # of log_metrics, each round
_PAGE = 120  # rows that the interface reads at once
_FILTER = "learning_rate<1e-2 and (validation/accuracy>.9 or optimizer=sgd)"


def fill(store: Path, count: int) -> None:
    """`count` finished runs with ten parameters, five metrics and three tags each."""
    chance = random.Random(7)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.executemany(
            "INSERT INTO runs (run_uuid, name, user_id, source_type, status, start_time, end_time, lifecycle_stage, artifact_uri, "
            "experiment_id) VALUES (?, ?, 'ada', 'LOCAL', 'FINISHED', ?, ?, 'active', '/tmp/artifacts', 0)",
            [(f"{n:032x}", f"run-{n}", 1_790_000_000_000 + n * 60_000, 1_790_000_000_000 + n * 60_000 + 50_000) for n in range(count)],
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?)",
            [(f"{n:032x}", key, value) for n in range(count) for key, value in _params(chance, n)],
        )
        points = [(f"{n:032x}", key, chance.random()) for n in range(count) for key in _METRICS]
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT INTO {table} (run_uuid, key, value, timestamp, step, is_nan) VALUES (?, ?, ?, 1790000000000, 10, 0)",
                points,
            )
        connection.executemany(
            "INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)",
            [
                (f"{n:032x}", key, value)
                for n in range(count)
                for key, value in (("mlflow.user", "ada"), ("mlflow.source.name", "train.py"), ("mlflow.runName", f"run-{n}"))
            ],
        )  # fmt: skip


_METRICS = ("validation/accuracy", "validation/loss", "train/accuracy", "train/loss", "learning_rate_last")


def _params(chance: random.Random, number: int) -> Iterator[tuple[str, str]]:
    yield "learning_rate", str(chance.choice([0.1, 0.01, 1e-3, 3e-4]))
    yield "optimizer", chance.choice(["adam", "sgd"])
    yield "seed", str(number % 5)
    yield from ((f"param_{each}", str(chance.random())) for each in range(7))


def listing(bench: Bench) -> list[Line]:
    paths, store = _mirrored(bench)
    return [
        *_whole_lists(bench, paths, store),
        *_pages(bench, paths),
        *_first_paint(bench, paths),
        *_beside_a_writer(bench, "WAL"),
        *_beside_a_writer(bench, "DELETE"),
    ]


def _mirrored(bench: Bench) -> tuple[Paths, Path]:
    """A journal that mirrors a store of MLflow's with RUNS runs."""
    home = bench.scratch / "runs"
    paths = at_home(home)
    print(f"Filling an MLflow store with {RUNS:,} runs, and mirroring it...", file=sys.stderr)
    ensure_store(paths.mlflow, [])
    store = store_path(paths.mlflow)
    fill(store, RUNS)
    sync_runs(paths, sqlite_uri(store))
    return paths, store


def _whole_lists(bench: Bench, paths: Paths, store: Path) -> list[Line]:
    """The whole list with parameters and metrics, both warm in a process of their own; then whole processes."""
    ours = _told(bench, "journal", str(paths.data))
    theirs = _told(bench, "mlflow", sqlite_uri(store), rounds=2)
    ratio = theirs / ours
    listed = [*JOURNAL, "runs", "list", "--limit", str(RUNS), "--json"]
    whole = cost_of(listed, bench.at("runs")).wall_s
    process = cost_of([*_FLOORS, "mlflow", sqlite_uri(store), "1"], bench.env).wall_s
    return [
        Line(f"{RUNS:,} whole runs / mlflow.search_runs, CPU, warm", _ms(ours), _ms(theirs), f"{ratio:.0f} x faster", "20 x", ratio >= 20),
        Line(f"journal runs list --limit {RUNS} --json / search_runs", _ms(whole), _ms(process), f"{process / whole:.0f} x, processes", "",
             True),
    ]  # fmt: skip


def _told(bench: Bench, *words: str, rounds: int = 5) -> float:
    """The median of the seconds of CPU that a process of its own told of `rounds` rounds behind a first one."""
    done = subprocess.run([*_FLOORS, *words, str(rounds)], env=bench.env, check=True, capture_output=True, text=True)
    taken: list[float] = json.loads(done.stdout.splitlines()[-1])
    return statistics.median(taken)


def _pages(bench: Bench, paths: Paths) -> list[Line]:
    """What the Runs room reads for a filter and for an order: everything in order, and a screen of rows."""
    lines = []
    with closing(connect(paths)) as connection:
        order = parse_order("-validation/accuracy", connection)
        assert order is not None
        for name, filter_text in (("sorted by a metric", ""), (f"filtered ({_FILTER}), sorted", _FILTER)):
            taken = []
            for _ in range(15):
                began = time.perf_counter()
                ids = run_ids(connection, parse_run_filter(filter_text), order, now=now())
                run_rows(connection, ids[:_PAGE])
                telling_metrics(connection, ids[:_PAGE])
                taken.append(time.perf_counter() - began)
            middle = statistics.median(taken)
            lines.append(
                Line(f"a page of {RUNS:,} runs {name}"[:58], _ms(middle), "", _ms(middle), "50 ms", middle <= 0.05)
            )
    return lines


def _first_paint(bench: Bench, paths: Paths) -> list[Line]:
    """Until the interface shows its first room, and from the key for the Runs room to its newest run."""
    env = bench.at("runs")
    times, entered, filtered, ordered, at_once = [], [], [], [], []
    for _ in range(bench.rounds + 1):
        with Terminal(JOURNAL, env) as terminal:
            painted = terminal.wait(lambda screen: bool(screen.places_of("3 Runs"))) - terminal.started
            terminal.settle(1)
            pressed = terminal.press(b"3")
            newest = terminal.wait(lambda screen: bool(screen.places_of(f"run-{RUNS - 1}")))
            entered.append(_later(newest, pressed))
            terminal.settle(1)
            terminal.press(b"f")
            terminal.press(b"seed")
            terminal.settle(1)
            pressed = terminal.press(b"=")
            terminal.settle(0)
            pressed = terminal.press(b"3")
            counted = terminal.wait(lambda screen: bool(screen.places_of(f"1 of {RUNS // 5:,}")))
            filtered.append(_later(counted, pressed))
            terminal.settle(1)
            terminal.press(b"\x1b")
            terminal.settle(1)
            terminal.press(b"o")
            terminal.settle(1)
            pressed = terminal.press(b"\r")
            # "oldest first" is said in the choice already: the oldest run is only there behind it.
            ordered.append(_later(terminal.wait(lambda screen: bool(screen.places_of("run-0 "))), pressed))
        with Terminal(JOURNAL, env) as terminal:
            terminal.wait(lambda screen: bool(screen.places_of("3 Runs")))
            terminal.press(b"3")
            newest = terminal.wait(lambda screen: bool(screen.places_of(f"run-{RUNS - 1}")))
            at_once.append(_later(newest, terminal.started))
        floor = cost_of([PYTHON, "-c", "import textual.app"], env).wall_s
        times.append((painted, floor, painted - 2 * floor))
    ours, floor, over = (statistics.median(values) for values in zip(*times[1:], strict=True))
    enters, filters, orders, rows = (statistics.median(each[1:]) for each in (entered, filtered, ordered, at_once))
    return [
        Line(f"first paint, {RUNS:,} runs / import textual.app", _ms(ours), _ms(floor), f"2 x {over:+.2f} s", "2 x + 0.3", over <= 0.3),
        Line("from the start to the newest run, key 3 at the first paint", _ms(rows), "", _ms(rows), "", True),
        Line("key 3 to the newest run in the Runs room, first time", _ms(enters), "", _ms(enters), "", True),
        Line("key to paint: a filter's last letter", _ms(filters), "", _ms(filters), "50 ms", filters <= 0.05),
        Line("key to paint: another order", _ms(orders), "", _ms(orders), "50 ms", orders <= 0.05),
    ]  # fmt: skip


def _later(shown: float, pressed: float) -> float:
    """The seconds between; what was shown before the key is no answer to it."""
    if shown <= pressed:
        raise RuntimeError(f"what was waited for was there {pressed - shown:.3f} s before its key")
    return shown - pressed


def _beside_a_writer(bench: Bench, mode: str) -> list[Line]:
    """What a training process waits in `log_metrics` while the journal mirrors its store ten times a second.

    The floor is the same viewer busy with a copy of that store: it takes as much of the processor and of the disk,
    and cannot hold a lock that the writer wants. Round about, so that a drifting machine hits both.
    """
    viewed: list[Path] = []
    for name in ("watched", "elsewhere"):
        paths = at_home(bench.scratch / f"{name}-{mode.lower()}")
        ensure_store(paths.mlflow, [])
        fill(store_path(paths.mlflow), 1_000)
        with closing(sqlite3.connect(store_path(paths.mlflow))) as connection:
            (set_to,) = connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
            assert set_to.upper() == mode
        sync_runs(paths, sqlite_uri(store_path(paths.mlflow)))
        viewed.append(paths.data)
    own = sqlite_uri(store_path(at_home(viewed[0]).mlflow))
    taken: dict[Path, list[float]] = {home: [] for home in viewed}
    for _ in range(max(3, bench.rounds // 2)):
        for home in viewed:
            with _viewer(bench, home):
                taken[home] += _logged(bench, own)
    (middle, most), (floor, floor_most) = ((statistics.median(each), max(each)) for each in taken.values())
    return [
        Line(f"log_metrics(5), its {mode} store viewed at 10 Hz / another", _ms(middle, 1), _ms(floor, 1), f"{middle / floor:.2f} x", "1.1 x",
             middle <= 1.1 * floor),
        Line("the same, the longest of all", _ms(most), _ms(floor_most), _ms(most), "", True),
    ]  # fmt: skip


def _logged(bench: Bench, uri: str) -> list[float]:
    done = subprocess.run(
        [*_FLOORS, "write", uri, str(_CALLS)], env=bench.env, check=True, capture_output=True, text=True
    )
    taken: list[float] = json.loads(done.stdout.splitlines()[-1])
    return taken


@contextmanager
def _viewer(bench: Bench, home: Path) -> Iterator[None]:
    process = subprocess.Popen([*_FLOORS, "view", str(home)], env=bench.env, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield
        assert process.poll() is None, "the viewer ended before the writer"
    finally:
        process.kill()
        process.wait()


# ---------------------------------------------------------------- what runs in a process of its own


def _main(task: str, *words: str) -> None:
    if task == "journal":
        _time_journal(Path(words[0]), int(words[1]))
    elif task == "mlflow":
        _time_mlflow(words[0], int(words[1]))
    elif task == "write":
        _write(words[0], int(words[1]))
    else:
        _view(Path(words[0]))


def _time_journal(home: Path, rounds: int) -> None:
    gc.set_threshold(200_000, 20, 20)  # as `tui.cli.main` does
    taken = []
    with closing(connect(at_home(home))) as connection:
        for _ in range(rounds + 1):
            began = time.process_time()
            runs = whole_runs(connection, run_ids(connection, now=now()))
            taken.append(time.process_time() - began)
            assert len(runs) == RUNS
            assert (len(runs[0].params), len(runs[0].metrics)) == (10, 5)
    print(json.dumps(taken[1:] or taken))


def _time_mlflow(uri: str, rounds: int) -> None:
    import mlflow

    mlflow.set_tracking_uri(uri)
    taken = []
    for _ in range(rounds + 1 if rounds > 1 else 1):
        began = time.process_time()
        found = mlflow.search_runs(experiment_ids=["0"], max_results=2 * RUNS)  # as people call it: a DataFrame
        taken.append(time.process_time() - began)
        assert len(found) == RUNS
    print(json.dumps(taken[1:] or taken))


def _write(uri: str, calls: int) -> None:
    import mlflow

    mlflow.set_tracking_uri(uri)
    taken = []
    with mlflow.start_run(experiment_id="0"):
        for step in range(calls):
            values = {f"metric_{each}": float(step) for each in range(5)}
            began = time.perf_counter()
            mlflow.log_metrics(values, step=step)
            taken.append(time.perf_counter() - began)
            time.sleep(0.005)
    print(json.dumps(taken))


def _view(home: Path) -> None:
    """Mirror the store of this home as if it had changed just now, and read the list, until somebody ends it."""
    paths = at_home(home)
    uri = sqlite_uri(store_path(paths.mlflow))
    print("viewing", flush=True)
    while True:
        began = time.perf_counter()
        with program_change(paths) as change:
            keep_mark(change, uri, None)
        sync_runs(paths, uri)
        with closing(connect(paths)) as connection:
            run_rows(connection, run_ids(connection, now=now())[:_PAGE])
        time.sleep(max(0.0, 1 / _POLLS_A_SECOND - (time.perf_counter() - began)))


def _ms(seconds: float, digits: int = 0) -> str:
    return f"{seconds * 1000:,.{digits}f} ms"


if __name__ == "__main__":
    _main(*sys.argv[1:])
