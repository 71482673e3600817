"""Everything about a voter that could be looked for in a file, in the forms it could have there.

A form is looked for by 16 of its bytes: by chance that happens once in 2^64 places for
hexadecimal digits, and less often for anything else.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from crypto.encoding import to_base64
from tests.attacks.sitting import Voter

WIDTH: Final = 16
_BLOCK: Final = 4096
REGISTRAR, BOX, FORGOTTEN = "registrar", "box", "forgotten"
_HASHES: Final = ("sha256", "sha512", "sha3_256", "blake2b", "sha1", "md5")


class Needle(NamedTuple):
    """Whose value it is, whose side may know it, and what it is."""

    voter: int
    side: str
    what: str


class Hit(NamedTuple):
    """A needle, where it was found."""

    offset: int
    needle: Needle


def needles(voters: Iterable[Voter], keys: Mapping[str, bytes]) -> dict[bytes, Needle]:
    """What to look for; what two voters have in common is nobody's."""
    forms: dict[bytes, Needle] = {}
    common = set()
    for number, voter in enumerate(voters):
        for side, what, form in _forms_of(voter, keys):
            needle = Needle(number, side, what)
            if len(form) < WIDTH:
                continue
            if forms.setdefault(form, needle).voter != number:
                common.add(form)
    return {form: needle for form, needle in forms.items() if form not in common}


def scan(data: bytes, forms: Mapping[bytes, Needle]) -> list[Hit]:
    """Every place where a needle stands; none is of zeros alone, of which disks are full."""
    assert bytes(WIDTH) not in forms
    hits = []
    for begin in range(0, len(data), _BLOCK):
        block = data[begin : begin + _BLOCK + WIDTH - 1]
        if block.count(0) < len(block):
            windows = (block[at : at + WIDTH] for at in range(len(block) - WIDTH + 1))
            hits += [Hit(begin + i, forms[w]) for i, w in enumerate(windows) if w in forms]
    return hits


def _forms_of(voter: Voter, keys: Mapping[str, bytes]) -> Iterator[tuple[str, str, bytes]]:
    for form in _texts(voter.name):
        yield REGISTRAR, "name", form[-WIDTH:]
    sides = {REGISTRAR: {"person": voter.person}, BOX: _of_box(voter), FORGOTTEN: _gone(voter)}
    for side, values in sides.items():
        for what, value in values.items():
            if not value:
                continue
            yield from ((side, what, form) for form in _forms(value))
            for how, derived in _derived(value, keys):
                # Derived from a person, it may not stand at the registrar's either.
                yield side, f"{how} of {what}", derived
    for how, derived in _derived(voter.name.encode(), keys):
        yield REGISTRAR, f"{how} of name", derived


def _of_box(voter: Voter) -> dict[str, bytes]:
    if voter.mine is None:
        return {}
    return {
        "credential": voter.credential,
        "credential in hex": voter.credential[::-1].hex().encode(),
        "tracker": voter.tracker.encode(),
        "tracker in bytes": base64.b64decode(voter.tracker + "="),
        "token": voter.token,
        "end of the token": voter.token[-32:],
        "ciphertext": voter.ballot.partition(b'"alpha":"')[2][:64],
        "signature": voter.ballot[-80:-16],
        "promise": voter.promised.encode()[-60:-4],
    }


def _gone(voter: Voter) -> dict[str, bytes]:
    secret, inverse = "", b""
    if voter.mine is not None:
        secret, inverse = str(voter.mine.secret), voter.mine.request.inverse.to_bytes(384, "big")
    return {
        "code": voter.code.encode(),
        "backup code": voter.backup_code.encode(),
        "bearer": voter.bearer.encode(),
        "request": voter.blinded,
        "answer": voter.answer,
        "recovery": voter.recovery,
        "secret": secret.encode(),
        "inverse": inverse,
    }


def _derived(value: bytes, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Fingerprints that somebody with the machine's keys could have made."""
    for name in _HASHES:
        yield from ((name, form) for form in _forms(hashlib.new(name, value).digest()))
    for name, key in keys.items():
        digest = hmac.digest(key, value, "sha256")
        yield from ((f"HMAC by {name}", form) for form in _forms(digest))


def _forms(value: bytes) -> Iterator[bytes]:
    for way, text in ((value, value.hex()), (value[::-1], value[::-1].hex())):
        yield way[:WIDTH]
        yield text[:WIDTH].encode()
        yield text[:WIDTH].upper().encode()
        yield base64.b32encode(way)[:WIDTH]
        for shift in range(3):  # inside something longer that is in base64
            standard = to_base64(way[shift:]).encode()[:WIDTH]
            yield standard
            yield standard.translate(bytes.maketrans(b"+/", b"-_"))


def _texts(name: str) -> Iterator[bytes]:
    plain = unicodedata.normalize("NFD", name)
    bare = "".join(c for c in plain if not unicodedata.combining(c)).replace("đ", "d")
    for text in (name, plain, bare, name.upper(), bare.upper(), bare.lower()):
        yield from (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
        yield from (text.encode().hex().encode(), text.encode()[::-1])
