"""Reads the runs of a store that only MLflow's client can read: a server, or a database other than SQLite.

MLflow repeats a request for minutes and waits without end for an answer that drips; here each page of runs has
its time, and what went wrong is one sentence.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from importers.mlflow_versions import is_database, require_same_version
from importers.run_drafts import make_draft, moment, number
from importers.text import shortened
from journal.errors import JournalError, MissingExtra, Unreachable
from journal.mlflow_requests import REQUESTS
from journal.tracking_uris import without_password
from journal.types import MetricValue, RunDraft

_Result = TypeVar("_Result")

PAGE_TIMEOUT_S = 60.0  # for a thousand runs, which a healthy server gives in two seconds
FIRST_ANSWER_S = 10.0  # for its experiments, before anything else is asked: MLflow asks twice, 15 s each
_CONNECT_TIMEOUT_S = 5.0
_RUNS_A_PAGE = 1_000
_MOST_RUNS = 1_000_000
_LONGEST_REASON = 300  # characters of what MLflow says went wrong
_PORT_OF_SCHEME = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_CODE = re.compile(r"error code (\d{3})|too many (\d{3}) error responses")
_MEANING = {
    "401": "it asks for a name and a password, see MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    "403": "it does not let you in, see MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    "404": "what answers there is no MLflow server, or one at another path",
    "405": "what answers there is no MLflow server, or one at another path",
    "429": "it asks to be asked more slowly",
}
_NO_SERVER = "what answers there is no MLflow server"
_NO_ANSWER = "it did not answer in time"


def read_runs(uri: str) -> Iterator[RunDraft]:
    """Every run of the store, deleted ones too; no request is waited for longer than PAGE_TIMEOUT_S,
    and the first one no longer than FIRST_ANSWER_S.

    Raises Unreachable or another SourceError, in one sentence, and MissingExtra without MLflow.
    """
    shown = without_password(uri)
    with _client(uri) as client:
        from mlflow.entities import ViewType

        names = {
            experiment.experiment_id: experiment.name
            for experiment in _pages(
                lambda token: client.search_experiments(ViewType.ALL, _RUNS_A_PAGE, page_token=token),
                first_s=FIRST_ANSWER_S,
            )
        }
        ids = list(names)
        if not ids and urlsplit(uri).scheme in {"http", "https"}:  # each MLflow server has at least its "Default"
            raise ValueError(f"it tells of no experiment: either {_NO_SERVER}, or you may not see what it has.")
        runs = _pages(
            lambda token: client.search_runs(ids, "", ViewType.ALL, _RUNS_A_PAGE, page_token=token) if ids else []
        )
        for run in runs:
            yield _draft(shown, run, names)


def read_histories(uri: str, run_id: str, keys: Sequence[str]) -> dict[str, list[tuple[int, int, float]]]:
    """By key, every point of a metric in no order: (step, milliseconds since 1970, value). Raises as `read_runs`."""
    with _client(uri) as client:
        histories = {key: _in_time(partial(client.get_metric_history, run_id, key)) for key in keys}
        return {
            key: [(int(each.step or 0), int(each.timestamp or 0), float(each.value)) for each in history]
            for key, history in histories.items()
        }


@contextmanager
def _client(uri: str) -> Iterator[Any]:
    shown = without_password(uri)
    require_answer(uri)
    for name, value in REQUESTS.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise MissingExtra(f"Reading the MLflow store at {shown}", "mlflow") from error
    try:
        if is_database(uri):
            _in_time(lambda: require_same_version(uri))
        yield _in_time(lambda: MlflowClient(tracking_uri=uri))
    except JournalError:
        raise
    except Exception as error:  # MLflow raises its own, SQLAlchemy's, requests' and plain ones
        raise Unreachable(f"The MLflow store at {shown} cannot be read: {reason(error, uri)}") from error


def reason(error: BaseException, uri: str) -> str:
    """What went wrong with the store at `uri`, in few words and without its password."""
    said = _without_secret(str(error).strip() or type(error).__name__, uri)
    if "unsupported URI" in said:  # followed by an essay on what MLflow keeps where
        return f"MLflow knows no store whose address begins with {uri.partition(':')[0]}:."
    match = _CODE.search(said)
    code = (match[1] or match[2]) if match else ""
    if isinstance(error, TimeoutError) or "timed out" in said or "timeout=" in said:
        return f"{_NO_ANSWER}."
    if code in _MEANING:
        return f"{_MEANING[code]} (HTTP {code})."
    if match is not None and match[2]:
        return f"it fails itself (HTTP {code})."
    if re.search(r"<(?:!doctype|html)\b", said, re.IGNORECASE) or "JSON" in said:
        return f"{_NO_SERVER}."
    if "Connection aborted" in said or "Connection broken" in said or "RemoteDisconnected" in said:
        return "it broke off in the middle."
    return _first_sentences(said)


def require_answer(uri: str) -> None:
    """Find out in seconds that nobody listens: MLflow itself retries for minutes. Raises Unreachable."""
    parts = urlsplit(uri)
    try:
        port = parts.port or _PORT_OF_SCHEME.get(parts.scheme.partition("+")[0])
        if parts.hostname and port:
            socket.create_connection((parts.hostname, port), timeout=_CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"No MLflow store answers at {without_password(uri)}: {getattr(error, 'strerror', None) or error}."
        ) from error


def _in_time(call: Callable[[], _Result], seconds: float | None = None) -> _Result:
    """What `call` returns or raises; TimeoutError when it takes too long, and its thread is left alone."""
    results: list[_Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=work, name="mlflow", daemon=True)
    thread.start()
    thread.join(PAGE_TIMEOUT_S if seconds is None else seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def _pages(page_of: Callable[[Any], Any], *, first_s: float | None = None) -> Iterator[Any]:
    token, before, read = None, set[Any](), 0
    while True:
        page = _in_time(lambda token=token: page_of(token), None if before or read else first_s)  # type: ignore[misc]
        yield from page
        read += len(page)
        token = getattr(page, "token", None)
        if not token:
            return
        if token in before or read > _MOST_RUNS:
            raise ValueError("its pages have no end.")
        before.add(token)


def _without_secret(text: str, uri: str) -> str:
    """`text` without the password of `uri`, however much of the URI it repeats."""
    with suppress(ValueError):
        password = urlsplit(uri).password
        for secret in (password, unquote(password or "")):
            if secret:
                text = text.replace(f":{secret}@", "@")
    return text


def _first_sentences(text: str) -> str:
    """The first line, cut behind a sentence where it is long, or at a word. MLflow writes whole essays."""
    line = text.splitlines()[0]
    if len(line) <= _LONGEST_REASON:
        return line
    end = line.rfind(". ", 0, _LONGEST_REASON)
    return line[: end + 1] if end > 0 else shortened(line, _LONGEST_REASON)


def _draft(uri: str, run: Any, names: dict[str, str]) -> RunDraft:
    # `data.metrics` has the values alone; steps and times are in the list that it is made of.
    logged = {each.key: each for each in getattr(run.data, "_metric_objs", ())}
    metrics = {}
    for key, value in run.data.metrics.items():
        at = logged.get(key)
        metrics[key] = MetricValue(
            value=number(value),
            step=int(at.step or 0) if at is not None else 0,
            logged_at=moment(at.timestamp) if at is not None else None,
        )
    info = run.info
    return make_draft(
        uri, info.run_id, dict(run.data.params), metrics, dict(run.data.tags),
        status=info.status, started=info.start_time, ended=info.end_time,
        experiment=names.get(info.experiment_id, ""), name=info.run_name or "",
        lifecycle=info.lifecycle_stage, artifact_uri=info.artifact_uri or "",
    )  # fmt: skip
