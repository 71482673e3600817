"""Signed notes (C2SP signed-note): text that several parties sign, for people and programs.

    text, ending in a newline

    — name base64(key ID ‖ signature)

Checkpoints and the manifest are notes. Signatures are Ed25519 (RFC 8032) over the text, so
any Ed25519 verifier checks them. Two kinds of parties sign: one with a seed of its own
(registrar, box, chair), and a trustee with the scalar of his Belenios certificate, who reveals
a salt with it: a signature type of our own, 32 bytes of salt before the 64 of Ed25519.

A note says nothing before `Note.check` has found every expected key on it. Other signatures
are left alone: observers may add theirs. Does not protect against a party that signs two
different notes; compare what you were shown.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from crypto.encoding import base64_bytes, to_base64
from crypto.errors import BadCheckpoint, Malformed
from crypto.group import G, Q, element_bytes

LIMIT: Final = 1 << 16  # bytes of a note; 32 trustees and as many observers need about 10 kB
ED25519: Final = b"\x01"  # signature type
SALTED: Final = b"\xffphieukin salt v1"  # one of our own, as C2SP signed-note has it: 0xff ‖ name
_SALT_LENGTH: Final = {ED25519: 0, SALTED: 32}
_KEY_ID_LENGTH: Final = 4
_SIGNATURE_LENGTH: Final = 64
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A party's name, Ed25519 public key and type of signature.

    Raises Malformed for a bad name or key.
    """

    name: str
    public: bytes
    kind: bytes = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name, "note key")
        element_bytes(self.public, f"note key {self.name}")

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        digest = hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public)
        return digest.digest()[:_KEY_ID_LENGTH]

    @property
    def vkey(self) -> str:
        """The verifier key as text: name+key ID+base64(type ‖ public key)."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(self.kind + self.public)}"

    @classmethod
    def from_vkey(cls, vkey: str) -> "NoteKey":
        """Raises Malformed for anything that `vkey` would not write."""
        match = _VKEY.fullmatch(vkey)
        if match is None:
            raise Malformed("verifier key: name+key ID+base64 is expected")
        name, _, encoded = match.groups()
        data = base64_bytes(encoded, "verifier key")
        kind = next((kind for kind in _SALT_LENGTH if data.startswith(kind)), None)
        if kind is None:
            raise Malformed("verifier key: not an Ed25519 key")
        key = cls(name, data.removeprefix(kind), kind)
        if key.vkey != vkey:
            raise Malformed("verifier key: its key ID belongs to another name or key")
        return key


class Signer(Protocol):
    """A party that can sign a note."""

    @property
    def key(self) -> NoteKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes that any Ed25519 verifier accepts, after the salt if `key` is of that type."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SeedSigner:
    """Signs with a 32-byte Ed25519 seed (RFC 8032 §5.1.5)."""

    name: str
    seed: bytes

    @property
    def key(self) -> NoteKey:
        """The name and public key that verify."""
        return NoteKey(self.name, bytes(SigningKey(self.seed).verify_key))

    def sign(self, message: bytes) -> bytes:
        """RFC 8032 §5.1.6, by libsodium."""
        return SigningKey(self.seed).sign(message).signature


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class TrusteeSigner:
    """Signs with a scalar and reveals a salt: a trustee, whose certificate holds g^secret.

    The same scalar makes Belenios signatures. Those hash a text that starts "sigmsg|" with
    SHA-256, these hash a curve point first with SHA-512: neither can be taken for the other.
    """

    name: str
    secret: int
    salt: bytes

    @property
    def key(self) -> NoteKey:
        """The name and public key that verify."""
        return NoteKey(self.name, (G**self.secret).raw, SALTED)

    def sign(self, message: bytes) -> bytes:
        """RFC 8032 §5.1.6 with another nonce: unpredictable even if the random bytes repeat."""
        seed = secrets.token_bytes(32) + (self.secret % Q).to_bytes(32, "little")
        k = _hash_to_scalar(seed + message)
        R = (G**k).raw
        challenge = _hash_to_scalar(R + (G**self.secret).raw + message)
        S = (k + challenge * self.secret) % Q
        return self.salt + R + S.to_bytes(32, "little")


def _hash_to_scalar(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % Q


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """— name base64(key ID ‖ signature), with its newline."""
        return f"— {self.name} {to_base64(self.key_id + self.signature)}\n"

    @classmethod
    def from_line(cls, line: str, path: str) -> "Signature":
        """Raises Malformed for a line (without newline) that `line` would not write."""
        dash, _, body = line.partition(" ")
        name, _, encoded = body.partition(" ")
        if dash != "—":
            raise Malformed(f"{path}: — name signature is expected")
        _check_name(name, path)
        data = base64_bytes(encoded, path)
        if len(data) <= _KEY_ID_LENGTH:
            raise Malformed(f"{path}: a signature is missing after the key ID")
        return cls(name, data[:_KEY_ID_LENGTH], data[_KEY_ID_LENGTH:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures. Not to be trusted before `check`."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Raises Malformed for a text or signatures that no note can have."""
        _check_text(self.text)
        if not self.signatures:
            raise Malformed("note: at least one signature is expected")
        if len({(s.name, s.key_id) for s in self.signatures}) != len(self.signatures):
            raise Malformed("note: two signatures by one key")

    def encode(self) -> bytes:
        """The only spelling of this note."""
        return (self.text + "\n" + "".join(s.line for s in self.signatures)).encode()

    def check(self, keys: Sequence[NoteKey]) -> None:
        """Raises BadCheckpoint, naming each key whose signature is missing or wrong."""
        if not keys:
            raise BadCheckpoint("note: nobody is named who should have signed it")
        problems = [problem for key in keys if (problem := self._problem(key))]
        if problems:
            raise BadCheckpoint("note: " + ", ".join(problems))

    def signed_by(self, key: NoteKey) -> bool:
        """Whether a line is there under this key; says nothing about whether it is right."""
        return self._line(key) is not None

    def salt(self, key: NoteKey) -> bytes:
        """What a trustee revealed with its signature; right only after `check`."""
        return (self._line(key) or b"")[: _SALT_LENGTH[key.kind]]

    def _line(self, key: NoteKey) -> bytes | None:
        signer = (key.name, key.key_id)
        lines = (s.signature for s in self.signatures if (s.name, s.key_id) == signer)
        return next(lines, None)

    def _problem(self, key: NoteKey) -> str:
        """What is wrong with this key's signature (RFC 8032 §5.1.7); empty if nothing is."""
        line, salt_length = self._line(key), _SALT_LENGTH[key.kind]
        if line is None:
            return f"not signed by {key.name}"
        if len(line) != salt_length + _SIGNATURE_LENGTH:
            return f"wrong signature of {key.name}"
        try:
            # libsodium also refuses S ≥ q and an R or key of small order.
            VerifyKey(key.public).verify(self.text.encode(), line[salt_length:])
        except BadSignatureError:
            return f"wrong signature of {key.name}"
        return ""


