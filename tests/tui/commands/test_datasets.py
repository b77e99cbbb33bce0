"""journal dataset: what a dataset is, whether it has changed, and which runs used it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal.fingerprints import content_of, look_at
from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.known_data import known_data_in
from journal.recorder import spool
from journal.recorder.events import CapturedEvent, LaunchedEvent, RunEvent
from tests.conftest import NOON
from tests.launching import JOURNAL, environment, journal_run
from tests.terminals import Terminal
from tests.tui.commands.conftest import Run


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    folder = tmp_path / "digits"
    folder.mkdir()
    (folder / "train.bin").write_bytes(b"0123456789")
    (folder / "test.bin").write_bytes(b"01")
    return folder


def launched(paths: Paths, data: dict[str, str], looks: dict[str, str] | None = None, **changes: object) -> str:
    """A run whose captured data are these, as it leaves them in the spool."""
    start = LaunchedEvent(uid=new_uid(), entry="", at=NOON, host="box", pid=7, argv=("python", "train.py"), cwd="/work")
    start = replace(start, **changes)  # type: ignore[arg-type]
    spool.put(paths.spool, start)
    spool.put(
        paths.spool, CapturedEvent(uid=new_uid(), session=start.uid, facts={"data": data, "data looks": looks or {}})
    )
    return start.uid


@pytest.mark.usefixtures("paths")
def test_what_is_said_of_a_dataset_is_kept_shown_and_found(run: Run, digits: Path) -> None:
    texts = {
        "origin": "LeCun, 1998", "configuration": "28x28", "labelling": "by students", "splits": "10 and 2", "quirks": "a five that is a six",
    }  # fmt: skip
    words = [word for field, text in texts.items() for word in (f"--{field}", text)]
    made = run("dataset", "add", str(digits), *words, "--json").json
    assert (made["ref"], made["kind"], made["title"], made["path"]) == ("d1", "dataset", "digits", str(digits))
    assert {field: made[field] for field in texts} == texts
    assert made["fingerprint"] == content_of(digits).fingerprint
    assert made["contents"][0]["files"] == 2
    shown = run("show", "d1").out
    for text in (*texts.values(), "2 files, 12 bytes", "It looks as it did when it was read.", "Labelling"):
        assert text in shown
    for word in ("LeCun", "five that is", f'"{digits}"', f"{made['fingerprint'][5:17]}*"):
        assert [hit["ref"] for hit in run("search", word, "--json").json] == ["d1"]
    assert "digits" in run("dataset", "list").out


@pytest.mark.usefixtures("paths")
def test_the_same_content_added_again_is_said_and_texts_are_taken_over(run: Run, digits: Path) -> None:
    run("dataset", "add", str(digits), "--quirks", "old")
    os.utime(digits / "train.bin", (1, 1))
    again = run("dataset", "add", str(digits), "--quirks", "new", "--name", "MNIST")
    assert (again.code, again.out) == (0, "d1  MNIST  (2 files, 12 bytes)\n")
    assert "It holds what it held" in again.err
    assert "old" in run("show", "d1", "--history").out
    assert len(run("dataset", "list", "--json").json) == 1
    assert run("undo").code == 0
    assert run("show", "d1", "--json").json["quirks"] == "old"


@pytest.mark.usefixtures("paths")
def test_a_change_is_noticed_with_what_it_was_and_is(run: Run, digits: Path) -> None:
    run("dataset", "add", str(digits))
    assert run("dataset", "check").code == 0
    (digits / "more.bin").write_bytes(b"x" * 2000)
    assert "Names, sizes or times are not as they were" in run("show", "d1").out
    checked = run("dataset", "check")
    assert checked.code == 1
    assert "d1  digits  changed" in checked.out
    assert "It has changed: 2 files, 12 bytes" in checked.out
    assert "now 3 files, 2.0 kB" in checked.out
    again = run("dataset", "check")
    assert (again.code, again.out) == (1, checked.out)  # until it is accepted
    shown = run("show", "d1")
    assert "Seen with" in shown.out
    assert len(run("show", "d1", "--json").json["contents"]) == 2
    (digits / "more.bin").unlink()
    assert run("dataset", "check").out == "d1  digits  same\n"
    (digits / "more.bin").write_bytes(b"x" * 2000)
    assert "now 3 files, 2.0 kB" in run("dataset", "add", str(digits)).err
    assert run("dataset", "check").out == "d1  digits  same\n"
    assert "changed on" not in run("dataset", "list").out
    assert run("undo").code == 0
    assert run("dataset", "check").code == 1
    run("dataset", "add", str(digits))
    (digits / "more.bin").unlink()
    assert "It has changed: 3 files" in run("dataset", "add", str(digits)).err
    assert len(run("show", "d1", "--json").json["contents"]) == 2  # as it once was


@pytest.mark.usefixtures("paths")
def test_each_dataset_is_looked_at_and_what_is_gone_is_said(run: Run, digits: Path, tmp_path: Path) -> None:
    run("dataset", "add", str(digits))
    shutil.copytree(digits, tmp_path / "copy")
    assert "d1 holds the same" in run("dataset", "add", str(tmp_path / "copy")).err
    shutil.rmtree(digits)
    checked = run("dataset", "check", "--json")
    assert checked.code == 1
    assert {row["ref"]: row["standing"] for row in checked.json} == {"d1": "gone", "d2": "same"}
    assert run("dataset", "check", "d2", "--read").code == 0
    assert "not there any more" in run("show", "d1").out


@pytest.mark.usefixtures("paths")
def test_a_touched_dataset_that_holds_the_same_is_the_same(run: Run, digits: Path) -> None:
    run("dataset", "add", str(digits))
    os.utime(digits / "train.bin", (1, 1))
    assert run("dataset", "check").out == "d1  digits  same\n"
    assert "It looks as it did" in run("show", "d1").out


@pytest.mark.parametrize("is_added_first", [True, False])
def test_a_run_is_linked_to_the_dataset_whose_content_it_used(
    run: Run, paths: Paths, digits: Path, is_added_first: bool
) -> None:
    fingerprint = content_of(digits).fingerprint
    if is_added_first:
        run("dataset", "add", str(digits))
    launched(paths, {"/elsewhere/on/a/cluster": fingerprint, "/other": "unread, 3 files"})
    run("runs", "list")
    if not is_added_first:
        run("dataset", "add", str(digits))
    (link,) = run("show", "r1", "--json").json["links"]
    assert (link["ref"], link["relation"]) == ("d1", "uses")
    assert "used by  r1" in run("show", "d1").out


def test_a_run_that_joins_its_session_later_is_linked_too(run: Run, paths: Paths, digits: Path) -> None:
    run("dataset", "add", str(digits))
    session = launched(paths, {str(digits): content_of(digits).fingerprint})
    run("runs", "list")
    for run_id in ("ab" * 16, "cd" * 16):
        spool.put(
            paths.spool, RunEvent(uid=new_uid(), entry="", run_id=run_id, tracking_uri="", at=NOON, session=session)
        )
    run("runs", "list")
    assert [run("show", ref, "--json").json["links"][0]["ref"] for ref in ("r1", "r2")] == ["d1", "d1"]


def test_a_run_says_that_its_data_are_another_since(run: Run, paths: Paths, digits: Path) -> None:
    run("dataset", "add", str(digits))
    launched(paths, {str(digits): content_of(digits).fingerprint})
    assert "has changed since" not in run("show", "r1").out
    (digits / "train.bin").write_bytes(b"0123456788")
    run("dataset", "check")
    assert "d1 digits has changed since: the run used" in run("show", "r1").out
    (digits / "train.bin").write_bytes(b"9123456788")
    launched(paths, {"/elsewhere": "tree:" + "0" * 64})
    shutil.copytree(digits, copy := digits.parent / "copy")
    launched(paths, {str(copy): "tree:" + "0" * 64})
    run("dataset", "add", str(copy))
    assert "has changed since" not in run("show", "r2").out
    assert "the run used 000000000000, never seen else" in run("show", "r3").out


def test_a_run_that_reads_a_changed_dataset_is_how_the_change_is_seen(run: Run, paths: Paths, digits: Path) -> None:
    before = run("dataset", "add", str(digits), "--json").json["fingerprint"]
    (digits / "train.bin").write_bytes(b"0123456788 and more")
    content = content_of(digits)
    look = look_at(digits).digest
    start = datetime.now(UTC)
    launched(paths, {str(digits): content.fingerprint}, {str(digits): f"{look} 2 21"}, at=start)
    checked = run("dataset", "check")  # which nobody accepted
    assert checked.code == 1
    told = " ".join(checked.out.split())
    assert f"It is so since {start.astimezone():%Y-%m-%d %H:%M}. r1 read {content.fingerprint[5:17]}." in told
    assert f"'journal dataset add {digits}' accepts what it holds now" in told
    assert f"changed on {start.astimezone():%Y-%m-%d}" in run("dataset", "list").out
    dataset = run("show", "d1", "--json").json
    assert (dataset["fingerprint"], dataset["look"]) == (content.fingerprint, look)
    assert [(each["files"], each["bytes"]) for each in dataset["contents"]] == [(2, 12), (2, 21)]
    shown = run("show", "r1")
    assert "d1 digits had changed when the run used it: it was" in shown.out
    assert "has changed since" not in shown.out
    assert [(link["ref"], link["relation"]) for link in run("show", "r1", "--json").json["links"]] == [("d1", "uses")]
    launched(paths, {str(digits): content.fingerprint}, at=datetime.now(UTC))
    assert "changed" not in run("show", "r2").out  # it is said once
    launched(paths, {str(digits): before}, at=start - timedelta(days=1))  # taken in late
    assert run("show", "d1", "--json").json["fingerprint"] == content.fingerprint
    assert "d1 digits has changed since" in run("show", "r3").out
    launched(paths, {str(digits): before}, at=datetime.now(UTC))  # as it was once
    assert "had changed when the run used it" in run("show", "r4").out
    assert run("show", "d1", "--json").json["fingerprint"] == before
    assert "changed on" not in run("dataset", "list").out  # it is as it was described


def test_a_size_that_a_run_did_not_tell_is_not_made_up(run: Run, paths: Paths, digits: Path) -> None:
    run("dataset", "add", str(digits))
    (digits / "train.bin").write_bytes(b"x")
    launched(paths, {str(digits): content_of(digits).fingerprint}, at=datetime.now(UTC))
    assert "size not told" in run("show", "d1").out
    assert run("dataset", "check").code == 1
    assert "2 files, 3 bytes" in run("show", "d1").out


def test_journal_run_says_once_that_a_dataset_had_changed(run: Run, paths: Paths, digits: Path, tmp_path: Path) -> None:
    run("dataset", "add", str(digits))
    (digits / "train.bin").write_bytes(b"0123456788")
    said = []
    for script in ("first.py", "second.py"):  # of one that was not answered, nothing is asked again soon
        (tmp_path / script).write_text("import time; time.sleep(0.5)")
        with Terminal(
            (*JOURNAL, "run", "--", sys.executable, script, str(digits)), environment(), cwd=tmp_path
        ) as opened:
            said.append(opened.read_until("Why was it run?"))
            opened.type("\r")
            assert opened.end() == 0
    assert "d1 digits had changed when the run used it" in " ".join(said[0].split())
    assert "had changed" not in said[1]
    assert run("dataset", "check").code == 1


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize("is_dataset", [True, False])
def test_data_that_a_command_changes_itself_are_said_on_its_page_and_in_its_diff(
    run: Run, digits: Path, tmp_path: Path, is_dataset: bool
) -> None:
    if is_dataset:
        run("dataset", "add", str(digits))
    (tmp_path / "reads.py").write_text("import sys; open(sys.argv[2] + '/train.bin').read()")
    (tmp_path / "writes.py").write_text("import sys; open(sys.argv[2] + '/train.bin', 'w').write('9')")
    for script in ("reads.py", "writes.py"):
        words = ("--what", script, "--", sys.executable, script, "--data", str(digits))
        assert journal_run(*words, cwd=tmp_path).returncode == 0
    said = f"{digits} was written to while r2 ran: what it read may be another content than the one kept."
    assert said in " ".join(run("show", "r2").out.split())
    assert said in " ".join(run("runs", "diff", "r1", "r2").out.split())
    assert "was written to" not in run("show", "r1").out


def test_what_is_known_is_read_without_a_lock_and_without_making_anything(
    run: Run, paths: Paths, digits: Path, tmp_path: Path
) -> None:
    made = run("dataset", "add", str(digits), "--json").json
    known = {str(digits): (made["look"], made["fingerprint"])}
    assert known_data_in(paths.journal) == known
    writer = sqlite3.connect(paths.journal)
    writer.execute("BEGIN IMMEDIATE")
    assert known_data_in(paths.journal) == known
    writer.close()
    (tmp_path / "garbage").write_bytes(b"x" * 5000)
    assert known_data_in(tmp_path / "garbage") == known_data_in(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()


@pytest.mark.usefixtures("paths")
def test_a_dataset_is_edited_like_any_item(
    run: Run, digits: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("dataset", "add", str(digits), "--origin", "LeCun")
    assert run("edit", "d1", "--origin", "LeCun, 1998", "--splits", "10 and 2", "--json").json["splits"] == "10 and 2"
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/LeCun, 1998/Cortes/' \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    assert run("edit", "d1").code == 0
    assert run("show", "d1", "--json").json["origin"] == "Cortes"
    assert [hit["ref"] for hit in run("search", "Cortes", "--json").json] == ["d1"]
    assert run("edit", "d1", "--why", "x").code == 2
    run("log", "a try")
    assert run("edit", "e1", "--quirks", "x").code == 2


@pytest.mark.usefixtures("paths")
def test_what_makes_no_dataset_is_refused_in_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "link").symlink_to("nowhere")
    for words, code, said in (
        ((str(tmp_path / "none"),), 1, "There is no file or folder"), ((str(tmp_path / "empty"),), 2, "holds no files"),
        ((str(tmp_path / "broken"),), 2, "cannot be read: link"), (("",), 2, "name one"), ((os.devnull,), 2, "no file and no folder"),
    ):  # fmt: skip
        ran = run("dataset", "add", *words)
        assert (ran.code, ran.out) == (code, "")
        assert said in ran.err
    for words in (("list",), ("check",)):
        assert run("dataset", *words).code == 1
    assert run("dataset", "check", "d7").code == 1
    run("log", "a try")
    assert run("dataset", "show", "e1").code == 2


@pytest.mark.usefixtures("paths")
def test_a_name_from_outside_steers_no_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31mb").write_bytes(b"x")
    ran = run("dataset", "add", str(tmp_path / "a\x1b[31mb"))
    assert "\x1b" not in ran.out + ran.err + run("dataset", "list").out + run("show", "d1").out
