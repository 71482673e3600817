"""docs/benchmarks.md and its plot, out of docs/benchmarks.json: `python -m tests.bench.document`.

Nothing is measured here. The tables are those that `make bench` and `make load` print.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.plot import Panel, draw
from tests.bench.results import Measure
from tests.bench.targets import targets
from tests.interop.belenios import ROOT

FIGURES: Final = ROOT / "docs" / "benchmarks.json"
TEXT: Final = ROOT / "docs" / "benchmarks.md"
PLOT: Final = ROOT / "docs" / "images" / "benchmarks.svg"

Row = Sequence[str]
_OPERATIONS: Final = {
    "make": "make a ballot",
    "check": "check a ballot",
    "tally": "multiply all ballots",
    "share": "make a share",
    "combine": "check two shares, combine them",
    "audit": "audit the archive",
}
_LINES: Final = {
    "kernel": "kernel, one core",
    "kernel_all": "kernel, all cores",
    "libsodium": "libsodium, one core",
    "libsodium_all": "libsodium, all cores",
    "tool": "belenios-tool, one core",
}


# --- Tables -------------------------------------------------------------------------------


def operations(measures: dict[str, Measure]) -> list[Row]:
    """Each operation at each size, beside belenios-tool."""
    head = ("operation", "ballots", "officials", "kernel s", "all cores s", "libsodium s")
    beside = ("all cores s", "tool s", "kernel ÷ tool", "libsodium ÷ tool", "MB", "tool MB")
    rows: list[Row] = [(*head, *beside)]
    for operation, label in _OPERATIONS.items():
        for _, measure in _named(measures, operation):
            costs = measure["costs"]
            ours = "kernel" if "kernel" in costs else "libsodium"
            rows.append(
                (
                    *(label, str(measure["ballots"]), str(measure["officials"])),
                    *(_cost(costs, "kernel", "cpu"), _cost(costs, "kernel_all", "wall")),
                    *(_cost(costs, "libsodium", "cpu"), _cost(costs, "libsodium_all", "wall")),
                    _number(_tool(costs)) if "tool" in costs else "–",
                    *(_ratio(costs, "kernel"), _ratio(costs, "libsodium")),
                    *(_cost(costs, ours, "memory"), _cost(costs, "tool", "memory")),
                )
            )
    return rows if len(rows) > 1 else []


def second(measures: dict[str, Measure]) -> list[Row]:
    """The audit of an archive by the command and by the page's program."""
    head = ("ballots", "officials", "command s", "page s", "page ÷ command", "MB", "page MB")
    rows: list[Row] = [head]
    for _, measure in _named(measures, "second"):
        ours, page = measure["costs"]["command"], measure["costs"]["page"]
        rows.append(
            (
                *(str(measure["ballots"]), str(measure["officials"])),
                *(_number(ours["cpu"]), _number(page["cpu"]), _number(page["cpu"] / ours["cpu"])),
                *(_number(ours["memory"]), _number(page["memory"])),
            )
        )
    return rows if len(rows) > 1 else []


def closing(measures: dict[str, Measure]) -> list[Row]:
    """What comes after the close, on a running server."""
    rows: list[Row] = [("session", "close s", "committee s", "shares s", "count s", "audit s")]
    for name, measure in [*_named(measures, "session"), *_named(measures, "load")]:
        parts = [_number(measure[part]) for part in ("close", "trustees", "shares", "totals")]
        rows.append((name.partition("/")[2], *parts, _number(measure["audit"]["wall"])))
    return rows if len(rows) > 1 else []


def receipts(measures: dict[str, Measure]) -> list[Row]:
    """How long phones waited for the receipt of a ballot."""
    head = ("ballots, database, arrival", "p50 s", "p95 s", "p99 s", "max s", "503", "other 5xx")
    rows: list[Row] = [(*head, "tapped again", "loop p95 s", "max s", "CPU s", "MB", "lost, twice")]
    for name, measure in _named(measures, "load"):
        receipt, lag = measure["receipt"], measure["lag"]
        rows.append(
            (
                name.partition("/")[2],
                *(_number(receipt[part]) for part in ("p50", "p95", "p99", "max")),
                *(str(measure[part]) for part in ("busy", "failed", "taps")),
                *(_number(lag["p95"]), _number(lag["max"]), _number(measure["cast_cpu"])),
                _number(measure["memory"] + measure["workers_memory"]),
                f"{measure['lost']}, {measure['twice']}",
            )
        )
    return rows if len(rows) > 1 else []


