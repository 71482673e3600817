"""kernel/ against libsodium by the million: decoding, powers and products, edges before all.

    python -m tests.crypto.differential [--cases 1000000] [--seed N]

Prints the seed and every case on which the two differ; ends with 1 if there is one.
"""

import argparse
import secrets
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import shake_256

from crypto import group
from crypto.errors import Malformed
from crypto.group import IDENTITY, Element, G, Q, element_bytes, multiply_rows, product, products
from tests.crypto import naive

SCALARS = (0, 1, 2, 3, 7, 8, Q - 8, Q - 3, Q - 2, Q - 1, Q // 2, Q // 2 + 1, 2**128, 2**128 - 1,
           2**252 - 1, 2**252, 2**251, (Q - 1) // 8, (Q + 1) // 2)  # fmt: skip
COORDINATES = (0, 1, 2, 3, 9, naive.P - 2, naive.P - 1, naive.P, naive.P + 1, 2**255 - 1, 2**254)
_BATCH = 200


class Stream:
    """Bytes that a seed determines."""

    def __init__(self, seed: int, number: int) -> None:
        self._bytes = shake_256(f"{seed} {number}".encode()).digest(64 * _BATCH * 8)
        self._at = 0

    def take(self, count: int) -> bytes:
        self._at += count
        return self._bytes[self._at - count : self._at]

    def below(self, bound: int) -> int:
        return int.from_bytes(self.take(40), "little") % bound


@cache
def odd_points() -> list[bytes]:
    """Encodings that are no element, or hardly: small and mixed orders, coordinates not reduced."""
    whole = [naive.encode(point) for point in naive.torsion()]
    mixed = [
        naive.encode(naive.add(naive.multiply(n, naive.BASE), point))
        for n in (1, 2, 8, Q - 1, 12345)
        for point in naive.torsion()
    ]
    edges = [
        (y % 2**255 | sign << 255).to_bytes(32, "little") for y in COORDINATES for sign in (0, 1)
    ]
    return [*whole, *mixed, *edges, *(n.to_bytes(32, "little") for n in range(naive.P, 2**255))]


def _scalar(stream: Stream) -> int:
    kind = stream.below(4)
    return SCALARS[stream.below(len(SCALARS))] if kind == 0 else stream.below(Q)


def _encoding(stream: Stream, members: list[Element]) -> bytes:
    """32 bytes: at random, of an element, of an element with a flipped bit, or odd."""
    kind = stream.below(4)
    if kind == 0:
        return stream.take(32)
    raw = bytearray(members[stream.below(len(members))].raw)
    if kind == 1:
        bit = stream.below(256)
        raw[bit // 8] ^= 1 << bit % 8
    return odd_points()[stream.below(len(odd_points()))] if kind == 2 else bytes(raw)


def _accepts(raw: bytes, *, identity: bool) -> bool:
    try:
        element_bytes(raw, "case", identity=identity)
    except Malformed:
        return False
    return True


def differences(seed: int, number: int, cases: int) -> Iterator[str]:
    """A third each: decoding, products of powers, products of elements."""
    kernel, stream = group._kernel, Stream(seed, number)
    assert kernel is not None
    members = [IDENTITY, G, G**-1, *(G ** stream.below(Q) for _ in range(5))]
    for _ in range(cases - 2 * (cases // 3)):
        raw, identity = _encoding(stream, members), bool(stream.below(2))
        if kernel.is_element(raw, identity) != _accepts(raw, identity=identity):
            yield f"decoding {raw.hex()}, identity {identity}"
    rows = [
        [(members[stream.below(len(members))], _scalar(stream)) for _ in range(1 + stream.below(3))]
        for _ in range(cases // 3)
    ]
    for row, ours, theirs in zip(rows, group.public_products(rows), products(rows), strict=True):
        if ours != theirs:
            yield f"powers {[(base.hex, exponent) for base, exponent in row]}"
    pairs = [[members[stream.below(len(members))] for _ in range(cases // 3)] for _ in range(2)]
    for a, b, ours in zip(*pairs, multiply_rows(pairs), strict=True):
        if ours != product([a, b]):
            yield f"product {a.hex} {b.hex}"


def compare(seed: int, cases: int) -> list[str]:
    """Every case on which kernel and libsodium differ."""
    found: list[str] = []
    for number, start in enumerate(range(0, cases, _BATCH)):
        found += differences(seed, number, min(_BATCH, cases - start))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the kernel with libsodium.")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    print(
        f"differential: {options.cases} cases, seed {options.seed}, {group.backend().version}",
        flush=True,
    )
    found = compare(options.seed, options.cases)
    print("\n".join(found) or "differential: no difference")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
