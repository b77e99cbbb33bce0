"""The peers, installed for this project alone: newsboat from Debian, lemon24/reader from PyPI.

Nothing needs root: Debian's packages are unpacked into the folder, with the libraries that this machine lacks;
reader gets a virtual environment of its own. What is there already is used again.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LIMIT_S = 300  # a step of installing: an index, a download
_READER = ("reader", "sgmllib3k")  # which feedparser needs, and reader's own list has left out


class Missing(Exception):
    """A peer that cannot be had; the message is a sentence that says what is missing."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How to start a peer, and which one it is."""

    version: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def newsboat(folder: Path) -> Peer:
    """newsboat of this machine, else of Debian's packages. Raises Missing."""
    installed = shutil.which("newsboat")
    if installed:
        return _newsboat((installed,), {})
    root = folder / "newsboat"
    if not (root / "usr/bin/newsboat").is_file():
        _unpack_newsboat(folder, root)
    libraries = [root / "usr/lib", *sorted((root / "usr/lib").glob("*-linux-gnu"))]
    return _newsboat((str(root / "usr/bin/newsboat"),), {"LD_LIBRARY_PATH": ":".join(map(str, libraries))})


def reader(folder: Path) -> Peer:
    """lemon24/reader of PyPI in an environment of its own. Raises Missing."""
    python = folder / "reader" / "bin" / "python"
    if not python.is_file() or not _runs([str(python), "-c", "import reader"]):
        _said([sys.executable, "-m", "venv", "--clear", str(folder / "reader")], "reader: no virtual environment")
        _said(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_READER],
            "reader: PyPI's packages cannot be installed",
        )
    version = _said([str(python), "-c", "import reader; print(reader.__version__)"], "reader: it does not start")
    return Peer(f"reader {version.strip()}", (str(python), str(Path(__file__).with_name("reader_tasks.py"))))


def _newsboat(command: tuple[str, ...], env: dict[str, str]) -> Peer:
    said = _said([*command, "--version"], "newsboat: it does not start", {**os.environ, **env})
    return Peer(said.split(" - ")[0].strip(), command, env)


def _unpack_newsboat(folder: Path, root: Path) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Missing(
                f"newsboat: it is not on the PATH, and there is no {tool} to get it with ({platform.system()})."
            )
    downloads = folder / "debian"
    for part in ("state/lists/partial", "cache/archives/partial", "packages"):
        (downloads / part).mkdir(parents=True, exist_ok=True)
    apt = [
        "apt-get", "-q", "-o", f"Dir::State={downloads / 'state'}", "-o", "Dir::State::status=/var/lib/dpkg/status",
        "-o", f"Dir::Cache={downloads / 'cache'}", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=",
        "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20",
    ]  # fmt: skip
    _said([*apt, "update"], "newsboat: Debian's package lists cannot be fetched")
    plan = _said(
        [*apt, "install", "-s", "--no-install-recommends", "newsboat"],
        "newsboat: Debian's package lists could not be fetched, or do not have it",
    )
    wanted = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    if "newsboat" not in wanted:
        raise Missing("newsboat: Debian's package manager does not offer it.")
    _said([*apt, "download", *wanted], "newsboat: Debian's packages cannot be fetched", cwd=downloads / "packages")
    unpacked = folder / "newsboat.new"
    shutil.rmtree(unpacked, ignore_errors=True)
    for package in sorted((downloads / "packages").glob("*.deb")):
        _said(["dpkg-deb", "-x", str(package), str(unpacked)], f"newsboat: {package.name} cannot be unpacked")
    shutil.rmtree(root, ignore_errors=True)
    unpacked.rename(root)  # whole or not at all


def _said(command: Sequence[str], why: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a command prints. Raises Missing with `why` and its last words where it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_LIMIT_S, env=env, cwd=cwd, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"{why} within {_LIMIT_S} s.") from None
    except OSError as error:
        raise Missing(f"{why}: {error.strerror}.") from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise Missing(f"{why}: {last}")
    return done.stdout


def _runs(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
