"""What the registrar's book keeps, and what it refuses."""

from dataclasses import replace

import pytest

from crypto.errors import (
    BadCode,
    Malformed,
    RecoveryTaken,
    Refused,
    RegistrationEnded,
    TokenAlreadyIssued,
    UnknownSession,
    WrongState,
)
from crypto.lifecycle import State, Step
from storage.rows import Proposal
from tests.storage.sample import (
    OTHER,
    TO_CLOSED,
    UUID,
    code,
    digest,
    login,
    person,
    registrar_at,
    role_code,
)

CHECKIN = (Step.SEAL, Step.CHECK_IN)
REQUEST = digest("request")
PROPOSAL = Proposal(b"election", b"trustees", b"transcript")


async def test_a_new_session_is_a_draft(registrar):
    """A session begins as a draft, and the same one may be added again."""
    await registrar.add_session(UUID, b"human")
    await registrar.add_session(UUID, b"human")

    row = await registrar.session(UUID)
    assert (row.state, row.session_json, row.election, row.present, row.terms) == (
        State.DRAFT,
        b"human",
        None,
        None,
        None,
    )
    assert await registrar.sessions() == [row]


async def test_a_uuid_is_taken_once(registrar):
    """Another session with the same uuid is refused and changes nothing."""
    await registrar.add_session(UUID, b"human")

    with pytest.raises(Refused, match="another session"):
        await registrar.add_session(UUID, b"another")

    assert (await registrar.session(UUID)).session_json == b"human"


async def test_an_unknown_session_is_refused_by_name(registrar):
    """Asking for, changing or filling a session that is not here says so."""
    for call in (
        registrar.session(UUID),
        registrar.move(UUID, Step.SEAL),
        registrar.put_roster(UUID, []),
        registrar.put_message(UUID, "step1", 1, b"", during=State.DRAFT),
        registrar.replace_message(UUID, "step1", 1, b"", b"1"),
        registrar.put_note(UUID, State.SEALED, b""),
        registrar.add_entry(UUID, ""),
        registrar.issue(UUID, person(0).person, REQUEST, b"", "web"),
        registrar.forget(UUID),
    ):
        with pytest.raises(UnknownSession):
            await call


async def test_a_sealed_draft_does_not_change(registrar):
    """Terms, roster and definition can be set until the seal and not after it."""
    await registrar_at(registrar)
    await registrar.update_draft(UUID, b"terms", b"new")
    await registrar.move(UUID, Step.SEAL)

    for call in (
        registrar.update_draft(UUID, b"other", b"other"),
        registrar.put_roster(UUID, []),
        registrar.propose(UUID, b"other", PROPOSAL),
        registrar.propose_on_paper(UUID, b"{}", b"other"),
    ):
        with pytest.raises(WrongState):
            await call

    row = await registrar.session(UUID)
    assert (row.terms, row.session_json, row.election) == (b"terms", b"new", None)
    assert len(await registrar.roster(UUID)) == 3


async def test_what_is_proposed_is_the_sessions_from_the_seal_on(registrar):
    """The trustees see the proposal before; it is proposed once, and again gives the same."""
    await registrar_at(registrar)
    assert await registrar.proposal(UUID) is None
    await registrar.propose(UUID, b"covered", PROPOSAL)
    await registrar.propose(UUID, b"covered", PROPOSAL)
    for changed in ("election", "trustees", "transcript"):
        with pytest.raises(Refused, match="another definition"):
            await registrar.propose(UUID, b"other", replace(PROPOSAL, **{changed: b"other"}))
    with pytest.raises(Refused, match="another definition"):
        await registrar.propose_on_paper(UUID, b"{}", b"paper")

    row = await registrar.session(UUID)
    assert (row.session_json, row.election, row.trustees) == (b"covered", None, None)
    assert await registrar.proposal(UUID) == PROPOSAL
    await registrar.move(UUID, Step.SEAL)

    row = await registrar.session(UUID)
    assert (row.election, row.trustees, row.paper) == (b"election", b"trustees", None)
    assert await registrar.proposal(UUID) == PROPOSAL
    assert await registrar.sessions() == [row]


