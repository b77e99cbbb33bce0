"""Who changed what between two commits is told, by looking alone: nothing is run, fetched, locked or written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from journal.borrowed_repository import Borrowed, borrowed
from journal.commits_between import MOST_COMMITS, Between, commits_between
from tests.compared_runs import committed_by
from tests.repositories import git, made


@contextmanager
def opened(root: Path) -> Iterator[Borrowed]:
    with borrowed(root) as repository:
        assert repository is not None
        yield repository


def between(root: Path, a: str, b: str, person: tuple[str, str] = ("A", "a@example.org")) -> Between:
    with opened(root) as repository:
        found = commits_between(repository, a, b, person)
    assert found is not None
    return found


def write(root: Path, name: str, text: str = "x\n") -> None:
    (root / name).write_text(text)


def test_a_colleagues_commit_stands_out_with_its_files(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    write(root, "loader.py", "a\nb\n")
    (root / "weights").write_bytes(b"\0")
    bobs = committed_by(root, "Bob Brown", "Load faster")
    write(root, "loader.py", "a\nc\n")
    last = committed_by(root, "A", "Mine")
    found = between(root, first, last)
    assert [(commit.id, commit.author, commit.subject, commit.is_own) for commit in found.only_b] == [
        (last, "A", "Mine", True), (bobs, "Bob Brown", "Load faster", False),
    ]  # fmt: skip
    assert [(file.path, file.added, file.removed) for file in found.only_b[1].files] == [
        ("loader.py", 2, 0), ("weights", None, None),
    ]  # fmt: skip
    assert (found.only_a, found.unlisted_a, found.unlisted_b, found.is_shallow) == ((), 0, 0, False)
    back = between(root, last, first)
    assert (len(back.only_a), back.only_b) == (2, ())
    assert all(commit.is_own is None for commit in between(root, first, last, ("", "")).only_b)


def test_branches_that_diverged_have_commits_on_both_sides(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    git(root, "checkout", "-qb", "other")
    write(root, "theirs.py")
    theirs = committed_by(root, "Bob Brown", "Theirs")
    git(root, "checkout", "-q", "main")
    write(root, "mine.py")
    mine = committed_by(root, "A", "Mine")
    found = between(root, mine, theirs)
    assert ([one.subject for one in found.only_a], [one.subject for one in found.only_b]) == (["Mine"], ["Theirs"])


def test_of_many_commits_the_newest_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    stream = "".join(
        f"commit refs/heads/main\ncommitter B <b@x> {1_700_000_000 + number} +0000\ndata 3\nc{number % 10}\n\n"
        + (f"from {first}\n" if not number else "")
        for number in range(MOST_COMMITS + 5)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=stream.encode(), check=True)
    found = between(root, first, git(root, "rev-parse", "main"))
    assert (len(found.only_b), found.unlisted_b) == (MOST_COMMITS, 5)


def test_a_shallow_clone_is_looked_at_as_far_as_it_reaches(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    ids = []
    for number in range(3):
        write(root, f"{number}.py")
        ids.append(committed_by(root, "A", f"Number {number}"))
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{root}", "shallow")
    with opened(tmp_path / "shallow") as repository:
        assert (repository.has(ids[-1]), repository.has(ids[-2]), repository.has(first)) == (True, True, False)
    found = between(tmp_path / "shallow", ids[1], ids[2])
    assert ([one.subject for one in found.only_b], found.is_shallow) == (["Number 2"], True)


def test_commits_of_a_worktree_and_of_a_subfolder_are_found(tmp_path: Path) -> None:
    root = made(tmp_path / "nets", name="src/train.py")
    first = git(root, "rev-parse", "HEAD")
    git(root, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    write(tmp_path / "other", "more.py")
    last = committed_by(tmp_path / "other", "A", "More")
    for folder in (root / "src", tmp_path / "other"):
        assert [one.subject for one in between(folder, first, last).only_b] == ["More"]


def test_a_repository_of_long_ids_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    git(tmp_path / "long", "init", "-q", "--object-format=sha256")
    ids = []
    for number in range(2):
        write(tmp_path / "long", f"{number}.py")
        ids.append(committed_by(tmp_path / "long", "A", f"Number {number}"))
    assert [one.subject for one in between(tmp_path / "long", ids[0], ids[1]).only_b] == ["Number 1"]


def test_what_is_no_commit_is_never_handed_to_git(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    written = tmp_path / "written"
    with opened(root) as repository:
        for text in ("", "HEAD", f"--output={written}", "0" * 40, "g" * 40, "main", "abc"):
            assert not repository.has(text)
    assert not written.exists()


@pytest.mark.parametrize("name", ["plain", 'a "quoted" \\ name', "#number", "line\nbreak", "ünïcode"])
def test_a_folder_of_any_name_is_borrowed(tmp_path: Path, name: str) -> None:
    root = made(tmp_path / name / "nets")
    with opened(root) as repository:
        assert repository.has(git(root, "rev-parse", "HEAD"))


def test_nothing_that_a_repository_names_is_run_and_nothing_in_it_is_written(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    write(root, ".gitattributes", "*.py diff=trap filter=trap\n")
    write(root, "train.py")
    last = committed_by(root, "A", "More")
    trap, ran = tmp_path / "trap.sh", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    for setting in (
        "core.fsmonitor", "diff.external", "core.pager", "gpg.program", "diff.trap.command", "diff.trap.textconv",
        "filter.trap.clean", "filter.trap.process", "core.alternateRefsCommand", "core.sshCommand",
    ):  # fmt: skip
        git(root, "config", setting, str(trap))
    git(root, "config", "log.showSignature", "true")
    git(root, "config", "core.splitIndex", "true")
    hooks = root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-index-change").symlink_to(trap)
    before = _everything(root)
    with opened(root) as repository:
        assert commits_between(repository, first, last, ("A", "")) is not None
        assert repository.ask("read-tree", first) is not None
        assert repository.ask("write-tree") is not None
        assert repository.ask("diff-tree", "-p", first, last)
        folder = repository.folder
    assert not ran.exists()
    assert _everything(root) == before
    assert not folder.exists()


def test_a_folder_without_a_repository_and_a_machine_without_git_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(tmp_path / "nets")
    for folder in (tmp_path, tmp_path / "none"):
        with borrowed(folder) as repository:
            assert repository is None
    monkeypatch.setenv("PATH", str(tmp_path))
    with borrowed(root) as repository:
        assert repository is None


def _everything(root: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in root.rglob("*") if path.name != "ran"
    }
