"""trustees.json: what everyone can check, against our own and against a stock tool's."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto import ceremony
from crypto.encoding import canonical
from crypto.errors import BadTrustees, Malformed
from crypto.group import IDENTITY, G
from crypto.keyfile import TrusteeState, decryption_scalar, new_seed, signing_scalar
from crypto.sigma import prove_key
from crypto.trustees import Pedersen, Single, TrusteeKey, Trustees
from tests.crypto.room import Room, hold, refusals

SAMPLE = Path(__file__).parents[1] / "interop" / "sample"


def read(raw: bytes) -> None:
    """What every reader of trustees.json does."""
    Trustees.decode(raw).check()


def read_item(raw: bytes) -> None:
    """The same for the bytes of its only item."""
    read(b"[" + raw + b"]")


def alone() -> Single:
    """The item of a trustee who alone holds a key."""
    return ceremony.single(TrusteeState(new_seed(), 1, 1, 1)).item


class TestSample:
    """A 2-of-3 key that a stock belenios-tool made."""

    def test_is_accepted(self):
        """It decodes, its checks hold, and it re-encodes byte for byte."""
        raw = (SAMPLE / "trustees.json").read_bytes().rstrip(b"\n")
        trustees = Trustees.decode(raw)
        trustees.check()

        assert trustees.encode() == raw
        assert (trustees.needed, len(trustees.verification_keys)) == (2, 3)

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
    @pytest.mark.parametrize(("size", "threshold"), [(2, 2), (3, 2), (5, 5)])
    def test_is_accepted(self, size: int, threshold: int):
        """What a ceremony makes decodes, checks and re-encodes byte for byte."""
        raw = hold(size, threshold).trustees.encode()
        trustees = Trustees.decode(raw)
        trustees.check()

        assert trustees.encode() == raw
        assert trustees.needed == threshold

    def test_owners_are_numbered_through(self, room: Room):
        """A single key beside a threshold takes the next number."""
        single = alone()
        trustees = Trustees((room.item, single))
        trustees.check()

        assert len(trustees.verification_keys) == len(trustees.signing_keys) == 4
        assert trustees.verification_keys[3] == trustees.signing_keys[3] == single.public_key
        assert trustees.public_key == room.item.public_key * single.public_key
        assert trustees.needed == 3

    def test_name_of_a_trustee_is_kept(self):
        """A stock tool may write names; they survive."""
        item = alone()
        named = Trustees((Single(replace(item.key, name="Trần Văn Ba")),))

        assert Trustees.decode(named.encode()) == named


class TestMutations:
    @pytest.mark.slow
    @pytest.mark.parametrize("whose", ["threshold", "single key", "sample"])
    def test_every_mutation_is_refused(self, room: Room, whose: str):
        """One altered field anywhere in ours or a stock tool's is malformed or fails a check."""
        (sample,) = json.loads((SAMPLE / "trustees.json").read_bytes())
        single = alone().to_json()
        item = {"threshold": room.item.to_json(), "single key": single, "sample": sample}[whose]
        for what, error in refusals(item, read_item):
            assert isinstance(error, Malformed | BadTrustees), what


# What is forged: how, of an item and a stranger's, and what the refusal says.
FORGED: dict[str, tuple[Callable[[Pedersen, Pedersen], dict[str, tuple[object, ...]]], str]] = {
    "a stranger's certificate breaks the first transcript": (
        lambda a, b: {"certs": (*a.certs[:2], b.certs[2])}, "trustee 1: transcript"),
    "a certificate holds its place": (
        lambda a, _: {"certs": (a.certs[1], a.certs[0], a.certs[2])}, "made for another ceremony"),
    "two trustees with one key are one trustee": (
        lambda a, _: {"certs": (a.certs[0], a.certs[0], a.certs[2])}, "same certificate key"),
    "a certificate is signed by its own key": (
        lambda a, b: {"certs": (a.certs[0], replace(a.certs[1], signature=b.certs[1].signature),
                                a.certs[2])}, "trustee 1: transcript"),
    "a polynomial that the trustee did not sign": (
        lambda a, b: {"coefexps": (b.coefexps[0], *a.coefexps[1:])}, "trustee 1: coefexps"),
    "a verification key belongs to its place": (
        lambda a, _: {"keys": (a.keys[1], a.keys[0], a.keys[2])},
        "trustee 1: verification key is not the committed one"),
    "a verification key is signed": (
        lambda a, _: {"keys": (replace(a.keys[0], signature=None), *a.keys[1:])},
        "trustee 1: verification key is not signed"),
}  # fmt: skip


class TestChecks:
    @pytest.mark.parametrize("name", FORGED)
    def test_one_forged_part_of_a_threshold(self, room: Room, elsewhere: Room, name: str):
        """Whatever is another's, twice there or unsigned is refused by its reason."""
        forged, reason = FORGED[name]
        item = replace(room.item, **forged(room.item, elsewhere.item))  # type: ignore[arg-type]
        with pytest.raises(BadTrustees, match=reason):
            read(Trustees((item,)).encode())

    def test_proof_of_another_key(self):
        """A single key comes with its own proof of possession."""
        single = Single(TrusteeKey(prove_key(7), G**8))
        with pytest.raises(BadTrustees, match="proof of possession"):
            read(Trustees((single,)).encode())

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

    def test_nothing_signs_the_key_of_a_single_trustee(self):
        """A signature there would be checked by nobody."""
        key = alone().key
        with pytest.raises(Malformed, match=r"trustees\[0\]\[1\]\.signature: only a trustee of"):
            read(Trustees((Single(replace(key, signature=key.pok)),)).encode())

    def test_not_more_trustees_than_fit_a_committee(self):
        """Of all items together, each of which may be small."""
        item = json.loads((SAMPLE / "trustees.json").read_bytes())[0]
        with pytest.raises(Malformed, match="more than 32 trustees"):
            read(canonical([item] * 11))
