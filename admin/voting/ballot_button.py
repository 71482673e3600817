"""What a ballot's button carries from message to message: the seed and the draft, sealed.

    0       1 version
    1..16   AES-SIV (RFC 5297): tag, and nonce in one
    17..32  the seed, of which credential and token request are made (protocol §5.2)
    33      the page that the button leads to
    34..47  the draft: a number with one digit for each official, base levels + 1, 0 for unmarked

Once the ballot is cast the button beside its receipt looks for it, and holds no seed any more:

    17..32  the first bytes of the tracker, which stands on the receipt
    33      249
    34..47  the first bytes of the SHA-256 of the opening's text, under which the ballot was cast

48 bytes are the 64 letters that Telegram takes. We keep none of it: whoever taps hands it to us,
for as long as that takes. Sealed, it tells the messenger's servers and the phone's storage
neither the credential nor a mark; with the publication the key goes, and what is left in chats
with it. What is sealed for one account and session opens for no other.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass, replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from admin.session.channels import DRAFT_BYTES
from crypto.encoding import base64_bytes
from crypto.token import SEED_BYTES

VERSION: Final = b"\x01"
_LENGTH: Final = len(VERSION) + 16 + SEED_BYTES + 1 + DRAFT_BYTES
_LABEL: Final = b"phieukin button v1\n"

# Pages beyond the officials, who are numbered from 0.
_CAST, TOKEN, START, REVIEW, BLANKS, SEND, DOSSIERS = range(249, 256)


class OldButtonError(Exception):
    """Not a button of this account in a session whose key is still here."""


@dataclass(frozen=True, slots=True, repr=False)
class Button:
    """A button of a ballot.

    Attributes:
        seed: the voter's, 16 bytes.
        page: an official's number, or one of the pages beyond.
        marks: for each official the number of the level, or None; nothing once it is cast.
        opening: of CHECK: the what `cast` was given, its first bytes; else empty.
    """

    seed: bytes
    page: int
    marks: tuple[int | None, ...]

    @classmethod
    def first(cls, officials: int) -> "Button":
        """The button that collects a token: a new seed, an empty ballot."""
        return cls(secrets.token_bytes(SEED_BYTES), TOKEN, (None,) * officials)

    def to(self, page: int) -> "Button":
        """Another page of the same draft."""
        return replace(self, page=page)

    def mark(self, official: int, level: int | None) -> "Button":
        """The same page of a draft in which one line is another."""
        marks = (*self.marks[:official], level, *self.marks[official + 1 :])
        return replace(self, marks=marks)

    @property
    def unmarked(self) -> list[int]:
        """The officials without a mark."""
        return [i for i, mark in enumerate(self.marks) if mark is None]


@dataclass(frozen=True, slots=True, repr=False)
class CastButton:
    """The button beside the receipt of a ballot that is cast.

    Attributes:
        ballot: the first bytes of its tracker.
        opening: of the SHA-256 of the text of the opening that it was cast under, the first bytes.
    """

    ballot: bytes
    opening: bytes

    @classmethod
    def of(cls, tracker: str, opening: str) -> "CastButton":
        """The button for a ballot with this tracker, under the opening with this digest, hex."""
        ballot = base64_bytes(tracker + "=", "tracker", size=32)
        return cls(ballot[:SEED_BYTES], bytes.fromhex(opening)[:DRAFT_BYTES])

    def fits(self, tracker: str) -> bool:
        """Whether the ballot may have this tracker: of 126 bits that are compared."""
        start = base64.b64encode(self.ballot).decode()
        return tracker.startswith(start[: len(self.ballot) * 8 // 6])


@dataclass(frozen=True, slots=True, repr=False)
class ButtonKey:
    """Seals and opens the buttons of one session."""

    raw: bytes
    uuid: str
    levels: int
    officials: int

    def seal(self, account: int, button: Button | CastButton) -> str:
        """The callback data of a button: 64 letters."""
        if isinstance(button, CastButton):
            plain = button.ballot + bytes([_CAST]) + button.opening
        else:
            plain = button.seed + bytes([button.page]) + self._draft(button.marks)
        sealed = AESSIV(self.raw).encrypt(plain, [_LABEL, self._whose(account)])
        return base64.urlsafe_b64encode(VERSION + sealed).decode()

    def open(self, account: int, data: str) -> Button | CastButton:
        """What `seal` made for this account. Raises OldButtonError."""
        try:
            raw = base64.b64decode(data, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise OldButtonError from None
        if len(raw) != _LENGTH or raw[:1] != VERSION:
            raise OldButtonError
        try:
            plain = AESSIV(self.raw).decrypt(raw[1:], [_LABEL, self._whose(account)])
        except InvalidTag:
            raise OldButtonError from None
        seed, page, draft = plain[:SEED_BYTES], plain[SEED_BYTES], plain[SEED_BYTES + 1 :]
        if page == _CAST:
            return CastButton(seed, draft)
        return Button(seed, page, self._marks(int.from_bytes(draft, "big")))

    def _draft(self, marks: tuple[int | None, ...]) -> bytes:
        base, draft = self.levels + 1, 0
        for mark in reversed(marks):
            draft = draft * base + (0 if mark is None else mark + 1)
        return draft.to_bytes(DRAFT_BYTES, "big")

    def _marks(self, draft: int) -> tuple[int | None, ...]:
        marks: list[int | None] = []
        for _ in range(self.officials):
            draft, digit = divmod(draft, self.levels + 1)
            marks.append(digit - 1 if digit else None)
        return tuple(marks)

    def _whose(self, account: int) -> bytes:
        return f"{self.uuid}\n{account}".encode()


def is_ballot(data: str) -> bool:
    """Whether callback data has the form of a ballot's button."""
    return len(data) == 4 * _LENGTH // 3 and ":" not in data
