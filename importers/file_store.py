"""Reads a folder of runs as MLflow wrote it until version 3.13 refused to: `mlruns/`, without MLflow.

    mlruns/EXPERIMENT/meta.yaml
    mlruns/EXPERIMENT/RUN/meta.yaml, params/KEY, tags/KEY, metrics/KEY     a key with slashes lies in folders
    mlruns/.trash/EXPERIMENT/...                                          deleted experiments

A file of metrics has a line `time value step` for each point; older ones `time value`. Whatever a training
process is writing just now may be half there.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from importers.flat_yaml import MOST_BYTES, read_flat
from importers.folder_runs import FolderRun, ReadRun, look_of
from importers.run_drafts import make_draft, moment, number
from journal.errors import Unreachable, Unreadable
from journal.storable import storable
from journal.tracking_uris import folder_path
from journal.types import MetricValue, RunDraft

_TRASH = ".trash"
_META = "meta.yaml"
_RUN_ID = re.compile(r"[A-Za-z0-9][\w-]{0,255}", re.ASCII)
_STATUSES = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_LONGEST_TEXT = 100_000  # of a parameter or a tag, in bytes; MLflow itself takes 8,000 characters
_TAIL_BYTES = 64 * 1024  # of a long file of metrics, in which the last value is looked for
_MOST_FOLDERS_DEEP = 16  # of a key with slashes
_MOST_HISTORY_BYTES = 256 * 1024 * 1024


def is_file_store(folder: Path) -> bool:
    """Whether runs lie in it as MLflow writes them: some experiment that says which one it is."""
    return next(_experiments(folder), None) is not None


def count_runs(folder: Path) -> int:
    """How many runs lie in it, deleted ones too."""
    return sum(1 for experiment in _experiments(folder) for _ in _run_folders(experiment))


def files_of(folder: Path) -> Iterator[Path]:
    """The files by which it shows that some run began, or that metrics, tags or parameters of another name came."""
    for experiment in _experiments(folder):
        for run in _run_folders(experiment):
            yield from (run / _META, run / "metrics", run / "params", run / "tags")


def read_runs(folder: Path, uri: str) -> Iterator[RunDraft]:
    """Every run that can be read. Raises Unreachable or Unreadable where there is no such store."""
    for run in runs_of(folder, uri):
        with suppress(Unreadable):
            yield run.read().draft


def runs_of(folder: Path, uri: str, only: Collection[str] | None = None) -> list[FolderRun]:
    """The runs that lie in the store at `folder`, known by `uri`; what is in them is not read yet.

    `only` leaves those with these run ids.

    Raises Unreachable where there is no store, Unreadable where the folder may not be looked into.
    """
    try:
        if not folder.is_dir():
            raise Unreachable(f"There is no MLflow store at {folder}.", hint="Name another folder.")
        next(folder.iterdir(), None)
    except OSError as error:
        raise Unreadable(f"{folder} cannot be read: {error.strerror}.") from error
    found: dict[str, FolderRun] = {}
    for experiment in _experiments(folder):
        known = _described(experiment)
        for run in _run_folders(experiment, only):
            if run.name not in found:
                found[run.name] = _run(run, uri, known.get("name", ""), is_in_trash=experiment.parent.name == _TRASH)
    if not found and only is None and not is_file_store(folder):
        raise Unreadable(f"{folder} is no folder of runs.", hint="Name the mlruns folder itself, or an mlflow.db.")
    return list(found.values())


def read_history(tracking_uri: str, run_id: str, key: str) -> list[tuple[int, int, float]]:
    """Every point of a metric in the order in which they were logged: (step, milliseconds since 1970, value).

    Empty where the run has no such metric, or is not there any more. Raises Unreadable.
    """
    folder = folder_path(tracking_uri)
    parts = key.split("/")
    if folder is None or not _RUN_ID.fullmatch(run_id) or "\0" in key or not {"", ".", ".."}.isdisjoint(parts):
        return []
    for experiment in _experiments(folder):
        path = experiment.joinpath(run_id, "metrics", *parts)
        try:
            if path.is_file():
                with path.open("rb") as file:
                    return list(_points(file.read(_MOST_HISTORY_BYTES)))
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    return []


# ---------------------------------------------------------------- folders


def _experiments(folder: Path) -> Iterator[Path]:
    for place in (folder, folder / _TRASH):
        for each in _folders(place):
            if each.name != _TRASH and (each / _META).is_file() and _describes_experiment(each):
                yield each


def _describes_experiment(folder: Path) -> bool:
    known = _described(folder)
    return "experiment_id" in known and not {"run_id", "run_uuid"} & known.keys()


def _run_folders(experiment: Path, only: Collection[str] | None = None) -> Iterator[Path]:
    named = (experiment / name for name in only or () if _RUN_ID.fullmatch(name))
    for each in _folders(experiment) if only is None else named:
        if _RUN_ID.fullmatch(each.name) and (each / _META).is_file():
            yield each


def _folders(place: Path) -> Iterator[Path]:
    try:
        with os.scandir(place) as entries:
            names = sorted(entry.name for entry in entries if _is_folder(entry))
    except OSError:
        return
    for name in names:
        yield place / name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _described(experiment: Path) -> dict[str, str]:
    try:
        return read_flat(_content(experiment / _META, MOST_BYTES + 1))
    except (OSError, ValueError):
        return {}


# ---------------------------------------------------------------- one run


def _run(folder: Path, uri: str, experiment: str, *, is_in_trash: bool) -> FolderRun:
    return FolderRun(
        folder.name,
        look_of(_files(folder), also=f"{experiment}\0{is_in_trash}"),
        lambda: ReadRun(_draft(folder, uri, experiment, is_in_trash=is_in_trash)),
    )


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """What tells whether the run changed. A parameter never does: a new one shows in its folder."""
    place = str(folder)
    for name in (_META, "params"):
        with suppress(OSError):
            yield name, os.stat(f"{place}/{name}")  # noqa: PTH116 - a Path for each file takes longer than the file
    for kind in ("tags", "metrics"):
        for key, entry in _entries(f"{place}/{kind}"):
            with suppress(OSError):
                yield f"{kind}/{key}", entry.stat()


def _entries(folder: str, above: str = "", depth: int = 0) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each file below, and the key that its path is."""
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except OSError:
        return
    for entry in entries:
        if not _is_folder(entry):
            yield above + entry.name, entry
        elif depth < _MOST_FOLDERS_DEEP:
            yield from _entries(entry.path, f"{above}{entry.name}/", depth + 1)


