"""What a training process records: events, and their form as files of the spool.

An event is one object in UTF-8:

    {"format": 1, "event": "tried" | "launched" | ..., "uid": ..., and the event's fields}

`uid` is a ULID, so the names sort as the events happened. Times are ISO 8601 with a zone. Keys that the
reader does not know are ignored, and fields that have a default may be missing: a later version may add
some without a new format number.

A *session* is one process that works: a command that `journal run` launched, or a block of `journal.tried`.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, cast

from journal.errors import Unreadable
from journal.ids import is_uid
from journal.words import EntryType, SessionExit, Verdict

FORMAT = 1

Uid = str  # of another event; empty where there is none
Facts = dict[str, dict[str, str]]
"""What surrounded a session, in sections: `{"python": {"version": "3.11.7"}, "packages": {...}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedEvent:
    """A block of `journal.tried` began. Its `uid` is that of the entry that it becomes, and of its session."""

    uid: str
    what: str
    why: str
    expect: str
    papers: tuple[str, ...]  # as the person typed them
    started_at: datetime
    host: str
    pid: int
    argv: tuple[str, ...]
    cwd: str
    launch: Uid = ""  # the uid of the session around it, where `journal run` started this process
    attribute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryEvent:
    """An entry without a session of its own, such as the one that `journal run` begins with."""

    uid: str
    type: EntryType
    what: str
    why: str
    expect: str
    papers: tuple[str, ...]
    at: datetime
    attribute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchedEvent:
    """`journal run` is about to start a command. Its `uid` is that of the session."""

    uid: str
    entry: Uid
    at: datetime
    host: str
    pid: int  # of the process that launches
    argv: tuple[str, ...]  # of the command, without secrets
    cwd: str
    launch: Uid = ""  # the session around it: `journal run` inside of `journal run`
    continues: str = ""  # the id of the MLflow run that it goes on with
    joins: Uid = ""  # of the item of a run that it goes on with, where that has no MLflow id
    named_entry: str = ""  # as the person typed it, where the journal could not be asked what that is
    named_run: str = ""  # the same for a run to go on with


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedEvent:
    """What surrounds a session. A later one adds to, and replaces, sections of an earlier one."""

    uid: str
    session: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """What came of an entry; the last one holds."""

    uid: str
    entry: str
    text: str
    verdict: Verdict | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A run belongs to an entry, to a session, or both. `tracking_uri` is empty where it is not known."""

    uid: str
    entry: Uid
    run_id: str
    tracking_uri: str
    at: datetime
    session: Uid = ""
    follows: str = ""  # the id of the run that `--continue` named, where this one had to be made in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """An exception that nobody caught in a process of this session. `error` is its traceback."""

    uid: str
    session: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedEvent:
    """A session ended. `error` is the text of the traceback, or empty."""

    uid: str
    session: str  # a trial's is the uid of its entry
    at: datetime
    exit: SessionExit
    error: str
    code: int | None = None
    signal: int | None = None
    output: str = ""  # the tail of what it printed, where that could be kept


Event = TriedEvent | EntryEvent | LaunchedEvent | CapturedEvent | OutcomeEvent | RunEvent | ErrorEvent | EndedEvent

_CLASS_OF_NAME: dict[str, type[Event]] = {
    "tried": TriedEvent,
    "entry": EntryEvent,
    "launched": LaunchedEvent,
    "captured": CapturedEvent,
    "outcome": OutcomeEvent,
    "run": RunEvent,
    "error": ErrorEvent,
    "ended": EndedEvent,
}
_NAME_OF_CLASS = {cls: name for name, cls in _CLASS_OF_NAME.items()}


class NewerEvent(Unreadable):
    """An event in a later format: leave it where it is until labjournal is updated."""


def encode(event: Event) -> bytes:
    """The bytes of an event's file.

    Lone surrogates (undecodable bytes of a file name in argv) pass as they are: escaped, a pair of
    them would come back as one other character.
    """
    values = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    content = {"format": FORMAT, "event": _NAME_OF_CLASS[type(event)], **values}
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def decode(content: bytes, stem: str) -> Event:
    """The event in the file `stem`.json. Raises ValueError or RecursionError for what is none, and NewerEvent."""
    values = json.loads(content.decode("utf-8", "surrogatepass"))
    if not isinstance(values, dict):
        raise ValueError("it holds no object")
    version = values.get("format")
    if type(version) is not int or version < 1:
        raise ValueError(f"its format {version!r} is none of ours")
    if version > FORMAT:
        raise NewerEvent(
            f"{stem}.json in the spool was written by a newer labjournal (format {version}).",
            hint="Update labjournal; the event is kept until then.",
        )
    cls = _CLASS_OF_NAME.get(_text(values, "event"))
    if cls is None:
        raise ValueError(f"there is no event {values['event']!r}")
    if cls is EndedEvent:
        values.setdefault("session", values.get("entry"))  # as it was called before sessions had uids
    known = {
        field.name: _READERS[str(field.type)](values, field.name)
        for field in fields(cls)
        if field.name in values or field.default is MISSING
    }
    if known["uid"] != stem:
        raise ValueError("its name is not its uid")
    return cls(**known)


def _required(values: dict[str, Any], key: str) -> object:
    if key not in values:
        raise ValueError(f"{key!r} is missing")
    return cast(object, values[key])


def _uid_or_empty(values: dict[str, Any], key: str) -> str:
    return "" if _required(values, key) == "" else _text(values, key)


def _text(values: dict[str, Any], key: str) -> str:
    value = _required(values, key)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is not a text")
    if key in _UIDS and not is_uid(value):
        raise ValueError(f"{key!r} is not a uid")
    return value


def _texts(values: dict[str, Any], key: str) -> tuple[str, ...]:
    value = _required(values, key)
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError(f"{key!r} is not a list of texts")
    return tuple(value)


def _whole(values: dict[str, Any], key: str) -> int:
    value = _required(values, key)
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"{key!r} is not a whole number")
    return value


def _moment(values: dict[str, Any], key: str) -> datetime:
    moment = datetime.fromisoformat(_text(values, key))
    if moment.tzinfo is None:
        raise ValueError(f"{key!r} has no time zone")
    return moment


def _verdict(values: dict[str, Any], key: str) -> Verdict | None:
    return None if _required(values, key) is None else Verdict(_text(values, key))


def _exit(values: dict[str, Any], key: str) -> SessionExit:
    return SessionExit(_text(values, key))


def _entry_type(values: dict[str, Any], key: str) -> EntryType:
    return EntryType(_text(values, key))


def _code(values: dict[str, Any], key: str) -> int | None:
    value = _required(values, key)
    if value is not None and (type(value) is not int or not -(2**31) <= value < 2**32):
        raise ValueError(f"{key!r} is no exit code and no signal")
    return value


def _facts(values: dict[str, Any], key: str) -> Facts:
    sections = _required(values, key)
    if not isinstance(sections, dict) or not all(
        isinstance(section, dict) and all(isinstance(value, str) for value in section.values())
        for section in sections.values()
    ):
        raise ValueError(f"{key!r} has no sections of texts")
    return sections


_UIDS = {"uid", "entry", "session", "launch", "joins"}

# By the annotation of a field, which is a text here: every field has exactly one of these.
_READERS: dict[str, Any] = {
    "str": _text,
    "Uid": _uid_or_empty,
    "tuple[str, ...]": _texts,
    "int": _whole,
    "int | None": _code,
    "datetime": _moment,
    "Verdict | None": _verdict,
    "SessionExit": _exit,
    "EntryType": _entry_type,
    "Facts": _facts,
}
