"""What a command line says: its script, its seed, its parameters, and the paths that it names. Pure but for `script_of`
and `seed_in_settings`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_SEED_NAMES = frozenset({
    "globalseed", "manualseed", "randomseed", "randomstate", "rngseed", "seed", "seedeverything", "trainingseed",
    "trainseed",
})  # fmt: skip
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ASSIGNED = re.compile(r"[+~]{0,2}([A-Za-z_][\w./-]*)=(.*)", re.DOTALL)  # as Hydra and make take them
_SETTINGS_FILES = frozenset({".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".gin"})
_SEED_LINE = re.compile(
    r"""^[ \t]{0,20}["']?(?:[\w.]{1,40}[._])?(?:random_|manual_|global_)?seed["']?[ \t]{0,8}
    [:=][ \t]{0,8}(\d{1,20})[ \t]{0,8},?[ \t]{0,8}(?:\#.*)?$""",
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_MOST_OF_SETTINGS = 64 * 1024  # bytes
_SCRIPTS = frozenset({".py", ".sh", ".bash", ".zsh", ".pl", ".rb", ".r", ".jl", ".js", ".ts", ".lua", ".m", ".ipynb"})


def command_section(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """The section `command` of a command line that is free of secrets: line, seed, `arg.<name>`."""
    section = {"line": shlex.join(argv), "cwd": str(cwd)}
    parameters = dict(parameters_of(argv))
    seed = next((value for name, value in parameters.items() if _is_seed(name)), "")
    seed = seed or seed_in_settings(argv, cwd)
    if seed:
        section["seed"] = seed
    elif environ.get("PYTHONHASHSEED", "").isdigit():
        section["seed"] = f"PYTHONHASHSEED {environ['PYTHONHASHSEED']}"
    section |= {f"arg.{name}": value for name, value in parameters.items()}
    return section


def parameters_of(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`("lr", "0.1")` of `--lr 0.1`, `--lr=0.1` and `lr=0.1`; `yes` of an option without a value."""
    words = list(argv[1:])
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("--") and name:
            pass
        elif word.startswith("-") and len(word) == 2 and word[1].isalpha() and word not in {"-m", "-c"}:
            equals = ""
        elif assigned := _ASSIGNED.fullmatch(word):
            name, equals, value = assigned[1], "=", assigned[2]
        else:
            continue
        if not equals:
            values = list[str]()
            while place < len(words) and _is_value(words[place], has_one=bool(values)):
                values.append(words[place])
                place += 1
            value = " ".join(values) or "yes"
        yield name, value


def script_of(argv: Sequence[str], cwd: Path) -> Path | None:
    """The file that a command runs: the first one named that looks like a script, or the module behind `-m`."""
    for place, word in enumerate(argv):
        if word == "-m" and place + 1 < len(argv) and argv[place + 1].replace(".", "").isidentifier():
            below = cwd.joinpath(*argv[place + 1].split("."))
            found = next((each for each in (below.with_suffix(".py"), below / "__main__.py") if each.is_file()), None)
            if found is not None:
                return found
        if place and word.startswith("-"):
            continue
        path = cwd / word
        is_script = path.suffix.lower() in _SCRIPTS or (place == 0 and "/" in word and os.access(path, os.X_OK))
        if is_script and _is_text_file(path):
            return path
    return None


def seed_in_settings(argv: Sequence[str], cwd: Path) -> str:
    """The seed in a settings file named on the command line, where one line of it says so and no other does."""
    for word in argv[1:]:
        name = word.rpartition("=")[2]
        path = cwd / name
        try:
            if path.suffix.lower() not in _SETTINGS_FILES or not 0 < path.stat().st_size <= _MOST_OF_SETTINGS:
                continue
            seeds = set(_SEED_LINE.findall(path.read_text(encoding="utf-8", errors="replace")))
        except (OSError, ValueError):
            continue
        if len(seeds) == 1:
            return f"{seeds.pop()} ({name})"
    return ""


def paths_named(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(the option it belongs to or '', the word) for each word of a command line that could be a path."""
    option = ""
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            option = name.lstrip("-")
            if equals:
                yield option, value
                option = ""
        elif equals and "/" not in name:
            yield name.lstrip("+~"), value
            option = ""
        else:
            yield option, word


def _is_seed(name: str) -> bool:
    return name.rpartition(".")[2].replace("-", "").replace("_", "").lower() in _SEED_NAMES


def _is_value(word: str, *, has_one: bool) -> bool:
    if word.startswith("-") and len(word) > 1:
        return _NUMBER.fullmatch(word) is not None
    return not has_one or _NUMBER.fullmatch(word) is not None


def _is_text_file(path: Path) -> bool:
    try:
        with path.open("rb") as opened:
            return b"\0" not in opened.read(1024)
    except (OSError, ValueError):
        return False
