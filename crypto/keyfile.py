"""What one trustee keeps: the seed, the ceremony so far, what it has signed and opened.

Run on the trustee's own machine only (docs/protocol.md §5.1). Everything secret derives from
a seed of 22 Base58 characters: the two key scalars exactly as Belenios derives them, and the
salts that are revealed with the signatures. The state is kept in a key file: Argon2id of a
passphrase, then ChaCha20-Poly1305 with the header as associated data.

    {"schema":"phieukin.key/1",
     "kdf":{"name":"argon2id","salt":…,"memory_kib":…,"iterations":…,"lanes":…},
     "nonce":…,"sealed":…}

Functions here return a new state or new bytes; the shell writes them, and writes them
before anything that depends on them leaves the machine. A file restored from an old copy
has forgotten what came after: the shell notices by `mark`, which the machine keeps, too.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto.committee import MAX_MEMBERS, Moment, salt_commitment
from crypto.dlog import small_logs
from crypto.elgamal import encrypt
from crypto.encoding import (
    BASE58,
    MAX_INTEGER,
    Fields,
    Json,
    base64_bytes,
    canonical,
    fingerprint,
    hex_digest,
    integer,
    parse,
    string,
    to_base64,
)
from crypto.errors import (
    AlreadyDecrypted,
    AlreadySigned,
    BadShare,
    Malformed,
    WrongPassphrase,
    WrongState,
)
from crypto.group import Element, G, Q, random_scalar, scalar
from crypto.sigma import check_equal_logs, prove_equal_logs

SCHEMA = "phieukin.key/1"
LIMIT = 1 << 20  # bytes of a key file; 32 pinned messages need about 40 kB

_T = TypeVar("_T")

_SEED = rf"[{BASE58}]{{22}}"  # 128.9 bits
_CONTENT = "phieukin.trustee/2"
MARK_BYTES = 16


# --- The seed and what derives from it ----------------------------------------------------


def new_seed() -> str:
    """22 uniformly random Base58 characters."""
    return "".join(secrets.choice(BASE58) for _ in range(22))


def signing_scalar(seed: str) -> int:
    """The exponent of a certificate's `verification` key (Belenios)."""
    return int.from_bytes(hashlib.sha256(f"sk|{seed}".encode()).digest(), "big") % Q


def decryption_scalar(seed: str) -> int:
    """The exponent of a certificate's `encryption` key, and of a single key (Belenios)."""
    return int.from_bytes(hashlib.sha256(f"dk|{seed}".encode()).digest(), "big") % Q


def _coefficient(state: "TrusteeState", k: int) -> int:
    place = f"{state.size}|{state.threshold}|{state.index}|{k}"
    digest = hashlib.sha512(f"phieukin coefficient|{place}|{state.seed}".encode()).digest()
    return int.from_bytes(digest, "big") % Q


