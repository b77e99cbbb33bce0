"""The spool: every event is kept whole or not at all, and nothing that goes wrong reaches the training."""

from __future__ import annotations

import errno
import json
import os
import string
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.errors import Unreadable
from journal.ids import new_uid
from journal.recorder import events, spool
from journal.recorder.events import (
    CapturedEvent,
    EndedEvent,
    EntryEvent,
    ErrorEvent,
    Event,
    LaunchedEvent,
    NewerEvent,
    OutcomeEvent,
    RunEvent,
    TriedEvent,
)
from journal.types import EntryType, SessionExit, Verdict

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

# Every code point, lone surrogates included: an undecodable byte of an argument becomes one.
any_text = st.text(alphabet=st.characters(exclude_categories=()))
uids = st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26)
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
any_event = st.one_of(
    st.builds(
        TriedEvent,
        uid=uids,
        what=any_text,
        why=any_text,
        expect=any_text,
        papers=st.lists(any_text).map(tuple),
        started_at=moments,
        host=any_text,
        pid=st.integers(0, 2**22),
        argv=st.lists(any_text).map(tuple),
        cwd=any_text,
    ),
    st.builds(
        OutcomeEvent, uid=uids, entry=uids, text=any_text, verdict=st.none() | st.sampled_from(Verdict), at=moments
    ),
    st.builds(RunEvent, uid=uids, entry=uids, run_id=any_text, tracking_uri=any_text, at=moments),
    st.builds(
        EndedEvent,
        uid=uids,
        session=uids,
        at=moments,
        exit=st.sampled_from(SessionExit),
        error=any_text,
        code=st.none() | st.integers(-(2**31), 2**31),
        signal=st.none() | st.integers(0, 64),
        output=any_text,
    ),
    st.builds(
        EntryEvent,
        uid=uids,
        type=st.sampled_from(EntryType),
        what=any_text,
        why=any_text,
        expect=any_text,
        papers=st.lists(any_text).map(tuple),
        at=moments,
    ),
    st.builds(
        LaunchedEvent,
        uid=uids,
        entry=st.just("") | uids,
        at=moments,
        host=any_text,
        pid=st.integers(0, 4194304),
        argv=st.lists(any_text).map(tuple),
        cwd=any_text,
        launch=st.just("") | uids,
        continues=any_text,
        joins=st.just("") | uids,
        named_entry=any_text,
        named_run=any_text,
    ),
    st.builds(
        CapturedEvent,
        uid=uids,
        session=uids,
        facts=st.dictionaries(any_text, st.dictionaries(any_text, any_text)),
    ),
    st.builds(ErrorEvent, uid=uids, session=uids, at=moments, error=any_text),
)


def tried(**changes: Any) -> TriedEvent:
    event = TriedEvent(
        uid=new_uid(), what="cosine", why="plateau", expect="+0.3", papers=("1608.03983",), started_at=AT,
        host="node7", pid=4711, argv=("train.py",), cwd="/home/me",
    )  # fmt: skip
    return replace(event, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture(autouse=True)
def a_process_that_has_not_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_warned", False)
    monkeypatch.setattr(spool, "_hanging", [])


@given(event=any_event)
def test_whatever_a_person_or_a_program_writes_comes_back_as_it_was(
    event: Event, tmp_path_factory: pytest.TempPathFactory
):
    path = tmp_path_factory.getbasetemp() / f"{event.uid}.json"
    path.write_bytes(events.encode(event))
    assert spool.read(path) == event


def test_events_wait_in_the_order_in_which_they_happened(folder: Path):
    events = [tried(), tried(), tried()]
    for event in reversed(events):
        spool.write(folder, event)
    assert [spool.read(path) for path in spool.pending(folder)] == events


def test_the_folder_is_made_for_this_user_alone(folder: Path):
    spool.write(folder, tried())
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_never_made_holds_nothing(folder: Path):
    assert spool.pending(folder) == []


def test_half_written_files_and_files_of_others_are_not_events(folder: Path):
    spool.write(folder, tried())
    (folder / f".{new_uid()}.7.tmp").write_text('{"format": 1, "ev')
    (folder / "notes.json").write_text("{}")
    (folder / f"{new_uid()}.txt").write_text("{}")
    assert len(spool.pending(folder)) == 1


def test_ten_processes_at_the_same_moment_lose_no_event(folder: Path):
    script = (
        "import sys; from pathlib import Path; from journal.recorder.tried import tried\n"
        "sys.stdin.readline()\n"
        "for number in range(10):\n"
        "    with tried(f'{sys.argv[1]} {number}') as trial: trial.outcome('done', 'kept')\n"
    )
    environment = {**os.environ, "LABJOURNAL_HOME": str(folder.parent), "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(number)], stdin=subprocess.PIPE, env=environment)
        for number in range(10)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0] * 10
    events = [spool.read(path) for path in spool.pending(folder)]
    said = {event.what for event in events if isinstance(event, TriedEvent)}
    assert said == {f"{process} {number}" for process in range(10) for number in range(10)}
    assert sum(not isinstance(event, CapturedEvent) for event in events) == 300  # tried, outcome, ended


# ---------------------------------------------------------------- what must not stop a training run


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_folder_that_cannot_be_made_is_one_sentence_and_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str
):
    in_the_way = tmp_path / "spool"
    in_the_way.write_text("a file")
    spool.write(in_the_way / below, tried())
    spool.write(in_the_way / below, tried())
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "is not being recorded" in said.err
    assert str(in_the_way) in said.err
    assert in_the_way.read_text() == "a file"


