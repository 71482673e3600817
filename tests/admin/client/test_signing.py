"""What a trustee's program makes of a definition, a list and an archive, and what it refuses."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import pytest

from admin.client import signing
from admin.client.signing import ClosedBox, Signable
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import ClosedArchive
from crypto import ceremony, checkpoint, note
from crypto.audit.archive import encode_credentials, size_limit
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.checkpoint import Checkpoint
from crypto.committee import Moment
from crypto.errors import (
    AlreadySigned,
    BadCheckpoint,
    BadCounts,
    BadCredentials,
    BadDefinition,
    BadTrustees,
    Incomplete,
    ProtocolError,
    Refused,
    TooFewBallots,
    WrongState,
)
from crypto.keyfile import TrusteeState, new_seed, remember_tally
from crypto.lifecycle import State
from crypto.note import Note, Signer
from crypto.session import Election, define
from crypto.trustees import Trustees
from tests import testkit
from tests.crypto.room import hold
from tests.testkit import CAST, PRESENT, REGISTERED, Parts, Session


@dataclass(frozen=True)
class Files:
    """What a trustee gets on the day, and the committee's notes as far as they are signed."""

    session: Session
    parts: Parts
    checkpoints: dict[State, Checkpoint]

    @property
    def election(self) -> Election:
        return self.session.election

    @property
    def credentials(self) -> bytes:
        return self.parts.credentials

    def key(self, owner: int = 1) -> TrusteeState:
        """A trustee who has signed the definition."""
        return replace(self.session.state(owner), definition=self.election.phi)

    def notes(
        self, *, opening: int = 3, closing: int = 3, **others: Checkpoint
    ) -> dict[State, Note]:
        """The notes with so many trustees' signatures on opening and closing."""
        owners = {State.SEALED: 3, State.OPEN: opening, State.CLOSED: closing}
        by_state = self.checkpoints | {State(name): fixed for name, fixed in others.items()}
        return {
            state: note.parse(self.session.note(by_state[state], range(1, count + 1)))
            for state, count in owners.items()
        }

    def opening(self, key: TrusteeState, present: int = PRESENT, **notes: Checkpoint) -> Signable:
        notes_shown = self.notes(opening=0, closing=3, **notes)
        return signing.opening(key, self.election, notes_shown, self.credentials, present)


@cache
def files() -> Files:
    session, parts = testkit.session(), testkit.honest()
    return Files(session, parts, session.checkpoints(parts))


@cache
def archive() -> ClosedArchive:
    return audited(files().parts.archive)


def audited(raw: bytes) -> ClosedArchive:
    return opening.audit_closed(rewinding(io.BytesIO(raw)), Report(), check_here)


def box(key: TrusteeState, notes: dict[State, Note]) -> ClosedBox:
    return signing.closed_box(key, archive(), notes)


def signed_by(files: Files, key: TrusteeState, signable: Signable) -> None:
    """Remembers, signs, and has the signature checked as everybody checks it."""
    key = signing.remembering(key, signable)
    signature = signing.sign(key, signable)
    parameters = files.session.parameters
    assert signature.text == signable.checkpoint.body
    assert len(signature.signatures) == 1
    checkpoint.check_trustee(signature, files.election, parameters, key.index)


# --- The definition -------------------------------------------------------------------------


def define_for(key: TrusteeState, election: Election, trustees: Trustees) -> Signable:
    """With the session.json of the one honest session."""
    return signing.definition(key, election, trustees, testkit.HUMAN.encode())


def other_definition(**changes: Any) -> Election:
    """A definition by whoever writes it, with something of the committee changed."""
    session = files().session
    committee = replace(session.parameters.committee, **changes)
    return define(
        name=testkit.HUMAN.name,
        description="khác",
        uuid=session.election.uuid,
        trustees=session.trustees,
        parameters=replace(session.parameters, committee=committee),
    )


@pytest.mark.parametrize("owner", [1, 2, 3])
def test_the_definition_of_the_own_ceremony_is_signed(owner: int):
    """Each trustee of the ceremony signs it, with the salt it committed to."""
    session = files().session
    signable = define_for(session.state(owner), session.election, session.trustees)

    signed_by(files(), session.state(owner), signable)


