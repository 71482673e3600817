"""Vectors of what the committee commits to and signs, and of the codes that people compare."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from crypto import checkpoint, committee, note, tally
from crypto.audit.evidence import Issuance, PaperBallots
from crypto.ceremony import agreement_code, committee_of
from crypto.ceremony_messages import SingleKey, Step1
from crypto.checkpoint import MOMENT_OF, SIGNERS, Checkpoint
from crypto.committee import Moment, salt_commitment
from crypto.encoding import b64_sha256, canonical, sha256, to_base64
from crypto.group import G, Q
from crypto.keyfile import TrusteeState, signing_scalar
from crypto.lifecycle import State
from crypto.note import SALTED, NoteKey, SeedSigner, Signer
from crypto.session import Election
from crypto.trustees import Pedersen, Single, Trustees
from tests.vectors.own.maker import (
    ELECTIONS,
    FIVE,
    FIVE_KEYS,
    FIVE_SIGN,
    FIVE_STATES,
    Json,
    LINE,
    SIGNERS as PARTIES,
    STEP1S,
    TRUSTEES,
    TRUSTEE_SEED,
    Vector,
    Y,
    changed,
    number,
    octets,
    put,
    signed_step1,
    vector,
)


def salts() -> Iterator[Vector]:
    key, salt = FIVE_KEYS[0].hex(), octets("salt of a trustee", 32).hex()
    for moment in Moment:
        commitment = salt_commitment(moment, bytes.fromhex(key), bytes.fromhex(salt))
        inputs = {"moment": moment, "key": key, "salt": salt}
        yield vector(moment, "bound to moment and key", inputs, output=commitment)


def codes() -> Iterator[Vector]:
    digest, revealed = octets("digest", 32), [octets(f"salt{i}", 32) for i in range(4)]
    inputs: Json = {"digest": digest.hex(), "salts": [salt.hex() for salt in revealed]}
    for moment in Moment:
        code = committee.code(moment, digest, revealed)
        yield vector(
            moment,
            "100 bits of what was signed and of the salts",
            {"moment": moment, **inputs, "typed": code},
            output=code,
        )
    code = committee.code(Moment.DEFINITION, digest, revealed)
    ours = {"moment": Moment.DEFINITION, **inputs}
    for name, comment, typed in (
        ("lower", "lower case", code.lower()),
        ("bare", "without hyphens", code.replace("-", "")),
        ("spaced", "spaces for hyphens, and a newline", code.replace("-", " ") + "\n"),
        ("letters", "O, I and L for 0, 1 and 1", code.replace("0", "O").replace("1", "I")),
    ):
        yield vector(name, comment, {**ours, "typed": typed}, base="definition", output=code)
    for name, comment, typed in (
        ("another", "the code of another moment", committee.code(Moment.OPENING, digest, revealed)),
        ("cut", "four groups of five", code[:-5]),
        ("longer", "six groups", code + "-0000"),
        ("empty", "nothing", ""),
    ):
        yield vector(name, comment, {**ours, "typed": typed}, "bad_definition", "definition")
    swapped = {**ours, "salts": [*inputs["salts"][1::-1], *inputs["salts"][2:]], "typed": code}
    yield vector("order", "the salts in another order", swapped, "bad_definition", "definition")


# --- Checkpoints --------------------------------------------------------------------------


@dataclass(frozen=True)
class TrusteeLine:
    """A trustee's line with a nonce that is the same in every run; `crypto.note` draws one."""

    owner: int
    secret: int
    salt: bytes

    @property
    def key(self) -> NoteKey:
        return NoteKey(f"phieukin/{LINE.uuid}/trustee-{self.owner}", (G**self.secret).raw, SALTED)

    def sign(self, message: bytes) -> bytes:
        k = number(f"note|{self.owner}|{message.hex()}")
        R = (G**k).raw
        challenge = hashlib.sha512(R + self.key.public + message).digest()
        S = (k + int.from_bytes(challenge, "little") * self.secret) % Q
        return self.salt + R + S.to_bytes(32, "little")


