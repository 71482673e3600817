"""Before there is a ballot: the guidance, the officials' files by kind, and questions to them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from admin.office import dossiers
from tests.browser import phone
from tests.browser.hall import Hall, rated, staged
from tests.browser.looks import looked_at

TEXT = "Đề nghị cho biết tiến độ dự án cầu số 3."


@pytest.fixture
def hall(server: Running, browser: Browser):
    with staged(server, browser, rated(5, 3)) as made:
        yield made


def test_a_delegate_reads_asks_and_is_guided_once(hall: Hall, tmp_path: Path):
    """The question is in the book without a name; the guidance is one tap away at any time."""
    (tmp_path / "dossiers").mkdir()
    for name in ("2-ke-khai.pdf", "2-bao-cao.pdf", "2-giai-trinh.pdf", "2-giai-trinh-2.pdf"):
        (tmp_path / "dossiers" / name).write_bytes(b"x")
    dossiers.copy(tmp_path, hall.session.secretary.datadir, hall.uuid, 3)
    page = hall.window().new_page()
    page.goto(hall.link(0))
    phone.says(page, "welcome.early")
    page.get_by_text(phone.word("officials")).click()
    phone.press(page, "log_in")
    phone.says(page, "welcome.early")
    page.get_by_text(phone.word("officials")).click()
    files = page.locator("ol.officials > li").nth(1).locator(".files li")
    expect(files).to_have_text(
        [
            "Đọc: Báo cáo tự đánh giá",
            "Đọc: Giải trình (2-giai-trinh-2.pdf)",
            "Đọc: Giải trình (2-giai-trinh.pdf)",
            "Đọc: Bản kê khai tài sản, thu nhập",
        ]
    )
    second = page.locator("ol.officials > li").nth(1)
    second.get_by_role("button", name=phone.word("question.write")).click()
    page.get_by_label(phone.word("question.label")).fill(TEXT)
    looked_at(page, "60-question")
    second.get_by_role("button", name=phone.word("question.send")).click()
    expect(second.get_by_text(phone.word("question.sent"))).to_be_visible()
    looked_at(page, "61-question-sent")
    kept = hall.step(lambda books: books.registrar.questions.all(hall.uuid))
    assert [(one.official, one.text) for one in kept] == [(2, TEXT)]

    phone.press(page, "guide.title")
    phone.says(page, "guide.title")
    looked_at(page, "62-guide")
    phone.press(page, "guide.go")
    phone.says(page, "welcome.early")
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    phone.collect(page)
    hall.check_in_others([1, 2, 3, 4])
    hall.open_voting(5)
    phone.compare(page, hall.code)
    phone.says(page, "ballot.title")
    assert hall.errors == []
