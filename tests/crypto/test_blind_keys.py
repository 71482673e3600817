"""crypto/blind.py: a session's issuer key has one kind, one size and one spelling."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import blind
from crypto.blind import IssuerKey, IssuerSecret
from crypto.errors import Malformed

SPKI_DER = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS8_DER = (Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_public_key_round_trip(key: IssuerKey) -> None:
    """A key decodes from the SPKI it writes."""
    assert IssuerKey.from_spki(key.spki) == key


def test_secret_key_round_trip(secret: IssuerSecret) -> None:
    """A secret decodes from the PKCS #8 it writes, and both sign alike."""
    again = IssuerSecret.from_pkcs8(secret.to_pkcs8())
    message = bytes(383) + b"\x02"
    assert again.public == secret.public
    assert blind.blind_sign(again, message) == blind.blind_sign(secret, message)


def test_generated_keys_differ(key: IssuerKey) -> None:
    """Each session gets a key of its own."""
    assert IssuerSecret.generate().public != key


@pytest.fixture(scope="module")
def foreign_keys() -> dict[str, bytes]:
    """Public keys that are good keys, but not ours."""
    keys: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
        "2048 bits": rsa.generate_private_key(65537, 2048),
        "4096 bits": rsa.generate_private_key(65537, 4096),
        "e = 3": rsa.generate_private_key(3, 3072),
        "another algorithm": ec.generate_private_key(ec.SECP256R1()),
    }
    return {name: key.public_key().public_bytes(*SPKI_DER) for name, key in keys.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2048 bits", "4096 bits", "e = 3", "another algorithm"])
def test_other_public_keys(foreign_keys: dict[str, bytes], name: str) -> None:
    """A key of another size, exponent or algorithm is not a session's key."""
    with pytest.raises(Malformed, match="issuer key"):
        IssuerKey.from_spki(foreign_keys[name])


RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
RSASSA_PSS = bytes.fromhex("300b06092a864886f70d01010a")


def _shorter_by(der: bytes, old: bytes, new: bytes) -> bytes:
    """`der` with `old` replaced by `new`, and the outer length corrected."""
    changed = der.replace(old, new, 1)
    length = int.from_bytes(der[2:4], "big") + len(changed) - len(der)
    return changed[:2] + length.to_bytes(2, "big") + changed[4:]


SPELLINGS = {
    "empty": lambda _: b"",
    "trailing byte": lambda der: der + b"\x00",
    "cut short": lambda der: der[:-1],
    "twice": lambda der: der + der,
    "long form of the length": lambda der: der[:1] + b"\x83\x00" + der[2:],
    "indefinite length": lambda der: der[:1] + b"\x80" + der[4:] + b"\x00\x00",
    "no parameters": lambda der: _shorter_by(
        der, RSA_ENCRYPTION, b"\x30\x0b" + RSA_ENCRYPTION[2:-2]
    ),
    "RSASSA-PSS": lambda der: _shorter_by(der, RSA_ENCRYPTION, RSASSA_PSS),
    "unused bits": lambda der: der.replace(b"\x00\x30\x82", b"\x01\x30\x82", 1),
    "even modulus": lambda der: der[:-6] + bytes([der[-6] & 0xFE]) + der[-5:],
    "even exponent": lambda der: der[:-1] + b"\x00",
    "PEM": lambda der: b"-----BEGIN PUBLIC KEY-----\n" + der,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings_of_a_public_key(key: IssuerKey, name: str) -> None:
    """Only the canonical DER of a sound key decodes."""
    respelled = SPELLINGS[name](key.spki)
    assert respelled != key.spki
    with pytest.raises(Malformed, match="issuer key"):
        IssuerKey.from_spki(respelled)


@settings(max_examples=200)
@given(data=st.data())
def test_public_key_malleability(key: IssuerKey, data: st.DataObject) -> None:
    """Any other bytes that decode are the spelling of another key."""
    der = bytearray(key.spki)
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = IssuerKey.from_spki(bytes(der))
    except Malformed:
        return
    assert decoded.spki == bytes(der)


@pytest.mark.parametrize(
    ("form", "encryption"),
    [
        (PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")),
        (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    ],
    ids=["encrypted", "PKCS #1"],
)
def test_secret_in_another_container(
    backend: rsa.RSAPrivateKey,
    form: PrivateFormat,
    encryption: serialization.KeySerializationEncryption,
) -> None:
    """A secret under a passphrase, or in the older container, is not opened here."""
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(backend.private_bytes(Encoding.DER, form, encryption))


@pytest.mark.parametrize(
    "der",
    [
        rsa.generate_private_key(65537, 2048).private_bytes(*PKCS8_DER),
        ec.generate_private_key(ec.SECP256R1()).private_bytes(*PKCS8_DER),
        b"", b"\x30\x00", bytes(range(100)),
    ],
    ids=["2048 bits", "another algorithm", "nothing", "an empty sequence", "other bytes"],
)  # fmt: skip
def test_secret_that_is_none(der: bytes) -> None:
    """A secret of another size or algorithm is not a session's; other bytes are no secret."""
    with pytest.raises(Malformed, match="issuer secret"):
        IssuerSecret.from_pkcs8(der)


def test_secrets_do_not_show(secret: IssuerSecret) -> None:
    """Neither the signing key nor a blinding appears in its repr."""
    blinded = blind.blind(secret.public, b"message")
    text = repr(secret) + repr(blinded)
    for number in (secret.p, secret.q, secret.dp, secret.dq, blinded.inverse):
        assert str(number) not in text
        assert f"{number:x}" not in text
