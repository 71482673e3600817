"""One ballot, and many: to make, to check on one core and on all, beside belenios-tool.

Per ballot in milliseconds, the median of several runs; growth at three sizes. The stock tool
verifies the very same archive in the same run; its figure is the whole process divided by the
ballots, ours is the whole audit of the archive divided likewise.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from admin.demo import one_process, scenario
from admin.record.audit import AuditOptions, audit_file
from admin.record.pool import workers
from admin.rules import regime
from crypto import ballot
from crypto.archive import Kind, Reader
from crypto.group import random_scalar
from crypto.session import Election
from tests.interop import belenios

OFFICIALS = (11, 22, 44)
VOTERS = 20
RUNS = 5


def main() -> None:
    print(f"{VOTERS} ballots of 3 levels; milliseconds per ballot, median of {RUNS}")
    print(f"{'officials':>9} {'bytes':>7} {'make':>7} {'check':>7} {'audit 1':>8} {'audit 2':>8}"
          f" {'1/2':>5} {'tool':>7} {'audit 1/tool':>13}")  # fmt: skip
    for officials in OFFICIALS:
        print(_row(officials), flush=True)


def _row(officials: int) -> str:
    with TemporaryDirectory() as folder, workers(2) as pool:
        names = [(f"Official {i}", "") for i in range(officials)]
        played = scenario.random(VOTERS, names, regime.load("nq96-2023"), "Bench")
        one_process.play(played, Path(folder), pool, lambda *_: nullcontext(lambda _: None))
        (archive,) = Path(folder).glob("*.bel")
        election, one = _ballot(archive)
        choices = played.votes[0]
        secret = random_scalar()
        make = _median(lambda: ballot.prepare(election, secret, choices))
        check = _median(lambda: ballot.check(ballot.decode(one, election), election))
        here = _median(lambda: audit_file(archive, AuditOptions())) / VOTERS
        both = _median(lambda: audit_file(archive, AuditOptions(run=pool.checking()))) / VOTERS
        tool = ratio = float("nan")
        if belenios.find():
            tool = _median(lambda: belenios.verify(archive)) / VOTERS
            ratio = here / tool
    return (f"{officials:>9} {len(one):>7} {make:>7.1f} {check:>7.1f} {here:>8.1f} {both:>8.1f}"
            f" {here / both:>5.2f} {tool:>7.1f} {ratio:>13.2f}")  # fmt: skip


def _ballot(archive: Path) -> tuple[Election, bytes]:
    with archive.open("rb") as file:
        events = iter(Reader(file))
        election = Election.decode(next(events).files[0])
        return election, next(e.files[0] for e in events if e.kind == Kind.BALLOT)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