def lines(state: State, *owners: int) -> list[TrusteeLine]:
    """What some of the five add to a checkpoint."""
    return [
        TrusteeLine(
            owner,
            FIVE_STATES[owner - 1].signing_secret,
            FIVE_STATES[owner - 1].salt(MOMENT_OF[state]),
        )
        for owner in owners
    ]


CREDENTIALS = canonical(sorted((G**n).hex for n in range(2, 7)))
TRACKERS = canonical(sorted(b64_sha256(bytes([n])) for n in range(5)))
ISSUANCE = Issuance(6, {"cli": 2, "browser": 3}, PaperBallots(1, 1, 1)).at_opening
RESULT = tally.encode_result([[3, 2], [1, 1]])
COUNTS = {
    State.SEALED: (7,),
    State.OPEN: (7, 6, 5, 5, 1),
    State.CLOSED: (5, 5, 1, 1),
    State.TALLIED: (5, 5),
}


def fixed(election: Election, trustees: Trustees) -> dict[State, tuple[Checkpoint, bytes]]:
    """The four checkpoints of a session, and the list that each makes final."""
    listed = {
        State.SEALED: trustees.encode(),
        State.OPEN: CREDENTIALS,
        State.CLOSED: TRACKERS,
        State.TALLIED: RESULT,
    }
    opening = checkpoint.make(
        election, State.OPEN, COUNTS[State.OPEN], CREDENTIALS, issuance=ISSUANCE
    ).body
    return {
        state: (
            checkpoint.make(
                election, state, counts, listed[state], opening=opening, issuance=ISSUANCE
            ),
            listed[state],
        )
        for state, counts in COUNTS.items()
    }


OF_FIVE = fixed(FIVE_SIGN, FIVE)
ALONE = TrusteeState(TRUSTEE_SEED, 1, 1, 1)


def given(election: str, state: State, signers: Sequence[Signer], text: str | None = None) -> Json:
    """The input for a checkpoint that the parties and these have signed."""
    made = OF_FIVE if election == "five" else fixed(ELECTIONS[election], TRUSTEES)
    expected, listed = made[state]
    parties: list[Signer] = [PARTIES[party] for party in SIGNERS[state]]
    signed = note.sign(expected.body if text is None else text, [*parties, *signers])
    return {
        "election": election,
        "state": state,
        "counts": list(expected.counts),
        "listed": listed.decode(),
        "opening": made[State.OPEN][0].body if state == State.CLOSED else "",
        "issuance": ISSUANCE.decode() if state == State.OPEN else "",
        "note": signed.encode().decode(),
    }


def accepted(election: str, state: State, signers: Sequence[TrusteeLine]) -> Json:
    """What a good note gives: its text, the keys, the code and its signers."""
    made = OF_FIVE if election == "five" else fixed(ELECTIONS[election], TRUSTEES)
    text = made[state][0].body
    digest = hashlib.sha256(text.encode()).digest()
    definition = ELECTIONS[election]
    if state == State.SEALED:
        digest = hashlib.sha256(definition.raw).digest()
    code = None
    if state in MOMENT_OF:
        code = committee.code(MOMENT_OF[state], digest, [line.salt for line in signers])
    return {
        "body": text,
        "keys": [PARTIES[p].key.vkey for p in SIGNERS[state]] + [s.key.vkey for s in signers],
        "signers": [line.owner for line in signers],
        "code": code,
    }


FIRST_SIGNERS = {
    State.SEALED: (1, 2, 3, 4, 5),
    State.OPEN: (1, 2, 4, 5),
    State.CLOSED: (2, 3, 4, 5),
}


