"""The composition root: every command by name, and errors turned into a sentence and an exit code."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from journal import paths
from journal.errors import JournalError, UsageError
from tui.output import end_unread, note, show_error

if TYPE_CHECKING:
    import typer

# Name, where it is, and what the help page says: its docstring's first line, as a test holds.
# In the order of the help page: the day, the diary, finding and linking, then upkeep.
COMMANDS = (
    ("today", "tui.commands.today:today", "What to skim now, and how each feed is."),
    ("triage", "tui.commands.triage:triage", "Say what you want with papers: journal triage p3 p4 queue."),
    ("queue", "tui.commands.reading:queue", "The queue: what to read, in your order."),
    ("due", "tui.commands.due:due", "What comes back today: answer it with done, snooze or never."),
    ("log", "tui.commands.entries:log", "Write an entry into the diary; without words, in $EDITOR."),
    ("entries", "tui.commands.entries:entries", "List the diary, newest first."),
    ("outcome", "tui.commands.entries:outcome", "Say what came of something tried; of a question, the final word."),
    ("note", "tui.commands.notes:note_", "Write a dated note on a run, an entry, a paper or any item."),
    ("answer", "tui.commands.notes:answer", "Answer a question of the diary; it may have several answers."),
    ("board", "tui.commands.board:board", "The board: what was tried on each part of a network, and what was not."),
    ("try", "tui.commands.notes:try_", "Begin to try an idea: an entry that follows it, for 'journal run --entry'."),
    ("meanwhile", "tui.commands.meanwhile:meanwhile", "What trains now, and what to do until it ends."),
    ("point", "tui.commands.pointers:point", "Point at code: journal point train.py:40-60 --paper p12."),
    ("points", "tui.commands.pointers:points", "List code pointers, and whether their code has moved or changed."),
    ("show", "tui.commands.items:show_item", "Show one item with everything linked to it."),
    ("search", "tui.commands.items:search", "Search papers, runs and diary at once, best first."),
    ("edit", "tui.commands.items:edit", "Change an item's texts, in $EDITOR or by options."),
    ("link", "tui.commands.items:link", "Link two items: a run to what it tests, an entry to a paper."),
    ("unlink", "tui.commands.items:unlink", "Take away the links between two items."),
    ("tag", "tui.commands.items:tag", "Tag an item: journal tag e3 +baseline -todo."),
    ("rm", "tui.commands.items:rm", "Delete items; 'journal undo' brings them back."),
    ("undo", "tui.commands.items:undo", "Take back your last change, whatever it was."),
    (
        "paper",
        "tui.commands.papers:app",
        "Papers: list, add, find, import, show, open, pdf, links, note, cite, export.",
    ),
    ("feed", "tui.commands.feeds:app", "Feeds: where papers come from."),
    ("run", "tui.commands.run:run", "Run a command and record it: journal run --what '...' -- python train.py."),
    ("runs", "tui.commands.runs:app", "Runs, mirrored from MLflow."),
    ("dataset", "tui.commands.datasets:app", "Datasets: what runs learn from, and whether it has changed."),
    ("experiment", "tui.commands.experiments:app", "Reference experiments on MNIST."),
    ("demo", "tui.commands.demo:demo", "See a filled journal, with a network trained on the spot."),
    ("init", "tui.commands.upkeep:init", "Make a journal, where there is none yet."),
    ("paths", "tui.commands.upkeep:paths", "Show where everything is kept."),
    ("doctor", "tui.commands.upkeep:doctor", "Check that the journal is sound."),
    ("backup", "tui.commands.upkeep:backup", "Copy the whole journal, while others may write to it."),
)
_TAKES_DASHES = {"tag", "search"}  # -old is a tag to remove there, or a word that must not match
INTERRUPTED = 130


def app_with(loaded: str | None) -> typer.Typer:
    """The program, with the command `loaded` whole; of the others it knows name and help alone.

    Reading the parameters of all of them would double what starting costs.
    """
    import typer  # not loaded where `journal run` starts a command

    from tui.commands.interface import interface

    app = typer.Typer(
        name="journal",
        help="A local-first journal for people who train neural networks: papers, runs and a diary, linked.",
        epilog="Without a command, the full-screen interface opens.",
        rich_markup_mode=None,  # plain help prints in half the time
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(interface)
    for name, home, help_line in COMMANDS:
        if name != loaded:
            app.command(name, help=help_line)(_not_loaded)
            continue
        module, _, attribute = home.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=help_line)
        else:
            # -h would take -hinton for itself: see with_help_spelled_out.
            dashes = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
            app.command(name, context_settings=dashes if name in _TAKES_DASHES else None)(command)
    return app


def _not_loaded() -> None:
    raise AssertionError("a command that was named is loaded")


def command_named_by(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The command that a command line names, also while a shell completes it (Typer's variables)."""
    if "_JOURNAL_COMPLETE" in environ:
        words = (environ.get("_TYPER_COMPLETE_ARGS") or environ.get("COMP_WORDS") or "").split()[1:]
    return next((word for word in words if not word.startswith("-")), None)