async def test_a_cancelled_draft_was_never_sealed(registrar):
    """What was only proposed is not taken for its definition."""
    await registrar_at(registrar)
    await registrar.propose(UUID, b"covered", PROPOSAL)
    await registrar.move(UUID, Step.CANCEL)

    assert (await registrar.session(UUID)).election is None


async def test_a_vote_on_paper_has_a_definition_of_its_own(registrar):
    """It has no key, and nobody signs it."""
    await registrar_at(registrar)
    await registrar.propose_on_paper(UUID, b"{}", b"paper")
    await registrar.propose_on_paper(UUID, b"{}", b"paper")
    with pytest.raises(Refused, match="another definition"):
        await registrar.propose_on_paper(UUID, b"{}", b"other")
    assert (await registrar.session(UUID)).paper is None
    await registrar.move(UUID, Step.SEAL)

    row = await registrar.session(UUID)
    assert (row.paper, row.election, await registrar.proposal(UUID)) == (b"paper", None, None)


async def test_a_step_and_its_line_of_the_journal_are_one(registrar):
    """A refused step leaves no line; a step that is made leaves one."""
    await registrar_at(registrar, Step.SEAL)

    with pytest.raises(WrongState):
        await registrar.move(UUID, Step.OPEN, entry="opened")
    assert (await registrar.session(UUID)).state is State.SEALED

    await registrar.move(UUID, Step.CANCEL, entry="cancelled: power cut")
    assert await registrar.entries(UUID) == ["cancelled: power cut"]


async def test_heads_are_counted_during_check_in(registrar):
    """The head count may be corrected until the opening."""
    await registrar_at(registrar, Step.SEAL)
    with pytest.raises(WrongState):
        await registrar.set_present(UUID, 3)
    await registrar.move(UUID, Step.CHECK_IN)
    await registrar.set_present(UUID, 3)
    await registrar.set_present(UUID, 2)
    assert (await registrar.session(UUID)).present == 2
    await registrar.move(UUID, Step.OPEN)
    with pytest.raises(WrongState):
        await registrar.set_present(UUID, 3)


async def test_the_roster_keeps_the_order_of_the_spreadsheet(registrar):
    """Names, details and order come back as they went in."""
    roster = [replace(person(number), place=9 - number) for number in range(9)]
    await registrar.add_session(UUID, b"human")
    await registrar.put_roster(UUID, roster)

    assert await registrar.roster(UUID) == roster[::-1]


async def test_who_stays_on_a_new_roster_keeps_the_code(registrar):
    """A replaced roster takes the code from those who left, and from nobody else."""
    await registrar_at(registrar)
    await registrar.replace_codes([code(0), code(1)])

    renamed = replace(person(1), name="Tên mới", place=0)
    await registrar.put_roster(UUID, [renamed, person(7)])

    assert await registrar.roster(UUID) == [renamed, person(7)]
    assert await registrar.code(code(0).hash) is None
    assert await registrar.code(code(1).hash) == code(1)


async def test_nobody_stands_twice_on_a_roster(registrar):
    """A repeated person is refused, whether in one list or by an amendment."""
    await registrar_at(registrar)
    with pytest.raises(Malformed):
        await registrar.put_roster(UUID, [person(5), person(5)])
    with pytest.raises(Refused, match="is on the roster"):
        await registrar.amend(UUID, 1, b"one", b"earlier", [person(0)], [])

    assert len(await registrar.roster(UUID)) == 3
    assert await registrar.amendments(UUID) == []


