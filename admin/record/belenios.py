"""A second opinion on an archive: the stock belenios-tool, a program we did not write.

It checks less than our audit (docs/protocol.md §8), but none of its code is ours.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from crypto.archive import Stream
from crypto.errors import BadArchive, Incomplete

VARIABLE = "PHIEUKIN_BELENIOS_TOOL"
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


def verify(archive: Stream, uuid: str) -> str:
    """Runs `belenios-tool election verify` on an archive; returns what it said.

    Raises:
        BadArchive: the tool does not accept it; the detail is the tool's last line.
        Incomplete: the tool is not installed or does not start.
    """
    tool = find()
    with tempfile.TemporaryDirectory(prefix="phieukin-") as folder:
        with (Path(folder) / f"{uuid}.bel").open("wb") as copy:
            while chunk := archive.read(1 << 20):
                copy.write(chunk)
        command = [str(tool), "election", "verify", "--dir", folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            raise Incomplete(f"belenios-tool does not start: {error.strerror}") from None
    said = (done.stderr.strip().splitlines() or ["nothing"])[-1].strip()
    if done.returncode != 0 or "all checks passed" not in done.stderr:
        raise BadArchive(f"belenios-tool refuses it: {said}")
    return said
