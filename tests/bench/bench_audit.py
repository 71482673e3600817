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
_TOOL: Final = 0.0055  # seconds of belenios-tool for an official of a ballot
_LIBSODIUM, _KERNEL = 1.4, 0.25  # of that for both variants of ours
_START: Final = 3.0  # seconds of the start of them
_SLOW, _SLOWEST = 20.0, 45.0  # of the tool: then we without the kernel, then itself is left out


def run(results: Results, session: Prepared) -> None:
    """The audit of all ballots of this session."""
    size = f"{len(session.ballots)}x{session.officials}"
    tool = _TOOL * len(session.ballots) * session.officials
    names = [name for name in backends() if name == "kernel" or tool < _SLOW]
    names += ["tool"] if belenios.find() and tool < _SLOWEST else []
    costs = {"kernel": _KERNEL * tool + _START, "libsodium": _LIBSODIUM * tool + _START}
    runs = RUNS if tool < _SLOWEST else 1
    seconds = _START + runs * sum(costs.get(name, tool) for name in names)
    results.take(f"audit/{size}", seconds, lambda: _measure(session, names, runs))


def _measure(session: Prepared, names: list[str], runs: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        counted = archives.count(session)
        archive = archives.write(session, counted, Kind.RESULT, Path(folder) / "archive")
        variants: dict[str, Callable[[], Cost]] = {}
        for name in names:
            if name == "tool":
                verify = [belenios.tool(), "election", "verify", "--dir", "."]
                variants[name] = partial(command, verify, archive.parent)
                continue
            alone = [*PHIEUKIN, "audit", archive, "--json", "--workers", "1"]
            variants[name] = partial(command, alone, kernel=backends()[name])
            variants[f"{name}_all"] = partial(command, alone[:-2], kernel=backends()[name])
        costs = in_turn(runs, variants)
    return {"ballots": len(session.ballots), "officials": session.officials, "costs": costs}
