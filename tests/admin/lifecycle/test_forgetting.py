"""However a session ends: no code, login, request or recovery is left on the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin.lifecycle import electronic, moves, steps
from admin.record import opening
from admin.session.books import Books, opened
from crypto.lifecycle import State, Step
from storage.rows import Code, Login
from tests import testkit
from tests.admin.lifecycle.test_steps import on_paper, sealed
from tests.worlds import hall

SECRETS = [bytes([number]) * 32 for number in (0xA1, 0xA2, 0xA3, 0xA4, 0xA5)]


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    """Both books of a new data directory."""
    async with opened(hall.datadir(tmp_path)) as both:
        yield both


async def come(books: Books, uuid: str) -> None:
    """One delegate with a code, a login, a token and a recovery."""
    code, login, request, answer, sealed_secrets = SECRETS
    person = (await books.registrar.roster(uuid))[0].person
    await books.registrar.replace_codes([Code(code, uuid, "voter", person, None, 2_000_000_000)])
    await books.registrar.add_login(Login(login, uuid, "voter", person, None, 2_000_000_000))
    await books.registrar.issue(uuid, person, request, answer, "browser")
    await books.registrar.put_recovery(uuid, person, sealed_secrets)


def left(folder: Path) -> list[bytes]:
    """The secrets that stand anywhere in the data directory's files."""
    stored = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return [secret for secret in SECRETS if secret in stored]


@pytest.mark.parametrize("opening", [False, True])
async def test_a_cancelled_session_is_forgotten(books: Books, opening: bool):
    """During check-in and during the vote; and again where a crash came after the step."""
    session = await sealed(books, State.CHECKIN)
    await come(books, session.uuid)
    if opening:
        await session.moving(books, Step.OPEN)
    assert left(books.datadir.folder) == SECRETS
    if opening:
        await moves.move(books, session.uuid, Step.CANCEL, "cancelled: power cut")
        assert left(books.datadir.folder) == SECRETS

    await steps.cancel(books, session.uuid, "power cut")

    assert left(books.datadir.folder) == []
    assert await books.registrar.issued(session.uuid) == {"browser": 1}
    assert await books.registrar.entries(session.uuid) == ["cancelled: power cut"]


async def test_a_draft_and_a_vote_on_paper_are_cancelled_without_a_box(books: Books):
    """The registrar's book is forgotten alone."""
    uuid = await on_paper(books)
    await steps.cancel(books, uuid, "postponed")
    await books.registrar.add_session("draftSessi0nAA", testkit.HUMAN.encode())
    await steps.cancel(books, "draftSessi0nAA", "postponed")

    for cancelled in (uuid, "draftSessi0nAA"):
        assert (await books.registrar.session(cancelled)).state == State.CANCELLED


async def test_a_failed_session_is_forgotten_again(books: Books, monkeypatch: pytest.MonkeyPatch):
    """What came after the close goes, too."""

    async def unwritten(*_: object) -> None:
        """No archive stands here to make a record of."""

    monkeypatch.setattr(electronic, "write_record", unwritten)
    monkeypatch.setattr(opening, "read_result", lambda *_: None)
    session = await sealed(books, State.CHECKIN)
    await come(books, session.uuid)
    await session.moving(books, Step.OPEN, Step.CLOSE)
    assert left(books.datadir.folder) == SECRETS

    await steps.fail(books, session.uuid, "keys lost")

    assert left(books.datadir.folder) == []