def with_help_spelled_out(words: Sequence[str], command: str | None) -> list[str]:
    """`words` with --help for -h, where the command takes what begins with a dash; what follows -- stays."""
    end = words.index("--") if "--" in words else len(words)
    if command not in _TAKES_DASHES:
        return [*words]
    return [*("--help" if word == "-h" else word for word in words[:end]), *words[end:]]


def main() -> None:
    """What the command `journal` runs."""
    # What is imported stays: looking for garbage among it is a tenth of the time of a short command.
    gc.set_threshold(200_000, 20, 20)
    _ready_streams()
    try:
        _run_quickly(sys.argv[1:])
        command = command_named_by(sys.argv[1:], os.environ)
        app_with(command)(args=with_help_spelled_out(sys.argv[1:], command))
        sys.stdout.flush()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            note("Interrupted. What was kept so far stays.")
        _flush_or_fail()
        raise
    except KeyboardInterrupt:  # Typer answers those of the other commands
        note("Interrupted before the command was started.")
        sys.exit(INTERRUPTED)
    except JournalError as error:
        log_traceback(error)
        show_error(error)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if not is_of_others(error.name or ""):
            _end_surprised(error)
        log_traceback(error)
        show_error(
            JournalError(
                f"The package {error.name!r} is missing, which labjournal needs.",
                hint="Install labjournal with what it needs: pip install labjournal",
            )
        )
        sys.exit(UsageError.exit_code)
    except OSError as error:
        if error.errno == errno.ENOSPC and error.filename is None:
            _end_unwritten(error)
        _end_surprised(error)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence for the person, the rest to the log
        _end_surprised(error)


def _run_quickly(words: Sequence[str]) -> None:
    """`journal run` as it is mostly written; returns where it is not that."""
    if words[:1] != ["run"] or "_JOURNAL_COMPLETE" in os.environ:
        return
    from tui.quick_run import plain_run
    from tui.recorded_run import command_behind_dashes, run_recorded

    plain = plain_run(words)
    if plain is not None:
        options, command = plain
        run_recorded(command_behind_dashes(command, sys.argv, sys.orig_argv), options)


def is_of_others(module: str) -> bool:
    """Whether a module is of a package that is installed beside ours, and not one of ours. Pure."""
    return module.partition(".")[0] not in {"", "journal", "tui", "importers", "experiments", *sys.stdlib_module_names}


def _end_surprised(error: Exception) -> NoReturn:
    log_traceback(error)
    show_error(
        JournalError(
            f"Something went wrong that should not have: {type(error).__name__}: {error}",
            hint=f"The details are in {paths.find().log}",
        )
    )
    sys.exit(1)


def _ready_streams() -> None:
    """Closed streams, other encodings and arguments that are no UTF-8 shall not stop a command."""
    # A file name that is no UTF-8 is then not found, which is said in a sentence.
    sys.argv = [word.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for word in sys.argv]
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _flush_or_fail() -> None:
    """A result that could not be written is no success."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        end_unread()
    except OSError as error:
        _end_unwritten(error)


def _end_unwritten(error: OSError) -> NoReturn:
    show_error(JournalError(f"The output cannot be written: {error.strerror}."))
    os._exit(1)  # what is still buffered would fail once more


def log_traceback(error: BaseException) -> None:
    """Append the traceback to the log file. Where even that fails, the sentence on stderr must do."""
    import logging
    import traceback
    from logging.handlers import RotatingFileHandler

    from journal.paths import made
    from journal.tracking_uris import without_passwords

    where = paths.find()
    try:
        made(where.state)
        handler = RotatingFileHandler(where.log, maxBytes=1_000_000, backupCount=1, encoding="utf-8", errors="replace")
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    told = " ".join(sys.argv) + "\n" + "".join(traceback.format_exception(error)).rstrip()
    record = logging.LogRecord("journal", logging.ERROR, __file__, 0, without_passwords(told), None, None)
    logging.raiseExceptions = False  # a full disk must not print a second traceback
    handler.handle(record)
    with suppress(OSError):  # a full disk: what is buffered fails once more
        handler.close()


if __name__ == "__main__":
    main()
