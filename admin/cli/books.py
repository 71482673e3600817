"""The data directory of this run, and commands that work with its books."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.cli import console
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.session.session import Session

_T = TypeVar("_T")


def datadir() -> DataDir:
    """The data directory of this run."""
    return DataDir.open(console.settings().data or Path())


def with_books(work: Callable[[Books], Awaitable[_T]]) -> _T:
    """Runs one piece of work with both books open."""

    async def whole() -> _T:
        async with opened(datadir()) as books:
            return await work(books)

    return asyncio.run(whole())


def with_session(uuid: str, work: Callable[[Books, Session], Awaitable[_T]]) -> _T:
    """Runs one piece of work with both books open and one session loaded."""

    async def loaded(books: Books) -> _T:
        return await work(books, await books.session(uuid))

    return with_books(loaded)


def on_session(work: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Makes a command on one session of `async def work(books, session, …)`; UUID comes first."""

    @click.argument("uuid")
    @wraps(work)
    def command(uuid: str, **options: Any) -> None:
        with_session(uuid, lambda books, session: work(books, session, **options))

    return command
