"""journal point, points and show: code is kept, and what became of it is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import repositories
from tests.repositories import CODE, STEP
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is the working directory."""
    root = repositories.made(tmp_path / "nets", "https://me:secret@example.org/me/nets.git")
    monkeypatch.chdir(root)
    return root


def standing(run: Run, ref: str = "c1") -> tuple[str, object]:
    shown = run("show", ref, "--json").json
    now = shown["now"]
    return shown["standing"], now and (now["path"], now["first_line"], now["last_line"])


def test_a_pointer_keeps_text_lines_path_and_commit(run: Run, nets: Path) -> None:
    made = run("point", STEP, "--note", "label smoothing is here", "--json").json
    assert made["ref"] == "c1"
    assert made["title"] == "train.py:9-15 def train_step"
    assert made["text"] == "".join(CODE.splitlines(keepends=True)[8:15])
    assert (made["path"], made["first_line"], made["last_line"]) == ("train.py", 9, 15)
    assert made["commit_id"] == repositories.git(nets, "rev-parse", "HEAD")
    assert made["repository"] == "https://example.org/me/nets.git"
    assert made["is_changed"] is False
    assert "secret" not in str(made)
    assert standing(run) == ("same", ("train.py", 9, 15))


def test_it_is_linked_to_what_it_is_about_and_seen_from_there(run: Run, nets: Path) -> None:
    run("log", "smoothing")
    made = run("point", "train.py:11", "--paper", "1512.00567", "--entry", "e1", "--json").json
    assert {link["ref"] for link in made["links"]} == {"p1", "e1"}
    assert {link["relation"] for link in made["links"]} == {"about"}
    assert "c1  train.py:11 def train_step" in run("show", "p1").out


@pytest.mark.parametrize("words", ["smoothing_note", "train", "zero_grad", "kind:pointer"])
def test_it_is_found_by_note_path_and_text(run: Run, nets: Path, words: str) -> None:
    run("point", STEP, "--note", "the smoothing_note")
    assert [hit["ref"] for hit in run("search", words, "--json").json] == ["c1"]


def test_moved_code_is_told_with_its_lines(run: Run, nets: Path) -> None:
    run("point", STEP)
    (nets / "train.py").write_text("# one more\n# and another\n" + CODE)
    assert standing(run) == ("moved", ("train.py", 11, 17))
    assert "The same code is now in lines 11-17." in run("show", "c1").out
    assert "moved 11-17" in run("points").out


def test_changed_code_is_told_line_by_line(run: Run, nets: Path) -> None:
    run("point", STEP)
    (nets / "train.py").write_text("# one more\n" + CODE.replace("0.1", "0.2"))
    shown = run("show", "c1").out
    assert "The code has moved to lines 10-16 and changed." in shown
    assert "-11      loss = cross_entropy(model(inputs), labels, smoothing=0.1)" in shown
    assert "+12      loss = cross_entropy(model(inputs), labels, smoothing=0.2)" in shown
    assert "smoothing=0.1" in shown.partition("As it stood")[2]


def test_code_that_was_taken_out_is_gone(run: Run, nets: Path) -> None:
    run("point", STEP)
    (nets / "train.py").write_text("".join(CODE.splitlines(keepends=True)[:7]))
    assert standing(run) == ("gone", None)
    (nets / "train.py").unlink()
    assert standing(run) == ("gone", None)
    assert "Gone: The file is gone." in run("show", "c1").out
    assert "return loss.item()" in run("show", "c1").out


def test_a_file_that_became_something_else_is_told(run: Run, nets: Path) -> None:
    run("point", STEP)
    (nets / "train.py").write_bytes(b"\0\1\2")
    assert "is not text" in run("show", "c1").out
    (nets / "train.py").unlink()
    (nets / "train.py").mkdir()
    assert "is a folder" in run("show", "c1").out
    assert run("point", "--open", "c1").code == 2


def test_code_in_a_renamed_file_has_moved(run: Run, nets: Path) -> None:
    run("point", STEP)
    repositories.git(nets, "mv", "train.py", "engine.py")
    repositories.committed(nets)
    assert standing(run) == ("moved", ("engine.py", 9, 15))
    assert "The same code is now in engine.py, lines 9-15." in run("show", "c1").out
    assert "moved engine.py:9-15" in run("points").out


def test_code_in_a_file_that_was_renamed_behind_gits_back_is_found_by_its_text(run: Run, nets: Path) -> None:
    run("point", STEP)
    (nets / "lib").mkdir()
    (nets / "train.py").rename(nets / "lib" / "engine.py")
    assert standing(run) == ("moved", ("lib/engine.py", 9, 15))
    (nets / "lib").rename(nets / "node_modules")
    assert standing(run) == ("gone", None), "what was installed is nobody's own code"


