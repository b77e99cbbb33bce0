"""Which Python a command runs with, found without running it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PYTHON = re.compile(r"(?:python|pypy)\d*(?:\.\d+)?t?(?:\.exe)?")
_LIBRARY = re.compile(r"(?:python|pypy)(\d+\.\d+)t?")
_SHEBANG = re.compile(rb"#!\s*(\S+)")
# Also in the form that pip writes where a path is too long for the first line.
_SHEBANG_PYTHON = re.compile(
    rb"""^\#!\s*(\S*/env\s+(?:-\S+\s+)*)?(\S*(?:python|pypy)[\d.]*) | ^'''exec'\ "?([^"\s]+python[\d.]*)"?""",
    re.MULTILINE | re.VERBOSE,
)
_MOST_LOOKED_AT = 32  # words of a command among which the interpreter stands, behind `nice`, `srun`, `env A=b`...
# Tools that run a command in an environment of the project around the working directory, or of this name.
_PROJECT_RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "rye", "hatch"})
_CONDA_RUNNERS = frozenset({"conda", "mamba", "micromamba"})
# What runs another command in the environment that it has itself.
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "fish"})
_CARRIERS = _SHELLS | {
    "make", "env", "nice", "ionice", "nohup", "setsid", "time", "timeout", "taskset", "numactl", "stdbuf", "xargs",
    "watch", "nvprof", "nsys", "strace",
}  # fmt: skip
_PLAIN = frozenset({
    "cat", "cd", "cp", "cut", "date", "df", "du", "echo", "exit", "false", "grep", "head", "kill", "ls", "mkdir", "mv",
    "nvidia-smi", "printf", "pwd", "rm", "sleep", "sort", "stat", "tail", "tee", "test", "touch", "tr", "true", "wc",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python: its program, the folder of its environment, where its packages are, and what is not sure of it."""

    executable: str
    prefix: str
    version: str  # as far as it is known: 3.11.7, or 3.11
    implementation: str
    packages: tuple[Path, ...]
    note: str = ""


def interpreter_of(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Interpreter:
    """The Python that `command` runs with, or the likeliest one, with a note."""
    found, note = _program_of(command, cwd, environ)
    if found is None:
        found, note = Path(sys.executable), "which Python it runs with is not known: this is the journal's own"
    return described(found, environ, note)


def python_of(command: Sequence[str], environ: Mapping[str, str], cwd: Path = Path()) -> Path | None:
    """The Python that `command` starts, where its words tell that it starts one; None where they do not.

    None, too, of what runs it in an environment of its own choice, such as conda or docker.
    """
    first = _which(command[0], cwd, environ)
    if first is None or first.name.lower() in _PROJECT_RUNNERS | _CONDA_RUNNERS:
        return None
    is_python = _is_python(first.name) or _python_of_script(first, cwd, environ) is not None
    return _program_of(command, cwd, environ)[0] if is_python or _carries_python(first, command[1:]) else None


def _carries_python(carrier: Path, words: Sequence[str]) -> bool:
    """Whether it, or what its script is written for, runs others, and no plain tool: `sh -c 'ls | wc'`, `nice cat`."""
    written_for = _SHEBANG.match(_head(carrier))
    if not _CARRIERS & {carrier.name, Path(os.fsdecode(written_for[1])).name if written_for else ""}:
        return False
    if carrier.name not in _SHELLS:
        first = next((word for word in words if _is_plain(word) or _is_python(Path(word).name)), "")
        return not _is_plain(first)
    if tuple(words[:1]) != ("-c",):
        return True
    parts = [part.split() for part in re.split(r"[;&|\n]+", "".join(words[1:2]))]
    return not all(_is_plain(part[0]) for part in parts if part)


def _is_plain(word: str) -> bool:
    return word.rpartition("/")[2] in _PLAIN


def _is_python(name: str) -> bool:
    return _PYTHON.fullmatch(name) is not None


def described(program: Path, environ: Mapping[str, str], note: str = "") -> Interpreter:
    """What the files around an interpreter tell of it."""
    settings, prefix = _venv_of(program)
    base = Path(os.path.realpath(program))
    home = settings.get("home")
    base_prefix = Path(os.path.realpath(home)).parent if home else base.parent.parent
    is_own = os.path.realpath(prefix or base_prefix) == os.path.realpath(sys.prefix)
    library = _library(prefix or base_prefix, base.name)
    version = settings.get("version_info") or settings.get("version") or ""
    version = ".".join(version.split(".")[:3]) or _version_in(base_prefix, library)
    name = settings.get("implementation") or ("PyPy" if "pypy" in base.name else "CPython")
    folders = _package_folders(prefix or base_prefix, library)
    if prefix is None or settings.get("include-system-site-packages", "").lower() == "true":
        folders += _system_folders(base_prefix, _library(base_prefix, base.name), environ, is_system=prefix is None)
    return Interpreter(
        executable=str(program),
        prefix=str(prefix or base_prefix),
        version=platform.python_version() if is_own else version,
        implementation=platform.python_implementation() if is_own else name,
        packages=tuple(dict.fromkeys(folder for folder in folders if folder.is_dir())),
        note=note,
    )


def _program_of(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> tuple[Path | None, str]:
    words = list(command[:_MOST_LOOKED_AT])
    for place, word in enumerate(words):
        name = Path(word).name
        if place and (word.startswith("-") or ("=" in word and "/" not in word.partition("=")[0])):
            continue
        runner = name.lower()
        if runner in _PROJECT_RUNNERS and "run" in words[place + 1 :]:
            if (program := _of_project(words[place + 1 :], cwd, environ)) is not None:
                return program, ""
            return _on_path(cwd, environ), f"as {runner} may choose another, its packages may differ"
        if runner in _CONDA_RUNNERS and "run" in words[place + 1 :]:
            if (program := _of_conda(words[place + 1 :], environ)) is not None:
                return program, ""
            return _on_path(cwd, environ), f"as {runner} chooses another, its packages may differ"
        program = _which(word, cwd, environ)
        if program is None:
            continue
        if _is_python(name):
            return program, ""
        if (named := _python_of_script(program, cwd, environ)) is not None:
            return named, ""
    return _on_path(cwd, environ), "the command does not say which Python it runs with: this is the one on its PATH"


def _which(word: str, cwd: Path, environ: Mapping[str, str]) -> Path | None:
    """The program that `word` starts in `cwd`, not followed through links: they tell an environment."""
    if os.sep in word:
        path = Path(os.path.normpath(cwd / word))
        return path if path.is_file() and os.access(path, os.X_OK) else None
    found = shutil.which(word, path=environ.get("PATH", os.defpath))
    return Path(os.path.normpath(cwd / found)) if found else None


def _on_path(cwd: Path, environ: Mapping[str, str]) -> Path | None:
    return _which("python", cwd, environ) or _which("python3", cwd, environ)


def _python_of_script(script: Path, cwd: Path, environ: Mapping[str, str]) -> Path | None:
    """The Python that the first lines of a script name; None of any other file."""
    head = _head(script)
    found = _SHEBANG_PYTHON.search(head) if head.startswith(b"#!") else None
    if found is None:
        return None
    name = os.fsdecode(found[2] or found[3])
    return _which(name, cwd, environ) if found[1] or os.sep in name else None


def _head(script: Path) -> bytes:
    try:
        with script.open("rb") as opened:
            return opened.read(512)
    except OSError:
        return b""


def _of_project(words: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("UV_PROJECT_ENVIRONMENT") or (environ.get("VIRTUAL_ENV") if "--active" in words else None)
    homes = [cwd / named] if named else [folder / ".venv" for folder in (cwd, *cwd.parents)]
    return next((found for home in homes if (found := _python_in(home)) is not None), None)


def _of_conda(words: Sequence[str], environ: Mapping[str, str]) -> Path | None:
    for place, word in enumerate(words[:-1]):
        if word in {"-p", "--prefix"}:
            return _python_in(Path(words[place + 1]))
        if word in {"-n", "--name"}:
            programs = (environ.get(name) for name in ("CONDA_EXE", "MAMBA_EXE"))
            roots = [Path(program).parent.parent for program in programs if program]
            roots += [Path(root) for name in ("MAMBA_ROOT_PREFIX", "CONDA_ROOT") if (root := environ.get(name))]
            homes = [root if words[place + 1] == "base" else root / "envs" / words[place + 1] for root in roots]
            return next((found for home in homes if (found := _python_in(home)) is not None), None)
    return None


def _python_in(home: Path) -> Path | None:
    programs = (home / "bin" / "python", home / "bin" / "python3", home / "Scripts" / "python.exe", home / "python.exe")
    return next((program for program in programs if program.exists()), None)


def _venv_of(program: Path) -> tuple[dict[str, str], Path | None]:
    """(the settings of its virtual environment, its folder), as Python itself looks for them."""
    for folder in (program.parent, program.parent.parent):
        try:
            lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        pairs = (line.partition("=") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}, folder
    return {}, None


def _library(prefix: Path, name: str) -> str:
    """`python3.11`: the folder of the standard library below `lib`."""
    if _LIBRARY.fullmatch(name) and (prefix / "lib" / name).is_dir():
        return name
    try:
        found = sorted(each.name for each in (prefix / "lib").iterdir() if _LIBRARY.fullmatch(each.name))
    except OSError:
        return ""
    return found[-1] if found else ""


def _version_in(prefix: Path, library: str) -> str:
    """`3.11.7` as the header file or conda says, else `3.11`."""
    try:
        header = (prefix / "include" / library / "patchlevel.h").read_text(encoding="utf-8", errors="replace")
        if said := re.search(r'PY_VERSION\s+"([\w.+]+)"', header):
            return said[1]
    except OSError:
        pass
    short = _LIBRARY.fullmatch(library)
    try:
        for each in (prefix / "conda-meta").iterdir():
            if said := re.fullmatch(r"python-(\d+\.\d+\.\w+)-.*\.json", each.name):
                return said[1]
    except OSError:
        pass
    return short[1] if short else ""


def _package_folders(prefix: Path, library: str) -> list[Path]:
    return [prefix / "lib" / library / "site-packages", prefix / "Lib" / "site-packages"] if library else [
        prefix / "Lib" / "site-packages"
    ]  # fmt: skip


def _system_folders(prefix: Path, library: str, environ: Mapping[str, str], *, is_system: bool) -> Iterable[Path]:
    """Where packages are for every environment: the user's own, Debian's."""
    folders = _package_folders(prefix, library)
    folders += [Path("/usr/local/lib") / library / "dist-packages", prefix / "lib" / "python3" / "dist-packages"]
    home = environ.get("PYTHONUSERBASE") or str(Path(environ.get("HOME", "/nonexistent"), ".local"))
    if not environ.get("PYTHONNOUSERSITE"):
        folders.insert(0, Path(home) / "lib" / library / "site-packages")
    return folders
