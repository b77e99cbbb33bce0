"""Which Python a command runs, and the MLflow of that Python: found by looking at files, without running any."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

_PYTHON = re.compile(r"(?:python|pypy)(?P<version>\d*(?:\.\d+)?)t?(?:\.exe)?")
# What runs another command in the same environment: that of its arguments that is a Python, else the first on PATH.
_CARRIERS = {
    "sh", "bash", "dash", "zsh", "ksh", "fish", "make", "env", "nice", "ionice", "nohup", "setsid", "time", "timeout",
    "taskset", "numactl", "stdbuf", "xargs", "watch", "nvprof", "nsys", "strace",
}  # fmt: skip
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "fish"}
_PLAIN = {
    "cat", "cd", "cp", "cut", "date", "df", "du", "echo", "exit", "false", "grep", "head", "kill", "ls", "mkdir", "mv",
    "nvidia-smi", "printf", "pwd", "rm", "sleep", "sort", "stat", "tail", "tee", "test", "touch", "tr", "true", "wc",
}  # fmt: skip
_LIBRARIES = (
    "lib/python*/site-packages",
    "lib64/python*/site-packages",
    "lib/python*/dist-packages",
    "Lib/site-packages",
)
_MOST_SHEBANG_BYTES = 4096


def python_of(command: Sequence[str], environ: Mapping[str, str]) -> Path | None:
    """The interpreter that `command` starts, as far as it can be told; None where it cannot."""
    search = environ.get("PATH")
    found = shutil.which(command[0], path=search)
    if found is None:
        return None
    if _is_python(found):
        return Path(found)
    line = _shebang(Path(found))
    for word in line:
        if _is_python(word):
            return _located(word, search)
    if Path(found).name not in _CARRIERS and not (line and Path(line[0]).name in _CARRIERS):
        return None  # such as conda or docker: in which environment it runs what, only it knows
    if _starts_no_python(Path(found).name, command[1:]):
        return None
    named = next((word for word in command[1:] if _is_python(word)), None)
    return _located(named, search) if named else _located("python", search) or _located("python3", search)


def mlflow_of(python: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder of the package `mlflow` that this interpreter imports; None where there is none."""
    folders = [Path(entry) for entry in environ.get("PYTHONPATH", "").split(":") if entry]
    folders += [folder for home in _homes(python, environ) for folder in _libraries(home, python)]
    return next((folder / "mlflow" for folder in folders if (folder / "mlflow" / "__init__.py").is_file()), None)


def _starts_no_python(carrier: str, words: Sequence[str]) -> bool:
    """Whether what it carries is a plain tool, as far as its words tell: `sh -c 'ls | wc'`, `nice cat file`."""
    if carrier in _SHELLS and tuple(words[:1]) == ("-c",):
        parts = [part.split() for part in re.split(r"[;&|\n]+", words[1])] if len(words) > 1 else []
        return all(part[0].rpartition("/")[2] in _PLAIN for part in parts if part)
    first = next((word for word in words if word.rpartition("/")[2] in _PLAIN or _is_python(word)), "")
    return carrier not in _SHELLS and bool(first) and not _is_python(first)


def _is_python(word: str) -> bool:
    return _PYTHON.fullmatch(Path(word).name) is not None


def _located(word: str, search: str | None) -> Path | None:
    found = shutil.which(word, path=search)
    return Path(found) if found else None


def _shebang(program: Path) -> list[str]:
    """The words behind `#!`; also those of the form that pip writes where the path is too long for one line."""
    try:
        with program.open("rb") as file:
            lines = file.read(_MOST_SHEBANG_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    if not lines or not lines[0].startswith("#!"):
        return []
    if len(lines) > 1 and lines[1].startswith("'''exec'"):
        return lines[1].split()[1:2]
    return lines[0][2:].split()


def _homes(python: Path, environ: Mapping[str, str]) -> list[Path]:
    """The folders whose `lib/` the interpreter imports from, in its order."""
    own = python.absolute().parent.parent
    base = python.resolve().parent.parent
    try:
        settings = (own / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return [own, Path(environ.get("HOME", "/nowhere")) / ".local", base]
    sees_base = re.search(r"^include-system-site-packages\s*=\s*true", settings, re.MULTILINE | re.IGNORECASE)
    return [own, base] if sees_base else [own]


def _libraries(home: Path, python: Path) -> list[Path]:
    """Its folders of packages; those of other versions of Python left out, where its name tells its version."""
    match = _PYTHON.fullmatch(python.resolve().name)
    version = match["version"] if match else ""
    found = [folder for pattern in _LIBRARIES for folder in sorted(home.glob(pattern))]
    return [
        folder for folder in found if "." not in version or folder.parent.name in {f"python{version}", "python3", "Lib"}
    ]
