"""The code that a command runs with: commit and branch, and what the commit does not hold."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from journal.git_head import head_of, holding_folder
from journal.git_processes import GitSilent, answer, chunks, filters_off
from journal.recorder.capture.patch import tracked_patch, untracked_texts
from journal.recorder.capture.secrets import redacted_url
from journal.recorder.capture.together import together
from journal.repositories import remote_among
from journal.source_files import readable_path

_MOST_LISTED = 5_000  # untracked files of which the telling ones are chosen; the others are counted
# What trackers write where a script runs: no code, and read by itself.
_STORES = re.compile(
    rb"(?:.*/)?(?:(?:mlruns|mlartifacts)/.*|mlflow\.db(?:-wal|-shm|-journal)?"
    rb"|wandb/(?:(?:offline-)?run-|latest-run|sweep-|debug|settings).*)",
    re.DOTALL,
)
_SETTINGS = r"^(remote\..*\.url|filter\..*\.(clean|process))$"


@dataclass(frozen=True, slots=True)
class Status:
    """What `git status --porcelain=v2 --branch` says; `submodules` are sentences."""

    commit: str  # empty before the first one
    branch: str  # or `detached`
    changed: int  # tracked files
    submodules: tuple[str, ...]


def code_sections(
    cwd: Path, script: Path | None, known: Sequence[str], deadline: float
) -> tuple[dict[str, str], dict[str, str]]:
    """The sections `code` and `patch` of a command that begins in `cwd` with this `script`."""
    asking: dict[str, Callable[[], object]] = {
        "root": partial(_root, cwd, deadline),
        "settings": partial(_settings, cwd, deadline),
    }
    asked = together(asking, deadline)
    root, settings = asked["root"], asked["settings"]
    if not isinstance(root, Path):
        return _without_git(cwd, script, known, deadline, why=str(root))
    settings = settings if isinstance(settings, dict) else {}
    code = {"root": readable_path(str(root)), "repository": redacted_url(remote_among(settings), known)}
    return _with_git(root, settings, {name: value for name, value in code.items() if value}, script, known, deadline)


def _with_git(
    root: Path,
    settings: Mapping[str, str],
    code: dict[str, str],
    script: Path | None,
    known: Sequence[str],
    deadline: float,
) -> tuple[dict[str, str], dict[str, str]]:
    filters = sorted({name.split(".", 1)[1].rpartition(".")[0] for name in settings if name.startswith("filter.")})
    off = filters_off(filters)
    asking: dict[str, Callable[[], object]] = {
        "status": partial(_status, root, off, deadline),
        "tracked": partial(_tracked, root, off, known, deadline),
        "untracked": partial(_untracked, root, known, deadline, "--others"),
    }
    asked = together(asking, deadline)
    status, tracked, untracked = asked["status"], asked["tracked"], asked["untracked"]
    patch: dict[str, str] = {}
    left_out: list[str] = []
    if isinstance(status, Status):
        commit, branch = status.commit, status.branch
        code["dirty"] = "yes" if status.changed else "no"
        if status.changed:
            code["changed"] = f"{status.changed:,} files" if status.changed > 1 else "1 file"
        if status.submodules:
            code["submodules"] = "\n".join(status.submodules)
        if filters and status.changed:
            code["filters"] = f"not run: {', '.join(filters)}; a file that only they change may count as changed"
    else:
        commit, branch = head_of(root)
        code["left out"] = f"whether files are changed: {status}"
    code |= {name: value for name, value in (("commit", commit), ("branch", branch)) if value}
    if isinstance(status, Status) and not commit:  # before the first commit all is new
        try:
            untracked = _untracked(root, known, deadline, "--cached", "--others")
        except GitSilent as error:
            untracked = error
        tracked = {}
    for name, found in (("the difference of tracked files", tracked), ("untracked files", untracked)):
        if isinstance(found, dict):
            left_out += [found.pop("left out")] if "left out" in found else []
            patch |= found
        else:
            left_out.append(f"{name}: {found}")
    if script is not None and not script.is_relative_to(root) and _is_persons(script, root):
        patch |= _script_text(script, known, deadline)
    count = patch.pop("untracked", "")
    if count:
        code["untracked"] = count
    if left_out:
        patch["left out"] = "\n".join([*left_out, *([patch["left out"]] if "left out" in patch else [])])
    return code, patch


def _without_git(
    cwd: Path, script: Path | None, known: Sequence[str], deadline: float, *, why: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Outside of a repository, and where git cannot be asked: what its files say, and the script itself."""
    root = holding_folder(cwd)
    commit, branch = head_of(root) if root is not None else ("", "")
    told = {"root": readable_path(str(root or cwd)), "commit": commit, "branch": branch}
    code = {name: value for name, value in told.items() if value}
    if root is not None:
        code["left out"] = f"what is changed: {why}"
    elif not cwd.is_dir():
        code["left out"] = "all: the working directory is gone"
    patch = _script_text(script, known, deadline) if script is not None and _is_persons(script, cwd) else {}
    return code, patch


