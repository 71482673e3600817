"""crypto/audit/ballots.py: one ballot for each credential, no ciphertext twice."""

from collections.abc import Callable

import pytest

from crypto import ballot
from crypto.audit.archive import decode_credentials, encode_credentials
from crypto.audit.ballots import Register, check_batch
from crypto.encoding import b64_sha256, canonical
from crypto.errors import BadBallot, BadCredentials, RepeatedCiphertext, SecondBallot
from crypto.group import G, random_scalar
from tests import testkit
from tests.forgery import Filled, forge, marks, opened, signed
from tests.mutants import IDENTITY, with_torsion
from tests.testkit import Parts, honest, session, voter_of
from tests.verdicts import judge_archive

CHOICES = (0, 1, None)


def replayed(parts: Parts) -> bytes:
    """The very bytes of another voter's ballot."""
    return parts.ballots[3]


def second(parts: Parts) -> bytes:
    """Another ballot of a voter who has voted, in place of someone else's."""
    return session().vote(voter_of(parts, 3), CHOICES)


def unregistered(_: Parts) -> bytes:
    """A ballot under a credential that nobody registered."""
    return ballot.prepare(session().election, random_scalar(), CHOICES)[0]


def copied(parts: Parts) -> bytes:
    """Another voter's answers under one's own credential."""
    secret = session().secrets[voter_of(parts, 0)]
    value = {**opened(parts.ballots[3]), "credential": (G**secret).hex}
    return signed(value, secret)


def repeated(parts: Parts) -> bytes:
    """The first ciphertext is another voter's, who told the randomness; every proof holds."""
    election, secrets = session().election, session().secrets
    filled = Filled.of(marks(election, CHOICES))
    filled.values[0] = [0, 0, 0]
    filled.randomness[0][0] = KNOWN
    return forge(election, secrets[voter_of(parts, 0)], filled)


def other_definition(parts: Parts) -> bytes:
    """A ballot of a session with another description."""
    election = testkit.seal(description="another").election
    return ballot.prepare(election, session().secrets[voter_of(parts, 0)], CHOICES)[0]


KNOWN = random_scalar()


def with_known_ciphertext() -> Parts:
    """The honest record, but that ballot 3 contains a ciphertext of known randomness."""
    parts, election = honest(), session().election
    filled = Filled.of(marks(election, (None, 1, 0)))
    filled.randomness[0][0] = KNOWN
    return parts.with_ballot(3, forge(election, session().secrets[voter_of(parts, 3)], filled))


@pytest.mark.parametrize(
    ("attack", "kind"),
    [
        (replayed, "SecondBallot"),
        (second, "SecondBallot"),
        (unregistered, "UnknownCredential"),
        (copied, "BadProof"),
        (other_definition, "BadBallot"),
    ],
)
def test_ballot_that_does_not_belong(attack: Callable[[Parts], bytes], kind: str):
    """One voter's ballot in the record is exchanged for another: refused by name."""
    assert judge_archive(honest().with_ballot(0, attack(honest()))).outcome == f"{kind} at ballots"


@pytest.mark.parametrize("attack", [replayed, second, unregistered])
def test_ballot_too_many(attack: Callable[[Parts], bytes]):
    """The same where the ballot is added to all others."""
    parts = honest()

    verdict = judge_archive(parts.with_ballots([*parts.ballots, attack(parts)]))

    assert verdict.failed == "ballots"


def test_ciphertext_of_another_ballot():
    """A ciphertext that stands in another ballot is refused though every proof of it holds."""
    parts = with_known_ciphertext()
    check_batch(session().election.raw, 1, [repeated(honest())])

    place = next(i for i in range(9) if voter_of(honest(), 0) == voter_of(parts, i))
    assert (
        judge_archive(parts.with_ballot(place, repeated(honest()))).outcome
        == "RepeatedCiphertext at ballots"
    )


def test_known_randomness_alone_is_no_fault():
    """The record that the attack above starts from passes up to its tally."""
    assert judge_archive(with_known_ciphertext()).failed == "tally"


