"""Where a file lies is told by git, and without git by its folders; nothing of the repository is run or written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journal.errors import BadValue, NotFound
from journal.repositories import Location, locate, remote_of, renamed_to, root_of
from journal.source_files import MOST_BYTES, existing, read_source
from tests import repositories

HERE = Path("/")


def test_a_committed_file_has_its_commit_and_its_path_below_the_root(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets", name="src/models/train.py")
    commit = repositories.git(root, "rev-parse", "HEAD")
    assert locate(root / "src/models/train.py", HERE) == Location(
        repository=str(root), root=str(root), path="src/models/train.py", commit=commit
    )


def test_what_the_commit_does_not_hold_is_said(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets")
    (root / ".gitignore").write_text("ignored.py\n")
    for name in ("untracked.py", "ignored.py"):
        (root / name).write_text("x = 1\n")
        assert locate(root / name, HERE).is_changed
    assert not locate(root / "train.py", HERE).is_changed
    (root / "train.py").write_text("x = 2\n")
    assert locate(root / "train.py", HERE).is_changed
    repositories.git(root, "add", "train.py")
    assert locate(root / "train.py", HERE).is_changed


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    repositories.git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("x = 1\n")
    location = locate(tmp_path / "a.py", HERE)
    assert (location.root, location.path, location.commit, location.is_changed) == (str(tmp_path), "a.py", None, False)


@pytest.mark.parametrize(
    ("remote", "kept"),
    [
        ("https://me:secret@example.org/me/nets.git", "https://example.org/me/nets.git"),
        ("https://secret_token@example.org/me/nets.git", "https://example.org/me/nets.git"),
        ("ssh://git:secret@example.org/me/nets", "ssh://git@example.org/me/nets"),
        ("git@example.org:me/nets.git", "git@example.org:me/nets.git"),
    ],
)
def test_the_address_of_the_remote_is_kept_without_what_opens_it(tmp_path: Path, remote: str, kept: str) -> None:
    root = repositories.made(tmp_path / "nets", remote)
    assert locate(root / "train.py", HERE).repository == remote_of(root) == kept


def test_another_remote_will_do_where_there_is_no_origin(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets")
    repositories.git(root, "remote", "add", "upstream", "https://example.org/up")
    assert remote_of(root) == "https://example.org/up"


def test_a_worktree_is_a_place_of_its_own(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets", "https://example.org/nets")
    repositories.git(root, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    location = locate(tmp_path / "other" / "train.py", HERE)
    assert (location.root, location.repository) == (str(tmp_path / "other"), "https://example.org/nets")
    assert location.commit is not None


def test_a_hook_of_another_repository_does_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, other = repositories.made(tmp_path / "nets"), repositories.made(tmp_path / "other")
    (other / "more.py").write_text("x = 1\n")
    repositories.committed(other)
    commit = repositories.git(root, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    location = locate(root / "train.py", HERE)
    assert (location.root, location.commit) == (str(root), commit)


def test_outside_git_paths_are_below_the_working_directory_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / "project" / "src" / "a.py"
    file.parent.mkdir(parents=True)
    file.write_text("x = 1\n")
    project = str(tmp_path / "project")
    assert locate(file, tmp_path / "project") == Location(repository=project, root=project, path="src/a.py")
    assert locate(file, tmp_path / "elsewhere").path == "a.py"


def test_without_git_installed_the_root_is_known_and_the_commit_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repositories.made(tmp_path / "nets", name="src/train.py")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert locate(root / "src/train.py", HERE) == Location(repository=str(root), root=str(root), path="src/train.py")
    assert root_of(root) is None


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets")
    trap, ran = tmp_path / "trap.sh", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "diff.external"):
        repositories.git(root, "config", setting, str(trap))
    commit = repositories.git(root, "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    (root / "train.py").rename(root / "engine.py")
    locate(root / "engine.py", HERE)
    renamed_to(root, "train.py", commit)
    assert not ran.exists()


def test_a_renamed_file_is_followed(tmp_path: Path) -> None:
    root = repositories.made(tmp_path / "nets")
    commit = repositories.git(root, "rev-parse", "HEAD")
    (root / "core").mkdir()
    repositories.git(root, "mv", "train.py", "core/engine.py")
    assert renamed_to(root, "train.py", commit) == "core/engine.py"
    repositories.committed(root)
    assert renamed_to(root, "train.py", commit) == "core/engine.py"
    assert renamed_to(root, "never.py", commit) is None
    assert renamed_to(root, "train.py", "0" * 40) is None


# ---------------------------------------------------------------- files


def test_a_file_is_read_as_an_editor_counts_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"\xef\xbb\xbffirst\r\nsecond \x0c still\nna\xefve\n")
    assert read_source(file) == ["first", "second \x0c still", "na\ufffdve"]


def test_what_is_no_code_is_refused_in_a_sentence(tmp_path: Path) -> None:
    binary, large, pipe = tmp_path / "weights.pt", tmp_path / "large.csv", tmp_path / "pipe"
    binary.write_bytes(b"PK\0\1")
    with large.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    os.mkfifo(pipe)
    for file, said in ((binary, "not text"), (large, "MB"), (pipe, "regular file"), (tmp_path, "folder")):
        with pytest.raises(BadValue, match=said):
            read_source(file)
    with pytest.raises(NotFound, match="no file"):
        read_source(tmp_path / "none.py")
    with pytest.raises(NotFound, match="no file"):
        read_source(binary / "below.py")


def test_a_name_that_is_no_utf_8_is_found_as_it_is_shown(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/na\xefve.py")
    try:
        Path(odd).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    assert existing(tmp_path / "na\ufffdve.py") == Path(odd)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/na\xeeve.py")).write_text("x = 2\n")
    assert existing(tmp_path / "na\ufffdve.py") is None  # either may be meant
    assert existing(tmp_path / ("x" * 5_000)) is None
    assert existing(Path("\0")) is None
