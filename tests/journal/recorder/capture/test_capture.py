"""What surrounds a command is captured from real repositories and environments, within bounds, whatever they are like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from journal.ids import new_uid
from journal.recorder import spool
from journal.recorder.capture import capture_after, capture_before
from journal.recorder.capture.git_state import parse_status
from journal.recorder.capture.patch import MOST_IN_ALL, MOST_OF_ONE
from journal.recorder.capture.secret_shapes import REDACTED
from journal.recorder.events import CapturedEvent, Facts
from tests import repositories
from tests.repositories import CODE

ARGV = ("python", "train.py", "--lr", "0.1", "--seed", "3")
ROOT = Path(__file__).resolve().parents[4]
SECRET = "ghp_" + "aB3" * 12


def before(cwd: Path, argv: tuple[str, ...] = ARGV, **environ: str) -> Facts:
    return capture_before(argv, cwd, {"PATH": os.environ["PATH"], **environ})


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    return repositories.made(tmp_path / "nets", f"https://me:{SECRET}@example.org/me/nets.git")


def test_a_clean_repository_has_its_commit_and_no_patch(nets: Path) -> None:
    facts = before(nets)
    assert facts["code"] == {
        "root": str(nets), "repository": "https://example.org/me/nets.git", "dirty": "no",
        "commit": repositories.git(nets, "rev-parse", "HEAD"), "branch": "main",
    }  # fmt: skip
    assert "patch" not in facts


def test_what_the_commit_does_not_hold_is_kept_from_wherever_below_one_stands(nets: Path) -> None:
    (nets / "train.py").write_text(CODE.replace("0.1", "0.2"))
    (nets / "src").mkdir()
    (nets / "src" / "näu.py").write_text("new = 1\n")
    (nets / ".gitignore").write_text("*.log\n")
    (nets / "a.log").write_text("ignored")
    (nets / "weights.bin").write_bytes(b"\0\1\2")
    repositories.git(nets, "add", ".gitignore")
    facts = before(nets / "src")
    code, patch = facts["code"], facts["patch"]
    assert (code["dirty"], code["changed"], code["untracked"]) == ("yes", "2 files", "2 files")
    assert "+    loss = cross_entropy(model(inputs), labels, smoothing=0.2)" in patch["tracked"]
    assert "b/.gitignore" in patch["tracked"]
    assert patch["untracked/src/näu.py"] == "new = 1\n"
    assert patch["left out"] == "weights.bin: binary"
    assert "ignored" not in str(patch)


def test_what_trackers_write_beside_the_code_is_no_code(nets: Path) -> None:
    for name in (
        "mlflow.db", "mlflow.db-wal", "mlruns/0/meta.yaml", "sub/mlruns/1/a/artifacts/train.py", "mlartifacts/x.bin",
        "wandb/run-20261120-abc/files/code/train.py", "wandb/offline-run-1/run-1.wandb", "wandb/debug.log",
        "wandb/latest-run/x",
    ):  # fmt: skip
        (nets / name).parent.mkdir(parents=True, exist_ok=True)
        (nets / name).write_bytes(b"\0" * 10)
    facts = before(nets)
    assert "patch" not in facts
    assert "untracked" not in facts["code"]
    (nets / "wandb" / "ours.py").write_text("x = 1\n")
    (nets / "mlflow.db.py").write_text("y = 1\n")
    facts = before(nets)
    assert set(facts["patch"]) == {"untracked/wandb/ours.py", "untracked/mlflow.db.py"}
    assert facts["code"]["untracked"] == "2 files"


def test_the_patch_makes_the_tree_again(nets: Path, tmp_path: Path) -> None:
    """Whatever a person has set: prefixes, colours, external diffs and orders are not theirs here."""
    for name, value in (
        ("diff.noprefix", "true"),
        ("color.diff", "always"),
        ("diff.external", "false"),
        ("diff.relative", "true"),
    ):
        repositories.git(nets, "config", name, value)
    (nets / "train.py").write_text(CODE.replace("0.1", "0.2") + "# last line without an end")
    (nets / "b c.py").write_text("x = 1\n")
    repositories.git(nets, "add", "b c.py")
    patch = before(nets)["patch"]["tracked"]
    repositories.git(tmp_path, "clone", "-q", str(nets), "again")
    (tmp_path / "again" / "p.diff").write_text(patch)
    repositories.git(tmp_path / "again", "apply", "p.diff")
    for name in ("train.py", "b c.py"):
        assert (tmp_path / "again" / name).read_text() == (nets / name).read_text()


def test_no_secret_is_in_any_fact_wherever_it_was_planted(nets: Path) -> None:
    (nets / "train.py").write_text(CODE + f'\nTOKEN = "{SECRET}"\n')
    (nets / ".env").write_text(f"A={SECRET}\n")
    (nets / "notes.txt").write_text(f"use {SECRET}\nplain-known-value\n")
    (nets / f"{SECRET}.txt").write_text("x\n")
    repositories.git(nets, "config", "user.password", SECRET)
    repositories.git(nets, "checkout", "-q", "-b", f"try-{SECRET}")
    argv = (*ARGV, "--api-key", SECRET, f"hub.token={SECRET}", f"https://u:{SECRET}@h/x", "plain-known-value")
    facts = before(
        nets, argv, WANDB_API_KEY="plain-known-value", MLFLOW_TRACKING_URI=f"https://u:{SECRET}@h", HF_HOME=SECRET
    )
    facts |= capture_after(argv, nets, {"PATH": os.environ["PATH"]})
    told = json.dumps(facts)
    assert SECRET not in told
    assert "plain-known-value" not in told
    assert facts["command"]["arg.api-key"] == REDACTED
    assert ".env: may hold secrets" in facts["patch"]["left out"]


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    repositories.git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text(CODE)
    (tmp_path / "staged.py").write_text("x = 1\n")
    repositories.git(tmp_path, "add", "staged.py")
    facts = before(tmp_path)
    assert (facts["code"]["branch"], "commit" in facts["code"]) == ("main", False)
    assert facts["patch"] == {"untracked/train.py": CODE, "untracked/staged.py": "x = 1\n"}


def test_outside_a_repository_the_script_itself_is_kept(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    (tmp_path / "other.py").write_text("x = 1\n")
    assert before(tmp_path)["patch"] == {"untracked/train.py": CODE}
    assert before(tmp_path, ("python", "-m", "other"))["patch"] == {"untracked/other.py": "x = 1\n"}
    assert before(tmp_path)["code"] == {"root": str(tmp_path)}


def test_what_is_no_script_of_the_person_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.setenv("HOME", str(here))
    (elsewhere / "else.py").write_text("x = 1\n")
    (here / "table").write_text("x\n")
    for command in (("/etc/passwd",), ("./table",), ("python", str(elsewhere / "else.py"))):
        assert "patch" not in before(here, command)
    (here / "table").chmod(0o755)
    assert before(here, ("./table",))["patch"] == {"untracked/table": "x\n"}


def test_the_file_that_the_output_goes_to_is_no_code(nets: Path) -> None:
    script = (
        "import json, sys; from tests.journal.recorder.capture.test_capture import before; from pathlib import Path; "
    )
    script += "print('epoch 1', flush=True); print(json.dumps(before(Path(sys.argv[1])).get('patch')), file=sys.stderr)"
    with (nets / "log.txt").open("w") as log:
        done = subprocess.run(
            [sys.executable, "-c", script, str(nets)], cwd=ROOT, stdout=log, stderr=subprocess.PIPE, text=True, check=True
        )  # fmt: skip
    assert json.loads(done.stderr) == {"left out": "log.txt: what the command prints"}


def test_a_script_of_elsewhere_is_kept_beside_the_repository(
    nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "else.py").write_text("x = 1\n")
    assert before(nets, ("python", str(tmp_path / "else.py")))["patch"] == {"untracked/else.py": "x = 1\n"}


def test_a_detached_head_a_worktree_and_a_merge_are_told(nets: Path, tmp_path: Path) -> None:
    commit = repositories.git(nets, "rev-parse", "HEAD")
    repositories.git(nets, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    assert before(tmp_path / "tree")["code"]["branch"] == "detached"
    assert before(tmp_path / "tree")["code"]["commit"] == commit


def test_submodules_that_moved_or_changed_are_named(nets: Path, tmp_path: Path) -> None:
    library = repositories.made(tmp_path / "lib")
    repositories.git(nets, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "libs/lib")
    repositories.committed(nets)
    assert "submodules" not in before(nets)["code"]
    (nets / "libs/lib/train.py").write_text("x = 1\n")
    assert before(nets)["code"]["submodules"] == "libs/lib: changed files"
    repositories.committed(nets / "libs/lib")
    facts = before(nets)
    assert facts["code"]["submodules"] == "libs/lib: another commit"
    assert "+Subproject commit" in facts["patch"]["tracked"]


def test_a_bare_repository_and_a_folder_that_is_gone_stop_nothing(nets: Path, tmp_path: Path) -> None:
    repositories.git(tmp_path, "clone", "-q", "--bare", str(nets), "bare.git")
    assert before(tmp_path / "bare.git")["code"]["root"] == str(tmp_path / "bare.git")
    facts = before(tmp_path / "gone")
    assert facts["code"]["left out"] == "all: the working directory is gone"
    assert facts["command"]["arg.lr"] == "0.1"


def test_without_git_the_commit_is_read_from_its_files(
    nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repositories.git(nets, "rev-parse", "HEAD")
    repositories.git(nets, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    monkeypatch.setenv("PATH", str(tmp_path))
    for root, branch in ((nets, "main"), (tmp_path / "tree", "other")):
        code = before(root)["code"]
        assert (code["commit"], code["branch"]) == (commit, branch)
        assert code["left out"] == "what is changed: git is not installed"


def test_a_git_that_hangs_is_given_up_and_ended(nets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repositories.git(nets, "rev-parse", "HEAD")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text(
        f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nsleep 60 & echo $! >> {tmp_path}/pids; wait\n"
    )
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr("journal.recorder.capture.BEFORE_S", 0.4)
    facts = before(nets)
    assert facts["code"]["commit"] == commit
    assert facts["code"]["left out"] in {
        f"what is changed: {why}" for why in ("it took too long", "git did not answer in time")
    }
    assert facts["command"]["seed"] == "3"
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        with pytest.raises(ProcessLookupError):
            _wait_until_gone(pid)


def _wait_until_gone(pid: int) -> None:
    for _ in range(100):
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError
        time.sleep(0.02)


def test_what_was_late_before_is_told_after(nets: Path) -> None:
    (nets / "train.py").write_text("x = 2\n")
    late: Facts = {"code": {"left out": "whether files are changed: git did not answer in time"}}
    facts = capture_after(ARGV, nets, {"PATH": os.environ["PATH"]}, before=late)
    assert (facts["code"]["dirty"], facts["code"]["read"]) == ("yes", "after the command began")
    assert "+x = 2" in facts["patch"]["tracked"]


def test_twenty_thousand_untracked_files_are_counted_and_the_code_among_them_is_kept(nets: Path) -> None:
    folder = nets / "out"
    folder.mkdir()
    for number in range(20_000):
        os.close(os.open(folder / f"{number}.txt", os.O_CREAT | os.O_WRONLY))
    (nets / "aa.py").write_text("x = 1\n")
    facts = before(nets)
    assert facts["code"]["untracked"] == "20,001 files"
    assert facts["patch"]["untracked/aa.py"] == "x = 1\n"
    assert len(facts["patch"]) < 100
    assert "more" in facts["patch"]["left out"]


def test_what_is_large_is_named_and_what_is_small_is_kept_beside_it(nets: Path) -> None:
    (nets / "data.csv").write_text("1,2\n")
    (nets / "line.txt").write_text("x\n")
    repositories.committed(nets)
    (nets / "data.csv").write_text("3,4,5\n" * (MOST_OF_ONE // 4))
    (nets / "line.txt").write_text(
        "diff --git a/x b/x " * MOST_OF_ONE
    )  # one line of many megabytes, that looks like more
    (nets / "train.py").write_text("x = 2\n")
    (nets / "huge.py").write_text("x = 1\n" * MOST_OF_ONE)
    os.mkfifo(nets / "pipe.py")
    (nets / "link.py").symlink_to("/etc/passwd")
    for number in range(12):
        (nets / f"new{number}.py").write_text("y = 1\n" * 20_000)
    patch = before(nets)["patch"]
    assert "+x = 2" in patch["tracked"]
    assert "3,4,5" not in patch["tracked"]
    for line in ("data.csv: its difference is too large", "line.txt: its difference is too large",
                 f"huge.py: {6 * MOST_OF_ONE:,} bytes", "pipe.py: no regular file"):  # fmt: skip
        assert line in patch["left out"].splitlines() or line.startswith("pipe")
    assert "root:" not in str(patch)
    assert sum(map(len, patch.values())) < 2 * MOST_IN_ALL + MOST_OF_ONE


def test_the_largest_capture_fits_into_the_spool(nets: Path, tmp_path: Path) -> None:
    for number in range(40):
        (nets / f"new{number}.py").write_text("\x01ä\\" * 60_000)
    event = CapturedEvent(uid=new_uid(), session=new_uid(), facts=before(nets))
    assert spool.read(spool.put(tmp_path / "spool", event)) == event


def test_nothing_that_a_repository_names_is_run_and_nothing_is_written(nets: Path, tmp_path: Path) -> None:
    trap, ran = tmp_path / "trap.sh", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "diff.external",
        "diff.t.textconv",
        "filter.t.clean",
        "filter.t.process",
        "core.pager",
    ):
        repositories.git(nets, "config", name, str(trap))
    repositories.git(nets, "config", "filter.t.required", "true")
    (nets / ".gitattributes").write_text("*.py filter=t diff=t\n")
    (nets / ".git/hooks/post-index-change").write_text(trap.read_text())
    (nets / ".git/hooks/post-index-change").chmod(0o755)
    (nets / "train.py").write_text("x = 2\n")
    index = (nets / ".git/index").stat().st_mtime_ns
    facts = before(nets)
    assert "+x = 2" in facts["patch"]["tracked"]
    assert "not run: t;" in facts["code"]["filters"]
    assert not ran.exists()
    assert (nets / ".git/index").stat().st_mtime_ns == index
    assert not (nets / ".git/index.lock").exists()


def test_a_status_is_read_line_by_line() -> None:
    told = "\0".join([
        "# branch.oid " + "a" * 40, "# branch.head (detached)", "1 .M N... 100644 100644 100644 aa bb a file.py",
        "1 .M SCMU 160000 160000 160000 aa bb libs/a b", "u UU N... 100644 100644 100644 100644 aa bb cc both.py", "",
    ])  # fmt: skip
    status = parse_status(told)
    assert (status.commit, status.branch, status.changed) == ("a" * 40, "detached", 3)
    assert status.submodules == ("libs/a b: another commit, changed files, untracked files",)


# ---------------------------------------------------------------- command and environment


@pytest.mark.parametrize(
    ("argv", "seed"),
    [
        (("python", "t.py", "--seed", "3"), "3"), (("t", "--random-seed=4"), "4"), (("t", "seed=5"), "5"),
        (("t", "trainer.seed=6"), "6"), (("t", "--manual_seed", "-1"), "-1"), (("t", "--seedling", "7"), None),
        (("t", "--config", "c.yaml"), "8 (c.yaml)"), (("t", "--config=c.yaml"), "8 (c.yaml)"), (("t", "two.json"), None),
    ],
)  # fmt: skip
def test_a_seed_is_found_where_it_is_plain(tmp_path: Path, argv: tuple[str, ...], seed: str | None) -> None:
    (tmp_path / "c.yaml").write_text("model: x\n  random_seed: 8  # as ever\nseedling: 1\n")
    (tmp_path / "two.json").write_text('{\n"seed": 1,\n"data_seed": 2\n}\n')
    assert before(tmp_path, argv)["command"].get("seed") == seed


def test_parameters_are_those_of_the_command_line(tmp_path: Path) -> None:
    argv = (
        "python",
        "-u",
        "t.py",
        "--lr",
        "1e-3",
        "--layers",
        "64",
        "64",
        "--amp",
        "--shift",
        "-0.5",
        "+model.depth=3",
        "-b",
        "32",
        "in.txt",
    )
    command = before(tmp_path, argv)["command"]
    told = {name.removeprefix("arg."): value for name, value in command.items() if name.startswith("arg.")}
    assert told == {
        "u": "t.py",
        "lr": "1e-3",
        "layers": "64 64",
        "amp": "yes",
        "shift": "-0.5",
        "model.depth": "3",
        "b": "32",
    }
    assert command["line"].startswith("python -u t.py --lr 1e-3")


def test_of_the_environment_only_what_changes_a_training_is_kept(tmp_path: Path) -> None:
    environ = {"CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "4", "HOME": "/h", "MY_THING": "x", "WANDB_API_KEY": "0" * 40,
               "WANDB_MODE": "offline", "HF_TOKEN": "y", "MLFLOW_TRACKING_PASSWORD": "z", "SLURM_JOB_ID": "17"}  # fmt: skip
    kept = {"CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "4", "WANDB_MODE": "offline", "SLURM_JOB_ID": "17"}
    assert capture_before(ARGV, tmp_path, environ)["environment"] == kept


# ---------------------------------------------------------------- packages


def test_the_packages_are_those_of_the_commands_own_environment(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    own = repositories.made(tmp_path / "lib")
    for name, url in (("Torch_Vision-0.24.1.dist-info", None), ("mine-1.0.dist-info", {"url": own.as_uri(), "dir_info": {"editable": True}}),
                      ("forked-2.0.dist-info", {"url": f"https://u:{SECRET}@h/f", "vcs_info": {"commit_id": "b" * 40}}), ("~orch-1.dist-info", None)):  # fmt: skip
        (site / name).mkdir()
        if url:
            (site / name / "direct_url.json").write_text(json.dumps(url))
    commit = repositories.git(own, "rev-parse", "HEAD")
    expected = {
        "torch-vision": "0.24.1", "mine": f"1.0 (editable, {own} at {commit[:12]})", "forked": f"2.0 (https://h/f at {'b' * 12})",
    }  # fmt: skip
    script = tmp_path / "env/bin/trainer"
    script.write_text(f"#!{tmp_path}/env/bin/python\nprint(1)\n")
    script.chmod(0o755)
    path = f"{tmp_path}/env/bin:{os.environ['PATH']}"
    for argv in (
        (f"{tmp_path}/env/bin/python", "t.py"),
        ("trainer",),
        ("nice", "-n", "5", "python", "t.py"),
        ("env", "A=b", "trainer"),
    ):
        facts = before(tmp_path, argv, PATH=path)
        assert facts["packages"] == expected, argv
        assert facts["python"]["prefix"] == f"{tmp_path}/env"
        assert facts["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
        assert "left out" not in facts["python"]
    (tmp_path / "env").rename(tmp_path / ".venv")
    assert before(tmp_path, ("uv", "run", "train.py"))["packages"] == expected


def test_where_the_interpreter_is_not_known_it_is_said(tmp_path: Path) -> None:
    facts = before(tmp_path, ("bash", "run.sh"))
    assert "does not say which Python" in facts["python"]["left out"]
    assert before(tmp_path, ("nothing-like-it",), PATH=str(tmp_path))["python"]["left out"].endswith(
        "the journal's own"
    )


def test_our_own_environment_tells_its_packages(tmp_path: Path) -> None:
    facts = before(tmp_path, (sys.executable, "t.py"))
    assert facts["packages"]["pytest"].startswith(pytest.__version__)
    assert facts["python"]["executable"] == sys.executable
