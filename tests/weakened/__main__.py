"""The long run: weakened modules before their narrow tests.

    python -m tests.weakened [--number 120] [--seed 1] [--minutes 60] [--record]

What was judged before with the same seed is kept. Ends with 1 where a weakening survives that is
not argued in docs/evidence.md.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Final

from tests import evidence
from tests.interop.belenios import ROOT
from tests.weakened.modules import TESTS
from tests.weakened.running import BROKEN, NOTICED, SURVIVED, outcome
from tests.weakened.weakenings import Weakening, weakenings

PART: Final = "weakenings"


def main() -> int:
    arguments = _arguments()
    lines, until = evidence.Lines(f"{PART}-{arguments.seed}"), time.monotonic()
    until += 60 * arguments.minutes
    candidates = every()
    for module, weakening in chosen(arguments.number, arguments.seed, candidates):
        name = f"{module}: {weakening.name}"
        if name in lines:
            continue
        if time.monotonic() > until:
            print("no time left: the next run goes on here")
            break
        began = time.monotonic()
        verdict = outcome(module, weakening.source, TESTS[module]) if sound(module) else BROKEN
        seconds = round(time.monotonic() - began, 1)
        lines.add({"name": name, "module": module, "verdict": verdict, "seconds": seconds})
        print(f"{verdict}: {name} ({seconds} s)", flush=True)
    argued = evidence.DOCUMENT.read_text("utf-8")
    survivors = [name for name, line in lines.lines.items() if line["verdict"] == SURVIVED]
    open_ = [name for name in survivors if f"`{name}`" not in argued]
    for name in open_:
        print("SURVIVED, not argued:", name)
    if arguments.record:
        evidence.record(PART, _document(lines, len(candidates), arguments.seed))
    return 1 if open_ else 0


@cache
def sound(module: str) -> bool:
    """Whether the module as it is, put in place in the same way, passes its narrow tests."""
    return outcome(module, (ROOT / module).read_text("utf-8"), TESTS[module]) == SURVIVED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.weakened", description=__doc__)
    parser.add_argument("--number", type=int, default=120, help="of weakenings")
    parser.add_argument("--seed", type=int, default=1, help="that chooses them")
    parser.add_argument("--minutes", type=float, default=60, help="nothing is begun later")
    parser.add_argument("--record", action="store_true", help="write docs/evidence.md")
    return parser.parse_args()


def every() -> list[tuple[str, Weakening]]:
    """Those of all modules."""
    sources = {module: (ROOT / module).read_text("utf-8") for module in TESTS}
    return [
        (module, weakening)
        for module, source in sources.items()
        for weakening in weakenings(source)
    ]


def chosen(
    number: int, seed: int, candidates: Sequence[tuple[str, Weakening]]
) -> list[tuple[str, Weakening]]:
    """So many, of each module in turn; the same for the same seed."""
    ranked = sorted(
        candidates, key=lambda one: sha256(f"{seed} {one[0]} {one[1].name}".encode()).hexdigest()
    )
    by_module: dict[str, list[tuple[str, Weakening]]] = {}
    for module, weakening in ranked:
        by_module.setdefault(module, []).append((module, weakening))
    taken: list[tuple[str, Weakening]] = []
    while len(taken) < min(number, len(ranked)):
        taken += [rest.pop() for rest in by_module.values() if rest]
    return taken[:number]


def _rank(seed: int, name: str) -> str:
    return sha256(f"{seed} {name}".encode()).hexdigest()


def _document(lines: evidence.Lines, total: int, seed: int) -> list[str]:
    judged = list(lines.lines.values())
    rows: list[tuple[object, ...]] = []
    for module in TESTS:
        verdicts = [line["verdict"] for line in judged if line["module"] == module]
        numbers = [verdicts.count(verdict) for verdict in (NOTICED, SURVIVED, BROKEN)]
        rows.append((f"`{module}`", len(verdicts), *numbers))
    verdicts = [line["verdict"] for line in judged]
    totals = [len(judged), *(verdicts.count(verdict) for verdict in (NOTICED, SURVIVED, BROKEN))]
    text = evidence.heading(seed, sum(line["seconds"] for line in judged))
    text += [f"{len(judged)} of {total} weakenings of Python.", ""]
    head = ("module", "weakenings", "noticed", "survived", "no run")
    return text + evidence.table(head, [*rows, ("all", *totals)])


if __name__ == "__main__":
    sys.exit(main())
