"""Writes the vectors of this folder: an honest maker, told to make exactly one mistake.

    python -m tests.vectors.own.generate

Every file has a comment and `vectors`; each vector has

    name     unique in its file
    comment  why it must be accepted or refused
    base     the accepted vector it was made from by one change, or null
    input    what the function under test is given
    expect   "ok", or the code of the error (crypto/errors.py)
    output   what the function gives, where it gives something

Randomness is a hash of a label, so that the same program writes the same files; nothing here
may be used to make a ballot that is cast. The proofs are computed by the formulas of
docs/protocol.md §4 and not by crypto/sigma.py, which is what the vectors test.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings

from crypto import blind, checkpoint, keyfile, note, session, tally, token
from crypto.blind import IssuerSecret
from crypto.elgamal import Ciphertext
from crypto.encoding import b64_sha256, canonical, sha256, spoken, to_base64
from crypto.group import IDENTITY, Element, G, Q, montgomery, montgomery_secret
from crypto.keyfile import Cost, TrusteeState
from crypto.lifecycle import State
from crypto.note import SeedSigner
from crypto.session import Election, Level, Official, Parameters, Policy
from crypto.sigma import Proof
from crypto.trustees import Certificate, Single, TrusteeKey, Trustees

HERE = Path(__file__).parent
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


# --- The session --------------------------------------------------------------------------


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
ISSUER = IssuerSecret.from_pkcs8(
    base64.b64decode(json.loads((HERE / "issuer_key.json").read_text("utf-8"))["pkcs8"])
)
SIGNERS = {
    party: SeedSigner(f"phieukin/{UUID}/{party}", octets(party, 32))
    for party in ("registrar", "box", "chair")
}


def define(invalid: str) -> Election:
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
        TRUSTEES.digest,
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
        trustees=TRUSTEES,
        parameters=parameters,
    )


LINE, BALLOT = define("line"), define("ballot")
ELECTIONS = {"line": LINE, "ballot": BALLOT}

# --- Ballots ------------------------------------------------------------------------------


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


def ballots() -> Iterator[Vector]:
    def given(raw: bytes, election: str = "line") -> Json:
        return {"election": election, "ballot": raw.decode()}

    def ok(name: str, comment: str, raw: bytes, election: str = "line") -> Vector:
        return vector(name, comment, given(raw, election), output=b64_sha256(raw))

    accept = Maker().make()
    zero_response = Maker(simulated=(number("c"), 0)).make()
    full = Maker(BALLOT, values=((1, 0), (0, 1))).make()
    first = ("answers", 0, "choices", 0)
    pair = ("answers", 0, "individual_proofs", 0)
    another = number("another s")

    yield ok("accept", "first level for the first official, the second line blank", accept)
    yield ok("accept_blank", "every line blank", Maker(values=((0, 0), (0, 0))).make())
    yield ok("accept_full", "no line may be blank and none is", full, "ballot")
    yield ok("accept_credential_g", "s = 1: the credential is g itself", Maker(secret=1).make())
    yield ok("accept_credential_inverse", "s = q − 1", Maker(secret=Q - 1).make())
    yield ok("accept_alpha_g", "r = 1: alpha is g", Maker(r={(0, 0): 1}).make())
    yield ok("accept_largest_r", "r = q − 1", Maker(r={(0, 0): Q - 1}).make())
    yield ok(
        "accept_identity_commitment",
        "w = 0: honest commitments are the identity",
        Maker(w=0).make(),
    )
    yield ok("accept_identity_signature", "w = 0 in the signature", Maker(sign_w=0).make())
    yield ok(
        "accept_zero_challenge",
        "simulated challenges are 0",
        Maker(simulated=(0, number("z"))).make(),
    )
    yield ok("accept_zero_response", "simulated responses are 0", zero_response)
    yield ok(
        "accept_zero_branch",
        "simulated challenges and responses are 0: those commitments are the identity",
        Maker(simulated=(0, 0)).make(),
    )
    yield ok(
        "accept_largest_scalars",
        "simulated challenges and responses are q − 1",
        Maker(simulated=(Q - 1, Q - 1)).make(),
    )

    def no(
        name: str,
        comment: str,
        raw: bytes,
        expect: str,
        base: str = "accept",
        election: str = "line",
    ) -> Vector:
        return vector(name, comment, given(raw, election), expect, base)

    yield no(
        "uuid",
        "for another session",
        resigned(accept, put("VectorsPhieuKin2", "election_uuid")),
        "bad_ballot",
    )
    yield no(
        "phi",
        "for another definition of the session",
        resigned(accept, put(BALLOT.phi, "election_hash")),
        "bad_ballot",
    )
    yield no(
        "credential_exchanged",
        "another credential put in: the signature no longer fits",
        changed(accept, put((G**another).hex, "credential")),
        "bad_signature",
    )
    yield no(
        "signed_by_another",
        "the signature is another credential's",
        Maker(signer=another).make(),
        "bad_signature",
    )
    yield no(
        "copied",
        "another's ciphertexts and proofs, signed by a credential of one's own",
        resigned(accept, put((G**another).hex, "credential"), another),
        "bad_proof",
    )
    yield no(
        "hash",
        "the hash in the signature is another ballot's",
        changed(accept, put(b64_sha256(b""), "signature", "hash")),
        "bad_signature",
    )
    hashed = json.loads(accept)["signature"]["hash"]
    loose = hashed[:-1] + chr(ord(hashed[-1]) + 1)
    yield no(
        "hash_loose_bits",
        "the last character of the hash has bits that no SHA-256 has",
        changed(accept, put(loose, "signature", "hash")),
        "malformed",
    )
    yield no(
        "two_marks",
        "both levels marked: the sum is 2",
        Maker(values=((1, 1), (0, 0))).make(),
        "bad_proof",
    )
    yield no("two", "a choice is 2", Maker(values=((2, 0), (0, 0))).make(), "bad_proof")
    yield no(
        "minus_one",
        "a choice is −1, to take a mark away",
        Maker(values=((-1, 0), (0, 0))).make(),
        "bad_proof",
    )
    yield no(
        "hidden_minus_one",
        "2 and −1: their sum is legal",
        Maker(values=((2, -1), (0, 0))).make(),
        "bad_proof",
    )
    yield no(
        "blank_forbidden",
        "a blank line where none is allowed",
        Maker(BALLOT, values=((1, 0), (0, 0))).make(),
        "bad_proof",
        "accept_full",
        "ballot",
    )
    yield no(
        "branches_exchanged",
        "the branches for 0 and 1 in the other order",
        resigned(accept, reverse(*pair)),
        "bad_proof",
    )
    yield no(
        "choices_exchanged",
        "the levels of a line in the other order, proofs as before",
        resigned(accept, reverse(*first[:-1])),
        "bad_proof",
    )
    yield no(
        "repeated_ciphertext",
        "the same ciphertext twice",
        Maker(values=((0, 0), (0, 0)), r={(0, 0): 5, (0, 1): 5}).make(),
        "repeated_ciphertext",
        "accept_blank",
    )
    yield no("alpha_identity", "r = 0: nothing is hidden", Maker(r={(0, 0): 0}).make(), "malformed")
    yield no(
        "beta_identity",
        "r = −1/x: beta is the identity",
        Maker(r={(0, 0): -pow(X, -1, Q) % Q}).make(),
        "malformed",
    )
    torsion = with_torsion(json.loads(accept)["answers"][0]["choices"][0]["alpha"])
    yield no(
        "alpha_torsion",
        "alpha times an element of order 8",
        resigned(accept, put(torsion, *first, "alpha")),
        "malformed",
    )
    yield no(
        "alpha_upper_case",
        "an upper-case digit",
        resigned(
            accept,
            put(json.loads(accept)["answers"][0]["choices"][0]["alpha"].upper(), *first, "alpha"),
        ),
        "malformed",
    )
    yield no(
        "alpha_not_a_point",
        "2 is no y coordinate of the curve",
        resigned(accept, put(f"{2:064x}", *first, "alpha")),
        "malformed",
    )
    yield no(
        "credential_identity",
        "C is the identity, s = 0: anybody can sign for it",
        Maker(secret=0).make(),
        "malformed",
    )
    place = next(
        i
        for i in (0, 1)
        if json.loads(zero_response)["answers"][0]["individual_proofs"][0][i]["response"] == "0"
    )
    for name, changes in {
        "q": str(Q),
        "leading_zero": "00",
        "sign": "-0",
        "plus": "+0",
        "empty": "",
        "space": " 0",
        "letter": "0x0",
        "fullwidth": "０",
    }.items():
        raw = resigned(zero_response, put(changes, *pair, place, "response"))
        yield no(
            f"response_{name}",
            f"{changes!r} is no spelling of 0",
            raw,
            "malformed",
            "accept_zero_response",
        )
    raw = resigned(zero_response, put(0, *pair, place, "response"))
    yield no("response_number", "a JSON number", raw, "malformed", "accept_zero_response")
    yield no(
        "response_one_more",
        "one more",
        resigned(zero_response, put("1", *pair, place, "response")),
        "bad_proof",
        "accept_zero_response",
    )
    yield no(
        "third_branch",
        "an individual proof with three branches",
        resigned(
            accept,
            lambda b: b["answers"][0]["individual_proofs"][0].append(
                {"challenge": "0", "response": "0"}
            ),
        ),
        "malformed",
    )
    yield no(
        "line_missing",
        "one answer for two officials",
        resigned(accept, lambda b: b["answers"].pop()),
        "malformed",
    )
    yield no(
        "level_missing",
        "one choice for two levels",
        resigned(accept, lambda b: b["answers"][0]["choices"].pop()),
        "malformed",
    )
    yield no("field_added", "an unknown field", resigned(accept, put("", "note")), "malformed")
    yield no(
        "fields_reordered",
        "beta before alpha",
        resigned(
            accept,
            put(dict(reversed(json.loads(accept)["answers"][0]["choices"][0].items())), *first),
        ),
        "malformed",
    )
    yield no(
        "space",
        "a space after a colon: other bytes, another tracker",
        accept.replace(b'"answers":', b'"answers": '),
        "malformed",
    )
    yield no("newline", "a newline at the end", accept + b"\n", "malformed")
    yield no(
        "field_twice",
        "a field that stands twice",
        accept.replace(b'{"election_uuid"', b'{"election_uuid":"","election_uuid"', 1),
        "malformed",
    )
    yield no(
        "escaped",
        "an escaped letter in a name",
        accept.replace(b'"credential"', b'"\\u0063redential"'),
        "malformed",
    )
    yield no("not_json", "cut off", accept[:-1], "malformed")


def box() -> Iterator[Vector]:
    """What ballots must be to each other."""
    first, two = Maker(), Maker(secret=number("s2"), label="2")
    same = Maker(secret=number("s3"), label="3", r={(1, 0): first.randomness(1, 0)})
    again = Maker(label="again")
    stored = sorted([first.make(), two.make()], key=b64_sha256)

    def given(raws: list[bytes], *makers: Maker) -> Json:
        credentials = sorted((G**maker.secret).hex for maker in makers)
        return {
            "election": "line",
            "credentials": credentials,
            "ballots": [raw.decode() for raw in raws],
        }

    def by_tracker(*makers: Maker) -> list[bytes]:
        return sorted((maker.make() for maker in makers), key=b64_sha256)

    yield vector("accept", "two ballots in the order of their trackers", given(stored, first, two))
    yield vector(
        "accept_abstention", "a credential that did not vote", given([first.make()], first, two)
    )
    yield vector(
        "reversed",
        "not in the order of their trackers",
        given(stored[::-1], first, two),
        "bad_ballot",
        "accept",
    )
    yield vector(
        "unknown",
        "a credential that was never registered",
        given(stored, first),
        "unknown_credential",
        "accept",
    )
    yield vector(
        "again",
        "the same ballot again",
        given([stored[0], stored[0]], first, two),
        "second_ballot",
        "accept",
    )
    yield vector(
        "second",
        "another ballot of the same credential",
        given(by_tracker(first, again), first, two),
        "second_ballot",
        "accept",
    )
    yield vector(
        "ciphertext",
        "a ciphertext of another ballot, honestly proved by one who knows its randomness",
        given(by_tracker(first, same), first, same),
        "repeated_ciphertext",
        "accept",
    )


# --- Everything else ----------------------------------------------------------------------


def elements() -> Iterator[Vector]:
    def no(name: str, comment: str, value: Json) -> Vector:
        return vector(
            name, comment, {"element": value, "identity": False}, "malformed", "generator"
        )

    identity = IDENTITY.hex
    yield vector("generator", "the base point", {"element": G.hex, "identity": False})
    yield vector(
        "inverse", "g^(q−1): the sign bit is set", {"element": (G**-1).hex, "identity": False}
    )
    yield vector(
        "identity_allowed",
        "a factor of the tally may be the identity",
        {"element": identity, "identity": True},
    )
    yield vector(
        "identity",
        "no key, credential or ciphertext is the identity",
        {"element": identity, "identity": False},
        "malformed",
        "identity_allowed",
    )
    yield no("order_2", "(0, −1)", f"{2**255 - 20:064x}")
    yield no("order_4", "y = 0", f"{0:064x}")
    yield no("order_8", "a generator of the torsion", TORSION[::-1].hex())
    yield no("torsion", "g times an element of order 8", with_torsion(G.hex))
    yield no("identity_not_canonical", "y = 1 + p", f"{2**255 - 19 + 1:064x}")
    yield no("identity_negative", "the identity with its sign bit set", f"{2**255 + 1:064x}")
    yield no("not_on_the_curve", "y = 2", f"{2:064x}")
    yield no("byte_order", "the bytes of g in the order of RFC 8032", G.raw.hex())
    yield no("upper_case", "upper-case digits", (G**5).hex.upper())
    yield no("short", "63 digits", G.hex[1:])
    yield no("long", "65 digits", "0" + G.hex)
    yield no("newline", "a newline at the end", G.hex + "\n")
    yield no("number", "not a string", 1)


def scalars() -> Iterator[Vector]:
    for name, value in {"zero": 0, "one": 1, "largest": Q - 1}.items():
        yield vector(name, f"{name}: legal", str(value))
    spellings: list[tuple[str, str, Json, str]] = [
        ("q", "not reduced", str(Q), "zero"),
        ("q_plus_one", "not reduced", str(Q + 1), "one"),
        ("digits_77", "longer than any scalar", "1" + "0" * 76, "one"),
        ("leading_zero", "a leading zero", "01", "one"),
        ("two_zeros", "zero with a leading zero", "00", "zero"),
        ("minus", "a sign", "-1", "one"),
        ("minus_zero", "a sign", "-0", "zero"),
        ("plus", "a sign", "+1", "one"),
        ("empty", "nothing: some languages read 0", "", "zero"),
        ("space", "a space before", " 1", "one"),
        ("newline", "a newline after", "1\n", "one"),
        ("underscore", "Python's digit separator", "1_0", "one"),
        ("hexadecimal", "another base", "0x1", "one"),
        ("exponent", "a float", "1e0", "one"),
        ("arabic_digit", "ARABIC-INDIC DIGIT ONE", "١", "one"),
        ("number", "a JSON number", 1, "one"),
        ("null", "nothing", None, "zero"),
    ]
    for name, comment, value, base in spellings:
        yield vector(name, comment, value, "malformed", base)


def hashes() -> Iterator[Vector]:
    for name, prefix, members in (
        ("empty", "sig||", []),
        ("one", "pok|Ed25519|" + G.hex + "|", [G]),
        ("identity", "decrypt|x|", [IDENTITY, G]),
        ("text", "sigmsg|Tín nhiệm|", [G**2, G**3, G**-1]),
    ):
        inputs = {"prefix": prefix, "elements": [e.hex for e in members]}
        yield vector(name, "H(prefix, elements)", inputs, output=str(h(prefix, *members)))


def fingerprints() -> Iterator[Vector]:
    display = spoken(base64.b64decode(LINE.phi + "="), 5)
    phi = {"phi": LINE.phi, "display": display}
    yield vector(
        "accept",
        "φ and its display form",
        {"election": LINE.raw.decode(), "said": display},
        output=phi,
    )
    for name, comment, typed in (
        ("full", "φ itself", LINE.phi),
        ("lower", "lower case", display.lower()),
        ("bare", "without hyphens", display.replace("-", "")),
        ("spaced", "spaces for hyphens", display.replace("-", " ")),
        ("letters", "O, I and L for 0, 1 and 1", display.replace("0", "O").replace("1", "I")),
    ):
        yield vector(
            name,
            comment,
            {"election": LINE.raw.decode(), "said": typed},
            "ok",
            "accept",
            output=phi,
        )
    changed = {"election": LINE.raw.decode(), "said": spoken(base64.b64decode(BALLOT.phi + "="), 5)}
    yield vector("another", "another session's", changed, "bad_definition", "accept")
    yield vector(
        "cut",
        "four groups of five",
        {"election": LINE.raw.decode(), "said": display[:-5]},
        "bad_definition",
        "accept",
    )
    yield vector(
        "phi_lower",
        "φ itself has only one case",
        {"election": LINE.raw.decode(), "said": LINE.phi.lower()},
        "bad_definition",
        "full",
    )


def definitions() -> Iterator[Vector]:
    def no(
        name: str, comment: str, change: Callable[[Json], None], expect: str = "malformed"
    ) -> Vector:
        return vector(name, comment, changed(LINE.raw, change).decode(), expect, "accept")

    policy = ("phieukin", "policy")
    yield vector("accept", "a blank line is allowed", LINE.raw.decode(), output=LINE.phi)
    yield vector("accept_full", "no blank line is allowed", BALLOT.raw.decode(), output=BALLOT.phi)

    def stock(body: Json) -> None:
        del body["phieukin"]

    raw = changed(LINE.raw, stock)
    yield vector(
        "accept_stock",
        "without our parameters: any Belenios v1 election",
        raw.decode(),
        output=b64_sha256(raw),
    )
    yield no("parameters_null", "a field that is null is not absent", put(None, "phieukin"))
    yield no("group", "another group", put("ed25519", "group"))
    yield no("version", "another version", put(2, "version"))
    yield no("key_identity", "the key is the identity", put(IDENTITY.hex, "public_key"))
    yield no("min_ballots", "fewer than the floor", put(4, *policy, "min_ballots"))
    yield no(
        "level_twice", "two levels with one key", put("confidence", *policy, "levels", 1, "key")
    )
    yield no(
        "name_decomposed",
        "not in normal form C",
        put("Ba\u0300 A", "phieukin", "officials", 0, "name"),
    )
    yield no(
        "name_bidi",
        "a right-to-left override",
        put("Bà \u202eA", "phieukin", "officials", 0, "name"),
    )
    yield no("issuer_short", "not an RSA key", put("AAAA", "phieukin", "issuer"))
    yield no("max_two", "two marks on a line", put(2, "questions", 0, "max"))
    yield no("rehearsal_number", "1 is not true", put(1, *policy, "rehearsal"))
    yield no(
        "question",
        "a question that is not the official's",
        put("Ông Bính", "questions", 1, "question"),
        "bad_definition",
    )
    yield no(
        "answers",
        "an answer that is not a level",
        put("Đồng ý", "questions", 0, "answers", 0),
        "bad_definition",
    )
    yield no(
        "min",
        "a blank line is allowed on one line only",
        put(1, "questions", 0, "min"),
        "bad_definition",
    )
    yield no(
        "official_missing",
        "fewer officials than questions",
        lambda b: b["phieukin"]["officials"].pop(),
        "bad_definition",
    )


COUNTS = {
    State.SEALED: ((7,), TRUSTEES.encode()),
    State.OPEN: ((7, 6, 6, 5), canonical(sorted((G**n).hex for n in range(2, 7)))),
    State.CLOSED: ((5, 5), canonical(sorted(b64_sha256(bytes([n])) for n in range(5)))),
    State.TALLIED: ((5, 5), tally.encode_result([[3, 2], [1, 1]])),
}


def checkpoints() -> Iterator[Vector]:
    base: dict[str, Json] = {}
    for state, (counts, final_list) in COUNTS.items():
        fixed = checkpoint.make(LINE, state, counts, final_list)
        signed = note.sign(fixed.body, [SIGNERS[party] for party in checkpoint.SIGNERS[state]])
        inputs: Json = {
            "uuid": UUID,
            "state": state,
            "phi": LINE.phi,
            "counts": list(counts),
            "listed": final_list.decode(),
            "keys": [SIGNERS[party].key.vkey for party in checkpoint.SIGNERS[state]],
            "note": signed.encode().decode(),
        }
        yield vector(
            state,
            f"the checkpoint of {state}, with its parties' signatures",
            inputs,
            output={"body": fixed.body, "short_code": fixed.short_code},
        )
        if state == State.CLOSED:
            base = inputs
    text: str = base["note"]
    for name, comment, altered, expect in (
        ("count", "another number of ballots", text.replace("cast 5", "cast 4"), "bad_checkpoint"),
        (
            "unsigned",
            "the chair's signature is missing",
            text[: text.rindex("—")],
            "bad_checkpoint",
        ),
        (
            "body_signed_apart",
            "signatures of another text",
            text.replace("registered 5", "registered 6"),
            "bad_checkpoint",
        ),
        ("hyphen", "a hyphen for the dash before a signature", text.replace("—", "-"), "malformed"),
        ("no_newline", "the last newline is missing", text[:-1], "malformed"),
        ("signed_twice", "two signatures by one key", text + text[text.rindex("—") :], "malformed"),
    ):
        yield vector(name, comment, {**base, "note": altered}, expect, "closed")
    stranger = SeedSigner(SIGNERS["chair"].name, octets("stranger", 32))
    wrong = note.sign(
        checkpoint.make(LINE, State.CLOSED, *COUNTS[State.CLOSED]).body, [SIGNERS["box"], stranger]
    )
    yield vector(
        "stranger",
        "another key under the chair's name",
        {**base, "note": wrong.encode().decode()},
        "bad_checkpoint",
        "closed",
    )


def promises() -> Iterator[Vector]:
    tracker = b64_sha256(Maker().make())
    signed = note.sign(checkpoint.promise_body(UUID, LINE.phi, tracker), [SIGNERS["box"]])
    inputs = {"election": "line", "tracker": tracker, "promise": signed.encode().decode()}
    yield vector("accept", "the box has stored the ballot", inputs)
    yield vector(
        "tracker",
        "for another ballot",
        {**inputs, "tracker": b64_sha256(b"")},
        "bad_checkpoint",
        "accept",
    )
    yield vector(
        "election",
        "for another definition of the session",
        {**inputs, "election": "ballot"},
        "bad_checkpoint",
        "accept",
    )
    chair = note.sign(checkpoint.promise_body(UUID, LINE.phi, tracker), [SIGNERS["chair"]])
    yield vector(
        "chair",
        "signed by the chair and not by the box",
        {**inputs, "promise": chair.encode().decode()},
        "bad_checkpoint",
        "accept",
    )


def tokens() -> Iterator[Vector]:
    key, credential, another = ISSUER.public, G ** number("s"), G ** number("another s")
    salt, blinding = octets("salt of a token", 48), octets("blinding", key.blinding_len)
    blinded = token.request_token_from(key, LINE.phi, credential, salt, blinding)
    answer = blind.blind_sign(ISSUER, blinded.blinded_message)
    signature = token.receive_token(key, LINE.phi, credential, answer, blinded)
    inputs = {
        "issuer": to_base64(key.spki),
        "phi": LINE.phi,
        "credential": credential.hex,
        "token": to_base64(signature),
    }
    output = {
        "message": token.token_message(LINE.phi, credential).decode(),
        "salt": salt.hex(),
        "blinding": blinding.hex(),
        "blinded_message": blinded.blinded_message.hex(),
        "blind_signature": answer.hex(),
    }
    yield vector("accept", "made with this salt and blinding", inputs, output=output)
    for name, comment, change in (
        ("credential", "another credential's", {"credential": another.hex}),
        ("phi", "another definition's", {"phi": BALLOT.phi}),
        (
            "altered",
            "one bit altered",
            {"token": to_base64(signature[:-1] + bytes([signature[-1] ^ 1]))},
        ),
        ("short", "a byte is missing", {"token": to_base64(signature[1:])}),
        (
            "plus_n",
            "not below the modulus",
            {"token": to_base64((int.from_bytes(signature, "big") + key.n).to_bytes(385, "big"))},
        ),
        ("blind", "the blind signature itself", {"token": to_base64(answer)}),
    ):
        yield vector(name, comment, {**inputs, **change}, "bad_token", "accept")
    message = token.token_message(LINE.phi, credential)
    unsalted = blind._blind(key, message, b"", number("unsalted"))
    zero = blind._unblind(key, blind.blind_sign(ISSUER, unsalted.blinded_message), unsalted)
    yield vector(
        "unsalted",
        "RSABSSA-SHA384-PSSZERO-Deterministic: the salt has 48 bytes",
        {**inputs, "token": to_base64(zero)},
        "bad_token",
        "accept",
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


def openings() -> Iterator[Vector]:
    maker = Maker()
    raw = maker.make()
    value = {
        "schema": "phieukin.opening/1",
        "tracker": b64_sha256(raw),
        "choices": [0, None],
        "randomness": [[str(maker.randomness(i, j)) for j in (0, 1)] for i in (0, 1)],
    }

    def given(opening: Json) -> Json:
        return {"election": "line", "ballot": raw.decode(), "opening": canonical(opening).decode()}

    def no(name: str, comment: str, change: Json, expect: str) -> Vector:
        return vector(name, comment, given({**value, **change}), expect, "accept")

    another = Maker(label="other")
    yield vector("accept", "first level, then blank", given(value))
    yield no("choice", "the device claims another choice", {"choices": [1, None]}, "bad_ballot")
    yield no("blank", "the device claims a blank line", {"choices": [None, None]}, "bad_ballot")
    yield no(
        "randomness",
        "randomness of another ballot",
        {"randomness": [[str(another.randomness(i, j)) for j in (0, 1)] for i in (0, 1)]},
        "bad_ballot",
    )
    yield no(
        "tracker",
        "the opening of another ballot",
        {"tracker": b64_sha256(another.make())},
        "bad_ballot",
    )
    yield no("no_such_level", "a level that does not exist", {"choices": [2, None]}, "bad_ballot")
    yield no("negative", "a negative level", {"choices": [-1, None]}, "malformed")
    yield no("true", "true is not 1", {"choices": [True, None]}, "malformed")
    yield no(
        "line_missing",
        "randomness for one line",
        {"randomness": value["randomness"][:1]},
        "malformed",
    )


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


FILES: dict[str, tuple[str, Callable[[], Iterator[Vector]]]] = {
    "ballot": (
        "docs/protocol.md §5.3: ballot.decode, then ballot.check; output: the tracker",
        ballots,
    ),
    "box": ("docs/protocol.md §5.3: each ballot alone, then audit.ballots.Register", box),
    "checkpoint": (
        "docs/protocol.md §6: the body of a checkpoint, its short code, its signatures",
        checkpoints,
    ),
    "definition": ("docs/protocol.md §3: election.json; output: φ", definitions),
    "element": ("docs/protocol.md §2.3: decoding of elements", elements),
    "fingerprint": (
        "docs/protocol.md §3.3: φ, its display form, and what a person types",
        fingerprints,
    ),
    "hash": ("docs/protocol.md §2.4: the hash to a scalar", hashes),
    "key": ("docs/protocol.md §5.1: what derives from a trustee's seed", keys),
    "keyfile": ("docs/protocol.md §5.1: the key file; output: its contents", keyfiles),
    "opening": ("docs/protocol.md §5.4: the opening of a ballot (Benaloh)", openings),
    "promise": ("docs/protocol.md §6.3: the promise of the box", promises),
    "scalar": ("docs/protocol.md §2.3: decoding of scalars", scalars),
    "share": ("docs/protocol.md §7.2: a trustee's share file", shares),
    "token": ("docs/protocol.md §5.2: the token", tokens),
    "transport": ("docs/protocol.md §5.1: the sealed share of step 2", transport),
    "x25519": ("docs/protocol.md §5.1: X25519 private keys of exponents", x25519),
}


def build(name: str) -> str:
    """The text of one file."""
    comment, make = FILES[name]
    head: Json = {"comment": comment}
    vectors = list(make())
    if any(
        isinstance(v["input"], dict) and v["input"].get("election") in ELECTIONS for v in vectors
    ):
        head["elections"] = {key: election.raw.decode() for key, election in ELECTIONS.items()}
    return json.dumps({**head, "vectors": vectors}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (HERE / f"{name}.json").write_text(build(name), "utf-8")
