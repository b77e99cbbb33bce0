"""`journal.metrics`: metrics logged at every step, for a tenth of what MLflow's own calls cost.

    log = journal.metrics()
    for step, (x, y) in enumerate(loader):
        ...
        log({"train/loss": loss, "learning_rate": rate}, step=step)

A call appends one line to a file, and returns. A thread carries the lines to MLflow in batches; where no
MLflow run is there, the journal takes them in as the curves of the trial's, or the launch's, own run. What
was logged before an exception, a SIGTERM or a SIGKILL is in the file, and gets there later.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any

from journal import paths
from journal.ids import new_uid
from journal.recorder import metric_file, mlflow_ties, presence, uncaught
from journal.recorder.belonging import belonging
from journal.recorder.metric_file import Owner
from journal.recorder.metric_worker import Channel, worker
from journal.recorder.shipping import Destination, say
from journal.tracking_uris import absolute_uri

_LARGEST_STEP = 2**63 - 1


def metrics(run_id: str | None = None, *, tracking_uri: str | None = None, client: Any = None) -> Metrics:
    """A logger of metrics: call it with names and values, at every step if you like.

        log = journal.metrics()
        log({"train/loss": loss, "train/accuracy": accuracy}, step=step)

    Its points belong to one run: the MLflow run `run_id` (with `tracking_uri`, or through `client`, an
    `MlflowClient`); else to the fluent run that is active now, or at the first call; else, without MLflow,
    to the trial or the `journal run` around it. Raises TypeError for arguments that make no sense; calls
    of the logger never raise.
    """
    for name, value in (("run_id", run_id), ("tracking_uri", tracking_uri)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} must be a text (str), not {type(value).__name__}")
    if client is not None and not callable(getattr(client, "log_batch", None)):
        raise TypeError("client must be an MlflowClient")
    if run_id is None and (client is not None or tracking_uri is not None):
        raise TypeError("client and tracking_uri say where a run is: name its run_id, too")
    return Metrics(_named(run_id, tracking_uri, client) if run_id else _active_run())


@dataclass(frozen=True, slots=True)
class _Run:
    """An MLflow run, by what is needed to log to it; `uri` may hold a password."""

    run_id: str
    uri: str
    client: Any
    is_given: bool
    is_of_parent: bool = False
    """Whether it is the parent's of this forked process, with connections that are not to be used here."""


