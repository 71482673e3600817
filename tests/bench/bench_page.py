"""A ballot on the phone page in Chromium, as it is and six times slower: tests/browser/speed.py."""

import shutil
from typing import Final

from tests.bench.results import Results, say
from tests.browser.speed import measured

RUNS: Final = 5


def run(results: Results, officials: int) -> None:
    """Milliseconds of each part, by how much slower."""
    if shutil.which("node") is None:
        say("page: no node here: skipped")
        return
    seconds = 30 + officials
    results.take(f"page/{officials}", seconds, lambda: {"times": measured(officials, RUNS)})
