"""crypto/note.py: who signed what (C2SP signed-note, RFC 8032), and who is named when not."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from crypto import note
from crypto.errors import BadCheckpoint, Malformed
from crypto.group import G, Q, random_scalar
from crypto.note import Note, NoteKey, ScalarSigner, SeedSigner, Signature, Signer
from tests.crypto import figures, naive

RFC8032 = figures.load("rfc8032.json")["tests"]
EXAMPLE = figures.load("signed_note.json")

TEXT = "phieukin/example\nopen\n\ntrình tự\n"
BOX = SeedSigner("phieukin.example/box", bytes([1] * 32))
CHAIR = SeedSigner("phieukin.example/chủ-trì", bytes([2] * 32))
TRUSTEE = ScalarSigner("phieukin.example/trustee-1", 123456789)
SIGNERS: list[Signer] = [BOX, CHAIR, TRUSTEE]
KEYS = [signer.key for signer in SIGNERS]


def rfc_scalar(seed: bytes) -> int:
    """The secret scalar of an RFC 8032 seed (§5.1.5)."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & (1 << 254) - 8 | 1 << 254


def with_signature(signature: bytes, key: NoteKey = BOX.key) -> Note:
    """A note that carries `signature` as the key's own."""
    return Note(TEXT, (Signature(key.name, key.key_id, signature),))


# --- Published figures --------------------------------------------------------------------


@pytest.mark.parametrize("test", RFC8032, ids=lambda test: test["name"])
def test_seed_signs_as_rfc_8032(test: dict[str, str]) -> None:
    """A seed gives the RFC's public key and signature."""
    signer = SeedSigner("rfc", bytes.fromhex(test["secret_key"]))
    assert signer.key.public.hex() == test["public_key"]
    assert signer.sign(bytes.fromhex(test["message"])).hex() == test["signature"]


@pytest.mark.parametrize("test", RFC8032, ids=lambda test: test["name"])
def test_scalar_has_the_rfc_public_key(test: dict[str, str]) -> None:
    """The scalar inside an RFC seed has the same public key as the seed."""
    signer = ScalarSigner("rfc", rfc_scalar(bytes.fromhex(test["secret_key"])))
    assert signer.key.public.hex() == test["public_key"]


def test_example_verifies() -> None:
    """The specification's example parses and its signature is good."""
    note.parse(EXAMPLE["note"].encode()).check([NoteKey.from_vkey(EXAMPLE["vkey"])])


def test_example_is_written_the_same() -> None:
    """The example is our own spelling, to the byte."""
    assert note.parse(EXAMPLE["note"].encode()).encode().decode() == EXAMPLE["note"]
    assert NoteKey.from_vkey(EXAMPLE["vkey"]).vkey == EXAMPLE["vkey"]


# --- Signing ------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", SIGNERS, ids=["box", "chair", "trustee"])
@pytest.mark.parametrize("message", [b"", b"a\n", bytes(1000)], ids=len)
def test_stock_verifiers_accept(signer: Signer, message: bytes) -> None:
    """OpenSSL and libsodium verify both kinds of signers as plain Ed25519."""
    signature = signer.sign(message)
    Ed25519PublicKey.from_public_bytes(signer.key.public).verify(signature, message)
    VerifyKey(signer.key.public).verify(message, signature)


@given(secret=st.integers(1, Q - 1) | st.sampled_from([1, 2, 8, Q - 1]), message=st.binary())
def test_every_scalar_signs(secret: int, message: bytes) -> None:
    """Any signing scalar makes a standard signature, 1 and q − 1 included."""
    signer = ScalarSigner("trustee", secret)
    Ed25519PublicKey.from_public_bytes(signer.key.public).verify(signer.sign(message), message)


