"""`journal run --continue` in the process that trains: its script goes on with the run, and never fails for it.

MLflow goes on with a run by MLFLOW_RUN_ID, in its fluent API alone, and raises where the run is not in the store
and the experiment of the script, or where a parameter has another value by now. So where our command named the run,
the first run that the script's own client would make is that run, too; one that is elsewhere is followed by a new
one; and a parameter keeps its first value, while the journal notes the other. Of any other process nothing is touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from journal import paths
from journal.ids import new_uid
from journal.recorder import spool
from journal.recorder.belonging import CONTINUED_VARIABLE, belonging
from journal.recorder.events import CapturedEvent
from journal.words import GIVEN_PARAMETERS

_RUN_ID_VARIABLE = "MLFLOW_RUN_ID"  # taken away by whoever goes on with the run
_PARENT_TAG = "mlflow.parentRunId"
_NOT_THERE = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}  # the second, of ids that the store has none of
_SHORTENED_FROM = 250  # characters: stores keep the beginning of what is longer than they take
_OURS = "__journal_chooses__"

_kept: dict[tuple[str, str], dict[str, str]] = {}  # by store and run: its parameters before this process
_given: dict[str, str] = {}
_is_followed = False


def continued_run() -> str:
    """The id of the MLflow run that `journal run --continue` named; empty without."""
    return os.environ.get(CONTINUED_VARIABLE, "")


def install() -> None:
    """Let `mlflow.start_run` take the run of the environment only where it can. Called while MLflow is loaded."""
    if not continued_run():
        return
    variable = getattr(sys.modules.get("mlflow.environment_variables"), "MLFLOW_RUN_ID", None)
    if variable is not None and callable(getattr(variable, "get", None)) and not hasattr(variable.get, _OURS):
        variable.get = _choosing(variable.get)  # who asks it is `start_run`, and no one else


def _choosing(original: Callable[[], Any]) -> Callable[[], Any]:
    def get() -> Any:
        run_id = original()
        with suppress(Exception):
            if run_id and run_id == continued_run():
                import mlflow

                experiment = getattr(sys.modules.get("mlflow.tracking.fluent"), "_active_experiment_id", None)
                if _found(mlflow.MlflowClient(), run_id, experiment) is None:
                    return None
        return run_id

    setattr(get, _OURS, True)
    return get


# ---------------------------------------------------------------- the run


def go_on(client: Any, experiment_id: Any, tags: Any, run_name: Any) -> Any:
    """The run to go on with, set going, in the place of one that this client would make; None where it makes one."""
    with suppress(Exception):
        run_id = _waiting(tags)
        run = _found(client, run_id, str(experiment_id)) if run_id else None
        if run is not None:
            from mlflow.entities import RunStatus, RunTag

            client.store.update_run_info(run_id, RunStatus.RUNNING, run.info.end_time, run_name or None)
            given = [RunTag(key, str(value)) for key, value in (tags or {}).items() if value is not None]
            if given:
                client.log_batch(run_id, tags=given)
            run = client.get_run(run_id)
            os.environ.pop(_RUN_ID_VARIABLE, None)
            return run
    return None


def followed_run(tags: Any) -> str:
    """The run that one just made with these `tags` follows, since that one is elsewhere: told once a process."""
    global _is_followed
    run_id = _waiting(tags)
    if not run_id or _is_followed:
        return ""
    _is_followed = True
    _say(f"the run {run_id[:8]} is not in this store and experiment; a run of its own is made, which follows it.")
    return run_id


def _waiting(tags: Any) -> str:
    """The run that nobody went on with yet, where one is made that is no part of another."""
    run_id = continued_run()
    is_part = isinstance(tags, Mapping) and _PARENT_TAG in tags
    return run_id if run_id and not is_part and os.environ.get(_RUN_ID_VARIABLE) == run_id else ""


def _found(client: Any, run_id: str, experiment_id: str | None) -> Any:
    """The run, in this experiment (None: in any); None where it is not there. Raises where the store cannot tell."""
    try:
        run = client.get_run(run_id)
    except Exception as error:
        if getattr(error, "error_code", "") in _NOT_THERE:
            return None
        raise
    is_here = experiment_id is None or str(run.info.experiment_id) == experiment_id
    return run if is_here and run.info.lifecycle_stage == "active" else None


# ---------------------------------------------------------------- its parameters


def keeps_its_own(client: Any, run_id: Any, key: Any, value: Any) -> bool:
    """Whether the run has another value of this parameter, which it keeps; then the new one is told and noted."""
    return bool(_changed(client, run_id, [(key, value)]))


def without_changed(client: Any, run_id: Any, params: Iterable[Any]) -> Any:
    """Those of the `params` of a batch that MLflow takes; the others are told and noted."""
    try:
        listed = [*params]
        changed = _changed(client, run_id, [(param.key, param.value) for param in listed])
        return [param for param in listed if str(param.key) not in changed] if changed else params
    except Exception:  # noqa: BLE001 - MLflow shall refuse what it cannot take, in its own words
        return params


def nothing_to_wait_for() -> Any:
    """What a call that does not wait returns, where there was nothing to be done."""
    from mlflow.utils.async_logging.run_operations import RunOperations

    return RunOperations([])


def _changed(client: Any, run_id: Any, given: list[tuple[Any, Any]]) -> dict[str, str]:
    with suppress(Exception):
        if not given or run_id != continued_run():
            return {}
        place = (str(client.tracking_uri), run_id)
        if place not in _kept:
            _kept[place] = dict(client.get_run(run_id).data.params)
        kept = _kept[place]
        changed = {
            str(key): str(value) for key, value in given if str(key) in kept and _differ(kept[str(key)], str(value))
        }
        _tell(changed, kept)
        return changed
    return {}


def _differ(kept: str, new: str) -> bool:
    return kept != new and not (len(kept) >= _SHORTENED_FROM and new.startswith(kept))


def _tell(changed: Mapping[str, str], kept: Mapping[str, str]) -> None:
    new = {key: value for key, value in changed.items() if _given.get(key) != value}
    for key, value in new.items():
        _say(f"the run keeps its first value of the parameter {key[:80]!r}: {kept[key][:80]!r}, not {value[:80]!r}.")
    here = belonging()
    if not new or here is None:
        return
    from journal.recorder.kept_words import said

    _given.update({key: said(value) for key, value in new.items()})
    event = CapturedEvent(uid=new_uid(), session=here.session or here.entry, facts={GIVEN_PARAMETERS: dict(_given)})
    spool.write(paths.find().spool, event)


def _say(sentence: str) -> None:
    from journal.recorder.shipping import say  # it loads the file that loads this one

    say(sentence)
