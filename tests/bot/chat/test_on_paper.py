"""Whoever votes on paper is told so, and is asked for nothing in Telegram."""

import secrets
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from admin.record.session_file import SessionFile
from admin.voting.codes import code_hash
from crypto.lifecycle import State, Step
from crypto.session import Official, new_uuid
from storage.rows import Code, Person
from tests.bot.web.test_on_paper import POLICY
from tests.worlds import hall
from tests.worlds.hall import FAR
from tests.worlds.paper import definition
from tests.worlds.scene import COLLECT, Scene, offers, says, staged


async def session_on_paper(scene: Scene) -> tuple[Any, str]:
    """Another session of the same body, sealed; and its one voter's code."""
    book, uuid, code = scene.books.registrar, new_uuid(), hall.letters()
    human = SessionFile.decode((await book.session(scene.uuid)).session_json)
    session_json = replace(human, uuid=uuid).encode()
    await book.add_session(uuid, session_json)
    person = secrets.token_bytes(16)
    await book.put_roster(uuid, [Person(person, 1, "Nguyễn Văn An", {})])
    await book.replace_codes([Code(code_hash(uuid, code), uuid, "voter", person, None, FAR)])
    paper = definition([Official("Trần Thị Bình", "Chủ tịch")], POLICY, roster=1)
    await book.propose_on_paper(uuid, session_json, paper.encode())
    await book.move(uuid, Step.SEAL)
    return SimpleNamespace(uuid=uuid), code


async def test_a_session_on_paper_is_told_once_and_steered_elsewhere(tmp_path):
    """No button, no reminder; a chair's step says where it is done, and nothing changes."""
    async with staged(tmp_path) as scene:
        session, code = await session_on_paper(scene)
        an = await scene.enter(scene.stranger("An"), code, session)
        chair = await scene.enter(
            scene.stranger(), await scene.role_code("chair", session), session
        )
        await chair.say("/checkin")
        await chair.until(says("Phiên này bỏ phiếu giấy", "phieukin paper"))
        assert (await scene.books.registrar.session(session.uuid)).state is State.SEALED

        await scene.books.registrar.move(session.uuid, Step.CHECK_IN)
        await an.until(says("bỏ phiếu giấy", "không nhận phiếu trong Telegram"))
        await chair.say("/session")
        await chair.until(says("Đang phát phiếu"))
        for step in (Step.OPEN, Step.SEAL_BOX, Step.CLOSE, Step.TALLY, Step.PUBLISH):
            await scene.books.registrar.move(session.uuid, step)
        await scene.looks()
        notices = [
            message for message in an.history if "không nhận phiếu trong Telegram" in message.text
        ]
        assert len({message.id for message in notices}) == 1
        assert await scene.books.registrar.chats.of_account(an.id) == []


async def test_somebody_with_a_paper_ballot_is_not_asked_to_collect(tmp_path):
    """Neither reminded nor told to vote here; the button from before says why it does nothing."""
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        await lan.until(offers(COLLECT))
        (first,) = [p for p in await scene.books.registrar.roster(scene.uuid) if p.place == 1]
        await scene.books.registrar.paper.issue(scene.uuid, [first.person], late=False)
        answer = await (await lan.tap(COLLECT)).answer()
        assert "phát phiếu giấy" in (answer.text or "")
        assert await scene.counts() == (0, 0, 0)
        await scene.move(Step.OPEN)
        await scene.looks()
        assert not [message for message in lan.history if "Đã mở bỏ phiếu" in message.text]
