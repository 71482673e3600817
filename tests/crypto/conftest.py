"""Keys and ceremonies that the tests of crypto/ only read, made once for each module."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crypto.blind import IssuerKey, IssuerSecret
from tests.crypto.room import Room, hold


@pytest.fixture(scope="module")
def room() -> Room:
    """An honest ceremony: two of three."""
    return hold(3, 2)


@pytest.fixture(scope="module")
def elsewhere() -> Room:
    """The same among other people."""
    return hold(3, 2)


@pytest.fixture(scope="module")
def secret() -> IssuerSecret:
    return IssuerSecret.generate()


@pytest.fixture(scope="module")
def key(secret: IssuerSecret) -> IssuerKey:
    return secret.public


@pytest.fixture(scope="module")
def backend(secret: IssuerSecret) -> rsa.RSAPrivateKey:
    """The same key in the hands of `cryptography`."""
    loaded = serialization.load_der_private_key(secret.to_pkcs8(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded
