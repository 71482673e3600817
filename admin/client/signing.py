"""What a trustee looks at before each of its signatures, and before it opens the totals.

    definition   the committee in it is the one of the own ceremony, own salts included
    opening      the list of credentials, and no more of them than people in the hall
    closed_box   the archive, audited, follows from an opening that a quorum has signed
    closing      no more ballots than people in the hall
    totals       a quorum has signed the closing of that very archive
    share        the decryption share

The same for a trustee on a server and for one to whom files are carried: nothing here asks a
server or writes a file. What is signed is the text that this program makes itself, from the
definition, the list or the archive; the server's is compared with it. The shell stores the key
that `remembering` returns before it hands out what `sign` returns (docs/protocol.md §6.4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from admin.record import levels
from admin.record.opening import ClosedArchive, read_cast
from admin.record.pool import knowing
from crypto import ceremony, checkpoint, note, tally
from crypto.archive import Stream
from crypto.audit.archive import decode_credentials, size_limit
from crypto.audit.ballots import Run
from crypto.audit.evidence import encode_trackers
from crypto.checkpoint import MOMENT_OF, Checkpoint, digest_of
from crypto.committee import Committee, Moment
from crypto.encoding import b64_sha256, sha256
from crypto.errors import (
    AlreadySigned,
    BadCheckpoint,
    BadCounts,
    BadDefinition,
    BadTrustees,
    Incomplete,
    Malformed,
    Refused,
)
from crypto.group import G
from crypto.keyfile import TrusteeState, remember_signed
from crypto.lifecycle import State
from crypto.note import Note, TrusteeSigner
from crypto.session import Election, Parameters
from crypto.trustees import Trustees


@dataclass(frozen=True, slots=True)
class Signable:
    """A checkpoint that a trustee is asked to sign: made by its own program, and found right."""

    election: Election
    parameters: Parameters
    checkpoint: Checkpoint

    @property
    def moment(self) -> Moment:
        return MOMENT_OF[self.checkpoint.state]


def read_notes(raw: bytes) -> dict[State, Note]:
    """The notes of a checkpoints.txt by their state; no signature is checked yet.

    Raises:
        BadCheckpoint: not notes of checkpoints, or two of one state.
    """
    notes: dict[State, Note] = {}
    for number, block in enumerate(checkpoint.split(raw) if raw else [], start=1):
        try:
            signed = note.parse(block)
        except Malformed as error:
            raise BadCheckpoint(f"checkpoint {number}: {error}") from None
        state = Checkpoint.from_body(signed.text).state
        if state in notes:
            raise BadCheckpoint(f"checkpoint {number}: a second one of the state {state}")
        notes[state] = signed
    return notes


def remembering(key: TrusteeState, signable: Signable) -> TrusteeState:
    """The key that has signed this: to be stored before the signature leaves the machine.

    Raises:
        AlreadySigned: the key has signed another one at this moment, or another definition.
        WrongState: the key has not signed the definition.
    """
    if signable.moment is not Moment.DEFINITION:
        _check_phi(key, signable.election)
    return remember_signed(key, signable.moment, signable.checkpoint.signed_digest)


def sign(key: TrusteeState, signable: Signable) -> Note:
    """The trustee's signature, with the salt of the moment. The key must remember it already."""
    if key.signed(signable.moment) != signable.checkpoint.signed_digest:
        raise Refused("a key signs only what it remembers")
    name = checkpoint.trustee_key(signable.election, signable.parameters, key.index).name
    signer = TrusteeSigner(name, key.signing_secret, key.salt(signable.moment))
    return note.sign(signable.checkpoint.body, [signer])


# --- The definition -----------------------------------------------------------------------


def own_committee(key: TrusteeState) -> Committee:
    """The committee as the step 1 messages say that this key holds.

    Raises:
        Incomplete: the key has not taken step 2, and so knows nobody but itself.
    """
    if key.single:
        return ceremony.committee_of(key.threshold, [ceremony.single(key)])
    messages = ceremony.pinned(key)
    if len(messages) != key.size:
        raise Incomplete(f"trustee {key.index}: this key has not run step 2 yet")
    return ceremony.committee_of(key.threshold, messages)