def checkpoints() -> Iterator[Vector]:
    for state in COUNTS:
        signers = lines(state, *FIRST_SIGNERS.get(state, ()))
        yield vector(
            state,
            f"the checkpoint of {state}, with its parties' signatures and the committee's",
            given("five", state, signers),
            output=accepted("five", state, signers),
        )
    for state in MOMENT_OF:
        signers = [TrusteeLine(1, ALONE.signing_secret, ALONE.salt(MOMENT_OF[state]))]
        yield vector(
            f"{state}_alone",
            "a committee of one",
            given("line", state, signers),
            output=accepted("line", state, signers),
        )
    reversed_lines = lines(State.OPEN, 5, 4, 2, 1)
    yield vector(
        "open_reversed",
        "the lines in another order; the code is of the salts in the order of trustees",
        given("five", State.OPEN, reversed_lines),
        output=accepted("five", State.OPEN, reversed_lines[::-1]),
    )
    observer = SeedSigner("observer.example", octets("observer", 32))
    good = lines(State.CLOSED, 2, 3, 4, 5)
    yield vector(
        "closed_observed",
        "who signs beside them is left alone",
        given("five", State.CLOSED, [*good, observer]),
        output=accepted("five", State.CLOSED, good),
    )
    namesake = SeedSigner(PARTIES["chair"].name, octets("stranger", 32))
    yield vector(
        "closed_namesake",
        "another key under the chair's name, beside the chair's own",
        given("five", State.CLOSED, [namesake, *good]),
        output=accepted("five", State.CLOSED, good),
    )
    yield from _bad_texts()
    yield from _bad_committees()


def _bad_texts() -> Iterator[Vector]:
    base = given("five", State.CLOSED, lines(State.CLOSED, 2, 3, 4, 5))
    text: str = base["note"]
    chair = next(line for line in text.splitlines(keepends=True) if "/chair " in line)
    for name, comment, altered, expect in (
        ("count", "another number of ballots", text.replace("cast 5", "cast 4"), "bad_checkpoint"),
        ("unsigned", "the chair's line is missing", text.replace(chair, ""), "bad_checkpoint"),
        (
            "body_signed_apart",
            "signatures of another text",
            text.replace("registered 5", "registered 6"),
            "bad_checkpoint",
        ),
        ("hyphen", "a hyphen for the dash before a signature", text.replace("—", "-"), "malformed"),
        ("no_newline", "the last newline is missing", text[:-1], "malformed"),
        ("signed_twice", "two signatures by one key", text + chair, "malformed"),
    ):
        yield vector(name, comment, {**base, "note": altered}, expect, "closed")
    closing = OF_FIVE[State.CLOSED][0]
    stranger = SeedSigner(PARTIES["chair"].name, octets("stranger", 32))
    signers: list[Signer] = [
        PARTIES["registrar"],
        PARTIES["box"],
        stranger,
        *lines(State.CLOSED, 2, 3, 4, 5),
    ]
    wrong = note.sign(closing.body, signers).encode().decode()
    yield vector(
        "stranger",
        "another key under the chair's name",
        {**base, "note": wrong},
        "bad_checkpoint",
        "closed",
    )
    other = replace(OF_FIVE[State.OPEN][0], counts=(7, 6, 5, 5, 0)).body
    for name, comment, text in (
        (
            "opening_other",
            "a closing that follows another opening, signed by all",
            replace(closing, opening=checkpoint.digest_of(other)).body,
        ),
        (
            "opening_missing",
            "a closing that names no opening, signed by all",
            closing.body.replace(f"opening {closing.opening}\n", ""),
        ),
        (
            "definition_other",
            "the same committee signed it for another definition",
            replace(closing, phi=LINE.phi).body,
        ),
    ):
        signed = given("five", State.CLOSED, lines(State.CLOSED, 2, 3, 4, 5), text)
        yield vector(name, comment, signed, "bad_checkpoint", "closed")
    opening = OF_FIVE[State.OPEN][0]
    tokens = Issuance(6, {"cli": 3, "browser": 2}, PaperBallots(1, 1, 1)).at_opening
    for name, comment, text in (
        (
            "issuance_other",
            "an opening with a token moved from one channel to another, signed by all",
            replace(opening, issuance=sha256(tokens)).body,
        ),
        (
            "issuance_missing",
            "an opening that fixes no issuance, signed by all",
            opening.body.replace(f"issuance {opening.issuance}\n", ""),
        ),
    ):
        signed = given("five", State.OPEN, lines(State.OPEN, 1, 2, 4, 5), text)
        yield vector(name, comment, signed, "bad_checkpoint", "open")


