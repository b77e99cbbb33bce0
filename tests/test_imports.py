"""Starting stays fast: each command, in a fresh interpreter, loads nothing heavy that it does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from tui.cli import COMMANDS as COMMAND_TABLE

HEAVY = {
    "torch", "mlflow", "textual", "rich", "sqlmodel", "sqlalchemy", "pydantic", "httpx", "requests", "feedparser", "arxiv",
    "numpy", "mlxtend", "PIL", "bibtexparser",
}  # fmt: skip
STORE = {"sqlmodel", "sqlalchemy", "pydantic"}
FETCHING = {"httpx", "requests", "feedparser", "arxiv"}

_REPORT = """\
import json, sys
sys.argv = ["journal", *json.loads(sys.argv[1])]
from tui.cli import main
try:
    main()
except SystemExit:
    pass
print("\\nMODULES", json.dumps(sorted(sys.modules)))
"""


def _commands() -> list[tuple[str, ...]]:
    """Every command there is, those of a group too."""
    found: list[tuple[str, ...]] = [()]
    for name, home, _ in COMMAND_TABLE:
        found.append((name,))
        module, _, attribute = home.partition(":")
        group = getattr(import_module(module), attribute)
        if isinstance(group, typer.Typer):
            for command in group.registered_commands:
                assert command.callback is not None
                found.append((name, command.name or command.callback.__name__))
    return found


COMMANDS = _commands()


def modules_loaded_by(*words: str) -> set[str]:
    """Every module that `journal WORDS` loads, in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", _REPORT, json.dumps(words)],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return set(json.loads(done.stdout.rpartition("MODULES ")[2]))


def heavy(modules: set[str]) -> set[str]:
    return HEAVY & {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_loads_nothing_heavy(command: tuple[str, ...]) -> None:
    loaded = modules_loaded_by(*command, "--help")
    assert "tui.cli" in loaded
    assert heavy(loaded) == set()
    assert not {module for module in loaded if module.startswith(("journal.store", "experiments", "importers"))}


def test_the_help_page_does_not_wait_for_the_types() -> None:
    """Making the frozen values takes 20 ms, a fifth of what help may take."""
    assert "journal.types" not in modules_loaded_by("--help")


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize(
    "words",
    [
        ("search", "x"),
        ("today",),
        ("entries",),
        ("runs", "list"),
        ("runs", "diff", "r1", "r2"),
        ("feed", "list"),
        ("show", "p1"),
        ("paths",),
        ("queue",),
        ("paper", "open", "p1", "--print"),
        ("points",),
        ("due",),
        ("board",),
        ("meanwhile",),
        ("entries", "--open"),
        ("feed", "export"),
        ("feed", "import", "--starter", "--list"),
        ("paper", "export"),
        ("paper", "cite", "p1"),
        ("dataset", "list"),
        ("dataset", "check"),
    ],
    ids=" ".join,
)
def test_reading_never_loads_the_store(words: tuple[str, ...]) -> None:
    assert heavy(modules_loaded_by(*words)) == set()


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize(
    "words", [("log", "a try"), ("undo",), ("tag", "e1", "+x"), ("feed", "remove", "cs.LG")], ids=" ".join
)
def test_writing_loads_the_store_alone(words: tuple[str, ...]) -> None:
    assert heavy(modules_loaded_by(*words)) <= STORE


def test_a_command_that_is_run_does_not_wait_for_what_it_does_not_need() -> None:
    """Before it starts: no store, no Typer, no MLflow, and nothing that reads the journal."""
    script = (
        "import os, sys; from tui.cli import main\n"
        "def started(*_, **__): print(*sys.modules); os._exit(0)\n"
        "os.posix_spawnp = started; sys.argv = ['journal', 'run', '--what', 'x', '--', 'true']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"},
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert "journal.recorder.launch" in loaded
    assert heavy(loaded) == set()
    late = ("typer", "journal.types", "journal.store", "journal.queries", "journal.db")
    assert not {name for name in loaded if name.startswith(late)}


def test_the_public_api_needs_the_standard_library_alone() -> None:
    """A training environment has our package and none of its dependencies."""
    root = Path(__file__).resolve().parents[1]
    script = (
        f"import sys; sys.path.insert(0, {str(root)!r}); import journal; "
        "journal.tried, journal.Trial; import journal.recorder.tracking; "
        "print({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names) - {'__main__', 'journal'})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.strip() == "set()"


def test_importing_the_package_loads_no_part_of_it() -> None:
    script = "import sys, journal; print(sorted(name for name in sys.modules if name.startswith('journal.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
