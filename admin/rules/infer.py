"""Which total lies behind published percentages.

The press often prints counts and percentages without the number they were divided by, and the
regulations disagree on it; usually one whole number reproduces every percentage.
"""

from dataclasses import dataclass

from admin.rules.compute import hundredths
from admin.rules.counts import CountsFile

LARGEST = 600  # the National Assembly has at most 500 delegates


@dataclass(frozen=True, slots=True)
class Inference:
    """The totals from 1 to 600 that reproduce all the ``checked`` percentages."""

    checked: int
    denominators: tuple[int, ...]

    def to_json(self) -> dict[str, int | list[int]]:
        """The member ``inferred`` of the results document."""
        return {"checked": self.checked, "denominators": list(self.denominators)}


def infer(counts: CountsFile) -> Inference:
    """Try every total against the percentages printed in the file."""
    pairs = [
        (count, percent)
        for official, published in zip(counts.officials, counts.published, strict=True)
        for count, percent in zip(official.levels, published, strict=True)
        if count is not None and percent is not None
    ]
    most = max((_marks(row.levels) for row in counts.officials), default=0)
    fitting = (
        total
        for total in range(max(1, most), LARGEST + 1)
        if all(hundredths(count, total) == percent for count, percent in pairs)
    )
    return Inference(len(pairs), tuple(fitting) if pairs else ())


def _marks(levels: tuple[int | None, ...]) -> int:
    return sum(count for count in levels if count is not None)
