"""What both books do alike: the state of a session, and its signed notes."""

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import Refused, RegistrationEnded, UnknownSession, WrongState
from crypto.lifecycle import BEFORE_OPENING, OVER, State, Step, after
from storage.database import insert_once
from storage.faults import refusing


async def hold(tx: AsyncConnection, sessions: Table, uuid: str) -> State:
    """The state, which nobody can change before this transaction ends.

    Raises:
        UnknownSession: there is no such session.
    """
    # FOR UPDATE is PostgreSQL's; in SQLite the transaction holds the only lock already.
    query = select(sessions.c.state).where(sessions.c.uuid == uuid).with_for_update()
    state = await tx.scalar(query)
    if state is None:
        raise UnknownSession("no session has this uuid here")
    return State(state)


async def take(tx: AsyncConnection, sessions: Table, uuid: str, step: Step) -> State:
    """Makes a step of the life cycle. Raises WrongState if it is not possible now."""
    state = after(await hold(tx, sessions, uuid), step)
    moved = update(sessions).where(sessions.c.uuid == uuid).values(state=state.value)
    await tx.execute(moved)
    return state


async def hold_ended(tx: AsyncConnection, sessions: Table, uuid: str) -> None:
    """Holds a session in which nobody registers or votes any more."""
    state = await hold(tx, sessions, uuid)
    if state not in OVER:
        raise WrongState(f"only an ended session may be rewritten; this one is {state}")


async def put_note(
    tx: AsyncConnection, sessions: Table, notes: Table, uuid: str, state: State, note: bytes
) -> None:
    """Stores the signed note of a state, or one with more signatures after the same. Idempotent.

    Raises:
        Refused: another note is there, or this one with signatures that would be lost.
        UnknownSession: there is no such session.
        WrongState: check-in goes on, and whoever comes with an opening has read what is withdrawn.
    """
    if state is State.OPEN and (now := await hold(tx, sessions, uuid)) in BEFORE_OPENING:
        raise WrongState(f"no opening is signed while the session is {now}")
    with refusing(reference=UnknownSession("no session has this uuid here")):
        if await insert_once(tx, notes, uuid=uuid, state=state.value, note=note):
            return
    of_state = (notes.c.uuid == uuid) & (notes.c.state == state.value)
    stored = await tx.scalar(select(notes.c.note).where(of_state).with_for_update())
    if stored is None or not note.startswith(stored):
        raise Refused(f"another note of the state {state} is stored")
    if note != stored:
        await tx.execute(update(notes).where(of_state).values(note=note))


async def withdraw_opening(tx: AsyncConnection, notes: Table, uuid: str) -> None:
    """Check-in goes on: the opening that nobody of the committee has signed was none."""
    of_opening = (notes.c.uuid == uuid) & (notes.c.state == State.OPEN.value)
    await tx.execute(delete(notes).where(of_opening))


async def read_notes(tx: AsyncConnection, notes: Table, uuid: str) -> dict[State, bytes]:
    """The notes in the order of the life cycle."""
    rows = await tx.execute(select(notes.c.state, notes.c.note).where(notes.c.uuid == uuid))
    stored = {State(row.state): row.note for row in rows}
    return {state: stored[state] for state in State if state in stored}


def require_before_opening(state: State) -> None:
    """Raises RegistrationEnded once voting has been opened."""
    if state not in BEFORE_OPENING:
        raise RegistrationEnded(f"this is possible only before the opening; the session is {state}")


def require_checkin(state: State) -> None:
    """Raises RegistrationEnded after check-in, WrongState before it."""
    require_before_opening(state)
    if state is not State.CHECKIN:
        raise WrongState(f"check-in has not begun; the session is {state}")
