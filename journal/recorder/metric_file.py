"""The file in which one logger's points lie until they are where they belong.

`spool/metrics/<uid>.jsonl`: a first line that says whose points they are, then a line for each call,
`[milliseconds, step, {name: value}]`, and `{"closed": true}` behind the last one. Beside it, `<uid>.done`
holds how many bytes of it are done with. Lines are only ever appended, each by one `write`, so whatever
kills the process leaves all of them but, at worst, half of the last one. NaN and infinities are written
as Python's `json` writes them. A line that is none is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journal.clock import now
from journal.ids import is_uid
from journal.paths import made
from journal.recorder import presence
from journal.recorder.presence import Presence

FORMAT = 1
CLOSED = b'{"closed": true}\n'
_SETTLED_AFTER = timedelta(minutes=1)  # its process may still be carrying it to MLflow
_REFUSED = "refused"
_MOST_BYTES = 1 << 14  # read at a time: some hundred points
_SAMPLE_BYTES = 1 << 20
_CLIENT_FIELDS = ("uid", "session", "run_id", "tracking_uri")

Point = tuple[int, int, str, float]
"""Milliseconds since 1970, step, name, value."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose points a file holds: an MLflow run's, or else those of the session's own run."""

    uid: str
    session: str
    run_id: str
    tracking_uri: str  # without a password
    process: Presence


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file. `end` is where the next one begins; `is_last` where its writer closed it."""

    points: list[Point]
    end: int
    is_last: bool


def folder_of(spool: Path) -> Path:
    return spool / "metrics"


def header(owner: Owner) -> bytes:
    process = asdict(owner.process)
    del process["beat_at"], process["beats"]
    content = {"format": FORMAT, **{name: getattr(owner, name) for name in _CLIENT_FIELDS}, **process}
    return json.dumps(content).encode() + b"\n"


def line(ms: int, step: int, values: dict[str, float]) -> bytes:
    return json.dumps((ms, step, values)).encode() + b"\n"


def waiting(spool: Path) -> list[Path]:
    """The files that hold, or held, points; the oldest first."""
    try:
        return sorted(path for path in folder_of(spool).iterdir() if path.suffix == ".jsonl" and is_uid(path.stem))
    except (FileNotFoundError, NotADirectoryError):
        return []


def wait_for_journal(spool: Path) -> bool:
    """Whether there are points that the journal has to take in, or files of theirs to be removed."""
    return any(size > done_with(path) or is_over(path, owner, now()) for path, owner, size in _for_journal(spool))


def about_waiting(spool: Path) -> int:
    """About how many points the journal has to take in."""
    return sum(_about_behind(path, done_with(path), size) for path, _, size in _for_journal(spool))


def _about_behind(path: Path, start: int, size: int) -> int:
    with suppress(OSError), path.open("rb") as file:
        file.seek(start)
        sample = file.read(_SAMPLE_BYTES)
        # Each name of a call is followed by a colon, and so is the word in the last line, and those in the first.
        named = sample.count(b'": ') - (0 if start else sample.partition(b"\n")[0].count(b'": '))
        return round((named - sample.endswith(CLOSED)) * max(1, (size - start) / max(1, len(sample))))
    return 0


def growth_for_journal(spool: Path) -> frozenset[str]:
    """A text for each file that the journal takes in, which is another when the file has grown."""
    return frozenset(f"{path.name} {size}" for path, _, size in _for_journal(spool))


def _for_journal(spool: Path) -> Iterator[tuple[Path, Owner, int]]:
    for path in waiting(spool):
        owner = owner_of(path)
        if owner is not None and not owner.run_id:
            with suppress(FileNotFoundError):  # another process was faster
                yield path, owner, path.stat().st_size


def owner_of(path: Path) -> Owner | None:
    """Whose points they are; None while that is not written yet, and for what a newer labjournal wrote."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        with path.open("rb") as file:
            values = json.loads(file.readline(1 << 16))
            beat_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        if values["format"] == FORMAT:
            uid, session, run_id, uri = (str(values[name]) for name in _CLIENT_FIELDS)
            process = Presence(
                str(values["host"]), str(values["boot"]), int(values["pid"]), str(values["started"]), False, beat_at
            )
            return Owner(uid, session, run_id, uri, process)
    return None


