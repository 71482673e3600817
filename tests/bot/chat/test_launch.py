"""The Mini App is offered where Telegram can open it, to whom it is of use, in the right words."""

import asyncio
from typing import Any

from admin.lifecycle import steps
from admin.voting import telegram_login
from crypto.committee import Moment
from crypto.lifecycle import Step
from storage.rows import MINIAPP
from tests.telegram.people import Person
from tests.worlds import hall
from tests.worlds.scene import BEGIN, COLLECT, Scene, offers, says, staged

APP = "Mở phiếu tín nhiệm"
HTTPS = "https://bophieu.example.vn"
ALONE: dict[str, Any] = {"public": HTTPS, "channels": ("miniapp", "browser")}
BOTH: dict[str, Any] = {"public": HTTPS, "channels": ("miniapp", "chat")}


def page(scene: Scene, uuid: str | None = None) -> str:
    return f"{HTTPS}/v/{uuid or scene.uuid}"


async def menu_is(scene: Scene, person: Person, label: str | None) -> None:
    """Waits until the button beside the field for text opens this page, or none."""

    def now() -> str | None:
        return person.menu.web_app if person.menu else None

    async with asyncio.timeout(60):
        while now() != label:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.05)
    await scene.telegram.quiet()
    assert now() == label


async def arrived(scene: Scene, person: Person) -> None:
    """Collects the token as the page does."""
    init_data = telegram_login.check(
        scene.telegram.init_data(person), scene.telegram.token, scene.uuid, scene.chat_now()
    )
    chats = await scene.books.registrar.chats.of_account(init_data.account)
    (mine,) = [chat for chat in chats if chat.role == "voter" and chat.uuid == scene.uuid]
    assert mine.person is not None
    await scene.books.registrar.issue(scene.uuid, mine.person, bytes(32), b"answer", MINIAPP)


async def test_at_check_in_the_app_is_the_button(tmp_path):
    """In the session's own page; no button of the chat's ballot where it is not a channel."""
    async with staged(tmp_path, **ALONE) as scene:
        lan = await scene.voter(1)
        assert lan.last.labels == []
        await scene.move(Step.CHECK_IN)
        card = await lan.until(offers(APP))
        minh = await scene.voter(2)
        welcome = await minh.until(offers(APP))

        for message in (card, welcome):
            assert message.labels == [APP]
            assert "Đề nghị chạm Mở phiếu tín nhiệm để nhận phiếu" in message.text
            assert message.protected
        assert lan.app(APP) == minh.app(APP) == page(scene)
        refused = [call for call in scene.telegram.calls if call.error]
        assert refused == []


async def test_beside_the_buttons_it_stands_first(tmp_path):
    """And is said to be the more secret way; the buttons work as ever."""
    async with staged(tmp_path, Step.CHECK_IN, **BOTH) as scene:
        lan = await scene.voter(1)
        card = await lan.until(offers(APP))

        assert card.labels == [APP, COLLECT, "Người được lấy phiếu"]
        assert "Cách kín hơn: chạm Mở phiếu tín nhiệm" in card.text
        await lan.tap(COLLECT)
        ready = await lan.until(says("Đã nhận phiếu."))
        assert ready.labels == [BEGIN, "Người được lấy phiếu"]
        await scene.move(Step.OPEN)
        opened = await lan.until(says("Đã mở bỏ phiếu.", "Ghi phiếu"))
        assert opened.labels == [APP]


async def test_without_https_the_letter_is_the_way(tmp_path):
    """Telegram opens no page over HTTP: none is offered, and what is said fits."""
    async with staged(tmp_path, Step.CHECK_IN, channels=("miniapp", "browser")) as scene:
        lan = await scene.voter(1)
        await lan.until(says("theo cách ghi trên phiếu cấp mã"))
        chair = await scene.chair()
        await chair.say("/session")
        await chair.until(offers("Nhắc"))
        await chair.tap("Nhắc người chưa nhận phiếu")
        await lan.until(says("Đề nghị nhận phiếu theo cách ghi trên phiếu cấp mã"))
        await arrived(scene, lan)
        await scene.move(Step.OPEN)
        await lan.until(says("Đề nghị ghi phiếu trên chính thiết bị đã nhận phiếu"))
        await scene.telegram.quiet()

        assert not any(message.labels for message in lan.messages if message.labels != ["Đúng"])
        assert not any("Nhận phiếu" in m.text or "đã ghim" in m.text for m in lan.messages)
        assert not any(call.method == "setChatMenuButton" for call in scene.telegram.calls)


async def test_a_session_without_the_app_offers_none(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, public=HTTPS, channels=("chat", "cli")) as scene:
        lan = await scene.voter(1)
        card = await lan.until(offers(COLLECT))
        await scene.telegram.quiet()

        assert APP not in card.labels
        assert "Kín hơn" not in card.text
        assert lan.menu is None