class Metrics:
    """What `journal.metrics` returns. May be used by several threads, and in forked children."""

    def __init__(self, run: _Run | None) -> None:
        self._run = run
        self._channel: Channel | None = None
        self._pid, self._born_in = 0, os.getpid()
        self._beginning = threading.Lock()
        self._steps = count()
        self._said: set[str] = set()
        mlflow_ties.install()
        uncaught.listen()
        if run is not None:
            with suppress(Exception):  # then at the first call
                self._begin()

    def __call__(self, values: Mapping[str, Any], *, step: int | None = None) -> None:
        """Log `values`, by name, at `step`; without one, the calls of this logger are counted from 0.

        A value is a number, or something that `float` takes: an array or a tensor of one element. One on a
        GPU is fetched at once, and waits for the GPU as `loss.item()` does. NaN and infinities are values.
        What is no number is left out, and said once. Never raises.
        """
        try:
            ms = time.time_ns() // 1_000_000
            numbers = {}
            for name, value in values.items():
                if type(value) is not float:
                    value = self._number(name, value)
                    if value is None:
                        continue
                numbers[name if type(name) is str else str(name)] = value
            at = next(self._steps) if step is None else step if type(step) is int else int(step)
            if not -_LARGEST_STEP <= at <= _LARGEST_STEP:
                raise OverflowError("such a step is no step")
            if self._pid != os.getpid():  # the first call, or a forked child: two processes, two files
                self._begin()
            channel = self._channel
            if channel is None:
                return
            channel.writer.append(metric_file.line(ms, at, numbers))
            if channel.writer.is_behind:
                worker().start()
        except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._say_once("", f"a call could not be recorded ({error})")

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Wait until all that was logged is in the journal's file and in MLflow; False where that took longer."""
        return self._channel is None or self._pid != os.getpid() or worker().flush(self._channel, timeout_s)

    def close(self, timeout_s: float = 5.0) -> bool:
        """Flush, and end. A logger that is not closed ends with the process; logging again opens it anew."""
        channel, pid = self._channel, self._pid
        self._channel, self._pid = None, 0
        return channel is None or pid != os.getpid() or worker().close(channel, timeout_s)

    def __enter__(self) -> Metrics:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<journal metrics of {self._run.run_id if self._run else 'this trial'}>"

    def _begin(self) -> None:
        # With a limit, since in a forked child it may be held by a thread that is not there.
        is_held = self._beginning.acquire(timeout=1.0)
        try:
            if self._pid == os.getpid():  # another thread was faster
                return
            if self._run is None:
                mlflow_ties.install()  # MLflow may be here only now
                self._run = _active_run()
            self._channel = channel = _channel(self._run, is_forked=os.getpid() != self._born_in)
            self._pid = os.getpid()  # last: from now on the other threads log
        finally:
            if is_held:
                self._beginning.release()
        if channel is None:
            self._say_once(
                "", "metrics are not recorded here: there is no MLflow run, no journal.tried, no journal run"
            )
        else:
            weakref.finalize(self, worker().abandon, channel).atexit = False

    def _number(self, name: Any, value: Any) -> float | None:
        try:
            # A tensor that requires a gradient warns when it becomes a number.
            detach = getattr(value, "detach", None)
            return float(value if detach is None else detach())
        except Exception as error:  # noqa: BLE001 - tensors raise what they like
            self._say_once(str(name), f"the metric {str(name)[:80]!r} is left out: {type(value).__name__}, {error}")
            return None

    def _say_once(self, what: str, sentence: str) -> None:
        if what not in self._said and len(self._said) < 20:
            self._said.add(what)
            say(" ".join(sentence.split()))


def _named(run_id: str, tracking_uri: str | None, client: Any) -> _Run | None:
    is_given = client is not None
    with suppress(Exception):
        if client is None:
            from mlflow import MlflowClient

            client = MlflowClient(tracking_uri=tracking_uri)
        uri = tracking_uri or getattr(client, "tracking_uri", None) or client._tracking_client.tracking_uri
        return _Run(run_id, str(uri), client, is_given)
    say(f"the metrics of run {run_id[:40]!r} are not recorded: MLflow cannot be used here.")
    return None


def _active_run() -> _Run | None:
    """The fluent run that is active in this thread; MLflow is asked only where it is loaded."""
    mlflow = sys.modules.get("mlflow")
    with suppress(Exception):
        run = mlflow.active_run() if mlflow is not None else None
        around = mlflow_ties.run_around_fork() if run is None else None
        if around is not None and mlflow is not None:
            run_id, uri = around
            return _Run(run_id, uri, mlflow.MlflowClient(tracking_uri=uri), False, is_of_parent=True)
        if run is not None and mlflow is not None:
            uri = str(mlflow.get_tracking_uri())
            return _Run(run.info.run_id, uri, mlflow.MlflowClient(tracking_uri=uri), False)
    return None


def _channel(run: _Run | None, *, is_forked: bool) -> Channel | None:
    here = belonging()
    session = (here.session or here.entry) if here else ""
    if run is None and not session:
        return None
    owner = Owner(
        uid=new_uid(),
        session=session,
        run_id=run.run_id if run else "",
        tracking_uri=absolute_uri(run.uri) if run else "",
        process=presence.of_process(os.getpid()),
    )
    destination = Destination(run.run_id, run.uri, run.client, run.is_given) if run else None
    # A client's connections to a SQLite store must not be used on both sides of a fork.
    return worker().open(
        paths.find().spool, owner, destination, by_companion=is_forked or (run is not None and run.is_of_parent)
    )