def check_ins(measures: dict[str, Measure]) -> list[Row]:
    """How long phones waited for login, token and registration."""
    rows: list[Row] = [("people", "p50 s", "p95 s", "max s", "all s", "server CPU ms each", "503")]
    for name, measure in _named(measures, "checkin"):
        figures = measure["check_in"]
        rows.append(
            (
                name.partition("/")[2].partition("x")[0],
                *(_number(figures[part]) for part in ("p50", "p95", "max")),
                *(_number(measure["took"]), _number(1000 * measure["cpu"]), str(measure["busy"])),
            )
        )
    return rows if len(rows) > 1 else []


def page(measures: dict[str, Measure]) -> list[Row]:
    """What the page takes in a browser, by how much slower that is made."""
    rows: list[Row] = []
    for name, measure in _named(measures, "page"):
        for slower, times in measure["times"].items():
            if not rows:
                heads = (f"{part.replace('_', ' ')} ms" for part in times)
                rows.append(("officials", "slower", *heads))
            figures = (_number(milliseconds) for milliseconds in times.values())
            rows.append((name.partition("/")[2], slower, *figures))
    return rows


TABLES: Final = {
    "Targets": targets,
    "Operations": operations,
    "Two audits": second,
    "After the close": closing,
    "Receipts": receipts,
    "Check-ins": check_ins,
    "The page": page,
}


def _named(measures: dict[str, Measure], kind: str) -> Iterator[tuple[str, Measure]]:
    """The measures of a kind, small sizes first."""

    def size(name: str) -> tuple[list[int], str]:
        _, numbers, *rest = name.split("/")
        return [int(number) for number in numbers.split("x")], "/".join(rest)

    names = [name for name in measures if name.startswith(f"{kind}/")]
    for name in sorted(names, key=size):
        yield name, measures[name]


def _cost(costs: dict[str, Any], variant: str, figure: str) -> str:
    return _number(costs[variant][figure]) if variant in costs else "–"


def _ratio(costs: dict[str, Any], variant: str) -> str:
    if variant not in costs or "tool" not in costs:
        return "–"
    return f"{costs[variant]['cpu'] / _tool(costs):.2f}"


def _tool(costs: dict[str, Any]) -> float:
    """Processor seconds of the tool, without its start where ours is not counted, either."""
    start = costs["tool_start"]["cpu"] if "tool_start" in costs else 0.0
    return float(costs["tool"]["cpu"] - start)


def _number(number: float) -> str:
    """Three digits that count, without an exponent."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def aligned(rows: Sequence[Row]) -> str:
    """A table that reads in a terminal and as Markdown."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = []
    for row in (rows[0], rule, *rows[1:]):
        first, *rest = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


# --- The document -------------------------------------------------------------------------


def markdown(document: dict[str, Any]) -> str:
    """docs/benchmarks.md."""
    measures = document["measures"]
    parts = ["# Benchmarks", _INTRODUCTION, _machine(document)]
    for title, table in TABLES.items():
        if rows := table(measures):
            parts += [f"## {title}", _NOTES[title], aligned(rows)]
            if title == "Operations":
                parts.append(f"![Time against ballots and officials](images/{PLOT.name})")
    return "\n\n".join(parts) + "\n"


def picture(document: dict[str, Any]) -> str:
    """The audit's time against ballots and against officials."""
    audits = [measure for _, measure in _named(document["measures"], "audit")]
    fewest = min(measure["ballots"] for measure in audits)
    most = max(measure["officials"] for measure in audits)
    by_ballots = [measure for measure in audits if measure["officials"] == most]
    by_officials = [measure for measure in audits if measure["ballots"] == fewest]
    return draw(
        [
            Panel(f"Audit, {most} officials", "ballots", _lines(by_ballots, "ballots")),
            Panel(f"Audit, {fewest} ballots", "officials", _lines(by_officials, "officials")),
        ],
        "s",
    )


