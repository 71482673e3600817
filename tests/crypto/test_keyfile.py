"""The key file: what a trustee keeps, behind a passphrase."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import ceremony, keyfile
from crypto.committee import Moment, salt_commitment
from crypto.encoding import BASE58, canonical
from crypto.errors import (
    AlreadyDecrypted,
    AlreadySigned,
    Malformed,
    WrongPassphrase,
    WrongState,
)
from crypto.group import G, Q
from crypto.keyfile import Cost, TrusteeState
from tests.crypto.room import hold, mutations

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "hoa sen trắng 94"  # noqa: S105
PHI = "A" * 43
TALLY = "0" * 64
DEFINITION, OPENING, CLOSING = Moment


@pytest.fixture(scope="module")
def finished() -> TrusteeState:
    return hold(3, 2).states[0]


def remembering(state: TrusteeState) -> TrusteeState:
    """The state after a whole session."""
    for moment, content in ((DEFINITION, PHI), (OPENING, "a" * 64), (CLOSING, "b" * 64)):
        state = keyfile.remember_signed(state, moment, content)
    return replace(keyfile.remember_tally(state, TALLY), quorum_seen=1_790_000_000, mark="0f" * 16)


class TestSeed:
    def test_shape(self):
        """A seed is 22 characters of Base58, and no two are alike."""
        seeds = {keyfile.new_seed() for _ in range(100)}

        assert len(seeds) == 100
        assert all(len(seed) == 22 and set(seed) <= set(BASE58) for seed in seeds)

    def test_every_character_occurs(self):
        """No character of the alphabet is left out."""
        assert {c for _ in range(200) for c in keyfile.new_seed()} == set(BASE58)

    def test_secrets_differ(self):
        """Signing, decryption and each coefficient derive to different scalars."""
        state = TrusteeState(keyfile.new_seed(), 1, 3, 3)
        derived = [
            keyfile.signing_scalar(state.seed),
            keyfile.decryption_scalar(state.seed),
            *state.polynomial,
        ]

        assert len(set(derived)) == 5
        assert all(0 < scalar < Q for scalar in derived)

    def test_polynomial_belongs_to_the_place(self):
        """The same seed in another ceremony would share another polynomial."""
        seed = keyfile.new_seed()
        places = [(1, 3, 2), (2, 3, 2), (1, 4, 2), (1, 3, 3)]
        constants = {TrusteeState(seed, *place).polynomial[0] for place in places}

        assert len(constants) == len(places)


class TestState:
    def test_hides_itself(self, finished: TrusteeState):
        """Neither str nor repr of a state shows anything secret."""
        text = repr(finished) + str(finished)

        assert finished.seed not in text
        assert str(finished.share) not in text
        assert "1 of 3" in text

    def test_reads_back(self, finished: TrusteeState):
        """A state with a memory survives its JSON."""
        state = remembering(finished)

        assert TrusteeState.from_json(state.to_json(), "F") == state

    def test_every_mutation_of_the_shape_is_refused_or_kept(self, finished: TrusteeState):
        """A state is never silently corrected: what decodes encodes the same."""
        state = remembering(finished)
        for what, value in mutations(state.to_json()):
            try:
                read = TrusteeState.from_json(value, "F")
            except Malformed:
                continue
            assert canonical(read.to_json()) == canonical(value), what


class TestTrial:
    def test_finished_key_works(self, finished: TrusteeState):
        """A trial share opens, under the key that trustees.json holds."""
        assert keyfile.try_share(finished) == G**finished.secret

    def test_single_key_works(self):
        """A single key works from the start."""
        state = TrusteeState(keyfile.new_seed(), 1, 1, 1)

        assert keyfile.try_share(state) == ceremony.single(state).item.public_key

    @pytest.mark.parametrize("use", [lambda state: state.secret, keyfile.try_share])
    def test_unfinished_key_does_not(self, use: Callable[[TrusteeState], object]):
        """Before step 3 there is no key to decrypt with, and nothing to try."""
        state, _ = ceremony.step1(1, 3, 2)
        with pytest.raises(WrongState, match="step 3 is missing"):
            use(state)


class TestSalts:
    def test_each_moment_and_place_has_its_own(self):
        """No two salts are alike: of two moments, of two places in a ceremony, of two seeds."""
        seed = keyfile.new_seed()
        places = [(1, 3, 2), (2, 3, 2), (1, 4, 2), (1, 3, 3)]
        states = [TrusteeState(keyfile.new_seed(), 1, 3, 2)]
        states += [TrusteeState(seed, *place) for place in places]
        salts = {state.salt(moment) for state in states for moment in Moment}

        assert len(salts) == 3 * len(states)
        assert all(len(salt) == 32 for salt in salts)

    def test_commitments_open_with_them(self, finished: TrusteeState):
        """What step 1 says is of these salts, under the certificate's key."""
        key = (G**finished.signing_secret).raw

        assert finished.salt_commitments == tuple(
            salt_commitment(moment, key, finished.salt(moment)) for moment in Moment
        )


