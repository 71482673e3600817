"""Trustees who sign what they are asked, honestly, without looking: for tests of other things."""

import asyncio
from collections.abc import Sequence

from admin.lifecycle import signing
from admin.lifecycle.seal import proposal, seal_checkpoint
from admin.session.books import Books
from crypto import note
from crypto.committee import Moment
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import TrusteeSigner


async def sign(books: Books, uuid: str, moment: Moment, trustees: Sequence[TrusteeState]) -> None:
    """These trustees sign the definition, the opening or the closing; the server takes it in."""
    if moment is Moment.DEFINITION:
        proposed = await proposal(books.registrar, uuid)
        assert proposed is not None
        text = seal_checkpoint(proposed.election, proposed.trustees).body
    else:
        text = note.parse((await books.registrar.notes(uuid))[signing.NOTE_OF[moment]]).text
    for state in trustees:
        signed = signature(uuid, moment, state, text)
        await signing.take_signature(books.registrar, uuid, moment, state.index, signed)
    if moment is not Moment.DEFINITION:
        while not await _taken_in(books, uuid, moment, trustees):  # noqa: ASYNC110  of another process
            await asyncio.sleep(0.05)


async def _taken_in(
    books: Books, uuid: str, moment: Moment, trustees: Sequence[TrusteeState]
) -> bool:
    """Whether all these signatures that are needed stand on the note; a server does it itself."""
    if not books.datadir.served:
        await signing.gather(books, uuid)
    waiting = await signing.awaited(books.registrar, await books.session(uuid))
    if waiting is not None and waiting.moment is moment:
        return waiting.signed >= len(trustees)
    # Between the last signature and the open box are two more commits.
    return (await books.box.session(uuid)).state is not State.OPENING


def signature(uuid: str, moment: Moment, state: TrusteeState, text: str) -> bytes:
    """One trustee's note on a text."""
    name = f"phieukin/{uuid}/trustee-{state.index}"
    signer = TrusteeSigner(name, state.signing_secret, state.salt(moment))
    return note.sign(text, [signer]).encode()
