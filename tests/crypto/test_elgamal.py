"""crypto/elgamal.py: products of ciphertexts are ciphertexts of sums."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.elgamal import ONE, Ciphertext, encrypt, multiply
from crypto.errors import Malformed
from crypto.group import IDENTITY, G, Q

Y = 271828
KEY = G**Y
RANDOMNESS = st.sampled_from([0, 1, Q - 1]) | st.integers(0, Q - 1)
VALUES = st.integers(0, 1000)


def power(ciphertext: Ciphertext) -> object:
    """g^value, by the secret key."""
    return ciphertext.beta * ciphertext.alpha**-Y


@given(value=VALUES, r=RANDOMNESS)
def test_key_opens(value: int, r: int) -> None:
    """The secret key opens what the public key encrypts."""
    assert power(encrypt(KEY, value, r)) == G**value


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(VALUES, RANDOMNESS), max_size=6))
def test_homomorphism(pairs: list[tuple[int, int]]) -> None:
    """The product is the encryption of the sum with the sum of randomness."""
    total = multiply(encrypt(KEY, value, r) for value, r in pairs)
    values, randomness = sum(value for value, _ in pairs), sum(r for _, r in pairs)
    assert total == encrypt(KEY, values, randomness)


@given(a=RANDOMNESS, b=RANDOMNESS)
def test_order_does_not_matter(a: int, b: int) -> None:
    """Multiplication is commutative, and ONE changes nothing."""
    first, second = encrypt(KEY, 1, a), encrypt(KEY, 0, b)
    assert first * second == second * first
    assert first * ONE == ONE * first == first


def test_product_of_nothing() -> None:
    """No ciphertexts make an encryption of 0."""
    assert multiply([]) == ONE


def test_randomness_hides() -> None:
    """The same value looks different each time; without randomness it is in the open."""
    assert encrypt(KEY, 1, 1) != encrypt(KEY, 1, 2)
    assert encrypt(KEY, 1, 0) == Ciphertext(IDENTITY, G)


def test_opposite_randomness_cancels() -> None:
    """A product can be the identity in the middle of a tally; that is no special case."""
    assert encrypt(KEY, 0, 5) * encrypt(KEY, 0, Q - 5) == ONE


@given(value=VALUES, r=st.integers(1, Q - 1))
def test_round_trip(value: int, r: int) -> None:
    """A ciphertext comes back from its JSON."""
    ciphertext = encrypt(KEY, value, r)
    assert Ciphertext.from_json(ciphertext.to_json(), "c") == ciphertext


@pytest.mark.parametrize("ciphertext", [Ciphertext(IDENTITY, G), Ciphertext(G, IDENTITY), ONE])
def test_identity_needs_permission(ciphertext: Ciphertext) -> None:
    """The identity in either half is refused, except where a tally may have it."""
    assert Ciphertext.from_json(ciphertext.to_json(), "c", identity=True) == ciphertext
    with pytest.raises(Malformed, match="identity"):
        Ciphertext.from_json(ciphertext.to_json(), "c")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"alpha": G.hex}, "c: "),
        ({"beta": G.hex, "alpha": G.hex}, "c: "),
        ({"alpha": G.hex, "beta": G.hex, "gamma": G.hex}, "c: "),
        ({"alpha": G.hex.replace("6", "F"), "beta": G.hex}, "c.alpha: "),
        ({"alpha": G.hex, "beta": "0" * 64}, "c.beta: "),
        ({"alpha": G.hex, "beta": 1}, "c.beta: "),
        ([G.hex, G.hex], "c: "),
    ],
)
def test_other_spellings(value: object, path: str) -> None:
    """A ciphertext is an object of two elements; the error names the field."""
    with pytest.raises(Malformed) as caught:
        Ciphertext.from_json(value, "c")
    assert str(caught.value).startswith(path)
