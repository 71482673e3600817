"""A code makes an account somebody; everything else has its text and leaves the state alone."""

import pytest

from admin.voting.codes import grouped, new_backup_code
from bot.chat.doorway import looks_like_code
from crypto.lifecycle import Step
from crypto.session import new_uuid
from tests.worlds import hall
from tests.worlds.scene import COLLECT, offers, says, staged, wrong_code


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        ("ABCDEFGHJKMNPQRS", True),  # one code in 400 has no digit
        ("abcd-efgh-jkmn-pqrs", True),
        ("abcd efgh jkmn pqrs tvwx yzab cdef ghjk", True),
        ("AB12 CD34 EF56 GH78", True),
        ("https://bophieu.example.vn/v/abc#c=XYZ", True),
        ("xin chào", False),
        ("Cho hỏi mấy giờ họp?", False),
        ("hội nghị bắt đầu lúc 8 giờ", False),
    ],
)
def test_a_code_is_told_from_talk(text, is_code):
    assert looks_like_code(text) is is_code


async def test_who_a_code_admits_is_shown_and_asked(tmp_path):
    """Name and session come first; only the answer yes writes the account down."""
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        await lan.start(f"{scene.uuid}-{scene.sealed.voters[4]}")

        question = await lan.until(offers("Đúng"))

        assert "Đại biểu 5" in question.text
        assert "Lấy phiếu tín nhiệm" in question.text
        assert question.labels == ["Đúng", "Không phải"]
        assert await scene.books.registrar.chats.of_account(lan.id) == []
        await lan.tap("Đúng")
        await lan.until(says("Hệ thống sẽ nhắn khi bắt đầu phát phiếu"))
        (chat,) = await scene.books.registrar.chats.of_account(lan.id)
        assert chat.role == "voter"


async def test_no_leaves_everything_as_it_was(tmp_path):
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        await lan.start(f"{scene.uuid}-{scene.sealed.voters[0]}")
        await lan.until(offers("Không phải"))

        await lan.tap("Không phải")

        await lan.until(says("Chưa có gì được ghi nhận", "báo cho thư ký"))
        assert await scene.books.registrar.chats.of_session(scene.uuid) == []


async def test_a_code_may_be_typed_in_any_way(tmp_path):
    """Case, dashes, spaces and O for 0 do not matter; no uuid is needed."""
    async with staged(tmp_path) as scene:
        code = scene.sealed.voters[2]
        spelt = (
            code,
            grouped(code).lower(),
            f"  {grouped(code)} ",
            grouped(code).replace("-", " ").replace("0", "o"),
        )
        for text in spelt:
            lan = scene.stranger()
            await lan.say(text)
            await lan.until(says("Đại biểu 3", "Có đúng không?"))


async def test_a_code_is_taken_wherever_it_stands_and_deleted(tmp_path):
    """It does not stay in the chat, nor does what stood beside it."""
    async with staged(tmp_path) as scene:
        code = scene.sealed.voters[2]
        for text in (
            f"https://bophieu.example.vn/v/{scene.uuid}#c={code}&f=abc",
            f"https://t.me/phieukin_bot?start={scene.uuid}-{code}",
            code,
            f"Nguyễn Văn Ân {grouped(code)}, đúng không ạ?",
        ):
            lan = scene.stranger()
            await lan.say(text)
            await lan.until(says("Đại biểu 3", "Có đúng không?"))
            assert not any(code[-4:] in message.text for message in lan.messages)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mã dự phòng: {backup}", "nên hệ thống đã xóa tin nhắn"),
        ("{backup}", "nên hệ thống đã xóa tin nhắn"),
    ],
)
async def test_a_backup_code_anywhere_in_a_text_is_deleted(tmp_path, text, words):
    """A backup code is of no use here."""
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        codes = {"letter": grouped(scene.sealed.voters[2]), "backup": new_backup_code()}
        await lan.say(text.format(**codes))

        await lan.until(says(words))
        await scene.telegram.quiet()
        assert not any(code in message.text for message in lan.messages for code in codes.values())
        assert not any("Đại biểu 3" in message.text for message in lan.messages)


