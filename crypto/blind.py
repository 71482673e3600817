"""Blind RSA signatures, RFC 9474: the registrar signs a token without seeing it.

The variant is RSABSSA-SHA384-PSS-Deterministic with one 3072-bit key per session
(docs/protocol.md §5.2); it needs no message randomization, for the client chooses the message,
a fresh credential. So Prepare of RFC 9474 §4.1 is PrepareIdentity and not here.

    client  blind → blinded message     registrar  blind_sign → blind signature
    client  finalize → signature        anyone     verify

Session keys enter through `IssuerKey.from_spki` and `IssuerSecret.from_pkcs8` only, which
accept exactly one spelling of exactly our kind of key.

Does not protect: the registrar who counts wrongly (compare `issued` with the head count),
and timing beyond what GMP's `powmod_sec` and base blinding hide (docs/threat-model.md).
"""

import hashlib
import secrets
from dataclasses import dataclass
from math import gcd
from typing import Final

import gmpy2  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from crypto.errors import BadToken, Malformed, ProtocolError

MODULUS_BITS: Final = 3072
PUBLIC_EXPONENT: Final = 65537
SALT_LENGTH: Final = 48  # bytes; exact: a signature with another salt is none
_MARGIN: Final = 16  # bytes beyond the modulus make a reduced number uniform to 2^-128
_HASH_LENGTH: Final = 48  # SHA-384


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """The public key of a session's tokens."""

    n: int
    e: int = PUBLIC_EXPONENT

    @property
    def modulus_len(self) -> int:
        """Length of the modulus, and of every message and signature, in bytes."""
        return (self.n.bit_length() + 7) // 8

    @property
    def blinding_len(self) -> int:
        """How many uniform bytes `blind_from` takes as a blinding."""
        return self.modulus_len + _MARGIN

    @property
    def spki(self) -> bytes:
        """DER SubjectPublicKeyInfo with the algorithm rsaEncryption."""
        return self._public().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @classmethod
    def from_spki(cls, der: bytes, path: str = "issuer key") -> "IssuerKey":
        """A session's key: 3072 bits, e = 65537, in the only spelling we write.

        Raises:
            Malformed: any other bytes.
        """
        try:
            public = load_der_public_key(der)
        except (ValueError, UnsupportedAlgorithm):
            raise Malformed(f"{path}: not a DER public key") from None
        if not isinstance(public, rsa.RSAPublicKey):
            raise Malformed(f"{path}: not an RSA key")
        numbers = public.public_numbers()
        key = cls(numbers.n, numbers.e)
        if key.n.bit_length() != MODULUS_BITS or key.n % 2 == 0 or key.e != PUBLIC_EXPONENT:
            raise Malformed(f"{path}: {MODULUS_BITS} bits and e = {PUBLIC_EXPONENT} are expected")
        if key.spki != der:
            raise Malformed(f"{path}: not the canonical encoding of its key")
        return key

    def _public(self) -> rsa.RSAPublicKey:
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class IssuerSecret:
    """The registrar's signing key for one session. Never logged, never in the record."""

    public: IssuerKey
    p: int
    q: int
    dp: int
    dq: int
    q_inverse: int

    @classmethod
    def generate(cls) -> "IssuerSecret":
        """A fresh key; one per session (RFC 9474 §6.1: no other use of it)."""
        private = rsa.generate_private_key(PUBLIC_EXPONENT, MODULUS_BITS).private_numbers()
        return cls._from_primes(private.p, private.q, PUBLIC_EXPONENT)

    @classmethod
    def from_pkcs8(cls, der: bytes) -> "IssuerSecret":
        """The key that `to_pkcs8` wrote. Raises Malformed for anything else."""
        try:
            private = load_der_private_key(der, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is encrypted
            raise Malformed("issuer secret: not a DER private key") from None
        if not isinstance(private, rsa.RSAPrivateKey):
            raise Malformed("issuer secret: not an RSA key")
        numbers = private.private_numbers()
        secret = cls._from_primes(numbers.p, numbers.q, numbers.public_numbers.e)
        IssuerKey.from_spki(secret.public.spki, "issuer secret")
        if secret.to_pkcs8() != der:
            raise Malformed("issuer secret: not the canonical encoding of its key")
        return secret

    def to_pkcs8(self) -> bytes:
        """DER PrivateKeyInfo, not encrypted."""
        numbers = rsa.RSAPrivateNumbers(
            p=self.p,
            q=self.q,
            d=pow(self.public.e, -1, (self.p - 1) * (self.q - 1)),
            dmp1=self.dp,
            dmq1=self.dq,
            iqmp=self.q_inverse,
            public_numbers=rsa.RSAPublicNumbers(self.public.e, self.public.n),
        )
        # The primes come from a key that OpenSSL has made or checked; a second check costs 0.2 s.
        private = numbers.private_key(unsafe_skip_rsa_key_validation=True)
        return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @classmethod
    def _from_primes(cls, p: int, q: int, e: int) -> "IssuerSecret":
        dp, dq, q_inverse = pow(e, -1, p - 1), pow(e, -1, q - 1), pow(q, -1, p)
        return cls(IssuerKey(p * q, e), p, q, dp, dq, q_inverse)


@dataclass(frozen=True, slots=True, repr=False)
class Blinded:
    """What goes to the registrar, and the secret that undoes the blinding."""

    blinded_message: bytes
    inverse: int


# --- Client -------------------------------------------------------------------------------


def blind(key: IssuerKey, message: bytes) -> Blinded:
    """Blind, RFC 9474 §4.2, with fresh randomness."""
    # 6. r = random_integer_uniform(1, n)
    r = 1 + secrets.randbelow(key.n - 1)
    return _blind(key, message, secrets.token_bytes(SALT_LENGTH), r)


def blind_from(key: IssuerKey, message: bytes, salt: bytes, blinding: bytes) -> Blinded:
    """Blind with randomness derived elsewhere, so that it can be derived again.

    For the chat channel, whose salt and blinding come from a secret seed by HKDF. Whoever
    knows them can link the token to its request.

    Args:
        key: the session's issuer key.
        message: the token message.
        salt: 48 uniform bytes.
        blinding: `key.blinding_len` uniform bytes, 16 more than the modulus has; r is this
            big-endian integer mod n.

    Raises:
        Malformed: a wrong length, or (once in about 2^1500) a blinding without inverse.
    """
    if len(salt) != SALT_LENGTH:
        raise Malformed(f"salt: {len(salt)} bytes, expected {SALT_LENGTH}")
    if len(blinding) != key.blinding_len:
        raise Malformed(f"blinding: {len(blinding)} bytes, expected {key.blinding_len}")
    return _blind(key, message, salt, int.from_bytes(blinding, "big") % key.n)


def _blind(key: IssuerKey, msg: bytes, salt: bytes, r: int) -> Blinded:
    n = key.n
    # 1. encoded_msg = EMSA-PSS-ENCODE(msg, bit_len(n)) with Hash, MGF, and salt_len
    #    The RFC's figures, and RSASSA-PSS itself, need emBits = bit_len(n) - 1.
    encoded_msg = _emsa_pss_encode(msg, n.bit_length() - 1, salt)
    # 2. If EMSA-PSS-ENCODE raises an error, re-raise the error and stop
    # 3. m = bytes_to_int(encoded_msg)
    m = int.from_bytes(encoded_msg, "big")
    # 4. c = is_coprime(m, n)
    # 5. If c is false, raise an "invalid input" error and stop
    if gcd(m, n) != 1:
        raise Malformed("message: invalid input, its encoding shares a factor with the modulus")
    # 7. inv = inverse_mod(r, n)
    # 8. If inverse_mod fails, raise a "blinding error" error and stop
    if gcd(r, n) != 1:
        raise Malformed("blinding: blinding error, it has no inverse")
    inv = int(gmpy2.invert(r, n))
    # 9. x = RSAVP1(pk, r)
    x = _rsavp1(key, r)
    # 10. z = (m * x) mod n
    z = m * x % n
    # 11. blinded_msg = int_to_bytes(z, modulus_len)
    # 12. output blinded_msg, inv
    return Blinded(z.to_bytes(key.modulus_len, "big"), inv)


def finalize(key: IssuerKey, message: bytes, blind_signature: bytes, blinded: Blinded) -> bytes:
    """Finalize, RFC 9474 §4.4: the signature, verified.

    Raises:
        Malformed: the answer has a wrong length.
        BadToken: the registrar did not sign what was asked.
    """
    sig = _unblind(key, blind_signature, blinded)
    # 5. result = RSASSA-PSS-VERIFY(pk, msg, sig) with Hash, MGF, and salt_len
    # 6. If result = "valid signature", output sig, else raise an "invalid signature" error
    verify(key, message, sig, BadToken("the registrar's answer is not a signature"))
    return sig


def _unblind(key: IssuerKey, blind_signature: bytes, blinded: Blinded) -> bytes:
    # 1. If len(blind_sig) != modulus_len, raise an "unexpected input size" error and stop
    # 2. z = bytes_to_int(blind_sig)
    z = _representative(key, blind_signature, "blind signature")
    # 3. s = (z * inv) mod n
    s = z * blinded.inverse % key.n
    # 4. sig = int_to_bytes(s, modulus_len)
    return s.to_bytes(key.modulus_len, "big")


# --- Registrar ----------------------------------------------------------------------------


def blind_sign(secret: IssuerSecret, blinded_message: bytes) -> bytes:
    """BlindSign, RFC 9474 §4.3.

    Raises:
        Malformed: a wrong length, or a number that is not below the modulus.
        ArithmeticError: the machine miscalculated; nothing may be sent.
    """
    pk = secret.public
    # 1. m = bytes_to_int(blinded_msg)
    m = _representative(pk, blinded_message, "blinded message")
    # 2. s = RSASP1(sk, m)
    s = _rsasp1(secret, m)
    # 3. m' = RSAVP1(pk, s)
    # 4. If m != m', raise a "signing failure" error and stop
    #    One wrong signature made by CRT would reveal the factors.
    if _rsavp1(pk, s) != m:
        raise ArithmeticError("signing failure")
    # 5. blind_sig = int_to_bytes(s, modulus_len)
    # 6. output blind_sig
    return s.to_bytes(pk.modulus_len, "big")


# --- Anyone -------------------------------------------------------------------------------


def verify(key: IssuerKey, message: bytes, signature: bytes, failure: ProtocolError) -> None:
    """RSASSA-PSS-VERIFY, RFC 8017 §8.1.2, salt length exact. Raises `failure` if not valid."""
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), SALT_LENGTH)
    if len(signature) != key.modulus_len:
        raise failure
    try:
        key._public().verify(signature, message, pss, hashes.SHA384())  # noqa: SLF001
    except InvalidSignature:
        raise failure from None


