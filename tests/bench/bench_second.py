"""The audit of an archive by two programs: the command, and the page's in node, on one core."""

import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from crypto.archive import Kind
from tests.bench import archives
from tests.bench.after import PHIEUKIN
from tests.bench.cost import command, in_turn
from tests.bench.prepared import Prepared
from tests.bench.results import Results, say
from tests.interop.page import PAGE, VITE

_PAGE: Final = 0.02  # seconds of the page for an official of a ballot
_START: Final = 20.0  # seconds of the build, and of both starts


def run(results: Results, session: Prepared) -> None:
    """The audit of all ballots of this session, by both."""
    node = shutil.which("node")
    if node is None or not VITE.exists():
        say("second: no node here, or no packages of the page: skipped")
        return
    ballots, officials = len(session.ballots), session.officials
    seconds = _START + _PAGE * ballots * officials
    results.take(f"second/{ballots}x{officials}", seconds, lambda: _measure(session, node))


def _measure(session: Prepared, node: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        program = _built(node, Path(folder) / "program")
        counted = archives.count(session)
        archive = archives.write(session, counted, Kind.RESULT, Path(folder) / "archive")
        alone = [*PHIEUKIN, "audit", archive, "--json", "--workers", "1"]
        variants = {
            "command": partial(command, alone),
            "page": partial(command, [node, program, archive]),
        }
        costs = in_turn(1, variants)
    return {"ballots": len(session.ballots), "officials": session.officials, "costs": costs}


def _built(node: str, folder: Path) -> Path:
    """The page's audit as a program of node, which ends with 1 unless the record holds."""
    config = ["--config", "test/timing.config.ts", "--outDir", str(folder), "--emptyOutDir"]
    subprocess.run([node, str(VITE), "build", *config], cwd=PAGE, check=True)
    (folder / "package.json").write_text('{"type":"module"}', "utf-8")
    (folder / "node_modules").symlink_to(PAGE / "node_modules")
    return folder / "timing.js"
