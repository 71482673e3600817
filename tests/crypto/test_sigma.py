"""crypto/sigma.py: true statements are proved, every other statement fails as named."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import BadProof, Malformed
from crypto.group import IDENTITY, Element, G, Q, random_scalar
from crypto.sigma import (
    Proof,
    check_equal_logs,
    check_intervals,
    check_key,
    check_log,
    check_message,
    hash_to_scalar,
    proofs_from_json,
    prove_equal_logs,
    prove_key,
    prove_log,
    sign_message,
)
from tests.crypto import naive

SECRETS = st.sampled_from([0, 1, 2, Q - 1]) | st.integers(0, Q - 1)
FAILURE = BadProof("the proof at hand")
X, Y = 31337, 271828  # secrets of the examples below
KEY = G**Y


def deviations(proof: Proof) -> list[Proof]:
    """The proof with one number changed."""
    challenge, response = proof.challenge, proof.response
    return [
        Proof((challenge + 1) % Q, response),
        Proof(challenge, (response + 1) % Q),
        Proof(-challenge % Q, response),
        Proof(challenge, -response % Q),
        Proof(response, challenge),
        Proof(0, response),
        Proof(challenge, 0),
        Proof(0, 0),
    ]


# --- The hash -----------------------------------------------------------------------------


@settings(max_examples=30)
@given(prefix=st.text(st.characters(codec="utf-8")), exponents=st.lists(SECRETS, max_size=4))
def test_hash_agrees_with_big_integers(prefix: str, exponents: list[int]) -> None:
    """The hash of prefix and elements is that of an independent reading of the protocol."""
    elements = [G**n for n in exponents]
    points = [point for e in elements if (point := naive.decode(e.raw)) is not None]
    assert hash_to_scalar(prefix, elements) == naive.belenios_hash(prefix, points)


def test_hash_is_reduced() -> None:
    """A hash is a scalar, whatever the digest: about 15 of 16 digests are above q."""
    assert all(0 <= hash_to_scalar(str(i), []) < Q for i in range(64))


# --- Schnorr ------------------------------------------------------------------------------


@given(secret=SECRETS, prefix=st.text(st.characters(codec="utf-8")))
def test_log_is_complete(secret: int, prefix: str) -> None:
    """Whoever knows the logarithm makes a proof that passes; 0 and q − 1 are no exception."""
    check_log(prefix, G**secret, prove_log(prefix, secret), FAILURE)


@pytest.mark.parametrize(
    ("prefix", "public"),
    [
        *[(other, G**X) for other in ("other", "context ", "")],
        *[("context", other) for other in (G ** (X + 1), G**-X, IDENTITY, G)],
    ],
)
def test_log_of_another_statement(prefix: str, public: Element) -> None:
    """A proof fails for another prefix or another element."""
    proof = prove_log("context", X)
    with pytest.raises(BadProof) as caught:
        check_log(prefix, public, proof, FAILURE)
    assert caught.value is FAILURE


@pytest.mark.parametrize("i", range(8))
def test_altered_log_proof(i: int) -> None:
    """A proof with one number changed fails."""
    altered = deviations(prove_log("context", X))[i]
    with pytest.raises(BadProof) as caught:
        check_log("context", G**X, altered, FAILURE)
    assert caught.value is FAILURE


def test_proofs_are_fresh() -> None:
    """Two proofs of one statement share no number: a repeated w would reveal the secret."""
    first, second = prove_log("context", X), prove_log("context", X)
    assert first.challenge != second.challenge
    assert first.response != second.response


def test_identity_commitment_of_a_log() -> None:
    """The identity is a legal commitment (w = 0)."""
    challenge = hash_to_scalar("context", [IDENTITY])
    check_log("context", G**X, Proof(challenge, -X * challenge % Q), FAILURE)


def test_zero_response_of_a_log() -> None:
    """0 is a legal response: here for the secret 0 and w = 0."""
    check_log("context", IDENTITY, Proof(hash_to_scalar("context", [IDENTITY]), 0), FAILURE)


def test_simulation_fits_the_equation_but_not_the_hash() -> None:
    """Anyone can make a transcript for chosen challenge and response; the hash refuses it."""
    challenge, response = random_scalar(), random_scalar()
    commitment = G**response * (G**X) ** challenge
    assert commitment == G ** (response + X * challenge)
    with pytest.raises(BadProof):
        check_log("context", G**X, Proof(challenge, response), FAILURE)


# --- Keys and messages --------------------------------------------------------------------


@given(secret=SECRETS, message=st.text(st.characters(codec="utf-8")))
def test_keys_and_messages_are_complete(secret: int, message: str) -> None:
    """A key's holder proves possession and signs any text."""
    check_key(G**secret, prove_key(secret), FAILURE)
    check_message(message, G**secret, sign_message(message, secret), FAILURE)


def test_possession_of_another_key() -> None:
    """A proof of possession is worth nothing for another key."""
    with pytest.raises(BadProof) as caught:
        check_key(G ** (X + 1), prove_key(X), FAILURE)
    assert caught.value is FAILURE


@pytest.mark.parametrize(
    ("message", "public"),
    [*((message, G**X) for message in ("", "text ", "Text", "text|")), ("text", G**Y)],
)
def test_signature_of_another_message_or_key(message: str, public: Element) -> None:
    """A signature is worth nothing for another text, nor under another key."""
    with pytest.raises(BadProof) as caught:
        check_message(message, public, sign_message("text", X), FAILURE)
    assert caught.value is FAILURE


