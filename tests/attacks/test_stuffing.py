"""A registrar who makes credentials of its own: bounded by the committee's head count."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from admin.client import signing
from admin.lifecycle import steps
from admin.session.books import Books
from admin.session.datadir import DataDir
from crypto import note
from crypto.audit.archive import encode_credentials
from crypto.errors import BadCounts
from crypto.group import Element
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
) -> tuple[dict[State, Note], bytes]:
    """So many tokens in the registrar's book, so many credentials at the box; the chair opens.

    Returns:
        The notes and the list of credentials, as a trustee gets them who is to seal the box.
    """
    session.register(registered)

    async def work(books: Books) -> tuple[dict[State, Note], bytes]:
        for person in (await books.registrar.roster(session.uuid))[:issued]:
            request = person.person * 2
            await books.registrar.issue(session.uuid, person.person, request, request, "cli")
        await books.registrar.set_present(session.uuid, present)
        await steps.open_voting(books, session.uuid)
        notes = await books.box.notes(session.uuid)
        rows = await books.box.credentials(session.uuid)
        shown = {state: note.parse(raw) for state, raw in notes.items()}
        return shown, encode_credentials(Element(raw) for raw, _ in rows)

    return hall.with_books(session.where, work)


@pytest.mark.parametrize(
    ("issued", "registered", "said", "counted", "caught"),
    [
        pytest.param(9, 9, 9, 9, None, id="honest"),
        pytest.param(
            10, 10, 10, 9, "registered 10 . paper 0 > 9", id="more people than were counted"
        ),
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
    notes, credentials = stuffed(session, issued, registered, said)
    insider = session.insider
    key = replace(insider.state(1), definition=insider.phi)

    with nullcontext() if caught is None else pytest.raises(BadCounts, match=caught):
        signing.opening(key, insider.election, notes, credentials, counted)


def test_more_credentials_than_tokens(session: Sealed):
    """The opening itself refuses them, before anybody has voted; the session stays in check-in."""
    with pytest.raises(BadCounts, match="10 credentials are registered, but 9 tokens are out"):
        stuffed(session, 9, 10, 9)

    row = hall.with_books(session.where, lambda books: books.registrar.session(session.uuid))
    assert row.state == State.CHECKIN