async def test_amendments_are_numbered(registrar):
    """Amendments come one after the other; each may be sent again, none may be replaced."""
    await registrar_at(registrar, *CHECKIN)
    await registrar.amend(UUID, 1, b"one", b"earlier", [person(8)], [person(0).person])
    await registrar.amend(UUID, 1, b"one", b"earlier", [person(8)], [person(0).person])

    with pytest.raises(Refused, match="another amendment"):
        await registrar.amend(UUID, 1, b"other", b"earlier", [], [])
    with pytest.raises(Refused, match="next amendment"):
        await registrar.amend(UUID, 3, b"three", b"earlier", [], [])
    with pytest.raises(Malformed):
        await registrar.amend(UUID, 2, b"two", b"earlier", [], [person(0).person])

    assert await registrar.amendments(UUID) == [b"one"]
    assert await registrar.roster(UUID) == [person(1), person(2), person(8)]


async def test_no_amendment_after_the_opening(registrar):
    """Once voting is open the roster stands."""
    await registrar_at(registrar, *CHECKIN, Step.OPEN, Step.SEAL_BOX)

    with pytest.raises(RegistrationEnded):
        await registrar.amend(UUID, 1, b"one", b"earlier", [], [])


async def test_who_has_a_token_stays_on_the_roster(registrar):
    """An amendment that would remove such a person changes nothing."""
    await registrar_at(registrar, *CHECKIN)
    await registrar.replace_codes([code(0)])
    await registrar.issue(UUID, person(0).person, REQUEST, b"answer", "web")

    with pytest.raises(TokenAlreadyIssued):
        await registrar.amend(UUID, 1, b"one", b"earlier", [person(8)], [person(0).person])

    assert len(await registrar.roster(UUID)) == 3
    assert await registrar.code(code(0).hash) == code(0)
    assert await registrar.amendments(UUID) == []


async def test_codes_are_stored_all_or_none(registrar):
    """One code for a stranger keeps the others out too."""
    await registrar_at(registrar)

    with pytest.raises(Refused, match="not here"):
        await registrar.replace_codes([code(0), code(9)])
    with pytest.raises(Refused, match="already"):
        await registrar.replace_codes([code(0), code(0)])

    assert await registrar.code(code(0).hash) is None


async def test_a_code_is_revoked_with_its_logins(registrar):
    """Revoking a person or a trustee leaves everyone else's codes alone."""
    await registrar_at(registrar)
    officers = [role_code("chair"), role_code("trustee", 1), role_code("trustee", 2)]
    await registrar.replace_codes([code(0), code(1), *officers])
    await registrar.add_login(login(0))

    assert await registrar.revoke(UUID, person=person(0).person) == 1
    assert await registrar.revoke(UUID, role="trustee", owner=2) == 1

    left = [await registrar.code(officer.hash) for officer in (code(0), code(1), *officers)]
    assert left == [None, code(1), officers[0], officers[1], None]
    assert await registrar.login(login(0).hash, 0) is None


async def test_revoking_nobody_is_refused(registrar):
    """Forgetting to say whom must not revoke everyone."""
    await registrar_at(registrar)
    await registrar.replace_codes([code(0)])

    with pytest.raises(Refused, match="needs"):
        await registrar.revoke(UUID)

    assert await registrar.code(code(0).hash) == code(0)


async def test_a_login_expires(registrar):
    """A bearer admits until its time and not at it."""
    await registrar_at(registrar)
    await registrar.add_login(login(0, expires=1_000))

    assert await registrar.login(login(0).hash, 999) == login(0, expires=1_000)
    assert await registrar.login(login(0).hash, 1_000) is None
    assert await registrar.login(digest("guessed"), 0) is None


async def test_a_stranger_gets_no_login_and_no_token(registrar):
    """A person who is not on this roster is nobody."""
    await registrar_at(registrar, *CHECKIN)

    for call in (
        registrar.add_login(login(9)),
        registrar.issue(UUID, person(9).person, REQUEST, b"answer", "web"),
    ):
        with pytest.raises(BadCode):
            await call


