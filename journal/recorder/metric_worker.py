"""What a process does for all its loggers of metrics beside the training: one thread, and the end of it all.

The thread exists only where something is to be carried to MLflow, or a disk cannot be trusted. Each point
that it carries takes the interpreter from the training for 80 microseconds, so it takes no more than
SHARE of the time that this process computes. Where more is logged than that, a process of its own carries it
(`companion`); and at once where MLflow is a server, whose client draws from Python's random numbers when it
tries again.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, process_time, sleep, thread_time

from journal.recorder import companion, metric_file
from journal.recorder.metric_file import Owner
from journal.recorder.metric_writer import Writer, folders, temporary_folder
from journal.recorder.shipping import Destination, Refused, Shipment, say
from journal.recorder.spool import PATIENCE_S

SHIP_EVERY_S = 2.0
SHARE = 0.02
CATCH_UP_EVERY_S = 0.25
EXIT_PATIENCE_S = 5.0
_WORTH_IT_S = 0.03  # what the smallest batch takes
_MOST_BEHIND = 128 << 10  # bytes that wait for MLflow: about 3,000 points
_AFTER_FAILURE_S = 30.0  # and MLflow's own client has tried again and again by then
_COMPANION_STARTS_S = 30.0  # it imports MLflow, maybe from a slow disk


@dataclass(eq=False)
class Channel:
    """One logger's way from its file to MLflow; `destination` is None where the journal itself takes it in."""

    spool: Path
    writer: Writer
    destination: Destination | None
    shipments: dict[Path, Shipment] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    not_before: float = 0.0
    is_abandoned: bool = False
    handed_over_at: float | None = None

    def ship(self, *, most_s: float = float("inf")) -> bool:
        """Carry to MLflow what is in the files, for about `most_s` of this thread's work; whether all is done."""
        if self.destination is None:
            return True
        ends = thread_time() + most_s / 2  # then another batch would be too many
        with self.lock:
            for path in list(self.writer.paths):
                is_behind_writer = self.writer.is_closed or path != self.writer.paths[-1]
                try:
                    if self._is_with_companion():
                        return False
                    shipment = self.shipments.setdefault(path, Shipment(path, self.destination))
                    with metric_file.claimed(path) as is_ours:
                        if not is_ours:
                            return False
                        shipment.done = max(shipment.done, metric_file.done_with(path))
                        is_whole = shipment.ship(goes_on=lambda: thread_time() < ends)
                    if is_whole or (is_behind_writer and shipment.rest <= 0):
                        self._forget(path)
                    elif thread_time() >= ends:
                        if shipment.rest > _MOST_BEHIND:
                            self.hand_over(path)
                        return False
                except FileNotFoundError:  # it is done, or the folder was removed under our feet
                    self._forget(path)
                except Refused as refusal:
                    say(f"the metrics cannot go to MLflow any more: {refusal}")
                    with suppress(OSError):
                        metric_file.refuse(path)
                    self._forget(path)
                except Exception:  # noqa: BLE001 - the server is down: what waits stays in the file
                    self.not_before = monotonic() + _AFTER_FAILURE_S
                    return False
        return True

    @property
    def is_done(self) -> bool:
        """Whether all that is in the files was taken."""
        for path in list(self.writer.paths):
            with suppress(FileNotFoundError):
                if metric_file.done_with(path) < path.stat().st_size:
                    return False
        return not self.writer.is_waiting

    def hand_over(self, path: Path) -> None:
        """Let a companion carry it, where it can find it, and can be who the program is to MLflow."""
        destination = self.destination
        if destination is None or destination.is_given or self.handed_over_at is not None:
            return
        if path.parent == metric_file.folder_of(self.spool) and companion.start(self.spool, destination.uri):
            self.handed_over_at = monotonic()

    def _is_with_companion(self) -> bool:
        """Whether a companion carries it; one that never came, or died, is done without."""
        if self.handed_over_at is None:
            return False
        return monotonic() - self.handed_over_at < _COMPANION_STARTS_S or companion.is_following(self.spool)

    def _forget(self, path: Path) -> None:
        self.writer.paths.remove(path)
        self.shipments.pop(path, None)
        with suppress(OSError):
            metric_file.remove(path)


