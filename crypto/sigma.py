"""Proofs of knowledge: Schnorr, equality of logarithms, and "one of these values".

Belenios v1 (reference: the protocol's specification, §4; docs/protocol.md §4). Every challenge
hashes the whole statement, but for Belenios' equality of logarithms (§4.3): that one leaves out
base and power, which is why `prove_powers` (§4.5), which is ours, stands beside it. All responses
are w − secret·challenge, so that a verifier recomputes each commitment
A = g^response · X^challenge and compares the hash.

Every check raises the error its caller names. 0 is a legal challenge and response, and
the identity a legal commitment.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from crypto.encoding import Fields, Json, members
from crypto.errors import BackendsDisagree, ProtocolError
from crypto.group import Element, G, Q, Row, products, public_products, random_scalar, scalar


@dataclass(frozen=True, slots=True)
class Proof:
    """A challenge and a response, both scalars."""

    challenge: int
    response: int

    def to_json(self) -> dict[str, str]:
        return {"challenge": str(self.challenge), "response": str(self.response)}

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Proof":
        fields = Fields(value, path, "challenge", "response")
        return cls(fields.read("challenge", scalar), fields.read("response", scalar))


def hash_to_scalar(prefix: str, elements: Sequence[Element]) -> int:
    """H(prefix, e1…en) = SHA-256(prefix ‖ "e1,…,en") as a big-endian integer, mod q."""
    data = prefix + ",".join(member.hex for member in elements)
    return int.from_bytes(hashlib.sha256(data.encode()).digest(), "big") % Q


# --- Schnorr: I know x with X = g^x -------------------------------------------------------


def prove_log(prefix: str, secret: int) -> Proof:
    """Proves knowledge of `secret` for X = g^secret; X is part of the prefix or implied."""
    w = random_scalar()
    challenge = hash_to_scalar(prefix, [G**w])
    return Proof(challenge, (w - secret * challenge) % Q)


def check_log(prefix: str, public: Element, proof: Proof, failure: ProtocolError) -> None:
    """Raises `failure` unless the proof shows knowledge of the logarithm of `public`."""
    commitments = products([((G, proof.response), (public, proof.challenge))])
    if hash_to_scalar(prefix, commitments) != proof.challenge:
        raise failure


def prove_key(secret: int) -> Proof:
    """Proof of possession of a trustee's secret key."""
    return prove_log(_key_prefix(G**secret), secret)


def check_key(public: Element, proof: Proof, failure: ProtocolError) -> None:
    """Raises `failure` unless the maker of the proof holds the secret key of `public`."""
    check_log(_key_prefix(public), public, proof, failure)


def _key_prefix(public: Element) -> str:
    return f"pok|Ed25519|{public.hex}|"


def sign_message(message: str, secret: int) -> Proof:
    """Schnorr signature of a string under g^secret."""
    return prove_log(f"sigmsg|{message}|", secret)


def check_message(message: str, public: Element, proof: Proof, failure: ProtocolError) -> None:
    """Raises `failure` unless `proof` signs `message` under `public`."""
    check_log(f"sigmsg|{message}|", public, proof, failure)


# --- Chaum–Pedersen: log_g(X) = log_base(power) -------------------------------------------


def prove_equal_logs(prefix: str, base: Element, secret: int) -> Proof:
    """Proves that g^secret and base^secret have the same exponent; weakly (§4.3)."""
    w = random_scalar()
    challenge = hash_to_scalar(prefix, [G**w, base**w])
    return Proof(challenge, (w - secret * challenge) % Q)


def check_equal_logs(
    prefix: str,
    public: Element,
    claims: Sequence[tuple[Element, Element, Proof, ProtocolError]],
) -> None:
    """Checks (base, power, proof, failure) claims that log_base(power) = log_g(public)."""
    rows = []
    for base, power, proof, _ in claims:
        rows.append(((G, proof.response), (public, proof.challenge)))
        rows.append(((base, proof.response), (power, proof.challenge)))
    commitments = public_products(rows)
    for i, (_, _, proof, failure) in enumerate(claims):
        own = slice(2 * i, 2 * i + 2)
        if hash_to_scalar(prefix, commitments[own]) != proof.challenge:
            confirm(rows[own], commitments[own])
            raise failure


# --- Many powers of one secret: log_g(X) = log_base(power) for all of them -----------------


