"""A relay in front of a server, on the way of every request: it writes down, and may lie.

Plain asyncio in a thread of its own. What it writes down is what came from the client, byte by
byte, and on which connection; what it may change is the server's answer.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    connection: int
    port: int
    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        """Names in lower case; a name that stands twice has both values."""
        headers: dict[str, str] = {}
        for line in self.head.split(b"\r\n")[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            if name:
                key = name.strip().lower()
                headers[key] = ", ".join(filter(None, (headers.get(key), value.strip())))
        return headers

    @property
    def to_box(self) -> bool:
        return self.path.startswith(("/api/v1/box/", "/api/v1/sessions/"))


Lie = Callable[[Request, bytes], bytes]


def honest(_request: Request, answer: bytes) -> bytes:
    return answer


@dataclass
class Relay:
    """What was seen, and how answers are changed."""

    url: str = ""
    seen: list[Request] = field(default_factory=list)
    lie: Lie = honest
    _connections: int = 0

    async def serve(
        self, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection of a client, for as many requests as it sends."""
        self._connections += 1
        number, port = self._connections, writer.get_extra_info("peername")[1]
        try:
            while True:
                head, body = await _message(reader)
                request = Request(number, port, head, body)
                self.seen.append(request)
                writer.write(await self._answer(request, target))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request, target: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", target)
        try:
            writer.write(request.head + request.body)
            await writer.drain()
            head, body = await _message(reader)
        finally:
            writer.close()
        answer = self.lie(request, body)
        length = b"content-length: "
        lines = [
            line for line in head.rstrip().split(b"\r\n") if not line.lower().startswith(length)
        ]
        return b"\r\n".join([*lines, length + str(len(answer)).encode()]) + _HEAD_END + answer


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(_HEAD_END)
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head, await reader.readexactly(int(line.partition(b":")[2]))
    return head, b""


@contextmanager
def relaying(url: str) -> Iterator[Relay]:
    """A relay to a server of this machine for the length of the block."""
    relay, target = Relay(), int(url.rpartition(":")[2])
    ready, leave = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        server = await asyncio.start_server(
            lambda reader, writer: relay.serve(target, reader, writer), "127.0.0.1", 0
        )
        relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        loops.append(asyncio.get_running_loop())
        ready.set()
        async with server:
            await leave.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    try:
        yield relay
    finally:
        loops[0].call_soon_threadsafe(leave.set)
        thread.join(30)
