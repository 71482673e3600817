"""What a server shows of a session, and what of it is found true.

A session is what its definition says, and the definition is what φ says: the server's word is
needed for its state only. What is final in a state is signed in a checkpoint (docs/protocol.md
§6.2): a list that a server shows counts only as the one that was signed.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from secrets import SystemRandom

from admin.client.server import Box
from crypto import checkpoint, note
from crypto.audit.archive import size_limit
from crypto.blind import IssuerKey
from crypto.checkpoint import Checkpoint
from crypto.errors import BadCheckpoint, BadDefinition, Closed, Malformed, Refused, WrongState
from crypto.lifecycle import ABANDONED, COUNTABLE, State
from crypto.note import Note
from crypto.session import Election, Parameters, same_fingerprint

CHANNEL = "cli"
_POLL = 0.5  # seconds
_SIGNING_TRIES, _SIGNING_PAUSE = 20, 0.5  # the archive of a large session takes seconds


@dataclass(frozen=True, slots=True)
class SessionView:
    """What a server said a session is, and what was found true of it."""

    election: Election
    parameters: Parameters
    issuer: IssuerKey
    state: State


def look(box: Box, fingerprint: str | None = None) -> SessionView:
    """The session's definition, checked as far as one file can be.

    Args:
        box: the server.
        fingerprint: φ as the letter or the hall screen shows it, if known.

    Raises:
        BadDefinition: another session's, another φ's, or not open to this program.
        Malformed: not a definition.
    """
    answer = box.session()
    if not isinstance(answer["election"], str):
        raise WrongState("the session is still being prepared")
    election = Election.decode(answer["election"].encode())
    parameters = election.parameters
    if election.uuid != box.uuid or parameters is None:
        raise BadDefinition("the server shows another session than the one asked for")
    if fingerprint is not None and not same_fingerprint(election.phi, fingerprint):
        raise BadDefinition(f"φ is {election.spoken_phi}, not the one of the letter")
    if CHANNEL not in parameters.policy.channels:
        raise Refused(f"the session does not take votes by {CHANNEL}")
    issuer = IssuerKey.from_spki(parameters.issuer, "election.phieukin.issuer")
    session = SessionView(election, parameters, issuer, _state(answer["state"]))
    check_note(box, session, State.SEALED, parameters.trustees, {})
    return session


def wait(
    box: Box, session: SessionView, states: Collection[State], pause: Callable[[], None]
) -> State:
    """Asks for the state until it is one of those wanted.

    Raises:
        BadDefinition: the definition was exchanged meanwhile.
        WrongState: the session has ended another way.
    """
    while True:
        answer = box.session()
        if answer["election"] != session.election.raw.decode():
            raise BadDefinition("the server shows another definition than before")
        state = _state(answer["state"])
        if state in states:
            return state
        if state in ABANDONED:
            raise WrongState(f"the session is {state}")
        pause()


def _state(name: object) -> State:
    try:
        return State(str(name))
    except ValueError:
        raise Malformed("session.state: the server names a state that does not exist") from None


def pause(on_pause: Callable[[int], None]) -> None:
    """Between two questions about the state; a little at random, so that not all ask together."""
    time.sleep(_POLL + SystemRandom().uniform(0, _POLL))
    on_pause(1)


def refuse_if_over(state: State) -> None:
    """Raises Closed or WrongState if no ballot can be cast any more."""
    if state in COUNTABLE:
        raise Closed("the vote is over")
    if state in ABANDONED:
        raise WrongState(f"the session is {state}")


# --- Checkpoints --------------------------------------------------------------------------


def check_note(
    box: Box, session: SessionView, state: State, digest: str, known_counts: Mapping[str, int]
) -> None:
    """The checkpoint of a state is there, fixes this list, and is signed by all who must.

    The trustees' signatures at the seal are checked with their keys in every audit.

    Args:
        digest: SHA-256 of the list, hex.
        known_counts: the counts that this machine knows; the others are taken as they are claimed.

    Raises:
        BadCheckpoint: none, of another list, other counts, or not signed.
    """
    election, parameters = session.election, session.parameters
    signed = fetch_note(box, state)
    pairs = zip(checkpoint.COUNTS[state], claimed(signed, state), strict=True)
    if state == State.SEALED:  # amendments may change the roster afterwards; audits count them
        known_counts = {"roster": parameters.roster_size, **known_counts}
    counts = tuple(known_counts.get(name, number) for name, number in pairs)
    expected = Checkpoint(election.uuid, state, election.phi, counts, digest)
    keys = [
        checkpoint.party_key(election, parameters, party) for party in checkpoint.SIGNERS[state]
    ]
    try:
        checkpoint.check(signed, expected, keys)
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{state}: {error}") from None


def fetch_note(box: Box, state: State) -> Note:
    """The note of a state that has been reached; its signatures are not checked yet.

    Raises:
        BadCheckpoint: it does not come: it is signed in the moment after the state changes.
    """
    place = list(checkpoint.COUNTS).index(state)
    for _ in range(_SIGNING_TRIES):
        raw = box.checkpoints()
        notes = checkpoint.split(raw) if raw else []
        if len(notes) > place:
            return parsed(notes[place], f"checkpoint, {state}")
        time.sleep(_SIGNING_PAUSE)
    raise BadCheckpoint(f"the server shows no checkpoint of the state {state}")


def archive_limit(box: Box) -> int:
    """No archive of the session is larger, in bytes: by its definition and its opening.

    Both are the server's word here; what the archive holds of them is compared after it has come.
    """
    election = box.session()["election"]
    if not isinstance(election, str):
        raise WrongState("the session is still being prepared")
    registered = claimed(fetch_note(box, State.OPEN), State.OPEN)[-1]
    return size_limit(Election.decode(election.encode()), registered)


def claimed(signed: Note, state: State) -> tuple[int, ...]:
    """The numbers that a checkpoint claims; what they must be, an audit says."""
    lines = dict(line.rpartition(" ")[::2] for line in signed.text.splitlines())
    values = [lines.get(name, "") for name in checkpoint.COUNTS[state]]
    numbers = [int(s) for s in values if s.isascii() and s.isdigit() and str(int(s)) == s]
    if len(numbers) != len(values):
        raise BadCheckpoint(f"{state}: a count is missing")
    return tuple(numbers)


def parsed(raw: bytes, path: str) -> Note:
    """A note from a server. Raises BadCheckpoint if it is none."""
    try:
        return note.parse(raw)
    except Malformed as error:
        raise BadCheckpoint(f"{path}: {error}") from None
