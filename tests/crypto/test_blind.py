"""crypto/blind.py: the exchange between client and registrar, and what each refuses."""

import dataclasses
import hashlib
from math import gcd

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import blind
from crypto.blind import Blinded, IssuerKey, IssuerSecret
from crypto.errors import BadToken, Malformed

FAILURE = BadToken("the signature")


# --- The whole exchange -------------------------------------------------------------------


@settings(max_examples=25)
@given(message=st.binary(max_size=200))
def test_round_trip(secret: IssuerSecret, message: bytes) -> None:
    """Any message can be signed blindly, and the signature verifies."""
    blinded = blind.blind(secret.public, message)
    answer = blind.blind_sign(secret, blinded.blinded_message)
    token = blind.finalize(secret.public, message, answer, blinded)
    blind.verify(secret.public, message, token, FAILURE)


def test_signature_is_a_standard_one(
    secret: IssuerSecret, key: IssuerKey, backend: rsa.RSAPrivateKey
) -> None:
    """A stock RSASSA-PSS verifier accepts what finalize returns."""
    blinded = blind.blind(key, b"message")
    token = blind.finalize(
        key, b"message", blind.blind_sign(secret, blinded.blinded_message), blinded
    )
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    backend.public_key().verify(token, b"message", pss, hashes.SHA384())


def test_blinding_is_fresh(key: IssuerKey) -> None:
    """Two requests for one message have nothing in common."""
    first, second = (blind.blind(key, b"message") for _ in range(2))
    assert first.blinded_message != second.blinded_message
    assert first.inverse != second.inverse


@pytest.mark.slow
@settings(max_examples=25)
@given(data=st.data())
def test_private_operation(secret: IssuerSecret, data: st.DataObject) -> None:
    """The blinded CRT computation is m^d mod n for every m, also 0, 1, n − 1 and multiples of p."""
    n = secret.public.n
    edge = st.sampled_from([0, 1, 2, n - 1, secret.p, n - secret.q])
    m = data.draw(edge | st.integers(0, n - 1))
    d = pow(secret.public.e, -1, (secret.p - 1) * (secret.q - 1))
    assert blind._rsasp1(secret, m) == pow(m, d, n)


# --- Blinding from a seed -----------------------------------------------------------------


def seeded(key: IssuerKey, seed: bytes) -> tuple[bytes, bytes]:
    stream = hashlib.shake_256(seed).digest(48 + key.blinding_len)
    return stream[:48], stream[48:]


def test_blind_from_repeats(key: IssuerKey) -> None:
    """The same salt and blinding give the same request again."""
    salt, blinding = seeded(key, b"seed")
    first = blind.blind_from(key, b"message", salt, blinding)
    assert blind.blind_from(key, b"message", salt, blinding) == first


def test_blind_from_gives_a_token(secret: IssuerSecret, key: IssuerKey) -> None:
    """A derived request is answered and finalized like any other."""
    blinded = blind.blind_from(key, b"message", *seeded(key, b"seed"))
    blind.finalize(key, b"message", blind.blind_sign(secret, blinded.blinded_message), blinded)


def test_blind_from_reduces_big_endian(key: IssuerKey) -> None:
    """r is the blinding as a big-endian integer mod n, so that other programs derive the same."""
    salt, blinding = seeded(key, b"seed")
    r = int(blinding.hex(), 16) % key.n
    assert blind.blind_from(key, b"m", salt, blinding) == blind._blind(key, b"m", salt, r)


@pytest.mark.parametrize(
    ("salt", "excess"), [(0, 0), (32, 0), (47, 0), (49, 0), (48, -16), (48, -1), (48, 1)]
)
def test_blind_from_wants_48_bytes_of_salt_and_16_more_than_the_modulus(
    key: IssuerKey, salt: int, excess: int
) -> None:
    """A salt or a blinding of another length is refused."""
    with pytest.raises(Malformed, match="blinding" if excess else "salt"):
        blind.blind_from(key, b"m", bytes(salt), bytes([1] * (key.blinding_len + excess)))


