"""The backup code: one tap, large letters, to be written down; with it another phone goes on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from admin.voting import codes
from tests.browser import phone
from tests.browser.hall import Hall, rated, staged
from tests.browser.looks import looked_at

VOTERS, OFFICIALS = 5, 3
SMALL = {"width": 360, "height": 740}
LARGE_TEXT = "document.documentElement.style.fontSize = '200%'"


@pytest.fixture
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(VOTERS, OFFICIALS)) as sealed:
        sealed.step(lambda books: steps.check_in(books, sealed.uuid))
        yield sealed


def opened(hall: Hall, guest: int) -> Page:
    page = hall.window(viewport=SMALL).new_page()
    page.goto(hall.link(guest))
    return page


def test_the_code_is_offered_shown_large_and_shown_again(hall: Hall):
    """After collecting and while the ballot is filled in; once it is sent there is none."""
    page = opened(hall, 0)
    phone.collect(page)
    looked_at(page, "80-backup-offered")
    phone.press(page, "backup.make")
    phone.says(page, "backup.title")
    looked_at(page, "81-backup-code")
    page.evaluate(LARGE_TEXT)
    looked_at(page, "82-backup-code-large-text")
    code = shown(page)
    assert codes.parse_backup(code)
    page.reload()
    phone.press(page, "backup.again")
    assert shown(page) == code
    phone.press(page, "backup.written")

    hall.check_in_others([1, 2, 3, 4])
    hall.open_voting(VOTERS)
    phone.guided(page, hall.code)
    phone.press(page, "backup.title")
    assert shown(page) == code
    phone.press(page, "backup.written")
    phone.fill(page, [0, 1, 2], hall.code)
    phone.review(page)
    phone.encrypt(page)
    phone.send(page)
    expect(page.get_by_text(phone.word("backup.title"))).to_have_count(0)
    assert hall.errors == []


def test_who_wants_none_leaves_nothing_with_the_registrar(hall: Hall):
    """The offer may be declined while the ballot is filled in, too."""
    page = opened(hall, 0)
    phone.collect(page)
    hall.check_in_others([1, 2, 3, 4])
    hall.open_voting(VOTERS)
    phone.guided(page, hall.code)
    phone.press(page, "backup.title")
    looked_at(page, "83-backup-offer")
    phone.press(page, "backup.without")
    phone.says(page, "ballot.title")

    person = hall.step(lambda books: books.registrar.roster(hall.uuid))[0].person
    assert hall.step(lambda books: books.registrar.recovery(hall.uuid, person)) is None


def test_another_phone_goes_on_with_it(hall: Hall):
    """Whatever else is typed is told from it; the first of the two ballots counts."""
    first, second = opened(hall, 0), opened(hall, 0)
    phone.collect(first)
    code = phone.back_up(first)
    phone.press(second, "welcome.collect")
    phone.says(second, "restore.title")
    looked_at(second, "84-restore")
    for text, answer in (
        (hall.guest(0).code, "letter"),
        (code[:-1], "wrong"),
        (codes.new_backup_code(), "wrong"),
    ):
        phone.restore(second, text)
        expect(second.get_by_role("alert")).to_contain_text(phone.word(f"restore.{answer}"))
    looked_at(second, "85-restore-wrong")
    second.evaluate(LARGE_TEXT)
    looked_at(second, "86-restore-large-text")
    phone.restore(second, codes.grouped(code).lower().replace("0", "o"))
    phone.says(second, "ready.title")
    phone.press(second, "backup.again")
    assert shown(second) == code
    phone.press(second, "backup.written")

    hall.check_in_others([1, 2, 3, 4])
    hall.open_voting(VOTERS)
    for page in (second, first):
        phone.fill(page, [0, 1, 2], hall.code)
        phone.review(page)
        phone.encrypt(page)
    phone.send(second)
    phone.press(first, "sealed.send")
    expect(first.get_by_role("alert")).to_contain_text(phone.word("stop.second_ballot.counts"))
    assert hall.errors == []


def test_a_phone_that_comes_after_the_opening_goes_on_with_it(hall: Hall):
    """Once registration has ended as well; who had no backup code reads that there is no other."""
    lost, without = opened(hall, 0), opened(hall, 1)
    for page in (lost, without):
        phone.collect(page)
    code = phone.back_up(lost)
    for page in (lost, without):
        page.context.close()
    hall.check_in_others([2, 3, 4])
    hall.open_voting(VOTERS)

    another = opened(hall, 0)
    phone.restore(another, code)
    phone.guided(another, hall.code)
    nothing = opened(hall, 1)
    expect(nothing.get_by_role("alert")).to_contain_text(phone.word("stop.registration_ended.do"))
    assert hall.errors == []


def test_a_backup_code_in_the_place_of_the_letters_is_not_sent(hall: Hall):
    """It would let the server open what it keeps."""
    page = hall.window(viewport=SMALL).new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.goto(f"{hall.url}/v/{hall.uuid}")
    code = codes.new_backup_code()
    page.get_by_label(phone.word("enter.label")).fill(code)
    phone.press(page, "enter.go")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("enter.backup"))
    looked_at(page, "87-enter-backup")

    page.get_by_label(phone.word("enter.label")).fill(hall.guest(0).code)
    phone.press(page, "enter.go")
    phone.collect(page)
    letters = hall.guest(0).code.replace("-", "")
    assert any(letters in text.replace("-", "") for text in sent)
    assert not any(codes.parse_backup(code) in text.replace("-", "") for text in sent)


def test_what_somebody_else_has_left_is_told(hall: Hall):
    """Whoever has the letter can leave something first; the ballot on the phone stays good."""
    page = opened(hall, 0)
    phone.collect(page)
    person = hall.step(lambda books: books.registrar.roster(hall.uuid))[0].person
    hall.step(lambda books: books.registrar.put_recovery(hall.uuid, person, b"somebody else's"))
    phone.press(page, "backup.make")
    expect(page.get_by_role("alert")).to_contain_text(phone.word("stop.recovery_taken.counts"))
    looked_at(page, "88-recovery-taken")
    phone.press(page, "again")
    phone.says(page, "ready.title")


def shown(page: Page) -> str:
    """The code on the screen."""
    phone.says(page, "backup.title")
    return "".join(page.locator(".backup").inner_text().split())
