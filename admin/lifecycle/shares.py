"""The trustees' shares on the server: which are wrong, and how one is replaced.

The server takes what a trustee sends without judging it, and may have been wrong to: a share is
checked when the totals are opened. Here it is asked earlier, so that a trustee whose share is
wrong is named and may send another (docs/protocol.md §7.2). The archive is the server's own, so
nothing of it is audited for that.
"""

import asyncio
from collections.abc import Iterable, Mapping

from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import WrongShare
from admin.session.datadir import DataDir
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State
from storage.registrar.book import RegistrarBook


async def find_wrong(registrar: RegistrarBook, datadir: DataDir, uuid: str) -> list[WrongShare]:
    """The wrong ones among all that trustees have sent; empty before the archive is written."""
    return await _check(datadir, uuid, await registrar.messages(uuid, "share"))


async def leave(
    registrar: RegistrarBook, datadir: DataDir, uuid: str, owner: int, raw: bytes
) -> None:
    """Stores a trustee's share, also in the place of one that is wrong; the same again is nothing.

    Raises:
        WrongState: the session is not closed, or its totals are open.
        Refused: another share of this trustee is there, and passes.
    """
    try:
        await registrar.put_message(uuid, "share", owner, raw, during=State.CLOSED)
    except WrongState:
        raise
    except Refused:
        stored = (await registrar.messages(uuid, "share"))[owner]
        wrong = await _check(datadir, uuid, {owner: stored})
        if not wrong:
            raise
        await registrar.replace_message(uuid, "share", owner, stored, raw)
        await note(registrar, uuid, wrong)


async def note(registrar: RegistrarBook, uuid: str, wrong: Iterable[WrongShare]) -> None:
    """Names each wrong share in the journal, once."""
    noted = set(await registrar.entries(uuid))
    for share in wrong:
        entry = f"wrong share, not used: {share.error}"
        if entry not in noted:
            await registrar.add_entry(uuid, entry)


async def _check(datadir: DataDir, uuid: str, messages: Mapping[int, bytes]) -> list[WrongShare]:
    path = datadir.archive(uuid)
    if not messages or not path.exists():
        return []

    def check() -> list[WrongShare]:
        with path.open("rb") as file:
            return opening.find_wrong(rewinding(file), opening.of_messages(messages))

    return await asyncio.to_thread(check)  # a large archive is read for a moment
