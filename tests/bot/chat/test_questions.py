"""Asking an official by chat: confirmed, passed on without a name, read by chairs only."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta

from admin.office import plan, questions
from admin.rules import zones
from crypto.lifecycle import Step
from tests.bot.web.test_questions import planned
from tests.worlds.scene import offers, says, staged

TEXT = "Dự án cầu số 3\nbao giờ xong & vì sao <chậm>?"


async def asked(person, text: str, official: str = "2. Nguyễn Văn 1") -> None:
    await person.say("/ask")
    await person.until(offers(official))
    await person.tap(official)
    await person.until(says("Đề nghị viết câu hỏi cho"))
    await person.say(text)
    await person.until(offers("Gửi câu hỏi"))


async def test_a_question_reaches_the_chair_without_a_name(tmp_path):
    async with staged(tmp_path) as scene:
        chair, lan, minh = await scene.chair(), await scene.voter(1), await scene.voter(2)
        await asked(lan, TEXT)
        await lan.until(says("Gửi câu hỏi này cho 2. Nguyễn Văn 1?", "<chậm>?"))
        await lan.tap("Gửi câu hỏi")
        await lan.until(says("Đã nhận câu hỏi.", "Còn gửi được 9 câu."))
        await asked(minh, "Câu khác", "1. Nguyễn Văn 0")
        await minh.tap("Gửi câu hỏi")
        await minh.until(says("Đã nhận câu hỏi."))

        await chair.say("/questions")
        page = await chair.until(says("Số câu hỏi: 2"))
        assert page.text.index("1. Nguyễn Văn 0") < page.text.index("Câu khác")
        assert (
            page.text.index("Câu khác") < page.text.index("2. Nguyễn Văn 1") < page.text.index(TEXT)
        )
        for who in ("Lan", "Đại biểu"):
            assert who not in page.text.partition("Số câu hỏi")[2]
        with closing(sqlite3.connect(scene.where.folder / "registrar.db")) as book:
            rows = book.execute("SELECT * FROM questions").fetchall()
            columns = [row[1] for row in book.execute("PRAGMA table_info(questions)")]
        assert sorted(columns) == ["id", "official", "text", "uuid"]
        assert {lan.id, minh.id} & {cell for row in rows for cell in row} == set()


async def test_nothing_is_kept_that_was_not_confirmed(tmp_path):
    """The message that asked keeps nothing of the text."""
    async with staged(tmp_path) as scene:
        lan = await scene.voter(1)
        await asked(lan, TEXT)
        await lan.tap("Bỏ, không gửi")
        await lan.until(says("Câu hỏi đã bỏ."))
        assert await scene.books.registrar.questions.all(scene.uuid) == []
        assert not any("cầu số 3" in message.text for message in lan.messages if message.from_bot)


async def test_a_code_that_is_typed_meanwhile_is_no_question(tmp_path):
    async with staged(tmp_path) as scene:
        lan = await scene.voter(1)
        await lan.say("/ask")
        await lan.until(offers("1. Nguyễn Văn 0"))
        await lan.tap("1. Nguyễn Văn 0")
        await lan.until(says("Đề nghị viết câu hỏi cho"))
        await lan.say(scene.sealed.voters[1])
        await lan.until(offers("Đúng"))
        assert await scene.books.registrar.questions.all(scene.uuid) == []


async def test_only_voters_ask_and_only_chairs_read(tmp_path):
    async with staged(tmp_path) as scene:
        chair, lan, stranger = await scene.chair(), await scene.voter(1), scene.stranger()
        await lan.say("/ask")
        officials = await lan.until(offers("1. Nguyễn Văn 0"))
        await stranger.start()
        tap = await stranger.tap("1. Nguyễn Văn 0", on=officials)
        assert "không còn hiệu lực" in ((await tap.answer()).text or "")
        await chair.say("/ask")
        await chair.until(says("Chỉ người có tên trong danh sách"))
        await lan.say("/questions")
        await lan.until(says("Chỉ chủ tọa phiên"))


async def test_after_the_deadline_or_the_opening_nothing_is_taken(tmp_path):
    """What was written before it is refused, too, when it is confirmed after it."""
    async with staged(tmp_path) as scene:
        lan, today = await scene.voter(1), zones.today(time.time(), zones.DEFAULT)
        planned(scene.where, scene.sealed, today)
        await lan.say("/ask")
        await lan.until(says(f"đến hết ngày {today:%d/%m/%Y}"))
        await asked(lan, TEXT)
        plan._file(scene.where, scene.uuid).unlink()
        planned(scene.where, scene.sealed, today - timedelta(days=1))
        await lan.tap("Gửi câu hỏi")
        await lan.until(says("Không nhận câu hỏi vào lúc này"))
        await lan.say("/ask")
        await lan.until(says("Hiện không nhận câu hỏi."))
        plan._file(scene.where, scene.uuid).unlink()
        await scene.move(Step.CHECK_IN, Step.OPEN)
        await lan.say("/ask")
        await lan.until(lambda _: len([m for m in lan.messages if "Hiện không nhận" in m.text]) > 1)
        assert await scene.books.registrar.questions.all(scene.uuid) == []


async def test_page_and_chat_count_together(tmp_path):
    """One voter has ten questions, whichever way."""
    async with staged(tmp_path) as scene:
        lan = await scene.voter(1)
        person = (await scene.books.registrar.roster(scene.uuid))[0].person
        for _ in range(questions.MOST_EACH):
            scene.app.state.registrar.quota.count(scene.uuid, person)
        await asked(lan, TEXT)
        await lan.tap("Gửi câu hỏi")
        await lan.until(says("Đã gửi đủ số câu hỏi"))
