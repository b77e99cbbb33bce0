"""Carries metrics to MLflow from a process of its own: `python -m journal.recorder.companion SPOOL [PID]`.

With the number of a training process it follows what that one logs, until it is over: MLflow takes 80
microseconds of the interpreter for each point, which a thread takes from the training, and a process does
not. Without, it carries what killed processes left, or what a server that was down did not take.

It is no child of the training process, which may wait for its children, and it outlives it by what is
left to carry.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import journal
from journal.clock import now
from journal.mlflow_requests import REQUESTS
from journal.recorder import metric_file, presence
from journal.recorder.belonging import ENTRY_VARIABLE, SESSION_VARIABLE
from journal.recorder.metric_file import Owner
from journal.recorder.nobodys_child import start_python
from journal.recorder.shipping import Destination, Refused, Shipment, say
from journal.tracking_uris import absolute_uri

_URI_VARIABLE = "LABJOURNAL_METRICS_URI"  # may hold a password, which no file does
_PATIENCE_S = 600.0
_WAIT_S = 30.0
_SILENT_S = 12.0  # a server that took nothing for so long, while somebody waits
_LOOK_EVERY_S = 1.0
_IDLE_S = 60.0


# ---------------------------------------------------------------- asked for by others


def start(spool: Path, tracking_uri: str) -> bool:
    """Let a companion follow this process; whether one could be started. Takes some milliseconds."""
    words = ("-P", "-m", __name__, str(spool), str(os.getpid()))
    environment = _environment() | {_URI_VARIABLE: tracking_uri}
    return start_python(words, environment=environment, folder="/", patience_s=_PATIENCE_S)


def left_over(spool: Path) -> list[Path]:
    """The files for MLflow whose process is gone, by all signs. Costs one look at an empty folder."""
    return [path for path, owner in _for_mlflow(spool) if _is_left(path, owner)]


def carry_left_over(spool: Path, *, wait_s: float = _WAIT_S) -> str:
    """Carry to MLflow what is left over in `spool`; what went wrong, in one sentence, or nothing.

    Another process that is at it is waited for, so long.
    """
    if not left_over(spool):
        return ""
    if find_spec("mlflow") is None:
        return "Metrics wait to be carried to MLflow, which is not installed here."
    sign = metric_file.folder_of(spool) / "left-over.companion"
    with suppress(OSError):
        sign.touch()
        until = time.monotonic() + wait_s
        while True:
            with metric_file.claimed(sign) as is_ours:
                if is_ours:
                    return _carried_apart(spool)
            if time.monotonic() >= until:
                return "Metrics wait for MLflow; another process is carrying them there."
            time.sleep(0.05)
    return "The metrics that wait for MLflow cannot be read."


def _carried_apart(spool: Path) -> str:
    if not left_over(spool):
        return ""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, str(spool)],
            env=REQUESTS | _environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_PATIENCE_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "MLflow did not take the metrics that wait for it in time; they are kept."
    said = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else said[-1] if said else "MLflow could not be reached; metrics wait for it."


def _environment() -> dict[str, str]:
    root = str(Path(journal.__file__).resolve().parents[1])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    kept = {name: value for name, value in os.environ.items() if name not in {ENTRY_VARIABLE, SESSION_VARIABLE}}
    return {**kept, "PYTHONPATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}


def is_following(spool: Path) -> bool:
    """Whether a companion of this process is at work."""
    try:
        with metric_file.claimed(_sign(spool, os.getpid())) as is_free:
            return not is_free
    except OSError:
        return False


def _sign(spool: Path, pid: int) -> Path:
    """The file that the companion of a process holds locked."""
    return metric_file.folder_of(spool) / f"{pid}.companion"


# ---------------------------------------------------------------- the process itself


def _for_mlflow(spool: Path) -> Iterator[tuple[Path, Owner]]:
    for path in metric_file.waiting(spool):
        owner = metric_file.owner_of(path)
        if owner is not None and owner.run_id:
            yield path, owner


def _is_left(path: Path, owner: Owner) -> bool:
    if metric_file.is_over(path, owner, now()):
        return True
    try:
        return metric_file.is_silent(owner, now()) and metric_file.done_with(path) < path.stat().st_size
    except FileNotFoundError:
        return False


def _carry(path: Path, owner: Owner) -> bool:
    """Whether the file was carried whole, and is gone. Raises what MLflow raises where it cannot be reached."""
    with metric_file.claimed(path) as is_ours:
        if not is_ours or not path.exists():
            return False
        try:
            is_whole = Shipment(path, _destination(owner), metric_file.done_with(path)).ship()
        except Refused as refusal:
            say(f"the metrics of the run {owner.run_id} cannot go to MLflow any more: {refusal}")
            metric_file.refuse(path)
            return True
        if is_whole or metric_file.is_over(path, owner, now()):
            metric_file.remove(path)
            return True
    return False


_destinations: dict[tuple[str, str], Destination] = {}


def _destination(owner: Owner) -> Destination:
    from mlflow import MlflowClient

    given = os.environ.get(_URI_VARIABLE, "")
    uri = given if given and absolute_uri(given) == owner.tracking_uri else owner.tracking_uri
    key = (owner.run_id, uri)
    if key not in _destinations:
        _destinations[key] = Destination(owner.run_id, uri, MlflowClient(tracking_uri=uri))
    return _destinations[key]


def _carry_all(files: list[tuple[Path, Owner]]) -> int:
    """How many could not be carried since MLflow could not be reached."""
    failed = 0
    for path, owner in files:
        try:
            _carry(path, owner)
        except FileNotFoundError:  # another process was faster
            continue
        except Exception as error:  # noqa: BLE001 - one store that is down keeps none of the others waiting
            lines = str(error).strip().splitlines() or [type(error).__name__]
            say(f"metrics wait for MLflow: {lines[0]}")
            failed += 1
    return failed


def _carry_left(files: list[tuple[Path, Owner]]) -> int:
    """How many stores did not take all that is left; each server by itself, so that one that is down costs no other."""
    import mlflow  # noqa: F401 - seconds, in which no store is asked

    of_store: dict[str, list[tuple[Path, Owner]]] = {}
    for path, owner in files:
        is_server = owner.tracking_uri.startswith(("http:", "https:"))
        of_store.setdefault(owner.tracking_uri if is_server else "", []).append((path, owner))
    taken: dict[str, bool] = {}

    def carry(store: str) -> None:
        try:
            for path, owner in of_store[store]:
                with suppress(FileNotFoundError):  # another process was faster
                    _carry(path, owner)
            taken[store] = True
        except Exception as error:  # noqa: BLE001 - whatever MLflow raises; the other stores go on
            lines = str(error).strip().splitlines() or [type(error).__name__]
            which = f"'s server at {store}, which does not take them." if store else f": {lines[0]}"
            say(f"metrics wait for MLflow{which}")

    if "" in of_store:
        carry("")  # files and databases are not waited for in a thread
    threads = {store: threading.Thread(target=carry, args=(store,), daemon=True) for store in of_store if store}
    for thread in threads.values():
        thread.start()
    heard, before = time.monotonic(), -1
    while silent := [store for store, thread in threads.items() if store and thread.is_alive()]:
        done = sum(metric_file.done_with(path) if path.exists() else -1 for path, _ in files)
        if done != before:
            heard, before = time.monotonic(), done
        if time.monotonic() - heard > _SILENT_S:
            break
        time.sleep(0.05)
    if silent:
        say(f"metrics wait for MLflow's server at {silent[0]}, which does not answer.")
    return len(of_store) - len(taken)


def _follow(spool: Path, pid: int) -> int:
    """Carry what the process `pid` of this machine logs until it is over, or logs nothing for a while."""
    process = presence.of_process(pid)
    idle_since = time.monotonic()
    while True:
        is_over = presence.is_over(process, now())  # looked at before the files: nothing comes behind it
        files = [(path, owner) for path, owner in _for_mlflow(spool) if _is_same(owner, process)]
        failed = _carry_all(files)
        if is_over:
            return failed
        if files:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > _IDLE_S:
            return failed
        time.sleep(_LOOK_EVERY_S if not failed else 30.0)


def _is_same(owner: Owner, process: presence.Presence) -> bool:
    one, other = owner.process, process
    return (one.host, one.boot, one.pid, one.started) == (other.host, other.boot, other.pid, other.started)


def main(spool: Path, pid: int | None = None) -> int:
    if pid is not None:
        sign = _sign(spool, pid)
        sign.touch()
        with metric_file.claimed(sign) as is_only_one:
            failed = _follow(spool, pid) if is_only_one else 0
        with suppress(OSError):
            sign.unlink()
        return failed
    return _carry_left([(path, owner) for path, owner in _for_mlflow(spool) if _is_left(path, owner)])


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)))
