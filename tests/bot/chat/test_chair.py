"""Chairs run the session; what is not undone easily waits for a group of the session code."""

from dataclasses import replace
from functools import partial

import pytest

from admin.session.terms import Terms
from crypto.committee import Moment
from crypto.lifecycle import State, Step
from tests.telegram.snapshot import Message
from tests.worlds import hall
from tests.worlds.scene import ASKS_GROUP, Scene, says, staged

UNCHANGED = "Chưa có gì thay đổi"


async def state_of(scene: Scene) -> State:
    return (await scene.books.registrar.session(scene.uuid)).state


def _new_from_bot(earlier: list[Message], message: Message) -> bool:
    return message.from_bot and message not in earlier


async def test_a_step_waits_for_a_group_of_the_code(tmp_path, monkeypatch):
    """Another group or text leaves the state alone; the code may be typed in lower case."""
    monkeypatch.setattr("bot.chat.chair.secrets.randbelow", lambda _: 3)
    async with staged(tmp_path) as scene:
        groups = scene.sealed.insider.code.split("-")
        chair = await scene.chair()
        await chair.say("/checkin")
        asking = await chair.until(says("Bắt đầu phát phiếu?", "nhóm thứ 4 của mã đối chiếu"))
        assert not any(group in asking.text for group in groups)

        for text in ("có", groups[0], f"{groups[3]} {groups[4]}"):
            earlier = chair.messages[:]
            await chair.say(text)
            await chair.until(partial(_new_from_bot, earlier))
            assert "Chưa khớp" in chair.last.text
            assert await state_of(scene) == State.SEALED
        await chair.say(f" {groups[3].lower()} ")
        await chair.until(says("Đã bắt đầu phát phiếu."))
        assert await state_of(scene) == State.CHECKIN


async def test_the_group_is_drawn_for_each_step(tmp_path):
    """Twenty commands do not all ask for one group: the odds are 5 to 10^13."""
    async with staged(tmp_path) as scene:
        chair = await scene.chair()
        for _ in range(20):
            await chair.say("/checkin")
        await scene.telegram.quiet()
        asked = [m for m in chair.messages if ASKS_GROUP.search(m.text)]
        assert len(asked) == 20
        assert len({scene.group(message) for message in asked}) > 1