async def test_each_notice_has_the_button(tmp_path):
    """From the reminder to the close: in words that fit, to those whom it concerns."""
    async with staged(tmp_path, Step.CHECK_IN, **ALONE) as scene:
        lan, minh, chair = await scene.voter(1), await scene.voter(2), await scene.chair()
        await lan.until(offers(APP))
        await arrived(scene, lan)
        await chair.say("/session")
        await chair.until(offers("Nhắc"))
        await chair.tap("Nhắc người chưa nhận phiếu")
        reminder = await minh.until(says("Nhắc:", "chạm Mở phiếu tín nhiệm"))
        await lan.start()
        again = await lan.until(says("đã nhận phiếu. Đề nghị chạm Mở phiếu tín nhiệm"))
        await scene.move(Step.OPEN)
        opened = await lan.until(says("Đã mở bỏ phiếu.", "chạm Mở phiếu tín nhiệm"))
        paper = await minh.until(says("đề nghị liên hệ thư ký để bỏ phiếu giấy"))
        await scene.books.box.set_closing(scene.uuid, scene.chat_now() + 500)
        ending = await lan.until(says("bỏ phiếu sẽ kết thúc lúc", "thiết bị đã gửi phiếu"))
        await lan.say("/session")
        board = await lan.until(says("Tình trạng:"))
        await scene.close()
        await scene.sign(Moment.CLOSING)
        closed = await lan.until(says("đã ký biên bản đóng hòm", "trang tự tìm phiếu"))

        for one in (reminder, again, opened, ending, board, closed):
            assert one.labels == [APP], one.text
        assert paper.labels == []
        assert not any(APP in message.labels for message in chair.messages)


async def test_who_comes_too_late_gets_no_button(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, Step.OPEN, **ALONE) as scene:
        lan = await scene.voter(1)
        late = await lan.until(says("Đã kết thúc phát phiếu."))

        assert late.labels == []


async def test_the_menu_opens_the_session_while_it_runs(tmp_path):
    """From check-in on, for voters only; at the end it is as it was."""
    async with staged(tmp_path, **ALONE) as scene:
        lan, chair = await scene.voter(1), await scene.chair()
        await menu_is(scene, lan, None)
        await scene.move(Step.CHECK_IN)
        await menu_is(scene, lan, page(scene))
        minh = await scene.voter(2)
        await menu_is(scene, minh, page(scene))
        assert lan.menu is not None
        assert lan.menu.text == APP
        await scene.move(Step.OPEN)
        await menu_is(scene, lan, page(scene))
        await steps.cancel(scene.books, scene.uuid, "mất điện")
        for person in (lan, minh, chair):
            await menu_is(scene, person, None)


async def test_of_two_running_sessions_the_menu_opens_neither(tmp_path):
    """It cannot be known which is meant: the buttons of the messages say it."""
    async with staged(tmp_path, Step.CHECK_IN, **ALONE) as scene:
        second = hall.defined(scene.where, channels=("miniapp",))
        await hall.store(scene.books, second)
        lan = await scene.voter(1)
        await menu_is(scene, lan, page(scene))
        await scene.enter(lan, second.voters[0], second)
        await menu_is(scene, lan, page(scene))
        await second.moving(scene.books, Step.CHECK_IN)
        await menu_is(scene, lan, None)
        await lan.until(lambda m: m.labels == [APP] and page(scene, second.uuid) in str(m))
        await steps.cancel(scene.books, scene.uuid, "mất điện")
        await menu_is(scene, lan, page(scene, second.uuid))


async def test_the_menu_speaks_the_persons_language(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, **ALONE) as scene:
        lan = await scene.voter(1)
        await menu_is(scene, lan, page(scene))
        await lan.say("/language")
        await lan.until(offers("English"))
        await lan.tap("English")
        await lan.until(says("English from now on."))
        await scene.telegram.quiet()

        assert lan.menu is not None
        assert lan.menu.text == "Open the ballot"


async def test_who_has_blocked_the_bot_holds_up_no_menu(tmp_path):
    async with staged(tmp_path, **ALONE) as scene:
        lan, minh = await scene.voter(1), await scene.voter(2)
        await lan.block()
        await scene.move(Step.CHECK_IN)
        await menu_is(scene, minh, page(scene))


async def test_a_chairs_menu_is_left_alone(tmp_path):
    """Only a voter has a ballot to open."""
    async with staged(tmp_path, Step.CHECK_IN, **ALONE) as scene:
        chair = await scene.chair()
        await scene.telegram.quiet()
        calls = [call for call in scene.telegram.calls if call.method == "setChatMenuButton"]

        assert chair.menu is None
        assert calls == []


async def test_the_stand_in_opens_the_page_as_a_phone_does(tmp_path):
    """With initData that the registrar takes, for this bot and this account."""
    async with staged(tmp_path, Step.CHECK_IN, **ALONE) as scene:
        lan = await scene.voter(1)
        await lan.until(offers(APP))
        url, _, fragment = scene.telegram.launch(lan, APP).partition("#")

        assert url == page(scene)
        assert fragment.startswith("tgWebAppData=")
        raw = scene.telegram.init_data(lan, scene.uuid)
        init_data = telegram_login.check(raw, scene.telegram.token, scene.uuid, scene.chat_now())
        assert (init_data.account, init_data.attested) == (lan.id, True)