# --- Arithmetic ---------------------------------------------------------------------------


def _representative(key: IssuerKey, data: bytes, path: str) -> int:
    if len(data) != key.modulus_len:
        raise Malformed(f"{path}: {len(data)} bytes, expected {key.modulus_len}")
    number = int.from_bytes(data, "big")
    if number >= key.n:
        raise Malformed(f"{path}: not below the modulus")
    return number


def _rsavp1(key: IssuerKey, s: int) -> int:
    """RFC 8017 §5.2.2."""
    return int(gmpy2.powmod(s, key.e, key.n))


def _rsasp1(secret: IssuerSecret, m: int) -> int:
    """RFC 8017 §5.2.1 with the Chinese remainder theorem, on a base that nobody chose."""
    n, p, q = secret.public.n, secret.p, secret.q
    r = 1 + secrets.randbelow(n - 1)  # a factor of n is found here once in about 2^1535
    base = m * _rsavp1(secret.public, r) % n
    # A caller's other threads go on meanwhile: this is nearly all the time of a signature.
    with gmpy2.context(allow_release_gil=True):
        s1 = int(gmpy2.powmod_sec(base % p, secret.dp, p))
        s2 = int(gmpy2.powmod_sec(base % q, secret.dq, q))
    s = s2 + q * ((s1 - s2) * secret.q_inverse % p)
    return s * int(gmpy2.invert(r, n)) % n


