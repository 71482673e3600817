"""admin/lifecycle/signing.py: nothing goes on before a quorum of the committee has signed."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from admin.lifecycle import electronic, signing, steps
from admin.session.books import Books, opened
from crypto import checkpoint, note
from crypto.audit.ballots import check_here
from crypto.committee import Moment
from crypto.errors import BadCheckpoint, NotOpen, NotSigned, Refused, WrongState
from crypto.group import G, random_scalar
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State, Step
from storage.registrar.book import RegistrarBook
from tests import testkit
from tests.worlds import committee, hall

TRUSTEES = testkit.committee().states


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    """Both books of a new data directory."""
    async with opened(hall.datadir(tmp_path)) as both:
        yield both


async def checked_in(books: Books) -> hall.Sealed:
    """A session with one credential, and everybody present."""
    session = hall.defined(books.datadir)
    await hall.store(books, session)
    await session.moving(books, Step.CHECK_IN)
    person = (await books.registrar.roster(session.uuid))[0].person
    await books.registrar.issue(session.uuid, person, bytes(32), b"answer", "browser")
    credential = G ** random_scalar()
    await books.box.register(session.uuid, credential.raw, session.insider.token(credential))
    await steps.set_present(books, session.uuid, hall.VOTERS)
    return session


async def proposed(books: Books) -> hall.Sealed:
    """A session whose opening the committee is asked to sign; one credential is on the list."""
    session = await checked_in(books)
    await steps.open_voting(books, session.uuid)
    return session


async def signed_by(books: Books, session: hall.Sealed, moment: Moment, *owners: int) -> None:
    states = [TRUSTEES[owner - 1] for owner in owners]
    await committee.sign(books, session.uuid, moment, states)


async def text_of(books: Books, session: hall.Sealed, state: State) -> str:
    return note.parse((await books.registrar.notes(session.uuid))[state]).text


async def state_of(books: Books, session: hall.Sealed) -> State:
    return (await books.session(session.uuid)).state


async def test_the_box_opens_with_the_quorum_and_not_before(books: Books):
    """Two of three signatures open nothing where the quorum is three; the third does."""
    session = await proposed(books)

    await signed_by(books, session, Moment.OPENING, 1, 3)

    waiting = await signing.awaited(books.registrar, await books.session(session.uuid))
    assert waiting == signing.Waiting(Moment.OPENING, 2, 3, 3)
    assert await state_of(books, session) == State.OPENING
    with pytest.raises(NotOpen):
        await books.box.cast(session.uuid, bytes(32), "tracker", b"ballot", [])
    await signed_by(books, session, Moment.OPENING, 2)
    assert await state_of(books, session) == State.OPEN
    assert (await books.box.session(session.uuid)).state == State.OPEN
    for book in (books.box, books.registrar):
        opening = note.parse((await book.notes(session.uuid))[State.OPEN])
        insider = session.insider
        assert checkpoint.check_committee(opening, insider.election, insider.parameters)


async def test_a_line_that_only_the_box_has_got(books: Books):
    """An interruption between the two books keeps no later signature from either."""
    session = await proposed(books)
    await signed_by(books, session, Moment.OPENING, 3)
    text = await text_of(books, session, State.OPEN)
    raw = committee.signature(session.uuid, Moment.OPENING, TRUSTEES[1], text)
    await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 2, raw)
    ahead = note.parse((await books.box.notes(session.uuid))[State.OPEN])
    lines = (*ahead.signatures, *note.parse(raw).signatures)
    await books.box.put_note(session.uuid, State.OPEN, note.Note(text, lines).encode())

    await signed_by(books, session, Moment.OPENING, 1)

    assert await state_of(books, session) == State.OPEN
    at_box, at_registrar = (
        await books.box.notes(session.uuid),
        await books.registrar.notes(session.uuid),
    )
    assert at_box[State.OPEN] == at_registrar[State.OPEN]


def other_salt(state: TrusteeState, uuid: str, text: str) -> bytes:
    """Signed with the salt of another moment."""
    right = note.parse(committee.signature(uuid, Moment.OPENING, state, text))
    wrong = note.parse(committee.signature(uuid, Moment.CLOSING, state, text))
    assert right.signatures != wrong.signatures
    return wrong.encode()


async def test_a_signature_that_does_not_hold_is_refused_and_not_counted(books: Books):
    """Of another text, with another salt, in another's name, or with somebody else's beside it."""
    session = await proposed(books)
    text, uuid = await text_of(books, session, State.OPEN), session.uuid
    first, second = TRUSTEES[0], TRUSTEES[1]
    mine = note.parse(committee.signature(uuid, Moment.OPENING, first, text))
    others = note.parse(committee.signature(uuid, Moment.OPENING, second, text))
    wrong = {
        "signed another opening": committee.signature(
            uuid, Moment.OPENING, first, text.replace("registered 1", "registered 2")
        ),
        "not the one it committed to": other_salt(first, uuid, text),
        "not signed by": others.encode(),
        "signatures of others": note.join([mine, others]).encode(),
    }
    for reason, raw in wrong.items():
        with pytest.raises(BadCheckpoint, match=reason):
            await signing.take_signature(books.registrar, uuid, Moment.OPENING, 1, raw)

    await signing.gather(books, uuid)
    assert await books.registrar.messages(uuid, "opening") == {}
    waiting = await signing.awaited(books.registrar, await books.session(uuid))
    assert waiting is not None
    assert waiting.signed == 0


async def test_check_in_goes_on_until_somebody_has_signed(books: Books):
    """A phone that is missing on the list: the opening is taken back, and there is another."""
    session = await proposed(books)
    first = await text_of(books, session, State.OPEN)

    await steps.resume(books, session.uuid)

    assert await state_of(books, session) == State.CHECKIN
    assert State.OPEN not in await books.box.notes(session.uuid)
    credential = G ** random_scalar()
    await books.box.register(session.uuid, credential.raw, session.insider.token(credential))
    people = await books.registrar.roster(session.uuid)
    await books.registrar.issue(session.uuid, people[1].person, bytes(32), b"answer", "browser")
    await steps.open_voting(books, session.uuid)
    assert await text_of(books, session, State.OPEN) != first
    await signed_by(books, session, Moment.OPENING, 2)
    with pytest.raises(Refused, match="trustees 2 have signed the opening"):
        await steps.resume(books, session.uuid)
    with pytest.raises(Refused, match="trustees 2 have signed the opening"):
        await electronic.resume(books, await books.session(session.uuid))
    assert await state_of(books, session) == State.OPENING


async def test_too_few_credentials_are_a_warning_before_the_opening(books: Books):
    """Nobody could open the totals; the chair hears it while registration can still go on."""
    session = await proposed(books)
    await steps.resume(books, session.uuid)
    request = steps.Request(steps.Act.OPEN)
    reasons = await steps.reasons(books, await books.session(session.uuid), request)

    few = next(reason for reason in reasons if reason.code == "few_credentials")
    least = session.insider.parameters.policy.min_ballots
    assert (few.facts, few.error) == ({"registered": 1, "least": least}, None)


async def test_nothing_is_signed_twice_or_at_another_moment(books: Books):
    """A second signature of one trustee is refused, a closing before the close, too."""
    session = await proposed(books)
    text = await text_of(books, session, State.OPEN)
    await signed_by(books, session, Moment.OPENING, 1)
    again = committee.signature(session.uuid, Moment.OPENING, TRUSTEES[0], text)

    with pytest.raises(Refused, match="already sent another opening"):
        await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 1, again)
    with pytest.raises(WrongState, match="there is no closing to sign"):
        await signing.take_signature(books.registrar, session.uuid, Moment.CLOSING, 1, again)


async def test_who_did_not_hear_the_answer_sends_the_same_again(books: Books):
    """The same bytes are nothing new, even after the box is open; others are refused then."""
    session = await proposed(books)
    text = await text_of(books, session, State.OPEN)
    await signed_by(books, session, Moment.OPENING, 1, 2)
    last = committee.signature(session.uuid, Moment.OPENING, TRUSTEES[2], text)
    await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 3, last)
    await signing.gather(books, session.uuid)

    await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 3, last)

    assert await state_of(books, session) == State.OPEN
    other = committee.signature(session.uuid, Moment.OPENING, TRUSTEES[2], text)
    with pytest.raises(WrongState, match="there is no opening to sign"):
        await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 3, other)


async def test_a_box_that_only_the_registrar_knows_to_be_sealed_is_opened(books: Books):
    """Interrupted between the two books; the close does it, too."""
    session = await proposed(books)
    await signed_by(books, session, Moment.OPENING, 1, 2)
    text = await text_of(books, session, State.OPEN)
    last = committee.signature(session.uuid, Moment.OPENING, TRUSTEES[2], text)
    await signing.take_signature(books.registrar, session.uuid, Moment.OPENING, 3, last)
    await books.registrar.move(session.uuid, Step.SEAL_BOX)
    assert session.uuid in await steps.signable(books, await steps.under_way(books))
    assert await steps.due(books, time.time()) == []  # nobody has ended what is not open

    await steps.announce_close(books, session.uuid, 0, 0)

    assert (await books.box.session(session.uuid)).state == State.OPEN
    opening = note.parse((await books.box.notes(session.uuid))[State.OPEN])
    assert checkpoint.check_committee(opening, session.insider.election, session.insider.parameters)


async def test_no_totals_before_the_quorum_has_signed_the_close(books: Books):
    """Shares that were sent early open nothing; the closing names the opening it follows."""
    session = await proposed(books)
    await signed_by(books, session, Moment.OPENING, 1, 2, 3)
    await steps.close(books, session.uuid)
    await signed_by(books, session, Moment.CLOSING, 1, 2)

    with pytest.raises(NotSigned, match="2 of 3 trustees have signed the close"):
        await electronic.count(books, await books.session(session.uuid), check_here)

    closing = checkpoint.Checkpoint.from_body(await text_of(books, session, State.CLOSED))
    opening = await text_of(books, session, State.OPEN)
    assert closing.opening == checkpoint.digest_of(opening)
    await signed_by(books, session, Moment.CLOSING, 3)
    assert await signing.awaited(books.registrar, await books.session(session.uuid)) is None


async def test_an_opening_that_only_the_box_has_got_stays_the_opening(
    books: Books, monkeypatch: pytest.MonkeyPatch
):
    """Signed, then interrupted; paper that is given out meanwhile makes no second text."""
    uuid = (await checked_in(books)).uuid
    with monkeypatch.context() as broken:

        async def full(*_: object) -> None:
            raise OSError("no space")

        broken.setattr(RegistrarBook, "put_note", full)
        with pytest.raises(OSError, match="no space"):
            await steps.open_voting(books, uuid)
    at_box = (await books.box.notes(uuid))[State.OPEN]
    people = await books.registrar.roster(uuid)
    await books.registrar.paper.issue(uuid, [people[5].person], late=False)

    await steps.gather(books, uuid)

    assert (await books.registrar.notes(uuid))[State.OPEN] == at_box
    assert (await books.box.notes(uuid))[State.OPEN] == at_box
