"""A whole session in chat, the chair included."""

import pytest

from admin.record import opening
from admin.record.audit import AuditOptions, audit_file, rewinding
from crypto import tally
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.committee import Moment
from crypto.lifecycle import State
from tests.bot.chat.test_webhook import brought
from tests.worlds.scene import CHECK, Scene, says, sends, staged

CHOICES: list[list[int | None]] = [[0, 1, 2], [0, 0, None], [1, 1, 1], [2, 0, 1], [0, 2, 0]]


async def confirmed(scene: Scene, chair, command: str, answer: str) -> None:
    """A command and the group of the code that confirms it."""
    await chair.say(command)
    await scene.confirm(chair)
    await chair.until(says(answer), timeout=90)  # counting starts worker processes


async def shares(scene: Scene) -> None:
    """What the committee sends after the close."""
    books, insider = scene.books, scene.sealed.insider
    with scene.where.archive(scene.uuid).open("rb") as file:
        closed = opening.audit_closed(rewinding(file), Report(), check_here)
    for owner in (1, 3):
        share = tally.decrypt(
            insider.election, closed.cast.tally, owner, insider.state(owner).secret
        )
        await books.registrar.put_message(
            scene.uuid,
            "share",
            owner,
            share.encode_file(insider.phi),
            during=State.CLOSED,
        )


@pytest.mark.parametrize("way", [staged, brought], ids=["polling", "webhook"])
async def test_a_whole_session_in_chat(tmp_path, way):
    """From check-in to the audited record, each step from somebody's phone."""
    async with way(tmp_path, channels=("chat", "paper")) as scene:
        chair = await scene.chair()
        await confirmed(scene, chair, "/checkin", "Đã bắt đầu phát phiếu")
        voters = [await scene.collected(number) for number in range(1, 6)]
        await chair.say("/present 9")
        await chair.until(says("Có mặt: 9"))
        await confirmed(scene, chair, "/open", "cần 3 chữ ký")
        await scene.sign(Moment.OPENING)
        await chair.until(says("đã mở bỏ phiếu", "Mã xác nhận mở bỏ phiếu: "))
        for voter in voters:
            await voter.until(says("Đã mở bỏ phiếu."))
        trackers = [
            await scene.voted(voter, choices)
            for voter, choices in zip(voters, CHOICES, strict=True)
        ]
        assert await scene.counts() == (5, 5, 5)
        await confirmed(scene, chair, "/close 0", "Bỏ phiếu kết thúc lúc")
        await chair.until(says("đang ký biên bản đóng hòm"))
        await scene.sign(Moment.CLOSING)
        await chair.until(says("Mã xác nhận kết thúc bỏ phiếu: "))
        for voter in voters:
            await voter.until(says("Đề nghị chạm Kiểm tra phiếu"))
            await voter.tap(CHECK)
            await voter.until(says("danh sách được kiểm.", "Mã xác nhận kết thúc bỏ phiếu: "))
        assert await scene.books.box.trackers(scene.uuid) == sorted(trackers)
        await scene.books.registrar.put_message(
            scene.uuid, "share", 2, b"nonsense", during=State.CLOSED
        )
        await chair.say("/publish")
        await chair.until(says("Phần giải mã của thành viên 2 sai, không được dùng"))
        await shares(scene)
        await confirmed(scene, chair, "/publish", "Đã công bố")
        for one in (*voters, chair):
            await one.until(says("Kết quả", "Phiếu giấy", "Nguyễn Văn 0", "Tín nhiệm cao: 2"))
            await one.until(lambda message: message.kind == "photo")
        await chair.until(sends(".zip"))
        outcome = audit_file(scene.where.bundle(scene.uuid), AuditOptions())
        assert outcome.error is None
        assert outcome.to_json()["counts"]["cast"] == 5
        await scene.looks()
        results = {m.id for m in chair.history if "Tỷ lệ tính trên" in m.text}
        assert len(results) == 1  # and not once in a second from now on
        (left,) = await scene.books.registrar.chats.of_session(scene.uuid)
        assert left.role == "chair"
        assert not (scene.where.keys(scene.uuid) / "buttons.key").exists()
