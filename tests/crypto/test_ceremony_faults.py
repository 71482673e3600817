"""Every way to deviate from the ceremony, and who is named for it."""

from dataclasses import replace

import pytest

from crypto import ceremony, shamir
from crypto.ceremony_messages import Step1, Step2, Step3, commitment, seal_share
from crypto.errors import FaultyTrustee, Incomplete, Malformed, WrongState
from crypto.group import IDENTITY, G, Q
from crypto.keyfile import TrusteeState, new_seed
from crypto.sigma import prove_key, sign_message
from crypto.trustees import SignedMessage, coefficients_message
from tests.crypto.room import Room, but, hold, resent, signed_again


@pytest.fixture(scope="module")
def room() -> Room:
    return hold(3, 2)


@pytest.fixture(scope="module")
def elsewhere() -> Room:
    return hold(3, 2)


def accused(call, *arguments: object) -> tuple[int, str]:
    """Whom the call accuses, and of what."""
    with pytest.raises(FaultyTrustee) as caught:
        call(*arguments)
    return caught.value.index, str(caught.value)


class TestStep1IsChecked:
    def test_forged_certificate(self, room: Room, elsewhere: Room):
        """A certificate under another signature names its trustee."""
        bad = replace(room.ones[1], proof=elsewhere.ones[1].proof)

        assert accused(ceremony.step2, room.fresh[0], but(room.ones, 2, bad)) == (
            2, "trustee 2: signature of the certificate",
        )  # fmt: skip

    def test_altered_commitment(self, room: Room, elsewhere: Room):
        """A commitment that was altered on the way is not signed."""
        bad = replace(room.ones[1], commitment=elsewhere.ones[1].commitment)

        assert accused(ceremony.step2, room.fresh[0], but(room.ones, 2, bad)) == (
            2, "trustee 2: signature of the step 1 message",
        )  # fmt: skip

    @pytest.mark.parametrize(("size", "threshold"), [(3, 3), (4, 2)])
    def test_another_ceremony(self, room: Room, size: int, threshold: int):
        """A certificate for another size or threshold names its trustee."""
        _, bad = ceremony.step1(2, size, threshold)
        index, detail = accused(ceremony.step2, room.fresh[0], but(room.ones, 2, bad))

        assert (index, f"certificate for {threshold} of {size}" in detail) == (2, True)

    def test_repeated_verification_key(self, room: Room):
        """Whoever uses the signing key of another is named, even where he stands first."""
        thief = replace(room.fresh[2], index=1)
        _, bad = ceremony._step1(thief)
        index, detail = accused(ceremony.step2, room.fresh[2], but(room.ones, 1, bad))

        assert (index, detail) == (1, "trustee 1: has a key of trustee 3")

    def test_repeated_encryption_key(self, room: Room):
        """Whoever claims the encryption key of another is named."""
        state = room.fresh[1]
        certificate = replace(
            room.ones[1].certificate, encryption=room.ones[0].certificate.encryption
        )
        bad = signed_again(replace(room.ones[1], certificate=certificate), state)

        assert accused(ceremony.step2, room.fresh[2], but(room.ones, 2, bad)) == (
            2, "trustee 2: has a key of trustee 1",
        )  # fmt: skip

    def test_own_message_altered(self, room: Room):
        """One's own message must come back as it was made, even if well signed."""
        bad = signed_again(replace(room.ones[0], commitment="0" * 64), room.fresh[0])
        index, detail = accused(ceremony.step2, room.fresh[0], but(room.ones, 1, bad))

        assert (index, "your own step 1 message" in detail) == (1, True)

    def test_second_set_is_refused(self, room: Room):
        """After step 2 a key answers no other set: else a courier could collect its shares."""
        _, bad = ceremony.step1(3, 3, 2)
        index, detail = accused(ceremony.step2, room.waiting[0], but(room.ones, 3, bad))

        assert (index, "than the one this key has answered" in detail) == (3, True)

    def test_missing(self, room: Room):
        """Missing messages are named by their trustees, and nobody is accused."""
        with pytest.raises(Incomplete, match="step 1 message of trustee 2, 3 is missing"):
            ceremony.step2(room.fresh[0], room.ones[:1])

    def test_given_twice(self, room: Room):
        """The same file twice is a mistake of whoever gives it, not of the trustee."""
        copy = Step1.decode(room.ones[1].encode(), "F")
        with pytest.raises(Malformed, match="step 1 message of trustee 2 is given twice"):
            ceremony.step2(room.fresh[0], [*room.ones, copy])

    def test_two_different(self, room: Room, elsewhere: Room):
        """Two different messages of one trustee name that trustee."""
        assert accused(ceremony.step2, room.fresh[0], [*room.ones, elsewhere.ones[1]]) == (
            2, "trustee 2: two different step 1 messages",
        )  # fmt: skip

    def test_single_key_has_no_second_step(self, room: Room):
        """A single key is complete after step 1 and says so."""
        state = TrusteeState(new_seed(), 1, 1, 1)
        with pytest.raises(WrongState, match="step 1 only"):
            ceremony.step2(state, room.ones)
        with pytest.raises(WrongState, match="step 1 only"):
            ceremony.step3(state, room.twos)


