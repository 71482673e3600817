"""The prime-order group of Ed25519, written multiplicatively as the protocol writes it.

g is the standard base point and q its order (RFC 8032 §5.1). This file alone knows the
backends. libsodium, through PyNaCl, does everything and is always there. The kernel (kernel/,
module phieukin_kernel) does what is public many times faster, in time that depends on the
operands: only `public_products`, `multiply_rows` and `BallotKernel` hand it anything, and no
secret may reach these. `products` and the operators are libsodium's: for secrets, and for the
second opinion on a ballot.

The kernel is used where it is installed, of the interface expected here, and right about
`_known_answers`; else, or with PHIEUKIN_KERNEL=0, everything goes without it. `backend` says
which it is. The kernel works without holding Python's lock.

An `Element` exists only after its bytes were checked: canonical, on the curve, in the
subgroup of order q, and not the identity unless that was expressly allowed. libsodium
raises one and the same error for an invalid point, a zero scalar, and the identity as
operand or result; so zero and the identity are handled here before any call.

Not constant-time in Python's own part: see docs/threat-model.md.
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from os import environ
from types import ModuleType
from typing import Final

import nacl
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


Row = Sequence[tuple[Element, int]]


def products(rows: Iterable[Row]) -> list[Element]:
    """For each row of (base, exponent) pairs, the product of its powers; they may be secret."""
    return [product(base**exponent for base, exponent in row) for row in rows]


def public_products(rows: Iterable[Row]) -> list[Element]:
    """The same where everybody may know all exponents: behind checks of shares, and totals."""
    if _kernel is None:
        return products(rows)
    encoded = [
        [(base.raw, (exponent % Q).to_bytes(32, "little")) for base, exponent in row]
        for row in rows
    ]
    return [Element(raw) for raw in _kernel.products(encoded)]


def multiply_rows(rows: Sequence[Sequence[Element]]) -> list[Element]:
    """Of rows of one length, the product of each column."""
    if _kernel is None:
        return [product(column) for column in zip(*rows, strict=True)]
    joined = [b"".join(member.raw for member in row) for row in rows]
    return [Element(raw) for raw in _kernel.multiply(joined)]


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


# --- The kernel ---------------------------------------------------------------------------

_INTERFACE = 1  # of kernel/src/python.rs; a binary of another one is not used


@dataclass(frozen=True, slots=True)
class Backend:
    """What computes on public data here.

    Attributes:
        name: "kernel" or "libsodium".
        version: of the kernel, or of libsodium's binding.
        problem: why an installed kernel is not used; empty where it is, or where none is.
    """

    name: str
    version: str
    problem: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Ballots that the kernel accepts.

    Attributes:
        trackers, credentials: of each ballot.
        ciphertexts: of all of them, 64 bytes each: alpha and beta.
        product: (alpha, beta) for each level of each line, one after the other.
    """

    trackers: list[str]
    credentials: list[Element]
    ciphertexts: list[bytes]
    product: list[tuple[Element, Element]]


@dataclass(frozen=True, slots=True)
class KernelRefusal:
    """The first ballot that the kernel refuses, in numbers (`Kind` in kernel/src/ballot.rs).

    Attributes:
        ballot: its place among those given, from 0.
        kind: which check failed.
        line, level: where, from 0, if the check has a place.
    """

    ballot: int
    kind: int
    line: int
    level: int


class BallotKernel:
    """The kernel's decision about the ballots of one session; threads may share it.

    Args:
        uuid, phi, key: the session's.
        questions: (levels, least marks, most marks) of each.
        limit: no ballot is larger, in bytes.
    """

    def __init__(
        self,
        kernel: ModuleType,
        uuid: str,
        phi: str,
        key: Element,
        questions: tuple[tuple[int, int, int], ...],
        limit: int,
    ) -> None:
        self._session = kernel.Session(uuid, phi, key.raw, list(questions), limit)

    def check(self, ballots: Sequence[bytes]) -> Judged | KernelRefusal:
        """`decode` and `check` of crypto/ballot.py, and the product."""
        return _judged(self._session.check(list(ballots)))


def ballot_kernel(
    uuid: str, phi: str, key: Element, questions: tuple[tuple[int, int, int], ...], limit: int
) -> BallotKernel | None:
    """The kernel for the ballots of one session; None where libsodium must do."""
    if _kernel is None:
        return None
    return _ballot_kernel(_kernel, uuid, phi, key, questions, limit)


_ballot_kernel = lru_cache(maxsize=4)(BallotKernel)  # its tables take 0.2 ms to make


def backend() -> Backend:
    """What computes on public data in this process."""
    if _kernel is None:
        return Backend("libsodium", nacl.__version__, _problem)
    return Backend("kernel", _kernel.VERSION, "")


def _judged(outcome: Json) -> Judged | KernelRefusal:
    if isinstance(outcome[0], int):
        return KernelRefusal(*outcome)
    trackers, credentials, ciphertexts, product = outcome
    return Judged(
        trackers,
        [Element(raw) for raw in credentials],
        ciphertexts,
        [(Element(raw[:32]), Element(raw[32:])) for raw in product],
    )


def _known_answers(kernel: ModuleType) -> bool:
    """Whether the kernel says what libsodium says where either could go wrong."""
    H = G**7
    rows: list[Row] = [
        [(G, n), (H, m)] for n, m in ((0, 0), (1, Q - 1), (Q - 7, 1), (2**252, 2**128 - 1))
    ]
    encoded = [[(base.raw, n.to_bytes(32, "little")) for base, n in row] for row in rows]
    expected = [member.raw for member in products(rows)]
    order2, high = bytes([0xEC]) + b"\xff" * 30 + b"\x7f", bytes([0xED]) + b"\xff" * 30 + b"\x7f"
    return (
        kernel.products(encoded) == expected
        and kernel.multiply([G.raw + H.raw, H.raw + _IDENTITY_BYTES]) == [(G**8).raw, H.raw]
        and kernel.is_element(H.raw, identity=False)
        and not any(kernel.is_element(raw, identity=True) for raw in (order2, high, bytes(32)))
        and not kernel.is_element(_IDENTITY_BYTES, identity=False)
    )


def _load() -> tuple[ModuleType | None, str]:
    """The kernel, or why it is not used though it is there."""
    if environ.get("PHIEUKIN_KERNEL") == "0":
        return None, ""
    try:
        import phieukin_kernel as kernel  # noqa: PLC0415  it need not be there
    except ModuleNotFoundError:
        return None, ""
    except Exception as error:  # noqa: BLE001  whatever a broken binary does
        return None, f"phieukin_kernel cannot be loaded: {error}"
    try:
        if kernel.INTERFACE != _INTERFACE:
            return None, "phieukin_kernel is of another version than phieukin"
        right = _known_answers(kernel)
    except Exception as error:  # noqa: BLE001  as above
        return None, f"phieukin_kernel does not work: {error}"
    return (kernel, "") if right else (None, "phieukin_kernel computes wrongly")


_kernel, _problem = _load()
