"""`phieukin demo` as a person types it: a published result played from the draft to the papers."""

import tempfile
from pathlib import Path
from typing import Final

from tests.bench.after import PHIEUKIN
from tests.bench.cost import command
from tests.bench.results import Measure, Results

SIZE: Final = "81x18"  # ballots and officials of admin/examples


def run(results: Results) -> None:
    """The default demo."""
    results.take(f"demo/{SIZE}", 25, _measure)


def _measure() -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        cost = command([*PHIEUKIN, "demo", "--out", Path(folder) / "demo"])
    return {"cost": cost.to_json()}
