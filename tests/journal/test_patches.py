"""A diff of git is taken apart as git meant it, whatever stands in the lines and the names."""

from __future__ import annotations

from pathlib import Path

from journal.code_matching import DiffLine
from journal.patches import limited, split_patch, whole_patch
from tests.repositories import CODE, committed, git, made


def changes_of(root: Path) -> dict[str, tuple[str, int, int, str]]:
    git(root, "add", "-A")
    patch = git(root, "diff", "--cached", "-M", "HEAD")
    return {one.path: (one.what, one.added, one.removed, one.note) for one, _ in split_patch(patch)}


def test_every_kind_of_change_is_told(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    for name, text in (
        ("old.py", "x = 1\ny = 2\nz = 3\n"),
        ("gone.py", "1\n"),
        ("run.sh", "run\n"),
        ("crlf.py", "a\nb\n"),
    ):
        (root / name).write_text(text)
    (root / "weights").write_bytes(b"\0\1")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "more")
    (root / "old.py").rename(root / "näme of\ttwo\nlines.py")
    (root / "gone.py").unlink()
    (root / "run.sh").chmod(0o755)
    (root / "weights").write_bytes(b"\0\2")
    (root / "crlf.py").write_bytes(b"a\r\nb\r\n")
    (root / "empty.py").write_text("")
    (root / "train.py").write_text(CODE.replace("0.1", "0.2"))
    assert changes_of(root) == {
        "näme of\ttwo\nlines.py": ("renamed", 0, 0, ""),
        "gone.py": ("removed", 0, 1, ""),
        "run.sh": ("changed", 0, 0, "may be run now"),
        "weights": ("changed", 0, 0, "no text: it differs"),
        "crlf.py": ("changed", 2, 2, "only the ends of its lines differ"),
        "empty.py": ("added", 0, 0, ""),
        "train.py": ("changed", 1, 1, ""),
    }


def test_lines_have_their_numbers_and_hunks_are_set_apart(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    lines = [f"line {number}\n" for number in range(1, 31)]
    (root / "train.py").write_text("".join(lines))
    git(root, "commit", "-qam", "lines")
    lines[1], lines[27] = "second\n", "28"
    (root / "train.py").write_text("".join(lines[:28]))
    ((change, _),) = split_patch(git(root, "diff", "HEAD"))
    assert [line for line in change.lines if line.sign in "+-" and line.sign] == [
        DiffLine("-", 2, "line 2"), DiffLine("+", 2, "second"), DiffLine("-", 28, "line 28"), DiffLine("-", 29, "line 29"),
        DiffLine("-", 30, "line 30"), DiffLine("+", 28, "28"),
    ]  # fmt: skip
    assert DiffLine("", 0, "") in change.lines
    assert change.lines[-1].text.startswith("\\ No newline")


def test_what_looks_like_a_diff_inside_a_file_is_its_text() -> None:
    patch = (
        "diff --git a/notes b/notes\n--- a/notes\n+++ b/notes\n@@ -1,3 +1,4 @@\n"
        "--- a/other\n+++ b/other\n+diff --git a/x b/x\n @@ -1 +1 @@\n-x\n+y\n"
    )
    ((change, part),) = split_patch(patch)
    assert part == patch
    assert [(line.sign, line.text) for line in change.lines] == [
        ("-", "-- a/other"), ("+", "++ b/other"), ("+", "diff --git a/x b/x"), (" ", "@@ -1 +1 @@"), ("-", "x"), ("+", "y"),
    ]  # fmt: skip


def test_what_is_no_patch_is_none() -> None:
    for text in ("", "hello\n", "--- a\n+++ b\n"):
        assert split_patch(text) == ()
    ((cut, _),) = split_patch("diff --git a/x b/x\n@@ -1,9 +1,9 @@\n-a\n+")
    assert (cut.removed, cut.added) == (1, 1)
    ((odd, _),) = split_patch('diff --git "a/\\q" "b/\\q"\n@@ nonsense\n')
    assert odd.lines == ()


def test_a_long_change_is_cut_and_says_so() -> None:
    patch = "diff --git a/x b/x\n@@ -0,0 +1,100 @@\n" + "+x\n" * 100
    ((change, _),) = split_patch(patch)
    assert limited(change, 100) == change
    cut = limited(change, 10)
    assert (len(cut.lines), cut.added, cut.note) == (10, 100, "90 more lines")


def test_all_that_a_run_had_beside_its_commit_is_there_again_behind_git_apply(tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    (root / "weights").write_bytes(b"\0\1")
    (root / "gone.py").write_text("1\n")
    committed(root)
    (root / "train.py").write_text(CODE.replace("0.1", "0.2"))
    (root / "gone.py").unlink()
    (root / "weights").write_bytes(b"\0\2")
    texts = {
        "loader.py": "a\n\n  b\n", "empty.py": "", "no end.py": "x\ny", "of windows.py": "a\r\nb\r\n", "blank.txt": "\n",
        "deep/in a/folder.py": "+x\n-y\n@@ -1 +1 @@\n", "näme.py": "ä\n", "two\nlines\t.py": "1\n", 'a"b\\c.py': "2\n",
    }  # fmt: skip
    facts = {"tracked": git(root, "diff-index", "-p", "--no-renames", "HEAD") + "\n", "left out": "big.bin: binary"}
    patch, no_text = whole_patch({**facts, **{f"untracked/{name}": text for name, text in texts.items()}})
    assert no_text == ("weights",)
    git(root, "checkout", "-q", ".")
    (tmp_path / "patch").write_bytes(patch.encode())
    git(root, "apply", "--whitespace=nowarn", str(tmp_path / "patch"))
    assert (root / "train.py").read_text() == CODE.replace("0.1", "0.2")
    assert not (root / "gone.py").exists()
    assert {name: (root / name).read_bytes().decode() for name in texts} == texts


def test_of_nothing_there_is_no_patch() -> None:
    assert whole_patch({}) == ("", ())
    assert whole_patch({"left out": "big.bin: binary", "tracked": "no diff"}) == ("", ())
