"""Keys that cost much: what is the same each time is made, or checked, once a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from cryptography.hazmat.primitives.serialization import load_der_private_key

from crypto import blind


@contextmanager
def checked_once() -> Iterator[None]:
    """OpenSSL's check of an RSA key takes a fifth of a second: once for the same bytes is enough.

    A key that it refuses is refused each time; only answers are remembered.
    """
    with patch.object(blind, "load_der_private_key", cache(load_der_private_key)):
        yield
