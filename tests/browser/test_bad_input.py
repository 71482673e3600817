"""What goes wrong on a phone is told: what happened, whether the vote counts, what to do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from tests.browser import phone
from tests.browser.hall import PATIENCE, Hall, rated, shot, staged

VOTERS, OFFICIALS = 5, 2


@pytest.fixture(scope="module")
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(VOTERS, OFFICIALS)) as made:
        made.step(lambda books: steps.check_in(books, made.uuid))
        yield made


def told(page: Page, key: str) -> None:
    for part in ("what", "counts", "do"):
        expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{key}.{part}"))
    shot(page, f"70-{key}")


def issued(hall: Hall) -> int:
    return sum(hall.step(lambda books: books.registrar.issued(hall.uuid)).values())


def test_a_second_phone_where_the_first_made_no_backup_code(hall: Hall):
    """The first phone's ballot stands; the second learns where it is."""
    first, second = hall.window().new_page(), hall.window().new_page()
    first.goto(hall.link(0))
    phone.collect(first)
    second.goto(hall.link(0))
    phone.press(second, "welcome.collect")
    told(second, "token_already_issued")
    first.reload()
    phone.says(first, "ready.title")


def test_a_phone_without_room_stops_before_anything_is_issued(hall: Hall):
    """A token that cannot be kept is not asked for."""
    before = issued(hall)
    window = hall.window()
    window.add_init_script("""
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (value, key) {
          if (key !== "probe") throw new DOMException("full", "QuotaExceededError");
          return put.call(this, value, key);
        };""")
    page = window.new_page()
    page.goto(hall.link(1))
    phone.press(page, "welcome.collect")
    told(page, "storage_full")
    assert issued(hall) == before


def test_a_private_window_works_and_says_that_it_keeps_nothing(hall: Hall):
    """Closed, it goes on with the letter and a backup code."""
    window = hall.window()
    window.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page = window.new_page()
    page.goto(hall.link(2))
    phone.says(page, "welcome.title")
    expect(page.get_by_text(phone.word("welcome.not_lasting"))).to_be_visible()
    phone.collect(page)
    backup_code = phone.back_up(page)
    page.goto("about:blank")
    page.goto(hall.link(2))
    phone.press(page, "welcome.collect")
    phone.restore(page, backup_code)
    phone.says(page, "ready.title")


def test_a_wrong_code_may_be_typed_again(hall: Hall):
    """The page stays where it was."""
    page = hall.window().new_page()
    page.goto(f"{hall.url}/v/{hall.uuid}#c=0000-0000-0000-0000")
    phone.press(page, "welcome.collect")
    phone.says(page, "enter.title")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("enter.wrong"))


def test_a_code_of_another_session(hall: Hall):
    """A whole link to another session is no code of this one."""
    page = hall.window().new_page()
    page.goto(f"{hall.url}/v/{hall.uuid}")
    other = hall.link(0).replace(hall.uuid, "AAAAAAAAAAAAAAAA")
    page.get_by_label(phone.word("enter.label")).fill(other)
    phone.press(page, "enter.go")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("enter.wrong"))


@pytest.mark.parametrize(("cut", "added"), [(3, ""), (0, "%22abc")])
def test_a_damaged_link_is_no_other_session(hall: Hall, cut: int, added: str):
    """Cut, or with what an application took for a part of it; the code can be typed."""
    page = hall.window().new_page()
    link = hall.link(4)
    page.goto(link[: len(link) - cut] + added)
    phone.says(page, "enter.title")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("enter.link"))
    page.get_by_label(phone.word("enter.label")).fill(hall.guest(4).code)
    phone.press(page, "enter.go")
    phone.says(page, "welcome.title")


def test_a_link_with_a_full_stop_is_the_link(hall: Hall):
    """Chats take it into the address."""
    page = hall.window().new_page()
    page.goto(hall.link(4) + ".")
    phone.says(page, "welcome.title")


@pytest.mark.parametrize(
    ("agent", "application"),
    [
        ("Mozilla/5.0 (Linux; Android 13; wv) Chrome/120.0 Mobile Zalo android/1240", "Zalo"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) [FBAN/FBIOS;FBAV/450.0]", "Facebook"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Mobile Safari/604.1", None),
    ],
)
def test_inside_another_application_the_page_says_how_to_go_on(
    hall: Hall, agent: str, application: str | None
):
    """Before the ballot is collected: such windows forget."""
    page = hall.window(user_agent=agent).new_page()
    page.goto(hall.link(4))
    phone.says(page, "welcome.title")
    note = page.get_by_text(f"{phone.word('welcome.in_application')} {application or ''}")
    expect(note).to_have_count(0 if application is None else 1)
    shot(page, f"71-inside-{application}")


def test_a_phone_without_network_may_try_again(hall: Hall):
    """Nothing is lost, and one tap goes on."""
    page = hall.window().new_page()
    page.goto(hall.link(3))
    phone.says(page, "welcome.title")
    page.context.route("**/api/**", lambda route: route.abort())
    page.clock.install()
    phone.press(page, "welcome.collect")
    refused = page.get_by_text(phone.word("stop.unreachable.what"))
    for _ in range(PATIENCE // 50):
        page.clock.run_for(9_000)
        page.wait_for_timeout(50)
        if refused.is_visible():
            break
    told(page, "unreachable")
    page.context.unroute("**/api/**")
    page.clock.resume()
    phone.press(page, "again")


def test_an_old_browser_reads_what_to_do(hall: Hall):
    """The page says so in itself, where no script runs."""
    page = hall.window(java_script_enabled=False).new_page()
    page.goto(hall.link(4))
    expect(page.locator("main")).to_contain_text("trình duyệt này quá cũ")
    expect(page.locator("main")).to_contain_text("paper ballot")


def test_an_unknown_session(hall: Hall):
    """The address is wrong."""
    page = hall.window().new_page()
    page.goto(f"{hall.url}/v/AAAAAAAAAAAAAAAA")
    told(page, "unknown_session")
