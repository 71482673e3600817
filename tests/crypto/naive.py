"""Edwards25519 with big integers, written from RFC 8032 §5.1 alone.

Slow and plain on purpose: the second implementation that crypto/group.py, its decoding, its
products and its Montgomery forms are compared with. Shares no code with crypto/.
"""

import hashlib
from functools import cache

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]  # affine (x, y)
IDENTITY: Point = (0, 1)
BASE: Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    4 * pow(5, -1, P) % P,
)


def add(a: Point, b: Point) -> Point:
    """The complete addition law; doubling and the identity need no special case."""
    (x1, y1), (x2, y2) = a, b
    cross = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P)
    return x3 % P, y3 % P


def multiply(n: int, point: Point) -> Point:
    """n·point for n ≥ 0, by double and add."""
    result = IDENTITY
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def encode(point: Point) -> bytes:
    """y in 255 bits, little-endian, then the lowest bit of x."""
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(raw: bytes) -> Point | None:
    """The point whose encoding is exactly `raw`, or None."""
    if len(raw) != 32:
        return None
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & 2**255 - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else P - x), y


def torsion() -> list[Point]:
    """The eight points whose order divides 8, the identity first."""
    for y in range(2, 100):
        point = decode(y.to_bytes(32, "little"))
        if point is None:
            continue
        generator = multiply(Q, point)
        if multiply(4, generator) != IDENTITY:
            return [multiply(i, generator) for i in range(8)]
    raise AssertionError


@cache
def is_member(raw: bytes) -> bool:
    """True for canonical encodings of points of order q: not the identity, no torsion."""
    point = decode(raw)
    return point is not None and point != IDENTITY and multiply(Q, point) == IDENTITY


def montgomery_u(point: Point) -> bytes:
    """RFC 7748 §4.1: u = (1 + y)/(1 − y)."""
    _, y = point
    return ((1 + y) * pow(1 - y, -1, P) % P).to_bytes(32, "little")


def belenios_hash(prefix: str, points: list[Point]) -> int:
    """H(prefix, e1…en): elements as big-endian hex of the little-endian encoding."""
    digits = [f"{int.from_bytes(encode(point), 'little'):064x}" for point in points]
    return int(hashlib.sha256((prefix + ",".join(digits)).encode()).hexdigest(), 16) % Q
