"""`make bench-peers`: what other feed readers take for the same, on the same files in the same run.

Beside ours: newsboat (a reader for terminals, in C++ and Rust) and lemon24/reader (a library, in Python), from the
same server, each with its own default settings, taking turns. Ratios are ours over theirs: below 1 we take less.
A peer that cannot be had is named, the others are measured all the same, and the exit code is 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.bench import corpus
from tests.bench.peer_programs import Missing, Peer, newsboat, reader
from tests.bench.served import FEEDS, ITEMS, twenty_feeds
from tests.bench.table import JOURNAL, print_row
from tests.bench.terminal import Screen, Terminal
from tests.bench.timing import Cost, cost_of, median

_ROUNDS = 3
_INSTALLED = Path(__file__).resolve().parents[2] / "build" / "peers"
_WIDTHS = (44, 27, 27, 27, 27, 27)
Measure = Callable[[], Cost]


class Ours:
    """labjournal in one journal of this run."""

    def __init__(self, folder: Path, env: Mapping[str, str], base: str, urls: list[str]) -> None:
        self._env = {
            **env, "LABJOURNAL_HOME": str(folder), "LABJOURNAL_ARXIV_RSS": base, "LABJOURNAL_ARXIV_INTERVAL": "0",
        }  # fmt: skip
        cost_of([*JOURNAL, "feed", "add", *urls], self._env)

    def tasks(self) -> dict[str, Measure]:
        return {
            COLD: self._do("feed", "fetch"),
            UNCHANGED: self._do("feed", "fetch"),
            FIRST_LIST: lambda: _until(JOURNAL, self._env, "to skim"),
            PRINT: self._do("today"),
            SEARCH: self._do("search", corpus.RARE),
        }

    def _do(self, *words: str) -> Measure:
        return lambda: cost_of([*JOURNAL, *words], self._env)


class Newsboat:
    """newsboat with a cache of this run; its searching has no other way than the keys."""

    def __init__(self, peer: Peer, folder: Path, env: Mapping[str, str], urls: list[str]) -> None:
        folder.mkdir()
        (folder / "urls").write_text("\n".join(urls) + "\n")
        (folder / "config").write_text("")
        self._env = {**env, **peer.env, "HOME": str(folder)}
        files = {option: str(folder / name) for option, name in (("-u", "urls"), ("-C", "config"), ("-c", "cache.db"))}
        self._command = (*peer.command, *(word for pair in files.items() for word in pair))

    def tasks(self) -> dict[str, Measure]:
        return {
            COLD: lambda: cost_of([*self._command, "-x", "reload"], self._env),
            UNCHANGED: self._unchanged,
            FIRST_LIST: lambda: _until(self._command, self._env, "updates on arXiv"),
            SEARCH: lambda: _until(
                self._command, self._env, "updates on arXiv", (f"/{corpus.RARE}\n", "Search result")
            ),
        }

    def _unchanged(self) -> Cost:
        """The third reload: newsboat keeps the ETag of a feed that it knows, so the second fetches all again."""
        cost_of([*self._command, "-x", "reload"], self._env)
        return cost_of([*self._command, "-x", "reload"], self._env)


class Reader:
    """lemon24/reader with a database of this run."""

    def __init__(self, peer: Peer, folder: Path, env: Mapping[str, str], urls: list[str]) -> None:
        folder.mkdir()
        self._peer, self._database, self._env = peer, str(folder / "reader.db"), dict(env)
        self._do("follow", *urls)()

    def tasks(self) -> dict[str, Measure]:
        return {
            COLD: self._do("update"),
            UNCHANGED: self._do("update"),
            INDEX: self._do("index"),
            PRINT: self._do("list"),
            SEARCH: self._do("search", corpus.RARE),
        }

    def _do(self, task: str, *words: str) -> Measure:
        return lambda: cost_of([*self._peer.command, task, self._database, *words], self._env)


COLD, UNCHANGED = f"{FEEDS} feeds x {ITEMS} items, cold", "the same, unchanged (304)"
INDEX = "index for search (in cold for the others)"
FIRST_LIST, PRINT, SEARCH = "start to first list (terminal)", "print 20 items", "search a rare word, from the start"
TASKS = (COLD, UNCHANGED, INDEX, FIRST_LIST, PRINT, SEARCH)


def _until(
    command: tuple[str, ...], env: Mapping[str, str], expected: str, then: tuple[str, str] | None = None
) -> Cost:
    """The time until a terminal shows `expected`, and then, after typing, another text."""
    with Terminal(command, env) as terminal:
        shown = terminal.wait(partial(_has, text=expected))
        if then is not None:
            terminal.press(then[0].encode())
            shown = terminal.wait(partial(_has, text=then[1]))
        return terminal.cost(shown - terminal.started)


def _has(screen: Screen, text: str) -> bool:
    return bool(screen.places_of(text))


def main() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LABJOURNAL_", "MLFLOW_"))}
    peers: dict[str, Peer] = {}
    missing: list[str] = []
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    for name, install in (("newsboat", newsboat), ("reader", reader)):
        try:
            peers[name] = install(_INSTALLED)
        except Missing as error:
            missing.append(str(error))
    costs = _measured(peers, env)
    print_row(
        ("wall / CPU / memory", "labjournal", *(peer.version for peer in peers.values()), *(f"ours / {name}" for name in peers)),
        _WIDTHS[: 2 + 2 * len(peers)],
    )  # fmt: skip
    for task in TASKS:
        ours = costs.get(("ours", task))
        theirs = [costs.get((name, task)) for name in peers]
        print_row(
            (task, _shown(ours), *map(_shown, theirs), *(_ratio(ours, cost) for cost in theirs)),
            _WIDTHS[: 2 + 2 * len(peers)],
        )
    for sentence in missing:
        print(f"MISSING {sentence}", file=sys.stderr)
    sys.exit(1 if missing else 0)


def _measured(peers: Mapping[str, Peer], env: Mapping[str, str]) -> dict[tuple[str, str], Cost]:
    """The median of each task of each program."""
    found: dict[tuple[str, str], list[Cost]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="labjournal-peers-") as scratch,
        twenty_feeds(Path(scratch) / "feeds") as (base, urls),
    ):
        for round_ in range(_ROUNDS):
            folder = Path(scratch) / str(round_)
            folder.mkdir()
            programs: dict[str, Ours | Newsboat | Reader] = {"ours": Ours(folder / "ours", env, base, urls)}
            if "newsboat" in peers:
                programs["newsboat"] = Newsboat(peers["newsboat"], folder / "newsboat", env, urls)
            if "reader" in peers:
                programs["reader"] = Reader(peers["reader"], folder / "reader", env, urls)
            tasks = {name: program.tasks() for name, program in programs.items()}
            for task in TASKS:
                for name in programs:
                    if task in tasks[name]:
                        found.setdefault((name, task), []).append(tasks[name][task]())
    return {key: median(costs) for key, costs in found.items()}


def _shown(cost: Cost | None) -> str:
    return "-" if cost is None else f"{cost.wall_s:.2f} s / {cost.cpu_s:.2f} s / {cost.peak_mib:.0f} MiB"


def _ratio(ours: Cost | None, theirs: Cost | None) -> str:
    if ours is None or theirs is None:
        return "-"
    return (
        f"{ours.wall_s / theirs.wall_s:.2f} x / {ours.cpu_s / theirs.cpu_s:.2f} x / "
        f"{ours.peak_mib / theirs.peak_mib:.2f} x"
    )


if __name__ == "__main__":
    main()
