"""Codes of 16 letters: a letter's, which logs in, and a phone's own, which no server ever hears.

    7KQ2-M4XW-9RTB-0VJN   of a letter or a role: it begins with a digit or one of A to F, and
                          logs in; the book keeps its hash
    RSTV-WXYZ-2345-6789   a backup code: it begins with one of G to Z. The voter's device makes
                          it, and it opens what the device left with the registrar, should the
                          device be lost

The first letter tells them apart, so that a backup code typed in the wrong place is refused on
the device and not sent; the other 79 bits are random. Letters are Crockford's base32; what people
type is taken in either case, with O for 0, I or L for 1, any spaces and dashes; a letter's code
also as the whole link.
"""

import hashlib
import re
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.encoding import BASE58, CROCKFORD
from crypto.errors import BadCode

LENGTH: Final = 16  # letters
GROUP: Final = 4
_LOGIN_STARTS: Final = CROCKFORD[:16]
_BACKUP_STARTS: Final = CROCKFORD[16:]

# Ours in a browser and in Telegram; the code alone, in groups of four however they are divided.
_LINKS: Final = (
    re.compile(rf"(?:/v/(?P<uuid>[{BASE58}]{{14,32}})/?)?#c=(?P<code>[0-9A-Za-z-]+)"),
    re.compile(rf"/committee#s=(?P<uuid>[{BASE58}]{{14,32}})&c=(?P<code>[0-9A-Za-z-]+)"),
    re.compile(rf"\?start=(?P<uuid>[{BASE58}]{{14,32}})-(?P<code>[0-9A-Za-z]+)"),
)
_GROUPED: Final = re.compile(
    r"(?<![0-9A-Za-z/])[0-9A-Za-z]{4}(?:[\s._/-]{0,3}[0-9A-Za-z]{4}){3}(?![0-9A-Za-z])"
)
_DIVIDING: Final = re.compile(r"[\s._/-]+")
_ONLY_WORDS: Final = re.compile(r"[A-Za-z]+(\s+[A-Za-z]+)+")
_CODE_LABEL = b"phieukin code v1\n"
_RECOVERY_LABEL = b"phieukin recovery v1\n"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_READ_AS = str.maketrans("OIL", "011")


def new_code() -> str:
    """The code of a voter's letter, or of a role: four groups of four letters."""
    return _drawn(_LOGIN_STARTS)


def new_backup_code() -> str:
    """A voter's device makes it for itself; four groups of four letters."""
    return _drawn(_BACKUP_STARTS)


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
    return f"{address}/v/{uuid}#c={code}{sealed}"


def trustee_link(address: str, uuid: str, code: str) -> str:
    """What opens the committee's page (docs/phone-page.md) for the trustee who has the code."""
    return f"{address}/committee#s={uuid}&c={code}"


def session_of_link(text: str) -> str | None:
    """The session that a letter's or a trustee's link names, if it names one; unchecked."""
    try:
        parts = urlsplit(text)
        named = parse_qs(parts.fragment, max_num_fields=4).get("s", [])
    except ValueError:
        return None
    names = parts.path.rstrip("/").split("/")
    return names[-1] if names[-2:-1] == ["v"] else next(iter(named), None)


def chat_link(bot: str, uuid: str, code: str) -> str:
    """What opens the bot with a code."""
    return f"https://t.me/{bot}?start={uuid}-{parse(code)}"


def parse(text: str, uuid: str | None = None) -> str:
    """The letters of a letter's or a role's code, as somebody typed it or as it stands in a link.

    Args:
        uuid: the session it should be for; a link to another is refused.

    Raises:
        BadCode: not such a code. The detail says how long it was, never what it was.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if "#" in text or "/" in text:
        text = _of_link(text, uuid)
    letters = _letters(text)
    if letters[0] not in _LOGIN_STARTS:
        raise BadCode("this is a backup code, which never logs in: the letter has another")
    return letters


def parse_backup(text: str) -> str:
    """The letters of a backup code as somebody typed it.

    Raises:
        BadCode: not such a code. The detail says how long it was, never what it was.
    """
    letters = _letters(unicodedata.normalize("NFKC", text))
    if letters[0] not in _BACKUP_STARTS:
        raise BadCode("this is the code of a letter: a backup code is the one that the device made")
    return letters


@dataclass(frozen=True, slots=True, repr=False)
class CodeInText:
    """A code that stands somewhere in what a person has written.

    Attributes:
        letters: of a letter's or a role's code; empty where it is a backup code.
        uuid: the session, where the code stands in one of our links.
    """

    letters: str
    uuid: str | None = None


def search(text: str) -> CodeInText | None:
    """The first code in a text: in a link of ours, or four groups of four; words are none."""
    plain = _visible(text)
    for match in chain.from_iterable(form.finditer(plain) for form in _LINKS):
        with suppress(BadCode):
            return CodeInText(parse(match["code"]), match["uuid"])
    for match in _GROUPED.finditer(plain):
        if _ONLY_WORDS.fullmatch(match[0]):
            continue
        letters = _DIVIDING.sub("", match[0])
        with suppress(BadCode):
            return CodeInText(parse(letters))
        with suppress(BadCode):
            parse_backup(letters)
            return CodeInText("")
    return None


def _visible(text: str) -> str:
    """One spelling of each character, any dash as -, and nothing that nobody sees."""
    kinds = ((char, unicodedata.category(char)) for char in unicodedata.normalize("NFKC", text))
    return "".join("-" if kind == "Pd" else char for char, kind in kinds if kind != "Cf")


def code_hash(uuid: str, code: str) -> bytes:
    """What the registrar keeps of a code: 32 bytes, of use in one session only."""
    return hashlib.sha256(_CODE_LABEL + f"{uuid}\n{code}".encode()).digest()


def recovery_key(backup_code: str, uuid: str) -> bytes:
    """The key under which a voter's device leaves its secrets with the registrar."""
    info = _RECOVERY_LABEL + uuid.encode()
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(backup_code.encode())


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
        raise BadCode("what was left with the registrar does not open with this code") from None


def _of_link(text: str, uuid: str | None) -> str:
    try:
        parts = urlsplit(text)
        codes = parse_qs(parts.fragment, max_num_fields=4).get("c", [])
    except ValueError:
        codes, parts = [], urlsplit("")
    if len(codes) != 1:
        raise BadCode("the link has no code: it must be whole, with all that follows the #")
    if uuid is not None and session_of_link(text) not in {None, uuid}:
        raise BadCode("the link is for another session")
    return codes[0]


def _letters(text: str) -> str:
    visible = (c for c in text if not c.isspace() and unicodedata.category(c) not in {"Pd", "Cf"})
    letters = "".join(visible).replace("\u2212", "").upper().translate(_READ_AS)
    if not letters.isascii():
        raise BadCode("a letter with a mark: turn off the Vietnamese keyboard, then type again")
    if not set(letters) <= set(CROCKFORD):
        raise BadCode("a code has digits and the letters A to Z without I, L, O, U")
    if len(letters) != LENGTH:
        raise BadCode(f"a code has {LENGTH} letters, not {len(letters)}")
    return letters


def _drawn(starts: str) -> str:
    return grouped("".join(map(secrets.choice, [starts] + [CROCKFORD] * (LENGTH - 1))))
