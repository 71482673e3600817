"""What Telegram signs when it opens a Mini App: who holds the phone, and when it was opened.

Strict where Telegram's clients are: one spelling of each field, none twice, none blank that we
read. Fields that we do not know are part of what is signed and mean nothing to us. The bot's
token is the key of the first signature, so it proves nothing to others; the second one, Ed25519,
is Telegram's own and does. Neither the data nor a hash of them ever stands in an error.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from urllib.parse import unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LIMIT: Final = 3900  # characters; the longest name, every letter of it escaped, leaves 1500 free
FIELDS: Final = 32
FUTURE_SECONDS: Final = 60
AGE_SECONDS: Final = 24 * 3600  # clients keep it for hours; that it admits once makes this safe

# Telegram's key for Mini Apps: core.telegram.org/bots/webapps, "third-party use".
TELEGRAM: Final = bytes.fromhex("e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d")

_APPS: Final = b"WebAppData"
_ONCE: Final = b"phieukin initData v1\n"
_NAME: Final = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_VALUE: Final = re.compile(r"(?:[!-$&-~]|%[0-9A-Fa-f]{2})*", re.ASCII)  # "+" is a space
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{86}", re.ASCII)
_MOMENT: Final = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)
_ACCOUNTS: Final = 1 << 52  # ids of Telegram have at most 52 bits
_FIRST_PRINTABLE: Final = " "


class BadInitData(Exception):
    """It admits nobody. The code tells people what to do; the detail is for tests."""

    code: ClassVar[str] = "init_data_invalid"


class Expired(BadInitData):
    """Signed too long ago."""

    code = "init_data_expired"


class Future(BadInitData):
    """Signed later than now: a clock is wrong, and it is not Telegram's."""

    code = "init_data_future"


@dataclass(frozen=True, slots=True)
class InitData:
    """What was signed, and has been checked.

    Attributes:
        account: the Telegram account that holds the phone.
        expires: the first moment at which it admits nobody any more.
        attested: whether there is a signature of Telegram's own, too.
    """

    account: int
    expires: int
    attested: bool
    _hash: bytes = field(repr=False)

    def once(self, uuid: str) -> bytes:
        """What is remembered of it in a session: 32 bytes, however it was spelt."""
        return hashlib.sha256(_ONCE + uuid.encode() + b"\n" + self._hash).digest()


def check(raw: str, token: str, uuid: str, now: int) -> InitData:
    """Whom Telegram saw opening the Mini App of this session.

    Args:
        token: the bot's.
        uuid: where the page was opened by a link, the link said so, and Telegram signed it.
        now: Unix seconds.

    Raises:
        BadInitData: with the code that fits.
    """
    fields = parse(raw)
    mac = fields.get("hash", "")
    if not _HASH.fullmatch(mac):
        raise BadInitData("no hash")
    key = hmac.digest(_APPS, token.encode(), "sha256")
    expected = hmac.digest(key, _signed(fields, "hash").encode(), "sha256")
    if not hmac.compare_digest(expected, bytes.fromhex(mac)):
        raise BadInitData("altered, or of another bot")
    if fields.get("start_param", uuid) != uuid:
        raise BadInitData("for another session")
    account = account_of(fields)
    moment = moment_of(fields)
    if moment > now + FUTURE_SECONDS:
        raise Future("signed in the future")
    if moment + AGE_SECONDS <= now:
        raise Expired("signed too long ago")
    return InitData(account, moment + AGE_SECONDS, "signature" in fields, bytes.fromhex(mac))


def parse(raw: str) -> dict[str, str]:
    """The fields, decoded. Raises BadInitData unless there is one way to read them."""
    parts = raw.split("&")
    if len(raw) > LIMIT or len(parts) > FIELDS:
        raise BadInitData("too long")
    fields: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not (_NAME.fullmatch(name) and equals and _VALUE.fullmatch(value)):
            raise BadInitData("not a form")
        if name in fields:
            raise BadInitData("a field stands twice")
        fields[name] = _decoded(value)
    return fields


def account_of(fields: dict[str, str]) -> int:
    """The account of the person. Raises BadInitData if it is not that of one."""
    try:
        user = json.loads(fields.get("user", ""), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise BadInitData("no user") from None
    account = user.get("id") if isinstance(user, dict) else None
    if type(account) is not int or not 0 < account < _ACCOUNTS:
        raise BadInitData("a user without an id")
    if user.get("is_bot", False) is not False:
        raise BadInitData("a bot")
    return account


def moment_of(fields: dict[str, str]) -> int:
    """When it was signed. Raises BadInitData if that is not said in its only spelling."""
    seconds = fields.get("auth_date", "")
    if not _MOMENT.fullmatch(seconds):
        raise BadInitData("no time")
    return int(seconds)


def is_telegrams(fields: dict[str, str], bot: int, key: bytes | None = None) -> bool:
    """Whether Telegram itself signed the fields for this bot; needs no secret.

    Args:
        key: another than that of the real Telegram.
    """
    encoded = fields.get("signature", "")
    if not _SIGNATURE.fullmatch(encoded):
        return False
    signature = base64.urlsafe_b64decode(encoded + "==")
    if base64.urlsafe_b64encode(signature).decode().rstrip("=") != encoded:
        return False
    text = f"{bot}:WebAppData\n{_signed(fields, 'hash', 'signature')}"
    try:
        Ed25519PublicKey.from_public_bytes(key or TELEGRAM).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _signed(fields: dict[str, str], *without: str) -> str:
    """The text under both signatures; that no value has a line of its own makes it clear."""
    names = sorted(set(fields) - set(without))
    return "\n".join(f"{name}={fields[name]}" for name in names)


def _decoded(value: str) -> str:
    try:
        text = unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        raise BadInitData("not UTF-8") from None
    if any(letter < _FIRST_PRINTABLE for letter in text):
        raise BadInitData("a control character")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members