class TestStep2IsChecked:
    def test_wrong_reveal(self, room: Room):
        """Whoever reveals another polynomial than it committed to is named."""
        revealed = coefficients_message(shamir.commit(shamir.random_polynomial(2)))
        proof = sign_message(revealed, room.states[1].signing_secret)
        bad = replace(room.twos[1], coefexps=SignedMessage(revealed, proof))
        index, detail = accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad))

        assert (index, "committed to" in detail) == (2, True)

    def test_wrong_share(self, room: Room):
        """A share that is not on the polynomial names its sender to the receiver."""
        bad = with_share(room, 2, 1, 12345)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: the share it sent is not on its polynomial",
        )  # fmt: skip

    def test_wrong_share_concerns_its_receiver_only(self, room: Room):
        """The other receiver of the same sender cannot see it."""
        bad = with_share(room, 2, 1, 12345)
        state, _ = ceremony.step3(room.waiting[2], but(room.twos, 2, bad))

        assert state == room.states[2]

    def test_share_not_below_q(self, room: Room):
        """A share plus q, which would also fit the polynomial, is refused."""
        right = shamir.evaluate(room.states[1].polynomial, 1)
        bad = with_share(room, 2, 1, right + Q)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: the share it sent is not below q",
        )  # fmt: skip

    @pytest.mark.parametrize("garbage", [bytes(80), b"\xff" * 80, b"\x01" + bytes(79)])
    def test_garbage_share(self, room: Room, garbage: bytes):
        """A sealed share that does not open names its sender."""
        shares = (garbage, *room.twos[1].shares[1:])
        bad = resent(room.states[1], room.twos[1], shares)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: the share it sent does not open",
        )  # fmt: skip

    def test_swapped_shares(self, room: Room):
        """Shares in the places of each other open for neither receiver."""
        bad = resent(room.states[1], room.twos[1], room.twos[1].shares[::-1])

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad))[0] == 2

    def test_share_of_another_sender(self, room: Room):
        """A sealed share copied from another sender does not open: the sender is bound."""
        shares = (room.twos[2].shares[0], room.twos[1].shares[1])
        bad = resent(room.states[1], room.twos[1], shares)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad))[0] == 2

    def test_swapped_index(self, room: Room):
        """A message under the number of another trustee is not signed by that one."""
        bad = replace(room.twos[1], index=3)
        twos = [room.twos[0], replace(room.twos[2], index=2), bad]

        assert accused(ceremony.step3, room.waiting[0], twos) == (
            2, "trustee 2: signature of the step 2 message",
        )  # fmt: skip

    def test_altered_on_the_way(self, room: Room, elsewhere: Room):
        """Shares exchanged by the courier are not what the trustee signed."""
        bad = replace(room.twos[1], shares=elsewhere.twos[1].shares)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: signature of the step 2 message",
        )  # fmt: skip

    def test_equivocation(self):
        """Two trustees who were shown different step 1 messages of a third notice it."""
        fresh, ones = zip(*(ceremony.step1(i, 3, 2) for i in (1, 2, 3)), strict=True)
        liar, second_face = ceremony.step1(1, 3, 2)
        shown_to_3 = [second_face, *ones[1:]]
        _, two_of_2 = ceremony.step2(fresh[1], ones)
        third, two_of_3 = ceremony.step2(fresh[2], shown_to_3)
        _, two_of_1 = ceremony.step2(liar, shown_to_3)
        index, detail = accused(ceremony.step3, third, [two_of_1, two_of_2, two_of_3])

        assert (index, "saw other step 1 messages" in detail) == (2, True)
        assert ceremony.agreement_code(ones) != ceremony.agreement_code(shown_to_3)

    def test_forged_polynomial_signature(self, room: Room, elsewhere: Room):
        """A polynomial under another signature names its trustee."""
        coefexps = replace(room.twos[1].coefexps, signature=elsewhere.twos[1].coefexps.signature)
        bad = replace(room.twos[1], coefexps=coefexps)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: signature of the polynomial",
        )  # fmt: skip

    def test_forged_transcript(self, room: Room, elsewhere: Room):
        """A signature over other certificates names its trustee."""
        bad = replace(room.twos[1], transcript=elsewhere.twos[1].transcript)

        assert accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad)) == (
            2, "trustee 2: signature of the transcript",
        )  # fmt: skip

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
    def test_committed_to_nonsense(self, committed: str):
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
        bad = replace(twos[1], coefexps=signed)
        index, detail = accused(ceremony.step3, waiting, but(twos, 2, bad))

        assert (index, "coefexps" in detail) == (2, True)

    def test_too_many_shares(self, room: Room):
        """A message with shares for more trustees than there are names its sender."""
        bad = resent(room.states[1], room.twos[1], (*room.twos[1].shares, bytes(80)))
        index, detail = accused(ceremony.step3, room.waiting[0], but(room.twos, 2, bad))

        assert (index, "3 shares, expected 2" in detail) == (2, True)

    def test_stranger(self, room: Room):
        """A fourth trustee among three is named."""
        bad = replace(room.twos[1], index=4)

        assert accused(ceremony.step3, room.waiting[0], [*room.twos, bad])[0] == 4

    def test_missing(self, room: Room):
        """A missing message is named by its trustee, and nobody is accused."""
        with pytest.raises(Incomplete, match="step 2 message of trustee 3 is missing"):
            ceremony.step3(room.waiting[0], room.twos[:2])

    def test_given_twice(self, room: Room):
        """The same file twice is a mistake of whoever gives it."""
        copy = Step2.decode(room.twos[1].encode(), "F")
        with pytest.raises(Malformed, match="step 2 message of trustee 2 is given twice"):
            ceremony.step3(room.waiting[0], [*room.twos, copy])

    def test_not_before_step_2(self, room: Room):
        """A key that has not run step 2 has agreed to nothing yet."""
        with pytest.raises(WrongState, match="not run step 2"):
            ceremony.step3(room.fresh[0], room.twos)


