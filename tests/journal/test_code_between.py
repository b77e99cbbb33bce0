"""The files of two runs are compared as they stood, commit and uncommitted changes together, and the work tree is left alone."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from journal.borrowed_repository import borrowed
from journal.code_between import CodeDifference, CodeState, changed_paths, code_between, stored_between
from tests.compared_runs import committed_by, uncommitted
from tests.repositories import CODE, git, made

NAMES = ("r1", "r2")


def compared(root: Path, a: CodeState, b: CodeState) -> CodeDifference:
    with borrowed(root) as repository:
        assert repository is not None
        return code_between(repository, a, b, NAMES)


def signed(difference: CodeDifference) -> dict[str, list[str]]:
    return {
        one.path: [f"{line.sign}{line.text.strip()}" for line in one.lines if line.sign in {"+", "-"}]
        for one in difference.files
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return made(tmp_path / "nets")


def head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD")


def patch_of(root: Path, text: str, name: str = "train.py") -> Mapping[str, str]:
    (root / name).write_text(text)
    return {"tracked": uncommitted(root)}


def test_uncommitted_changes_are_put_on_their_commits(root: Path) -> None:
    first = head(root)
    patch_a = patch_of(root, CODE.replace("0.1", "0.3"))
    (root / "train.py").write_text(CODE.replace("import torch", "import torch, math"))
    second = committed_by(root, "Bob Brown", "More imports")
    patch_b = patch_of(root, (root / "train.py").read_text().replace("0.1", "0.2"))
    found = compared(root, CodeState(first, patch_a), CodeState(second, patch_b))
    (lines,) = signed(found).values()
    assert [line for line in lines if "import" in line] == ["-import torch", "+import torch, math"]
    assert [line.rpartition("=")[2] for line in lines if "smoothing" in line] == ["0.3)", "0.2)"]
    assert found.sentences == ()
    assert git(root, "status", "--porcelain") == ""


def test_the_same_change_at_two_commits_is_no_difference_but_for_the_commit(root: Path) -> None:
    first = head(root)
    patch = patch_of(root, CODE.replace("0.1", "0.3"))
    (root / "other.py").write_text("x\n")
    second = committed_by(root, "A", "Other")
    assert signed(compared(root, CodeState(first, patch), CodeState(second, patch))) == {"other.py": ["+x"]}


def test_what_was_untracked_in_one_and_committed_in_the_other_is_compared(root: Path) -> None:
    first = head(root)
    (root / "loader.py").write_text("a\nb\n")
    second = committed_by(root, "A", "The loader")
    a = CodeState(first, {"untracked/loader.py": "a\nc\n", "untracked/b b.py": "1\n"})
    assert signed(compared(root, a, CodeState(second, {}))) == {"loader.py": ["-c", "+b"], "b b.py": ["-1"]}
    assert signed(compared(root, a, CodeState(second, {"untracked/b b.py": "1\n"}))) == {"loader.py": ["-c", "+b"]}


def test_crlf_binary_renames_and_no_newline_at_the_end(root: Path) -> None:
    (root / "train.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    (root / "weights").write_bytes(bytes(range(256)))
    (root / "model.py").write_text("".join(f"layer {number}\n" for number in range(30)))
    commit = committed_by(root, "A", "Kinds")
    (root / "train.py").write_bytes(CODE.replace("\n", "\r\n").replace("0.1", "0.2").rstrip().encode())
    (root / "weights").write_bytes(bytes(range(255)))
    git(root, "mv", "model.py", "net.py")
    patch = {"tracked": uncommitted(root)}
    found = {one.path: one for one in compared(root, CodeState(commit, {}), CodeState(commit, patch)).files}
    assert (found["net.py"].what, found["net.py"].old_path) == ("renamed", "model.py")
    assert found["weights"].note == "no text: it differs"
    assert any(line.text.startswith("\\ No newline") for line in found["train.py"].lines)
    assert found["train.py"].added == 2


def test_a_change_that_does_not_apply_any_more_is_shown_as_it_is_stored(root: Path) -> None:
    (root / "other.py").write_text("x = 1\n")
    commit = committed_by(root, "A", "Other")
    (root / "other.py").write_text("x = 2\n")
    good = uncommitted(root)
    redacted = patch_of(root, CODE.replace("0.1", "0.2"))["tracked"].replace("batch", "[left out]")
    found = compared(root, CodeState(commit, {}), CodeState(commit, {"tracked": good + redacted}))
    assert signed(found)["other.py"] == ["-x = 1", "+x = 2"]
    assert found.sentences == ("The uncommitted changes of r2 do not apply any more; as they are stored: train.py.",)
    assert [one.path for one in found.files] == ["other.py"]
    assert [[one.path for one in own] for own in found.own] == [[], ["train.py"]]


def test_a_binary_file_whose_content_was_not_kept_is_no_change_that_does_not_apply(root: Path) -> None:
    for name in ("weights", "gone"):
        (root / name).write_bytes(bytes(range(256)))
    commit = committed_by(root, "A", "Weights")
    (root / "gone").unlink()
    (root / "train.py").write_text(CODE.replace("0.1", "0.2"))
    patches = []
    for content in (b"\0one", b"\0two"):
        (root / "weights").write_bytes(content)
        patches.append({"tracked": f"{git(root, 'diff-index', '-p', '--no-renames', 'HEAD')}\n"})
    git(root, "reset", "-q", "--hard")
    assert "GIT binary patch" not in patches[0]["tracked"]
    none, one, two = CodeState(commit, {}), CodeState(commit, patches[0]), CodeState(commit, patches[1])
    found = compared(root, none, one)
    assert [(file.path, file.what, file.note) for file in found.files] == [
        ("gone", "removed", "no text: it differs"),
        ("train.py", "changed", ""),
        ("weights", "changed", "binary: its content was not kept for r2"),
    ]
    assert (found.sentences, found.own) == ((), ((), ()))
    assert [file.note for file in compared(root, one, two).files] == ["binary: its content was not kept for r1 and r2"]
    assert compared(root, one, one) == CodeDifference()
    (stored,) = [file for file in stored_between(none, one).own[1] if file.path == "weights"]
    assert stored.note == "binary: its content was not kept"


@pytest.mark.parametrize("name", ["../outside.py", ".git/hooks/post-checkout", "/etc/passwd", "a/../b.py"])
def test_a_stored_name_never_leads_out_of_the_repository(root: Path, name: str) -> None:
    commit = head(root)
    before = sorted(str(path) for path in root.parent.rglob("*"))
    state = CodeState(commit, {f"untracked/{name}": "bad\n", "untracked/good.py": "good\n"})
    assert signed(compared(root, CodeState(commit, {}), state)) == {"good.py": ["+good"]}
    evil = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+bad\n"
    compared(root, CodeState(commit, {}), CodeState(commit, {"tracked": evil}))
    assert sorted(str(path) for path in root.parent.rglob("*")) == before


def test_without_the_repository_both_texts_or_one_commit_make_a_difference_and_all_else_is_one_runs_own(
    root: Path,
) -> None:
    a = {**patch_of(root, CODE.replace("0.1", "0.2")), "untracked/x.py": "1\n2\n", "untracked/only.py": "a\n"}
    b = {**patch_of(root, CODE.replace("0.1", "0.3")), "untracked/x.py": "1\n3\n"}
    for commits, files, own in (
        (("1" * 40, "2" * 40), [("x.py", "changed")], [[("train.py", "changed"), ("only.py", "added")], [("train.py", "changed")]]),
        (("1" * 40, "1" * 40), [("only.py", "removed"), ("x.py", "changed")], [[("train.py", "changed")]] * 2),
        (("", ""), [("x.py", "changed")], [[("train.py", "changed"), ("only.py", "added")], [("train.py", "changed")]]),
    ):  # fmt: skip
        found = stored_between(CodeState(commits[0], a), CodeState(commits[1], b))
        assert [(one.path, one.what) for one in found.files] == files
        assert [[(one.path, one.what) for one in side] for side in found.own] == own
    assert stored_between(CodeState("1", a), CodeState("2", a)) == CodeDifference()
    assert changed_paths(a) == {"train.py", "x.py", "only.py"}


def test_a_patch_of_megabytes_is_cut_where_it_is_read(root: Path) -> None:
    commit = head(root)
    noise = "\n".join(base64.b64encode(os.urandom(60)).decode() for _ in range(150_000))
    state = CodeState(commit, {"untracked/big.txt": noise})
    found = compared(root, CodeState(commit, {}), state)
    assert found.files[0].path == "big.txt"
    assert found.sentences == ("The difference is longer than 8 MB: only its beginning was read.",)
    stored = stored_between(
        CodeState("", {"untracked/big.txt": noise}), CodeState("", {"untracked/big.txt": noise + "x"})
    )
    assert len(stored.files[0].lines) <= 10_000


def test_characters_that_are_no_utf_8_do_no_harm(root: Path) -> None:
    commit = head(root)
    state = CodeState(
        commit, {"tracked": "\ud800 no patch", "untracked/\udcff.py": "\ud800\n", "untracked/a.py": "1\n"}
    )
    assert "a.py" in signed(compared(root, CodeState(commit, {}), state))
