"""The code of a chair, observer or office admits one account or one device."""

from dataclasses import replace

import pytest

from crypto.errors import BadCode
from crypto.lifecycle import Step
from storage.errors import CodeTaken
from storage.rows import Chat, Login, RoleCode
from tests.storage.sample import UUID, digest, registrar_at, role_code

FAR = 2_000_000_000


def chair(account: int, owner: int = 1) -> Chat:
    return Chat(UUID, account, "chair", None, "vi", owner)


def bearer(number: int, role: str = "chair", owner: int = 1) -> Login:
    return Login(digest(f"bearer {number}"), UUID, role, None, owner, FAR)


@pytest.fixture
async def book(registrar):
    """There are two chairs, an observer and a trustee."""
    await registrar_at(registrar, Step.SEAL)
    roles = [("chair", 1), ("chair", 2), ("observer", 1), ("trustee", 1)]
    await registrar.replace_codes([role_code(*role) for role in roles])
    return registrar


async def test_one_account_for_each_holder_of_a_role(book):
    """The same account again is fine; another one, or another holder's code, is not."""
    await book.chats.admit(chair(7))
    await book.chats.admit(chair(7))
    for refused in (chair(8), chair(7, 2)):
        with pytest.raises(CodeTaken):
            await book.chats.admit(refused)
    with pytest.raises(CodeTaken):
        await book.add_login(bearer(0))
    await book.chats.admit(chair(8, 2))

    assert await book.chats.of_session(UUID) == [chair(7), chair(8, 2)]


async def test_one_device(book):
    """Neither a second one nor an account beside it."""
    await book.add_login(bearer(0, "observer"))
    with pytest.raises(CodeTaken):
        await book.add_login(bearer(1, "observer"))
    with pytest.raises(CodeTaken):
        await book.chats.admit(replace(chair(7), role="observer"))

    assert await book.login(bearer(1, "observer").hash, 0) is None
    await book.chats.admit(chair(7))


async def test_a_trustees_program_logs_in_at_each_step(book):
    await book.add_login(bearer(0, "trustee"))
    await book.add_login(bearer(1, "trustee"))


async def test_an_ended_code_takes_its_account_and_login_along(book):
    """And only these; what was read before the end admits nobody after it."""
    await book.chats.admit(chair(7))
    await book.chats.admit(chair(8, 2))
    await book.add_login(bearer(0, "observer"))

    assert await book.revoke(UUID, role="chair", owner=1) == 1
    assert await book.revoke(UUID, role="observer", owner=1) == 1

    assert await book.chats.of_session(UUID) == [chair(8, 2)]
    assert await book.login(bearer(0, "observer").hash, 0) is None
    with pytest.raises(BadCode):
        await book.chats.admit(chair(9))
    with pytest.raises(BadCode):
        await book.add_login(bearer(1))


async def test_codes_are_listed_with_their_use(book):
    await book.chats.admit(chair(7, 2))
    await book.add_login(bearer(0, "observer"))

    assert await book.role_codes(UUID) == [
        RoleCode("chair", 1, FAR, account=False, device=False),
        RoleCode("chair", 2, FAR, account=True, device=False),
        RoleCode("observer", 1, FAR, account=False, device=True),
        RoleCode("trustee", 1, FAR, account=False, device=False),
    ]