# --- The state ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class TrusteeState:
    """One trustee between two steps. Secret: shown only as its place in the ceremony.

    Attributes:
        seed: the root of every secret but the share.
        index, size, threshold: the place in the ceremony; 1 of 1 is a single key.
        step1s: canonical step 1 messages: one's own after step 1, all of them from step 2.
        share: S_j, from step 3; a single key has none.
        definition: φ, once signed.
        opening, closing: SHA-256 of the text of the checkpoint, hex, once signed.
        quorum_seen: Unix seconds at which a quorum's signatures on the closing were stored.
        tally: SHA-256 of the encrypted tally, hex, once opened.
        mark: changes whenever the file is written, hex; see admin/cli/keys.py.
    """

    seed: str
    index: int
    size: int
    threshold: int
    step1s: tuple[str, ...] = ()
    share: int | None = None
    definition: str | None = None
    opening: str | None = None
    closing: str | None = None
    quorum_seen: int | None = None
    tally: str | None = None
    mark: str = "00" * MARK_BYTES

    def __repr__(self) -> str:
        return f"TrusteeState({self.index} of {self.size}, threshold {self.threshold})"

    @property
    def single(self) -> bool:
        """Whether this trustee alone holds the key."""
        return self.size == 1

    @property
    def signing_secret(self) -> int:
        """The exponent of this trustee's entry in `Trustees.signing_keys`."""
        return decryption_scalar(self.seed) if self.single else signing_scalar(self.seed)

    def salt(self, moment: Moment) -> bytes:
        """32 bytes, revealed with the signature of that moment and not before."""
        place = f"{self.size}|{self.threshold}|{self.index}|{moment}"
        return hashlib.sha256(f"phieukin salt|{place}|{self.seed}".encode()).digest()

    @property
    def salt_commitments(self) -> tuple[str, str, str]:
        """What step 1 says of the salts."""
        key = (G**self.signing_secret).raw
        definition, opening, closing = (
            salt_commitment(moment, key, self.salt(moment)) for moment in Moment
        )
        return definition, opening, closing

    def signed(self, moment: Moment) -> str | None:
        """What this trustee has signed at a moment, for ever."""
        return {
            Moment.DEFINITION: self.definition,
            Moment.OPENING: self.opening,
            Moment.CLOSING: self.closing,
        }[moment]

    @property
    def polynomial(self) -> list[int]:
        """f_j: what this trustee shares with the others; the constant term first."""
        return [_coefficient(self, k) for k in range(self.threshold)]

    @property
    def secret(self) -> int:
        """The exponent of this trustee's entry in `Trustees.verification_keys`.

        Raises:
            WrongState: the ceremony is not finished.
        """
        if self.single:
            return decryption_scalar(self.seed)
        if self.share is None:
            raise WrongState("this key has not finished its ceremony: step 3 is missing")
        return self.share

    def to_json(self) -> Json:
        return {
            "schema": _CONTENT,
            "seed": self.seed,
            "index": self.index,
            "size": self.size,
            "threshold": self.threshold,
            "step1s": list(self.step1s),
            "share": None if self.share is None else str(self.share),
            "definition": self.definition,
            "opening": self.opening,
            "closing": self.closing,
            "quorum_seen": self.quorum_seen,
            "tally": self.tally,
            "mark": self.mark,
        }

    @classmethod
    def from_json(cls, value: Json, path: str) -> "TrusteeState":
        names = ("schema", "seed", "index", "size", "threshold", "step1s", "share")
        memory = ("definition", "opening", "closing", "quorum_seen", "tally", "mark")
        fields = Fields(value, path, *names, *memory)
        fields.read("schema", string, re.escape(_CONTENT))
        size = fields.read("size", integer, low=1, high=MAX_MEMBERS)
        step1s = fields.each("step1s", _object_text, high=size)
        return cls(
            seed=fields.read("seed", string, _SEED),
            index=fields.read("index", integer, low=1, high=size),
            size=size,
            threshold=fields.read("threshold", integer, low=1, high=size),
            step1s=step1s,
            share=_unless_null(fields, "share", scalar),
            definition=_unless_null(fields, "definition", fingerprint),
            opening=_unless_null(fields, "opening", hex_digest),
            closing=_unless_null(fields, "closing", hex_digest),
            quorum_seen=_unless_null(fields, "quorum_seen", _unix_seconds),
            tally=_unless_null(fields, "tally", hex_digest),
            mark=fields.read("mark", string, rf"[0-9a-f]{{{2 * MARK_BYTES}}}"),
        )


def _object_text(value: Json, path: str) -> str:
    return string(value, path, r"\{.*\}")


def _unix_seconds(value: Json, path: str) -> int:
    return integer(value, path, high=MAX_INTEGER * 10)


def _unless_null(fields: Fields, name: str, read: Callable[[Json, str], _T]) -> _T | None:
    return None if fields[name] is None else fields.read(name, read)


def remember_signed(state: TrusteeState, moment: Moment, content: str) -> TrusteeState:
    """The state that has signed this; to be stored before the signature is shown.

    Args:
        content: φ of the definition; SHA-256 of the text, hex, of opening and closing.

    Raises:
        AlreadySigned: another one was signed at this moment; a key signs one, for ever.
        WrongState: an opening or a closing of a session whose definition this key has not signed.
    """
    if moment is not Moment.DEFINITION and state.definition is None:
        raise WrongState(f"trustee {state.index}: this key has not signed the definition")
    # A trustee who signs two openings or closings lets two halves of the hall see two boxes (§6.4).
    before = state.signed(moment)
    if before is not None and before != content:
        raise AlreadySigned(
            f"trustee {state.index}: this key has signed another {moment} of the session "
            f"({before[:8]}…), and signs no second"
        )
    match moment:
        case Moment.DEFINITION:
            return replace(state, definition=content)
        case Moment.OPENING:
            return replace(state, opening=content)
        case Moment.CLOSING:
            return replace(state, closing=content)


