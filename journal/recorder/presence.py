"""Signs of life: one small file for each session that goes on, in `alive/` beside the spool's events.

The file says which process it is; its time of change is the last sign of life. `journal run` renews it
every BEAT_S. A block of `journal.tried` does not, since a thread of ours in a training process would be
one too many: there the process itself is looked for, by its number and the moment that it started.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from journal.ids import is_uid
from journal.paths import made

BEAT_S = 10.0
_SILENT_AFTER = timedelta(minutes=10)  # clocks of other machines differ, and network file systems tell times late
_FORGOTTEN_AFTER = timedelta(days=7)  # without a beat, and on a machine that cannot be asked


@dataclass(frozen=True, slots=True)
class Presence:
    """A process, such that no later one can be taken for it. What cannot be told is empty."""

    host: str
    boot: str  # which start of the machine
    pid: int
    started: str  # clock ticks between that start and the process's
    beats: bool = False  # whether somebody renews the file
    beat_at: datetime | None = None  # read from the file's time


def of_process(pid: int, *, beats: bool = False) -> Presence:
    """Who the process `pid` of this machine is."""
    return Presence(hostname(), _boot(), pid, _start_of(pid) or "", beats)


def announce(folder: Path, session: str, presence: Presence) -> None:
    """Write, or replace, the sign of life of a session. Raises what the file system raises."""
    path = _path(folder, session)
    made(folder)
    made(path.parent)
    values = asdict(presence)
    del values["beat_at"]
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(values), encoding="utf-8", errors="surrogatepass")
        draft.replace(path)
    except BaseException:  # a disk that is full makes the file, and nothing in it
        with suppress(OSError):
            draft.unlink()
        raise


def beat(folder: Path, session: str) -> None:
    """Renew it. Where the file is gone, or the disk does not answer well, nothing happens."""
    with suppress(OSError):
        os.utime(_path(folder, session))


def withdraw(folder: Path, session: str) -> None:
    """The session ended, and says so by an event, or was settled."""
    with suppress(OSError):
        _path(folder, session).unlink()


def present(folder: Path) -> dict[str, Presence]:
    """The sessions that have a sign of life, by uid; a file that says nothing is left out."""
    found = {}
    try:
        paths = list((folder / "alive").iterdir())
    except OSError:
        return {}
    for path in paths:
        if path.suffix != ".json" or not is_uid(path.stem):
            continue
        with suppress(OSError, ValueError, TypeError):
            beat_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            values = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
            found[path.stem] = Presence(
                str(values["host"]), str(values["boot"]), int(values["pid"]), str(values["started"]),
                bool(values["beats"]), beat_at,
            )  # fmt: skip
    return found


def is_over(presence: Presence, now: datetime) -> bool:
    """Whether that process surely, or by all signs, does not run any more."""
    if presence.host == hostname():
        if presence.boot != _boot():
            return True
        started = _start_of(presence.pid)
        return started is None or (presence.started != "" and started != presence.started)
    patience = _SILENT_AFTER if presence.beats else _FORGOTTEN_AFTER
    return presence.beat_at is not None and presence.beat_at < now - patience


def hostname() -> str:
    """This machine's name; empty where it has none."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket  # 5 ms, for every command, are kept for where nothing else tells

    return socket.gethostname()


def _path(folder: Path, session: str) -> Path:
    return folder / "alive" / f"{session}.json"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _start_of(pid: int) -> str | None:
    """When `pid` started, in clock ticks since the machine did; empty where that is not told, None if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None if Path("/proc/self/stat").exists() else _is_there(pid)
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]


def _is_there(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return ""  # it is another user's
    return ""
