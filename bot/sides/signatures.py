"""What a phone checks of the committee, checked here for voters who have only buttons.

The checks are those of a client (crypto/checkpoint.py `check_state`, docs/protocol.md §6.4), made
on what this server shows to everybody. Before anything is encrypted: every trustee has signed the
definition, a quorum the opening, and the voter's credential is on its list. Before a ballot is
called counted: a quorum has signed the closing, which names the opening that the ballot was cast
under, and the tracker is on its list.

Does not protect against this server itself, which makes these ballots and draws these screens:
that is why voting by buttons is announced as weaker.
"""

from collections.abc import Mapping

from admin.voting import box
from crypto import checkpoint, note
from crypto.audit import evidence
from crypto.checkpoint import Checkpoint, SignedState
from crypto.encoding import sha256
from crypto.errors import BadCheckpoint, BadCredentials, Malformed
from crypto.group import Element
from crypto.lifecycle import State
from crypto.note import Note
from crypto.session import Election, Parameters
from storage.box.book import BoxBook


async def opening(
    book: BoxBook, election: Election, parameters: Parameters, credential: Element | None = None
) -> SignedState:
    """The opening, sealed by the committee.

    Args:
        credential: that must stand on its list.

    Raises:
        BadCredentials: it does not.
        BadCheckpoint: what is shown is not what was signed.
        Incomplete: the committee has not sealed the box yet.
        NotOpen: no list is proposed to it yet.
    """
    notes = await book.notes(election.uuid)
    checkpoint.check_state(
        _note(notes, State.SEALED), election, parameters, State.SEALED, parameters.trustees
    )
    listed = await box.credential_list(book, election.uuid)
    if credential is not None and f'"{credential.hex}"'.encode() not in listed:
        raise BadCredentials("this voter's credential is not on the list")
    return checkpoint.check_state(
        _note(notes, State.OPEN), election, parameters, State.OPEN, sha256(listed)
    )


async def closing(
    book: BoxBook, election: Election, parameters: Parameters, tracker: str, opened_by: bytes
) -> SignedState:
    """The closing, signed by the committee, with this ballot on its list.

    Args:
        opened_by: of the opening that the ballot was cast under: SHA-256, or its first bytes.

    Raises:
        BadCheckpoint: the ballot is not on the list, or that is not the one that was signed, or it
            follows another opening.
        Incomplete: the ballot is recorded, and the committee has not signed the close yet.
    """
    trackers = await book.trackers(election.uuid)
    if tracker not in trackers:
        raise BadCheckpoint(f"the ballot {tracker} is not on the list of the closed session")
    closing_note = _note(await book.notes(election.uuid), State.CLOSED)
    if not Checkpoint.from_body(closing_note.text).opening.startswith(opened_by.hex()):
        raise BadCheckpoint("the close is of another opening than the one this ballot was cast in")
    digest = sha256(evidence.encode_trackers(trackers))
    return checkpoint.check_state(
        closing_note, election, parameters, State.CLOSED, digest, cast=len(trackers)
    )


async def signed(book: BoxBook, election: Election, parameters: Parameters) -> tuple[int, int]:
    """How many trustees have signed the closing, and how many must."""
    closing_note = _note(await book.notes(election.uuid), State.CLOSED)
    owners = checkpoint.signers(closing_note, election, parameters)
    return len(owners), parameters.committee.quorum


def _note(notes: Mapping[State, bytes], state: State) -> Note:
    if state not in notes:
        raise BadCheckpoint(f"there is no checkpoint of the state {state}")
    try:
        return note.parse(notes[state])
    except Malformed as error:
        raise BadCheckpoint(f"{state}: {error}") from None