async def test_a_code_in_a_caption_or_an_edit_is_taken(tmp_path):
    """Below the photograph of a letter; in a text that was harmless before."""
    async with staged(tmp_path) as scene:
        lan, code = scene.stranger(), grouped(scene.sealed.voters[2])
        await lan.send_document("giay-moi.jpg", b"picture", f"Đây ạ: {code}")
        await lan.until(says("Đại biểu 3", "Có đúng không?"))
        await lan.say("xin chào")
        await lan.until(says("Hệ thống lấy phiếu tín nhiệm kín."))
        (hello,) = (message for message in lan.messages if message.text == "xin chào")
        await lan.edit(hello, code)
        await lan.until(lambda _: hello.id not in {message.id for message in lan.messages})
        await scene.telegram.quiet()

        assert not any(code in message.text for message in lan.messages)
        assert sum("Đại biểu 3" in message.text for message in lan.messages) == 2


async def test_ordinary_words_stay(tmp_path):
    """Four short words are no code, however they are spelt."""
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        await lan.say("Nhan dang than mong nhe")

        await lan.until(says("Hệ thống lấy phiếu tín nhiệm kín."))
        assert any("than mong" in message.text for message in lan.messages)


async def test_strangers_and_wrong_codes_get_a_text(tmp_path):
    """Nobody is admitted, nothing is told about others."""
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        await lan.start()
        await lan.until(says("quét mã QR trên phiếu cấp mã"))
        await lan.say(wrong_code())
        await lan.until(says("Mã không đúng hoặc không còn hiệu lực"))
        await lan.start(f"{new_uuid()}-{scene.sealed.voters[0]}")
        await lan.until(says("Mã không đúng"))
        await lan.start("abc")
        await lan.say("xin chào")
        await lan.until(says("Hệ thống lấy phiếu tín nhiệm kín."))
        for command in ("/session", "/papers"):
            await lan.say(command)
        await lan.say("/help")
        await scene.telegram.quiet()
        assert await scene.books.registrar.chats.of_session(scene.uuid) == []


async def test_guessing_is_slowed_and_a_right_code_never_waits(tmp_path):
    """By account, so that nobody can lock out another."""
    async with staged(tmp_path) as scene:
        thief, lan = scene.stranger(), scene.stranger()
        for _ in range(31):
            await thief.say(wrong_code())
        await thief.until(says("Đề nghị chờ một phút"))

        await lan.say(wrong_code())
        await lan.until(says("Mã không đúng"))
        await thief.say(scene.sealed.voters[0])
        await thief.until(says("Đại biểu 1"))


async def test_a_code_serves_one_account(tmp_path):
    """The second account is told to ask the secretary; the first keeps its place."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan, thief = await scene.voter(1), scene.stranger("Khác")
        await thief.start(f"{scene.uuid}-{scene.sealed.voters[0]}")
        await thief.until(offers("Đúng"))

        await thief.tap("Đúng")

        await thief.until(says("Mã đã được dùng trên tài khoản hoặc máy khác"))
        assert not any(COLLECT in message.labels for message in thief.messages)
        (chat,) = await scene.books.registrar.chats.of_session(scene.uuid)
        assert chat.account == lan.id


async def test_a_code_of_another_session_is_for_that_session(tmp_path):
    """An account may be a voter of two sessions; each keeps its own ballot."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        second = hall.defined(scene.where, channels=("chat",))
        await hall.store(scene.books, second)
        lan = await scene.collected(1)

        await scene.enter(lan, second.voters[0], second)

        await lan.until(says("Hệ thống sẽ nhắn khi bắt đầu phát phiếu"))
        uuids = {chat.uuid for chat in await scene.books.registrar.chats.of_account(lan.id)}
        assert uuids == {scene.uuid, second.uuid}


