"""The committee's routes: each trustee leaves messages, and sees everyone's.

The server stores and shows; of the ceremony it judges nothing. Trustees check each other's
messages themselves, `session seal` and `session publish` check them again. A signature of the
definition, the opening or the closing is checked before it is kept; a share only when another
is sent in its place.
"""

import time
from typing import Annotated, Final, Literal, get_args

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import FileResponse

from admin.lifecycle import shares, signing
from admin.lifecycle.seal import proposal, seal_checkpoint
from admin.lifecycle.steps import trial_day
from admin.session.session import Session
from bot import limits
from bot.web import archives
from bot.web.registrar import LoggedIn, Side
from crypto.encoding import to_base64
from crypto.errors import Refused
from crypto.lifecycle import State
from storage.rows import Login

MESSAGE_LIMIT: Final = 1 << 20  # a share of 200 officials with 5 levels has 0.4 MB

Kind = Literal["step1", "step2", "step3", "seal", "opening", "closing", "share"]
_MOMENTS: Final = {kind: moment for moment, kind in signing.MESSAGE.items()}


class Committee(BaseModel):
    """What a trustee sees.

    Attributes:
        index: the number of the one who asks, from 1.
        size, threshold: how many trustees there are, and how many open the totals.
        state: of the session, as the registrar has it.
        messages: by kind and owner, standard base64.
        election: the definition to be signed, or that was sealed; its exact text.
        session: session.json, whose hash is in it.
        seal: the text to be signed for it.
    """

    index: int
    size: int
    threshold: int
    state: State
    messages: dict[Kind, dict[int, str]]
    election: str | None
    session: str | None
    seal: str | None


async def _trustee(uuid: str, login: LoggedIn) -> Login:
    if login.role != "trustee" or login.owner is None or login.uuid != uuid:
        raise Refused("only a trustee of this session may do this")
    return login


Trustee = Annotated[Login, Depends(_trustee)]

router = APIRouter(prefix="/api/v1/committee/{uuid}", tags=["committee"])


@router.get("")
async def overview(uuid: str, side: Side, trustee: Trustee) -> Committee:
    """The whole state of the ceremony."""
    session = await Session.load(side.book, uuid)
    terms = session.settled_terms
    election, seal = await _definition(side, uuid)
    return Committee(
        index=trustee.owner or 0,
        size=terms.trustees,
        threshold=terms.threshold,
        state=session.state,
        messages={kind: await _messages(side, uuid, kind) for kind in get_args(Kind)},
        election=election,
        session=session.session_file.encode().decode() if election else None,
        seal=seal,
    )


@router.get("/record", response_class=FileResponse, responses=archives.DESCRIBED)
async def record(uuid: str, side: Side, login: LoggedIn) -> FileResponse:
    """The archive or record also where it is not public; for all whom the session knows."""
    if login.uuid != uuid:
        raise Refused("the bearer is for another session")
    return archives.download(side.datadir, uuid, (await side.book.session(uuid)).state)


@router.get("/{kind}")
async def messages(uuid: str, kind: Kind, side: Side, _trustee: Trustee) -> dict[int, str]:
    """Everyone's messages of one kind, by owner, in standard base64."""
    return await _messages(side, uuid, kind)


@router.put("/checked", status_code=204)
async def checked(uuid: str, side: Side, trustee: Trustee) -> None:
    """Says that one's own key has made a trial share today; `session open` asks for it."""
    await side.book.note_key_check(uuid, trustee.owner or 0, trial_day(time.time()))


@router.put(
    "/{kind}",
    status_code=204,
    openapi_extra=limits.described_bytes("application/octet-stream"),
)
async def put(uuid: str, kind: Kind, request: Request, side: Side, trustee: Trustee) -> None:
    """Leaves one's own message; the same again changes nothing, another is refused.

    Only a share that turns out wrong may be followed by another.
    """
    message, owner = await limits.body(request, MESSAGE_LIMIT), trustee.owner or 0
    if kind in _MOMENTS:
        await signing.take_signature(side.book, uuid, _MOMENTS[kind], owner, message)
    elif kind == "share":
        await shares.leave(side.book, side.datadir, uuid, owner, message)
    else:
        await side.book.put_message(uuid, kind, owner, message, during=State.DRAFT)


async def _messages(side: Side, uuid: str, kind: str) -> dict[int, str]:
    stored = await side.book.messages(uuid, kind)
    return {owner: to_base64(raw) for owner, raw in sorted(stored.items())}


async def _definition(side: Side, uuid: str) -> tuple[str | None, str | None]:
    """The proposed or sealed definition and the checkpoint of its seal, if there is one."""
    proposed = await proposal(side.book, uuid)
    if proposed is None:
        return None, None
    checkpoint = seal_checkpoint(proposed.election, proposed.trustees)
    return proposed.election.raw.decode(), checkpoint.body
