"""A server whose bot dies of kill -9 while somebody's phone waits for it, and starts again.

`python -m tests.fault.phones` is the nursery of crash.py for such servers. What is done for an
update has these boundaries: each commit, and each call to Telegram, before it and after its
answer. Telegram's limits are not kept, so that lives are short.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto.lifecycle import Step
from tests.fault import crash
from tests.fault.lives import Chance, Life, Lives, Plan, chance
from tests.fault.test_server import free_port
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.telegram.standin import StandIn
from tests.worlds import hall, scene
from tests.worlds.scene import Scene, Witness

SOON = 0.15  # seconds after a tap, in which most of the work for it is done
PATIENCE = 60.0
COMMA = ", "


def main() -> None:
    """Starts servers, as crash.py does."""
    from telegram.request import HTTPXRequest  # noqa: PLC0415  for the nursery only

    from bot.chat import application  # noqa: PLC0415

    application._authorities()  # read once for all lives
    HTTPXRequest()  # so that everything is imported before the first fork
    durable, running = crash._wrap, crash._run

    def wrap(point: Callable[[str], None]) -> None:
        at_tap: ContextVar[bool] = ContextVar("at_tap", default=False)

        def named(boundary: str) -> None:
            if at_tap.get():
                point(boundary)

        durable(named)
        _wrap_bot(named, at_tap)

    def run(args: list[str], at: list[Any] | None, *, light: bool) -> int:
        if at is not None:
            wrap(_killer(set(at[1].split(COMMA))))
        return running(args, None, light=light)

    crash._set(crash, _run=run)
    crash.main()


def _killer(places: set[str]) -> Callable[[str], None]:
    """Ends the process at the first boundary at which none has ended yet."""
    passed: Counter[str] = Counter()

    def point(name: str) -> None:
        passed[name] += 1
        place = f"{name} {passed[name]}"
        if place not in places:
            os.write(1, f"\n{crash.KILLED}{place}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    return point


def _wrap_bot(point: Callable[[str], None], at_tap: ContextVar[bool]) -> None:
    from bot.chat.intake import Intake  # noqa: PLC0415  see main
    from bot.chat.pace import Pace  # noqa: PLC0415

    working, calling = Intake._in_order, Pace.process_request

    async def in_order(self: Intake, update: Any) -> None:
        at_tap.set(True)
        await working(self, update)

    async def process(self: Pace, *arguments: Any, **named: Any) -> Any:
        endpoint = named.get("endpoint") or arguments[3]
        point(f"before {endpoint}")
        try:
            return await calling(self, *arguments, **named)
        finally:
            point(f"after {endpoint}")

    crash._set(Intake, _in_order=in_order)
    crash._set(Pace, process_request=process)


@dataclass
class Hall:
    """A session whose server can be killed at any moment.

    Attributes:
        witness: of every message that says that a ballot is recorded.
    """

    scene: Scene
    lives: Lives
    chance: Chance
    witness: Witness
    port: int
    life: Life | None = None

    async def start(self, at: Plan = None) -> Life:
        """A server; it dies at this boundary, if one is given."""
        listen = f"127.0.0.1:{self.port}"
        life = self.lives.start(self.scene.where.folder, "serve", "--listen", listen, at=at)
        self.life = life
        return life

    async def stop(self) -> None:
        """kill -9."""
        assert self.life is not None
        self.life.kill()
        await ended(self.life)

    async def shaken(
        self,
        person: Person,
        act: Callable[[], Awaitable[object]],
        is_answer: Callable[[Message], bool],
    ) -> Message:
        """Somebody does something, the server dies soon after; what the phone shows in the end.

        People wait until the screen stands still: what was not acknowledged is done again, and
        for a moment shows pages that they have seen.
        """
        await act()
        await asyncio.sleep(self.chance.below(SOON))
        await self.stop()
        await self.start()
        await self.scene.telegram.quiet(idle=0.05, timeout=PATIENCE)
        return await person.until(is_answer, PATIENCE)

    async def swept(self) -> set[str]:
        """Servers that end at one boundary after the other of the work on what waits.

        Each dies at the first at which none has died; the last one, which finds none, goes on.

        Returns:
            The boundaries: their names, and how many of that name had been passed.
        """
        places: set[str] = set()
        while True:
            life = await self.start((1, COMMA.join(places)))
            if not await ended(life, lambda: self.scene.telegram.updates_unacknowledged == 0):
                await self.stop()
                await self.start()
                return places
            _, chosen, where = life.said().rpartition(f"\n{crash.KILLED}")
            assert chosen, life.said()
            places.add(where.partition("\n")[0])


async def ended(life: Life, enough: Callable[[], bool] = lambda: False) -> bool:
    """Waits for the end, while the stand-in goes on answering; False if it is enough before."""
    until = time.monotonic() + PATIENCE
    while not life.ended:
        assert time.monotonic() < until, f"a server that goes on living: {life.said()}"
        if enough():
            return False
        await asyncio.sleep(0.003)
    return True


@asynccontextmanager
async def hall_of(
    folder: Path, name: str, nursery: subprocess.Popen[bytes], *, webhook: bool
) -> AsyncIterator[Hall]:
    """A session in check-in; nobody serves it yet."""
    port = free_port()
    async with StandIn(flood=None, http_apps=True) as telegram:
        url = f"http://127.0.0.1:{port}" if webhook else ""
        where = scene.place(folder / "data", telegram, url)
        session = hall.defined(where, 3, channels=scene.CHAT)
        async with scene.beside(telegram, where, session) as looking:
            await hall.store(looking.books, session)
            await looking.move(Step.CHECK_IN)
            (folder / "logs").mkdir()
            living = Lives(nursery, folder / "logs")
            with scene.witness(where) as witnessed:
                one = Hall(looking, living, chance(name), witnessed, port)
                yield one
                await one.stop()


if __name__ == "__main__":
    main()
