"""Runs a command and records it: what `journal run` does, without what reads its options.

Typer is not loaded here, since the command waits for us.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from journal import config
from journal import paths as journal_paths
from journal.errors import BadValue, JournalError, JournalUnusable, NotFound, UsageError
from tui.formatting import printable
from tui.output import note

if TYPE_CHECKING:
    from journal.config import Settings
    from journal.paths import Paths
    from journal.recorder.command_process import Ending
    from journal.recorder.launch import Order
    from journal.types import Ref

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_PATIENCE_S = 2.0  # for what is looked up before the command starts
_MORE_S = 0.5  # for what is recorded before it, where that did not answer: no wait of that length again
_BUSY_TIMEOUT_S = 0.5
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
        if not _is_known_form(paper):
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

    problem = f"{where.data} does not answer."
    if options.continues and not _RUN_ID.fullmatch(options.continues):
        raise JournalUnusable(problem)
    without = f"without {options.entry}" if options.entry else "without what is kept there"
    _say(f"{problem} The command runs {without}.")
    plain = replace(options, entry="", continues="", paper=tuple(each for each in options.paper if each[:1] != "@"))
    order, environ = _order(where, command, plain)
    if options.continues:
        order = replace(order, continues=options.continues)
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


def _order(where: Paths, command: tuple[str, ...], options: RunOptions) -> tuple[Order, dict[str, str]]:
    """What is to be run, and the environment to run it in."""
    from journal.mlflow_note import note_text
    from journal.recorder.kept_words import command_line, said
    from journal.recorder.launch import Order

    what, why, expect = said((options.what or "").strip()), said(options.why), said(options.expect)
    entry, continues = options.entry, options.continues
    says_why = bool(what or why or expect or options.paper)
    if entry and says_why:
        raise BadValue("--entry names an entry that has its why already.", hint="Leave out one of the two.")
    uid, run_id, uri, text = "", "", "", ""
    if entry or continues:
        try:
            _take_in_what_is_named(where, entry, continues)
            uid, run_id, uri, text = _looked_up(where, entry, continues, has_own=says_why)
        except JournalUnusable as error:
            if continues and not _RUN_ID.fullmatch(continues):
                raise  # without that run, the command would begin another one
            run_id = continues
            if entry:
                _say(f"{error} The command runs without {entry}, and can be linked to it later.")
    if says_why:
        what = what or command_line(command)
        text = note_text("entry", what, why, expect)
    environ = dict(os.environ)
    if uri and not environ.get("MLFLOW_TRACKING_URI"):
        environ["MLFLOW_TRACKING_URI"] = uri
    order = Order(
        command=command, what=what, why=why, expect=expect, papers=tuple(map(_named, options.paper)),
        entry=uid, note=text, continues=run_id,
    )  # fmt: skip
    return order, environ


def _take_in_what_is_named(where: Paths, entry: str, continues: str) -> None:
    """What is named may wait in the spool, where nobody watched the run before."""
    from journal import db
    from journal.types import Kind
    from tui import context

    try:
        with db.looking(where) as connection:
            for name, kind in ((entry, Kind.entry), (continues, Kind.run)):
                if name:
                    context.resolve(connection, name, kind)
    except NotFound:
        with suppress(ModuleNotFoundError), db.wrapped_errors(where.journal):
            context.take_in(where)


def _looked_up(where: Paths, entry: str, continues: str, *, has_own: bool) -> tuple[str, str, str, str]:
    """The uid of the entry, the MLflow run to go on with and its store, and the note, as the journal has them."""
    from journal import db
    from journal.mlflow_note import note_text
    from journal.queries.entries import get_entry
    from journal.queries.items import uid_of
    from journal.queries.runs import get_run
    from journal.types import Kind
    from tui import context

    uid = run_id = uri = text = ""
    with db.looking(where, busy_timeout_s=_BUSY_TIMEOUT_S) as connection:
        ref: Ref | None = context.resolve(connection, entry, Kind.entry) if entry else None
        if continues:
            try:
                run = get_run(connection, context.resolve(connection, continues, Kind.run))
            except NotFound:
                if not _RUN_ID.fullmatch(continues):
                    raise
                run_id = continues  # one that was not mirrored yet
            else:
                if run.run_id is None:
                    raise BadValue(f"{run.ref} was made without MLflow, so there is no run to go on with.")
                run_id, uri = run.run_id, run.tracking_uri
                tested = [link.ref for link in run.links if link.kind is Kind.entry and link.relation == "tests"]
                ref = tested[0] if ref is None and len(tested) == 1 and not has_own else ref
        if ref is not None:
            found = get_entry(connection, ref)
            uid, text = uid_of(connection, ref), note_text(str(ref), found.title, found.why, found.expect)
    return uid, run_id, uri, text


def _named(paper: str) -> str:
    """A paper named by `@3` or `last`, by its ref: later, another list may be the last."""
    if not paper.startswith("@") and paper.lower() != "last":
        return paper
    from journal.errors import BadRef
    from journal.refs import Last, parse_mention
    from tui import context

    remembered = context.remembered()
    mention = parse_mention(paper)
    row = 0 if isinstance(mention, Last) else getattr(mention, "row", 0)
    ref = remembered.last if row == 0 else next(iter(remembered.rows[row - 1 : row]), None)
    if ref is None:
        raise BadRef(f"{paper} names nothing: no such list was shown.")
    return str(ref)


def _is_known_form(paper: str) -> bool:
    """Whether a paper is named by an arXiv id, a DOI, an address or a ref. Pure."""
    from journal.errors import BadRef
    from journal.refs import parse_mention

    try:
        parse_mention(paper)
    except BadRef:
        return False
    return True


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
