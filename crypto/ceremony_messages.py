"""The files that trustees hand to each other in a ceremony, and what is signed in them.

Strict canonical JSON with a `schema` (docs/protocol.md §5.1). A decoded message is well formed,
not yet right: crypto/ceremony.py, which makes the steps, checks it. The page and the command
line read these files without running a ceremony, which is why they have a module of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crypto.committee import read_salts
from crypto.encoding import (
    Fields,
    Json,
    base64_bytes,
    canonical,
    hex_digest,
    integer,
    parse,
    sha256,
    to_base64,
)
from crypto.errors import FaultyTrustee, Malformed
from crypto.group import Q, montgomery, montgomery_secret
from crypto.sigma import Proof
from crypto.trustees import MAX_TRUSTEES, Certificate, SignedMessage, Single, TrusteeKey

LIMIT = 1 << 16  # bytes of one message; 32 trustees need about 10 kB
SEALED_SIZE: Final = 32 + 32 + 16  # X25519 key, scalar, tag

_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_KINDS = {
    "phieukin.step1/2": "step 1 message",
    "phieukin.step2/1": "step 2 message",
    "phieukin.step3/1": "step 3 message",
    "phieukin.single/2": "single key",
    "phieukin.ceremony/1": "transcript of a ceremony",
    "phieukin.key/1": "secret key file",
    "phieukin.share/1": "decryption share",
}


@dataclass(frozen=True, slots=True)
class Step1:
    """Which two keys a trustee will use, and hashes of what it will reveal.

    Attributes:
        proof: the signature of the certificate.
        commitment: see `commitment`.
        salts: `salt_commitment` of the salt for each moment (docs/protocol.md §6.4).
        signature: of the certificate and all commitments together.
    """

    certificate: Certificate
    proof: Proof
    commitment: str
    salts: tuple[str, str, str]
    signature: Proof

    @property
    def index(self) -> int:
        return self.certificate.index

    @property
    def cert(self) -> SignedMessage:
        return SignedMessage(self.certificate.message, self.proof)

    @property
    def statement(self) -> str:
        """What `signature` signs."""
        hidden = f"{self.commitment}|{','.join(self.salts)}"
        return f"phieukin step1|{self.certificate.message}|{hidden}"

    def encode(self) -> bytes:
        body = {
            "schema": "phieukin.step1/2",
            "certificate": self.cert.to_json(),
            "commitment": self.commitment,
            "salts": list(self.salts),
            "signature": self.signature.to_json(),
        }
        return canonical(body)

    @classmethod
    def decode(cls, raw: bytes, path: str) -> "Step1":
        """Raises Malformed; for another kind of file it says which."""
        names = ("certificate", "commitment", "salts", "signature")
        fields = _open(raw, path, "phieukin.step1/2", *names)
        cert = fields.read("certificate", SignedMessage.from_json)
        return cls(
            certificate=Certificate.from_message(cert.message, f"{path}: certificate.message"),
            proof=cert.signature,
            commitment=fields.read("commitment", hex_digest),
            salts=read_salts(fields),
            signature=fields.read("signature", Proof.from_json),
        )


@dataclass(frozen=True, slots=True)
class Step2:
    """The polynomial in the exponent, and its value for each other trustee, sealed.

    Attributes:
        agreed: SHA-256 of all step 1 messages as this trustee saw them.
        coefexps: g^(a_k) for each coefficient, signed.
        transcript: the signature over all certificates that trustees.json holds.
        shares: f(j) sealed for each other trustee j, in their order.
        signature: of `agreed` and the shares.
    """

    index: int
    agreed: str
    coefexps: SignedMessage
    transcript: Proof
    shares: tuple[bytes, ...]
    signature: Proof

    @property
    def digest(self) -> str:
        """SHA-256 of the sealed shares: published in place of them."""
        return shares_digest(self.shares)

    def share_for(self, index: int) -> bytes:
        """The sealed share of another trustee."""
        return self.shares[index - 1 if index < self.index else index - 2]

    def encode(self) -> bytes:
        body = {
            "schema": "phieukin.step2/1",
            "index": self.index,
            "agreed": self.agreed,
            "coefexps": self.coefexps.to_json(),
            "transcript": self.transcript.to_json(),
            "shares": [to_base64(share) for share in self.shares],
            "signature": self.signature.to_json(),
        }
        return canonical(body)

    @classmethod
    def decode(cls, raw: bytes, path: str) -> "Step2":
        """Raises Malformed; for another kind of file it says which."""
        names = ("index", "agreed", "coefexps", "transcript", "shares", "signature")
        fields = _open(raw, path, "phieukin.step2/1", *names)
        shares = fields.each("shares", _sealed, low=1, high=MAX_TRUSTEES - 1)
        return cls(
            index=fields.read("index", integer, low=1, high=len(shares) + 1),
            agreed=fields.read("agreed", hex_digest),
            coefexps=fields.read("coefexps", SignedMessage.from_json),
            transcript=fields.read("transcript", Proof.from_json),
            shares=shares,
            signature=fields.read("signature", Proof.from_json),
        )


def _sealed(value: Json, path: str) -> bytes:
    return base64_bytes(value, path, size=SEALED_SIZE)


@dataclass(frozen=True, slots=True)
class Step3:
    """A trustee's verification key: every share it received was right."""

    index: int
    agreed: str
    key: TrusteeKey

    def encode(self) -> bytes:
        body = {"index": self.index, "agreed": self.agreed, "key": self.key.to_json()}
        return canonical({"schema": "phieukin.step3/1", **body})

    @classmethod
    def decode(cls, raw: bytes, path: str) -> "Step3":
        """Raises Malformed; for another kind of file it says which."""
        fields = _open(raw, path, "phieukin.step3/1", "index", "agreed", "key")
        return cls(
            index=fields.read("index", integer, low=1, high=MAX_TRUSTEES),
            agreed=fields.read("agreed", hex_digest),
            key=fields.read("key", TrusteeKey.from_json),
        )


