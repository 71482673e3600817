"""Runs commands of the program in processes that die of kill -9 at a chosen boundary.

`python -m tests.fault.crash` reads one JSON object a line. {"args": […], "log": FILE, "at": PLAN,
"light": BOOL} starts `phieukin ARGS` in a forked process and answers with its pid; {"ended": PID}
answers with its exit status, or null while it runs. The forked process is the whole program as
it is installed; only the places where something becomes durable are wrapped. PLAN is null, or
[NUMBER, NAME]: the process kills itself at the NUMBER-th boundary whose name begins with NAME,
and writes that name to the log first. A light process checks ballots in a thread, because
worker processes, which write nothing, take longer to start than all the rest.

Boundaries: "before" and "after" each commit of a writing transaction, named by the call of the
book; each rename of a whole file over the real one; each statement of a rewrite.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial, wraps
from inspect import getclosurevars
from pathlib import Path
from typing import Any

NOW = 1_700_000_000  # when every archive is closed, so that two that should be alike are
KILLED = "killed "

_counting = threading.Lock()


def main() -> None:
    """Answers until nobody asks any more."""
    from tests.worlds.keys import checked_once  # noqa: PLC0415  see _load

    with checked_once():
        _load()
        for line in sys.stdin:
            order = json.loads(line)
            if "args" in order:
                print(_start(order), flush=True)  # noqa: T201
            else:
                pid, status = os.waitpid(order["ended"], os.WNOHANG)
                print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), flush=True)  # noqa: T201


def _load() -> None:
    """Imports and checks everything once; what is in memory is shared with the forked."""
    from importlib import import_module  # noqa: PLC0415  a worker of the server imports this file

    from storage import books  # noqa: PLC0415
    from tests import testkit  # noqa: PLC0415

    for name in ("admin.cli.main", "admin.cli.serve", "admin.cli.session", "bot.app"):
        import_module(name)
    for book in ("registrar", "box"):
        books._revisions(books._MIGRATIONS / book)
    testkit.issuer_secret()


def _start(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number in (1, 2):
            os.dup2(log, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        status = _run(order["args"], order["at"], light=order["light"])
        sys.stdout.flush()
    finally:
        os._exit(status)


def _run(args: list[str], at: list[Any] | None, *, light: bool) -> int:
    from admin.cli import main, serve  # noqa: PLC0415  see _load
    from admin.lifecycle import electronic  # noqa: PLC0415
    from bot.app import Options  # noqa: PLC0415
    from tests.worlds.quick import NO_LIMITS, SHORT  # noqa: PLC0415

    os.environ["PHIEUKIN_LANG"] = "en"
    _set(os, cpu_count=lambda: 1)  # one worker starts sooner than many
    _set(electronic, time=lambda: NOW)
    if light:
        _set(serve, Options=partial(Options, workers=0, rates=NO_LIMITS, pauses=SHORT))
    if at is not None:
        _wrap(_killer(at[0], at[1]))
    return main.run(args)


def _killer(number: int, name: str) -> Callable[[str], None]:
    passed = 0

    def point(boundary: str) -> None:
        nonlocal passed
        with _counting:
            if not boundary.startswith(name):
                return
            passed += 1
            if passed == number:
                os.write(1, f"\n{KILLED}{boundary}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    return point


def _wrap(point: Callable[[str], None]) -> None:
    """Makes every boundary known to `point`."""
    from sqlalchemy.ext.asyncio import AsyncConnection  # noqa: PLC0415  see _load

    from storage.database import Database  # noqa: PLC0415
    from storage.grouping import Groups  # noqa: PLC0415

    write, statement, replace = Database.write, AsyncConnection.exec_driver_sql, Path.replace
    store, first = Groups.store, dict[object, str]()  # what a shared transaction was begun for

    async def storing(self: Groups, change: Callable[[AsyncConnection], Any]) -> Any:
        name = getclosurevars(change).nonlocals["change"].__qualname__

        async def noted(tx: AsyncConnection) -> Any:
            first.setdefault(asyncio.current_task(), name)
            return await change(tx)

        return await store(self, noted)

    @asynccontextmanager
    async def writing(self: Database) -> AsyncIterator[AsyncConnection]:
        async with write(self) as tx:
            yield tx
            name = first.pop(asyncio.current_task(), None) or _call()
            point(f"before {name}")
        point(f"after {name}")

    @wraps(statement)
    async def executing(self: AsyncConnection, text: str, *more: Any, **named: Any) -> Any:
        name = text if text == "VACUUM" or "wal_checkpoint" in text else None
        if name:
            point(f"before {name}")
        done = await statement(self, text, *more, **named)
        if name:
            point(f"after {name}")
        return done

    def replacing(self: Path, target: Path) -> Path:
        point(f"before rename {Path(target).suffix}")
        renamed = replace(self, target)
        point(f"after rename {Path(target).suffix}")
        return renamed

    _set(Groups, store=storing)
    _set(Database, write=writing)
    _set(AsyncConnection, exec_driver_sql=executing)
    _set(Path, replace=replacing)


def _set(owner: object, **new: object) -> None:
    for name, value in new.items():
        setattr(owner, name, value)


def _call() -> str:
    """The call of a book that this task was made for (storage.database.whole)."""
    task = asyncio.current_task()
    work = task.get_coro() if task else None
    return getattr(work, "__qualname__", "?")


if __name__ == "__main__":
    main()
