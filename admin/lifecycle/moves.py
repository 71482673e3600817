"""How the two books go from one state to the next, also after a crash between them."""

from admin.session.books import Books
from crypto.errors import UnknownSession, WrongState
from crypto.lifecycle import NEXT, State, Step


async def move(books: Books, uuid: str, step: Step, entry: str | None = None) -> None:
    """Moves both books, the registrar first, with a line of the journal if one is given.

    Raises:
        WrongState: the step is not possible now.
    """
    if await settle(books, uuid) != step:
        await books.registrar.move(uuid, step, entry=entry)
        await settle(books, uuid)


async def settle(books: Books, uuid: str) -> Step | None:
    """Finishes the step that only one of the books has made; which one it was."""
    registrar = (await books.registrar.session(uuid)).state
    try:
        box = (await books.box.session(uuid)).state
    except UnknownSession:  # before the seal, or on paper only
        return None
    for (before, step), reached in NEXT.items():
        if (before, reached) == (box, registrar):
            await _follow(books, uuid, step, reached)
            return step
    if (registrar, box) == (State.OPEN, State.CLOSED):  # the one step that the box makes first
        await books.registrar.move(uuid, Step.CLOSE)
        return Step.CLOSE
    return None


async def _follow(books: Books, uuid: str, step: Step, reached: State) -> None:
    """The box makes the registrar's step; a server that saw it half made may have been faster."""
    try:
        await books.box.move(uuid, step)
    except WrongState:
        if (await books.box.session(uuid)).state != reached:
            raise
