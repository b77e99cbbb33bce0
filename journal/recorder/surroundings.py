"""What surrounds a command, captured beside it: what is fast before it starts, what is slow while it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.known_data import known_data_in
from journal.recorder import spool
from journal.recorder.background import in_background, joined
from journal.recorder.capture import capture_after, capture_at_end, capture_before
from journal.recorder.capture.data import KnownData
from journal.recorder.events import CapturedEvent, Facts


class Surroundings:
    """Captures what surrounds a session and spools it, in threads: what is fast before it starts, the rest later."""

    def __init__(
        self,
        session: str,
        paths: Paths,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        left_out: Collection[str] = (),
    ) -> None:
        """`left_out` are sections that say nothing here."""
        self._session, self._paths, self._left_out = session, paths, left_out
        self._command, self._environ = command, environ
        self._cwd = _working_directory(environ)
        self._before: Facts = {}
        self._known: KnownData = {}
        self._looks: dict[str, str] = {}
        self._threads = [in_background(self._capture_before)]

    def wait(self, patience_s: float) -> None:
        joined(self._threads[-1], patience_s)

    def are_known(self) -> bool:
        """Whether what was begun is done."""
        return not self._threads[-1].is_alive()

    def look_on(self, pid: int) -> None:
        """Take what is slow, now that the command runs as `pid`."""
        self._threads.append(in_background(lambda: self._capture_after(pid)))

    def look_at_end(self) -> None:
        """Take what shows only now that the command is over; who waits, waits for what was begun before, too."""
        before = self._threads[-1]

        def look() -> None:
            self._keep(capture_at_end(self._looks.copy(), self._environ))
            joined(before, None)

        self._threads.append(in_background(look))

    def _capture_before(self) -> None:
        self._known = known_data_in(self._paths.journal)
        self._before = capture_before(
            self._command, self._cwd, self._environ, known_data=self._known, looks=self._looks
        )
        self._keep(self._before)

    def _capture_after(self, pid: int) -> None:
        self._keep(
            capture_after(self._command, self._cwd, self._environ, before=self._before, known_data=self._known, pid=pid)
        )

    def _keep(self, facts: Facts) -> None:
        facts = {section: values for section, values in facts.items() if section not in self._left_out}
        if facts:
            spool.write(self._paths.spool, CapturedEvent(uid=new_uid(), session=self._session, facts=facts))


def _working_directory(environ: Mapping[str, str]) -> Path:
    """Where we are; where that was removed, what it was called."""
    try:
        return Path.cwd()
    except OSError:
        return Path(environ.get("PWD") or "/removed")
