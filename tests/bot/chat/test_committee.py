"""What the committee has signed decides what people are told: nothing is open or counted before."""

import sqlite3
from contextlib import AsyncExitStack, closing

from admin.lifecycle import steps
from crypto import checkpoint, note
from crypto.audit import evidence
from crypto.committee import Moment
from crypto.group import G, random_scalar
from crypto.lifecycle import State, Step
from tests.telegram.people import Person
from tests.worlds.scene import BEGIN, CHECK, COLLECT, SEND, Scene, offers, says, staged, witness

OPENING_CODE, CLOSING_CODE = "Mã xác nhận mở bỏ phiếu", "Mã xác nhận kết thúc bỏ phiếu"
COUNTED = "Phiếu có trong danh sách được kiểm."


async def proposed(scene: Scene) -> None:
    """The chair has ended check-in: a list waits for the committee's seal."""
    await scene.books.registrar.set_present(scene.uuid, 9)
    await steps.open_voting(scene.books, scene.uuid)


async def voted(scene: Scene) -> Person:
    """A delegate whose ballot is recorded."""
    lan = await scene.collected(1)
    await scene.move(Step.OPEN)
    await scene.voted(lan, [0, 1, 2])
    return lan


def write(scene: Scene, sql: str, *values: object) -> None:
    """Somebody works on the box's book behind the server's back."""
    with closing(sqlite3.connect(scene.where.folder / "box.db", timeout=30)) as book:
        book.execute(sql, values)
        book.commit()


async def checks(scene: Scene, person: Person) -> str:
    """What the receipt says after a tap."""
    receipt = await person.until(offers(CHECK))
    await person.tap(CHECK, in_message=receipt)
    await scene.telegram.quiet()
    (now,) = (message for message in person.messages if message.id == receipt.id)
    return now.text


async def test_voting_is_open_only_with_the_quorum(tmp_path):
    """Until then boards count signatures, and a delegate hears what is waited for, once."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair, lan = await scene.chair(), await scene.collected(1)
        await chair.say("/present 9")
        await chair.say("/open")
        await scene.confirm(chair)
        await chair.until(says("Đang chờ Ban kiểm phiếu niêm phong hòm phiếu: cần 3 chữ ký"))
        await lan.until(says("Ban kiểm phiếu đang niêm phong hòm phiếu."))
        await chair.say("/session")
        await chair.until(says("đang niêm phong hòm phiếu: 0/3", "Việc kế tiếp: chờ Ban kiểm"))
        await scene.sign(Moment.OPENING, 1, 3)
        board = await chair.until(says("đang niêm phong hòm phiếu: 2/3"))
        assert OPENING_CODE not in board.text
        await chair.say("/open")
        await chair.until(says("Đang chờ", "niêm phong hòm phiếu: 2/3", "Chưa có gì thay đổi"))

        tap = await lan.tap(BEGIN)
        assert "phiếu này có trong danh sách" in ((await tap.answer()).text or "")
        assert not any("Đã mở bỏ phiếu" in message.text for message in lan.history)
        await scene.sign(Moment.OPENING, 2)

        await lan.until(says("Đã mở bỏ phiếu."))
        await chair.until(says("Tình trạng: Đang bỏ phiếu", "Mã xác nhận mở bỏ phiếu: "))
        told = [m for m in lan.history if "đang niêm phong hòm phiếu." in m.text]
        assert len(told) == 1


async def test_a_delegate_without_a_ballot_is_told_while_it_can_be_mended(tmp_path):
    """The button stays, and works again when the chair resumes check-in."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair, lan = await scene.chair(), await scene.voter(1)
        await lan.until(offers(COLLECT))
        await proposed(scene)
        await lan.until(says("chưa nhận phiếu: đề nghị nói ngay với thư ký"))
        tap = await lan.tap(COLLECT)
        assert "nói NGAY" in ((await tap.answer()).text or "")

        await chair.say("/resume")
        await scene.confirm(chair)
        await chair.until(says("Đã mở lại phát phiếu"))

        await lan.until(says("Nhắc:", "chưa nhận phiếu"))
        await lan.tap(COLLECT)
        await lan.until(says("Đã nhận phiếu."))
        await proposed(scene)
        await scene.sign(Moment.OPENING)
        await lan.until(says("Đã mở bỏ phiếu."))
        assert await scene.counts() == (1, 1, 0)


