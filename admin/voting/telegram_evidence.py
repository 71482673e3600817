"""Evidence of Telegram's check-in: what Telegram signed about who came, sealed to the auditors.

The registrar seals what the Mini App showed to the auditors' public key (HPKE, base mode) and
cannot open it again. An auditor opens it, and checks Telegram's own signature without the bot's
token: somebody with this account opened the ballot of this bot, whatever the registrar's list says.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from admin.voting import telegram_login
from admin.voting.telegram_login import BadInitData
from crypto.encoding import base64_bytes, to_base64
from crypto.errors import Malformed, Refused

_KEY_BYTES = 32
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class Launch:
    """An account opened the bot's Mini App, as a piece of evidence says.

    Attributes:
        moment: Unix seconds, by Telegram's clock.
        genuine: whether it is Telegram that says so.
    """

    account: int
    moment: int
    genuine: bool


def new_key() -> bytes:
    """The secret key of the auditors: 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def key_file(key: bytes) -> bytes:
    """What is kept of the key: one line of base64."""
    return to_base64(key).encode() + b"\n"


def read_key(data: bytes) -> bytes:
    """The key out of its file. Raises Malformed."""
    try:
        text = data.decode("ascii").removesuffix("\n")
    except UnicodeDecodeError:
        raise Malformed("key: not a file of: phieukin auditor key") from None
    return base64_bytes(text, "key", size=_KEY_BYTES)


def public(key: bytes) -> str:
    """What goes into phieukin.toml."""
    return to_base64(X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw())


def seal(auditors: str, uuid: str, raw: str) -> bytes:
    """Seals initData for a session's auditors.

    Args:
        auditors: their public key as it stands in phieukin.toml.
    """
    key = X25519PublicKey.from_public_bytes(base64_bytes(auditors, "auditor_key"))
    return _HPKE.encrypt(raw.encode(), key, info=_info(uuid))


def unseal(key: bytes, uuid: str, sealed: bytes) -> str:
    """What was sealed. Raises Refused unless it was for this key and session."""
    secret = X25519PrivateKey.from_private_bytes(key)
    try:
        return _HPKE.decrypt(sealed, secret, info=_info(uuid)).decode()
    except (InvalidTag, ValueError):
        raise Refused("a piece of evidence is not sealed to this key, or was altered") from None


def read(raw: str, bot: int) -> Launch:
    """The launch that unsealed initData tells of; whether Telegram signed it is in the result.

    Args:
        bot: the bot's id, the digits before the colon of its token.

    Raises:
        Refused: it is no initData.
    """
    try:
        fields = telegram_login.parse(raw)
        account, moment = telegram_login.account_of(fields), telegram_login.moment_of(fields)
    except BadInitData as error:
        raise Refused(f"a piece of evidence is no initData: {error}") from None
    return Launch(account, moment, telegram_login.is_telegrams(fields, bot))


def _info(uuid: str) -> bytes:
    return f"phieukin evidence v1\n{uuid}\n".encode()
