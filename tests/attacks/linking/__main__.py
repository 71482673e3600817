"""The long run: many sessions, and how often the best attack matches a person with a ballot.

    python -m tests.attacks.linking [--sessions 12] [--sizes 20,30,48] [--chat 2] [--record]

Everybody comes in one and the same order to check in, register and vote, which is the worst that
can be. Sessions that were measured before are kept. Ends with 1 where after an end the attack does
better than chance allows (one-sided, 10^-6).
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests import evidence
from tests.attacks import chatting
from tests.attacks.disk import Disk, Truth
from tests.attacks.linking.interval import interval, tail
from tests.attacks.linking.matching import crossed, hits
from tests.attacks.sitting import Sitting

PART: Final = "linking"
MOMENTS: Final = ("voting", "closed", "published", "stopped")
LIVE: Final = "voting"
WORSE: Final = 1e-6


def main() -> int:
    arguments = _arguments()
    lines = evidence.Lines(PART)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    wanted = [(f"HTTP {i}", sizes[i % len(sizes)]) for i in range(arguments.sessions)]
    wanted += [(f"chat {i}", chatting.VOTERS) for i in range(arguments.chat)]
    for name, size in wanted:
        if name in lines:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="phieukin-") as folder:
            measure = by_chat if name.startswith("chat") else by_http
            matched = dict(measure(Path(folder), size))
        seconds = round(time.monotonic() - began, 1)
        lines.add({"name": name, "size": size, "hits": matched, "seconds": seconds})
        print(f"{name}: {size} people, {seconds} s", flush=True)
    rows, leaking = figures(list(lines.lines.values()))
    for row in rows:
        print(*row, sep="  ")
    if arguments.record:
        seconds = sum(line["seconds"] for line in lines.lines.values())
        head = ("by, moment", "sessions", "people", "matched", "%", "95 % interval", "chance %")
        evidence.record(PART, [*evidence.heading(None, seconds), *evidence.table(head, rows)])
    return 1 if leaking else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.linking", description=__doc__)
    parser.add_argument("--sessions", type=int, default=12, help="by HTTP")
    parser.add_argument("--sizes", default="20,30,48", help="people in them, by turns")
    parser.add_argument("--chat", type=int, default=2, help="sessions by chat")
    parser.add_argument("--record", action="store_true", help="write docs/evidence.md")
    return parser.parse_args()


def by_http(folder: Path, size: int) -> Iterator[tuple[str, dict[str, int]]]:
    """A session over HTTP, each end of it measured; everybody in one order."""
    begun, sitting = time.time() - 60, Sitting(folder, size).prepare()
    with sitting.serving():
        sitting.check_in()
        same = sitting.orders["check-in"]
        sitting.register(same)
        sitting.open()
        sitting.cast(same)
        shutil.copytree(sitting.data, folder / "voting")
        sitting.close()
        shutil.copytree(sitting.data, folder / "closed")
        sitting.share(1, 3)
        sitting.publish()
        shutil.copytree(sitting.data, folder / "published")
    shutil.copytree(sitting.data, folder / "stopped")
    truth = Truth(sitting, begun, time.time() + 24 * 3600)
    for moment in MOMENTS:
        yield moment, hits(Disk(folder / moment, sitting.log), truth)


def by_chat(folder: Path, _: int) -> Iterator[tuple[str, dict[str, int]]]:
    """A session by chat: tokens and credentials in the order of the check-in."""
    left = chatting.held(folder)
    for moment in MOMENTS[:3]:
        yield moment, hits(left.disk(moment), left.truth)


def figures(lines: Sequence[evidence.Line]) -> tuple[list[tuple[object, ...]], bool]:
    """A row for each way and moment, and whether after an end there is more than chance."""
    rows: list[tuple[object, ...]] = []
    leaking = False
    for way in ("HTTP", "chat"):
        sessions = [line for line in lines if line["name"].startswith(way)]
        for moment in MOMENTS:
            those = [line for line in sessions if moment in line["hits"]]
            if len(those) < 2:  # one half learns which pair is the best, the other judges
                continue
            people = sum(line["size"] for line in those)
            right, pairs = crossed([line["hits"][moment] for line in those])
            chance = len(those) / people
            leaking |= moment != LIVE and tail(right, people, chance) < WORSE
            low, high = interval(right, people)
            shown = f"{100 * low:.1f} to {100 * high:.1f}"
            print(f"{way}, {moment}: best pairs {pairs}")
            percents = f"{100 * right / people:.1f}", shown, f"{100 * chance:.1f}"
            rows.append((f"{way}, {moment}", len(those), people, right, *percents))
    return rows, leaking


if __name__ == "__main__":
    sys.exit(main())
