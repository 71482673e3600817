"""Starts commands of the program, kills them, and says how they ended."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fault.crash import KILLED

ROOT = Path(__file__).parents[2]
READY = 60.0
DEAD = -signal.SIGKILL

Plan = tuple[int, str] | None


@dataclass
class Lives:
    """Processes that live one after the other over data directories.

    Attributes:
        begun: how many there were.
        light: whether those that are started now check ballots in a thread.
        kills: where each kill fell; "at random" where no boundary was asked for.
    """

    nursery: subprocess.Popen[bytes]
    folder: Path
    begun: int = 0
    light: bool = True
    kills: Counter[str] = field(default_factory=Counter)
    alive: list["Life"] = field(default_factory=list)

    def start(self, data: Path, *args: str, at: Plan = None) -> "Life":
        """Starts `phieukin ARGS`."""
        self.begun += 1
        log = self.folder / f"{self.begun}.log"
        log.write_bytes(b"")
        line = ["--data", str(data), *args]
        order = {"args": line, "log": str(log), "at": at, "light": self.light}
        life = Life(self, int(self._ask(order)), log)
        self.alive = [*(earlier for earlier in self.alive if not earlier.ended), life]
        return life

    def run(self, data: Path, *args: str, at: Plan = None, seconds: float | None = None) -> int:
        """The exit status of a command, which may be killed at a boundary or after some time."""
        life = self.start(data, *args, at=at)
        if seconds is not None:
            time.sleep(seconds)
            life.kill()
        return life.wait()

    def said(self) -> str:
        """The log of the process that was started last."""
        return (self.folder / f"{self.begun}.log").read_text("utf-8", "replace")

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self.nursery.stdin.flush()
        return json.loads(self.nursery.stdout.readline())


@dataclass
class Life:
    """One process."""

    lives: Lives
    pid: int
    log: Path
    status: int | None = None

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def ended(self) -> bool:
        """Whether it has ended; if it was killed, that is counted once."""
        if self.status is None:
            self.status = self.lives._ask({"ended": self.pid})
            if self.status == DEAD:
                _, chosen, where = self.said().rpartition(f"\n{KILLED}")
                self.lives.kills[where.partition("\n")[0] if chosen else "at random"] += 1
        return self.status is not None

    def kill(self) -> None:
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, seconds: float = READY) -> int:
        """Its exit status; a process that does not end is a failure."""
        until = time.monotonic() + seconds
        while not self.ended:
            assert time.monotonic() < until, self.said()
            time.sleep(0.003)
        assert self.status is not None
        return self.status

    def served(self) -> bool:
        """Waits until it answers requests; False if it ended before."""
        until = time.monotonic() + READY
        while "http://" not in self.said():
            if self.ended:
                return False
            assert time.monotonic() < until, self.said()
            time.sleep(0.01)
        return True


@contextmanager
def nursery(module: str = "tests.fault.crash") -> Iterator[subprocess.Popen[bytes]]:
    """Where lives begin, by this module; whoever is alive at the end is killed."""
    command, pipe = [sys.executable, "-m", module], subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, start_new_session=True
    ) as started:
        try:
            yield started
        finally:
            os.killpg(started.pid, signal.SIGKILL)


@contextmanager
def lives(nursery: subprocess.Popen[bytes], folder: Path) -> Iterator[Lives]:
    """Those of one test; whoever is alive at its end is killed."""
    folder.mkdir()
    living = Lives(nursery, folder)
    try:
        yield living
    finally:
        for life in living.alive:
            life.kill()


@dataclass
class Chance:
    """Moments that look random and are the same for the same seed."""

    seed: str
    drawn: int = 0

    def below(self, most: float) -> float:
        """A number of seconds."""
        self.drawn += 1
        digest = hashlib.sha256(f"{self.seed} {self.drawn}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / 2**32 * most


def chance(name: str) -> Chance:
    """Takes the seed from PHIEUKIN_FAULT_SEED, or makes one; pytest shows it with a failure."""
    seed = os.environ.get("PHIEUKIN_FAULT_SEED") or os.urandom(8).hex()
    print(f"PHIEUKIN_FAULT_SEED={seed} ({name})")  # noqa: T201
    return Chance(f"{name} {seed}")