def _draft(folder: Path, uri: str, experiment: str, *, is_in_trash: bool) -> RunDraft:
    try:
        meta = read_flat(_content(folder / _META, MOST_BYTES + 1))
        lifecycle = "deleted" if is_in_trash else meta.get("lifecycle_stage", "active")
        status = meta.get("status", "")
        return make_draft(
            uri,
            folder.name,
            _texts(folder / "params"),
            _last_values(folder / "metrics"),
            _texts(folder / "tags"),
            status=_STATUSES.get(status, status),
            started=_integer(meta.get("start_time")),
            ended=_integer(meta.get("end_time")),
            experiment=experiment,
            name=meta.get("run_name") or meta.get("name", ""),
            lifecycle=lifecycle,
            artifact_uri=meta.get("artifact_uri", ""),
        )
    except OSError as error:
        raise Unreadable(f"The run {folder} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Unreadable(f"The run {folder} cannot be read: its {_META} is damaged ({error}).") from error


def _texts(folder: Path) -> dict[str, str]:
    texts = {}
    for key, entry in _entries(str(folder)):
        with suppress(OSError):
            texts[_name_of(key)] = storable(_content(Path(entry.path), _LONGEST_TEXT).decode("utf-8", "replace"))
    return texts


def _last_values(folder: Path) -> dict[str, MetricValue]:
    """By key what MLflow takes for the last value: of the highest step the latest, of those the largest."""
    values = {}
    for key, entry in _entries(str(folder)):
        with suppress(OSError):
            last = max(_points(_tail(entry.path)), key=_lateness, default=None)
            if last is not None:
                step, ms, value = last
                values[_name_of(key)] = MetricValue(value=number(value), step=step, logged_at=moment(ms))
    return values


def _lateness(point: tuple[int, int, float]) -> tuple[int, int, float]:
    step, ms, value = point
    return step, ms, -math.inf if math.isnan(value) else value


def _points(content: bytes) -> Iterator[tuple[int, int, float]]:
    """The whole lines of a file of metrics; one that is no point is passed over."""
    for line in content.split(b"\n")[:-1]:  # what follows the last end of line is still being written
        words = line.split()
        if len(words) in {2, 3, 5}:
            with suppress(ValueError):
                step = int(words[2]) if len(words) > 2 else 0
                ms = int(words[0])
                if abs(step) < 2**63 and abs(ms) < 2**63:
                    yield step, ms, float(words[1])


def _tail(path: str) -> bytes:
    """The end of a file, in whole lines."""
    content = _content(path, _TAIL_BYTES + 1)
    if len(content) <= _TAIL_BYTES:
        return content
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        return file.read(_TAIL_BYTES).partition(b"\n")[2]


def _content(path: str | Path, most: int) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands of small files
        return file.read(most)


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _name_of(name: str) -> str:
    """A file's name as a text that can be kept: bytes that are no UTF-8 are shown as such."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