def _bad_committees() -> Iterator[Vector]:
    for state, few in (
        (State.SEALED, (1, 2, 3, 4)),
        (State.OPEN, (1, 4, 5)),
        (State.CLOSED, (2, 3, 4)),
    ):
        yield vector(
            f"{state}_too_few",
            "fewer of the committee than needed",
            given("five", state, lines(state, *few)),
            "bad_checkpoint",
            state,
        )
    for state in (State.OPEN, State.CLOSED):
        yield vector(
            f"{state}_one_too_many",
            "more than a quorum: which of them make the code?",
            given("five", state, lines(state, 1, 2, 3, 4, 5)),
            "bad_checkpoint",
            state,
        )
    for state in MOMENT_OF:
        moment = MOMENT_OF[state]
        later = Moment.CLOSING if moment is Moment.OPENING else Moment.OPENING
        good = lines(state, *FIRST_SIGNERS[state])
        first = good[0]
        for name, comment, forged in (
            ("salt", "a salt that was not committed to", replace(first, salt=octets("free", 32))),
            (
                "salt_moment",
                "the salt of another moment",
                replace(first, salt=FIVE_STATES[first.owner - 1].salt(later)),
            ),
            ("salt_trustee", "the salt of another trustee", replace(first, salt=good[1].salt)),
            ("trustee", "another key in a trustee's name", replace(first, secret=number("free"))),
        ):
            yield vector(
                f"{state}_{name}",
                f"{comment}, on the line of a trustee",
                given("five", state, [forged, *good[1:]]),
                "bad_checkpoint",
                state,
            )
    state = State.OPEN
    good = lines(state, *FIRST_SIGNERS[state])
    whole = note.parse(given("five", state, good)["note"].encode())
    elsewhere = note.sign("another text\n", good[:1]).signatures
    kept = [s for s in whole.signatures if not s.name.endswith("/trustee-1")]
    moved = note.Note(whole.text, (*kept, *elsewhere)).encode().decode()
    bare = SeedSigner(good[0].key.name, octets("bare", 32))
    for name, comment, signed in (
        ("open_moved", "a trustee's signature of another text", moved),
        (
            "open_unsalted",
            "a signature of the parties' type in a trustee's name",
            given("five", state, [bare, *good[1:]])["note"],
        ),
    ):
        inputs = {**given("five", state, good), "note": signed}
        yield vector(name, comment, inputs, "bad_checkpoint", "open")


# --- The committee in the definition, and step 1 ------------------------------------------


