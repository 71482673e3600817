"""crypto/ballot.py: a ballot says what its voter chose, for this session, once."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import ballot
from crypto.audit.ballots import check_batch
from crypto.encoding import Json, canonical
from crypto.errors import BadBallot, BadProof, BadSignature, Malformed, RepeatedCiphertext
from crypto.group import G, Q, random_scalar
from crypto.session import Election
from tests import testkit
from tests.forgery import Filled, forge, marks, opened, signed
from tests.mutants import IDENTITY, with_torsion
from tests.testkit import honest, session

CHOICES = (0, None, 2)


def check(raw: bytes, election: Election | None = None) -> None:
    """The one decision about a ballot, as box and audit make it."""
    check_batch((election or session().election).raw, 1, [raw])


@pytest.fixture(scope="module")
def secret() -> int:
    return random_scalar()


@pytest.fixture(scope="module")
def raw(secret: int) -> bytes:
    return ballot.prepare(session().election, secret, CHOICES)[0]


def test_honest_ballot_is_accepted(raw: bytes):
    """What `prepare` makes, everyone accepts."""
    check(raw)


def test_forge_makes_honest_ballots_too(secret: int):
    """The forger's tools are honest when they are told to be."""
    election = session().election
    check(forge(election, secret, Filled.of(marks(election, CHOICES))))


@pytest.mark.parametrize("levels", [2, 3, 4, 5])
@pytest.mark.parametrize("invalid", ["line", "ballot"])
def test_round_trip(levels: int, invalid: str):
    """Every choice of every shape of ballot decodes and encodes to the same bytes."""
    election = testkit.seal(officials=1, levels=levels, invalid=invalid).election
    choices = [*range(levels)] + ([None] if invalid == "line" else [])
    for choice in choices:
        raw, opening = ballot.prepare(election, random_scalar(), [choice])
        assert ballot.encode(ballot.decode(raw, election)) == raw
        assert len(raw) <= ballot.size_limit(election)
        ballot.check_opening(raw, election, opening)


@settings(max_examples=15)
@given(st.lists(st.sampled_from([None, 0, 1, 2]), min_size=3, max_size=3), st.integers(1, Q - 1))
def test_any_choice_under_any_credential(choices: list[int | None], key: int):
    """Any secret and any choice make a ballot that decodes to itself and passes."""
    election = session().election
    raw, _ = ballot.prepare(election, key, choices)

    decoded = ballot.decode(raw, election)

    ballot.check(decoded, election)
    assert ballot.encode(decoded) == raw
    assert decoded.credential == G**key


@pytest.mark.parametrize("key", [1, 2, Q - 1])
def test_extreme_credentials(key: int):
    """The smallest and the largest secret are as good as any."""
    check(ballot.prepare(session().election, key, CHOICES)[0])


def test_zero_is_no_credential():
    """A ballot whose credential is the identity is refused."""
    raw, _ = ballot.prepare(session().election, 0, CHOICES)
    with pytest.raises(Malformed, match="credential: the identity"):
        check(raw)


@pytest.mark.parametrize("choices", [(), (0, 0), (0, 0, 0, 0), (3, 0, 0), (-1, 0, 0)])
def test_choice_that_does_not_exist(choices: tuple[int, ...]):
    """The program does not encrypt what the ballot does not offer."""
    with pytest.raises(BadBallot, match=r"choice|level"):
        ballot.prepare(session().election, 7, choices)


def test_blank_is_refused_where_every_line_must_be_filled():
    """The program does not encrypt a blank line where the regime forbids it."""
    election = testkit.seal(officials=1, invalid="ballot").election
    with pytest.raises(BadBallot, match="choice 1: a blank line"):
        ballot.prepare(election, 7, [None])


# --- What a voter's device may try --------------------------------------------------------


NO_MARKS = (
    [2, 0, 0], [0, 2, 0], [0, 0, -1], [Q - 1, 0, 0], [1, Q - 1, 1], [3, 0, 0], [2, Q - 1, 0],
)  # fmt: skip
TWO_MARKS = ([1, 1, 0], [0, 1, 1], [1, 1, 1])


