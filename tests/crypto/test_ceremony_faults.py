"""Every way to deviate from the ceremony, and who is named for it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto import ceremony, shamir
from crypto.ceremony_messages import Step1, Step2, commitment, seal_share
from crypto.errors import FaultyTrustee, Incomplete, Malformed, WrongState
from crypto.group import IDENTITY, G, Q
from crypto.keyfile import TrusteeState, new_seed
from crypto.sigma import prove_key, sign_message
from crypto.trustees import SignedMessage, coefficients_message
from tests.crypto.room import Room, but, resent, signed_again

# Whose ceremony, and one of the same shape among other people: what happens between them.
Deviation = Callable[[Room, Room], object]


def step2(room: Room, bad: Step1, reader: int = 1) -> None:
    """One trustee reads everybody's step 1, among them one bad message."""
    ceremony.step2(room.fresh[reader - 1], but(room.ones, bad.index, bad))


def step3(room: Room, bad: Step2) -> None:
    """Trustee 1 reads everybody's step 2, among them one bad message."""
    ceremony.step3(room.waiting[0], but(room.twos, bad.index, bad))


def assemble(room: Room, **changes: object) -> None:
    """Everybody's step 3, with trustee 2's verification key altered."""
    bad = replace(room.threes[1], key=replace(room.threes[1].key, **changes))  # type: ignore[arg-type]
    ceremony.assemble(room.ones, room.twos, but(room.threes, 2, bad))


def with_encryption_key_of_1(room: Room) -> Step1:
    encryption = room.ones[0].certificate.encryption
    certificate = replace(room.ones[1].certificate, encryption=encryption)
    return signed_again(replace(room.ones[1], certificate=certificate), room.fresh[1])


def with_salts(room: Room, index: int, salts: tuple[str, str, str]) -> Step1:
    """A trustee's message with other commitments, properly signed."""
    return signed_again(replace(room.ones[index - 1], salts=salts), room.fresh[index - 1])


def with_another_polynomial(room: Room) -> Step2:
    """A polynomial that trustee 2 signed, but did not commit to."""
    revealed = coefficients_message(shamir.commit(shamir.random_polynomial(2)))
    proof = sign_message(revealed, room.states[1].signing_secret)
    return replace(room.twos[1], coefexps=SignedMessage(revealed, proof))


def with_shares(room: Room, *shares: bytes) -> Step2:
    """Trustee 2's message with these shares for 1 and 3, properly signed."""
    return resent(room.states[1], room.twos[1], shares)


def with_share(room: Room, share: int) -> Step2:
    """Trustee 2's message with another share for trustee 1, properly sealed and signed."""
    sealed = seal_share(share, room.twos[1].agreed, 2, room.ones[0].certificate)
    return with_shares(room, sealed, room.twos[1].shares[1])


def with_polynomial_signature(room: Room, signer: Room) -> Step2:
    signature = signer.twos[1].coefexps.signature
    return replace(room.twos[1], coefexps=replace(room.twos[1].coefexps, signature=signature))


def with_swapped_numbers(room: Room) -> list[Step2]:
    first, second, third = room.twos
    return [first, replace(third, index=2), replace(second, index=3)]


def another_key(room: Room) -> dict[str, object]:
    """A key that trustee 2 signed and proved, but did not commit to."""
    signature = sign_message((G**7).hex, room.states[1].signing_secret)
    return {"pok": prove_key(7), "public_key": G**7, "signature": signature}


