"""The repository that a file lies in, as git tells it; without git, as its folders tell it.

Asking runs nothing that a repository's own settings name (hooks, filters' daemons, external diffs),
takes no lock and writes nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from journal.git_processes import GitSilent, answer
from journal.source_files import readable_path
from journal.tracking_uris import without_password

_HTTP_USER = re.compile(r"^(https?://)[^/@]*@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a file lies. `repository` is the address of its remote, else `root`, its root folder.

    `commit` is None outside a repository, before its first commit, and where git cannot be asked.
    `is_changed`: the file is not as that commit has it.
    """

    repository: str
    root: str
    path: str  # below the root
    commit: str | None = None
    is_changed: bool = False


def locate(file: Path, here: Path) -> Location:
    """Where `file` lies; below `here`, the working directory, where no repository holds it."""
    folder = file.parent
    root = _git(folder, "rev-parse", "--show-toplevel")
    prefix = _git(folder, "rev-parse", "--show-prefix")
    if not root or prefix is None:
        return _without_git(file, here)
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD") or None
    status = _git(folder, "status", "--porcelain=v1", "-z", "--ignored", "--untracked-files=all", "--", file.name)
    shown_root = readable_path(root)
    return Location(
        repository=remote_of(folder) or shown_root,
        root=shown_root,
        path=readable_path(f"{prefix}{file.name}"),
        commit=commit,
        is_changed=commit is not None and bool(status),
    )


def _without_git(file: Path, here: Path) -> Location:
    file, here = file.parent.resolve() / file.name, here.resolve()
    holding = next((folder for folder in file.parents if (folder / ".git").exists()), None)
    root = holding or (here if file.is_relative_to(here) else file.parent)
    shown = readable_path(str(root))
    return Location(repository=shown, root=shown, path=readable_path(file.relative_to(root).as_posix()))


def remote_of(folder: Path) -> str:
    """The address that the repository of `folder` is fetched from; '' where there is none.

    Without a password, and over HTTP without a user: hosts take a token in either place.
    """
    told = _git(folder, "config", "--get-regexp", r"^remote\..*\.url$") or ""
    return remote_among(dict(line.split(" ", 1) for line in told.split("\n") if " " in line))


def remote_among(settings: Mapping[str, str]) -> str:
    """The same of these settings, by name: `remote.origin.url` before any other."""
    others = (value for name, value in settings.items() if name.startswith("remote.") and name.endswith(".url"))
    address = settings.get("remote.origin.url") or next(others, "")
    return readable_path(without_password(_HTTP_USER.sub(r"\1", address)))


def root_of(folder: Path) -> Path | None:
    """The root folder of the repository of `folder`."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    return Path(root) if root else None


def renamed_to(root: Path, path: str, commit: str) -> str | None:
    """What the file `path` of `commit` is called now, where git sees that it was renamed."""
    told = _git(
        root, "diff", "--name-status", "-z", "--find-renames", "--diff-filter=R", "--no-ext-diff", "--no-textconv",
        commit, "--",
    )  # fmt: skip
    words = (told or "").split("\0")
    for _, before, after in zip(words[::3], words[1::3], words[2::3], strict=False):
        if readable_path(before) == path:
            return readable_path(after)
    return None


def inner_path(folder: Path, name: str) -> Path | None:
    """Where the repository of `folder` keeps `name` (`objects`, `shallow`), whether it is there or not."""
    told = _git(folder, "rev-parse", "--git-path", name)
    return folder / told if told else None


def has_long_ids(folder: Path) -> bool:
    """Whether the repository of `folder` names its objects by SHA-256."""
    return _git(folder, "rev-parse", "--show-object-format") == "sha256"


def person_in(folder: Path) -> tuple[str, str]:
    """Name and address of whoever would commit in the repository of `folder`; empty where that is not set."""
    return _git(folder, "config", "user.name") or "", _git(folder, "config", "user.email") or ""


def _git(folder: Path, *words: str) -> str | None:
    """What git says in `folder`, without its last newline; None where it is missing, refuses or hangs."""
    try:
        return os.fsdecode(answer(folder, *words)).removesuffix("\n")
    except GitSilent:
        return None