class TestMemory:
    @pytest.mark.parametrize("moment", Moment)
    def test_same_again(self, finished: TrusteeState, moment: Moment):
        """What was signed may be signed again; nothing is added."""
        state = remembering(finished)

        assert keyfile.remember_signed(state, moment, str(state.signed(moment))) == state

    @pytest.mark.parametrize("moment", Moment)
    def test_second_of_a_moment(self, finished: TrusteeState, moment: Moment):
        """Another definition, opening or closing is refused for good."""
        state = remembering(finished)
        assert state.signed(moment) is not None
        with pytest.raises(
            AlreadySigned, match=f"trustee 1: this key has signed another {moment} .*no second"
        ):
            keyfile.remember_signed(state, moment, "c" * len(str(state.signed(moment))))

    @pytest.mark.parametrize("moment", [OPENING, CLOSING])
    def test_box_of_a_session_whose_definition_was_not_signed(
        self, finished: TrusteeState, moment: Moment
    ):
        """All sign the definition first: a key that has not is a copy, or of another committee."""
        with pytest.raises(WrongState, match="has not signed the definition"):
            keyfile.remember_signed(finished, moment, "a" * 64)

    def test_who_was_not_of_the_quorum_signs_the_close(self, finished: TrusteeState):
        """A quorum suffices for the opening: the close does not need one's own signature there."""
        state = keyfile.remember_signed(finished, DEFINITION, PHI)

        assert keyfile.remember_signed(state, CLOSING, "b" * 64).closing == "b" * 64

    def test_same_tally_again(self, finished: TrusteeState):
        """The same tally may be opened again; nothing is added."""
        state = remembering(finished)

        assert keyfile.remember_tally(state, TALLY) == state

    def test_another_tally(self, finished: TrusteeState):
        """Another tally of the session is refused for good."""
        with pytest.raises(AlreadyDecrypted, match="trustee 1: this key has opened the tally 0000"):
            keyfile.remember_tally(remembering(finished), "1" * 64)


class TestFile:
    def test_opens(self, finished: TrusteeState):
        """What was sealed opens with the passphrase."""
        assert (
            keyfile.unseal(keyfile.seal(finished, PASSPHRASE, CHEAP), PASSPHRASE, "F") == finished
        )

    def test_default_cost(self, finished: TrusteeState):
        """The default takes 64 MiB for each guess."""
        raw = keyfile.seal(finished, PASSPHRASE)

        assert json.loads(raw)["kdf"]["memory_kib"] == 65536
        assert keyfile.unseal(raw, PASSPHRASE, "F") == finished

    def test_keyboard_does_not_matter(self, finished: TrusteeState):
        """Composed and decomposed Vietnamese letters are the same passphrase."""
        raw = keyfile.seal(finished, PASSPHRASE, CHEAP)

        assert keyfile.unseal(raw, unicodedata.normalize("NFD", PASSPHRASE), "F") == finished

    def test_never_twice_the_same(self, finished: TrusteeState):
        """Salt and nonce are fresh each time."""
        first, second = (json.loads(keyfile.seal(finished, PASSPHRASE, CHEAP)) for _ in range(2))

        assert first["kdf"]["salt"] != second["kdf"]["salt"]
        assert first["nonce"] != second["nonce"]

    def test_shows_nothing(self, finished: TrusteeState):
        """Nothing of the state stands readable in the file."""
        raw = keyfile.seal(finished, PASSPHRASE, CHEAP).decode()

        assert finished.seed not in raw
        assert str(finished.share) not in raw

    @given(st.text(max_size=20))
    def test_wrong_passphrase(self, passphrase: str):
        """Any other passphrase is refused, and the error names the file only."""
        if unicodedata.normalize("NFC", passphrase) == PASSPHRASE:
            return
        raw = keyfile.seal(TrusteeState(keyfile.new_seed(), 1, 1, 1), PASSPHRASE, CHEAP)
        with pytest.raises((WrongPassphrase, Malformed)) as caught:
            keyfile.unseal(raw, passphrase, "my.key")

        assert "my.key: wrong passphrase" in str(caught.value)

    @pytest.mark.parametrize("field", ["salt", "memory_kib", "iterations", "lanes"])
    def test_header_is_bound(self, finished: TrusteeState, field: str):
        """An altered header does not open, even where the parameter is acceptable."""
        value = json.loads(keyfile.seal(finished, PASSPHRASE, CHEAP))
        old = value["kdf"][field]
        value["kdf"][field] = "AAAAAAAAAAAAAAAAAAAAAA==" if field == "salt" else old + 1
        with pytest.raises(WrongPassphrase):
            keyfile.unseal(canonical(value), PASSPHRASE, "F")

    @pytest.mark.parametrize(
        ("field", "number"),
        [
            ("memory_kib", 100 << 20),
            ("memory_kib", (1 << 20) + 1),
            ("memory_kib", 7),
            ("iterations", 17),
            ("iterations", 0),
            ("lanes", 17),
            ("lanes", 0),
        ],
    )
    def test_hostile_cost(self, finished: TrusteeState, field: str, number: int):
        """A file that asks for 100 GiB or for hours is refused before any work."""
        value = json.loads(keyfile.seal(finished, PASSPHRASE, CHEAP))
        value["kdf"][field] = number
        with pytest.raises(Malformed, match=rf"F\.kdf\.{field}"):
            keyfile.unseal(canonical(value), PASSPHRASE, "F")

    def test_every_mutation_is_refused(self, finished: TrusteeState):
        """One altered field anywhere: malformed, or it does not open."""
        for what, value in mutations(json.loads(keyfile.seal(finished, PASSPHRASE, CHEAP))):
            try:
                keyfile.unseal(canonical(value), PASSPHRASE, "F")
            except (Malformed, WrongPassphrase):
                continue
            pytest.fail(f"accepted: {what}")

    def test_another_kind_of_file(self):
        """A message given for a key file is told apart from a damaged key file."""
        with pytest.raises(Malformed, match="F: not a trustee's key file"):
            keyfile.unseal(b'{"schema":"phieukin.step1/1"}', PASSPHRASE, "F")

    def test_too_large(self):
        """A key file is read up to a megabyte."""
        with pytest.raises(Malformed, match="at most"):
            keyfile.unseal(b" " * (keyfile.LIMIT + 1), PASSPHRASE, "F")
