"""`phieukin serve` as a person starts it: a process, a port, a log."""

import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from admin.cli import main

READY = 60.0
_SERVING = re.compile(r" INFO serving .* on (https?://\S+)\n")


@dataclass(frozen=True)
class Process:
    """A running server.

    Attributes:
        log: everything it writes to stderr.
    """

    url: str
    running: subprocess.Popen[bytes]
    log: Path


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "admin.cli.main", "--data", str(folder), "serve", *options]


def refused(folder: Path, *options: str) -> tuple[int, dict[str, str]]:
    """Exit status and JSON of a server that does not start, which needs no process of its own."""
    handlers, stdout = logging.root.handlers[:], StringIO()
    try:
        with redirect_stdout(stdout):
            status = main.run([*command(folder, *options)[3:], "--json"])
    finally:
        logging.root.handlers[:] = handlers
    return status, json.loads(stdout.getvalue())


def children(pid: int) -> list[int]:
    """Processes whose parent this is."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in pids.split()]


@contextmanager
def serve(folder: Path, *options: str) -> Iterator[Process]:
    """Runs until the block ends; killed only if a signal does not stop it."""
    log = folder / "serve.log"
    with log.open("wb") as target:
        running = subprocess.Popen(
            command(folder, "--listen", "127.0.0.1:0", *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=target,
        )
    try:
        yield Process(_address(log, running), running, log)
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _address(log: Path, running: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + READY
    while time.monotonic() < until and running.poll() is None:
        serving = _SERVING.search(log.read_text("utf-8"))
        if serving:
            return serving[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text('utf-8')}")
