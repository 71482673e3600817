"""A registrar who makes credentials of its own: bounded by the committee's head count."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from admin.client import signing
from admin.lifecycle import steps
from admin.session.books import Books
from admin.session.datadir import DataDir
from crypto import checkpoint, note
from crypto.audit.archive import encode_credentials
from crypto.errors import BadCounts
from crypto.group import Element, G
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


@pytest.mark.parametrize(
    ("paper", "counted", "caught"),
    [
        pytest.param(4, 12, r"issued 12 \+ paper 4, .* does not hold", id="as it is"),
        pytest.param(4, 16, r"issued 12 \+ paper 4, .* does not hold", id="whatever was counted"),
        pytest.param(0, 11, "registered 12 . paper 0 > 11", id="not mentioned"),
    ],
)
def test_ballots_in_the_place_of_people_who_vote_on_paper(
    session: Sealed, paper: int, counted: int, caught: str
):
    """Twelve people, four of them on paper, and twelve credentials: the operator made four.

    Its own programs would refuse; it signs the opening with the keys itself. Paper that is not
    mentioned at the opening is at the close, of which a trustee asks the head count again
    (tests/admin/client/test_signing.py, test_the_head_count_at_the_close), and is counted by the
    audit (tests/crypto/test_evidence.py, test_paper_beyond_the_people).
    """
    insider = session.insider
    listed = encode_credentials(G**secret for secret in session.register(12))
    fixed = checkpoint.make(insider.election, State.OPEN, (12, 12, 12, 12, paper), listed)
    stored = hall.with_books(session.where, lambda books: books.box.notes(session.uuid))
    notes = {
        State.SEALED: note.parse(stored[State.SEALED]),
        State.OPEN: note.parse(insider.note(fixed, ())),
    }
    key = replace(insider.state(1), definition=insider.phi)

    with pytest.raises(BadCounts, match=caught):
        signing.opening(key, insider.election, notes, listed, counted)
