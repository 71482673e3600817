"""Every fault of a browser at every step from the letter to the count, and what the box has then.

One voter for each fault, who meets it at each step in turn: the step is taken while the fault is
there, what the page says then is compared with the box, the fault ends, and the page goes on.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route
from playwright.sync_api import TimeoutError as Waited

from admin.demo.server import Running
from admin.lifecycle import steps
from crypto.committee import Moment
from tests.browser import phone
from tests.browser.hall import Hall, rated, staged

pytestmark = pytest.mark.slow

OFFICIALS: Final = 2
SCRIPT: Final = Path(__file__).with_name("faults.js")
STORAGE: Final = ("throws", "full", "forgets")
FAULTS: Final = (*STORAGE, "lost", "lost answer", "reload", "killed", "two tabs")
BEFORE: Final = ("code", "arrival", "collecting")
OPEN: Final = ("comparing", "marking", "review", "encrypting", "sealed", "sending", "recorded")
AFTER: Final = ("counted",)
# The screen on which a step begins, and the one that it leads to.
SCREENS: Final = {
    "code": ("enter", "welcome"),
    "arrival": ("welcome", "welcome"),
    "collecting": ("welcome", "ready"),
    "comparing": ("compare", "guide"),
    "marking": ("ballot", "ballot"),
    "review": ("ballot", "review"),
    "encrypting": ("review", "sealed"),
    "sealed": ("sealed", "sealed"),
    "sending": ("sealed", "recorded"),
    "recorded": ("recorded", "recorded"),
    "counted": ("counted", "counted"),
}
ORDER: Final = ("enter", "welcome", "ready", "compare", "guide", "ballot", "review", "sealed")
TITLES: Final = {
    phone.word(f"{name}.title"): name for name in (*ORDER, "unsent", "recorded", "counted")
}
STOPS: Final = {phone.word(f"stop.{code}.title"): code for code in phone.VI["stop"]}
SETTLED: Final = """(titles) => titles.includes(document.querySelector("h1")?.textContent ?? "")"""
LEFT: Final = """(title) => document.querySelector("h1")?.textContent !== title"""
TURNS: Final = 25  # at most, from one step to the next


@dataclass
class Voter:
    """One delegate with one phone, in whose browser always the same goes wrong."""

    hall: Hall
    number: int
    fault: str
    context: BrowserContext
    page: Page
    tabs: list[Page] = field(default_factory=list)
    tracker: str = ""
    troubles: dict[str, str] = field(default_factory=dict)

    def take(self, step: str) -> None:
        """Takes a step with the fault, and again without where that did not lead on."""
        if any(self.troubles.values()):
            self.troubles[step] = "not reached"
            return
        try:
            self._take(step)
            self.troubles[step] = ""
        except (AssertionError, Error) as error:
            self.troubles[step] = f"{error}\n{self.page.locator('body').inner_text()[:400]}"

    def _take(self, step: str) -> None:
        begin, end = SCREENS[step]
        self.page.bring_to_front()
        if step == "code":
            self.page.goto(f"{self.hall.url}/v/{self.hall.uuid}")
        if step != "arrival":
            self.drive(self.page, begin)
        before = self.cast
        self._with_fault(step)
        if begin != end:
            self.left(self.page, begin)
        self.honest(self.settled(self.page), before)
        if self.fault in STORAGE:
            self.page.evaluate("mendStorage()")
        self.page.unroute_all()
        self.drive(self.page, end)
        if step == "marking":  # the choice of this very tap
            assert self.page.locator("input:checked").count() == 1
        for tab in self.tabs:
            tab.bring_to_front()
            self.drive(tab, end)

    def _with_fault(self, step: str) -> None:
        if self.fault in {"lost", "lost answer"}:
            self.page.route("**/api/**", self._losing(once=[]))
        if step == "arrival":
            self._arrive()
        elif self.fault in STORAGE:
            self.page.evaluate(f"breakStorage('{self.fault}')")
        act = self.acts.get(step)
        if act is not None and self.fault == "reload" and step == "marking":
            # In one task: nothing that the tap has left for later has been done.
            with self.page.expect_navigation():
                self.page.evaluate("document.querySelector('label').click(); location.reload()")
        elif act is not None:
            act(self.page)
        if self.fault == "reload" and step != "marking":
            self.page.reload()
        if self.fault == "killed":
            self.page.close()
            self.page = self.context.new_page()
            self.page.goto(self.hall.link(self.number))

    def _arrive(self) -> None:
        """By the letter's link, in a tab of its own where the fault has to be there first."""
        if self.fault in STORAGE:
            self.page.close()
            self.page = self.context.new_page()
            if self.fault != "forgets":
                script = "if (!sessionStorage.whole) breakStorage('{}'); sessionStorage.whole = 1"
                self.page.add_init_script(script.format(self.fault))
        self.page.goto(self.hall.link(self.number), wait_until="commit")

    def _losing(self, once: list[str]) -> Callable[[Route], None]:
        """Loses the first request, or the answer to the first that changes something."""

        def handle(route: Route) -> None:
            request = route.request
            wanted = self.fault == "lost" or request.method != "GET"
            if once or not wanted or "events" in request.url:
                return route.continue_()
            once.append(request.url)
            if self.fault == "lost answer":
                route.fetch()
            return route.abort("connectionreset")

        return handle

    @property
    def acts(self) -> dict[str, Callable[[Page], object]]:
        """The tap of each step that has one."""
        return {
            "code": self._type_code,
            "collecting": lambda page: phone.press(page, "welcome.collect"),
            "comparing": lambda page: phone.compare(page, self.hall.code),
            "marking": lambda page: page.locator("label").first.click(),
            "review": self._review,
            "encrypting": lambda page: phone.press(page, "review.encrypt"),
            "sending": lambda page: phone.press(page, "sealed.send"),
        }

    def _type_code(self, page: Page) -> None:
        page.get_by_label(phone.word("enter.label")).fill(self.hall.guest(self.number).code)
        phone.press(page, "enter.go")

    def _review(self, page: Page) -> None:
        """Marks what is not marked, and goes on."""
        for line in page.locator("fieldset").all():
            if line.locator("input:checked").count() == 0:
                line.locator("label").first.click()
        phone.press(page, "ballot.review")

    def settled(self, page: Page) -> str:
        """The screen, once it waits for nobody but the voter."""
        titles = [*TITLES, *STOPS, phone.word("alarm")]
        page.wait_for_function(SETTLED, arg=titles)
        title = page.get_by_role("heading", level=1).inner_text()
        return TITLES.get(title) or f"stop {STOPS.get(title, 'alarm')}"

    @staticmethod
    def left(page: Page, screen: str) -> None:
        """Waits until something else is shown: a tap is answered in a moment."""
        title = next((title for title, name in TITLES.items() if name == screen), "")
        with suppress(Waited):
            page.wait_for_function(LEFT, arg=title, timeout=2_000)

    @property
    def cast(self) -> int:
        """How many ballots stand in the box's book."""
        hall = self.hall
        return hall.step(lambda books: books.box.counts(hall.uuid))["cast"]

    def honest(self, screen: str, before: int) -> None:
        """What the page says of the ballot is what the box has, and nobody is accused."""
        assert self.page.locator(".alarmed").count() == 0, "an alarm"
        now = self.cast
        if screen in {"recorded", "counted"}:
            tracker = phone.tracker(self.page)
            assert self.tracker in {"", tracker}, "another tracker"
            assert now == before + (self.tracker == ""), "said to be recorded"
            self.tracker = tracker
        elif screen not in {"unsent", "stop forgotten"}:
            assert now == before, f"the box has it, and the page is at {screen}"

    def drive(self, page: Page, target: str) -> None:
        """Does what a delegate does on each screen, up to this one."""
        before, screen = self.cast, self.settled(page)
        for _ in range(TURNS):
            if screen == target:
                break
            taps = {
                "enter": self._type_code,
                "welcome": self.acts["collecting"],
                "ready": lambda _: None,  # it follows the session
                "compare": self.acts["comparing"],
                "guide": lambda page: phone.press(page, "guide.go"),
                "ballot": self._review,
                "review": self.acts["encrypting"] if target != "ballot" else self._back,
                "sealed": self.acts["sending"],
                "unsent": lambda page: phone.press(page, "unsent.again"),
            }
            if screen == "recorded" and target == "counted":
                taps["recorded"] = taps["ready"]
            assert screen in taps or screen.startswith("stop"), f"at {screen}, not at {target}"
            taps.get(screen, lambda page: phone.press(page, "again"))(page)
            self.left(page, screen)
            screen = self.settled(page)
        assert screen == target, f"at {screen}, not at {target}"
        if page is self.page:
            self.honest(screen, before)

    @staticmethod
    def _back(page: Page) -> None:
        phone.press(page, "review.back")