@pytest.mark.parametrize("factor", ["n", "p", "q"])
def test_blinding_without_inverse(secret: IssuerSecret, factor: str) -> None:
    """A blinding that shares a factor with the modulus is refused."""
    r = {"n": secret.public.n, "p": secret.p, "q": 3 * secret.q}[factor]
    blinding = r.to_bytes(secret.public.blinding_len, "big")
    with pytest.raises(Malformed, match="blinding error"):
        blind.blind_from(secret.public, b"m", bytes(48), blinding)


def test_message_that_shares_a_factor_with_the_modulus(key: IssuerKey) -> None:
    """An encoded message that is not coprime to n is the RFC's "invalid input"."""
    salt = next(
        salt
        for salt in (i.to_bytes(48, "big") for i in range(100))
        if int.from_bytes(blind._emsa_pss_encode(b"m", 3071, salt), "big") % 3 == 0
    )
    divisible = IssuerKey(next(n for n in range(key.n, key.n + 6, 2) if n % 3 == 0))
    r = next(r for r in range(2, 100) if gcd(r, divisible.n) == 1)
    with pytest.raises(Malformed, match="invalid input"):
        blind._blind(divisible, b"m", salt, r)


def test_blinding_has_400_bytes(key: IssuerKey) -> None:
    """Other programs derive as many bytes as we do: 384 of the modulus and 16 more."""
    assert (key.modulus_len, key.blinding_len) == (384, 400)


def test_shortest_encoding() -> None:
    """Hash, salt and two bytes just fit; one byte less does not."""
    assert len(blind._emsa_pss_encode(b"m", 8 * 98, bytes(48))) == 98
    with pytest.raises(Malformed, match="too short"):
        blind._emsa_pss_encode(b"m", 8 * 97, bytes(48))


def test_modulus_too_short_for_the_encoding() -> None:
    """A modulus without room for hash and salt is refused."""
    with pytest.raises(Malformed, match="too short"):
        blind.blind(IssuerKey(2**512 + 1), b"m")


# --- What the registrar refuses -----------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 383, 385])
def test_blind_sign_wants_the_length_of_the_modulus(secret: IssuerSecret, length: int) -> None:
    """A blinded message of another length is not signed."""
    with pytest.raises(Malformed, match="blinded message"):
        blind.blind_sign(secret, bytes(length))


@pytest.mark.parametrize("excess", [0, 1])
def test_blind_sign_wants_a_number_below_n(secret: IssuerSecret, excess: int) -> None:
    """n and more are not signed."""
    with pytest.raises(Malformed, match="not below the modulus"):
        blind.blind_sign(secret, (secret.public.n + excess).to_bytes(384, "big"))


@pytest.mark.parametrize("field", ["dp", "dq", "q_inverse", "p"])
def test_miscalculation_is_never_sent(secret: IssuerSecret, field: str) -> None:
    """If any part of the computation goes wrong, no signature leaves the function."""
    broken = dataclasses.replace(secret, **{field: getattr(secret, field) + 2})
    with pytest.raises(ArithmeticError):
        blind.blind_sign(broken, bytes(383) + b"\x05")


# --- What the client refuses --------------------------------------------------------------


@pytest.fixture(scope="module")
def exchange(secret: IssuerSecret) -> tuple[Blinded, bytes]:
    blinded = blind.blind(secret.public, b"message")
    return blinded, blind.blind_sign(secret, blinded.blinded_message)


@pytest.mark.parametrize("position", [0, 1, 200, 383])
def test_altered_answer(key: IssuerKey, exchange: tuple[Blinded, bytes], position: int) -> None:
    """An answer with one flipped bit gives no token."""
    blinded, answer = exchange
    altered = bytearray(answer)
    altered[position] ^= 1
    with pytest.raises(BadToken, match="registrar"):
        blind.finalize(key, b"message", bytes(altered), blinded)


