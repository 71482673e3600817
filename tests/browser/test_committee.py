"""Phones rely on the committee alone: what they show while it signs, and when somebody lies."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from admin.client.session_view import look
from admin.demo.server import Running
from admin.lifecycle import steps
from admin.session import keys
from crypto import checkpoint, note
from crypto.committee import Moment
from crypto.note import Note, TrusteeSigner
from crypto.session import Election, Parameters
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged
from tests.browser.looks import looked_at

VOTERS, OFFICIALS = 7, 2
ALL = [0] * OFFICIALS
SMALL = {"width": 360, "height": 740}
PROJECTOR = {"width": 1920, "height": 1080}


@pytest.fixture
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    with staged(server, browser, rated(VOTERS, OFFICIALS)) as made:
        made.step(lambda books: steps.check_in(books, made.uuid))
        yield made


def opened(hall: Hall, guest: int) -> Page:
    """A small phone with large type, on which the letter's link was opened."""
    page = hall.window(viewport=SMALL).new_page()
    page.goto(hall.link(guest))
    return page


def large(page: Page, name: str) -> None:
    """A picture with type half as large again; nothing is cut off sideways."""
    page.evaluate("document.documentElement.style.fontSize = '27px'")
    looked_at(page, name)
    page.evaluate("document.documentElement.style.fontSize = ''")


def alarmed(page: Page, code: str) -> None:
    """An alarm that says what happened, whether the vote counts, what to do."""
    expect(page.get_by_role("heading", level=1)).to_have_text(phone.word("alarm"))
    for part in ("title", "what", "counts", "do"):
        expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{code}.{part}"))


def told(page: Page, code: str) -> None:
    """No alarm: what happened, whether the vote counts, what to do."""
    phone.says(page, f"stop.{code}.title")
    for part in ("what", "counts", "do"):
        expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{code}.{part}"))


