"""What a command computes on. At once what files tell; what `nvidia-smi` tells takes seconds and comes after."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from journal.recorder import presence
from journal.recorder.capture.together import together

_NVIDIA = Path("/proc/driver/nvidia")
_GIB = 1024**3
_MOST_USERS = 16  # of one GPU


def machine() -> dict[str, str]:
    """The section `system`."""
    if not hasattr(os, "uname"):
        return {"platform": platform.platform(), "host": presence.hostname()}
    system = os.uname()  # `platform.platform()` starts a process for the same: 30 ms
    told = [system.sysname, system.release, system.machine]
    with suppress(OSError, ValueError, AttributeError):
        told.append((os.confstr("CS_GNU_LIBC_VERSION") or "").replace(" ", ""))
    return {"platform": "-".join(part for part in told if part), "host": presence.hostname()}


def fast_hardware(nvidia: Path = _NVIDIA) -> dict[str, str]:
    """CPU, memory, and names of GPUs, from files alone."""
    told = {"cpu": _cpu(), "cores": _cores(), "memory": _memory(), **_gpus_by_files(nvidia)}
    return {name: value for name, value in told.items() if value}


def slow_hardware(environ: Mapping[str, str], own: Iterable[int], deadline: float) -> dict[str, str]:
    """What `nvidia-smi` tells of GPUs, and who computes on them besides the processes `own`. Empty without it."""
    gpus = "index,uuid,name,memory.total,driver_version"
    asked = together(
        {
            "gpus": partial(_nvidia_smi, environ, deadline, f"--query-gpu={gpus}", "--format=csv,noheader,nounits"),
            "apps": partial(
                _nvidia_smi, environ, deadline, "--query-compute-apps=gpu_uuid,pid,used_memory,process_name",
                "--format=csv,noheader,nounits",
            ),
            "page": partial(_nvidia_smi, environ, deadline),
        },
        deadline,
    )  # fmt: skip
    texts = {name: text for name, text in asked.items() if isinstance(text, str)}
    if any(isinstance(error, FileNotFoundError) for error in asked.values()):
        return {}
    told = gpus_told(texts.get("gpus", ""), texts.get("apps", ""), texts.get("page", ""), frozenset(own))
    missing = [f"{name}: {error}" for name, error in asked.items() if isinstance(error, Exception)]
    if missing or not told:
        told["left out"] = "; ".join(f"nvidia-smi, {each}" for each in missing) or "nvidia-smi says nothing readable"
    return told


def gpus_told(gpus: str, apps: str, page: str, own: frozenset[int]) -> dict[str, str]:
    """The section's entries from three answers of `nvidia-smi`; lines that are no such are passed over."""
    told: dict[str, str] = {}
    number_of_uuid: dict[str, str] = {}
    for row in _rows(gpus, 5):
        index, uuid, name, memory, driver = row
        if index.isdigit() and name:
            number_of_uuid[uuid] = index
            told[f"gpu {index}"] = f"{name}, {int(memory) / 1024:.1f} GiB" if memory.isdigit() else name
            told["driver"] = driver
    users: dict[str, list[str]] = {}
    for uuid, pid, memory, name in _rows(apps, 4):
        if uuid in number_of_uuid and pid.isdigit() and int(pid) not in own:
            size = f" {int(memory):,} MiB" if memory.isdigit() else ""
            users.setdefault(number_of_uuid[uuid], []).append(f"{_user_of(int(pid))}pid {pid}{size} {Path(name).name}")
    for index, names in users.items():
        told[f"gpu {index} used by"] = "; ".join(names[:_MOST_USERS])
    if found := re.search(r"CUDA Version:\s*([\d.]{1,16})", page[:10_000]):
        told["cuda"] = found[1]
    return told


def family_of(pid: int) -> frozenset[int]:
    """`pid` and every process that came from it, as far as /proc tells."""
    parents: dict[int, int] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - thousands of them
    except OSError:
        names = []
    for name in names:
        try:
            fields = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            parents[int(name)] = int(fields[1])
        except (OSError, ValueError, IndexError):
            continue
    family = {pid}
    while True:
        more = {child for child, parent in parents.items() if parent in family} - family
        if not more:
            return frozenset(family)
        family |= more