def _lines(audits: Sequence[Measure], across: str) -> dict[str, list[tuple[float, float]]]:
    lines = {}
    for variant, label in _LINES.items():
        figure = "wall" if variant.endswith("_all") else "cpu"
        there = [measure for measure in audits if variant in measure["costs"]]
        if there:
            lines[label] = [(m[across], m["costs"][variant][figure]) for m in there]
    return lines


def _machine(document: dict[str, Any]) -> str:
    machine, measures = document["machine"], document["measures"].values()
    dates = sorted({measure["date"] for measure in measures})
    days = dict.fromkeys((dates[0], dates[-1]))
    versions = sorted({measure["version"] for measure in measures})
    rows: list[Row] = [
        ("measured", f"{' to '.join(days)}, commit {', '.join(versions)}"),
        ("machine", f"{machine['cores']} cores, {machine['processor']}, {machine['memory']}"),
        ("system", f"{machine['system']}, Python {machine['python']}, Node {machine['node']}"),
        ("backend", machine["backend"]),
        ("databases", f"SQLite {machine['sqlite']}, PostgreSQL {machine['postgresql']}"),
        ("belenios-tool", machine["belenios"]),
        ("load average", f"{machine['load']} over the last 15 minutes of the run"),
    ]
    lines = [f"| {name} | {words} |" for name, words in rows]
    return "\n".join(["| | |", "|---|---|", *lines])


_INTRODUCTION: Final = """\
Written by `python -m tests.bench.document` out of `benchmarks.json` beside it; the figures come
from `make bench load ARGS=--record`. Nothing here is asserted by a test: a machine is faster or
busier than another. Compare ratios of one line; what stands in a line was measured in turn."""

_NOTES: Final = {
    "Targets": """\
On a machine of two cores, all clients on it.""",
    "Operations": """\
Medians. *kernel* is with the compiled kernel, *libsodium* without it (`PHIEUKIN_KERNEL=0`): seconds
of processor time of all processes. *all cores* beside each: seconds that a person waits for the
command. `belenios-tool` has one thread; its figure is processor time of its process, less that of a
start for nothing; but not in the audit, where ours starts, too. MB is the peak memory of all
processes together, ours on one core.""",
    "Two audits": """\
An archive audited by two programs that share no line: `phieukin audit` with the kernel, and what
the page of committee and auditors does, here in node. Both on one core: seconds of processor time,
and peak memory. A browser divides the page's work among its cores: its time on the wall is this by
their number.""",
    "After the close": """\
On a running server over HTTP, in seconds that people wait. *close*: announced for now → archive
and closing checkpoint. *committee*: the audit of the archive and three trustees' signatures, taken
in by the server. *shares*: of two trustees. *count*: shares → totals, record, the record's own
audit. *audit*: `phieukin audit` of the record, from the command to its end.""",
    "Receipts": """\
Ballots were made before; phones send them over a connection for each call, try again by the rules
of the page, and follow the session's events. Time runs from the tap to the checked receipt, pauses
included. *loop* is how long a request waited that needs no work. *CPU* is the server's and its
workers', *MB* their peak memory together. Phones run on the same cores as the server. PostgreSQL
waits for the disk, as does SQLite. *lost, twice*: of the promised ballots, by the audited
record.""",
    "Check-ins": """\
All at once: login by code, token, registered credential; without the random pause of a phone.""",
    "The page": """\
In Chromium on the main thread, as it is and slowed down. *encrypt* is what a delegate waits for
after the tap when everything was made *ahead* while the ballot was read; *encrypt unprepared* is
without that; see `tests/browser/speed.py`.""",
}


def write(document: dict[str, Any]) -> None:
    """Both files."""
    TEXT.write_text(markdown(document), "utf-8")
    PLOT.write_text(picture(document), "utf-8")


def read(path: Path = FIGURES) -> dict[str, Any]:
    """The figures."""
    return dict(json.loads(path.read_bytes()))


if __name__ == "__main__":
    write(read())
