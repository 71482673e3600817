"""crypto/sigma.py, intervals: a ciphertext of a level is one of the allowed numbers, or refused."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.elgamal import encrypt
from crypto.errors import BadProof
from crypto.group import IDENTITY, G, Q, product, random_scalar
from crypto.sigma import Interval, Proof, check_intervals, hash_to_scalar, prove_interval

FAILURE = BadProof("the level at hand")
Y, R = 271828, 161803
KEY = G**Y
RANDOMNESS = st.sampled_from([0, 1, Q - 1]) | st.integers(0, Q - 1)

Branches = tuple[Proof, ...]


def claim_about(value: int, low: int = 0, high: int = 1, r: int = R) -> Interval:
    """The claim that the ciphertext of `value` is from low to high."""
    ciphertext = encrypt(KEY, value, r)
    return Interval("context", ciphertext.alpha, ciphertext.beta, low, high)


def check(claim: Interval, branches: Branches) -> None:
    check_intervals(KEY, [(claim, branches, FAILURE)])


def refused(claim: Interval, branches: Branches) -> None:
    """Asserts that the very failure of the caller is raised."""
    with pytest.raises(BadProof) as caught:
        check(claim, branches)
    assert caught.value is FAILURE


@settings(max_examples=40)
@given(low=st.integers(0, 3), size=st.integers(1, 4), r=RANDOMNESS, data=st.data())
def test_complete(low: int, size: int, r: int, data: st.DataObject) -> None:
    """Every value of every interval is proved, for every r, 0 included."""
    high = low + size - 1
    value = data.draw(st.integers(low, high))
    claim = claim_about(value, low, high, r)
    branches = prove_interval(KEY, claim, r, value)
    assert len(branches) == size
    check(claim, branches)


@pytest.mark.parametrize("value", [-1, 2, 3, Q - 1, 10**9])
def test_value_outside(value: int) -> None:
    """A prover who runs the protocol for a value outside fails, whichever branch he claims."""
    claim = claim_about(value)
    for pretended in (0, 1):
        refused(claim, prove_interval(KEY, claim, R, pretended))


CLAIM = claim_about(1)
BRANCHES = prove_interval(KEY, CLAIM, R, 1)
REAL, SIMULATED = BRANCHES[1], BRANCHES[0]
FALSE: dict[str, tuple[Interval, Branches]] = {
    "an allowed value but the wrong branch": (CLAIM, prove_interval(KEY, CLAIM, R, 0)),
    "a prover who does not know r": (CLAIM, prove_interval(KEY, CLAIM, R + 1, 1)),
    "the identity for alpha": (dataclasses.replace(CLAIM, alpha=IDENTITY), BRANCHES),
    "the identity for beta": (dataclasses.replace(CLAIM, beta=IDENTITY), BRANCHES),
    "swapped halves": (dataclasses.replace(CLAIM, alpha=CLAIM.beta, beta=CLAIM.alpha), BRANCHES),
    "swapped branches": (CLAIM, BRANCHES[::-1]),
    "a proof of another ciphertext of the same value": (claim_about(1, r=R + 1), BRANCHES),
    "a unit moved between challenges, of which only the sum is hashed": (
        CLAIM,
        (
            Proof((SIMULATED.challenge + 1) % Q, SIMULATED.response),
            Proof((REAL.challenge - 1) % Q, REAL.response),
        ),
    ),
    "every branch simulated, which fits all equations but the sum": (
        CLAIM,
        (Proof(random_scalar(), random_scalar()), Proof(random_scalar(), random_scalar())),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_proof_that_does_not_fit(name: str) -> None:
    """One deviation of prover, statement or proof fails."""
    refused(*FALSE[name])


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("name", ["context", "alpha", "beta", "values below", "values above"])
def test_another_statement(name: str, value: int) -> None:
    """A proof fails if the context, either half of the ciphertext or the interval is another."""
    claim = claim_about(value)
    changed = {
        "context": dataclasses.replace(claim, context="other"),
        "alpha": dataclasses.replace(claim, alpha=claim.alpha * G),
        "beta": dataclasses.replace(claim, beta=claim.beta * G),
        "values below": dataclasses.replace(claim, low=-1, high=0),
        "values above": dataclasses.replace(claim, low=1, high=2),
    }[name]
    refused(changed, prove_interval(KEY, claim, R, value))


def test_another_key() -> None:
    """A proof fails under another key."""
    claim = claim_about(1)
    branches = prove_interval(KEY, claim, R, 1)
    with pytest.raises(BadProof):
        check_intervals(KEY * G, [(claim, branches, FAILURE)])


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("field", ["challenge", "response"])
@pytest.mark.parametrize("change", [1, Q - 1, 2**200])
def test_altered_number(position: int, field: str, change: int) -> None:
    """A proof with one number of one branch changed fails."""
    claim = claim_about(1, 0, 2)
    branches = list(prove_interval(KEY, claim, R, 1))
    number = (getattr(branches[position], field) + change) % Q
    branches[position] = dataclasses.replace(branches[position], **{field: number})
    refused(claim, tuple(branches))


def test_challenges_do_not_show_the_value() -> None:
    """Real and simulated challenges are alike: about half of each lie above q/2."""
    for value in (0, 1):
        claim = claim_about(value)
        proofs = [prove_interval(KEY, claim, R, value) for _ in range(200)]
        for branch in (0, 1):
            assert 50 < sum(proof[branch].challenge > Q // 2 for proof in proofs) < 150


@pytest.mark.parametrize(("c", "response"), [(0, 0), (0, 5), (Q - 1, 0), (Q - 1, Q - 1)])
def test_edge_numbers_in_a_simulated_branch(c: int, response: int) -> None:
    """0 and q − 1 are legal in a proof; (0, 0) makes both its commitments the identity."""
    claim = claim_about(1)
    a0 = G**response * claim.alpha**c
    b0 = KEY**response * claim.beta**c
    w = random_scalar()
    total = hash_to_scalar(claim.prefix, [a0, b0, G**w, KEY**w])
    challenge = (total - c) % Q
    real = Proof(challenge, (w - R * challenge) % Q)
    assert (a0 == b0 == IDENTITY) == ((c, response) == (0, 0))
    check(claim, (Proof(c, response), real))


def test_identity_commitments_everywhere() -> None:
    """A proof whose commitments are all the identity is legal (w = 0, and a zero branch)."""
    claim = claim_about(1)
    challenge = hash_to_scalar(claim.prefix, [IDENTITY] * 4)
    check(claim, (Proof(0, 0), Proof(challenge, -R * challenge % Q)))


def test_zero_challenge_of_the_real_branch() -> None:
    """The real branch may have challenge 0: the simulated one then carries the whole hash."""
    claim = claim_about(0, 0, 0, 0)
    assert claim.alpha == claim.beta == IDENTITY
    challenge = hash_to_scalar(claim.prefix, [IDENTITY, IDENTITY])
    check(claim, (Proof(challenge, 0),))


@pytest.mark.parametrize("bad", range(3))
def test_failing_claim_is_the_one_named(bad: int) -> None:
    """Of several claims of different width, the failure of the false one is raised."""
    failures = [BadProof(str(i)) for i in range(3)]
    claims = []
    for i, failure in enumerate(failures):
        claim = claim_about(i, 0, i + 1)
        branches = prove_interval(KEY, claim, R, i)
        statement = dataclasses.replace(claim, context="other") if i == bad else claim
        claims.append((statement, branches, failure))
    with pytest.raises(BadProof) as caught:
        check_intervals(KEY, claims)
    assert caught.value is failures[bad]


def test_first_failure_is_raised() -> None:
    """Of two false claims the first is named."""
    claim = claim_about(1)
    wrong = prove_interval(KEY, claim, R, 0)
    failures = [BadProof("first"), BadProof("second")]
    with pytest.raises(BadProof) as caught:
        check_intervals(KEY, [(claim, wrong, failure) for failure in failures])
    assert caught.value is failures[0]


def test_prefix_is_the_specification_s() -> None:
    """The hashed statement is spelled as Belenios spells it."""
    claim = claim_about(1)
    assert claim.prefix == f"prove|context|{claim.alpha.hex},{claim.beta.hex}|"


def test_a_line_has_at_most_one() -> None:
    """The product of a line's ciphertexts proves that at most one level was chosen."""
    ciphertexts = [encrypt(KEY, value, R + i) for i, value in enumerate((0, 1, 0))]
    line = Interval(
        "context", product(c.alpha for c in ciphertexts), product(c.beta for c in ciphertexts), 0, 1
    )
    check(line, prove_interval(KEY, line, 3 * R + 3, 1))