def with_share(room: Room, sender: int, receiver: int, share: int) -> Step2:
    """The sender's message with another share for one receiver, properly sealed and signed."""
    two = room.twos[sender - 1]
    sealed = seal_share(share, two.agreed, sender, room.ones[receiver - 1].certificate)
    shares = tuple(sealed if s == two.share_for(receiver) else s for s in two.shares)
    return resent(room.states[sender - 1], two, shares)


class TestStep3IsChecked:
    def assembled(self, room: Room, bad: Step3) -> tuple[int, str]:
        return accused(ceremony.assemble, room.ones, room.twos, but(room.threes, bad.index, bad))

    def test_wrong_verification_key(self, room: Room):
        """A key that is not the committed one names its trustee, however well proved."""
        public = G**7
        signature = sign_message(public.hex, room.states[1].signing_secret)
        key = replace(room.threes[1].key, pok=prove_key(7), public_key=public, signature=signature)

        assert self.assembled(room, replace(room.threes[1], key=key)) == (
            2, "trustee 2: verification key is not the committed one",
        )  # fmt: skip

    def test_wrong_proof_of_possession(self, room: Room):
        """A proof for another key names its trustee."""
        key = replace(room.threes[1].key, pok=room.threes[0].key.pok)
        index, detail = self.assembled(room, replace(room.threes[1], key=key))

        assert (index, "proof of possession" in detail) == (2, True)

    def test_forged_signature(self, room: Room):
        """A key signed by another trustee names its own."""
        key = replace(room.threes[1].key, signature=room.threes[0].key.signature)
        index, detail = self.assembled(room, replace(room.threes[1], key=key))

        assert (index, "signature of the verification key" in detail) == (2, True)

    def test_unsigned_key(self, room: Room):
        """A key without its trustee's signature names the trustee."""
        key = replace(room.threes[1].key, signature=None)
        index, detail = self.assembled(room, replace(room.threes[1], key=key))

        assert (index, "not signed" in detail) == (2, True)

    def test_another_ceremony(self, room: Room, elsewhere: Room):
        """A message from another ceremony names its trustee."""
        index, detail = self.assembled(room, elsewhere.threes[1])

        assert (index, "another ceremony" in detail) == (2, True)

    def test_missing(self, room: Room):
        """Without every message there is no item."""
        with pytest.raises(Incomplete, match="step 3 message of trustee 3"):
            ceremony.assemble(room.ones, room.twos, room.threes[:2])
        with pytest.raises(Incomplete):
            ceremony.assemble([], room.twos, room.threes)