def committees() -> Iterator[Vector]:
    def inputs(election: Election, trustees: Trustees) -> Json:
        return {"election": election.raw.decode(), "trustees": trustees.encode().decode()}

    def no(name: str, comment: str, change: Json, *path: Json) -> Vector:
        raw = changed(FIVE_SIGN.raw, put(change, "phieukin", "committee", *path)).decode()
        altered = {**inputs(FIVE_SIGN, FIVE), "election": raw}
        return vector(name, comment, altered, "bad_definition", "accept_five")

    yield vector("accept", "a single trustee", inputs(LINE, TRUSTEES), output=[1, 1, 1])
    yield vector("accept_five", "n, t and quorum", inputs(FIVE_SIGN, FIVE), output=[5, 3, 4])
    members = [member.to_json() for member in committee_of(3, STEP1S).members]
    yield no("threshold", "another threshold than in trustees.json", 4, "threshold")
    yield no("order", "the members in another order", members[::-1], "members")
    yield no("fewer", "a trustee is left out", members[:-1], "members")
    yield no("key", "another key for a trustee", to_base64(G.raw), "members", 2, "key")
    (item,) = FIVE.items
    assert isinstance(item, Pedersen)
    keys = (replace(item.keys[0], name="Bà Bích"), *item.keys[1:])
    named = Trustees((replace(item, keys=keys),))
    raw = changed(FIVE_SIGN.raw, put(named.digest, "phieukin", "trustees")).decode()
    yield vector(
        "name",
        "a key with a name, as in stock elections",
        {"election": raw, "trustees": named.encode().decode()},
        "bad_definition",
        "accept_five",
    )
    yield vector(
        "another",
        "another trustees.json",
        inputs(FIVE_SIGN, TRUSTEES),
        "bad_definition",
        "accept_five",
    )


def step1s() -> Iterator[Vector]:
    own = FIVE_STATES[0]
    place: Json = {"seed": own.seed, "index": 1, "size": 5, "threshold": 3}

    def inputs(*messages: Step1) -> Json:
        instead = {message.index: message for message in messages}
        texts = [instead.get(m.index, m).encode().decode() for m in STEP1S]
        return {**place, "step1s": texts}

    def no(name: str, comment: str, message: Step1) -> Vector:
        return vector(name, comment, inputs(message), "faulty_trustee", "accept")

    def by_second(change: Step1) -> Step1:
        return signed_step1(change, signing_scalar(FIVE_STATES[1].seed))

    second, third = STEP1S[1], STEP1S[2]
    output = {
        "agreement": agreement_code(STEP1S),
        "committee": committee_of(3, STEP1S).to_json(),
        "statement": second.statement,
    }
    yield vector("accept", "what trustee 1 reads before step 2", inputs(), output=output)
    yield no("salts", "salts that nobody signed", replace(second, salts=third.salts))
    yield no("commitment", "nor this commitment", replace(second, commitment="0" * 64))
    doubled = by_second(replace(second, salts=third.salts))
    yield no("salts_copied", "salts copied from another, and signed", doubled)
    one = by_second(replace(second, salts=(*second.salts[:2], second.salts[0])))
    yield no("salt_twice", "one salt for two moments, signed", one)
    raw = inputs()
    for name, comment, text in (
        ("two_salts", "no salt for the closing", changed(second.encode(), _two_salts).decode()),
        (
            "version_1",
            "a message of version 1",
            second.encode().decode().replace("step1/2", "step1/1"),
        ),
    ):
        texts = [raw["step1s"][0], text, *raw["step1s"][2:]]
        yield vector(name, comment, {**raw, "step1s": texts}, "malformed", "accept")


def _two_salts(body: Json) -> None:
    body["salts"].pop()


def singles() -> Iterator[Vector]:
    item = TRUSTEES.items[0]
    assert isinstance(item, Single)
    raw = SingleKey(item, ALONE.salt_commitments).encode()
    output = {"key": to_base64(Y.raw), "salts": list(ALONE.salt_commitments)}

    def no(name: str, comment: str, text: bytes, expect: str = "malformed") -> Vector:
        return vector(name, comment, text.decode(), expect, "accept")

    yield vector("accept", "the one message of a single trustee", raw.decode(), output=output)
    yield no("two_salts", "no salt for the closing", changed(raw, _two_salts))
    yield no("version_1", "a message of version 1", raw.replace(b"single/2", b"single/1"))
    proof = changed(raw, put("0", "key", "pok", "response"))
    signed = changed(raw, lambda body: body["key"].update(signature=body["key"]["pok"]))
    yield no("signature", "a signature that nothing checks", signed)
    yield no("proof", "no proof of the key", proof, "bad_trustees")
