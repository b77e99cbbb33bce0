"""Every path the program uses. Asking never creates anything; `made()` does.

`LABJOURNAL_HOME` moves everything below one folder, but for the turns in asking arXiv, which all journals of a user
take together. Otherwise the XDG directories hold, where an
empty or relative value counts as unset (XDG Base Directory Specification 0.8). Standard library
only: the recorder, in a training environment without our dependencies, must find the same spool.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Paths:
    """Where one journal lives."""

    data: Path
    config: Path
    state: Path
    cache: Path

    @property
    def journal(self) -> Path:
        """The journal: one SQLite file."""
        return self.data / "journal.db"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def spool(self) -> Path:
        """What training processes recorded and the journal has not yet taken in."""
        return self.data / "spool"

    @property
    def mlflow(self) -> Path:
        """MLflow's own store, which only MLflow writes: `mlflow.db` and `artifacts/`."""
        return self.data / "mlflow"

    @property
    def settings(self) -> Path:
        return self.config / "config.toml"

    @property
    def log(self) -> Path:
        """Tracebacks of our own mistakes."""
        return self.state / "journal.log"

    @property
    def last_list(self) -> Path:
        """The refs of the list shown last, for `@3`."""
        return self.state / "last_list.json"

    @property
    def last_item(self) -> Path:
        """The ref of the item made or shown last, for `last`."""
        return self.state / "last_item.json"

    @property
    def pace(self) -> Path:
        """The speed that the pace mode was last set to."""
        return self.state / "pace.json"

    @property
    def arxiv_gate(self) -> Path:
        """When this user last asked arXiv for anything; locked while asking.

        One for all journals of a user, wherever they live: arXiv counts whoever asks, not what for.
        """
        try:
            return _user_state(os.environ) / "arxiv_gate"
        except RuntimeError:  # a user without a home, as in some containers
            return self.state / "arxiv_gate"

    @property
    def fetching(self) -> Path:
        """Locked while a process of this user fetches the feeds."""
        return self.state / "fetching"

    @property
    def demo(self) -> Path:
        """The home of the demo journal, never the user's own."""
        return self.data / "demo"


def find(environ: Mapping[str, str] | None = None) -> Paths:
    """The paths of this user's journal; reads the environment, touches no disk."""
    env = os.environ if environ is None else environ
    if home := env.get("LABJOURNAL_HOME"):
        return at_home(Path(home).expanduser().absolute())
    user = Path(env.get("HOME") or Path.home())
    return Paths(
        data=(_absolute(env.get("XDG_DATA_HOME")) or user / ".local/share") / "labjournal",
        config=(_absolute(env.get("XDG_CONFIG_HOME")) or user / ".config") / "labjournal",
        state=_user_state(env),
        cache=(_absolute(env.get("XDG_CACHE_HOME")) or user / ".cache") / "labjournal",
    )


def _user_state(env: Mapping[str, str]) -> Path:
    """Raises RuntimeError for a user without a home."""
    state = _absolute(env.get("XDG_STATE_HOME")) or Path(env.get("HOME") or Path.home()) / ".local/state"
    return state / "labjournal"


def at_home(home: Path) -> Paths:
    """The paths of a journal that lives in one folder."""
    return Paths(data=home, config=home / "config", state=home / "state", cache=home / "cache")


def made(folder: Path) -> Path:
    """`folder`, after creating it for this user alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def bundled_data() -> Path:
    """The files that ship with the program: in a wheel beside this package, else the checkout's `data/`."""
    checkout = _PACKAGE.parent / "data"
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else checkout


def _absolute(value: str | None) -> Path | None:
    if not value:
        return None
    path = Path(value).expanduser()
    return path if path.is_absolute() else None
