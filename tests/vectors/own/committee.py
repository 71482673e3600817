"""Vectors of the committee: keys, sealed shares, decryption shares, key files."""

import base64
import json
from collections.abc import Callable, Iterator
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from crypto import keyfile, tally
from crypto.committee import Moment
from crypto.elgamal import Ciphertext
from crypto.encoding import canonical, sha256, to_base64
from crypto.group import IDENTITY, Element, G, Q, element, montgomery, montgomery_secret
from crypto.keyfile import Cost, TrusteeState
from crypto.sigma import Proof
from crypto.trustees import Certificate
from tests.vectors.own.maker import (
    BALLOT,
    Json,
    LINE,
    TRUSTEES,
    TRUSTEE_SEED,
    Vector,
    X,
    Y,
    changed,
    h,
    number,
    octets,
    put,
    vector,
    with_torsion,
)


def keys() -> Iterator[Vector]:
    for seed in (TRUSTEE_SEED, "1111111111111111111111", "zzzzzzzzzzzzzzzzzzzzzz"):
        state = TrusteeState(seed, 2, 3, 2)
        signing, decryption = keyfile.signing_scalar(seed), keyfile.decryption_scalar(seed)
        output = {
            "signing": str(signing),
            "decryption": str(decryption),
            "verification": (G**signing).hex,
            "encryption": (G**decryption).hex,
            "coefficients": [str(a) for a in state.polynomial],
            "salts": [state.salt(moment).hex() for moment in Moment],
            "commitments": list(state.salt_commitments),
        }
        inputs = {"seed": seed, "index": 2, "size": 3, "threshold": 2}
        yield vector(f"seed_{seed[:7]}", "what derives from a seed", inputs, output=output)


def x25519() -> Iterator[Vector]:
    for name, comment, exponent in (
        ("one", "the multiple of 8 that is 1 mod q", 1),
        ("minus_one", "the same key: the Montgomery form forgets the sign", Q - 1),
        ("smallest", "2^254, the smallest clamped number", 2**254 % Q),
        ("largest", "2^255 − 8, the largest clamped number", (2**255 - 8) % Q),
        ("random", "an exponent like any other", number("x25519")),
    ):
        private, public = montgomery_secret(exponent), montgomery(G**exponent)
        output = {"private": private.hex(), "public": public.hex()}
        yield vector(name, comment, str(exponent), output=output)
    for name, exponent in (("zero", 0), ("eight", 8), ("minus_eight", Q - 8)):
        comment = "neither it nor its inverse is a clamped number mod q"
        yield vector(name, comment, str(exponent), "malformed", "one")


# Made once by seal_share: HPKE has no fixed ephemeral key.
SEALED = "xuCG0w//ZnYNzQlXITJsz+xC/c51jDIRreIpXyDj5n26+b6fDjcnXTCmTrd9Sj/4cIsVl8etFwwDCMsCbBfQfc2U0MfTAbZFKdjFAE0uX3g="
AGREED = sha256(b"all step 1 messages")


def transport() -> Iterator[Vector]:
    receiver = Certificate(3, 2, 2, G, G ** keyfile.decryption_scalar(TRUSTEE_SEED))
    inputs = {
        "agreed": AGREED,
        "sender": 1,
        "receiver": receiver.index,
        "seed": TRUSTEE_SEED,
        "sealed": SEALED,
    }
    info = f"phieukin share v1\n{AGREED}\n1\n2\n"
    output = {"share": str(number("a share")), "info": info}
    yield vector(
        "accept", "X25519, HKDF-SHA-256, ChaCha20-Poly1305, base mode", inputs, output=output
    )
    raw = base64.b64decode(SEALED)
    for name, comment, change in (
        ("agreed", "sealed for other step 1 messages", {"agreed": sha256(b"")}),
        ("sender", "from another trustee", {"sender": 3}),
        ("seed", "for another trustee's key", {"seed": "1111111111111111111111"}),
        ("altered", "one bit altered", {"sealed": to_base64(raw[:-1] + bytes([raw[-1] ^ 1]))}),
        (
            "small_order",
            "an ephemeral key of small order",
            {"sealed": to_base64(bytes(32) + raw[32:])},
        ),
    ):
        yield vector(name, comment, {**inputs, **change}, "faulty_trustee", "accept")


