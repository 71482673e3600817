"""`make bench` and `make load`: measures, and prints what came out.

    python -m tests.bench ballot audit session demo page second   (make bench)
    python -m tests.bench load                             (make load)

Ends with 1 only if a ballot was lost or counted twice, or an audit failed.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import (
    bench_audit,
    bench_ballot,
    bench_demo,
    bench_load,
    bench_page,
    bench_second,
    document,
)
from tests.bench.prepared import Prepared, prepared
from tests.bench.results import Results, say


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is measured.

    Attributes:
        ballots: with as many officials as there are at most.
        officials: with as many ballots as there are at least.
        load: ballots that come within `spread` seconds, and at once.
        second: ballots and officials of archives that two programs audit.
    """

    ballots: tuple[int, ...]
    officials: tuple[int, ...]
    load: int
    spread: float
    second: tuple[tuple[int, int], ...]

    def pairs(self) -> list[tuple[int, int]]:
        """Growing officials, then growing ballots."""
        grown = [(self.ballots[0], officials) for officials in self.officials]
        return grown + [(ballots, self.officials[-1]) for ballots in self.ballots[1:]]


RESULTS: Final = "results.json"
FULL: Final = Sizes((50, 150, 500), (11, 22, 44), 500, 60, ((81, 18), (500, 44)))
QUICK: Final = Sizes((12, 24, 48), (3, 5, 11), 48, 5, ((12, 11),))


def main() -> int:
    arguments = _arguments()
    sizes = QUICK if arguments.quick else FULL
    cache = arguments.cache / ("quick" if arguments.quick else "full")

    def session(ballots: int, officials: int) -> Prepared:
        return prepared(cache, ballots, officials, say)

    if "load" in arguments.parts:  # before the clock runs
        session(sizes.load, sizes.officials[-1])
    results = Results(cache / RESULTS, arguments.minutes, resume=arguments.resume)
    try:
        for part in arguments.parts:
            measure, kinds = PARTS[part]
            results.forget(*kinds)
            measure(results, sizes, session)
    except KeyboardInterrupt:
        say("interrupted: what was measured is kept, --resume goes on behind it")
        return 130
    _show(results)
    if arguments.record:
        _record(cache / RESULTS)
    failures = bench_load.failures(results.measures)
    for failure in failures:
        say(failure)
    return 1 if failures else 0


def _show(results: Results) -> None:
    """The tables of docs/benchmarks.md."""
    for title, table in document.TABLES.items():
        if rows := table(results.measures):
            say(f"\n{title}\n{document.aligned(rows)}")


def _record(results: Path) -> None:
    """Into docs/."""
    if any(name.startswith("audit/") for name in document.read(results)["measures"]):
        document.FIGURES.write_bytes(results.read_bytes())
        document.write(document.read())
    else:
        say("nothing is written into docs/: there is no audit to be drawn; run make bench first")


Maker = Callable[[int, int], Prepared]


def _ballot(results: Results, sizes: Sizes, session: Maker) -> None:
    for officials in sizes.officials:
        bench_ballot.run(results, session(sizes.ballots[0], officials))


def _audit(results: Results, sizes: Sizes, session: Maker) -> None:
    for ballots, officials in sizes.pairs():
        bench_audit.run(results, session(ballots, officials))


def _session(results: Results, sizes: Sizes, session: Maker) -> None:
    for ballots, officials in sizes.pairs():
        if ballots < sizes.load:  # `load` plays that one
            bench_load.play(results, session(ballots, officials))


def _demo(results: Results, _sizes: Sizes, _session: Maker) -> None:
    bench_demo.run(results)


def _page(results: Results, sizes: Sizes, _session: Maker) -> None:
    for officials in sizes.officials:
        bench_page.run(results, officials)


def _second(results: Results, sizes: Sizes, session: Maker) -> None:
    for ballots, officials in sizes.second:
        bench_second.run(results, session(ballots, officials))


def _load(results: Results, sizes: Sizes, session: Maker) -> None:
    bench_load.run(results, session(sizes.load, sizes.officials[-1]), sizes.spread)


# Each part and the kinds of measures that it takes.
PARTS: Final[dict[str, tuple[Callable[[Results, Sizes, Maker], None], tuple[str, ...]]]] = {
    "ballot": (_ballot, ("make", "check", "tally", "share", "combine")),
    "audit": (_audit, ("audit",)),
    "session": (_session, ("session",)),
    "demo": (_demo, ("demo",)),
    "page": (_page, ("page",)),
    "second": (_second, ("second",)),
    "load": (_load, ("checkin", "load")),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--quick", action="store_true", help="small sizes, two minutes")
    parser.add_argument("--resume", action="store_true", help="what was measured stays")
    parser.add_argument("--record", action="store_true", help="writes docs/benchmarks.*")
    parser.add_argument(
        "--minutes", type=float, default=6, help="begins nothing that probably ends later"
    )
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "phieukin-bench")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
