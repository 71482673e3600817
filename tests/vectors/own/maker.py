"""The honest maker of vectors: one session, its keys and ballots; each vector has one mistake.

Randomness is a hash of a label, so that the same program writes the same files; nothing here
may be used to make a ballot that is cast. The proofs are computed by the formulas of
docs/protocol.md §4 and not by crypto/sigma.py, which is what the vectors test.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from nacl import bindings
from crypto import keyfile, session, shamir
from crypto.blind import IssuerSecret
from crypto.ceremony import committee_of
from crypto.ceremony_messages import Step1, commitment
from crypto.committee import Committee, Member
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.group import Element, G, Q
from crypto.keyfile import TrusteeState
from crypto.note import SeedSigner
from crypto.session import Election, Level, Official, Parameters, Policy
from crypto.sigma import Proof
from crypto.trustees import (
    Certificate,
    Pedersen,
    SignedMessage,
    Single,
    TrusteeKey,
    Trustees,
    coefficients_message,
    transcript_message,
)

Json = Any
Vector = dict[str, Json]

UUID = "VectorsPhieuKin1"
TORSION = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")


def number(label: str) -> int:
    """A scalar that looks random."""
    return int.from_bytes(octets(label, 64), "big") % Q


def octets(label: str, size: int) -> bytes:
    """Bytes that look random."""
    return hashlib.shake_256(f"phieukin vectors|{label}".encode()).digest(size)


def vector(
    name: str, comment: str, input: Json, expect: str = "ok", base: str | None = None, **more: Json
) -> Vector:
    return {
        "name": name,
        "comment": comment,
        "base": base,
        "input": input,
        "expect": expect,
        **more,
    }


def h(prefix: str, *elements: Element) -> int:
    data = prefix + ",".join(e.hex for e in elements)
    return int(hashlib.sha256(data.encode()).hexdigest(), 16) % Q


def schnorr(prefix: str, secret: int, w: int) -> Proof:
    c = h(prefix, G**w)
    return Proof(c, (w - secret * c) % Q)


TRUSTEE_SEED = "VectorsVectorsVectors1"
X = keyfile.decryption_scalar(TRUSTEE_SEED)
Y = G**X
TRUSTEES = Trustees((Single(TrusteeKey(schnorr(f"pok|Ed25519|{Y.hex}|", X, number("pok")), Y)),))
ALONE = Committee(1, (Member(Y.raw, TrusteeState(TRUSTEE_SEED, 1, 1, 1).salt_commitments),))


def signed_message(message: str, secret: int, label: str) -> Proof:
    return schnorr(f"sigmsg|{message}|", secret, number(label))


# Five trustees of whom three open the totals, and four sign the box.
FIVE_STATES = [TrusteeState(f"VectorsTrusteeVectors{i}", i, 5, 3) for i in range(1, 6)]
FIVE_KEYS = [(G**state.signing_secret).raw for state in FIVE_STATES]


def step1(state: TrusteeState) -> Step1:
    """The first message of one of the five."""
    secret, place = state.signing_secret, f"{state.index}"
    encryption = G ** keyfile.decryption_scalar(state.seed)
    certificate = Certificate(5, 3, state.index, G**secret, encryption)
    proof = signed_message(certificate.message, secret, f"certificate{place}")
    revealed = coefficients_message([G**a for a in state.polynomial])
    hidden = commitment(SignedMessage(certificate.message, proof), revealed)
    return signed_step1(Step1(certificate, proof, hidden, state.salt_commitments, proof), secret)


def signed_step1(message: Step1, secret: int) -> Step1:
    label = f"step1{message.index}"
    return replace(message, signature=signed_message(message.statement, secret, label))


STEP1S = [step1(state) for state in FIVE_STATES]


def five() -> Trustees:
    """Their trustees.json."""
    certs = tuple(message.cert for message in STEP1S)
    polynomials = [[G**a for a in state.polynomial] for state in FIVE_STATES]
    coefexps, signatures, keys = [], [], []
    for state, A in zip(FIVE_STATES, polynomials, strict=True):
        secret, place = state.signing_secret, f"{state.index}"
        revealed, bound = coefficients_message(A), transcript_message(certs, A)
        coefexps.append(SignedMessage(revealed, signed_message(revealed, secret, f"A{place}")))
        signatures.append(signed_message(bound, secret, f"transcript{place}"))
        share = sum(shamir.evaluate(other.polynomial, state.index) for other in FIVE_STATES) % Q
        pok = schnorr(f"pok|Ed25519|{(G**share).hex}|", share, number(f"pok{place}"))
        signature = signed_message((G**share).hex, secret, f"key{place}")
        keys.append(TrusteeKey(pok, G**share, signature))
    return Trustees((Pedersen(3, certs, tuple(coefexps), tuple(signatures), tuple(keys)),))


FIVE = five()
ISSUER = IssuerSecret.from_pkcs8(
    base64.b64decode(
        json.loads(Path(__file__).with_name("issuer_key.json").read_text("utf-8"))["pkcs8"]
    )
)
SIGNERS = {
    party: SeedSigner(f"phieukin/{UUID}/{party}", octets(party, 32))
    for party in ("registrar", "box", "chair")
}


def define(invalid: str, trustees: Trustees = TRUSTEES, committee: Committee = ALONE) -> Election:
    """Two officials, two levels; a line may stay blank ("line") or must not ("ballot")."""
    policy = Policy(
        (Level("confidence", "Tín nhiệm"), Level("no_confidence", "Không tín nhiệm")),
        ("cli",),
        5,
        "two-level-nq96",
        invalid,
        "public",
        "none",
        True,
    )
    parameters = Parameters(
        trustees.digest,
        committee,
        sha256(b"session.json"),
        ISSUER.public.spki,
        SIGNERS["registrar"].key.public,
        SIGNERS["box"].key.public,
        SIGNERS["chair"].key.public,
        7,
        session.roster_mac(octets("salt", 32), b"roster"),
        (Official("Bà Ánh", "Chủ tịch"), Official("Ông Bình", "")),
        policy,
    )
    return session.define(
        name="Phiên mẫu",
        description="",
        uuid=UUID,
        trustees=trustees,
        parameters=parameters,
    )


LINE, BALLOT = define("line"), define("ballot")
FIVE_SIGN = define("line", FIVE, committee_of(3, STEP1S))
ELECTIONS = {"line": LINE, "ballot": BALLOT, "five": FIVE_SIGN}


@dataclass
class Maker:
    """Makes a ballot; what is given departs from the honest one.

    Attributes:
        values: the plaintext of each choice; a line is honest if all are 0 or one is 1.
        claims: what the proofs claim instead; by default the nearest legal value.
        r: randomness of a choice, by (line, level).
        w: the nonce of the honest branch of every proof.
        simulated: challenge and response of every simulated branch.
        sign_w: the nonce of the signature.
        signer: the secret that signs; by default the credential's.
        proved_for: the credential in the context of the proofs.
    """

    election: Election = LINE
    secret: int = number("s")
    values: tuple[tuple[int, ...], ...] = ((1, 0), (0, 0))
    r: dict[tuple[int, int], int] = field(default_factory=dict)
    w: int | None = None
    simulated: tuple[int, int] | None = None
    sign_w: int | None = None
    signer: int | None = None
    proved_for: Element | None = None
    label: str = ""
    change: Callable[[Json], None] = lambda _: None

    def make(self) -> bytes:
        credential = G**self.secret
        phi = self.election.phi
        context = f"{phi}|{(self.proved_for or credential).hex}"
        body = {
            "election_uuid": self.election.uuid,
            "election_hash": phi,
            "credential": credential.hex,
            "answers": [self._answer(i, context) for i in range(len(self.values))],
        }
        self.change(body)
        signed = b64_sha256(canonical(body))
        w = number(f"{self.label}sign") if self.sign_w is None else self.sign_w
        secret = self.secret if self.signer is None else self.signer
        proof = schnorr(f"sig|{signed}|", secret, w)
        return canonical({**body, "signature": {"hash": signed, "proof": proof.to_json()}})

    def randomness(self, i: int, j: int) -> int:
        return self.r.get((i, j), number(f"{self.label}r{i}{j}"))

    def _answer(self, i: int, context: str) -> Json:
        rs = [self.randomness(i, j) for j in range(len(self.values[i]))]
        pairs = [(G**r, Y**r * G**m) for r, m in zip(rs, self.values[i], strict=True)]
        pairs_text = ",".join(f"{a.hex},{b.hex}" for a, b in pairs)
        alpha, beta = pairs[0]
        for a, b in pairs[1:]:
            alpha, beta = alpha * a, beta * b
        question = self.election.questions[i]
        individual = [
            self._interval(f"{i}{j}", context, *pair, rs[j], self.values[i][j], 0, 1)
            for j, pair in enumerate(pairs)
        ]
        overall = self._interval(
            f"{i}",
            f"{context}|{pairs_text}",
            alpha,
            beta,
            sum(rs),
            sum(self.values[i]),
            question.low,
            question.high,
        )
        return {
            "choices": [{"alpha": a.hex, "beta": b.hex} for a, b in pairs],
            "individual_proofs": individual,
            "overall_proof": overall,
        }

    def _interval(
        self, place: str, context: str, a: Element, b: Element, r: int, m: int, low: int, high: int
    ) -> Json:
        claimed = min(max(m, low), high)
        w = number(f"{self.label}w{place}") if self.w is None else self.w
        branches, commitments = {}, []
        for M in range(low, high + 1):
            if M == claimed:
                commitments += [G**w, Y**w]
                continue
            drawn = number(f"{self.label}c{place}{M}"), number(f"{self.label}z{place}{M}")
            c, z = branches[M] = self.simulated or drawn
            commitments += [G**z * a**c, Y**z * (b * G**-M) ** c]
        prefix = f"prove|{context}|{a.hex},{b.hex}|"
        c = (h(prefix, *commitments) - sum(c for c, _ in branches.values())) % Q
        branches[claimed] = c, (w - r * c) % Q
        return [Proof(*branches[M]).to_json() for M in range(low, high + 1)]


def resigned(raw: bytes, change: Callable[[Json], None], secret: int = number("s")) -> bytes:
    """A ballot changed inside and properly signed again."""
    body = json.loads(raw)
    change(body)
    del body["signature"]
    signed = b64_sha256(canonical(body))
    proof = schnorr(f"sig|{signed}|", secret, number("again"))
    return canonical({**body, "signature": {"hash": signed, "proof": proof.to_json()}})


def signed_bytes(raw: bytes, secret: int = number("s")) -> bytes:
    """A ballot whose bytes before the signature are signed as they stand there."""
    unsigned = raw[: raw.rindex(b',"signature":')]
    digest = b64_sha256(unsigned + b"}")
    proof = schnorr(f"sig|{digest}|", secret, number("again"))
    signature = canonical({"signature": {"hash": digest, "proof": proof.to_json()}})
    return unsigned + b"," + signature[1:]


def changed(raw: bytes, change: Callable[[Json], None]) -> bytes:
    """A ballot changed without a new signature."""
    body = json.loads(raw)
    change(body)
    return canonical(body)


def put(value: Json, *path: str | int) -> Callable[[Json], None]:
    """Sets the member at a path."""

    def change(body: Json) -> None:
        for step in path[:-1]:
            body = body[step]
        body[path[-1]] = value

    return change


def reverse(*path: str | int) -> Callable[[Json], None]:
    """Reverses the list at a path."""

    def change(body: Json) -> None:
        for step in path:
            body = body[step]
        body.reverse()

    return change


def with_torsion(hexadecimal: str) -> str:
    raw = bindings.crypto_core_ed25519_add(bytes.fromhex(hexadecimal)[::-1], TORSION)
    return raw[::-1].hex()
