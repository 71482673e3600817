"""What the phone page takes, as JSON: `python -m tests.browser.speed [--officials 44] [--runs 5]`.

Milliseconds on the main thread of Chromium, as it is and six times slower by its own throttling,
which does not reach workers. `encrypt` is what a delegate waits for after the tap: all powers were
made ahead, in `ahead`, while the ballot was read. `encrypt_unprepared` is without that.
"""

import argparse
import base64
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser

from crypto.audit import evidence
from tests import testkit
from tests.browser.hall import chromium
from tests.interop.page import PAGE, SECONDS, VITE, node

RATES: Final = (1, 6)
LISTED: Final = 500
_HERE: Final = "http://localhost/"  # a secure context; every request is answered here


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--officials", type=int, default=44)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    sys.stdout.write(json.dumps(measured(args.officials, args.runs), indent=2) + "\n")


def measured(officials: int, runs: int) -> dict[str, dict[str, float]]:
    """By how much slower: milliseconds by what is done."""
    task = {
        "election": testkit.honest().election.decode(),
        "checkpoints": base64.b64encode(testkit.honest().side[evidence.CHECKPOINTS]).decode(),
        "officials": officials,
        "listed": LISTED,
        "runs": runs,
    }
    with TemporaryDirectory() as folder, chromium() as browser:
        module = _build(Path(folder))
        return {f"{rate}x": _run(browser, module, task, rate) for rate in RATES}


def _build(folder: Path) -> str:
    config = ["--config", "test/measure.config.ts", "--outDir", str(folder)]
    subprocess.run([node(), str(VITE), "build", *config], cwd=PAGE, check=True, timeout=SECONDS)
    return (folder / "measure.js").read_text("utf-8")


def _run(browser: Browser, module: str, task: dict[str, Any], rate: int) -> dict[str, float]:
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<p>"))
    page.route("**/measure.js", lambda r: r.fulfill(content_type="text/javascript", body=module))
    page.goto(_HERE)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    times: dict[str, float] = page.evaluate(
        "async (task) => (await import('/measure.js')).measure(task)", task
    )
    page.close()
    return {name: round(value, 1) for name, value in times.items()}


if __name__ == "__main__":
    main()
