"""Ties to the journal every run that MLflow makes, or goes on with, in this process.

MLflow asks `EntryRunContext` (in `tracking`) about runs of its fluent API alone, and not about one that is
resumed. All runs that Python makes pass `TrackingServiceClient.create_run`, those of `MlflowClient` and of
loggers such as Lightning's too; a resumed one is first seen as MLflow's `ActiveRun`, or by its first batch.
These are wrapped where a trial or a launch is around them, and do exactly what they did otherwise.

Nothing here imports MLflow unless it is being imported already, and nothing here ever raises.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from journal import clock, paths
from journal.ids import is_uid, new_uid
from journal.recorder import going_on, spool
from journal.recorder.belonging import belonging
from journal.recorder.events import RunEvent
from journal.tracking_uris import absolute_uri
from journal.words import ENTRY_TAG

_CLIENT = "mlflow.tracking._tracking_service.client"
_FLUENT = "mlflow.tracking.fluent"
_OURS = "__journal_tied__"

ties_nothing: ContextVar[bool] = ContextVar("journal_ties_nothing", default=False)
"""Set where our own code logs to runs that others made."""

_active: dict[int, list[tuple[int, str, str]]] = {}
"""By thread, the runs of the fluent API that are active: process, run, store."""
_tied: set[tuple[int, str, str, str]] = set()  # process, run, entry, session


def install() -> None:
    """Wrap what makes runs in MLflow, where MLflow is loaded or being loaded. Often called; cheap."""
    with suppress(Exception):
        if "mlflow" not in sys.modules:
            return
        # While MLflow is being imported it asks for plugins before it reaches its client.
        client = import_module(_CLIENT).TrackingServiceClient
        _wrap(client, "create_run", ("self", "experiment_id", "start_time", "tags"), _creating)
        _wrap(client, "log_batch", ("self", "run_id"), _logging)
        if going_on.continued_run():
            _wrap(client, "log_param", ("self", "run_id", "key", "value"), _logging_one)
            going_on.install()
        _wrap(client, "set_terminated", ("self", "run_id"), _ending)
        _wrap(client, "__init__", ("self", "tracking_uri"), _connecting)
        _install_fluent()


def _install_fluent() -> None:
    active_run = getattr(sys.modules.get(_FLUENT), "ActiveRun", None)
    if active_run is not None:
        _wrap(active_run, "__init__", ("self", "run"), _activating)


def _wrap(cls: type, name: str, parameters: tuple[str, ...], wrapper: Callable[[Any], Any]) -> None:
    """Put `wrapper(original)` in the place of a method that has these parameters; of another shape it stays."""
    original = cls.__dict__.get(name)
    if original is None or hasattr(original, _OURS):
        return
    if tuple(inspect.signature(original).parameters)[: len(parameters)] != parameters:
        return
    wrapped = functools.wraps(original)(wrapper(original))
    setattr(wrapped, _OURS, True)
    setattr(cls, name, wrapped)


def run_around_fork() -> tuple[str, str] | None:
    """The id and store of the fluent run that was active where this process was forked; MLflow forgets it there.

    The child's only thread has the number of the one that forked it.
    """
    runs = _active.get(threading.get_ident())
    return runs[-1][1:] if runs and runs[-1][0] != os.getpid() else None


# ---------------------------------------------------------------- what stands around MLflow's own


def _creating(original: Any) -> Any:
    def create_run(
        self: Any, experiment_id: Any, start_time: Any = None, tags: Any = None, *more: Any, **named: Any
    ) -> Any:
        run = going_on.go_on(self, experiment_id, tags, named.get("run_name", more[0] if more else None))
        if run is not None:
            _tie(run, None)
            return run
        run = original(self, experiment_id, start_time, _with_ours(tags), *more, **named)
        _tie(run, self, follows=going_on.followed_run(tags))
        return run

    return create_run


def _logging(original: Any) -> Any:
    def log_batch(self: Any, run_id: Any, *more: Any, **named: Any) -> Any:
        _tie_id(run_id, self)
        if run_id != going_on.continued_run():
            return original(self, run_id, *more, **named)
        if "params" in named:
            named["params"] = going_on.without_changed(self, run_id, named["params"])
        elif len(more) > 1:
            more = (more[0], going_on.without_changed(self, run_id, more[1]), *more[2:])
        done = original(self, run_id, *more, **named)
        return done if done is not None or _waits(more[3:], named) else going_on.nothing_to_wait_for()

    return log_batch


def _logging_one(original: Any) -> Any:
    def log_param(self: Any, run_id: Any, key: Any, value: Any, *more: Any, **named: Any) -> Any:
        if run_id != going_on.continued_run() or not going_on.keeps_its_own(self, run_id, key, value):
            return original(self, run_id, key, value, *more, **named)
        return value if _waits(more, named) else going_on.nothing_to_wait_for()

    return log_param


def _waits(more: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Whether a call waits until it is done; `more` are its arguments from `synchronous` on."""
    return bool(named.get("synchronous", more[0] if more else True))


def _ending(original: Any) -> Any:
    def set_terminated(self: Any, run_id: Any, *more: Any, **named: Any) -> Any:
        with suppress(Exception):
            # Who sees that a run is finished takes what it holds for its result.
            metrics = sys.modules.get("journal.recorder.metric_worker")
            if metrics is not None:
                metrics.flush_run(run_id)
        with suppress(Exception):
            for runs in [*_active.values()]:
                runs[:] = [each for each in runs if each[1] != run_id]
        return original(self, run_id, *more, **named)

    return set_terminated


def _connecting(original: Any) -> Any:
    def __init__(self: Any, *more: Any, **named: Any) -> None:
        original(self, *more, **named)
        with suppress(Exception):
            _install_fluent()  # by now it is loaded

    return __init__


def _activating(original: Any) -> Any:
    def __init__(self: Any, run: Any) -> None:
        original(self, run)
        _tie(run, None)
        with suppress(Exception):
            here = _active.setdefault(threading.get_ident(), [])
            here.append((os.getpid(), run.info.run_id, str(import_module("mlflow").get_tracking_uri())))

    return __init__


# ---------------------------------------------------------------- what is told the journal


def _with_ours(tags: Any) -> Any:
    """`tags` and those of ours that are missing; what the program gave stays as it is, and wins."""
    try:
        here = belonging()
        return tags if here is None else {**here.tags(), **(tags or {})}
    except Exception:  # noqa: BLE001 - MLflow shall refuse what it cannot take, in its own words
        return tags


def _tie(run: Any, client: Any, *, follows: str = "") -> None:
    with suppress(Exception):
        # A resumed run may have the tag of what was tried when it was made.
        told = "" if client is None else (run.data.tags or {}).get(ENTRY_TAG, "")
        _tie_id(run.info.run_id, client, told, follows)


def _tie_id(run_id: Any, client: Any, told: str = "", follows: str = "") -> None:
    """Spool once that the run belongs here; `told` is the entry that a tag of the program names instead."""
    try:
        here = belonging()
        if here is None or not isinstance(run_id, str) or ties_nothing.get():
            return
        key = (os.getpid(), run_id, here.entry, here.session)
        if key in _tied:
            return
        _tied.add(key)
        uri = getattr(client, "tracking_uri", None) or import_module("mlflow").get_tracking_uri()
        event = RunEvent(
            uid=new_uid(), entry=told if is_uid(told) else here.entry, run_id=run_id,
            tracking_uri=absolute_uri(str(uri)), at=clock.now(), session=here.session, follows=follows,
        )  # fmt: skip
        spool.write(paths.find().spool, event)
    except Exception:  # noqa: BLE001 - whatever it is, the training goes on
        return