# What is done in a ceremony `c`, with another one `d` at hand: how, and the accusation.
STEP_1: dict[str, tuple[Deviation, str]] = {
    "a certificate under another signature": (
        lambda c, d: step2(c, replace(c.ones[1], proof=d.ones[1].proof)),
        "trustee 2: signature of the certificate"),
    "a commitment altered on the way is not signed": (
        lambda c, d: step2(c, replace(c.ones[1], commitment=d.ones[1].commitment)),
        "trustee 2: signature of the step 1 message"),
    "a certificate for another threshold": (
        lambda c, _: step2(c, ceremony.step1(2, 3, 3)[1]),
        "trustee 2: .*certificate for 3 of 3.*"),
    "a certificate for another size": (
        lambda c, _: step2(c, ceremony.step1(2, 4, 3)[1]),
        "trustee 2: .*certificate for 3 of 4.*"),
    "a certificate for fewer trustees": (
        lambda c, _: step2(c, ceremony.step1(2, 2, 2)[1]),
        "trustee 2: .*certificate for 2 of 2.*"),
    "salts altered on the way are not signed": (
        lambda c, d: step2(c, replace(c.ones[1], salts=d.ones[1].salts)),
        "trustee 2: signature of the step 1 message"),
    "the salt of another, though the thief stands first": (
        lambda c, _: step2(c, with_salts(c, 1, c.ones[2].salts), 3),
        "trustee 1: has a salt of trustee 3"),
    "a salt of another for another moment": (
        lambda c, _: step2(c, with_salts(c, 2, (*c.ones[1].salts[:2], c.ones[0].salts[0])), 3),
        "trustee 2: has a salt of trustee 1"),
    "one salt for two moments": (
        lambda c, _: step2(c, with_salts(c, 2, (*c.ones[1].salts[:2], c.ones[1].salts[0])), 3),
        "trustee 2: has a salt of trustee 2"),
    "the signing key of another, though the thief stands first": (
        lambda c, _: step2(c, ceremony._step1(replace(c.fresh[2], index=1))[1], 3),
        "trustee 1: has a key of trustee 3"),
    "the encryption key of another": (
        lambda c, _: step2(c, with_encryption_key_of_1(c), 3),
        "trustee 2: has a key of trustee 1"),
    "one's own message altered, even if well signed": (
        lambda c, _: step2(c, signed_again(replace(c.ones[0], commitment="0" * 64), c.fresh[0])),
        "trustee 1: .*your own step 1 message.*"),
    "a second set, with which a courier could collect the shares of a key": (
        lambda c, _: ceremony.step2(c.waiting[0], but(c.ones, 3, ceremony.step1(3, 3, 2)[1])),
        "trustee 3: .*than the one this key has answered.*"),
    "two different messages": (
        lambda c, d: ceremony.step2(c.fresh[0], [*c.ones, d.ones[1]]),
        "trustee 2: two different step 1 messages"),
}  # fmt: skip
UNOPENED = "trustee 2: the share it sent does not open"
STEP_2: dict[str, tuple[Deviation, str]] = {
    "another polynomial than it committed to": (
        lambda c, _: step3(c, with_another_polynomial(c)), "trustee 2: .*committed to.*"),
    "a share that is not on the polynomial": (
        lambda c, _: step3(c, with_share(c, 12345)),
        "trustee 2: the share it sent is not on its polynomial"),
    "a share plus q, which would also fit": (
        lambda c, _: step3(c, with_share(c, shamir.evaluate(c.states[1].polynomial, 1) + Q)),
        "trustee 2: the share it sent is not below q"),
    "a share of zeros": (
        lambda c, _: step3(c, with_shares(c, bytes(80), c.twos[1].shares[1])), UNOPENED),
    "a share of ones": (
        lambda c, _: step3(c, with_shares(c, b"\xff" * 80, c.twos[1].shares[1])), UNOPENED),
    "a share of a one and zeros": (
        lambda c, _: step3(c, with_shares(c, b"\1" + bytes(79), c.twos[1].shares[1])), UNOPENED),
    "shares in the places of each other": (
        lambda c, _: step3(c, with_shares(c, *c.twos[1].shares[::-1])), "trustee 2: .*"),
    "a sealed share copied from another sender": (
        lambda c, _: step3(c, with_shares(c, c.twos[2].shares[0], c.twos[1].shares[1])),
        "trustee 2: .*"),
    "the number of another trustee": (
        lambda c, _: ceremony.step3(c.waiting[0], with_swapped_numbers(c)),
        "trustee 2: signature of the step 2 message"),
    "shares exchanged by the courier": (
        lambda c, d: step3(c, replace(c.twos[1], shares=d.twos[1].shares)),
        "trustee 2: signature of the step 2 message"),
    "a polynomial under another signature": (
        lambda c, d: step3(c, with_polynomial_signature(c, d)),
        "trustee 2: signature of the polynomial"),
    "a signature over other certificates": (
        lambda c, d: step3(c, replace(c.twos[1], transcript=d.twos[1].transcript)),
        "trustee 2: signature of the transcript"),
    "shares for more trustees than there are": (
        lambda c, _: step3(c, with_shares(c, *c.twos[1].shares, bytes(80))),
        "trustee 2: .*3 shares, expected 2.*"),
    "a fourth trustee among three": (
        lambda c, _: ceremony.step3(c.waiting[0], [*c.twos, replace(c.twos[1], index=4)]),
        "trustee 4: .*"),
}  # fmt: skip
STEP_3: dict[str, tuple[Deviation, str]] = {
    "a key that is not the committed one, however well proved": (
        lambda c, _: assemble(c, **another_key(c)),
        "trustee 2: verification key is not the committed one"),
    "a proof for another key": (
        lambda c, _: assemble(c, pok=c.threes[0].key.pok), "trustee 2: .*proof of possession.*"),
    "a key signed by another trustee": (
        lambda c, _: assemble(c, signature=c.threes[0].key.signature),
        "trustee 2: .*signature of the verification key.*"),
    "a key without a signature": (
        lambda c, _: assemble(c, signature=None), "trustee 2: .*not signed.*"),
    "a message from another ceremony": (
        lambda c, d: ceremony.assemble(c.ones, c.twos, but(c.threes, 2, d.threes[1])),
        "trustee 2: .*another ceremony.*"),
}  # fmt: skip
DEVIATIONS = STEP_1 | STEP_2 | STEP_3