def test_scalar_signature_by_its_equation() -> None:
    """S·B = R + H(R ‖ A ‖ M)·A, in big integers."""
    signature, public = TRUSTEE.sign(b"message"), TRUSTEE.key.public
    commitment, key = naive.decode(signature[:32]), naive.decode(public)
    response = int.from_bytes(signature[32:], "little")
    digest = hashlib.sha512(signature[:32] + public + b"message").digest()
    challenge = int.from_bytes(digest, "little") % naive.Q
    assert commitment is not None
    assert key is not None
    assert response < naive.Q
    assert naive.multiply(response, naive.BASE) == naive.add(
        commitment, naive.multiply(challenge, key)
    )


def test_scalar_signatures_never_share_a_nonce() -> None:
    """Two signatures of one message have different R; one nonce for two would reveal the key."""
    assert TRUSTEE.sign(b"message")[:32] != TRUSTEE.sign(b"message")[:32]


def test_scalar_zero_has_no_key() -> None:
    """The scalar 0 is nobody's: its key is the identity."""
    with pytest.raises(Malformed, match="identity"):
        _ = ScalarSigner("trustee", 0).key


def test_signed_note_is_good() -> None:
    """A note signed by all is good for all, and for some."""
    signed = note.sign(TEXT, SIGNERS)
    signed.check(KEYS)
    signed.check(KEYS[1:])


def test_secrets_do_not_show() -> None:
    """Neither seed nor scalar appears in a repr."""
    assert "123456789" not in repr(TRUSTEE)
    assert repr(bytes([1] * 32))[2:-1] not in repr(BOX)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "cr\r\n", "\x7f\n", "\x9b\n"])
def test_text_that_is_no_note(text: str) -> None:
    """A text without final newline or with a control character is not signed."""
    with pytest.raises(Malformed, match="note"):
        note.sign(text, [BOX])


def test_text_with_a_lone_surrogate() -> None:
    """A text that has no UTF-8 is not signed."""
    with pytest.raises(Malformed, match=r"U\+D800"):
        note.sign("\ud800\n", [BOX])


def test_note_without_signers() -> None:
    """A note has at least one signature."""
    with pytest.raises(Malformed, match="at least one"):
        note.sign(TEXT, [])


# --- Checking -----------------------------------------------------------------------------


def test_missing_signatures_are_named() -> None:
    """Every key without a signature is named, and no other."""
    with pytest.raises(BadCheckpoint) as caught:
        note.sign(TEXT, [CHAIR]).check(KEYS)
    assert str(caught.value) == f"note: not signed by {BOX.name}, not signed by {TRUSTEE.name}"


def test_check_without_keys() -> None:
    """A check that looks for nobody's signature does not pass."""
    with pytest.raises(BadCheckpoint, match="nobody is named"):
        note.sign(TEXT, SIGNERS).check([])


def test_wrong_and_missing_are_told_apart() -> None:
    """A wrong signature is a different complaint from a missing one."""
    with pytest.raises(BadCheckpoint) as caught:
        with_signature(bytes(64)).check([BOX.key, CHAIR.key])
    expected = f"note: wrong signature of {BOX.name}, not signed by {CHAIR.name}"
    assert str(caught.value) == expected


def test_signature_of_another_text() -> None:
    """A signature says nothing about another text."""
    with pytest.raises(BadCheckpoint, match=f"wrong signature of {BOX.name}"):
        with_signature(BOX.sign(TEXT.encode() + b"\n")).check([BOX.key])


def test_signature_of_another_party() -> None:
    """One party's signature under another's name is refused."""
    with pytest.raises(BadCheckpoint, match=f"wrong signature of {BOX.name}"):
        with_signature(CHAIR.sign(TEXT.encode())).check([BOX.key])


def test_same_name_other_key() -> None:
    """A name is not enough: another key of that name is an unknown signer."""
    impostor = SeedSigner(BOX.name, bytes([9] * 32))
    with pytest.raises(BadCheckpoint, match=f"not signed by {BOX.name}"):
        note.sign(TEXT, [impostor]).check([BOX.key])