async def test_one_token_per_voter(registrar):
    """The same request gets the stored answer; another request of the person gets none."""
    await registrar_at(registrar, *CHECKIN)
    issue = registrar.issue

    assert await issue(UUID, person(0).person, REQUEST, b"first", "web") == b"first"
    assert await issue(UUID, person(0).person, REQUEST, b"again", "chat") == b"first"
    with pytest.raises(TokenAlreadyIssued):
        await issue(UUID, person(0).person, digest("other"), b"second", "web")
    assert await issue(UUID, person(1).person, REQUEST, b"hers", "chat") == b"hers"

    assert await registrar.issued(UUID) == {"chat": 1, "web": 1}
    assert await registrar.issued(OTHER) == {}


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ((), WrongState),
        ((Step.SEAL,), WrongState),
        ((*CHECKIN, Step.OPEN, Step.SEAL_BOX), RegistrationEnded),
        (TO_CLOSED, RegistrationEnded),
        ((*CHECKIN, Step.CANCEL), RegistrationEnded),
    ],
)
async def test_tokens_are_issued_during_check_in_only(registrar, steps, refusal):
    """Before check-in it is too early, from the opening on too late."""
    await registrar_at(registrar, *steps)

    with pytest.raises(WrongState) as caught:
        await registrar.issue(UUID, person(0).person, REQUEST, b"answer", "web")
    assert type(caught.value) is refusal

    assert await registrar.issued(UUID) == {}


async def test_what_is_left_for_another_device_stays(registrar):
    """Once, for whoever has a token; a finder of the letter does not replace it."""
    await registrar_at(registrar, *CHECKIN)
    holder = person(0).person
    for stranger in (holder, person(9).person):
        with pytest.raises(Refused, match="no token"):
            await registrar.put_recovery(UUID, stranger, b"early")
    await registrar.issue(UUID, holder, REQUEST, b"answer", "web")

    await registrar.put_recovery(UUID, holder, b"first")
    await registrar.put_recovery(UUID, holder, b"first")
    with pytest.raises(RecoveryTaken):
        await registrar.put_recovery(UUID, holder, b"second")

    assert await registrar.recovery(UUID, holder) == b"first"
    assert await registrar.recovery(UUID, person(1).person) is None


async def test_a_trustee_does_not_change_a_message(registrar):
    """A message may be sent again and not replaced."""
    await registrar_at(registrar)
    await registrar.put_message(UUID, "step1", 2, b"two", during=State.DRAFT)
    await registrar.put_message(UUID, "step1", 1, b"one", during=State.DRAFT)
    await registrar.put_message(UUID, "step1", 2, b"two", during=State.DRAFT)
    await registrar.put_message(UUID, "step2", 2, b"later", during=State.DRAFT)
    with pytest.raises(Refused, match="trustee 2 has already sent another step1"):
        await registrar.put_message(UUID, "step1", 2, b"other", during=State.DRAFT)
    assert await registrar.messages(UUID, "step1") == {1: b"one", 2: b"two"}


async def test_a_message_comes_in_its_state_or_not_at_all(registrar):
    """What the committee signs at one moment is not taken at another."""
    await registrar_at(registrar, *CHECKIN)
    with pytest.raises(WrongState, match="no opening is taken while the session is checkin"):
        await registrar.put_message(UUID, "opening", 1, b"note", during=State.OPENING)
    assert await registrar.messages(UUID, "opening") == {}


async def test_an_opening_is_taken_back_only_before_a_trustee_signs(registrar):
    """With its note; after a signature it stays, and the registration ended."""
    await registrar_at(registrar, *CHECKIN, Step.OPEN)
    await registrar.put_note(UUID, State.OPEN, b"note")
    await registrar.move(UUID, Step.RESUME)
    assert (await registrar.session(UUID)).state is State.CHECKIN
    with pytest.raises(WrongState, match="no opening is signed while the session is checkin"):
        await registrar.put_note(UUID, State.OPEN, b"note")  # by a server that has just read it
    assert await registrar.notes(UUID) == {}

    await registrar.move(UUID, Step.OPEN)
    await registrar.put_note(UUID, State.OPEN, b"other note")
    await registrar.put_message(UUID, "opening", 2, b"signed", during=State.OPENING)
    with pytest.raises(Refused, match="trustees 2 have signed the opening"):
        await registrar.move(UUID, Step.RESUME)
    assert (await registrar.session(UUID)).state is State.OPENING
    assert await registrar.notes(UUID) == {State.OPEN: b"other note"}


