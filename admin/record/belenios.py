"""A second opinion on an archive: the stock belenios-tool, a program we did not write.

It checks less than our audit (docs/protocol.md §8), but none of its code is ours.
"""

import os
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from crypto.archive import Kind, Reader, Stream, Writer
from crypto.errors import BadArchive, Incomplete

VARIABLE = "PHIEUKIN_BELENIOS_TOOL"
_AHEAD = 16  # ballots shown before the answer to the first is awaited
_CHECKOUT = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "belenios-tool"


def find() -> Path:
    """The tool: from the environment, the PATH, or where `.ci/setup` puts it.

    Raises:
        Incomplete: it is nowhere.
    """
    named = os.environ.get(VARIABLE) or shutil.which("belenios-tool")
    if named:
        return Path(named)
    if _CHECKOUT.exists():
        return _CHECKOUT
    raise Incomplete(f"belenios-tool is not installed; put it on the PATH or set {VARIABLE}")


def verify(open_archive: Callable[[], Stream]) -> str:
    """Lets the tool verify an archive; returns what it said.

    `election verify` checks ballots beside its other work and may end before it has told what
    it found, so each ballot is shown to `verify-ballot` as well.

    Raises:
        BadArchive: the tool does not accept it; the detail is the tool's last line.
        Incomplete: the tool is not installed or does not start.
    """
    tool = find()
    with tempfile.TemporaryDirectory(prefix="phieukin-") as work:
        whole, empty = Path(work) / "whole", Path(work) / "empty"
        for folder in (whole, empty):
            folder.mkdir()
        with (whole / "a.bel").open("wb") as copy:
            archive = open_archive()
            while chunk := archive.read(1 << 20):
                copy.write(chunk)
        last_line = _accepted(tool, "verify", "--dir", str(whole))
        with ThreadPoolExecutor(os.cpu_count()) as executor:
            waiting: deque[Future[str]] = deque()
            for number, path in _ballots(open_archive(), empty):
                show = ("verify-ballot", "--dir", str(empty), "--ballot", str(path))
                waiting.append(executor.submit(_accepted, tool, *show, number=number))
                if len(waiting) > _AHEAD:
                    waiting.popleft().result()
            for future in waiting:
                future.result()
    return last_line


def _ballots(archive: Stream, folder: Path) -> Iterator[tuple[int, Path]]:
    """Writes an archive of the definition alone, then each ballot to a file of its own."""
    reader = Reader(archive)
    number = 0
    for event in reader:
        if event.kind == Kind.SETUP:
            writer = Writer(reader.timestamp)
            start = writer.head() + writer.setup(*event.files[:3])
            (folder / "a.bel").write_bytes(start)
        elif event.kind == Kind.BALLOT:
            number += 1
            path = folder / f"{number}.json"
            path.write_bytes(event.files[0])
            yield number, path


def _accepted(tool: Path, *arguments: str, number: int | None = None) -> str:
    command = [str(tool), "election", *arguments]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise Incomplete(f"belenios-tool does not start: {error.strerror}") from None
    line = (finished.stderr.strip().splitlines() or ["nothing"])[-1].strip()
    if finished.returncode != 0 or (number is None and "all checks passed" not in finished.stderr):
        what = "the archive" if number is None else f"ballot {number}"
        raise BadArchive(f"belenios-tool refuses {what}: {line}")
    return line
