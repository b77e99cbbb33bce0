"""What surrounds a command, captured beside it: what is fast before it starts, what is slow while it runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.background import in_background, joined
from journal.recorder.events import CapturedEvent, Facts


class Surroundings:
    """Captures what surrounds a session and spools it, in threads: what is fast before it starts, the rest later."""

    def __init__(self, session: str, paths: Paths, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._session, self._folder = session, paths.spool
        self._command, self._environ = command, environ
        self._before: Facts = {}
        self._threads = [in_background(self._capture_before)]

    def wait(self, patience_s: float) -> None:
        joined(self._threads[-1], patience_s)

    def look_on(self, pid: int) -> None:
        """Take what is slow, now that the command runs as `pid`."""
        self._threads.append(in_background(lambda: self._keep("capture_after", before=self._before, pid=pid)))

    def _capture_before(self) -> None:
        self._before = self._keep("capture_before")

    def _keep(self, name: str, **more: Any) -> Facts:
        try:
            capture: Callable[..., Facts] = getattr(importlib.import_module("journal.recorder.capture"), name)
            facts = capture(self._command, Path.cwd(), self._environ, **more)
            if facts:
                spool.write(self._folder, CapturedEvent(uid=new_uid(), session=self._session, facts=facts))
        except Exception:  # noqa: BLE001 - what is not known is missing; the command is not held up by it
            return {}
        return facts
