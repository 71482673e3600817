"""Sharing a secret among n so that any t can use it (Shamir), verifiably (Feldman).

The arithmetic of the ceremony and the tally (docs/protocol.md §5.1, §7.3); polynomials and
their values are scalars mod q, commitments are elements, indices are trustees' numbers from 1.
"""

from collections.abc import Sequence

from crypto.errors import ProtocolError
from crypto.group import Element, G, Q, products, public_products, random_scalar


def random_polynomial(threshold: int) -> list[int]:
    """`threshold` random coefficients, the constant term first."""
    return [random_scalar() for _ in range(threshold)]


def evaluate(polynomial: Sequence[int], x: int) -> int:
    """f(x) mod q."""
    result = 0
    for coefficient in reversed(polynomial):
        result = (result * x + coefficient) % Q
    return result


def commit(polynomial: Sequence[int]) -> list[Element]:
    """A_k = g^(a_k) for each coefficient."""
    return products([((G, coefficient),) for coefficient in polynomial])


def committed_value(commitments: Sequence[Element], x: int) -> Element:
    """g^f(x) = Π A_k^(x^k), from the commitments alone."""
    return public_products([[(A, pow(x, k, Q)) for k, A in enumerate(commitments)]])[0]


def check_share(share: int, commitments: Sequence[Element], x: int, failure: ProtocolError) -> None:
    """Raises `failure` unless g^share is what the commitments say of f(x)."""
    if G**share != committed_value(commitments, x):
        raise failure


def lagrange(indices: Sequence[int]) -> dict[int, int]:
    """λ_i with f(0) = Σ λ_i·f(i) for the given indices, distinct and not 0."""
    if len(set(indices)) != len(indices) or 0 in indices:
        raise ValueError(f"indices {list(indices)} do not interpolate")
    coefficients = {}
    for i in indices:
        numerator = denominator = 1
        for k in indices:
            if k != i:
                numerator = numerator * k % Q
                denominator = denominator * (k - i) % Q
        coefficients[i] = numerator * pow(denominator, -1, Q) % Q
    return coefficients
