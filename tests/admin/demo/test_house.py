"""admin/demo/house.py and delegate.py: the registrar who knows who, the box that knows what."""

import re
from collections.abc import Callable

import pytest

from admin.demo import delegate
from admin.demo.delegate import Delegate
from admin.demo.house import Box, Registrar
from crypto import note
from crypto.audit.ballots import check_batch
from crypto.checkpoint import check_promise, promise_body
from crypto.errors import (
    BadCheckpoint,
    BadToken,
    Malformed,
    ProtocolError,
    Refused,
    RepeatedCiphertext,
    SecondBallot,
    UnknownCredential,
)
from crypto.group import G, random_scalar
from crypto.token import receive_token, request_token
from tests.forgery import Filled, forge, marks
from tests.mutants import IDENTITY, with_torsion
from tests.testkit import issuer_secret, product, session

CHOICES = (0, 1, None)


@pytest.fixture
def registrar() -> Registrar:
    return Registrar(issuer_secret(), ["An", "Bình"])


@pytest.fixture
def box() -> Box:
    return Box(session().election, issuer_secret().public, session().box)


def blinded() -> bytes:
    return request_token(issuer_secret().public, session().phi, G).blinded_message


def registered(box: Box, count: int = 2) -> list[int]:
    """Secrets whose credentials the box has, and the voting open."""
    secrets = [random_scalar() for _ in range(count)]
    for secret in secrets:
        box.register((G**secret).hex, session().token(G**secret))
    box.open()
    return secrets


def cast(box: Box, raw: bytes) -> str:
    box.cast(raw, check_batch(session().election.raw, 1, [raw]))
    return check_batch(session().election.raw, 1, [raw]).trackers[0]


# --- Registrar ----------------------------------------------------------------------------


def test_registrar_signs_once(registrar: Registrar):
    """A person on the roster gets a token for a credential that the registrar does not see."""
    credential = G ** random_scalar()
    request = request_token(issuer_secret().public, session().phi, credential)

    answer = registrar.issue("An", request.blinded_message)

    receive_token(issuer_secret().public, session().phi, credential, answer, request)
    assert registrar.issued == 1


def test_same_request_same_answer(registrar: Registrar):
    """After a lost answer the same request gets it again, and nothing more is counted."""
    request = blinded()

    assert registrar.issue("An", request) == registrar.issue("An", request)
    assert registrar.issued == 1


def test_other_request_is_refused(registrar: Registrar):
    """One person, one token; the first one stays available."""
    first = blinded()
    answer = registrar.issue("An", first)

    with pytest.raises(Refused, match="An already has a token"):
        registrar.issue("An", blinded())

    assert registrar.issue("An", first) == answer
    registrar.issue("Bình", blinded())
    assert registrar.issued == 2


@pytest.mark.parametrize("name", ["Cường", "", "an", "An "])
def test_stranger_is_refused(registrar: Registrar, name: str):
    """Who is not on the roster gets nothing, and is not counted."""
    with pytest.raises(Refused, match="not on the roster"):
        registrar.issue(name, blinded())
    assert registrar.issued == 0


@pytest.mark.parametrize("request_", [b"", bytes(383), b"\xff" * 384, bytes(385)])
def test_request_that_is_no_number(registrar: Registrar, request_: bytes):
    """A malformed request takes nobody's token away."""
    with pytest.raises(Malformed):
        registrar.issue("An", request_)

    registrar.issue("An", blinded())


# --- Box ----------------------------------------------------------------------------------


def test_box_takes_a_ballot(box: Box):
    """A registered credential's ballot is kept, counted and promised."""
    (secret, _) = registered(box)
    raw = delegate.vote((session().election, secret, CHOICES))
    _, batch = delegate.receive((session().election, raw))

    promise = box.cast(raw, batch)

    check_promise(promise, session().election, session().parameters, batch.trackers[0])
    assert box.close() == [raw]
    assert box.tally == product(session().election, [raw])


def test_box_publishes_in_the_order_of_trackers(box: Box):
    """Not in the order in which ballots came."""
    secrets = registered(box, 5)
    trackers = [cast(box, delegate.vote((session().election, s, CHOICES))) for s in secrets]
    published = [check_batch(session().election.raw, 1, [raw]).trackers[0] for raw in box.close()]

    assert published == sorted(trackers)


@pytest.mark.parametrize(
    "credential", [IDENTITY, "", "00", with_torsion(G.raw)[::-1].hex(), (G**2).hex.upper()]
)
def test_credential_that_is_no_element(box: Box, credential: str):
    """The box registers elements of the group only."""
    with pytest.raises(Malformed, match="credential"):
        box.register(credential, bytes(384))
    assert box.tokens == {}