async def test_a_trustee_is_sent_to_the_own_program(tmp_path):
    async with staged(tmp_path) as scene:
        lan = scene.stranger()
        await lan.say(scene.sealed.trustees[0])
        await lan.until(says("ban kiểm phiếu", "trustee join"))
        assert "Đúng" not in lan.last.labels


async def test_a_contact_or_a_file_identifies_nobody(tmp_path):
    """Neither the own card nor somebody else's."""
    async with staged(tmp_path) as scene:
        lan, minh = scene.stranger(), scene.stranger("Khác")
        await lan.share_contact()
        await lan.until(says("Không cần gửi số điện thoại"))
        await lan.share_contact(of=minh.id)
        await lan.send_document("a.txt", b"a")
        await scene.telegram.quiet()
        assert await scene.books.registrar.chats.of_session(scene.uuid) == []
        await scene.enter(lan, scene.sealed.voters[0])
        await lan.send_document("a.txt", b"a")
        await lan.until(says("Chỉ khi thấy dòng"))


async def test_each_reads_the_own_language(tmp_path):
    """The phone's at first, then the one that was chosen; for notices, too."""
    async with staged(tmp_path) as scene:
        lan = scene.stranger("Ann", language_code="en-GB")
        await lan.start(f"{scene.uuid}-{scene.sealed.voters[0]}")
        await lan.until(says("Is that you?"))
        await lan.tap("Yes")
        await lan.until(says("You will hear when check-in begins"))
        await lan.say("/language")
        await lan.until(offers("Tiếng Việt"))

        await lan.tap("Tiếng Việt")

        await lan.until(says("Từ nay hệ thống dùng tiếng Việt."))
        await scene.move(Step.CHECK_IN)
        await lan.until(offers(COLLECT))


async def test_unknown_languages_read_vietnamese(tmp_path):
    async with staged(tmp_path) as scene:
        lan = scene.stranger("Jean", language_code="fr")
        await lan.start()
        await lan.until(says("phiếu cấp mã"))


async def test_groups_are_sent_to_the_private_chat(tmp_path):
    """Nothing is done there, by whomever: a chair or an anonymous administrator."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        chair = await scene.chair()
        group = scene.telegram.group("Kỳ họp")
        group.add(chair)
        group.add_bot(by=chair)
        for command in ("/start", "/open", "/session", f"/close@{scene.telegram.username}"):
            await chair.say(command, chat=group)
            await scene.telegram.quiet(idle=0.1)
            assert group.messages[-1].from_bot, command
            assert "nhắn riêng với hệ thống" in group.messages[-1].text
            await group.say_anonymously(command)
            await scene.telegram.quiet(idle=0.1)
            assert group.messages[-1].from_bot, command
        assert not any(message.buttons for message in group.messages)
        assert (await scene.books.registrar.session(scene.uuid)).state == "checkin"


async def test_a_channel_is_sent_away(tmp_path):
    async with staged(tmp_path) as scene:
        channel = scene.telegram.channel("Thông báo")
        await channel.post("/open")
        await scene.telegram.quiet()
        assert "nhắn riêng với hệ thống" in channel.messages[-1].text


async def test_commands_are_listed_by_role_and_language(tmp_path):
    """Chairs see their steps in their own chat; groups only the help."""
    async with staged(tmp_path) as scene:
        chair = await scene.chair()
        await scene.telegram.quiet()
        set_ = [call.parameters for call in scene.telegram.calls if call.method == "setMyCommands"]

        def listed(kind: str, language: str = "", chat: int = 0) -> list[str]:
            return next(
                [command["command"] for command in update["commands"]]
                for update in reversed(set_)
                if update["scope"]["type"] == kind
                and update.get("language_code", "") == language
                and update["scope"].get("chat_id", 0) == chat
            )

        assert listed("all_group_chats") == ["help"]
        everyone = ["session", "guide", "papers", "ask", "help", "language"]
        assert listed("all_private_chats", "en") == everyone
        assert {"open", "plan", "questions"} <= set(listed("chat", chat=chair.id))
