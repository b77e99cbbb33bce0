"""What the records of wandb say of one run (wandb/proto/wandb_internal.proto, versions 0.13 to 0.31).

Pure. What is damaged is passed over: a field that is missing costs that field.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from importers.folder_runs import Points
from importers.run_drafts import number, without_secrets
from importers.wandb_log import BYTES, FIXED64, VARINT, Field, double, fields, signed, zigzag
from journal.storable import storable
from journal.tracking_uris import without_passwords
from journal.types import NOTE_TAG, MetricValue, RunDraft, RunStatus

# The kinds of record, by their field number in Record.
_HISTORY, _SUMMARY, _CONFIG, _STATS, _RUN, _EXIT = 2, 3, 5, 7, 17, 18
_INTERRUPTED = 255  # the exit code that wandb gives to Ctrl-C
_MOST_POINTS = 5_000_000  # of all metrics of a run
_MOST_KEYS = 20_000
_LONGEST_VALUE = 6_000  # characters of a parameter, as MLflow has it
_MOST_PARAMS = 5_000
_DEEPEST = 10  # of what lies in each other in a configuration
_LONGEST_JSON = 1024 * 1024


class RunRecords:
    """A run as its records tell it, taken one after the other; a resumed run's files follow each other."""

    def __init__(self) -> None:
        self.points: dict[str, Points] = {}
        self._texts: dict[int, str] = {}
        self._tags: list[str] = []
        self._config: dict[str, object] = {}
        self._summary: dict[str, float | None] = {}
        self._commit = self._remote = ""
        self._started_at: datetime | None = None
        self._last_sign_at: datetime | None = None
        self._code: int | None = None
        self._runtime_s = 0
        self._begun_at: datetime | None = None
        self._step = -1
        self._taken = 0
        self._is_cut = self._is_over = False
        self._is_empty = True
        self._lost = 0
        self._is_told = self._ends_within_a_record = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of it."""
        notes = [f"only the first {_MOST_POINTS:,} points were taken"] if self._is_cut else []
        if self._lost:
            notes.append(f"its file is damaged in {self._lost:,} place{'' if self._lost == 1 else 's'}")
        if self._ends_within_a_record and (self._is_over or self._code is not None):  # nobody goes on with it
            notes.append("its file is damaged at its end")
        if self._is_empty and self._is_over:
            notes.append("its file holds nothing")
        elif not self._is_told:
            notes.append(f"its name and its settings are not written{'' if self._is_over else ' yet'}")
        return tuple(notes)

    def begin(self, at: datetime | None) -> None:
        """The records of another process follow, which began at that time."""
        self._code, self._begun_at, self._ends_within_a_record = None, at, False

    def lose(self) -> None:
        """Something between the records was damaged."""
        self._lost += 1

    def cut(self) -> None:
        """The file ends within a record."""
        self._ends_within_a_record = True

    def give_up(self) -> None:
        """Nobody writes any more: without an exit it has vanished."""
        self._is_over = True

    def is_quiet(self, since: datetime) -> bool:
        """Whether its records tell of nothing after that."""
        return self._last_sign_at is None or self._last_sign_at < since

    def take(self, record: bytes) -> None:
        """What one record adds; nothing where it is damaged."""
        self._is_empty = False
        with suppress(ValueError, RecursionError):
            for field in fields(record):
                take = _TAKERS.get(field[0])
                if take is not None and field[1] == BYTES:
                    take(self, _content(field))

    def draft(self, run_id: str, identity: str, uri: str, *, artifact_uri: str) -> RunDraft:
        """The run; `identity` is wandb's own id of it."""
        started_at = self._started_at or self._begun_at
        tags = dict.fromkeys(self._tags, "")
        named = {
            "wandb.id": identity,
            "wandb.entity": self._texts.get(2, ""),
            "wandb.group": self._texts.get(6, ""),
            "wandb.job_type": self._texts.get(7, ""),
            "wandb.sweep": self._texts.get(12, ""),
            "wandb.host": self._texts.get(13, ""),
            "mlflow.source.git.commit": self._commit,
            "mlflow.source.git.repoURL": without_passwords(self._remote),
            NOTE_TAG: self._texts.get(9, ""),
        }
        tags = without_secrets(tags | {key: value for key, value in named.items() if value})
        return RunDraft(
            run_id=run_id,
            tracking_uri=uri,
            name=self._texts.get(8) or identity,
            experiment=self._texts.get(3) or ("uncategorized" if self._is_told else ""),
            status=self._status(),
            started_at=started_at,
            ended_at=self._ended_at(started_at),
            artifact_uri=artifact_uri,
            note=tags.get(NOTE_TAG, ""),
            params=without_secrets(_flat_texts(self._config)),
            metrics=self._last_values(),
            tags=tags,
        )

    def _status(self) -> RunStatus:
        if self._code is None:
            return RunStatus.vanished if self._is_over else RunStatus.running
        if self._code == 0:
            return RunStatus.finished
        return RunStatus.killed if self._code == _INTERRUPTED else RunStatus.failed

    def _ended_at(self, started_at: datetime | None) -> datetime | None:
        if self._code is None and not self._is_over:
            return None
        ends = [each for each in (self._last_sign_at, started_at) if each is not None]
        with suppress(OverflowError):
            if self._runtime_s and (begun := self._begun_at or started_at):
                ends.append(begun + timedelta(seconds=self._runtime_s))
        return max(ends, default=None)

    def _last_values(self) -> dict[str, MetricValue]:
        values = {}
        for key, points in self.points.items():
            step, ms, value = points.last
            values[key] = MetricValue(value=number(value), step=step, logged_at=_from_ms(ms))
        for key, summed in self._summary.items():
            if key not in values:
                values[key] = MetricValue(value=summed, step=max(self._step, 0), logged_at=self._last_sign_at)
        return values

    # ------------------------------------------------------------ one record

    def _take_run(self, message: bytes) -> None:
        tags = []
        self._is_told = True
        for field in fields(message):
            kind = field[0]
            if kind in {2, 3, 6, 7, 8, 9, 12, 13} and field[1] == BYTES:
                self._texts[kind] = _text(field)
            elif kind == 10 and field[1] == BYTES:
                tags.append(_text(field))
            elif kind == 4 and field[1] == BYTES:
                self._take_config(_content(field))
            elif kind == 17 and field[1] == BYTES:
                at = _timestamp(_content(field))
                self._started_at = min(each for each in (self._started_at, at) if each) if at else self._started_at
                self._begun_at = at or self._begun_at
            elif kind == 21 and field[1] == BYTES:
                git = {each[0]: _text(each) for each in fields(_content(field)) if each[1] == BYTES}
                self._remote, self._commit = git.get(1, ""), git.get(2, "")
        self._tags = tags or self._tags

    def _take_config(self, message: bytes) -> None:
        for field in fields(message):
            if field[0] not in {1, 2} or field[1] != BYTES:
                continue
            path, value, is_told = _item(_content(field))
            if field[0] == 2:
                _remove(self._config, path)
            elif is_told and path and path[0] != "_wandb":
                _put(self._config, path, value)

    def _take_summary(self, message: bytes) -> None:
        for field in fields(message):
            if field[0] != 1 or field[1] != BYTES:
                continue
            path, value, is_told = _item(_content(field))
            if is_told and path and not path[0].startswith("_"):
                for key, each in _flat(".".join(path), value):
                    is_number = isinstance(each, int | float) and (
                        key in self._summary or len(self._summary) < _MOST_KEYS
                    )
                    if is_number and key not in self.points:
                        self._summary[key] = number(each)

    def _take_history(self, message: bytes) -> None:
        step: int | None = None
        at: float | None = None
        logged: list[tuple[str, float]] = []
        for field in fields(message):
            if field[0] == 2 and field[1] == BYTES:
                if step is None:
                    step = next((signed(_integer(each)) for each in fields(_content(field)) if each[0] == 1), 0)
                continue
            if field[0] != 1 or field[1] != BYTES:
                continue
            path, value, is_told = _item(_content(field))
            if not is_told or not path:
                continue
            if path == ["_step"] and isinstance(value, int | float) and math.isfinite(value):
                step = int(value)
            elif path == ["_timestamp"] and isinstance(value, int | float) and math.isfinite(value):
                at = float(value)
            elif not path[0].startswith("_"):
                logged += [
                    (key, float(each)) for key, each in _flat(".".join(path), value) if isinstance(each, int | float)
                ]
        self._step = self._step + 1 if step is None else step
        ms = int(at * 1000) if at is not None and abs(at) < 2**50 else 0
        self._seen(_from_ms(ms) if ms else None)
        for key, each in logged:
            self._add(key, ms, each)

    def _add(self, key: str, ms: int, value: float) -> None:
        points = self.points.get(key)
        if self._taken >= _MOST_POINTS or (points is None and len(self.points) >= _MOST_KEYS):
            self._is_cut = True
            return
        if points is None:
            points = self.points[key] = Points()
            self._summary.pop(key, None)
        with suppress(OverflowError):
            points.add(self._step, ms, value)
            self._taken += 1

    def _take_stats(self, message: bytes) -> None:
        for field in fields(message):
            if field[0] == 2 and field[1] == BYTES:
                self._seen(_timestamp(_content(field)))

    def _take_exit(self, message: bytes) -> None:
        self._code = 0
        for field in fields(message):
            if field[0] == 1 and field[1] == VARINT:
                self._code = signed(_integer(field))
            elif field[0] == 2 and field[1] == VARINT:
                self._runtime_s = max(0, signed(_integer(field)))

    def _seen(self, at: datetime | None) -> None:
        if at is not None and (self._last_sign_at is None or at > self._last_sign_at):
            self._last_sign_at = at


