"""`make bench`: each task beside its floor in one run, and beside its budget (DESIGN, section 7).

Ratios are what to trust: seconds drift with the machine. Options: --quick (20,000 items, fewer rounds),
--only NAME...
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from importers.jsonl import read_papers
from journal.clock import now
from journal.paths import at_home
from journal.store import papers
from journal.store.changes import program_change
from journal.store.rankings import rank_new
from journal.types import PaperDecision, PaperDraft, PaperState
from tests.bench import corpus
from tests.bench.capturing import capturing
from tests.bench.interface import keys, painting
from tests.bench.metric_logging import metric_logging
from tests.bench.run_lists import listing
from tests.bench.table import FLOORS, JOURNAL, PYTHON, Bench, Line, print_lines
from tests.bench.timing import cost_of, pair
from tui.apart import Apart


def start(bench: Bench) -> list[Line]:
    measured = pair([*JOURNAL, "--help"], [PYTHON, "-c", "import typer"], bench.env, rounds=2 * bench.rounds)
    return [
        Line(
            "journal --help / import typer", f"{measured.ours.wall_s * 1000:.0f} ms",
            f"{measured.floor.wall_s * 1000:.0f} ms", f"{measured.cpu_ratio:.2f} x CPU", "1.5 x", measured.cpu_ratio <= 1.5,
        )
    ]  # fmt: skip


def searching(bench: Bench) -> list[Line]:
    lines = []
    for name, word in (("rare", corpus.RARE), ("frequent", corpus.FREQUENT)):
        measured = pair(
            [*JOURNAL, "search", word],
            [*FLOORS, "search", str(bench.journal), f'"{word}"'],
            bench.env,
            rounds=bench.rounds,
        )
        lines.append(
            Line(
                f"search, {name} word, {bench.items:,} items / bare FTS5", f"{measured.ours.wall_s * 1000:.0f} ms",
                f"{measured.floor.wall_s * 1000:.0f} ms",
                f"{measured.cpu_ratio:.2f} x CPU" if name == "rare" else f"{measured.ours.wall_s:.2f} s",
                "2.5 x" if name == "rare" else "0.3 s",
                measured.cpu_ratio <= 2.5 if name == "rare" else measured.ours.wall_s <= 0.3,
            )
        )  # fmt: skip
        if name == "rare":
            peak = measured.ours.peak_mib
            lines.append(Line("search, peak memory", f"{peak:.0f} MiB", f"{measured.floor.peak_mib:.0f} MiB",
                              f"{peak:.0f} MiB", "60 MiB", peak <= 60))  # fmt: skip
    return lines


def logging(bench: Bench) -> list[Line]:
    measured = pair(
        [*JOURNAL, "log", "a try", "--why", "to see"], [PYTHON, "-c", "import sqlmodel"], bench.env, rounds=bench.rounds
    )
    return [
        Line(
            f"log, {bench.items:,} items / import sqlmodel", f"{measured.ours.wall_s * 1000:.0f} ms",
            f"{measured.floor.wall_s * 1000:.0f} ms", f"{measured.ours.wall_s:.2f} s", "0.45 s", measured.ours.wall_s <= 0.45,
        )
    ]  # fmt: skip


def spooling(bench: Bench) -> list[Line]:
    from datetime import UTC, datetime
    from time import perf_counter

    from journal.ids import new_uid
    from journal.recorder.events import OutcomeEvent
    from journal.recorder.spool import write

    folder, bare = bench.scratch / "spool", bench.scratch / "bare"
    bare.mkdir()
    ours, floor = [], []
    for number in range(60):
        began = perf_counter()
        write(folder, OutcomeEvent(uid=new_uid(), entry=new_uid(), text="x" * 200, verdict=None, at=datetime.now(UTC)))
        ours.append(perf_counter() - began)
        began = perf_counter()
        with (bare / str(number)).open("wb") as file:
            file.write(b"x" * 400)
            file.flush()
            os.fsync(file.fileno())
        floor.append(perf_counter() - began)
    one, other = statistics.median(ours) * 1000, statistics.median(floor) * 1000
    return [
        Line(
            "recorder spools an event / write + fsync",
            f"{one:.2f} ms",
            f"{other:.2f} ms",
            f"{one:.1f} ms",
            "10 ms",
            one <= 10,
        )
    ]


def importing(bench: Bench) -> list[Line]:
    file = corpus.papers_file(bench.scratch, 60_000 if bench.items >= 60_000 else bench.items)
    count = sum(1 for _ in file.open(encoding="utf-8"))
    rates = []
    for round_ in range(3):
        ours = cost_of([*JOURNAL, "paper", "import", str(file)], bench.at(f"import{round_}"))
        floor = cost_of([*FLOORS, "load", str(file), str(bench.scratch / f"floor{round_}.db")], bench.env)
        rates.append((floor.cpu_s / ours.cpu_s, count / ours.wall_s, count / floor.wall_s))
    ratio, ours_rate, floor_rate = (statistics.median(values) for values in zip(*rates, strict=True))
    again = cost_of([*JOURNAL, "paper", "import", str(file)], bench.at("import0"))
    return [
        Line(
            f"import {count:,} papers / bare loader", f"{ours_rate:,.0f} rows/s", f"{floor_rate:,.0f} rows/s",
            f"{ratio:.2f} of its rows/s", "0.40", ratio >= 0.4,
        ),
        Line("import the same again", f"{count / again.wall_s:,.0f} rows/s", "", f"{again.wall_s:.1f} s", "", True),
    ]  # fmt: skip


def fetching(bench: Bench) -> list[Line]:
    from tests.bench.served import twenty_feeds

    folder = bench.scratch / "feeds"
    cold, warm = [], []
    with twenty_feeds(folder) as (base, urls):
        env = {**bench.env, "LABJOURNAL_ARXIV_RSS": base, "LABJOURNAL_ARXIV_INTERVAL": "0"}
        for round_ in range(3):
            home = {**env, "LABJOURNAL_HOME": str(bench.scratch / f"feeds{round_}")}
            cost_of([*JOURNAL, "feed", "add", *urls], home)
            ours = cost_of([*JOURNAL, "feed", "fetch"], home)
            floor = cost_of([*FLOORS, "feeds", str(folder)], env)
            cold.append((ours.cpu_s / floor.cpu_s, ours.wall_s, floor.wall_s))
            warm.append(cost_of([*JOURNAL, "feed", "fetch"], home).wall_s)
    ratio, ours_s, floor_s = (statistics.median(values) for values in zip(*cold, strict=True))
    return [
        Line("20 feeds x 200 items, cold / feedparser alone", f"{ours_s:.2f} s", f"{floor_s:.2f} s", f"{ratio:.2f} x CPU",
             "2 x", ratio <= 2),
        Line("20 feeds, unchanged (304)", f"{statistics.median(warm):.2f} s", "", f"{statistics.median(warm):.2f} s",
             "0.5 s", statistics.median(warm) <= 0.5),
    ]  # fmt: skip


def ranking(bench: Bench) -> list[Line]:
    """A day of 400 papers after 1,000 decisions, with what there is to read and to write."""
    paths = at_home(bench.scratch / "ranking")
    states = [PaperState.new] * 400 + [PaperState.kept, *[PaperState.skipped] * 3] * 250
    drafts = [draft for _, draft in read_papers(corpus.papers_file(bench.scratch, len(states)))]
    inserts = tuple(
        (draft, state) for draft, state in zip(drafts, states, strict=True) if isinstance(draft, PaperDraft)
    )
    placed = tuple(range(-1, -len(inserts) - 1, -1))
    with program_change(paths) as change:
        papers.apply(change, PaperDecision(inserts=inserts, updates=(), unchanged=0, placed=placed))
    seconds, walls, pauses = [], [], []
    for _ in range(3):
        with program_change(paths) as change:
            change.connection.execute("DELETE FROM ranking")
        started, began = time.process_time(), time.perf_counter()
        assert rank_new(paths)
        seconds.append(time.process_time() - started)
        walls.append(time.perf_counter() - began)
        with program_change(paths) as change:
            change.connection.execute("DELETE FROM ranking")
        pauses.append(_longest_pause_beside(Apart(paths, now).rank))
    taken, wall, pause = statistics.median(seconds), statistics.median(walls), statistics.median(pauses)
    return [
        Line("ranking 400 papers after 1,000 decisions", f"{wall:.2f} s", "", f"{taken:.2f} s CPU", "1 s", taken <= 1),
        Line("longest wait of the interface's thread meanwhile", f"{pause * 1000:.0f} ms", "", f"{pause * 1000:.0f} ms",
             "50 ms", pause <= 0.05),
    ]  # fmt: skip


def _longest_pause_beside(work: Callable[[], object]) -> float:
    """While `work` runs in a thread, the most that another thread had to wait for its turn, in seconds."""
    thread = threading.Thread(target=work)
    longest = 0.0
    thread.start()
    while thread.is_alive():
        before = time.perf_counter()
        time.sleep(0.001)
        longest = max(longest, time.perf_counter() - before)
    return longest


BENCHES: dict[str, Callable[[Bench], list[Line]]] = {
    "start": start,
    "search": searching,
    "log": logging,
    "spool": spooling,
    "metrics": metric_logging,
    "capture": capturing,
    "import": importing,
    "feeds": fetching,
    "rank": ranking,
    "paint": painting,
    "keys": keys,
    "runs": listing,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", choices=BENCHES, default=list(BENCHES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="labjournal-bench-") as scratch:
        items = 20_000 if options.quick else 100_000
        env = {name: value for name, value in os.environ.items() if not name.startswith(("LABJOURNAL_", "MLFLOW_"))}
        env["LABJOURNAL_HOME"] = str(Path(scratch) / "home")
        bench = Bench(Path(scratch), env, items, 3 if options.quick else 7)
        if {"search", "log", "paint", "keys"} & set(options.only):
            print(f"Filling a journal with {items:,} papers...", file=sys.stderr)
            cost_of([*JOURNAL, "paper", "import", str(corpus.papers_file(bench.scratch, items))], env)
        held = print_lines(BENCHES[name](bench) for name in options.only)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
