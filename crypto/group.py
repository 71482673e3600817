"""The prime-order group of Ed25519, written multiplicatively as the protocol writes it.

g is the standard base point and q its order (RFC 8032 §5.1). This file alone knows the
backend, libsodium through PyNaCl. Callers use the batch operation `products`, the seam at
which a faster backend can be put in.

An `Element` exists only after its bytes were checked: canonical, on the curve, in the
subgroup of order q, and not the identity unless that was expressly allowed. libsodium
raises one and the same error for an invalid point, a zero scalar, and the identity as
operand or result; so zero and the identity are handled here before any call.

Not constant-time in Python's own part: see docs/threat-model.md.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from nacl import bindings

from crypto.encoding import Json
from crypto.errors import Malformed

Q: Final = 2**252 + 27742317777372353535851937790883648493

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,75}", re.ASCII)  # q has 76 digits
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IDENTITY_BYTES = bytes([1] + [0] * 31)


class Element:
    """A member of the group. Made by `element`, `element_bytes` and arithmetic only."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        """Wraps 32 bytes that this module has checked or computed."""
        self.raw = raw

    @property
    def hex(self) -> str:
        """The 32 bytes as a little-endian integer, in 64 hex digits (Belenios Ed25519)."""
        return self.raw[::-1].hex()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Element({self.hex[:8]}…)"

    def __mul__(self, factor: "Element") -> "Element":
        if self.raw == _IDENTITY_BYTES:
            return factor
        if factor.raw == _IDENTITY_BYTES:
            return self
        return Element(bindings.crypto_core_ed25519_add(self.raw, factor.raw))

    def __pow__(self, exponent: int) -> "Element":
        exponent %= Q
        if exponent == 0 or self.raw == _IDENTITY_BYTES:
            return IDENTITY
        if exponent == 1:
            return self
        scalar = exponent.to_bytes(32, "little")
        if self.raw == G.raw:
            return Element(bindings.crypto_scalarmult_ed25519_base_noclamp(scalar))
        return Element(bindings.crypto_scalarmult_ed25519_noclamp(scalar, self.raw))


IDENTITY: Final = Element(_IDENTITY_BYTES)
G: Final = Element(bytes([0x58] + [0x66] * 31))


def element_bytes(raw: bytes, path: str, *, identity: bool = False) -> Element:
    """Checks 32 compressed bytes (RFC 8032 §5.1.3) and wraps them.

    Raises:
        Malformed: not canonical, not on the curve, outside the prime-order subgroup, or
            the identity where `identity` does not permit it.
    """
    if raw == _IDENTITY_BYTES:
        if not identity:
            raise Malformed(f"{path}: the identity is not allowed here")
        return IDENTITY
    if len(raw) != len(_IDENTITY_BYTES) or not bindings.crypto_core_ed25519_is_valid_point(raw):
        raise Malformed(f"{path}: not an element of the group")
    return Element(raw)


def element(value: Json, path: str, *, identity: bool = False) -> Element:
    """An element from its 64 hex digits; see `element_bytes`."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise Malformed(f"{path}: 64 lower-case hex digits are expected")
    return element_bytes(bytes.fromhex(value)[::-1], path, identity=identity)


def scalar(value: Json, path: str) -> int:
    """A scalar 0 ≤ s < q from its decimal string: no sign, no leading zero."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Malformed(f"{path}: a decimal number in a string is expected")
    number = int(value)
    if number >= Q:
        raise Malformed(f"{path}: not below the order of the group")
    return number


def random_scalar() -> int:
    """A uniformly random scalar 1 ≤ s < q from the operating system."""
    return 1 + secrets.randbelow(Q - 1)


def product(elements: Iterable[Element]) -> Element:
    """The product of the elements; the identity if there are none."""
    result = IDENTITY
    for member in elements:
        result = result * member
    return result


def products(rows: Iterable[Sequence[tuple[Element, int]]]) -> list[Element]:
    """For each row of (base, exponent) pairs, the product of its powers.

    The batch operation behind every proof: a backend may compute all rows at once.
    """
    return [product(base**exponent for base, exponent in row) for row in rows]


def montgomery(point: Element) -> bytes:
    """The X25519 public key (RFC 7748 §4.1) that is the same point in Montgomery form."""
    if point == IDENTITY:
        raise Malformed("encryption key: the identity has no X25519 form")
    return bindings.crypto_sign_ed25519_pk_to_curve25519(point.raw)


def montgomery_secret(exponent: int) -> bytes:
    """The X25519 private key whose public key is `montgomery(g^exponent)`.

    X25519 clamps: it uses a multiple of 8 from 2^254 to 2^255. Modulo q, and up to the
    sign that the Montgomery form forgets, one such multiple equals every exponent.
    """
    clamped = next(n for n in range(exponent % Q, 8 * Q, Q) if n % 8 == 0)
    if clamped < 2**254:
        clamped = 8 * Q - clamped
    if not 2**254 <= clamped < 2**255:  # about 2^-126 of all exponents
        raise Malformed("encryption key: has no X25519 form; make another")
    return clamped.to_bytes(32, "little")
