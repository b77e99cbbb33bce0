"""Tracebacks: their text, and those that nobody catches in a process of `journal run`.

`listen` puts a function before `sys.excepthook`, in such a process alone; it spools the traceback and
calls the hook that was there, with the same arguments. Ctrl-C and `sys.exit` are no errors.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from types import TracebackType
from typing import Any

from journal import clock, paths
from journal.ids import new_uid
from journal.recorder import spool
from journal.recorder.belonging import session_around
from journal.recorder.events import ErrorEvent

_MAX_CHARACTERS = 200_000
_listening = False


def listen() -> None:
    """Record what ends this process, where `journal run` started it. Often called; does it once."""
    global _listening
    if _listening or not session_around():
        return
    _listening = True
    before = sys.excepthook

    def record(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> Any:
        with suppress(Exception):
            _record(error, where)
        return before(kind, error, where)

    sys.excepthook = record


def _record(error: BaseException, where: TracebackType | None) -> None:
    session = session_around()
    if session and isinstance(error, Exception):
        text = traceback_text(error, where)
        spool.write(paths.find().spool, ErrorEvent(uid=new_uid(), session=session, at=clock.now(), error=text))


def traceback_text(error: BaseException, where: TracebackType | None) -> str:
    """The traceback as Python prints it, without secrets; cut in the middle when huge. Never raises."""
    try:
        text = "".join(traceback.format_exception(type(error), error, where))
    except Exception:  # noqa: BLE001 - an exception of the program that cannot be printed is still its own
        text = f"{type(error).__name__} (its traceback could not be written)"
    if len(text) > _MAX_CHARACTERS:
        half = _MAX_CHARACTERS // 2
        text = f"{text[:half]}\n... {len(text) - 2 * half} characters left out ...\n{text[-half:]}"
    return redacted(text)


def redacted(text: str) -> str:
    """`text` without the secrets that it holds, and without those of the environment."""
    try:
        from journal.recorder.capture.secrets import redacted_text, secrets_in  # for the rare case alone

        return redacted_text(text, secrets_in(os.environ))
    except Exception:  # noqa: BLE001 - better no text than a secret
        return "(left out: it could not be looked through for secrets)"