@pytest.fixture(scope="module")
def walked(server: Running, browser: Browser) -> Iterator[dict[tuple[str, str], str]]:
    """What was wrong with each fault at each step: nothing, if all is well."""
    with staged(server, browser, rated(len(FAULTS), OFFICIALS)) as hall:
        hall.step(lambda books: steps.check_in(books, hall.uuid))
        voters = [phone_of(hall, i, fault) for i, fault in enumerate(FAULTS)]
        walk(voters, BEFORE)
        hall.open_voting(len(FAULTS))
        walk(voters, OPEN)
        hall.close()
        hall.sign(Moment.CLOSING)
        walk(voters, AFTER)
        troubles = {(v.fault, step): told for v in voters for step, told in v.troubles.items()}
        listed = json.loads(hall.session.box.trackers())
        for voter in voters:
            troubles[voter.fault, "box"] = "" if listed.count(voter.tracker) == 1 else "not there"
        troubles["all", "box"] = "" if len(listed) == len(voters) else f"{len(listed)} ballots"
        yield troubles


def phone_of(hall: Hall, number: int, fault: str) -> Voter:
    context = hall.window()
    context.add_init_script(path=SCRIPT)
    tabs = [context.new_page() for _ in range(2 if fault == "two tabs" else 1)]
    for tab in tabs[1:]:
        tab.goto(hall.link(number))
    return Voter(hall, number, fault, context, tabs[0], tabs[1:])


def walk(voters: list[Voter], names: tuple[str, ...]) -> None:
    for voter in voters:
        for step in names:
            voter.take(step)


CASES: Final = [(fault, step) for fault in FAULTS for step in (*BEFORE, *OPEN, *AFTER, "box")]


@pytest.mark.parametrize(("fault", "step"), [*CASES, ("all", "box")])
def test_the_page_says_what_the_box_has(walked: dict[tuple[str, str], str], fault: str, step: str):
    """And goes on to one ballot that is counted, under the tracker on the screen."""
    assert walked[fault, step] == ""
