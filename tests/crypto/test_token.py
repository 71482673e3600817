"""crypto/token.py: a token belongs to one credential of one session, and to nobody."""

import hashlib

import pytest

from crypto import blind, token
from crypto.blind import Blinded, IssuerSecret
from crypto.encoding import b64_sha256
from crypto.errors import BadToken, Malformed
from crypto.group import Element, G, random_scalar

PHI = b64_sha256(b"this session")


@pytest.fixture(scope="module")
def credential() -> Element:
    return G ** random_scalar()


def issue(secret: IssuerSecret, phi: str, credential: Element) -> bytes:
    blinded = token.request_token(secret.public, phi, credential)
    answer = blind.blind_sign(secret, blinded.blinded_message)
    return token.receive_token(secret.public, phi, credential, answer, blinded)


def test_message_is_label_fingerprint_and_credential() -> None:
    """The signed bytes are as the protocol document says."""
    assert token.token_message(PHI, G) == (
        b"phieukin token v1\n" + PHI.encode() + b"\n" + b"66" * 31 + b"58"
    )


@pytest.mark.parametrize("phi", ["", PHI[:-1], PHI + "=", PHI + "\n", "é" * 43, PHI[:-1] + "B"])
def test_message_wants_a_fingerprint(phi: str) -> None:
    """Text that is not a fingerprint is not signed over."""
    with pytest.raises(Malformed, match="φ"):
        token.token_message(phi, G)


def test_token_is_good(secret: IssuerSecret, credential: Element) -> None:
    """The registrar's answer becomes a token that everyone accepts."""
    token.check_token(secret.public, PHI, credential, issue(secret, PHI, credential))


def test_error_shows_no_more_than_it_must(secret: IssuerSecret, credential: Element) -> None:
    """The error names the credential by its first eight digits."""
    with pytest.raises(BadToken) as caught:
        token.check_token(secret.public, PHI, credential, bytes(384))
    assert str(caught.value) == f"credential {credential.hex[:8]}: its token is not valid"


@pytest.mark.parametrize("what", ["credential", "session", "registrar"])
def test_token_of_another(secret: IssuerSecret, credential: Element, what: str) -> None:
    """A token fits one credential, one session even under one key, and one registrar's key.

    The error names the credential that it was shown for.
    """
    shown_for = credential * G if what == "credential" else credential
    phi = b64_sha256(b"another") if what == "session" else PHI
    checked = IssuerSecret.generate() if what == "registrar" else secret
    with pytest.raises(BadToken, match=shown_for.hex[:8]):
        token.check_token(checked.public, PHI, shown_for, issue(secret, phi, credential))


@pytest.mark.parametrize("position", [0, 100, 383])
def test_altered_token(secret: IssuerSecret, credential: Element, position: int) -> None:
    """A token with one flipped bit is refused."""
    altered = bytearray(issue(secret, PHI, credential))
    altered[position] ^= 4
    with pytest.raises(BadToken, match=credential.hex[:8]):
        token.check_token(secret.public, PHI, credential, bytes(altered))


@pytest.mark.parametrize("signature", [b"", bytes(384), bytes(385), b"\xff" * 384])
def test_no_token(secret: IssuerSecret, credential: Element, signature: bytes) -> None:
    """Other bytes are refused, whatever their length."""
    with pytest.raises(BadToken, match=credential.hex[:8]):
        token.check_token(secret.public, PHI, credential, signature)


def test_answer_for_another_credential(secret: IssuerSecret, credential: Element) -> None:
    """A registrar that signs something else is found by the client."""
    own, another = (token.request_token(secret.public, PHI, C) for C in (credential, G))
    answer = blind.blind_sign(secret, another.blinded_message)
    with pytest.raises(BadToken):
        token.receive_token(secret.public, PHI, credential, answer, own)


def test_seed_leads_to_the_same_request(secret: IssuerSecret, credential: Element) -> None:
    """After a crash the same seed makes the same request, hence gets the same answer."""
    stream = hashlib.shake_256(b"seed").digest(48 + secret.public.blinding_len)
    first, second = (
        token.request_token_from(secret.public, PHI, credential, stream[:48], stream[48:])
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("length", [15, 17])
def test_a_seed_has_sixteen_bytes(secret: IssuerSecret, length: int) -> None:
    with pytest.raises(Malformed, match=f"seed: {length} bytes, expected 16"):
        token.sow(bytes(length), PHI, secret.public)


def linking(secret: IssuerSecret, answer: bytes, signature: bytes) -> Blinded:
    """The one blinding under which the registrar's `answer` would have become `signature`."""
    n, e = secret.public.n, secret.public.e
    inverse = int.from_bytes(signature, "big") * pow(int.from_bytes(answer, "big"), -1, n) % n
    m = pow(int.from_bytes(signature, "big"), e, n)
    blinded = m * pow(inverse, -e, n) % n
    return Blinded(blinded.to_bytes(secret.public.modulus_len, "big"), inverse)


def test_every_token_fits_every_request(secret: IssuerSecret) -> None:
    """What the registrar saw is consistent with every token: it cannot tell them apart."""
    credentials = [G ** random_scalar() for _ in range(3)]
    requests = [token.request_token(secret.public, PHI, C) for C in credentials]
    answers = [blind.blind_sign(secret, request.blinded_message) for request in requests]
    tokens = [
        token.receive_token(secret.public, PHI, C, answer, request)
        for C, answer, request in zip(credentials, answers, requests, strict=True)
    ]
    for request, answer in zip(requests, answers, strict=True):
        for credential, signature in zip(credentials, tokens, strict=True):
            story = linking(secret, answer, signature)
            again = token.receive_token(secret.public, PHI, credential, answer, story)
            assert story.blinded_message == request.blinded_message
            assert again == signature
