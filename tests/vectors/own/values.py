"""Vectors of encodings, definitions, signed notes and tokens."""

import base64
from collections.abc import Callable, Iterator
from crypto import blind, checkpoint, note, tally, token
from crypto.encoding import b64_sha256, canonical, spoken, to_base64
from crypto.group import IDENTITY, G, Q
from crypto.lifecycle import State
from crypto.note import SeedSigner
from tests.vectors.own.maker import (
    BALLOT,
    ISSUER,
    Json,
    LINE,
    Maker,
    SIGNERS,
    TORSION,
    TRUSTEES,
    UUID,
    Vector,
    changed,
    h,
    number,
    octets,
    put,
    vector,
    with_torsion,
)


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
