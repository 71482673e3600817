"""One spelling for every value: strict JSON, hashes, and the texts people compare.

Everything that is hashed or signed is compact JSON (docs/protocol.md §2). A decoder
accepts exactly the bytes that the encoder would write and refuses every other spelling,
so that no value has two hashes.
"""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from crypto.errors import Malformed

_Value = TypeVar("_Value")
_Default = TypeVar("_Default")
_Limits = ParamSpec("_Limits")

Json = Any  # JSON as `json` gives it; every decoder below narrows it at once

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_GROUPS = 5  # of four letters: the 100 bits that people compare
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

MAX_INTEGER = 10**9  # counts and heights; no assembly and no archive is larger
MAX_TEXT = 4096  # characters of one human-readable field

_MAX_SHOWN = 40  # characters of a refused value in an error
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, bidi, unassigned
_INVISIBLE = "\u00ad\u17b4\u17b5\u200b"  # in Unicode 3.2 not yet in the category Cf


def canonical(value: Json) -> bytes:
    """Compact JSON, raw UTF-8, fields in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parse(data: bytes, path: str, *, limit: int) -> Json:
    """The JSON value whose only spelling is `data`.

    Args:
        data: the bytes.
        path: what they are, for the error.
        limit: the largest size accepted, in bytes.

    Raises:
        Malformed: too large, not UTF-8, not JSON, a float, a duplicate key, too deep, or
            any spelling other than the canonical one.
    """
    if len(data) > limit:
        raise Malformed(f"{path}: {len(data)} bytes, at most {limit} are allowed")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_integer,
        )
        spelling = canonical(value)
    except RecursionError:
        raise Malformed(f"{path}: nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"{path}: not JSON as this format writes it: {error}") from None
    if spelling != data:
        raise Malformed(f"{path}: not the canonical spelling of its value")
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _no_float(_: str) -> NoReturn:
    raise ValueError("a number that is not an integer")


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > len(str(MAX_INTEGER)):
        raise ValueError("an integer that is too large")
    return int(digits)


class Fields:
    """A JSON object that has exactly these fields, in this order; each is read by its name.

    An error names the whole way to a value, such as "session.json.blocks[2].heading".

    Args:
        value: what `parse` gave, or a part of it.
        path: what that is, for errors.
        names: the fields.
        optional: those of them that may be absent, not null.
        joint: what stands between the path and the name of a field in errors.
    """

    def __init__(
        self,
        value: Json,
        path: str,
        *names: str,
        optional: tuple[str, ...] = (),
        joint: str = ".",
    ) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{path}: an object is expected")
        expected = [name for name in names if name in value or name not in optional]
        if list(value) != expected:
            raise Malformed(f"{path}: fields {_shown(list(value))}, expected {expected}")
        self.path, self._values, self._joint = path, value, joint
        null = next((name for name in optional if value.get(name, "") is None), None)
        if null is not None:
            raise Malformed(f"{self.at(null)}: null where the field must be absent")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Json:
        """The value of a field as it stands there; None where an optional one is absent."""
        return self._values.get(name)

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}{self._joint}{name}"

    def read(
        self,
        name: str,
        decode: Callable[Concatenate[Json, str, _Limits], _Value],
        *args: _Limits.args,
        **limits: _Limits.kwargs,
    ) -> _Value:
        """A field by its decoder, any function (value, path, …) of these modules."""
        return decode(self._values[name], self.at(name), *args, **limits)

    def read_or(
        self,
        default: _Default,
        name: str,
        decode: Callable[Concatenate[Json, str, _Limits], _Value],
        *args: _Limits.args,
        **limits: _Limits.kwargs,
    ) -> _Value | _Default:
        """The same of an optional field; `default` where it is absent."""
        return self.read(name, decode, *args, **limits) if name in self else default

    def each(
        self,
        name: str,
        decode: Callable[[Json, str], _Value],
        *,
        low: int = 0,
        high: int = MAX_INTEGER,
    ) -> tuple[_Value, ...]:
        """A field that is a list, every member by the decoder."""
        return members(self._values[name], self.at(name), decode, low=low, high=high)

    def inside(self, name: str, *names: str) -> "Fields":
        """A field that is an object of these fields."""
        return Fields(self._values[name], self.at(name), *names)


def members(
    value: Json,
    path: str,
    decode: Callable[[Json, str], _Value],
    *,
    low: int = 0,
    high: int = MAX_INTEGER,
) -> tuple[_Value, ...]:
    """A list with low to high members, every one by the decoder."""
    values = array(value, path, low=low, high=high)
    return tuple(decode(member, f"{path}[{i}]") for i, member in enumerate(values))


def array(value: Json, path: str, *, low: int = 0, high: int = MAX_INTEGER) -> list[Json]:
    """A list with low to high members."""
    if not isinstance(value, list):
        raise Malformed(f"{path}: a list is expected")
    if not low <= len(value) <= high:
        raise Malformed(f"{path}: {len(value)} members, expected {low} to {high}")
    return value


def integer(value: Json, path: str, *, low: int = 0, high: int = MAX_INTEGER) -> int:
    """A JSON integer from low to high; true and false are not integers."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{path}: an integer is expected")
    if not low <= value <= high:
        raise Malformed(f"{path}: {value} is not from {low} to {high}")
    return value


