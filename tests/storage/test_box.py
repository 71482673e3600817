"""What the box's book keeps, and what it refuses."""

import pytest

from crypto.errors import (
    Closed,
    NotOpen,
    Refused,
    RegistrationEnded,
    RepeatedCiphertext,
    SecondBallot,
    UnknownCredential,
    UnknownSession,
    WrongState,
)
from crypto.lifecycle import State, Step
from tests.storage.sample import OTHER, UUID, Cast, ballot, box_at, digest

OPEN = (Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)


async def cast_by(book) -> list[bytes]:
    """Every stored ballot."""
    return [raw async for raw in book.ballots(UUID)]


async def test_a_session_of_the_box_begins_sealed(box):
    """The same session may be added again, another one with its uuid not."""
    await box.add_session(UUID, b"election")
    await box.add_session(UUID, b"election")
    with pytest.raises(Refused, match="another session"):
        await box.add_session(UUID, b"other")

    row = await box.session(UUID)
    assert (row.uuid, row.state, row.election, row.closes) == (
        UUID,
        State.SEALED,
        b"election",
        None,
    )


async def test_an_unknown_session_is_refused_by_name(box):
    """Nothing can be done to a session that is not here."""
    sent = ballot(0)
    for call in (
        box.session(UUID),
        box.move(UUID, Step.OPEN),
        box.register(UUID, sent.credential, sent.token),
        box.cast(*sent.take()),
        box.set_closing(UUID, 1),
        box.put_note(UUID, State.OPEN, b""),
        box.rewrite(UUID),
    ):
        with pytest.raises(UnknownSession):
            await call


async def test_a_credential_is_registered_once(box):
    """The same credential and token again are fine, another token for it is refused."""
    await box_at(box, Step.CHECK_IN, voters=0)
    sent = ballot(0)
    await box.register(UUID, sent.credential, sent.token)
    await box.register(UUID, sent.credential, sent.token)
    with pytest.raises(Refused, match="another token"):
        await box.register(UUID, sent.credential, b"other")

    assert await box.credentials(UUID) == [(sent.credential, sent.token)]
    assert await box.registered(UUID, sent.credential)
    assert not await box.registered(UUID, digest("other"))
    assert not await box.registered(OTHER, sent.credential)


async def test_credentials_stand_in_the_order_of_their_digits(box):
    """The record writes an element's last byte first and sorts by that."""
    await box_at(box, Step.CHECK_IN, voters=0)
    low, high = bytes([255] * 31 + [1]), bytes([0] * 31 + [2])
    for credential in (high, low):
        await box.register(UUID, credential, b"token")

    assert [credential for credential, _ in await box.credentials(UUID)] == [low, high]


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ((), WrongState),
        (OPEN, RegistrationEnded),
        ((*OPEN, Step.CLOSE), RegistrationEnded),
        ((Step.CANCEL,), RegistrationEnded),
    ],
)
async def test_credentials_are_registered_during_check_in_only(box, steps, refusal):
    """Before check-in it is too early, from the opening on too late."""
    await box_at(box, *steps, voters=0)

    with pytest.raises(WrongState) as caught:
        await box.register(UUID, ballot(0).credential, b"token")

    assert type(caught.value) is refusal
    assert await box.counts(UUID) == {"registered": 0, "cast": 0}


async def test_a_lost_answer_can_be_asked_for_later(box):
    """Who sends the stored credential or ballot again is told that it is in, at any time."""
    await box_at(box, *OPEN)
    sent = ballot(0)
    await box.cast(*sent.take())
    await box.move(UUID, Step.CLOSE)

    await box.register(UUID, sent.credential, sent.token)
    await box.cast(*sent.take())

    assert await box.counts(UUID) == {"registered": 3, "cast": 1}


async def test_one_ballot_per_credential(box):
    """The same bytes again are fine, other bytes are refused, and the first ones stay."""
    await box_at(box, *OPEN)
    first, second = ballot(0), ballot(1, of=0)
    await box.cast(*first.take())
    await box.cast(*first.take())

    with pytest.raises(SecondBallot):
        await box.cast(*second.take())

    assert await box.ballot_of(UUID, first.credential) == first.raw
    assert await box.counts(UUID) == {"registered": 3, "cast": 1}
    # What came with the refused ballot is free for its own credential.
    await box.cast(*ballot(1).take())


async def test_only_registered_credentials_vote(box):
    """A ballot of a credential that nobody registered, or elsewhere, is refused."""
    await box_at(box, *OPEN)
    await box_at(box, *OPEN, uuid=OTHER, voters=5)

    with pytest.raises(UnknownCredential):
        await box.cast(*ballot(4).take())

    assert await cast_by(box) == []
    await box.cast(*ballot(4).take(OTHER))


