"""Connections of the stand-in: uvicorn's, without its main loop, its signals and its log.

So a server stands in a few milliseconds inside a loop that does other things too, and a
connection can be cut in the middle of a call.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

LOOPBACK: Final = "127.0.0.1"
_IDLE_SECONDS: Final = 75  # as nginx in front of Telegram
_GRACE_SECONDS: Final = 5.0


class _Connection(H11Protocol):
    """Remembers itself by the client's address."""

    def __init__(self, transports: dict[Any, asyncio.Transport], *protocol: Any) -> None:
        super().__init__(*protocol)
        self._transports = transports

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transports.pop(self.client, None)
        super().connection_lost(exc)


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
        self._transports: dict[Any, asyncio.Transport] = {}
        self._server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> int:
        """Returns the port, which is free if 0 was asked for."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._transports, self._config, self._state, {}, loop),
            LOOPBACK,
            port,
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Whoever still waits is cut off."""
        if self._server is None:
            return
        self._server.close()
        for transport in list(self._transports.values()):
            transport.abort()
        # They see that their clients have gone; to cancel them would look like a failure.
        if tasks := set(self._state.tasks):
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        await self._server.wait_closed()

    async def hang_up(self, request: Request) -> None:
        """Without an answer."""
        address = request.client
        transport = self._transports.get(tuple(address) if address else None)
        if transport is not None:
            transport.abort()
        await gone(request)


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
