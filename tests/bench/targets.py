"""What is wanted, and what was measured for it; what was not measured is left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.results import Measure


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that is wanted.

    Attributes:
        words: what it is of.
        measure: where it is measured.
        figure: the figure in it; raises KeyError where that was not measured.
        most: no more than this.
        unit: of both.
    """

    words: str
    measure: str
    figure: Callable[[Measure], float]
    most: float
    unit: str = "s"

    def row(self, measures: dict[str, Measure]) -> Sequence[str] | None:
        """Words, target, figure and whether it is met; None if it was not measured."""
        try:
            figure = self.figure(measures[self.measure])
        except KeyError:
            return None
        met = "yes" if figure <= self.most else f"{figure / self.most:.1f} times that"
        return self.words, f"≤ {self.most:g} {self.unit}", f"{figure:.3g} {self.unit}", met


def _of_tool(backend: str) -> Callable[[Measure], float]:
    """Processor time of ours by that of belenios-tool."""

    def ratio(measure: Measure) -> float:
        costs = measure["costs"]
        tool = costs["tool"]["cpu"] - costs["tool_start"]["cpu"]
        return float(costs[backend]["cpu"] / tool)

    return ratio


def _waited(measure: Measure) -> float:
    """The longest wait by the median."""
    return float(measure["receipt"]["max"] / measure["receipt"]["p50"])


_CROWD: Final = "load/500x44/sqlite/in 60 s"
_AT_ONCE: Final = "load/500x44/sqlite/at once"
_TOOL: Final = "of belenios-tool"

TARGETS: Final = (
    Target("check a ballot of 44, kernel, one core", "check/50x44", _of_tool("kernel"), 0.2, _TOOL),
    Target("the same by libsodium", "check/50x44", _of_tool("libsodium"), 1, _TOOL),
    Target(
        "audit 500 × 44, kernel, all cores",
        "audit/500x44",
        lambda measure: float(measure["costs"]["kernel_all"]["wall"]),
        12,
    ),
    Target("receipts, 500 × 44 in 60 s, SQLite, p95", _CROWD, lambda m: m["receipt"]["p95"], 2),
    Target(
        "receipts, 500 × 44 in 60 s, PostgreSQL, p95",
        "load/500x44/postgresql/in 60 s",
        lambda measure: float(measure["receipt"]["p95"]),
        2,
    ),
    Target("receipts, 500 × 44 at once, the last", _AT_ONCE, lambda m: m["receipt"]["max"], 45),
    Target("the last by the median", _AT_ONCE, _waited, 2, "times"),
    Target(
        "500 check-ins at once, the last",
        "checkin/500x44/sqlite",
        lambda measure: float(measure["check_in"]["max"]),
        10,
    ),
    Target("announced close → archive, 500 × 44", _CROWD, lambda m: m["close"], 2),
    Target(
        "a committee's part: audit, sign, shares",
        _CROWD,
        lambda measure: float(measure["trustees"] + measure["shares"]),
        20,
    ),
    Target("shares → totals published", _CROWD, lambda m: m["totals"], 5),
    Target("`phieukin demo`, 81 × 18", "demo/81x18", lambda m: m["cost"]["wall"], 10),
)


def targets(measures: dict[str, Measure]) -> list[Sequence[str]]:
    """The table."""
    rows = [row for target in TARGETS if (row := target.row(measures)) is not None]
    return [("target", "wanted", "measured", "met"), *rows] if rows else []