@pytest.mark.parametrize("name", DEVIATIONS)
def test_who_deviates_is_named(room: Room, elsewhere: Room, name: str):
    """Each deviation of one trustee is found by its reader, who names that trustee for it."""
    deviate, accusation = DEVIATIONS[name]
    with pytest.raises(FaultyTrustee) as caught:
        deviate(room, elsewhere)

    assert re.fullmatch(accusation, str(caught.value))
    assert accusation.startswith(f"trustee {caught.value.index}: ")


MISSING: dict[str, tuple[Deviation, str]] = {
    "step 1": (
        lambda c, _: ceremony.step2(c.fresh[0], c.ones[:1]),
        "step 1 message of trustee 2, 3 is missing"),
    "step 2": (
        lambda c, _: ceremony.step3(c.waiting[0], c.twos[:2]),
        "step 2 message of trustee 3 is missing"),
    "step 3": (
        lambda c, _: ceremony.assemble(c.ones, c.twos, c.threes[:2]),
        "step 3 message of trustee 3"),
    "everybody's step 1": (lambda c, _: ceremony.assemble([], c.twos, c.threes), "step 1 message"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISSING)
def test_missing_messages(room: Room, elsewhere: Room, name: str):
    """Missing messages are named by their trustees, and nobody is accused."""
    read, sentence = MISSING[name]
    with pytest.raises(Incomplete, match=sentence):
        read(room, elsewhere)


GIVEN_TWICE: dict[str, Deviation] = {
    "step 1": lambda c, _: ceremony.step2(c.fresh[0], [*c.ones, replace(c.ones[1])]),
    "step 2": lambda c, _: ceremony.step3(c.waiting[0], [*c.twos, replace(c.twos[1])]),
}


@pytest.mark.parametrize("step", GIVEN_TWICE)
def test_given_twice(room: Room, elsewhere: Room, step: str):
    """The same file twice is a mistake of whoever gives it, not of the trustee."""
    with pytest.raises(Malformed, match=f"{step} message of trustee 2 is given twice"):
        GIVEN_TWICE[step](room, elsewhere)


def test_single_key_has_no_second_step(room: Room):
    """A single key is complete after step 1 and says so."""
    state = TrusteeState(new_seed(), 1, 1, 1)
    with pytest.raises(WrongState, match="step 1 only"):
        ceremony.step2(state, room.ones)
    with pytest.raises(WrongState, match="step 1 only"):
        ceremony.step3(state, room.twos)


def test_not_before_step_2(room: Room):
    """A key that has not run step 2 has agreed to nothing yet."""
    with pytest.raises(WrongState, match="not run step 2"):
        ceremony.step3(room.fresh[0], room.twos)


def test_wrong_share_concerns_its_receiver_only(room: Room):
    """The other receiver of the same sender cannot see it."""
    state, _ = ceremony.step3(room.waiting[2], but(room.twos, 2, with_share(room, 12345)))

    assert state == room.states[2]


def test_equivocation():
    """Two trustees who were shown different step 1 messages of a third notice it."""
    fresh, ones = zip(*(ceremony.step1(i, 3, 2) for i in (1, 2, 3)), strict=True)
    liar, second_face = ceremony.step1(1, 3, 2)
    shown_to_3 = [second_face, *ones[1:]]
    _, two_of_2 = ceremony.step2(fresh[1], ones)
    third, two_of_3 = ceremony.step2(fresh[2], shown_to_3)
    _, two_of_1 = ceremony.step2(liar, shown_to_3)
    with pytest.raises(FaultyTrustee, match="saw other step 1 messages") as caught:
        ceremony.step3(third, [two_of_1, two_of_2, two_of_3])

    assert caught.value.index == 2
    assert ceremony.agreement_code(ones) != ceremony.agreement_code(shown_to_3)


@pytest.mark.parametrize(
    "committed",
    [
        coefficients_message([G, IDENTITY]),
        coefficients_message([IDENTITY, G]),
        coefficients_message([G]),
        coefficients_message([G, G, G]),
        "no polynomial",
    ],
)
def test_committed_to_nonsense(committed: str):
    """Identity elements, another degree or no polynomial at all name their trustee."""
    pairs = [ceremony.step1(i, 3, 2) for i in (1, 2, 3)]
    ones, liar = [message for _, message in pairs], pairs[1][0]
    # Certificate first, for the commitment covers its signature.
    hidden = replace(ones[1], commitment=commitment(ones[1].cert, committed))
    signature = sign_message(hidden.statement, liar.signing_secret)
    ones[1] = replace(hidden, signature=signature)
    liar = replace(liar, step1s=(ones[1].encode().decode(),))
    waiting, two_of_1 = ceremony.step2(pairs[0][0], ones)
    twos = [two_of_1, ceremony.step2(liar, ones)[1], ceremony.step2(pairs[2][0], ones)[1]]
    signed = SignedMessage(committed, sign_message(committed, liar.signing_secret))
    with pytest.raises(FaultyTrustee, match="coefexps") as caught:
        ceremony.step3(waiting, but(twos, 2, replace(twos[1], coefexps=signed)))

    assert caught.value.index == 2
