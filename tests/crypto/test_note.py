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
from crypto.note import SALTED, Note, NoteKey, SeedSigner, Signature, Signer, TrusteeSigner
from tests.crypto import figures, naive

RFC8032 = figures.load("rfc8032.json")["tests"]
EXAMPLE = figures.load("signed_note.json")

TEXT = "phieukin/example\nopen\n\ntrình tự\n"
BOX = SeedSigner("phieukin.example/box", bytes([1] * 32))
CHAIR = SeedSigner("phieukin.example/chủ-trì", bytes([2] * 32))
SALT = bytes(range(32))
TRUSTEE = TrusteeSigner("phieukin.example/trustee-1", 123456789, SALT)
SIGNERS: list[Signer] = [BOX, CHAIR, TRUSTEE]
KEYS = [signer.key for signer in SIGNERS]


def rfc_scalar(seed: bytes) -> int:
    """The secret scalar of an RFC 8032 seed (§5.1.5)."""
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & (1 << 254) - 8 | 1 << 254


def with_signature(signature: bytes, key: NoteKey = BOX.key) -> Note:
    """A note that carries `signature` as the key's own."""
    return Note(TEXT, (Signature(key.name, key.key_id, signature),))


WRONG = f"wrong signature of {BOX.name}"


def flipped(position: int) -> bytes:
    """The box's signature with one bit altered."""
    altered = bytearray(BOX.sign(TEXT.encode()))
    altered[position] ^= 1
    return bytes(altered)


def not_reduced() -> bytes:
    signature = BOX.sign(TEXT.encode())
    second = int.from_bytes(signature[32:], "little") + Q
    return signature[:32] + second.to_bytes(32, "little")


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
    signer = TrusteeSigner("rfc", rfc_scalar(bytes.fromhex(test["secret_key"])), SALT)
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
    """OpenSSL and libsodium verify both kinds of signers as plain Ed25519, after any salt."""
    signature = signer.sign(message)[-64:]
    Ed25519PublicKey.from_public_bytes(signer.key.public).verify(signature, message)
    VerifyKey(signer.key.public).verify(message, signature)


@given(secret=st.integers(1, Q - 1) | st.sampled_from([1, 2, 8, Q - 1]), message=st.binary())
def test_every_scalar_signs(secret: int, message: bytes) -> None:
    """Any signing scalar makes a standard signature, 1 and q − 1 included."""
    signer = TrusteeSigner("trustee", secret, SALT)
    signature = signer.sign(message)
    assert signature[:32] == SALT
    Ed25519PublicKey.from_public_bytes(signer.key.public).verify(signature[32:], message)


def test_scalar_signature_by_its_equation() -> None:
    """S·B = R + H(R ‖ A ‖ M)·A, in big integers."""
    signature, public = TRUSTEE.sign(b"message")[32:], TRUSTEE.key.public
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
    assert TRUSTEE.sign(b"message")[32:64] != TRUSTEE.sign(b"message")[32:64]


def test_scalar_zero_has_no_key() -> None:
    """The scalar 0 is nobody's: its key is the identity."""
    with pytest.raises(Malformed, match="identity"):
        _ = TrusteeSigner("trustee", 0, SALT).key


def test_signed_note_is_good() -> None:
    """A note signed by all is good for all, and for some."""
    signed = note.sign(TEXT, SIGNERS)
    signed.check(KEYS)
    signed.check(KEYS[1:])


def test_secrets_do_not_show() -> None:
    """Neither seed nor scalar nor a salt that is not revealed yet appears in a repr."""
    assert "123456789" not in repr(TRUSTEE)
    assert repr(SALT)[2:-1] not in repr(TRUSTEE)
    assert repr(bytes([1] * 32))[2:-1] not in repr(BOX)


@pytest.mark.parametrize(
    ("text", "signers", "why"),
    [
        *(
            (text, [BOX], "note")
            for text in ("", "no newline", "tab\t\n", "cr\r\n", "\x7f\n", "\x9b\n")
        ),
        ("\ud800\n", [BOX], r"U\+D800"),
        (TEXT, [], "at least one"),
    ],
)
def test_what_is_not_signed(text: str, signers: list[Signer], why: str) -> None:
    """A text without final newline or UTF-8, or with a control character; nor by nobody."""
    with pytest.raises(Malformed, match=why):
        note.sign(text, signers)


# --- Checking -----------------------------------------------------------------------------


