"""Changes of the sealed roster: signed, numbered, counted."""

from dataclasses import replace

import pytest

from crypto import note
from crypto.audit.evidence import ISSUANCE_LIMIT, Issuance
from crypto.checkpoint import MAX_AMENDMENTS, MAX_REASON, Amendment, check_amendments
from crypto.errors import BadCheckpoint, BadCounts, Malformed, ProtocolError
from tests.testkit import ROSTER, session

FIRST = Amendment(1, 2, 1, "ab" * 32, "Bổ sung hai đại biểu mới được bầu")
SECOND = Amendment(2, 0, 3, "cd" * 32, "Ba đại biểu chuyển công tác")


def signed(amendment: Amendment, *parties: str) -> str:
    """The note of an amendment with these parties' signatures."""
    sealed = session()
    signers = [sealed.signer(party) for party in parties or ("registrar", "chair")]
    return (
        note.sign(amendment.body(sealed.election.uuid, sealed.election.phi), signers)
        .encode()
        .decode()
    )


def checked(*notes: str) -> int:
    sealed = session()
    return check_amendments(notes, sealed.election, sealed.parameters, "issuance.json")


def test_sizes_add_up():
    """What was sealed, plus and minus what was changed, in order."""
    assert checked() == ROSTER
    assert checked(signed(FIRST)) == ROSTER + 1
    assert checked(signed(FIRST), signed(SECOND)) == ROSTER - 2


def test_no_amendment_removes_more_than_there_are_or_leaves_nobody():
    """Whatever a later one puts back."""
    exchanged = replace(FIRST, added=1, removed=ROSTER)
    back = replace(SECOND, added=ROSTER, removed=0)

    assert checked(signed(exchanged)) == 1
    for added, removed in ((ROSTER, ROSTER + 1), (0, ROSTER)):
        with pytest.raises(BadCounts, match=f"{removed} removed from a roster of {ROSTER}"):
            checked(signed(replace(FIRST, added=added, removed=removed)), signed(back))


def test_a_reason_has_a_limit():
    """Its bytes count towards a file of the record."""
    longest = replace(FIRST, reason="ộ" * MAX_REASON)

    assert checked(signed(longest)) == ROSTER + 1
    with pytest.raises(Malformed, match="1 to 500 characters"):
        checked(signed(replace(FIRST, reason="ộ" * (MAX_REASON + 1))))


def test_as_many_amendments_as_there_may_be_fit_the_record():
    """With the longest reasons in the widest letters; one more is refused."""
    notes = tuple(
        signed(Amendment(number, 1, 1, "ab" * 32, "\U00020000" * MAX_REASON))
        for number in range(1, MAX_AMENDMENTS + 2)
    )
    raw = Issuance(12, {"cli": 11}, amendments=notes[:-1]).encode()

    assert len(raw) < ISSUANCE_LIMIT
    assert Issuance.decode(raw).amendments == notes[:-1]
    assert checked(*notes[:-1]) == ROSTER
    with pytest.raises(Malformed, match="amendments: 101 members, expected 0 to 100"):
        Issuance.decode(Issuance(12, {"cli": 11}, amendments=notes).encode())


def test_round_trip():
    """A body is read back as it was made."""
    election = session().election

    assert Amendment.from_body(FIRST.body(election.uuid, election.phi), "x") == FIRST


@pytest.mark.parametrize(
    "notes",
    [
        (signed(SECOND),),
        (signed(FIRST), signed(FIRST)),
        (signed(SECOND), signed(FIRST)),
        (signed(FIRST, "registrar"),),
        (signed(FIRST, "chair"),),
        (signed(FIRST, "box", "chair"),),
        (signed(FIRST).replace("removed 1", "removed 0"),),
        (signed(FIRST).replace("added 2", "added 3"),),
        (signed(FIRST).replace("mới", "cũ"),),
        (signed(FIRST).replace("phi ", "phi x"),),
    ],
)
def test_others_are_refused(notes: tuple[str, ...]):
    """Out of order, twice, unsigned by one of the two, or altered."""
    with pytest.raises(BadCheckpoint, match=r"amendment|note"):
        checked(*notes)


@pytest.mark.parametrize(
    "change",
    [
        ("added 2", "added 02"),
        ("added 2", "added -2"),
        ("added 2\n", ""),
        ("amendment", "amend"),
        ("reason", "because"),
        ("roster ab", "roster AB"),
        ("Bổ sung hai đại biểu mới được bầu", ""),
    ],
)
def test_other_texts_are_no_amendments(change: tuple[str, str]):
    """The names and their order are fixed, and so is the spelling of numbers."""
    election = session().election

    with pytest.raises(Malformed):
        Amendment.from_body(FIRST.body(election.uuid, election.phi).replace(*change), "x")


def test_signature_of_another_session():
    """φ is in the text."""
    sealed = session()
    body = FIRST.body(sealed.election.uuid, "A" * 43)
    signed = note.sign(body, [sealed.signer("registrar"), sealed.signer("chair")]).encode().decode()

    with pytest.raises(ProtocolError, match="another session's"):
        checked(signed)


def test_numbers_stand_in_the_body():
    """Nothing of an amendment is unsigned."""
    election = session().election
    amendments = [
        replace(FIRST, number=2),
        replace(FIRST, added=3),
        replace(FIRST, removed=2),
        replace(FIRST, mac="ef" * 32),
        replace(FIRST, reason="Khác"),
    ]
    bodies = {amendment.body(election.uuid, election.phi) for amendment in (FIRST, *amendments)}

    assert len(bodies) == 6