@pytest.mark.parametrize(
    ("values", "where"),
    [
        *((values, r"answers\[1\]\.individual_proofs\[[0-2]\]") for values in NO_MARKS),
        *((values, r"answers\[1\]\.overall_proof: .* 0 to 1 marks") for values in TWO_MARKS),
    ],
)
def test_line_that_no_proof_fits(secret: int, values: list[int], where: str):
    """Each level is 0 or 1, even where the sum of the line is; the line has one mark at most."""
    filled = Filled.of([[0, 0, 0], values, [0, 0, 1]])

    with pytest.raises(BadProof, match=where):
        check(forge(session().election, secret, filled))


@pytest.mark.parametrize("values", [[0, 0, 0], [1, 1, 0]])
def test_line_that_must_have_one_mark(secret: int, values: list[int]):
    """Where blank lines are not allowed, none and two are refused."""
    election = testkit.seal(officials=1, invalid="ballot").election

    with pytest.raises(BadProof, match=r"overall_proof: .* 1 to 1 marks"):
        check(forge(election, secret, Filled.of([values])), election)


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (2, 2)])
def test_ciphertext_twice_in_a_ballot(secret: int, place: tuple[int, int]):
    """The same randomness for the same number makes the same pair; all proofs hold."""
    filled = Filled.of([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    i, j = place
    filled.randomness[i][j] = filled.randomness[0][0]

    with pytest.raises(RepeatedCiphertext, match="stands twice"):
        check(forge(session().election, secret, filled))


@pytest.mark.parametrize("randomness", [0, Q])
def test_identity_as_alpha(secret: int, randomness: int):
    """No randomness hides nothing: α = 1 is refused though every proof holds."""
    filled = Filled.of(marks(session().election, CHOICES))
    filled.randomness[1][1] = randomness

    with pytest.raises(Malformed, match=r"choices\[1\]\.alpha: the identity"):
        check(forge(session().election, secret, filled))


def test_identity_as_beta():
    """β = 1 is refused; only someone who knows the key's logarithm can prove such a pair."""
    election = session().election
    value = opened(honest().ballots[0])
    value["answers"][0]["choices"][0]["beta"] = IDENTITY

    with pytest.raises(Malformed, match=r"beta: the identity"):
        check(signed(value, session().secrets[testkit.voter_of(honest(), 0)]), election)


@pytest.mark.parametrize(
    ("bound", "replaced"),
    [("phi", "A" * 43), ("credential", G.hex), ("credential", ""), ("phi", "")],
)
def test_proofs_are_bound_to_session_and_credential(secret: int, bound: str, replaced: str):
    """Proofs made for another φ or credential do not hold, though the ballot is signed anew."""
    filled = Filled.of(marks(session().election, CHOICES))

    with pytest.raises(BadProof):
        check(forge(session().election, secret, filled, **{bound: replaced}))


def swap_pair(value: Json) -> None:
    choice = value["answers"][0]["choices"][0]
    choice["alpha"], choice["beta"] = choice["beta"], choice["alpha"]


def swap_levels(value: Json) -> None:
    answer = value["answers"][0]
    for name in ("choices", "individual_proofs"):
        answer[name][0], answer[name][1] = answer[name][1], answer[name][0]


def swap_lines(value: Json) -> None:
    value["answers"].reverse()


def move_overall(value: Json) -> None:
    first, second, _ = value["answers"]
    first["overall_proof"], second["overall_proof"] = (
        second["overall_proof"], first["overall_proof"],
    )  # fmt: skip


def shift_challenges(value: Json) -> None:
    """c_0 + 1 and c_1 − 1: the sum, which is what is compared, stays."""
    for proof, step in zip(value["answers"][0]["individual_proofs"][0], (1, -1), strict=True):
        proof["challenge"] = str((int(proof["challenge"]) + step) % Q)


def zero_proof(value: Json) -> None:
    zero = {"challenge": "0", "response": "0"}
    value["answers"][0]["individual_proofs"][0] = [zero, zero]


def multiply_beta(value: Json) -> None:
    """The choice plus one: ElGamal alone would let anyone do it."""
    election = session().election
    member = ballot.decode(canonical(value), election).answers[0].choices[0].beta * G
    value["answers"][0]["choices"][0]["beta"] = member.hex


@pytest.mark.parametrize(
    "change",
    [
        swap_pair, swap_levels, move_overall, shift_challenges, zero_proof, multiply_beta,
    ],
)  # fmt: skip
def test_altered_and_signed_again(secret: int, raw: bytes, change: Callable[[Json], None]):
    """What the signature no longer protects, the proofs do."""
    value = opened(raw)
    change(value)

    with pytest.raises(BadProof):
        check(signed(value, secret))


def test_lines_are_not_bound_to_their_officials(secret: int, raw: bytes):
    """Belenios binds no proof to a question: a voter who swaps two lines votes so, and signs it.

    Nobody else can: the signature covers the order.
    """
    value = opened(raw)
    swap_lines(value)

    check(signed(value, secret))
    with pytest.raises(BadSignature):
        check(canonical({**value, "signature": opened(raw)["signature"]}))


@pytest.mark.parametrize("field", ["alpha", "beta"])
def test_torsion_is_refused(secret: int, raw: bytes, field: str):
    """A point of small order added to an element takes it out of the group."""
    value = opened(raw)
    pair = value["answers"][2]["choices"][1]
    pair[field] = with_torsion(bytes.fromhex(pair[field])[::-1])[::-1].hex()

    with pytest.raises(Malformed, match=rf"answers\[2\]\.choices\[1\]\.{field}: not an element"):
        check(signed(value, secret))


# --- Other people's ballots ---------------------------------------------------------------


def test_answers_of_another_voter(raw: bytes):
    """A copy of somebody's answers under one's own credential has no proof (Cortier–Smyth)."""
    value = {**opened(raw), "credential": G.hex}

    with pytest.raises(BadProof):
        check(signed(value, 1))


def test_ballot_signed_by_another(raw: bytes):
    """A ballot is its credential's only if that credential signed it."""
    with pytest.raises(BadSignature, match="not made by the credential"):
        check(signed(opened(raw), 1))


def test_signature_of_another_ballot(secret: int, raw: bytes):
    """A voter's signature does not fit another ballot of that voter."""
    another_ballot, _ = ballot.prepare(session().election, secret, CHOICES)
    value = {**opened(raw), "signature": opened(another_ballot)["signature"]}

    with pytest.raises(BadSignature, match=r"signature\.hash"):
        check(canonical(value))


def test_ballot_of_another_definition(secret: int):
    """A ballot for the same uuid under another definition is refused for its φ."""
    another_election = testkit.seal(description="another definition").election

    with pytest.raises(BadBallot, match="φ differs"):
        check(ballot.prepare(another_election, secret, CHOICES)[0])


def test_ballot_of_another_session(secret: int, raw: bytes):
    """A ballot with another uuid is refused, even signed."""
    value = {**opened(raw), "election_uuid": "Phieu1Kin2Test3B"}

    with pytest.raises(BadBallot, match="another session"):
        check(signed(value, secret))


def test_ballot_relabelled_for_this_session(secret: int):
    """A ballot of another session, with this one's φ written over and signed: proofs fail."""
    another_election = testkit.seal(description="another").election
    value = opened(ballot.prepare(another_election, secret, CHOICES)[0])

    with pytest.raises(BadProof):
        check(signed({**value, "election_hash": session().phi}, secret))


@pytest.mark.parametrize("times", [0.5, 2])
def test_only_an_accepted_ballot_is_read_again(raw: bytes, times: float):
    """Half a ballot, or two: the number of ciphertexts is another."""
    with pytest.raises(Malformed, match="and yet it was accepted"):
        ballot.reread((raw * 2)[: int(len(raw) * times)], session().election)