def test_a_single_trustee_signs():
    """A committee of one checks its own key and salts."""
    key = TrusteeState(new_seed(), 1, 1, 1)
    message = ceremony.single(key)
    trustees = Trustees((message.item,))
    parameters = replace(
        files().session.parameters,
        trustees=trustees.digest,
        committee=ceremony.committee_of(1, [message]),
    )
    election = define(
        name=testkit.HUMAN.name,
        description="",
        uuid=testkit.UUID,
        trustees=trustees,
        parameters=parameters,
    )
    signable = define_for(key, election, trustees)
    key = signing.remembering(key, signable)
    checkpoint.check_trustee(signing.sign(key, signable), election, parameters, 1)

    stranger = TrusteeState(new_seed(), 1, 1, 1)
    with pytest.raises(BadTrustees, match="other key of trustee 1"):
        define_for(stranger, election, trustees)


@pytest.mark.parametrize("owner", [1, 2])
def test_a_definition_with_other_salts(owner: int):
    """Own salts or another's: the codes that people compare would be somebody's choice."""
    session = files().session
    members = list(session.parameters.committee.members)
    members[owner - 1] = replace(members[owner - 1], salts=("0" * 64, "1" * 64, "2" * 64))
    election = other_definition(members=tuple(members))

    with pytest.raises(BadTrustees, match=f"other salts of trustee {owner} than its step 1"):
        define_for(session.state(1), election, session.trustees)


def test_a_definition_with_another_threshold():
    """Whoever may open the totals alone was not what the ceremony said."""
    session = files().session
    strict = replace(session.state(1), threshold=3)
    with pytest.raises(BadTrustees, match="another committee"):
        define_for(strict, session.election, session.trustees)


def test_a_definition_of_another_ceremony():
    """The key is not of this committee."""
    session, stranger = files().session, hold(3, 2)
    with pytest.raises(BadTrustees, match="other key of trustee 1"):
        define_for(stranger.states[0], session.election, session.trustees)
    with pytest.raises(BadDefinition, match="public_key"):
        define_for(session.state(1), session.election, stranger.trustees)


def test_a_key_that_knows_nobody_else_signs_no_definition():
    """Before step 2 the others' keys and salts are the server's word alone."""
    session = files().session
    with pytest.raises(Incomplete, match="not run step 2"):
        define_for(session.room.fresh[0], session.election, session.trustees)


def test_a_key_signs_one_definition():
    """A second one is refused; the same again is the same."""
    session = files().session
    first = define_for(session.state(1), session.election, session.trustees)
    second = define_for(session.state(1), other_definition(), session.trustees)
    key = signing.remembering(session.state(1), first)

    assert signing.remembering(key, first) == key
    with pytest.raises(AlreadySigned, match="another definition"):
        signing.remembering(key, second)
    with pytest.raises(Refused, match="only what it remembers"):
        signing.sign(session.state(1), first)


def test_the_session_code_is_of_everyones_signatures():
    """A definition that one trustee has not signed has no code."""
    session, sealed = files().session, files().checkpoints[State.SEALED]
    assert len(signing.session_code(session.election, files().notes())) == 24
    lacking = note.parse(session.note(sealed, (1, 2)))
    with pytest.raises(BadCheckpoint, match="signed by 2 of 3 trustees"):
        signing.session_code(session.election, {State.SEALED: lacking})
    with pytest.raises(Incomplete):
        signing.session_code(session.election, {})


def test_a_definition_with_other_levels_than_the_regimes():
    """What voters read is what is counted: session.json and the regime say which levels."""
    session = files().session
    key, trustees = session.state(1), session.trustees
    with pytest.raises(BadDefinition, match="its hash is not the one in election"):
        signing.definition(key, session.election, trustees, b"{}")
    policy = session.parameters.policy
    levels = tuple(reversed(policy.levels))
    crossed = define(
        name=testkit.HUMAN.name,
        description="",
        uuid=testkit.UUID,
        trustees=trustees,
        parameters=replace(session.parameters, policy=replace(policy, levels=levels)),
    )
    with pytest.raises(BadDefinition, match=r"policy.levels\[0\]"):
        define_for(key, crossed, trustees)


