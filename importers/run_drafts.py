"""What the files, tables and answers of MLflow say of a run, as a RunDraft. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from dataclasses import fields
from datetime import datetime

from journal.clock import from_milliseconds
from journal.recorder.capture.secret_names import Strength, strength_of
from journal.recorder.capture.secrets import REDACTED, redacted_text
from journal.types import NOTE_TAG, MetricValue, RunDraft, RunStatus

_NAME_TAG = "mlflow.runName"
_PARENT_TAG = "mlflow.parentRunId"
_SAYS_NOTHING = {"", "none", "null", "true", "false"}
_SHORTEST_SECRET = 9  # characters: `a://b:c@d`


def make_draft(
    uri: str,
    run_id: str,
    params: dict[str, str],
    metrics: dict[str, MetricValue],
    tags: dict[str, str],
    *,
    status: str | None,
    started: int | None,
    ended: int | None,
    experiment: str,
    name: str,
    lifecycle: str | None,
    artifact_uri: str,
) -> RunDraft:
    """A run of MLflow, without its secrets; `started` and `ended` are milliseconds since 1970."""
    params, tags = without_secrets(params), without_secrets(tags)
    return RunDraft(
        run_id=run_id,
        tracking_uri=uri,
        name=tags.get(_NAME_TAG) or _kept("", name) or run_id[:8],
        experiment=experiment,
        status=_status(status, ended),
        started_at=moment(started),
        ended_at=moment(ended),
        parent_run_id=tags.get(_PARENT_TAG) or None,
        artifact_uri=artifact_uri,
        note=tags.get(NOTE_TAG, ""),
        is_deleted=lifecycle == "deleted",
        params=params,
        metrics=metrics,
        tags=tags,
    )


def without_secrets(values: dict[str, str]) -> dict[str, str]:
    """Parameters or tags: `log_params(vars(args))` logs a password as any other option."""
    return {name: _kept(name, value) for name, value in values.items()}


def _kept(name: str, value: str) -> str:
    strength = strength_of(name)
    if strength is not Strength.none and value.lower() not in _SAYS_NOTHING:
        is_number = number(value) is not None
        return value if strength is Strength.weak and is_number else REDACTED
    return redacted_text(value) if len(value) >= _SHORTEST_SECRET else value


def digest(draft: RunDraft) -> str:
    """A fingerprint of everything that is mirrored of a run: the same runs, the same digest, in any process."""
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    values["metrics"] = {key: (each.value, each.step, each.logged_at) for key, each in draft.metrics.items()}
    content = json.dumps(values, sort_keys=True, default=datetime.isoformat)
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


def number(value: object) -> float | None:
    """A metric's value: None for NaN, infinity where MLflow put the largest float in its place."""
    try:
        read = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if math.isnan(read):
        return None
    return math.copysign(math.inf, read) if abs(read) >= sys.float_info.max else read


def moment(milliseconds: int | None) -> datetime | None:
    """None also for a time outside the calendar: `log_metric` takes any number for one."""
    try:
        return from_milliseconds(milliseconds)
    except (OverflowError, ValueError, OSError):
        return None


def _status(status: str | None, ended: int | None) -> RunStatus:
    for known in (RunStatus.running, RunStatus.scheduled, RunStatus.finished, RunStatus.failed, RunStatus.killed):
        if str(status).lower() == known:
            return known
    return RunStatus.running if ended is None else RunStatus.finished  # none that MLflow knows today