async def test_a_ballot_that_the_box_does_not_have_is_missed_before_the_seal(tmp_path):
    """Its holder is told so, and gets it onto the list when check-in goes on."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        write(scene, "DELETE FROM credentials")
        await proposed(scene)
        tap = await lan.tap(BEGIN)
        assert "CHƯA CÓ PHIẾU NÀY" in ((await tap.answer()).text or "")
        assert await scene.counts() == (1, 0, 0)

        await steps.resume(scene.books, scene.uuid)
        await lan.tap(BEGIN)

        await lan.until(says("Đã nhận phiếu."))
        await scene.telegram.quiet()
        assert await scene.counts() == (1, 1, 0)


async def test_check_in_is_not_resumed_once_a_trustee_has_signed(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair = await scene.chair()
        await proposed(scene)
        await scene.sign(Moment.OPENING, 2)
        await chair.say("/resume")
        await chair.until(says("Thành viên 2", "đã ký niêm phong", "Chưa có gì thay đổi"))
        assert (await scene.books.registrar.session(scene.uuid)).state == State.OPENING


async def test_nothing_is_counted_before_the_quorum(tmp_path):
    """Recorded; waiting, with the number of signatures; then counted, with both codes."""
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(staged(tmp_path, Step.CHECK_IN))
        witnessed = stack.enter_context(witness(scene.where))
        lan, chair = await voted(scene), await scene.chair()
        tap = await lan.tap(CHECK)
        assert "Chưa kết thúc bỏ phiếu" in ((await tap.answer()).text or "")
        await scene.close()
        await lan.until(says("đang chờ Ban kiểm phiếu ký biên bản đóng hòm"))
        await chair.until(says("Ban kiểm phiếu đang ký biên bản đóng hòm"))
        assert "đang chờ Ban kiểm phiếu ký: 0/3" in await checks(scene, lan)
        await scene.sign(Moment.CLOSING, 1, 2)
        assert "đang chờ Ban kiểm phiếu ký: 2/3" in await checks(scene, lan)
        assert not any(COUNTED in message.text for message in lan.history)

        await scene.sign(Moment.CLOSING, 3)

        await lan.until(says("đã ký biên bản đóng hòm", "Đề nghị chạm Kiểm tra phiếu"))
        receipt = await checks(scene, lan)
        notes = await scene.books.box.notes(scene.uuid)
        insider = scene.sealed.insider
        codes = [
            checkpoint.check_committee(note.parse(notes[s]), insider.election, insider.parameters)
            for s in (State.OPEN, State.CLOSED)
        ]
        lines = (f"{OPENING_CODE}: {codes[0]}", f"{CLOSING_CODE}: {codes[1]}")
        for part in (COUNTED, *lines):
            assert part in receipt
        await chair.until(says(f"{CLOSING_CODE}: {codes[1]}"))
        await chair.say("/session")
        await chair.until(says(insider.code, *codes))
        assert witnessed.told
        assert witnessed.lies == []


async def test_a_close_of_another_opening_is_an_alarm(tmp_path):
    """Though the whole committee has signed it, and the ballot is on its list."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await voted(scene)
        trackers = await scene.books.box.trackers(scene.uuid)
        for book in (scene.books.box, scene.books.registrar):
            await book.move(scene.uuid, Step.CLOSE)
        fixed = checkpoint.make(
            scene.sealed.insider.election,
            State.CLOSED,
            (1, 1, 0, 0),
            evidence.encode_trackers(trackers),
            opening="another opening\n",
        )
        signed = scene.sealed.insider.note(fixed)
        for book in (scene.books.box, scene.books.registrar):
            await book.put_note(scene.uuid, State.CLOSED, signed)
        receipt = await checks(scene, lan)
        assert "DỪNG LẠI" in receipt
        assert "theo lần mở hòm khác" in receipt
        assert trackers[0] in receipt
        assert COUNTED not in receipt


async def test_a_ballot_that_the_box_has_lost_is_an_alarm_and_the_promise_stays(tmp_path):
    """The voter's proof is on the screen, so the alarm comes beside it."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await voted(scene)
        write(scene, "DELETE FROM ballots")
        receipt = await checks(scene, lan)
        await lan.until(says("DỪNG LẠI", "không còn phiếu đã ghi nhận"))
        assert "Phiếu đã được ghi nhận." in receipt


async def test_nothing_is_encrypted_for_a_list_that_was_not_sealed(tmp_path):
    """A credential comes in behind the committee's back: the list is not the signed one."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        await scene.move(Step.OPEN)
        await lan.until(says("Đã mở bỏ phiếu."))
        await scene.filled(lan, [0, 1, 2])
        values = (scene.uuid, (G ** random_scalar()).raw, b"no token")
        write(scene, "INSERT INTO credentials (uuid, credential, token) VALUES (?, ?, ?)", *values)

        await lan.tap(SEND)

        await lan.until(says("DỪNG LẠI: chữ ký hoặc danh sách không đúng", "Chưa có lựa chọn nào"))
        assert await scene.counts() == (1, 2, 0)