CIPHERS = [Ciphertext(G ** number(f"a{n}"), G ** number(f"b{n}")) for n in range(3)]
TOTAL = tally.Tally(((CIPHERS[0], CIPHERS[1]), (CIPHERS[2], Ciphertext(IDENTITY, IDENTITY))))
TALLY = {
    "election": "line",
    "trustees": TRUSTEES.encode().decode(),
    "tally": TOTAL.encode().decode(),
}


def _statement(owner: int, total: tally.Tally, factors: Json, key: Element = Y) -> Json:
    """§4.5, with what a dishonest prover may put into the challenge."""
    w = number("statement")
    prefix = f"phieukin share v2|{LINE.phi}|{owner}|{total.digest}|"
    alphas = [c.alpha for line in TOTAL.lines for c in line]
    powers = [element(f, "F", identity=True) for line in factors for f in line]
    c = h(prefix, key, *alphas, *powers, *(base**w for base in (G, *alphas)))
    return Proof(c, (w - X * c) % Q).to_json()


def _share() -> dict[str, Json]:
    prefix = f"decrypt|{LINE.phi}|{Y.hex}|"

    def proof(alpha: Element, label: str) -> Json:
        w = number(label)
        c = h(prefix, G**w, alpha**w)
        return Proof(c, (w - X * c) % Q).to_json()

    factors = [[(c.alpha**X).hex for c in line] for line in TOTAL.lines]
    return {
        "schema": "phieukin.share/2",
        "election_hash": LINE.phi,
        "owner": 1,
        "decryption_factors": factors,
        "decryption_proofs": [
            [proof(c.alpha, f"share{i}{j}") for j, c in enumerate(line)]
            for i, line in enumerate(TOTAL.lines)
        ],
        "statement": _statement(1, TOTAL, factors),
    }


def _bend(file: Json) -> None:
    """A wrong first factor whose Belenios proof holds: made after its challenge (§4.3)."""
    alpha, w, shift = CIPHERS[0].alpha, number("bent"), number("shift")
    second = alpha**w * G**shift
    c = h(f"decrypt|{LINE.phi}|{Y.hex}|", G**w, second)
    proof = Proof(c, (w - X * c) % Q)
    factor = (second * alpha**-proof.response) ** pow(c, -1, Q)
    file["decryption_factors"][0][0] = factor.hex
    file["decryption_proofs"][0][0] = proof.to_json()
    file["statement"] = _statement(1, TOTAL, file["decryption_factors"])


def shares() -> Iterator[Vector]:
    file, factors = _share(), _share()["decryption_factors"]

    def given(value: Json) -> Json:
        return {**TALLY, "share": canonical(value).decode()}

    def no(name: str, comment: str, change: Callable[[Json], None], expect: str) -> Vector:
        value = json.loads(canonical(file))
        change(value)
        return vector(name, comment, given(value), expect, "accept")

    factor = ("decryption_factors", 0, 0)
    yield vector("accept", "one factor is the identity, as its ciphertext is", given(file))
    yield no(
        "factor",
        "a factor times g, to shift a total",
        put((CIPHERS[0].alpha ** X * G).hex, *factor),
        "bad_share",
    )
    yield no("factor_identity", "the identity as a factor", put(IDENTITY.hex, *factor), "bad_share")
    yield no(
        "factor_torsion",
        "a factor with an element of order 8",
        put(with_torsion(factors[0][0]), *factor),
        "malformed",
    )
    yield no(
        "proof",
        "the proof of another factor",
        put(file["decryption_proofs"][0][1], "decryption_proofs", 0, 0),
        "bad_share",
    )
    yield no("bent", "a wrong factor whose proof of §4.3 holds", _bend, "bad_share")
    proof = file["statement"]
    more = {**proof, "response": str((int(proof["response"]) + 1) % Q)}
    moved = tally.Tally(TOTAL.lines[::-1])
    for name, comment, other in (
        ("statement", "the statement's response, one more", more),
        ("statement_owner", "made for another number", _statement(2, TOTAL, factors)),
        ("statement_tally", "made for another tally", _statement(1, moved, factors)),
        ("statement_key", "made for another key", _statement(1, TOTAL, factors, G)),
        ("statement_weak", "the first proof of §4.3", file["decryption_proofs"][0][0]),
    ):
        yield no(name, comment, put(other, "statement"), "bad_share")
    yield no("owner", "a trustee who does not exist", put(2, "owner"), "bad_share")
    yield no("election", "another session's share", put(BALLOT.phi, "election_hash"), "bad_share")
    yield no("schema", "another kind of file", put("phieukin.key/1", "schema"), "bad_share")
    yield no(
        "line_missing",
        "factors for one official",
        lambda v: v["decryption_factors"].pop(),
        "malformed",
    )
    yield no(
        "statement_missing", "Belenios' proofs alone", lambda v: v.pop("statement"), "malformed"
    )