def boolean(value: Json, path: str) -> bool:
    """A JSON true or false."""
    if not isinstance(value, bool):
        raise Malformed(f"{path}: true or false is expected")
    return value


def string(value: Json, path: str, pattern: str) -> str:
    """A string that the pattern matches whole; ASCII classes only."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise Malformed(f"{path}: {_shown(value)} does not match {pattern}")
    return value


def text(value: Json, path: str, *, empty: bool = False, limit: int = MAX_TEXT) -> str:
    """Text for people: NFC, one line, no control, bidi or unassigned characters.

    Judged by Unicode 3.2, which holds all of Vietnamese and never changes: a newer table would
    let two versions of the program disagree about one text.
    """
    if not isinstance(value, str):
        raise Malformed(f"{path}: text is expected")
    if len(value) > limit or not (value.strip() or (empty and not value)):
        raise Malformed(f"{path}: text of 1 to {limit} characters is expected")
    if not unicodedata.ucd_3_2_0.is_normalized("NFC", value):
        raise Malformed(f"{path}: not in Unicode normal form C")
    category = unicodedata.ucd_3_2_0.category
    bad = next((c for c in value if category(c) in _FORBIDDEN_CATEGORIES or c in _INVISIBLE), None)
    if bad is not None:
        raise Malformed(f"{path}: contains the forbidden character U+{ord(bad):04X}")
    return value


def hex_digest(value: Json, path: str) -> str:
    """A SHA-256 in lower-case hex."""
    return string(value, path, r"[0-9a-f]{64}")


def base64_bytes(value: Json, path: str, *, size: int | None = None) -> bytes:
    """Bytes from standard base64 with padding, in its only spelling."""
    if not isinstance(value, str):
        raise Malformed(f"{path}: base64 is expected")
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError:
        raise Malformed(f"{path}: not base64") from None
    if to_base64(data) != value:
        raise Malformed(f"{path}: not the canonical base64 of its bytes")
    if size is not None and len(data) != size:
        raise Malformed(f"{path}: {len(data)} bytes, expected {size}")
    return data


def to_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def uuid(value: Json, path: str) -> str:
    """A session's uuid: 14 to 32 Base58 characters."""
    return string(value, path, rf"[{BASE58}]{{14,32}}")


def fingerprint(value: Json, path: str) -> str:
    """A SHA-256 in unpadded base64 as `b64_sha256` writes it: φ, a tracker, a ballot's hash."""
    spelled = string(value, path, r"[A-Za-z0-9+/]{43}")
    if to_base64(base64.b64decode(spelled + "="))[:-1] != spelled:
        raise Malformed(f"{path}: not the canonical base64 of a SHA-256")
    return spelled


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hex: names of records in an archive."""
    return hashlib.sha256(data).hexdigest()


def b64_sha256(data: bytes) -> str:
    """SHA-256 in standard base64 without padding, 43 characters: φ and trackers."""
    return to_base64(hashlib.sha256(data).digest())[:-1]


def code_letters(typed: str) -> str:
    """The letters of a code as a person typed or copied it: upper case, O as 0, I and L as 1.

    Whatever is neither letter nor digit goes: blanks, dashes and full stops of any kind, and
    what nobody sees.
    """
    plain = unicodedata.normalize("NFKC", typed)
    letters = "".join(char for char in plain if unicodedata.category(char)[0] in "LN")
    return letters.upper().translate(str.maketrans("OIL", "011"))


def same_code(code: str, typed: str) -> bool:
    """Whether what a person typed is a code."""
    return code_letters(typed) == code.replace("-", "")


def is_code(typed: str) -> bool:
    """Whether it has the shape of a code: another code is no mistake of typing."""
    letters = code_letters(typed)
    return len(letters) == 4 * CODE_GROUPS and set(letters) <= set(CROCKFORD)


def spoken(digest: bytes, groups: int) -> str:
    """The first 20·groups bits in Crockford base32, groups of four: for people to compare."""
    bits = int.from_bytes(digest, "big") >> (8 * len(digest) - 20 * groups)
    letters = "".join(CROCKFORD[bits >> 5 * i & 31] for i in reversed(range(4 * groups)))
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
