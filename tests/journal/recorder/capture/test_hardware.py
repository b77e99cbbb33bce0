"""What a command computes on: CPU and memory from files, GPUs from a stand-in of `nvidia-smi`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journal.recorder.capture import capture_after
from journal.recorder.capture.hardware import family_of, fast_hardware, machine
from journal.recorder.events import Facts

GPUS = """\
0, GPU-aaaa, NVIDIA H200, 143771, 570.86.15
1, GPU-bbbb, "NVIDIA A100, 80GB", 81920, 570.86.15
"""
PAGE = "| NVIDIA-SMI 570.86.15    Driver Version: 570.86.15    CUDA Version: 12.8     |\n"


def nvidia_smi(folder: Path, *, apps: str = "", body: str = "") -> dict[str, str]:
    """An environment in which `nvidia-smi` says this."""
    folder.mkdir(exist_ok=True)
    (folder / "gpus").write_text(GPUS)
    (folder / "apps").write_text(apps)
    (folder / "page").write_text(PAGE)
    usual = f'case "$1" in --query-gpu*) cat {folder}/gpus;; --query-compute*) cat {folder}/apps;; *) cat {folder}/page;; esac'
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\n{body or usual}\n")
    (folder / "nvidia-smi").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def after(tmp_path: Path, environ: dict[str, str], pid: int | None = None) -> Facts:
    return capture_after(("python", "t.py"), tmp_path, environ, pid=pid)


def test_gpus_are_named_with_memory_driver_and_who_else_is_on_them(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        apps = f"GPU-aaaa, {child.pid}, 4096, /usr/bin/python\nGPU-bbbb, 999999999, [N/A], [Not Found]\nGPU-cccc, 1, 1, x\n"
        environ = nvidia_smi(tmp_path / "bin", apps=apps)
        others = after(tmp_path, environ)["hardware"]
        own = after(tmp_path, environ, pid=os.getpid())["hardware"]
    finally:
        child.kill()
        child.wait()
    assert others["gpu 0"] == "NVIDIA H200, 140.4 GiB"
    assert others["gpu 1"] == "NVIDIA A100, 80GB, 80.0 GiB"
    assert (others["driver"], others["cuda"]) == ("570.86.15", "12.8")
    assert others["gpu 0 used by"].endswith(f"pid {child.pid} 4,096 MiB python")
    assert others["gpu 1 used by"] == "pid 999999999 [Not Found]"
    assert "gpu 0 used by" not in own  # the command's own children
    assert others["cpu"] == fast_hardware()["cpu"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sleep 60", "did not answer in time"),
        ("echo 'Failed to initialize NVML'; exit 9", "it ended with 9"),
        ("head -c 3000000 /dev/urandom", "nothing readable"),
        ("echo 'a,b,c,d,e'; printf '0,\\033[31m,,,\\n'", "nothing readable"),
        ("exit 0", "nothing readable"),
    ],
)
def test_an_nvidia_smi_that_hangs_fails_or_babbles_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setattr("journal.recorder.capture.AFTER_S", 1.5)
    hardware = after(tmp_path, nvidia_smi(tmp_path / "bin", body=body))["hardware"]
    assert said in hardware["left out"]
    assert hardware["cpu"]


def test_without_nvidia_smi_nothing_is_added(tmp_path: Path) -> None:
    assert "hardware" not in after(tmp_path, {"PATH": str(tmp_path)})


def test_cpu_cores_and_memory_come_from_files(monkeypatch: pytest.MonkeyPatch) -> None:
    hardware = fast_hardware()
    assert hardware["cpu"]
    assert hardware["memory"].split(" ")[1].startswith("GiB")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert fast_hardware()["cores"].startswith("1 of 8")
    assert set(machine()) == {"platform", "host"}


def test_gpus_are_named_at_once_where_the_driver_has_files(tmp_path: Path) -> None:
    for place in ("0000:1b:00.0", "0000:43:00.0"):
        (tmp_path / "gpus" / place).mkdir(parents=True)
        (tmp_path / "gpus" / place / "information").write_text("Model: \t\t NVIDIA H200\nIRQ:   \t\t 18\n")
    (tmp_path / "version").write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n"
    )
    hardware = fast_hardware(tmp_path)
    assert (hardware["gpu 0"], hardware["gpu 1"], hardware["driver"]) == ("NVIDIA H200", "NVIDIA H200", "570.86.15")


def test_a_family_is_a_process_and_what_came_from_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert {os.getpid(), child.pid} <= family_of(os.getpid())
        assert os.getpid() not in family_of(child.pid)
    finally:
        child.kill()
        child.wait()