def definition(
    key: TrusteeState, election: Election, trustees: Trustees, session_json: bytes
) -> Signable:
    """The seal of a definition.

    Args:
        key: after step 3 of the ceremony.
        election: the definition as proposed.
        trustees: the committee's keys, checked by whoever assembled or decoded them.
        session_json: what the definition holds the hash of, with a body's own rules.

    Raises:
        BadDefinition: not with this committee's key, with other levels than the regime's, or with
            another session.json; or without what we need.
        BadTrustees: other trustees, salts or verification keys than those of the own ceremony.
    """
    parameters = _parameters(election)
    election.check_trustees(trustees)
    # §6.4: salts that somebody else chose would let him choose the codes that people compare.
    own = own_committee(key)
    pairs = zip(parameters.committee.members, own.members, strict=False)
    for owner, (stated, seen) in enumerate(pairs, start=1):
        if stated != seen:
            what = "key" if stated.key != seen.key else "salts"
            raise BadTrustees(
                f"the definition has other {what} of trustee {owner} than its step 1 message"
            )
    if parameters.committee != own:
        raise BadTrustees("the definition has another committee than the ceremony of this key")
    if trustees.verification_keys[key.index - 1] != G**key.secret:
        raise BadTrustees("the verification key under this trustee's number is not this key's")
    levels.read_with(election, parameters, session_json)
    return Signable(election, parameters, checkpoint.sealed(election, parameters))


def session_code(election: Election, notes: Mapping[State, Note]) -> str:
    """The code of a definition that the server and all trustees have signed.

    Raises:
        BadCheckpoint: another definition, a signature missing or wrong, another salt.
        Incomplete: there is no such note.
    """
    parameters, signed = _parameters(election), _note(notes, State.SEALED)
    keys = checkpoint.party_keys(election, parameters, State.SEALED)
    checkpoint.check(signed, checkpoint.sealed(election, parameters), keys)
    return checkpoint.check_committee(signed, election, parameters)


# --- The opening --------------------------------------------------------------------------


def opening(
    key: TrusteeState,
    election: Election,
    notes: Mapping[State, Note],
    credentials: bytes,
    present: int,
) -> Signable:
    """The opening of the box, before anybody votes.

    Args:
        key: has signed the definition.
        election: the definition.
        notes: of the definition, signed by everyone, and the proposed opening.
        credentials: the list as an archive holds it.
        present: the head count that the committee has taken itself.

    Raises:
        AlreadySigned: the key signed another definition.
        BadCheckpoint: not the opening of this session and list, or not signed by the server.
        BadCredentials: not a list of distinct credentials in their order.
        BadCounts: more credentials, tokens or paper ballots than people.
        Incomplete: a note is missing.
    """
    _check_phi(key, election)
    session_code(election, notes)
    registered = len(decode_credentials(credentials, ordered=True))
    proposed = _opening(election, notes, credentials, registered)
    _check_memory(key, Moment.OPENING, proposed)
    # §6.4: whoever runs the server can make credentials for people who are not there.
    _check_people(present, registered, proposed.count("paper"))
    if proposed.count("present") > present:
        raise BadCounts(
            f"the opening says present {proposed.count('present')}, the committee {present}"
        )
    return Signable(election, _parameters(election), proposed)


def _opening(
    election: Election, notes: Mapping[State, Note], credentials: bytes, registered: int
) -> Checkpoint:
    """The opening of a list, its counts as the server claims them and consistent."""
    parameters, signed = _parameters(election), _note(notes, State.OPEN)
    stated = Checkpoint.from_body(signed.text)
    roster, present, issued, _, paper = stated.counts
    counts = (roster, present, issued, registered, paper)
    reached = replace(
        checkpoint.make(election, State.OPEN, counts, credentials), issuance=stated.issuance
    )
    checkpoint.check(signed, reached, checkpoint.party_keys(election, parameters, State.OPEN))
    # Amendments may have changed the sealed roster; the audit of the record counts them.
    if not roster >= present >= issued + paper or issued < registered:
        raise BadCounts(
            f"roster {roster} ≥ present {present} ≥ issued {issued} + paper {paper}, "
            f"issued ≥ registered {registered} does not hold"
        )
    return reached