_TAKERS = {
    _HISTORY: RunRecords._take_history,
    _SUMMARY: RunRecords._take_summary,
    _CONFIG: RunRecords._take_config,
    _STATS: RunRecords._take_stats,
    _RUN: RunRecords._take_run,
    _EXIT: RunRecords._take_exit,
}


def _item(message: bytes) -> tuple[list[str], object, bool]:
    """Key, value and whether there is one, of an item of a configuration, a history or a summary."""
    key, nested, value, is_told = "", [], None, False
    for field in fields(message):
        kind, wire, content = field
        if kind == 1 and wire == BYTES:
            key = _text(field)
        elif kind == 2 and wire == BYTES:
            nested.append(_text(field))
        elif kind in {8, 16} and wire == BYTES:
            text = _content(field)
            if len(text) <= _LONGEST_JSON:
                value, is_told = json.loads(text), True
        elif kind == 4 and wire == VARINT:
            value, is_told = bool(content), True
        elif kind == 5 and wire == VARINT:
            value, is_told = zigzag(_integer(field)), True
        elif kind == 6 and wire == FIXED64:
            value, is_told = double(content), True
    return ([key] if key else nested), value, is_told


def _flat(key: str, value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Single values by their dotted names; what wandb calls media is left out."""
    if not isinstance(value, dict):
        yield key, value
    elif depth < _DEEPEST and "_type" not in value:
        for name, inner in value.items():
            yield from _flat(f"{key}.{name}", inner, depth + 1)


def _flat_texts(config: dict[str, object]) -> dict[str, str]:
    """Parameters as MLflow writes them: `True`, `None`, `0.1`; a list as JSON."""
    texts: dict[str, str] = {}
    for name, value in config.items():
        for key, each in _flat(name, value):
            if len(texts) == _MOST_PARAMS:
                return texts
            text = json.dumps(each, ensure_ascii=False) if isinstance(each, list) else str(each)
            texts[storable(key)] = storable(text[:_LONGEST_VALUE])
    return texts


def _put(config: dict[str, object], path: list[str], value: object) -> None:
    for name in path[:-1][:_DEEPEST]:
        inner = config.get(name)
        if not isinstance(inner, dict):
            inner = config[name] = {}
        config = inner
    config[path[-1]] = value


def _remove(config: dict[str, object], path: list[str]) -> None:
    for name in path[:-1]:
        inner = config.get(name)
        if not isinstance(inner, dict):
            return
        config = inner
    if path:
        config.pop(path[-1], None)


def _timestamp(message: bytes) -> datetime | None:
    values = {field[0]: signed(_integer(field)) for field in fields(message) if field[1] == VARINT}
    return _from_ms(values.get(1, 0) * 1000 + values.get(2, 0) // 1_000_000)


def _from_ms(ms: int) -> datetime | None:
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(ms / 1000, UTC)
    return None


def _content(field: Field) -> bytes:
    return field[2] if isinstance(field[2], bytes) else b""


def _integer(field: Field) -> int:
    return field[2] if isinstance(field[2], int) else 0


def _text(field: Field) -> str:
    return storable(_content(field).decode("utf-8", "replace"))
