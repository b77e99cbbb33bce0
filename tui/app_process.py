"""The process of the full-screen interface: how Textual and Python run in it, and where its mistakes are written."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from journal.db import connect
from journal.paths import Paths, made


def run_app(paths: Paths) -> None:
    """Open the interface. Raises JournalUnusable before the screen is taken where the journal cannot be used."""
    with closing(connect(paths)):
        pass
    # Textual, which reads this as it is imported, else waits for up to 17 ms with each paint.
    os.environ.setdefault("TEXTUAL_FPS", "100")
    # SQLite gives up the interpreter's lock for each row it steps to. While Python paints, getting it
    # back takes up to this interval each time: at the usual 5 ms, a page of 100 rows waits for 0.3 s.
    sys.setswitchinterval(0.0005)
    from tui.app import JournalApp

    app = JournalApp(paths, fetches_by_itself=True)
    with _logged(paths):
        app.run()
    if app.return_code:
        raise SystemExit(app.return_code)


@contextmanager
def _logged(paths: Paths) -> Iterator[None]:
    """Tracebacks of our own mistakes go to the log file, as those of the commands do."""
    try:
        made(paths.state)
        handler: logging.Handler = logging.FileHandler(paths.log, encoding="utf-8", errors="replace", delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("tui")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
