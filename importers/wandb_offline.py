"""Reads the runs that wandb keeps in a folder: `wandb/offline-run-DATE-ID/run-ID.wandb`, without wandb.

Runs that were also sent to a server (`run-DATE-ID`) lie there in the same form. One that was resumed has a folder
for each time. Only what a journal keeps is read: name, project, configuration, notes, tags, the curves and how it
ended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from importers.folder_runs import FolderRun, ReadRun, look_of
from importers.wandb_log import records
from importers.wandb_records import RunRecords
from journal.clock import now
from journal.errors import Unreachable, Unreadable
from journal.types import RunDraft

_FOLDER = re.compile(r"(?:offline-)?run-(\d{8}_\d{6})-([\w-]{1,128})", re.ASCII)
_QUIET_AFTER = timedelta(minutes=10)  # a run that goes on writes its system's figures every half minute
_ID_PREFIX = "wandb-"


def is_wandb_folder(folder: Path) -> bool:
    """Whether runs lie in it as wandb writes them."""
    return any(files_of(folder).values())


def is_run_folder(name: str) -> bool:
    """Whether a folder of that name is one that wandb made for a run."""
    return _FOLDER.fullmatch(name) is not None


def count_runs(folder: Path) -> int:
    """How many runs lie in it."""
    return len(files_of(folder))


def read_runs(folder: Path, uri: str) -> Iterator[RunDraft]:
    """Every run that can be read, without its curves. Raises SourceError where there is no such folder."""
    for run in runs_of(folder, uri):
        with suppress(Unreadable):
            yield run.read().draft


def runs_of(folder: Path, uri: str, only: Collection[str] | None = None) -> list[FolderRun]:
    """The runs that lie in `folder`, known by `uri`, in the order of their ids; what is in them is not read yet.

    `only` leaves those with these run ids.

    Raises Unreachable where there is no folder, Unreadable where it may not be looked into or holds no runs.
    """
    try:
        if not folder.is_dir():
            raise Unreachable(f"There is no folder {folder}.", hint="Name another folder.")
        found = files_of(folder, raises=True)
    except OSError as error:
        raise Unreadable(f"{folder} cannot be read: {error.strerror}.") from error
    if not found:
        raise Unreadable(f"{folder} holds no runs of wandb.", hint="Name the wandb folder itself.")
    return [
        _run(identity, files, uri)
        for identity, files in sorted(found.items())
        if only is None or f"{_ID_PREFIX}{identity}" in only
    ]


def files_of(folder: Path, *, raises: bool = False) -> dict[str, list[Path]]:
    """The files of each run, by its id, first written first."""
    found: dict[str, list[Path]] = {}
    try:
        for each in sorted(folder.iterdir(), key=lambda each: each.name.removeprefix("offline-")):
            match = _FOLDER.fullmatch(each.name)
            if match is not None and not each.is_symlink():
                file = each / f"run-{match[2]}.wandb"
                if file.is_file():
                    found.setdefault(match[2], []).append(file)
    except OSError:
        if raises:
            raise
    return found


def _run(identity: str, files: list[Path], uri: str) -> FolderRun:
    seen = []
    for file in files:
        with suppress(OSError):
            seen.append((str(file), file.stat()))
    is_quiet = bool(seen) and max(status.st_mtime for _, status in seen) < (now() - _QUIET_AFTER).timestamp()
    look = look_of(seen, also="quiet" if is_quiet else "")  # who was killed leaves the file as it is
    size = sum(status.st_size for _, status in seen)
    return FolderRun(f"{_ID_PREFIX}{identity}", look, lambda: _read(identity, files, uri, is_quiet=is_quiet), size)


def _read(identity: str, files: list[Path], uri: str, *, is_quiet: bool) -> ReadRun:
    run = RunRecords()
    for file in files:
        try:
            run.begin(_begun_at(file))
            for record in records(file, run.lose, run.cut):
                run.take(record)
        except OSError as error:
            raise Unreadable(f"The run {file} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Unreadable(f"The run {file} cannot be read: {error}.") from error
    if is_quiet and run.is_quiet(now() - _QUIET_AFTER):
        run.give_up()
    draft = run.draft(f"{_ID_PREFIX}{identity}", identity, uri, artifact_uri=str(files[-1].parent / "files"))
    return ReadRun(draft, run.points, run.notes)


def _begun_at(file: Path) -> datetime | None:
    """When the folder was made, which its name says in the local time of whoever made it."""
    match = _FOLDER.fullmatch(file.parent.name)
    if match is None:
        return None
    with suppress(ValueError, OverflowError, OSError):
        local = datetime.strptime(match[1], "%Y%m%d_%H%M%S").replace(tzinfo=now().astimezone().tzinfo)
        return local.astimezone(now().tzinfo)
    return None
