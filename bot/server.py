"""The process that listens: connections, time-outs, signals, the lock.

uvicorn serves the app. What it leaves open is closed here: a client that does not finish its
head, does not take its answer, or sends on after it, loses its connection; one that does not
finish its TLS handshake, too.
"""

import asyncio
import fcntl
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from admin.session.datadir import DataDir
from bot import logs
from bot.app import Options, running
from bot.sides.board import Board
from bot.web import tls
from bot.web.addresses import Addresses
from bot.web.clients import Waiting, client_of
from bot.web.guard import Guard
from bot.web.origins import Origins
from crypto.errors import Refused

HEAD_BYTES: Final = 16 << 10
HEAD_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 5
GOODBYE_SECONDS: Final = 2.0  # for a client to take leave of a TLS connection that we end
STALL_SECONDS: Final = 30.0  # without room for 48 kB more in the client's connection
CONNECTIONS: Final = 4096  # more than WAITING, guard.AT_WORK and all streams together
WAITING: Final = 1024  # connections whose client is to send or to take something
_BACKLOG: Final = 2048
_LAST_PORT: Final = 65535
_STOP_SECONDS: Final = 20  # for ballots under way when the operator stops the server
_LOCK_SECONDS: Final = 1.0  # somebody may just be looking whether it is held


class CannotListen(Refused):
    """The address cannot be listened on, or another process serves the same box."""

    code = "cannot_listen"


class _Connection(H11Protocol):
    """A connection that is given up when its client is too slow."""

    config: "_Config"
    _timer: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_client()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_client()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self.transport.close()
        if not self.transport.is_closing():
            self._await_client()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_client()
        self._stall = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._disarm()
        self._await_client()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self.config.waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _await_client(self) -> None:
        """Counts the connection while it is its client's turn, and times the head of a request."""
        cycle: RequestResponseCycle | None = self.cycle
        no_head = cycle is None or cycle.response_complete
        if no_head and self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)
        elif not no_head and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if cycle is None or no_head or cycle.more_body or self.flow.write_paused:
            scope = {"client": self.client, "headers": ()} if cycle is None else cycle.scope
            oldest = self.config.waiting.add(self, client_of(scope, self.config.trusted_proxy))
            if oldest is not None:
                oldest.transport.abort()
        else:
            self.config.waiting.discard(self)

    def _disarm(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None


class HttpServer(uvicorn.Server):
    """uvicorn's server, which lets followers go when it stops and ends without a signal.

    Args:
        config: uvicorn's.
        board: whose followers would keep it from stopping.
        announce: is called when requests are answered.
        secret: of TLS; None where another program takes care of it.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        board: Board,
        announce: Callable[[], None],
        secret: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(config)
        self._board = board
        self._announce = announce
        self._secret = secret

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._secret is None:
            await super().startup(sockets)
        else:
            await self._startup_tls(sockets or [], self._secret)
        self._announce()

    async def _startup_tls(self, sockets: list[socket.socket], secret: ssl.SSLContext) -> None:
        """Starts as uvicorn does, which leaves 60 s for a handshake and 30 s for the end of TLS."""
        await self.lifespan.startup()
        protocol = partial(
            _Connection,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                protocol,
                sock=bound,
                ssl=secret,
                backlog=_BACKLOG,
                ssl_handshake_timeout=HEAD_SECONDS,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
            for bound in sockets
        ]
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._board.stop()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the server and nothing else: stopping is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop, handled = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
        for number in handled:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in handled:
                loop.remove_signal_handler(number)


async def serve(
    datadir: DataDir,
    options: Options,
    listener: socket.socket,
    announce: Callable[[uvicorn.Server], None] = lambda _: None,
    local: tls.Local | None = None,
) -> None:
    """Serves until a signal, or until the server that `announce` gets is made to stop.

    With a certificate of our own browsers are not told to insist on https for a year: it lasts
    for a season, and the name may be anybody's afterwards.

    Raises:
        CannotListen: another process serves this box.
        Refused: a book was lost.
        StorageVersion, OSError: a book cannot be opened.
    """
    with _alone(datadir.lock, "box" in options.roles):
        async with running(datadir, options) as app:
            secure = datadir.settings.public_url.startswith("https:") and local is None
            inner = tls.Offering(app, local.authority) if local else app
            guard = Guard(Origins(Addresses(inner)), app.state.requests, secure=secure)
            config = _Config(guard, datadir.settings.trusted_proxy)

            def begun() -> None:
                logs.event(f"serving {', '.join(options.roles)} on {address(listener, local)}")
                announce(server)

            secret = local.context() if local else None
            server = HttpServer(config, app.state.board, begun, secret)
            await server.serve([listener])
    logs.event("stopped")


class _Config(uvicorn.Config):
    """How uvicorn serves, and what all its connections know together."""

    def __init__(self, app: Guard, trusted_proxy: str) -> None:
        self.waiting: Waiting[_Connection] = Waiting(WAITING)
        self.trusted_proxy = trusted_proxy
        super().__init__(
            app,
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            backlog=_BACKLOG,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
            h11_max_incomplete_event_size=HEAD_BYTES,
        )


def listen(host_and_port: str) -> socket.socket:
    """A socket for HOST:PORT or [HOST]:PORT.

    Raises:
        ValueError: not such an address.
        CannotListen: nobody can listen there; says why.
    """
    host, colon, port = host_and_port.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit():
        raise ValueError(f"{host_and_port}: HOST:PORT is expected")
    if int(port) > _LAST_PORT:
        raise CannotListen(f"cannot listen on {host_and_port}: no such port")
    host = host.removeprefix("[").removesuffix("]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host_and_port}: {error.strerror}") from None


def address(listener: socket.socket, local: tls.Local | None = None) -> str:
    """The URL of a socket."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if local else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@contextmanager
def _alone(path: Path, needed: bool) -> Iterator[None]:
    """Holds the lock: the close waits for the ballots of one process only."""
    if not needed:
        yield
        return
    with path.open("ab") as file:
        _lock(file.fileno(), path)
        yield


def _lock(file: int, path: Path) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise CannotListen(f"another phieukin serve is running: it holds {path}") from None
            time.sleep(0.05)
