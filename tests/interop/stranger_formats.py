"""A stranger's reading of §2, §4, §6.2 and §8 of docs/protocol.md: what bytes say, who proved what.

For `stranger.py`, with Python's library and PyNaCl, without a look at our code.
"""

import base64
import hashlib
import json
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from nacl import bindings as sodium

Q = 2**252 + 27742317777372353535851937790883648493
G, ONE = b"\x58" + b"\x66" * 31, b"\x01" + bytes(31)  # the base point and the identity
MIB, ENTRY = 2**20, 2**24
LIMITS = {
    "MANIFEST": 2**16, "ceremony.json": 2**16, "checkpoints.txt": 4 * (2**16 + 1),
    "issuance.json": MIB, "results.json": 4 * MIB, "session.json": MIB, "shares.json": MIB,
    "tokens.jsonl": 2**28,
}  # fmt: skip
EVENTS = {
    "Setup": 4, "Ballot": 1, "EndBallots": 0, "EncryptedTally": 2, "PartialDecryption": 2,
    "Result": 1,
}  # fmt: skip


class Refusal(Exception):
    """What is wrong with the record."""


def need(holds: object, reason: str) -> None:
    if not holds:
        raise Refusal(reason)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    """§2.4: SHA-256 in base64 without its padding."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def unbase64(value: Any, size: int) -> bytes:
    """§2.2: so many bytes, padded, unused bits 0."""
    data = base64.b64decode(value, validate=True) if type(value) is str else b""
    need(len(data) == size and base64.b64encode(data).decode() == value, "base64 of other bytes")
    return data


def spell(value: Any) -> bytes:
    """§2.1: the one spelling of a value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def no_number(word: str) -> None:
    raise Refusal(f"{word[:20]} is no integer")


def read_json(data: bytes, pattern: Any, what: str, most: int = MIB) -> Any:
    """§2.1: a value in its one spelling and of this pattern."""
    need(len(data) <= most, f"{what} is larger than {most} bytes")
    value = json.loads(data.decode(), parse_float=no_number, parse_constant=no_number)
    need(spell(value) == data, f"{what} is not spelled as §2.1 says")
    shape(value, pattern, what)
    return value


def shape(value: Any, pattern: Any, what: str) -> None:
    """Fields in order ("name?" may be absent), [any number of], (so many), a predicate, a value."""
    if callable(pattern):
        need(pattern(value), f"{what} is not allowed")
    elif isinstance(pattern, dict):
        need(type(value) is dict, f"{what} is no object")
        names = [name.rstrip("?") for name in pattern if name[-1] != "?" or name[:-1] in value]
        need(list(value) == names, f"{what} has other fields than {', '.join(names)}")
        for name, inner in pattern.items():
            if name.rstrip("?") in value:
                shape(value[name.rstrip("?")], inner, f"{what}: {name.rstrip('?')}")
    elif isinstance(pattern, list | tuple):
        need(type(value) is list, f"{what} is no list")
        need(type(pattern) is list or len(value) == len(pattern), f"{what} has another length")
        for at, inner in enumerate(value):
            shape(inner, pattern[0 if type(pattern) is list else at], f"{what} {at + 1}")
    else:
        need(type(value) is type(pattern) and value == pattern, f"{what} is not {pattern!r}")


def matches(expression: str) -> Any:
    return lambda value: bool(type(value) is str and re.fullmatch(expression, value))


def number(least: int = 0, most: int = 10**9) -> Any:
    return lambda value: type(value) is int and least <= value <= most


def text(least: int = 1, most: int = 4096) -> Any:
    """§2.2: text for people; categories and normal form of Unicode 3.2."""
    old, bad = unicodedata.ucd_3_2_0, ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return lambda value: (
        type(value) is str and least <= len(value) <= most and not value.isspace()
        and old.normalize("NFC", value) == value
        and not any(old.category(c) in bad or c in "\u00ad\u17b4\u17b5\u200b" for c in value)
    )  # fmt: skip


def scalar(value: Any) -> bool:
    return matches("0|[1-9][0-9]{0,75}")(value) and int(value) < Q


def flag(value: Any) -> bool:
    return type(value) is bool


DIGEST, UUID = matches("[0-9a-f]{64}"), matches("[1-9A-HJ-NP-Za-km-z]{14,32}")
PROOF = {"challenge": scalar, "response": scalar}


def raw(value: str) -> bytes:
    return bytes.fromhex(value)[::-1]


def element(value: Any) -> bool:
    """§2.3: of the subgroup, not the identity."""
    return DIGEST(value) and sodium.crypto_core_ed25519_is_valid_point(raw(value))


def element_or_one(value: Any) -> bool:
    return value == ONE[::-1].hex() or element(value)


def key32(value: Any) -> bool:
    """§3.2: an element as RFC 8032 writes it."""
    return element(unbase64(value, 32)[::-1].hex())


