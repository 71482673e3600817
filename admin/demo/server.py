"""A real `phieukin serve` in a process of its own, with a data directory made for it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admin.client.server import Server
from admin.demo.session import Secretary
from admin.record import files
from admin.session.datadir import SETTINGS, DataDir

_LISTEN = "127.0.0.1:0"  # any free port; the server says which
_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    datadir: DataDir
    url: str
    process: subprocess.Popen[str]

    @property
    def secretary(self) -> Secretary:
        """Works on the same data directory."""
        return Secretary(self.datadir, Server(self.url))

    def wait(self) -> None:
        """Until somebody stops it."""
        self.process.wait()


@contextmanager
def serving(folder: Path, *settings: str) -> Iterator[Running]:
    """A server for the length of the block.

    Args:
        settings: more lines of its phieukin.toml.

    Raises:
        ConnectionError: it does not start; the detail is its last line.
    """
    folder.mkdir(mode=0o700)
    lines = [f'listen = "{_LISTEN}"', *settings]
    files.write(folder / SETTINGS, "".join(f"{line}\n" for line in lines).encode(), mode=0o600)
    command = [sys.executable, "-m", "admin.cli.main", "serve", "--json", "--data", str(folder)]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        yield Running(DataDir.open(folder), _address(process, folder / "serve.log"), process)
    finally:
        _stop(process)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """What the server says when it answers."""
    if process.stdout is None:
        raise TypeError("stdout is a pipe")
    document = ""
    for line in process.stdout:
        document += line
        if line.startswith("}"):
            return str(json.loads(document)["url"])
    last_line = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
    raise ConnectionError(f"the server does not start: {''.join(last_line)}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
