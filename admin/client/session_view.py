"""What a server shows of a session, and what of it is found true.

A session is what its definition says, and the definition is what φ says: the server's word is
needed for its state only. What is final in a state is signed in a checkpoint (docs/protocol.md
§6.2): a list that a server shows counts only as the one that was signed.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from secrets import SystemRandom

from admin.client.server import Box
from admin.words import words
from crypto import checkpoint, note
from crypto.blind import IssuerKey
from crypto.checkpoint import SignedState
from crypto.encoding import same_code
from crypto.errors import (
    BadCheckpoint,
    BadDefinition,
    Closed,
    Malformed,
    Refused,
    WrongState,
)
from crypto.lifecycle import ABANDONED, COUNTABLE, State
from crypto.note import Note
from crypto.session import Election, Parameters

CHANNEL = "cli"
_POLL = 0.5  # seconds
_SIGNING_TRIES, _SIGNING_PAUSE = 20, 0.5  # the archive of a large session takes seconds


@dataclass(frozen=True, slots=True)
class SessionView:
    """What a server said a session is, and what was found true of it.

    Attributes:
        code: the session code, from φ and the salts of all trustees: people compare it.
    """

    election: Election
    parameters: Parameters
    issuer: IssuerKey
    state: State
    code: str


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
    if CHANNEL not in parameters.policy.channels:
        raise Refused(f"the session does not take votes by {CHANNEL}")
    issuer = IssuerKey.from_spki(parameters.issuer, "election.phieukin.issuer")
    sealed = check_signed(box, election, parameters, State.SEALED, parameters.trustees)
    if fingerprint is not None and not (
        fingerprint == election.phi or same_code(sealed.code, fingerprint)
    ):
        raise BadDefinition(words("cli.vote.other_code", code=sealed.code))
    return SessionView(election, parameters, issuer, _state(answer["state"]), sealed.code)


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
            raise _abandoned(state)
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
        raise _abandoned(state)


def _abandoned(state: State) -> WrongState:
    return WrongState(words("cli.vote.abandoned", state=words(f"states.{state}")))


# --- Checkpoints --------------------------------------------------------------------------


def check_signed(
    box: Box, election: Election, parameters: Parameters, state: State, digest: str, **counts: int
) -> SignedState:
    """The checkpoint of a state is there, fixes this list, and the committee has signed it.

    Args:
        digest: SHA-256 of the list, hex.
        counts: those that this machine knows; the others are taken as they are claimed.

    Raises:
        BadCheckpoint: none, of another list, other counts, not signed by the server, or a
            signature or salt of a trustee that is wrong: the server shows something false.
        Incomplete: fewer trustees have signed than must; nothing is wrong yet.
    """
    return checkpoint.check_state(
        fetch_note(box, state), election, parameters, state, digest, **counts
    )


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


def parsed(raw: bytes, path: str) -> Note:
    """A note from a server. Raises BadCheckpoint if it is none."""
    try:
        return note.parse(raw)
    except Malformed as error:
        raise BadCheckpoint(f"{path}: {error}") from None