def test_a_full_disk_leaves_no_half_event(folder: Path):
    """The kernel refuses every byte, as it does on a full disk."""
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from tests.journal.recorder.test_spool import spool, tried\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "spool.write(Path(sys.argv[1]), tried()); sys.stdout.write('went on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "went on"
    assert "File too large" in done.stderr
    assert list(folder.iterdir()) == []


def test_a_folder_that_hangs_is_given_up_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A dead NFS server: nothing returns until it answers again, and then nothing is lost."""
    answers, real_put = threading.Event(), spool.put

    def hanging_put(folder: Path, event: Event) -> Path:
        answers.wait()
        return real_put(folder, event)

    monkeypatch.setattr(spool, "put", hanging_put)
    monkeypatch.setattr(spool, "PATIENCE_S", 0.01)
    spool.write(folder, tried())
    monkeypatch.setattr(spool, "PATIENCE_S", 3600.0)  # the second one must not wait at all
    spool.write(folder, tried())
    assert "does not answer" in capsys.readouterr().err
    hanging = [*spool._hanging]
    answers.set()
    for thread in hanging:
        thread.join()
    assert len(spool.pending(folder)) == 2


def test_without_a_stderr_it_still_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "spool").write_text("a file")
    monkeypatch.setattr(sys, "stderr", None)
    spool.write(tmp_path / "spool", tried())
    assert spool._warned


def test_no_thread_can_be_started_and_the_event_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """As while the interpreter shuts down."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    spool.write(folder, tried())
    assert len(spool.pending(folder)) == 1


def test_an_event_that_no_reader_would_take_is_not_written(folder: Path, capsys: pytest.CaptureFixture[str]):
    spool.write(folder, tried(why="x" * spool.MAX_EVENT_BYTES))
    assert "over the limit" in capsys.readouterr().err
    assert spool.pending(folder) == []


def test_a_time_without_a_zone_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match="without a zone"):
        events.encode(tried(started_at=datetime(2026, 11, 20)))  # noqa: DTZ001 - that is the point


# ---------------------------------------------------------------- what is no event


