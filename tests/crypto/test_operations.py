"""How many group operations a ballot costs: counted, so that no machine's mood matters."""

from collections.abc import Callable

import pytest
from nacl import bindings

from crypto import ballot
from crypto.audit.ballots import check_batch, reread_batch
from crypto.group import random_scalar
from tests import testkit
from tests.counting import counting
from tests.crypto.test_kernel import needs_kernel, without_kernel

SHAPES = [(1, 2), (2, 3), (3, 5)]  # officials, levels

POWER = bindings.crypto_scalarmult_ed25519_noclamp
POWER_OF_G = bindings.crypto_scalarmult_ed25519_base_noclamp
PRODUCT = bindings.crypto_core_ed25519_add
MEMBER = bindings.crypto_core_ed25519_is_valid_point


def operations(work: Callable[[], object]) -> tuple[int, int, int, int]:
    """Powers, powers of g, products and looks whether a point is in the group, by libsodium."""
    with counting(POWER, POWER_OF_G, PRODUCT, MEMBER) as calls:
        work()
    powers, of_g, products, members = calls.values()
    return powers, of_g, products, members


@pytest.mark.parametrize(("officials", "levels"), SHAPES)
def test_a_ballot_that_is_made(officials: int, levels: int):
    """One power of the key for each ciphertext and each branch: the prover knows the randomness."""
    election = testkit.seal(officials=officials, levels=levels).election
    branches, claims = 2 * levels + 2, levels + 1
    marked = [0] * officials

    assert operations(lambda: ballot.make(election, random_scalar(), marked)) == (
        officials * (levels + branches),
        officials * (levels + branches + claims) + 2,
        officials * (1 + claims + 2 * (levels - 1)),
        0,
    )


@pytest.mark.parametrize(("officials", "levels"), SHAPES)
def test_a_ballot_that_is_checked_without_the_kernel(officials: int, levels: int):
    """Three powers and at most two of g for each branch; each element is looked at once."""
    election = testkit.seal(officials=officials, levels=levels).election
    raw, _ = ballot.prepare(election, random_scalar(), [0] * officials)
    branches, ones = 2 * levels + 2, levels + 1
    with without_kernel():
        check_batch(election.raw, 1, [raw])  # the definition is decoded once, for all
        made = operations(lambda: check_batch(election.raw, 1, [raw]))

    assert made == (
        officials * 3 * branches + 1,
        officials * (branches + ones) + 1,
        officials * (2 * branches + ones + 2 * (levels - 1)) + 1,
        officials * 2 * levels + 1,
    )


@needs_kernel
@pytest.mark.parametrize(("officials", "levels"), SHAPES)
def test_a_ballot_that_is_checked_by_the_kernel(officials: int, levels: int):
    """Nothing of it is left to libsodium."""
    election = testkit.seal(officials=officials, levels=levels).election
    raw, _ = ballot.prepare(election, random_scalar(), [0] * officials)
    check_batch(election.raw, 1, [raw])

    assert operations(lambda: check_batch(election.raw, 1, [raw])) == (0, 0, 0, 0)


@pytest.mark.parametrize(("officials", "levels"), SHAPES)
def test_ballots_that_are_known(officials: int, levels: int):
    """Two products for each level and each ballot but the first; no power, and no look at one."""
    election = testkit.seal(officials=officials, levels=levels).election
    raws = [ballot.prepare(election, n, [0] * officials)[0] for n in (1, 2, 3)]
    with without_kernel():
        reread_batch(election.raw, 1, raws)
        made = operations(lambda: reread_batch(election.raw, 1, raws))
        checked = check_batch(election.raw, 1, raws)

    assert made == (0, 0, 2 * officials * levels * 2, 0)
    assert reread_batch(election.raw, 1, raws) == checked
