"""Connections of the stand-in: uvicorn's, without its main loop, its signals and its log.

So a server stands in a few milliseconds inside a loop that does other things too, and a
connection can be cut in the middle of a call.
"""

import asyncio
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.datastructures import Address
from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

LOOPBACK: Final = "127.0.0.1"
_IDLE_SECONDS: Final = 75  # as nginx in front of Telegram
_GRACE_SECONDS: Final = 5.0


class Connections:
    """A listening socket and what came in through it."""

    def __init__(self, app: ASGIApp) -> None:
        self._config = uvicorn.Config(
            app,
            http=H11Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=_IDLE_SECONDS,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> int:
        """Returns the port, which is free if 0 was asked for."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: H11Protocol(self._config, self._state, {}, loop), LOOPBACK, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Whoever still waits is cut off."""
        if self._server is None:
            return
        self._server.close()
        self._cut(None)
        # They see that their clients have gone; to cancel them would look like a failure.
        if tasks := set(self._state.tasks):
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        await self._server.wait_closed()

    async def hang_up(self, request: Request) -> None:
        """Without an answer."""
        self._cut(request.client)
        await gone(request)

    def _cut(self, client: Address | None) -> None:
        """The connection of one client, or all."""
        for connection in list(self._state.connections):
            if isinstance(connection, H11Protocol) and client in {None, connection.client}:
                connection.transport.abort()


async def gone(request: Request) -> None:
    """Until the client has closed its connection. The body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def still_there(request: Request, seconds: float) -> bool:
    """Waits; False as soon as the client has gone."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await gone(request)
            return False
    return True