def test_from_another_folder_it_is_found_where_it_was_made(
    run: Run, nets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("point", STEP)
    monkeypatch.chdir(tmp_path)
    assert standing(run)[0] == "same"


def test_a_clone_elsewhere_will_do_if_its_remote_is_the_same(
    run: Run, nets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("point", STEP)
    nets.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert standing(run) == ("away", None)
    assert "not on this machine" in run("show", "c1").out
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert standing(run)[0] == "same"
    repositories.git(tmp_path / "elsewhere", "remote", "set-url", "origin", "git@example.org:me/nets")
    assert standing(run)[0] == "same"
    repositories.git(tmp_path / "elsewhere", "remote", "set-url", "origin", "git@example.org:me/others")
    assert standing(run)[0] == "away"


def test_it_works_in_sub_folders_and_outside_git(
    run: Run, nets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (nets / "src").mkdir()
    shutil.copy(nets / "train.py", nets / "src" / "deep.py")
    monkeypatch.chdir(nets / "src")
    assert run("point", "deep.py:9-15", "--json").json["path"] == "src/deep.py"
    assert run("point", "../train.py:9-15", "--json").json["path"] == "train.py"
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(nets / "train.py", alone / "plain.py")
    monkeypatch.chdir(alone)
    made = run("point", "plain.py", "--json").json
    assert (made["repository"], made["commit_id"], made["last_line"]) == (str(alone), None, 15)
    assert [row["standing"] for row in run("points", "--json").json] == ["same"] * 3


@pytest.mark.parametrize("name", ["a:b.py", "notes:12", "with blank.py", "-dash.py", "*.py", "naïve.py"])
def test_odd_names_are_names(run: Run, nets: Path, name: str) -> None:
    (nets / name).write_text(CODE)
    repositories.committed(nets)
    made = run("point", "--json", "--", f"{name}:9-15").json
    assert (made["path"], made["first_line"], made["is_changed"]) == (name, 9, False)
    assert standing(run) == ("same", (name, 9, 15))


def test_a_name_that_is_no_utf_8_is_a_name(run: Run, nets: Path) -> None:
    odd = os.fsdecode(b"na\xefve.py")
    try:
        (nets / odd).write_text(CODE)
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    assert run("point", f"{odd}:9-15").code == 0
    assert standing(run) == ("same", ("na\ufffdve.py", 9, 15))


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("none.py:3", 1, "There is no file none.py."),
        ("train.py:3-99", 2, "no line 99"),
        ("train.py:9-3", 2, "backwards"),
        ("weights.pt", 2, "is not text"),
        (".", 2, "is a folder"),
        ("empty.py", 2, "empty"),
        ("long.py", 2, "too many"),
    ],
)
def test_what_cannot_be_pointed_at_is_one_sentence_and_nothing_is_kept(
    run: Run, nets: Path, place: str, code: int, said: str
) -> None:
    (nets / "weights.pt").write_bytes(b"PK\0\1")
    (nets / "empty.py").write_text("")
    (nets / "long.py").write_text("x = 1\n" * 5_000)
    ran = run("point", place)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert run("points").code == 1


def test_an_unknown_paper_keeps_no_pointer(run: Run, nets: Path) -> None:
    assert run("point", STEP, "--run", "r7").code == 1
    assert run("points").code == 1


def test_a_place_or_a_pointer_is_wanted(run: Run, nets: Path) -> None:
    assert run("point").code == 2
    assert run("point", STEP, "--open", "c1").code == 2


def test_a_removed_working_directory_is_no_obstacle(
    run: Run, nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "removed"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert run("point", str(nets / "train.py:9-15")).code == 0
    assert standing(run)[0] == "same"
    nets.rename(tmp_path / "elsewhere")
    assert standing(run)[0] == "away"
    monkeypatch.chdir(tmp_path)  # so that it can be left again


def test_where_git_tells_no_commit_that_is_said(
    run: Run, nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run("point", STEP)
    assert ran.code == 0
    assert "No commit is kept" in ran.err
    assert standing(run) == ("same", ("train.py", 9, 15))
    (nets / "train.py").rename(nets / "engine.py")
    assert standing(run)[0] == "moved", "by its text, where git says nothing"


def test_undo_rm_tag_and_edit_work_as_on_every_item(run: Run, nets: Path) -> None:
    run("point", STEP, "--note", "first")
    assert "#loss" in run("tag", "c1", "+loss").out
    run("edit", "c1", "--body", "second")
    assert run("show", "c1", "--json").json["note"] == "second"
    run("rm", "c1")
    assert run("points").code == 1
    run("undo")
    assert [row["tags"] for row in run("points", "--json").json] == [["loss"]]
    for _ in range(2):
        run("undo")
    assert run("show", "c1", "--json").json["note"] == "first"
    assert "Undone: point c1" in run("undo").out
    assert run("points").code == 1


def test_what_the_code_holds_never_steers_the_terminal(run: Run, nets: Path) -> None:
    (nets / "trap.py").write_text("x = '\x1b]0;title\x07'  # \u202e\n\ty = '\x1b[2J'\n")
    run("point", "trap.py", "--note", "\x1b[31mred")
    for ran in (run("show", "c1"), run("points"), run("point", "trap.py")):
        assert not set("\x1b\x07\u202e") & set(ran.out)
    assert "2      y = " in run("show", "c1").out


def test_open_goes_to_the_line_where_the_code_is_now(
    run: Run, nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, told = tmp_path / "nvim", tmp_path / "told"
    editor.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    run("point", STEP)
    (nets / "train.py").write_text("# one more\n" + CODE)
    ran = run("point", "--open", "c1")
    assert ran.code == 0
    assert told.read_text().split("\n")[:2] == ["+10", str(nets / "train.py")]
    assert "now in lines 10-16" in ran.err
    (nets / "train.py").unlink()
    assert run("point", "--open", "c1").code == 1
