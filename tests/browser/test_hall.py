"""The hall screen and the public pages through a whole session."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.demo import session as demo
from admin.demo.server import Running
from admin.lifecycle import steps
from admin.prepare.draft import Draft
from admin.record.session_file import Block
from crypto.committee import Moment
from tests.browser.hall import Hall, rated, shot, staged
from tests.browser.looks import looked_at

VOTERS, OFFICIALS, CHECK_SECONDS = 6, 8, 8
BLOCKS = (Block("Khối Hội đồng nhân dân", 5), Block("Khối Ủy ban nhân dân", 3))
PROJECTOR = {"width": 1920, "height": 1080}


@pytest.fixture
def hall(server: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    """Its trustees leave the phones some time to check, as outside a rehearsal."""
    draft_of = demo.draft_of

    def patient(*scenario: Any, **options: Any) -> Draft:
        draft = draft_of(*scenario, **options)
        form = draft.form.model_copy(update={"check_seconds": CHECK_SECONDS})
        return replace(draft, form=form)

    monkeypatch.setattr(demo, "draft_of", patient)
    with staged(server, browser, replace(rated(VOTERS, OFFICIALS), blocks=BLOCKS)) as made:
        yield made


def _sees(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True).first).to_be_visible()


def _number(page: Page, name: str) -> str:
    return page.locator("dl div", has_text=name).locator("dd").inner_text()


def _turns(screen: Page) -> None:
    """The results turn over; each khối begins with its heading."""
    rows = screen.locator("tbody tr")
    first = rows.first.inner_text()
    assert first == BLOCKS[0].heading
    screen.keyboard.press("ArrowRight")
    expect(rows.first).not_to_have_text(first)
    expect(rows.nth(1)).to_have_text(BLOCKS[1].heading)


def test_the_hall_follows_the_session(hall: Hall):
    """Counts and codes without a touch; no result before it is published."""
    _home(hall)
    screen = hall.window(viewport=PROJECTOR).new_page()
    public = hall.window(viewport={"width": 320, "height": 640}).new_page()
    screen.goto(f"{hall.url}/hall/{hall.uuid}")
    _sees(screen, "Chưa phát phiếu")
    public.goto(f"{hall.url}/s/{hall.uuid}")
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    _sees(screen, "Đang phát phiếu")
    looked_at(screen, "50-hall-checkin")
    shown = "-".join(screen.locator(".spoken").first.locator("li").all_inner_texts())
    assert shown == hall.code
    made = hall.check_in_others(list(range(VOTERS)))
    _seals(hall, screen)
    for guest in range(VOTERS - 1):
        hall.away(lambda n=guest: demo.vote((hall.guest(n), made[n])))  # type: ignore[misc]
    expect(screen.locator("dl div", has_text="Phiếu thu về").locator("dd")).to_have_text("5")
    assert _number(screen, "Có mặt") == "6"
    hall.away(lambda: demo.vote((hall.guest(VOTERS - 1), made[-1])))
    hall.step(lambda books: books.box.set_closing(hall.uuid, demo.now() + 6))
    expect(screen.locator(".countdown")).to_be_visible()
    looked_at(screen, "51-hall-open")
    hall.wait_closed()
    assert public.get_by_label("Mã tra cứu phiếu").count() == 0
    _signs_the_close(hall, screen)
    _finds(hall, public)
    hall.publish()
    expect(screen.locator("table")).to_be_visible()
    looked_at(screen, "53-hall-published")
    _turns(screen)
    expect(public.locator("table")).to_be_visible()
    assert public.locator("th.block").all_inner_texts() == [block.heading for block in BLOCKS]
    looked_at(public, "54-record-narrow")
    with public.expect_download() as download:
        public.get_by_role("link", name="Tải hồ sơ").click()
    assert download.value.suggested_filename == f"{hall.uuid}.phieukin.zip"
    assert hall.errors == []


def _seals(hall: Hall, screen: Page) -> None:
    """Whom everybody waits for; a code only when enough have signed."""
    hall.propose(VOTERS)
    _sees(screen, "Ban kiểm phiếu đang niêm phong hòm phiếu: 0/3")
    hall.sign(Moment.OPENING, 1, 2)
    _sees(screen, "Ban kiểm phiếu đang niêm phong hòm phiếu: 2/3")
    looked_at(screen, "50-hall-sealing")
    assert screen.get_by_text("Mã xác nhận mở bỏ phiếu").count() == 0
    hall.sign(Moment.OPENING, 3)
    _sees(screen, "Đang bỏ phiếu")
    _sees(screen, "Mã xác nhận mở bỏ phiếu")


def _signs_the_close(hall: Hall, screen: Page) -> None:
    """Then the hall is asked whose phone does not say that the ballot is counted."""
    _sees(screen, "Ban kiểm phiếu đang ký biên bản đóng hòm: 0/3")
    hall.sign(Moment.CLOSING, 2)
    _sees(screen, "Ban kiểm phiếu đang ký biên bản đóng hòm: 1/3")
    looked_at(screen, "52-hall-signing")
    assert screen.get_by_text("Mã xác nhận kết thúc bỏ phiếu").count() == 0
    hall.sign(Moment.CLOSING, 1, 3)
    _sees(screen, "Đã kết thúc bỏ phiếu")
    _sees(screen, "Mã xác nhận kết thúc bỏ phiếu")
    expect(screen.locator(".asked")).to_contain_text("Phiếu có trong danh sách được kiểm")
    assert screen.locator("table").count() == 0
    expect(screen.locator(".countdown")).to_contain_text("Mở kết quả sớm nhất sau")
    looked_at(screen, "52-hall-closed")
    _sees(screen, "Chỉ mở kết quả khi không còn ai vướng.")


def _finds(hall: Hall, public: Page) -> None:
    """A tracker is looked up in the whole list, which must be the one that the committee signed."""
    list_of_trackers = f"/api/v1/box/{hall.uuid}/trackers"
    tracker = public.request.get(hall.url + list_of_trackers).json()[2]

    def finds(typed: str, sentence: str) -> None:
        public.get_by_label("Mã tra cứu phiếu").fill(typed)
        public.get_by_role("button", name="Tìm").click()
        expect(public.locator("form [role=status]")).to_contain_text(sentence)

    finds(f" {tracker[:20]} {tracker[20:]} ", f"Có trong danh sách {VOTERS} phiếu được kiểm.")
    finds("A" + tracker[1:] if tracker[0] != "A" else "B" + tracker[1:], "Không có mã này")
    public.route(f"**{list_of_trackers}", lambda route: route.fulfill(json=[tracker]))
    finds(tracker, "KHÔNG đúng với danh sách")
    public.unroute(f"**{list_of_trackers}")
    finds(tracker, f"Có trong danh sách {VOTERS} phiếu được kiểm.")


def _home(hall: Hall) -> None:
    """A letter's link leads to its page; anything else is told, and the hashes are there."""
    page = hall.window(viewport={"width": 320, "height": 640}).new_page()
    page.goto(hall.url + "/")
    page.get_by_label("Liên kết trên phiếu cấp mã").fill("ABCD")
    page.get_by_role("button", name="Mở phiếu").click()
    expect(page.get_by_role("alert")).to_contain_text("chưa phải là liên kết")
    looked_at(page, "55-home")
    page.get_by_label("Liên kết trên phiếu cấp mã").fill(hall.link(0))
    page.get_by_role("button", name="Mở phiếu").click()
    expect(page.get_by_role("heading", name="Chưa phát phiếu")).to_be_visible()
    page.goto(hall.url + "/?lang=en")
    expect(page.get_by_role("heading", name="Secret ballot")).to_be_visible()
    page.goto(f"{hall.url}/s/AAAAAAAAAAAAAAAA")
    _sees(page, "Máy chủ không biết phiên này. Đề nghị xem lại địa chỉ.")
    page.goto(f"{hall.url}/hall/AAAAAAAAAAAAAAAA")
    shot(page, "56-hall-unknown")