def times(points: Iterable[bytes]) -> bytes:
    product, *factors = [*points] or [ONE]
    for factor in factors:
        product = sodium.crypto_core_ed25519_add(product, factor)
    return product


def power(point: bytes, exponent: int) -> bytes:
    little = (exponent % Q).to_bytes(32, "little")
    if point == ONE or not any(little):
        return ONE  # libsodium refuses both
    if point == G:
        return sodium.crypto_scalarmult_ed25519_base_noclamp(little)
    return sodium.crypto_scalarmult_ed25519_noclamp(little, point)


def over(point: bytes, divisor: bytes) -> bytes:
    return sodium.crypto_core_ed25519_sub(point, divisor)


def challenge(prefix: str, points: Iterable[bytes]) -> int:
    """§2.4: `H(prefix, e1 … en)`."""
    hashed = prefix + ",".join(point[::-1].hex() for point in points)
    return int(sha256(hashed.encode()), 16) % Q


def commitment(base: bytes, powered: bytes, proof: Any) -> bytes:
    terms = (power(base, int(proof["response"])), power(powered, int(proof["challenge"])))
    return times(terms)


def proves(prefix: str, pairs: Any, proof: Any, stated: Sequence[bytes] = ()) -> bool:
    """§4.2, §4.3, §4.5: one exponent for all pairs of a base and its power."""
    points = [*stated, *(commitment(base, powered, proof) for base, powered in pairs)]
    return challenge(prefix, points) == int(proof["challenge"])


def signs(public: bytes, message: str, proof: Any) -> bool:
    """§4.2: the signature of a string."""
    return proves(f"sigmsg|{message}|", [(G, public)], proof)


def proves_one_of(context: str, y: bytes, pair: Sequence[bytes], least: int, proofs: Any) -> bool:
    """§4.4: the pair encrypts least, or least + 1 …: as many values as there are proofs."""
    points = []
    for value, proof in enumerate(proofs, least):
        points.append(commitment(G, pair[0], proof))
        points.append(commitment(y, over(pair[1], power(G, value)), proof))
    prefix = f"prove|{context}|{pair[0][::-1].hex()},{pair[1][::-1].hex()}|"
    return challenge(prefix, points) == sum(int(proof["challenge"]) for proof in proofs) % Q


@dataclass(frozen=True)
class Party:
    """Who signs notes; a member of the committee has salts."""

    name: str
    key: bytes
    salts: Sequence[str] = ()

    def line(self, lines: dict[bytes, bytes]) -> bytes:
        """Salt and signature of this key, or nothing."""
        kind = b"\xffphieukin salt v1" if self.salts else b"\x01"
        name = self.name.encode()
        key_id = hashlib.sha256(name + b"\n" + kind + self.key).digest()[:4]
        return lines.get(name + b" " + key_id, b"")

    def signed(self, signed_text: bytes, lines: dict[bytes, bytes]) -> bytes:
        """§6.2: a salt, of a party without one nothing; S < q, R of no small order, no cofactor."""
        salt, signature = (line := self.line(lines))[:-64], line[-64:]
        point, response = signature[:32], int.from_bytes(signature[32:], "little")
        h = int.from_bytes(hashlib.sha512(point + self.key + signed_text).digest(), "little")
        need(len(line) == (96 if self.salts else 64), f"{self.name} has not signed")
        holds = response < Q and point == times((power(G, response), power(self.key, -h))) != ONE
        need(holds, f"the signature of {self.name} is wrong")
        return salt


