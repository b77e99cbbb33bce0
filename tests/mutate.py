"""`make mutate`: deliberate mistakes in migrate, spool and store, each of which must make a test fail.

Each is made in a copy of the checkout, one at a time, and the tests named beside it are run there.
Exit code 1 where one survives, or where the line that it changes is not there any more.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_STORE = ("tests/journal/store",)
_MIGRATE = ("tests/journal/test_migrate.py", "tests/journal/test_schema.py")
_SPOOL = ("tests/journal/recorder/test_spool.py", "tests/journal/store/test_intake.py")


@dataclass(frozen=True, slots=True)
class Mutation:
    """In `file`, `before` becomes `after`; one of `tests` must fail."""

    file: str
    before: str
    after: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation("journal/migrate.py", "    if version > 0:\n        _back_up", "    if version > 1:\n        _back_up", _MIGRATE),
    Mutation("journal/migrate.py", "        if _checked_version(connection, path, newest) >= step.version:", "        if False:", _MIGRATE),
    Mutation("journal/migrate.py", "    if version > newest:", "    if version > newest + 1:", _MIGRATE),
    Mutation("journal/migrate.py", 'connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")', "pass", _MIGRATE),
    Mutation("journal/migrate.py", '        if connection.in_transaction:\n            connection.execute("ROLLBACK")', "        pass", _MIGRATE),
    Mutation("journal/migrate.py", "        if broken:", "        if len(broken) > 1:", _MIGRATE),
    Mutation("journal/recorder/spool.py", "            os.fsync(file.fileno())\n        draft.rename(path)", "            os.fsync(file.fileno())\n        draft.replace(folder / path.stem)", _SPOOL),
    Mutation("journal/recorder/spool.py", "    if version > FORMAT:", "    if version > FORMAT + 1:", _SPOOL),
    Mutation("journal/recorder/spool.py", '    if known["uid"] != stem:', "    if False:", _SPOOL),
    Mutation("journal/recorder/spool.py", "    if len(content) > MAX_EVENT_BYTES:\n        raise Unreadable", "    if len(content) > 2 * MAX_EVENT_BYTES:\n        raise Unreadable", _SPOOL),
    Mutation("journal/recorder/spool.py", "    while target.exists():", "    while False:", _SPOOL),
    Mutation("journal/recorder/spool.py", "        writer.join(0 if _hanging else PATIENCE_S if patience_s is None else patience_s)", "        writer.join()", _SPOOL),
    Mutation("journal/store/intake.py", "if _is_known(change, event.uid) or _apply(change, event)]", "if _apply(change, event)]", _STORE),
    Mutation("journal/store/intake.py", "            refused += _refuse(path)\n        except OSError", "            pass\n        except OSError", _STORE),
    Mutation("journal/store/changes.py", '            raw.execute("BEGIN IMMEDIATE")', '            raw.execute("BEGIN")', _STORE),
    Mutation("journal/store/changes.py", '                    raw.execute("ROLLBACK")', '                    raw.execute("COMMIT")', _STORE),
    Mutation("journal/store/changes.py", '_UNRECORDED = {"change", "change_row", "revision", "intake", "ranking"}', '_UNRECORDED = {"change", "change_row", "revision", "intake", "link"}', _STORE),
    Mutation("journal/store/undo.py", '"SELECT id, summary FROM change WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1"', '"SELECT id, summary FROM change WHERE undone_at IS NULL ORDER BY id LIMIT 1"', _STORE),
    Mutation("journal/store/undo.py", "WHERE change_id = ? ORDER BY id DESC", "WHERE change_id = ? ORDER BY id", _STORE),
    Mutation("journal/store/items.py", "    if old:\n        change.session.add(models.Revision", "    if not old:\n        change.session.add(models.Revision", _STORE),
    Mutation("journal/store/items.py", '    (highest,) = change.connection.execute("SELECT max(number) FROM item WHERE kind = ?", (kind,)).fetchone()', '    (highest,) = change.connection.execute("SELECT count(*) FROM item WHERE kind = ? AND deleted_at IS NULL", (kind,)).fetchone()', _STORE),
    Mutation("journal/store/papers.py", '"UPDATE identifier SET item_id = :kept WHERE item_id = :other",', '"SELECT 1",', _STORE),
    Mutation("journal/store/papers.py", "    if update.restores:\n", "    if not update.restores:\n", _STORE),
    Mutation("journal/store/runs.py", '        if is_new and not draft.is_deleted:', "        if is_new:", ("tests/importers/test_mirror.py",)),
    Mutation("journal/store/runs.py", '    if draft.is_deleted != (run.lifecycle == "deleted"):', "    if True:", ("tests/importers/test_mirror.py",)),
    Mutation("journal/store/texts.py", "        if getattr(item, field) != text:", "        if False:", ("tests/importers/test_mirror.py",)),
)  # fmt: skip


def outcome_of(mutation: Mutation, copy: Path) -> str:
    """`killed`, `SURVIVED`, or that the place is gone."""
    file = copy / mutation.file
    original = file.read_text(encoding="utf-8")
    if original.count(mutation.before) != 1:
        return "NOT THERE"
    file.write_text(original.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *mutation.tests],
            cwd=copy, capture_output=True, check=False, timeout=600,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "killed"
    finally:
        file.write_text(original, encoding="utf-8")
    return "killed" if ran.returncode == 1 else "SURVIVED" if ran.returncode == 0 else f"pytest: {ran.returncode}"


def main() -> None:
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="labjournal-mutate-") as scratch:
        copy = Path(scratch) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        for mutation in MUTATIONS:
            outcome = outcome_of(mutation, copy)
            survivors += outcome != "killed"
            print(f"{outcome:9}  {mutation.file}: {' '.join(mutation.before.split())[:90]}", flush=True)
    print(f"{len(MUTATIONS) - survivors} of {len(MUTATIONS)} killed")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
