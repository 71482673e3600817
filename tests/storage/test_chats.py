"""Which account of a messenger speaks for whom, and what it was told."""

from dataclasses import replace

import pytest

from crypto.errors import BadCode, UnknownSession
from crypto.lifecycle import Step
from storage.errors import CodeTaken
from storage.rows import Chat
from tests.storage.sample import OTHER, UUID, code, person, registrar_at


def chat(number: int, account: int) -> Chat:
    return Chat(UUID, account, "voter", person(number).person, "vi")


def office(role: str, account: int) -> Chat:
    return Chat(UUID, account, role, None, "vi")


async def test_an_account_speaks_for_one_person(registrar):
    """The same again is fine; another account, or another person, is not."""
    await registrar_at(registrar, Step.SEAL)
    chats = registrar.chats

    await chats.admit(chat(0, 7))
    await chats.admit(chat(0, 7))
    with pytest.raises(CodeTaken):
        await chats.admit(chat(0, 8))
    with pytest.raises(CodeTaken):
        await chats.admit(chat(1, 7))
    with pytest.raises(BadCode):
        await chats.admit(replace(chat(0, 9), person=bytes(16)))
    with pytest.raises(UnknownSession):
        await chats.admit(replace(chat(1, 9), uuid=OTHER))

    assert await chats.of_session(UUID) == [chat(0, 7)]


async def test_an_account_may_have_several_roles(registrar):
    """A chair votes, too; and there may be several chairs."""
    await registrar_at(registrar, Step.SEAL)
    for admitted in (chat(0, 7), office("chair", 7), office("chair", 8)):
        await registrar.chats.admit(admitted)

    assert await registrar.chats.of_account(7) == [office("chair", 7), chat(0, 7)]
    assert await registrar.chats.of_account(9) == []


async def test_a_language_holds_for_all_roles_of_an_account(registrar):
    await registrar_at(registrar, Step.SEAL)
    for admitted in (chat(0, 7), office("chair", 7), office("chair", 8)):
        await registrar.chats.admit(admitted)

    await registrar.chats.speak(7, "en")

    chats = await registrar.chats.of_session(UUID)
    languages = {chat.account: chat.language for chat in chats}
    assert languages == {7: "en", 8: "vi"}


async def test_each_notice_is_noted_once_for_each_account(registrar):
    await registrar_at(registrar, Step.SEAL)
    for account in (7, 7, 8):
        await registrar.chats.note_sent(UUID, "opened", account)

    assert await registrar.chats.notified(UUID, "opened") == {7, 8}
    assert await registrar.chats.notified(UUID, "closed") == set()


async def test_at_the_end_no_voter_is_known(registrar):
    """Chairs and observers stay, with what they were told: they are not told again."""
    await registrar_at(registrar, Step.SEAL)
    for admitted in (chat(0, 7), chat(1, 8), office("chair", 7)):
        await registrar.chats.admit(admitted)
    for account in (7, 8):
        await registrar.chats.note_sent(UUID, "published", account)

    await registrar.chats.forget(UUID)

    assert await registrar.chats.of_session(UUID) == [office("chair", 7)]
    assert await registrar.chats.notified(UUID, "published") == {7}


async def test_a_new_code_ends_the_old_account(registrar):
    """Whoever stole the letter loses the chat with it; others keep theirs."""
    await registrar_at(registrar, Step.SEAL)
    await registrar.replace_codes([code(0), code(1)])
    for admitted in (chat(0, 7), chat(1, 8)):
        await registrar.chats.admit(admitted)

    await registrar.revoke(UUID, person=person(0).person)

    assert await registrar.chats.of_session(UUID) == [chat(1, 8)]
    await registrar.chats.admit(chat(0, 9))


async def test_who_leaves_the_roster_leaves_the_chats(registrar):
    await registrar_at(registrar, Step.SEAL)
    await registrar.chats.admit(chat(0, 7))

    await registrar.amend(UUID, 1, b"amendment", b"earlier", [], [person(0).person])

    assert await registrar.chats.of_session(UUID) == []
