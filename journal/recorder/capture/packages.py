"""The packages that a command finds: names and versions from the names of folders, nothing imported."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from journal.git_head import head_of, holding_folder
from journal.recorder.capture.interpreter import Interpreter
from journal.recorder.capture.secrets import redacted_url
from journal.recorder.capture.together import LATE

_RUNS_OF_DASHES = re.compile(r"[-_.]+")
_SHOWN_OF_COMMIT = 12


def normalized(name: str) -> str:
    """A package's name as every tool compares it (PEP 503)."""
    return _RUNS_OF_DASHES.sub("-", name).lower()


def packages_in(folders: Iterable[Path], root: Path | None, deadline: float) -> dict[str, str]:
    """`{name: version}`, the first folder's where several have one. What lies in the repository `root` is
    said to be editable and no more: its commit is that of the code."""
    found: dict[str, str] = {}
    for folder in folders:
        if time.monotonic() > deadline:
            found["left out"] = f"{folder}: {LATE}"
            break
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError:
            continue
        for name in names:
            package, version = _named(name)
            if package and package not in found:
                found[package] = version
                if name.endswith(".dist-info") and (origin := _origin(folder / name, root, deadline)):
                    found[package] = f"{version} ({origin})"
            elif name.endswith(".egg-link"):
                found.setdefault(normalized(name.removesuffix(".egg-link")), "(editable)")
    return dict(sorted(found.items()))


def package_folders(interpreter: Interpreter, environ: Mapping[str, str], cwd: Path) -> Sequence[Path]:
    """Where that interpreter looks, PYTHONPATH first."""
    before = [cwd / part for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    return [*before, *interpreter.packages]


def _named(folder: str) -> tuple[str, str]:
    """(name, version) of `torch-2.9.0.dist-info` and of `numpy-1.2-py3.11.egg-info`; empty of any other."""
    stem, dot, ending = folder.rpartition(".")
    if not dot or ending not in {"dist-info", "egg-info"} or folder.startswith("~"):  # what pip could not remove
        return "", ""
    name, _, version = stem.partition("-") if ending == "egg-info" else stem.rpartition("-")
    return normalized(name or version), (version.partition("-")[0] if name else "")


def _origin(folder: Path, root: Path | None, deadline: float) -> str:
    """Where a package was installed from, when not by its version from an index."""
    if time.monotonic() > deadline:
        return ""
    try:
        said = json.loads((folder / "direct_url.json").read_text(encoding="utf-8"))
        url, commit = str(said["url"]), str(said.get("vcs_info", {}).get("commit_id", ""))
        is_editable = bool(said.get("dir_info", {}).get("editable"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    if not is_editable:
        return f"{redacted_url(url)} at {commit[:_SHOWN_OF_COMMIT]}" if commit else ""
    place = Path(unquote(urlsplit(url).path))
    if root is not None and place.is_relative_to(root):
        return "editable"
    repository = holding_folder(place)
    commit = head_of(repository)[0] if repository is not None else ""
    return f"editable, {place}{f' at {commit[:_SHOWN_OF_COMMIT]}' if commit else ''}"