def waits(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible()


def votes(hall: Hall, page: Page) -> None:
    phone.fill(page, ALL, hall.code)
    phone.review(page)
    phone.encrypt(page)
    phone.send(page)


# --- What waits for whom --------------------------------------------------------------------


def test_a_phone_follows_the_committee_to_counted(hall: Hall):
    """Sealing, sealed, recorded, signed: each step is told, and counted only by the quorum."""
    voter, idle, late = (opened(hall, guest) for guest in range(3))
    for page in (voter, idle):
        phone.collect(page)
    large(voter, "80-collected")
    hall.check_in_others([3, 4, 5, 6])
    hall.propose(VOTERS)
    for page in (voter, idle):
        phone.says(page, "sealing.title")
        waits(page, "Ban kiểm phiếu đang niêm phong hòm phiếu: 0/3")
    large(voter, "81-sealing")
    told(late, "uncollected")
    large(late, "82-uncollected")
    hall.sign(Moment.OPENING, 1, 3)
    waits(voter, "Ban kiểm phiếu đang niêm phong hòm phiếu: 2/3")
    hall.sign(Moment.OPENING, 2)
    phone.says(voter, "compare.title")
    large(voter, "83-compare")
    votes(hall, voter)
    large(voter, "84-recorded")
    told(late, "registration_ended")
    idle.context.set_offline(True)
    hall.close()
    phone.says(voter, "recorded.waiting")
    waits(voter, "Ban kiểm phiếu đang ký biên bản đóng hòm: 0/3")
    hall.sign(Moment.CLOSING, 2)
    waits(voter, "Ban kiểm phiếu đang ký biên bản đóng hòm: 1/3")
    large(voter, "85-recorded-waiting")
    idle.context.set_offline(False)
    told(idle, "missed")
    large(idle, "86-missed")
    hall.sign(Moment.CLOSING, 1, 3)
    phone.says(voter, "counted.title")
    large(voter, "87-counted")
    _same_codes(hall, voter)


def _same_codes(hall: Hall, page: Page) -> None:
    """Phone, hall screen and Python show the same."""
    session = hall.away(lambda: look(hall.session.box))
    raw = hall.away(hall.session.box.checkpoints)
    _, opening, closing = (note.parse(one) for one in checkpoint.split(raw))
    screen = hall.window(viewport=PROJECTOR).new_page()
    screen.goto(f"{hall.url}/hall/{hall.uuid}")
    for title, name, signed in (
        ("Mã xác nhận mở bỏ phiếu", ".opening-code", opening),
        ("Mã xác nhận kết thúc bỏ phiếu", ".closing-code", closing),
    ):
        code = checkpoint.check_committee(signed, session.election, session.parameters)
        assert "-".join(page.locator(f"{name} span").all_inner_texts()) == code
        spoken = screen.locator(".spoken", has_text=title).last
        expect(spoken.locator("li")).to_have_text(code.split("-"))
    shot(screen, "88-hall-closed-1080")


def test_before_the_seal_a_phone_says_who_is_waited_for(hall: Hall):
    """The committee signs the session itself, too; the page goes on when all have."""
    page = hall.window(viewport=SMALL).new_page()
    nothing = dict.fromkeys(("roster", "present", "issued", "registered", "cast"))
    waiting = {"moment": "definition", "signed": 2, "needed": 3, "size": 3}
    draft = {"election": None, "state": "draft", "counts": nothing, "closes": None}
    page.context.route("**/events", lambda route: route.abort())
    page.context.route(
        f"**/sessions/{hall.uuid}",
        lambda route: route.fulfill(json={**draft, "on_paper": False, "waiting": waiting}),
    )
    page.goto(hall.link(0))
    waits(page, "Ban kiểm phiếu đang ký phiên: 2/3")
    large(page, "79-before-the-seal")
    page.context.unroute(f"**/sessions/{hall.uuid}")
    phone.says(page, "welcome.title")


# --- The session code ------------------------------------------------------------------------


def test_who_types_another_code_three_times_is_alarmed(hall: Hall):
    """Twice it may be a slip. Nothing was encrypted; the right group goes on at any time."""
    page = opened(hall, 0)
    phone.collect(page)
    hall.check_in_others([1, 2, 3, 4, 5])
    hall.open_voting(VOTERS)
    for _ in range(2):
        phone.says(page, "compare.title")
        page.locator("#group").fill("0000")
        phone.press(page, "compare.go")
        expect(page.get_by_role("alert")).to_contain_text(phone.word("compare.wrong"))
    large(page, "90-compare-wrong")
    page.locator("#group").fill("0000")
    phone.press(page, "compare.go")
    alarmed(page, "other_code")
    large(page, "91-other-code")
    phone.press(page, "again")
    phone.compare(page, hall.code)
    phone.says(page, "guide.title")


def test_a_letter_with_another_sessions_code(hall: Hall):
    """Before anything is asked for: the link's code is of another session."""
    page = hall.window(viewport=SMALL).new_page()
    other = "0000-" + hall.code[5:]
    page.goto(hall.link(0).replace(hall.code, other))
    alarmed(page, "bad_definition")
    large(page, "92-other-session")


# --- Who is missing ---------------------------------------------------------------------------


def collected_in_vain(hall: Hall, guest: int) -> Page:
    """The box says that it took the credential, and did not."""
    page = hall.window(viewport=SMALL).new_page()
    page.context.route("**/credentials", _taken)
    page.goto(hall.link(guest))
    phone.collect(page)
    return page


def _taken(route: Route) -> None:
    if route.request.method == "POST":
        route.fulfill(status=201, json={"credential": "00" * 32})
    else:
        route.continue_()


def test_who_is_missing_says_so_and_registration_goes_on(hall: Hall):
    """Found out before a trustee has signed, it is mended: the phone registers again by itself."""
    page, late = collected_in_vain(hall, 0), opened(hall, 6)
    phone.says(late, "welcome.title")
    hall.check_in_others([1, 2, 3, 4, 5])
    hall.propose(VOTERS)
    alarmed(page, "missing")
    large(page, "93-missing")
    told(late, "uncollected")
    page.context.unroute_all(behavior="ignoreErrors")
    hall.step(lambda books: steps.resume(books, hall.uuid))
    phone.says(page, "ready.title")
    phone.collect(late)
    hall.step(lambda books: steps.open_voting(books, hall.uuid))
    for seated in (page, late):
        phone.says(seated, "sealing.title")
    hall.sign(Moment.OPENING)
    votes(hall, page)


def test_who_is_missing_in_a_sealed_box_votes_nowhere(hall: Hall):
    """An alarm, not a ballot that cannot count."""
    page = collected_in_vain(hall, 0)
    hall.check_in_others([1, 2, 3, 4, 5])
    hall.propose(VOTERS)
    alarmed(page, "missing")
    hall.sign(Moment.OPENING)
    alarmed(page, "bad_credentials")
    large(page, "94-sealed-without")


# --- What is wrongly signed --------------------------------------------------------------------


Liar = Callable[[list[Note]], list[Note]]


def shown(page: Page, lie: Liar) -> None:
    """From now on the server shows this phone other notes."""

    def answer(route: Route) -> None:
        response = route.fetch()
        notes = [note.parse(raw) for raw in checkpoint.split(response.body())]
        raws = [altered.encode() for altered in lie(notes)]
        route.fulfill(response=response, body=checkpoint.join(raws))

    page.context.route("**/checkpoints", answer)


def _another_salt(notes: list[Note]) -> list[Note]:
    """One trustee's salt is another than it committed to."""
    *before, last = notes
    lines = [
        replace(line, signature=bytes(32) + line.signature[32:]) if "trustee-2" in line.name
        else line
        for line in last.signatures
    ]  # fmt: skip
    return [*before, Note(last.text, tuple(lines))]


def _fewer(notes: list[Note]) -> list[Note]:
    """A trustee's line is kept back."""
    *before, last = notes
    lines = [line for line in last.signatures if "trustee-2" not in line.name]
    return [*before, Note(last.text, tuple(lines))]


def _another_opening(hall: Hall, notes: list[Note]) -> list[Note]:
    """With every key there is: an opening with another head count, and the closing after it."""
    uuid, datadir = hall.uuid, hall.session.secretary.datadir
    seal, opening, *closing = notes
    other = opening.text.replace(f"present {VOTERS}", f"present {VOTERS + 1}")
    follows = checkpoint.digest_of(opening.text), checkpoint.digest_of(other)
    texts = [other, *(signed.text.replace(*follows) for signed in closing)]
    parties = [keys.signer(datadir, uuid, party) for party in ("registrar", "box", "chair")]
    made = [seal]
    for moment, text in zip((Moment.OPENING, Moment.CLOSING), texts, strict=False):
        trustees = [
            TrusteeSigner(f"phieukin/{uuid}/trustee-{k.index}", k.signing_secret, k.salt(moment))
            for k in hall.session.keys
        ]
        made.append(note.sign(text, [*parties, *trustees]))
    return made


def test_before_a_ballot_is_encrypted_the_signatures_are_looked_at(hall: Hall):
    """A wrong salt is an alarm on arrival and at the opening; a line kept back is waited for."""
    arriving = hall.window(viewport=SMALL).new_page()
    shown(arriving, _another_salt)
    arriving.goto(hall.link(0))
    alarmed(arriving, "bad_checkpoint")
    early = hall.window(viewport=SMALL).new_page()
    shown(early, _fewer)
    early.goto(hall.link(0))
    phone.says(early, "waiting.preparing")
    early.context.unroute_all(behavior="ignoreErrors")
    phone.says(early, "welcome.title")
    pages = [opened(hall, guest) for guest in range(3)]
    for page in pages:
        phone.collect(page)
    wrong, waiting, other = pages
    hall.check_in_others([3, 4, 5, 6])
    hall.propose(VOTERS)
    for page in pages:
        phone.says(page, "sealing.title")
    shown(wrong, _another_salt)
    shown(waiting, _fewer)
    hall.sign(Moment.OPENING)
    alarmed(wrong, "bad_checkpoint")
    large(wrong, "95-wrong-signature")
    phone.says(other, "compare.title")
    phone.says(waiting, "sealing.title")
    waiting.context.unroute_all(behavior="ignoreErrors")
    votes(hall, waiting)
    votes(hall, other)
    _at_the_close(hall, waiting, other)


def _at_the_close(hall: Hall, waiting: Page, other: Page) -> None:
    """Who is shown another opening than it voted under is alarmed, who is shown too few waits."""
    shown(other, partial(_another_opening, hall))
    shown(waiting, _fewer)
    hall.close()
    alarmed(other, "uncertain")
    other.get_by_text(phone.word("promise.title")).click()
    large(other, "96-uncertain")
    checkpoint.check_promise(
        note.parse(phone.promise(other).encode()),
        *_definition(hall),
        phone.promise(other).split("tracker ")[1][:43],
    )
    hall.sign(Moment.CLOSING)
    phone.says(waiting, "recorded.waiting")
    large(waiting, "97-recorded-withheld")
    waiting.context.unroute_all(behavior="ignoreErrors")
    phone.says(waiting, "counted.title")


def _definition(hall: Hall) -> tuple[Election, Parameters]:
    session = hall.away(lambda: look(hall.session.box))
    return session.election, session.parameters


def test_a_phone_knows_the_opening_that_it_has_seen(hall: Hall):
    """Another one, though every key has signed it, is no opening of this phone's box."""
    page = opened(hall, 0)
    phone.collect(page)
    hall.check_in_others([1, 2, 3, 4, 5, 6])
    hall.open_voting(VOTERS)
    phone.says(page, "compare.title")
    shown(page, partial(_another_opening, hall))
    page.reload()
    alarmed(page, "bad_checkpoint")
    page.context.unroute("**/checkpoints")
    page.reload()
    phone.says(page, "compare.title")


def test_the_hall_screen_checks_signatures_like_a_phone(hall: Hall):
    """A salt that is another's: the hall is told not to trust its screen, and sees no code."""
    screen = hall.window(viewport=PROJECTOR).new_page()
    shown(screen, _another_salt)
    screen.goto(f"{hall.url}/hall/{hall.uuid}")
    expect(screen.get_by_role("alert")).to_contain_text("CHỮ KÝ KHÔNG ĐÚNG")
    expect(screen.locator(".spoken")).to_have_count(0)
    shot(screen, "98-hall-wrong-1080")
