"""Vectors of the committee: keys, sealed shares, decryption shares, key files."""

import base64
import json
from collections.abc import Callable, Iterator
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from crypto import keyfile, tally
from crypto.elgamal import Ciphertext
from crypto.encoding import canonical, sha256, to_base64
from crypto.group import IDENTITY, Element, G, Q, montgomery, montgomery_secret
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


def shares() -> Iterator[Vector]:
    ciphers = [Ciphertext(G ** number(f"a{n}"), G ** number(f"b{n}")) for n in range(3)]
    total = tally.Tally(((ciphers[0], ciphers[1]), (ciphers[2], Ciphertext(IDENTITY, IDENTITY))))
    prefix = f"decrypt|{LINE.phi}|{Y.hex}|"

    def proof(alpha: Element, label: str) -> Json:
        w = number(label)
        c = h(prefix, G**w, alpha**w)
        return Proof(c, (w - X * c) % Q).to_json()

    file: dict[str, Json] = {
        "schema": "phieukin.share/1",
        "election_hash": LINE.phi,
        "owner": 1,
        "decryption_factors": [[(c.alpha**X).hex for c in line] for line in total.lines],
        "decryption_proofs": [
            [proof(c.alpha, f"share{i}{j}") for j, c in enumerate(line)]
            for i, line in enumerate(total.lines)
        ],
    }

    def given(value: Json) -> Json:
        return {
            "election": "line",
            "trustees": TRUSTEES.encode().decode(),
            "tally": total.encode().decode(),
            "share": canonical(value).decode(),
        }

    def no(name: str, comment: str, change: Callable[[Json], None], expect: str) -> Vector:
        value = json.loads(canonical(file))
        change(value)
        return vector(name, comment, given(value), expect, "accept")

    factor = ("decryption_factors", 0, 0)
    yield vector("accept", "one factor is the identity, as its ciphertext is", given(file))
    yield no(
        "factor",
        "a factor times g, to shift a total",
        put((ciphers[0].alpha ** X * G).hex, *factor),
        "bad_share",
    )
    yield no("factor_identity", "the identity as a factor", put(IDENTITY.hex, *factor), "bad_share")
    yield no(
        "factor_torsion",
        "a factor with an element of order 8",
        put(with_torsion(file["decryption_factors"][0][0]), *factor),
        "malformed",
    )
    yield no(
        "proof",
        "the proof of another factor",
        put(file["decryption_proofs"][0][1], "decryption_proofs", 0, 0),
        "bad_share",
    )
    yield no("owner", "a trustee who does not exist", put(2, "owner"), "bad_share")
    yield no("election", "another session's share", put(BALLOT.phi, "election_hash"), "bad_share")
    yield no("schema", "another kind of file", put("phieukin.key/1", "schema"), "bad_share")
    yield no(
        "line_missing",
        "factors for one official",
        lambda v: v["decryption_factors"].pop(),
        "malformed",
    )


PASSPHRASE = "bốn từ không liên quan"


def keyfiles() -> Iterator[Vector]:
    state = TrusteeState(TRUSTEE_SEED, 1, 1, 1)
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
    yield no("schema", "another kind of file", "malformed", "phieukin.share/1", "schema")
