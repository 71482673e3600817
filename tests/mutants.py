"""Every single change of a JSON document: each leaf altered, each member gone, twice or moved.

A change is one that an attacker would make: an element of the group becomes another element of
the group, a scalar the next scalar, base64 stays base64. So what refuses it is the check of the
meaning. The changes of spelling alone are in `spellings`.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from crypto.encoding import Json, canonical
from crypto.errors import Malformed, ProtocolError
from crypto.group import G, Q, element
from tests.crypto import naive

IDENTITY = f"{1:064x}"


@dataclass(frozen=True)
class Mutant:
    """A document with one change.

    Attributes:
        path: the field, such as `.answers[1].choices[0].alpha`.
        change: what was done to it.
    """

    path: str
    change: str
    value: Json

    @property
    def raw(self) -> bytes:
        return canonical(self.value)

    @property
    def place(self) -> str:
        """The path without numbers and the change: what a table of expectations looks up."""
        return re.sub(r"\[[0-9]+\]", "[]", self.path) + " " + self.change

    def __str__(self) -> str:
        return f"{self.path} {self.change}"


def mutants(raw: bytes) -> Iterator[Mutant]:
    """All changes of a document, without those that change nothing."""
    value = json.loads(raw)
    for path, change, other in _changes(value, ""):
        mutant = Mutant(path, change, other)
        if mutant.raw != raw:
            yield mutant


def _changes(value: Json, path: str) -> Iterator[tuple[str, str, Json]]:
    if isinstance(value, dict):
        yield from _of_object(value, path)
    elif isinstance(value, list):
        yield from _of_list(value, path)
    elif isinstance(value, str):
        for change, other in _of_string(value):
            yield path, change, other
    elif isinstance(value, bool):
        yield path, "flipped", not value
        yield path, "number", int(value)
    elif value is None:
        yield path, "not null", 0
    else:
        yield path, "+1", value + 1
        yield path, "-1", value - 1
        yield path, "string", str(value)


def _of_object(value: dict[str, Json], path: str) -> Iterator[tuple[str, str, Json]]:
    for name, member in value.items():
        here = f"{path}.{name}"
        yield here, "missing", {k: v for k, v in value.items() if k != name}
        yield here, "renamed", {k if k != name else f"{k}_": v for k, v in value.items()}
        yield here, "null", {**value, name: None}
        for inner, change, other in _changes(member, here):
            yield inner, change, {**value, name: other}
    yield path, "added", {**value, "more": 1}
    yield path, "added null", {**value, "name": None} if "name" not in value else value
    first = next(iter(value))
    yield path, "reordered", {k: value[k] for k in [*list(value)[1:], first]}


def _of_list(value: list[Json], path: str) -> Iterator[tuple[str, str, Json]]:
    """The first and the last member; those between are read like them."""
    for i in sorted({0, len(value) - 1} if value else ()):
        member, before, after = value[i], value[:i], value[i + 1 :]
        yield path, "removed", before + after
        yield path, "duplicated", [*before, member, *value[i:]]
        if after:
            yield path, "swapped", [*before, after[0], member, *after[1:]]
        for inner, change, other in _changes(member, f"{path}[{i}]"):
            yield inner, change, [*before, other, *after]
    yield path, "emptied", []


def _of_string(value: str) -> Iterator[tuple[str, Json]]:
    yield "number", 7
    yield "longer", value + "0"
    if re.fullmatch(r"[0-9a-f]{64}", value):
        yield "digit", _other_character(value)
        yield "upper", value.upper()
        yield from _of_element(value)
    elif re.fullmatch(r"0|[1-9][0-9]+", value):
        yield "scalar +1", str((int(value) + 1) % Q)
        yield "scalar q", str(int(value) + Q)
        yield "leading zero", "0" + value
    elif re.fullmatch(r"[A-Za-z0-9+/]{43}", value):
        yield "digit", _other_character(value)
    elif len(value) > 40 and re.fullmatch(r"[A-Za-z0-9+/]+=*", value):
        data = base64.b64decode(value)
        altered = bytes([data[0] ^ 1]) + data[1:]
        yield "bit", base64.b64encode(altered).decode()
    elif value.startswith("{"):
        for path, change, other in _changes(json.loads(value), ""):
            yield f"{path} {change}", canonical(other).decode()
    else:
        yield "letter", _other_character(value) if value else "x"
        yield "bidi", value + "\u202e"
        yield "decomposed", value + "e\u0301"


def _of_element(value: str) -> Iterator[tuple[str, str]]:
    """A digest that happens to be an element gets these changes as well."""
    raw = bytes.fromhex(value)[::-1]
    try:
        member = element(value, "")
    except Malformed:
        return
    yield "element", (member * G).hex
    yield "identity", IDENTITY
    yield "torsion", with_torsion(raw)[::-1].hex()


def with_torsion(raw: bytes) -> bytes:
    """The point plus the one of order 2: on the curve, outside the group."""
    point = naive.decode(raw)
    assert point is not None
    made = naive.encode(naive.add(point, (0, naive.P - 1)))
    assert not naive.is_member(made)
    return made


def _other_character(value: str) -> str:
    """The middle character changed into one of the same kind."""
    place = len(value) // 2
    return value[:place] + ("1" if value[place] != "1" else "2") + value[place + 1 :]


def spellings(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(what was done, bytes): the same JSON value in other bytes, or bytes after it."""
    value = json.loads(raw)
    yield "newline after", raw + b"\n"
    yield "space before", b" " + raw
    yield "byte order mark", b"\xef\xbb\xbf" + raw
    yield "NUL after", raw + b"\0"
    yield "second value", raw + b"{}"
    yield "spaces", json.dumps(value, ensure_ascii=False).encode()
    yield "indented", json.dumps(value, ensure_ascii=False, indent=1).encode()
    yield "UTF-16", raw.decode().encode("utf-16")
    yield "invalid UTF-8", raw[:-1] + b"\xff" + raw[-1:]
    yield "cut", raw[:-1]
    yield "empty", b""
    yield "nested", b"[" * 5000 + raw + b"]" * 5000
    if b'":"' in raw:
        yield "escaped", re.sub(rb'":"(.)', lambda m: b'":"\\u%04x' % ord(m[1]), raw, count=1)
    if isinstance(value, dict):
        first = next(iter(value))
        pair = canonical({first: value[first]})[1:-1]
        yield "key twice", b"{" + pair + b"," + raw[1:]
    number = re.search(rb"(?<=[:\[,])[0-9]+(?=[,}\]])", raw)
    if number:
        for name, other in ("float", b"%s.0"), ("exponent", b"%se0"), ("negative zero", b"-0"):
            spelled = other % number[0] if b"%" in other else other
            yield name, raw[: number.start()] + spelled + raw[number.end() :]


def accepted(
    changes: Iterable[tuple[str, bytes]],
    read: Callable[[bytes], object],
    *errors: type[ProtocolError],
) -> list[str]:
    """What was done to those bytes that `read` does not refuse with one of the errors."""
    survivors = []
    for what, raw in changes:
        try:
            read(raw)
        except errors:
            continue
        except ProtocolError as error:
            survivors.append(f"{what}: {type(error).__name__}: {error}")
        else:
            survivors.append(what)
    return survivors
