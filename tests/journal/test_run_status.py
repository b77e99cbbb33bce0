"""What became of a run, by what its store says and by the processes that worked on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journal.run_status import QUIET_AFTER, Told, WorkingSession, true_status
from journal.types import RunStatus, SessionExit
from tests.conftest import NOON

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NOW = NOON + 2 * HOUR


def session(
    exit: SessionExit | None = None, *, begins: timedelta = timedelta(), lasts: timedelta = HOUR
) -> WorkingSession:
    start = NOON + begins
    return WorkingSession(started_at=start, ended_at=start + lasts if exit else None, exit=exit)


def told(status: RunStatus | None, after: timedelta | None = None) -> Told:
    return Told(status=status, ended_at=None if after is None else NOON + after, last_sign_at=NOON)


@pytest.mark.parametrize("exit", list(SessionExit))
def test_what_ended_the_process_decides_where_the_store_says_running(exit: SessionExit) -> None:
    """MLflow leaves RUNNING what SIGTERM or SIGKILL ended, and a MlflowClient run that nobody terminated."""
    for status in (RunStatus.running, None):
        assert true_status(told(status), [session(exit)], NOW) == (RunStatus(str(exit)), NOON + HOUR)


def test_finished_by_the_store_and_failed_by_the_process_at_one_time_is_failed() -> None:
    """As MLflow tells of a script that raises outside of `with start_run()`."""
    of = told(RunStatus.finished, HOUR - SECOND)
    assert true_status(of, [session(SessionExit.failed)], NOW)[0] is RunStatus.failed
    assert true_status(of, [session(SessionExit.interrupted)], NOW)[0] is RunStatus.interrupted


def test_ctrl_c_is_no_failure_though_mlflow_calls_it_one() -> None:
    of = told(RunStatus.failed, HOUR - SECOND)
    assert true_status(of, [session(SessionExit.interrupted)], NOW)[0] is RunStatus.interrupted


def test_a_run_of_a_sweep_that_ended_well_stays_finished_when_a_later_one_fails() -> None:
    of = told(RunStatus.finished, HOUR / 2)
    assert true_status(of, [session(SessionExit.failed)], NOW) == (RunStatus.finished, NOON + HOUR / 2)


def test_a_run_that_failed_in_a_process_that_caught_it_stays_failed() -> None:
    assert true_status(told(RunStatus.failed, HOUR / 2), [session(SessionExit.finished)], NOW)[0] is RunStatus.failed


def test_finished_by_the_store_where_nobody_saw_the_process_end_is_finished() -> None:
    of = told(RunStatus.finished, HOUR)
    assert true_status(of, [session(SessionExit.vanished, lasts=HOUR)], NOW)[0] is RunStatus.finished


def test_it_runs_while_a_session_goes_on_also_after_an_earlier_one_failed() -> None:
    sessions = [session(SessionExit.killed), session(begins=HOUR + SECOND)]
    assert true_status(told(RunStatus.running), sessions, NOW) == (RunStatus.running, None)


def test_a_run_that_was_killed_and_continued_to_its_end_is_finished() -> None:
    sessions = [
        session(SessionExit.killed),
        session(SessionExit.finished, begins=HOUR + 60 * SECOND, lasts=60 * SECOND),
    ]
    of = told(RunStatus.finished, HOUR + 119 * SECOND)
    assert true_status(of, sessions, NOW) == (RunStatus.finished, NOON + HOUR + 119 * SECOND)


@pytest.mark.parametrize("status", [RunStatus.finished, RunStatus.running])
def test_that_holds_for_sessions_of_seconds_too(status: RunStatus) -> None:
    sessions = [
        session(SessionExit.killed, lasts=3 * SECOND),
        session(SessionExit.finished, begins=4 * SECOND, lasts=3 * SECOND),
    ]
    of = Told(status=status, ended_at=NOON + 6 * SECOND if status is RunStatus.finished else None, last_sign_at=NOON)
    assert true_status(of, sessions, NOW)[0] is RunStatus.finished


def test_a_run_that_its_store_saw_end_runs_again_while_a_later_session_goes_on() -> None:
    sessions = [session(SessionExit.finished), session(begins=HOUR + 60 * SECOND)]
    assert true_status(told(RunStatus.finished, HOUR), sessions, NOW) == (RunStatus.running, None)


def test_a_run_of_a_sweep_that_goes_on_is_finished() -> None:
    assert true_status(told(RunStatus.finished, HOUR / 2), [session()], NOW) == (RunStatus.finished, NOON + HOUR / 2)


def test_what_logs_after_its_process_ended_goes_on_in_another_one() -> None:
    """As a command that daemonises itself does."""
    of = Told(status=RunStatus.running, last_sign_at=NOON + HOUR + 5 * SECOND)
    assert true_status(of, [session(SessionExit.finished)], NOW) == (RunStatus.running, None)


def test_what_vanished_lived_until_its_last_sign() -> None:
    of = Told(status=RunStatus.running, last_sign_at=NOON + HOUR + 20 * SECOND)
    assert true_status(of, [session(SessionExit.vanished)], NOW) == (RunStatus.vanished, NOON + HOUR + 20 * SECOND)


def test_the_last_session_decides() -> None:
    sessions = [
        session(SessionExit.killed),
        session(SessionExit.finished, begins=HOUR + 60 * SECOND, lasts=60 * SECOND),
    ]
    assert true_status(told(RunStatus.running), sessions, NOW)[0] is RunStatus.finished


def test_a_trial_that_failed_inside_of_a_command_that_failed_is_one_failure() -> None:
    sessions = [session(SessionExit.failed), session(SessionExit.failed, begins=SECOND, lasts=HOUR - 2 * SECOND)]
    assert true_status(told(RunStatus.running), sessions, NOW)[0] is RunStatus.failed


def test_running_without_any_sign_for_long_has_vanished_at_the_last_one() -> None:
    of = told(RunStatus.running)
    assert true_status(of, [], NOON + QUIET_AFTER) == (RunStatus.running, None)
    assert true_status(of, [], NOON + QUIET_AFTER + SECOND) == (RunStatus.vanished, NOON)


@pytest.mark.parametrize("status", [RunStatus.finished, RunStatus.failed, RunStatus.killed])
def test_without_a_session_the_store_is_believed(status: RunStatus) -> None:
    assert true_status(told(status, HOUR), [], NOW) == (status, NOON + HOUR)


def test_of_two_commands_that_worked_at_one_time_the_last_one_ends_the_run() -> None:
    """MLflow calls a run finished as soon as one of those who log to it is done."""
    first, second = session(), session(SessionExit.finished, begins=HOUR / 4, lasts=HOUR / 4)
    both = [replace(first, uid="one"), replace(second, uid="two")]
    of = told(RunStatus.finished, HOUR / 2 - SECOND)
    assert true_status(of, both, NOW) == (RunStatus.running, None)
    both[0] = replace(session(SessionExit.killed), uid="one")
    assert true_status(of, both, NOW)[0] is RunStatus.finished


@pytest.mark.parametrize("around", ["one", ""])
def test_a_command_goes_on_to_other_runs_behind_a_trial_and_behind_one_that_is_over(around: str) -> None:
    begins = timedelta() if around else HOUR / 4
    launch, trial = session(begins=begins), session(SessionExit.finished, lasts=HOUR / 4 - 2 * SECOND)
    both = [replace(launch, uid="one"), replace(trial, uid="two", around=around)]
    after = HOUR / 4 - 3 * SECOND if around else HOUR / 2
    assert true_status(told(RunStatus.finished, after), both, NOW)[0] is RunStatus.finished