def opening_code(key: TrusteeState, election: Election, notes: Mapping[State, Note]) -> str:
    """The code of an opening that a quorum has signed: the one that this key has, if it has one.

    Raises:
        AlreadySigned: the key has signed another definition or opening.
        BadCheckpoint: not signed by the server, or by a quorum.
        Incomplete: there is no such note.
    """
    _check_phi(key, election)
    parameters, signed = _parameters(election), _note(notes, State.OPEN)
    signed.check(checkpoint.party_keys(election, parameters, State.OPEN))
    code = checkpoint.check_committee(signed, election, parameters)
    _check_memory(key, Moment.OPENING, Checkpoint.from_body(signed.text))
    return code


def archive_limit(key: TrusteeState, election: Election, notes: Mapping[State, Note]) -> int:
    """No archive of the session is larger, in bytes: by the definition and opening that are signed.

    By the server's word alone it could be as large as the server likes.

    Raises:
        AlreadySigned, BadCheckpoint, Incomplete: as `opening_code`.
    """
    opening_code(key, election, notes)
    opened = Checkpoint.from_body(_note(notes, State.OPEN).text)
    return size_limit(election, opened.count("registered"))


def _check_people(present: int, registered: int, paper: int, late: int = 0) -> None:
    """Raises BadCounts: more credentials and paper ballots than people in the hall."""
    if registered + paper + late > present:
        raise BadCounts(
            f"registered {registered} + paper {paper + late} > {present}, "
            "the committee's head count"
        )


# --- The closing --------------------------------------------------------------------------


def knowing_signed(
    run: Run, key: TrusteeState, notes: Mapping[State, Note], open_archive: Callable[[], Stream]
) -> Run:
    """The same `Run`, which proves nothing again about ballots whose closing this key has signed.

    A key signs a closing only after every check of the archive, and the closing fixes φ and the
    trackers, hashes of the very bytes that were checked (docs/protocol.md §6.4). So an exchanged
    archive or note, or a key file that has forgotten, leads to the full check.
    """
    signed = notes.get(State.CLOSED)
    if signed is None or key.closing != digest_of(signed.text):
        return run
    closing, (election, trackers) = Checkpoint.from_body(signed.text), read_cast(open_archive)
    fixed = (closing.phi, closing.digest)
    if fixed != (b64_sha256(election), sha256(encode_trackers(trackers))):
        return run
    return knowing(run, election, frozenset(trackers))


@dataclass(frozen=True, slots=True)
class ClosedBox:
    """An audited archive, the opening that a quorum has signed, and the closing that follows.

    Attributes:
        owner: this trustee's number in it.
        opening, closing: as this program makes them from the archive.
        session_code, opening_code: of what the committee has signed.
        note: of the closing, signed by the server; of the committee perhaps not yet.
    """

    archive: ClosedArchive
    owner: int
    opening: Checkpoint
    closing: Checkpoint
    session_code: str
    opening_code: str
    note: Note

    @property
    def election(self) -> Election:
        return self.archive.setup.election

    @property
    def parameters(self) -> Parameters:
        return _parameters(self.election)


def closed_box(key: TrusteeState, archive: ClosedArchive, notes: Mapping[State, Note]) -> ClosedBox:
    """What the archive, the notes and the own memory say together.

    Raises:
        AlreadySigned: the key signed another definition, opening or closing.
        BadCheckpoint: the opening lacks a quorum; or the closing names another opening, another
            list, or is not signed by the server.
        BadCounts: the counts contradict each other.
        Incomplete: a note is missing.
        Refused: none of the keys of the session is this one.
    """
    election, setup = archive.setup.election, archive.setup
    _check_phi(key, election)
    keys = setup.trustees.verification_keys
    if G**key.secret not in keys:
        raise Refused("none of the keys of this session is this one; was it made for another?")
    code, parameters = session_code(election, notes), _parameters(election)
    opened = _opening(election, notes, setup.credentials_file, len(setup.credentials))
    opening_code = checkpoint.check_committee(notes[State.OPEN], election, parameters)
    _check_memory(key, Moment.OPENING, opened)
    closing = _closing(archive, notes, opened)
    _check_memory(key, Moment.CLOSING, closing)
    owner, signed = keys.index(G**key.secret) + 1, notes[State.CLOSED]
    return ClosedBox(archive, owner, opened, closing, code, opening_code, signed)