def prove_powers(prefix: str, powers: Sequence[tuple[Element, Element]], secret: int) -> Proof:
    """Proves that every power is its base^secret, with one w for all (docs/protocol.md §4.5)."""
    w = random_scalar()
    commitments = products([((base, w),) for base in (G, *(base for base, _ in powers))])
    challenge = _powers_challenge(prefix, G**secret, powers, commitments)
    return Proof(challenge, (w - secret * challenge) % Q)


def check_powers(
    prefix: str,
    public: Element,
    powers: Sequence[tuple[Element, Element]],
    proof: Proof,
    failure: ProtocolError,
) -> None:
    """Raises `failure` unless log_base(power) = log_g(public) of every (base, power)."""
    pairs = ((G, public), *powers)
    rows = [((base, proof.response), (power, proof.challenge)) for base, power in pairs]
    commitments = public_products(rows)
    if _powers_challenge(prefix, public, powers, commitments) != proof.challenge:
        confirm(rows, commitments)
        raise failure


def confirm(rows: Sequence[Row], commitments: Sequence[Element]) -> None:
    """Nobody is accused by the kernel alone. Raises BackendsDisagree if libsodium differs."""
    if products(rows) != commitments:
        raise BackendsDisagree("a proof: kernel and libsodium recompute other commitments")


def _powers_challenge(
    prefix: str,
    public: Element,
    powers: Sequence[tuple[Element, Element]],
    commitments: Sequence[Element],
) -> int:
    # Statement before commitments, and all of both: nothing in it can be chosen after the hash.
    bases, results = [base for base, _ in powers], [power for _, power in powers]
    return hash_to_scalar(prefix, [public, *bases, *results, *commitments])


# --- Interval: (alpha, beta) encrypts one of the values low..high -------------------------


@dataclass(frozen=True, slots=True)
class Interval:
    """The statement that (alpha, beta) encrypts a value from low to high under a key.

    `context` is the S' of the specification: φ, the credential, and for a line also all
    its ciphertexts.
    """

    context: str
    alpha: Element
    beta: Element
    low: int
    high: int

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    @property
    def prefix(self) -> str:
        return f"prove|{self.context}|{self.alpha.hex},{self.beta.hex}|"


def prove_interval(key: Element, claim: Interval, r: int, value: int) -> tuple[Proof, ...]:
    """Proves that alpha = g^r, beta = key^r·g^value; `value` must be in the interval.

    The prover knows r, so each simulated commitment is a power of g and of the key:
    A = g^(r_j + r·c_j), B = key^(r_j + r·c_j) · g^((value − M_j)·c_j).
    """
    # Every value but the true one is simulated: its challenge is chosen first. The true one gets
    # what is left of the hash, which nobody can choose (docs/protocol.md §4.4).
    w = random_scalar()
    simulated = {M: Proof(random_scalar(), random_scalar()) for M in claim.values if M != value}
    rows: list[Sequence[tuple[Element, int]]] = []
    for M in claim.values:
        if M == value:
            rows += [((G, w),), ((key, w),)]
        else:
            branch = simulated[M]
            exponent = branch.response + r * branch.challenge
            rows += [((G, exponent),), ((key, exponent), (G, (value - M) * branch.challenge))]
    total = hash_to_scalar(claim.prefix, products(rows))
    challenge = (total - sum(branch.challenge for branch in simulated.values())) % Q
    simulated[value] = Proof(challenge, (w - r * challenge) % Q)
    return tuple(simulated[M] for M in claim.values)


def check_intervals(
    key: Element, claims: Sequence[tuple[Interval, Sequence[Proof], ProtocolError]]
) -> None:
    """Checks (statement, branches, failure) in one batch; raises the first failure."""
    rows: list[Sequence[tuple[Element, int]]] = []
    for claim, branches, failure in claims:
        if len(branches) != len(claim.values):
            raise failure
        for M, branch in zip(claim.values, branches, strict=True):
            c, response = branch.challenge, branch.response
            rows.append(((G, response), (claim.alpha, c)))
            rows.append(((key, response), (claim.beta, c), (G, -M * c)))
    # By libsodium alone, as `check_log`: with these a ballot is judged beside the kernel.
    commitments = products(rows)
    start = 0
    for claim, branches, failure in claims:
        end = start + 2 * len(branches)
        total = sum(branch.challenge for branch in branches) % Q
        if hash_to_scalar(claim.prefix, commitments[start:end]) != total:
            raise failure
        start = end


def proofs_from_json(value: Json, path: str, size: int) -> tuple[Proof, ...]:
    """Exactly `size` proofs, one for each branch."""
    return members(value, path, Proof.from_json, low=size, high=size)