def is_over(path: Path, owner: Owner, at: datetime) -> bool:
    """Whether nobody writes to it, or carries it on, any more."""
    beat_at = owner.process.beat_at
    if beat_at is not None and beat_at < at - _SETTLED_AFTER and _is_closed(path):
        return True
    return presence.is_over(owner.process, at)


def is_silent(owner: Owner, at: datetime) -> bool:
    """Whether its process is gone by all signs; on another machine, nothing more is known than its silence."""
    return presence.is_over(replace(owner.process, beats=True), at)


def _is_closed(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - len(CLOSED)))
        return file.read() == CLOSED
    return False


def done_with(path: Path) -> int:
    """How many bytes of it are done with."""
    try:
        return int(path.with_suffix(".done").read_text(encoding="ascii") or 0)
    except (OSError, ValueError):
        return 0


def mark_done(path: Path, end: int) -> None:
    """Note that all before `end` is done with. Raises what the file system raises."""
    file = os.open(path.with_suffix(".done"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, f"{end:020}".encode(), 0)
    finally:
        os.close(file)


def remove(path: Path) -> None:
    for each in (path, path.with_suffix(".done")):  # in this order: points without a mark would count again
        with suppress(FileNotFoundError):
            each.unlink()


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Whether nobody else has claimed this file meanwhile; where there are no locks, always."""
    with path.open("rb") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except (ImportError, OSError):
            yield True
            return
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # a child forked meanwhile would hold it with its copy


def refused_in(spool: Path) -> Path:
    return folder_of(spool) / _REFUSED


def refused(spool: Path) -> list[Path]:
    """The files whose points MLflow will never take."""
    try:
        return sorted(path for path in refused_in(spool).iterdir() if path.suffix == ".jsonl")
    except (FileNotFoundError, NotADirectoryError):
        return []


def count_points(path: Path, most: int) -> int:
    """How many points of a file are not done with; about `most` where there are more."""
    count, start = 0, done_with(path)
    with suppress(OSError):
        while count < most and (part := read(path, start)).end > start:
            count, start = count + len(part.points), part.end
    return count


def refuse(path: Path) -> None:
    """Move it to `refused/` beside it, where a person may look at it."""
    folder = made(path.parent / _REFUSED)
    for each in (path, path.with_suffix(".done")):
        with suppress(FileNotFoundError):
            each.replace(folder / each.name)


def read(path: Path, start: int, *, most_bytes: int = _MOST_BYTES) -> Part:
    """The whole lines behind `start`, some of them where there are many. Raises what the file system raises."""
    with path.open("rb") as file:
        file.seek(start)
        content = file.read(most_bytes)
        if len(content) == most_bytes and b"\n" not in content:  # one call with very many names
            content += file.readline()
    whole, newline, _ = content.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    return Part(
        points=_points_of(lines),
        end=start + len(whole) + len(newline),
        is_last=bool(lines) and lines[-1] == CLOSED.rstrip(),
    )


def _points_of(lines: list[bytes]) -> list[Point]:
    try:
        calls = json.loads(b"[%s]" % b",".join(lines))  # a call for each line takes three times as long
    except (ValueError, RecursionError):
        calls = []
    if len(calls) != len(lines):
        calls = [_loaded(each) for each in lines]
    return [point for each in calls if isinstance(each, list) for point in _points(each)]


def _loaded(line: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(line)
    return None


def _points(call: list[object]) -> list[Point]:
    try:
        ms, step, values = call
        ms, step = int(ms), int(step)  # type: ignore[call-overload]
        return [(ms, step, str(name), float(value)) for name, value in values.items()]  # type: ignore[attr-defined]
    except (ValueError, TypeError, AttributeError, OverflowError):
        return []