def _is_persons(script: Path, folder: Path) -> bool:
    """Whether a script lies below that folder or below the home, as what a person writes does."""
    real = script.resolve()
    return any(real.is_relative_to(each.resolve()) for each in (folder, Path(os.environ.get("HOME") or folder)))


def _script_text(script: Path, known: Sequence[str], deadline: float) -> dict[str, str]:
    return untracked_texts(script.parent, [script.name], known, deadline)


def _root(cwd: Path, deadline: float) -> Path:
    return Path(os.fsdecode(answer(cwd, "rev-parse", "--show-toplevel", deadline=deadline)).removesuffix("\n"))


def _settings(cwd: Path, deadline: float) -> dict[str, str]:
    told = os.fsdecode(answer(cwd, "config", "-z", "--get-regexp", _SETTINGS, deadline=deadline))
    pairs = (entry.partition("\n") for entry in told.split("\0") if entry)
    return {name: value for name, _, value in pairs}


def _status(root: Path, off: Sequence[str], deadline: float) -> Status:
    words = ("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--ignore-submodules=none",
             "--no-ahead-behind", "--no-renames")  # fmt: skip
    return parse_status(os.fsdecode(answer(root, *off, *words, deadline=deadline)))


def _tracked(root: Path, off: Sequence[str], known: Sequence[str], deadline: float) -> dict[str, str]:
    words = (
        "diff-index", "-p", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--ignore-submodules=dirty",
        "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", "HEAD", "--",
    )  # fmt: skip
    return tracked_patch(chunks(root, *off, *words, deadline=deadline), known)


def _untracked(root: Path, known: Sequence[str], deadline: float, *which: str) -> dict[str, str]:
    """Their texts, and how many there are as `untracked`, but for the stores of trackers."""
    names, count, rest = list[str](), 0, b""
    for chunk in chunks(root, "ls-files", "-z", "--exclude-standard", *which, deadline=deadline):
        *whole, rest = (rest + chunk).split(b"\0")
        whole = [name for name in whole if not _STORES.fullmatch(name)]
        count += len(whole)
        names += map(os.fsdecode, whole[: _MOST_LISTED - len(names)])
    if not names:
        return {}
    # A folder that is a repository of its own is listed with a slash, and none of its files.
    found = untracked_texts(
        root, (name for name in names if not name.endswith("/")), known, min(deadline, time.monotonic() + 0.25),
        more=count - len(names),
    )  # fmt: skip
    return {**found, "untracked": f"{count:,} files" if count > 1 else "1 file"}


def parse_status(told: str) -> Status:
    """The output of `git status --porcelain=v2 --branch -z` without renames. Pure."""
    commit = branch = ""
    changed, submodules = 0, list[str]()
    for line in told.split("\0"):
        if line.startswith("# branch.oid "):
            commit = line.removeprefix("# branch.oid ").replace("(initial)", "")
        elif line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ").replace("(detached)", "detached")
        elif line[:2] in {"1 ", "u "}:
            changed += 1
            fields = line.split(" ", 8 if line[0] == "1" else 10)
            state, path = fields[2], fields[-1]
            if state.startswith("S"):
                words = zip(state[1:], ("another commit", "changed files", "untracked files"), strict=False)
                how = ", ".join(word for letter, word in words if letter != ".")
                submodules.append(f"{readable_path(path)}: {how or 'staged'}")
    return Status(commit, readable_path(branch), changed, tuple(submodules))
