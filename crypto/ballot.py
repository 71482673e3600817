"""The ballot: encrypt it on the voter's side, decide about it on everyone else's.

Belenios v1 (docs/protocol.md §5.3). One ciphertext for each level of each official, a proof
that each holds 0 or 1, a proof that each line holds at most one mark, and the credential's
signature over all of it. `decode` and `check` are the one decision about a ballot: the box
runs them before it stores it, the auditor and the trustees run them again. `decode` begins with
`read_frame` and `check_signature`, which cost next to nothing: the box runs these first, so that
nobody but the holder of a credential makes it work, or learns anything (§5.3).
"""

import re
from binascii import unhexlify
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from crypto.elgamal import Ciphertext, encrypt, multiply
from crypto.encoding import (
    Fields,
    Json,
    array,
    b64_sha256,
    canonical,
    fingerprint,
    members,
    parse,
    string,
)
from crypto.errors import BadBallot, BadProof, BadSignature, Malformed, RepeatedCiphertext
from crypto.group import (
    BallotKernel,
    Element,
    G,
    Q,
    ballot_kernel,
    element,
    random_scalar,
    scalar,
)
from crypto.session import Election, Question
from crypto.sigma import (
    Interval,
    Proof,
    check_intervals,
    check_log,
    proofs_from_json,
    prove_interval,
    prove_log,
)

