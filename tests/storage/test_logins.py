"""What Telegram signed admits the right voter, once, and is forgotten with the logins."""

import asyncio
from dataclasses import replace

import pytest

from crypto.errors import UnknownSession, WrongState
from crypto.lifecycle import Step
from storage.registrar.book import RegistrarBook
from storage.registrar.logins import LoginOutcome
from storage.rows import CODE, MINIAPP, Chat, Login, SeenInitData
from tests.storage.sample import OTHER, TO_CLOSED, UUID, digest, login, person, registrar_at

ACCOUNT = 700
BEARER = digest("bearer")


def showing(
    number: int = 0, *, account: int = ACCOUNT, evidence: bytes | None = None
) -> SeenInitData:
    return SeenInitData(UUID, account, digest(f"shown {number}"), 2_000, evidence)


async def linked(book: RegistrarBook, *steps: Step) -> None:
    """The first delegate's account is known."""
    await registrar_at(book, *steps)
    await book.chats.admit(Chat(UUID, ACCOUNT, "voter", person(0).person, "vi"))


async def rows(book: RegistrarBook, table: str) -> int:
    async with book._database.read() as tx:
        return int((await tx.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


async def test_an_account_logs_in_as_its_voter(registrar):
    """By the Mini App, as the login says; a code's login says otherwise."""
    await linked(registrar, Step.SEAL)
    await registrar.add_login(login(1))

    assert await registrar.logins.admit(showing(), BEARER, 1_000, 0) is LoginOutcome.ADMITTED

    expected = Login(BEARER, UUID, "voter", person(0).person, None, 1_000, MINIAPP)
    assert await registrar.login(BEARER, 999) == expected
    assert await registrar.login(BEARER, 1_000) is None
    by_code = await registrar.login(login(1).hash, 0)
    assert by_code is not None
    assert by_code.way == CODE


async def test_the_same_again_admits_nobody(registrar):
    """Neither with the first bearer nor with another; another showing does."""
    await linked(registrar, Step.SEAL)
    admit = registrar.logins.admit
    await admit(showing(), BEARER, 1_000, 0)

    assert await admit(showing(), digest("other"), 1_000, 0) is LoginOutcome.REPEATED
    assert await admit(showing(), BEARER, 1_000, 1_999) is LoginOutcome.REPEATED

    assert await registrar.login(digest("other"), 0) is None
    assert await admit(showing(1), digest("third"), 1_000, 0) is LoginOutcome.ADMITTED


async def test_of_many_at_once_one_is_admitted(registrar):
    await linked(registrar, Step.SEAL)
    admits = [registrar.logins.admit(showing(), digest(f"{i}"), 1_000, 0) for i in range(6)]

    outcomes = await asyncio.gather(*admits)

    assert sorted(outcome.value for outcome in outcomes) == ["admitted", *["repeated"] * 5]
    assert await rows(registrar, "logins") == 1


async def test_a_stranger_may_come_again_when_known(registrar):
    """What a stranger shows is not used up; a chair's account is no voter's."""
    await registrar_at(registrar, Step.SEAL)
    admit = registrar.logins.admit
    await registrar.chats.admit(Chat(UUID, ACCOUNT, "chair", None, "vi"))

    assert await admit(showing(evidence=b"x"), BEARER, 1_000, 0) is LoginOutcome.STRANGER
    assert await rows(registrar, "evidence") == 0

    await registrar.chats.admit(Chat(UUID, ACCOUNT, "voter", person(0).person, "vi"))
    assert await admit(showing(account=ACCOUNT + 1), BEARER, 1_000, 0) is LoginOutcome.STRANGER
    assert await admit(showing(), BEARER, 1_000, 0) is LoginOutcome.ADMITTED


async def test_a_session_knows_its_own_accounts_only(registrar):
    await linked(registrar, Step.SEAL)
    await registrar.add_session(OTHER, b"human")
    elsewhere = replace(showing(), uuid=OTHER)

    assert await registrar.logins.admit(elsewhere, BEARER, 1_000, 0) is LoginOutcome.STRANGER
    with pytest.raises(UnknownSession):
        await registrar.logins.admit(replace(showing(), uuid="n0ne"), BEARER, 1_000, 0)


async def test_who_leaves_or_gets_a_new_code_is_no_longer_admitted(registrar):
    """Login and account go together."""
    await linked(registrar, Step.SEAL)
    await registrar.logins.admit(showing(), BEARER, 1_000, 0)

    await registrar.revoke(UUID, person=person(0).person)

    assert await registrar.login(BEARER, 0) is None
    assert await registrar.logins.admit(showing(1), BEARER, 1_000, 0) is LoginOutcome.STRANGER


async def test_what_has_expired_is_forgotten(registrar):
    """It is refused by its age then; the table does not grow."""
    await linked(registrar, Step.SEAL)
    await registrar.logins.admit(showing(), BEARER, 1_000, 0)

    later = replace(showing(1), expires=4_000)
    await registrar.logins.admit(later, digest("later"), 3_000, 1_999)
    assert await rows(registrar, "seen_init_data") == 2
    await registrar.logins.admit(replace(showing(2), expires=4_000), digest("x"), 3_000, 2_000)
    assert await rows(registrar, "seen_init_data") == 2


async def test_evidence_is_kept_by_session_and_nothing_else_is(registrar):
    """Sealed values of random numbers: no person, no time; after the end, too."""
    await linked(registrar, Step.SEAL)
    await registrar.add_session(OTHER, b"human")
    admit = registrar.logins.admit
    await admit(showing(0, evidence=b"one"), digest("1"), 1_000, 0)
    await admit(showing(1), digest("2"), 1_000, 0)
    await admit(showing(1, evidence=b"repeated"), digest("3"), 1_000, 0)
    await admit(showing(2, evidence=b"two"), digest("4"), 1_000, 0)
    for step in TO_CLOSED[1:]:
        await registrar.move(UUID, step)
    await registrar.forget(UUID)

    assert sorted(await registrar.logins.evidence(UUID)) == [b"one", b"two"]
    assert await registrar.logins.evidence(OTHER) == []
    async with registrar._database.read() as tx:
        rows = await tx.exec_driver_sql("SELECT * FROM evidence")
    assert list(rows.keys()) == ["uuid", "id", "sealed"]


async def test_after_the_close_nobody_logs_in(registrar):
    """The logins are forgotten, and no new one comes."""
    await linked(registrar, Step.SEAL)
    await registrar.logins.admit(showing(), BEARER, 1_000, 0)
    for step in TO_CLOSED[1:]:
        await registrar.move(UUID, step)
    with pytest.raises(WrongState):
        await registrar.logins.admit(showing(1), digest("late"), 1_000, 0)

    await registrar.forget(UUID)

    assert await rows(registrar, "logins") == 0
    assert await rows(registrar, "seen_init_data") == 0
