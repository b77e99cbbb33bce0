"""Git repositories made for a test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CODE = """\
import torch


def load(path):
    with open(path) as opened:
        return parse(opened)


def train_step(model, batch, optimizer):
    inputs, labels = batch
    loss = cross_entropy(model(inputs), labels, smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
"""
STEP = "train.py:9-15"  # train_step whole


def git(folder: Path, *words: str) -> str:
    """Nothing of the developer's own settings decides what git does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    names = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *names, *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def made(folder: Path, remote: str = "", name: str = "train.py") -> Path:
    """A repository whose one commit holds CODE as `name`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CODE)
    committed(folder)
    return folder


def committed(folder: Path) -> str:
    """Everything in `folder` committed; the commit's id."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a commit")
    return git(folder, "rev-parse", "HEAD")
