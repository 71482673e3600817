"""Everyone hears once what concerns them; nobody is ever reminded of a ballot."""

import asyncio

from admin.lifecycle import steps
from bot.chat import intake
from crypto.committee import Moment
from crypto.lifecycle import Step
from tests.worlds.scene import BEGIN, offers, says, staged

DONE = "Phiếu đã được ghi nhận."
COMING_END = "Thời gian bỏ phiếu sẽ kết thúc lúc"


def heard(person, text: str) -> int:
    """How many messages with this text there ever were."""
    return len({message.id for message in person.history if text in message.text})


async def test_chairs_are_told_of_another_chair(tmp_path):
    """Once; not the newcomer, not an observer, not of the earlier chair."""
    async with staged(tmp_path) as scene:
        first = await scene.chair()
        observer = await scene.enter(scene.stranger(), await scene.role_code("observer"))
        second = await scene.enter(scene.stranger(), await scene.role_code("chair", owner=2))
        await first.until(says("vừa trở thành", "--revoke chair-2"))
        await scene.looks()

        assert [heard(who, "vừa trở thành") for who in (first, second, observer)] == [1, 0, 0]


async def test_opening_is_told_by_token(tmp_path):
    """Who has one is told to vote, who has none to ask for paper; chairs get the code."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair, lan, minh = await scene.chair(), await scene.collected(1), await scene.voter(2)
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu.", "Ghi phiếu"))
        await minh.until(says("đề nghị liên hệ thư ký để bỏ phiếu giấy"))
        await chair.until(says("Mã xác nhận mở bỏ phiếu:"))


async def test_the_coming_end_is_told_to_all_with_a_token(tmp_path):
    """Also to those who have voted: nobody here knows who has. Once for each announced end."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, minh, without = (
            await scene.collected(1),
            await scene.collected(2),
            await scene.voter(3),
        )
        await scene.move(Step.OPEN)
        await scene.voted(lan, [0, 0, 0])
        now = scene.chat_now()
        await scene.books.box.set_closing(scene.uuid, now + 500)
        for person in (lan, minh):
            await person.until(says(COMING_END))
        await scene.books.box.set_closing(scene.uuid, now + 100)
        await lan.until(lambda _: heard(lan, COMING_END) == 2)
        await scene.looks()
        assert [heard(person, COMING_END) for person in (lan, minh, without)] == [
            2,
            2,
            0,
        ]


async def test_a_far_end_is_not_told_yet(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu."))
        await scene.books.box.set_closing(scene.uuid, scene.chat_now() + 3000)
        await scene.looks()
        assert heard(lan, COMING_END) == 0


async def test_a_chair_reminds_those_without_a_token_only(tmp_path):
    """And nobody but a chair."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair, lan, minh = await scene.chair(), await scene.collected(1), await scene.voter(2)
        await chair.say("/session")
        board = await chair.until(offers("Nhắc người chưa nhận phiếu"))
        await chair.tap("Nhắc người chưa nhận phiếu")
        await minh.until(says("Nhắc: đại biểu chưa nhận phiếu"))
        await scene.looks()
        assert heard(lan, "Nhắc:") == 0
        assert heard(minh, "Nhắc:") == 1
        tap = await minh.tap("Nhắc người chưa nhận phiếu", on=board)
        assert "Chỉ chủ tọa" in ((await tap.answer()).text or "")


async def test_the_close_is_told_with_the_way_to_check(tmp_path):
    """Once the committee has signed; with a link to the public list: nobody sends a tracker."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, chair = await scene.collected(1), await scene.chair()
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu."))
        await scene.close()
        await lan.until(says("Đã kết thúc bỏ phiếu.", "đang chờ Ban kiểm phiếu ký"))
        await scene.sign(Moment.CLOSING)
        await lan.until(says("Kiểm tra phiếu", f"/s/{scene.uuid}"))
        await chair.until(says("Mã xác nhận kết thúc bỏ phiếu:"))


async def test_a_cancelled_session_is_told_and_its_voters_forgotten(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, chair = await scene.collected(1), await scene.chair()
        await steps.cancel(scene.books, scene.uuid, "mất điện")
        for person in (lan, chair):
            await person.until(says("Phiên đã bị hủy."))
        await lan.until(lambda _: True)
        async with asyncio.timeout(60):
            while len(await scene.books.registrar.chats.of_session(scene.uuid)) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        (chat,) = await scene.books.registrar.chats.of_session(scene.uuid)
        assert chat.role == "chair"
        assert not (scene.where.keys(scene.uuid) / "buttons.key").exists()
        tap = await lan.tap(BEGIN)
        assert "không còn hiệu lực" in ((await tap.answer()).text or "")


async def test_who_blocks_the_bot_holds_up_nobody(tmp_path):
    """The others are told, the blocked one is not tried again, and may come back."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, minh = await scene.collected(1), await scene.collected(2)
        await lan.block()
        await scene.move(Step.OPEN)
        await minh.until(says("Đã mở bỏ phiếu."))
        await scene.looks()
        tries = [
            call.parameters["text"] for call in scene.telegram.calls
            if call.status == 403 and int(call.parameters["chat_id"]) == lan.id
        ]  # fmt: skip
        assert any("Đã mở bỏ phiếu." in str(text) for text in tries)
        assert len(set(tries)) == len(tries)
        await lan.unblock()
        await scene.voted(lan, [0, 0, 0])
        assert await scene.counts() == (2, 2, 1)


async def test_nobody_is_told_again_after_a_restart(tmp_path):
    """What was sent is noted in the book, not in memory."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu."))
        await scene.telegram.quiet()
        async with scene.again():
            await scene.looks()
        assert heard(lan, "Đã mở bỏ phiếu.") == 1


def test_updates_that_need_asking_for_are_asked_for():
    """Telegram sends chat_member only if it is named; we do not want it."""
    assert "my_chat_member" in intake.WANTED
    assert "chat_member" not in intake.WANTED
