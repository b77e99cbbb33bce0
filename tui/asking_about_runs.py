"""Whether `journal run` asks its question: only a person who is there, about one thing, and not again and again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journal.paths import Paths, made
from journal.recorder.belonging import SESSION_VARIABLE
from journal.recorder.presence import of_process
from journal.words import SessionExit

_MOST_WORDS = 5  # before a script: `uv run accelerate launch train.py`
_QUIET_FOR = timedelta(minutes=10)
# A sweep, an array of jobs or a service starts this one: nobody reads a question, or is asked a hundred times.
_UNATTENDED = (
    "CI", "WANDB_SWEEP_ID", "SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "LSB_JOBINDEX", "SGE_TASK_ID", "RAY_JOB_ID",
    "TUNE_TRIAL_ID", "SIGOPT_EXPERIMENT", "PARALLEL_SEQ", "GUILD_OP",
)  # fmt: skip
_UNATTENDED_PREFIXES = ("OPTUNA_", "TUNE_", "NNI_")
_NOT = {"", "false", "no", "undefined"}  # Grid Engine's task id outside of an array is "undefined"; 0 is a task


def may_ask(environ: Mapping[str, str], exit: SessionExit, *, is_one_of_many: bool, is_attended: bool) -> bool:
    """Whether a question makes sense behind a command that ended so. Pure.

    `is_one_of_many`: it ran under an entry that was there before; `is_attended`: in front of a person.
    """
    return (
        is_attended
        and not is_one_of_many
        and exit in {SessionExit.finished, SessionExit.failed, SessionExit.interrupted}
        and not environ.get(SESSION_VARIABLE)
        and not any(environ.get(name, "").lower() not in _NOT for name in _UNATTENDED)
        and not any(name.startswith(_UNATTENDED_PREFIXES) for name in environ)
    )


def is_attended() -> bool:
    """Whether somebody at a terminal sees what we write and may answer, and the terminal is ours just now."""
    try:
        return sys.stdin.isatty() and sys.stderr.isatty() and os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError, ValueError):  # closed, or none of ours
        return False


def script_words(command: Sequence[str]) -> tuple[str, ...]:
    """The words of a command up to its script, without options: what is the same in a loop over settings. Pure."""
    words = [word for word in command if not word.startswith("-")]
    ends = [place for place, word in enumerate(words[:_MOST_WORDS]) if Path(word).suffix[1:].isalpha()]
    return tuple(words[: ends[0] + 1] if ends else words[:2])


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The questions to which nobody answered: a shell's loop over ten runs of one script is asked once."""

    path: Path
    asked: str  # the shell and the script that it was about

    @classmethod
    def of(cls, paths: Paths, command: Sequence[str]) -> Unanswered:
        parent = of_process(os.getppid())
        script = hashlib.sha256("\0".join(script_words(command)).encode("utf-8", "surrogatepass")).hexdigest()
        return cls(paths.state / "unanswered.json", f"{parent.pid} {parent.started} {script[:16]}")

    def is_recent(self, now: datetime) -> bool:
        return self.asked in self._kept(now)

    def keep(self, now: datetime, *, is_answered: bool) -> None:
        """Note how the question of this moment ended; a folder that cannot be written does no harm."""
        kept = self._kept(now)
        if is_answered:
            kept.pop(self.asked, None)
        else:
            kept[self.asked] = now.isoformat()
        with suppress(OSError):
            made(self.path.parent)
            draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
            draft.write_text(json.dumps(kept), encoding="utf-8")
            draft.replace(self.path)

    def _kept(self, now: datetime) -> dict[str, str]:
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                str(asked): at for asked, at in values.items() if abs(now - datetime.fromisoformat(at)) < _QUIET_FOR
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
