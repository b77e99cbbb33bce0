"""Runs a command and records it: what `journal run` does, without what reads its options.

Typer is not loaded here, since the command waits for us.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from journal import config
from journal import paths as journal_paths
from journal.errors import BadValue, JournalError, UsageError
from tui.formatting import printable
from tui.output import note
from tui.run_names import is_known_form

if TYPE_CHECKING:
    from journal.config import Settings
    from journal.paths import Paths
    from journal.recorder.command_process import Ending
    from journal.recorder.launch import Order
    from tui.run_names import Named

_PATIENCE_S = 2.0  # for what is looked up before the command starts
_MORE_S = 0.5  # for what is recorded before it, where that did not answer: no wait of that length again
_EXAMPLE = "journal run --what 'cosine schedule' -- python train.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a person said on the command line of `journal run`, before the --."""

    what: str | None = None
    why: str = ""
    expect: str = ""
    paper: tuple[str, ...] = ()
    entry: str = ""
    continues: str = ""
    no_ask: bool = False


def run_recorded(command: tuple[str, ...], options: RunOptions) -> NoReturn:
    """Run `command`, and end as it does. Raises UsageError, BadRef and NotFound for what makes no sense."""
    for name in ("what", "why", "expect", "entry", "continues"):
        if getattr(options, name) == "--":
            raise UsageError(f"--{name.removesuffix('s')} needs a text.", hint=f"Such as: {_EXAMPLE}")
    if options.what is not None and not options.what.strip():
        raise UsageError("--what needs a text.", hint=f"Such as: {_EXAMPLE}")
    for paper in options.paper:
        if not is_known_form(paper):
            _say(f"{paper!r} is no arXiv id, no DOI and no address; it is kept as text.")
    where = journal_paths.find()
    prepared = _prepared(where, command, options)
    order, environ, added, settings = prepared or _prepared_without(where, command, options)

    from journal.recorder.launch import PATIENCE_S, launch

    ended = launch(order, where, environ, added, patience_s=PATIENCE_S if prepared else _MORE_S)
    if ended.problem:
        _say(ended.problem)
    # Without the packages beside the standard library, what was recorded is taken in by a command that has them.
    with suppress(KeyboardInterrupt, BrokenPipeError, ModuleNotFoundError):
        from tui.run_end import follow_end

        patience_s = 0 if options.no_ask or ended.problem else settings.ask_s
        follow_end(where, ended, {**environ, **added}, command, patience_s=patience_s, entry=options.entry)
    end_as(ended.ending)


def command_behind_dashes(command: tuple[str, ...], argv: list[str], typed: list[str]) -> tuple[str, ...]:
    """The command as it was typed. Raises UsageError where there is none, or no -- before it. Pure.

    `argv` holds what it was made of, where bytes that are no text were replaced; in `typed` they are whole.
    """
    behind = argv[argv.index("--") + 1 :] if "--" in argv else []
    if not command or behind != list(command):
        problem = "There is no command to run." if not command else "Write -- before the command."
        raise UsageError(problem, hint=f"Such as: {_EXAMPLE}")
    whole = tuple(typed[-len(command) :])
    same = tuple(word.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for word in whole)
    return whole if same == command else command


def _prepared(
    where: Paths, command: tuple[str, ...], options: RunOptions
) -> tuple[Order, dict[str, str], dict[str, str], Settings] | None:
    """What is to be run, the environment, what is added to it, the settings; None where the disk does not answer."""
    from journal.recorder.background import in_time
    from journal.recorder.tracking_for_command import tracking_variables

    is_making = threading.Event()

    def prepare() -> tuple[Order, dict[str, str], dict[str, str], Settings]:
        settings = _settings(where)
        order, environ = _order(where, command, options)
        uri = settings.tracking_uri
        added = tracking_variables(command, where, environ, tracking_uri=uri, say=_say, is_making=is_making)
        return order, environ, added, settings

    try:
        return in_time(prepare, _PATIENCE_S, goes_on=is_making.is_set)
    except TimeoutError:
        return None


def _prepared_without(
    where: Paths, command: tuple[str, ...], options: RunOptions
) -> tuple[Order, dict[str, str], dict[str, str], Settings]:
    """The same without what is kept in the journal: whatever its disk does, the command starts."""
    from journal.recorder.tracking import tracking_environment
    from journal.recorder.tracking_for_command import TRACKING_VARIABLE
    from tui.run_names import named_later

    found = named_later(f"{where.data} does not answer.", options.entry, options.continues)
    plain = replace(options, paper=tuple(each for each in options.paper if each[:1] != "@"))
    order, environ = _order(where, command, plain, found)
    added = tracking_environment(where, environ)
    added.pop(TRACKING_VARIABLE, None)
    return order, environ, added, config.Settings()


def _say(sentence: str) -> None:
    with suppress(OSError, ValueError):  # nobody hears it
        note(f"journal: {printable(sentence)}")


def _settings(where: Paths) -> Settings:
    try:
        return config.load(where.settings)
    except JournalError as error:
        _say(f"{error} The command runs with the defaults.")
        return config.Settings()


def _order(
    where: Paths, command: tuple[str, ...], options: RunOptions, found: Named | None = None
) -> tuple[Order, dict[str, str]]:
    """What is to be run, and the environment to run it in; `found` is what the options name, else it is looked up."""
    from journal.mlflow_note import note_text
    from journal.recorder.kept_words import command_line, said
    from journal.recorder.launch import Order
    from tui.run_names import Named, named, named_by_itself

    what, why, expect = said((options.what or "").strip()), said(options.why), said(options.expect)
    says_why = bool(what or why or expect or options.paper)
    if options.entry and says_why:
        raise BadValue("--entry names an entry that has its why already.", hint="Leave out one of the two.")
    if found is None:
        names = (options.entry, options.continues)
        found = named(where, *names, has_own=says_why) if any(names) else Named()
    for sentence in found.told:
        _say(sentence)
    if says_why:
        what = what or command_line(command)
    environ = dict(os.environ)
    if found.tracking_uri and not environ.get("MLFLOW_TRACKING_URI"):
        environ["MLFLOW_TRACKING_URI"] = found.tracking_uri
    order = Order(
        command=command, what=what, why=why, expect=expect, papers=tuple(map(named_by_itself, options.paper)),
        entry=found.entry, note=note_text("entry", what, why, expect) if says_why else found.note,
        continues=found.run_id, joins=found.joins, named_entry=found.named_entry, named_run=found.named_run,
    )  # fmt: skip
    return order, environ


def end_as(ending: Ending) -> NoReturn:
    """End as the command did: by the same exit code, or by the same signal.

    By the signal, and not with 128 + N, since a shell looks at that: its loop goes on after the one and stops, at
    Ctrl-C, after the other.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    if ending.signal is not None and ending.code is None:
        _end_by(ending.signal)
    code = ending.code if ending.code is not None else 128 + (ending.signal or 0)
    if code == 130:
        os._exit(code)  # else it would be told as an interruption of ours
    sys.exit(code)


def _end_by(number: int) -> None:
    """Returns only where a signal of ours does not end us, as that of a container's first process."""
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the core is the command's
    with suppress(OSError, ValueError):  # SIGKILL has no handler
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
