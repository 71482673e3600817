"""What the committee signs, collected: the definition, the sealed box, the closed box.

A trustee's note with its one line is checked before it is kept (`take_signature`). Of the opening
and the closing the lines of the first quorum go onto the note that the server has signed
(`gather`); with them the box takes ballots, the phones say "counted", the totals may be opened.
There is no way to go on with fewer (docs/protocol.md §6.4).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from admin.lifecycle.moves import move
from admin.lifecycle.seal import proposal, seal_checkpoint
from admin.session.books import Books
from admin.session.definition import Definition
from admin.session.session import Session
from crypto import checkpoint, note
from crypto.committee import Moment
from crypto.errors import BadCheckpoint, NotSigned, WrongState
from crypto.lifecycle import State, Step
from crypto.note import Note
from crypto.session import Election, Parameters
from storage.registrar.book import RegistrarBook

MESSAGE: Final = {Moment.DEFINITION: "seal", Moment.OPENING: "opening", Moment.CLOSING: "closing"}
DURING: Final = {
    Moment.DEFINITION: State.DRAFT,
    Moment.OPENING: State.OPENING,
    Moment.CLOSING: State.CLOSED,
}
NOTE_OF: Final = {Moment.OPENING: State.OPEN, Moment.CLOSING: State.CLOSED}
SIGNABLE: Final = frozenset({State.OPENING, State.OPEN, State.CLOSED})  # open: by one book only


@dataclass(frozen=True, slots=True)
class Waiting:
    """For how many trustees' signatures everybody waits.

    Attributes:
        signed, needed: how many have signed, and how many must.
        size: how many trustees there are.
    """

    moment: Moment
    signed: int
    needed: int
    size: int


def waiting_for(
    election: Election, parameters: Parameters, moment: Moment, signed: Note
) -> Waiting | None:
    """What is still waited for at the opening or the closing; None if the quorum has signed."""
    committee = parameters.committee
    count = len(checkpoint.signers(signed, election, parameters))
    needed = committee.needed(moment)
    return Waiting(moment, count, needed, committee.size) if count < needed else None


async def take_signature(
    book: RegistrarBook, uuid: str, moment: Moment, owner: int, raw: bytes
) -> None:
    """Keeps a trustee's signature. Idempotent, also when the others have signed meanwhile.

    Args:
        raw: a note with the text that is to be signed and the line of this trustee alone.

    Raises:
        WrongState: nothing is to be signed at that moment now.
        BadCheckpoint: of another text, or not signed by this trustee, or with another salt.
        Refused: the trustee has signed before, otherwise.
    """
    if (await book.messages(uuid, MESSAGE[moment])).get(owner) == raw:
        return
    definition, text = await _asked(book, uuid, moment)
    signed = note.parse(raw)
    if signed.text != text:
        raise BadCheckpoint(f"trustee {owner} signed another {moment} than the one proposed here")
    checkpoint.check_trustee(signed, definition.election, definition.parameters, owner)
    if len(signed.signatures) != 1:
        raise BadCheckpoint(f"the note of trustee {owner} has signatures of others")
    await book.put_message(uuid, MESSAGE[moment], owner, raw, during=DURING[moment])


async def _asked(book: RegistrarBook, uuid: str, moment: Moment) -> tuple[Definition, str]:
    """The definition, and the text that trustees are asked to sign."""
    session, notes = await Session.load(book, uuid), await book.notes(uuid)
    nothing = WrongState(f"there is no {moment} to sign; the session is {session.state}")
    if session.state != DURING[moment]:
        raise nothing
    if moment is Moment.DEFINITION:
        proposed = await proposal(book, uuid)
        if proposed is None:
            raise nothing
        return proposed, seal_checkpoint(proposed.election, proposed.trustees).body
    if NOTE_OF[moment] not in notes:
        raise nothing
    return session.electronic, note.parse(notes[NOTE_OF[moment]]).text


async def gather(books: Books, uuid: str) -> bool:
    """Puts the signatures that have come onto the opening or the closing.

    With a quorum on the opening the vote is open.

    Returns:
        Whether a quorum has signed the closing.
    """
    # The box decides: it moves last to the open vote, first to the closed one. It gets a line
    # first, too: its note may be ahead of the registrar's after an interruption, and lines in
    # another order would be another note.
    session = await books.session(uuid)
    if session.on_paper or session.state not in SIGNABLE:
        return False
    at_box, notes = (await books.box.session(uuid)).state, await books.box.notes(uuid)
    moment = next((moment for moment in NOTE_OF if DURING[moment] == at_box), None)
    if moment is None or NOTE_OF[moment] not in notes:
        return False
    election, parameters = session.electronic.election, session.electronic.parameters
    state, needed = NOTE_OF[moment], parameters.committee.needed(moment)
    signed = note.parse(notes[state])
    on_note = checkpoint.signers(signed, election, parameters)
    sent = await books.registrar.messages(uuid, MESSAGE[moment])
    lines = [note.parse(raw).signatures[0] for owner, raw in sent.items() if owner not in on_note]
    signed = Note(signed.text, (*signed.signatures, *lines[: needed - len(on_note)]))
    for book in (books.box, books.registrar):
        if (await book.notes(uuid)).get(state) != signed.encode():
            await book.put_note(uuid, state, signed.encode())
    if waiting_for(election, parameters, moment, signed) is not None:
        return False
    checkpoint.check_committee(signed, election, parameters)
    if moment is Moment.OPENING:
        with suppress(WrongState):  # a server and a command may both come to this
            await move(books, uuid, Step.SEAL_BOX)
    return moment is Moment.CLOSING


async def require_signed_closing(books: Books, session: Session) -> None:
    """Raises NotSigned unless a quorum of the committee has signed the closing."""
    notes, definition = await books.registrar.notes(session.uuid), session.electronic
    if State.CLOSED not in notes:
        raise WrongState("the close is not finished")
    closing = note.parse(notes[State.CLOSED])
    waiting = waiting_for(definition.election, definition.parameters, Moment.CLOSING, closing)
    if waiting is not None:
        raise not_signed(waiting)


def not_signed(waiting: Waiting) -> NotSigned:
    """The refusal of totals while the close is not signed."""
    return NotSigned(
        f"{waiting.signed} of {waiting.needed} trustees have signed the close: "
        "no totals are opened before that"
    )


async def awaited(book: RegistrarBook, session: Session) -> Waiting | None:
    """For whose signatures everybody waits now; None where for nobody's."""
    uuid, notes = session.uuid, await book.notes(session.uuid)
    if session.state == State.DRAFT and (proposed := await proposal(book, uuid)) is not None:
        signed = len(await book.messages(uuid, MESSAGE[Moment.DEFINITION]))
        size = proposed.parameters.committee.size
        return Waiting(Moment.DEFINITION, signed, size, size)
    moment = next((moment for moment in NOTE_OF if DURING[moment] == session.state), None)
    if moment is None or session.on_paper or NOTE_OF[moment] not in notes:
        return None
    definition, signed_note = session.electronic, note.parse(notes[NOTE_OF[moment]])
    return waiting_for(definition.election, definition.parameters, moment, signed_note)


async def committee_code(book: RegistrarBook, session: Session, state: State) -> str:
    """The code of the definition, opening or closing that people compare; empty until signed."""
    raw = (await book.notes(session.uuid)).get(state)
    if raw is None:
        return ""
    definition, signed = session.electronic, note.parse(raw)
    needed = definition.parameters.committee.needed(checkpoint.MOMENT_OF[state])
    owners = checkpoint.signers(signed, definition.election, definition.parameters)
    if len(owners) < needed:
        return ""
    return checkpoint.check_committee(signed, definition.election, definition.parameters)
