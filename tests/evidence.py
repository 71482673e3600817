"""docs/evidence.md: what the long runs of the attacking suites came to, with machine and date.

A long run keeps each line as it comes in build/evidence/, so that the next run goes on behind it;
with `--record` it writes its part of the document, between two comments that bear its name. Only
what was measured is written, and beside it stands what it does not show.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.bench.results import machine, version
from tests.interop.belenios import ROOT

DOCUMENT: Final = ROOT / "docs" / "evidence.md"
KEPT: Final = ROOT / "build" / "evidence"
MACHINE: Final = ("processor", "cores", "memory", "system", "python", "pynacl", "node", "belenios")

Line = dict[str, Any]


class Lines:
    """What a run has come to so far: a file of JSON lines, each with a `name` of its own."""

    def __init__(self, run: str) -> None:
        self._path = KEPT / f"{run}.jsonl"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.lines: dict[str, Line] = {line["name"]: line for line in self._read()}

    def _read(self) -> Iterator[Line]:
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):  # the last one was cut where the run was killed
                yield json.loads(line)

    def __contains__(self, name: str) -> bool:
        return name in self.lines

    def add(self, line: Line) -> None:
        self.lines[line["name"]] = line
        with self._path.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(line, ensure_ascii=False) + "\n")


def heading(seed: int | None, seconds: float) -> list[str]:
    """When, where and with which seed; how long it took."""
    facts = machine()
    here = ", ".join(f"{name} {facts[name]}" for name in MACHINE if facts[name])
    seeded = "" if seed is None else f", seed {seed}"
    took = f"{seconds / 60:.0f} minutes of one process"
    return [f"{time.strftime('%Y-%m-%d')}, version {version()}{seeded}, {took}.", f"{here}.", ""]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Markdown; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |"]
    lines.append("|---|" + "---:|" * (len(head) - 1))
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def record(part: str, lines: Sequence[str]) -> None:
    """Writes one part of the document anew. Raises ValueError where it has no such part."""
    text = DOCUMENT.read_text("utf-8")
    begin, end = f"<!-- {part} -->\n", f"<!-- /{part} -->\n"
    before, _, after = text.partition(begin)
    _, found, behind = after.partition(end)
    if not found:
        raise ValueError(f"{DOCUMENT.name} has no part {part}")
    body = "\n".join(lines).strip("\n")
    DOCUMENT.write_text(f"{before}{begin}{body}\n{end}{behind}", "utf-8")


def counted(lines: Mapping[str, Line], *keys: str) -> dict[tuple[str, ...], int]:
    """How many lines have the same values under these keys."""
    numbers: dict[tuple[str, ...], int] = {}
    for line in lines.values():
        values = tuple(str(line[key]) for key in keys)
        numbers[values] = numbers.get(values, 0) + 1
    return numbers
