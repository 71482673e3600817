"""A ballot on the phone page: Chromium, the built worker, as it is and six times slower.

Milliseconds; the first ballot of a page, then the median of several. Throttling slows the main
thread only, so the worker's module is run there. The server is asked for nothing meanwhile.
"""

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page

from admin.demo import scenario
from admin.demo.server import Running, serving
from admin.rules import regime
from tests.browser.hall import DIST, chromium, staged

OFFICIALS: Final = (11, 22, 44)
RUNS: Final = 5
RATES: Final = (1, 6)

_ENCRYPT: Final = """async ([path, text, officials, runs]) => {
  await import(path);
  const work = window.onmessage, election = new TextEncoder().encode(text);
  window.onmessage = null;
  window.postMessage = () => {};
  work({ data: { do: "warm", election } });
  const times = [];
  for (let i = 0; i < runs; i++) {
    const choices = Array.from({ length: officials }, (_, k) => k % 3);
    const began = performance.now();
    work({ data: { do: "prepare", election, secret: String(2n ** 200n + BigInt(i)), choices } });
    times.push(performance.now() - began);
  }
  return times;
}"""


def main() -> None:
    print(f"{'officials':>9} {'slower':>7} {'first':>7} {'median':>7}   milliseconds to encrypt")
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder) / "data") as server,
        chromium() as browser,
    ):
        for officials in OFFICIALS:
            _rows(server, browser, officials)


def _rows(server: Running, browser: Browser, officials: int) -> None:
    names = [(f"Official {i}", "") for i in range(officials)]
    played = scenario.random(5, names, regime.load("nq96-2023"), "Bench")
    with staged(server, browser, played) as hall:
        text = str(hall.session.box.session()["election"])
        for rate in RATES:
            page = hall.window().new_page()
            page.goto(f"{hall.url}/s/{hall.uuid}")
            times = _times(page, rate, text, officials)
            median = statistics.median(times[1:])
            print(f"{officials:>9} {rate:>6}x {times[0]:>7.0f} {median:>7.0f}", flush=True)


def _times(page: Page, rate: int, text: str, officials: int) -> list[float]:
    (worker,) = DIST.glob("assets/worker-*.js")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return list(page.evaluate(_ENCRYPT, [f"/assets/{worker.name}", text, officials, RUNS]))


if __name__ == "__main__":
    main()
