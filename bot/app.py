"""The application of this host: the routes of its roles, over the books of its roles."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from admin.session.books import require_whole
from admin.session.datadir import DataDir
from bot.chat import webhook
from bot.chat.application import chatting
from bot.chat.pace import Rates
from bot.pauses import Pauses
from bot.sides import checking, closing
from bot.sides.board import Board
from bot.sides.box import BoxSide
from bot.sides.registrar import RegistrarSide
from bot.web import (
    about,
    box,
    committee,
    dossiers,
    operation,
    page,
    problems,
    questions,
    registrar,
    sessions,
)
from bot.web.clients import Streams
from bot.web.operation import Requests
from bot.web.problems import Document
from storage.books import open_box, open_registrar

ROLES: Final = ("registrar", "box", "bot")


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a running application.

    Attributes:
        roles: from ROLES.
        workers: threads or processes that check ballots (bot/sides/checking.py); one for each
            core if None, and in any case a thread if 0.
        clock: Unix seconds.
        page: where the pages were built; the usual place if None.
        rates: how many messages Telegram takes.
    """

    roles: tuple[str, ...] = ROLES
    workers: int | None = None
    clock: Callable[[], float] = field(default=time.time)
    page: Path | None = None
    pauses: Pauses = field(default_factory=Pauses)
    rates: Rates = field(default_factory=Rates)


def routes(roles: tuple[str, ...]) -> FastAPI:
    """The app without anything behind its routes; enough to describe it."""
    app = FastAPI(
        title="PhiếuKín",
        version=metadata.version("phieukin"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        responses={
            "default": {
                "description": "A problem document (RFC 9457)",
                "content": {problems.MEDIA_TYPE: {"schema": Document.model_json_schema()}},
            }
        },
    )
    problems.install(app)
    app.include_router(sessions.router)
    if "registrar" in roles:
        app.include_router(registrar.router)
        app.include_router(dossiers.router)
        app.include_router(about.router)
        app.include_router(questions.router)
        app.include_router(committee.router)
    if "box" in roles:
        app.include_router(box.router)
    if "bot" in roles:
        app.include_router(webhook.router)
    app.include_router(page.router)
    app.include_router(operation.router)
    return app


@asynccontextmanager
async def running(datadir: DataDir, options: Options) -> AsyncIterator[FastAPI]:
    """The app with its books open and its workers started.

    Raises:
        StorageVersion, OSError: a book, or a page, cannot be opened.
        BookLost, BookTaken: see admin/session/books.py and storage/box/book.py.
    """
    app = routes(options.roles)
    app.state.requests = Requests()
    app.state.pages = page.load(options.page, datadir.settings.public_url)
    app.state.registrar = app.state.box = None
    app.state.streams, app.state.trusted_proxy = Streams(), datadir.settings.trusted_proxy
    async with AsyncExitStack() as stack:
        # The bot's buttons need both sides; their routes are there only for their own roles.
        if options.roles != ("box",):
            register = await open_registrar(datadir.registrar_url)
            stack.push_async_callback(register.close)
            app.state.registrar = RegistrarSide(datadir, register, options.clock)
        if options.roles != ("registrar",):
            book = await open_box(datadir.box_url)
            stack.push_async_callback(book.close)
            if "box" in options.roles:
                await stack.enter_async_context(book.alone())
            checker = await stack.enter_async_context(checking.checker(options.workers))
            app.state.box = BoxSide(datadir, book, checker, options.clock)
        registrar_side, box_side = app.state.registrar, app.state.box
        await require_whole(
            datadir,
            registrar_side.book if registrar_side else None,
            box_side.book if box_side else None,
        )
        app.state.board = _board(app, options.pauses)
        await stack.enter_async_context(_closing(app, options))
        app.state.chat = None
        if "bot" in options.roles:
            app.state.chat = await stack.enter_async_context(
                chatting(
                    datadir,
                    app.state.registrar,
                    app.state.box,
                    app.state.board,
                    options.clock,
                    options.pauses,
                    options.rates,
                )
            )
        yield app


def _board(app: FastAPI, pauses: Pauses) -> Board:
    registrar, box = app.state.registrar, app.state.box
    return Board(registrar.book if registrar else None, box.book if box else None, pauses)


@asynccontextmanager
async def _closing(app: FastAPI, options: Options) -> AsyncIterator[None]:
    """Watches the announced ends, where both books are at hand."""
    if not {"registrar", "box"} <= set(options.roles):
        yield
        return
    watching = asyncio.create_task(
        closing.watch(app.state.registrar.book, app.state.box, options.clock, options.pauses)
    )
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def described() -> bytes:
    """docs/openapi.json."""
    return json.dumps(routes(ROLES).openapi(), ensure_ascii=False, indent=1).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(described())