def test_unknown_signatures_are_left_alone() -> None:
    """Observers may co-sign, with any kind of signature."""
    odd = Signature("observer.example", b"\x00\x00\x00\x01", b"\x05")
    signed = note.sign(TEXT, [BOX])
    Note(TEXT, (odd, *signed.signatures)).check([BOX.key])


@pytest.mark.parametrize("length", [1, 32, 63, 65, 128])
def test_signature_of_another_length(length: int) -> None:
    """A known key's signature has 64 bytes."""
    signature = (BOX.sign(TEXT.encode()) * 2)[:length]
    with pytest.raises(BadCheckpoint, match="wrong signature"):
        with_signature(signature).check([BOX.key])


@pytest.mark.parametrize("position", range(0, 64, 7))
def test_altered_signature(position: int) -> None:
    """A signature with one flipped bit is refused."""
    altered = bytearray(BOX.sign(TEXT.encode()))
    altered[position] ^= 1
    with pytest.raises(BadCheckpoint, match="wrong signature"):
        with_signature(bytes(altered)).check([BOX.key])


def test_response_not_reduced() -> None:
    """S + q satisfies the equation but is another spelling: refused."""
    signature = BOX.sign(TEXT.encode())
    second = int.from_bytes(signature[32:], "little") + Q
    with pytest.raises(BadCheckpoint, match="wrong signature"):
        with_signature(signature[:32] + second.to_bytes(32, "little")).check([BOX.key])


def answered(commitment: bytes, k: int) -> Note:
    """A note with TRUSTEE's answer to any commitment, as if it were g^k."""
    digest = hashlib.sha512(commitment + TRUSTEE.key.public + TEXT.encode()).digest()
    response = (k + int.from_bytes(digest, "little") * TRUSTEE.secret) % Q
    return with_signature(commitment + response.to_bytes(32, "little"), TRUSTEE.key)


def test_answer_is_a_signature() -> None:
    """The two tests below differ from a good signature in the commitment alone."""
    answered((G**5).raw, 5).check([TRUSTEE.key])


@pytest.mark.parametrize("i", range(8))
def test_commitment_of_small_order(i: int) -> None:
    """A commitment of small order is refused; the identity would satisfy the equation."""
    forged = answered(naive.encode(naive.torsion()[i]), 0)
    with pytest.raises(BadCheckpoint, match="wrong signature"):
        forged.check([TRUSTEE.key])


@pytest.mark.parametrize("i", range(1, 8))
def test_commitment_with_torsion(i: int) -> None:
    """A commitment outside the prime-order subgroup is refused; cofactored verifiers accept it."""
    commitment = naive.add(naive.multiply(5, naive.BASE), naive.torsion()[i])
    with pytest.raises(BadCheckpoint, match="wrong signature"):
        answered(naive.encode(commitment), 5).check([TRUSTEE.key])


# --- Joining ------------------------------------------------------------------------------


def test_join() -> None:
    """Notes that several parties signed apart make one note signed by all."""
    apart = [note.sign(TEXT, [signer]) for signer in SIGNERS]
    note.join([*apart, apart[0]]).check(KEYS)


def test_join_of_different_texts() -> None:
    """Parties that signed different texts signed no common note."""
    with pytest.raises(BadCheckpoint, match="same text"):
        note.join([note.sign(TEXT, [BOX]), note.sign(TEXT + "\n", [CHAIR])])


def test_join_of_nothing() -> None:
    """There is no note without notes."""
    with pytest.raises(BadCheckpoint):
        note.join([])


def test_join_of_two_signatures_by_one_key() -> None:
    """A party that signs twice is refused, as in parsing."""
    with pytest.raises(Malformed, match="two signatures"):
        note.join([note.sign(TEXT, [TRUSTEE]), note.sign(TEXT, [TRUSTEE])])


def test_trustee_signs_with_the_belenios_key() -> None:
    """The key of a trustee's note is the `verification` element of his certificate."""
    secret = random_scalar()
    assert ScalarSigner("trustee", secret).key == NoteKey("trustee", (G**secret).raw)