def _open(raw: bytes, path: str, schema: str, *names: str) -> Fields:
    value = parse(raw, path, limit=LIMIT)
    stated = value.get("schema") if isinstance(value, dict) else None
    if stated != schema:
        kind = _KINDS.get(stated) if isinstance(stated, str) else None
        raise Malformed(
            f"{path}: a {kind or 'file of another kind'}, where a {_KINDS[schema]} is expected"
        )
    return Fields(value, path, "schema", *names, joint=": ")


@dataclass(frozen=True, slots=True)
class SingleKey:
    """The one message of a single trustee: its key, and its commitments to salts."""

    item: Single
    salts: tuple[str, str, str]

    def encode(self) -> bytes:
        body = {"key": self.item.key.to_json(), "salts": list(self.salts)}
        return canonical({"schema": "phieukin.single/2", **body})

    @classmethod
    def decode(cls, raw: bytes, path: str) -> "SingleKey":
        """Raises Malformed; for another kind of file it says which. Not checked yet."""
        fields = _open(raw, path, "phieukin.single/2", "key", "salts")
        return cls(fields.read("key", Single.from_json), read_salts(fields))


# --- What is hashed and signed ------------------------------------------------------------


def commitment(cert: SignedMessage, coefexps: str) -> str:
    """SHA-256 that hides the polynomial until step 2; its coefficients are the blinding."""
    return sha256(canonical(["phieukin commitment v1", cert.to_json(), coefexps]))


def agreed_digest(step1s: Sequence[Step1]) -> str:
    """SHA-256 of all step 1 messages, which stand in the order of the trustees."""
    return sha256(b"\n".join(step1.encode() for step1 in step1s))


def shares_digest(shares: Sequence[bytes]) -> str:
    """SHA-256 of sealed shares of SEALED_SIZE bytes each."""
    return sha256(b"".join(shares))


def sent_statement(agreed: str, shares: str) -> str:
    """What a trustee signs in step 2: what it had seen, and what it sends."""
    return f"phieukin step2|{agreed}|{shares}"


# --- Shares on the way --------------------------------------------------------------------


def seal_share(share: int, agreed: str, sender: int, receiver: Certificate) -> bytes:
    """HPKE (RFC 9180, base mode) to the receiver's `encryption` key as X25519."""
    public = X25519PublicKey.from_public_bytes(montgomery(receiver.encryption))
    info = _info(agreed, sender, receiver.index)
    return _HPKE.encrypt(share.to_bytes(32, "big"), public, info=info)


def open_share(message: Step2, agreed: str, receiver: int, decryption: int) -> int:
    """The share in a step 2 message for the trustee whose `encryption` is g^decryption.

    Raises:
        FaultyTrustee: the sender, if it does not open or is no scalar.
    """
    secret = X25519PrivateKey.from_private_bytes(montgomery_secret(decryption))
    info = _info(agreed, message.index, receiver)
    try:
        opened = _HPKE.decrypt(message.share_for(receiver), secret, info=info)
    except (InvalidTag, ValueError):
        raise FaultyTrustee(message.index, "the share it sent does not open") from None
    share = int.from_bytes(opened, "big")
    if share >= Q:
        raise FaultyTrustee(message.index, "the share it sent is not below q")
    return share


def _info(agreed: str, sender: int, receiver: int) -> bytes:
    return f"phieukin share v1\n{agreed}\n{sender}\n{receiver}\n".encode()
