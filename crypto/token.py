"""The token: the registrar's signature on a credential it never sees (docs/protocol.md §5.2).

    client     request_token   C = g^s is chosen, its token message blinded
    registrar  blind_sign      once for each voter on the roster
    client     receive_token   unblinded and verified
    box, all   check_token     before the credential is registered, and again in every audit

One token message names one credential of one session, so a token can be used for nothing
else. Does not protect against a registrar that signs for people who are not there: the
record compares `issued` with the roster and the committee's head count.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto import blind
from crypto.blind import Blinded, IssuerKey
from crypto.encoding import fingerprint
from crypto.errors import BadToken, Malformed
from crypto.group import Element, G, Q

_LABEL: Final = "phieukin token v1"
_SEED_LABEL: Final = "phieukin seed v1"

SEED_BYTES: Final = 16
_WIDE: Final = 64  # bytes; reduced mod q they are uniform to 2^-258


@dataclass(frozen=True, slots=True, repr=False)
class Sown:
    """What a seed gives: the secret of a credential, and the randomness of its token request."""

    secret: int
    salt: bytes
    blinding: bytes

    @property
    def credential(self) -> Element:
        return G**self.secret


def sow(seed: bytes, phi: str, key: IssuerKey) -> Sown:
    """s, salt and blinding from a seed of 16 bytes, always the same (docs/protocol.md §5.2).

    For the chat channel, where the seed lies in a button and nothing is stored.

    Raises:
        Malformed: not 16 bytes, or (once in about 2^252) a seed that gives the secret zero.
    """
    if len(seed) != SEED_BYTES:
        raise Malformed(f"seed: {len(seed)} bytes, expected {SEED_BYTES}")
    info = f"{_SEED_LABEL}\n{fingerprint(phi, 'φ')}".encode("ascii")
    length = _WIDE + blind.SALT_LENGTH + key.blinding_len
    stream = HKDF(SHA256(), length, salt=None, info=info).derive(seed)
    secret = int.from_bytes(stream[:_WIDE], "big") % Q
    if secret == 0:
        raise Malformed("seed: it gives no secret")
    blinding = _WIDE + blind.SALT_LENGTH
    return Sown(secret, salt=stream[_WIDE:blinding], blinding=stream[blinding:])


def token_message(phi: str, credential: Element) -> bytes:
    """The bytes a token signs: label, φ and the credential in hex, each on a line.

    The label keeps the signature from being taken for one of another kind, φ from being used in
    another session, C from being used for another credential (docs/protocol.md §5.2).
    """
    return f"{_LABEL}\n{fingerprint(phi, 'φ')}\n{credential.hex}".encode("ascii")


def request_token(key: IssuerKey, phi: str, credential: Element) -> Blinded:
    """What the client sends to the registrar, and the secret it keeps."""
    return blind.blind(key, token_message(phi, credential))


def request_token_from(
    key: IssuerKey, phi: str, credential: Element, salt: bytes, blinding: bytes
) -> Blinded:
    """The same from a secret seed's salt and blinding; see `blind.blind_from`."""
    return blind.blind_from(key, token_message(phi, credential), salt, blinding)


def receive_token(
    key: IssuerKey, phi: str, credential: Element, blind_signature: bytes, blinded: Blinded
) -> bytes:
    """The token, from the registrar's answer.

    Raises:
        Malformed: the answer has a wrong length or is not below the modulus.
        BadToken: the registrar did not sign what was asked.
    """
    return blind.finalize(key, token_message(phi, credential), blind_signature, blinded)


def check_token(key: IssuerKey, phi: str, credential: Element, token: bytes) -> None:
    """Raises BadToken, naming the credential, unless the registrar signed it for φ."""
    failure = BadToken(f"credential {credential.hex[:8]}: its token is not valid")
    blind.verify(key, token_message(phi, credential), token, failure)
