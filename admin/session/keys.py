"""The server's own keys of a session: issuer, registrar, box, chair, buttons. One file each, 0600.

Made at the seal, kept for a record that is written again; that of the buttons goes when the
result is published. Hosts that serve only one side need only
that side's files.
"""

import secrets
from pathlib import Path

from admin.record import files
from admin.session.datadir import DataDir
from crypto.blind import IssuerSecret
from crypto.checkpoint import origin
from crypto.errors import Refused
from crypto.note import SeedSigner
from storage.erasing import erase

PARTIES = ("registrar", "box", "chair")
_ISSUER = "issuer.pkcs8"
_BUTTONS = "buttons.key"
_SEED = 32
BUTTON_KEY_BYTES = 64  # AES-256-SIV takes two keys


def make(datadir: DataDir, uuid: str) -> None:
    """Makes the keys that are not there yet."""
    folder = datadir.keys(uuid)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / _ISSUER).exists():
        files.write(folder / _ISSUER, IssuerSecret.generate().to_pkcs8(), mode=0o600)
    if not (folder / _BUTTONS).exists():
        files.write(folder / _BUTTONS, secrets.token_bytes(BUTTON_KEY_BYTES), mode=0o600)
    for party in PARTIES:
        _make_seed(datadir, uuid, party)


def make_chair(datadir: DataDir, uuid: str) -> SeedSigner:
    """The only key of a session that votes on paper; made if it is not there yet."""
    datadir.keys(uuid).mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_seed(datadir, uuid, "chair")
    return signer(datadir, uuid, "chair")


def _make_seed(datadir: DataDir, uuid: str, party: str) -> None:
    path = _seed_path(datadir, uuid, party)
    if not path.exists():
        files.write(path, secrets.token_bytes(_SEED), mode=0o600)


def issuer(datadir: DataDir, uuid: str) -> IssuerSecret:
    """The key that signs tokens."""
    return IssuerSecret.from_pkcs8(_read(datadir.keys(uuid) / _ISSUER))


def signer(datadir: DataDir, uuid: str, party: str) -> SeedSigner:
    """The key with which "registrar", "box" or "chair" signs notes."""
    return SeedSigner(f"{origin(uuid)}/{party}", _read(_seed_path(datadir, uuid, party)))


def buttons(datadir: DataDir, uuid: str) -> bytes | None:
    """The key that seals what ballot buttons carry in chats; None once it is forgotten."""
    try:
        return (datadir.keys(uuid) / _BUTTONS).read_bytes()
    except FileNotFoundError:
        return None


def forget_buttons(datadir: DataDir, uuid: str) -> None:
    """From now on no button tells which credential it was for, or what was marked."""
    erase(datadir.keys(uuid) / _BUTTONS)


def _seed_path(datadir: DataDir, uuid: str, party: str) -> Path:
    return datadir.keys(uuid) / f"{party}.seed"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(f"{path} is missing: this host does not hold that key") from None
