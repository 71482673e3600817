"""What was measured, on which machine: a JSON file that grows with every measure.

An interrupted run keeps what it had; `--resume` goes on behind it.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from admin.record import files
from crypto import group
from tests.bench.cost import worker
from tests.interop import belenios

SCHEMA: Final = "phieukin.benchmarks/1"
Measure = dict[str, Any]


class Results:
    """The measures by their names, such as `audit/50x44`.

    Args:
        path: written after every measure.
        minutes: nothing is begun that would probably end later than so many from now.
        resume: whether what is there already is not measured again.
    """

    def __init__(self, path: Path, minutes: float, *, resume: bool) -> None:
        self._path, self._resume = path, resume
        self._until = time.monotonic() + 60 * minutes
        earlier = json.loads(path.read_bytes()) if path.exists() else {}
        self.measures: dict[str, Measure] = earlier.get("measures", {})

    def forget(self, *kinds: str) -> None:
        """Drops earlier measures of these kinds, unless a run is resumed."""
        if not self._resume:
            kept = {n: m for n, m in self.measures.items() if n.partition("/")[0] not in kinds}
            self.measures = kept

    def take(self, name: str, seconds: float, work: Callable[[], Measure]) -> None:
        """Measures, and keeps it.

        Args:
            name: what.
            seconds: how long it takes at most, as far as one can tell.
            work: the measure.
        """
        if self._resume and name in self.measures:
            say(f"{name}: kept")
            return
        if time.monotonic() + seconds > self._until:
            say(f"{name}: skipped, no time left")
            return
        say(f"{name} …")
        began = time.monotonic()
        measure = work()
        measure |= {"date": time.strftime("%Y-%m-%d"), "version": version()}
        self.measures[name] = measure
        self._keep()
        say(f"{name}: {time.monotonic() - began:.0f} s")

    def _keep(self) -> None:
        document = {"schema": SCHEMA, "machine": machine(), "measures": self.measures}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        files.write(self._path, encode(document))


def encode(document: dict[str, Any]) -> bytes:
    """A line for each measure, so that a change can be read."""
    measures = document["measures"]
    lines = [f"  {json.dumps(name)}: {json.dumps(measures[name])}" for name in sorted(measures)]
    machine_json = json.dumps(document["machine"], indent=2, ensure_ascii=False)
    return (
        f'{{\n "schema": "{document["schema"]}",\n "machine": {machine_json},\n'
        ' "measures": {\n' + ",\n".join(lines) + "\n }\n}\n"
    ).encode()


def say(line: str) -> None:
    """Progress."""
    print(line, flush=True)


def version() -> str:
    """The commit, and whether the program differs from it."""
    commit = _output("git", "rev-parse", "--short=7", "HEAD")
    changed = _output("git", "status", "--porcelain", "--", ":!docs")
    if not commit:
        return importlib.metadata.version("phieukin")
    return f"{commit} and changes" if changed else commit


def machine() -> dict[str, str]:
    """What the figures depend on."""
    cpu = [line for line in _text("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": cpu[0].partition(": ")[2] if cpu else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "pynacl": importlib.metadata.version("PyNaCl"),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": _output("pg_ctl", "--version").rpartition(") ")[2].partition(" ")[0],
        "node": _output("node", "--version").lstrip("v"),
        "belenios": _belenios(),
        "backend": " and ".join(backends()),
        "load": f"{os.getloadavg()[2]:.1f}",
    }


def _belenios() -> str:
    path = belenios.find()
    return _output(str(path), "--version") if path else ""


def _output(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    ended = subprocess.run(command, cwd=belenios.ROOT, capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""


@cache
def backends() -> dict[str, str]:
    """What can check ballots here, by name, and what PHIEUKIN_KERNEL is for it."""
    with worker("1") as here:
        name = str(here.call(_backend))
    return {"kernel": "1", "libsodium": "0"} if name == "kernel" else {"libsodium": "0"}


def _backend() -> str:
    return group.backend().name