def written(folder: Path, content: bytes | dict[str, Any], uid: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{uid or new_uid()}.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": 1}',
        b"[" * 100_000,
        b'{"format": ' + b"9" * 10_000 + b"}",
    ],
    ids=["empty", "cut", "list", "null", "bytes", "bare", "deep", "huge number"],
)
def test_garbage_is_refused_in_one_sentence(folder: Path, content: bytes):
    path = written(folder, content)
    with pytest.raises(Unreadable, match=path.name) as caught:
        spool.read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 0}, "format 0"),
        ({"format": "1"}, "format '1'"),
        ({"format": True}, "format True"),
        ({"event": "cancelled"}, "no event 'cancelled'"),
        ({"what": None}, "'what' is not a text"),
        ({"papers": "1608.03983"}, "'papers' is not a list"),
        ({"papers": [1608.03983]}, "'papers' is not a list"),
        ({"pid": "4711"}, "'pid' is not a whole number"),
        ({"pid": True}, "'pid' is not a whole number"),
        ({"pid": -1}, "'pid' is not a whole number"),
        ({"started_at": "yesterday"}, "yesterday"),
        ({"started_at": "2026-11-20T12:00:00"}, "no time zone"),
        ({"uid": "../../etc/passwd"}, "'uid' is not a uid"),
        ({"uid": "0" * 26}, "its name is not its uid"),
    ],
)
def test_an_event_with_a_wrong_field_is_refused_and_the_field_named(folder: Path, changes: dict[str, Any], reason: str):
    event = tried()
    values = {**json.loads(events.encode(event)), **changes}
    with pytest.raises(Unreadable, match="is not an event") as caught:
        spool.read(written(folder, values, event.uid))
    assert reason in str(caught.value)


@pytest.mark.parametrize("key", ["what", "why", "expect", "papers", "started_at", "host", "pid", "argv", "cwd", "uid"])
def test_an_event_without_a_required_field_is_refused(folder: Path, key: str):
    event = tried()
    values = json.loads(events.encode(event))
    del values[key]
    with pytest.raises(Unreadable, match=f"'{key}' is missing"):
        spool.read(written(folder, values, event.uid))


@pytest.mark.parametrize(("key", "value"), [("verdict", "splendid"), ("entry", "e3")])
def test_an_outcome_with_a_wrong_verdict_or_entry_is_refused(folder: Path, key: str, value: str):
    event = OutcomeEvent(uid=new_uid(), entry=new_uid(), text="better", verdict=Verdict.kept, at=AT)
    values = {**json.loads(events.encode(event)), key: value}
    with pytest.raises(Unreadable, match="is not an event"):
        spool.read(written(folder, values, event.uid))


def test_an_unknown_way_to_end_is_refused(folder: Path):
    event = EndedEvent(uid=new_uid(), session=new_uid(), at=AT, exit=SessionExit.finished, error="")
    values = {**json.loads(events.encode(event)), "exit": "exploded"}
    with pytest.raises(Unreadable, match="'exploded' is not a valid SessionExit"):
        spool.read(written(folder, values, event.uid))


def test_keys_of_a_later_version_are_no_reason_to_refuse(folder: Path):
    event = tried()
    values = {**json.loads(events.encode(event)), "gpu": "H100", "nested": {"deep": [1]}}
    assert spool.read(written(folder, values, event.uid)) == event


def test_a_later_format_waits_for_a_later_labjournal(folder: Path):
    event = tried()
    values = {**json.loads(events.encode(event)), "format": events.FORMAT + 1}
    with pytest.raises(NewerEvent, match="newer labjournal") as caught:
        spool.read(written(folder, values, event.uid))
    assert "Update" in caught.value.hint


def test_a_huge_file_is_refused_without_being_read_whole(folder: Path):
    path = written(folder, b"")
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # sparse: a terabyte that takes no room
    with pytest.raises(Unreadable, match="larger than"):
        spool.read(path)


def test_a_file_that_another_process_took_is_not_called_damaged(folder: Path):
    with pytest.raises(FileNotFoundError):
        spool.read(folder / f"{new_uid()}.json")


def test_refused_files_are_kept_for_a_person_to_look_at(folder: Path):
    uid = new_uid()
    first = spool.refuse(written(folder, b"first", uid))
    second = spool.refuse(written(folder, b"second", uid))
    assert (first.read_bytes(), second.read_bytes()) == (b"first", b"second")
    assert first.parent == second.parent == folder / "refused"
    assert spool.pending(folder) == []


def test_an_error_of_the_disk_is_named_as_the_system_names_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    spool.write(folder, tried())
    assert "No space left on device" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_names_are_ulids_and_nothing_else(folder: Path):
    spool.write(folder, tried())
    (path,) = spool.pending(folder)
    assert len(path.stem) == 26
    assert set(path.stem) <= set(string.ascii_lowercase + string.digits)
