"""Vectors of encodings, definitions, signed notes and tokens."""

from collections.abc import Callable, Iterator
from crypto import blind, checkpoint, note, token
from crypto.encoding import b64_sha256, to_base64
from crypto.group import IDENTITY, G, Q
from tests.vectors.own.maker import (
    BALLOT,
    FIVE_KEYS,
    FIVE_SIGN,
    FIVE_STATES,
    ISSUER,
    Json,
    LINE,
    Maker,
    SIGNERS,
    TORSION,
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
    five = FIVE_SIGN.raw.decode()
    yield vector("accept_five", "five trustees, three of them open", five, output=FIVE_SIGN.phi)

    def unsafe(name: str, comment: str, change: Callable[[Json], None]) -> Vector:
        raw = changed(FIVE_SIGN.raw, change).decode()
        return vector(name, comment, raw, "malformed", "accept_five")

    ours = ("phieukin", "committee")

    def half(body: Json) -> None:
        body["phieukin"]["committee"]["members"].pop()
        body["phieukin"]["committee"]["threshold"] = 2

    def no_committee(body: Json) -> None:
        del body["phieukin"]["committee"]

    def salt(member: int, moment: int) -> str:
        return FIVE_STATES[member].salt_commitments[moment]

    box = to_base64(SIGNERS["box"].key.public)
    of_first = to_base64(FIVE_KEYS[0])
    yield unsafe("committee_missing", "a definition of version 1", no_committee)
    yield unsafe("version_1", "the version before", put(1, "phieukin", "version"))
    yield unsafe("threshold_low", "two groups of two share nobody", put(2, *ours, "threshold"))
    yield unsafe("threshold_half", "nor do two halves", half)
    yield unsafe("threshold_high", "more than there are", put(6, *ours, "threshold"))
    yield unsafe("no_member", "a committee of nobody", put([], *ours, "members"))
    yield unsafe("key_twice", "one trustee twice", put(of_first, *ours, "members", 4, "key"))
    yield unsafe("key_box", "the box for a trustee", put(box, *ours, "members", 4, "key"))
    yield unsafe(
        "key_order_8",
        "no key of the group",
        put(to_base64(TORSION), *ours, "members", 4, "key"),
    )
    yield unsafe(
        "salt_of_another",
        "a salt of another trustee",
        put(salt(0, 1), *ours, "members", 4, "salts", 1),
    )
    yield unsafe(
        "salt_twice", "one salt for two moments", put(salt(4, 0), *ours, "members", 4, "salts", 2)
    )
    yield unsafe(
        "salts_two",
        "no salt for the closing",
        put(["0" * 64, "1" * 64], *ours, "members", 4, "salts"),
    )
    yield unsafe("salt_upper", "upper-case digits", put("A" * 64, *ours, "members", 4, "salts", 1))
    yield no("check_seconds_long", "more than an hour", put(3601, *policy, "check_seconds"))

    def hurried(body: Json) -> None:
        body["phieukin"]["policy"] |= {"rehearsal": False, "check_seconds": 29}

    yield no("check_seconds_short", "less than half a minute, and no rehearsal", hurried)
    for place in (("description",), ("phieukin", "officials", 1, "position")):
        name = f"blank_{place[-1]}"
        yield no(name, "one blank is neither text nor empty", put(" ", *place))
    for field in ("administrator", "credential_authority"):
        yield no(field, "a field of stock elections beside ours", with_stock_field(field))
    channels = (*policy, "channels")
    yield no("channels_order", "in another order", put(["cli", "browser"], *channels))
    yield no("channels_twice", "one stands twice", put(["cli", "cli"], *channels))
    yield no("channels_none", "no way of voting", put([], *channels))
    yield no("level_blank", "a key of results.json", put("blank", *policy, "levels", 1, "key"))
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


def with_stock_field(name: str) -> Callable[[Json], None]:
    """The change that puts it before `phieukin`, where a stock election has it."""

    def change(body: Json) -> None:
        ours = body.pop("phieukin")
        body |= {name: "server", "phieukin": ours}

    return change


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
