"""`journal runs diff`: what decides, then only what differs; what is unknown is said, and text from outside is data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import importers.curves
from journal.errors import SourceError
from journal.paths import Paths
from journal.types import RunStatus
from tests.compared_runs import committed_by, curves, facts_at, record, story, uncommitted
from tests.repositories import git, made
from tests.tui.commands.conftest import Run


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importers.curves, "read_curves", curves)


def test_a_colleagues_commit_between_two_configurations_is_seen(run: Run, paths: Paths, tmp_path: Path) -> None:
    root = story(paths, tmp_path)
    done = run("runs", "diff", "r1", "r3")
    assert done.code == 0
    for line in (
        "validation/accuracy 0.9902 → 0.9925 (+0.0023)",
        "better, more than seeds explain",
        "r1: 2 seeds, 0.99035 ± 0.00021; r3: 2 seeds, 0.9926 ± 0.00014. "
        "Difference of means +0.00225, 95 % interval +0.00161 to +0.00289 (2 pairs of seeds).",
        "train/loss           identical up to step 312, apart from step 480 on (r3 above)",
        "smoothing  0.1 → 0.2",
        "/data/mnist  abababababab → cdcdcdcdcdcd",
        "torch   2.6.0 → 2.7.0",
        "einops  (none) → 0.8",
        "1 commit that only r3 has, 1 by others (!)",
        "loader.py added +3 -0 (by Bob Brown)",
        "train.py +2 -2 (by Bob Brown, uncommitted in r3)",
        "sweep.sh added +1 -0 (uncommitted in r3)",
        "Nothing else that is known differs.",
        "hardware: not recorded for r1",
        "system, environment: not recorded for r1 and r3",
    ):
        assert line in done.out.splitlines(), line
    assert "Bob Brown: Load batches in their own file" in done.out
    assert "numpy" not in done.out
    assert "seed  0" not in done.out
    assert git(root, "status", "--porcelain") == ""


def test_the_same_as_json_is_one_object_with_sections(run: Run, paths: Paths, tmp_path: Path) -> None:
    story(paths, tmp_path)
    told = run("runs", "diff", "r3", "r1", "--json").json
    assert (told["a"]["ref"], told["b"]["ref"]) == ("r3", "r1")
    assert (told["metric"]["key"], told["metric"]["is_better"]) == ("validation/accuracy", False)
    assert (told["seeds"]["rule"], told["seeds"]["exceeds_noise"], told["seeds"]["a"]["runs"]) == (
        "pairs",
        True,
        ["r3", "r4"],
    )
    assert told["parameters"] == [{"name": "smoothing", "a": "0.2", "b": "0.1"}]
    assert [(one["author"], one["is_own"]) for one in told["commits"]["only_a"]] == [("Bob Brown", False)]
    assert {file["path"] for file in told["files"]} == {"train.py", "loader.py", "sweep.sh"}
    assert told["curves"][1]["identical_to"] == 312
    assert told["python"] == []
    assert told["unknown"]


def test_a_metric_that_is_no_number_any_more_has_a_verdict(run: Run, paths: Paths) -> None:
    record(paths, 1, metrics={"validation/accuracy": 0.9})
    record(paths, 2, metrics={"validation/accuracy": float("nan")})
    done = run("runs", "diff", "r1", "r2").out
    assert "validation/accuracy 0.9 → nan\nr2 is not a number\n" in done.replace("  ", " ")
    assert "r2 is not a number" in run("runs", "diff", "r2", "r1").out


def test_two_seeds_of_one_configuration(run: Run, paths: Paths, tmp_path: Path) -> None:
    story(paths, tmp_path)
    done = run("runs", "diff", "r1", "r2")
    assert "better, they differ in their seed alone" in done.out
    assert "2 seeds, 0.99035 ± 0.00021; the two are 1.4 sd apart." in done.out
    assert "Nothing else that is known differs." in done.out


def test_one_seed_each_cannot_tell(run: Run, paths: Paths) -> None:
    record(paths, 1, params={"lr": "1"}, metrics={"validation/accuracy": 0.9})
    record(paths, 2, params={"lr": "2"}, metrics={"validation/accuracy": 0.99})
    assert "better, one seed each: cannot tell it from noise" in run("runs", "diff", "r1", "r2").out


def test_several_seeds_against_one_and_against_the_sign_of_the_pair(run: Run, paths: Paths) -> None:
    for number, value in enumerate((0.900, 0.901, 0.902, 0.8), 1):
        record(paths, number, params={"lr": "1", "seed": str(number)}, metrics={"test/accuracy": value})
    record(paths, 5, params={"lr": "2", "seed": "0"}, metrics={"test/accuracy": 0.85})
    assert "worse, no more than one more seed would" in run("runs", "diff", "r1", "r5").out
    record(paths, 6, params={"lr": "3", "seed": "0"}, metrics={"test/accuracy": 0.81})
    for number in range(7, 12):
        record(paths, number, params={"lr": "3", "seed": str(number)}, metrics={"test/accuracy": 0.2})
    assert "better, but over seeds the other way, more than seeds explain" in run("runs", "diff", "r4", "r6").out


def test_runs_that_mlflow_alone_knows_are_compared_by_what_it_has(run: Run, paths: Paths, tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    ids = [git(root, "rev-parse", "HEAD")]
    (root / "more.py").write_text("x\n")
    ids.append(committed_by(root, "Bob Brown", "More"))
    for number, commit in enumerate(ids, 1):
        tags = {"mlflow.source.git.commit": commit, "mlflow.source.name": str(root / "train.py"), "mlflow.user": "ada"}
        record(paths, number, tags=tags)
    done = run("runs", "diff", "r1", "r2")
    assert "Bob Brown: More" in done.out
    assert "more.py added +1 -0 (by Bob Brown)" in done.out
    assert "No metric decides" in done.out
    assert "data, packages, python, environment, hardware: not recorded for r1 and r2" in done.out


def test_nothing_known_differs(run: Run, paths: Paths) -> None:
    for number in (1, 2):
        record(paths, number, params={"lr": "1"}, metrics={"test/loss": 0.5})
    done = run("runs", "diff", "r1", "r2")
    assert done.code == 0
    assert "the same" in done.out
    assert "Nothing that is known differs" in done.out


def test_a_repository_that_moved_is_found_where_the_person_is(
    run: Run, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = story(paths, tmp_path)
    root.rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path)
    away = run("runs", "diff", "r1", "r3").out
    assert f"{root} is not on this machine." in away
    assert "In a clone that has both commits, the commits between and the files can be compared." in away
    assert "smoothing=0.2" in away
    monkeypatch.chdir(tmp_path / "moved")
    assert "Bob Brown: Load batches" in run("runs", "diff", "r1", "r3").out


def test_a_commit_that_a_clone_lacks_is_named(run: Run, paths: Paths, tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    record(paths, 1, facts=facts_at(root, git(root, "rev-parse", "HEAD")))
    record(paths, 2, facts=facts_at(root, "d" * 40))
    assert f"{root} does not have commit dddddddddd of r2." in run("runs", "diff", "r1", "r2").out
    shutil.rmtree(root / ".git")
    assert f"{root} is no git repository that can be asked." in run("runs", "diff", "r1", "r2").out


def test_a_commit_that_nobody_recorded(run: Run, paths: Paths, tmp_path: Path) -> None:
    record(
        paths, 1, facts={"code": {"branch": "main"}, "patch": {"untracked/a.py": "1\n", "left out": "weights.pt, 2 GB"}}
    )
    record(paths, 2, facts=facts_at(tmp_path, "a" * 40))
    done = run("runs", "diff", "r1", "r2").out
    assert "The commit of r1 was not recorded." in done
    assert "Code as it ran: what r1 ran and what r2 ran is not known" in done
    assert "Uncommitted in r1 alone, against its commit, which is not known: 1 file" in done
    assert "a.py added +1 -0" in done
    assert "patch of r1, not kept: weights.pt, 2 GB" in done


def test_a_commit_that_is_gone_leaves_the_changes_of_the_other_run_without_a_verdict(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    root = made(tmp_path / "nets")
    (root / "old.py").write_text("x = 2\n")
    first = committed_by(root, "A", "Two files")
    train = root / "train.py"
    train.write_text(train.read_text().replace("0.1", "0.2"))
    (root / "old.py").unlink()
    patch = {"tracked": uncommitted(root), "untracked/new.py": "y = 2\n"}
    record(paths, 1, facts=facts_at(root, first, patch))
    git(root, "checkout", "-qb", "side")
    train.write_text(train.read_text().replace("0.1", "0.2"))
    (root / "old.py").unlink()
    (root / "new.py").write_text("y = 2\n")
    gone = committed_by(root, "A", "What was uncommitted")
    record(paths, 2, facts=facts_at(root, gone))
    git(root, "checkout", "-q", "main")
    git(root, "branch", "-qD", "side")
    git(root, "reflog", "expire", "--expire=now", "--all")
    git(root, "gc", "-q", "--prune=now")
    for pair in (("r1", "r2"), ("r2", "r1")):
        done = run("runs", "diff", *pair).out
        assert "Code as it ran: what r2 ran is not known" in done
        assert f"Uncommitted in r1 alone, against its commit {first[:10]}: 3 files" in done
        assert "differ" not in done.partition("Code as it ran")[2].partition("Nothing else")[0]
        assert "new.py added +1 -0" in done
        told = run("runs", "diff", *pair, "--json").json
        assert told["files"] == []
        assert [(one["ref"], len(one["files"])) for one in told["uncommitted"]] == [("r1", 3)]


@pytest.mark.parametrize("is_staged", [True, False])
def test_a_rename_is_one_wherever_the_other_commit_lies(
    run: Run, paths: Paths, tmp_path: Path, is_staged: bool
) -> None:
    root = made(tmp_path / "nets")
    (root / "old.py").write_text("x = 2\n")
    (root / "gone.py").write_text("y = 3")  # no newline at the end
    commit = committed_by(root, "A", "Two files")
    git(root, "mv", "old.py", "new.py")
    (root / "gone.py").unlink()
    (root / "other.py").write_text("y = 3\n")
    git(root, *(("add", "other.py") if is_staged else ("reset", "-q", "new.py")))
    tracked = f"{git(root, 'diff-index', '-p', '--no-renames', 'HEAD')}\n"
    untracked = {} if is_staged else {f"untracked/{name}": (root / name).read_text() for name in ("new.py", "other.py")}
    git(root, "reset", "-q", "--hard")
    git(root, "clean", "-qf")
    record(paths, 1, facts=facts_at(root, commit))
    record(paths, 2, facts=facts_at(root, commit, {"tracked": tracked, **untracked}))
    record(paths, 3, facts=facts_at(root, "d" * 40))
    for ref, key in (("r1", "files"), ("r3", "uncommitted")):
        told = run("runs", "diff", ref, "r2", "--json").json[key]
        files = told if key == "files" else told[0]["files"]
        renamed = [(file["old_path"], file["path"]) for file in files if file["what"] == "renamed"]
        assert ("old.py", "new.py") in renamed
        assert ref == "r1" or len(renamed) == 1  # that the text is nearly the same, git alone sees
        done = run("runs", "diff", ref, "r2").out
        assert "→ new.py renamed +0 -0" in done
        assert "(the same content)" in done
        assert "(empty)" not in done


def test_a_script_that_ran_outside_of_the_repository_is_put_beside_the_committed_one(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    root = made(tmp_path / "nets", name="src/train.py")
    commit = git(root, "rev-parse", "HEAD")
    text = (root / "src/train.py").read_text()
    record(paths, 1, facts=facts_at(root, commit))
    outside = {"root": str(tmp_path)}
    record(paths, 2, facts={"code": outside, "patch": {"untracked/train.py": text}})
    record(paths, 3, facts={"code": outside, "patch": {"untracked/train.py": text.replace("0.1", "0.2")}})
    record(paths, 4, facts={"code": outside, "patch": {"untracked/other.py": "x\n"}})
    for pair in (("r1", "r2"), ("r2", "r1")):
        done = run("runs", "diff", *pair).out
        assert "Code as it ran: train.py has the same content, under another root" in done
        assert "r2 ran in no git repository." in done
        assert "Of the code of r2, train.py alone was kept: what it imports is not known." in done
        assert "added" not in done
        assert "removed" not in done
        assert "was not recorded." not in done
    for pair, signs in ((("r1", "r3"), "-+"), (("r3", "r1"), "+-")):
        (file,) = run("runs", "diff", *pair, "--json").json["files"]
        assert (file["path"], file["what"]) == ("train.py", "changed")
        lines = sorted((line[0], line[-4:-1]) for line in file["lines"] if line[0] in "+-")
        assert lines == sorted(zip(signs, ("0.1", "0.2"), strict=True))
    done = run("runs", "diff", "r1", "r4").out
    assert "Code as it ran: what r4 ran is not known" in done
    assert "Kept of what r4 ran, in no repository: 1 file" in done
    assert run("runs", "diff", "r2", "r4").code == 0


def test_a_run_of_which_nothing_was_captured_makes_no_difference_of_what_the_other_captured(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    system, command = {"host": "vm"}, {"line": "python train.py --steps 60", "cwd": "/work", "arg.steps": "60"}
    patch = {"tracked": "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-1\n+2\n"}
    record(paths, 1, facts=facts_at(tmp_path, "a" * 40, patch, system=system, command=command))
    record(paths, 2, tags={"mlflow.user": "root", "mlflow.source.name": "train.py"})
    for pair in (("r1", "r2"), ("r2", "r1")):
        done = run("runs", "diff", *pair).out
        assert "(none)" not in done
        assert "x.py" not in done
        assert "command, data, code, packages, python, system, environment, hardware" not in done
        assert "command, code, packages, python, system: not recorded for r2" in done
        assert f"data, environment, hardware: not recorded for {pair[0]} and {pair[1]}" in done
        assert "Nothing that is known differs" in done


def test_a_file_is_ascribed_to_those_whose_commits_make_it_differ(run: Run, paths: Paths, tmp_path: Path) -> None:
    root = made(tmp_path / "nets")

    def changed(author: str, **texts: str) -> str:
        for name, text in texts.items():
            (root / f"{name}.py").write_text(text)
        return committed_by(root, author, f"{author} on {', '.join(texts)}")

    first = changed("Ann Able", loss="0\n", model="0\n", data="0\n", both="0\n")
    changed("Ann Able", model="1\n", data="1\n")
    changed("Bob Brown", loss="1\n", both="1\n")
    changed("Ann Able", data="0\n")  # taken back
    git(root, "checkout", "-qb", "side", "HEAD~2")
    changed("Bob Brown", side="1\n")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "-m", "Merge side", "side")
    last = changed("Ann Able", both="2\n")
    for name in ("loss", "data"):
        (root / f"{name}.py").write_text("9\n")
    record(paths, 1, facts=facts_at(root, first))
    record(paths, 2, facts=facts_at(root, last, {"tracked": uncommitted(root)}))
    done = run("runs", "diff", "r1", "r2").out
    for line in (
        "loss.py +1 -1  (by Bob Brown, uncommitted in r2)",
        "data.py +1 -1  (uncommitted in r2)",
        "model.py +1 -1  (by Ann Able)",
        "side.py added +1 -0  (by Bob Brown)",
        "both.py +1 -1  (by Ann Able, by Bob Brown)",
    ):
        assert line.replace("  ", " ") in done.replace("  ", " ")


def test_the_metric_may_be_named(run: Run, paths: Paths) -> None:
    record(paths, 1, metrics={"validation/accuracy": 0.9, "time": 3})
    record(paths, 2, metrics={"validation/accuracy": 0.8, "time": 2})
    assert "its name does not say which way is better" in run("runs", "diff", "r1", "r2", "--metric", "time").out
    refused = run("runs", "diff", "r1", "r2", "--metric", "speed")
    assert (refused.code, refused.out) == (2, "")
    assert "Neither r1 nor r2 logged speed." in refused.err
    assert "time" in refused.err


def test_curves_that_cannot_be_read_are_said_to_be_unknown(
    run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise SourceError("The store is away.")

    record(paths, 1, metrics={"train/loss": 0.9})
    record(paths, 2, metrics={"train/loss": 0.8})
    monkeypatch.setattr(importers.curves, "read_curves", failing)
    done = run("runs", "diff", "r1", "r2")
    assert done.code == 0
    assert "The curves cannot be read: The store is away." in done.out


def test_long_parts_are_cut_with_a_count_and_all_shows_them(run: Run, paths: Paths, tmp_path: Path) -> None:
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    (root / "train.py").write_text("".join(f"line {number}\n" for number in range(500)))
    for number in range(25):
        (root / f"file{number}.py").write_text("x\n")
    last = committed_by(root, "A", "Much")
    many = {f"p{number:05}": "1" for number in range(12_000)}
    record(paths, 1, params=many, facts=facts_at(root, first))
    record(paths, 2, params=dict.fromkeys(many, "2"), facts=facts_at(root, last))
    short, long = run("runs", "diff", "r1", "r2").out, run("runs", "diff", "r1", "r2", "--all").out
    assert "and 11,970 more: --all shows it" in short
    assert "files more: --all shows it" in short
    assert len(short.splitlines()) < 300
    assert "p11999  1 → 2" in long
    assert "+line 499" in long.replace("  ", "").replace("+500", "+")
    whole = run("runs", "diff", "r1", "r2", "--json").json
    assert len(whole["parameters"]) == 12_000


def test_a_changed_parameter_is_seen_beside_hundreds_of_numbered_ones_and_none_is_said(run: Run, paths: Paths) -> None:
    many = {f"layer{number}": "1" for number in range(300)}
    record(paths, 1, params={**many, "lr": "0.1"})
    record(paths, 2, params={**dict.fromkeys(many, "2"), "lr": "0.2"})
    record(paths, 3)
    lines = run("runs", "diff", "r1", "r2").out.splitlines()
    start = lines.index("Parameters") + 1
    shown = [line.split()[0] for line in lines[start : start + 4]]
    assert shown == ["lr", "layer0", "layer1", "layer2"]
    done = run("runs", "diff", "r1", "r3").out
    assert "Parameters\nr3  logged none\n" in done
    assert "parameters" not in done.partition("Not known")[2]


def test_text_from_outside_never_steers_the_terminal(run: Run, paths: Paths, tmp_path: Path) -> None:
    evil = "a\x1b[31m\nb\u202e\x07[bold]"
    root = made(tmp_path / "nets")
    first = git(root, "rev-parse", "HEAD")
    (root / "train.py").write_text(f"x = '{evil}'\n")
    last = committed_by(root, f"Bob\x1b[31m {'B'}", "Sub\x1b]0;title\x07ject \u202e")
    for number, commit in ((1, first), (2, last)):
        record(
            paths, number, name=f"{evil} {number}", params={evil: f"{evil}{number}"}, tags={f"t{evil}": f"{number}{evil}"},
            metrics={f"accuracy {evil}": number / 10},
            facts=facts_at(root, commit, {f"untracked/{number}\x1b[31m.py": evil}, hardware={evil: f"{number}{evil}"}),
            output=f"{evil} {number}\n",
        )  # fmt: skip
    done = run("runs", "diff", "r1", "r2", "--all")
    assert done.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out)
    as_json = run("runs", "diff", "r1", "r2", "--json")
    assert not {"\x1b", "\x07", "\u202e"} & set(as_json.out)
    assert as_json.json["b"]["title"].endswith("2")


def test_wrong_words_are_a_sentence(run: Run, paths: Paths) -> None:
    record(paths, 1)
    assert "compared with itself" in run("runs", "diff", "r1", "r1").err
    missing = run("runs", "diff", "r1", "r9")
    assert (missing.code, missing.out) == (1, "")
    assert "There is no r9" in missing.err


def test_an_unfinished_run_says_so(run: Run, paths: Paths) -> None:
    record(paths, 1, metrics={"test/loss": 0.5}, step=100)
    record(paths, 2, metrics={"test/loss": 0.4}, status=RunStatus.failed, step=40)
    done = run("runs", "diff", "r1", "r2").out
    assert "r2 · run 2 · mnist · failed" in done
    assert "not at the same point of training: r1 at step 100, r2 at step 40" in done