def test_possession_is_no_signature() -> None:
    """A proof of possession is not a signature of the text that it hashes, nor of the key."""
    for message in ("", f"pok|Ed25519|{(G**X).hex}|", (G**X).hex):
        with pytest.raises(BadProof):
            check_message(message, G**X, prove_key(X), FAILURE)


# --- Equal logarithms ---------------------------------------------------------------------


@settings(max_examples=30)
@given(secret=SECRETS, base=SECRETS)
def test_equal_logs_are_complete(secret: int, base: int) -> None:
    """Equal logarithms are proved for any base and secret."""
    h = G**base
    proof = prove_equal_logs("context", h, secret)
    check_equal_logs("context", G**secret, [(h, h**secret, proof, FAILURE)])


H = G**999
EQUAL: dict[str, Any] = {"prefix": "context", "public": G**X, "base": H, "power": H**X}
OTHER_EQUAL: list[tuple[str, Any]] = [
    ("prefix", "other"),
    ("public", G ** (X + 1)),
    ("public", IDENTITY),
    ("base", H * G),
    ("base", IDENTITY),
    ("power", H ** (X + 1)),
    ("power", H**-X),
    ("power", IDENTITY),
]


@pytest.mark.parametrize(("name", "value"), OTHER_EQUAL)
def test_equal_logs_of_another_statement(name: str, value: Any) -> None:
    """A proof fails if any part of the statement is another."""
    proof = prove_equal_logs("context", H, X)
    statement = {**EQUAL, name: value}
    with pytest.raises(BadProof) as caught:
        check_equal_logs(
            statement["prefix"],
            statement["public"],
            [(statement["base"], statement["power"], proof, FAILURE)],
        )
    assert caught.value is FAILURE


@pytest.mark.parametrize("i", range(8))
def test_altered_equal_logs(i: int) -> None:
    """A proof with one number changed fails."""
    altered = deviations(prove_equal_logs("context", H, X))[i]
    with pytest.raises(BadProof):
        check_equal_logs("context", G**X, [(H, H**X, altered, FAILURE)])


def test_unequal_logs_cannot_be_proved() -> None:
    """A prover who runs the protocol with another exponent for the second base fails."""
    with pytest.raises(BadProof):
        check_equal_logs("context", G**X, [(H, H**Y, prove_equal_logs("context", H, X), FAILURE)])


@pytest.mark.parametrize("bad", range(3))
def test_failing_claim_is_the_one_named(bad: int) -> None:
    """Of several claims, the failure of the false one is raised."""
    failures = [BadProof(str(i)) for i in range(3)]
    claims = []
    for i, failure in enumerate(failures):
        base = G ** (i + 2)
        proof = prove_equal_logs("context", base, X)
        claims.append((base, base ** (X + (i == bad)), proof, failure))
    with pytest.raises(BadProof) as caught:
        check_equal_logs("context", G**X, claims)
    assert caught.value is failures[bad]


def test_identity_commitments_of_equal_logs() -> None:
    """Identity commitments are legal (w = 0)."""
    challenge = hash_to_scalar("context", [IDENTITY, IDENTITY])
    proof = Proof(challenge, -X * challenge % Q)
    check_equal_logs("context", G**X, [(H, H**X, proof, FAILURE)])


def test_nothing_to_claim() -> None:
    """No claims, no failure."""
    check_equal_logs("context", G**X, [])
    check_intervals(KEY, [])


# --- JSON ---------------------------------------------------------------------------------


@given(challenge=SECRETS, response=SECRETS)
def test_proof_round_trip(challenge: int, response: int) -> None:
    """A proof comes back from its JSON; 0 is legal in both places."""
    proof = Proof(challenge, response)
    assert Proof.from_json(proof.to_json(), "p") == proof


GOOD = {"challenge": "1", "response": "2"}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"challenge": "1"}, "p: "),
        ({"response": "2", "challenge": "1"}, "p: "),
        ({**GOOD, "commitment": "3"}, "p: "),
        ({**GOOD, "challenge": 1}, "p.challenge: "),
        ({**GOOD, "challenge": str(Q)}, "p.challenge: "),
        ({**GOOD, "response": "02"}, "p.response: "),
        ({**GOOD, "response": str(Q)}, "p.response: "),
        (["1", "2"], "p: "),
        (None, "p: "),
    ],
)
def test_other_spellings_of_a_proof(value: object, path: str) -> None:
    """A proof is an object of two reduced scalars; the error names the field."""
    with pytest.raises(Malformed) as caught:
        Proof.from_json(value, "p")
    assert str(caught.value).startswith(path)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_number_of_branches(size: int) -> None:
    """A proof with fewer or more branches than values does not decode."""
    assert proofs_from_json([GOOD, GOOD], "p", 2) == (Proof(1, 2), Proof(1, 2))
    with pytest.raises(Malformed, match="p: "):
        proofs_from_json([GOOD] * size, "p", 2)


def test_branch_is_named() -> None:
    """The error of a branch names its place."""
    with pytest.raises(Malformed, match=r"p\[1\]\.response: "):
        proofs_from_json([GOOD, {**GOOD, "response": "-2"}], "p", 2)


def test_proofs_do_not_change() -> None:
    """A proof cannot be altered after it was made."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Proof(1, 2).challenge = 3  # type: ignore[misc]
