"""crypto/shamir.py: any t of n shares are the secret, fewer are nothing, wrong ones are found."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import BadTrustees
from crypto.group import IDENTITY, G, Q, product
from crypto.shamir import (
    check_share,
    commit,
    committed_value,
    evaluate,
    lagrange,
    random_polynomial,
)

FAILURE = BadTrustees("the share at hand")
COEFFICIENTS = st.sampled_from([0, 1, Q - 1]) | st.integers(0, Q - 1)
POLYNOMIALS = st.lists(COEFFICIENTS, min_size=1, max_size=5)


def combine(shares: dict[int, int]) -> int:
    """f(0) from shares by index."""
    return sum(factor * shares[i] for i, factor in lagrange(list(shares)).items()) % Q


@pytest.mark.parametrize("size", range(1, 7))
def test_any_threshold_of_all(size: int) -> None:
    """For every t ≤ n, every choice of t shares gives the same secret."""
    for threshold in range(1, size + 1):
        polynomial = random_polynomial(threshold)
        shares = {i: evaluate(polynomial, i) for i in range(1, size + 1)}
        for chosen in combinations(shares, threshold):
            assert combine({i: shares[i] for i in chosen}) == polynomial[0]


def test_more_shares_than_needed() -> None:
    """More than t shares give the secret too."""
    polynomial = random_polynomial(2)
    assert combine({i: evaluate(polynomial, i) for i in range(1, 6)}) == polynomial[0]


@given(secret=st.integers(0, Q - 1), another=st.integers(0, Q - 1))
def test_fewer_shares_fit_every_secret(secret: int, another: int) -> None:
    """t − 1 shares say nothing: for any other secret there is a polynomial through them."""
    polynomial = [secret, 12345, 67890]
    shares = {i: evaluate(polynomial, i) for i in (1, 2)}
    third = {**shares, 0: another}
    value_at_3 = sum(share * numerator(list(third), i, 3) for i, share in third.items())
    assert combine({**shares, 3: value_at_3 % Q}) == another


def numerator(indices: list[int], i: int, x: int) -> int:
    """Lagrange's basis polynomial of i, at x."""
    result = 1
    for k in indices:
        if k != i:
            result = result * (x - k) * pow(i - k, -1, Q) % Q
    return result


@given(polynomial=POLYNOMIALS, x=st.sampled_from([0, 1, 2, 32, Q - 1]))
def test_commitments_evaluate(polynomial: list[int], x: int) -> None:
    """The commitments alone give g^f(x), with zero coefficients and at x = 0 too."""
    expected = sum(a * pow(x, k, Q) for k, a in enumerate(polynomial)) % Q
    assert evaluate(polynomial, x) == expected
    assert committed_value(commit(polynomial), x) == G**expected
    check_share(expected, commit(polynomial), x, FAILURE)


@pytest.mark.parametrize(
    ("place", "difference"), [(2, 1), (2, Q - 1), (2, 2**100), (1, 0)],
    ids=["f(2) + 1", "f(2) - 1", "f(2) + 2^100", "another trustee's good share"],
)  # fmt: skip
def test_wrong_share(place: int, difference: int) -> None:
    """A share that is not f(x) raises the failure that the caller names."""
    polynomial = random_polynomial(3)
    with pytest.raises(BadTrustees) as caught:
        check_share((evaluate(polynomial, place) + difference) % Q, commit(polynomial), 2, FAILURE)
    assert caught.value is FAILURE


@pytest.mark.parametrize("position", range(3))
def test_wrong_commitment(position: int) -> None:
    """A good share fails against altered commitments, whichever is altered."""
    polynomial = random_polynomial(3)
    commitments = commit(polynomial)
    commitments[position] = commitments[position] * G
    with pytest.raises(BadTrustees):
        check_share(evaluate(polynomial, 2), commitments, 2, FAILURE)


def test_zero_share() -> None:
    """A share may be 0, and its commitment the identity."""
    polynomial = [Q - 5, 5]
    assert evaluate(polynomial, 1) == 0
    assert committed_value(commit(polynomial), 1) == IDENTITY
    check_share(0, commit(polynomial), 1, FAILURE)


@settings(max_examples=20)
@given(polynomial=POLYNOMIALS, base=st.integers(1, Q - 1))
def test_combination_in_the_exponent(polynomial: list[int], base: int) -> None:
    """Partial decryptions combine to alpha^f(0) without anybody knowing f(0)."""
    alpha = G**base
    indices = list(range(2, 2 + len(polynomial)))
    factors = lagrange(indices)
    partial = {i: alpha ** evaluate(polynomial, i) for i in indices}
    assert product(partial[i] ** factors[i] for i in indices) == alpha ** polynomial[0]


def test_coefficients_of_small_sets() -> None:
    """Two known cases: one index, and (2, −1) for 1 and 2."""
    assert lagrange([7]) == {7: 1}
    assert lagrange([1, 2]) == {1: 2, 2: Q - 1}
    assert lagrange([]) == {}


@given(indices=st.lists(st.integers(1, 32), min_size=1, max_size=8, unique=True))
def test_coefficients_sum_to_one(indices: list[int]) -> None:
    """The constant polynomial 1 is combined to 1."""
    assert sum(lagrange(indices).values()) % Q == 1


def test_polynomials_are_random() -> None:
    """Each polynomial has t coefficients that nobody has seen, none of them 0."""
    drawn = [coefficient for _ in range(20) for coefficient in random_polynomial(3)]
    assert len(set(drawn)) == 60
    assert all(0 < coefficient < Q for coefficient in drawn)