async def test_a_confirmation_expires(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.chat.chair.CONFIRM_SECONDS", -1)
    async with staged(tmp_path) as scene:
        chair = await scene.chair()
        await chair.say("/checkin")
        await scene.confirm(chair)
        await scene.telegram.quiet()
        assert await state_of(scene) == State.SEALED


async def test_another_command_takes_the_place_of_the_first(tmp_path):
    """The code confirms what was asked last, not something forgotten."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair = await scene.chair()
        await chair.say("/present 9")
        await chair.until(says("Có mặt: 9"))
        await chair.say("/open")
        asking = await chair.until(says("niêm phong hòm phiếu?"))
        await chair.say("/help")
        await chair.until(says("/publish mở kết quả"))
        await chair.say("/note mất điện hai phút")
        await chair.until(says("Đã ghi vào biên bản."))
        await chair.say(scene.group(asking))
        await scene.telegram.quiet()
        assert await state_of(scene) == State.CHECKIN
        assert await scene.books.registrar.entries(scene.uuid) == ["mất điện hai phút"]


COMMANDS = ("/checkin", "/present 9", "/open", "/resume", "/close", "/publish", "/note a")


async def test_only_a_chair_may(tmp_path):
    """A stranger, a voter and an observer are told so, whatever they ask for."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        voter = await scene.voter(1)
        observer = await scene.enter(scene.stranger(), await scene.role_code("observer"))
        for person in (scene.stranger(), voter, observer):
            for command in COMMANDS:
                await person.say(command)
            await scene.telegram.quiet()
            refusals = [m for m in person.messages if "Chỉ chủ tọa phiên làm được" in m.text]
            assert len(refusals) == len(COMMANDS)
        assert await state_of(scene) == State.CHECKIN
        assert await scene.books.registrar.entries(scene.uuid) == []


@pytest.mark.parametrize(
    ("steps", "refusals"),
    [
        ((), {
            "/open": "Đã chốt nội dung",
            "/close": "chưa làm được việc này",
            "/present 9": "chưa làm được việc này",
        }),
        ((Step.CHECK_IN,), {
            "/checkin": "Đã bắt đầu phát phiếu từ trước",
            "/publish": "chưa làm được việc này",
            "/resume": "không có gì để mở lại",
            "/open": "Chưa có số người có mặt",
            "/present": "ví dụ: /present 50",
            "/present -1": "ví dụ: /present 50",
            "/present 99": "nhiều hơn 12 người",
            "/note": "ví dụ: /note",
        }),
        ((Step.CHECK_IN, Step.OPEN), {
            "/open": "Đã mở bỏ phiếu từ trước",
            "/resume": "chưa làm được việc này",
            "/present 9": "chưa làm được việc này",
            "/close mai": "số phút từ 0 đến 60",
            "/close 61": "số phút từ 0 đến 60",
        }),
        ((Step.CHECK_IN, Step.OPEN, Step.CLOSE), {"/close": "Đã kết thúc bỏ phiếu từ trước"}),
    ],
    ids=["sealed", "checkin", "open", "closed"],
)  # fmt: skip
async def test_what_is_not_possible_now_has_its_text(tmp_path, steps, refusals):
    """And leaves the state, the head count and the journal alone."""
    async with staged(tmp_path, *steps) as scene:
        chair = await scene.chair()
        before = await scene.books.registrar.session(scene.uuid)
        for command, part in refusals.items():
            before_command = len(chair.messages)
            await chair.say(command)
            await scene.telegram.quiet(idle=0.1)
            answers = [m.text for m in chair.messages[before_command:] if m.from_bot]
            assert any(part in text for text in answers), (command, answers)
        assert await scene.books.registrar.session(scene.uuid) == before
        assert await scene.books.registrar.entries(scene.uuid) == []


async def test_fewer_present_than_tokens_is_refused(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair = await scene.chair()
        await scene.collected(1)
        await chair.say("/present 0")
        await chair.until(says("ít hơn 1 phiếu phát ra", UNCHANGED))


async def test_without_a_quorum_the_vote_is_not_opened(tmp_path):
    """7 of 12 are fewer than two thirds; 8 are enough."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair = await scene.chair()
        await chair.say("/present 7")
        await chair.until(says("Có mặt: 7"))
        await chair.say("/open")
        await chair.until(says("Có mặt 7 trên 12", "chưa đủ 2/3"))
        await chair.say("/present 8")
        await chair.until(says("Có mặt: 8"))
        await chair.say("/open")
        await chair.until(says("niêm phong hòm phiếu?", "Có mặt 8", "chưa thử khóa"))


async def test_closing_twice_is_told_and_an_earlier_end_is_possible(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN, Step.OPEN) as scene:
        chair = await scene.chair()
        await chair.say("/close 10")
        await scene.confirm(chair)
        await chair.until(says("Bỏ phiếu kết thúc lúc"))
        first = (await scene.books.box.session(scene.uuid)).closes
        await chair.say("/close 20")
        await chair.until(says("Đã báo kết thúc lúc", UNCHANGED))
        assert (await scene.books.box.session(scene.uuid)).closes == first

        await chair.say("/close 5")
        await scene.confirm(chair)
        await chair.until(lambda message: message.text.count("Bỏ phiếu kết thúc lúc") == 1)
        await scene.telegram.quiet()
        second = (await scene.books.box.session(scene.uuid)).closes
        assert first is not None
        assert second is not None
        assert second < first


async def test_publishing_without_shares_changes_nothing(tmp_path):
    """Nor before the close is signed; the text says each time what stands against it."""
    async with staged(tmp_path, Step.CHECK_IN, Step.OPEN) as scene:
        chair = await scene.chair()
        await chair.say("/close 0")
        await scene.confirm(chair)
        await chair.until(says("Ban kiểm phiếu đang ký biên bản đóng hòm"))
        await scene.sign(Moment.CLOSING, 2)
        await chair.say("/publish")
        await chair.until(says("đang ký biên bản đóng hòm: 1/3", UNCHANGED))
        await scene.sign(Moment.CLOSING, 1, 3)
        await chair.until(says("Mã xác nhận kết thúc bỏ phiếu: "))
        await chair.say("/publish")
        await scene.confirm(chair)
        await chair.until(says("ít hơn mức tối thiểu được mở", UNCHANGED))
        assert await state_of(scene) == State.CLOSED


async def test_a_chair_of_several_sessions_chooses(tmp_path):
    """The other session is not touched, and has another code."""
    async with staged(tmp_path) as scene:
        second = hall.defined(scene.where, channels=("chat",))
        await hall.store(scene.books, second)
        chair = await scene.chair()
        await scene.enter(chair, await scene.role_code("chair", second), second)
        await chair.say("/checkin")
        which = await chair.until(says("Phiên nào?"))
        place = [row[0].callback_data for row in which.buttons].index(f"v1:at:{second.uuid}")
        await chair.tap(
            which.buttons[place][0].text, on=replace(which, buttons=[which.buttons[place]])
        )
        await scene.confirm(chair, second)
        await chair.until(says("Đã bắt đầu phát phiếu."))
        assert (await scene.books.registrar.session(second.uuid)).state == State.CHECKIN
        assert await state_of(scene) == State.SEALED


async def test_several_chairs_may_act(tmp_path):
    async with staged(tmp_path) as scene:
        first, second = await scene.chair(), await scene.chair()
        await first.say("/checkin")
        asking = await first.until(says("Để xác nhận"))
        await second.say(scene.group(asking))  # confirms nothing: the first one asked
        await scene.telegram.quiet()
        assert await state_of(scene) == State.SEALED
        await second.say("/checkin")
        await scene.confirm(second)
        await second.until(says("Đã bắt đầu phát phiếu."))
        await first.say(scene.group(asking))
        await first.until(says(UNCHANGED))


async def test_the_counts_renew_themselves_and_are_counts_only(tmp_path):
    """One message, edited when a number changes; no level is ever in it."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        observer = await scene.enter(scene.stranger(), await scene.role_code("observer"))
        await observer.say("/session")
        first = await observer.until(says("Phiếu phát ra: 0", "Trong danh sách: 12"))
        lan = await scene.collected(1)
        await observer.until(
            lambda message: message.id == first.id and "Phiếu phát ra: 1" in message.text, 15
        )
        await scene.move(Step.OPEN)
        await scene.voted(lan, [0, 1, 2])
        board = await observer.until(
            lambda message: message.id == first.id and "Phiếu thu về: 1" in message.text, 15
        )
        assert "Tín nhiệm" not in board.text.replace("Lấy phiếu tín nhiệm", "")


async def test_the_next_step_is_told_in_every_state(tmp_path):
    """To chairs; a voter sees the counts without it."""
    async with staged(tmp_path) as scene:
        chair, lan = await scene.chair(), await scene.voter(1)
        await lan.say("/session")
        page = await lan.until(says("Trong danh sách: 12"))
        assert "Việc kế tiếp" not in page.text
        steps = (Step.CHECK_IN, Step.OPEN, Step.CLOSE)
        for step, command in zip(
            (None, *steps), ("/checkin", "/open", "/close", "/publish"), strict=True
        ):
            if step:
                await scene.move(step)
            await chair.say("/session")
            await chair.until(says("Việc kế tiếp", command))


async def test_planned_times_are_kept_for_reminders():
    terms = Terms(3, 2, 2, 3, "2026-12-07T08:30", "2026-12-07T09:00")
    assert Terms.decode(terms.encode()) == terms
