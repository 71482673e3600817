"""trustees.json: what everyone can check, against our own and against a stock tool's."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crypto import ceremony
from crypto.encoding import canonical
from crypto.errors import BadTrustees, Malformed
from crypto.group import IDENTITY, G
from crypto.keyfile import decryption_scalar, new_seed, signing_scalar
from crypto.sigma import prove_key
from crypto.trustees import Pedersen, Single, TrusteeKey, Trustees
from tests.crypto.room import Room, hold, refusals

SAMPLE = Path(__file__).parents[1] / "interop" / "sample"


@pytest.fixture(scope="module")
def room() -> Room:
    return hold(3, 2)


@pytest.fixture(scope="module")
def elsewhere() -> Room:
    return hold(3, 2)


def read(raw: bytes) -> None:
    """What every reader of trustees.json does."""
    Trustees.decode(raw).check()


def read_item(raw: bytes) -> None:
    """The same for the bytes of its only item."""
    read(b"[" + raw + b"]")


class TestSample:
    """A 2-of-3 key that a stock belenios-tool made."""

    def test_is_accepted(self):
        """It decodes, its checks hold, and it re-encodes byte for byte."""
        raw = (SAMPLE / "trustees.json").read_bytes().rstrip(b"\n")
        trustees = Trustees.decode(raw)
        trustees.check()

        assert trustees.encode() == raw
        assert (trustees.needed, len(trustees.verification_keys)) == (2, 3)

    def test_is_the_key_of_its_election(self):
        """The product of the items is the election's public key."""
        trustees = Trustees.decode((SAMPLE / "trustees.json").read_bytes().rstrip(b"\n"))
        election = json.loads((SAMPLE / "election.json").read_bytes())

        assert trustees.public_key.hex == election["public_key"]

    def test_seeds_derive_its_certificates(self):
        """Both keys of each certificate come from the trustee's seed by our derivation."""
        secrets = json.loads((SAMPLE / "toy-secrets.json").read_bytes())["trustee_seeds"]
        (item,) = Trustees.decode((SAMPLE / "trustees.json").read_bytes().rstrip(b"\n")).items
        assert isinstance(item, Pedersen)
        for certificate in item.certificates:
            seed = secrets[str(certificate.index)]["seed"]

            assert certificate.verification == G ** signing_scalar(seed)
            assert certificate.encryption == G ** decryption_scalar(seed)


class TestOurs:
    @pytest.mark.parametrize(("size", "threshold"), [(2, 1), (3, 2), (5, 5)])
    def test_is_accepted(self, size: int, threshold: int):
        """What a ceremony makes decodes, checks and re-encodes byte for byte."""
        raw = hold(size, threshold).trustees.encode()
        trustees = Trustees.decode(raw)
        trustees.check()

        assert trustees.encode() == raw
        assert trustees.needed == threshold

    def test_owners_are_numbered_through(self, room: Room):
        """A single key beside a threshold takes the next number."""
        single = ceremony.single(new_seed())
        trustees = Trustees((room.item, single))
        trustees.check()

        assert len(trustees.verification_keys) == len(trustees.signing_keys) == 4
        assert trustees.verification_keys[3] == trustees.signing_keys[3] == single.public_key
        assert trustees.public_key == room.item.public_key * single.public_key
        assert trustees.needed == 3

    def test_name_of_a_trustee_is_kept(self):
        """A stock tool may write names; they survive."""
        item = ceremony.single(new_seed())
        named = Trustees((Single(replace(item.key, name="Trần Văn Ba")),))

        assert Trustees.decode(named.encode()) == named


class TestMutations:
    def test_every_mutation_of_a_threshold_is_refused(self, room: Room):
        """One altered field anywhere is malformed or fails a check."""
        for what, error in refusals(room.item.to_json(), read_item):
            assert isinstance(error, Malformed | BadTrustees), what

    def test_every_mutation_of_a_single_key_is_refused(self):
        """The same for a single key."""
        for what, error in refusals(ceremony.single(new_seed()).to_json(), read_item):
            assert isinstance(error, Malformed | BadTrustees), what

    def test_every_mutation_of_the_sample_is_refused(self):
        """The same for what a stock tool made."""
        (item,) = json.loads((SAMPLE / "trustees.json").read_bytes())
        for what, error in refusals(item, read_item):
            assert isinstance(error, Malformed | BadTrustees), what


class TestChecks:
    def refused(self, item: Pedersen | Single, reason: str) -> None:
        with pytest.raises(BadTrustees, match=reason):
            read(Trustees((item,)).encode())

    def test_certificate_of_another(self, room: Room, elsewhere: Room):
        """A certificate exchanged for that of a stranger breaks the first transcript."""
        item = replace(room.item, certs=(*room.item.certs[:2], elsewhere.item.certs[2]))

        self.refused(item, "trustee 1: transcript")

    def test_places_exchanged(self, room: Room):
        """A certificate holds its place."""
        first, second, third = room.item.certs

        self.refused(replace(room.item, certs=(second, first, third)), "made for another ceremony")

    def test_same_certificate_twice(self, room: Room):
        """Two trustees with one key are one trustee."""
        first, _, third = room.item.certs

        self.refused(replace(room.item, certs=(first, first, third)), "same certificate key")

    def test_forged_signature_of_a_certificate(self, room: Room, elsewhere: Room):
        """A certificate is signed by its own key."""
        forged = replace(room.item.certs[1], signature=elsewhere.item.certs[1].signature)
        certs = (room.item.certs[0], forged, room.item.certs[2])

        self.refused(replace(room.item, certs=certs), "trustee 1: transcript")

    def test_polynomial_of_another(self, room: Room, elsewhere: Room):
        """A polynomial that the trustee did not sign is refused."""
        coefexps = (elsewhere.item.coefexps[0], *room.item.coefexps[1:])

        self.refused(replace(room.item, coefexps=coefexps), "trustee 1: coefexps")

    def test_verification_key_of_another(self, room: Room):
        """Each verification key belongs to its place."""
        first, second, third = room.item.keys
        item = replace(room.item, keys=(second, first, third))

        self.refused(item, "trustee 1: verification key is not the committed one")

    def test_unsigned_verification_key(self, room: Room):
        """In a threshold each verification key is signed."""
        keys = (replace(room.item.keys[0], signature=None), *room.item.keys[1:])

        self.refused(replace(room.item, keys=keys), "trustee 1: verification key is not signed")

    def test_proof_of_another_key(self):
        """A single key comes with its own proof of possession."""
        self.refused(Single(TrusteeKey(prove_key(7), G**8)), "proof of possession")

    def test_keys_that_cancel(self):
        """Two items whose product is the identity would need no trustee at all."""
        items = tuple(Single(TrusteeKey(prove_key(x), G**x)) for x in (7, -7))
        with pytest.raises(BadTrustees, match="the election's key is the identity"):
            read(Trustees(items).encode())

    def test_identity_as_single_key(self):
        """The identity does not even decode."""
        with pytest.raises(Malformed, match=r"public_key: the identity"):
            read(Trustees((Single(TrusteeKey(prove_key(0), IDENTITY)),)).encode())

    @pytest.mark.parametrize("value", [[], {}, [["Other", {}]], [["Single"]], [["Pedersen", 1]]])
    def test_other_shapes(self, value: object):
        """Anything else is malformed."""
        with pytest.raises(Malformed):
            read(canonical(value))