def sign(text: str, signers: Sequence[Signer]) -> Note:
    """The text with one signature of each signer. Raises Malformed for a text no note has."""
    _check_text(text)
    signed = [(signer.key, signer.sign(text.encode())) for signer in signers]
    return Note(
        text, tuple(Signature(key.name, key.key_id, signature) for key, signature in signed)
    )


def join(notes: Sequence[Note]) -> Note:
    """One note of several parties' notes on one text; a repeated signature is kept once.

    Raises:
        BadCheckpoint: the texts differ.
        Malformed: two different signatures by one key.
    """
    if len({note.text for note in notes}) != 1:
        raise BadCheckpoint("note: not everyone signed the same text")
    signatures = dict.fromkeys(s for note in notes for s in note.signatures)
    return Note(notes[0].text, tuple(signatures))


def parse(note: bytes) -> Note:
    """The note whose only spelling is `note`. Its signatures are not checked yet.

    Raises:
        Malformed: too large, not UTF-8, a control character, no signature, two by one key.
    """
    if len(note) > LIMIT:
        raise Malformed(f"note: {len(note)} bytes, at most {LIMIT} are allowed")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("note: not UTF-8") from None
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise Malformed("note: text, a blank line and signature lines are expected")
    members = lines[:-1].split("\n")
    signatures = [
        Signature.from_line(line, f"note, signature {i}") for i, line in enumerate(members, start=1)
    ]
    result = Note(text + "\n", tuple(signatures))
    if result.encode() != note:
        raise Malformed("note: not the canonical spelling of its contents")
    return result


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise Malformed("note: the text must end in a newline")
    _check_characters(text, "note")


def _check_name(name: str, path: str) -> None:
    if not name or "+" in name or any(c.isspace() for c in name):
        raise Malformed(f"{path}: a name without spaces and plus signs is expected")
    _check_characters(name, path)


def _check_characters(text: str, path: str) -> None:
    # Stricter than the format, which allows DEL and C1: terminals obey those.
    bad = next((c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cs"}), None)
    if bad is not None:
        raise Malformed(f"{path}: contains the forbidden character U+{ord(bad):04X}")