def read_note(data: bytes, what: str) -> tuple[bytes, dict[bytes, bytes]]:
    """C2SP signed note: its text, and its signatures by name and key ID."""
    need(len(data) <= 2**16, f"{what} is larger than 64 KiB")
    note = data.decode()
    need(not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", note), f"{what} has a control character")
    head, gap, tail = note.rpartition("\n\n")
    need(gap and tail.endswith("\n"), f"{what} is no signed note")
    lines: dict[bytes, bytes] = {}
    for line in tail[:-1].split("\n"):
        parts = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        need(parts, f"{what} has a line that is no signature")
        name, word = parts.groups() if parts else ("", "")
        blob = unbase64(word, len(word) * 3 // 4 - word.count("="))
        need(len(blob) > 4, f"{what} has a signature that is too short")
        need(name.encode() + b" " + blob[:4] not in lines, f"{what} has two signatures by {name}")
        lines[name.encode() + b" " + blob[:4]] = blob[4:]
    return head.encode() + b"\n", lines


@dataclass(frozen=True)
class Part:
    """A stretch of the file, of which no more is in memory than is asked for."""

    file: BinaryIO
    start: int
    size: int

    def read(self, at: int = 0, size: int = -1) -> bytes:
        size = self.size if size < 0 else size
        need(at + size <= self.size, "the file ends too early")
        self.file.seek(self.start + at)
        return self.file.read(size)

    def digests(self) -> tuple[int, str]:
        """CRC-32 and SHA-256."""
        crc, digest = 0, hashlib.sha256()
        for at in range(0, self.size, MIB):
            piece = self.read(at, min(MIB, self.size - at))
            crc = zlib.crc32(piece, crc)
            digest.update(piece)
        return crc, digest.hexdigest()


def read_zip(file: Part) -> Iterator[tuple[str, Part, str]]:
    """§8.2: the zip in its one spelling: name, body and SHA-256 of each file."""
    need(file.size < 2**32, "the file is larger than 4 GiB")
    names, directory, at = [""], b"", 0
    while file.read(at, 4) == b"PK\3\4":
        size, length = struct.unpack("<IH", file.read(at + 22, 6))
        name = file.read(at + 30, min(length, 65)).decode("latin-1")
        need(re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name), "a name that is not allowed")
        need(name > names[-1] and len(names) <= 64, "the order or number of names")
        need(size <= LIMITS.get(name, 2**32), f"{name} is larger than {LIMITS.get(name)} bytes")
        need(at + 30 + length + size <= file.size, "the file ends too early")
        crc, digest = (body := Part(file.file, at + 30 + length, size)).digests()
        same = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, crc, size, size, length, 0)
        need(file.read(at, 30) == b"PK\3\4" + same, f"the header of {name}")
        directory += b"PK\1\2" + struct.pack("<H", 20) + same
        directory += struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
        names.append(name)
        at += 30 + length + size
        yield name, body, digest
    count, length = len(names) - 1, len(directory)
    directory += struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, length, at, 0)
    need(file.size - at == len(directory), "a gap, or bytes after the end")
    need(file.read(at, len(directory)) == directory, "the directory is not spelled as §8.2 says")


def tar_header(name: str, size: int, time: int) -> bytes:
    """§8.1: the header of an entry."""
    fields = f"{name:\0<100}0000644\0" + "0000000\0" * 2 + f"{size:011o}\0{time:011o}\0"
    total = sum(fields.encode()) + 8 * ord(" ") + ord("0")
    return f"{fields}{total:06o}\0 0".encode().ljust(512, b"\0")


def read_archive(file: Part) -> Iterator[tuple[str, Part]]:
    """§8.1: the container; name and body of each entry, named by its SHA-256."""
    need(re.fullmatch(b"[0-7]{11}", file.read(136, 11)), "the header of BELENIOS")
    at, time = 0, int(file.read(136, 11), 8)
    while at < file.size:
        head = file.read(at, 512)
        need(re.fullmatch(b"[0-7]{11}", head[124:135]), f"the header at {at}")
        size, padding = int(head[124:135], 8), -int(head[124:135], 8) % 512
        need(size <= ENTRY, f"an entry larger than {ENTRY} bytes")
        body = Part(file.file, file.start + at + 512, size)
        name = "BELENIOS"
        if at == 0:
            need(body.read() == spell({"version": 1, "timestamp": str(time)}), "the timestamp")
        else:
            name = body.digests()[1] + head[64:80].rstrip(b"\0").decode("latin-1")
        need(head == tar_header(name, size, time), f"the header at {at}, or the SHA-256 there")
        need(
            file.read(at + 512 + size, padding) == bytes(padding),
            f"the padding of the entry at {at}",
        )
        at += 512 + size + padding
        yield name, body


def read_events(file: Part) -> dict[str, list[list[Part]]]:
    """§8.1: the files of each event by type; names, chain, order, every file before its event."""
    kinds, parent, files = list[str](), "", list[tuple[str, Part]]()
    events: dict[str, list[list[Part]]] = {kind: [] for kind in EVENTS}
    for name, body in read_archive(file):
        if name.endswith(".data.json") and len(files) < max(EVENTS.values()):
            files.append((name[:64], body))
        elif name != "BELENIOS":
            need(name.endswith(".event.json") and body.size < 1024, "a file of no event")
            kind = "".join(re.findall('"type":"([A-Za-z]+)"', body.read().decode()))
            event: dict[str, Any] = {"parent": parent} if kinds else {}
            event |= {"height": len(kinds), "type": kind}
            event |= {"payload": files[-1][0]} if files else {}
            need(body.read() == spell(event), f"event {len(kinds)} is not the next of the chain")
            need(EVENTS.get(kind) == len(files), f"the files before event {len(kinds)}")
            events[kind].append([part for _, part in files])
            kinds.append(kind)
            parent, files = name[:64], []
    order = "Setup( Ballot)*( EndBallots( EncryptedTally(( PartialDecryption)+( Result)?)?)?)?"
    need(not files and re.fullmatch(order, " ".join(kinds)), "the order of the events")
    return events