# --- The opening ----------------------------------------------------------------------------


@pytest.mark.parametrize("owner", [1, 2, 3])
def test_an_opening_within_the_head_count_is_signed(owner: int):
    """The head count may be higher than what the chair entered, never lower."""
    for present in (PRESENT, PRESENT + 3):
        signed_by(files(), files().key(owner), files().opening(files().key(owner), present))


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        (PRESENT - 1, f"the opening says present {PRESENT}, the committee {PRESENT - 1}"),
        (REGISTERED - 1, f"registered {REGISTERED} . paper 0 > {REGISTERED - 1}"),
        (0, "the committee's head count"),
    ],
)
def test_a_head_count_that_is_too_small(present: int, reason: str):
    """Credentials of people who are not there."""
    with pytest.raises(BadCounts, match=reason):
        files().opening(files().key(), present)


def reopened(**changes: int) -> Checkpoint:
    """The opening with other counts, as the whole server may sign it."""
    names = checkpoint.COUNTS[State.OPEN]
    honest = files().checkpoints[State.OPEN]
    counts = dict(zip(names, honest.counts, strict=True)) | changes
    return replace(honest, counts=tuple(counts[name] for name in names))


@pytest.mark.parametrize(
    "changes",
    [{"paper": 2}, {"issued": REGISTERED - 1}, {"roster": PRESENT - 1}, {"present": 3}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_opening_whose_counts_contradict_each_other(changes: dict[str, int]):
    """More paper and tokens than people, more credentials than tokens, more people than voters."""
    with pytest.raises(BadCounts, match="does not hold"):
        files().opening(files().key(), 99, open=reopened(**changes))


def test_an_opening_of_another_list():
    """The list that is shown is the one whose hash is signed."""
    key, shown = files().key(), files().notes(opening=0)
    fewer = encode_credentials(files().session.credentials[1:])
    twice = files().credentials.replace(b'","', b'", "', 1)
    with pytest.raises(BadCheckpoint, match="differs"):
        signing.opening(key, files().election, shown, fewer, PRESENT)
    with pytest.raises(BadCredentials):
        signing.opening(key, files().election, shown, twice, PRESENT)


def test_an_opening_that_is_not_of_this_session():
    """A replayed opening of another session, with honest signatures of the same server."""
    stranger = replace(reopened(), phi=other_definition().phi)
    with pytest.raises(BadCheckpoint, match="differs from the record at: phi"):
        files().opening(files().key(), open=stranger)


def test_an_opening_that_the_server_has_not_signed():
    """Registrar, box and chair each sign what the committee is asked to."""
    fixed, session = files().checkpoints[State.OPEN], files().session
    for party in checkpoint.SIGNERS[State.OPEN]:
        signers: list[Signer] = [
            session.signer(other) for other in checkpoint.SIGNERS[State.OPEN] if other != party
        ]
        notes = files().notes() | {State.OPEN: note.sign(fixed.body, signers)}
        with pytest.raises(BadCheckpoint, match=f"not signed by .*{party}"):
            signing.opening(files().key(), files().election, notes, files().credentials, PRESENT)


def test_an_opening_of_a_definition_that_was_not_signed_by_all():
    """There is no box to seal."""
    shown, sealed = files().notes(opening=0), files().checkpoints[State.SEALED]
    shown[State.SEALED] = note.parse(files().session.note(sealed, (1, 3)))
    with pytest.raises(BadCheckpoint, match="signed by 2 of 3"):
        signing.opening(files().key(), files().election, shown, files().credentials, PRESENT)


def test_a_key_signs_one_opening():
    """The second one that a server shows is refused, and so is one of another definition."""
    key = signing.remembering(files().key(), files().opening(files().key()))
    with pytest.raises(AlreadySigned, match="opening that is shown is not the one"):
        files().opening(key, open=reopened(issued=REGISTERED))
    with pytest.raises(AlreadySigned, match="another definition"):
        files().opening(replace(files().key(), definition=other_definition().phi))
    with pytest.raises(WrongState, match="definition"):
        signing.remembering(files().session.state(1), files().opening(files().session.state(1)))


def test_the_opening_code_is_of_a_quorum():
    """Fewer lines give no code; another opening than the own is named."""
    key, election = files().key(), files().election
    code = signing.opening_code(key, election, files().notes())
    with pytest.raises(BadCheckpoint, match="signed by 2 of 3"):
        signing.opening_code(key, election, files().notes(opening=2))
    other = files().notes(open=reopened(issued=REGISTERED))
    assert signing.opening_code(key, election, other) != code
    signed = signing.remembering(key, files().opening(key))
    assert signing.opening_code(signed, election, files().notes()) == code
    with pytest.raises(AlreadySigned, match="not the one this key has signed"):
        signing.opening_code(signed, election, other)


def test_a_download_ends_where_the_signed_opening_says():
    """A server that names more ballots, to fill the trustee's disk, has no quorum for it."""
    key, election = files().key(), files().election
    limit = signing.archive_limit(key, election, files().notes())
    assert limit == size_limit(election, REGISTERED)

    endless = reopened(registered=10**9)
    for signatures in (0, 2):
        notes = files().notes(opening=signatures, open=endless)
        with pytest.raises(BadCheckpoint, match=f"signed by {signatures} of 3"):
            signing.archive_limit(key, election, notes)
    with pytest.raises(AlreadySigned, match="signed another definition"):
        signing.archive_limit(replace(key, definition="A" * 43), election, files().notes())


# --- The closing ----------------------------------------------------------------------------


@pytest.mark.parametrize("owner", [1, 2, 3])
def test_a_closing_that_follows_from_the_archive_is_signed(owner: int):
    """Whether or not this trustee was there at the opening."""
    absent = files().key(owner)
    there = signing.remembering(absent, files().opening(absent))
    for key in (absent, there):
        closed = box(key, files().notes(closing=0))
        assert closed.closing.count("cast") == CAST
        signed_by(files(), key, signing.closing(closed, PRESENT))


def reclosed(**changes: int) -> Checkpoint:
    """The closing with other counts, as the whole server may sign it."""
    names = checkpoint.COUNTS[State.CLOSED]
    honest = files().checkpoints[State.CLOSED]
    counts = dict(zip(names, honest.counts, strict=True)) | changes
    return replace(honest, counts=tuple(counts[name] for name in names))


REFUSED: dict[str, tuple[Callable[[], dict[State, Note]], type[ProtocolError], str]] = {
    "no quorum at the opening": (
        partial(files().notes, opening=2, closing=0),
        BadCheckpoint,
        "the opening is signed by 2 of 3 trustees",
    ),
    "another opening named": (
        lambda: files().notes(closing=0, closed=replace(reclosed(), opening="0" * 64)),
        BadCheckpoint,
        "names another opening",
    ),
    "another number of ballots": (
        lambda: files().notes(closing=0, closed=reclosed(cast=CAST - 1)),
        BadCheckpoint,
        f"cast {CAST}",
    ),
    "another list of trackers": (
        lambda: files().notes(closing=0, closed=replace(reclosed(), digest="0" * 64)),
        BadCheckpoint,
        "differs from the record at: list",
    ),
    "another session": (
        lambda: files().notes(closing=0, closed=replace(reclosed(), phi=other_definition().phi)),
        BadCheckpoint,
        "differs from the record at: phi",
    ),
    "another list of credentials": (
        lambda: files().notes(open=replace(reopened(), digest="0" * 64)),
        BadCheckpoint,
        "differs from the record at: list",
    ),
    "no closing": (
        lambda: {s: n for s, n in files().notes().items() if s != State.CLOSED},
        Incomplete,
        "no checkpoint of the state closed",
    ),
}


@pytest.mark.parametrize("deviation", REFUSED)
def test_a_closing_that_does_not_follow(deviation: str):
    """A named refusal for each thing that is wrong, before anything is signed or opened."""
    notes, error, reason = REFUSED[deviation]
    with pytest.raises(error, match=reason):
        box(files().key(), notes())


@pytest.mark.parametrize(
    ("paper", "late", "present", "accepted"),
    [(0, 0, REGISTERED, True), (0, 0, REGISTERED - 1, False), (2, 1, REGISTERED + 3, True),
     (2, 1, REGISTERED + 2, False)],
)  # fmt: skip
def test_the_head_count_at_the_close(paper: int, late: int, present: int, accepted: bool):
    """Credentials, paper ballots and those of latecomers are for people in the hall."""
    closed = box(files().key(), files().notes(closing=0, closed=reclosed(paper=paper, late=late)))
    if accepted:
        assert signing.closing(closed, present).checkpoint == closed.closing
        return
    with pytest.raises(BadCounts, match="the committee's head count"):
        signing.closing(closed, present)


def test_a_key_that_signed_another_opening_or_closing():
    """What is shown at the close is what this key remembers, or nothing goes on."""
    for moment in (Moment.OPENING, Moment.CLOSING):
        changes: dict[str, Any] = {str(moment): "0" * 64}
        key = replace(files().key(), **changes)
        with pytest.raises(AlreadySigned, match=f"the {moment} that is shown is not the one"):
            box(key, files().notes())
    with pytest.raises(AlreadySigned, match="another definition"):
        box(replace(files().key(), definition=other_definition().phi), files().notes())


def test_a_strangers_key():
    """A key of another ceremony is told so."""
    with pytest.raises(Refused, match="none of the keys of this session"):
        box(hold(3, 2).states[0], files().notes())


def test_too_few_ballots_are_not_signed_for():
    """The audit that comes first refuses to open so few; an empty box, too."""
    session = testkit.session()
    for count in (0, 4):
        ballots = [session.vote(i, choices) for i, choices in enumerate(testkit.VOTES[:count])]
        few = session.archived(ballots, owners=(1, 3)) if count else None
        raw = few.archive if few else emptied().archive
        with pytest.raises(TooFewBallots, match=f"{count} ballots"):
            audited(raw)


def emptied() -> Parts:
    """A closed box in which there is no ballot."""
    parts = files().parts.with_ballots([])
    return parts.with_tally(testkit.product(files().election, []).encode())


# --- The totals -----------------------------------------------------------------------------


def test_totals_are_opened_after_a_quorum_has_signed_the_closing():
    """The share is of the tally that the key remembers, and of no other."""
    for owner in (1, 2, 3):
        key = files().key(owner)
        closed = box(key, files().notes())
        opened = remember_tally(key, closed.archive.cast.tally.digest)
        assert signing.share(closed, opened)
        with pytest.raises(Refused, match="only the tally that it remembers"):
            signing.share(closed, key)


@pytest.mark.parametrize("signatures", [0, 1, 2])
def test_fewer_signatures_open_nothing(signatures: int):
    """Neither the server nor t trustees can do without a quorum."""
    key = files().key()
    closed = box(key, files().notes(closing=signatures))
    opened = remember_tally(key, closed.archive.cast.tally.digest)
    with pytest.raises(BadCheckpoint, match=f"the closing is signed by {signatures} of 3"):
        signing.share(closed, opened)


def test_an_old_copy_opens_what_others_have_signed():
    """A key that has forgotten everything it signed still opens these totals."""
    key = files().session.state(2)
    closed = box(key, files().notes())
    assert signing.share(closed, remember_tally(key, closed.archive.cast.tally.digest))


@pytest.mark.parametrize(
    ("now", "left"), [(1000, 60), (1059, 1), (1060, 0), (5000, 0), (0, 60), (999, 60)]
)
def test_the_pause_is_by_the_own_clock(now: int, left: int):
    """Sixty seconds from when the signatures were stored; a clock put back waits once more."""
    key = replace(files().key(), quorum_seen=1000)
    assert signing.seconds_left(key, 60, now) == left
    assert signing.seconds_left(files().key(), 60, now) == 60


def test_notes_of_no_checkpoint():
    """Junk, two notes of one state, a note of no checkpoint."""
    honest = files().parts.side["checkpoints.txt"]
    assert list(signing.read_notes(honest)) == list(checkpoint.COUNTS)
    assert signing.read_notes(b"") == {}
    for wrong in (b"x", honest + b"\n" + honest, honest.replace(b"\nphi ", b"\npsi ", 1)):
        with pytest.raises(BadCheckpoint):
            signing.read_notes(wrong)
