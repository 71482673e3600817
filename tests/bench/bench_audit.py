"""The whole audit of an archive, as a person starts it: on one core and on all, beside the tool."""

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crypto.archive import Kind
from tests.bench import archives
from tests.bench.after import PHIEUKIN
from tests.bench.cost import Cost, command, in_turn
from tests.bench.prepared import Prepared
from tests.bench.results import Results, backends
from tests.interop import belenios

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS: Final = 2  # of one variant after another
_TOOL_SECONDS: Final = 0.0055  # of belenios-tool for an official of a ballot
_MOST: Final = 45.0  # seconds that one variant may take once; what is slower is left out


def run(results: Results, session: Prepared) -> None:
    """The audit of all ballots of this session."""
    size = f"{len(session.ballots)}x{session.officials}"
    tool = _TOOL_SECONDS * len(session.ballots) * session.officials
    slow = tool > _MOST  # belenios-tool, and we without the kernel
    seconds = RUNS * (tool * (0.5 if slow else 3) + 8)
    results.take(f"audit/{size}", seconds, lambda: _measure(session, slow=slow))


def _measure(session: Prepared, *, slow: bool) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        counted = archives.count(session)
        archive = archives.write(session, counted, Kind.RESULT, Path(folder) / "archive")
        variants: dict[str, Callable[[], Cost]] = {}
        for backend, on in backends().items():
            if backend == "kernel" or not slow or len(backends()) == 1:
                one = [*PHIEUKIN, "audit", archive, "--json", "--workers", "1"]
                variants[backend] = partial(command, one, kernel=on)
                variants[f"{backend}_all"] = partial(command, one[:-2], kernel=on)
        if belenios.find() and not slow:
            verify = [belenios.tool(), "election", "verify", "--dir", "."]
            variants["tool"] = partial(command, verify, archive.parent)
        costs = in_turn(1 if slow else RUNS, variants)
    return {"ballots": len(session.ballots), "officials": session.officials, "costs": costs}