def statements() -> Iterator[Vector]:
    share = _share()
    partial = {name: share[name] for name in ("decryption_factors", "decryption_proofs")}
    file = {
        "schema": "phieukin.shares/1",
        "proofs": [{"owner": 1, "proof": share["statement"]}],
    }

    def given(value: Json) -> Json:
        shares = [{"owner": 1, "share": canonical(partial).decode()}]
        return {**TALLY, "shares": shares, "statements": canonical(value).decode()}

    def no(name: str, comment: str, change: Callable[[Json], None], expect: str) -> Vector:
        value = json.loads(canonical(file))
        change(value)
        return vector(name, comment, given(value), expect, "accept")

    yield vector("accept", "one share, one proof", given(file))
    yield no("missing", "a share without its proof", put([], "proofs"), "bad_share")
    yield no("owner", "a proof under another number", put(2, "proofs", 0, "owner"), "bad_share")
    yield no("twice", "a proof too many", lambda v: v["proofs"].append(v["proofs"][0]), "bad_share")
    yield no(
        "proof",
        "a proof of §4.3 of the same share",
        put(share["decryption_proofs"][0][0], "proofs", 0, "proof"),
        "bad_share",
    )
    yield no("schema", "another kind of file", put("phieukin.share/2", "schema"), "malformed")


PASSPHRASE = "bốn từ không liên quan"


def keyfiles() -> Iterator[Vector]:
    state = TrusteeState(
        TRUSTEE_SEED, 1, 1, 1, definition=LINE.phi, opening="a1" * 32, closing="b2" * 32,
        quorum_seen=1_790_000_000, tally="c3" * 32, mark="0f" * 16,
    )  # fmt: skip
    salt, nonce, cost = octets("kdf", 16), octets("nonce", 12), Cost(64, 1, 1)
    header = keyfile._header(salt, cost, nonce)
    cipher = ChaCha20Poly1305(keyfile._key(PASSPHRASE, salt, cost))
    sealed = cipher.encrypt(nonce, canonical(state.to_json()), canonical(header))
    file = {**header, "sealed": to_base64(sealed)}
    inputs = {"file": canonical(file).decode(), "passphrase": PASSPHRASE}

    def no(name: str, comment: str, expect: str, *change: Json) -> Vector:
        raw = changed(canonical(file), put(*change)) if change else canonical(file)
        return vector(name, comment, {**inputs, "file": raw.decode()}, expect, "accept")

    output = canonical(state.to_json()).decode()
    yield vector("accept", "Argon2id at the lowest cost the format allows", inputs, output=output)
    yield vector(
        "passphrase",
        "another passphrase",
        {**inputs, "passphrase": PASSPHRASE + "."},
        "wrong_passphrase",
        "accept",
    )
    yield vector(
        "passphrase_decomposed",
        "the passphrase in normal form D is the same",
        {**inputs, "passphrase": "bô\u0301n từ không liên quan"},
        output=output,
    )
    yield no(
        "iterations", "the header is authenticated", "wrong_passphrase", 2, "kdf", "iterations"
    )
    yield no("nonce", "another nonce", "wrong_passphrase", to_base64(bytes(12)), "nonce")
    yield no(
        "sealed", "other contents", "wrong_passphrase", to_base64(sealed[:-1] + b"\0"), "sealed"
    )
    yield no("memory", "more memory than a laptop has", "malformed", 1 << 21, "kdf", "memory_kib")
    yield no("memory_low", "less than the lanes need", "malformed", 7, "kdf", "memory_kib")
    yield no("kdf", "another derivation", "malformed", "argon2i", "kdf", "name")
    yield no("schema", "another kind of file", "malformed", "phieukin.share/2", "schema")