async def test_no_ciphertext_twice(box):
    """A ciphertext of another ballot, or twice in one, refuses the whole ballot."""
    await box_at(box, *OPEN)
    await box.cast(*ballot(0).take())
    two = ballot(1)
    copied = Cast(two.credential, b"", two.tracker, two.raw, (*two.digests, ballot(0).digests[3]))
    doubled = Cast(two.credential, b"", two.tracker, two.raw, two.digests * 2)

    for wrong in (copied, doubled):
        with pytest.raises(RepeatedCiphertext):
            await box.cast(*wrong.take())

    assert await box.ballot_of(UUID, two.credential) is None
    await box.cast(*two.take())
    await box_at(box, *OPEN, uuid=OTHER)
    await box.cast(*ballot(0).take(OTHER))  # another session is another matter


async def test_no_tracker_twice(box):
    """Two credentials cannot have one ballot."""
    await box_at(box, *OPEN)
    sent = ballot(0)
    await box.cast(*sent.take())

    with pytest.raises(RepeatedCiphertext):
        await box.cast(UUID, ballot(1).credential, sent.tracker, sent.raw, sent.digests)

    assert await cast_by(box) == [sent.raw]


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ((), NotOpen),
        ((Step.CHECK_IN,), NotOpen),
        ((*OPEN, Step.CLOSE), Closed),
        ((*OPEN, Step.CANCEL), Closed),
        ((*OPEN, Step.CLOSE, Step.TALLY), Closed),
    ],
)
async def test_ballots_are_taken_while_voting_is_open(box, steps, refusal):
    """Before the opening and after the end nothing is stored."""
    await box_at(box, *steps)

    with pytest.raises(refusal):
        await box.cast(*ballot(0).take())

    assert await cast_by(box) == []


async def test_ballots_stand_in_the_order_of_their_trackers(box):
    """Capitals before small letters before marks: bytes, not a language, decide."""
    await box_at(box, *OPEN, voters=40)
    signs = "+/0189ABYZabyz"
    trackers = [f"{signs[number % 14]}{signs[number // 14]}x" for number in range(40)]
    for number, tracker in enumerate(trackers):
        sent = ballot(number, size=50)
        await box.cast(UUID, sent.credential, tracker, tracker.encode(), sent.digests)

    assert await box.trackers(UUID) == sorted(trackers)
    assert await cast_by(box) == [tracker.encode() for tracker in sorted(trackers)]


async def test_a_reader_who_stops_holds_nothing(box):
    """Ballots can be read in part; the box can be rewritten after that."""
    await box_at(box, *OPEN, Step.CLOSE)
    async for _ in box.ballots(UUID):
        break

    await box.rewrite(UUID)


async def test_the_close_can_be_announced_while_open(box):
    """A closing time is set and taken back while voting is open, and only then."""
    await box_at(box, Step.CHECK_IN)
    with pytest.raises(WrongState):
        await box.set_closing(UUID, 1_800_000_000)
    await box.move(UUID, Step.OPEN)
    with pytest.raises(WrongState):
        await box.set_closing(UUID, 1_800_000_000)
    await box.move(UUID, Step.SEAL_BOX)
    await box.set_closing(UUID, 1_800_000_000)
    assert (await box.session(UUID)).closes == 1_800_000_000
    await box.set_closing(UUID, None)
    assert (await box.session(UUID)).closes is None


async def test_rewriting_keeps_everything(box):
    """After the end, and not before it, the book is rewritten and says the same."""
    await box_at(box, *OPEN)
    for number in range(3):
        await box.cast(*ballot(number).take())
    await box.put_note(UUID, State.OPEN, b"note")
    with pytest.raises(WrongState, match="only an ended session"):
        await box.rewrite(UUID)
    await box.move(UUID, Step.CLOSE)
    before = (await cast_by(box), await box.credentials(UUID), await box.trackers(UUID))

    await box.rewrite(UUID)
    await box.rewrite(UUID)

    assert (await cast_by(box), await box.credentials(UUID), await box.trackers(UUID)) == before
    assert await box.notes(UUID) == {State.OPEN: b"note"}
    await box_at(box, *OPEN, uuid=OTHER)
    with pytest.raises(RepeatedCiphertext):  # the constraints are still there
        await box.cast(OTHER, ballot(1).credential, "t", b"r", [digest("x"), digest("x")])
