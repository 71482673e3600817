"""A delegate votes by buttons."""

from crypto.lifecycle import Step
from tests.bot.chat.scene import says, staged


async def test_a_delegate_collects_a_token_and_votes(tmp_path):
    """From the letter's QR to the tracker, in one message that is edited."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        assert await scene.counts() == (1, 1, 0)
        await lan.until(lambda message: message.pinned and says("Đã nhận phiếu.")(message))
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu."))
        tracker = await scene.voted(lan, [0, 1, 2])
        assert await scene.counts() == (1, 1, 1)
        assert await scene.house.box.trackers(scene.uuid) == [tracker]