# Bytes, generously: a choice is 2·64 hex digits, a proof two numbers of 76 digits.
_CHOICE, _PROOF, _FRAME = 170, 200, 1000
_ANSWERS, _SIGNATURE = b',"answers":', b',"signature":'  # where the frame is cut from the answers
_CREDENTIAL = re.compile(rb'"credential":"([0-9a-f]{64})"')
_CIPHERTEXT = re.compile(rb'"alpha":"([0-9a-f]{64})","beta":"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: a ciphertext and a 0-or-1 proof for each level, and a proof of their sum."""

    choices: tuple[Ciphertext, ...]
    individual_proofs: tuple[tuple[Proof, ...], ...]
    overall_proof: tuple[Proof, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "choices": [choice.to_json() for choice in self.choices],
            "individual_proofs": [[p.to_json() for p in pair] for pair in self.individual_proofs],
            "overall_proof": [p.to_json() for p in self.overall_proof],
        }

    @classmethod
    def from_json(cls, value: Json, path: str, question: Question) -> "Answer":
        fields = Fields(value, path, "choices", "individual_proofs", "overall_proof")
        n, values = len(question.answers), question.high - question.low + 1
        return cls(
            choices=fields.each("choices", Ciphertext.from_json, low=n, high=n),
            individual_proofs=fields.each("individual_proofs", _pair, low=n, high=n),
            overall_proof=fields.read("overall_proof", proofs_from_json, values),
        )


def _pair(value: Json, path: str) -> tuple[Proof, ...]:
    return proofs_from_json(value, path, 2)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the answers: whose ballot it is, and the signature, not checked yet.

    Attributes:
        credential: C.
        signed: how many bytes of the ballot, from its start, `signed_hash` covers, without the
            closing brace.
    """

    credential: Element
    signed: int
    signed_hash: str
    signature: Proof


@dataclass(frozen=True, slots=True)
class Ballot:
    """A decoded ballot, signed by its credential. Its proofs hold only after `check`.

    Attributes:
        raw: the exact bytes.
        tracker: their hash, by which the voter finds the ballot again.
    """

    raw: bytes
    uuid: str
    phi: str
    credential: Element
    answers: tuple[Answer, ...]
    signed_hash: str
    signature: Proof

    @property
    def tracker(self) -> str:
        return b64_sha256(self.raw)

    @property
    def ciphertexts(self) -> list[Ciphertext]:
        """All of them, line by line."""
        return list(chain.from_iterable(answer.choices for answer in self.answers))


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """The randomness of a ballot, revealed to check the device that made it (Benaloh).

    Once revealed, the ballot proves how it was filled in: it must not be cast.
    """

    tracker: str
    choices: tuple[int | None, ...]
    randomness: tuple[tuple[int, ...], ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "phieukin.opening/1",
            "tracker": self.tracker,
            "choices": list(self.choices),
            "randomness": [[str(r) for r in line] for line in self.randomness],
        }

    @classmethod
    def decode(cls, raw: bytes) -> "Opening":
        value = parse(raw, "opening", limit=1 << 20)
        fields = Fields(value, "opening", "schema", "tracker", "choices", "randomness")
        fields.read("schema", string, "phieukin[.]opening/1")
        choices = fields.each("choices", _choice)
        n = len(choices)
        return cls(
            tracker=fields.read("tracker", fingerprint),
            choices=choices,
            randomness=fields.each("randomness", _scalars, low=n, high=n),
        )


def _choice(value: Json, path: str) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise Malformed(f"{path}: a level's number or null is expected")
    return value


def _scalars(value: Json, path: str) -> tuple[int, ...]:
    return members(value, path, scalar)


def make(election: Election, secret: int, choices: Sequence[int | None]) -> tuple[Ballot, Opening]:
    """Encrypts and signs a ballot.

    Args:
        election: the session.
        secret: s of the credential C = g^s.
        choices: for each official the number of the level, from 0, or None for a blank line.

    Returns:
        The ballot and its opening. Cast the one or reveal the other, not both.

    Raises:
        BadBallot: a choice that does not exist, or a blank where none is allowed.
    """
    _check_choices(election, choices)
    credential = G**secret
    # φ and C in every proof: none can be used in another session or by another voter.
    context = f"{election.phi}|{credential.hex}"
    lines = [
        _answer(election.public_key, context, question, choice)
        for question, choice in zip(election.questions, choices, strict=True)
    ]
    unsigned = Ballot(
        b"", election.uuid, election.phi, credential, tuple(a for a, _ in lines), "", Proof(0, 0)
    )
    # §5.3, item 4: signed under C, so that the box cannot alter a ballot or make one.
    signed_hash = b64_sha256(canonical(_unsigned_json(unsigned)))
    signature = prove_log(_signature_prefix(signed_hash), secret)
    signed = replace(unsigned, signed_hash=signed_hash, signature=signature)
    finished = replace(signed, raw=encode(signed))
    return finished, Opening(finished.tracker, tuple(choices), tuple(r for _, r in lines))


def prepare(
    election: Election, secret: int, choices: Sequence[int | None]
) -> tuple[bytes, Opening]:
    """The same with the bytes of the ballot alone."""
    finished, opening = make(election, secret, choices)
    return finished.raw, opening


def encode(ballot: Ballot) -> bytes:
    """The only spelling of a ballot."""
    signature = {"hash": ballot.signed_hash, "proof": ballot.signature.to_json()}
    return canonical({**_unsigned_json(ballot), "signature": signature})


def size_limit(election: Election) -> int:
    """No ballot of the session is larger, in bytes."""
    return _FRAME + sum(
        _FRAME // 4 + len(q.answers) * (_CHOICE + 2 * _PROOF) + (q.high - q.low + 1) * _PROOF
        for q in election.questions
    )


def read_frame(raw: bytes, election: Election) -> Frame:
    """Whose ballot this is, if it is for this session; decodes none of the answers.

    Raises:
        Malformed: too large, or no ballot.
        BadBallot: another session's.
    """
    if len(raw) > size_limit(election):
        raise Malformed(f"ballot: {len(raw)} bytes, at most {size_limit(election)} are allowed")
    head, tail = raw[:_FRAME].find(_ANSWERS), raw.rfind(_SIGNATURE)
    if not 0 < head < tail:
        raise Malformed("ballot: no answers, or no signature after them")
    value = parse(raw[:head] + b"}", "ballot", limit=_FRAME)
    fields = Fields(value, "ballot", "election_uuid", "election_hash", "credential")
    if fields["election_uuid"] != election.uuid:
        raise BadBallot("ballot.election_uuid: the ballot is for another session")
    if fields["election_hash"] != election.phi:
        raise BadBallot("ballot.election_hash: the ballot is for another definition (φ differs)")
    value = parse(b"{" + raw[tail + 1 :], "ballot", limit=_FRAME)
    signature = Fields(value, "ballot", "signature").inside("signature", "hash", "proof")
    return Frame(
        credential=fields.read("credential", element),
        signed=tail,
        signed_hash=signature.read("hash", fingerprint),
        signature=signature.read("proof", Proof.from_json),
    )


def check_signature(raw: bytes, frame: Frame) -> None:
    """The credential signed these very bytes: the ballot is its own and nobody else's.

    Raises:
        BadSignature: it did not.
    """
    # §5.3, item 4. Bytes have one spelling (`parse` in `decode`): hashing them as they came is
    # hashing the object without its signature.
    if b64_sha256(raw[: frame.signed] + b"}") != frame.signed_hash:
        raise BadSignature("ballot.signature.hash: not the hash of the ballot")
    failure = BadSignature("ballot.signature.proof: not made by the credential")
    check_log(_signature_prefix(frame.signed_hash), frame.credential, frame.signature, failure)


def decode(raw: bytes, election: Election) -> Ballot:
    """Decodes a ballot of this session that its credential signed. Checks no other proof.

    Raises:
        Malformed: not the canonical bytes of a ballot of this shape.
        BadBallot: another session's.
        BadSignature: the credential did not sign these bytes.
    """
    frame, questions = read_frame(raw, election), election.questions
    check_signature(raw, frame)
    value = parse(raw, "ballot", limit=len(raw))
    names = ("election_uuid", "election_hash", "credential", "answers", "signature")
    fields = Fields(value, "ballot", *names)
    answers = fields.read("answers", array, low=len(questions), high=len(questions))
    return Ballot(
        raw=raw,
        uuid=election.uuid,
        phi=election.phi,
        credential=frame.credential,
        answers=tuple(
            Answer.from_json(answer, f"ballot.answers[{i}]", question)
            for i, (answer, question) in enumerate(zip(answers, questions, strict=True))
        ),
        signed_hash=frame.signed_hash,
        signature=frame.signature,
    )


def check(ballot: Ballot, election: Election) -> None:
    """Everything else about a ballot that depends on no other ballot.

    Raises:
        RepeatedCiphertext: the same pair stands twice in the ballot itself.
        BadProof: a ciphertext may hide something other than 0 or 1, or a line too many.
    """
    # Honest ciphertexts never repeat; two equal ones would tell that two choices are alike.
    if len(set(ballot.ciphertexts)) != len(ballot.ciphertexts):
        raise RepeatedCiphertext("ballot: the same ciphertext stands twice")
    # §5.3, items 2 and 3: each choice holds 0 or 1, and each line as many marks as it may. Without
    # them one ballot could add 1000 to a total, or subtract. All are checked in one batch.
    context = f"{ballot.phi}|{ballot.credential.hex}"
    claims: list[tuple[Interval, Sequence[Proof], BadProof]] = []
    for i, (answer, question) in enumerate(zip(ballot.answers, election.questions, strict=True)):
        for j, (claim, proofs) in enumerate(
            zip(_individual(context, answer.choices), answer.individual_proofs, strict=True)
        ):
            path = f"ballot.answers[{i}].individual_proofs[{j}]"
            claims.append((claim, proofs, BadProof(f"{path}: the choice is not 0 or 1")))
        path = f"ballot.answers[{i}].overall_proof"
        limits = f"{question.low} to {question.high}"
        overall = _overall(context, answer.choices, question)
        failure_of_line = BadProof(f"{path}: the line does not have {limits} marks")
        claims.append((overall, answer.overall_proof, failure_of_line))
    check_intervals(election.public_key, claims)


def kernel(election: Election) -> BallotKernel | None:
    """What makes the same decision about many ballots at once; None where only this file does.

    It gives no reasons: whoever it refuses is judged here, and that error is the one that counts.
    """
    questions = tuple((len(q.answers), q.low, q.high) for q in election.questions)
    key, limit = election.public_key, size_limit(election)
    return ballot_kernel(election.uuid, election.phi, key, questions, limit)


def reread(raw: bytes, election: Election) -> tuple[Element, list[Element]]:
    """What is in a ballot whose very bytes `decode` and `check` have accepted.

    Checks nothing again: the caller knows these bytes by their tracker.

    Returns:
        The credential, and alpha and beta of each choice, line by line.

    Raises:
        Malformed: they cannot have been accepted for this session.
    """
    head, pairs = _CREDENTIAL.search(raw, 0, _FRAME), _CIPHERTEXT.findall(raw)
    if head is None or len(pairs) != sum(len(q.answers) for q in election.questions):
        raise Malformed("ballot: not of this session, and yet it was accepted before")
    return _point(head[1]), [_point(digits) for pair in pairs for digits in pair]


def _point(digits: bytes) -> Element:
    return Element(unhexlify(digits)[::-1])


def check_opening(raw: bytes, election: Election, opening: Opening) -> None:
    """Raises BadBallot unless the ballot encrypts exactly what the opening says.

    Run it on a device other than the one that made the ballot (docs/protocol.md §5.4).
    """
    ballot = decode(raw, election)
    check(ballot, election)
    if opening.tracker != ballot.tracker:
        raise BadBallot("opening.tracker: the opening is for another ballot")
    _check_choices(election, opening.choices)
    lines = zip(
        election.questions, ballot.answers, opening.choices, opening.randomness, strict=True
    )
    for i, (question, answer, choice, randomness) in enumerate(lines):
        if len(randomness) != len(answer.choices):
            raise BadBallot(f"opening.randomness[{i}]: not one number for each level")
        for j, (ciphertext, r) in enumerate(zip(answer.choices, randomness, strict=True)):
            if encrypt(election.public_key, int(choice == j), r) != ciphertext:
                raise BadBallot(
                    f"the device encrypted something else for “{question.question}”, level {j + 1}"
                )


def _check_choices(election: Election, choices: Sequence[int | None]) -> None:
    if len(choices) != len(election.questions):
        raise BadBallot(f"{len(choices)} choices for {len(election.questions)} officials")
    for i, (question, choice) in enumerate(zip(election.questions, choices, strict=True)):
        if choice is None and question.low > 0:
            raise BadBallot(f"choice {i + 1}: a blank line is not allowed in this session")
        if choice is not None and not 0 <= choice < len(question.answers):
            raise BadBallot(f"choice {i + 1}: there is no level {choice}")


def _answer(
    key: Element, context: str, question: Question, choice: int | None
) -> tuple[Answer, tuple[int, ...]]:
    # §5.3, item 1: 1 at the level that is marked, else 0, each with randomness of its own.
    values = [int(choice == j) for j in range(len(question.answers))]
    randomness = tuple(random_scalar() for _ in values)
    pairs = zip(values, randomness, strict=True)
    choices = tuple(encrypt(key, value, r) for value, r in pairs)
    individual = tuple(
        prove_interval(key, claim, r, value)
        for claim, r, value in zip(_individual(context, choices), randomness, values, strict=True)
    )
    overall = prove_interval(
        key, _overall(context, choices, question), sum(randomness) % Q, sum(values)
    )
    return Answer(choices, individual, overall), randomness


def _individual(context: str, choices: Sequence[Ciphertext]) -> list[Interval]:
    return [Interval(context, choice.alpha, choice.beta, 0, 1) for choice in choices]


def _overall(context: str, choices: Sequence[Ciphertext], question: Question) -> Interval:
    pairs = ",".join(f"{choice.alpha.hex},{choice.beta.hex}" for choice in choices)
    line = multiply(choices)
    return Interval(f"{context}|{pairs}", line.alpha, line.beta, question.low, question.high)


def _signature_prefix(signed_hash: str) -> str:
    return f"sig|{signed_hash}|"


def _unsigned_json(ballot: Ballot) -> dict[str, Json]:
    return {
        "election_uuid": ballot.uuid,
        "election_hash": ballot.phi,
        "credential": ballot.credential.hex,
        "answers": [answer.to_json() for answer in ballot.answers],
    }
