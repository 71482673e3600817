"""The ceremony: what honest trustees get, its transcript and its files."""

import json
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from crypto import ceremony, shamir
from crypto.ceremony_messages import LIMIT, SingleKey, Step1, Step2, Step3
from crypto.committee import Committee, Member
from crypto.encoding import BASE58, canonical
from crypto.errors import BadTrustees, FaultyTrustee, Malformed, ProtocolError
from crypto.group import IDENTITY, G, Q, montgomery, montgomery_secret
from crypto.keyfile import TrusteeState, decryption_scalar, new_seed
from crypto.trustees import Trustees
from tests.crypto.room import Room, but, hold, refusals, signed_again

DECODERS = {"step1": Step1.decode, "step2": Step2.decode, "step3": Step3.decode}


class TestHonest:
    @pytest.mark.parametrize(
        ("size", "threshold"), [(n, t) for n in range(2, 6) for t in range(n // 2 + 1, n + 1)]
    )
    def test_any_threshold_of_trustees_holds_the_key(self, size: int, threshold: int):
        """Every subset of t trustees interpolates to one and the same secret, that of y."""
        room = hold(size, threshold)
        for chosen in combinations(range(1, size + 1), threshold):
            weights = shamir.lagrange(chosen)
            secret = sum(weights[i] * room.states[i - 1].secret for i in chosen)

            assert G**secret == room.item.public_key

    def test_fewer_than_the_threshold_hold_nothing(self, room: Room):
        """A single share of a 2-of-3 key interpolates to another key."""
        assert all(G**state.secret != room.item.public_key for state in room.states)

    @pytest.mark.slow
    @settings(max_examples=15)
    @given(st.data())
    def test_any_subset_decrypts(self, data: st.DataObject):
        """alpha^S_j of any t trustees combine to alpha^x."""
        size = data.draw(st.integers(2, 7))
        threshold = data.draw(st.integers(size // 2 + 1, size))
        room = hold(size, threshold)
        chosen = data.draw(st.permutations(range(1, size + 1)))[:threshold]
        r = data.draw(st.integers(1, Q - 1))
        weights, alpha = shamir.lagrange(chosen), G**r
        opened = IDENTITY
        for i in chosen:
            opened = opened * (alpha ** room.states[i - 1].secret) ** weights[i]

        assert opened == room.item.public_key**r

    def test_messages_read_back(self, room: Room):
        """Each message decodes to itself and encodes to the same bytes."""
        messages: list[Step1 | Step2 | Step3] = [*room.ones, *room.twos, *room.threes]
        for message in messages:
            raw = message.encode()

            assert type(message).decode(raw, "F") == message
            assert len(raw) < LIMIT

    def test_order_of_files_does_not_matter(self, room: Room):
        """The messages may be given in any order."""
        item = ceremony.assemble(room.ones[::-1], room.twos[::-1], room.threes[::-1])

        assert item == room.item
        assert ceremony.agreement_code(room.ones[::-1]) == ceremony.agreement_code(room.ones)

    def test_steps_may_be_repeated(self, room: Room):
        """Running a step again with the same files gives the same share and key."""
        state, again = ceremony.step2(room.states[0], room.ones)
        state, three = ceremony.step3(state, but(room.twos, 1, again))

        assert again.coefexps.message == room.twos[0].coefexps.message
        assert state == room.states[0]
        assert three.key.public_key == room.threes[0].key.public_key

    def test_single_key_is_complete(self):
        """One trustee alone makes a valid item, and its message reads back."""
        state = TrusteeState(new_seed(), 1, 1, 1)
        message = ceremony.single(state)
        Trustees((message.item,)).check()

        assert SingleKey.decode(message.encode(), "F") == message
        assert message.item.public_key == G**state.secret
        assert message.salts == state.salt_commitments

    @given(st.text(BASE58, min_size=22, max_size=22))
    def test_montgomery_keys_agree(self, seed: str):
        """The X25519 private key of an exponent has the public key of its element."""
        dk = decryption_scalar(seed)
        public = bindings.crypto_scalarmult_base(montgomery_secret(dk))

        assert public == montgomery(G**dk)

    def test_largest_ceremony_fits(self):
        """Messages of 32 trustees, all needed, stay within the limit of a file."""
        fresh, ones = zip(*(ceremony.step1(i, 32, 32) for i in range(1, 33)), strict=True)
        _, two = ceremony.step2(fresh[0], ones)

        assert Step2.decode(two.encode(), "F") == two


@pytest.mark.parametrize(
    ("index", "size", "threshold"),
    [(0, 3, 2), (4, 3, 2), (1, 3, 4), (1, 3, 0), (1, 1, 1), (1, 33, 17), (1, 3, 1), (1, 4, 2)],
)
def test_impossible_places_are_refused(index: int, size: int, threshold: int):
    """A number, size or threshold outside its bounds makes no key; nor one of two halves."""
    with pytest.raises(Malformed):
        ceremony.step1(index, size, threshold)


class TestTranscript:
    def check(self, room: Room, ones: list[Step1], twos: list[Step2]) -> None:
        raw = canonical(ceremony.transcript(ones, twos))
        ceremony.check_transcript(raw, room.trustees, room.committee)

    def test_honest(self, room: Room):
        """The transcript of an honest ceremony fits its trustees.json."""
        self.check(room, room.ones, room.twos)

    def test_other_commitment(self, room: Room):
        """A commitment to another polynomial is found, even if properly signed."""
        bad = signed_again(replace(room.ones[1], commitment="0" * 64), room.states[1])
        bad = replace(room.ones[1], commitment="0" * 64, signature=bad.signature)
        with pytest.raises(BadTrustees, match="trustee 2: did not commit"):
            self.check(room, but(room.ones, 2, bad), room.twos)

    def test_commitment_signed_by_nobody(self, room: Room, elsewhere: Room):
        """A commitment needs its trustee's signature."""
        bad = replace(room.ones[1], signature=elsewhere.ones[1].signature)
        with pytest.raises(BadTrustees, match="trustee 2: signature of the commitment"):
            self.check(room, but(room.ones, 2, bad), room.twos)

    def test_revealed_before_all_had_committed(self, room: Room, elsewhere: Room):
        """A trustee who signed other commitments when it revealed is named."""
        bad = replace(room.twos[1], signature=elsewhere.twos[1].signature)
        with pytest.raises(BadTrustees, match="trustee 2: revealed with other commitments"):
            self.check(room, room.ones, but(room.twos, 2, bad))

    @pytest.mark.parametrize("place", range(3))
    def test_salts_that_the_trustee_did_not_sign(self, room: Room, place: int):
        """A definition that names other salts than step 1 does is found by that signature."""
        members = list(room.committee.members)
        salts = list(members[1].salts)
        salts[place] = "0" * 64
        members[1] = Member(members[1].key, (salts[0], salts[1], salts[2]))
        raw = canonical(ceremony.transcript(room.ones, room.twos))
        with pytest.raises(BadTrustees, match="trustee 2: signature of the commitment"):
            ceremony.check_transcript(raw, room.trustees, Committee(2, tuple(members)))

    def test_of_another_ceremony(self, room: Room, elsewhere: Room):
        """The transcript of other trustees does not fit."""
        with pytest.raises(BadTrustees):
            self.check(room, elsewhere.ones, elsewhere.twos)

    def test_single_key_has_none(self):
        """A single key's transcript is empty."""
        message = ceremony.single(TrusteeState(new_seed(), 1, 1, 1))
        raw = b'{"schema":"phieukin.ceremony/1","trustees":[]}'
        ceremony.check_transcript(
            raw, Trustees((message.item,)), ceremony.committee_of(1, [message])
        )

    def test_every_mutation_is_refused(self, room: Room):
        """One altered field anywhere in ceremony.json is refused."""
        trustees = room.trustees

        def read(raw: bytes) -> None:
            ceremony.check_transcript(raw, trustees, room.committee)

        for what, error in refusals(ceremony.transcript(room.ones, room.twos), read):
            assert isinstance(error, Malformed | BadTrustees), what


class TestFiles:
    @pytest.mark.parametrize("expected", DECODERS)
    def test_wrong_kind_is_named(self, room: Room, expected: str):
        """A file for another step is refused with what it is and what it should be."""
        files = {
            "step1": room.ones[0].encode(),
            "step2": room.twos[0].encode(),
            "step3": room.threes[0].encode(),
        }
        for kind, raw in files.items():
            if kind != expected:
                sentence = f"a.json: a step {kind[-1]} message, where a step {expected[-1]} message"
                with pytest.raises(Malformed, match=sentence):
                    DECODERS[expected](raw, "a.json")

    @pytest.mark.parametrize("raw", [b"[]", b"{}", b"null", b'{"schema":1}', b'{"schema":"x"}'])
    def test_foreign_json_is_named(self, raw: bytes):
        """Any other JSON is a file of another kind."""
        with pytest.raises(Malformed, match="a file of another kind, where a step 1 message is"):
            Step1.decode(raw, "F")

    def test_secret_file_is_named(self):
        """Giving away the key file by mistake is told apart from other mistakes."""
        with pytest.raises(Malformed, match="a secret key file, where a step 1 message"):
            Step1.decode(b'{"schema":"phieukin.key/1"}', "F")

    @pytest.mark.parametrize("name", ["encryption", "verification"])
    def test_identity_as_a_certified_key(self, room: Room, name: str):
        """The identity is no key and does not sign; the error names the file and the field."""
        certificate = replace(room.ones[1].certificate, **{name: IDENTITY})  # type: ignore[arg-type]
        with pytest.raises(Malformed, match=rf"2.json: certificate.message.{name}: the id"):
            Step1.decode(replace(room.ones[1], certificate=certificate).encode(), "2.json")

    def test_identity_as_verification_key(self, room: Room):
        """The same in step 3."""
        key = replace(room.threes[1].key, public_key=IDENTITY)
        with pytest.raises(Malformed, match=r"key\.public_key: the identity"):
            Step3.decode(replace(room.threes[1], key=key).encode(), "F")

    @pytest.mark.parametrize("step", DECODERS)
    def test_every_mutation_of_a_message_is_refused(self, room: Room, step: str):
        """One altered field anywhere: malformed, or trustee 2 is named."""

        def read(raw: bytes) -> None:
            message = DECODERS[step](raw, "F")
            if isinstance(message, Step1):
                ceremony.step2(room.fresh[0], but(room.ones, 2, message))
            elif isinstance(message, Step2):
                ceremony.step3(room.waiting[0], but(room.twos, 2, message))
            elif isinstance(message, Step3):
                ceremony.assemble(room.ones, room.twos, but(room.threes, 2, message))

        sent = {"step1": room.ones[1].encode(), "step2": room.twos[1].encode()}
        honest = sent.get(step, room.threes[1].encode())
        for what, error in refusals(json.loads(honest), read):
            is_named(error, what)


def is_named(error: ProtocolError, what: str) -> None:
    """Altered numbers of trustees collide with another's; everything else is trustee 2's."""
    if isinstance(error, FaultyTrustee):
        assert error.index == 2 or "index" in what, what
    else:
        assert isinstance(error, Malformed), what


def test_shares_travel_under_the_certified_key(room: Room):
    """The share for trustee 1 opens with the decryption scalar of its seed, as g^dk says."""
    dk = decryption_scalar(room.states[0].seed)

    assert room.ones[0].certificate.encryption == G**dk