def _closing(archive: ClosedArchive, notes: Mapping[State, Note], opened: Checkpoint) -> Checkpoint:
    election, signed = archive.setup.election, _note(notes, State.CLOSED)
    stated, registered = Checkpoint.from_body(signed.text), len(archive.setup.credentials)
    if stated.opening != opened.signed_digest:
        raise BadCheckpoint("the closing names another opening than the one that a quorum signed")
    paper, late = stated.count("paper"), stated.count("late")
    counts = (registered, len(archive.cast.trackers), paper, late)
    trackers = encode_trackers(archive.cast.trackers)
    reached = checkpoint.make(election, State.CLOSED, counts, trackers, opening=opened.body)
    keys = checkpoint.party_keys(election, _parameters(election), State.CLOSED)
    checkpoint.check(signed, reached, keys)
    if paper < opened.count("paper"):
        raise BadCounts(f"paper {paper} at the close < {opened.count('paper')} at the opening")
    return reached


def closing(box: ClosedBox, present: int) -> Signable:
    """The closing of the box, for a trustee to sign.

    Args:
        box: found right.
        present: the committee's head count again, latecomers included.

    Raises:
        BadCounts: more credentials and paper ballots than people.
    """
    counts = (box.closing.count(name) for name in ("registered", "paper", "late"))
    _check_people(present, *counts)
    return Signable(box.election, box.parameters, box.closing)


# --- The totals ---------------------------------------------------------------------------


def totals(box: ClosedBox) -> str:
    """The closing code, which a quorum's signatures give: now these totals may be opened.

    Raises:
        BadCheckpoint: fewer signatures, a wrong one, another salt.
    """
    return checkpoint.check_committee(box.note, box.election, box.parameters)


def seconds_left(key: TrusteeState, check_seconds: int, now: int) -> int:
    """How long the phones still check before this key opens totals, by this machine's clock.

    Args:
        now: Unix seconds.
    """
    if key.quorum_seen is None:
        return check_seconds
    # A clock that was put back makes nobody wait longer than once more.
    return max(0, min(check_seconds, key.quorum_seen + check_seconds - now))


def share(box: ClosedBox, key: TrusteeState) -> bytes:
    """The decryption share. The key must have remembered this tally, on disk, before."""
    election, total = box.election, box.archive.cast.tally
    if key.tally != total.digest:
        raise Refused("a key opens only the tally that it remembers")
    totals(box)
    own_share = tally.decrypt(election, total, box.owner, key.secret)
    tally.check_share(election, box.archive.setup.trustees, total, own_share)
    return own_share.encode_file(election.phi)


# --- Checks -------------------------------------------------------------------------------


def _parameters(election: Election) -> Parameters:
    if election.parameters is None:
        raise BadDefinition("election.phieukin: a session with a committee needs it")
    return election.parameters


def _note(notes: Mapping[State, Note], state: State) -> Note:
    if state not in notes:
        raise Incomplete(f"there is no checkpoint of the state {state} yet")
    return notes[state]


def _check_phi(key: TrusteeState, election: Election) -> None:
    """The session is the one whose definition the key has signed; an old copy may know none."""
    if key.definition not in (None, election.phi):
        raise AlreadySigned(
            f"trustee {key.index}: this key has signed another definition of the session"
        )


def _check_memory(key: TrusteeState, moment: Moment, shown: Checkpoint) -> None:
    if key.signed(moment) not in (None, shown.signed_digest):
        raise AlreadySigned(
            f"trustee {key.index}: the {moment} that is shown is not the one this key has signed"
        )