def remember_tally(state: TrusteeState, tally: str) -> TrusteeState:
    """The state that has opened this tally; to be stored before the share is shown.

    The same tally may be opened again, with the same outcome.

    Args:
        tally: SHA-256 of the encrypted tally, hex.

    Raises:
        AlreadyDecrypted: another tally of the session.
    """
    # Two tallies of one session that differ by one ballot would open that ballot (§5.1).
    if state.tally is not None and state.tally != tally:
        raise AlreadyDecrypted(
            f"trustee {state.index}: this key has opened the tally {state.tally[:8]}… of the "
            "session, and opens no other"
        )
    return replace(state, tally=tally)


def try_share(state: TrusteeState) -> Element:
    """Opens a trial ciphertext with this key, as on the day; returns the verification key.

    Raises:
        WrongState: the ceremony is not finished.
        BadShare, BadResult: the key does not work; never seen, hence the trial.
    """
    secret, number = state.secret, secrets.randbelow(1000)
    key, trial = G**secret, f"phieukin trial|{secrets.token_hex(16)}|"
    ciphertext = encrypt(key, number, random_scalar())
    factor = ciphertext.alpha**secret
    proof = prove_equal_logs(trial, ciphertext.alpha, secret)
    failure = BadShare(f"trustee {state.index}: the trial share is wrong")
    check_equal_logs(trial, key, [(ciphertext.alpha, factor, proof, failure)])
    if small_logs([ciphertext.beta * factor**-1], 999) != [number]:
        raise failure
    return key


# --- The file -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the passphrase costs (Argon2id, RFC 9106)."""

    memory_kib: int = 1 << 16  # 64 MiB: the second recommendation of RFC 9106 §4
    iterations: int = 3
    lanes: int = 4

    @classmethod
    def from_fields(cls, kdf: Fields) -> "Cost":
        """The bounds keep a hostile file from asking for more than a laptop has."""
        lanes = kdf.read("lanes", integer, low=1, high=16)
        return cls(
            memory_kib=kdf.read("memory_kib", integer, low=8 * lanes, high=1 << 20),
            iterations=kdf.read("iterations", integer, low=1, high=16),
            lanes=lanes,
        )


DEFAULT_COST = Cost()


def seal(state: TrusteeState, passphrase: str, cost: Cost = DEFAULT_COST) -> bytes:
    """The key file. The passphrase was checked when it was chosen."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = _header(salt, cost, nonce)
    box = ChaCha20Poly1305(_key(passphrase, salt, cost))
    sealed = box.encrypt(nonce, canonical(state.to_json()), canonical(header))
    return canonical({**header, "sealed": to_base64(sealed)})


def unseal(raw: bytes, passphrase: str, path: str) -> TrusteeState:
    """Opens a key file.

    Raises:
        Malformed: not a key file.
        WrongPassphrase: another passphrase, or the file was altered.
    """
    value = parse(raw, path, limit=LIMIT)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise Malformed(f"{path}: not a trustee's key file")
    fields = Fields(value, path, "schema", "kdf", "nonce", "sealed")
    kdf = fields.inside("kdf", "name", "salt", "memory_kib", "iterations", "lanes")
    kdf.read("name", string, "argon2id")
    cost = Cost.from_fields(kdf)
    salt = kdf.read("salt", base64_bytes, size=16)
    nonce = fields.read("nonce", base64_bytes, size=12)
    box = ChaCha20Poly1305(_key(passphrase, salt, cost))
    header = canonical(_header(salt, cost, nonce))
    try:
        content = box.decrypt(nonce, fields.read("sealed", base64_bytes), header)
    except InvalidTag:
        raise WrongPassphrase(f"{path}: wrong passphrase, or the file was altered") from None
    return TrusteeState.from_json(parse(content, path, limit=LIMIT), path)


def _header(salt: bytes, cost: Cost, nonce: bytes) -> dict[str, Json]:
    kdf = {
        "name": "argon2id",
        "salt": to_base64(salt),
        "memory_kib": cost.memory_kib,
        "iterations": cost.iterations,
        "lanes": cost.lanes,
    }
    return {"schema": SCHEMA, "kdf": kdf, "nonce": to_base64(nonce)}


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    kdf = Argon2id(
        salt=salt,
        length=32,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return kdf.derive(unicodedata.normalize("NFC", passphrase).encode())
