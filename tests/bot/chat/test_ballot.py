"""A delegate votes by buttons."""

from admin.record.session_file import Block
from crypto.lifecycle import Step
from tests.worlds.scene import (
    BEGIN,
    COLLECT,
    LEVELS,
    NEXT,
    REVIEW,
    SEND,
    Scene,
    offers,
    says,
    staged,
    tracker_of,
)

BACK, MISSING, EDIT = "‹ Người trước", "Còn {} người chưa ghi – xem tiếp", "Sửa phiếu"


async def opened(scene: Scene, number: int = 1):
    """A voter at the first page of the ballot."""
    lan = await scene.collected(number)
    await scene.move(Step.OPEN)
    await lan.tap(BEGIN)
    await lan.until(says("Người số 1 trong"))
    return lan


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
        assert await scene.books.box.trackers(scene.uuid) == [tracker]
        await scene.telegram.quiet()
        assert not any(message.pinned for message in lan.messages)


async def test_the_channel_is_announced_as_weaker_and_counted_apart(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        offer = await lan.until(offers(COLLECT))
        assert "không kín bằng phiếu giấy" in offer.text
        await lan.tap(COLLECT)
        await lan.until(says("Đã nhận phiếu."))
        assert await scene.books.registrar.issued(scene.uuid) == {"chat": 1}


async def test_nothing_is_marked_beforehand_and_levels_stand_in_legal_order(tmp_path):
    """Each level has a row of its own; name and post stand whole above them."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        page = await lan.until(says("Người số 1 trong 3", "Nguyễn Văn 0", "Ủy viên", "Đã ghi 0"))
        rows = [[button.text for button in row] for row in page.buttons]
        assert rows == [*([level] for level in LEVELS), [NEXT], [MISSING.format(3)], [REVIEW]]


async def test_a_mark_can_be_changed_and_taken_back(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        await lan.tap(LEVELS[0])
        await lan.until(offers(f"✅ {LEVELS[0]}"))
        await lan.tap(LEVELS[2])
        page = await lan.until(offers(f"✅ {LEVELS[2]}"))
        assert LEVELS[0] in page.labels

        await lan.tap(f"✅ {LEVELS[2]}")

        page = await lan.until(says("Đã ghi 0"))
        assert not any("✅" in label for label in page.labels)


async def test_one_gets_from_anywhere_to_anyone(tmp_path):
    """Next, back, the next without a mark, the review and back to the pages."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        await lan.tap(NEXT)
        await lan.until(says("Người số 2"))
        await lan.tap(LEVELS[1])
        await lan.until(says("Đã ghi 1"))
        await lan.tap(BACK)
        await lan.until(says("Người số 1"))
        await lan.tap(lambda label: label == MISSING.format(2))
        await lan.until(says("Người số 3"))
        await lan.tap(REVIEW)
        review = await lan.until(says("Xem lại phiếu", "2. Nguyễn Văn 1: Tín nhiệm"))
        assert MISSING.format(2) in review.labels
        await lan.tap(EDIT)
        await lan.until(says("Người số 1"))


async def test_blank_lines_are_warned_of_by_name(tmp_path):
    """And are cast only after a second yes."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        await lan.tap(LEVELS[1])
        await lan.until(says("Đã ghi 1"))
        await lan.tap(REVIEW)
        await lan.until(says("Còn 2 người chưa ghi"))
        await lan.tap(SEND)
        warned = await lan.until(says("• Nguyễn Văn 1", "• Nguyễn Văn 2", "sẽ không ghi"))
        assert await scene.counts() == (1, 1, 0)
        assert "Vẫn gửi phiếu (2 người không ghi)" in warned.labels


async def test_where_every_line_must_be_marked_an_unfinished_ballot_cannot_be_sent(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, invalid="ballot") as scene:
        lan = await opened(scene)
        await lan.tap(REVIEW)
        review = await lan.until(says("phải ghi đủ mới gửi được"))
        assert SEND not in review.labels


async def test_voting_waits_for_the_opening(tmp_path):
    """Before it the button says so and changes nothing."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        tap = await lan.tap(BEGIN)
        answer = await tap.answer()
        assert answer.alert
        assert "Chưa mở bỏ phiếu" in (answer.text or "")


async def test_a_ballot_that_comes_after_the_close_is_told_so(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        await lan.tap(REVIEW)
        await lan.until(offers(SEND))
        await lan.tap(SEND)
        await lan.until(offers("Vẫn gửi phiếu"))
        await scene.close()

        await lan.tap(lambda label: label.startswith("Vẫn gửi phiếu"))

        late = await lan.until(says("Phiếu không được ghi nhận", "báo cho thư ký"))
        assert late.labels == []
        assert await scene.counts() == (1, 1, 0)


async def test_after_the_close_the_button_still_tells_what_was_recorded(tmp_path):
    """Whoever lost the answer at the last moment learns that the ballot counts."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        begin = next(message for message in lan.messages if BEGIN in message.labels)
        await scene.move(Step.OPEN)
        tracker = await scene.voted(lan, [0, 0, 0])
        await scene.close()

        await lan.tap(BEGIN, on=begin)
        await scene.telegram.quiet()

        page = next(message for message in lan.messages if message.id == begin.id)
        assert tracker_of(page) == tracker


async def test_a_button_works_for_its_own_account_only(tmp_path):
    """Even with another voter's callback data nothing can be collected or cast."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, thief = await scene.voter(1), await scene.voter(2)
        await lan.until(offers(COLLECT))
        await thief.until(offers(COLLECT))
        stolen = next(message for message in lan.messages if COLLECT in message.labels)

        tap = await thief.tap(COLLECT, on=stolen)

        assert "không còn hiệu lực" in ((await tap.answer()).text or "")
        assert await scene.counts() == (0, 0, 0)


async def test_a_second_offer_does_not_give_a_second_token(tmp_path):
    """/start twice makes two buttons with two seeds; the one that was tapped first holds."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        first = await lan.until(offers(COLLECT))
        await lan.say("/start")
        second = await lan.until(lambda m: m.id != first.id and COLLECT in m.labels)
        await lan.tap(COLLECT, in_message=first)
        await lan.until(says("Đã nhận phiếu."))

        tap = await lan.tap(COLLECT, in_message=second)

        assert "tin nhắn đã ghim" in ((await tap.answer()).text or "")
        assert await scene.counts() == (1, 1, 0)
        await lan.say("/start")
        await lan.until(says("Đại biểu đã nhận phiếu."))


async def test_registration_ends_at_the_opening(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        await lan.until(offers(COLLECT))
        await scene.move(Step.OPEN)
        await lan.until(says("đề nghị liên hệ thư ký để bỏ phiếu giấy"))

        await lan.tap(COLLECT)

        await scene.telegram.quiet()
        assert await scene.counts() == (0, 0, 0)


async def test_a_session_without_the_channel_offers_no_button(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, channels=("cli",)) as scene:
        lan = await scene.voter(1)
        await lan.until(says("không ghi phiếu bằng các nút"))
        await scene.telegram.quiet()
        assert not any(COLLECT in message.labels for message in lan.history)


FOREIGN = ("A" * 64, "x", "v1:at", "v1:yes:a:b", "v1:file:a:b:c", "v1:remind:a", "v2:no")


async def test_data_that_we_never_wrote_change_nothing(tmp_path):
    """As from a client that was altered."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        before, chats = await scene.counts(), await scene.books.registrar.chats.of_account(lan.id)
        for number, data in enumerate(FOREIGN):
            body = {
                "id": "1", "from": {"id": lan.id, "is_bot": False, "first_name": "Lan"},
                "chat_instance": "1", "data": data,
                "message": {"message_id": lan.last.id, "date": 1, "text": "a",
                            "chat": {"id": lan.id, "type": "private", "first_name": "Lan"}},
            }  # fmt: skip
            update = {"update_id": 10**6 + number, "callback_query": body}
            assert await scene.chat.brought(update), data
        assert await scene.counts() == before
        assert await scene.books.registrar.chats.of_account(lan.id) == chats


async def test_ballots_and_screens_are_protected_from_being_passed_on(tmp_path):
    """A forwarded page would be a receipt that Telegram vouches for."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await opened(scene)
        assert (await lan.until(offers(REVIEW))).protected


async def test_the_heading_of_a_block_stands_over_its_officials(tmp_path):
    """On each page, and in the review where a block begins."""
    blocks = (Block("Khối A & B", 1), Block("Khối C", 2))
    async with staged(tmp_path, Step.CHECK_IN, blocks=blocks) as scene:
        lan = await opened(scene)
        await lan.until(says("Khối A & B", "Người số 1 trong 3"))
        await lan.tap(NEXT)
        await lan.until(says("Khối C", "Người số 2 trong 3"))
        await lan.tap(REVIEW)
        review = await lan.until(says("Khối A & B", "Khối C"))

        assert review.text.count("Khối") == 2
        assert review.text.index("1. ") < review.text.index("Khối C") < review.text.index("2. ")
