"""What everyone may know of a session: once, or followed by server-sent events."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.sides.board import Board, PublicSession
from bot.sides.problem import busy
from bot.web.clients import client_of


class Session(PublicSession):
    """What is public.

    Attributes:
        election: the exact text of election.json; null before the seal.
        closes: when voting ends, in Unix seconds; null while that is not settled.
        on_paper: whether it was sealed with paper as the only way of voting: no election, no
            tokens; `issued` counts paper ballots.
        zone: whose clock times are told by (IANA); null where only the box is.
    """


def _board(request: Request) -> Board:
    board = request.app.state.board
    if not isinstance(board, Board):
        raise TypeError("this app has no board")
    return board


PublicBoard = Annotated[Board, Depends(_board)]

router = APIRouter(prefix="/api/v1/sessions/{uuid}", tags=["sessions"])


@router.get("", response_model=Session)
async def session(uuid: str, board: PublicBoard) -> PublicSession:
    """The definition, the state and the counts."""
    return await board.session(uuid)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(uuid: str, request: Request, board: PublicBoard) -> StreamingResponse:
    """Server-sent events named `session`, each with {state, counts, closes}; so many a client."""
    streams, trusted = request.app.state.streams, request.app.state.trusted_proxy
    client = client_of(request.scope, trusted)
    await board.refuse_unknown(uuid)
    if not streams.take(client):
        raise busy(5)
    return _Stream(board.follow(uuid), lambda: streams.leave(client))


class _Stream(StreamingResponse):
    """Events, and what is done when the last was sent, or the first could not be."""

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