@pytest.mark.parametrize("fewer", [b"note", b"note, one, two", b"note, two"])
async def test_a_note_gets_more_signatures_and_loses_none(registrar, fewer: bytes):
    """What is stored is the beginning of what takes its place."""
    await registrar_at(registrar, Step.SEAL)
    for note in (b"note", b"note, one", b"note, one"):
        await registrar.put_note(UUID, State.CLOSED, note)
    if fewer.startswith(b"note, one"):
        await registrar.put_note(UUID, State.CLOSED, fewer)
        return
    with pytest.raises(Refused):
        await registrar.put_note(UUID, State.CLOSED, fewer)
    assert await registrar.notes(UUID) == {State.CLOSED: b"note, one"}


async def test_a_message_is_replaced_by_whoever_knows_it(registrar):
    """In the place of another only while that is there: of two who replace it one does."""
    await registrar_at(registrar)
    await registrar.put_message(UUID, "share", 1, b"right", during=State.DRAFT)
    await registrar.put_message(UUID, "share", 2, b"wrong", during=State.DRAFT)
    await registrar.replace_message(UUID, "share", 2, b"wrong", b"better")

    for old in (b"wrong", b"right"):
        with pytest.raises(Refused, match="trustee 2 has already sent another share"):
            await registrar.replace_message(UUID, "share", 2, old, b"worse")
    assert await registrar.messages(UUID, "share") == {1: b"right", 2: b"better"}


async def test_trial_shares_are_noted_by_the_day(registrar):
    """Whose key was tried today is known, each day anew."""
    await registrar_at(registrar)
    for owner in (3, 1, 3):
        await registrar.note_key_check(UUID, owner, "2026-12-05")
    await registrar.note_key_check(UUID, 2, "2026-12-06")

    assert await registrar.checked_keys(UUID, "2026-12-05") == {1, 3}
    assert await registrar.checked_keys(OTHER, "2026-12-05") == set()


async def test_notes_and_journal(registrar):
    """Notes stand in the order of the life cycle, entries in the order they were made."""
    await registrar_at(registrar, *CHECKIN, Step.OPEN)
    for state in (State.OPEN, State.SEALED, State.OPEN):
        await registrar.put_note(UUID, state, state.encode())
    with pytest.raises(Refused, match="another note"):
        await registrar.put_note(UUID, State.OPEN, b"other")
    for text in ("mở phiên", "kiểm diện", "mở phiên"):
        await registrar.add_entry(UUID, text)

    assert list((await registrar.notes(UUID)).items()) == [
        (State.SEALED, b"sealed"),
        (State.OPEN, b"open"),
    ]
    assert await registrar.entries(UUID) == ["mở phiên", "kiểm diện", "mở phiên"]


async def test_forgetting_keeps_who_got_a_token_and_nothing_else(registrar):
    """After the end there is no code, login, request or answer of a voter left."""
    await registrar_at(registrar, *CHECKIN)
    await registrar.replace_codes([code(0), role_code("trustee", 1)])
    await registrar.add_login(login(0))
    await registrar.issue(UUID, person(0).person, REQUEST, b"answer", "web")
    await registrar.put_recovery(UUID, person(0).person, b"sealed")
    with pytest.raises(WrongState, match="only an ended session"):
        await registrar.forget(UUID)
    await registrar.move(UUID, Step.OPEN)
    await registrar.move(UUID, Step.SEAL_BOX)
    await registrar.move(UUID, Step.CLOSE)

    await registrar.forget(UUID)
    await registrar.forget(UUID)

    assert await registrar.code(code(0).hash) is None
    assert await registrar.code(role_code("trustee", 1).hash) == role_code("trustee", 1)
    assert await registrar.login(login(0).hash, 0) is None
    assert await registrar.recovery(UUID, person(0).person) is None
    assert await registrar.issued(UUID) == {"web": 1}
    assert len(await registrar.roster(UUID)) == 3
