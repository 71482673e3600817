"""A server that lies is caught by the page, loudly, whatever it lies about."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from admin.demo.server import Running
from admin.lifecycle import steps
from crypto.blind import IssuerSecret
from crypto.committee import Moment
from crypto.encoding import to_base64
from tests.admin.record.test_levels import own
from tests.admin.rules.test_labels import WORDS
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged

VOTERS, OFFICIALS = 8, 2


@pytest.fixture(scope="module")
def hall(server: Running, browser: Browser):
    with staged(server, browser, rated(VOTERS, OFFICIALS)) as made:
        made.step(lambda books: steps.check_in(books, made.uuid))
        yield made


def lying(hall: Hall, path: str, alter: Callable[[Any], Any]) -> Page:
    """A window whose server alters the JSON under a path."""
    window = hall.window()

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(
            response=response, body=json.dumps(alter(response.json()), separators=(",", ":"))
        )

    window.route(f"**{path}", answer)
    return window.new_page()


def stopped(page: Page, key: str) -> None:
    """The page has stopped with an alarm that says what happened, what counts, what to do."""
    expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{key}.what"))
    expect(page.get_by_role("heading", level=1)).to_have_text(phone.word("alarm"))
    for part in ("counts", "do"):
        expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{key}.{part}"))
    expect(page.get_by_role("button")).to_have_count(0)


def _renamed(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "election": said["election"].replace('"name":"', '"name":"Khác ', 1)}


def _other_issuer(said: dict[str, Any]) -> dict[str, Any]:
    election = json.loads(said["election"])
    election["phieukin"]["issuer"] = to_base64(IssuerSecret.generate().public.spki)
    text = json.dumps(election, ensure_ascii=False, separators=(",", ":"))
    return {**said, "election": text}


@pytest.mark.parametrize("alter", [_renamed, _other_issuer])
def test_another_definition_than_was_signed(hall: Hall, alter: Callable[[Any], Any]):
    """Whether the code was typed or the letter's link was opened: the signatures are of another."""
    for link in (hall.link(0), f"{hall.url}/v/{hall.uuid}#c={hall.guest(0).code}"):
        page = lying(hall, f"/api/v1/sessions/{hall.uuid}", alter)
        page.goto(link)
        stopped(page, "bad_checkpoint")
        shot(page, "20-alarm")


def _crossed(said: dict[str, Any]) -> dict[str, Any]:
    election = json.loads(said["election"])
    levels = election["phieukin"]["policy"]["levels"]
    levels[0]["label"], levels[2]["label"] = levels[2]["label"], levels[0]["label"]
    for question in election["questions"]:
        question["answers"].reverse()
    return {**said, "election": json.dumps(election, ensure_ascii=False, separators=(",", ":"))}


def test_a_word_that_is_counted_under_another_key(hall: Hall):
    """“Tín nhiệm thấp” that counts as high is no ballot, whatever the signatures are."""
    page = lying(hall, f"/api/v1/sessions/{hall.uuid}", _crossed)
    page.goto(f"{hall.url}/v/{hall.uuid}#c={hall.guest(0).code}")
    stopped(page, "bad_definition")


def test_words_of_a_bodys_own_come_from_the_file_of_the_definition(
    server: Running, browser: Browser
):
    """A ballot is collected under its rules, and under no others than those that were sealed."""
    rules = own().rules
    assert rules is not None
    played = replace(rated(VOTERS, OFFICIALS), regime=rules)
    with staged(server, browser, played) as hall:
        hall.step(lambda books: steps.check_in(books, hall.uuid))
        page = lying(
            hall, f"/api/v1/registrar/about/{hall.uuid}", lambda said: {**said, "place": "x"}
        )
        page.goto(hall.link(0))
        stopped(page, "bad_definition")
        honest = hall.window().new_page()
        honest.goto(hall.link(1))
        phone.collect(honest)
        hall.check_in_others([0, *range(2, VOTERS)])
        hall.open_voting(VOTERS)
        phone.guided(honest, hall.code)
        for word in WORDS.values():
            expect(honest.get_by_text(word, exact=True).first).to_be_visible()


def _forged_while_collecting(hall: Hall) -> None:
    """A forged file that arrives while a ballot is being collected stops the collecting."""
    window = hall.window()
    late: list[Route] = []
    registered: list[Route] = []

    def token(route: Route) -> None:
        response = late[0].fetch()
        late[0].fulfill(response=response, body=response.text().replace("{", "{ ", 1))
        expect(page.get_by_role("alert")).to_be_visible()
        route.continue_()

    window.route(f"**/registrar/about/{hall.uuid}", lambda route: late.append(route))  # noqa: PLW0108
    window.route("**/registrar/token", token)
    window.route("**/credentials", lambda route: registered.append(route))  # noqa: PLW0108
    page = window.new_page()
    page.goto(hall.link(2))
    with page.expect_response("**/registrar/token"):
        phone.press(page, "welcome.collect")
    stopped(page, "bad_definition")
    page.wait_for_timeout(500)
    stopped(page, "bad_definition")
    assert registered == []


def _token_by_another_key(hall: Hall) -> None:
    other = to_base64(bytes(383) + b"\x07")
    page = lying(hall, "/api/v1/registrar/token", lambda _: {"blind_signature": other})
    page.goto(hall.link(1))
    phone.press(page, "welcome.collect")
    stopped(page, "bad_token")


def test_tokens_and_ballots(hall: Hall):
    """A wrong token, another's promise, a list that lacks a ballot; an alarm ends everything."""
    _forged_while_collecting(hall)
    _token_by_another_key(hall)
    windows = [hall.window() for _ in range(3)]
    pages = [window.new_page() for window in windows]
    for i, page in enumerate(pages):
        page.goto(hall.link(3 + i))
        phone.collect(page)
    others = hall.check_in_others([6, 7, 0, 1, 2][:2])
    assert len(others) == 2
    hall.open_voting(VOTERS)
    first, second, third = pages
    promise = _vote(hall, first)
    windows[1].route("**/ballots", lambda route: _promising(route, promise))
    _fill(hall, second)
    phone.encrypt(second)
    phone.press(second, "sealed.send")
    stopped(second, "uncertain")
    _vote(hall, third)
    windows[0].route("**/trackers", lambda route: _without(route, phone.tracker(first)))
    hall.close()
    stopped(first, "uncertain")
    hall.sign(Moment.CLOSING)
    phone.says(third, "counted.title")


def _fill(hall: Hall, page: Page) -> None:
    phone.fill(page, [0] * OFFICIALS, hall.code)
    phone.review(page)


def _vote(hall: Hall, page: Page) -> str:
    _fill(hall, page)
    phone.encrypt(page)
    phone.send(page)
    return phone.promise(page)


def _promising(route: Route, promise: str) -> None:
    """The right tracker with the signed promise of another ballot."""
    response = route.fetch()
    body = json.dumps({**response.json(), "promise": promise})
    route.fulfill(response=response, body=body)


def _without(route: Route, tracker: str) -> None:
    response = route.fetch()
    left = [one for one in response.json() if one != tracker]
    assert base64.b64decode(tracker + "=")
    route.fulfill(response=response, body=json.dumps(left, separators=(",", ":")))