@pytest.mark.parametrize("together", [True, False])
def test_ciphertexts_of_all_ballots_are_compared(together: bool):
    """A register finds what stands twice, in one batch or fed ballot by ballot."""
    election, secrets = session().election, session().secrets
    filled = [Filled.of(marks(election, (None, 1, 0))) for _ in range(2)]
    for choices_of_one in filled:
        choices_of_one.randomness[0][0] = KNOWN
    raws = [forge(election, secrets[i], choices_of_one) for i, choices_of_one in enumerate(filled)]
    register = Register(session().credentials, ordered=False)
    if not together:
        register.add(check_batch(election.raw, 1, raws[:1]))
    stored = list(register.trackers)

    with pytest.raises(RepeatedCiphertext, match="up to ballot 2" if together else None):
        register.add(check_batch(election.raw, *((1, raws) if together else (2, raws[1:]))))
    assert register.trackers == stored


def test_voter_twice_in_one_batch():
    """A credential votes once, in one batch as well."""
    raws = [session().vote(0, CHOICES) for _ in range(2)]
    register = Register(session().credentials, ordered=False)

    with pytest.raises(SecondBallot, match="ballot 2"):
        register.add(check_batch(session().election.raw, 1, raws))
    register.add(check_batch(session().election.raw, 1, raws[:1]))


def test_order_in_one_batch_and_across():
    """Trackers ascend within a batch and from one to the next."""
    raws = sorted((session().vote(i, CHOICES) for i in range(3)), key=b64_sha256)
    batches = [check_batch(session().election.raw, 1, [raws[i] for i in which]) for which in (
        (0, 1), (1, 0), (2,), (0,),
    )]  # fmt: skip

    def register(*numbers: int) -> None:
        fresh = Register(session().credentials, ordered=True)
        for number in numbers:
            fresh.add(batches[number])

    register(0, 2)
    with pytest.raises(BadBallot, match="ballot 2: not in the order"):
        register(1)
    with pytest.raises(BadBallot, match="ballot 2: not in the order"):
        register(2, 3)


def test_register_names_the_ballot():
    """The number in the error counts from the first ballot of the archive."""
    election = session().election
    register = Register(session().credentials, ordered=False)
    for i in range(3):
        register.add(check_batch(election.raw, i + 1, [session().vote(i, CHOICES)]))

    with pytest.raises(SecondBallot, match="ballot 4"):
        register.add(check_batch(election.raw, 4, [session().vote(1, CHOICES)]))


# --- The list of credentials --------------------------------------------------------------


def test_credentials_decode_to_themselves():
    """Any order of registration makes the same file."""
    credentials = session().credentials
    raw = encode_credentials(credentials)

    assert encode_credentials(reversed(credentials)) == raw
    assert encode_credentials(decode_credentials(raw, ordered=True)) == raw
    assert decode_credentials(b"[]", ordered=True) == []


HEXES = sorted(credential.hex for credential in (G, G**2, G**3))


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        (HEXES[::-1], "not in ascending order"),
        ([HEXES[0], HEXES[0], HEXES[1]], "one stands twice"),
        ([HEXES[0], IDENTITY], r"\[1\]: the identity"),
        ([with_torsion(G.raw)[::-1].hex()], r"\[0\]: not an element"),
        ([HEXES[0].upper()], r"\[0\]: 64 lower-case hex digits"),
        ([HEXES[0][2:]], r"\[0\]: 64 lower-case hex digits"),
        ([7], r"\[0\]: 64 lower-case hex digits"),
        ([None], r"\[0\]: 64 lower-case hex digits"),
        ([HEXES[0] + ",1"], r"\[0\]: 64 lower-case hex digits"),  # a weight, in Belenios
        ({}, "a list is expected"),
        ("00", "a list is expected"),
    ],
)
def test_bad_list_of_credentials(members: object, detail: str):
    """The list has distinct elements in ascending order."""
    with pytest.raises(BadCredentials, match=detail):
        decode_credentials(canonical(members), ordered=True)


def test_stock_list_of_credentials_may_have_any_order():
    """A Belenios election that is not ours lists them as it likes."""
    assert len(decode_credentials(canonical(HEXES[::-1]), ordered=False)) == 3
