"""What dishonest people make, honest but for one thing: voters' ballots, trustees' shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto import ballot, tally
from crypto.ballot import Answer
from crypto.elgamal import encrypt
from crypto.encoding import Json, b64_sha256, canonical, parse
from crypto.group import Element, G, Q, random_scalar
from crypto.session import Election
from crypto.sigma import Proof, hash_to_scalar, prove_interval, prove_log, prove_powers
from crypto.tally import PartialDecryption, Share, Tally


@dataclass(frozen=True)
class Filled:
    """A ballot before it is encrypted: the number in each ciphertext, and its randomness."""

    values: list[list[int]]
    randomness: list[list[int]]

    @classmethod
    def of(cls, values: Sequence[Sequence[int]]) -> "Filled":
        return cls([list(v) for v in values], [[random_scalar() for _ in line] for line in values])


def marks(election: Election, choices: Sequence[int | None]) -> list[list[int]]:
    """One 1 for each choice."""
    return [
        [int(choice == j) for j in range(len(question.answers))]
        for question, choice in zip(election.questions, choices, strict=True)
    ]


def forge(election: Election, secret: int, filled: Filled, **bound: str) -> bytes:
    """Encrypts, proves as well as can be, and signs.

    `bound` replaces what the proofs are bound to: `phi`, `credential`.
    """
    credential = bound.get("credential", (G**secret).hex)
    context = f"{bound.get('phi', election.phi)}|{credential}"
    answers = [
        _answer(election, i, context, values, randomness)
        for i, (values, randomness) in enumerate(zip(filled.values, filled.randomness, strict=True))
    ]
    head = {"election_uuid": election.uuid, "election_hash": election.phi}
    head["credential"] = (G**secret).hex
    return signed({**head, "answers": [answer.to_json() for answer in answers]}, secret)


def _answer(
    election: Election, i: int, context: str, values: Sequence[int], randomness: Sequence[int]
) -> Answer:
    key, question = election.public_key, election.questions[i]
    pairs = list(zip(values, randomness, strict=True))
    choices = tuple(encrypt(key, value, r) for value, r in pairs)
    claims = ballot._individual(context, choices)
    return Answer(
        choices,
        tuple(
            prove_interval(key, claim, r, value)
            for claim, (value, r) in zip(claims, pairs, strict=True)
        ),
        prove_interval(
            key, ballot._overall(context, choices, question), sum(randomness) % Q, sum(values)
        ),
    )


def signed(value: dict[str, Json], secret: int) -> bytes:
    """The ballot with the credential's own signature, whatever it says."""
    unsigned = {name: member for name, member in value.items() if name != "signature"}
    digest = b64_sha256(canonical(unsigned))
    proof = prove_log(f"sig|{digest}|", secret)
    return canonical({**unsigned, "signature": {"hash": digest, "proof": proof.to_json()}})


def signed_as_is(raw: bytes, secret: int) -> bytes:
    """A ballot whose bytes before the signature are signed as they stand there."""
    unsigned = raw[: raw.rindex(b',"signature":')]
    digest = b64_sha256(unsigned + b"}")
    signature = {"hash": digest, "proof": prove_log(f"sig|{digest}|", secret).to_json()}
    return unsigned + b"," + canonical({"signature": signature})[1:]


def opened(raw: bytes) -> dict[str, Json]:
    """The JSON of a ballot."""
    value = parse(raw, "ballot", limit=1 << 20)
    assert isinstance(value, dict)
    return value


def forge_share(election: Election, encrypted: Tally, owner: int, secret: int) -> Share:
    """A share of wrong factors whose every Belenios proof holds (weak Fiat–Shamir).

    The challenge is the hash of the commitments alone: the second is chosen off by g^u, and then
    the factor so that it fits, α^x · g^(u/challenge). The proof of the statement is an honest try.
    """
    prefix = tally._prefix(election, G**secret)
    factors, proofs = [], []
    for line in encrypted.lines:
        bent = [_bend(prefix, ciphertext.alpha, secret) for ciphertext in line]
        factors.append(tuple(factor for factor, _ in bent))
        proofs.append(tuple(proof for _, proof in bent))
    partial = PartialDecryption(owner, tuple(factors), tuple(proofs))
    statement = tally._statement_prefix(election, encrypted, owner)
    return Share(partial, prove_powers(statement, tally._powers(encrypted, partial), secret))


def _bend(prefix: str, alpha: Element, secret: int) -> tuple[Element, Proof]:
    w, shift = random_scalar(), random_scalar()
    commitment = alpha**w * G**shift
    challenge = hash_to_scalar(prefix, [G**w, commitment])
    response = (w - secret * challenge) % Q
    factor = (commitment * alpha**-response) ** pow(challenge, -1, Q)
    assert factor != alpha**secret
    return factor, Proof(challenge, response)