@pytest.mark.parametrize("size", [0, 383, 385, 384])
def test_answer_that_is_no_number_below_n(
    key: IssuerKey, exchange: tuple[Blinded, bytes], size: int
) -> None:
    """An answer has one length and one spelling: adding n is refused even where it fits."""
    answer = key.n.to_bytes(384, "big") if size == 384 else bytes(size)
    with pytest.raises(Malformed, match="not below" if size == 384 else "blind signature"):
        blind.finalize(key, b"message", answer, exchange[0])


@pytest.mark.parametrize("what", ["message", "request"])
def test_answer_to_another(key: IssuerKey, exchange: tuple[Blinded, bytes], what: str) -> None:
    """The answer to one message gives no token for another; nor can another request unblind it."""
    blinded, answer = exchange
    message = b"another" if what == "message" else b"message"
    request = blind.blind(key, b"message") if what == "request" else blinded
    with pytest.raises(BadToken):
        blind.finalize(key, message, answer, request)


def test_answer_of_another_registrar(key: IssuerKey, exchange: tuple[Blinded, bytes]) -> None:
    """A token is worth nothing under another session's key."""
    blinded, answer = exchange
    token = blind.finalize(key, b"message", answer, blinded)
    with pytest.raises(BadToken):
        blind.verify(IssuerSecret.generate().public, b"message", token, FAILURE)


# --- What everyone refuses ----------------------------------------------------------------


def test_failure_is_the_one_named(key: IssuerKey) -> None:
    """verify raises the very error that its caller names."""
    with pytest.raises(BadToken) as caught:
        blind.verify(key, b"message", bytes(384), FAILURE)
    assert caught.value is FAILURE


def pss(digest: hashes.HashAlgorithm, salt_length: int = 48) -> padding.PSS:
    return padding.PSS(padding.MGF1(digest), salt_length)


SHA256, SHA384 = hashes.SHA256(), hashes.SHA384()


@pytest.mark.parametrize(
    ("scheme", "digest"),
    [
        *((pss(SHA384, length), SHA384) for length in (0, 32, 47, 49, 64)),
        (pss(SHA256), SHA256),
        (padding.PKCS1v15(), SHA384),
    ],
    ids=["salt 0", "salt 32", "salt 47", "salt 49", "salt 64", "SHA-256", "PKCS #1 v1.5"],
)
def test_other_signatures_by_the_key(
    key: IssuerKey,
    backend: rsa.RSAPrivateKey,
    scheme: padding.AsymmetricPadding,
    digest: hashes.HashAlgorithm,
) -> None:
    """The key's own signature with another salt length, hash or padding is not a token."""
    signature = backend.sign(b"message", scheme, digest)
    with pytest.raises(BadToken):
        blind.verify(key, b"message", signature, FAILURE)


def signature_below(private: rsa.RSAPrivateKey, bound: int) -> int:
    """A valid signature of b"message" that is below `bound`, as a number."""
    while True:
        number = int.from_bytes(private.sign(b"message", pss(SHA384), SHA384), "big")
        if number < bound:
            return number


def test_signature_plus_modulus() -> None:
    """s + n is the same number mod n, but another spelling: refused."""
    secret = IssuerSecret.generate()
    while secret.public.n > 15 * 2**3068:  # else hardly any s + n fits
        secret = IssuerSecret.generate()
    n = secret.public.n
    private = serialization.load_der_private_key(secret.to_pkcs8(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    second = signature_below(private, 2**3072 - n) + n
    with pytest.raises(BadToken):
        blind.verify(secret.public, b"message", second.to_bytes(384, "big"), FAILURE)


@pytest.mark.parametrize("size", [385, 383])
def test_signature_with_another_number_of_leading_zeros(
    key: IssuerKey, backend: rsa.RSAPrivateKey, size: int
) -> None:
    """A zero byte more, or one that was dropped, is another spelling: refused."""
    signature = signature_below(backend, min(key.n, 2 ** (8 * size))).to_bytes(size, "big")
    with pytest.raises(BadToken):
        blind.verify(key, b"message", signature, FAILURE)