UNSIGNED: dict[str, tuple[Note, list[NoteKey], str]] = {
    "every key without a signature is named, and no other": (
        note.sign(TEXT, [CHAIR]), KEYS, f"not signed by {BOX.name}, not signed by {TRUSTEE.name}"),
    "a check that looks for nobody's signature does not pass": (
        note.sign(TEXT, SIGNERS), [], "nobody is named who should have signed it"),
    "a wrong signature is another complaint than a missing one": (
        with_signature(bytes(64)), [BOX.key, CHAIR.key],
        f"wrong signature of {BOX.name}, not signed by {CHAIR.name}"),
    "a signature says nothing about another text": (
        with_signature(BOX.sign(TEXT.encode() + b"\n")), [BOX.key], WRONG),
    "one party's signature under another's name": (
        with_signature(CHAIR.sign(TEXT.encode())), [BOX.key], WRONG),
    "another key of that name is an unknown signer": (
        note.sign(TEXT, [SeedSigner(BOX.name, bytes([9] * 32))]), [BOX.key],
        f"not signed by {BOX.name}"),
    **{f"{length} bytes where a signature has 64": (
        with_signature((BOX.sign(TEXT.encode()) * 2)[:length]), [BOX.key], WRONG)
       for length in (1, 32, 63, 65, 128)},
    **{f"a flipped bit in byte {position}": (with_signature(flipped(position)), [BOX.key], WRONG)
       for position in range(0, 64, 7)},
    "S + q, which satisfies the equation, is another spelling": (
        with_signature(not_reduced()), [BOX.key], WRONG),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSIGNED)
def test_signature_that_is_wrong_or_missing(name: str) -> None:
    """Whose signature does not stand under the text is named, and why."""
    signed, keys, why = UNSIGNED[name]
    with pytest.raises(BadCheckpoint) as caught:
        signed.check(keys)
    assert str(caught.value) == f"note: {why}"


def test_unknown_signatures_are_left_alone() -> None:
    """Observers may co-sign, with any kind of signature."""
    odd = Signature("observer.example", b"\x00\x00\x00\x01", b"\x05")
    signed = note.sign(TEXT, [BOX])
    Note(TEXT, (odd, *signed.signatures)).check([BOX.key])


def answered(commitment: bytes, k: int) -> Note:
    """A note with TRUSTEE's answer to any commitment, as if it were g^k."""
    digest = hashlib.sha512(commitment + TRUSTEE.key.public + TEXT.encode()).digest()
    response = (k + int.from_bytes(digest, "little") * TRUSTEE.secret) % Q
    return with_signature(SALT + commitment + response.to_bytes(32, "little"), TRUSTEE.key)


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


# --- A revealed salt ----------------------------------------------------------------------


def test_salt_that_was_revealed() -> None:
    """The salt stands before the signature; parties of the other kind reveal none."""
    signed = note.sign(TEXT, [BOX, TRUSTEE])

    assert signed.salt(TRUSTEE.key) == SALT
    assert signed.salt(BOX.key) == b""
    assert note.sign(TEXT, [BOX]).salt(TRUSTEE.key) == b""


def test_line_under_a_key() -> None:
    """Whether somebody signed is seen from name and key ID; whether rightly, only `check` says."""
    signed = note.sign(TEXT, [BOX, TRUSTEE])

    assert signed.signed_by(TRUSTEE.key)
    assert not signed.signed_by(CHAIR.key)
    assert with_signature(bytes(96), TRUSTEE.key).signed_by(TRUSTEE.key)


def test_kind_is_part_of_the_key() -> None:
    """The same key without a salt is another key, and its signature another signature."""
    plain = NoteKey(TRUSTEE.name, TRUSTEE.key.public)
    bare = with_signature(TRUSTEE.sign(TEXT.encode())[32:], plain)
    bare.check([plain])

    assert plain.key_id != TRUSTEE.key.key_id
    with pytest.raises(BadCheckpoint, match=f"not signed by {TRUSTEE.name}"):
        bare.check([TRUSTEE.key])


@pytest.mark.parametrize("length", [31, 32, 63, 64, 95, 97, 128])
def test_salted_signature_of_another_length(length: int) -> None:
    """32 bytes of salt and 64 of signature, and nothing else."""
    signed = with_signature((TRUSTEE.sign(TEXT.encode()) * 2)[:length], TRUSTEE.key)
    with pytest.raises(BadCheckpoint, match=f"wrong signature of {TRUSTEE.name}"):
        signed.check([TRUSTEE.key])


# --- Joining ------------------------------------------------------------------------------


def test_join() -> None:
    """Notes that several parties signed apart make one note signed by all."""
    apart = [note.sign(TEXT, [signer]) for signer in SIGNERS]
    note.join([*apart, apart[0]]).check(KEYS)


@pytest.mark.parametrize(
    ("notes", "kind", "why"),
    [
        ([note.sign(TEXT, [BOX]), note.sign(TEXT + "\n", [CHAIR])], BadCheckpoint, "same text"),
        ([], BadCheckpoint, None),
        ([note.sign(TEXT, [TRUSTEE]), note.sign(TEXT, [TRUSTEE])], Malformed, "two signatures"),
    ],
    ids=["different texts", "nothing", "two signatures by one key"],
)
def test_join_of_what_makes_no_note(
    notes: list[Note], kind: type[Exception], why: str | None
) -> None:
    """Who signed different texts signed no common note; who signs twice is refused."""
    with pytest.raises(kind, match=why):
        note.join(notes)


def test_trustee_signs_with_the_belenios_key() -> None:
    """The key of a trustee's note is the `verification` element of his certificate."""
    secret = random_scalar()
    assert TrusteeSigner("trustee", secret, SALT).key == NoteKey("trustee", (G**secret).raw, SALTED)
