"""A home of its own for every test, real SQLite, and time that stands still."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from journal import db
from journal.paths import Paths, at_home
from journal.recorder import trial_surroundings
from journal.recorder.tracking import ensure_store

# No test depends on the speed of the machine; the first run also builds hypothesis' tables of Unicode.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# A shell that starts the suite in the background ignores Ctrl-C for it, and nohup the end of the terminal, and by
# inheritance for every child that a test interrupts. Those must hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)
for ignored in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(ignored, signal.SIG_DFL)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


# Nothing of the developer's own journal, settings or stores decides a test, nor what the suite runs under (a
# sweep, a service); nothing opens in front of the developer: it is as if they were far away. At once, since
# what a whole session shares is made before the first test's own fixtures.
_THEIRS = re.compile(
    r"(LABJOURNAL|MLFLOW|XDG|SLURM|OPTUNA|WANDB)_.*|"
    r"CI|NO_COLOR|VISUAL|EDITOR|PAGER|BROWSER|TMUX|DISPLAY|WAYLAND_DISPLAY|WSL_DISTRO_NAME"
)
for name in filter(_THEIRS.fullmatch, [*os.environ]):
    del os.environ[name]
os.environ["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """What a test leaves in the environment would decide those behind it."""
    before = {*os.environ}
    yield
    left = {*os.environ} - before
    for name in left:
        del os.environ[name]
    assert not any(name.startswith("LABJOURNAL_") for name in left), left  # MLflow's client and torch leave others


@pytest.fixture(autouse=True)
def home(nothing_is_left: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal and a state of the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LABJOURNAL_HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # the turns in asking arXiv are the user's
    return folder


@pytest.fixture
def zone() -> Iterator[Callable[[str], None]]:
    """Sets the clock of this machine to a zone, such as Asia/Tokyo."""
    with pytest.MonkeyPatch.context() as patched:

        def set_to(name: str) -> None:
            patched.setenv("TZ", name)
            time.tzset()

        yield set_to
    time.tzset()


@pytest.fixture(autouse=True)
def trials_of_this_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What surrounds the tests themselves is not looked at, by processes that outlive a test; scripts have it all."""
    monkeypatch.setattr(trial_surroundings, "capture", lambda folder, session: None)


@pytest.fixture(scope="session")
def empty_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated journal, made once; making one costs mostly fsync."""
    folder = tmp_path_factory.mktemp("empty")
    connection = db.connect(at_home(folder))
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
    connection.close()
    return folder / "journal.db"


@pytest.fixture
def paths(home: Path, empty_journal: Path) -> Paths:
    """The paths of a fresh journal of this test's own."""
    home.mkdir(parents=True)
    shutil.copyfile(empty_journal, home / "journal.db")
    return at_home(home)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real papers, feeds and digits, where this machine has them."""
    if not _SHARED.is_dir():
        pytest.skip("the real data is not on this machine (../shared/data)")
    return _SHARED


@pytest.fixture(scope="session")
def mlflow_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real, empty MLflow store (`mlflow.db`), made once since that takes seconds: copy it, never write to it."""
    if find_spec("mlflow") is None:
        pytest.skip("MLflow is not installed: pip install 'labjournal[mlflow]'")
    folder = tmp_path_factory.mktemp("mlflow")
    ensure_store(folder, ["mnist"])
    return folder
