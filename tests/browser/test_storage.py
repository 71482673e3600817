"""Storage that fails at any step: what the page says of the ballot is what the box has.

Public reports are behind each fault: WebKit loses its database in the background, some browsers
never answer, cookies are blocked, the disk is full, the system clears what a site kept.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged

pytestmark = pytest.mark.slow

OFFICIALS: Final = 2
FAULTS: Final = Path(__file__).with_name("faults.js")
BROKEN: Final = ("throws", "hangs", "full", "blocked")
# From before the page is opened, before the ballot is sent, from the box's answer on.
CASES: Final = [
    *(("opened", how) for how in ("throws", "hangs", "blocked")),
    *(("filled in", how) for how in (*BROKEN, "forgets")),
    *(("sent", how) for how in BROKEN),
    ("recorded", "forgets"),
    ("in two tabs", "that hear each other"),
    ("in two tabs", "that do not"),
]


@pytest.fixture(scope="module")
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(len(CASES), OFFICIALS)) as made:
        made.step(lambda books: steps.check_in(books, made.uuid))
        yield made


@pytest.fixture(scope="module")
def phones(hall: Hall) -> dict[tuple[str, str], Page]:
    """A phone for each case, some with two tabs; all have collected, and voting is open."""
    pages: dict[tuple[str, str], Page] = {}
    for i, case in enumerate(CASES):
        window = hall.window()
        window.add_init_script(path=FAULTS)
        if case[0] == "opened":
            window.add_init_script(f"breakStorage('{case[1]}')")
        if case[1] == "that do not":  # as in old browsers
            window.add_init_script("delete window.BroadcastChannel")
        tabs = [window.new_page() for _ in range(2 if case[0] == "in two tabs" else 1)]
        for tab in tabs:
            tab.goto(hall.link(i))
        for tab in tabs:
            phone.collect(tab)
        pages[case] = tabs[0]
    hall.open_voting(len(CASES))
    return pages


def cast(hall: Hall) -> int:
    """How many ballots the box has."""
    return int(hall.session.box.session()["counts"]["cast"])


def sealed(hall: Hall, page: Page) -> str:
    """To the last tap before sending."""
    page.bring_to_front()  # taps in a tab behind take a second each
    phone.fill(page, [0, 1], hall.code)
    phone.review(page)
    return phone.encrypt(page)


def recorded(page: Page, tracker: str | None = None) -> None:
    phone.says(page, "recorded.title")
    if tracker is not None:
        assert phone.tracker(page) == tracker
    expect(page.locator(".alarmed")).to_have_count(0)


def stopped(page: Page, *keys: str) -> None:
    """One of these, without an alarm."""
    titles = "|".join(re.escape(phone.word(f"stop.{key}.title")) for key in keys)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(f"^({titles})$"))
    expect(page.locator(".alarmed")).to_have_count(0)


@pytest.mark.parametrize("how", [how for when, how in CASES if when == "opened"])
def test_a_phone_that_keeps_nothing_votes_and_afterwards_does_not_say_that_nothing_was_sent(
    hall: Hall, phones: dict[tuple[str, str], Page], how: str
):
    """It says so first; opened again it knows nothing, and says that."""
    page, before = phones["opened", how], cast(hall)
    tracker = sealed(hall, page)
    phone.press(page, "sealed.send")
    recorded(page, tracker)
    assert cast(hall) == before + 1
    page.goto("about:blank")
    page.goto(hall.link(CASES.index(("opened", how))))
    stopped(page, "forgotten")
    shot(page, f"72-forgotten-{how}")


@pytest.mark.parametrize("how", BROKEN)
def test_what_cannot_be_kept_is_not_sent(hall: Hall, phones: dict[tuple[str, str], Page], how: str):
    """A second attempt would have other bytes; after a reload the phone goes on where it was."""
    page, before = phones["filled in", how], cast(hall)
    sealed(hall, page)
    page.evaluate(f"breakStorage('{how}')")
    phone.press(page, "sealed.send")
    stopped(page, "storage_full")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("stop.storage_full.counts"))
    shot(page, f"72-unkept-{how}")
    assert cast(hall) == before
    page.reload()
    tracker = sealed(hall, page)
    phone.press(page, "sealed.send")
    recorded(page, tracker)
    assert cast(hall) == before + 1


def test_what_was_cleared_while_the_page_was_open_is_kept_again(
    hall: Hall, phones: dict[tuple[str, str], Page]
):
    """The page still knows it."""
    page = phones["filled in", "forgets"]
    tracker = sealed(hall, page)
    page.evaluate("breakStorage('forgets')")
    phone.press(page, "sealed.send")
    recorded(page, tracker)
    page.reload()
    recorded(page, tracker)


@pytest.mark.parametrize("how", BROKEN)
def test_after_the_promise_the_ballot_is_recorded_whatever_fails(
    hall: Hall, phones: dict[tuple[str, str], Page], how: str
):
    """With tracker and receipt on the screen; a reload fetches the same promise again."""
    page, before = phones["sent", how], cast(hall)
    tracker = sealed(hall, page)
    page.evaluate(f"breakStorageOnceSent('{how}')")
    phone.press(page, "sealed.send")
    recorded(page, tracker)
    expect(page.get_by_text(phone.word("recorded.unkept"))).to_be_visible()
    expect(page.locator("pre")).to_be_visible()
    receipt = phone.promise(page)
    shot(page, f"72-recorded-{how}")
    page.reload()
    recorded(page, tracker)
    assert phone.promise(page) == receipt
    assert cast(hall) == before + 1


def test_what_was_cleared_after_the_vote_is_not_said_to_have_never_been(
    hall: Hall, phones: dict[tuple[str, str], Page]
):
    """The phone cannot know: it says what counts if it was recorded."""
    page = phones["recorded", "forgets"]
    sealed(hall, page)
    phone.send(page)
    page.evaluate("breakStorage('forgets')")
    page.goto("about:blank")
    page.goto(hall.link(CASES.index(("recorded", "forgets"))))
    stopped(page, "registration_ended")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(phone.word("stop.registration_ended.counts"))
    expect(alert).to_contain_text(phone.word("recorded.title"))


@pytest.mark.parametrize("how", [how for when, how in CASES if when == "in two tabs"])
def test_two_tabs_of_one_phone_are_one(hall: Hall, phones: dict[tuple[str, str], Page], how: str):
    """What one has sent is recorded in both, under its tracker, and stays so."""
    page, before = phones["in two tabs", how], cast(hall)
    first, second = page.context.pages
    tracker = sealed(hall, first)
    assert sealed(hall, second) != tracker
    phone.press(first, "sealed.send")
    recorded(first, tracker)
    if how == "that do not":
        phone.press(second, "sealed.send")
    recorded(second, tracker)
    expect(second.get_by_text(phone.word("recorded.other_tab"))).to_be_visible()
    shot(second, "72-other-tab")
    for tab in (first, second):
        tab.reload()
        recorded(tab, tracker)
    assert cast(hall) == before + 1