def _rows(text: str, columns: int) -> list[list[str]]:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(text[:100_000]), skipinitialspace=True))
    except csv.Error:
        return []
    return [[cell.strip()[:200] for cell in row] for row in rows if len(row) == columns]


def _user_of(pid: int) -> str:
    """`ada, `; empty where the process is not to be seen, as from inside of a container."""
    try:
        owner = Path(f"/proc/{pid}").stat().st_uid
        import pwd

        return f"{pwd.getpwuid(owner).pw_name}, "
    except (OSError, KeyError, ImportError):
        return ""


def _nvidia_smi(environ: Mapping[str, str], deadline: float, *words: str) -> str:
    program = shutil.which("nvidia-smi", path=environ.get("PATH"))
    if program is None:
        raise FileNotFoundError("nvidia-smi is not there")
    process = subprocess.Popen(
        [program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, _ = process.communicate(timeout=max(0.05, deadline - time.monotonic() - 0.2))
    except subprocess.TimeoutExpired:
        raise TimeoutError("it did not answer in time") from None
    finally:
        if process.poll() is None:
            process.kill()
            with suppress(subprocess.TimeoutExpired):  # one that hangs in the driver is not waited for
                process.wait(0.2)
        if process.stdout is not None:
            process.stdout.close()
    if process.returncode != 0:
        raise RuntimeError(f"it ended with {process.returncode}")
    return out.decode("utf-8", "replace")


def _cpu() -> str:
    for line in _text(Path("/proc/cpuinfo"), 4096).splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip() in {"model name", "Model", "cpu model"}:
            return " ".join(value.split())
    return os.uname().machine if hasattr(os, "uname") else platform.processor()


def _cores() -> str:
    there = os.cpu_count() or 0
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    told = str(usable) if usable == there else f"{usable} of {there}"
    quota, _, period = _text(_cgroup() / "cpu.max", 64).partition(" ")
    if quota.isdigit() and period.strip().isdigit() and int(quota) < usable * int(period):
        told += f", limited to the time of {int(quota) / int(period):g}"
    return told


def _memory() -> str:
    found = re.search(r"MemTotal:\s*(\d+) kB", _text(Path("/proc/meminfo"), 512))
    if found is None:
        return ""
    there = int(found[1]) * 1024
    limit = _text(_cgroup() / "memory.max", 64).strip()
    limited = f", limited to {int(limit) / _GIB:.1f} GiB" if limit.isdigit() and int(limit) < there else ""
    return f"{there / _GIB:.1f} GiB{limited}"


def _cgroup() -> Path:
    """The folder of this process's control group, version 2; the top one where it cannot be told."""
    own = next((line[3:] for line in _text(Path("/proc/self/cgroup"), 4096).splitlines() if line.startswith("0::")), "")
    folder = Path("/sys/fs/cgroup") / own.strip().lstrip("/")
    return folder if folder.is_dir() else Path("/sys/fs/cgroup")


def _gpus_by_files(nvidia: Path) -> dict[str, str]:
    """`gpu 0`, `gpu 1`... in the order of their numbers, and the driver."""
    found: list[str] = []
    try:
        folders = sorted((nvidia / "gpus").iterdir())  # by their place on the bus, as nvidia-smi counts
    except OSError:
        return {}
    for folder in folders:
        lines = (line.partition(":") for line in _text(folder / "information", 4096).splitlines())
        told = {name.strip(): value.strip() for name, _, value in lines}
        found.append(told.get("Model", "a GPU"))
    version = re.search(r"Module(?: for \S+)?\s+([\d.]+)", _text(nvidia / "version", 1024))
    return {
        **{f"gpu {number}": name for number, name in enumerate(found)},
        **({"driver": version[1]} if version and found else {}),
    }


def _text(file: Path, most: int) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(most).decode("utf-8", "replace")
    except OSError:
        return ""