class Worker:
    """All channels of one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._channels: list[Channel] = []
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._ends = False

    def open(
        self, spool: Path, owner: Owner, destination: Destination | None, *, by_companion: bool = False
    ) -> Channel:
        """A new channel; waits for a file system that does not answer, though never for long."""
        writer = Writer(folders(spool, also_temporary=destination is not None), owner)
        if not _within(PATIENCE_S, writer.catch_up) and destination is not None:
            writer = Writer((temporary_folder(),), owner)
            _within(PATIENCE_S, writer.catch_up)
        channel = Channel(spool, writer, destination)
        if writer.paths and destination is not None and (by_companion or not _is_local(destination)):
            channel.hand_over(writer.paths[-1])
        self._channels.append(channel)
        if destination is not None or writer.is_behind:
            self.start()
        return channel

    def start(self) -> None:
        """Let the thread run, from now on."""
        if self._thread is None and not self._ends:
            self._thread = threading.Thread(target=self._work, name="journal-metrics", daemon=True)
            with suppress(RuntimeError):  # no more threads: what is written stays in the files
                self._thread.start()

    def flush(self, channel: Channel, timeout_s: float) -> bool:
        """Whether all of it was written, and taken, in time."""
        until = monotonic() + timeout_s
        _within(timeout_s, lambda: _flush(channel))
        while not channel.is_done and channel.handed_over_at is not None and monotonic() < until:
            sleep(0.05)
        return channel.is_done if channel.destination is not None else not channel.writer.is_waiting

    def flush_run(self, run_id: str, timeout_s: float) -> None:
        """Carry what was logged to this run by now to MLflow, as far as there is time."""
        until = monotonic() + timeout_s
        for channel in list(self._channels):
            if channel.destination is not None and channel.destination.run_id == run_id:
                self.flush(channel, max(0.0, until - monotonic()))

    def close(self, channel: Channel, timeout_s: float) -> bool:
        channel.is_abandoned = True
        is_taken = self.flush(channel, timeout_s)
        return _within(timeout_s, lambda: self._close(channel)) and is_taken

    def abandon(self, channel: Channel) -> None:
        """Its logger is gone: close it when there is time. Called by the garbage collector, so without a wait."""
        channel.is_abandoned = True
        if channel.destination is None and not channel.writer.is_behind and self.pid == os.getpid():
            self._close(channel)

    def end(self) -> None:
        """At exit: write and carry on what waits, as far as EXIT_PATIENCE_S allows; the rest stays in the files."""
        if self.pid != os.getpid():
            return
        self._ends = True
        self._wake.set()
        if self._thread is not None and self._thread.is_alive():  # no new one can be started by now
            self._thread.join(EXIT_PATIENCE_S)
            return
        for channel in list(self._channels):
            if channel.destination is None:
                self._close(channel)

    def _close(self, channel: Channel) -> None:
        channel.writer.close()
        if channel.ship() or channel.handed_over_at is not None:
            with suppress(ValueError):
                self._channels.remove(channel)

    def _work(self) -> None:
        shipped_at, used = monotonic(), process_time()
        while not self._ends:
            self._wake.wait(min(CATCH_UP_EVERY_S, SHIP_EVERY_S))
            for channel in list(self._channels):
                if channel.writer.is_behind:
                    channel.writer.catch_up()
            since, most_s = monotonic() - shipped_at, SHARE * (process_time() - used)
            # Where the training computes little, because it waits or because others compute, little is done here.
            is_time = since >= SHIP_EVERY_S and (most_s >= _WORTH_IT_S or since >= 5 * SHIP_EVERY_S)
            if not is_time or self._ends:
                continue
            shipped_at, used = monotonic(), process_time()
            for channel in list(self._channels):
                if channel.is_abandoned:
                    self._close(channel)
                elif monotonic() >= channel.not_before and not self._ends:
                    channel.ship(most_s=most_s / max(1, len(self._channels)))
        for channel in list(self._channels):
            self._close(channel)


def _is_local(destination: Destination) -> bool:
    scheme, colon, _ = destination.uri.partition(":")
    return not colon or scheme == "file" or scheme.startswith("sqlite")


def _flush(channel: Channel) -> None:
    if channel.writer.is_behind:
        channel.writer.catch_up()
    channel.not_before = 0.0
    channel.ship()


_worker: Worker | None = None


def worker() -> Worker:
    """The one of this process: a forked child has none of its parent's threads, and begins anew."""
    global _worker
    if _worker is None or _worker.pid != os.getpid():
        _worker = Worker()
        atexit.register(_worker.end)
    return _worker


def flush_run(run_id: str) -> None:
    """What loggers of this process logged to an MLflow run that ends goes there before, or later where that hangs."""
    if _worker is not None and _worker.pid == os.getpid():
        _worker.flush_run(run_id, EXIT_PATIENCE_S)


def _within(patience_s: float, work: Callable[[], object]) -> bool:
    """Do `work` in a thread of its own; whether it ended in time. Where it did not, it goes on alone."""
    thread = threading.Thread(target=work, name="journal-metrics-once", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no more threads, or the interpreter is shutting down
        return False
    thread.join(patience_s)
    return not thread.is_alive()
