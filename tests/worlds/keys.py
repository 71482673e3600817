"""Keys that cost much: what is the same each time is made, or checked, once a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from types import SimpleNamespace
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import load_der_private_key

from admin.session import keys
from crypto import blind
from crypto.blind import IssuerSecret


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
