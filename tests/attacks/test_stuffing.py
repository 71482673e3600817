"""A registrar who makes credentials of its own: bounded by the committee's head count."""

from contextlib import nullcontext
from hashlib import sha256

import pytest

from admin.client.trustee import check_present
from admin.lifecycle import steps
from admin.record.audit import rewinding
from admin.record.opening import ClosedArchive, audit_closed
from admin.session.books import Books
from admin.session.datadir import DataDir
from crypto import note
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.encoding import b64_sha256
from crypto.errors import BadCounts
from crypto.group import G
from crypto.lifecycle import State, Step
from crypto.note import Note
from tests.worlds import hall
from tests.worlds.hall import Sealed

pytestmark = pytest.mark.slow


@pytest.fixture
def session(where: DataDir) -> Sealed:
    return hall.sealed(where, Step.CHECK_IN, min_ballots=5)


def stuffed(
    session: Sealed, issued: int, registered: int, present: int
) -> tuple[ClosedArchive, Note]:
    """So many tokens in the registrar's book, so many credentials at the box, all of them vote.

    Returns:
        The archive and the opening checkpoint, as a trustee gets them.
    """
    secrets = session.register(registered)

    async def work(books: Books) -> Note:
        for person in (await books.registrar.roster(session.uuid))[:issued]:
            request = person.person * 2
            await books.registrar.issue(session.uuid, person.person, request, request, "cli")
        await books.registrar.set_present(session.uuid, present)
        await steps.open_voting(books, session.uuid)
        for secret in secrets:
            raw = session.vote(secret)
            digests = [sha256(raw + bytes([i])).digest() for i in range(3)]
            await books.box.cast(session.uuid, (G**secret).raw, b64_sha256(raw), raw, digests)
        await steps.close(books, session.uuid)
        return note.parse((await books.box.notes(session.uuid))[State.OPEN])

    opening = hall.with_books(session.where, work)
    with session.where.archive(session.uuid).open("rb") as file:
        return audit_closed(rewinding(file), Report(), check_here), opening


@pytest.mark.parametrize(
    ("issued", "registered", "said", "counted", "caught"),
    [
        pytest.param(9, 9, 9, 9, None, id="honest"),
        pytest.param(10, 10, 10, 9, "present 10", id="more people than were counted"),
        pytest.param(10, 10, 10, 10, None, id="in the names of people who are present"),
    ],
)
def test_credentials_of_the_registrars_own(
    session: Sealed, issued: int, registered: int, said: int, counted: int, caught: str | None
):
    """A trustee compares the committee's head count: only so many credentials can be there.

    The last case is the limit that docs/threat-model.md names: within present − issued nobody
    can tell a token for a person who is there and did not come for it.
    """
    closed, opening = stuffed(session, issued, registered, said)

    with nullcontext() if caught is None else pytest.raises(BadCounts, match=caught):
        check_present(closed, opening, counted)


def test_more_credentials_than_tokens(session: Sealed):
    """The opening itself refuses them, before anybody has voted; the session stays in check-in."""
    with pytest.raises(BadCounts, match="10 credentials are registered, but 9 tokens are out"):
        stuffed(session, 9, 10, 9)

    row = hall.with_books(session.where, lambda books: books.registrar.session(session.uuid))
    assert row.state == State.CHECKIN
