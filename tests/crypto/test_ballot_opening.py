"""crypto/ballot.py, the opening: whether the device encrypted what the voter chose (Benaloh)."""

from dataclasses import replace

import pytest

from crypto import ballot
from crypto.ballot import Opening
from crypto.encoding import canonical
from crypto.errors import BadBallot, BadProof, Malformed
from crypto.group import random_scalar
from tests import testkit
from tests.forgery import Filled, forge
from tests.mutants import accepted, mutants, spellings
from tests.testkit import session

CHOICES = (0, None, 2)


@pytest.fixture(scope="module")
def secret() -> int:
    return random_scalar()


@pytest.fixture(scope="module")
def prepared(secret: int) -> tuple[bytes, Opening]:
    return ballot.prepare(session().election, secret, CHOICES)


def test_honest_opening(prepared: tuple[bytes, Opening]):
    """A second device finds the voter's choice in the ciphertexts; the file decodes to itself."""
    raw, opening = prepared
    ballot.check_opening(raw, session().election, opening)

    again = Opening.decode(canonical(opening.to_json()))
    assert again.to_json() == opening.to_json()


def test_opening_is_not_shown(prepared: tuple[bytes, Opening]):
    """The randomness of a ballot is a secret until it is revealed."""
    assert str(prepared[1].randomness[0][0]) not in repr(prepared[1])


@pytest.mark.parametrize(
    ("place", "encrypted"),
    [(i, other) for i in range(3) for other in (None, 0, 1, 2) if other != CHOICES[i]],
)
def test_device_that_encrypted_something_else(secret: int, place: int, encrypted: int | None):
    """The device shows the voter one choice and encrypts another: the opening tells."""
    false = tuple(encrypted if i == place else choice for i, choice in enumerate(CHOICES))
    raw, opening = ballot.prepare(session().election, secret, false)
    name = testkit.NAMES[place]

    with pytest.raises(BadBallot, match=f"encrypted something else for “{name}"):
        ballot.check_opening(raw, session().election, replace(opening, choices=CHOICES))


def test_opening_of_another_ballot(secret: int, prepared: tuple[bytes, Opening]):
    """An opening belongs to one tracker."""
    another_ballot, _ = ballot.prepare(session().election, secret, CHOICES)

    with pytest.raises(BadBallot, match=r"opening\.tracker"):
        ballot.check_opening(another_ballot, session().election, prepared[1])


@pytest.mark.slow
def test_every_change_of_an_opening_is_refused(prepared: tuple[bytes, Opening]):
    """Each field of an opening altered, gone or moved is refused."""
    ballot_raw, opening = prepared

    def read(raw: bytes) -> None:
        ballot.check_opening(ballot_raw, session().election, Opening.decode(raw))

    changes = ((str(mutant), mutant.raw) for mutant in mutants(canonical(opening.to_json())))

    assert accepted(changes, read, Malformed, BadBallot) == []


def test_an_opening_has_one_spelling(prepared: tuple[bytes, Opening]):
    """Any other spelling is refused."""
    raw = canonical(prepared[1].to_json())

    assert accepted(spellings(raw), Opening.decode, Malformed) == []


def test_opening_checks_the_proofs_too(secret: int):
    """A ballot that would be refused is not a good test ballot either."""
    election = session().election
    filled = Filled.of([[1, 1, 0], [0, 0, 0], [0, 0, 1]])
    raw = forge(election, secret, filled)
    opened = {
        "schema": "phieukin.opening/1",
        "tracker": ballot.decode(raw, election).tracker,
        "choices": [0, None, 2],
        "randomness": [[str(r) for r in line] for line in filled.randomness],
    }

    with pytest.raises(BadProof):
        ballot.check_opening(raw, election, Opening.decode(canonical(opened)))