def _emsa_pss_encode(message: bytes, em_bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE with SHA-384, RFC 8017 §9.1.1."""
    # 1. (SHA-384 takes any message)  2. mHash = Hash(M)
    m_hash = hashlib.sha384(message).digest()
    # 3. If emLen < hLen + sLen + 2, output "encoding error" and stop
    em_len = (em_bits + 7) // 8
    if em_len < _HASH_LENGTH + len(salt) + 2:
        raise Malformed("issuer key: too short for the encoding")
    # 4. (the salt is given)  5. M' = (0x)00 00 00 00 00 00 00 00 || mHash || salt
    # 6. H = Hash(M')
    h = hashlib.sha384(bytes(8) + m_hash + salt).digest()
    # 7. PS = zeros  8. DB = PS || 0x01 || salt
    db = bytes(em_len - len(salt) - _HASH_LENGTH - 2) + b"\x01" + salt
    # 9. dbMask = MGF(H, emLen - hLen - 1)  10. maskedDB = DB xor dbMask
    mask = _mgf1(h, len(db))
    masked = int.from_bytes(db, "big") ^ int.from_bytes(mask, "big")
    # 11. Set the leftmost 8emLen - emBits bits of maskedDB to zero
    masked &= (1 << (8 * len(db) - (8 * em_len - em_bits))) - 1
    # 12. EM = maskedDB || H || 0xbc
    return masked.to_bytes(len(db), "big") + h + b"\xbc"


def _mgf1(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384, RFC 8017 Appendix B.2.1."""
    blocks = range(-(-length // _HASH_LENGTH))
    mask = b"".join(hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in blocks)
    return mask[:length]
