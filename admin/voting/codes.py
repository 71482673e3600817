"""Invitation codes: 32 letters, of which the server ever sees the hash of the first 16.

    7KQ2-M4XW-…   the first four groups, 80 bits, log in; their hash is all that is stored
    …-9RTB-0VJN   the last four groups, 80 bits, stay on the letter and in the voter's device:
                  they open what the device left with the registrar, should it be lost

Chair, trustees and observers have the first half only. Letters are Crockford's base32; what
people type is taken in either case, with O for 0, I or L for 1, any spaces and dashes, or as the
whole link of the letter.
"""

import hashlib
import secrets
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.encoding import CROCKFORD
from crypto.errors import BadCode

HALF: Final = 16  # letters, 80 bits
GROUP: Final = 4

_CODE_LABEL = b"phieukin code v1\n"
_RECOVERY_LABEL = b"phieukin recovery v1\n"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_READ_AS = str.maketrans("OIL", "011")


class Halves(NamedTuple):
    """A code that was read; printing it shows neither half."""

    login: str
    recovery: str | None

    def __repr__(self) -> str:
        return "Halves(login, recovery)" if self.recovery else "Halves(login)"


def new_code() -> str:
    """A voter's code: eight groups of four letters."""
    return grouped(_letters(2 * HALF))


def new_role_code() -> str:
    """The code of a chair, trustee or observer: four groups, no recovery half."""
    return grouped(_letters(HALF))


def grouped(letters: str) -> str:
    """Letters in groups of four."""
    return "-".join(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))


def link(address: str, uuid: str, code: str, session_code: str = "") -> str:
    """What a letter's QR code holds; the code is in the fragment, which no browser sends.

    Args:
        address: the public URL of the server.
        session_code: what people compare, if the session is sealed already.
    """
    sealed = f"&f={session_code}" if session_code else ""
    return f"{address.rstrip('/')}/v/{uuid}#c={code}{sealed}"


def chat_link(bot: str, uuid: str, code: str) -> str:
    """What opens the bot with the first half of a code; the second half never goes there."""
    return f"https://t.me/{bot}?start={uuid}-{parse(code).login}"


def parse(text: str, uuid: str | None = None) -> Halves:
    """The halves of a code as somebody typed it, or as it stands in a link.

    Args:
        uuid: the session it should be for; a link to another is refused.

    Raises:
        BadCode: not a code. The detail says how long it was, never what it was.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if "#" in text or "/" in text:
        text = _of_link(text, uuid)
    visible = (c for c in text if not c.isspace() and unicodedata.category(c) not in {"Pd", "Cf"})
    letters = "".join(visible).replace("\u2212", "").upper().translate(_READ_AS)
    if not letters.isascii():
        raise BadCode("a letter with a mark: turn off the Vietnamese keyboard, then type again")
    if not set(letters) <= set(CROCKFORD):
        raise BadCode("a code has digits and the letters A to Z without I, L, O, U")
    if len(letters) not in {HALF, 2 * HALF}:
        raise BadCode(f"a code has {HALF} or {2 * HALF} letters, not {len(letters)}")
    return Halves(letters[:HALF], letters[HALF:] or None)


def code_hash(uuid: str, login: str) -> bytes:
    """What the registrar keeps of a code: 32 bytes, of use in one session only."""
    return hashlib.sha256(_CODE_LABEL + f"{uuid}\n{login}".encode()).digest()


def recovery_key(recovery: str, uuid: str) -> bytes:
    """The key under which a voter's device keeps its secrets with the registrar."""
    info = _RECOVERY_LABEL + uuid.encode()
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(recovery.encode())


def seal(key: bytes, uuid: str, secret: bytes) -> bytes:
    """Nonce and ciphertext of what a device may need again."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, secret, _RECOVERY_LABEL + uuid.encode())


def unseal(key: bytes, uuid: str, sealed: bytes) -> bytes:
    """What was sealed. Raises BadCode unless it was under this key, for this session."""
    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, body, _RECOVERY_LABEL + uuid.encode())
    except (InvalidTag, ValueError):
        raise BadCode("what was kept for this code does not open with it") from None


def _of_link(text: str, uuid: str | None) -> str:
    try:
        parts = urlsplit(text)
        codes = parse_qs(parts.fragment, max_num_fields=4).get("c", [])
    except ValueError:
        codes, parts = [], urlsplit("")
    if len(codes) != 1:
        raise BadCode("the link has no code: it must be whole, with all that follows the #")
    names = parts.path.split("/")
    if uuid is not None and names[-2:-1] == ["v"] and names[-1] != uuid:
        raise BadCode("the link is for another session")
    return codes[0]


def _letters(number: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(number))
