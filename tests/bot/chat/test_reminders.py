"""The plan in the chair's chat, and reminders of it: once each, never at night, chairs only."""

import time
from dataclasses import replace

import pytest

from admin.office import dossiers
from admin.office import plan as deadlines
from admin.office.plan import Plan
from admin.rules import zones
from admin.rules.calendar import Deadline, OwnDays
from bot.chat import reminders
from tests.bot.chat.test_notices import heard
from tests.worlds.quick import QUICK
from tests.worlds.scene import says, staged

LOOKING = replace(QUICK, pauses=replace(QUICK.pauses, plans=0.2))
TODAY = zones.today(time.time(), zones.DEFAULT)  # the body's, not this machine's


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reminders, "HOURS", (0, 24))


def due(key: str, days: int, **more: object) -> Deadline:
    """So many days from today."""
    said = {"key": key, "who": "Văn phòng", "what": f"Việc {key}", "rule": "x", **more}
    where = {"days": abs(days), "when": "after" if days > 0 else "before"}
    return Deadline.model_validate(said | where)


def planned(scene, *rules: Deadline) -> None:
    fixed = {"uuid": scene.uuid, "body": "b", "title": "t", "regime": "qd96-2023", "done": ()}
    facts = {"organ": "council", "vote": TODAY, "opening": None, "own": OwnDays()}
    deadlines.keep(scene.where, Plan(**fixed, **facts, deadlines=rules))  # type: ignore[arg-type]


async def test_a_chair_is_reminded_once_of_what_is_near_due_or_late(tmp_path):
    """In one message; of nothing that is far, done, past or optional, and nobody else is."""
    async with staged(tmp_path, options=LOOKING) as scene:
        planned(
            scene,
            due("far", 3),
            due("near", 2),
            due("today", 0),
            due("late", -4),
            due("past", -1, optional=True),
            due("done", -9),
        )
        deadlines.finish(scene.where, scene.uuid, ["done"])
        chair, lan = await scene.chair(), await scene.voter(1)
        reminder = await chair.until(says("Nhắc việc"))
        for part in ("Việc near", "còn 2 ngày", "HẠN HÔM NAY", "Việc late", "QUÁ HẠN 4 ngày"):
            assert part in reminder.text
        for key in ("far", "past", "done"):
            assert f"Việc {key}" not in reminder.text
        await scene.looks()
        async with scene.again():
            await scene.looks()
        assert (heard(chair, "Nhắc việc"), heard(lan, "Nhắc việc")) == (1, 0)


async def test_an_office_hears_of_the_papers_that_are_asked_of_it(tmp_path):
    """Once; of nothing else in the plan, and it can tick nothing off."""
    async with staged(tmp_path, options=LOOKING) as scene:
        planned(scene, due("self_report", 1), due("result_report", 1))
        office, chair = await scene.office(), await scene.chair()
        reminder = await office.until(says("Nhắc việc", "Việc self_report"))
        assert "result_report" not in reminder.text
        await chair.until(says("Nhắc việc", "Việc result_report"))
        await office.say("/plan")
        plan = await office.until(says("Kế hoạch", "Việc self_report"))
        assert plan.labels == []
        assert "result_report" not in plan.text
        async with scene.again():
            await scene.looks()
        assert heard(office, "Nhắc việc") == 1
        for command in ("/questions", "/close", "/session"):
            await office.say(command)
        await scene.telegram.quiet()
        assert heard(office, "Chỉ chủ tọa phiên") == 2


async def test_nobody_is_reminded_at_night(tmp_path, monkeypatch):
    """Nothing is lost: it comes in the morning."""
    hour = zones.local(time.time(), zones.DEFAULT).hour  # this machine may keep another
    monkeypatch.setattr(reminders, "HOURS", (hour + 1, hour + 2))
    async with staged(tmp_path, options=LOOKING) as scene:
        planned(scene, due("today", 0))
        chair = await scene.chair()
        await scene.looks()
        assert heard(chair, "Nhắc việc") == 0
        monkeypatch.setattr(reminders, "HOURS", (hour, hour + 1))
        await chair.until(says("Nhắc việc"))


async def test_the_plan_says_who_lacks_what_and_is_ticked_off(tmp_path):
    async with staged(tmp_path / "data", options=LOOKING) as scene:
        planned(scene, due("self_report", -2), due("result_report", 9))
        (tmp_path / "dossiers").mkdir()
        (tmp_path / "dossiers" / "02-bao-cao.pdf").write_bytes(b"x")
        dossiers.copy(tmp_path, scene.where, scene.uuid, 3)
        chair, lan = await scene.chair(), await scene.voter(1)
        await chair.say("/plan")
        page = await chair.until(says("Kế hoạch", "Còn thiếu Báo cáo tự đánh giá: người số 1, 3"))
        await chair.tap("Đã xong: Việc result_report")
        await chair.until(says("Việc result_report", "(đã xong)"))
        plan = deadlines.kept(scene.where, scene.uuid)
        assert plan is not None
        assert plan.done == ("result_report",)
        tap = await lan.tap("Đã xong: Việc self_report", on=page)
        assert "không còn hiệu lực" in ((await tap.answer()).text or "")
        await lan.say("/plan")
        await lan.until(says("Chỉ chủ tọa phiên"))


async def test_a_report_that_everybody_sent_is_not_late(tmp_path):
    async with staged(tmp_path / "data", options=LOOKING) as scene:
        planned(scene, due("self_report", -2))
        (tmp_path / "dossiers").mkdir()
        for number in (1, 2, 3):
            (tmp_path / "dossiers" / f"{number}-bao-cao.pdf").write_bytes(b"x")
        dossiers.copy(tmp_path, scene.where, scene.uuid, 3)
        chair = await scene.chair()
        await chair.say("/plan")
        await chair.until(says("(đã xong)"))
        await scene.looks()
        assert heard(chair, "Nhắc việc") == 0


async def test_a_chair_hears_that_the_time_for_questions_is_over(tmp_path):
    """With how many there are; not of each as it comes, which would say when it was asked."""
    async with staged(tmp_path, options=LOOKING) as scene:
        planned(scene, due("questions", 1, questions=True, optional=True))
        chair = await scene.chair()
        await scene.books.registrar.questions.ask(scene.uuid, 1, "Vì sao?")
        await scene.looks()
        assert heard(chair, "câu") == 0
        deadlines._file(scene.where, scene.uuid).unlink()
        planned(scene, due("questions", -1, questions=True, optional=True))
        await chair.until(says("Đã hết hạn nhận câu hỏi: có 1 câu."))


async def test_who_was_there_hears_that_papers_were_added(tmp_path):
    """Without whose; once; who comes later does not."""
    async with staged(tmp_path / "data", options=LOOKING) as scene:
        lan = await scene.voter(1)
        (tmp_path / "dossiers").mkdir()
        (tmp_path / "dossiers" / "02-giai-trinh.pdf").write_bytes(b"x")
        book, session = scene.books.registrar, await scene.books.session(scene.uuid)
        change = await dossiers.add(book, scene.where, session, tmp_path)
        assert change.added == ("02-giai-trinh.pdf",)
        notice = await lan.until(says("đã được bổ sung"))
        assert "Nguyễn Văn" not in notice.text
        minh = await scene.voter(2)
        await dossiers.add(book, scene.where, session, tmp_path)
        await scene.looks()
        assert (heard(lan, "đã được bổ sung"), heard(minh, "đã được bổ sung")) == (1, 0)
        entries = await scene.books.registrar.entries(scene.uuid)
        assert entries == ["Bổ sung hồ sơ người được lấy phiếu: 02-giai-trinh.pdf"]