@pytest.mark.parametrize("token", [b"", bytes(384), bytes(383)])
def test_credential_without_a_token(box: Box, token: bytes):
    """And only with the registrar's signature on that credential."""
    with pytest.raises(BadToken):
        box.register(G.hex, token)
    with pytest.raises(BadToken):
        box.register(G.hex, session().token(G**2))
    assert box.tokens == {}


def test_same_registration_again(box: Box):
    """Posting the same again changes nothing."""
    for _ in range(2):
        box.register(G.hex, session().token(G))
    assert list(box.tokens) == [G]


def second(secrets: list[int]) -> bytes:
    return delegate.vote((session().election, secrets[0], CHOICES))


def unregistered(_: list[int]) -> bytes:
    return delegate.vote((session().election, random_scalar(), CHOICES))


@pytest.mark.parametrize(
    ("attack", "error"), [(second, SecondBallot), (unregistered, UnknownCredential)]
)
def test_box_refuses(box: Box, attack: Callable[[list[int]], bytes], error: type[ProtocolError]):
    """What the audit would refuse, the box refuses, and keeps what it had."""
    secrets = registered(box)
    first = delegate.vote((session().election, secrets[0], CHOICES))
    cast(box, first)

    with pytest.raises(error):
        cast(box, attack(secrets))

    assert box.close() == [first]
    assert box.tally == product(session().election, [first])


def test_box_refuses_a_ciphertext_of_another_ballot(box: Box):
    """The same ciphertext under another credential, every proof made for it."""
    election, known = session().election, random_scalar()
    secrets = registered(box)
    raws = []
    for secret in secrets:
        filled = Filled.of(marks(election, (None, 0, 0)))
        filled.randomness[0][0] = known
        raws.append(forge(election, secret, filled))
    cast(box, raws[0])

    with pytest.raises(RepeatedCiphertext):
        cast(box, raws[1])

    assert box.close() == raws[:1]
    # The refused voter has not voted.
    cast(box, delegate.vote((election, secrets[1], CHOICES)))
    assert len(box.close()) == 2


def test_nobody_votes_before_the_opening(box: Box):
    """Until registration ends no credential may vote."""
    secret = random_scalar()
    box.register((G**secret).hex, session().token(G**secret))

    with pytest.raises(UnknownCredential):
        cast(box, delegate.vote((session().election, secret, CHOICES)))


# --- Delegate -----------------------------------------------------------------------------


def voted(registrar: Registrar, box: Box) -> tuple[Delegate, list[str]]:
    """A delegate who checked in and voted, and the list that was published."""
    one = Delegate("An", CHOICES)
    one.check_in(registrar, box, issuer_secret().public, session().phi)
    box.open()
    raw = delegate.vote((session().election, one.secret, one.choices))
    _, batch = delegate.receive((session().election, raw))
    one.promise, one.tracker = box.cast(raw, batch), batch.trackers[0]
    return one, batch.trackers


def find(one: Delegate, trackers: list[str]) -> None:
    one.find(trackers, session().election, session().parameters)


def test_delegate_finds_the_ballot(registrar: Registrar, box: Box):
    """Checked in, voted, promised, published."""
    find(*voted(registrar, box))


def test_delegate_misses_the_ballot(registrar: Registrar, box: Box):
    """A ballot that was dropped is missed by its voter, who holds the promise."""
    one, trackers = voted(registrar, box)

    with pytest.raises(BadCheckpoint, match=re.escape(f"An: the ballot {one.tracker}")):
        find(one, trackers[1:])


def test_delegate_without_a_promise(registrar: Registrar, box: Box):
    """Or whose promise never came."""
    one, trackers = voted(registrar, box)
    one.promise = None

    with pytest.raises(BadCheckpoint, match="An"):
        find(one, trackers)


def test_delegate_with_a_promise_for_another_ballot(registrar: Registrar, box: Box):
    """A promise that belongs to another tracker is none, though the box signed it."""
    one, trackers = voted(registrar, box)
    other = promise_body(session().election.uuid, session().phi, "A" * 43)
    one.promise = note.sign(other, [session().box])

    with pytest.raises(BadCheckpoint, match="not for this ballot"):
        find(one, trackers)


def test_registrar_never_sees_the_credential(registrar: Registrar, box: Box):
    """Of what the registrar keeps, nothing is what the box keeps."""
    one = Delegate("An", CHOICES)
    one.check_in(registrar, box, issuer_secret().public, session().phi)
    (token,) = box.tokens.values()
    kept = registrar._answers["An"]
    assert kept is not None

    assert token not in kept
    assert (G**one.secret).raw not in b"".join(kept)


def test_secret_is_not_shown():
    """A delegate's secret is in no message."""
    one = Delegate("An", CHOICES)

    assert str(one.secret) not in repr(one)


def test_test_ballot():
    """A delegate may have a ballot opened instead of cast."""
    delegate.test_ballot(session().election, Delegate("An", CHOICES))
