"""A session on a real server, and Chromium windows on it."""

import os
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from admin.client import session_view
from admin.demo import committee as demo_committee
from admin.demo import scenario
from admin.demo import session as demo
from admin.demo.scenario import Scenario
from admin.demo.server import Running
from admin.demo.session import Guest, Sealed
from admin.lifecycle import steps
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.pool import workers
from admin.rules import regime
from admin.session.books import Books
from admin.voting import codes
from crypto.audit.report import Report
from crypto.committee import Moment
from crypto.lifecycle import State
from tests.worlds import committee

ROOT = Path(__file__).parents[2]
DIST = ROOT / "bot" / "miniapp" / "dist"
SHOTS = Path(os.environ.get("PHIEUKIN_SHOTS") or ROOT / "build" / "screenshots")
PATIENCE: Final = 60_000  # milliseconds; the machine may be slow
PHONE: Final = {"width": 390, "height": 844}
NARROW: Final = {"width": 320, "height": 640}
CHROMIUMS: Final = ("chromium-headless-shell", "chromium")
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
)
# Each fresh phone is a window, and nobody sees its frame: a search box that is a page itself, with
# processes of its own, would cost more than the ballot. A later list replaces Playwright's own,
# from which the rest comes.
FRAME: Final = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIReloadButton"),
    *("InitialWebUI", "PreloadTopChromeWebUI", "SpareRendererForSitePerProcess", "MediaRouter"),
    *("DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("LensOverlay", "OptimizationHints", "NetworkTimeServiceQuerying", "PaintHolding"),
    *("AimEnabled", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)

# The page waits up to 20 seconds at random between the registrar and the box.
AT_ONCE = """
const draw = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = (array) =>
  array instanceof Uint32Array && array.length === 1 ? array.fill(0) : draw(array);
"""

_T = TypeVar("_T")


def chromium_path() -> str:
    """Debian's Chromium, rather the one without windows. Skips without the built pages, too."""
    installed = [path for path in map(shutil.which, CHROMIUMS) if path]
    chosen = os.environ.get("PHIEUKIN_CHROMIUM") or next(iter(installed), None)
    if chosen is None:
        pytest.skip("no chromium: run .ci/setup")
    if not (DIST / "voter.html").exists():
        pytest.skip("the pages are not built: make page")
    return chosen


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that talks to nobody but the pages."""
    path = chromium_path()
    quiet = [*QUIET, f"--disable-features={','.join(FRAME)}"]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet, timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Hall:
    """A sealed session and the windows that were opened on it.

    Attributes:
        errors: what the pages complained about in their consoles.
    """

    session: Sealed
    browser: Browser
    thread: ThreadPoolExecutor
    errors: list[str] = field(default_factory=list)
    windows: list[BrowserContext] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.session.secretary.server.origin

    @property
    def uuid(self) -> str:
        return self.session.uuid

    def step(self, work: Callable[[Books], Awaitable[_T]]) -> _T:
        """A step of the house; in a thread, since Playwright holds this one's event loop."""
        return self.away(lambda: self.session.secretary.do(work))

    def away(self, act: Callable[[], _T]) -> _T:
        return self.thread.submit(act).result()

    def link(self, number: int) -> str:
        """The letter's link of a guest, with the session code."""
        return codes.link(self.url, self.uuid, self.guest(number).code, self.code)

    @cached_property
    def code(self) -> str:
        """The session code, as a voter's program finds it."""
        return self.away(lambda: session_view.look(self.session.box)).code

    def guest(self, number: int) -> Guest:
        return self.session.guests[number]

    def window(self, *, hasty: bool = True, **options: Any) -> BrowserContext:
        """A fresh phone: nothing kept, nothing shared."""
        options = {"viewport": PHONE, "locale": "vi-VN", **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        if hasty:
            context.add_init_script(AT_ONCE)
        self.windows.append(context)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        return context

    def check_in_others(self, numbers: list[int]) -> list[Any]:
        """Delegates without a browser."""
        return [self.away(lambda n=n: demo.check_in(self.guest(n))) for n in numbers]  # type: ignore[misc]

    def propose(self, present: int) -> None:
        """The list of credentials is shown, for the committee to sign."""
        self.step(lambda books: steps.set_present(books, self.uuid, present))
        self.step(lambda books: steps.open_voting(books, self.uuid))

    def sign(self, moment: Moment, *owners: int) -> None:
        """These trustees sign the opening or the closing; all without."""
        keys = [key for key in self.session.keys if not owners or key.index in owners]
        self.step(lambda books: committee.sign(books, self.uuid, moment, keys))

    def open_voting(self, present: int) -> None:
        self.propose(present)
        self.sign(Moment.OPENING)

    def close(self) -> None:
        """Ends the vote; the committee has not signed."""
        self.away(lambda: self.session.secretary.close(self.uuid))

    def wait_closed(self) -> None:
        """Until the announced end has come and is signed."""
        self.away(
            lambda: session_view.wait(
                self.session.box, session_view.look(self.session.box), {State.CLOSED}, _pause
            )
        )

    def publish(self) -> Path:
        """The totals of the signed close are opened and published; returns the bundle."""
        return self.away(self._publish)

    def _publish(self) -> Path:
        desk, uuid = self.session.secretary, self.uuid
        with workers(1) as pool, desk.datadir.archive(uuid).open("rb") as file:
            checks = pool.checking()
            closed = opening.audit_closed(rewinding(file), Report(), checks)
            demo_committee.open_totals(self.session, closed)
            desk.do(lambda books: steps.publish(books, uuid, lambda: nullcontext(checks)))
        return desk.datadir.bundle(uuid)


def _pause() -> None:
    time.sleep(0.2)


@contextmanager
def staged(
    server: Running,
    browser: Browser,
    played: Scenario,
    channels: tuple[str, ...] = ("browser", "cli"),
) -> Iterator[Hall]:
    """A sealed session with letters."""
    with ThreadPoolExecutor(1) as thread:
        session = thread.submit(
            lambda: demo.seal_session(played, server.secretary, channels, _no_stage)
        ).result()
        hall = Hall(session, browser, thread)
        try:
            yield hall
        finally:
            for window in hall.windows:
                with suppress(Error):  # closed already
                    window.unroute_all(behavior="ignoreErrors")  # one may be under way
                window.close()


def rated(voters: int, officials: int) -> Scenario:
    """The officials of a real table, and so many delegates who vote at random."""
    rules = regime.load("nq96-2023")
    real = scenario.published(rules)
    names = [(one.name, one.position) for one in real.officials[:officials]]
    return scenario.random(voters, names, rules, real.body)


@contextmanager
def _no_stage(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def shot(page: Page, name: str) -> None:
    """A picture of the whole page, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
