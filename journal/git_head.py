"""The commit and branch that are checked out, read from git's own files: where git itself cannot be asked."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_READ = 1 << 22  # characters of packed refs
_LINKS = 5  # symbolic refs that name each other


def holding_folder(folder: Path) -> Path | None:
    """The root of the repository around `folder`; None where there is none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def head_of(root: Path) -> tuple[str, str]:
    """(commit, branch) of the repository with this root: either is empty where it is not known, or there is none."""
    try:
        git = _git_folder(root)
        if git is None:
            return "", ""
        common = (git / _text(git / "commondir")).resolve() if (git / "commondir").exists() else git
        said, branch = _text(git / "HEAD"), ""
        for _ in range(_LINKS):
            if not said.startswith("ref:"):
                break
            name = said.removeprefix("ref:").strip()
            branch = branch or name.removeprefix("refs/heads/")
            said = _ref(git, common, name)
    except (OSError, ValueError):
        return "", ""
    return (said if _COMMIT.fullmatch(said) else ""), branch


def _git_folder(root: Path) -> Path | None:
    """`.git`, or what that names in a worktree and in a submodule."""
    git = root / ".git"
    if git.is_dir():
        return git
    if not git.is_file():
        return None
    return (root / _text(git).removeprefix("gitdir:").strip()).resolve()


def _ref(git: Path, common: Path, name: str) -> str:
    for folder in (git, common):
        try:
            return _text(folder / name)
        except OSError:
            continue
    try:
        packed = _text(common / "packed-refs")
    except OSError:
        return ""
    return next((line.split(" ")[0] for line in packed.split("\n") if line.endswith(f" {name}")), "")


def _text(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(_MOST_READ).strip()
