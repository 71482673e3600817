"""What costs much and is the same each time is made, or checked, once a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import load_der_private_key
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from admin.session import keys
from crypto import blind
from crypto.blind import IssuerSecret
from storage import database

_STATEMENTS = 1000  # more than there are


@contextmanager
def checked_once() -> Iterator[None]:
    """OpenSSL's check of an RSA key takes a fifth of a second: once for the same bytes is enough.

    A key that it refuses is refused each time; only answers are remembered.
    """
    with patch.object(blind, "load_der_private_key", cache(load_der_private_key)):
        yield


@contextmanager
def made_twice() -> Iterator[None]:
    """So does an issuer's key: the sessions of a worker have two in turn, each a fresh one."""
    number, made = count(), cache(lambda _turn: IssuerSecret.generate())
    issuers = SimpleNamespace(
        generate=lambda: made(next(number) % 2), from_pkcs8=IssuerSecret.from_pkcs8
    )
    with patch.object(keys, "IssuerSecret", issuers):
        yield


@contextmanager
def compiled_once() -> Iterator[None]:
    """Each engine makes the text of its statements anew; those of a worker share it, for SQLite.

    SQLAlchemy keeps it by statement and dialect: the dialects of two books on SQLite are alike.
    """
    texts: LRUCache[Any, Any] = LRUCache(_STATEMENTS)

    def engine(url: Any, **options: Any) -> AsyncEngine:
        shared = {"compiled_cache": texts} if url.get_backend_name() == "sqlite" else {}
        return create_async_engine(url, execution_options=shared, **options)

    dialect = SQLiteDialect_aiosqlite
    with (
        patch.object(dialect, "__eq__", lambda one, other: type(one) is type(other)),
        patch.object(dialect, "__hash__", lambda one: hash(type(one))),
        patch.object(database, "create_async_engine", engine),
    ):
        yield
