"""The page as Telegram opens it: who somebody is comes signed, and its storages keep the rest."""

import json
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from admin.demo.phones import Exchange, exchange
from admin.demo.server import Running, serving
from admin.lifecycle import steps
from admin.record import files
from admin.session.books import Books
from storage.rows import Chat
from tests.browser import phone
from tests.browser.hall import Hall, rated, shot, staged
from tests.browser.looks import looked_at
from tests.telegram import launching

VOTERS, OFFICIALS = 5, 3
ACCOUNT, STRANGER = 1001, 1002

# What a client does around the page: storages of its own, and nothing for methods it ignores.
CLIENT: Final = """
if (location.protocol === "http:") {
const said = window.__said = JSON.parse(localStorage.getItem("client") ?? "[]");
const kept = window.__kept = JSON.parse(localStorage.getItem("kept") ?? "{}");
const tell = (name, data) => setTimeout(() => window.Telegram.WebView.receiveEvent(name, data));
window.TelegramWebviewProxy = {
  postEvent(name, text) {
    const data = JSON.parse(text || "{}") ?? {};
    said.push(name);
    const [, kind, deed] = /^web_app_(device|secure)_storage_(save|get)_key$/.exec(name) ?? [];
    if (!kind) return;
    const slot = `${kind}/${data.key}`;
    if (deed === "save") {
      if (data.value === null) delete kept[slot]; else kept[slot] = data.value;
      localStorage.setItem("kept", JSON.stringify(kept));
      tell(`${kind}_storage_key_saved`, { req_id: data.req_id });
    } else tell(`${kind}_storage_key_received`, { req_id: data.req_id, value: kept[slot] ?? null });
  },
};
}
"""


@pytest.fixture(scope="module")
def telegram() -> Iterator[Exchange]:
    with exchange() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, telegram: Exchange) -> Iterator[Running]:
    """Not the one of the other modules: it has a bot."""
    folder = tmp_path_factory.mktemp("telegram")
    token = folder / "bot.token"
    files.write(token, telegram.telegram.token.encode(), mode=0o600)
    lines = {
        "telegram_token_file": str(token),
        "telegram_api": telegram.telegram.url,
        "telegram_bot": telegram.telegram.username,
    }
    settings = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
    with serving(folder / "data", *settings) as running:
        yield running


@pytest.fixture
def hall(server: Running, browser: Browser) -> Iterator[Hall]:
    channels = ("miniapp", "browser", "cli")
    with staged(server, browser, rated(VOTERS, OFFICIALS), channels) as sealed:
        sealed.step(lambda books: _link(books, sealed.uuid))
        yield sealed


async def _link(books: Books, uuid: str) -> None:
    """The first delegate has opened the bot with the letter's link."""
    first = (await books.registrar.roster(uuid))[0]
    await books.registrar.chats.admit(Chat(uuid, ACCOUNT, "voter", first.person, "vi"))


def opened(hall: Hall, telegram: Exchange, account: int, **changes: str) -> Page:
    """A phone on which Telegram has opened the page."""
    window = hall.window(color_scheme="dark")
    window.add_init_script(CLIENT)
    return again(hall, telegram, window, account, **changes)


def again(
    hall: Hall, telegram: Exchange, window: BrowserContext, account: int, **changes: str
) -> Page:
    person = telegram.telegram.person(account, "Lan")
    data = telegram.telegram.init_data(person, **changes)
    page = window.new_page()
    page.goto(launching.address(f"{hall.url}/v/{hall.uuid}", data))
    return page


def test_a_delegate_votes_in_telegram(hall: Hall, telegram: Exchange):
    """Checked in by what Telegram signed; closed and opened again; counted as of the Mini App.

    Another phone of the same account needs the backup code, and no letter.
    """
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    page = opened(hall, telegram, ACCOUNT, start_param=hall.uuid)
    phone.says(page, "welcome.title")
    looked_at(page, "60-telegram-welcome")
    phone.collect(page)
    kept = page.evaluate("window.__kept")
    assert [key.partition("/")[0] for key in sorted(kept)] == ["device", "secure"]
    assert "web_app_ready" in page.evaluate("window.__said")
    backup_code = phone.back_up(page)
    kept = page.evaluate("window.__kept")
    assert [backup_code in kept[slot] for slot in sorted(kept)] == [False, True]
    window = page.context
    page.close()
    another = opened(hall, telegram, ACCOUNT, start_param=hall.uuid)
    phone.press(another, "welcome.collect")
    phone.restore(another, backup_code)
    phone.says(another, "ready.title")
    another.close()
    hall.check_in_others([1, 2, 3, 4])
    hall.open_voting(VOTERS)
    page = again(hall, telegram, window, ACCOUNT)
    phone.fill(page, [0, 1, 2], hall.code)
    phone.review(page)
    phone.encrypt(page)
    phone.send(page)
    shot(page, "61-telegram-recorded")
    kept = json.dumps(page.evaluate("window.__kept"))
    assert "secret" not in kept.replace("secure", "")
    assert "draft" not in kept
    assert backup_code not in kept
    assert hall.step(lambda books: books.registrar.issued(hall.uuid)) == {"miniapp": 1, "cli": 4}
    assert hall.errors == []


def test_what_telegram_says_is_told_when_it_does_not_do(hall: Hall, telegram: Exchange):
    """What happened, whether the vote counts, what to do."""
    hall.step(lambda books: steps.check_in(books, hall.uuid))
    _refused(opened(hall, telegram, STRANGER), "not_invited")
    _refused(opened(hall, telegram, ACCOUNT, auth_date="1000000000"), "init_data_expired")
    _refused(opened(hall, telegram, ACCOUNT, auth_date="4000000000"), "init_data_future")
    other = opened(hall, telegram, ACCOUNT, start_param="AAAAAAAAAAAAAAAA")
    _refused(other, "init_data_invalid")


def _refused(page: Page, told: str) -> None:
    phone.press(page, "welcome.collect")
    for part in ("title", "what", "counts", "do"):
        expect(page.get_by_role("alert")).to_contain_text(phone.word(f"stop.{told}.{part}"))
    shot(page, f"62-{told}")
